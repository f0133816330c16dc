import MnemeBase
import MnemePages
import Testing

@testable import MnemeTree

/// Runs are what a cursor goes through, leaf by leaf.
@Suite struct RunTests {
    private func values(_ run: TreeRun) throws -> [[UInt8]] {
        try (0..<run.count).map { position in
            let value = try #require(run.cells.value(position))
            let bytes = value.bytes
            #expect(value.byteCount == bytes.count)
            for index in 0..<(bytes.count / 8) {
                let word = bytes[(index * 8)..<(index * 8 + 8)]
                #expect(value.word(index) == word.reversed().reduce(0) { $0 << 8 | UInt64($1) })
            }
            #expect(value.value64 == bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
            return bytes
        }
    }

    @Test(arguments: Flavour.allCases)
    func runsAreWhatCursorsPass(_ flavour: Flavour) throws {
        let randomness = SeededRandomness(seed: newSeed("runs \(flavour)"))
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        for _ in 0..<900 {
            try tree.insert(flavour.key(randomness), flavour.value(randomness), in: editor)
        }
        world.file.publish(editor)
        let view = world.file.root.view
        for round in 0..<200 {
            var range = TreeRange(from: flavour.key(randomness), to: flavour.key(randomness))
            if round % 5 == 0 { range.upper = nil }
            if round % 7 == 0 { range.lower = [] }
            let isReversed = round % 2 == 1
            let wanted = try TreeTests.contents(tree, view, range, reversed: isReversed).map(\.1)
            var cursor = try tree.cursor(range, reversed: isReversed, in: view)
            var found: [[UInt8]] = []
            // Some entries one by one before the rest of their leaf.
            for _ in 0..<randomness.below(4) {
                if try cursor.next() { found.append(try cursor.value) }
            }
            while let run = try cursor.nextRun() {
                let own = try values(run)
                found += own
                #expect(try values(try Tree.run(run.spot, in: view)) == own)
                let start = randomness.below(run.count + 1)
                let most = randomness.below(run.count + 2)
                let part = run.part(from: start, atMost: most)
                #expect(try values(part) == Array(own.dropFirst(start).prefix(most)))
                if part.count > 0 {
                    #expect(try values(try Tree.run(part.spot, in: view)) == values(part))
                }
                if randomness.below(3) == 0, try cursor.next() { found.append(try cursor.value) }
            }
            #expect(found == wanted)
            #expect(try !cursor.next() && cursor.nextRun() == nil)
        }
    }

    /// Leaves whose bytes were changed: a cell inside its page, an error, or nil; never a crash.
    @Test func damagedLeavesDoNotCrash() throws {
        let seed = newSeed("damaged runs")
        let randomness = SeededRandomness(seed: seed)
        let (world, tree, _) = try DamageTests.build(seed, packs: false)
        let view = world.file.root.view
        var spots: [TreeSpot] = []
        for isReversed in [false, true] {
            var cursor = try tree.cursor(reversed: isReversed, in: view)
            while let run = try cursor.nextRun() { spots.append(run.spot) }
        }
        var (refused, missing) = (0, 0)
        for round in 0..<1000 {
            let spot = spots[round % spots.count]
            let page = try view.page(spot.leaf)
            let before = page.copy(0, PageLayout.size)
            let bytes = unsafe UnsafeMutableRawPointer(mutating: page.base)
            for _ in 0..<(1 + randomness.below(4)) {
                let offset = 16 + randomness.below(randomness.below(2) == 0 ? 80 : 8176)
                unsafe bytes.storeBytes(
                    of: UInt8(randomness.below(256)),
                    toByteOffset: offset,
                    as: UInt8.self
                )
            }
            do throws(TreeError) {
                let run = try Tree.run(spot, in: view)
                #expect(run.count == Int(spot.count))
                for position in 0..<run.count {
                    guard let value = run.cells.value(position) else {
                        missing += 1
                        continue
                    }
                    #expect(value.byteCount <= Tree.valueLimit)
                    #expect(value.bytes.count == value.byteCount)
                    _ = value.value64
                }
            } catch {
                guard case .pages(.corrupt) = error else { throw error }
                refused += 1
            }
            unsafe bytes.copyMemory(from: before, byteCount: PageLayout.size)
        }
        #expect(refused > 0 && missing > 0)
    }
}
