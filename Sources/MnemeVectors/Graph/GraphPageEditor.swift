// Changes of a graph's pages, made by the writer. Pages come with the first node that needs them;
// what a node leaves behind is zeroed. Format: formats/vector-graph.md#pages.

internal import MnemePages

/// The pages of a graph under an editor.
struct GraphPageEditor {
    private let shape: GraphShape
    private let editor: PageEditor
    /// The segments of the two arrays; who made pages writes them down.
    private(set) var codeSegments: [UInt32]
    private(set) var linkSegments: [UInt32]

    init(
        _ shape: GraphShape,
        codeSegments: [UInt32],
        linkSegments: [UInt32],
        _ editor: PageEditor
    ) {
        self.shape = shape
        self.editor = editor
        self.codeSegments = codeSegments
        self.linkSegments = linkSegments
    }

    /// Copies pages of codes of a graph that was built aside.
    mutating func installCodes(_ pages: Range<Int>, of graph: FlatGraph) throws(PageError) {
        for page in pages {
            let target = try Self.page(page, &codeSegments, GraphPages.codeKind, editor)
            unsafe Self.copy(graph.codePage(page), into: target)
        }
    }

    /// Copies pages of links of a graph that was built aside.
    mutating func installLinks(_ pages: Range<Int>, of graph: FlatGraph) throws(PageError) {
        for page in pages {
            let target = try Self.page(page, &linkSegments, GraphPages.linkKind, editor)
            unsafe Self.copy(graph.linkPage(page), into: target)
        }
    }

    private static func copy(_ source: UnsafeMutableRawPointer, into target: MutablePage) {
        let start = GraphShape.payload
        unsafe (target.base + start)
            .copyMemory(from: source + start, byteCount: PageLayout.size - start)
    }

    /// Writes a node.
    mutating func set(_ arrival: GraphArrival, _ links: [UInt32]) throws(PageError) {
        let place = shape.codePlace(arrival.node)
        let codes = try Self.page(place.page, &codeSegments, GraphPages.codeKind, editor)
        codes.store(
            arrival.code,
            from: 0,
            count: shape.codeByteCount,
            at: GraphShape.payload + place.slot * shape.codeByteCount
        )
        codes.store(arrival.scale.bitPattern, shape.factors(place.slot))
        codes.store(arrival.bias.bitPattern, shape.factors(place.slot) + 4)
        let (page, slot) = GraphShape.linkPlace(arrival.node)
        let target = try Self.page(page, &linkSegments, GraphPages.linkKind, editor)
        unsafe target.base.setGraphSubject(arrival.subject, slot)
        unsafe target.base.setGraphLinks(links, slot)
    }

    /// Replaces a node's links.
    mutating func setLinks(_ links: [UInt32], of node: UInt32) throws(PageError) {
        let (page, slot) = GraphShape.linkPlace(node)
        let target = try Self.page(page, &linkSegments, GraphPages.linkKind, editor)
        unsafe target.base.setGraphLinks(links, slot)
    }

    /// Takes a node out: its code, its links, and what it stood for.
    mutating func clear(_ node: UInt32) throws(PageError) {
        let place = shape.codePlace(node)
        let codes = try Self.page(place.page, &codeSegments, GraphPages.codeKind, editor)
        codes.clear(
            GraphShape.payload + place.slot * shape.codeByteCount,
            shape.codeByteCount
        )
        codes.clear(shape.factors(place.slot), GraphShape.factorByteCount)
        let (page, slot) = GraphShape.linkPlace(node)
        let target = try Self.page(page, &linkSegments, GraphPages.linkKind, editor)
        let nobody = GraphSubject(owner: GraphShape.none, ordinal: 0, address: 0)
        unsafe target.base.setGraphSubject(nobody, slot)
        unsafe target.base.setGraphLinks([], slot)
    }

    /// A page for writing, made when it is not there.
    private static func page(
        _ number: Int,
        _ segments: inout [UInt32],
        _ kind: UInt8,
        _ editor: PageEditor
    ) throws(PageError) -> MutablePage {
        while number >= segments.count * PageArray.segmentPages {
            segments.append(editor.freeSegment())
            // A segment is taken when it has a page.
            try makePage(PageArray.segmentPages * (segments.count - 1), segments, kind, editor)
        }
        guard let id = PageArray.id(number, in: segments) else {
            throw .corrupt(id: 0, place: 0, reason: "a page beyond the end of an array")
        }
        if !editor.holds(id) { try makePage(number, segments, kind, editor) }
        return try editor.edit(id)
    }

    private static func makePage(
        _ number: Int,
        _ segments: [UInt32],
        _ kind: UInt8,
        _ editor: PageEditor
    ) throws(PageError) {
        guard let id = PageArray.id(number, in: segments) else {
            throw .corrupt(id: 0, place: 0, reason: "a page beyond the end of an array")
        }
        let page = editor.create(id, kind: kind)
        guard kind == GraphPages.linkKind else { return }
        let nobody = GraphSubject(owner: GraphShape.none, ordinal: 0, address: 0)
        for slot in 0..<GraphShape.linksPerPage {
            unsafe page.base.setGraphSubject(nobody, slot)
            unsafe page.base.setGraphLinks([], slot)
        }
    }
}
