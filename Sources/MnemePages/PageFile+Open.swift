// Opening: the newest whole root block, its directory pages, its table nodes. Pages themselves
// stay on disk until somebody asks for one.

package import MnemeBase

/// What a page file held when it was opened.
package struct OpenedPages: Sendable {
    /// The file.
    package let file: PageFile
    /// The payload of its newest checkpoint, nil when there has been none.
    package let payload: [UInt8]?
}

extension PageFile {
    /// Opens the file; without `writing` nothing is ever written to it, and it must not be
    /// checkpointed.
    ///
    /// - Throws: `.foreign` when it is of another store, `.newer`, `.corrupt` when what the newest
    ///   root block names is damaged or neither block is whole, `.disk`.
    /// - Complexity: one read per 1,024 pages of the file.
    package static func open(
        _ disk: any Disk,
        path: String,
        identity: StoreIdentity,
        writing: Bool = true,
        faults: PageFaults = PageFaults()
    )
        throws(PageError) -> OpenedPages
    {
        let file: any DiskFile
        let blocks: [RootBlock]
        let written: Int
        do throws(DiskError) {
            file = try disk.open(path, writing ? .readWrite : .read)
            (blocks, written) = try rootBlocks(of: file)
        } catch {
            throw .disk(error)
        }
        // A crash can tear the block that is being written, never both.
        guard !blocks.isEmpty || written < 2 else {
            throw .corrupt(id: 0, place: 0, reason: "neither root block is whole")
        }
        guard let newest = blocks.max(by: { $0.checkpoint < $1.checkpoint }) else {
            return OpenedPages(file: empty(file, identity, faults), payload: nil)
        }
        guard newest.version == RootBlock.version else { throw .newer(version: newest.version) }
        guard newest.identity == identity else { throw .foreign(path: path) }
        let opened = try PageOpening(file: file, block: newest, faults).open()
        if writing { try makeDurable(newest, in: file) }
        return opened
    }

    /// The whole root blocks of a file, and how many are not all zero.
    static func rootBlocks(
        of file: any DiskFile
    ) throws(DiskError)
        -> (blocks: [RootBlock], written: Int)
    {
        var blocks: [RootBlock] = []
        var written = 0
        let length = try file.byteCount()
        for slot in 0..<2 where length >= UInt64((slot + 1) * PageLayout.size) {
            let bytes = try file.read(at: UInt64(slot * PageLayout.size), count: PageLayout.size)
            if let block = try? RootBlock(bytes, slot: UInt64(slot)) { blocks.append(block) }
            if bytes.contains(where: { $0 != 0 }) { written += 1 }
        }
        return (blocks, written)
    }

    /// Writes a root block once more and syncs it.
    ///
    /// A process that was killed, or whose sync failed, may have left it in the system's memory
    /// alone; the places of the checkpoint before are used again from now on.
    private static func makeDurable(
        _ block: RootBlock,
        in file: any DiskFile
    )
        throws(PageError)
    {
        do throws(DiskError) {
            try file.write(block.bytes(slot: block.slot), at: block.slot * UInt64(PageLayout.size))
            try file.sync()
        } catch {
            throw .disk(error)
        }
    }
}

extension PageFile {
    /// Whole places in a file.
    static func placeCount(_ file: any DiskFile) throws(PageError) -> UInt64 {
        do throws(DiskError) {
            return try file.byteCount() / UInt64(PageLayout.size)
        } catch {
            throw .disk(error)
        }
    }
}

/// The steps of opening, with what they gather.
private struct PageOpening {
    let file: any DiskFile
    let block: RootBlock
    let places: PlaceAllocator
    let cache: PageCache
    /// Whole places in the file.
    let limit: UInt64

    init(file: any DiskFile, block: RootBlock, _ faults: PageFaults) throws(PageError) {
        places = PlaceAllocator(faults)
        self.file = file
        self.block = block
        limit = try PageFile.placeCount(file)
        cache = PageCache(file: file, places: places, openedAt: block.checkpoint)
    }

    private static let badPlace = "a place beyond the end of the file, or one that is named twice"

    func open() throws(PageError) -> OpenedPages {
        let nodePlaces = try readDirectoryPages()
        var directories: [Directory] = []
        var free: [UInt64] = []
        var next: UInt64 = 0
        for (space, nodes) in nodePlaces.enumerated() {
            let directory = Directory(count: nodes.count, copying: nil)
            for (index, place) in nodes.enumerated() where place != 0 {
                let node = try readNode(space: space, index: index, place: place)
                unsafe directory.nodes[index] = node
            }
            directories.append(directory)
            if space == Int(PageSpace.tree.rawValue) {
                (free, next) = Self.freeNumbers(directory)
            }
        }
        while directories.count < PageSpace.allCases.count {
            directories.append(Directory(count: 0, copying: nil))
        }
        places.becameDurable(block.generation, checkpoint: block.checkpoint)
        let root = PageRoot(generation: block.generation, directories: directories, cache: cache)
        let opened = PageFile(
            file: file,
            identity: block.identity,
            places: places,
            cache: cache,
            root: root,
            numbers: PageNumbers(free: free, next: next),
            state: PageFile.CheckpointState(
                generation: block.generation,
                directoryPlaces: block.directoryPlaces,
                slot: block.slot
            )
        )
        return OpenedPages(file: opened, payload: block.payload)
    }

    private func readDirectoryPages() throws(PageError) -> [[UInt64]] {
        var stream: [UInt64] = []
        for (index, place) in block.directoryPlaces.enumerated() {
            stream += try read(PageBlockKind.directoryID(index), place) { page in
                let count = min(Int(page.load32(20)), PageBlockKind.directoryEntries)
                return (0..<count).map { page.load64(PageLayout.header + $0 * 8) }
            }
        }
        var spaces: [[UInt64]] = []
        var rest = stream[...]
        for count in block.nodeCounts {
            guard count <= rest.count else {
                throw .corrupt(id: 0, place: 0, reason: "the page directory is too short")
            }
            spaces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty else {
            throw .corrupt(id: 0, place: 0, reason: "the page directory is too long")
        }
        guard spaces.count <= PageSpace.allCases.count else {
            throw .corrupt(id: 0, place: 0, reason: "more spaces of pages than are known")
        }
        return spaces
    }

    private func readNode(space: Int, index: Int, place: UInt64) throws(PageError) -> UInt {
        let targets = try read(PageBlockKind.nodeID(space: space, index: index), place) { page in
            (0..<nodeEntries).map { entry in
                let offset = PageLayout.header + entry * 6
                return UInt64(page.load32(offset)) | UInt64(page.load16(offset + 4)) << 32
            }
        }
        let node = cache.pool.take()
        BlockHead(node).place = place
        guard let entries = NodeEntries(node) else { preconditionFailure("block 0") }
        for (entry, target) in targets.enumerated() {
            if target != 0, !places.reserve(target, limit: limit) {
                throw .corrupt(id: UInt64(index), place: target, reason: Self.badPlace)
            }
            entries.store(target == 0 ? 0 : TableEntry.onDisk(target), entry)
        }
        return node
    }

    /// Reads a page of the table itself; its frame goes back when `body` returns.
    private func read<Result>(
        _ id: PageID,
        _ place: UInt64,
        _ body: (Page) -> Result
    )
        throws(PageError) -> Result
    {
        guard places.reserve(place, limit: limit) else {
            throw .corrupt(id: id.bits, place: place, reason: Self.badPlace)
        }
        let frame = try cache.read(id, place: place)
        defer { cache.pool.give(frame) }
        guard let base = unsafe UnsafeRawPointer(bitPattern: frame) else {
            preconditionFailure("block 0")
        }
        return body(unsafe Page(base: base))
    }

    private static func freeNumbers(_ directory: Directory) -> (free: [UInt64], next: UInt64) {
        var free: [UInt64] = []
        var next: UInt64 = 0
        for index in 0..<directory.count {
            guard let entries = unsafe NodeEntries(directory.nodes[index]) else { continue }
            for entry in 0..<nodeEntries where entries.load(entry) != 0 {
                let number = UInt64(index * nodeEntries + entry)
                if number > next { free.append(contentsOf: next..<number) }
                next = number + 1
            }
        }
        return (free, next)
    }
}
