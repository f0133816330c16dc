// The program: its verbs in the order of the help, and what several of them share.

internal import Mneme
internal import MnemeCommandLine

/// The program mneme.
enum Tool {
    static let program = Program(
        "mneme",
        version: version,
        "Mneme is a memory database: records, words, vectors and a graph in one store. This "
            + "program works on a store in a directory.",
        commands: [
            DemoVerb.command, ImportWordNetVerb.command, ImportLinesVerb.command,
            RememberVerb.command, RecallVerb.command, ForgetVerb.command, DefineVerb.command,
            DescribeVerb.command, PutVerb.command, GetVerb.command, DeleteVerb.command,
            LinkVerb.command, UnlinkVerb.command, FindVerb.command, WalkVerb.command,
            PathVerb.command, PerformVerb.command, StatisticsVerb.command, VerifyVerb.command,
            CheckpointVerb.command, RebuildVerb.command, ServeVerb.command,
        ],
        shared: [Program.json.declaration, progress.declaration]
    )

    static let version = "0.1.0"

    /// The program as it was called.
    static var path: String { CommandLine.arguments.first ?? program.name }

    static let progress = Parameter(
        flag: "progress",
        "shows progress also where standard error is no terminal"
    )

    /// The meter of a long job, shown as the command line says.
    static func meter(
        _ title: String,
        unit: String,
        total: Int?,
        _ invocation: Invocation
    ) -> ProgressMeter {
        ProgressMeter(
            title,
            unit: unit,
            total: total,
            mode: invocation[progress] ? .always : .automatic
        )
    }
}

/// The store that a verb works on.
enum StoreOption {
    static let directory = Parameter(
        required: "store",
        .text("DIR"),
        "the directory of the store"
    )

    static let durability = Parameter(
        option: "durability",
        .word(Durability.self),
        "how long a commit is waited for: until it survives a power cut, until it is written, or "
            + "until it is written with no promise",
        default: .synced
    )

    /// Opens the store, does something with it and closes it.
    ///
    /// A store that is not there is created only where that is asked: the name of a directory may
    /// be misspelled.
    ///
    /// - Throws: what opening, the work or closing throws.
    static func with<Result>(
        _ invocation: Invocation,
        creating: Bool = false,
        _ options: MemoryOptions = MemoryOptions(),
        _ body: (Memory) throws -> Result
    ) throws -> Result {
        try with(invocation[directory], creating: creating, options, body)
    }

    /// As the other, with the directory given.
    static func with<Result>(
        _ directory: String,
        creating: Bool = false,
        _ options: MemoryOptions = MemoryOptions(),
        _ body: (Memory) throws -> Result
    ) throws -> Result {
        var options = options
        options.createsIfMissing = creating
        let memory = try Memory.open(directory, options: options)
        let result: Result
        do {
            result = try body(memory)
        } catch {
            // What went wrong first is what is told.
            try? memory.close()
            throw error
        }
        try memory.close()
        return result
    }
}
