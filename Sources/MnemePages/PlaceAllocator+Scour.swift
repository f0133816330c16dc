// Free places for whoever looks at what stands there or zeroes it: taken meanwhile, so that nobody
// else writes there, and given back.

internal import Synchronization

extension PlaceAllocator {
    /// Free neighbours that were taken so that nobody else writes there.
    struct Borrowed {
        let first: UInt64
        let count: UInt64
        /// The older root block may name them.
        let isOlder: Bool
        /// The newest durable checkpoint when they were taken.
        fileprivate let checkpoint: UInt64
    }

    /// Takes the first free neighbours from a place on, at most so many.
    ///
    /// `forZeroing`: only such as no root block may name, and that are not known to be zero.
    /// - Returns: nil where there are none up to the end.
    /// - Complexity: O(places / 64) beside those that are taken.
    func borrow(from start: UInt64, atMost limit: UInt64, forZeroing: Bool) -> Borrowed? {
        state.withLock { state in
            if forZeroing, state.isAllOlder { return nil }
            func blocked(_ word: Int) -> UInt64 {
                state.used[word] | (forZeroing ? state.older[word] | state.zero[word] : 0)
            }
            func isOlder(_ place: UInt64) -> Bool {
                state.isAllOlder || state.older[Int(place >> 6)] & 1 << (place & 63) != 0
            }
            var place = start
            while place < state.end {
                let rest = ~blocked(Int(place >> 6)) >> (place & 63)
                if rest != 0 {
                    place += UInt64(rest.trailingZeroBitCount)
                    break
                }
                place = (place >> 6 + 1) << 6
            }
            guard place < state.end, limit > 0 else { return nil }
            let first = place
            let older = isOlder(first)
            while place < min(state.end, first + limit),
                blocked(Int(place >> 6)) & 1 << (place & 63) == 0, isOlder(place) == older
            {
                place += 1
            }
            state.mark(first, place - first)
            return Borrowed(
                first: first,
                count: place - first,
                isOlder: older,
                checkpoint: state.durable.checkpoint
            )
        }
    }

    /// Gives borrowed places back.
    func giveBack(_ borrowed: Borrowed, isZero: Bool) {
        state.withLock { state in
            let isOlder = borrowed.isOlder && borrowed.checkpoint == state.durable.checkpoint
            for place in borrowed.first..<(borrowed.first + borrowed.count) {
                let (word, bit) = (Int(place >> 6), UInt64(1) << (place & 63))
                state.used[word] &= ~bit
                if isZero { state.zero[word] |= bit }
                if isOlder { state.older[word] |= bit }
            }
            state.free += borrowed.count
            state.lowerCursors(to: borrowed.first)
        }
    }

    /// Notes that the file is longer than it was known to be: what follows is free.
    func extend(to end: UInt64) {
        state.withLock { state in
            guard end > state.end else { return }
            // As if all of it had been in use; nothing of it is known to be zero.
            let first = state.end
            state.mark(end - 1, 1)
            state.used[Int((end - 1) >> 6)] &= ~(1 << ((end - 1) & 63))
            state.free += 1
            state.lowerCursors(to: first)
        }
    }

    /// Leaves off what is free at the end, and that no root block may name.
    ///
    /// - Returns: where the file ends then; nil while that is not known.
    /// - Precondition: nobody takes places meanwhile, or writes to any from there on.
    func cutEnd() -> UInt64? {
        state.withLock { state in
            guard !state.isAllOlder else { return nil }
            var end = state.end
            while end > 0 {
                let (word, bit) = (Int((end - 1) >> 6), UInt64(1) << ((end - 1) & 63))
                if (state.used[word] | state.older[word]) & bit != 0 { break }
                state.zero[word] &= ~bit
                end -= 1
            }
            state.free -= state.end - end
            state.end = end
            return end
        }
    }

    /// Which places are in use: a bit each, and how many places there are.
    var bits: (used: [UInt64], end: UInt64) { state.withLock { ($0.used, $0.end) } }
}
