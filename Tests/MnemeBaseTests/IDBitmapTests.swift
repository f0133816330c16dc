// Id bitmaps against sets of integers.

import Testing

@testable import MnemeBase

@Suite struct IDBitmapTests {
    /// Ordinals that make arrays, bitmaps and the borders between chunks.
    private func ordinal(_ random: SeededRandomness) -> UInt64 {
        switch random.below(4) {
        case 0: UInt64(random.below(6_000))
        case 1: 65_536 * UInt64(random.below(4)) &+ UInt64(random.below(8)) &- 4
        case 2: 1 << 40 + UInt64(random.below(200_000))
        default: random.next() >> UInt64(random.below(64))
        }
    }

    private func set(_ random: SeededRandomness) -> (IDBitmap, Set<UInt64>) {
        var bitmap = IDBitmap()
        var model: Set<UInt64> = []
        for _ in 0..<random.below(3) {
            let start = ordinal(random) >> 1
            let range = start..<(start + UInt64(random.below(70_000)))
            bitmap.insert(range)
            model.formUnion(range)
        }
        for _ in 0..<random.below(3_000) {
            let next = ordinal(random)
            #expect(bitmap.insert(next) == model.insert(next).inserted)
        }
        for _ in 0..<random.below(3_000) {
            let next = ordinal(random)
            #expect(bitmap.remove(next) == (model.remove(next) != nil))
        }
        return (bitmap, model)
    }

    /// The invariants of the file's head.
    private func check(_ bitmap: IDBitmap) {
        #expect(zip(bitmap.keys, bitmap.keys.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bitmap.keys.count == bitmap.chunks.count)
        #expect(bitmap.chunks.reduce(0) { $0 + $1.count } == bitmap.count)
        for chunk in bitmap.chunks {
            #expect(chunk.count > 0)
            #expect(chunk.isArray == (chunk.count <= IDChunk.arrayLimit))
            #expect(chunk.isArray ? chunk.values.count == chunk.count : chunk.values.isEmpty)
            #expect(
                chunk.words.reduce(0) { $0 + $1.nonzeroBitCount }
                    == (chunk.isArray ? 0 : chunk.count)
            )
        }
    }

    @Test func agreesWithASet() {
        let seed = UInt64.random(in: 0...99_999)
        print("IDBitmapTests.agreesWithASet seed \(seed)")
        let random = SeededRandomness(seed: seed)
        for _ in 0..<6 {
            let (left, leftModel) = set(random)
            let (right, rightModel) = set(random)
            for (bitmap, model) in [
                (left, leftModel), (right, rightModel),
                (left.union(right), leftModel.union(rightModel)),
                (left.intersection(right), leftModel.intersection(rightModel)),
                (left.subtracting(right), leftModel.subtracting(rightModel)),
            ] {
                check(bitmap)
                let sorted = model.sorted()
                #expect(bitmap.count == model.count, "seed \(seed)")
                #expect(Array(bitmap) == sorted, "seed \(seed)")
                #expect(bitmap.first == sorted.first && bitmap.last == sorted.last)
                #expect(IDBitmap(sorted: sorted) == bitmap, "seed \(seed)")
                ranges(bitmap, sorted, random, seed)
            }
        }
    }

    private func ranges(
        _ bitmap: IDBitmap,
        _ sorted: [UInt64],
        _ random: SeededRandomness,
        _ seed: UInt64
    ) {
        for _ in 0..<4 {
            let (a, b) = (ordinal(random), ordinal(random))
            let range = min(a, b)..<max(a, b)
            let expected = sorted.filter { range.contains($0) }
            #expect(Array(bitmap.members(in: range)) == expected, "seed \(seed) \(range)")
            #expect(bitmap.count(in: range) == expected.count, "seed \(seed) \(range)")
            #expect(bitmap.next(from: a) == sorted.first { $0 >= a }, "seed \(seed) \(a)")
            #expect(bitmap.contains(a) == sorted.contains(a), "seed \(seed) \(a)")
        }
    }

    @Test func aRangeIsFilledAcrossChunks() {
        for range in [0..<1, 5..<5, 65_530..<65_540, 0..<65_536, 3..<200_001] as [Range<UInt64>] {
            let bitmap = IDBitmap(range)
            check(bitmap)
            #expect(Array(bitmap) == Array(range))
            #expect(bitmap.count(in: range) == range.count)
        }
    }

    @Test func theGreatestOrdinalIsAMember() {
        var bitmap: IDBitmap = [0, .max]
        #expect(bitmap.contains(.max) && Array(bitmap) == [0, .max])
        #expect(bitmap.next(from: .max) == .max && bitmap.last == .max)
        #expect(bitmap.remove(.max) && !bitmap.remove(.max) && bitmap.count == 1)
    }

    @Test func copiesAreIndependent() {
        let original = IDBitmap(0..<10_000)
        var copy = original
        copy.remove(5)
        #expect(original.contains(5) && !copy.contains(5))
    }

    @Test func theShapeFollowsTheCount() {
        var bitmap = IDBitmap(0..<4_096)
        check(bitmap)
        bitmap.insert(9_000)
        check(bitmap)
        bitmap.remove(0)
        check(bitmap)
        #expect(bitmap == IDBitmap(sorted: Array(1..<4_096) + [9_000]))
    }
}
