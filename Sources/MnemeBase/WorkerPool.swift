// Threads that take work as it comes, for what must not hold up the thread that it arrives on.

internal import Synchronization

/// A fixed number of threads before one queue.
package final class WorkerPool: Sendable {
    private struct State {
        /// Nil where one was taken, so that nothing of it stays.
        var jobs: [(@Sendable () -> Void)?] = []
        /// Where in `jobs` the next one stands; what is before has been taken.
        var next = 0
        var idle: [Gate] = []
        var hasEnded = false

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < jobs.count else { return nil }
            let job = jobs[next].take()
            next += 1
            if next == jobs.count {
                (jobs, next) = ([], 0)
            } else if next >= 64, next * 2 > jobs.count {
                // Where there is always work, the list is never empty.
                jobs.removeSubrange(..<next)
                next = 0
            }
            return job
        }
    }
    /// Shared with the threads, which outlive the pool until they notice its end.
    private final class Shared: Sendable {
        let state = Mutex(State())

        func run() {
            let gate = Gate()
            while true {
                let (job, ends) = state.withLock { state in
                    let job = state.take()
                    if job == nil, !state.hasEnded { state.idle.append(gate) }
                    return (job, job == nil && state.hasEnded)
                }
                if ends { return }
                if let job { job() } else { gate.wait() }
            }
        }
    }
    private let shared = Shared()

    /// How many jobs, taken ones among them, the list has: at most twice as many as wait, and some.
    package var listedCount: Int { shared.state.withLock { $0.jobs.count } }

    /// A pool of so many threads, at least one, of the priority of the caller's process unless
    /// another is given.
    package init(threadCount: Int, niceness: Int32 = 0) {
        for _ in 0..<max(threadCount, 1) {
            BackgroundThread.start(niceness: niceness) { [shared] in shared.run() }
        }
    }

    /// What waits is still done; then the threads end.
    deinit {
        let idle = shared.state.withLock { state in
            state.hasEnded = true
            defer { state.idle = [] }
            return state.idle
        }
        for gate in idle { gate.open() }
    }

    /// Has a thread run `job` as soon as one is free.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        let idle = shared.state.withLock { state in
            state.jobs.append(job)
            return state.idle.popLast()
        }
        idle?.open()
    }
}
