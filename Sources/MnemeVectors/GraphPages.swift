// The pages of a graph's two arrays, as those see them who are not the graph's thread: they change
// nothing there but where the row of a node stands. Format: formats/vector-graph.md#pages.

package import MnemePages

/// The pages of the graph of one index.
package struct GraphPages: Sendable {
    /// The kind of pages of codes.
    package static let codeKind: UInt8 = 0x12
    /// The kind of pages of links.
    package static let linkKind: UInt8 = 0x13

    /// The head page of the index.
    private let head: PageID

    /// The pages that a head page names.
    package init(head: PageID) { self.head = head }

    /// Says where the row of a node stands now, if the node is that of the record.
    ///
    /// - Returns: whether it is.
    /// - Throws: `.corrupt` when the page of links is not there or is none; as `PageEditor.edit`.
    @discardableResult
    package func setAddress(
        node: UInt32,
        ordinal: UInt64,
        to address: UInt64,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        let (number, slot) = GraphShape.linkPlace(node)
        guard let id = Self.linkPage(number, of: try editor.page(head)) else { return false }
        let page = try editor.page(id)
        guard page.kind == Self.linkKind else {
            throw .corrupt(id: id.bits, place: 0, reason: "no page of links")
        }
        guard page.load32(GraphShape.owners + slot * 4) != GraphShape.none,
            page.load64(GraphShape.ordinals + slot * 8) == ordinal
        else { return false }
        try editor.edit(id).store(address, GraphShape.addresses + slot * 8)
        return true
    }

    /// The id of a page of links, nil beyond the last segment.
    private static func linkPage(_ number: Int, of head: Page) -> PageID? {
        let (place, index) = number.quotientAndRemainder(dividingBy: PageArray.segmentPages)
        let count = Int(head.load32(VectorHeadLayout.linkSegmentCount))
        guard place < min(count, VectorHeadLayout.segmentLimit) else { return nil }
        return PageArray.id(index, in: [head.load32(VectorHeadLayout.linkSegments + 4 * place)])
    }
}
