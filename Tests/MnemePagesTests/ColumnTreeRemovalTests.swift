// Removing stretches so long that whole branches empty, between neighbours too full to merge with.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct ColumnTreeRemovalTests {
    /// The order in which a stretch of keys goes.
    enum Order: CaseIterable { case ascending, descending, shuffled }

    @Test(arguments: Order.allCases, [0, 1800, 4000])
    func branchesThatEmptyGo(_ order: Order, _ start: UInt64) throws {
        let world = try World()
        var editor = world.file.edit()
        // Filled in ascending order: full branches of 338 leaves of few entries, and a root.
        let shape = ColumnShape(columns: [2000])
        #expect(shape.capacity * 338 < 1800)
        let tree = ColumnTree.create(shape, in: editor)
        let count: UInt64 = 8000
        for key in 0..<count { _ = try tree.slot(1, key, in: editor) }
        world.file.publish(editor)
        var model = Set(0..<count)

        editor = world.file.edit()
        var keys = Array(start..<(start + 4000))
        switch order {
        case .ascending: break
        case .descending: keys.reverse()
        case .shuffled:
            let randomness = SeededRandomness(seed: start + 1)
            for index in keys.indices { keys.swapAt(index, randomness.below(keys.count)) }
        }
        for key in keys {
            #expect(try tree.remove(1, key, in: editor))
            model.remove(key)
        }
        world.file.publish(editor)
        var found: [UInt64] = []
        var cursor = try tree.cursor(from: ColumnKey(0, 0), to: nil, in: world.file.root.view)
        while let block = try cursor.next() { found += block.range.map { block.low($0) } }
        #expect(found == model.sorted())
        try tree.checkStructure(world.file.root.view, andSlack: true)

        // And all of them: an empty leaf is left, which takes entries again.
        editor = world.file.edit()
        for key in found { #expect(try tree.remove(1, key, in: editor)) }
        #expect(try !tree.remove(1, 0, in: editor))
        _ = try tree.slot(1, 7, in: editor)
        world.file.publish(editor)
        #expect(try tree.count(in: world.file.root.view) == 1)
        try tree.checkStructure(world.file.root.view, andSlack: true)
    }
}
