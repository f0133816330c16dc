// Group commit. Whoever finds nobody writing becomes the writer and takes everything that waits;
// the others sleep until their batch is decided or until it is their turn to write. There is no
// delay: a group is what gathered while the one before was being synced.
//
// Callers that must not sleep leave their work with a completion. A thread of the queue's own, the
// log thread, stands in for them: it is woken as a sleeping caller would be, and takes its turn
// like one.

internal import MnemeBase
internal import Synchronization

/// A batch on its way through the writer.
final class PendingCommit<Work: Sendable, Outcome: Sendable>: Sendable {
    /// Who is told.
    private enum Waiter: Sendable {
        case thread(Gate)
        case completion(@Sendable (Outcome) -> Void)
    }

    let work: Work
    private let waiter: Waiter
    private let outcome = Mutex<Outcome?>(nil)

    /// A batch whose caller sleeps.
    init(_ work: Work) {
        self.work = work
        waiter = .thread(Gate())
    }

    /// A batch whose caller goes on.
    init(_ work: Work, _ completion: @escaping @Sendable (Outcome) -> Void) {
        self.work = work
        waiter = .completion(completion)
    }

    fileprivate var gate: Gate? { if case .thread(let gate) = waiter { gate } else { nil } }
    fileprivate var decided: Outcome? { outcome.withLock { $0 } }
    fileprivate func decide(_ result: Outcome) { outcome.withLock { $0 = result } }

    /// Tells the caller that its batch is decided.
    fileprivate func tell() {
        switch waiter {
        case .thread(let gate): gate.open()
        case .completion(let completion): if let decided { completion(decided) }
        }
    }
}

/// The batches that wait, and who writes.
final class CommitQueue<Work: Sendable, Outcome: Sendable>: Sendable {
    typealias Pending = PendingCommit<Work, Outcome>
    typealias Write = @Sendable ([Work]) -> [Outcome]

    private struct State {
        var waiting: [Pending] = []
        var isWriting = false
        /// Where the log thread sleeps; nil until there is one.
        var logThread: Gate?
        /// Whether the writer's role was handed to the log thread, which has not taken it up yet.
        var isLogThreadsTurn = false
        var hasEnded = false
    }
    private let state = Mutex(State())
    private let write: Write

    /// A queue before a writer.
    ///
    /// `write` is called, on one thread at a time, with everything that waits, and returns an
    /// outcome for each.
    init(_ write: @escaping Write) { self.write = write }

    /// Submits work and returns its outcome.
    func submit(_ work: Work) -> Outcome {
        let mine = Pending(work)
        let writes = state.withLock { state in
            state.waiting.append(mine)
            if state.isWriting { return false }
            state.isWriting = true
            return true
        }
        if !writes {
            mine.gate?.wait()
            if let outcome = mine.decided { return outcome }
        }
        lead(except: mine)
        guard let outcome = mine.decided else { preconditionFailure("a batch without an outcome") }
        return outcome
    }

    /// Adds work and returns; `lead` or `wakeLogThread` is to be called soon.
    ///
    /// `completion` is called on whatever thread writes; it must not wait for anything.
    func gather(_ work: Work, completion: @escaping @Sendable (Outcome) -> Void) {
        state.withLock { $0.waiting.append(Pending(work, completion)) }
    }

    /// Writes what waits on the calling thread, where nobody else writes; they take it otherwise.
    func lead() {
        let writes = state.withLock { state in
            if state.isWriting || state.waiting.isEmpty { return false }
            state.isWriting = true
            return true
        }
        if writes { lead(except: nil) }
    }

    /// Has the log thread write what waits, where nobody else does.
    func wakeLogThread() {
        let logThread = state.withLock { state -> Gate? in
            if state.isWriting || state.waiting.isEmpty { return nil }
            state.isWriting = true
            return handToLogThread(&state)
        }
        logThread?.open()
    }

    /// Hands the writer's role, which somebody holds, to the log thread, which may have to be
    /// started.
    private func handToLogThread(_ state: inout State) -> Gate {
        state.isLogThreadsTurn = true
        if let gate = state.logThread { return gate }
        let gate = Gate()
        state.logThread = gate
        BackgroundThread.start(niceness: 0) { self.runLogThread(gate) }
        return gate
    }

    /// Lets the log thread end; what waits is still written.
    func end() {
        let idle = state.withLock { state in
            state.hasEnded = true
            // Whoever writes hands the role on, at last to the log thread.
            return state.isWriting ? nil : state.logThread
        }
        idle?.open()
    }

    private func runLogThread(_ gate: Gate) {
        while true {
            gate.wait()
            let isTurn = state.withLock { state in
                defer { state.isLogThreadsTurn = false }
                return state.isLogThreadsTurn
            }
            if isTurn { lead(except: nil) }
            let isDone = state.withLock { state in
                guard state.hasEnded, !state.isWriting else { return false }
                state.logThread = nil
                return true
            }
            if isDone { return }
        }
    }

    /// Writes everything that waits and hands the role on.
    private func lead(except mine: Pending?) {
        let group = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        let outcomes = write(group.map(\.work))
        for (pending, outcome) in zip(group, outcomes) { pending.decide(outcome) }
        // The next writer is chosen before anybody wakes, so that no batch waits for nobody.
        let successor = state.withLock { state -> Gate? in
            guard let first = state.waiting.first else {
                state.isWriting = false
                return state.hasEnded ? state.logThread : nil
            }
            return first.gate ?? handToLogThread(&state)
        }
        successor?.open()
        for pending in group where pending !== mine { pending.tell() }
    }
}
