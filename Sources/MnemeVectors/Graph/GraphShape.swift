// Where the records of a graph's nodes stand in the pages of its two arrays: codes with their
// factors, which hardly ever change, and links with what a node stands for.
// Format: formats/vector-graph.md#pages.

internal import MnemePages

/// Sizes and places of node records.
struct GraphShape: Sendable, Equatable {
    /// The most links of a node.
    static let degree = 32
    /// No node.
    static let none = UInt32.max
    /// The most nodes of a graph.
    static let nodeLimit = 1 << 26
    /// Where records start in a page.
    static let payload = 64

    /// Nodes of a page of links.
    static let linksPerPage = 54
    static let linkByteCount = degree * 4
    static let ordinals = payload + linksPerPage * linkByteCount
    static let addresses = ordinals + linksPerPage * 8
    static let owners = addresses + linksPerPage * 8

    /// Bytes of a code; a multiple of 32.
    let codeByteCount: Int
    /// How closeness is measured.
    let metric: VectorMetric
    /// Nodes of a page of codes.
    let codesPerPage: Int
    /// 2^36 / `codesPerPage`, rounded up: a product and a shift divide a node's number.
    private let reciprocal: UInt64

    /// The shape of a graph over vectors of a shape.
    init(_ shape: VectorShape) {
        codeByteCount = shape.codeByteCount
        metric = shape.metric
        codesPerPage = (PageLayout.size - Self.payload) / (codeByteCount + 8)
        reciprocal = (1 << 36) / UInt64(codesPerPage) + 1
    }

    /// Where the scales start in a page of codes.
    var scales: Int { Self.payload + codesPerPage * codeByteCount }
    /// Where the biases start in a page of codes.
    var biases: Int { scales + codesPerPage * 4 }

    /// Pages of codes for so many nodes.
    func codePages(_ count: Int) -> Int { (count + codesPerPage - 1) / codesPerPage }
    /// Pages of links for so many nodes.
    static func linkPages(_ count: Int) -> Int { (count + linksPerPage - 1) / linksPerPage }

    /// The page of codes that has a node, and which of its nodes it is.
    ///
    /// - Precondition: `node < nodeLimit`, for which the product is exact.
    @inline(__always)
    func codePlace(_ node: UInt32) -> (page: Int, slot: Int) {
        let page = Int(truncatingIfNeeded: (UInt64(node) &* reciprocal) >> 36)
        return (page, Int(node) &- page &* codesPerPage)
    }

    /// The page of links that has a node, and which of its nodes it is.
    @inline(__always)
    static func linkPlace(_ node: UInt32) -> (page: Int, slot: Int) {
        let (page, slot) = Int(node).quotientAndRemainder(dividingBy: linksPerPage)
        return (page, slot)
    }
}

/// What a node stands for.
struct GraphSubject: Equatable, Sendable {
    /// Whose vector it is; `GraphShape.none` for a number that no node has.
    var owner: UInt32
    /// The record.
    var ordinal: UInt64
    /// Where the row stands.
    var address: UInt64
}

/// Nodes, wherever their pages are.
///
/// SAFETY: pages are readable for their whole size for as long as the value lives. Numbers of
/// nodes come from pages that may be damaged: whoever follows a link holds it against `count`.
protocol GraphNodes {
    associatedtype Failure: Error
    var shape: GraphShape { get }
    /// All nodes have numbers below it; some numbers below it may be no node's.
    var count: UInt32 { get }
    /// A page of codes.
    func codePage(_ page: Int) throws(Failure) -> UnsafeRawPointer
    /// A page of links.
    func linkPage(_ page: Int) throws(Failure) -> UnsafeRawPointer
}

/// One node's code with its factors.
struct GraphCode {
    let code: UnsafePointer<UInt8>
    let scale: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
}

extension GraphNodes {
    /// Where a node's code and factors stand.
    @inline(__always)
    func code(_ node: UInt32) throws(Failure) -> GraphCode {
        let (page, slot) = shape.codePlace(node)
        let base = unsafe try codePage(page)
        return unsafe GraphCode(
            code: (base + GraphShape.payload + slot &* shape.codeByteCount)
                .assumingMemoryBound(to: UInt8.self),
            scale: (base + shape.scales + slot &* 4).assumingMemoryBound(to: Float.self),
            bias: (base + shape.biases + slot &* 4).assumingMemoryBound(to: Float.self)
        )
    }

    /// A node's links: `GraphShape.degree` numbers, those from the first that is no node's on none.
    @inline(__always)
    func links(_ node: UInt32) throws(Failure) -> UnsafePointer<UInt32> {
        let (page, slot) = GraphShape.linkPlace(node)
        let base = unsafe try linkPage(page)
        return unsafe (base + GraphShape.payload + slot &* GraphShape.linkByteCount)
            .assumingMemoryBound(to: UInt32.self)
    }

    /// A node's links as an array.
    func linkList(_ node: UInt32) throws(Failure) -> [UInt32] {
        let links = unsafe try links(node)
        var list: [UInt32] = []
        list.reserveCapacity(GraphShape.degree)
        for index in 0..<GraphShape.degree {
            let link = unsafe links[index]
            if link >= count { break }
            list.append(link)
        }
        return list
    }

    /// What a node stands for.
    func subject(_ node: UInt32) throws(Failure) -> GraphSubject {
        let (page, slot) = GraphShape.linkPlace(node)
        let base = unsafe try linkPage(page)
        return unsafe GraphSubject(
            owner: (base + GraphShape.owners + slot * 4).load(as: UInt32.self),
            ordinal: (base + GraphShape.ordinals + slot * 8).load(as: UInt64.self),
            address: (base + GraphShape.addresses + slot * 8).load(as: UInt64.self)
        )
    }
}
