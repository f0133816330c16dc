// mneme restore

internal import Mneme
internal import MnemeCommandLine

/// Makes a new store of backups.
enum RestoreVerb {
    private static let backup = Parameter(
        argument: "BACKUP",
        .text("BACKUP"),
        "the directory of a full backup"
    )
    private static let increments = Parameter(
        rest: "INCREMENT",
        .text("INCREMENT"),
        "the increments that go on from it, in the order in which they were made"
    )
    private static let target = Parameter(
        required: "to",
        .text("DIR"),
        "the directory of the new store, which is not there or is empty"
    )
    private static let sequence = Parameter<Int?>(
        option: "sequence",
        .int("N", in: 1...Int.max),
        "leaves out every commit after this sequence"
    )
    private static let time = Parameter<Instant?>(
        option: "time",
        .instant(),
        "leaves out every commit after the last one that was made up to then"
    )

    private static let ledgers = Parameter<[String]>(
        repeated: "ledger",
        .text("DIR"),
        "another store or backup that knows what was erased; may be given more than once"
    )
    private static let withoutLedger = Parameter(
        flag: "without-ledger",
        "for experts: lets what was erased since come back"
    )

    static let command = Command(
        "restore",
        "Makes a new store of a backup and its increments",
        details: [
            "Reads the backups, copies their log up to the commit that was asked for, derives "
                + "every index from it and holds them against each other. A restore that fails or "
                + "is interrupted leaves no store; run it again.",
            "What was erased since does not come back: the backups, those of the same store "
                + "beside them, and each --ledger DIR are asked what that is. With "
                + "--without-ledger nobody is asked, and what was erased after the point is there "
                + "again.",
        ],
        parameters: [
            backup.declaration, increments.declaration, target.declaration, sequence.declaration,
            time.declaration, ledgers.declaration, withoutLedger.declaration,
            KeyOption.file.declaration,
        ],
        examples: [
            "restore kept/sunday --to new.mneme",
            "restore kept/sunday kept/monday --to new.mneme --time 2100-01-01T00:00:00Z",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        if invocation.has(sequence), invocation.has(time) {
            throw CommandLineError("restore takes --sequence or --time, and not both.")
        }
        if invocation[withoutLedger], !invocation[ledgers].isEmpty {
            throw CommandLineError("restore takes --ledger or --without-ledger, and not both.")
        }
        let ledger: ErasureLedger =
            invocation[withoutLedger] ? .none : .all(beside: invocation[ledgers])
        let watch = Stopwatch()
        var point = RestorePoint.end
        if let sequence = invocation[sequence] { point = .sequence(UInt64(sequence)) }
        if let time = invocation[time] { point = .time(time) }
        let key = try KeyOption.key(invocation)
        let summary = try StepMeter.with("restore", invocation) { progress in
            try Memory.restore(
                [invocation[backup]] + invocation[increments],
                to: invocation[target],
                at: point,
                ledger: ledger,
                key: key,
                progress: progress
            )
        }
        let seconds = watch.seconds
        var object: [String: Value] = [
            "sequence": .int(Int64(clamping: summary.sequence)),
            "verified": summary.verification.spelling,
        ]
        if let time = summary.time { object["time"] = .instant(time) }
        if summary.erased > 0 { object["erased"] = .int(Int64(summary.erased)) }
        if !summary.unread.isEmpty { object["unread"] = .array(summary.unread.map { .text($0) }) }
        Output(invocation).put(.map(object)) {
            let at = summary.time.map { " of \($0)" } ?? ""
            let records = Figures.count(summary.verification.records, "record")
            let edges = Figures.count(summary.verification.edges, "edge")
            var lines = [
                "Restored to \(invocation[target]) in \(Figures.seconds(seconds)), up to commit "
                    + "\(summary.sequence)\(at): \(records) and \(edges), all agree."
            ]
            if summary.erased > 0 {
                let erased = Figures.count(summary.erased, "record or edge", "records and edges")
                lines.append(
                    "\(erased) of that point had been erased since, and did not come back."
                )
            }
            for reason in summary.unread {
                lines.append("This could not be asked what was erased: \(reason)")
            }
            return lines
        }
    }
}
