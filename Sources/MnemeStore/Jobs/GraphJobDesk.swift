// What is known in memory of jobs over a whole graph: which one is under way and how far it is,
// whether it was ended, and whether any waits. What survives the store's opening is in records.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// The jobs of an open store.
final class GraphJobDesk: Sendable {
    private struct State {
        /// The one that is under way.
        var running: GraphJob?
        /// Whether somebody has ended it.
        var isCancelled = false
        /// Whether any may wait: not known before it was looked for.
        var mayWait = true
        /// Whether there is a thread for them.
        var hasThread = false
        /// When the work itself failed last.
        var failed: Microseconds?
    }

    private let state = Mutex(State())
    /// Held by whoever changes their records: one after the other.
    let changing = Mutex(())
    /// Held by whoever does one.
    let working = Mutex(())
    /// Opened when a thread has ended.
    let gate = Gate()

    /// So long what failed is left alone.
    private static let failurePause: Microseconds = 1_000_000

    // MARK: For whoever asks

    /// The one that is under way and that nobody has ended.
    var running: GraphJob? { state.withLock { $0.isCancelled ? nil : $0.running } }

    /// Ends the one that is under way, if it is of a name.
    func cancel(_ name: String) {
        state.withLock { state in
            if state.running?.run.name == name { state.isCancelled = true }
        }
    }

    /// Says that one waits.
    func noteWaiting() { state.withLock { $0.mayWait = true } }

    // MARK: For whoever does them

    var mayWait: Bool { state.withLock { $0.mayWait } }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    var hasThread: Bool { state.withLock { $0.hasThread } }

    /// Nobody waits, as far as is known from now on.
    func looks() { state.withLock { $0.mayWait = false } }

    func begin(_ job: GraphJob) { state.withLock { ($0.running, $0.isCancelled) = (job, false) } }

    func tell(_ job: GraphJob) { state.withLock { $0.running = job } }

    func tell(_ progress: Double) { state.withLock { $0.running?.progress = progress } }

    func end() { state.withLock { ($0.running, $0.isCancelled) = (nil, false) } }

    /// Whether the caller is to start a thread.
    func startsThread(at now: Microseconds) -> Bool {
        state.withLock { state in
            guard state.mayWait, !state.hasThread else { return false }
            if let failed = state.failed, now < failed + Self.failurePause { return false }
            state.hasThread = true
            return true
        }
    }

    /// Whether the thread goes on; where it does not, others may know.
    ///
    /// It does too where somebody has asked for a job since it looked: they saw that there is one.
    func goesOn(_ isLeft: Bool, failed: Microseconds?, isStopping: Bool) -> Bool {
        let goes = state.withLock { state in
            state.failed = failed
            if failed != nil { state.mayWait = true }
            let goes = !isStopping && (isLeft || failed == nil && state.mayWait)
            state.hasThread = goes
            return goes
        }
        if !goes { gate.open() }
        return goes
    }
}

extension GraphJob {
    /// The job as it stands, which its record tells only when it has ended.
    ///
    /// `running`: what was under way before the record was read, so that one which ends meanwhile
    /// has ended there. One of its name that was asked for at another time is another job.
    func current(_ running: GraphJob?) -> GraphJob {
        guard !hasEnded, let running, running.run == run, running.asked == asked else {
            return self
        }
        return running
    }
}
