// What the file holds at places and in bytes that nothing uses: read from the file itself, as proof
// that what was erased is gone. Nothing is taken from memory but which places somebody in this
// process still holds on to. Format: formats/pages.md#scouring.

internal import MnemeBase
internal import Synchronization

/// Bytes that are not zero, or may say what is not in the state any more.
package struct PageResidue: Hashable, Sendable {
    /// What there is.
    package enum Kind: String, CaseIterable, Sendable {
        /// Free places that are not zero; a pass of `PageScour` zeroes them.
        case free
        /// Places that the older root block alone names, as the opening after a crash may. What it
        /// shows is the state of its own payload; the next checkpoint takes its place.
        case older
        /// Places that neither root block names and that are not free: a reader, the writer or a
        /// checkpoint holds on to them.
        case held
        /// A page that stands as base and delta: the base may say what the delta takes out. The
        /// finding has the number of the checkpoint that wrote the base.
        case delta
        /// A delta of no page, in a delta page of others; with the checkpoint of the delta page.
        case deadDelta
        /// Bytes beside what is used of a run, a root block or an extent.
        case rest
        /// Bytes behind the last place.
        case end
    }

    package let kind: Kind
    /// The first place.
    package let place: UInt64
    /// How many places.
    package let count: UInt64
    /// Of deltas, see there; else 0.
    package let checkpoint: UInt64
}

/// What was found.
package struct PageResidues: Sendable {
    /// The first ones of them.
    package fileprivate(set) var findings: [PageResidue] = []
    /// All, by kind.
    package fileprivate(set) var counts: [PageResidue.Kind: Int] = [:]
    /// The number of the newest root block's checkpoint, and its payload; nil without one.
    package fileprivate(set) var newest: (checkpoint: UInt64, payload: [UInt8])?
    /// The same of the older root block, where it and all that it names can be read.
    package fileprivate(set) var older: (checkpoint: UInt64, payload: [UInt8])?

    fileprivate static let limit = 1000

    fileprivate mutating func note(
        _ kind: PageResidue.Kind,
        _ place: UInt64,
        count: UInt64 = 1,
        checkpoint: UInt64 = 0
    ) {
        counts[kind, default: 0] += 1
        if let last = findings.last, last.kind == kind, last.place + last.count == place,
            last.checkpoint == checkpoint, checkpoint == 0
        {
            findings[findings.count - 1] = PageResidue(
                kind: kind,
                place: last.place,
                count: last.count + count,
                checkpoint: 0
            )
            return
        }
        guard findings.count < Self.limit else { return }
        findings.append(
            PageResidue(kind: kind, place: place, count: count, checkpoint: checkpoint)
        )
    }
}

extension PageFile {
    /// Reads the whole file and tells what stands where nothing is in use.
    ///
    /// `extents`: those that the state of a root block's payload names.
    /// Slack inside pages is the trees' to check (`checkStructure(_:andSlack:)`,
    /// `OrdinalTable.checkSlack`), in the root that the newest checkpoint wrote.
    ///
    /// No checkpoint is written meanwhile; a store that keeps what its extents are has none be
    /// begun either.
    ///
    /// - Throws: `.corrupt` when the newest checkpoint's page table cannot be read, `.disk`.
    /// - Complexity: O(bytes of the file).
    package func residues(
        extents: (_ payload: [UInt8]) -> [ExtentPlace]
    ) throws(PageError) -> PageResidues {
        try checkpointed.withLock { _ throws(PageError) in
            var search = try ResidueSearch(self)
            try search.run(extents)
            return search.found
        }
    }
}

private struct ResidueSearch {
    let pages: PageFile
    var found = PageResidues()
    private var newest: PlaceSet
    private var older: PlaceSet
    /// The deltas of pages, by their delta page.
    private var deltas: [UInt64: Set<Int>] = [:]

    init(_ pages: PageFile) throws(PageError) {
        self.pages = pages
        newest = PlaceSet(limit: try PageFile.placeCount(pages.file))
        older = newest
    }

    mutating func run(_ extents: ([UInt8]) -> [ExtentPlace]) throws(PageError) {
        let blocks: [RootBlock]
        do throws(DiskError) { blocks = try RootBlocks(of: pages.file).blocks } catch {
            throw .disk(error)
        }
        let whole = blocks.filter {
            $0.identity == pages.identity && RootBlock.readable.contains($0.version)
        }.sorted { $0.checkpoint > $1.checkpoint }
        for block in whole {
            let isNewest = block.checkpoint == whole[0].checkpoint
            var set = PlaceSet(limit: newest.limit)
            do throws(PageError) {
                try walk(block, isNewest: isNewest, &set)
            } catch {
                // What the older one names is then no more than what else stands there.
                guard isNewest else { continue }
                throw error
            }
            for extent in extents(block.payload) {
                set.insert(extent.place, extent.placeCount)
                if isNewest { try check(extent) }
            }
            if isNewest {
                newest = set
                found.newest = (block.checkpoint, block.payload)
            } else {
                older = set
                found.older = (block.checkpoint, block.payload)
            }
        }
        for (place, offsets) in deltas.sorted(by: { $0.key < $1.key }) {
            try checkDeltas(place, offsets)
        }
        try checkPlaces()
        try checkEnd()
    }

    private func read(_ start: UInt64, _ count: Int) throws(PageError) -> [UInt8] {
        do throws(DiskError) { return try pages.file.read(at: start, count: count) } catch {
            throw .disk(error)
        }
    }

    // MARK: What the root blocks name

    /// Goes through everything that a root block names but its extents; in the newest one's bytes
    /// that are not used are looked for.
    private mutating func walk(
        _ block: RootBlock,
        isNewest: Bool,
        _ set: inout PlaceSet
    ) throws(PageError) {
        if isNewest {
            let start = block.slot * UInt64(PageLayout.size)
            if try read(start, PageLayout.size) != block.bytes(slot: block.slot) {
                found.note(.rest, block.slot * UInt64(PlaceLayout.page))
            }
        }
        var spots: [PageSpot] = []
        for (index, place) in block.directoryPlaces.enumerated() {
            // Every checkpoint writes all of them.
            let spot = PageSpot(
                base: PlaceRun(place & (PlaceLayout.limit - 1), count: PlaceLayout.page),
                tag: CheckpointTag(of: block.checkpoint)
            )
            spots += try table(PageBlockKind.directoryID(index), spot, isNewest, &set) { page in
                let count = min(
                    Int(page.load32(PageBlockKind.count)),
                    PageBlockKind.directoryEntries
                )
                let nodes = (0..<count).map {
                    PageSpot(word: page.load64(PageLayout.header + $0 * 8))
                }
                return (nodes, PageLayout.header + count * 8)
            }
        }
        var next = 0
        for (space, count) in block.nodeCounts.enumerated() {
            for index in 0..<min(count, max(0, spots.count - next)) {
                let spot = spots[next + index]
                if spot.isNone { continue }
                let id = PageBlockKind.nodeID(space: space, index: index)
                let pages = try table(id, spot, isNewest, &set) { page in
                    let end = PageLayout.header + nodeEntries * NodeEntry.size
                    let entries = (0..<nodeEntries).map { NodeEntry.load(page, $0) }
                    return (entries, end)
                }
                for entry in pages {
                    guard let entry else {
                        throw .corrupt(id: id.bits, place: spot.base.first, reason: "no entry")
                    }
                    if !entry.isNone { try take(entry, isNewest, &set) }
                }
            }
            next += count
        }
    }

    /// Reads a page of the table; `body` says where what is used of it ends.
    private mutating func table<Entry>(
        _ id: PageID,
        _ spot: PageSpot,
        _ isNewest: Bool,
        _ set: inout PlaceSet,
        _ body: (Page) -> ([Entry], Int)
    ) throws(PageError) -> [Entry] {
        guard spot.base.isPossible else {
            throw .corrupt(id: id.bits, place: spot.base.first, reason: "no page can stand there")
        }
        let reader = pages.cache.reader
        let frame = try reader.page(id, spot)
        defer { reader.pool.give(frame) }
        let page = PageReader.page(frame)
        let (entries, end) = body(page)
        if isNewest {
            let isClean =
                page.isZero(PageLayout.kind + 1, 3) && page.isZero(end, PageLayout.size - end)
            if !isClean { found.note(.rest, spot.base.first) }
        }
        try take(spot, isNewest, &set)
        return entries
    }

    /// Notes the places of a page, and what is not used of them.
    private mutating func take(
        _ spot: PageSpot,
        _ isNewest: Bool,
        _ set: inout PlaceSet
    ) throws(PageError) {
        set.insert(spot.base.first, UInt64(spot.base.count))
        if !spot.delta.isNone {
            set.insert(spot.delta.page.first, UInt64(PlaceLayout.page))
        }
        guard isNewest else { return }
        let bytes = try read(spot.base.byteOffset, spot.base.byteCount)
        if !spot.base.isWhole {
            let start = StoredLayout.packedCount
            let used = StoredLayout.packedHead + Int(bytes[start]) + Int(bytes[start + 1]) << 8
            let isClean =
                bytes[(StoredLayout.turnedStride + 1)..<StoredLayout.packedHead].isZero
                && used <= bytes.count && bytes[used...].isZero
            if !isClean { found.note(.rest, spot.base.first) }
        }
        if !spot.delta.isNone {
            deltas[spot.delta.page.first, default: []].insert(spot.delta.offset)
            let offset =
                spot.base.isWhole ? PageLayout.checkpoint : StoredLayout.packedCheckpoint
            found.note(
                .delta,
                spot.base.first,
                count: UInt64(spot.base.count),
                checkpoint: Self.number(bytes, offset)
            )
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Goes through a delta page: which of its deltas no page has, and what follows the last.
    private mutating func checkDeltas(_ place: UInt64, _ live: Set<Int>) throws(PageError) {
        let bytes = try read(place * UInt64(PlaceLayout.size), PageLayout.size)
        let checkpoint = Self.number(bytes, PageLayout.checkpoint)
        var offset = PageLayout.header
        while offset + StoredLayout.deltaHead <= bytes.count {
            let start = offset + StoredLayout.deltaCount
            let count = Int(bytes[start]) + Int(bytes[start + 1]) << 8
            if count == 0 { break }
            if !live.contains(offset) {
                found.note(.deadDelta, place, checkpoint: checkpoint)
            }
            offset += StoredLayout.deltaHead + count
        }
        let isClean =
            bytes[(PageLayout.kind + 1)..<PageLayout.checkpoint].isZero
            && offset <= bytes.count && bytes[offset...].isZero
        if !isClean { found.note(.rest, place) }
    }

    private mutating func check(_ extent: ExtentPlace) throws(PageError) {
        let used = Int(extent.byteCount % UInt64(PlaceLayout.size))
        guard used > 0 else { return }
        let last = extent.place + extent.placeCount - 1
        let bytes = try read(last * UInt64(PlaceLayout.size), PlaceLayout.size)
        if !bytes[used...].isZero { found.note(.rest, last) }
    }

    // MARK: Everything else

    /// Looks at every place that the newest root block does not name.
    private mutating func checkPlaces() throws(PageError) {
        let (used, end) = pages.places.bits
        for place in UInt64(2 * PlaceLayout.page)..<max(end, UInt64(2 * PlaceLayout.page))
        where used[Int(place >> 6)] & 1 << (place & 63) != 0 && !newest.contains(place) {
            found.note(older.contains(place) ? .older : .held, place)
        }
        var next: UInt64 = 0
        while let run = pages.places.borrow(from: next, atMost: 1024, forZeroing: false) {
            var isZero = false
            defer { pages.places.giveBack(run, isZero: isZero) }
            next = run.first + run.count
            let start = run.first * UInt64(PlaceLayout.size)
            let length = try PageFile.byteCount(pages.file)
            if start >= length { continue }
            let count = Int(min(next * UInt64(PlaceLayout.size), length) - start)
            let bytes = try pages.unusedBytes(at: start, count: count)
            isZero = bytes.isZero
            if isZero { continue }
            for offset in stride(from: 0, to: bytes.count, by: PlaceLayout.size) {
                let place = run.first + UInt64(offset / PlaceLayout.size)
                let part = bytes[offset..<min(offset + PlaceLayout.size, bytes.count)]
                if !part.isZero { found.note(older.contains(place) ? .older : .free, place) }
            }
        }
    }

    private mutating func checkEnd() throws(PageError) {
        let length = try PageFile.byteCount(pages.file)
        var start = pages.places.bits.end * UInt64(PlaceLayout.size)
        while start < length {
            let count = Int(min(length - start, 1 << 20))
            let bytes = try pages.unusedBytes(at: start, count: count)
            for offset in stride(from: 0, to: bytes.count, by: PlaceLayout.size) {
                let place = (start + UInt64(offset)) / UInt64(PlaceLayout.size)
                let part = bytes[offset..<min(offset + PlaceLayout.size, bytes.count)]
                if !part.isZero { found.note(older.contains(place) ? .older : .end, place) }
            }
            start += UInt64(bytes.count)
        }
    }
}

/// Places of a file, a bit each; others are left out.
private struct PlaceSet {
    let limit: UInt64
    private var words: [UInt64] = []

    init(limit: UInt64) { self.limit = limit }

    mutating func insert(_ first: UInt64, _ count: UInt64) {
        guard count > 0, first < limit, count <= limit - first else { return }
        let last = Int((first + count - 1) >> 6)
        if words.count <= last {
            words.append(contentsOf: repeatElement(0, count: last + 1 - words.count))
        }
        for place in first..<(first + count) { words[Int(place >> 6)] |= 1 << (place & 63) }
    }

    func contains(_ place: UInt64) -> Bool {
        let word = Int(place >> 6)
        return word < words.count && words[word] & 1 << (place & 63) != 0
    }
}
