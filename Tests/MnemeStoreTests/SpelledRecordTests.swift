// Records that are spelled from their frames against those that go by way of values.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct SpelledRecordTests {
    @Test(arguments: [UInt64(7), 8, RealRandomness().next()])
    func theBytesAreThoseOfTheValues(seed: UInt64) throws {
        let dice = StoreDice(random: SeededRandomness(seed: seed))
        let store = try Store.open("store", .create, options: Kinds.options(SimulatedDisk()))
        let names = ["rank", "size", "name", "flag", "day", "tags", "slot", "body"]
        let fields = names.map { name in
            Field(name, Self.types[name] ?? .text, isSearchable: name == "body")
        }
        let single = VectorType(dimension: StoreDice.dimension, metric: .l2)
        let half = VectorType(dimension: 3, element: .float16, metric: .dot)
        try store.define(
            Schema(collections: [Collection("items", fields: fields + [Field("free", .json)])])
        )
        // A field that comes later may stand before the others.
        try store.define(
            Schema(collections: [
                Collection(
                    "items",
                    fields: [
                        Field("place", .vector(single)), Field("h", .vector(half)),
                        Field("a", .int),
                    ]
                ),
                Collection("numbers", key: .int, fields: []),
                Collection("ids", key: .uuid, fields: []),
            ])
        )
        var references: [Reference] = []
        for step in 0..<60 {
            var fields: [String: Value] = [:]
            for name in names + ["place"] where dice.chance(2) { fields[name] = dice.value(name) }
            if dice.chance(3) { fields["h"] = .vector([0.5, -2, Float(step)]) }
            if dice.chance(3) { fields["a"] = .int(Int64(step) << 40) }
            if dice.chance(3) {
                fields["free"] = [
                    "x": [nil, 1, "two"], "long": .text(String(repeating: "é", count: 90)),
                ]
            }
            let reference = Reference("items", .text("k\(step)"))
            _ = try store.commit([.put(Put("items", reference.key, fields))])
            references += [reference, Reference("items", .text("none \(step)"))]
        }
        let id = UniqueID(high: 5, low: .max)
        _ = try store.commit([
            .put(Put("numbers", .int(-9), [:])), .put(Put("ids", .uuid(id), [:])),
        ])
        references += [Reference("numbers", .int(-9)), Reference("ids", .uuid(id))]
        let snapshot = store.snapshot()
        var records: [Record?] = []
        for reference in references { records.append(try snapshot.record(reference)) }
        let expected = try Response.records(records).spelling.cbor()
        #expect(try snapshot.spelledRecords(references, limit: .max) == expected, "seed \(seed)")
        try expectRefusal(.tooLarge) {
            _ = try snapshot.spelledRecords(references, limit: 1000)
        }
        try expectRefusal(.unknownCollection) {
            _ = try snapshot.spelledRecords([Reference("no", "k")], limit: 1000)
        }
    }

    private static let types: [String: FieldType] = [
        "rank": .int, "size": .float, "name": .text, "flag": .bool, "day": .date,
        "tags": .array(.text), "slot": .int, "body": .text,
    ]
}
