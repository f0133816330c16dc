// The store that a shell keeps open while statements come and go: in a directory, or behind a
// server. It is closed and opened again around a verb that needs it closed.

internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine
internal import Synchronization

/// The store of a shell.
final class ShellStore: Sendable {
    /// The open store.
    enum Way: Sendable {
        case memory(Memory)
        case client(Client)
    }

    private struct State {
        var way: Way?
        var transaction: UInt64?
    }

    /// Its directory, or its name on a server.
    let directory: String?
    /// The server that has it.
    let address: String?
    private let keyFile: String?
    private let isReadOnly: Bool
    private let state: Mutex<State>

    /// The store that a command line names, open.
    ///
    /// - Throws: as opening it does.
    init(_ invocation: Invocation, creating: Bool) throws {
        directory = invocation[StoreOption.directory]
        address = invocation[StoreOption.connect]
        keyFile = invocation[KeyOption.file]
        isReadOnly = invocation.has(StoreOption.readOnly)
        state = Mutex(State())
        try open(creating: creating, invocation)
    }

    /// How it is called in what people read.
    var name: String {
        guard let address else { return directory ?? "" }
        return directory.map { "\($0) at \(address)" } ?? address
    }

    /// The words that name it on a command line.
    var words: [String] {
        var words: [String] = []
        if let directory { words += ["--store", directory] }
        if let address { words += ["--connect", address] }
        return words
    }

    /// The words that give its key, for verbs that take one.
    var keyWords: [String] { keyFile.map { ["--key-file", $0] } ?? [] }

    /// What it is open as.
    var way: Way? { state.withLock { $0.way } }

    /// The transaction that statements belong to.
    var transaction: UInt64? {
        get { state.withLock { $0.transaction } }
        set { state.withLock { $0.transaction = newValue } }
    }

    /// Opens it.
    func open(creating: Bool, _ invocation: Invocation) throws {
        if let address {
            if isReadOnly {
                throw CommandLineError(
                    "--read-only is for a store in a directory; a server has it open in any case. "
                        + "Leave it out."
                )
            }
            try KeyOption.checkNotGiven(invocation)
            let client = try Self.connect(
                address,
                directory ?? "",
                token: try TokenOption.token(invocation),
                tls: try TLSOption.tls(invocation),
                creating: creating
            )
            state.withLock { $0.way = .client(client) }
            return
        }
        try TokenOption.checkNotGiven(invocation)
        var options = MemoryOptions()
        options.createsIfMissing = creating
        options.opensReadOnly = isReadOnly
        options.masterKey = try KeyOption.key(invocation)
        // A person reads and types for as long as that takes.
        options.snapshotMilliseconds = nil
        options.transactionMilliseconds = 3_600_000
        var meter = Tool.meter("opening", unit: "bytes", invocation)
        defer { meter.finish() }
        let memory = try Memory.open(directory ?? "", options: options) {
            meter.advance(to: $0, of: $1)
        }
        for note in memory.notes { StandardStreams.writeError(note.shown + "\n") }
        state.withLock { $0.way = .memory(memory) }
    }

    /// Closes it.
    ///
    /// - Throws: as closing it does.
    func close() throws(MnemeError) {
        let way = state.withLock { state in
            defer { state = State() }
            return state.way
        }
        switch way {
        case .memory(let memory): try memory.close()
        case .client(let client):
            _ = try? Bridge.wait(onTask: { _ in }) { () async throws(MnemeError) in
                try await client.close()
            }
        case nil: break
        }
    }

    private static func connect(
        _ address: String,
        _ name: String,
        token: String?,
        tls: ClientTLS?,
        creating: Bool
    ) throws -> Client {
        var options = ClientOptions()
        options.token = token
        options.tls = tls
        options.program = Tool.program.name
        options.programVersion = Tool.version
        options.createsIfMissing = creating
        // One connection has them all, in their order; control-C ends what takes too long.
        options.connections = 1
        options.timeout = .seconds(24 * 3600)
        let chosen = options
        do throws(MnemeError) {
            return try Bridge.wait(onTask: { _ in }) { () async throws(MnemeError) in
                try await Client.connect(address, store: name, options: chosen)
            }
        } catch {
            guard error.code == .badRequest else { throw error }
            throw CommandLineError("--connect: \(error.message)")
        }
    }
}

/// Waits on a thread for what a task does.
enum Bridge {
    /// Runs a task and waits for its end; `onTask` is told how to cancel it.
    ///
    /// - Throws: what the task throws.
    static func wait<Content: Sendable>(
        onTask: (@escaping @Sendable () -> Void) -> Void,
        _ job: @escaping @Sendable () async throws(MnemeError) -> Content
    ) throws(MnemeError) -> Content {
        let answer = Answer<Content>()
        let task = Task {
            do throws(MnemeError) {
                answer.put(.success(try await job()))
            } catch {
                answer.put(.failure(error))
            }
        }
        onTask { task.cancel() }
        return try answer.wait().get()
    }
}

/// A place for one result that somebody waits for.
private final class Answer<Content: Sendable>: Sendable {
    private let result = Mutex<Result<Content, MnemeError>?>(nil)
    private let gate = Gate()

    func put(_ result: Result<Content, MnemeError>) {
        self.result.withLock { $0 = result }
        gate.open()
    }

    func wait() -> Result<Content, MnemeError> {
        while true {
            gate.wait()
            if let result = result.withLock({ $0 }) { return result }
        }
    }
}
