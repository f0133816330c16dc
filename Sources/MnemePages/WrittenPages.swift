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

    /// Per space and node its entries; none where the node has no page.
    private var nodes = [[[Entry]]](repeating: [], count: PageSpace.allCases.count)
    /// How many deltas each delta page holds, by its first place.
    private(set) var deltas: [UInt64: Int] = [:]
    /// All deltas.
    private(set) var deltaCount = 0

    subscript(_ id: PageID) -> Entry {
        let (space, node) = (id.spaceIndex, Self.node(id))
        guard node < nodes[space].count, !nodes[space][node].isEmpty else { return Entry() }
        return nodes[space][node][Self.index(id)]
    }

    private static func node(_ id: PageID) -> Int {
        Int(truncatingIfNeeded: id.number >> nodeShift)
    }

    private static func index(_ id: PageID) -> Int {
        Int(truncatingIfNeeded: id.number) & (nodeEntries - 1)
    }

    /// Notes where a page stands now.
    mutating func set(_ id: PageID, _ entry: Entry) {
        let (space, node, index) = (id.spaceIndex, Self.node(id), Self.index(id))
        if nodes[space].count <= node {
            let more = node + 1 - nodes[space].count
            nodes[space].append(contentsOf: repeatElement([], count: more))
        }
        if nodes[space][node].isEmpty {
            nodes[space][node] = [Entry](repeating: Entry(), count: nodeEntries)
        }
        let before = nodes[space][node][index].spot.delta
        nodes[space][node][index] = entry
        guard before != entry.spot.delta else { return }
        if !before.isNone { count(before, -1) }
        if !entry.spot.delta.isNone { count(entry.spot.delta, 1) }
    }

    /// Notes that a node has no page any more.
    mutating func removeNode(_ index: Int, of space: PageSpace) {
        let space = Int(space.rawValue)
        guard index < nodes[space].count else { return }
        for entry in nodes[space][index] where !entry.spot.delta.isNone {
            count(entry.spot.delta, -1)
        }
        nodes[space][index] = []
    }

    private mutating func count(_ delta: DeltaSpot, _ difference: Int) {
        deltaCount += difference
        let left = deltas[delta.page.first, default: 0] + difference
        deltas[delta.page.first] = left == 0 ? nil : left
    }

    /// The pages that stand as base and delta.
    ///
    /// - Complexity: O(1) where there are none, else O(pages).
    var withDeltas: [PageID] { deltaCount > 0 ? pages { !$0.delta.isNone } : [] }

    /// The pages whose bases stand at a place or behind it.
    ///
    /// - Complexity: O(pages).
    func from(_ place: UInt64) -> [PageID] {
        pages { !$0.base.isNone && $0.base.first >= place }
    }

    /// The pages whose spots are of a kind, by their ids.
    private func pages(where isWanted: (PageSpot) -> Bool) -> [PageID] {
        var ids: [PageID] = []
        for space in PageSpace.allCases {
            for (node, entries) in nodes[Int(space.rawValue)].enumerated() {
                for (index, entry) in entries.enumerated() where isWanted(entry.spot) {
                    ids.append(PageID(space, UInt64(node * nodeEntries + index)))
                }
            }
        }
        return ids
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
        return pages { !$0.delta.isNone && chosen.contains($0.delta.page.first) }
    }
}
