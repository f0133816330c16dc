// Where the newest checkpoint finds every page: what the next one's deltas are held against, and
// how full the delta pages still are.

/// The page table of the newest checkpoint whose pages were synced: that of the durable root block,
/// or of one that the disk refused and may have taken.
///
/// Only the one checkpoint at a time uses it.
struct WrittenPages {
    struct Entry {
        var spot = PageSpot.none
        /// Bytes of all deltas that were written since the base was.
        var spent: UInt16 = 0
        /// Bytes of the newest of them.
        var last: UInt16 = 0
    }

    private var spaces = [[Entry]](repeating: [], count: PageSpace.allCases.count)
    /// How many deltas each delta page holds, by its first place.
    private(set) var deltas: [UInt64: Int] = [:]
    /// All deltas.
    private(set) var deltaCount = 0

    subscript(_ id: PageID) -> Entry {
        let (space, number) = (id.spaceIndex, Int(truncatingIfNeeded: id.number))
        return number < spaces[space].count ? spaces[space][number] : Entry()
    }

    /// Notes where a page stands now.
    mutating func set(_ id: PageID, _ entry: Entry) {
        let (space, number) = (id.spaceIndex, Int(truncatingIfNeeded: id.number))
        if spaces[space].count <= number {
            let more = number + 1 - spaces[space].count
            spaces[space].append(contentsOf: repeatElement(Entry(), count: more))
        }
        let before = spaces[space][number].spot.delta
        spaces[space][number] = entry
        guard before != entry.spot.delta else { return }
        if !before.isNone { count(before, -1) }
        if !entry.spot.delta.isNone { count(entry.spot.delta, 1) }
    }

    private mutating func count(_ delta: DeltaSpot, _ difference: Int) {
        deltaCount += difference
        let left = deltas[delta.page.first, default: 0] + difference
        deltas[delta.page.first] = left == 0 ? nil : left
    }

    /// The pages that stand as base and delta.
    ///
    /// - Complexity: O(1) where there are none, else O(pages).
    var withDeltas: [PageID] {
        guard deltaCount > 0 else { return [] }
        return PageSpace.allCases.flatMap { space in
            spaces[Int(space.rawValue)].enumerated()
                .filter { !$0.element.spot.delta.isNone }
                .map { PageID(space, UInt64($0.offset)) }
        }
    }

    /// Delta pages beyond this hold too few deltas.
    var deltaPageLimit: Int { 64 + deltaCount / 4 }

    /// Pages whose deltas are to be written anew so that no more delta pages are in use than their
    /// limit: those of the emptiest, at most so many.
    ///
    /// - Complexity: O(1) below the limit, else O(pages).
    func scattered(atMost limit: Int) -> [PageID] {
        let excess = deltas.count - deltaPageLimit
        guard excess > 0 else { return [] }
        // A few more than that: what is in them takes some pages again.
        let emptiest = deltas.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            .prefix(excess + excess / 2 + 1)
        var left = limit
        var chosen: Set<UInt64> = []
        for (place, count) in emptiest where left >= count {
            left -= count
            chosen.insert(place)
        }
        var ids: [PageID] = []
        for space in PageSpace.allCases {
            for (number, entry) in spaces[Int(space.rawValue)].enumerated()
            where !entry.spot.delta.isNone && chosen.contains(entry.spot.delta.page.first) {
                ids.append(PageID(space, UInt64(number)))
            }
        }
        return ids
    }
}
