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

    /// A page of codes.
    @inline(__always)
    func codePage(_ page: Int) -> UnsafeMutableRawPointer {
        unsafe codes + page &* PageLayout.size
    }

    /// A page of links.
    @inline(__always)
    func linkPage(_ page: Int) -> UnsafeMutableRawPointer {
        unsafe links + page &* PageLayout.size
    }

    @inline(__always)
    func code(_ node: UInt32) -> GraphCode {
        let (page, slot) = shape.codePlace(node)
        return unsafe GraphCode(UnsafeRawPointer(codePage(page)), slot, shape)
    }

    @inline(__always)
    func links(_ node: UInt32) -> UnsafePointer<UInt32> {
        let (page, slot) = GraphShape.linkPlace(node)
        return unsafe UnsafeRawPointer(linkPage(page)).graphLinks(slot)
    }

    /// What a node stands for.
    func subject(_ node: UInt32) -> GraphSubject {
        let (page, slot) = GraphShape.linkPlace(node)
        return unsafe UnsafeRawPointer(linkPage(page)).graphSubject(slot)
    }

    /// Fills in a node.
    func set(_ node: UInt32, _ code: GraphCode, _ subject: GraphSubject) {
        let place = shape.codePlace(node)
        unsafe codePage(place.page).setGraphCode(code, place.slot, shape)
        let (page, slot) = GraphShape.linkPlace(node)
        unsafe linkPage(page).setGraphSubject(subject, slot)
    }

    /// Replaces a node's links; at most `GraphShape.degree`.
    func setLinks(_ list: some Collection<UInt32>, of node: UInt32) {
        let (page, slot) = GraphShape.linkPlace(node)
        unsafe linkPage(page).setGraphLinks(list, slot)
    }

    /// How many links a node has.
    func linkCount(_ node: UInt32) -> Int {
        let links = unsafe self.links(node)
        var index = 0
        while index < GraphShape.degree, unsafe links[index] < count { index += 1 }
        return index
    }

    /// `walk`, for callers beyond the room.
    func search(
        _ query: UnsafePointer<mneme_code_query>,
        beam: Int,
        from entries: [UInt32],
        _ scratch: GraphScratch
    ) -> GraphWalkCount {
        unsafe walk(to: query, beam: beam, from: entries, scratch)
    }

    /// The same graph with other numbers: what was node `order[i]` becomes node i.
    ///
    /// - Precondition: `order` names every node once.
    func renumbered(_ order: [UInt32]) -> FlatGraph {
        let other = FlatGraph(shape, count: order.count)
        var places = [UInt32](repeating: 0, count: order.count)
        for (place, node) in order.enumerated() { places[Int(node)] = UInt32(place) }
        for (place, node) in order.enumerated() {
            other.set(UInt32(place), code(node), subject(node))
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
