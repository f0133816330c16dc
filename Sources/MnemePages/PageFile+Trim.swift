// Keeping memory within its bound. Readers keep bare addresses of pages as long as they keep their
// root, so a page is let go as it is changed: the next root does without it, and its frame comes
// back when the last reader of an older root is gone. Pages that are not on disk stay; when they
// are too many, a checkpoint is due.
//
// Which pages go: a hand goes round the page table. It parks pages, and lets go of those that are
// still parked when it comes by again: a parked page that is asked for is parked no longer. Pages
// come in parked, so that a scan pushes out its own pages before others.

internal import Synchronization

extension PageFile {
    /// The most bytes of pages and table nodes that are kept in memory when they need not be; at
    /// least 64 pages.
    ///
    /// Pages that no checkpoint has written, and those that snapshots hold, count and stay; those
    /// of branches do not count.
    ///
    /// `most`: bytes that those who write should not go beyond, as `strain` tells them.
    package func bound(
        bytes: Int,
        most: Int = .max,
        onOverfull: @escaping @Sendable () -> Void
    ) {
        let limit = max(64, bytes / PageLayout.size)
        cache.bound.set(limit, most: max(limit + limit / 4, most / PageLayout.size), onOverfull)
    }

    /// How far what is in memory has come from the bound, which is 0, to the most, which is 1.
    ///
    /// - Complexity: O(1), without a lock.
    package var strain: Double { cache.bound.strain(of: cache.sharedBlocks) }

    /// Whether there is more in memory than there may be, and more than the last trim had to leave.
    package var isOverfull: Bool { cache.bound.isExceeded(by: cache.sharedBlocks) }

    /// Pages that are not on disk take more than half of the bound: a checkpoint is due.
    package var isCrowded: Bool { cache.bound.isCrowded }

    /// Lets go of pages that were not asked for of late, down to seven eighths of the bound.
    ///
    /// - Returns: the root that does without them, nil where nothing could go.
    /// - Complexity: O(pages).
    /// - Precondition: as `edit`, and no checkpoint is being written meanwhile.
    package func trim() -> PageRoot? {
        let (limit, start) = cache.bound.begin()
        let editor = edit()
        var left = cache.sharedBlocks - limit / 8 * 7
        var unwritten = 0
        let counts = editor.directories.map(\.count)
        let nodes = counts.reduce(0, +)
        var hand = start
        // Once round parks what is not parked yet, the second time lets go of what still is.
        for step in 0..<(2 * nodes) where left > 0 {
            // Nodes are copied out of the reserve where the system has no more memory.
            if cache.pool.spare < FramePool.reserve / 2 { break }
            hand = (hand + 1) % nodes
            var index = hand
            var space = PageSpace.tree
            for case let (other, count) in zip(PageSpace.allCases, counts) where index >= 0 {
                space = other
                if index < count { break }
                index -= count
            }
            let found = editor.evict(space, index, atMost: left)
            left -= found.gone
            if step < nodes { unwritten += found.unwritten }
        }
        let isCrowded = unwritten > limit / 2
        guard !editor.evicted.isEmpty else {
            discard(editor)
            cache.bound.end(hand, taken: cache.sharedBlocks, isCrowded: isCrowded)
            return nil
        }
        let gone = editor.evicted.count
        let root = publish(editor)
        // The frames come back in their own time; until then they are not asked for again.
        cache.bound.end(hand, taken: max(0, cache.sharedBlocks - gone), isCrowded: isCrowded)
        return root
    }

    /// Gives memory back to the system that nobody has used since this was called last, where that
    /// is much beside what is in use: what a load took that is over.
    ///
    /// - Complexity: O(1), or O(n log n) in the free blocks.
    package func giveBackIdleMemory() {
        let idle = cache.pool.lookForIdle()
        guard idle > 1024, idle > cache.pool.taken / 4 else { return }
        cache.pool.giveBackMemory()
    }

    /// Gives memory back to the system where there is more than the bound, and much of it idle.
    package func giveBackMemory() {
        let (limit, spare) = (cache.bound.begin().limit, cache.pool.spare)
        guard spare > 512, spare > limit / 8, cache.pool.taken + spare > limit else { return }
        cache.pool.giveBackMemory()
    }
}

/// How much may be in memory, and who is told when it is more.
final class CacheBound: Sendable {
    private struct State {
        var limit = Int.max
        /// More than so many blocks are told of.
        var alarm = Int.max
        var hand = 0
        var isCrowded = false
        var onOverfull: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())
    private let limit = Atomic<Int>(.max)
    private let most = Atomic<Int>(.max)

    func strain(of taken: Int) -> Double {
        let limit = limit.load(ordering: .relaxed)
        if taken <= limit { return 0 }
        return Double(taken - limit) / Double(most.load(ordering: .relaxed) - limit)
    }

    func set(_ limit: Int, most: Int, _ onOverfull: @escaping @Sendable () -> Void) {
        self.limit.store(limit, ordering: .relaxed)
        self.most.store(most, ordering: .relaxed)
        state.withLock { state in
            state.limit = limit
            state.alarm = limit
            state.onOverfull = onOverfull
        }
    }

    func isExceeded(by taken: Int) -> Bool { state.withLock { taken > $0.alarm } }

    var isCrowded: Bool { state.withLock { $0.isCrowded } }

    /// A page came in: tells of it when there are too many.
    func note(_ taken: Int) {
        state.withLock { taken > $0.alarm ? $0.onOverfull : nil }?()
    }

    func begin() -> (limit: Int, hand: Int) { state.withLock { ($0.limit, $0.hand) } }

    /// A checkpoint was written: what had to stay until then may go.
    func noteCheckpoint() {
        state.withLock { state in
            state.isCrowded = false
            state.alarm = state.limit
        }
    }

    /// What could not be let go is not told of again until there is more of it.
    func end(_ hand: Int, taken: Int, isCrowded: Bool) {
        state.withLock { state in
            state.hand = hand
            state.isCrowded = isCrowded
            state.alarm = max(state.limit, taken + state.limit / 16)
        }
    }
}
