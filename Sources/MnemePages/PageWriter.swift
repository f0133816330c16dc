// Writes pages to free places: whole and packed, or as what changed since their base. Neighbours
// are gathered into larger writes, and everything that was taken can be given back.
// Format: formats/pages.md#page.

internal import MnemeBase

/// The writes of one checkpoint.
///
/// SAFETY: the scratch frames are its own until `end`; used by one thread.
struct PageWriter {
    /// A write is not longer than so many bytes by much, and after so many they go to the disk.
    private static let limit = 64 << 10
    /// The longest delta that is written.
    static let deltaLimit = 2048
    /// When the deltas of a page would have taken so many bytes since its base was written, it is
    /// written whole.
    static let deltaBudget = 6144

    private let file: any DiskFile
    private let places: PlaceAllocator
    private let reader: PageReader
    private let packs: Bool
    private let writesDeltas: Bool
    let checkpoint: UInt64
    private let tag: CheckpointTag
    private let differ = LZ4Differ()
    private let image: BlockAddress
    private let packed: BlockAddress
    private let block: BlockAddress
    private var taken: [(spot: PageSpot, block: BlockAddress?)] = []
    private var first: UInt64 = 0
    private var bytes: [UInt8] = []
    /// Bytes that were written and may not have left for the disk.
    private var queued = 0
    /// Called between pages, with the bytes that have left for the disk since.
    private let pause: (Int) -> Void
    /// The delta page that is being filled, and up to where it is.
    private let deltas: BlockAddress
    private var deltaRun = PlaceRun.none
    private var deltaEnd = PageLayout.size

    /// - Throws: `.noMemory`.
    init(
        _ file: PageFile,
        checkpoint: UInt64,
        writesDeltas: Bool,
        pause: @escaping (Int) -> Void
    ) throws(PageError) {
        self.pause = pause
        self.file = file.file
        places = file.places
        reader = file.cache.reader
        packs = file.packs
        self.writesDeltas = writesDeltas && file.packs
        self.checkpoint = checkpoint
        tag = CheckpointTag(of: checkpoint)
        let pool = reader.pool
        image = try pool.takeIfPossible()
        // From here on out of the reserve: what was taken would be lost with an error.
        (packed, block, deltas) = (pool.take(), pool.take(), pool.take())
    }

    /// Gives the scratch frames back.
    func end() { for frame in [image, packed, block, deltas] { reader.pool.give(frame) } }

    /// After a failure: no block stands anywhere that it did not stand before.
    mutating func undo() {
        for (_, block) in taken { if let block { BlockHead(block).spot = .none } }
        places.giveBack(taken.map(\.spot))
        taken = []
    }

    /// What was written stays where it stands: it is durable, whatever becomes of the checkpoint.
    mutating func keep() { taken = [] }

    // MARK: Pages

    /// Writes a page that is nowhere yet, in front of the version that the durable root block has.
    mutating func write(
        _ id: PageID,
        _ frame: BlockAddress,
        after before: WrittenPages.Entry
    ) throws(DiskError) -> WrittenPages.Entry {
        pause(0)
        unsafe PageReader.mutableBytes(image)
            .copyMemory(from: PageReader.bytes(frame, 0, PageLayout.size))
        PageReader.clearFileFields(image)
        if let entry = try writeDelta(id, after: before) {
            note(entry.spot, of: frame)
            return entry
        }
        let spot = PageSpot(base: try writeImage(), tag: tag)
        note(spot, of: frame)
        return WrittenPages.Entry(spot: spot)
    }

    /// Writes a page of the page table itself.
    ///
    /// `block`: the node that it is the image of.
    mutating func write(
        table block: BlockAddress?,
        _ fill: (MutablePage) -> Void
    ) throws(DiskError) -> PageSpot {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: image) else { return .none }
        let page = unsafe MutablePage(base: base)
        page.clear(0, PageLayout.size)
        fill(page)
        // Who looks for a directory page knows its place, not its length.
        let run = block == nil ? try writeWhole(image) : try writeImage()
        let spot = PageSpot(base: run, tag: tag)
        note(spot, of: block)
        return spot
    }

    private mutating func note(_ spot: PageSpot, of block: BlockAddress?) {
        taken.append((spot, block))
        if let block { BlockHead(block).spot = spot }
    }

    /// Writes the image, packed when that saves a place.
    private mutating func writeImage() throws(DiskError) -> PlaceRun {
        let head = StoredLayout.packedHead
        let most = PageLayout.size - PlaceLayout.size
        let target = unsafe PageReader.mutableBytes(packed)
        let rows = packs ? TurnedRows(of: PageReader.page(image)) : nil
        if let rows {
            unsafe rows.turn(
                PageReader.bytes(image, 0, PageLayout.size),
                into: PageReader.mutableBytes(block)
            )
        }
        let count =
            packs
            ? unsafe LZ4.compress(
                unsafe PageReader.bytes(rows == nil ? image : block, 0, PageLayout.size),
                into: unsafe UnsafeMutableRawBufferPointer(rebasing: target[head..<most]),
                tightly: !writesDeltas
            ) : 0
        guard count > 0 else { return try writeWhole(image) }
        let placeCount = (head + count + PlaceLayout.size - 1) / PlaceLayout.size
        let run = places.take(placeCount)
        let page = Self.mutable(packed)
        page.clear(0, head)
        page.store(PageReader.page(image).load64(8), 8)
        page.store(checkpoint, StoredLayout.packedCheckpoint)
        page.store(UInt16(count), StoredLayout.packedCount)
        rows?.store(page)
        page.clear(head + count, run.byteCount - head - count)
        try putTaken(packed, at: run)
        return run
    }

    /// Writes a frame as it is, with the checkpoint's number.
    private mutating func writeWhole(_ frame: BlockAddress) throws(DiskError) -> PlaceRun {
        let run = places.take(PlaceLayout.page)
        Self.mutable(frame).store(checkpoint, PageLayout.checkpoint)
        try putTaken(frame, at: run)
        return run
    }

    private static func mutable(_ frame: BlockAddress) -> MutablePage {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: frame) else {
            preconditionFailure("block 0")
        }
        return unsafe MutablePage(base: base)
    }

    // MARK: Deltas

    /// Writes what changed in the image since its base was written; nil when the page is to be
    /// written whole.
    private mutating func writeDelta(
        _ id: PageID,
        after before: WrittenPages.Entry
    ) throws(DiskError) -> WrittenPages.Entry? {
        let base = before.spot.base
        guard writesDeltas, !base.isNone, Int(before.spent) + Int(before.last) < Self.deltaBudget
        else { return nil }
        // A base that cannot be read any more is not needed for a page that is in memory.
        do throws(PageError) {
            try reader.readBase(before.spot.baseContent(id), into: packed, by: block)
        } catch {
            return nil
        }
        let target = unsafe PageReader.mutableBytes(block)
        let count = unsafe differ.compress(
            unsafe PageReader.bytes(image, 0, PageLayout.size),
            against: unsafe PageReader.bytes(packed, 0, PageLayout.size),
            into: unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<Self.deltaLimit])
        )
        guard count > 0, Int(before.spent) + count <= Self.deltaBudget else { return nil }
        return try putDelta(id, before, count)
    }

    /// Puts the delta that was made into a delta page.
    private mutating func putDelta(
        _ id: PageID,
        _ before: WrittenPages.Entry,
        _ count: Int
    ) throws(DiskError) -> WrittenPages.Entry? {
        let (base, head) = (before.spot.base, StoredLayout.deltaHead)
        // What may fail comes before anything is taken.
        if deltaEnd + head + count > PageLayout.size { try sealDeltas() }
        guard places.share(base) else { return nil }
        let page = Self.mutable(deltas)
        if deltaRun.isNone {
            deltaRun = places.take(PlaceLayout.page)
            deltaEnd = PageLayout.header
            page.clear(0, PageLayout.size)
            page.store(StoredLayout.deltaPageID, 8)
            page.store(StoredLayout.deltaKind, PageLayout.kind)
        } else {
            // A delta page has fewer deltas than can be counted.
            _ = places.share(deltaRun)
        }
        page.store(PageReader.deltaChecksum(image, base: base), deltaEnd)
        page.store(id.bits, deltaEnd + 8)
        page.store(UInt16(count), deltaEnd + StoredLayout.deltaCount)
        page.copy(from: PageReader.page(block), 0, to: deltaEnd + head, count: count)
        let delta = DeltaSpot(deltaRun.first, offset: deltaEnd)
        deltaEnd += head + count
        return WrittenPages.Entry(
            spot: PageSpot(base: base, delta: delta, tag: tag),
            spent: before.spent + UInt16(count),
            last: UInt16(count)
        )
    }

    /// Writes the delta page that is being filled.
    private mutating func sealDeltas() throws(DiskError) {
        guard !deltaRun.isNone else { return }
        Self.mutable(deltas).store(checkpoint, PageLayout.checkpoint)
        try put(deltas, at: deltaRun)
        deltaRun = .none
        deltaEnd = PageLayout.size
    }

    // MARK: Bytes

    /// As `put`, for places that were taken just now: they are free again when it fails.
    private mutating func putTaken(_ frame: BlockAddress, at run: PlaceRun) throws(DiskError) {
        do throws(DiskError) {
            try put(frame, at: run)
        } catch {
            places.giveBack(run.first, count: UInt64(run.count))
            throw error
        }
    }

    /// Writes what a frame holds for a run, with its checksum.
    private mutating func put(_ frame: BlockAddress, at run: PlaceRun) throws(DiskError) {
        let body = unsafe PageReader.bytes(frame, 8, run.byteCount - 8)
        let checksum = Checksum.xxh3(unsafe RawSpan(_unsafeBytes: body), seed: run.first)
        Self.mutable(frame).store(checksum, 0)
        let next = first + UInt64(bytes.count / PlaceLayout.size)
        if run.first != next || bytes.count >= Self.limit {
            try writeGathered()
            first = run.first
        }
        unsafe bytes.append(contentsOf: PageReader.bytes(frame, 0, run.byteCount))
    }

    private mutating func writeGathered() throws(DiskError) {
        if bytes.isEmpty { return }
        try file.write(bytes, at: first * UInt64(PlaceLayout.size))
        queued += bytes.count
        bytes.removeAll(keepingCapacity: true)
        if queued >= Self.limit {
            try file.writeBack()
            pause(queued)
            queued = 0
        }
    }

    /// Writes what is still held.
    mutating func flush() throws(DiskError) {
        try sealDeltas()
        try writeGathered()
    }
}
