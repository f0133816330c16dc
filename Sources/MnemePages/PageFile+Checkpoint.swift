// Writing a checkpoint. It works on a root that nobody changes, beside readers and the writer; the
// writer's newer pages are not its business. Nothing that the durable root block reaches is
// overwritten, so a power cut at any moment leaves one whole checkpoint.

internal import MnemeBase
internal import Synchronization

extension PageFile {
    /// Writes every page of `root` that is not on disk yet and makes `root` the durable state.
    ///
    /// `payload`: what the store wants to find when it opens; at most 4,096 bytes.
    /// Extents that it or the root names must be held on to until this returns.
    /// - Throws: `.disk`; the durable state is then the one before, or the new one if only the root
    ///   block was refused or its sync failed. The file must not be checkpointed again after a
    ///   failed sync.
    /// - Precondition: one checkpoint at a time, of roots in order; the same root may be written
    ///   again, with another payload.
    package func checkpoint(_ root: PageRoot, payload: [UInt8]) throws(PageError) {
        var writer = PlaceWriter(
            file: file,
            places: places,
            checkpoint: places.beginCheckpoint()
        )
        do throws(DiskError) {
            let directoryPlaces = try write(root, &writer)
            let block = RootBlock(
                identity: identity,
                generation: root.generation,
                checkpoint: writer.checkpoint,
                nodeCounts: root.directories.map(\.count),
                directoryPlaces: directoryPlaces,
                payload: payload
            )
            try makeDurable(block, &writer)
        } catch {
            writer.undo()
            throw .disk(error)
        }
    }

    /// Writes the root block over the older one and syncs it.
    private func makeDurable(
        _ block: RootBlock,
        _ writer: inout PlaceWriter
    ) throws(DiskError) {
        let before = checkpointed.withLock { $0 }
        let slot = rootSlot(after: before)
        do throws(DiskError) {
            try file.write(block.bytes(slot: slot), at: slot * UInt64(PageLayout.size))
            try file.sync()
        } catch {
            // The block may stand there whole all the same: what it names is left as it is until
            // the next one has taken its slot.
            writer.keep()
            places.releaseAfterNextCheckpoint(block.directoryPlaces)
            throw error
        }
        places.becameDurable(block.generation, checkpoint: writer.checkpoint)
        places.release(before.directoryPlaces, asOf: block.generation)
        checkpointed.withLock {
            $0 = CheckpointState(
                generation: block.generation,
                directoryPlaces: block.directoryPlaces,
                slot: slot
            )
        }
    }

    /// Writes and syncs everything but the root block; the places of the directory pages.
    private func write(
        _ root: PageRoot,
        _ writer: inout PlaceWriter
    )
        throws(DiskError) -> [UInt64]
    {
        var nodePlaces: [UInt64] = []
        for (space, directory) in root.directories.enumerated() {
            for index in 0..<directory.count {
                let node = unsafe directory.nodes[index]
                nodePlaces.append(
                    try place(ofNode: node, space: space, index: index, &writer)
                )
            }
        }
        var directoryPlaces: [UInt64] = []
        for (index, start) in stride(
            from: 0,
            to: nodePlaces.count,
            by: PageBlockKind.directoryEntries
        ).enumerated() {
            let end = min(start + PageBlockKind.directoryEntries, nodePlaces.count)
            var image = PageImage(PageBlockKind.directoryID(index), PageBlockKind.directory)
            image.put(count: end - start)
            for entry in start..<end { image.writer.put(nodePlaces[entry]) }
            let place = writer.take(for: nil)
            directoryPlaces.append(place)
            try writer.put(image.bytes, at: place)
        }
        try writer.flush()
        try file.sync()
        return directoryPlaces
    }

    /// The slot that does not hold the durable root block.
    private func rootSlot(after state: CheckpointState) -> UInt64 { 1 - state.slot }

    /// Where the node stands on disk, after writing it and its pages if they were not there.
    private func place(
        ofNode node: UInt,
        space: Int,
        index: Int,
        _ writer: inout PlaceWriter
    ) throws(DiskError) -> UInt64 {
        guard let entries = NodeEntries(node) else { return 0 }
        let head = BlockHead(node)
        if head.place != 0 { return head.place }
        var image = PageImage(
            PageBlockKind.nodeID(space: space, index: index),
            PageBlockKind.node
        )
        image.put(count: nodeEntries)
        for entry in 0..<nodeEntries {
            let target = try place(ofEntry: entries.load(entry), &writer)
            image.writer.put(UInt32(truncatingIfNeeded: target))
            image.writer.put(UInt16(truncatingIfNeeded: target >> 32))
        }
        let place = writer.take(for: node)
        try writer.put(image.bytes, at: place)
        return place
    }

    private func place(
        ofEntry entry: UInt64,
        _ writer: inout PlaceWriter
    )
        throws(DiskError) -> UInt64
    {
        if entry == 0 { return 0 }
        if TableEntry.isOnDisk(entry) { return TableEntry.place(entry) }
        let head = BlockHead(UInt(entry))
        if head.place != 0 { return head.place }
        guard let base = unsafe UnsafeRawPointer(bitPattern: UInt(entry)) else { return 0 }
        let place = writer.take(for: UInt(entry))
        let page = unsafe Page(base: base)
        try writer.put(page.copy(0, PageLayout.size), at: place)
        return place
    }
}

/// A page of the table itself while it is filled.
private struct PageImage {
    var writer = ByteWriter(capacity: PageLayout.size)

    init(_ id: PageID, _ kind: UInt8) {
        writer.put(UInt64(0))
        writer.put(id.bits)
        writer.put(kind)
        writer.put([UInt8](repeating: 0, count: 3))
    }

    /// The count stands at offset 20; the payload follows the head.
    mutating func put(count: Int) {
        writer.put(UInt32(count))
        writer.pad(to: PageLayout.header)
    }

    var bytes: [UInt8] {
        var padded = writer
        padded.pad(to: PageLayout.size)
        return padded.bytes
    }
}

/// Hands out places, gathers pages at neighbouring ones into larger writes, and can take it back.
private struct PlaceWriter {
    private static let limit = 1 << 20
    private let file: any DiskFile
    private let places: PlaceAllocator
    let checkpoint: UInt64
    private var taken: [(place: UInt64, block: BlockAddress?)] = []
    private var first: UInt64 = 0
    private var bytes: [UInt8] = []

    init(file: any DiskFile, places: PlaceAllocator, checkpoint: UInt64) {
        self.file = file
        self.places = places
        self.checkpoint = checkpoint
    }

    /// A free place, noted in the block's head.
    mutating func take(for block: BlockAddress?) -> UInt64 {
        let place = places.take()
        taken.append((place, block))
        if let block { BlockHead(block).place = place }
        return place
    }

    /// After a failure: no block stands anywhere that it did not stand before.
    mutating func undo() {
        for (_, block) in taken { if let block { BlockHead(block).place = 0 } }
        places.giveBack(taken.map(\.place))
        taken = []
    }

    /// What was written stays where it stands: it is durable, whatever becomes of the checkpoint.
    mutating func keep() { taken = [] }

    /// Writes a page with the checkpoint's number and the checksum in its head.
    mutating func put(_ content: [UInt8], at place: UInt64) throws(DiskError) {
        var page = content
        Self.store(checkpoint, PageLayout.checkpoint, &page)
        let checksum = unsafe page.withUnsafeBytes { buffer in
            let body = unsafe UnsafeRawBufferPointer(rebasing: buffer[8...])
            return Checksum.xxh3(unsafe RawSpan(_unsafeBytes: body), seed: place)
        }
        Self.store(checksum, 0, &page)
        let next = first + UInt64(bytes.count / PageLayout.size)
        if place != next || bytes.count >= Self.limit {
            try flush()
            first = place
        }
        bytes.append(contentsOf: page)
    }

    private static func store(_ value: UInt64, _ offset: Int, _ page: inout [UInt8]) {
        var rest = value
        for index in offset..<(offset + 8) {
            page[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }

    mutating func flush() throws(DiskError) {
        if bytes.isEmpty { return }
        try file.write(bytes, at: first * UInt64(PageLayout.size))
        bytes.removeAll(keepingCapacity: true)
    }
}
