// How many entries a range has, about, and entries that are looked up together.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct ColumnEstimateTests {
    @Test(arguments: [UInt64](1...4))
    func rangesAreEstimatedAndKeysFoundTogether(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let world = try World()
        let editor = world.file.edit()
        let shape = ColumnShape(columns: [seed % 2 == 0 ? 200 : 24, 8])
        let tree = ColumnTree.create(shape, in: editor)
        var model: [ColumnKey] = []
        // Owners of one to thousands, which come in any order.
        for _ in 0..<12_000 {
            let high = UInt64(random.below(8) * random.below(8))
            let key = ColumnKey(high, UInt64(random.below(1 << 20)))
            if try tree.slot(key.high, key.low, in: editor).isNew { model.append(key) }
        }
        world.file.publish(editor)
        let view = world.file.root.view
        model.sort()
        #expect(try tree.estimate(from: ColumnKey(0, 0), to: nil, in: view) <= model.count)
        for high in UInt64(0)...50 {
            let count = model.count { $0.high == high }
            let estimate = try tree.estimate(high: high, in: view)
            if count == 0 { #expect(estimate == 0, "seed \(seed)") }
            #expect(
                abs(estimate - count) <= count * 2 / 3 + 2 * shape.capacity,
                "seed \(seed): \(high)"
            )
            let most = try tree.estimate(high: high, enough: 1 << 30, in: view)
            #expect(most >= count || most == estimate, "seed \(seed): \(high)")
        }
        for _ in 0..<200 {
            let ends = [model[random.below(model.count)], model[random.below(model.count)]].sorted()
            let count = model.count { $0 >= ends[0] && $0 < ends[1] }
            let estimate = try tree.estimate(from: ends[0], to: ends[1], in: view)
            #expect(
                abs(estimate - count) <= count * 2 / 3 + 2 * shape.capacity,
                "seed \(seed): \(count)"
            )
            #expect(try tree.estimate(from: ends[1], to: ends[0], in: view) == 0)
        }
        var lookup = ColumnLookup(tree, in: view)
        for _ in 0..<100 {
            let keys = (0..<random.below(ColumnLookup.most + 1)).map { _ in
                random.below(3) == 0
                    ? ColumnKey(UInt64(random.below(60)), UInt64(random.below(1 << 20)))
                    : model[random.below(model.count)]
            }
            try lookup.find(keys[...])
            #expect(lookup.runs.count == keys.count)
            for (key, run) in zip(keys, lookup.runs) {
                let entry = try tree.find(key.high, key.low, in: view)
                #expect((run == nil) == (entry == nil))
                guard let run, let entry else { continue }
                #expect(run.range == entry.index..<entry.index + 1)
                let isSamePage = unsafe run.page.base == entry.page.base
                #expect(isSamePage)
            }
        }
    }
}
