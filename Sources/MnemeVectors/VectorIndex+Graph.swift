// What the graph's own thread asks of an index. A graph comes in three steps: `prepareGraph`, from
// which on whatever is put is noted as fresh; its pages, written by the thread, and `adopt` of its
// nodes; and a head page that says how many there are, from which on it answers. Vectors that were
// there before the first step and are no node yet are in neither tree until `adopt` has been
// through: the scan of all codes answers as long. Whatever is put, replaced, moved or removed
// meanwhile is right at the end, in whatever order it came.

package import MnemePages

/// How far the ending of a graph has come; begun anew it comes to the same.
package struct GraphEnding: Sendable {
    /// The first vector that may name a node still.
    fileprivate var next = ColumnKey(0, 0)
    fileprivate var namesNone = false

    /// Nothing is done yet.
    package init() {}
}

extension VectorIndex {
    /// What the head page says of the graph.
    ///
    /// - Throws: `.corrupt` when it contradicts itself; as `PageView.page`.
    /// - Complexity: O(entries + segments).
    package func graph(in view: PageView) throws(PageError) -> GraphHead {
        try GraphHead(try view.page(head), head, GraphShape(coder.shape))
    }

    /// What the head page says of the graph, as edited so far.
    ///
    /// - Throws: as the other.
    package func graph(in editor: PageEditor) throws(PageError) -> GraphHead {
        try GraphHead(try editor.page(head), head, GraphShape(coder.shape))
    }

    /// Writes down what there is of the graph; the index is to be opened again then.
    ///
    /// - Throws: as `PageEditor.edit`.
    /// - Precondition: a graph is prepared, and what is said keeps the limits of its page.
    package func setGraph(_ graph: GraphHead, in editor: PageEditor) throws(PageError) {
        precondition(fresh != nil, "no graph was prepared")
        graph.store(try editor.edit(head), GraphShape(coder.shape))
    }

    /// How many vectors no node of the graph has; 0 without a graph.
    ///
    /// - Throws: as `PageView.page`.
    package func freshCount(in view: PageView) throws(PageError) -> Int {
        try fresh?.count(in: view) ?? 0
    }

    /// How many nodes' vectors are gone; 0 without a graph.
    ///
    /// - Throws: as `PageView.page`.
    package func goneCount(in view: PageView) throws(PageError) -> Int {
        try gone?.count(in: view) ?? 0
    }

    /// Makes the index ready for a graph: from now on it is noted what is put and what goes.
    ///
    /// - Returns: the index as it is then; as it was where a graph was prepared before.
    /// - Throws: as `PageEditor.edit`.
    package func prepareGraph(in editor: PageEditor) throws(PageError) -> VectorIndex {
        if fresh != nil { return self }
        let fresh = ColumnTree.create(coder.freshColumns, in: editor)
        let gone = ColumnTree.create(ColumnShape(columns: []), in: editor)
        let page = try editor.edit(head)
        page.store(fresh.root.bits, VectorHeadLayout.fresh)
        page.store(gone.root.bits, VectorHeadLayout.gone)
        return try VectorIndex.open(coder, head, in: editor)
    }

    /// Takes nodes in, whose pages are written: each for a vector as it stood at its address when
    /// it was looked at, which was after the graph was prepared.
    ///
    /// A vector that is still that one has the node from now on, and is fresh no more. Of any other
    /// the node is gone.
    ///
    /// - Throws: as `ColumnTree.slot`, as `GraphPages.setAddress`.
    /// - Precondition: a graph is prepared.
    /// - Complexity: O(nodes · log count).
    package func adopt(
        nodes: [(owner: UInt32, ordinal: UInt64, node: UInt32, address: UInt64)],
        in editor: PageEditor
    ) throws(PageError) {
        guard let fresh, let gone else { preconditionFailure("no graph was prepared") }
        for one in nodes {
            if try take(one.owner, one.ordinal, one.node, one.address, fresh, editor) { continue }
            _ = try gone.slot(UInt64(one.node), 0, in: editor)
        }
    }

    /// Gives a vector its node; false when it is not there as the node has it.
    private func take(
        _ owner: UInt32,
        _ ordinal: UInt64,
        _ node: UInt32,
        _ address: UInt64,
        _ fresh: ColumnTree,
        _ editor: PageEditor
    ) throws(PageError) -> Bool {
        guard let slot = try tree.slotIfPresent(UInt64(owner), ordinal, in: editor),
            slot.entry.load32(Self.node) == GraphShape.none
        else { return false }
        let now = slot.entry.load64(Self.address)
        if now != address {
            // Whatever was put since is fresh; what is not was moved.
            let isFresh = try fresh.find(UInt64(owner), ordinal, in: editor.view) != nil
            if isFresh { return false }
            let pages = GraphPages(head: head)
            guard try pages.setAddress(node: node, ordinal: ordinal, to: now, in: editor) else {
                try refresh(slot.entry, UInt64(owner), ordinal, fresh, editor)
                return false
            }
        }
        slot.store(node, Self.node)
        try fresh.remove(UInt64(owner), ordinal, in: editor)
        return true
    }

    /// Notes a vector as fresh, as its entry of the codes says.
    private func refresh(
        _ entry: ColumnEntry,
        _ owner: UInt64,
        _ ordinal: UInt64,
        _ fresh: ColumnTree,
        _ editor: PageEditor
    ) throws(PageError) {
        let slot = try fresh.slot(owner, ordinal, in: editor)
        for column in 0..<fresh.shape.count { slot.store(entry.bytes(column), column) }
    }

    /// Ends the graph, a part at a time.
    ///
    /// No vector has a node then, and its pages and both trees are free. From the first part on it
    /// does not answer any more.
    ///
    /// Between parts the index may be changed; nothing is adopted any more. `limit`: about as many
    /// pages are gone through.
    ///
    /// - Returns: whether all is done; the index is to be opened again then.
    /// - Throws: as `PageEditor.edit`.
    package func endGraph(
        _ ending: inout GraphEnding,
        pages limit: Int,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        guard let fresh, let gone else { return true }
        var graph = try graph(in: editor)
        if graph.count > 0 {
            (graph.count, graph.used, graph.entries) = (0, 0, [])
            try setGraph(graph, in: editor)
        }
        var left = max(1, limit)
        if !ending.namesNone {
            try forgetNodes(&ending, &left, editor)
            guard ending.namesNone else { return false }
        }
        while left > 0,
            let segments = [graph.codeSegments, graph.linkSegments].first(where: {
                !$0.isEmpty
            })
        {
            let last = (segments.count - 1) * PageArray.segmentPages
            for number in last..<(last + PageArray.segmentPages) {
                editor.drop(page: number, of: segments)
            }
            if graph.codeSegments.isEmpty {
                graph.linkSegments.removeLast()
            } else {
                graph.codeSegments.removeLast()
            }
            left -= PageArray.segmentPages
        }
        try setGraph(graph, in: editor)
        guard graph == GraphHead() else { return false }
        try fresh.destroy(in: editor)
        try gone.destroy(in: editor)
        let page = try editor.edit(head)
        page.store(UInt64(0), VectorHeadLayout.fresh)
        page.store(UInt64(0), VectorHeadLayout.gone)
        return true
    }

    /// Takes their nodes from the vectors of so many leaves.
    private func forgetNodes(
        _ ending: inout GraphEnding,
        _ left: inout Int,
        _ editor: PageEditor
    ) throws(PageError) {
        var keys: [ColumnKey] = []
        var cursor = try tree.cursor(from: ending.next, in: editor.view)
        ending.namesNone = true
        while let block = try cursor.next() {
            if left <= 0 {
                let first = block.range.lowerBound
                ending.next = ColumnKey(block.high(first), block.low(first))
                ending.namesNone = false
                break
            }
            left -= 1
            for index in block.range
            where block.entry(index).load32(Self.node) != GraphShape.none {
                keys.append(ColumnKey(block.high(index), block.low(index)))
            }
        }
        for key in keys {
            try tree.slotIfPresent(key.high, key.low, in: editor)?
                .store(GraphShape.none, Self.node)
        }
    }
}
