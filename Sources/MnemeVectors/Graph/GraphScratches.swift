// Scratches of walks that nobody makes just now: warm memory, so that a question allocates none.

internal import Synchronization

/// Scratches for whoever walks next.
final class GraphScratches: Sendable {
    /// Those of the process.
    static let shared = GraphScratches()

    /// More than so many are not kept.
    private static let limit = 16
    private let idle = Mutex<[GraphScratch]>([])

    /// One that nobody else has.
    func take() -> GraphScratch { idle.withLock { $0.popLast() } ?? GraphScratch() }

    /// Gives one back.
    func give(_ scratch: GraphScratch) {
        idle.withLock { if $0.count < Self.limit { $0.append(scratch) } }
    }
}
