// A graph in memory of its own, while it is being built: pages side by side, as they will stand in
// the file.

internal import CKernels
internal import Glibc
internal import MnemePages

/// Pages of codes and of links in one piece of memory each.
///
/// SAFETY: pages lie inside the two allocations, which live as long as the value. Whoever builds
/// sees to it that no two threads touch the same node while one of them writes.
@safe
struct FlatGraph: GraphNodes, @unchecked Sendable {
    let shape: GraphShape
    let count: UInt32
    private let codes: UnsafeMutableRawPointer
    private let links: UnsafeMutableRawPointer
    /// What the pointers lead into.
    private let memory: LargeBytes

    /// A graph with room for so many nodes, none of which has links.
    init(_ shape: GraphShape, count: Int) {
        precondition(count <= GraphShape.nodeLimit)
        self.shape = shape
        self.count = UInt32(count)
        let codeBytes = shape.codePages(count) * PageLayout.size
        let linkBytes = GraphShape.linkPages(count) * PageLayout.size
        memory = LargeBytes(byteCount: codeBytes + linkBytes)
        unsafe codes = memory.base
        unsafe links = memory.base + codeBytes
        for node in 0..<UInt32(count) { setLinks([], of: node) }
    }

    @inline(__always)
    func codePage(_ page: Int) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(codes + page &* PageLayout.size)
    }

    @inline(__always)
    func linkPage(_ page: Int) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(links + page &* PageLayout.size)
    }

    /// Fills in a node.
    ///
    /// - Precondition: `code` has the shape's bytes.
    func set(
        _ node: UInt32,
        code: UnsafePointer<UInt8>,
        scale: Float,
        bias: Float,
        _ subject: GraphSubject
    ) {
        let place = unsafe self.code(node)
        unsafe UnsafeMutablePointer(mutating: place.code)
            .update(from: code, count: shape.codeByteCount)
        unsafe UnsafeMutablePointer(mutating: place.scale).pointee = scale
        unsafe UnsafeMutablePointer(mutating: place.bias).pointee = bias
        let (page, slot) = GraphShape.linkPlace(node)
        let base = unsafe UnsafeMutableRawPointer(mutating: linkPage(page))
        unsafe base.storeBytes(
            of: subject.owner,
            toByteOffset: GraphShape.owners + slot * 4,
            as: UInt32.self
        )
        unsafe base.storeBytes(
            of: subject.ordinal,
            toByteOffset: GraphShape.ordinals + slot * 8,
            as: UInt64.self
        )
        unsafe base.storeBytes(
            of: subject.address,
            toByteOffset: GraphShape.addresses + slot * 8,
            as: UInt64.self
        )
    }

    /// Replaces a node's links; at most `GraphShape.degree`.
    func setLinks(_ list: some Collection<UInt32>, of node: UInt32) {
        let links = unsafe UnsafeMutablePointer(mutating: self.links(node))
        var index = 0
        for link in list {
            unsafe links[index] = link
            index += 1
        }
        while index < GraphShape.degree {
            unsafe links[index] = GraphShape.none
            index += 1
        }
    }

    /// How many links a node has.
    func linkCount(_ node: UInt32) -> Int {
        let links = unsafe self.links(node)
        var index = 0
        while index < GraphShape.degree, unsafe links[index] < count { index += 1 }
        return index
    }

    func tryWalk(to query: UnsafePointer<mneme_code_query>, beam: Int, from entries: [UInt32], _ scratch: GraphScratch) -> GraphWalkCount {
        walk(to: query, beam: beam, from: entries, scratch)
    }

    /// The same graph with other numbers: what was node `order[i]` becomes node i.
    ///
    /// - Precondition: `order` names every node once.
    func renumbered(_ order: [UInt32]) -> FlatGraph {
        let other = FlatGraph(shape, count: order.count)
        var places = [UInt32](repeating: 0, count: order.count)
        for (place, node) in order.enumerated() { places[Int(node)] = UInt32(place) }
        for (place, node) in order.enumerated() {
            let code = unsafe self.code(node)
            unsafe other.set(
                UInt32(place),
                code: code.code,
                scale: code.scale.pointee,
                bias: code.bias.pointee,
                subject(node)
            )
            other.setLinks(linkList(node).lazy.map { places[Int($0)] }, of: UInt32(place))
        }
        return other
    }
}

/// Zeroed memory in the system's large pages, where it has them.
///
/// SAFETY: the base is valid for `byteCount` bytes for as long as the value lives.
@safe
final class LargeBytes: @unchecked Sendable {
    let base: UnsafeMutableRawPointer

    init(byteCount: Int) {
        let unit = 2 << 20
        let size = (max(byteCount, 1) + unit - 1) / unit * unit
        unsafe base = .allocate(byteCount: size, alignment: unit)
        unsafe madvise(base, size, MADV_HUGEPAGE)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit { unsafe base.deallocate() }
}
