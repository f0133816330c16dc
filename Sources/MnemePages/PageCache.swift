// Pages in memory and the way they come in: one at a time from the file, verified before anybody
// sees them. What no root needs any more comes back here.

internal import MnemeBase
internal import Synchronization

/// The memory and the file behind all roots of one page file.
package final class PageCache: Sendable {
    let pool = FramePool()
    let places: PlaceAllocator
    private let file: any DiskFile
    /// The checkpoint that the file was opened at: whatever is read from disk it or an older one
    /// wrote.
    private let openedAt: UInt64
    /// Held while an entry turns from a place into a frame, and while a node is copied.
    private let loading = Mutex(())

    init(file: any DiskFile, places: PlaceAllocator, openedAt: UInt64) {
        self.file = file
        self.openedAt = openedAt
        self.places = places
    }

    /// The entry of a page as it stands, 0 outside the directory.
    static func entry(_ id: PageID, _ directory: Directory) -> UInt64 {
        let index = Int(truncatingIfNeeded: id.number >> 10)
        guard index < directory.count, let entries = unsafe NodeEntries(directory.nodes[index])
        else { return 0 }
        return entries.load(Int(truncatingIfNeeded: id.number))
    }

    /// Brings a page in and puts it into the node that it was looked up through.
    package func load(_ id: PageID, _ directories: [Directory]) throws(PageError) -> Page {
        guard id.spaceIndex < directories.count else {
            throw .corrupt(id: id.bits, place: 0, reason: "no such space of pages")
        }
        let directory = directories[id.spaceIndex]
        var address = Self.entry(id, directory)
        if TableEntry.isOnDisk(address) {
            // Read without the lock: cold readers wait for the disk side by side.
            let frame = try read(id, place: TableEntry.place(address))
            address = loading.withLock { _ in install(frame, id, directory) }
        }
        guard let base = unsafe UnsafeRawPointer(bitPattern: UInt(address)) else {
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
        let node = unsafe directory.nodes[Int(truncatingIfNeeded: id.number >> 10)]
        if BlockHead(node).isSuperseded {
            BlockHead(frame).next = BlockHead(node).next
            BlockHead(node).next = frame
        }
        NodeEntries(node)?.store(UInt64(frame), Int(truncatingIfNeeded: id.number))
        return UInt64(frame)
    }

    /// Reads and verifies one page into a fresh frame.
    func read(_ id: PageID, place: UInt64) throws(PageError) -> BlockAddress {
        let frame = pool.take()
        do throws(DiskError) {
            guard let base = unsafe UnsafeMutableRawPointer(bitPattern: frame) else {
                preconditionFailure("block 0")
            }
            var span = unsafe MutableRawSpan(
                _unsafeStart: base,
                byteCount: PageLayout.size
            )
            try file.read(into: &span, at: place * UInt64(PageLayout.size))
        } catch {
            pool.give(frame)
            throw .disk(error)
        }
        let page = unsafe Page(base: UnsafeRawPointer(bitPattern: frame).unsafelyUnwrapped)
        if let reason = damage(page, id: id.bits, place: place) {
            pool.give(frame)
            throw .corrupt(id: id.bits, place: place, reason: reason)
        }
        BlockHead(frame).place = place
        return frame
    }

    /// What is wrong with a page read from `place`, or nil.
    private func damage(_ page: Page, id: UInt64, place: UInt64) -> String? {
        if Self.checksum(page, place: place) != page.load64(0) {
            return "checksum does not match"
        }
        if page.load64(8) != id { return "another page stands here" }
        // An older root block was taken up although a newer checkpoint has reused its places.
        if page.load64(PageLayout.checkpoint) > openedAt { return "a newer checkpoint's page" }
        return nil
    }

    /// The checksum of all bytes after the first eight, seeded with the place.
    static func checksum(_ page: Page, place: UInt64) -> UInt64 {
        let bytes = unsafe UnsafeRawBufferPointer(
            start: page.base + 8,
            count: PageLayout.size - 8
        )
        return Checksum.xxh3(unsafe RawSpan(_unsafeBytes: bytes), seed: place)
    }

    /// A copy of a node for a new editor; loads into the old one stay with the old one.
    func copyNode(_ node: BlockAddress, editor: UInt64) -> BlockAddress {
        let fresh = pool.take()
        BlockHead(fresh).editor = editor
        loading.withLock { _ in
            guard let source = NodeEntries(node), let target = NodeEntries(fresh) else { return }
            for index in 0..<nodeEntries { target.store(source.load(index), index) }
            BlockHead(node).isSuperseded = true
        }
        return fresh
    }

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
                if entry == UInt64(frame) { continue }
                if TableEntry.isOnDisk(entry) {
                    let node = unsafe directories[id.spaceIndex].nodes[Int(id.number >> 10)]
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

    /// Takes back blocks and places that no root up to `generation` − 1 needs any more.
    func recycle(_ blocks: [BlockAddress], places freed: [UInt64], asOf generation: UInt64) {
        var released = freed
        for block in blocks {
            let head = BlockHead(block)
            if head.place != 0 { released.append(head.place) }
            var loaded = head.next
            while loaded != 0 {
                let next = BlockHead(loaded).next
                pool.give(loaded)
                loaded = next
            }
            pool.give(block)
        }
        if !released.isEmpty { places.release(released, asOf: generation) }
    }
}
