// Values that lie deeper inside each other than any may: every door refuses them, and does not go
// through them to the end of the stack.

import Mneme
import MnemeBase
import Testing

@Suite struct DeepValueTests {
    /// A value so deep, and how it is let go of: from outside in, by hand, because Swift would do
    /// it by a call within a call.
    private func with(_ depth: Int, isMap: Bool, _ body: (Value) throws -> Void) rethrows {
        var value = Value.int(1)
        for _ in 0..<depth { value = isMap ? .map(["m": value]) : .array([value]) }
        defer { Self.release(&value) }
        try body(value)
    }

    private static func release(_ value: inout Value) {
        while true {
            switch value {
            case .array(let values): value = values.first ?? .null
            case .map(let members): value = members.values.first ?? .null
            default: return
            }
        }
    }

    private func refuse(_ codes: [MnemeError.Code], _ body: () throws -> Void) throws {
        do {
            try body()
            Issue.record("was not refused")
        } catch let error as MnemeError {
            #expect(codes.contains(error.code), "\(error)")
        }
    }

    @Test func everyDoorRefusesThem() throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(
                collections: [
                    Collection(
                        "things",
                        fields: [
                            Field("free", .json), Field("texts", .array(.text)),
                            Field("name", .text), Field("near", .vector(VectorType(dimension: 2))),
                        ]
                    )
                ],
                edgeTypes: [EdgeType("joins", fields: [Field("why", .json)])]
            )
        )
        _ = try memory.commit([.put(Put("things", "a", ["free": [1]]))])
        let a = Reference("things", "a")
        for depth in [129, 60_000] {
            for isMap in [false, true] {
                try with(depth, isMap: isMap) { deep in
                    for field in ["free", "texts", "name", "near"] {
                        try refuse([.tooLarge]) {
                            _ = try memory.commit([.put(Put("things", "b", [field: deep]))])
                        }
                        for comparison in [
                            Comparison.eq(deep), .ne(deep), .gt(deep), .lte(deep), .isIn([deep]),
                            .notIn([deep]), .any([deep]), .all([deep]), .contains(deep),
                            .within(deep, deep),
                        ] {
                            try refuse([.badFilter]) {
                                let filter = Filter.compare(field: field, comparison)
                                _ = try memory.find(Find("things", where: .and([filter])))
                            }
                        }
                    }
                    try refuse([.tooLarge]) {
                        let link = Link("joins", from: a, to: a, fields: ["why": deep])
                        _ = try memory.commit([.link(link)])
                    }
                    var entry = Remember("words", owner: "ann")
                    entry.data = deep
                    try refuse([.tooLarge]) { _ = try memory.remember([entry]) }
                    #expect(throws: CBORError.self) { try deep.cbor() }
                    let filter = Filter.compare(field: "data", .eq(deep))
                    var recall = Recall("words", owner: "ann")
                    recall.filter = filter
                    try refuse([.badFilter]) { _ = try memory.recall(recall) }
                    try refuse([.badFilter]) {
                        _ = try memory.forget(Forget(owner: "ann", where: filter))
                    }
                }
            }
        }
        #expect(try memory.get(a)?["free"] == [1])
    }

    @Test func deepFiltersAreRefused() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember("words", owner: "ann")
        for isAnd in [true, false] {
            var filter = Filter.and([])
            for _ in 0..<60_000 { filter = isAnd ? .and([filter]) : .not(filter) }
            var recall = Recall("words", owner: "ann")
            recall.filter = filter
            try refuse([.badFilter]) { _ = try memory.recall(recall) }
            try refuse([.badFilter]) { _ = try memory.find(Find("memories", where: filter)) }
            try refuse([.badFilter]) { _ = try memory.forget(Forget(where: filter)) }
            // As values: from outside in, by hand.
            recall.filter = nil
            release: while true {
                switch filter {
                case .and(let parts) where !parts.isEmpty: filter = parts[0]
                case .not(let part): filter = part
                default: break release
                }
            }
        }
        #expect(try memory.find(Find("memories")).rows.count == 1)
    }

    @Test func whatMayLieInAFieldMayBeCompared() throws {
        let memory = try Memory.inMemory()
        try with(63, isMap: false) { deep in
            let key: Key = "k"
            var one = Remember("words", owner: "ann")
            (one.key, one.data) = (key, deep)
            _ = try memory.remember([one])
            let filter = Filter.compare(field: "data", .eq(deep))
            #expect(try memory.find(Find("memories", where: filter)).rows.count == 1)
        }
    }
}
