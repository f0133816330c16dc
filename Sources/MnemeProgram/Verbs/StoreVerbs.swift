// mneme stats, verify, checkpoint, rebuild

internal import Mneme
internal import MnemeCommandLine

/// Counts and sizes.
enum StatisticsVerb {
    static let command = Command(
        "stats",
        "Counts records and edges, and measures the files",
        details: [
            "Records that have expired are not counted, nor are their edges. The number of the "
                + "newest commit counts every frame of the log: one for each change, and one for "
                + "each commit."
        ],
        parameters: StoreOption.readingDeclarations,
        examples: ["stats --store wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let statistics = try Tool.metered("stats", invocation) { try memory.statistics() }
            Output(invocation).put(.statistics(statistics)) { StatisticsLayout.lines(statistics) }
        }
    }
}

/// Holds every index against the log.
enum VerifyVerb {
    static let command = Command(
        "verify",
        "Reads everything, and holds every index against the log",
        details: [
            "Reads every frame of the log and every page of the page file, checks their checksums, "
                + "and compares what the log says with the indexes. Ends with status 1 where "
                + "anything is damaged or does not agree, also where opening has mended it. An "
                + "open store does the reading by "
                + "itself, slowly, and stats lists what it has found.",
            "The frames that it counts are those of changes, of schemas and owners too, without "
                + "those that end commits. The records are those of all collections, with expired "
                + "ones until they are swept, which stats leaves out.",
        ],
        parameters: StoreOption.readingDeclarations + [
            erased.declaration, erasedEdge.declaration, erasedOwner.declaration,
        ],
        examples: ["verify --store wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        if let name = invocation[erased] { return try prove(.record(name), invocation) }
        if let edge = invocation[erasedEdge] { return try prove(.edge(UInt64(edge)), invocation) }
        if let owner = invocation[erasedOwner] { return try prove(.owner(owner), invocation) }
        do {
            try verify(invocation)
        } catch let error as MnemeError where [.damagedLog, .corrupt].contains(error.code) {
            // It was not opened: what is wrong is the one finding.
            let found = Verification(frames: 0, records: 0, edges: 0, findings: [error.message])
            Output(invocation).put(.verified(found)) { [] }
            throw error
        }
    }

    private static func verify(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        try StoreOption.with(invocation, takesLong: true) { memory in
            let verification = try verify(memory, invocation)
            let seconds = watch.seconds
            Output(invocation).put(.verified(verification)) {
                let frames = Figures.count(verification.frames, "frame")
                let records = Figures.count(verification.records, "record")
                let edges = Figures.count(verification.edges, "edge")
                return verification.findings.flatMap { ValueLayout.block($0, behind: "✗ ") } + [
                    "Read \(frames) and compared \(records) and \(edges) in "
                        + "\(Figures.seconds(seconds)): "
                        + (verification.findings.isEmpty ? "all agree." : "not all agree.")
                ]
            }
            guard verification.findings.isEmpty else {
                throw Failure(
                    Figures.count(verification.findings.count, "finding")
                        + ". The log is the truth: mneme rebuild derives the indexes again from "
                        + "it. A finding that names a segment is about the log itself, which a "
                        + "rebuild does not mend: restore a backup, or bring out what is whole "
                        + "with mneme salvage.",
                    code: .corrupt
                )
            }
        }
    }
}

extension VerifyVerb {
    /// Verifies; a store in this process says how far it has come.
    private static func verify(
        _ door: any BlockingDoor,
        _ invocation: Invocation
    ) throws -> Verification {
        guard let memory = door.memory else {
            return try Tool.metered("verify", invocation) { try door.verify() }
        }
        var verification = try StepMeter.verify(memory, invocation)
        // It may be mended by now; who asks whether anything is damaged is to hear of it.
        if let damage = memory.damageAtOpening { verification.findings.append(damage) }
        return verification
    }
}

/// Writes changed pages to the page file.
enum CheckpointVerb {
    static let command = Command(
        "checkpoint",
        "Writes the indexes to the page file, so that the store opens fast",
        parameters: StoreOption.declarations,
        examples: ["checkpoint --store wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        try StoreOption.with(invocation, takesLong: true) { memory in
            try Tool.metered("checkpoint", invocation) { try memory.checkpoint() }
            let seconds = watch.seconds
            Output(invocation).put(.done) { ["Checkpoint written in \(Figures.seconds(seconds))."] }
        }
    }
}

/// Derives the page file again from the log.
enum RebuildVerb {
    private static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "is refused: a server has its stores open, and a rebuild needs one that is closed"
    )

    private static let isDry = Parameter(
        flag: "dry-run",
        "reads the log from end to end and tells whether it has everything, and changes nothing"
    )

    static let command = Command(
        "rebuild",
        "Derives every index again from the log",
        details: [
            "For a store whose page file is damaged or lost, or whose indexes do not agree with "
                + "the log. Nothing that was committed is changed. A log that is damaged, or that "
                + "ends before what the page file knows of it, is refused, and the store stays as "
                + "it was."
        ],
        parameters: [
            StoreOption.directory.declaration, connect.declaration, KeyOption.file.declaration,
            isDry.declaration,
        ],
        examples: [
            "rebuild --store wordnet.mneme", "rebuild --dry-run --store wordnet.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard let directory = invocation[StoreOption.directory], !invocation.has(connect) else {
            throw CommandLineError(
                "rebuild works on the directory of a store that nobody has open, and not over a "
                    + "connection. End the server, then give the directory alone: rebuild --store "
                    + "ROOT/NAME."
            )
        }
        let watch = Stopwatch()
        let key = try KeyOption.key(invocation)
        if invocation[isDry] { return try readLog(of: directory, key, invocation) }
        var meter = Tool.meter("rebuild", unit: "bytes", invocation)
        let notes = try Memory.rebuild(directory, key: key) { meter.advance(to: $0, of: $1) }
        meter.finish()
        let seconds = watch.seconds
        for note in notes { StandardStreams.writeError(note.shown + "\n") }
        Output(invocation).put(.done) { ["Rebuilt in \(Figures.seconds(seconds))."] }
    }

    /// Reads the log as a salvage would, and tells what a rebuild would derive from it.
    private static func readLog(
        of directory: String,
        _ key: MasterKey?,
        _ invocation: Invocation
    ) throws {
        let report = try Tool.metered("rebuild: reading", invocation) {
            try Memory.salvage(directory, to: nil, key: key)
        }
        Output(invocation).put(report.spelling) {
            SalvageLayout.lines(report, target: nil) + [
                "A rebuild would derive that; nothing was changed."
            ]
        }
        guard report.isComplete else {
            throw Failure(
                "The log is damaged, and a rebuild would be refused. Run mneme salvage, or restore "
                    + "a backup.",
                code: .damagedLog
            )
        }
    }
}
