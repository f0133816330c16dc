// Where the records of a graph's nodes stand in the pages of its two arrays: codes with their
// factors, which hardly ever change, and links with what a node stands for.
// Format: formats/vector-graph.md#pages.

internal import CKernels
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
    /// Bytes of a code's scale and bias.
    static let factorByteCount = 8
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
        codesPerPage = (PageLayout.size - Self.payload) / (codeByteCount + Self.factorByteCount)
        reciprocal = (1 << 36) / UInt64(codesPerPage) + 1
    }

    /// Where the factors start in a page of codes.
    var factors: Int { Self.payload + codesPerPage * codeByteCount }
    /// Where the factors of a node's code stand in its page: the scale, then the bias.
    ///
    /// They stand together, as a line that is not there costs a walk as much as a code does.
    @inline(__always)
    func factors(_ slot: Int) -> Int { factors &+ slot &* Self.factorByteCount }

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

/// One node's code with its factors.
///
/// SAFETY: as the nodes that it is of.
@safe
struct GraphCode {
    let code: UnsafePointer<UInt8>
    let scale: UnsafePointer<Float>
    let bias: UnsafePointer<Float>

    /// One whose parts stand somewhere else than in a page of codes.
    init(_ code: UnsafeRawPointer, scale: UnsafeRawPointer, bias: UnsafeRawPointer) {
        unsafe self.code = code.assumingMemoryBound(to: UInt8.self)
        unsafe self.scale = scale.assumingMemoryBound(to: Float.self)
        unsafe self.bias = bias.assumingMemoryBound(to: Float.self)
    }

    /// That of the n-th node of a page of codes.
    @inline(__always)
    init(_ page: UnsafeRawPointer, _ slot: Int, _ shape: GraphShape) {
        unsafe code = (page + GraphShape.payload + slot &* shape.codeByteCount)
            .assumingMemoryBound(to: UInt8.self)
        unsafe scale = (page + shape.factors(slot)).assumingMemoryBound(to: Float.self)
        unsafe bias = scale + 1
    }
}

/// A node that may be linked to, and how near it is.
struct GraphCandidate {
    var score: Float
    var node: UInt32
}

/// Nodes, wherever they are.
///
/// SAFETY: what is pointed to is readable for as long as the value lives. Numbers of nodes come
/// from pages that may be damaged: whoever follows a link holds it against `count`.
protocol GraphNodes {
    associatedtype Failure: Error
    var shape: GraphShape { get }
    /// All nodes have numbers below it; some numbers below it may be no node's.
    var count: UInt32 { get }
    /// Where a node's code and factors stand; the bias stands behind the scale.
    func code(_ node: UInt32) throws(Failure) -> GraphCode
    /// A node's links: `GraphShape.degree` numbers, from the first that is no node's on none.
    func links(_ node: UInt32) throws(Failure) -> UnsafePointer<UInt32>
}

extension GraphNodes {
    /// A node's links as an array.
    func linkList(_ node: UInt32) throws(Failure) -> [UInt32] {
        let links = try unsafe links(node)
        var list: [UInt32] = []
        list.reserveCapacity(GraphShape.degree + 1)
        for index in 0..<GraphShape.degree {
            let link = unsafe links[index]
            if link >= count { break }
            list.append(link)
        }
        return list
    }
}

extension UnsafeRawPointer {
    /// The links of the n-th node of a page of links.
    @inline(__always)
    func graphLinks(_ slot: Int) -> UnsafePointer<UInt32> {
        unsafe (self + GraphShape.payload + slot &* GraphShape.linkByteCount)
            .assumingMemoryBound(to: UInt32.self)
    }

    /// Has what the n-th node of a page of links stands for fetched.
    func fetchGraphSubject(_ slot: Int) {
        unsafe mneme_prefetch(self + GraphShape.owners + slot * 4, 4)
        unsafe mneme_prefetch(self + GraphShape.ordinals + slot * 8, 8)
        unsafe mneme_prefetch(self + GraphShape.addresses + slot * 8, 8)
    }

    /// What the n-th node of a page of links stands for.
    func graphSubject(_ slot: Int) -> GraphSubject {
        unsafe GraphSubject(
            owner: (self + GraphShape.owners + slot * 4).load(as: UInt32.self),
            ordinal: (self + GraphShape.ordinals + slot * 8).load(as: UInt64.self),
            address: (self + GraphShape.addresses + slot * 8).load(as: UInt64.self)
        )
    }
}

extension UnsafeMutableRawPointer {
    /// Writes what the n-th node of a page of links stands for.
    func setGraphSubject(_ subject: GraphSubject, _ slot: Int) {
        unsafe (self + GraphShape.owners + slot * 4).storeBytes(of: subject.owner, as: UInt32.self)
        unsafe (self + GraphShape.ordinals + slot * 8)
            .storeBytes(of: subject.ordinal, as: UInt64.self)
        unsafe (self + GraphShape.addresses + slot * 8)
            .storeBytes(of: subject.address, as: UInt64.self)
    }

    /// Writes the links of the n-th node of a page of links; at most `GraphShape.degree`.
    func setGraphLinks(_ list: some Collection<UInt32>, _ slot: Int) {
        let links = unsafe (self + GraphShape.payload + slot &* GraphShape.linkByteCount)
            .assumingMemoryBound(to: UInt32.self)
        var index = 0
        for link in list.prefix(GraphShape.degree) {
            unsafe links[index] = link
            index += 1
        }
        unsafe (links + index).update(repeating: GraphShape.none, count: GraphShape.degree - index)
    }

    /// Writes the code of the n-th node of a page of codes.
    func setGraphCode(_ code: GraphCode, _ slot: Int, _ shape: GraphShape) {
        let own = unsafe GraphCode(UnsafeRawPointer(self), slot, shape)
        unsafe UnsafeMutablePointer(mutating: own.code)
            .update(from: code.code, count: shape.codeByteCount)
        unsafe UnsafeMutablePointer(mutating: own.scale).pointee = code.scale.pointee
        unsafe UnsafeMutablePointer(mutating: own.bias).pointee = code.bias.pointee
    }
}
