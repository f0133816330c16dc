// The block that makes a checkpoint: which pages there are and what the store wants to find again.
// Format: formats/pages.md#root-block.

internal import MnemeBase

/// Numbers of the pages that hold the page table itself.
enum PageBlockKind {
    static let node: UInt8 = 0xfe
    static let directory: UInt8 = 0xff
    static let directoryEntries = 1000
    /// Where the number of entries stands, four bytes.
    static let count = 20

    static func nodeID(space: Int, index: Int) -> PageID {
        PageID(bits: UInt64(node) << 56 | UInt64(space) << 48 | UInt64(index))
    }

    static func directoryID(_ index: Int) -> PageID {
        PageID(bits: UInt64(directory) << 56 | UInt64(index))
    }
}

/// An entry of a node of the page table as it stands in the file.
enum NodeEntry {
    static let size = 15

    static func store(_ spot: PageSpot, _ page: MutablePage, _ index: Int) {
        let offset = PageLayout.header + index * size
        store40(spot.base.first, page, offset)
        page.store(UInt8(spot.base.count), offset + 5)
        store40(spot.delta.page.first, page, offset + 6)
        page.store(UInt16(spot.delta.offset), offset + 11)
        page.store(spot.tag.bits, offset + 13)
    }

    /// The entry, nil when it cannot be one.
    static func load(_ page: Page, _ index: Int) -> PageSpot? {
        let offset = PageLayout.header + index * size
        let count = Int(page.byte(offset + 5))
        guard count <= PlaceLayout.page else { return nil }
        let base = PlaceRun(load40(page, offset), count: count)
        let delta = DeltaSpot(load40(page, offset + 6), offset: Int(page.load16(offset + 11)))
        let tag = CheckpointTag(bits: page.load16(offset + 13))
        let spot = PageSpot(base: base, delta: delta, tag: tag)
        if base.isNone { return spot == .none ? spot : nil }
        guard base.isPossible,
            delta.isNone || (delta.page.isPossible && delta.offset < PageLayout.size)
        else { return nil }
        return spot
    }

    private static func store40(_ value: UInt64, _ page: MutablePage, _ offset: Int) {
        page.store(UInt32(truncatingIfNeeded: value), offset)
        page.store(UInt8(truncatingIfNeeded: value >> 32), offset + 4)
    }

    private static func load40(_ page: Page, _ offset: Int) -> UInt64 {
        UInt64(page.load32(offset)) | UInt64(page.byte(offset + 4)) << 32
    }
}

struct RootBlock {
    static let magic: UInt64 = 0x3147_5045_4d45_4e4d  // "MNEMEPG1"
    static let version: UInt32 = 4
    /// Those whose pages are read.
    static let readable: ClosedRange<UInt32> = 3...version
    /// Those before it have the same root block: where their pages are not read any more, their
    /// state is.
    static let versions: ClosedRange<UInt32> = 1...version
    /// Bytes that the store may keep in a root block.
    static let payloadLimit = 4096
    /// Generations and checkpoints are counted on from here; numbers from this on are refused.
    static let countLimit: UInt64 = 1 << 62
    /// Directory pages that a root block can name.
    static let directoryLimit = 400

    var version = Self.version
    /// Which of the two places it stands at.
    var slot: UInt64 = 0
    let identity: StoreIdentity
    let generation: UInt64
    /// Which checkpoint it makes; the newest whole block is the one with the highest number.
    let checkpoint: UInt64
    let nodeCounts: [Int]
    let directoryPlaces: [UInt64]
    let payload: [UInt8]

    init(
        identity: StoreIdentity,
        generation: UInt64,
        checkpoint: UInt64,
        nodeCounts: [Int],
        directoryPlaces: [UInt64],
        payload: [UInt8]
    ) {
        self.identity = identity
        self.generation = generation
        self.checkpoint = checkpoint
        self.nodeCounts = nodeCounts
        self.directoryPlaces = directoryPlaces
        self.payload = payload
    }

    /// Reads a block from its slot.
    ///
    /// - Throws: when it is not whole; of a newer version only the head is read.
    init(_ bytes: [UInt8], slot: UInt64) throws(BytesError) {
        var reader = ByteReader(bytes)
        let checksum: UInt64 = try reader.get()
        let magic: UInt64 = try reader.get()
        guard magic == Self.magic, Self.checksum(bytes, slot: slot) == checksum else {
            throw .malformed(offset: 0)
        }
        self.slot = slot
        version = try reader.get()
        let pageSize: UInt32 = try reader.get()
        identity = StoreIdentity(high: try reader.get(), low: try reader.get())
        generation = try reader.get()
        checkpoint = try reader.get()
        guard Self.versions.contains(version) else {
            (nodeCounts, directoryPlaces, payload) = ([], [], [])
            return
        }
        let payloadCount = Int(try reader.get(UInt32.self))
        let spaceCount = Int(try reader.get(UInt32.self))
        let directoryCount = Int(try reader.get(UInt32.self))
        _ = try reader.get(UInt32.self)
        guard pageSize == UInt32(PageLayout.size), spaceCount <= 255,
            payloadCount <= Self.payloadLimit,
            generation < Self.countLimit, checkpoint < Self.countLimit,
            directoryCount <= Self.directoryLimit
        else {
            throw .malformed(offset: reader.offset)
        }
        var counts: [Int] = []
        for _ in 0..<spaceCount { counts.append(Int(try reader.get(UInt32.self))) }
        var places: [UInt64] = []
        for _ in 0..<directoryCount { places.append(try reader.get()) }
        nodeCounts = counts
        directoryPlaces = places
        payload = try reader.get(count: payloadCount)
    }

    /// Bytes of a place in a file of the block's version.
    var placeSize: Int { version == 1 ? PageLayout.size : PlaceLayout.size }

    /// The block for its slot.
    ///
    /// - Precondition: payload and directory are within their limits.
    func bytes(slot: UInt64) -> [UInt8] {
        precondition(payload.count <= Self.payloadLimit)
        precondition(directoryPlaces.count <= Self.directoryLimit)
        var writer = ByteWriter(capacity: PageLayout.size)
        writer.put(UInt64(0))
        writer.put(Self.magic)
        writer.put(version)
        writer.put(UInt32(PageLayout.size))
        writer.put(identity.high)
        writer.put(identity.low)
        writer.put(generation)
        writer.put(checkpoint)
        writer.put(UInt32(payload.count))
        writer.put(UInt32(nodeCounts.count))
        writer.put(UInt32(directoryPlaces.count))
        writer.put(UInt32(0))
        for count in nodeCounts { writer.put(UInt32(count)) }
        for place in directoryPlaces { writer.put(place) }
        writer.put(payload)
        writer.pad(to: PageLayout.size)
        var block = writer.bytes
        let checksum = Self.checksum(block, slot: slot)
        for index in 0..<8 {
            block[index] = UInt8(truncatingIfNeeded: checksum >> UInt64(index * 8))
        }
        return block
    }

    private static func checksum(_ bytes: [UInt8], slot: UInt64) -> UInt64 {
        Checksum.xxh3(Array(bytes.dropFirst(8)), seed: slot)
    }
}
