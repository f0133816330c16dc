// Records, keys and edges that break a rule: each is refused with its code, and the rest of its
// batch with it.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct BadRecordTests {
    /// Puts one good record before the bad one.
    private func refuse(
        _ code: MnemeError.Code,
        _ words: String,
        _ fields: [String: Value],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let store = try Kinds.store()
        try expectRefusal(code, words, leaving: store, at: location) {
            _ = try store.commit([Kinds.put("fine"), Kinds.put("bad", fields)])
        }
        _ = try store.commit([Kinds.put("fine")])
    }

    @Test func fieldsOfTheWrongTypeAreRefused() throws {
        let wrong: [(String, Value)] = [
            ("flag", 1), ("count", 1.5), ("count", "1"), ("size", "1"), ("name", 5),
            ("data", "text"), ("id", "no uuid"), ("at", "yesterday"), ("day", "2023-02-29"),
            ("day", "2024-13-01"), ("at", "2024-02-30T00:00:00Z"), ("at", "2024-02-29T25:00:00Z"),
            ("free", .vector([1])), ("free", .float(.nan)), ("mood", "so so"),
            ("tags", ["a", 1]), ("tags", "a"), ("tags", [nil]),
        ]
        for (name, value) in wrong {
            try refuse(.wrongType, "things.\(name)", [name: value])
        }
    }

    @Test func unknownAndMissingFieldsAreRefused() throws {
        try refuse(.unknownField, "nmae", ["nmae": "x"])
        try refuse(.missingField, "things.name", ["name": nil])
        let store = try Kinds.store()
        try expectRefusal(.unknownCollection, "thigns", leaving: store) {
            _ = try store.commit([.put(Put("thigns", "k", [:]))])
        }
        try expectRefusal(.unknownCollection, "thigns", leaving: store) {
            _ = try store.commit([.delete(Reference("thigns", "k"))])
        }
    }

    @Test func vectorsThatNoIndexTakesAreRefused() throws {
        let wrong: [(String, [Float])] = [
            ("near", [1, 2]), ("near", [1, 2, 3, 4]), ("near", []), ("near", [0, 0, 0]),
            ("near", [1, .nan, 0]), ("near", [.infinity, 0, 0]), ("near", [1e-30, 0, 0]),
            ("near", [3e38, 3e38, 3e38]), ("dot", [2e18, 0]), ("dot", [3e38, 3e38]),
            ("dot", [.nan, 0]), ("half", [70_000, 0]), ("half", [.infinity, 0]), ("half", [1]),
        ]
        for (name, vector) in wrong {
            try refuse(.badVector, "things.\(name)", [name: .vector(vector)])
        }
        let store = try Kinds.store()
        let odd: [(String, [Float])] = [
            ("near", [1e-17, 0, 0]), ("near", [1e17, 0, 0]), ("dot", [9e17, 0]), ("dot", [0, 0]),
            ("dot", [.leastNormalMagnitude / 8, 0]), ("dot", [1e-22, 1e-22]),
            ("half", [65_504, -65_504]),
            ("half", [0, 0]), ("dot", [-0.0, .leastNonzeroMagnitude]),
        ]
        for (index, (name, vector)) in odd.enumerated() {
            _ = try store.commit([Kinds.put("odd\(index)", [name: .vector(vector)])])
            let near = try store.snapshot().find(
                Find("things", near: Near(name, vector.allSatisfy { $0 == 0 } ? [1, 0] : vector))
            )
            #expect(near.rows.contains { $0.record.reference.key == .text("odd\(index)") })
            #expect(near.rows.allSatisfy { !$0.score.isNaN })
        }
        #expect(try store.verify().findings == [])
    }

    @Test func keysOfTheWrongKindAreRefused() throws {
        let store = try Kinds.store()
        let wrong: [(String, Key)] = [
            ("things", 1), ("things", ""), ("things", .text(String(repeating: "k", count: 513))),
            ("numbers", "one"), ("ids", "one"), ("ids", 1),
            ("numbers", .uuid(UniqueID(high: 1, low: 1))),
        ]
        for (collection, key) in wrong {
            try expectRefusal(.wrongType, collection, leaving: store) {
                _ = try store.commit([
                    .put(
                        Put(
                            collection,
                            key,
                            ["name": "n"].filter { _ in
                                collection == "things"
                            }
                        )
                    )
                ])
            }
        }
        // 512 bytes that are three times as many once composed, or twice once escaped.
        let composed = String(repeating: "\u{1D160}", count: 128)
        let zeros = String(repeating: "\0", count: 512)
        for key in [composed, zeros] {
            try expectRefusal(.wrongType, "512", leaving: store) {
                _ = try store.commit([.put(Put("things", .text(key), ["name": "n"]))])
            }
        }
        let longest = String(repeating: "k", count: 512)
        _ = try store.commit([Kinds.put(longest)])
        #expect(try store.snapshot().record(Kinds.thing(longest)) != nil)
        try expectRefusal(.wrongType, "type int", leaving: store) {
            _ = try store.snapshot().record(Reference("numbers", "one"))
        }
    }

    @Test func keysAreOneInEverySpelling() throws {
        let store = try Kinds.store()
        let id = UniqueID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
        _ = try store.commit([
            .put(Put("ids", .text(id.description.uppercased()), ["text": "x"])),
            .put(Put("numbers", "7", ["text": "y"])),
            .link(Link("counts", from: Reference("numbers", "7"), to: Kinds.thing("a"))),
            .link(
                Link("joins", from: Reference("ids", .text(id.description)), to: Kinds.thing("a"))
            ),
            Kinds.put("caf\u{e9}"), Kinds.put("cafe\u{301}", ["name": "other"]),
        ])
        let snapshot = store.snapshot()
        #expect(try snapshot.record(Reference("ids", .uuid(id))) != nil)
        #expect(try snapshot.record(Reference("ids", .text(id.description))) != nil)
        #expect(try snapshot.record(Reference("numbers", 7)) != nil)
        #expect(try snapshot.record(Kinds.thing("caf\u{e9}"))?["name"] == "other")
        #expect(try snapshot.walk(Walk(from: [Reference("numbers", 7)])).count == 1)
        #expect(try store.statistics().records["things"] == 3)
        #expect(
            try store.commit([.delete(Kinds.thing("cafe\u{301}"))]).outcomes == [.deleted(true)]
        )
        #expect(try store.verify().findings == [])
    }

    @Test func whatNoIndexKeyHoldsIsRefused() throws {
        let long = String(repeating: "long ", count: 1000)
        try refuse(.tooLarge, "byName", ["name": .text(long)])
        try refuse(.tooLarge, "byName", ["name": .text(String(repeating: "\0", count: 500))])
        try refuse(.tooLarge, "byName", ["name": .text(String(repeating: "\u{1D160}", count: 90))])
        try refuse(.tooLarge, "byData", ["data": .bytes([UInt8](repeating: 0, count: 600))])
        let store = try Kinds.store()
        // Without an index a text may be long, and the longest that fits is found.
        let longest = String(repeating: "n", count: 993)
        _ = try store.commit([Kinds.put("c", ["name": .text(longest), "body": .text(long)])])
        let found = try store.snapshot().find(Find("things", where: .eq("name", .text(longest))))
        #expect(Kinds.keys(found) == ["c"])
        #expect(
            Kinds.keys(
                try store.snapshot().find(
                    Find("things", where: .eq("name", .text(long)))
                )
            ) == []
        )
        #expect(try store.verify().findings == [])
    }

    @Test func ownersThatAreNoPathsAreRefused() throws {
        for owner in ["", "/", "a/", "/a", "a//b", String(repeating: "o", count: 513)] {
            try refuse(.badOwner, "owner", ["owner": .text(owner)])
        }
        try refuse(
            .badOwner,
            "owner",
            ["owner": .text(String(repeating: "\u{1D160}", count: 128))]
        )
        let store = try Kinds.store()
        _ = try store.commit([
            Kinds.put("c", ["owner": "caf\u{e9}/x"]), Kinds.put("d", ["owner": "cafe\u{301}/x"]),
        ])
        _ = try store.commit([Kinds.put("e", ["owner": "cafe\u{301}"])])
        for owner in ["caf\u{e9}", "cafe\u{301}"] {
            let found = try store.snapshot().find(Find("things", owner: owner))
            #expect(Kinds.keys(found) == ["c", "d", "e"])
        }
        #expect(try store.statistics().owners == 2)
        #expect(try store.verify().findings == [])
    }

    @Test func edgesThatBreakARuleAreRefused() throws {
        let store = try Kinds.store()
        let (a, b) = (Kinds.thing("a"), Kinds.thing("b"))
        let nothing = Kinds.thing("nothing")
        let wrong: [(MnemeError.Code, String, Link)] = [
            (.danglingEdge, "things/nothing", Link("joins", from: a, to: nothing)),
            (.danglingEdge, "things/nothing", Link("joins", from: nothing, to: b)),
            (.unknownEdgeType, "jions", Link("jions", from: a, to: b)),
            (.unknownCollection, "thigns", Link("joins", from: a, to: Reference("thigns", "b"))),
            (.missingField, "cites.weight", Link("cites", from: a, to: b)),
            (.wrongType, "cites.weight", Link("cites", from: a, to: b, fields: ["weight": "x"])),
            (
                .unknownField, "wieght",
                Link("cites", from: a, to: b, fields: ["wieght": 1, "weight": 1])
            ),
            (.wrongType, "numbers", Link("counts", from: a, to: b)),
            (.wrongType, "things", Link("joins", from: a, to: Reference("things", 1))),
        ]
        for (code, words, link) in wrong {
            try expectRefusal(code, words, leaving: store) {
                _ = try store.commit([Kinds.put("fine"), .link(link)])
            }
        }
    }

    @Test func recordsAndBatchesOverTheLimitAreRefused() throws {
        var options = Kinds.options()
        options.logLimits.smallestSegment = 256 << 10
        options.logLimits.largestSegment = 1 << 20
        options.logLimits.frame = 256 << 10
        options.logLimits.batch = 512 << 10
        let store = try Kinds.store(options)
        // What compresses well counts as what it is.
        let flat = Value.text(String(repeating: "x", count: 200_000))
        try expectRefusal(.tooLarge, "196608", leaving: store) {
            _ = try store.commit([Kinds.put("c", ["free": flat])])
        }
        let random = SeededRandomness(seed: 3)
        func noise() -> Value {
            .text(
                String(
                    (0..<150_000).map { _ in Character(Unicode.Scalar(UInt8(33 + random.below(90))))
                    }
                )
            )
        }
        try expectRefusal(.tooLarge, "split it", leaving: store) {
            _ = try store.commit((0..<5).map { Kinds.put("c\($0)", ["free": noise()]) })
        }
        for number in 0..<8 { _ = try store.commit([Kinds.put("c\(number)", ["free": noise()])]) }
        #expect(try store.verify().findings == [])
        #expect(try store.statistics().records["things"] == 10)
    }

    @Test func theRealLimitsHold() throws {
        let disk = MemoryDisk()
        var options = Kinds.options(disk)
        options.logLimits = LogLimits()
        let store = try Kinds.store(options)
        let limit = (16 << 20) - 65_536
        let overhead = 64
        try expectRefusal(.tooLarge, "\(limit)") {
            _ = try store.commit([
                Kinds.put("c", ["free": .text(String(repeating: "x", count: limit))])
            ])
        }
        let random = SeededRandomness(seed: 4)
        // Further apart than a compressor looks back.
        let block = (0..<(1 << 17)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var bytes: [UInt8] = []
        while bytes.count < limit - overhead { bytes += block }
        bytes = Array(bytes.prefix(limit - overhead))
        func put(_ key: String) -> Change {
            .put(Put("plain", .text(key), ["bytes": .bytes(bytes)]))
        }
        try store.define(
            Schema(collections: [Collection("plain", fields: [Field("bytes", .bytes)])])
        )
        try expectRefusal(.tooLarge, "33554432") {
            _ = try store.commit([put("c"), put("d"), put("e")])
        }
        _ = try store.commit([put("c"), put("d")])
        try store.close()
        let again = try Store.open("store", .open, options: options)
        #expect(try again.snapshot().record(Reference("plain", "d"))?["bytes"] == .bytes(bytes))
        #expect(try again.snapshot().record(Reference("plain", "e")) == nil)
    }

    @Test func schemasThatMakeNoSenseAreRefused() throws {
        let store = try Kinds.store()
        _ = try store.commit([.put(Put("ids", nil, ["text": "one"]))])
        func collection(_ fields: [Field], _ indexes: [Index] = []) -> Schema {
            Schema(collections: [Collection("more", fields: fields, indexes: indexes)])
        }
        let wrong: [(MnemeError.Code, Schema)] = [
            (.badSchema, collection([Field("a b", .int)])),
            (.badSchema, collection([Field("v", .vector(VectorType(dimension: 0)))])),
            (.badSchema, collection([Field("v", .int)], [Index("byX", on: ["x"])])),
            (.badSchema, collection([Field("v", .json)], [Index("byV", on: ["v.a", "v.b"])])),
            (.badSchema, collection((0..<5000).map { Field("f\($0)", .int) })),
            (
                .badSchema,
                collection(
                    (0..<256).map {
                        Field("v\($0)", .vector(VectorType(dimension: 2)))
                    }
                )
            ),
            (.badSchema, Schema(edgeTypes: [EdgeType("leads", from: "nowhere")])),
            (.schemaConflict, Schema(collections: [Collection("ids", key: .int, fields: [])])),
            (
                .schemaConflict,
                Schema(collections: [
                    Collection("ids", key: .uuid, fields: [Field("text", .int)])
                ])
            ),
            (
                .schemaConflict,
                Schema(collections: [
                    Collection("ids", key: .uuid, fields: [Field("new", .int, isRequired: true)])
                ])
            ),
            (.schemaConflict, Schema(edgeTypes: [EdgeType("joins", from: "things")])),
        ]
        for (code, schema) in wrong {
            try expectRefusal(code, leaving: store) { try store.define(schema) }
        }
        let before = store.snapshot().sequence
        try store.define(Kinds.schema)
        #expect(store.snapshot().sequence == before)
    }
}
