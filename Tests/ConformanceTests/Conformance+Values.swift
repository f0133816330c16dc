// What is put comes back to the last bit, whatever it is and however much of it there is.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static let extremes: [(String, [Value])] = [
        ("flag", [true, false]),
        ("count", [0, -1, .int(.min), .int(.max), 9_007_199_254_740_993]),
        (
            "size",
            [
                0.0, .float(-0.0), .float(.nan), .float(.infinity), .float(-.infinity),
                .float(.leastNonzeroMagnitude), .float(.greatestFiniteMagnitude), 0.1,
            ]
        ),
        ("name", ["", "a\0b", "\"\\/\n\t", "caf\u{e9}", "cafe\u{301}", "\u{1f600}", "$uuid"]),
        ("data", [.bytes([]), .bytes([0, 255, 128]), .bytes(Array(0...255))]),
        ("id", [.uuid(UniqueID(high: 0, low: 0)), .uuid(UniqueID(high: .max, low: .max))]),
        (
            "at",
            [
                .instant(Sample.day), .instant(Instant(microseconds: .min)),
                .instant(Instant(microseconds: .max)), .instant(Instant(microseconds: -1)),
            ]
        ),
        (
            "day",
            [.date(Day(number: 0)), .date(Day(number: .min)), .date(Day(number: .max))]
        ),
        (
            "free",
            [
                1, "x", true, 1.5, [], [:], [1, [2, [nil, "z"]]], ["a": ["b": [:]]],
                ["$uuid": "no uuid", "$": 1], ["": nil], .int(.min), .float(-0.0),
            ]
        ),
        ("mood", ["good", "bad"]), ("tags", [[], ["", "\0", "e\u{301}", "é"]]),
        ("sizes", [[.float(.nan), .float(-0.0), 1.0]]),
        ("near", [.vector([1, 0, -0.0]), .vector([1e-10, 1e10, 0.1])]),
        ("dot", [.vector([0, -0.0]), .vector([.leastNonzeroMagnitude, 1])]),
        ("half", [.vector([65504, -65504]), .vector([0.5, -0.25])]),
    ]

    @Test(arguments: DoorKind.allCases)
    func everyValueComesBackAsItWas(kind: DoorKind) async throws {
        try await kind.withSample { door in
            for (field, values) in Self.extremes {
                let keys = values.indices.map { "\(field) \($0)" }
                let changes = zip(keys, values).map { put($0, [field: $1]) }
                _ = try await door.commit(changes, .none)
                let records = try await door.get(keys.map(thing))
                let found = try await door.find(
                    Find("things", where: .compare(field: field, .exists(true)), limit: 1000)
                )
                #expect(found.rows.count == values.count, "\(field)")
                for (index, value) in values.enumerated() {
                    let got = records[index]?[field] ?? .null
                    #expect(isSame(got, value), "\(field): \(got.json()), not \(value.json())")
                    let row = found.rows.first { $0.record.reference == thing(keys[index]) }
                    let there = row?.record[field] ?? .null
                    #expect(isSame(there, value), "\(field): \(there.json())")
                }
            }
            #expect(try await door.keys(where: .eq("count", .int(.max))) == ["count 3"])
            #expect(try await door.keys(where: .eq("size", .float(.nan))) == ["size 2"])
            #expect(try await door.keys(where: .eq("size", .float(-0.0))) == ["size 0", "size 1"])
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func keysAreFoundInEverySpelling(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let texts = [
                "a/b/c", "\u{1f41d} in the hive", "日本語", "caf\u{e9}", "x\0y", "..", " ", "é/ß/ﬁ",
                String(repeating: "k", count: 512),
            ]
            for (index, text) in texts.enumerated() {
                _ = try await door.commit([put(text, ["count": .int(Int64(index))])], .none)
            }
            let records = try await door.get(texts.map(thing))
            for (index, record) in records.enumerated() {
                #expect(record?["count"] == .int(Int64(index)), "\(texts[index])")
            }
            // One key, however its accents are written.
            let composed = try await door.get(thing("cafe\u{301}"))
            #expect(composed?["count"] == 3)
            #expect(await door.refusal(.commit([put("cafe\u{301}", mode: .insert)], .none)) != nil)
            let numbers: [Key] = [.int(.min), .int(-1), 0, 7]
            _ = try await door.commit(
                numbers.map { .put(Put("numbers", $0, ["text": .text("\($0)")])) }
            )
            let given = try await door.get(numbers.map { Reference("numbers", $0) })
            #expect(given.map { $0?["text"] } == numbers.map { .text("\($0)") })
            let next = try await door.commit([.put(Put("numbers", nil, [:]))])
            #expect(next.outcomes == [.put(Reference("numbers", 8))])
            let id = UniqueID(high: 0x0190_0000_0000_4000, low: 0x8000_0000_0000_0001)
            _ = try await door.commit([.put(Put("ids", .text(id.description), [:]))])
            #expect(try await door.get(Reference("ids", .uuid(id))) != nil)
            let named = try await door.commit([.put(Put("ids", nil, [:]))])
            guard case .put(let chosen)? = named.outcomes.first, case .uuid = chosen.key else {
                Issue.record("\(named)")
                return
            }
            #expect(try await door.get(chosen) != nil)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func nothingIsTakenAsNothing(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let before = try await door.statistics().sequence
            #expect(try await door.get([]) == [])
            #expect(try await door.commit([]).outcomes == [])
            #expect(try await door.remember([]) == [])
            #expect(try await door.relate([]) == [])
            try await door.define(Schema())
            #expect(try await door.recall("").items == [])
            #expect(try await door.find(Find("things", limit: 0)).rows == [])
            #expect(try await door.walk(Walk(from: [])).stops == [])
            let session = try await door.openSession(owner: "ann")
            #expect(try await door.append(to: session.id, []) == [])
            let committed = try await door.commit([put("bare")])
            #expect(committed.sequence > before)
            #expect(try await door.get(thing("bare"))?.fields == [:])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func muchComesBackWhole(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let text = String(repeating: "long \u{1f41d} ", count: 200_000)
            let bytes = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let vector = (0..<4096).map { Float($0 % 17) - 8 }
            let fields: [String: Value] = [
                "text": .text(text), "data": .bytes(bytes), "vector": .vector(vector),
            ]
            _ = try await door.commit([.put(Put("wide", "one", fields))], .none)
            let reference = Reference("wide", "one")
            #expect(try await door.get(reference)?.fields == fields)
            // More than one frame of an answer, many times over.
            let many = try await door.get(Array(repeating: reference, count: 8))
            #expect(many.allSatisfy { $0?.fields == fields })
            let near = try await door.find(
                Find("wide", near: Near("vector", vector, isExact: true), select: [])
            )
            #expect(near.rows.map(\.record.reference) == [reference])

            let changes = (0..<5000).map { put("k\($0)", ["count": .int(Int64($0))]) }
            let committed = try await door.commit(changes, .none)
            #expect(committed.outcomes.count == 5000)
            let rows = try await door.find(Find("things", order: [Order("count")], limit: 9999))
            #expect(rows.rows.map { $0.record["count"].int ?? -1 } == (0..<5000).map { Int64($0) })
            let all = try await door.get((0..<5000).map { thing("k\($0)") })
            #expect(all.enumerated().allSatisfy { $1?["count"] == .int(Int64($0)) })
        }
    }

    @Test(arguments: DoorKind.allCases)
    func tooMuchIsRefusedAndLeavesTheDoorOpen(kind: DoorKind) async throws {
        try await kind.withSample { door in
            // More than the log takes in a batch, and more than a server takes in a frame.
            let bytes = Value.bytes([UInt8](repeating: 1, count: 70 << 20))
            let huge = Request.commit([.put(Put("wide", "huge", ["data": bytes]))], .none)
            #expect(await door.refusal(huge) == .tooLarge)
            let long = String(repeating: "x", count: 513)
            #expect(await door.refusal(.commit([put(long)], .none)) == .wrongType)
            let owner = Request.remember([Remember("x", owner: long)])
            #expect(await door.refusal(owner) == .badOwner)
            let words = Request.recall(Recall(String(repeating: "a", count: 2 << 20)))
            #expect(await door.refusal(words) == .tooLarge)
            _ = try await door.commit([put("fine")])
            #expect(try await door.keys(Find("things")) == ["fine"])
            #expect(try await door.get(Reference("wide", "huge")) == nil)
        }
    }
}
