// The store that a verb works on: in a directory, or behind a server. The verbs see a door, and do
// not know which.

internal import Mneme
internal import MnemeClient
internal import MnemeCommandLine

/// The store that a verb works on.
enum StoreOption {
    static let directory = Parameter<String?>(
        required: "store",
        unless: "connect",
        .text("DIR"),
        "the directory of the store; with --connect its name on the server"
    )

    static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "a server, HOST:PORT or unix:/PATH, that has the store; without --store it chooses one"
    )

    private static let waits =
        "how long a commit is waited for: until it survives a power cut, until it is written, or "
        + "until it is written with no promise"

    /// Of verbs whose requests need not say it.
    static let durability = Parameter(
        option: "durability",
        .word(Durability.self),
        waits + "; over a connection, where it is not given, the server's own choice counts",
        default: .synced
    )

    /// Of verbs that send commits, which say it themselves.
    static let commitDurability = Parameter(
        option: "durability",
        .word(Durability.self),
        waits + "; also over a connection, whatever the server's own choice is",
        default: .synced
    )

    /// Of verbs that only read.
    static let readOnly = Parameter(
        flag: "read-only",
        "writes nothing to any file of the store, not even what opening it would put in order; "
            + "where its directory cannot be written this is so in any case"
    )

    /// What every verb that works on a store takes.
    static let declarations =
        [
            directory.declaration, connect.declaration, TokenOption.file.declaration,
            KeyOption.file.declaration,
        ] + TLSOption.declarations

    /// What a verb takes that only reads.
    static let readingDeclarations = declarations + [readOnly.declaration]

    /// The durability that was asked for; nil leaves it to a server.
    static func durability(_ invocation: Invocation) -> Durability? {
        if invocation.has(connect), !invocation.has(durability) { return nil }
        return invocation[durability]
    }

    /// Opens the store, does something with it and closes it.
    ///
    /// A store that is not there is created only where that is asked: its name may be misspelled.
    /// What `takesLong` may take a day of a server; everything else the usual time of a client.
    /// With `keepsSnapshots` a read of a store in a directory may look at one commit for as long as
    /// it takes.
    ///
    /// - Throws: what opening, the work or closing throws.
    static func with<Result>(
        _ invocation: Invocation,
        creating: Bool = false,
        takesLong: Bool = false,
        keepsSnapshots: Bool = false,
        _ body: (any BlockingDoor) throws -> Result
    ) throws -> Result {
        if let run = StatementRun.current, run.serves(invocation) {
            return try body(ShellDoor(run: run))
        }
        if let address = invocation[connect] {
            if invocation.has(readOnly) {
                throw CommandLineError(
                    "--read-only is for a store in a directory; over a connection the server has "
                        + "it open, and a verb that only reads changes nothing. Leave it out."
                )
            }
            try KeyOption.checkNotGiven(invocation)
            return try with(
                remote(
                    address,
                    invocation[directory] ?? "",
                    token: try TokenOption.token(invocation),
                    tls: try TLSOption.tls(invocation),
                    creating: creating,
                    takesLong: takesLong
                ),
                body
            )
        }
        try TokenOption.checkNotGiven(invocation)
        // The parser refuses a command line that has neither of both.
        var options = MemoryOptions()
        options.createsIfMissing = creating
        options.opensReadOnly = invocation.has(readOnly)
        options.masterKey = try KeyOption.key(invocation)
        if keepsSnapshots { options.snapshotMilliseconds = nil }
        var meter = Tool.meter("opening", unit: "bytes", invocation)
        let memory = try Memory.open(invocation[directory] ?? "", options: options) {
            meter.advance(to: $0, of: $1)
        }
        meter.finish()
        for note in memory.notes { StandardStreams.writeError(note.shown + "\n") }
        return try with(memory, body) {
            try Tool.metered("closing", invocation) { try memory.close() }
        }
    }

    /// As the other, with the store in a directory.
    static func with<Result>(
        _ directory: String,
        _ key: MasterKey?,
        creating: Bool = false,
        _ body: (any BlockingDoor) throws -> Result
    ) throws -> Result {
        var options = MemoryOptions()
        options.createsIfMissing = creating
        options.masterKey = key
        return try with(Memory.open(directory, options: options), body)
    }

    /// A store behind a server.
    ///
    /// - Throws: `CommandLineError` for what is no address; as `BlockingClient.connect`.
    static func remote(
        _ address: String,
        _ name: String,
        token: String? = nil,
        tls: ClientTLS? = nil,
        creating: Bool,
        takesLong: Bool
    ) throws -> any BlockingDoor {
        var options = ClientOptions()
        options.token = token
        options.tls = tls
        options.program = Tool.program.name
        options.programVersion = Tool.version
        options.createsIfMissing = creating
        if takesLong { options.timeout = .seconds(24 * 3600) }
        do throws(MnemeError) {
            return try BlockingClient.connect(address, store: name, options: options)
        } catch {
            guard error.code == .badRequest else { throw error }
            throw CommandLineError("--connect: \(error.message)")
        }
    }

    /// As the others, with the store open already.
    static func with<Result>(
        _ door: any BlockingDoor,
        _ body: (any BlockingDoor) throws -> Result,
        closing close: (() throws -> Void)? = nil
    ) throws -> Result {
        let result: Result
        do {
            result = try body(door)
        } catch {
            // What went wrong first is what is told.
            try? door.close()
            throw error
        }
        if let close { try close() } else { try door.close() }
        return result
    }
}
