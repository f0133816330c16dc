// Writes that a disk loses without a word: a run of places shows what it held some checkpoints
// before.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct LostRunTests {
    /// Pages, nodes, delta pages and directory pages as of every checkpoint before: an error or the
    /// right answer.
    @Test(arguments: [true, false])
    func olderVersionsAreTold(packs: Bool) throws {
        let randomness = SeededRandomness(seed: newSeed("lost runs"))
        let world = try World(packs: packs)
        var editor = world.file.edit()
        for number in 0..<UInt64(6) { editor.allocate(kind: 9).1.store(number, 104) }
        world.file.publish(editor)
        var values = [UInt64](repeating: 0, count: 6)
        var kept: [[UInt8]] = []
        let file = try world.disk.open(world.path, .readWrite)
        for round in UInt64(1)...12 {
            editor = world.file.edit()
            for number in values.indices where randomness.below(2) == 0 {
                values[number] = round
                try editor.edit(PageID(.tree, UInt64(number))).store(round, 96)
            }
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [])
            kept.append(try file.read(at: 0, count: Int(try file.byteCount())))
        }
        let newest = try #require(kept.last)
        var told = 0
        for old in kept.dropLast() {
            for (place, count) in Self.runs(newest.count / PlaceLayout.size) {
                let range = (place * PlaceLayout.size)..<((place + count) * PlaceLayout.size)
                guard range.upperBound <= old.count, old[range] != newest[range] else { continue }
                try file.write(Array(old[range]), at: UInt64(range.lowerBound))
                let answer = try Self.read(world, values)
                #expect(answer != false, "\(count) places from \(place) on")
                // By itself it is as good as what should stand there.
                if answer == nil, Self.isWhole(Array(old[range]), place) { told += 1 }
                try file.write(Array(newest[range]), at: UInt64(range.lowerBound))
            }
        }
        #expect(told > 0)
        #expect(try Self.read(world, values) == true)
    }

    /// Runs of the most common lengths; a lost root block shows the checkpoint before, and is left.
    private static func runs(_ count: Int) -> [(place: Int, count: Int)] {
        (2 * PlaceLayout.page..<count).flatMap { place in
            [1, 2, PlaceLayout.page].filter { place + $0 <= count }.map { (place, $0) }
        }
    }

    private static func isWhole(_ run: [UInt8], _ place: Int) -> Bool {
        let checksum = Checksum.xxh3(Array(run.dropFirst(8)), seed: UInt64(place))
        return Array(run.prefix(8))
            == (0..<8).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
    }

    /// Whether every page has its newest value; nil where it was refused.
    private static func read(_ world: World, _ values: [UInt64]) throws -> Bool? {
        do throws(PageError) {
            let opened = try PageFile.open(world.disk, path: world.path, identity: world.identity)
            let view = opened.file.root.view
            for (number, value) in values.enumerated() {
                let page = try view.page(PageID(.tree, UInt64(number)))
                if page.load64(96) != value || page.load64(104) != UInt64(number) { return false }
            }
            return true
        } catch {
            return nil
        }
    }
}
