// A vector index: codes, factors and addresses in the leaves of a column tree, by (owner, ordinal),
// so that an owner's codes are neighbours and a leaf is one block of a scan. Callers say what is
// near to what and for whom; which tier answers is the index's own business.
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
        nodeCount = page.load32(Layout.count)
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

    /// Enters a vector in its stored form, or replaces it.
    ///
    /// `address`: where the row stands, in the words of the `VectorSource`.
    /// - Throws: as `VectorCoder.encode`, as `ColumnTree.slot`.
    package func insert(
        owner: UInt32,
        ordinal: UInt64,
        row: [UInt8],
        address: UInt64,
        in editor: PageEditor
    ) throws(VectorIndexError) {
        var code = [UInt8](repeating: 0, count: coder.shape.codeByteCount)
        let factors: CodeFactors
        do throws(VectorError) {
            var elements = code.mutableSpan
            var span = unsafe elements.mutableBytes
            factors = try coder.encode(
                unsafe row.span.bytes,
                as: coder.shape.format,
                into: &span
            )
        } catch {
            throw .vector(error)
        }
        do throws(PageError) {
            let slot = try tree.slot(UInt64(owner), ordinal, in: editor)
            let old = slot.isNew ? GraphShape.none : slot.entry.load32(Self.node)
            Self.fill(slot, code, factors, address)
            slot.store(GraphShape.none, Self.node)
            guard let fresh, let gone else { return }
            if old != GraphShape.none { _ = try gone.slot(UInt64(old), 0, in: editor) }
            Self.fill(
                try fresh.slot(UInt64(owner), ordinal, in: editor),
                code,
                factors,
                address
            )
        } catch {
            throw .pages(error)
        }
    }

    /// Writes the columns that the codes and those without a node have in common.
    static func fill(
        _ slot: ColumnSlot,
        _ code: [UInt8],
        _ factors: CodeFactors,
        _ address: UInt64
    ) {
        slot.store(code, Self.code)
        slot.store(factors.scale.bitPattern, Self.scale)
        slot.store(factors.bias.bitPattern, Self.bias)
        slot.store(address, Self.address)
    }

    /// Takes a vector out; false when it was not there.
    ///
    /// - Throws: as `ColumnTree.remove`.
    @discardableResult
    package func remove(
        owner: UInt32,
        ordinal: UInt64,
        in editor: PageEditor
    )
        throws(PageError) -> Bool
    {
        if let fresh, let gone {
            guard let slot = try tree.slotIfPresent(UInt64(owner), ordinal, in: editor) else {
                return false
            }
            let node = slot.entry.load32(Self.node)
            if node != GraphShape.none { _ = try gone.slot(UInt64(node), 0, in: editor) }
            try fresh.remove(UInt64(owner), ordinal, in: editor)
        }
        return try tree.remove(UInt64(owner), ordinal, in: editor)
    }

    /// Says where the row of a vector stands now.
    ///
    /// - Throws: as `ColumnTree.slot`, as `GraphPages.setAddress`.
    package func move(
        owner: UInt32,
        ordinal: UInt64,
        to address: UInt64,
        in editor: PageEditor
    ) throws(PageError) {
        guard let slot = try tree.slotIfPresent(UInt64(owner), ordinal, in: editor) else { return }
        slot.store(address, Self.address)
        guard let fresh else { return }
        let node = slot.entry.load32(Self.node)
        if node != GraphShape.none {
            let pages = GraphPages(head: head)
            try pages.setAddress(node: node, ordinal: ordinal, to: address, in: editor)
        } else {
            // What stood there before the first graph was prepared is in neither, and `adopt`
            // sees by that that it was moved and not replaced.
            try fresh.slotIfPresent(UInt64(owner), ordinal, in: editor)?
                .store(address, Self.address)
        }
    }

    /// The address of a vector, nil when it is not there.
    ///
    /// - Throws: as `ColumnTree.find`.
    package func address(
        owner: UInt32,
        ordinal: UInt64,
        in view: PageView
    )
        throws(PageError) -> UInt64?
    {
        try tree.find(UInt64(owner), ordinal, in: view)?.load64(Self.address)
    }

    /// The entries nearest to a query, best first.
    ///
    /// `accept` is called only for entries that would be among the best. If `limits.count` entries
    /// are accepted, as many come back.
    ///
    /// - Throws: what `source` throws; as `ColumnTree.cursor`.
    /// - Complexity: O(entries of the scope · dimension).
    package func nearest(
        to query: borrowing PreparedQuery,
        in scope: VectorScope,
        limits: NearestLimits,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer {
        if scope == .all, nodeCount > 0 {
            let found = try walk(to: query, limits, view, source, accept)
            if let found { return found }
        }
        var search = ScanSearch(limits: limits)
        do throws(PageError) {
            switch scope {
            case .owner(let owner):
                try scan(owner, &search, query, view, accept)
            case .owners(let owners):
                for owner in owners { try scan(owner, &search, query, view, accept) }
            case .all:
                try scanAll(of: tree, &search, query, view, accept)
            }
        } catch {
            throw .pages(error)
        }
        return try finish(search, query, source)
    }

    /// Scans all entries of a tree of codes.
    func scanAll(
        of tree: ColumnTree,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ view: PageView,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        var cursor = try tree.cursor(in: view)
        try scan(&cursor, LeafLayout(tree.shape), &search, query, accept)
    }

    /// Scores the best at full precision.
    func finish(
        _ search: consuming ScanSearch,
        _ query: borrowing PreparedQuery,
        _ source: some VectorSource
    ) throws(VectorIndexError) -> NearestAnswer {
        do throws(VectorError) {
            return try search.finish(for: query, from: source)
        } catch {
            throw .vector(error)
        }
    }

    private func scan(
        _ owner: UInt32,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ view: PageView,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        var cursor = try tree.cursor(high: UInt64(owner), in: view)
        try scan(&cursor, LeafLayout(tree.shape), &search, query, accept)
    }

    private func scan(
        _ cursor: inout ColumnCursor,
        _ layout: LeafLayout,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        guard var leaf = try cursor.nextRun() else { return }
        while let next = try cursor.nextRun() {
            search.scan(layout.block(leaf), before: layout.block(next), for: query, accept: accept)
            leaf = next
        }
        search.scan(layout.block(leaf), for: query, accept: accept)
    }

    /// Where the columns stand in the leaves of an index.
    private struct LeafLayout {
        private let codes: Int
        private let codeByteCount: Int
        private let scales: Int
        private let biases: Int
        private let addresses: Int

        init(_ shape: ColumnShape) {
            codes = shape.offset(VectorIndex.code, 0)
            codeByteCount = shape.size(VectorIndex.code)
            scales = shape.offset(VectorIndex.scale, 0)
            biases = shape.offset(VectorIndex.bias, 0)
            addresses = shape.offset(VectorIndex.address, 0)
        }

        /// A leaf's entries as a block.
        ///
        /// SAFETY: the columns hold as many values as the block counts, and the page outlives the
        /// scan.
        func block(_ leaf: ColumnRun) -> CodeBlock {
            let first = leaf.range.lowerBound
            let base = unsafe leaf.page.base
            return unsafe CodeBlock(
                codes: (base + codes + first * codeByteCount).assumingMemoryBound(to: UInt8.self),
                scales: (base + scales).assumingMemoryBound(to: Float.self) + first,
                biases: (base + biases).assumingMemoryBound(to: Float.self) + first,
                addresses: (base + addresses).assumingMemoryBound(to: UInt64.self) + first,
                ordinals: leaf.keyPointer.assumingMemoryBound(to: UInt64.self) + 1,
                ordinalStride: 2,
                count: leaf.range.count
            )
        }
    }

    /// The exact scores of given entries, in their order; nil for one that has no vector.
    ///
    /// - Throws: as `nearest`.
    /// - Complexity: O(entries · (log count + dimension)).
    package func scores(
        of entries: [(owner: UInt32, ordinal: UInt64)],
        to query: borrowing PreparedQuery,
        view: PageView,
        source: some VectorSource
    ) throws(VectorIndexError) -> [Float?] {
        var addresses: [UInt64] = []
        var ordinals: [UInt64] = []
        var places: [Int] = []
        do throws(PageError) {
            for (place, entry) in entries.enumerated() {
                if let found = try address(owner: entry.owner, ordinal: entry.ordinal, in: view) {
                    addresses.append(found)
                    ordinals.append(entry.ordinal)
                    places.append(place)
                }
            }
        } catch {
            throw .pages(error)
        }
        var scores = [Float?](repeating: nil, count: entries.count)
        do throws(VectorError) {
            let exact = try query.scores(at: addresses, of: ordinals, from: source)
            for (place, score) in zip(places, exact) { scores[place] = score }
        } catch {
            throw .vector(error)
        }
        return scores
    }
}

extension PreparedQuery {
    /// The exact scores of the rows at the addresses.
    ///
    /// - Throws: what the source throws.
    func scores(
        at addresses: [UInt64],
        of ordinals: [UInt64],
        from source: some VectorSource
    ) throws(VectorError)
        -> [Float]
    {
        let count = addresses.count
        guard count > 0 else { return [] }
        let room = AlignedBytes(byteCount: count * 32)
        let rows = unsafe room.part(at: 0, of: UnsafeRawPointer.self)
        let copied = unsafe room.part(at: count * 8, of: UInt64.self)
        let exact = unsafe room.part(at: count * 16, of: Float.self)
        let norms = unsafe room.part(at: count * 20, of: Float.self)
        let owned = unsafe room.part(at: count * 24, of: UInt64.self)
        for (index, address) in addresses.enumerated() { unsafe copied[index] = address }
        for (index, ordinal) in ordinals.enumerated() { unsafe owned[index] = ordinal }
        try unsafe source.resolve(
            UnsafeBufferPointer(start: copied, count: count),
            of: owned,
            into: rows
        )
        unsafe score(rows: rows, count: count, into: exact, norms: norms)
        return (0..<count).map { unsafe exact[$0] }
    }
}
