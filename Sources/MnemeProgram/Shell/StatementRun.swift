// One statement while it runs. In a terminal it runs on a thread of its own, so that control-C is
// heard: behind a server the request is cancelled there; of a store in a directory a read is left
// to end by itself, unheard, and a change is waited for, as it is done wholly or not at all.

internal import Glibc
internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine
internal import Synchronization

/// A statement that runs against the store of a shell.
final class StatementRun: Sendable {
    private struct State {
        var ending: Program.Ending?
        var interruptCount = 0
        var isGivenUp = false
        var isChanging = false
        var cancel: (@Sendable () -> Void)?
    }

    /// The run that this thread belongs to; nil outside of a shell.
    @TaskLocal static var current: StatementRun?

    let store: ShellStore
    private let state = Mutex(State())
    private let gate = Gate()

    init(_ store: ShellStore) { self.store = store }

    /// Whether nobody waits for it any more: what it would print is not wanted.
    var isGivenUp: Bool { state.withLock { $0.isGivenUp } }

    /// Whether it is to end as soon as it can.
    var isInterrupted: Bool { state.withLock { $0.interruptCount > 0 } }

    /// Whether a command line names the store that the shell has open.
    func serves(_ invocation: Invocation) -> Bool {
        invocation[StoreOption.directory] == store.directory
            && invocation[StoreOption.connect] == store.address
    }

    // MARK: Running

    /// Runs a job on this thread.
    func runHere(_ job: () -> Program.Ending) -> Program.Ending {
        Self.$current.withValue(self) { job() }
    }

    /// Runs a job on another thread and waits for it; nil where it was interrupted and is left to
    /// end by itself.
    func runBeside(_ job: @escaping @Sendable () -> Program.Ending) -> Program.Ending? {
        InterruptSignal.tell { [self] in interrupt() }
        defer { InterruptSignal.tell(nil) }
        BackgroundThread.start(niceness: 0) { [self] in
            let ending = Self.$current.withValue(self) { job() }
            state.withLock { $0.ending = ending }
            gate.open()
        }
        return wait()
    }

    private func wait() -> Program.Ending? {
        var hasSaid = false
        while true {
            gate.wait()
            let (ending, isLeft, isWaiting) = state.withLock { state in
                let mayLeave = state.cancel == nil && !state.isChanging
                if state.ending == nil, state.interruptCount > 0, mayLeave {
                    state.isGivenUp = true
                }
                return (state.ending, state.isGivenUp, state.interruptCount > 0)
            }
            if let ending { return ending }
            if isLeft { return nil }
            if isWaiting, !hasSaid {
                hasSaid = true
                StandardStreams.writeError(
                    "\nInterrupting: what was begun is ended first. Control-C again leaves at "
                        + "once.\n"
                )
            }
        }
    }

    /// Control-C.
    func interrupt() {
        let (count, cancel) = state.withLock { state in
            state.interruptCount += 1
            return (state.interruptCount, state.cancel)
        }
        // What was committed is in the log; the next opening puts the rest in order.
        if count > 1 { exit(130) }
        cancel?()
        gate.open()
    }

    // MARK: Asking

    /// Does what a request asks of the store, as part of the transaction that is open.
    ///
    /// - Throws: as the store does; `cancelled`.
    func perform(
        _ request: Request,
        durability: Durability?
    ) throws(MnemeError) -> Response {
        if isInterrupted { throw .interrupted }
        let asked = store.transaction.map { Request.inside(transaction: $0, request) } ?? request
        return try ask(asked, durability)
    }

    /// Begins a transaction that all statements belong to from now on.
    ///
    /// - Returns: the commit that it sees.
    func begin() throws(MnemeError) -> UInt64 {
        guard store.transaction == nil else {
            throw MnemeError(
                .badRequest,
                "A transaction is open already. End it with commit or rollback first."
            )
        }
        guard case .began(let id, let sequence) = try ask(.begin, nil) else {
            throw MnemeError(.badFrame, "The store did not answer begin as it should. Report it.")
        }
        store.transaction = id
        return sequence
    }

    /// Commits the transaction that is open; it has ended then, whatever comes of it.
    func commit(_ durability: Durability) throws(MnemeError) -> Response {
        let id = try takeTransaction()
        return try ask(.commitTransaction(id, durability), nil)
    }

    /// Ends the transaction that is open, and forgets its changes.
    func rollback() throws(MnemeError) { _ = try ask(.rollback(try takeTransaction()), nil) }

    private func takeTransaction() throws(MnemeError) -> UInt64 {
        guard let id = store.transaction else {
            throw MnemeError(
                .noTransaction,
                "No transaction is open. Open one with begin; what it is asked then belongs to it."
            )
        }
        store.transaction = nil
        return id
    }

    private func ask(
        _ request: Request,
        _ durability: Durability?
    ) throws(MnemeError) -> Response {
        do throws(MnemeError) {
            switch store.way {
            case .memory(let memory):
                let isChange = request.isChange
                state.withLock { $0.isChanging = isChange }
                defer { state.withLock { $0.isChanging = false } }
                return try memory.perform(request, durability: durability)
            case .client(let client):
                defer { state.withLock { $0.cancel = nil } }
                return try Bridge.wait(onTask: { cancel in
                    let isLate = state.withLock { state in
                        state.cancel = cancel
                        return state.interruptCount > 0
                    }
                    if isLate { cancel() }
                }) { () async throws(MnemeError) in
                    try await client.perform(request, timeout: nil, durability: durability)
                }
            case nil: throw MnemeError(.closed, "The store is closed. Leave the shell.")
            }
        } catch {
            if error.code == .noTransaction { store.transaction = nil }
            throw error
        }
    }
}

/// The door that verbs see inside of a shell.
struct ShellDoor: BlockingDoor {
    let run: StatementRun

    func perform(
        _ request: Request,
        durability: Durability?
    ) throws(MnemeError) -> Response {
        try run.perform(request, durability: durability)
    }

    /// The shell keeps the store open.
    func close() {}
}

extension BlockingDoor {
    /// The store, where it is open in this process.
    var memory: Memory? {
        if let memory = self as? Memory { return memory }
        guard let door = self as? ShellDoor, case .memory(let memory) = door.run.store.way else {
            return nil
        }
        return memory
    }
}

extension MnemeError {
    /// A statement that was interrupted.
    static let interrupted = MnemeError(
        .cancelled,
        "Interrupted. What was done before stays, and nothing after it was begun."
    )
}
