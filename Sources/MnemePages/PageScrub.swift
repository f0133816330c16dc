// Reading the durable pages again to find out early what does not read back: through plain reads of
// the file, from the root block on, beside readers and the writer. A checkpoint may be written
// between two steps, never within one: the next step goes on with the pages of the new one.
// Format: formats/pages.md.

internal import MnemeBase

/// A page that does not read back.
package struct PageDamage: Hashable, Sendable {
    /// Where it, or the delta page that it needs, stands.
    package let place: UInt64
    /// What is the matter, for people.
    package let reason: String
}

extension PageFile {
    /// Where a place stands in the file, whose places are longer in an encrypted store; wraps where
    /// there is no such place.
    package static func byteOffset(ofPlace place: UInt64, isEncrypted: Bool) -> UInt64 {
        place &* UInt64(isEncrypted ? SealedFile.stored : PlaceLayout.size)
    }
}

/// A pass over the durable pages, in steps of at most a node's pages.
package struct PageScrub {
    /// Pages of one step.
    private static let stepPages = 64

    private struct Node {
        let space: Int
        let index: Int
        let spot: PageSpot

        var id: PageID { PageBlockKind.nodeID(space: space, index: index) }
    }

    private let pages: PageFile
    private var checkpoint: UInt64 = 0
    private var nodes: [Node] = []
    private var node = 0
    private var entry = 0
    /// Bytes that were read so far.
    package private(set) var bytesRead = 0
    /// What was found.
    package private(set) var damage: [PageDamage] = []

    /// Starts with the first page.
    package init(_ pages: PageFile) { self.pages = pages }

    /// Goes on by one step; no checkpoint may be written meanwhile.
    ///
    /// - Returns: whether there is more.
    package mutating func step() -> Bool {
        guard let blocks = try? RootBlocks(of: pages.file).blocks else {
            note(0, "the root blocks cannot be read")
            return false
        }
        bytesRead += 2 * PageLayout.size
        guard let newest = blocks.max(by: { $0.checkpoint < $1.checkpoint }),
            newest.identity == pages.identity, RootBlock.readable.contains(newest.version)
        else { return false }
        if newest.checkpoint != checkpoint {
            checkpoint = newest.checkpoint
            nodes = readNodes(newest)
        }
        guard node < nodes.count else { return false }
        readPages()
        return node < nodes.count
    }

    private mutating func readNodes(_ block: RootBlock) -> [Node] {
        var stream: [UInt64] = []
        for (index, place) in block.directoryPlaces.enumerated() {
            let run = PlaceRun(place & (PlaceLayout.limit - 1), count: PlaceLayout.page)
            let spot = PageSpot(base: run, tag: CheckpointTag(of: block.checkpoint))
            let found = read(PageBlockKind.directoryID(index), spot) { page in
                let count = min(
                    Int(page.load32(PageBlockKind.count)),
                    PageBlockKind.directoryEntries
                )
                return (0..<count).map { page.load64(PageLayout.header + $0 * 8) }
            }
            guard let found else { return [] }
            stream += found
        }
        var nodes: [Node] = []
        var next = 0
        for (space, count) in block.nodeCounts.enumerated() {
            for index in 0..<count where next + index < stream.count {
                let spot = PageSpot(word: stream[next + index])
                nodes.append(Node(space: space, index: index, spot: spot))
            }
            next += count
        }
        return nodes
    }

    /// Reads the next pages of a node.
    private mutating func readPages() {
        let node = nodes[node]
        let spots: [PageSpot?]?
        if node.spot.isNone {
            spots = nil
        } else {
            spots = read(node.id, node.spot) { page in
                (0..<nodeEntries).map { NodeEntry.load(page, $0) }
            }
        }
        guard let spots else { return goOn() }
        var done = 0
        while entry < nodeEntries, done < Self.stepPages {
            if let spot = spots[entry], !spot.isNone {
                let number = UInt64(node.index * nodeEntries + entry)
                _ = read(PageID(bits: UInt64(node.space) << 56 | number), spot) { _ in 0 }
                done += 1
            } else if spots[entry] == nil {
                note(node.spot.base.first, "an entry of the page table that cannot be")
            }
            entry += 1
        }
        if entry == nodeEntries { goOn() }
    }

    private mutating func goOn() {
        node += 1
        entry = 0
    }

    /// Reads a page and what it needs; nil, and what is wrong is noted, when it is not whole.
    private mutating func read<Result>(
        _ id: PageID,
        _ spot: PageSpot,
        _ body: (Page) -> Result
    ) -> Result? {
        guard spot.base.isPossible else {
            note(spot.base.first, "no page can stand there")
            return nil
        }
        let reader = pages.cache.reader
        bytesRead += spot.base.byteCount + (spot.delta.isNone ? 0 : PageLayout.size)
        do throws(PageError) {
            let frame = try reader.page(id, spot)
            defer { reader.pool.give(frame) }
            return body(PageReader.page(frame))
        } catch {
            if case .corrupt(_, let place, let reason) = error {
                note(place, reason)
            } else {
                note(spot.base.first, "it cannot be read")
            }
            return nil
        }
    }

    private mutating func note(_ place: UInt64, _ reason: String) {
        guard damage.count < 100 else { return }
        damage.append(PageDamage(place: place, reason: reason))
    }
}
