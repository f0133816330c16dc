// Bytes that no entry uses are zero, and the check that says so can fail.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct SlackTests {
    /// A tree of two levels of which a good part was removed again.
    private static func made(_ editor: PageEditor) throws -> ColumnTree {
        let tree = ColumnTree.create(ColumnShape(columns: [40, 3]), in: editor)
        for low in 0..<UInt64(2000) {
            try tree.insert(
                low % 7,
                low,
                values: [UInt8](repeating: 0xab, count: 43),
                in: editor
            )
        }
        for low in stride(from: UInt64(0), to: 2000, by: 3) {
            try tree.remove(low % 7, low, in: editor)
        }
        return tree
    }

    private static func pages(_ tree: ColumnTree, _ editor: PageEditor) throws -> [PageID] {
        var (ids, open) = ([PageID](), [tree.root])
        while let id = open.popLast() {
            ids.append(id)
            let node = try tree.node(id, editor)
            if node.level > 0 { for index in 0..<node.count { open.append(node.child(index)) } }
        }
        return ids
    }

    @Test func aByteBesideTheEntriesIsTold() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = try Self.made(editor)
        try tree.checkStructure(editor.view, andSlack: true)
        for id in try Self.pages(tree, editor) {
            let page = try editor.edit(id)
            let node = try tree.node(id, editor)
            var offsets = [20]
            if node.level > 0 {
                offsets += [
                    ColumnLayout.payload, ColumnLayout.payload + 16 * node.count,
                    ColumnLayout.children - 1, ColumnLayout.children + 8 * node.count, 8191,
                ]
            } else if node.count < tree.shape.capacity {
                offsets += [
                    ColumnLayout.payload + 16 * node.count, tree.shape.offset(0, node.count),
                    tree.shape.offset(1, node.count), tree.shape.offset(0, 0) - 1,
                ]
            }
            for offset in offsets {
                let before = page.page.byte(offset)
                guard before == 0 else { continue }
                page.store(UInt8(1), offset)
                #expect(throws: PageError.self, "page \(id.number) at \(offset)") {
                    try tree.checkStructure(editor.view, andSlack: true)
                }
                // A reader does not care.
                try tree.checkStructure(editor.view)
                page.store(before, offset)
            }
        }
        try tree.checkStructure(editor.view, andSlack: true)
    }

    @Test func ordinalPagesKeepNothingOfNobody() throws {
        let world = try World()
        let editor = world.file.edit()
        for ordinal in UInt64(1)..<500 {
            let entry = OrdinalEntry(place: 9, birth: 3, owner: 1, collection: 2, flags: 0)
            try OrdinalTable.set(entry, of: ordinal, in: editor)
        }
        try OrdinalTable.checkSlack(editor.view)
        let id = OrdinalTable.pageID(500)
        for offset in [20, OrdinalTable.offset(500) + 36] {
            try editor.edit(id).store(UInt8(1), offset)
            #expect(throws: PageError.self) { try OrdinalTable.checkSlack(editor.view) }
            try editor.edit(id).store(UInt8(0), offset)
        }
        try OrdinalTable.checkSlack(editor.view)
    }
}
