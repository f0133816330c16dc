// mneme backup prune

internal import Mneme
internal import MnemeCommandLine

/// Removes backups that nobody wants any more, and takes out of the others what was erased.
enum BackupPruneVerb {
    private static let directory = Parameter(
        argument: "DIR",
        .text("DIR"),
        "the directory that holds a directory for each backup"
    )
    private static let others = Parameter(
        rest: "MORE",
        .text("MORE"),
        "more directories of this kind"
    )
    private static let keep = Parameter<Int?>(
        option: "keep",
        .int("N", in: 1...1_000_000),
        "removes all but the newest N of each line of a store"
    )
    private static let before = Parameter<Instant?>(
        option: "before",
        .instant(),
        "removes only those that were made before then"
    )
    private static let ledgers = Parameter<[String]>(
        repeated: "ledger",
        .text("DIR"),
        "a store, or a backup elsewhere, that knows what was erased; may be given more than once"
    )
    private static let dryRun = Parameter(
        flag: "dry-run",
        "says what would be done, and does nothing"
    )

    static let command = Command(
        "backup prune",
        "Removes backups that nobody wants any more, and what was erased from the others",
        details: [
            "A backup stays as long as one that stays goes on from it, and the newest of each line "
                + "of a store always stays: a restored store goes on by itself, and its backups "
                + "are counted for themselves from its first commit on. Without --keep and "
                + "--before none goes for its age.",
            "A chain that still has a record which was erased since, as an erasure in one of the "
                + "backups or in a --ledger DIR says, is made anew: it becomes one full backup in "
                + "the place of its last one, with the time of that. Its earlier points are lost, "
                + "but for those that are named, and the store's next backup must be a full one. "
                + "Run mneme compact on the store before that: what was erased may still be in its "
                + "log, and then the next pruning makes that backup anew too.",
            "Of a store nothing is removed as long as one of its backups here cannot be read, is "
                + "damaged, or lacks what it goes on from; that is said. Nobody can make or "
                + "restore a backup here meanwhile.",
            "A directory without backups is refused; of one that a server was given for the "
                + "backups of all its stores (serve --backups) give DIR/STORE for each.",
            "What an interrupted backup or pruning left is ended first. Directories that only have "
                + "such a name are left alone.",
            "Whatever interrupts it, no chain is lost; run it again to go on.",
        ],
        parameters: [
            directory.declaration, others.declaration, keep.declaration, before.declaration,
            ledgers.declaration, dryRun.declaration, KeyOption.file.declaration,
        ],
        examples: ["backup prune kept --dry-run", "backup prune kept --keep 7"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let output = Output(invocation)
        let isDryRun = invocation[dryRun]
        let key = try KeyOption.key(invocation)
        for directory in [invocation[directory]] + invocation[others] {
            let pruned = try StepMeter.with("backup prune", invocation) { progress in
                try Memory.pruneBackups(
                    in: directory,
                    keep: invocation[keep],
                    before: invocation[before],
                    ledgers: invocation[ledgers],
                    isDryRun: isDryRun,
                    key: key,
                    progress: progress
                )
            }
            output.put(object(directory, pruned)) { lines(directory, pruned, isDryRun) }
            guard pruned.unread.isEmpty else {
                throw Failure(
                    "Not everything was looked at: "
                        + Figures.count(pruned.unread.count, "directory was", "directories were")
                        + " left alone, and whatever may belong to the same store. See why above, "
                        + "put right or move away what is in the way, and run it again.",
                    code: .badBackup
                )
            }
        }
    }

    private static func object(_ directory: String, _ pruned: PrunedBackups) -> Value {
        let removed = pruned.removed.map { backup -> Value in
            ["directory": .text(backup.directory), "bytes": .int(Int64(backup.bytes))]
        }
        let rewritten = pruned.rewritten.map { chain -> Value in
            var members: [String: Value] = [
                "directory": .text(chain.directory),
                "chain": .array(chain.chain.map { .text($0) }),
            ]
            if let time = chain.time { members["time"] = .text("\(time)") }
            if let first = chain.exactFrom { members["exactFrom"] = .int(Int64(clamping: first)) }
            if let last = chain.sequence { members["sequence"] = .int(Int64(clamping: last)) }
            if let erased = chain.erased { members["erased"] = .int(Int64(erased)) }
            return .map(members)
        }
        let leftovers = pruned.leftovers.map { leftover -> Value in
            ["directory": .text(leftover.directory), "kind": .text(leftover.kind.rawValue)]
        }
        return [
            "directory": .text(directory), "leftovers": .array(leftovers),
            "removed": .array(removed),
            "rewritten": .array(rewritten), "kept": .array(pruned.kept.map { .text($0) }),
            "unread": .array(pruned.unread.map { .text($0) }),
        ]
    }

    private static func lines(
        _ directory: String,
        _ pruned: PrunedBackups,
        _ isDryRun: Bool
    ) -> [String] {
        let would = isDryRun ? "Would be " : ""
        var lines = pruned.leftovers.map { line($0, isDryRun) }
        lines += pruned.rewritten.map { chain -> String in
            let what = chain.chain.count == 1 ? "" : " of \(chain.chain.joined(separator: ", "))"
            var line = would + (isDryRun ? "made" : "Made") + " anew: \(chain.directory)\(what)"
            if let erased = chain.erased, erased > 0 {
                line += ", without "
                line += Figures.count(erased, "record or edge", "records and edges")
            }
            return line + ". \(points(chain)), and the store's next backup must be a full one."
        }
        lines += pruned.removed.map { backup in
            would + (isDryRun ? "removed" : "Removed")
                + ": \(backup.directory) with \(Figures.bytes(backup.bytes))."
        }
        lines += pruned.unread.map { "Left alone: \($0)" }
        return lines + [total(directory, pruned, isDryRun)]
    }

    /// How many backups there are now, or would be.
    private static func total(
        _ directory: String,
        _ pruned: PrunedBackups,
        _ isDryRun: Bool
    ) -> String {
        let (kept, anew) = (pruned.kept.count, pruned.rewritten.count)
        let line = "\(Figures.count(kept + anew, "backup")) in \(directory)"
        if anew == 0 { return line + " as before." }
        return (isDryRun ? "Would be " : "") + line
            + ": \(Figures.count(kept)) as before, \(Figures.count(anew)) made anew."
    }

    /// At which points a chain that is made anew can be restored.
    private static func points(_ chain: PrunedBackups.Rewritten) -> String {
        guard let first = chain.exactFrom, let last = chain.sequence else {
            let end = chain.time.map { "its end, which is of \($0)," } ?? "its end"
            return "Only \(end) is sure to stay restorable"
        }
        if first == 0 { return "It is restorable at every sequence up to \(last)" }
        let range = first == last ? "sequence \(last)" : "sequences \(first) to \(last)"
        return "It is restorable at \(range), and at any instant from "
            + (chain.time.map { "\($0) on" } ?? "its end on")
    }

    private static func line(_ leftover: PrunedBackups.Leftover, _ isDryRun: Bool) -> String {
        let removed = isDryRun ? "Would be removed" : "Removed"
        return switch leftover.kind {
        case .unfinished: "\(removed): \(leftover.directory), a backup that was never finished."
        case .rest: "\(removed): \(leftover.directory), which an interrupted pruning left."
        case .successor:
            (isDryRun ? "Would take" : "Took")
                + " the place of what it was made of: \(leftover.directory), where a pruning was "
                + "interrupted."
        }
    }
}
