// The head page of a vector index: where its trees are, and what there is of a graph. The index is
// known by this page's id, which never changes. Format: formats/vector-graph.md#head.

internal import MnemePages

/// Sizes and places in a head page.
enum VectorHeadLayout {
    static let kind: UInt8 = 0x11
    /// Roots of trees, eight bytes each; of `fresh` and `gone` 0 where there is no graph.
    static let codes = 32
    static let fresh = 40
    static let gone = 48
    /// Node numbers of the graph and those in use, four bytes each.
    static let count = 56
    static let used = 60
    /// How many entries and segments follow, four bytes each.
    static let entryCount = 64
    static let codeSegmentCount = 68
    static let linkSegmentCount = 72
    /// How the factors of codes stand in their pages, four bytes.
    static let layout = 76
    /// Zero up to the entries.
    static let reserved = 80
    static let entries = 96
    static let entryLimit = 64
    static let codeSegments = entries + 4 * entryLimit
    static let segmentLimit = 980
    static let linkSegments = codeSegments + 4 * segmentLimit
    static let end = linkSegments + 4 * segmentLimit

    /// The layout of pages as they are written now.
    ///
    /// In those of a layout before it no node is believed: such a graph does not answer, and is
    /// made anew.
    static let newest: UInt32 = 1

    /// How many nodes the graph of a head page answers with.
    static func nodeCount(_ page: Page) -> UInt32 {
        page.load32(layout) == newest ? page.load32(count) : 0
    }
}

/// What a head page says of a graph.
package struct GraphHead: Equatable, Sendable {
    /// All nodes have numbers below it; 0 as long as no graph answers.
    package var count: UInt32 = 0
    /// How many of the numbers are in use.
    package var used: UInt32 = 0
    /// Nodes that walks begin with, at most `entryLimit`.
    package var entries: [UInt32] = []
    /// The segments of the array of codes, at most `segmentLimit`.
    package var codeSegments: [UInt32] = []
    /// The segments of the array of links, at most `segmentLimit`.
    package var linkSegments: [UInt32] = []

    /// The most entries.
    package static var entryLimit: Int { VectorHeadLayout.entryLimit }
    /// The most segments of one array.
    package static var segmentLimit: Int { VectorHeadLayout.segmentLimit }

    /// No graph.
    package init() {}

    /// What a head page says, which is the page of `id`.
    ///
    /// - Throws: `.corrupt` when a count breaks a limit, an entry is no node, or the segments have
    ///   no room for the nodes.
    /// - Complexity: O(entries + segments).
    init(_ page: Page, _ id: PageID, _ shape: GraphShape) throws(PageError) {
        typealias Layout = VectorHeadLayout
        let layout = page.load32(Layout.layout)
        guard layout <= Layout.newest else {
            throw .corrupt(id: id.bits, place: 0, reason: "a graph of a layout that is not known")
        }
        if layout == Layout.newest {
            count = Layout.nodeCount(page)
            used = page.load32(Layout.used)
            entries = try Self.list(page, id, Layout.entryCount, Layout.entries, Layout.entryLimit)
        }
        codeSegments = try Self.list(
            page,
            id,
            Layout.codeSegmentCount,
            Layout.codeSegments,
            Layout.segmentLimit
        )
        linkSegments = try Self.list(
            page,
            id,
            Layout.linkSegmentCount,
            Layout.linkSegments,
            Layout.segmentLimit
        )
        guard fits(shape) else {
            throw .corrupt(id: id.bits, place: 0, reason: "a graph that contradicts itself")
        }
        let isBare = count == 0 && codeSegments.isEmpty && linkSegments.isEmpty
        guard isBare || page.load64(Layout.fresh) != 0 else {
            throw .corrupt(id: id.bits, place: 0, reason: "a graph without its trees")
        }
    }

    private static func list(
        _ page: Page,
        _ id: PageID,
        _ count: Int,
        _ start: Int,
        _ limit: Int
    ) throws(PageError) -> [UInt32] {
        let count = page.load32(count)
        guard count <= UInt32(limit) else {
            throw .corrupt(id: id.bits, place: 0, reason: "a list beyond its limit in a head page")
        }
        return (0..<Int(count)).map { page.load32(start + 4 * $0) }
    }

    /// Whether counts, entries and segments go together.
    private func fits(_ shape: GraphShape) -> Bool {
        guard count <= UInt32(GraphShape.nodeLimit), used <= count else { return false }
        for entry in entries where entry >= count { return false }
        let pages = PageArray.segmentPages
        return entries.count <= Self.entryLimit && codeSegments.count <= Self.segmentLimit
            && linkSegments.count <= Self.segmentLimit
            && shape.codePages(Int(count)) <= codeSegments.count * pages
            && GraphShape.linkPages(Int(count)) <= linkSegments.count * pages
    }

    /// Writes it into a head page; the page's roots stay.
    ///
    /// - Precondition: it keeps the limits, its entries are nodes, and the segments have room.
    func store(_ page: MutablePage, _ shape: GraphShape) {
        typealias Layout = VectorHeadLayout
        precondition(fits(shape), "a graph that contradicts itself")
        page.clear(Layout.count, Layout.end - Layout.count)
        page.store(Layout.newest, Layout.layout)
        page.store(count, Layout.count)
        page.store(used, Layout.used)
        for (list, count, start) in [
            (entries, Layout.entryCount, Layout.entries),
            (codeSegments, Layout.codeSegmentCount, Layout.codeSegments),
            (linkSegments, Layout.linkSegmentCount, Layout.linkSegments),
        ] {
            page.store(UInt32(list.count), count)
            for (index, value) in list.enumerated() { page.store(value, start + 4 * index) }
        }
    }

    /// Whether every byte of a head page is zero that it says nothing in.
    func hasZeroSlack(_ page: Page) -> Bool {
        typealias Layout = VectorHeadLayout
        // Of a layout before this one entries stand there that are not believed.
        let entryCount = min(Int(page.load32(Layout.entryCount)), Layout.entryLimit)
        let parts = [
            (PageLayout.kind + 1, PageLayout.kind + 8), (Layout.reserved, Layout.entries),
            (Layout.entries + 4 * entryCount, Layout.codeSegments),
            (Layout.codeSegments + 4 * codeSegments.count, Layout.linkSegments),
            (Layout.linkSegments + 4 * linkSegments.count, PageLayout.size),
        ]
        for (start, end) in parts where !page.isZero(start, end - start) { return false }
        return true
    }
}
