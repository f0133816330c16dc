import MnemeBase
import Testing

@testable import MnemePages

@Suite struct ColumnTreeTests {
    static let shapes: [[Int]] = [
        [], [8], [24], [192, 4, 4, 8], [1, 2, 4, 8, 3], [2000],
        [2048, 4, 4, 8],
    ]

    static func values(_ shape: ColumnShape, _ randomness: SeededRandomness) -> [UInt8] {
        (0..<shape.valueSize).map { _ in UInt8(randomness.below(256)) }
    }

    static func values(_ entry: ColumnEntry) -> [UInt8] {
        (0..<entry.shape.count).flatMap { entry.bytes($0) }
    }

    static func contents(
        _ tree: ColumnTree,
        _ view: PageView,
        from start: ColumnKey = ColumnKey(0, 0),
        to end: ColumnKey? = nil
    ) throws -> [(ColumnKey, [UInt8])] {
        var found: [(ColumnKey, [UInt8])] = []
        var cursor = try tree.cursor(from: start, to: end, in: view)
        while let block = try cursor.next() {
            for index in block.range {
                found.append(
                    (ColumnKey(block.high(index), block.low(index)), values(block.entry(index)))
                )
            }
        }
        return found
    }

    static func expectSame(
        _ tree: ColumnTree,
        _ view: PageView,
        _ model: [ColumnKey: [UInt8]]
    ) throws {
        let found = try contents(tree, view)
        let expected = model.sorted { $0.key < $1.key }
        #expect(found.map(\.0) == expected.map(\.key))
        #expect(found.map(\.1) == expected.map(\.value))
        #expect(try tree.count(in: view) == model.count)
        try tree.checkStructure(view, andSlack: true)
    }

    @Test(arguments: shapes)
    func shapeFitsAPage(_ columns: [Int]) {
        let shape = ColumnShape(columns: columns)
        var end = ColumnLayout.payload + 16 * shape.capacity
        for column in 0..<shape.count {
            #expect(shape.offset(column, 0) >= end)
            #expect(shape.offset(column, 0) % min(shape.size(column), 8).nextPowerOfTwoBelow == 0)
            end = shape.offset(column, shape.capacity)
        }
        #expect(end <= PageLayout.size)
        #expect((16 + shape.valueSize) * (shape.capacity + 5) > PageLayout.size - 128)
        if shape.count > 0 { #expect(shape.offset(0, 0) % 64 == 0) }
    }

    @Test(arguments: shapes)
    func behavesAsADictionary(_ columns: [Int]) throws {
        let seed = newSeed("column tree \(columns)")
        let randomness = SeededRandomness(seed: seed)
        let world = try World()
        let shape = ColumnShape(columns: columns)
        var editor = world.file.edit()
        let tree = ColumnTree.create(shape, in: editor)
        var model: [ColumnKey: [UInt8]] = [:]
        let steps = min(4000, 40 * shape.capacity)
        for step in 0..<(3 * steps) {
            let key = ColumnKey(UInt64(randomness.below(6)), UInt64(randomness.below(steps / 3)))
            // Growing, then mixed, then shrinking to nothing.
            let removes = [20, 50, 90][step / steps]
            if randomness.below(100) < removes {
                let removed = try tree.remove(key.high, key.low, in: editor)
                #expect(removed == (model.removeValue(forKey: key) != nil))
            } else {
                let values = Self.values(shape, randomness)
                let replaced = try tree.insert(key.high, key.low, values: values, in: editor)
                #expect(replaced == (model.updateValue(values, forKey: key) != nil))
            }
            if randomness.below(50) == 0 {
                let key = ColumnKey(
                    UInt64(randomness.below(7)),
                    UInt64(randomness.below(steps / 3))
                )
                let found = try tree.find(key.high, key.low, in: editor.view)
                #expect(found.map(Self.values) == model[key])
            }
            if randomness.below(steps / 8) == 0 {
                try Self.expectSame(tree, editor.view, model)
                world.file.publish(editor)
                editor = world.file.edit()
            }
        }
        for key in model.keys {
            #expect(try tree.remove(key.high, key.low, in: editor))
        }
        try Self.expectSame(tree, editor.view, [:])
        #expect(try ColumnTree.open(tree.root, in: editor.view) == tree)
        try tree.destroy(in: editor)
        #expect(!editor.view.holds(tree.root))
    }

    @Test func scansRanges() throws {
        let randomness = SeededRandomness(seed: newSeed("column ranges"))
        let world = try World()
        let editor = world.file.edit()
        let tree = ColumnTree.create(ColumnShape(columns: [100]), in: editor)
        var keys: Set<ColumnKey> = []
        for _ in 0..<3000 {
            let key = ColumnKey(UInt64(randomness.below(9)), UInt64(randomness.below(900)))
            keys.insert(key)
            _ = try tree.slot(key.high, key.low, in: editor)
        }
        let sorted = keys.sorted()
        for _ in 0..<300 {
            let start = ColumnKey(UInt64(randomness.below(10)), UInt64(randomness.below(950)))
            let end = ColumnKey(UInt64(randomness.below(10)), UInt64(randomness.below(950)))
            let found = try Self.contents(tree, editor.view, from: start, to: end).map(\.0)
            #expect(found == sorted.filter { $0 >= start && $0 < end })
        }
        for high in 0..<UInt64(10) {
            var count = 0
            var cursor = try tree.cursor(high: high, in: editor.view)
            while let block = try cursor.next() {
                for index in block.range { #expect(block.high(index) == high) }
                count += block.count
            }
            #expect(count == sorted.filter { $0.high == high }.count)
        }
    }

    @Test func ascendingEntriesFillTheLeaves() throws {
        let world = try World()
        let shape = ColumnShape(columns: [24])
        let editor = world.file.edit()
        let whole = ColumnTree.create(shape, in: editor)
        let grouped = ColumnTree.create(shape, in: editor)
        for low in 0..<UInt64(20_000) {
            _ = try whole.slot(5, low, in: editor)
            _ = try grouped.slot(low % 8, low, in: editor)
        }
        for tree in [whole, grouped] {
            var leaves = 0
            var cursor = try tree.cursor(in: editor.view)
            while try cursor.next() != nil { leaves += 1 }
            #expect(leaves * shape.capacity * 9 / 10 <= 20_000)
            try tree.checkStructure(editor.view, andSlack: true)
        }
    }

    @Test func readersKeepTheirRoot() throws {
        let randomness = SeededRandomness(seed: newSeed("column readers"))
        var world = try World()
        let shape = ColumnShape(columns: [40, 8])
        var editor = world.file.edit()
        let tree = ColumnTree.create(shape, in: editor)
        var model: [ColumnKey: [UInt8]] = [:]
        var pinned: [(root: PageRoot, model: [ColumnKey: [UInt8]])] = []
        var durable: [ColumnKey: [UInt8]] = [:]
        for round in 0..<120 {
            let before = model
            for _ in 0..<randomness.below(60) {
                let key = ColumnKey(1, UInt64(randomness.below(1500)))
                if randomness.below(3) == 0 {
                    _ = try tree.remove(key.high, key.low, in: editor)
                    model[key] = nil
                } else {
                    let values = Self.values(shape, randomness)
                    _ = try tree.insert(key.high, key.low, values: values, in: editor)
                    model[key] = values
                }
            }
            if round > 0, randomness.below(5) == 0 {
                world.file.discard(editor)
                model = before
            } else {
                pinned.append((world.file.publish(editor), model))
            }
            if randomness.below(6) == 0, let last = pinned.last {
                try world.file.checkpoint(last.root, payload: [UInt8(round)])
                durable = last.model
            }
            if randomness.below(3) == 0, !pinned.isEmpty {
                let chosen = pinned.remove(at: randomness.below(pinned.count))
                try Self.expectSame(tree, chosen.root.view, chosen.model)
            }
            if randomness.below(20) == 0, !durable.isEmpty {
                pinned = []
                _ = try world.reopen()
                model = durable
                try Self.expectSame(tree, world.file.root.view, model)
            }
            editor = world.file.edit()
        }
        for (root, model) in pinned { try Self.expectSame(tree, root.view, model) }
    }
}

extension Int {
    /// The largest power of two that is not above.
    var nextPowerOfTwoBelow: Int { 1 << (Int.bitWidth - 1 - leadingZeroBitCount) }
}
