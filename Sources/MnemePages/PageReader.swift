// Pages from the file: a base, as it is or packed, and what a delta changes in it. Nothing is
// believed before its checksum was found right, and that the expected checkpoint wrote it; lengths
// are held against what is there.
// Format: formats/pages.md#page.

internal import MnemeBase

/// Sizes and places of what the file holds of a page beside the page itself.
enum StoredLayout {
    /// Bytes before the block of a packed page; its fields: the checkpoint and the block's length.
    static let packedHead = 32
    static let packedCheckpoint = 16
    static let packedCount = 24
    /// The rows of a packed page that are turned: where they begin, how many, bytes of each.
    static let turnedStart = 26
    static let turnedCount = 28
    static let turnedStride = 30
    /// Bytes before the block of a delta; where its length stands.
    static let deltaHead = 18
    static let deltaCount = 16
    /// The kind of a delta page, and its id.
    static let deltaKind: UInt8 = 0xfd
    static let deltaPageID = UInt64(0xfd) << 56
}

/// Reads what the file holds of pages.
struct PageReader: Sendable {
    let file: any DiskFile
    let pool: FramePool
    let places: PlaceAllocator

    /// Reads one page into a fresh frame.
    ///
    /// - Throws: `.corrupt`, `.disk`, `.noMemory`.
    func page(_ id: PageID, _ spot: PageSpot) throws(PageError) -> BlockAddress {
        let frame = try pool.takeIfPossible()
        do throws(PageError) {
            if spot.delta.isNone {
                try readBase(spot.baseContent(id), into: frame)
            } else {
                try readDelta(id, spot, into: frame)
            }
        } catch {
            pool.give(frame)
            throw error
        }
        BlockHead(frame).spot = spot
        return frame
    }

    /// Fills a frame with a base; checksum and checkpoint are zero in it.
    private func readBase(_ content: RunContent, into frame: BlockAddress) throws(PageError) {
        let packed = try pool.takeIfPossible()
        defer { pool.give(packed) }
        try readBase(content, into: frame, by: packed)
    }

    /// As above, with a frame for what is unpacked: whoever reads many does not ask the pool, which
    /// the writer needs, for each.
    func readBase(
        _ content: RunContent,
        into frame: BlockAddress,
        by packed: BlockAddress
    ) throws(PageError) {
        let run = content.run
        guard !run.isWhole else { return try readWhole(content, into: frame) }
        try read(run, into: packed)
        let page = Self.page(packed)
        let count = Int(page.load16(StoredLayout.packedCount))
        try check(content, page, checkpoint: page.load64(StoredLayout.packedCheckpoint))
        guard StoredLayout.packedHead + count <= run.byteCount,
            unsafe LZ4.decompress(
                unsafe Self.bytes(packed, StoredLayout.packedHead, count),
                against: unsafe UnsafeRawBufferPointer(start: nil, count: 0),
                into: unsafe Self.mutableBytes(frame)
            )
        else { throw Self.corrupt(content.id, run, "a packed page that cannot be unpacked") }
        do throws(BytesError) {
            if let rows = try TurnedRows(packed: page) {
                unsafe rows.turnBack(Self.mutableBytes(frame), by: Self.mutableBytes(packed))
            }
        } catch {
            throw Self.corrupt(content.id, run, "a packed page whose rows cannot be turned")
        }
        try finish(frame, content.id, run)
    }

    /// Fills a frame with a page that stands in the file as it is.
    private func readWhole(_ content: RunContent, into frame: BlockAddress) throws(PageError) {
        try read(content.run, into: frame)
        let page = Self.page(frame)
        try check(content, page, checkpoint: page.load64(PageLayout.checkpoint))
        try finish(frame, content.id, content.run)
    }

    private func readDelta(
        _ id: PageID,
        _ spot: PageSpot,
        into frame: BlockAddress
    ) throws(PageError) {
        let base = try pool.takeIfPossible()
        defer { pool.give(base) }
        let deltas = try pool.takeIfPossible()
        defer { pool.give(deltas) }
        try readBase(spot.baseContent(id), into: base)
        let run = spot.delta.page
        let deltaPage = PageID(bits: StoredLayout.deltaPageID)
        try readWhole(RunContent(id: deltaPage, run: run, tag: spot.tag), into: deltas)
        let page = Self.page(deltas)
        let offset = spot.delta.offset
        let count = Int(page.load16(offset + StoredLayout.deltaCount))
        guard page.kind == StoredLayout.deltaKind, offset >= PageLayout.header,
            offset + StoredLayout.deltaHead + count <= PageLayout.size,
            page.load64(offset + 8) == id.bits
        else { throw Self.corrupt(id, run, "a delta where no delta is") }
        guard
            unsafe LZ4.decompress(
                unsafe Self.bytes(deltas, offset + StoredLayout.deltaHead, count),
                against: unsafe Self.bytes(base, 0, PageLayout.size),
                into: unsafe Self.mutableBytes(frame)
            ),
            Self.deltaChecksum(frame, base: spot.base) == page.load64(offset)
        else { throw Self.corrupt(id, run, "a delta does not fit its base") }
        try finish(frame, id, run)
    }

    private func read(_ run: PlaceRun, into frame: BlockAddress) throws(PageError) {
        do throws(DiskError) {
            let target = unsafe Self.mutableBytes(frame)
            guard let base = target.baseAddress else { return }
            var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: run.byteCount)
            try file.read(into: &span, at: run.byteOffset)
        } catch {
            if case .failed(call: SealedDisk.failure, _, _) = error {
                throw Self.corrupt(PageID(bits: 0), run, "it was not written with the store's key")
            }
            throw .disk(error)
        }
    }

    /// Holds what was read from a run against its checksum, its id and its checkpoint.
    private func check(
        _ content: RunContent,
        _ page: Page,
        checkpoint: UInt64
    ) throws(PageError) {
        let (id, run) = (content.id, content.run)
        let frame = UInt(bitPattern: unsafe page.base)
        let body = unsafe Self.bytes(frame, 8, run.byteCount - 8)
        guard Checksum.xxh3(unsafe RawSpan(_unsafeBytes: body), seed: run.first) == page.load64(0)
        else { throw Self.corrupt(id, run, "checksum does not match") }
        guard page.load64(8) == id.bits else {
            throw Self.corrupt(id, run, "another page stands here")
        }
        // An older root block was taken up although a newer checkpoint has reused its places.
        guard checkpoint <= places.newestCheckpoint else {
            throw Self.corrupt(id, run, "a newer checkpoint's page")
        }
        // The disk lost a write, and shows what stood there before.
        guard content.tag == nil || content.tag == CheckpointTag(of: checkpoint) else {
            throw Self.corrupt(id, run, "another checkpoint's page")
        }
    }

    /// Checks the id once more, which unpacking may have changed, and clears what is of the file.
    private func finish(_ frame: BlockAddress, _ id: PageID, _ run: PlaceRun) throws(PageError) {
        guard Self.page(frame).load64(8) == id.bits else {
            throw Self.corrupt(id, run, "another page stands here")
        }
        Self.clearFileFields(frame)
    }

    /// Zeroes a block.
    static func clear(_ frame: BlockAddress) {
        unsafe mutableBytes(frame).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// Zeroes checksum and checkpoint, which are of the file alone.
    static func clearFileFields(_ frame: BlockAddress) {
        let bytes = unsafe mutableBytes(frame)
        for start in [0, PageLayout.checkpoint] {
            unsafe bytes.storeBytes(of: 0, toByteOffset: start, as: UInt64.self)
        }
    }

    /// The checksum of the page that a delta makes, without what is of the file alone.
    static func deltaChecksum(_ frame: BlockAddress, base: PlaceRun) -> UInt64 {
        let body = unsafe bytes(frame, 8, PageLayout.size - 8)
        return Checksum.xxh3(unsafe RawSpan(_unsafeBytes: body), seed: base.first)
    }

    static func corrupt(_ id: PageID, _ run: PlaceRun, _ reason: String) -> PageError {
        .corrupt(id: id.bits, place: run.first, reason: reason)
    }

    static func page(_ frame: BlockAddress) -> Page {
        guard let base = unsafe UnsafeRawPointer(bitPattern: frame) else {
            preconditionFailure("block 0")
        }
        return unsafe Page(base: base)
    }

    /// A part of a block.
    static func bytes(_ frame: BlockAddress, _ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
        precondition(start >= 0 && count >= 0 && start + count <= PageLayout.size)
        return unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: frame + UInt(start)),
            count: count
        )
    }

    /// A block for writing.
    static func mutableBytes(_ frame: BlockAddress) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: frame),
            count: PageLayout.size
        )
    }
}
