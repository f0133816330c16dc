// Vectors of every length that a schema allows, the shortest and the longest above all, go through
// the store: put, found as a plain comparison finds them, deleted, replayed.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct VectorLimitTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        var element: VectorElement
        var metric: MnemeModel.VectorMetric
        var testDescription: String { "\(element) \(metric)" }
    }

    static let kinds = [VectorElement.float32, .float16].flatMap { element in
        [MnemeModel.VectorMetric.cosine, .dot, .l2].map { Kind(element: element, metric: $0) }
    }

    static func schema(_ dimension: Int, _ kind: Kind) -> Schema {
        let type = VectorType(dimension: dimension, element: kind.element, metric: kind.metric)
        return Schema(collections: [Collection("points", fields: [Field("at", .vector(type))])])
    }

    /// Better is higher.
    static func score(
        _ left: [Float],
        _ right: [Float],
        _ metric: MnemeModel.VectorMetric
    )
        -> Double
    {
        func product(_ left: [Float], _ right: [Float]) -> Double {
            zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        switch metric {
        case .dot: return product(left, right)
        case .cosine:
            return product(left, right)
                / (product(left, left) * product(right, right)).squareRoot()
        case .l2:
            return -zip(left, right).reduce(0) {
                $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
            }
        }
    }

    static func expectNearest(
        _ model: [Int64: [Float]],
        _ store: Store,
        _ metric: MnemeModel.VectorMetric,
        _ question: [Float]
    ) throws {
        let found = try store.snapshot().find(
            Find("points", near: Near("at", question, isExact: true), limit: 5)
        )
        let best = model.values.map { score($0, question, metric) }.sorted(by: >).prefix(5)
        #expect(found.rows.count == best.count)
        for (row, expected) in zip(found.rows, best) {
            guard case .int(let key) = row.record.reference.key else { continue }
            let own = score(try #require(model[key]), question, metric)
            #expect(abs(own - expected) <= 1e-3 * max(1, abs(expected)))
            #expect(abs(Double(row.score) - own) <= 1e-3 * max(1, abs(own)))
        }
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: [1, 2, 3, 65, 1001, 3967, 3968, 3969, 4095, 4096], kinds)
    func everyDimensionIsStoredAndFound(_ dimension: Int, _ kind: Kind) throws {
        let randomness = SeededRandomness(seed: UInt64(dimension))
        func vector() -> [Float] {
            (0..<dimension).map { _ in Float(randomness.below(255)) / 64 - 127 / 64 + 0.0078125 }
        }
        let disk = MemoryDisk()
        var store = try Store.open("store", options: Kinds.options(disk))
        var schema = Self.schema(dimension, kind)
        schema.collections[0].key = .int
        try store.define(schema)
        var model: [Int64: [Float]] = [:]
        for key in 0..<Int64(23) {
            let vector = vector()
            model[key] = vector
            _ = try store.commit([.put(Put("points", .int(key), ["at": .vector(vector)]))])
        }
        for key in stride(from: Int64(0), to: 23, by: 3) {
            model[key] = nil
            _ = try store.commit([.delete(Reference("points", .int(key)))])
        }
        let question = vector()
        try Self.expectNearest(model, store, kind.metric, question)
        try store.close()
        store = try Store.open("store", .rebuild, options: Kinds.options(disk))
        try Self.expectNearest(model, store, kind.metric, question)
        for key in model.keys.sorted() {
            let record = try store.snapshot().record(Reference("points", .int(key)))
            #expect(record?["at"] == model[key].map { .vector($0) })
        }
    }

    @Test(arguments: [-1, 0, 4097, 16_384, Int.max], kinds)
    func otherDimensionsAreRefused(_ dimension: Int, _ kind: Kind) throws {
        let store = try Kinds.store()
        try expectRefusal(.badSchema, "points", "\"at\"", "4096", leaving: store) {
            try store.define(Self.schema(dimension, kind))
        }
    }
}
