// A vector index: codes, factors and addresses in the leaves of a column tree, by (owner, ordinal),
// so that an owner's codes are neighbours and a leaf is one block of a scan. Callers say what is
// near to what and for whom, and what they know of who may be in the answer; which way answers is
// the index's own business (`Graph/GraphChoice.swift`).
//
// Where there is a graph, every vector is either a node of it or in the tree `fresh`, and nodes
// whose vectors are not there any more are in the tree `gone`: commits write nothing else of it,
// and its own thread (`VectorIndex+Graph.swift`) does the rest.
// Format: formats/vector-codes.md#leaves, formats/vector-graph.md#head.

package import MnemePages

/// Whose vectors are searched.
package enum VectorScope: Equatable, Sendable {
    /// One owner's.
    case owner(UInt32)
    /// Those of several owners, ascending without repetition.
    case owners([UInt32])
    /// Everyone's.
    case all

    /// Whether an owner's vectors are among those searched.
    ///
    /// - Complexity: O(log owners).
    @inline(__always)
    func contains(_ owner: UInt32) -> Bool {
        switch self {
        case .all: return true
        case .owner(let only): return only == owner
        case .owners(let owners):
            var (low, high) = (0, owners.count)
            while low < high {
                let middle = (low + high) / 2
                if owners[middle] < owner { low = middle + 1 } else { high = middle }
            }
            return low < owners.count && owners[low] == owner
        }
    }
}

/// Why an index could not do what it was asked.
package enum VectorIndexError: Error, Equatable, Sendable {
    /// The vector is refused, or a full row cannot be read.
    case vector(VectorError)
    /// The pages cannot be had.
    case pages(PageError)
}

/// The index of one vector field.
///
/// It holds no state: pages do. What it says of a graph is as of its opening; who changes the
/// graph opens it again.
package struct VectorIndex: Sendable {
    /// What codes the vectors.
    package let coder: VectorCoder
    /// The page that names everything else; it is the index's for life.
    package let head: PageID
    /// Where the codes are: every vector's.
    package let tree: ColumnTree
    /// The codes that no node of the graph has; nil where there is no graph.
    ///
    /// While the first one is being built, only those that were put since it was prepared.
    package let fresh: ColumnTree?
    /// Nodes, (node, 0), whose vectors are gone or were replaced; nil where there is no graph.
    package let gone: ColumnTree?
    /// All nodes of the graph have numbers below it; 0 as long as no graph answers.
    package let nodeCount: UInt32

    static let code = 0
    static let scale = 1
    static let bias = 2
    static let address = 3
    static let node = 4

    /// The index of a head page.
    ///
    /// - Throws: `.corrupt` when the page is none, or names trees where none can be.
    init(_ coder: VectorCoder, _ head: PageID, _ page: Page) throws(PageError) {
        typealias Layout = VectorHeadLayout
        let codes = PageID(bits: page.load64(Layout.codes))
        let fresh = PageID(bits: page.load64(Layout.fresh))
        let gone = PageID(bits: page.load64(Layout.gone))
        let hasGraph = fresh.bits != 0
        nodeCount = Layout.nodeCount(page)
        guard page.kind == Layout.kind, head.spaceIndex == 0, codes.spaceIndex == 0,
            fresh.spaceIndex == 0, gone.spaceIndex == 0, hasGraph == (gone.bits != 0),
            hasGraph || nodeCount == 0
        else {
            throw .corrupt(id: head.bits, place: 0, reason: "no head of a vector index")
        }
        self.coder = coder
        self.head = head
        tree = ColumnTree(root: codes, shape: coder.columns)
        self.fresh = hasGraph ? ColumnTree(root: fresh, shape: coder.freshColumns) : nil
        self.gone = hasGraph ? ColumnTree(root: gone, shape: Self.goneColumns) : nil
    }

    /// The index of a head page.
    ///
    /// - Throws: `.corrupt` when the page is none, or names trees where none can be; as
    ///   `PageView.page`.
    /// - Complexity: O(1).
    package static func open(
        _ coder: VectorCoder,
        _ head: PageID,
        in view: PageView
    ) throws(PageError) -> VectorIndex {
        try VectorIndex(coder, head, try view.page(head))
    }

    /// The index of a head page, as edited so far.
    ///
    /// - Throws: as the other.
    package static func open(
        _ coder: VectorCoder,
        _ head: PageID,
        in editor: PageEditor
    ) throws(PageError) -> VectorIndex {
        try VectorIndex(coder, head, try editor.page(head))
    }

    /// Makes an empty index without a graph.
    ///
    /// - Throws: as `PageEditor.page`.
    package static func create(
        coder: VectorCoder,
        in editor: PageEditor
    ) throws(PageError) -> VectorIndex {
        let tree = ColumnTree.create(coder.columns, in: editor)
        let (id, page) = editor.allocate(kind: VectorHeadLayout.kind)
        page.store(tree.root.bits, VectorHeadLayout.codes)
        return try VectorIndex(coder, id, page.page)
    }

    /// Frees every page of the index: of its trees, of its graph, and its head.
    ///
    /// - Throws: as `PageEditor.page`; the editor is then to be discarded.
    /// - Complexity: O(pages).
    package func destroy(in editor: PageEditor) throws(PageError) {
        let graph = try graph(in: editor)
        for segments in [graph.codeSegments, graph.linkSegments] {
            for number in 0..<(segments.count * PageArray.segmentPages) {
                editor.drop(page: number, of: segments)
            }
        }
        try tree.destroy(in: editor)
        try fresh?.destroy(in: editor)
        try gone?.destroy(in: editor)
        editor.free(head)
    }

    /// The columns of the codes.
    static func columns(_ shape: VectorShape) -> ColumnShape {
        ColumnShape(columns: [shape.codeByteCount, 4, 4, 8, 4])
    }

    /// The columns of the codes that no node has.
    static func freshColumns(_ shape: VectorShape) -> ColumnShape {
        ColumnShape(columns: [shape.codeByteCount, 4, 4, 8])
    }

    private static let goneColumns = ColumnShape(columns: [])
}
