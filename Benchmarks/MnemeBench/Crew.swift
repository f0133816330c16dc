// Threads that do the same work at the same time. Each is a thread of the system, because what is
// measured is what callers who wait for the disk see.

internal import Dispatch
internal import Foundation
internal import Synchronization

/// Threads that work side by side.
final class Crew: Sendable {
    private let failure = Mutex<(any Error)?>(nil)

    private init() {}

    /// Runs `work` with the numbers from 0 on so many threads, and waits for all of them.
    ///
    /// - Throws: what the first member that failed threw.
    static func run(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Void) throws {
        guard count > 1 else { return try work(0) }
        let crew = Crew()
        let running = DispatchGroup()
        for member in 0..<count {
            running.enter()
            let thread = Thread {
                do {
                    try work(member)
                } catch {
                    crew.failure.withLock { $0 = $0 ?? error }
                }
                running.leave()
            }
            // A stack counts against a bound of the process's memory, used or not.
            thread.stackSize = 1 << 20
            thread.start()
        }
        running.wait()
        if let failure = crew.failure.withLock({ $0 }) { throw failure }
    }
}
