// Pages in memory and the way they come in: one at a time from the file, verified before anybody
// sees them. What no root needs any more comes back here.

internal import MnemeBase
internal import Synchronization

/// The memory and the file behind all roots of one page file.
package final class PageCache: Sendable {
    let pool = FramePool()
    let places: PlaceAllocator
    let reader: PageReader
    /// How many blocks there may be before something is to be let go.
    let bound = CacheBound()
    /// The roots that somebody looks at.
    let roots = LiveRoots()
    /// Blocks that branches hold.
    private let branchBlocks = Atomic<Int>(0)
    /// Held while an entry turns from a place into a frame, and while a node is copied.
    private let loading = Mutex(())

    init(file: any DiskFile, places: PlaceAllocator) {
        self.places = places
        reader = PageReader(file: file, pool: pool, places: places)
    }

    /// The entry of a page as it stands, 0 outside the directory.
    static func entry(_ id: PageID, _ directory: Directory) -> UInt64 {
        node(id, directory)?.load(Int(truncatingIfNeeded: id.number)) ?? 0
    }

    /// The node of a page, nil outside the directory.
    private static func node(_ id: PageID, _ directory: Directory) -> NodeEntries? {
        let index = Int(truncatingIfNeeded: id.number >> nodeShift)
        return index < directory.count ? unsafe NodeEntries(directory.nodes[index]) : nil
    }

    /// Brings a page in and puts it into the node that it was looked up through.
    package func load(_ id: PageID, _ directories: [Directory]) throws(PageError) -> Page {
        guard id.spaceIndex < directories.count else {
            throw .corrupt(id: id.bits, place: 0, reason: "no such space of pages")
        }
        let directory = directories[id.spaceIndex]
        let address: UInt64
        if let spot = Self.node(id, directory)?.spot(Int(truncatingIfNeeded: id.number)) {
            // Read without the lock: cold readers wait for the disk side by side.
            let frame = try reader.page(id, spot)
            address = loading.withLock { _ in install(frame, id, directory) }
            bound.note(sharedBlocks)
        } else {
            let node = Self.node(id, directory)
            address = node?.load(Int(truncatingIfNeeded: id.number)) ?? 0
            // Asked for once more since it was parked: it stays.
            if TableEntry.isParked(address) {
                let frame = UInt64(TableEntry.frame(address))
                node?.replace(address, by: frame, Int(truncatingIfNeeded: id.number))
            }
        }
        let frame = TableEntry.frame(address)
        guard let base = unsafe UnsafeRawPointer(bitPattern: frame) else {
            throw .corrupt(id: id.bits, place: 0, reason: "no such page")
        }
        return unsafe Page(base: base)
    }

    /// Puts a frame into the page's node, or gives it back when another reader was faster.
    private func install(_ frame: BlockAddress, _ id: PageID, _ directory: Directory) -> UInt64 {
        let entry = Self.entry(id, directory)
        guard TableEntry.isOnDisk(entry) else {
            pool.give(frame)
            return entry
        }
        let node = unsafe directory.nodes[Int(truncatingIfNeeded: id.number >> nodeShift)]
        if BlockHead(node).isSuperseded {
            BlockHead(frame).next = BlockHead(node).next
            BlockHead(node).next = frame
        }
        // What is asked for once, by a scan, is the first to go again.
        let parked = TableEntry.parked(frame)
        NodeEntries(node)?.store(parked, Int(truncatingIfNeeded: id.number))
        return parked
    }

    /// A copy of a node for a new editor; loads into the old one stay with the old one.
    func copyNode(_ node: BlockAddress, editor: UInt64) -> BlockAddress {
        let fresh = pool.take()
        BlockHead(fresh).editor = editor
        loading.withLock { _ in
            guard let source = NodeEntries(node), let target = NodeEntries(fresh) else { return }
            target.copy(source)
            BlockHead(node).isSuperseded = true
        }
        return fresh
    }

    /// A copy of a node for an editor that is never published: whatever is loaded into it goes with
    /// it, and the node stays the current one.
    func copyNodeAside(_ node: BlockAddress, editor: UInt64) -> BlockAddress {
        let fresh = pool.take()
        BlockHead(fresh).editor = editor
        BlockHead(fresh).isSuperseded = true
        loading.withLock { _ in
            guard let source = NodeEntries(node), let target = NodeEntries(fresh) else { return }
            target.copy(source)
        }
        return fresh
    }

    /// Counts blocks that branches hold: checkpoints and trims can do nothing about them.
    func countBranchBlocks(_ count: Int) { branchBlocks.add(count, ordering: .relaxed) }

    /// Blocks in use that are no branch's.
    var sharedBlocks: Int { pool.taken - branchBlocks.load(ordering: .relaxed) }

    /// Makes nodes whose copies were thrown away the current ones again.
    func revive(_ nodes: [BlockAddress]) {
        loading.withLock { _ in
            for node in nodes {
                BlockHead(node).isSuperseded = false
                BlockHead(node).next = 0
            }
        }
    }

    /// Puts frames that a discarded editor loaded where the root before it finds them, or gives
    /// them back when it has frames of its own for their pages.
    func adopt(_ frames: [BlockAddress], _ directories: [Directory]) {
        loading.withLock { _ in
            for frame in frames {
                let page = unsafe Page(base: UnsafeRawPointer(bitPattern: frame).unsafelyUnwrapped)
                let id = PageID(bits: page.load64(8))
                let entry = Self.entry(id, directories[id.spaceIndex])
                if TableEntry.frame(entry) == frame { continue }
                if TableEntry.isOnDisk(entry) {
                    let node = unsafe directories[id.spaceIndex].nodes[Int(id.number >> nodeShift)]
                    NodeEntries(node)?.store(
                        UInt64(frame),
                        Int(truncatingIfNeeded: id.number)
                    )
                } else {
                    pool.give(frame)
                }
            }
        }
    }

    /// Takes back what no root needs any more.
    func recycle(_ remains: [RootRemains]) {
        for part in remains {
            giveBack(part.evicted)
            var released = part.spots
            for block in part.blocks {
                let spot = BlockHead(block).spot
                if !spot.isNone { released.append(spot) }
            }
            giveBack(part.blocks)
            if !released.isEmpty { places.release(released, asOf: part.generation) }
        }
    }

    /// Gives blocks back, and with nodes the frames that they alone knew.
    func giveBack(_ blocks: [BlockAddress]) {
        var all = blocks
        for block in blocks {
            var loaded = BlockHead(block).next
            while loaded != 0 {
                all.append(loaded)
                loaded = BlockHead(loaded).next
            }
        }
        pool.give(all)
    }
}
