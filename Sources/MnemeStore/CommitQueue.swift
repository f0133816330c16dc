// Group commit. Whoever finds nobody writing becomes the writer and takes everything that waits;
// the others sleep until their batch is decided or until it is their turn to write. There is no
// delay: a group is what gathered while the one before was being synced.

internal import MnemeBase
internal import Synchronization

/// A batch on its way through the writer.
final class PendingCommit<Work: Sendable, Outcome: Sendable>: Sendable {
    let work: Work
    private let gate = Gate()
    private let outcome = Mutex<Outcome?>(nil)

    init(_ work: Work) { self.work = work }

    fileprivate func wait() { gate.wait() }
    fileprivate func wake() { gate.open() }
    fileprivate var decided: Outcome? { outcome.withLock { $0 } }
    fileprivate func decide(_ result: Outcome) { outcome.withLock { $0 = result } }
}

/// The batches that wait, and who writes.
final class CommitQueue<Work: Sendable, Outcome: Sendable>: Sendable {
    typealias Pending = PendingCommit<Work, Outcome>

    private struct State {
        var waiting: [Pending] = []
        var isWriting = false
    }
    private let state = Mutex(State())

    /// Submits work and returns its outcome.
    ///
    /// `write` is called, on one thread at a time, with everything that waits, and returns an
    /// outcome for each.
    func submit(_ work: Work, _ write: ([Work]) -> [Outcome]) -> Outcome {
        let mine = Pending(work)
        let writes = state.withLock { state in
            state.waiting.append(mine)
            if state.isWriting { return false }
            state.isWriting = true
            return true
        }
        if !writes {
            mine.wait()
            if let outcome = mine.decided { return outcome }
        }
        let group = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        let outcomes = write(group.map(\.work))
        for (pending, outcome) in zip(group, outcomes) { pending.decide(outcome) }
        // The next writer is chosen before anybody wakes, so that no batch waits for nobody.
        let successor = state.withLock { state in
            if state.waiting.isEmpty { state.isWriting = false }
            return state.waiting.first
        }
        successor?.wake()
        for pending in group where pending !== mine { pending.wake() }
        guard let outcome = mine.decided else { preconditionFailure("a batch without an outcome") }
        return outcome
    }
}
