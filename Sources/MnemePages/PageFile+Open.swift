// Opening: the newest whole root block, its directory pages, its table nodes. Pages themselves
// stay on disk until somebody asks for one.

package import MnemeBase

/// What a page file held when it was opened.
package struct OpenedPages: Sendable {
    /// The file.
    package let file: PageFile
    /// The payload of its newest checkpoint, nil when there has been none.
    package let payload: [UInt8]?
    /// Whether one of the two root blocks is not whole.
    ///
    /// A crash may have torn it; where it was lost otherwise, places that the other one names may
    /// have been used again since.
    package fileprivate(set) var isBlockBroken = false
}

extension PageFile {
    /// Opens the file; without `writing` nothing is ever written to it, and it must not be
    /// checkpointed.
    ///
    /// Nothing is written yet: see `makeTakenDurable`.
    ///
    /// - Throws: `.foreign` when it is of another store, `.newer`, `.older`, `.corrupt` when what
    ///   the newest root block names is damaged or neither block is whole, `.disk`.
    /// - Complexity: one read per 512 pages; deltas are not looked at.
    package static func open(
        _ disk: any Disk,
        path: String,
        identity: StoreIdentity,
        packs: Bool = true,
        writing: Bool = true,
        faults: PageFaults = PageFaults()
    )
        throws(PageError) -> OpenedPages
    {
        let file: any DiskFile
        let found: RootBlocks
        do throws(DiskError) {
            file = try disk.open(path, writing ? .readWrite : .read)
            found = try RootBlocks(of: file)
        } catch {
            throw .disk(error)
        }
        // A crash can tear the block that is being written, never both.
        guard !found.blocks.isEmpty || found.written < 2 else {
            throw .corrupt(id: 0, place: 0, reason: "neither root block is whole")
        }
        guard let newest = found.blocks.max(by: { $0.checkpoint < $1.checkpoint }) else {
            let settling = writing ? RootSettling(found, taken: nil) : RootSettling()
            return OpenedPages(
                file: empty(file, identity, packs: packs, faults: faults, settling),
                payload: nil
            )
        }
        guard newest.version <= RootBlock.version else { throw .newer(version: newest.version) }
        guard newest.identity == identity else { throw .foreign(path: path) }
        guard RootBlock.readable.contains(newest.version) else {
            throw .older(version: newest.version)
        }
        var opening = try PageOpening(file: file, block: newest, packs: packs, faults)
        if writing { opening.settling = RootSettling(found, taken: newest) }
        var opened = try opening.open()
        // After the first checkpoint alone one of them was never written.
        opened.isBlockBroken =
            found.blocks.count < (newest.checkpoint > 1 ? 2 : found.written)
        return opened
    }

    /// Makes the root block durable that was taken at the opening.
    ///
    /// A process that was killed, or whose sync failed, may have left it in the system's memory
    /// alone. Who removes anything of the log that an older one needs calls this before; whatever
    /// writes to the file does so by itself.
    ///
    /// - Throws: `.disk`.
    package func makeTakenDurable() throws(PageError) {
        do throws(DiskError) { try settling.settleTaken(in: file) } catch { throw .disk(error) }
    }
}

extension PageFile {
    /// The length of a file.
    static func byteCount(_ file: any DiskFile) throws(PageError) -> UInt64 {
        do throws(DiskError) { return try file.byteCount() } catch { throw .disk(error) }
    }

    /// Whole places in a file.
    static func placeCount(_ file: any DiskFile) throws(PageError) -> UInt64 {
        min(try byteCount(file) / UInt64(PlaceLayout.size), PlaceLayout.limit)
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
    let packs: Bool
    var state = PageFile.CheckpointState()
    var settling = RootSettling()

    init(
        file: any DiskFile,
        block: RootBlock,
        packs: Bool,
        _ faults: PageFaults
    ) throws(PageError) {
        places = PlaceAllocator(faults)
        self.packs = packs
        self.file = file
        self.block = block
        limit = try PageFile.placeCount(file)
        cache = PageCache(file: file, places: places)
        places.opened(at: block.generation, checkpoint: block.checkpoint)
        state.slot = block.slot
    }

    private static let badPlace = "a place beyond the end of the file, or one that is named twice"

    mutating func open() throws(PageError) -> OpenedPages {
        let nodeSpots = try readDirectoryPages()
        var directories: [Directory] = []
        var free: [UInt64] = []
        var next: UInt64 = 0
        for (space, nodes) in zip(PageSpace.allCases, nodeSpots) {
            let directory = Directory(count: nodes.count, copying: nil)
            for (index, spot) in nodes.enumerated() where spot != .none {
                let node = try readNode(space, index, spot)
                unsafe directory.nodes[index] = node
            }
            directories.append(directory)
            if space == .tree { (free, next) = Self.freeNumbers(directory) }
        }
        while directories.count < PageSpace.allCases.count {
            directories.append(Directory(count: 0, copying: nil))
        }
        let root = PageRoot(generation: block.generation, directories: directories, cache: cache)
        let opened = PageFile(
            file: file,
            identity: block.identity,
            places: places,
            cache: cache,
            root: root,
            numbers: PageNumbers(free: free, next: next),
            state: state,
            packs: packs,
            settling
        )
        return OpenedPages(file: opened, payload: block.payload)
    }

    private mutating func readDirectoryPages() throws(PageError) -> [[PageSpot]] {
        var stream: [PageSpot] = []
        for (index, place) in block.directoryPlaces.enumerated() {
            guard place < PlaceLayout.limit else {
                throw .corrupt(id: 0, place: place, reason: Self.badPlace)
            }
            // Every checkpoint writes all of them.
            let spot = PageSpot(
                base: PlaceRun(place, count: PlaceLayout.page),
                tag: CheckpointTag(of: block.checkpoint)
            )
            stream += try read(PageBlockKind.directoryID(index), spot) { page in
                let count = Int(page.load32(PageBlockKind.count))
                return (0..<min(count, PageBlockKind.directoryEntries)).map {
                    PageSpot(word: page.load64(PageLayout.header + $0 * 8))
                }
            }
            state.directory.append(spot)
        }
        var spaces: [[PageSpot]] = []
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

    private mutating func readNode(
        _ space: PageSpace,
        _ index: Int,
        _ spot: PageSpot
    ) throws(PageError) -> UInt {
        let id = PageBlockKind.nodeID(space: Int(space.rawValue), index: index)
        let spots = try read(id, spot) { page in
            (0..<nodeEntries).map { NodeEntry.load(page, $0) }
        }
        let node = try cache.pool.takeIfPossible()
        BlockHead(node).spot = spot
        PageReader.clear(node)
        guard let entries = NodeEntries(node) else { preconditionFailure("block 0") }
        var bases: [PlaceRun] = []
        bases.reserveCapacity(nodeEntries)
        for found in spots {
            guard let found else {
                throw .corrupt(id: id.bits, place: spot.base.first, reason: Self.badPlace)
            }
            if !found.isNone { bases.append(found.base) }
        }
        if let bad = places.reserve(bases, limit: limit) {
            throw .corrupt(id: id.bits, place: bases[bad].first, reason: Self.badPlace)
        }
        for case (let entry, let found?) in spots.enumerated() where !found.isNone {
            try reserveDelta(found, id)
            entries.store(found, entry)
            state.written.set(
                PageID(space, UInt64(index * nodeEntries + entry)),
                WrittenPages.Entry(spot: found)
            )
        }
        return node
    }

    /// Notes that a page's delta page is in use; it may hold deltas of others too.
    private func reserveDelta(_ spot: PageSpot, _ id: PageID) throws(PageError) {
        if spot.delta.isNone { return }
        let page = spot.delta.page
        if state.written.deltas[page.first] == nil {
            try reserve(page, id)
        } else if !places.share(page) {
            throw .corrupt(id: id.bits, place: page.first, reason: Self.badPlace)
        }
    }

    private func reserve(_ run: PlaceRun, _ id: PageID) throws(PageError) {
        guard run.isPossible, places.reserve(run.first, count: UInt64(run.count), limit: limit)
        else { throw .corrupt(id: id.bits, place: run.first, reason: Self.badPlace) }
    }

    /// Reads a page of the table itself; its frame goes back when `body` returns.
    private func read<Result>(
        _ id: PageID,
        _ spot: PageSpot,
        _ body: (Page) -> Result
    )
        throws(PageError) -> Result
    {
        try reserve(spot.base, id)
        let frame = try cache.reader.page(id, spot)
        defer { cache.pool.give(frame) }
        return body(PageReader.page(frame))
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
