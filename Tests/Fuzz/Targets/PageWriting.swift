// What a store writes to pages, whatever stands in them: a change goes through or is refused with
// an error, and what went through is there when the file is opened again.

internal import MnemeBase
internal import MnemeGraph
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// Writes to a page file.
struct PageWriting {
    let forged: ForgedPages
    let disk: MemoryDisk
    private static let newKey: [UInt8] = [9, 9, 9, 9]

    /// Writes, and says what did not hold; nil where all did.
    func run(_ file: PageFile, isTrue: Bool) -> String? {
        let editor = file.edit()
        do {
            try change(editor)
        } catch {
            file.discard(editor)
            return isTrue ? "a true file takes no change: \(error)" : nil
        }
        _ = file.publish(editor)
        // A tree that is not sound may have put it where nobody looks for it.
        let isSound = (try? forged.tree.checkStructure(file.root.view)) != nil
        do throws(PageError) {
            try file.checkpoint(file.root, payload: [7])
        } catch {
            return isTrue ? "a true file takes no checkpoint: \(error)" : nil
        }
        let opened: OpenedPages
        do throws(PageError) {
            opened = try PageFile.open(
                disk,
                path: ForgedPages.path,
                identity: ForgedPages.identity
            )
        } catch {
            return "what was written is refused: \(error)"
        }
        guard opened.payload == [7] else { return "another checkpoint is the newest" }
        guard isSound else { return nil }
        let found = try? forged.tree.value(Self.newKey, in: opened.file.root.view)
        return found == [1, 2, 3] ? nil : "a key that was written is not there"
    }

    private func change(_ editor: PageEditor) throws {
        for index in UInt8(0)..<90 where index % 2 == 0 {
            _ = try forged.tree.remove(ForgedPages.key(index), in: editor)
        }
        for index in UInt8(0)..<60 {
            let value = [UInt8](repeating: index, count: 9)
            try forged.tree.insert(ForgedPages.key(index) + [index], value, in: editor)
        }
        try forged.tree.insert(Self.newKey, [1, 2, 3], in: editor)
        for edge in 0..<UInt64(120) {
            let (from, to) = (edge % ForgedPages.nodes, edge * 7 % ForgedPages.nodes)
            let type = UInt16(edge % 3)
            try forged.adjacency.unlink(edge: edge, type: type, from: from, to: to, in: editor)
            try forged.adjacency.link(
                edge: edge + 2_000,
                type: type,
                from: from,
                to: to,
                birth: 11,
                in: editor
            )
        }
        for ordinal in 0..<UInt64(210) {
            _ = try OrdinalTable.end(ordinal, at: 50, last: ForgedPages.ordinals - 1, in: editor)
        }
        try OrdinalTable.dropDead(pageOf: 0, in: editor)
        let index = try VectorIndex.open(forged.coder, forged.head, in: editor)
        for ordinal in 0..<UInt64(20) {
            try index.remove(owner: UInt32(ordinal % 3), ordinal: ordinal, in: editor)
        }
        for ordinal in UInt64(30)..<40 {
            let owner = UInt32(ordinal % 3)
            try index.move(owner: owner, ordinal: ordinal, to: ordinal + 1, in: editor)
        }
        let row = try forged.coder.shape.format.encode([Float](repeating: 0.5, count: 8))
        try index.insert(owner: 1, ordinal: 5_000, row: row, address: 1, in: editor)
    }
}
