// From page numbers to memory: per space a directory of nodes, per node 512 entries of two words.
//
// The first word is 0 (no page), the address of a frame, that address | 3 (the frame is parked: let
// go next unless somebody asks for the page before) or tag << 48 | the base's run << 2 | 1 (on disk
// only). The second is of a page on disk: where its delta stands, 0 for none. Nodes and
// directories are never changed once published but in one way: a page on disk becomes a frame. A
// frame loaded into a node that has a newer copy belongs to that old node alone and goes with it.
// Format: formats/pages.md#page-table.

package import Synchronization

/// Entries in a node.
@inlinable package var nodeEntries: Int { 512 }
/// The number of a page, without its lowest bits, is its node's.
@inlinable package var nodeShift: UInt64 { 9 }

/// Addresses of the nodes of one space, in order; 0 where a whole node is empty.
///
/// SAFETY: written by one editor before it is published, read-only afterwards.
@safe
package final class Directory: @unchecked Sendable {
    package let nodes: UnsafeMutablePointer<UInt>
    package let count: Int

    init(count: Int, copying other: Directory?) {
        unsafe nodes = .allocate(capacity: max(count, 1))
        unsafe nodes.initialize(repeating: 0, count: max(count, 1))
        if let other, other.count > 0 {
            unsafe nodes.update(from: other.nodes, count: min(count, other.count))
        }
        self.count = count
    }

    /// How many nodes there are.
    ///
    /// - Complexity: O(`count`).
    var heldCount: Int {
        var held = 0
        for index in 0..<count where unsafe nodes[index] != 0 { held += 1 }
        return held
    }

    deinit { unsafe nodes.deallocate() }
}

/// The entries of a node as atomics.
///
/// SAFETY: the address is a node's block of the pool; entries are only reached atomically.
@safe
package struct NodeEntries {
    package let base: UnsafeMutablePointer<Atomic<UInt64>>

    @inlinable
    package init?(_ node: UInt) {
        guard let pointer = unsafe UnsafeMutablePointer<Atomic<UInt64>>(bitPattern: node) else {
            return nil
        }
        unsafe base = pointer
    }

    @inlinable
    package func load(_ index: Int) -> UInt64 {
        unsafe base[index & (nodeEntries - 1)].load(ordering: .acquiring)
    }

    @inlinable
    package func store(_ value: UInt64, _ index: Int) {
        unsafe base[index & (nodeEntries - 1)].store(value, ordering: .releasing)
    }

    /// Where a page stands that is on disk only, nil for another.
    func spot(_ index: Int) -> PageSpot? {
        let entry = load(index)
        guard TableEntry.isOnDisk(entry) else { return nil }
        let word = unsafe base[nodeEntries + (index & (nodeEntries - 1))]
            .load(ordering: .relaxed)
        return TableEntry.spot(entry, delta: DeltaSpot(bits: word))
    }

    /// Says that a page is on disk only.
    ///
    /// Of a node that is not published yet.
    func store(_ spot: PageSpot, _ index: Int) {
        unsafe base[nodeEntries + (index & (nodeEntries - 1))]
            .store(spot.delta.bits, ordering: .relaxed)
        store(TableEntry.onDisk(spot), index)
    }

    /// Replaces an entry, unless it is another by now.
    func replace(_ entry: UInt64, by other: UInt64, _ index: Int) {
        _ = unsafe base[index & (nodeEntries - 1)]
            .compareExchange(expected: entry, desired: other, ordering: .acquiringAndReleasing)
    }

    /// Whether there is no page.
    var isEmpty: Bool { (0..<nodeEntries).allSatisfy { load($0) == 0 } }

    /// Copies all words of another node.
    func copy(_ other: NodeEntries) {
        for index in 0..<(2 * nodeEntries) {
            let word = unsafe other.base[index].load(ordering: .acquiring)
            unsafe base[index].store(word, ordering: .releasing)
        }
    }
}

/// What an entry says.
enum TableEntry {
    /// Where the tag begins; below it and above the lowest two bits is room for a run.
    private static let tagShift: UInt64 = 48

    static func onDisk(_ spot: PageSpot) -> UInt64 {
        UInt64(spot.tag.bits) << tagShift | spot.base.bits << 2 | 1
    }
    static func spot(_ entry: UInt64, delta: DeltaSpot) -> PageSpot {
        let run = PlaceRun(bits: (entry & (1 << tagShift - 1)) >> 2)
        let tag = CheckpointTag(bits: UInt16(truncatingIfNeeded: entry >> tagShift))
        return PageSpot(base: run, delta: delta, tag: tag)
    }
    static func isOnDisk(_ entry: UInt64) -> Bool { entry & 3 == 1 }
    static func isParked(_ entry: UInt64) -> Bool { entry & 3 == 3 }
    static func parked(_ frame: BlockAddress) -> UInt64 { UInt64(frame) | 3 }
    /// The frame, parked or not; 0 for none.
    static func frame(_ entry: UInt64) -> BlockAddress {
        isOnDisk(entry) ? 0 : UInt(entry & ~3)
    }
}
