// What was removed leaves the pages of a tree: cells, slots, prefixes, and separators made from it.

import MnemeBase
import MnemePages
import Testing

@testable import MnemeTree

@Suite struct SlackTests {
    private static func pages(_ tree: Tree, _ editor: PageEditor) throws -> [PageID] {
        var (ids, open) = ([PageID](), [tree.root])
        while let id = open.popLast() {
            ids.append(id)
            let node = try TreeNode(try editor.page(id), id, level: nil)
            if node.level > 0 {
                for index in 0..<node.count { open.append(try node.child(index)) }
            }
        }
        return ids
    }

    private static let mark = Array("s3cr3t".utf8)

    /// Whether a page holds the mark, or all but its end.
    private static func holdsMark(_ page: Page) -> Bool {
        let bytes = page.copy(0, PageLayout.size)
        return bytes.indices.dropLast(4).contains { start in
            bytes[start] == mark[0] && bytes[start..<(start + 4)].elementsEqual(mark.prefix(4))
        }
    }

    /// Keys with a mark come and go among others that stay; no byte of the mark stays, in branches
    /// neither, whichever goes first.
    @Test func nothingOfARemovedKeyStays() throws {
        let randomness = SeededRandomness(seed: newSeed("erased keys"))
        for round in 0..<12 {
            let world = try World()
            var editor = world.file.edit()
            let tree = Tree.create(in: editor)
            func random(_ count: Int) -> [UInt8] {
                (0..<count).map { _ in UInt8(randomness.below(3)) + 0x61 }
            }
            // Long common parts make long separators.
            let stem = random([0, 2, 300][round % 3])
            var (marked, others) = ([Bytes](), Set<Bytes>())
            for step in 0..<3000 {
                let count = randomness.below(round % 2 == 0 ? 3 : 8)
                if step % (round % 4 == 3 ? 40 : 3) == 0 {
                    let key = stem + random(count) + Self.mark + random(randomness.below(40))
                    try tree.insert(key, Self.mark, in: editor)
                    marked.append(Bytes(bytes: key))
                } else {
                    let key = stem + random(count + randomness.below(9))
                    try tree.insert(key, random(randomness.below(60)), in: editor)
                    others.insert(Bytes(bytes: key))
                }
                if step % 7 == 0, let key = marked.randomElement(using: randomness) {
                    try tree.insert(key.bytes, Self.mark + random(3), in: editor)
                }
            }
            var generator = randomness
            switch round % 4 {
            case 0: marked.shuffle(using: &generator)
            case 1: marked.sort()
            case 2: marked.sort(by: >)
            default: break
            }
            for (index, key) in marked.enumerated() {
                try tree.remove(key.bytes, in: editor)
                if round % 4 == 3, let other = others.randomElement(using: randomness) {
                    try tree.remove(other.bytes, in: editor)
                    others.remove(other)
                }
                if index % 200 == 0 {
                    try tree.checkStructure(editor.view, andSlack: true)
                    world.file.publish(editor)
                    editor = world.file.edit()
                }
            }
            try tree.checkStructure(editor.view, andSlack: true)
            for id in try Self.pages(tree, editor) {
                #expect(!Self.holdsMark(try editor.page(id)), "round \(round), page \(id.number)")
            }
            #expect(try tree.count(in: editor.view) == others.count)
        }
    }

    /// The last key that goes takes what all had in common with it.
    @Test func anEmptyTreeIsEmpty() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        for key in [Self.mark + [1], Self.mark + [2], Self.mark] {
            try tree.insert(key, Self.mark, in: editor)
        }
        for key in [Self.mark + [2], Self.mark, Self.mark + [1]] {
            try tree.remove(key, in: editor)
        }
        let page = try editor.page(tree.root)
        #expect(page.isZero(TreeLayout.slots, TreeLayout.capacity))
        try tree.checkStructure(editor.view, andSlack: true)
    }

    @Test func aByteBesideTheEntriesIsTold() throws {
        let randomness = SeededRandomness(seed: newSeed("tree slack"))
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        for number in 0..<3000 {
            let key = Array("\(number * 7919 % 3000)".utf8)
            try tree.insert(key, [UInt8](repeating: 1, count: randomness.below(30)), in: editor)
        }
        for number in 0..<3000 where randomness.below(3) == 0 {
            try tree.remove(Array("\(number)".utf8), in: editor)
        }
        try tree.checkStructure(editor.view, andSlack: true)
        for id in try Self.pages(tree, editor) {
            let page = try editor.edit(id)
            let node = try TreeNode(page.page, id, level: nil)
            var isUsed = [Bool](repeating: false, count: PageLayout.size)
            for offset in 0..<node.slot(node.count) { isUsed[offset] = true }
            for index in 0..<node.count {
                let cell = try node.cell(index)
                for offset in cell.offset..<(cell.offset + cell.size) { isUsed[offset] = true }
            }
            for offset in node.prefix..<PageLayout.size { isUsed[offset] = true }
            let free = isUsed.indices.filter { !isUsed[$0] }
            var offsets = [46]
            if !free.isEmpty {
                offsets += [free[0], free[free.count - 1], free[randomness.below(free.count)]]
            }
            for offset in offsets {
                page.store(UInt8(1), offset)
                #expect(throws: TreeError.self, "page \(id.number) at \(offset)") {
                    try tree.checkStructure(editor.view, andSlack: true)
                }
                try tree.checkStructure(editor.view)
                page.store(UInt8(0), offset)
            }
        }
    }

    /// A separator of a key that is not there, as programs before left it, is told.
    @Test func aSeparatorOfNobodyIsTold() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        for number in 1000..<3000 { try tree.insert(Array("k\(number)x".utf8), [1], in: editor) }
        let node = try TreeNode(try editor.page(tree.root), tree.root, level: nil)
        let (below, above) = (try node.key(1), try node.key(2))
        #expect(node.level == 1 && below != above)
        // Between the last key of a leaf and its separator there is room for another.
        let separator = Array(below.dropLast()) + [below.last! - 1] + Array("z".utf8)
        let plan = try TreePlan(
            [
                .cells(node, 0..<1), .entry(key: separator, value: try node.value(1)),
                .cells(node, 2..<node.count),
            ],
            level: 1
        )
        try plan.write(to: try editor.edit(tree.root), scratch: editor.scratch)
        try tree.checkStructure(editor.view)
        #expect(throws: TreeError.self) {
            try tree.checkStructure(editor.view, andSlack: true)
        }
    }
}
