// mneme backup, backup verify, backup list

internal import Mneme
internal import MnemeCommandLine

/// Makes a backup of a store that goes on.
enum BackupVerb {
    private static let target = Parameter(
        argument: "TARGET",
        .text("TARGET"),
        "the directory of the new backup, which is not there or is empty; over a connection the "
            + "backup's name"
    )
    private static let base = Parameter<String?>(
        option: "base",
        .text("BACKUP"),
        "an earlier backup of the store, as TARGET is given: only what came since is backed up"
    )
    private static let copies = Parameter(
        flag: "copy",
        "copies also those files of the log that would be linked"
    )
    private static let rate = Parameter<Int?>(
        option: "rate",
        .int("MB", in: 1...1_000_000),
        "reads at most so many megabytes a second"
    )

    static let command = Command(
        "backup",
        "Backs up a store, also while a server has it",
        details: [
            "Files of the log that are full are linked where TARGET is on the same file system, "
                + "which takes no room; everything else is copied. A disk that fails takes both: "
                + "for a backup that outlives it, give a TARGET on another one.",
            "A store that a server has is backed up with --connect. The server must have been "
                + "started with --backups DIR; the backup is then DIR/STORE/TARGET on the server's "
                + "machine.",
            "Every backup is read back before it is called one. \"backup verify\" does so again, "
                + "\"backup list\" says what backups there are, and \"restore\" makes a store of "
                + "them.",
        ],
        parameters: StoreOption.declarations + [
            target.declaration, base.declaration, copies.declaration, rate.declaration,
        ],
        examples: ["backup --store wordnet.mneme monday"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        let target = invocation[target]
        let summary = try StoreOption.with(invocation, takesLong: true) { door in
            try backup(door, target, invocation)
        }
        let seconds = watch.seconds
        Output(invocation).put(.backedUp(summary)) {
            [
                "Backed up to \(target) in \(Figures.seconds(seconds)): "
                    + BackupLayout.line(summary) + "."
            ]
        }
    }

    private static func backup(
        _ door: any BlockingDoor,
        _ target: String,
        _ invocation: Invocation
    ) throws -> BackupSummary {
        let bytesPerSecond = invocation[rate].map { $0 * 1_000_000 }
        guard let memory = door.memory else {
            let backup = Backup(
                target,
                base: invocation[base],
                copies: invocation[copies],
                bytesPerSecond: bytesPerSecond
            )
            return try Tool.metered("backup", invocation) { try door.backup(backup) }
        }
        return try StepMeter.with("backup", invocation) { progress in
            try memory.backup(
                to: target,
                base: invocation[base],
                copies: invocation[copies],
                bytesPerSecond: bytesPerSecond,
                progress: progress
            )
        }
    }
}

/// Reads backups and holds them against what they say.
enum BackupVerifyVerb {
    private static let backup = Parameter(
        argument: "BACKUP",
        .text("BACKUP"),
        "the directory of a backup"
    )
    private static let increments = Parameter(
        rest: "INCREMENT",
        .text("INCREMENT"),
        "the increments that go on from it, in the order in which they were made"
    )

    static let command = Command(
        "backup verify",
        "Reads every byte of a backup and holds it against its checksums",
        details: [
            "Ends with status 1 where anything is damaged or missing, and names every such file "
                + "(of more than 100 those). Several backups are held against each other too; one "
                + "alone may be an increment."
        ],
        parameters: [backup.declaration, increments.declaration],
        examples: ["backup verify kept/sunday", "backup verify kept/sunday kept/monday"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let directories = [invocation[backup]] + invocation[increments]
        let summaries = try StepMeter.with("backup verify", invocation) { progress in
            try Memory.verifyBackups(directories, progress: progress)
        }
        for (directory, summary) in zip(directories, summaries) {
            Output(invocation).put(.backedUp(summary)) {
                ["\(directory) is whole: \(BackupLayout.line(summary))."]
            }
        }
    }
}

/// Says what backups there are.
enum BackupListVerb {
    private static let directory = Parameter(
        argument: "DIR",
        .text("DIR"),
        "the directory that holds a directory for each backup"
    )

    static let command = Command(
        "backup list",
        "Lists the backups in a directory, oldest first",
        details: [
            "Reads what each backup says of itself and no more: \"backup verify\" reads the rest.",
            "DIR may also be what a server was given for the backups of all its stores "
                + "(serve --backups); each is named with its store before it then.",
            "Names also what is unfinished: a backup that is being made, and what an interrupted "
                + "backup or pruning left, which \"backup prune\" removes.",
        ],
        parameters: [directory.declaration],
        examples: ["backup list kept"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let listed = try Memory.backups(in: invocation[directory])
        let output = Output(invocation)
        var names: [UniqueID: String] = [:]
        for backup in listed {
            if let summary = try? backup.contents.get() { names[summary.id] = backup.name }
        }
        for backup in listed {
            switch backup.contents {
            case .success(let summary):
                let object: Value = ["name": .text(backup.name), "backup": summary.spelling]
                output.put(object) {
                    ["\(backup.name): \(BackupLayout.line(summary, names: names))"]
                }
            case .failure(let error):
                output.put(["name": .text(backup.name), "error": error.spelling]) {
                    ["\(backup.name): \(error.message)"]
                }
            }
        }
        if listed.isEmpty { output.say(["There are no backups in \(invocation[directory])."]) }
    }
}

/// A backup in a line for people.
enum BackupLayout {
    static func line(_ summary: BackupSummary, names: [UniqueID: String]? = nil) -> String {
        var parts: [String] = []
        if let base = summary.base {
            let on = names.map { " on \($0[base] ?? "a backup that is not here")" } ?? ""
            parts.append("an increment" + on)
        } else {
            parts.append("a full backup")
        }
        let segments = Figures.count(summary.segments, "segment")
        let linked = summary.linkedBytes > 0 ? ", \(Figures.bytes(summary.linkedBytes)) linked" : ""
        parts.append("\(segments) with \(Figures.bytes(summary.bytes))\(linked)")
        let at = summary.time.map { " of \($0)" } ?? ""
        parts.append("up to commit \(summary.commit)\(at)")
        if summary.exactFrom > 0 {
            let (first, last) = (summary.exactFrom, summary.sequence)
            let range = first == last ? "sequence \(last)" : "sequences \(first) to \(last)"
            parts.append("restorable at \(range)")
        }
        return parts.joined(separator: ", ")
    }
}
