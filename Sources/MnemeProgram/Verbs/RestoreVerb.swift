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

    static let command = Command(
        "restore",
        "Makes a new store of a backup and its increments",
        details: [
            "Reads the backups, copies their log up to the commit that was asked for, derives "
                + "every index from it and holds them against each other. A restore that fails or "
                + "is interrupted leaves no store; run it again."
        ],
        parameters: [
            backup.declaration, increments.declaration, target.declaration, sequence.declaration,
            time.declaration, KeyOption.file.declaration,
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
        let watch = Stopwatch()
        var point = RestorePoint.end
        if let sequence = invocation[sequence] { point = .sequence(UInt64(sequence)) }
        if let time = invocation[time] { point = .time(time) }
        let key = try KeyOption.key(invocation)
        let summary = try StepMeter.with(invocation) { progress in
            try Memory.restore(
                [invocation[backup]] + invocation[increments],
                to: invocation[target],
                at: point,
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
        Output(invocation).put(.map(object)) {
            let at = summary.time.map { " of \($0)" } ?? ""
            let records = Figures.count(summary.verification.records, "record")
            let edges = Figures.count(summary.verification.edges, "edge")
            return [
                "Restored to \(invocation[target]) in \(Figures.seconds(seconds)), up to commit "
                    + "\(summary.sequence)\(at): \(records) and \(edges), all agree."
            ]
        }
    }
}
