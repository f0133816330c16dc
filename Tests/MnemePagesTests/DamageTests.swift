import MnemeBase
import Testing

@testable import MnemePages

/// Damaged bytes give an error of their own or the right answer, never a crash or a wrong answer.
@Suite struct DamageTests {
    static func build(_ world: World, _ shape: ColumnShape) throws -> (ColumnTree, [ColumnKey]) {
        let editor = world.file.edit()
        let tree = ColumnTree.create(shape, in: editor)
        var keys: [ColumnKey] = []
        for low in 0..<UInt64(300) {
            let slot = try tree.slot(low % 5, low, in: editor)
            slot.store(low &* 3, 0)
            keys.append(ColumnKey(low % 5, low))
        }
        for ordinal in 0..<UInt64(500) {
            try OrdinalTable.set(
                OrdinalEntry(
                    place: ordinal,
                    birth: ordinal + 1,
                    owner: 7,
                    collection: 8,
                    flags: 9
                ),
                of: ordinal,
                in: editor
            )
        }
        world.file.publish(editor)
        return (tree, keys)
    }

    /// Opens the file and reads everything; false when it was refused.
    static func readAll(_ world: World, _ tree: ColumnTree, _ keys: [ColumnKey]) throws -> Bool {
        do throws(PageError) {
            let opened = try PageFile.open(
                world.disk,
                path: world.path,
                identity: world.identity
            )
            // Without a whole root block there has been no checkpoint.
            guard opened.payload != nil else { return false }
            let view = opened.file.root.view
            try tree.checkStructure(view)
            for key in keys {
                let entry = try tree.find(key.high, key.low, in: view)
                #expect(entry?.load64(0) == key.low &* 3)
            }
            for ordinal in 0..<UInt64(500) {
                let entry = try OrdinalTable.entry(ordinal, in: view)
                #expect(entry?.place == ordinal && entry?.birth == ordinal + 1)
            }
            return true
        } catch {
            return false
        }
    }

    @Test func everyByteIsGuarded() throws {
        let randomness = SeededRandomness(seed: newSeed("damaged pages"))
        let world = try World()
        let (tree, keys) = try Self.build(world, ColumnShape(columns: [8, 600]))
        try world.file.checkpoint(world.file.root, payload: [5])
        let file = try world.disk.open(world.path, .readWrite)
        let length = Int(try file.byteCount())
        #expect(try Self.readAll(world, tree, keys))
        // Every byte of the heads of all pages, and a sample of the others.
        var offsets: [Int] = []
        for page in stride(from: 0, to: length, by: PageLayout.size) {
            offsets += (0..<8).map { page + $0 * 4 }
            offsets += (0..<12).map { _ in page + randomness.below(PageLayout.size) }
        }
        offsets.removeAll { $0 >= length }
        var refused = 0
        for offset in offsets {
            let byte = try file.read(at: UInt64(offset), count: 1)
            try file.write([byte[0] ^ (1 << UInt8(randomness.below(8)))], at: UInt64(offset))
            if try !Self.readAll(world, tree, keys) { refused += 1 }
            try file.write(byte, at: UInt64(offset))
        }
        // All but those in the root slot that was never written.
        #expect(refused == offsets.filter { $0 / PageLayout.size != 1 }.count)
        #expect(try Self.readAll(world, tree, keys))
    }

    @Test func fileMayEndAnywhere() throws {
        let world = try World()
        let (tree, keys) = try Self.build(world, ColumnShape(columns: [8, 600]))
        try world.file.checkpoint(world.file.root, payload: [5])
        let file = try world.disk.open(world.path, .readWrite)
        let length = Int(try file.byteCount())
        for end in stride(from: length - 1, to: 0, by: -3 * PageLayout.size / 2) {
            try file.truncate(to: UInt64(end))
            #expect(try !Self.readAll(world, tree, keys))
        }
    }

    /// Bases, deltas and delta pages too: an error or the right answer.
    @Test func deltasAreGuarded() throws {
        let randomness = SeededRandomness(seed: newSeed("damaged deltas"))
        let world = try World()
        let (tree, keys) = try Self.build(world, ColumnShape(columns: [8, 600]))
        for round in UInt8(0)..<4 {
            let editor = world.file.edit()
            for low in 0..<UInt64(300) where low % 40 == UInt64(round) {
                try tree.slot(low % 5, low, in: editor).store(UInt64(round), 1)
            }
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [5])
        }
        let file = try world.disk.open(world.path, .readWrite)
        let length = Int(try file.byteCount())
        let hasDeltas = stride(from: 0, to: length, by: PlaceLayout.size).contains { start in
            (try? file.read(at: UInt64(start + 8), count: 16))?.prefix(9)
                == [0, 0, 0, 0, 0, 0, 0, 0xfd, 0xfd]
        }
        #expect(hasDeltas)
        #expect(try Self.readAll(world, tree, keys))
        var refused = 0
        for _ in 0..<600 {
            let offset = UInt64(randomness.below(length))
            let byte = try file.read(at: offset, count: 1)
            try file.write([byte[0] ^ (1 << UInt8(randomness.below(8)))], at: offset)
            if try !Self.readAll(world, tree, keys) { refused += 1 }
            try file.write(byte, at: offset)
        }
        #expect(refused > 100)
        #expect(try Self.readAll(world, tree, keys))
    }

    /// Pages whose checksums are right and whose content is not: what a bug or an attacker leaves.
    @Test func forgedPagesDoNotCrash() throws {
        let randomness = SeededRandomness(seed: newSeed("forged pages"))
        for _ in 0..<150 {
            let world = try World(packs: false)
            let (tree, keys) = try Self.build(world, ColumnShape(columns: [8, 600]))
            try world.file.checkpoint(world.file.root, payload: [5])
            let pages =
                Int(try world.disk.open(world.path, .readWrite).byteCount())
                / PageLayout.size
            for _ in 0..<3 {
                let place = UInt64(2 + randomness.below(pages - 2))
                try PageFileTests.forge(world, place: place) { bytes in
                    let isHead = randomness.below(2) == 0
                    let offset = isHead ? 16 + randomness.below(60) : randomness.below(8192)
                    bytes[offset] = UInt8(randomness.below(256))
                }
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
            _ = try? ColumnTree.open(tree.root, in: view)
            if var cursor = try? tree.cursor(in: view) {
                while let block = try? cursor.next() { #expect(block.count > 0) }
            }
            let editor = opened.file.edit()
            do throws(PageError) {
                for key in keys.reversed() {
                    _ = try tree.find(key.high, key.low, in: editor.view)
                    if randomness.below(2) == 0 {
                        try tree.remove(key.high, key.low, in: editor)
                    } else {
                        _ = try tree.slot(key.high, key.low + 1000, in: editor)
                    }
                }
                opened.file.publish(editor)
            } catch {
                opened.file.discard(editor)
            }
        }
    }
}
