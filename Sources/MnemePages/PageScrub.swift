// Reading the durable pages again to find out early what does not read back: through plain reads of
// the file, from the root block on, beside readers and the writer. A checkpoint may be written
// between two steps, never within one: the next step goes on with the pages of the new one.
// Format: formats/pages.md.

internal import MnemeBase

/// A page that does not read back.
package struct PageDamage: Hashable, Sendable {
    /// Where it stands.
    package let place: UInt64
    /// What is the matter, for people.
    package let reason: String
}

/// A pass over the durable pages, in steps of at most a node's pages.
package struct PageScrub {
    /// Pages of one step.
    private static let stepPages = 64

    private let file: any DiskFile
    private let identity: StoreIdentity
    private var checkpoint: UInt64 = 0
    /// The places of the nodes by space.
    private var nodes: [(space: Int, index: Int, place: UInt64)] = []
    private var node = 0
    private var entry = 0
    /// Bytes that were read so far.
    package private(set) var bytesRead = 0
    /// What was found.
    package private(set) var damage: [PageDamage] = []

    /// Starts with the first page.
    package init(_ pages: PageFile) {
        file = pages.file
        identity = pages.identity
    }

    /// Goes on by one step; no checkpoint may be written meanwhile.
    ///
    /// - Returns: whether there is more.
    package mutating func step() -> Bool {
        guard let blocks = try? PageFile.rootBlocks(of: file).blocks else {
            note(0, "the root blocks cannot be read")
            return false
        }
        bytesRead += 2 * PageLayout.size
        guard let newest = blocks.max(by: { $0.checkpoint < $1.checkpoint }),
            newest.identity == identity, newest.version == RootBlock.version
        else { return false }
        if newest.checkpoint != checkpoint {
            checkpoint = newest.checkpoint
            nodes = readNodes(newest)
        }
        guard node < nodes.count else { return false }
        readPages()
        return node < nodes.count
    }

    private mutating func readNodes(
        _ block: RootBlock
    ) -> [(space: Int, index: Int, place: UInt64)] {
        var stream: [UInt64] = []
        for (index, place) in block.directoryPlaces.enumerated() {
            guard let page = page(PageBlockKind.directoryID(index), place) else { return [] }
            var reader = ByteReader(page)
            reader.offset = 20
            let count = (try? reader.get(UInt32.self)) ?? 0
            reader.offset = PageLayout.header
            for _ in 0..<min(Int(count), PageBlockKind.directoryEntries) {
                stream.append((try? reader.get(UInt64.self)) ?? 0)
            }
        }
        var nodes: [(space: Int, index: Int, place: UInt64)] = []
        var next = 0
        for (space, count) in block.nodeCounts.enumerated() {
            for index in 0..<count where next + index < stream.count {
                nodes.append((space, index, stream[next + index]))
            }
            next += count
        }
        return nodes
    }

    /// Reads the next pages of a node.
    private mutating func readPages() {
        let (space, index, place) = nodes[node]
        guard place != 0, let bytes = page(PageBlockKind.nodeID(space: space, index: index), place)
        else { return goOn() }
        var done = 0
        while entry < nodeEntries, done < Self.stepPages {
            var reader = ByteReader(bytes)
            reader.offset = PageLayout.header + entry * 6
            let low = UInt64((try? reader.get(UInt32.self)) ?? 0)
            let high = UInt64((try? reader.get(UInt16.self)) ?? 0)
            let target = low | high << 32
            if target != 0 {
                let number = UInt64(index * nodeEntries + entry)
                _ = page(PageID(bits: UInt64(space) << 56 | number), target)
                done += 1
            }
            entry += 1
        }
        if entry == nodeEntries { goOn() }
    }

    private mutating func goOn() {
        node += 1
        entry = 0
    }

    /// A page that is whole; what is wrong with another is noted.
    private mutating func page(_ id: PageID, _ place: UInt64) -> [UInt8]? {
        let size = PageLayout.size
        guard place < UInt64.max / UInt64(size),
            let bytes = try? file.read(at: place * UInt64(size), count: size)
        else {
            note(place, "it cannot be read")
            return nil
        }
        bytesRead += size
        var reader = ByteReader(bytes)
        let checksum = try? reader.get(UInt64.self)
        guard checksum == Checksum.xxh3(Array(bytes.dropFirst(8)), seed: place) else {
            note(place, "its checksum does not match")
            return nil
        }
        guard (try? reader.get(UInt64.self)) == id.bits else {
            note(place, "another page stands there")
            return nil
        }
        return bytes
    }

    private mutating func note(_ place: UInt64, _ reason: String) {
        guard damage.count < 100 else { return }
        damage.append(PageDamage(place: place, reason: reason))
    }
}
