// Branches: states that are never published, on top of any root, beside the writer's editor. They
// see their own changes and their root, nobody sees them, and what they took comes back.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PageBranchTests {
    /// An open branch and what it must show.
    private struct Open {
        let editor: PageEditor
        let root: PageRoot
        var model: [UInt64: UInt64]
    }

    /// Some pages, so that others stay out of memory where they are.
    private static func expect(
        _ view: PageView,
        _ model: [UInt64: UInt64],
        _ what: String,
        _ randomness: SeededRandomness
    ) throws {
        for number in model.keys.sorted() where randomness.below(12) == 0 {
            let value = model[number] ?? 0
            let page = try view.page(PageID(.tree, number))
            if page.load64(100) != value || page.load64(8000) != ~value {
                Issue.record("\(what): page \(number)")
                return
            }
        }
    }

    private static func change(
        _ editor: PageEditor,
        _ model: inout [UInt64: UInt64],
        _ randomness: SeededRandomness
    ) throws {
        for _ in 0..<randomness.below(12) {
            let value = randomness.next()
            let page: MutablePage
            let known = model.keys.sorted()
            if known.count < 80 || (known.count < 900 && randomness.below(3) == 0) {
                let (id, made) = editor.allocate(kind: 9)
                #expect(model[id.number] == nil)
                page = made
                model[id.number] = value
            } else {
                let number = known[randomness.below(known.count)]
                if randomness.below(8) == 0 {
                    editor.free(PageID(.tree, number))
                    model[number] = nil
                    continue
                }
                page = try editor.edit(PageID(.tree, number))
                model[number] = value
            }
            page.store(value, 100)
            page.store(~value, 8000)
        }
    }

    @Test(arguments: [1, 2, UInt64.max])
    func branchesShowTheirOwnAndNobodySeesThem(fixed: UInt64) throws {
        let seed = fixed == .max ? newSeed("branches") : fixed
        let randomness = SeededRandomness(seed: seed)
        let world = try World()
        world.file.bound(bytes: 64 * PageLayout.size) {}
        var model: [UInt64: UInt64] = [:]
        var open: [Open] = []
        for round in 0..<400 {
            switch randomness.below(10) {
            case 0..<3:
                let editor = world.file.edit()
                var next = model
                try Self.change(editor, &next, randomness)
                if randomness.below(6) == 0 {
                    world.file.discard(editor)
                } else {
                    world.file.publish(editor)
                    model = next
                }
            case 3 where open.count < 12:
                let root = world.file.root
                open.append(Open(editor: world.file.branch(from: root), root: root, model: model))
            case 4..<7 where !open.isEmpty:
                let index = randomness.below(open.count)
                try Self.change(open[index].editor, &open[index].model, randomness)
            case 7 where !open.isEmpty:
                let gone = open.remove(at: randomness.below(open.count))
                world.file.discard(gone.editor)
            case 8: try world.file.checkpoint(world.file.root, payload: [])
            case 9: _ = world.file.trim()
            default: break
            }
            let what = "seed \(seed), round \(round)"
            try Self.expect(world.file.root.view, model, what, randomness)
            for branch in open {
                try Self.expect(branch.editor.view, branch.model, what, randomness)
            }
        }
        for branch in open { world.file.discard(branch.editor) }
        open = []
        // Everything that anybody took is the newest root's, or free.
        #expect(world.file.cache.sharedBlocks == world.file.cache.pool.taken)
        try world.file.checkpoint(world.file.root, payload: [])
        let held = Self.blocks(of: world.file.root)
        #expect(world.file.cache.pool.taken == held, "seed \(seed)")
    }

    /// Blocks that a root reaches.
    private static func blocks(of root: PageRoot) -> Int {
        var count = 0
        for directory in root.directories {
            for index in 0..<directory.count {
                guard let node = unsafe NodeEntries(directory.nodes[index]) else { continue }
                count += 1
                for entry in 0..<nodeEntries where TableEntry.frame(node.load(entry)) != 0 {
                    count += 1
                }
            }
        }
        return count
    }
}
