import MnemeBase
import MnemePages
import Testing

@testable import MnemeTree

/// Damaged bytes give an error of their own or the right answer, never a crash or a wrong answer.
@Suite struct DamageTests {
    static func build(_ seed: UInt64, packs: Bool = true) throws -> (World, Tree, [Bytes: [UInt8]])
    {
        let randomness = SeededRandomness(seed: seed)
        let world = try World(packs: packs)
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        var model: [Bytes: [UInt8]] = [:]
        for _ in 0..<150 {
            let (key, value) = (Flavour.mixed.key(randomness), Flavour.mixed.value(randomness))
            try tree.insert(key, value, in: editor)
            model[Bytes(bytes: key)] = value
        }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [5])
        return (world, tree, model)
    }

    @Test func everyByteIsGuarded() throws {
        let seed = newSeed("damaged trees")
        let randomness = SeededRandomness(seed: seed)
        let (world, tree, model) = try Self.build(seed)
        let file = try world.disk.open(world.path, .readWrite)
        let length = Int(try file.byteCount())
        for _ in 0..<200 {
            let offset = 2 * PageLayout.size + randomness.below(length - 2 * PageLayout.size)
            let byte = try file.read(at: UInt64(offset), count: 1)
            try file.write([byte[0] ^ (1 << UInt8(randomness.below(8)))], at: UInt64(offset))
            #expect(throws: (any Error).self) {
                let opened = try PageFile.open(
                    world.disk,
                    path: world.path,
                    identity: world.identity
                )
                try tree.checkStructure(opened.file.root.view)
            }
            // What can be read in spite of it is right.
            if let opened = try? PageFile.open(
                world.disk,
                path: world.path,
                identity: world.identity
            ) {
                for (key, value) in model {
                    do throws(TreeError) {
                        let found = try tree.value(key.bytes, in: opened.file.root.view)
                        #expect(found == value)
                    } catch {
                        guard case .pages(.corrupt) = error else { throw error }
                    }
                }
            }
            try file.write(byte, at: UInt64(offset))
        }
        let opened = try PageFile.open(world.disk, path: world.path, identity: world.identity)
        try TreeTests.expectSame(tree, opened.file.root.view, model)
    }

    /// Pages whose checksums are right and whose content is not: what a bug or an attacker leaves.
    @Test func forgedPagesDoNotCrash() throws {
        let seed = newSeed("forged trees")
        let randomness = SeededRandomness(seed: seed)
        for round in 0..<150 {
            let (world, tree, model) = try Self.build(seed &+ UInt64(round), packs: false)
            let file = try world.disk.open(world.path, .readWrite)
            let pages = Int(try file.byteCount()) / PageLayout.size
            for _ in 0..<4 {
                let place = UInt64(2 + randomness.below(pages - 2))
                let start = place * UInt64(PageLayout.size)
                var bytes = try file.read(at: start, count: PageLayout.size)
                let isHead = randomness.below(2) == 0
                let offset = isHead ? 16 + randomness.below(100) : 16 + randomness.below(8176)
                bytes[offset] = UInt8(randomness.below(256))
                let checksum = Checksum.xxh3(Array(bytes.dropFirst(8)), seed: place * 8)
                for index in 0..<8 {
                    bytes[index] = UInt8(truncatingIfNeeded: checksum >> UInt64(index * 8))
                }
                try file.write(bytes, at: start)
            }
            guard
                let opened = try? PageFile.open(
                    world.disk,
                    path: world.path,
                    identity: world.identity
                )
            else { continue }
            let view = opened.file.root.view
            _ = try? tree.checkStructure(view)
            for reversed in [false, true] {
                if var cursor = try? tree.cursor(reversed: reversed, in: view) {
                    while (try? cursor.next()) == true {
                        _ = try? cursor.key
                        _ = try? cursor.value64
                        _ = try? cursor.ordinal
                    }
                }
                if var cursor = try? tree.cursor(reversed: reversed, in: view) {
                    while let run = try? cursor.nextRun() {
                        for position in 0..<run.count { _ = run.cells.value(position)?.bytes }
                    }
                }
                _ = try? tree.count(.prefix([1]), in: view)
            }
            let editor = opened.file.edit()
            do throws(TreeError) {
                for key in model.keys.sorted() {
                    _ = try tree.value(key.bytes, in: editor.view)
                    if randomness.below(2) == 0 {
                        try tree.remove(key.bytes, in: editor)
                    } else {
                        let value = Flavour.mixed.value(randomness)
                        try tree.insert(Flavour.mixed.key(randomness), value, in: editor)
                    }
                }
                opened.file.publish(editor)
            } catch {
                opened.file.discard(editor)
            }
        }
    }

    @Test func bytesAreAsWrittenDown() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        try tree.insert([1, 2, 3, 4, 5, 6], [0xaa], in: editor)
        try tree.insert([1, 2], [0xbb, 0xcc], in: editor)
        let page = try editor.page(tree.root)
        #expect(page.copy(16, 8) == [1, 0, 2, 0, 0, 0, 0xf1, 0x1f])
        #expect(page.copy(32, 8) == [2, 0, 0, 0, 0, 0, 0, 0])
        #expect(page.copy(40, 2) == [15, 0])
        #expect(page.copy(48, 8) == [0, 0, 2, 1, 0xf1, 0x1f, 2, 0])
        #expect(page.copy(56, 8) == [4, 3, 2, 1, 0xf7, 0x1f, 6, 0])
        #expect(page.copy(0x1ff1, 15) == [2, 0, 1, 2, 0xbb, 0xcc, 1, 0, 1, 2, 3, 4, 5, 6, 0xaa])
    }
}
