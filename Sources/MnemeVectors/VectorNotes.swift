// A vector index for people who look into it: its head page, a vector's code, a node of its graph
// and whom it is linked to. Format: formats/vector-codes.md, formats/vector-graph.md.

package import MnemeBase
package import MnemePages

/// A node of a graph.
package struct InspectedNode: Sendable {
    package let number: UInt32
    /// Whose vector it is, and of which record; the owner is nil for a number that no node has.
    package let owner: UInt32?
    package let ordinal: UInt64
    /// Where the row stands.
    package let address: UInt64
    /// The nodes that it is linked to, in their order.
    package let links: [UInt32]
    /// Its bytes.
    package let notes: [ByteNote]
}

extension VectorIndex {
    /// The head page, byte by byte.
    ///
    /// - Throws: as `PageView.page`.
    package func headNotes(in view: PageView) throws(PageError) -> [ByteNote] {
        typealias Layout = VectorHeadLayout
        let page = try view.inspect(head)
        func tree(_ bits: UInt64) -> String {
            bits == 0 ? "none: there is no graph" : PageName.text(PageID(bits: bits))
        }
        var notes = ByteNotes(page.bytes)
        notes.offset = Layout.codes
        notes.number("codes", UInt64.self, tree)
        notes.number("fresh", UInt64.self, tree)
        notes.number("gone", UInt64.self, tree)
        notes.number("count", UInt32.self) { "nodes have numbers below \($0)" }
        notes.number("used", UInt32.self) { "\($0) of them are in use" }
        let entries = Int(notes.number("entry count", UInt32.self) { "walks begin at \($0) nodes" })
        notes.number("code segment count", UInt32.self)
        notes.number("link segment count", UInt32.self)
        notes.number("layout", UInt32.self)
        notes.offset = Layout.entries
        for _ in 0..<min(entries, Layout.entryLimit) {
            notes.number("entry", UInt32.self) { "node \($0)" }
        }
        return page.head(kindName: "head of a vector index") + notes.notes
    }

    /// The code of a vector, byte by byte, and its node; nil where the record has none.
    ///
    /// - Throws: as `ColumnTree.find`.
    package func codeNotes(
        owner: UInt32,
        ordinal: UInt64,
        in view: PageView
    ) throws(PageError) -> (notes: [ByteNote], node: UInt32?)? {
        guard let entry = try tree.find(UInt64(owner), ordinal, in: view) else { return nil }
        let columns = ["code", "scale", "bias", "address", "node"]
        var all: [ByteNote] = []
        var start = 0
        for (column, name) in columns.enumerated() {
            let bytes = entry.bytes(column)
            var notes = ByteNotes(bytes, at: start)
            notes.run(name, count: bytes.count) { Self.meaning(of: name, $0) }
            all += notes.notes
            start += bytes.count
        }
        let node = entry.load32(Self.node)
        return (all, node == GraphShape.none ? nil : node)
    }

    /// How many nodes the graph has, and those that walks begin with.
    ///
    /// - Throws: as `graph`.
    package func entryNodes(in view: PageView) throws(PageError) -> (count: UInt32, [UInt32]) {
        let graph = try graph(in: view)
        return (graph.count, graph.entries)
    }

    /// A node of the graph; nil where there is no such number.
    ///
    /// - Throws: `.corrupt` where a page of the graph is none; as `PageView.page`.
    package func node(_ number: UInt32, in view: PageView) throws(PageError) -> InspectedNode? {
        let graph = try graph(in: view)
        let shape = GraphShape(coder.shape)
        guard number < graph.count, number < UInt32(GraphShape.nodeLimit) else { return nil }
        let (linkPage, slot) = GraphShape.linkPlace(number)
        let (codePage, codeSlot) = shape.codePlace(number)
        guard let linksID = PageArray.id(linkPage, in: graph.linkSegments),
            let codesID = PageArray.id(codePage, in: graph.codeSegments)
        else { return nil }
        let links = try view.inspect(linksID)
        let codes = try view.inspect(codesID)
        var notes = ByteNotes(codes.bytes)
        notes.offset = GraphShape.payload + codeSlot * shape.codeByteCount
        notes.run("code", count: shape.codeByteCount) { "8 bits a component, \($0.count) of them" }
        notes.offset = shape.factors(codeSlot)
        notes.run("scale", count: 4) { Self.float($0) }
        notes.run("bias", count: 4) { Self.float($0) }
        let codeNotes = notes.notes
        notes = ByteNotes(links.bytes)
        notes.offset = GraphShape.payload + slot * GraphShape.linkByteCount
        var linked: [UInt32] = []
        for _ in 0..<GraphShape.degree {
            let link = notes.number("link", UInt32.self) {
                $0 == GraphShape.none ? "no more" : "node \($0)"
            }
            if link >= graph.count { break }
            linked.append(link)
        }
        notes.offset = GraphShape.ordinals + slot * 8
        let ordinal = notes.number("ordinal", UInt64.self) { "the vector of ordinal \($0)" }
        notes.offset = GraphShape.addresses + slot * 8
        let address = notes.number("address", UInt64.self) { "the row stands at \($0)" }
        notes.offset = GraphShape.owners + slot * 4
        let owner = notes.number("owner", UInt32.self) {
            $0 == GraphShape.none ? "no node has this number" : "owner \($0)"
        }
        return InspectedNode(
            number: number,
            owner: owner == GraphShape.none ? nil : owner,
            ordinal: ordinal,
            address: address,
            links: linked,
            notes: codeNotes + notes.notes
        )
    }

    private static func meaning(of name: String, _ bytes: [UInt8]) -> String {
        func number() -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        switch name {
        case "code": return "the scanned code, \(bytes.count) bytes"
        case "scale", "bias": return float(bytes)
        case "address": return "the row stands at \(number())"
        default:
            let node = UInt32(truncatingIfNeeded: number())
            return node == GraphShape.none ? "no node of the graph" : "node \(node)"
        }
    }

    private static func float(_ bytes: [UInt8]) -> String {
        let bits = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return "\(Float(bitPattern: bits))"
    }
}
