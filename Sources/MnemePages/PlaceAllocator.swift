// Which places of the page file are in use, and by how many. Derived: at open everything that the
// newest root reaches is in use and the rest is free, so nothing about free space is ever written.
//
// A run is used once by every version of a page that is read with it: a base by the version that it
// is and by later ones that have a delta against it, a delta page by each delta in it. A use ends
// in two steps: when no root in memory needs the version, and when a checkpoint that does not reach
// it is durable. Between the two it waits.
//
// Beside that it is known of free places which are zero, and which the older of the two root blocks
// may still name: those that became free since the newest was made durable.

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
    struct Waiting {
        let first: UInt64
        let count: UInt64
        let generation: UInt64
        let checkpoint: UInt64
    }

    struct State {
        var used: [UInt64] = []
        /// At the first place of a run: its uses beyond the first.
        var shares: [UInt16] = []
        var end: UInt64 = 0
        var free: UInt64 = 0
        /// By length of a run: no word below has so many free neighbours.
        var cursors = [Int](repeating: 0, count: PlaceLayout.page + 1)
        /// The generation of the durable checkpoint, and its number.
        var durable: (generation: UInt64, checkpoint: UInt64) = (0, 0)
        /// The number of the newest checkpoint that began.
        var begun: UInt64 = 0
        var waiting: [Waiting] = []
        /// Free places that are known to be zero.
        var zero: [UInt64] = []
        /// Free places that the older root block may name; all, as long as nothing was made durable
        /// since the file was opened.
        var older: [UInt64] = []
        var isAllOlder = false
        /// Uses end early on purpose: what is shared or freed then may be free already.
        var isFaulty = false

        func isUsed(_ place: UInt64) -> Bool {
            let word = Int(place >> 6)
            return word < used.count && used[word] & 1 << (place & 63) != 0
        }

        mutating func mark(_ first: UInt64, _ count: UInt64) {
            let last = Int((first + count - 1) >> 6)
            if used.count <= last {
                let more = last + 1 - used.count
                used.append(contentsOf: repeatElement(0, count: more))
                zero.append(contentsOf: repeatElement(0, count: more))
                older.append(contentsOf: repeatElement(0, count: more))
                shares.append(contentsOf: repeatElement(0, count: more * 64))
            }
            var place = first
            while place < first + count {
                // What of the run one word holds.
                let (word, bits) = Self.bits(from: place, to: first + count)
                used[word] |= bits
                zero[word] &= ~bits
                older[word] &= ~bits
                place = min(UInt64(word + 1) << 6, first + count)
            }
            if first >= end {
                free += first - end
            } else {
                free -= min(end, first + count) - first
            }
            end = max(end, first + count)
        }

        /// The word that a place stands in, and the bits of those places of it that lie before
        /// `end`.
        private static func bits(from place: UInt64, to end: UInt64) -> (word: Int, bits: UInt64) {
            let shift = place & 63
            let count = min(64 - shift, end - place)
            return (Int(place >> 6), (count == 64 ? .max : 1 << count - 1) << shift)
        }

        /// Whether a place of a run is in use.
        func isAnyUsed(_ first: UInt64, _ count: UInt64) -> Bool {
            var place = first
            while place < first + count {
                let (word, bits) = Self.bits(from: place, to: first + count)
                guard word < used.count else { return false }
                if used[word] & bits != 0 { return true }
                place = UInt64(word + 1) << 6
            }
            return false
        }

        /// Makes room for what is known of so many places.
        mutating func reserveCapacity(_ limit: UInt64) {
            let words = Int(limit >> 6) + 2
            used.reserveCapacity(words)
            zero.reserveCapacity(words)
            older.reserveCapacity(words)
            shares.reserveCapacity(words * 64)
        }

        /// Ends one use of a run, the last of which frees it.
        mutating func drop(_ first: UInt64, _ count: UInt64) {
            guard isUsed(first) else { return precondition(isFaulty, "a place was freed twice") }
            if shares[Int(first)] > 0 {
                shares[Int(first)] -= 1
                return
            }
            for place in first..<(first + count) {
                guard isUsed(place) else {
                    precondition(isFaulty, "a place was freed twice")
                    continue
                }
                used[Int(place >> 6)] &= ~(1 << (place & 63))
                older[Int(place >> 6)] |= 1 << (place & 63)
                free += 1
            }
            lowerCursors(to: first)
        }

        /// There are free places from here on.
        mutating func lowerCursors(to first: UInt64) {
            let word = max(0, Int(first >> 6) - 1)
            for index in cursors.indices { cursors[index] = min(cursors[index], word) }
        }

        /// Notes that the root block that was the newest is the older one from now on.
        mutating func turnOlder() {
            for index in older.indices { older[index] = 0 }
            isAllOlder = false
        }

        /// The first `count` free neighbours, at most eight, of which some may lie beyond the end.
        mutating func short(_ count: Int) -> UInt64 {
            var word = cursors[count]
            while word < used.count {
                let low = ~used[word]
                if low != 0 {
                    let high = word + 1 < used.count ? ~used[word + 1] : .max
                    var starts = low
                    for shift in 1..<max(count, 1) {
                        starts &= low >> UInt64(shift) | high << UInt64(64 - shift)
                    }
                    if starts != 0 {
                        cursors[count] = word
                        return UInt64(word * 64 + starts.trailingZeroBitCount)
                    }
                }
                word += 1
            }
            cursors[count] = word
            return UInt64(word * 64)
        }

        /// The first `count` free neighbours from a multiple of `alignment` on.
        func long(_ count: UInt64, alignment: UInt64) -> UInt64 {
            var start = UInt64(cursors[1] * 64) / alignment * alignment
            var place = start
            while place < end, place < start + count {
                if isUsed(place) { start = place / alignment * alignment + alignment }
                place = isUsed(place) ? start : place + 1
            }
            return start
        }
    }
    let state = Mutex(State())
    private let newest = Atomic<UInt64>(0)

    let faults: PageFaults

    /// Both root slots are always in use.
    init(_ faults: PageFaults = PageFaults()) {
        self.faults = faults
        state.withLock { state in
            state.isFaulty = faults.reusesPlacesEarly
            state.mark(0, UInt64(2 * PlaceLayout.page))
        }
    }

    /// The places in use, ascending.
    ///
    /// - Complexity: O(places).
    var inUse: [UInt64] {
        state.withLock { state in (0..<state.end).filter { state.isUsed($0) } }
    }

    /// The length of the file in places, and how many of them are free.
    var extent: (end: UInt64, free: UInt64) { state.withLock { ($0.end, $0.free) } }

    /// The number of the newest checkpoint that began, or that the file was opened at.
    var newestCheckpoint: UInt64 { newest.load(ordering: .acquiring) }

    /// The number of the newest durable checkpoint.
    var durableCheckpoint: UInt64 { state.withLock { $0.durable.checkpoint } }

    /// Notes at open that places are in use; false, and nothing is noted, when one was already or
    /// lies at or beyond `limit`, the end of the file.
    func reserve(_ first: UInt64, count: UInt64, limit: UInt64) -> Bool {
        guard first < limit, count <= limit - first else { return false }
        return state.withLock { state in
            if state.isAnyUsed(first, count) { return false }
            state.mark(first, count)
            return true
        }
    }

    /// As `reserve`, of many runs.
    ///
    /// - Returns: the index of the first that could not be noted, nil when all were.
    func reserve(_ runs: [PlaceRun], limit: UInt64) -> Int? {
        state.withLock { state in
            if state.used.isEmpty || state.used.capacity < Int(limit >> 6) {
                state.reserveCapacity(limit)
            }
            for (index, run) in runs.enumerated() {
                let (first, count) = (run.first, UInt64(run.count))
                guard run.isPossible, first < limit, count <= limit - first,
                    !state.isAnyUsed(first, count)
                else { return index }
                state.mark(first, count)
            }
            return nil
        }
    }

    /// As many free neighbours, at most eight.
    func take(_ count: Int) -> PlaceRun {
        state.withLock { state in
            let first = state.short(count)
            state.mark(first, UInt64(count))
            return PlaceRun(first, count: count)
        }
    }

    /// As many free neighbours as an extent has: the first gap that holds them, or the end of the
    /// file.
    func takeExtent(_ count: UInt64) -> UInt64 {
        state.withLock { state in
            let first = state.long(count, alignment: UInt64(PlaceLayout.extentAlignment))
            state.mark(first, count)
            return first
        }
    }

    /// One use more of a run that is in use.
    ///
    /// - Returns: false when it has as many as can be counted.
    func share(_ run: PlaceRun) -> Bool {
        state.withLock { state in
            guard state.isUsed(run.first) else {
                precondition(state.isFaulty, "a free place was shared")
                return false
            }
            guard state.shares[Int(run.first)] < .max else { return false }
            state.shares[Int(run.first)] += 1
            return true
        }
    }

    /// Ends uses that nothing was ever said about: of a checkpoint that failed.
    func giveBack(_ spots: [PageSpot]) {
        state.withLock { state in
            for spot in spots { Self.runs(spot) { state.drop($0, $1) } }
        }
    }

    /// Gives places back that nothing was ever said about.
    func giveBack(_ first: UInt64, count: UInt64) {
        state.withLock { $0.drop(first, count) }
    }

    /// Versions that no root in memory needs and no checkpoint of `generation` or later reaches.
    func release(_ spots: [PageSpot], asOf generation: UInt64) {
        state.withLock { state in
            let isFree = generation <= state.durable.generation || faults.reusesPlacesEarly
            for spot in spots {
                Self.runs(spot) { first, count in
                    if isFree {
                        state.drop(first, count)
                    } else {
                        state.waiting.append(
                            Waiting(
                                first: first,
                                count: count,
                                generation: generation,
                                checkpoint: 0
                            )
                        )
                    }
                }
            }
        }
    }

    private static func runs(_ spot: PageSpot, _ body: (UInt64, UInt64) -> Void) {
        if !spot.base.isNone { body(spot.base.first, UInt64(spot.base.count)) }
        if !spot.delta.isNone { body(spot.delta.page.first, UInt64(PlaceLayout.page)) }
    }

    /// Places that nobody uses any more, but that the newest checkpoint, or one being written, may
    /// name.
    func releaseAfterNextCheckpoint(_ first: UInt64, count: UInt64) {
        state.withLock { state in
            if faults.reusesPlacesEarly {
                state.drop(first, count)
            } else {
                state.waiting.append(
                    Waiting(first: first, count: count, generation: 0, checkpoint: state.begun + 1)
                )
            }
        }
    }

    /// Begins a checkpoint; its number.
    func beginCheckpoint() -> UInt64 {
        state.withLock { state in
            state.begun += 1
            newest.store(state.begun, ordering: .releasing)
            return state.begun
        }
    }

    /// The file was opened at a checkpoint; which places the root block before it names is not
    /// known.
    func opened(at generation: UInt64, checkpoint: UInt64) {
        becameDurable(generation, checkpoint: checkpoint)
        state.withLock { $0.isAllOlder = true }
    }

    /// A checkpoint is durable: what waited for it is free.
    func becameDurable(_ generation: UInt64, checkpoint: UInt64) {
        state.withLock { state in
            state.turnOlder()
            state.durable = (generation, checkpoint)
            state.begun = max(state.begun, checkpoint)
            newest.store(state.begun, ordering: .releasing)
            let waiting = state.waiting
            state.waiting = []
            for entry in waiting {
                if entry.generation <= generation, entry.checkpoint <= checkpoint {
                    state.drop(entry.first, entry.count)
                } else {
                    state.waiting.append(entry)
                }
            }
        }
    }
}
