// The whole of an index, held against what always holds: the codes, what is fresh and what is gone,
// and the pages of the graph.

package import MnemePages

extension VectorIndex {
    /// The roots of its trees and the columns that they have to state.
    package var trees: [ColumnTree] { [tree, fresh, gone].compactMap(\.self) }

    /// Walks the head, every page of the trees, and every page of the graph.
    ///
    /// `andSlack`: bytes that nothing uses must be zero, as this program leaves them.
    /// - Throws: `.corrupt` at the first page that breaks an invariant; as `PageView.page`.
    /// - Complexity: O(pages + entries); with the slack O(bytes).
    package func checkStructure(_ root: PageRoot, andSlack: Bool = false) throws(PageError) {
        let graph = try graph(in: root.view)
        if andSlack, !graph.hasZeroSlack(try root.view.page(head)) {
            throw .corrupt(id: head.bits, place: 0, reason: Self.slack)
        }
        for tree in trees { try tree.checkStructure(root.view, andSlack: andSlack) }
        let shape = GraphShape(coder.shape)
        for (segments, kind, isNeeded) in [
            (graph.codeSegments, GraphPages.codeKind, shape.codePages(Int(graph.count))),
            (graph.linkSegments, GraphPages.linkKind, GraphShape.linkPages(Int(graph.count))),
        ] {
            for number in 0..<(segments.count * PageArray.segmentPages) {
                let id = PageArray.id(number, in: segments)?.bits ?? 0
                guard let page = try root.arrayPage(number, of: segments) else {
                    if number >= isNeeded { continue }
                    throw .corrupt(id: id, place: 0, reason: "a page of the graph is missing")
                }
                guard page.kind == kind else {
                    throw .corrupt(id: id, place: 0, reason: "no page of this array of a graph")
                }
                let isZero =
                    !andSlack
                    || (kind == GraphPages.codeKind
                        ? hasZeroHead(page) && hasZeroEnd(page, ofCodes: shape)
                        : hasZeroHead(page) && hasZeroSlack(page, ofLinks: number, graph.count))
                guard isZero else { throw .corrupt(id: id, place: 0, reason: Self.slack) }
            }
        }
        if andSlack { try checkFreeCodes(root, graph, shape) }
    }

    private static let slack = "bytes of no entry are not zero"

    private func hasZeroHead(_ page: Page) -> Bool {
        page.isZero(PageLayout.kind + 1, 7)
            && page.isZero(PageLayout.header, GraphShape.payload - PageLayout.header)
    }

    private func hasZeroEnd(_ page: Page, ofCodes shape: GraphShape) -> Bool {
        let end = shape.factors(shape.codesPerPage)
        return page.isZero(end, PageLayout.size - end)
    }

    /// Whether what is of no node is zero in a page of links.
    ///
    /// As long as no graph answers nobody knows which numbers are nodes.
    private func hasZeroSlack(_ page: Page, ofLinks number: Int, _ count: UInt32) -> Bool {
        let end = GraphShape.owners + GraphShape.linksPerPage * 4
        guard page.isZero(end, PageLayout.size - end) else { return false }
        guard count > 0 else { return true }
        for slot in 0..<GraphShape.linksPerPage {
            let node = number * GraphShape.linksPerPage + slot
            let owner = page.load32(GraphShape.owners + slot * 4)
            if node < Int(count), owner != GraphShape.none { continue }
            guard owner == 0 || owner == GraphShape.none,
                page.isZero(GraphShape.ordinals + slot * 8, 8),
                page.isZero(GraphShape.addresses + slot * 8, 8)
            else { return false }
            let links = GraphShape.payload + slot * GraphShape.linkByteCount
            for link in 0..<GraphShape.degree {
                let link = page.load32(links + link * 4)
                guard link == 0 || link == GraphShape.none else { return false }
            }
        }
        return true
    }

    /// Holds the codes of numbers that are no node's to be zero.
    private func checkFreeCodes(
        _ root: PageRoot,
        _ graph: GraphHead,
        _ shape: GraphShape
    ) throws(PageError) {
        guard graph.count > 0 else { return }
        let links = root.array(graph.linkSegments)
        for number in 0..<(graph.codeSegments.count * PageArray.segmentPages) {
            guard let page = try root.arrayPage(number, of: graph.codeSegments) else { continue }
            for slot in 0..<shape.codesPerPage {
                let node = number * shape.codesPerPage + slot
                if node < Int(graph.count) {
                    let (place, slot) = GraphShape.linkPlace(UInt32(node))
                    let owner = try links.page(place).load32(GraphShape.owners + slot * 4)
                    if owner != GraphShape.none { continue }
                }
                let isZero =
                    page.isZero(
                        GraphShape.payload + slot * shape.codeByteCount,
                        shape.codeByteCount
                    )
                    && page.isZero(shape.factors(slot), GraphShape.factorByteCount)
                guard isZero else {
                    let id = PageArray.id(number, in: graph.codeSegments)?.bits ?? 0
                    throw .corrupt(id: id, place: 0, reason: Self.slack)
                }
            }
        }
    }

    /// Holds entries, what is fresh, what is gone and nodes of the graph against each other.
    ///
    /// - Returns: what does not agree, for people; at most some twenty findings.
    /// - Throws: `.corrupt` when a page is not what it should be; as `PageView.page`.
    /// - Complexity: O(entries · log entries + nodes).
    package func findings(in root: PageRoot) throws(PageError) -> [String] {
        var check = GraphCheck(index: self, root: root, graph: try graph(in: root.view))
        return try check.run()
    }
}

/// Numbers of nodes, a bit each.
private struct NodeSet {
    private var words: [UInt64] = []

    /// Puts a number in; false when it was there.
    mutating func insert(_ node: UInt32) -> Bool {
        let word = Int(node >> 6)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        let bit = UInt64(1) << UInt64(node & 63)
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }

    func contains(_ node: UInt32) -> Bool {
        let word = Int(node >> 6)
        return word < words.count && words[word] & 1 << UInt64(node & 63) != 0
    }
}

private struct GraphCheck {
    let index: VectorIndex
    let root: PageRoot
    let graph: GraphHead
    private let links: ArrayPages
    /// Nodes that entries name.
    private var used = NodeSet()
    private var findings: [String] = []

    private static let limit = 20

    init(index: VectorIndex, root: PageRoot, graph: GraphHead) {
        self.index = index
        self.root = root
        self.graph = graph
        links = root.array(graph.linkSegments)
    }

    private var answers: Bool { graph.count > 0 }
    /// All nodes are below it; while none answers their number is not known.
    private var bound: UInt32 { answers ? graph.count : UInt32(GraphShape.nodeLimit) }

    private mutating func note(_ finding: String) { findings.append(finding) }

    mutating func run() throws(PageError) -> [String] {
        try compareEntries()
        if findings.count < Self.limit { try compareGone() }
        if findings.count < Self.limit, answers { try compareNodes() }
        return findings
    }

    private mutating func compareEntries() throws(PageError) {
        let view = root.view
        var fresh = 0
        var cursor = try index.tree.cursor(in: view)
        while let block = try cursor.next() {
            for place in block.range {
                guard findings.count < Self.limit else { return }
                let (owner, ordinal) = (block.high(place), block.low(place))
                let entry = block.entry(place)
                let node = entry.load32(VectorIndex.node)
                let isFresh = try isFresh(entry, owner, ordinal)
                if isFresh { fresh += 1 }
                if node != GraphShape.none {
                    try compare(entry, node, owner, ordinal, isFresh)
                } else if answers, !isFresh {
                    note("ordinal \(ordinal) is no node of the graph, and not fresh either")
                }
            }
        }
        let count = try index.freshCount(in: view)
        if count != fresh { note("\(count) vectors are fresh, \(fresh) of them have codes") }
    }

    /// Whether an entry is fresh; what is fresh under its key has to be the same.
    private mutating func isFresh(
        _ entry: ColumnEntry,
        _ owner: UInt64,
        _ ordinal: UInt64
    ) throws(PageError) -> Bool {
        guard let fresh = index.fresh, let found = try fresh.find(owner, ordinal, in: root.view)
        else { return false }
        for column in 0..<fresh.shape.count where found.bytes(column) != entry.bytes(column) {
            note("ordinal \(ordinal) is fresh with another code or address")
            break
        }
        return true
    }

    /// Holds an entry against its node.
    private mutating func compare(
        _ entry: ColumnEntry,
        _ node: UInt32,
        _ owner: UInt64,
        _ ordinal: UInt64,
        _ isFresh: Bool
    ) throws(PageError) {
        guard index.fresh != nil else {
            return note("ordinal \(ordinal) has node \(node), and there is no graph")
        }
        if isFresh { note("ordinal \(ordinal) is fresh, and has node \(node)") }
        guard node < bound else { return note("ordinal \(ordinal) has node \(node), of no graph") }
        guard used.insert(node) else { return note("node \(node) is that of two vectors") }
        let (page, slot) = GraphShape.linkPlace(node)
        let record = try links.page(page)
        guard UInt64(record.load32(GraphShape.owners + slot * 4)) == owner,
            record.load64(GraphShape.ordinals + slot * 8) == ordinal
        else { return note("node \(node) of ordinal \(ordinal) is another vector's") }
        let address = record.load64(GraphShape.addresses + slot * 8)
        if address != entry.load64(VectorIndex.address) {
            note("node \(node) of ordinal \(ordinal) has another address")
        }
    }

    private mutating func compareGone() throws(PageError) {
        guard let gone = index.gone else { return }
        var cursor = try gone.cursor(in: root.view)
        while let block = try cursor.next() {
            for place in block.range {
                guard findings.count < Self.limit else { return }
                let node = block.high(place)
                guard node < UInt64(bound), block.low(place) == 0 else {
                    note("node \(node) is gone, and there is none")
                    continue
                }
                if used.contains(UInt32(node)) { note("node \(node) is gone, and in use") }
            }
        }
    }

    /// Every number is that of a vector, of one that is gone, or free.
    private mutating func compareNodes() throws(PageError) {
        guard let gone = index.gone else { return }
        var free: UInt32 = 0
        for number in 0..<GraphShape.linkPages(Int(graph.count)) {
            let page = try links.page(number)
            for slot in 0..<GraphShape.linksPerPage {
                guard findings.count < Self.limit else { return }
                let node = UInt32(number * GraphShape.linksPerPage + slot)
                guard node < graph.count else { break }
                let isFree = page.load32(GraphShape.owners + slot * 4) == GraphShape.none
                if isFree { free += 1 }
                if used.contains(node) { continue }
                let isGone = try gone.find(UInt64(node), 0, in: root.view) != nil
                if isFree == isGone {
                    note("node \(node) is \(isFree ? "free, and gone" : "no vector's")")
                }
            }
        }
        if graph.used != graph.count - free {
            note("\(graph.used) nodes are counted, \(graph.count - free) are in use")
        }
    }
}
