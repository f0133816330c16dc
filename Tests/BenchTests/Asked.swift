import Synchronization

/// Counts how often each question was asked.
final class Asked: Sendable {
    private let asked = Mutex([Int: Int]())

    var counts: [Int] { asked.withLock { all in all.keys.sorted().map { all[$0] ?? 0 } } }

    func add(_ question: Int) { asked.withLock { $0[question, default: 0] += 1 } }
}
