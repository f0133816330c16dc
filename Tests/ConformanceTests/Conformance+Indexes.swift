// Definitions that are waited for or not, what is dropped, words in several fields and such as come
// to be searched later, what json contains: the same at each door.

import Doors
import MnemeModel
import Testing

extension Conformance {
    private static func pages(_ indexes: [Index]) -> Schema {
        Schema(collections: [
            Collection(
                "pages",
                fields: [
                    Field("title", .text, isSearchable: true),
                    Field("text", .text, isSearchable: true), Field("n", .int),
                    Field("data", .json),
                ],
                indexes: indexes
            )
        ])
    }

    private static func page(_ key: String, _ fields: [String: Value]) -> Change {
        .put(Put("pages", .text(key), fields))
    }

    @Test(arguments: DoorKind.allCases)
    func indexesComeAndGo(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.pages([]))
            for start in stride(from: 0, to: 6000, by: 1000) {
                _ = try await door.commit(
                    (start..<(start + 1000)).map {
                        Self.page(
                            "p\($0)",
                            ["n": .int(Int64($0 % 50)), "data": ["k": .int(Int64($0))]]
                        )
                    },
                    .none
                )
            }
            let byN = Index("byN", on: ["n"])
            try await door.define(Self.pages([byN]))
            let find = Find("pages", where: .eq("n", 7), limit: 1000)
            #expect(try await door.find(find).plan.contains("byN"))
            #expect(try await door.find(find).rows.count == 120)
            try await door.drop(.index(collection: "pages", name: "byN"))
            #expect(try await !door.find(find).plan.contains("byN"))
            #expect(
                await door.refusal(.drop(.index(collection: "pages", name: "byN"))) == .notFound
            )
            let unique = Index("one", on: ["n"], isUnique: true)
            #expect(await door.refusal(.define(Self.pages([unique]))) == .duplicate)
            let inside = Index("inside", on: [IndexField("data", contains: true)])
            try await door.define(Self.pages([inside]), waits: false)
            while try await door.statistics().indexes.contains(where: { $0.failure == nil }) {
                _ = try await door.commit([Self.page("p3", ["data": ["k": 3, "more": true]])])
            }
            let found = try await door.find(
                Find("pages", where: .compare(field: "data", .contains(["k": 3])))
            )
            #expect(found.rows.map(\.record.reference.key) == ["p3"])
            #expect(found.plan.contains("inside"))
            #expect(try await door.verify().findings == [])
        }
    }

    /// A field comes to be searched while others write, is not any more, and is again.
    @Test(arguments: DoorKind.allCases)
    func fieldsComeToBeSearched(kind: DoorKind) async throws {
        try await kind.withSample { door in
            func notices(_ isSearchable: Bool) -> Schema {
                Schema(collections: [
                    Collection(
                        "notices",
                        fields: [
                            Field("text", .text, isSearchable: isSearchable)
                        ]
                    )
                ])
            }
            func notice(_ key: String, _ text: String) -> Change {
                .put(Put("notices", .text(key), ["text": .text(text)]))
            }
            try await door.define(notices(false))
            let tea = Find("notices", match: Match("text", "tea"), limit: 10_000)
            for start in stride(from: 0, to: 6000, by: 1000) {
                _ = try await door.commit(
                    (start..<(start + 1000)).map { notice("p\($0)", "green tea") },
                    .none
                )
            }
            #expect(await door.refusal(.find(tea)) == .unknownField)
            try await door.define(notices(true), waits: false)
            var rounds = 0
            while try await !door.statistics().indexes.isEmpty {
                if let refusal = await door.refusal(.find(tea)) { #expect(refusal == .badRequest) }
                _ = try await door.commit([notice("p\(rounds)", "red paint")])
                rounds += 1
            }
            #expect(try await door.find(tea).rows.count == 6000 - rounds)
            #expect(await door.refusal(.define(notices(false))) == .schemaConflict)
            let drop = Drop.search(collection: "notices", name: "text")
            try await door.drop(drop)
            #expect(await door.refusal(.find(tea)) == .unknownField)
            #expect(await door.refusal(.drop(drop)) == .unknownField)
            _ = try await door.commit([notice("p5999", "water")])
            try await door.define(notices(true))
            #expect(try await door.find(tea).rows.count == 5999 - rounds)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func wordsAreMatchedInSeveralFields(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.pages([]))
            _ = try await door.commit([
                Self.page("a", ["title": "green tea", "text": "about water"]),
                Self.page("b", ["title": "about water", "text": "green tea"]),
                Self.page("c", ["title": "about paint", "text": "red paint"]),
            ])
            for (weights, best) in [
                (["title": 3.0, "text": 1.0], "a"), (["title": 1.0, "text": 3.0], "b"),
            ] {
                let match = Match(fields: weights, "tea")
                let rows = try await door.find(Find("pages", match: match)).rows
                #expect(rows.map(\.record.reference.key).first == .text(best))
                #expect(rows.count == 2)
            }
            let one = Request.find(Find("pages", match: Match(fields: ["n": 1], "tea")))
            #expect(await door.refusal(one) == .unknownField)
            let none = Request.find(Find("pages", match: Match(fields: ["title": 0], "tea")))
            #expect(await door.refusal(none) == .badRequest)
        }
    }
}
