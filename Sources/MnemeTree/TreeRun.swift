// Entries of one leaf that follow one another, handed out together: who takes many of them asks the
// tree once a leaf, and looks at each without a call. A run lies inside the slots that its leaf
// states. Format: formats/tree.md.

package import MnemePages

/// Where the entries of a run stand.
///
/// Good in views of the root that it was found in, and in no others.
package struct TreeSpot: Sendable, Equatable {
    let leaf: PageID
    /// The index of the entry that comes first.
    let first: UInt16
    let count: UInt16
    let isReversed: Bool

    /// No entries.
    package static var none: TreeSpot {
        TreeSpot(leaf: PageID(bits: 0), first: 0, count: 0, isReversed: false)
    }
}

/// Entries of a leaf in the order of a cursor.
///
/// Good as long as its view.
package struct TreeRun {
    /// Their cells; of a damaged leaf some may have no value.
    package let cells: PageCells
    let leaf: PageID

    /// The entries of a leaf from `first` on.
    ///
    /// - Precondition: all of them are below its count.
    init(_ node: TreeNode, first: Int, isReversed: Bool, count: Int) {
        leaf = node.id
        cells = PageCells(
            node.page,
            inside: node.heap..<node.prefix,
            keyLimit: Tree.keyLimit - node.prefixCount,
            valueLimit: Tree.valueLimit,
            slot: node.slot(first),
            stride: isReversed ? -TreeLayout.slotSize : TreeLayout.slotSize,
            count: count
        )
    }

    private init(_ cells: PageCells, of leaf: PageID) {
        self.cells = cells
        self.leaf = leaf
    }

    /// How many entries it has.
    package var count: Int { cells.count }

    /// What a cell without a value is reported as.
    package var damage: PageError {
        .corrupt(id: leaf.bits, place: 0, reason: "a cell outside its page")
    }

    /// Where in its leaf the entry at a position stands.
    func index(_ position: Int) -> Int {
        (cells.slot + position * cells.stride - TreeLayout.slots) / TreeLayout.slotSize
    }

    /// The part of it from `start` on, of at most so many entries.
    ///
    /// - Precondition: `start` is not above `count`, and neither number is negative.
    package func part(from start: Int, atMost most: Int) -> TreeRun {
        TreeRun(cells.part(from: start, atMost: most), of: leaf)
    }

    /// Where it stands.
    package var spot: TreeSpot {
        TreeSpot(
            leaf: leaf,
            first: UInt16(truncatingIfNeeded: index(0)),
            count: UInt16(truncatingIfNeeded: count),
            isReversed: cells.stride < 0
        )
    }
}

extension Tree {
    /// The entries that stand at a spot.
    ///
    /// - Precondition: the spot was found in this view's root.
    /// - Throws: `.pages`.
    /// - Complexity: O(1).
    package static func run(_ spot: TreeSpot, in view: PageView) throws(TreeError) -> TreeRun {
        try wrapping { () throws(PageError) in
            let node = try TreeNode(try view.page(spot.leaf), spot.leaf, level: 0)
            let (first, count) = (Int(spot.first), Int(spot.count))
            let isInside = spot.isReversed ? count <= first + 1 : first + count <= node.count
            guard isInside, first < node.count else {
                throw .corrupt(id: spot.leaf.bits, place: 0, reason: "entries are not there")
            }
            return TreeRun(node, first: first, isReversed: spot.isReversed, count: count)
        }
    }
}
