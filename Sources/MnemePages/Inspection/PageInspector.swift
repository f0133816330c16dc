// Pages for people who look into them: the root blocks as the file has them, any page of a state as
// it is in memory, where it stands in the file, and what its bytes mean. Kinds that belong to other
// rooms are described there. Format: formats/pages.md.

package import MnemeBase

/// A page with its bytes.
package struct InspectedPage: Sendable {
    package let id: PageID
    /// The bytes; checksum and checkpoint, which are of the file alone, are zero.
    package let bytes: [UInt8]
    /// Where it stands in the file, for people.
    package let standing: String

    package var kind: UInt8 { bytes[PageLayout.kind] }

    /// A number at an offset, lowest byte first; 0 where the page ends before.
    package func number<Integer: FixedWidthInteger>(
        _ offset: Int,
        _ type: Integer.Type = Integer.self
    ) -> Integer {
        let end = offset + Integer.bitWidth / 8
        guard offset >= 0, end <= bytes.count else { return 0 }
        return bytes[offset..<end].reversed().reduce(0) {
            $0 << 8 | Integer(truncatingIfNeeded: $1)
        }
    }

    /// Some of its bytes, as many as there are.
    package func part(_ offset: Int, _ count: Int) -> [UInt8] {
        let start = min(max(offset, 0), bytes.count)
        return Array(bytes[start..<min(bytes.count, start + max(count, 0))])
    }

    /// The head that every page has; `own` says what the kind's seven bytes are.
    package func head(kindName: String, own: String = "the kind's own") -> [ByteNote] {
        var notes = ByteNotes(bytes)
        notes.number("checksum", UInt64.self) { _ in "of the run in the file; zero in memory" }
        notes.number("id", UInt64.self) { PageName.text(PageID(bits: $0)) }
        notes.number("kind", UInt8.self) { _ in kindName }
        notes.run("own", count: 7) { _ in own }
        notes.number("checkpoint", UInt64.self) { _ in "of the run in the file; zero in memory" }
        return notes.notes
    }
}

/// How pages are called: the space and the number, `tree:17`.
package enum PageName {
    private static let spaces = ["tree", "ordinals", "arrays"]

    /// The name of a page.
    package static func text(_ id: PageID) -> String {
        let space = id.spaceIndex < spaces.count ? spaces[id.spaceIndex] : "\(id.spaceIndex)"
        return "\(space):\(id.number)"
    }

    /// The page of a name; a number alone is one of a tree.
    package static func page(_ text: String) -> PageID? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let number = parts.last.flatMap({ UInt64($0) }), number < 1 << 56 else { return nil }
        guard parts.count == 2 else {
            return parts.count == 1 ? PageID(.tree, number) : nil
        }
        guard let space = spaces.firstIndex(of: String(parts[0])) else { return nil }
        return PageID(bits: UInt64(space) << 56 | number)
    }
}

extension PageView {
    /// A page of any space.
    ///
    /// - Throws: `.corrupt` when there is no such page or its bytes fail their checksum, `.disk`.
    package func inspect(_ id: PageID) throws(PageError) -> InspectedPage {
        let found = try id.spaceIndex < 2 ? page(id) : root.cache.load(id, root.directories)
        return InspectedPage(
            id: id,
            bytes: found.copy(0, PageLayout.size),
            standing: standing(of: id)
        )
    }

    /// Whether there is such a page, of any space.
    package func isHeld(_ id: PageID) -> Bool {
        id.spaceIndex < root.directories.count
            && PageCache.entry(id, root.directories[id.spaceIndex]) != 0
    }

    /// How many pages each space has.
    ///
    /// - Complexity: O(pages).
    package var pageCounts: [(space: String, count: Int)] {
        root.directories.enumerated().map { space, directory in
            var count = 0
            for index in 0..<directory.count {
                guard let entries = unsafe NodeEntries(directory.nodes[index]) else { continue }
                for entry in 0..<nodeEntries where entries.load(entry) != 0 { count += 1 }
            }
            return (space < 3 ? ["tree", "ordinals", "arrays"][space] : "\(space)", count)
        }
    }

    private func standing(of id: PageID) -> String {
        guard id.spaceIndex < root.directories.count else { return "nowhere" }
        let directory = root.directories[id.spaceIndex]
        let index = Int(truncatingIfNeeded: id.number >> nodeShift)
        guard index < directory.count, let entries = unsafe NodeEntries(directory.nodes[index])
        else { return "nowhere" }
        let number = Int(truncatingIfNeeded: id.number)
        let entry = entries.load(number)
        guard entry != 0 else { return "nowhere" }
        let spot = entries.spot(number) ?? BlockHead(TableEntry.frame(entry)).spot
        if spot.isNone { return "in memory alone; the next checkpoint writes it" }
        let base =
            "place \(spot.base.first), \(spot.base.count) of 8 places"
            + (spot.base.isWhole ? ", as it is" : ", packed")
        let delta =
            spot.delta.isNone
            ? ""
            : "; delta at \(spot.delta.offset) of the delta page at place \(spot.delta.page.first)"
        return base + delta + "; tag \(spot.tag.bits)"
    }
}

/// The root blocks of a page file.
package enum RootBlockInspector {
    /// Both blocks, byte by byte, as far as their heads go.
    ///
    /// - Throws: `.disk`.
    package static func notes(
        _ disk: any Disk,
        path: String
    ) throws(PageError) -> [(title: String, notes: [ByteNote])] {
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            let held = Int(try file.byteCount())
            var blocks: [(title: String, notes: [ByteNote])] = []
            for slot in 0..<2 {
                let start = slot * PageLayout.size
                let count = max(0, min(PageLayout.size, held - start))
                let bytes = try file.read(at: UInt64(start), count: count)
                blocks.append(("root block \(slot + 1)", Self.notes(bytes, slot: slot)))
            }
            return blocks
        } catch {
            throw .disk(error)
        }
    }

    private static func notes(_ bytes: [UInt8], slot: Int) -> [ByteNote] {
        var notes = ByteNotes(bytes, at: slot * PageLayout.size)
        let isEmpty = bytes.allSatisfy { $0 == 0 }
        let isWhole = (try? RootBlock(bytes, slot: UInt64(slot))) != nil
        notes.number("checksum", UInt64.self) { _ in
            isEmpty ? "none: the block is empty" : isWhole ? "matches" : "does not match"
        }
        notes.run("magic", count: 8) { String(decoding: $0, as: UTF8.self) }
        notes.number("version", UInt32.self) { "page files of version \($0)" }
        notes.number("page size", UInt32.self) { "\($0) bytes" }
        notes.number("identity", UInt64.self) { "high half, \(Hexadecimal.word($0))" }
        notes.number("identity", UInt64.self) { "low half, \(Hexadecimal.word($0))" }
        notes.number("generation", UInt64.self) { "publication \($0)" }
        notes.number("checkpoint", UInt64.self) { "number \($0)" }
        let payload = notes.number("payload count", UInt32.self) { "\($0) bytes of state" }
        let spaces = notes.number("space count", UInt32.self)
        let directories = notes.number("directory count", UInt32.self)
        notes.number("reserved", UInt32.self) { _ in "zero" }
        guard isWhole else { return notes.notes }
        for space in 0..<min(spaces, 255) {
            notes.number("node count", UInt32.self) { "\($0) nodes of space \(space)" }
        }
        for _ in 0..<min(Int(directories), RootBlock.directoryLimit) {
            notes.number("directory", UInt64.self) { "a directory page at place \($0)" }
        }
        notes.run("payload", count: Int(payload)) { "the store's state, \($0.count) bytes" }
        return notes.notes
    }
}
