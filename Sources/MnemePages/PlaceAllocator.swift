// Which 8 KiB places of the page file are in use. Derived: at open everything that the newest root
// reaches is in use and the rest is free, so nothing about free space is ever written.
//
// A place comes back in two steps: when no root in memory needs it, and when a checkpoint that does
// not reach it is durable. Between the two it waits.

internal import Synchronization

/// Bugs that the crash harness plants to see whether it finds them.
package struct PageFaults: Sendable {
    /// Pages of a published root are edited in place, under the readers who hold it.
    package var editsPinnedPages = false
    /// Places are free as soon as nobody in memory needs them, though the durable root block does.
    package var reusesPlacesEarly = false

    /// No bugs.
    package init() {}
}

final class PlaceAllocator: Sendable {
    private struct State {
        var used: [UInt64] = []
        var end: UInt64 = 0
        var free: UInt64 = 0
        var cursor = 0
        /// The generation of the durable checkpoint, and its number.
        var durable: (generation: UInt64, checkpoint: UInt64) = (0, 0)
        /// The number of the newest checkpoint that began.
        var begun: UInt64 = 0
        var waiting: [(place: UInt64, generation: UInt64, checkpoint: UInt64)] = []

        mutating func mark(_ place: UInt64) -> Bool {
            let word = Int(place >> 6)
            while used.count <= word { used.append(0) }
            let bit = UInt64(1) << (place & 63)
            if used[word] & bit != 0 { return false }
            used[word] |= bit
            if place < end {
                free -= 1
            } else {
                free += place - end
                end = place + 1
            }
            return true
        }

        mutating func clear(_ place: UInt64) {
            let bit = UInt64(1) << (place & 63)
            let word = Int(place >> 6)
            precondition(used[word] & bit != 0, "a place was freed twice")
            used[word] &= ~bit
            free += 1
            cursor = min(cursor, word)
        }

        mutating func takeFree() -> UInt64? {
            guard free > 0 else { return nil }
            while cursor < used.count {
                let open = ~used[cursor]
                if open != 0 {
                    let place = UInt64(cursor * 64 + open.trailingZeroBitCount)
                    return place < end ? place : nil
                }
                cursor += 1
            }
            return nil
        }
    }
    private let state = Mutex(State())

    let faults: PageFaults

    /// Both root slots are always in use.
    init(_ faults: PageFaults) {
        self.faults = faults
        _ = [0, 1].map { place in state.withLock { $0.mark(place) } }
    }

    /// The places in use, ascending.
    ///
    /// - Complexity: O(places).
    var inUse: [UInt64] {
        state.withLock { state in
            (0..<state.end).filter { state.used[Int($0 >> 6)] & (1 << ($0 & 63)) != 0 }
        }
    }

    /// The length of the file in places, and how many of them are free.
    var extent: (end: UInt64, free: UInt64) { state.withLock { ($0.end, $0.free) } }

    /// Notes at open that places are in use; false, and nothing is noted, when one was already or
    /// lies at or beyond `limit`, the end of the file.
    func reserve(_ first: UInt64, count: UInt64 = 1, limit: UInt64) -> Bool {
        guard first < limit, count <= limit - first else { return false }
        return state.withLock { state in
            for place in first..<(first + count) where !state.mark(place) {
                for marked in first..<place { state.clear(marked) }
                return false
            }
            return true
        }
    }

    /// A free place.
    func take() -> UInt64 {
        state.withLock { state in
            let place = state.takeFree() ?? state.end
            _ = state.mark(place)
            return place
        }
    }

    /// `count` places in a row: the first gap that holds them, or the end of the file.
    func take(count: UInt64) -> UInt64 {
        state.withLock { state in
            let first = Self.gap(state, count) ?? state.end
            for place in first..<(first + count) { _ = state.mark(place) }
            return first
        }
    }

    /// The first run of `count` free places.
    private static func gap(_ state: State, _ count: UInt64) -> UInt64? {
        guard state.free >= count else { return nil }
        var length: UInt64 = 0
        for place in UInt64(state.cursor * 64)..<max(state.end, UInt64(state.cursor * 64)) {
            let word = state.used[Int(place >> 6)]
            length = word & (1 << (place & 63)) == 0 ? length + 1 : 0
            if length == count { return place + 1 - count }
        }
        return nil
    }

    /// Gives back places that were never written about: taken for a checkpoint that failed.
    func giveBack(_ places: [UInt64]) {
        state.withLock { state in for place in places { state.clear(place) } }
    }

    /// Places that no root in memory needs and no checkpoint of `generation` or later reaches.
    func release(_ places: [UInt64], asOf generation: UInt64) {
        state.withLock { state in
            for place in places {
                if generation <= state.durable.generation || faults.reusesPlacesEarly {
                    state.clear(place)
                } else {
                    state.waiting.append((place, generation, 0))
                }
            }
        }
    }

    /// Places that the store dropped, but that the newest checkpoint, or one being written, may
    /// name.
    func releaseAfterNextCheckpoint(_ places: [UInt64]) {
        state.withLock { state in
            for place in places {
                if faults.reusesPlacesEarly {
                    state.clear(place)
                } else {
                    state.waiting.append((place, 0, state.begun + 1))
                }
            }
        }
    }

    /// Begins a checkpoint; its number.
    func beginCheckpoint() -> UInt64 {
        state.withLock { state in
            state.begun += 1
            return state.begun
        }
    }

    /// A checkpoint is durable: what waited for it is free.
    func becameDurable(_ generation: UInt64, checkpoint: UInt64) {
        state.withLock { state in
            state.durable = (generation, checkpoint)
            state.begun = max(state.begun, checkpoint)
            let waiting = state.waiting
            state.waiting = []
            for entry in waiting {
                if entry.generation <= generation, entry.checkpoint <= checkpoint {
                    state.clear(entry.place)
                } else {
                    state.waiting.append(entry)
                }
            }
        }
    }
}
