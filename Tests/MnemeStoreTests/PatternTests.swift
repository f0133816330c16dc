// Patterns by example: where the search begins, how much it looks at, what is refused, and what
// conflicts with one inside a transaction. And walks along edges that a condition holds for.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PatternTests {
    /// Two users of 200 who share an association, and many facts.
    private static func store(facts: Int = 400) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        let fields = [Field("weight", .float)]
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "users",
                        fields: [Field("name", .text)],
                        indexes: [Index("byName", on: ["name"])]
                    ),
                    Collection(
                        "facts",
                        key: .int,
                        fields: [Field("user", .text), Field("kind", .text)],
                        references: [
                            ReferenceRule("user", ["user"], to: "users", onDelete: .cascade)
                        ]
                    ),
                    Collection("words", fields: []),
                ],
                edgeTypes: [EdgeType("about", from: "facts", to: "words", fields: fields)]
            )
        )
        _ = try store.commit(
            (0..<200).map { .put(Put("users", .text("u\($0)"), ["name": .text("name \($0)")])) }
                + (0..<50).map { .put(Put("words", .text("w\($0)"), [:])) }
        )
        _ = try store.commit(
            (0..<facts).flatMap { number -> [Change] in
                let fact = Reference("facts", .int(Int64(number)))
                return [
                    .put(
                        Put(
                            "facts",
                            fact.key,
                            ["user": .text("u\(number % 200)"), "kind": "said"]
                        )
                    ),
                    .link(
                        Link(
                            "about",
                            from: fact,
                            to: Reference("words", .text("w\(number % 50)")),
                            fields: ["weight": .float(Double(number % 10) / 10)]
                        )
                    ),
                ]
            }
        )
        return store
    }

    private static let sharing = Pattern(
        [
            "user": PatternNode("users", where: .eq("name", "name 7")),
            "own": PatternNode("facts"), "word": PatternNode("words"),
            "theirs": PatternNode("facts"), "other": PatternNode("users"),
        ],
        [
            PatternStep("own", to: "user", .reference("user")),
            PatternStep("own", to: "word", .edges(["about"])),
            PatternStep("theirs", to: "word", .edges(["about"])),
            PatternStep("theirs", to: "other", .reference("user")),
        ],
        different: [["user", "other"]],
        select: ["other"],
        distinct: true,
        order: [Order("other.$key")],
        explained: true
    )

    private func work(_ matched: Matched) -> Int { matched.explanation?.work ?? .max }

    @Test func theSearchBeginsWhereTheFewestAre() throws {
        let store = try Self.store()
        let matched = try store.snapshot().pattern(Self.sharing)
        let others = ["u107", "u157", "u57"]
        #expect(matched.rows == others.map { ["other": .text("users/" + $0)] })
        #expect(matched.references("other") == others.map { Reference("users", .text($0)) })
        let stages = try #require(matched.explanation?.stages)
        #expect(stages.count == 5 && stages[0].way.hasPrefix("user: index byName"))
        #expect(
            stages.map { String($0.way.prefix { $0 != " " && $0 != ":" }) } == [
                "user", "own", "word", "theirs", "other",
            ]
        )
        #expect(stages[0].rows == 1 && stages[1].rows == 2 && stages[2].rows == 2)
        // Eight facts are about the word, and each of the own ones leads to it.
        #expect(stages[3].rows == 16 && stages[4].rows == 12)
        #expect(work(matched) < 100)
        // Where the other end is the narrow one, it begins there.
        var turned = Self.sharing
        turned.nodes["user"]?.filter = Filter?.none
        turned.nodes["other"]?.keys = ["u57"]
        turned.select = ["user"]
        turned.order = [Order("user.$key", descending: true)]
        let other = try store.snapshot().pattern(turned)
        #expect(other.rows.map { $0["user"] } == ["users/u7", "users/u157", "users/u107"])
        #expect(other.explanation?.stages.first?.way == "other: 1 by key")
        #expect(work(other) < 100)
    }

    @Test func workIsBounded() throws {
        let store = try Self.store()
        var pattern = Self.sharing
        pattern.nodes["user"]?.filter = Filter?.none
        pattern.different = []
        pattern.isDistinct = false
        pattern.order = []
        pattern.isCountOnly = true
        let all = try store.snapshot().pattern(pattern)
        #expect(all.count == 50 * 8 * 8 && all.isComplete)
        for work in [1, 7, 100, 1000] {
            pattern.work = work
            let cut = try store.snapshot().pattern(pattern)
            #expect(!cut.isComplete && cut.count < all.count)
            #expect(self.work(cut) <= work + 400)
        }
        pattern.work = Pattern.standardWork
        (pattern.isCountOnly, pattern.limit) = (false, 5)
        let some = try store.snapshot().pattern(pattern)
        #expect(some.rows.count == 5 && some.isComplete)
        #expect(self.work(some) < 600)
        pattern.limit = 0
        #expect(try store.snapshot().pattern(pattern).rows == [])
    }

    @Test func rowsHaveWhatIsSelected() throws {
        let store = try Self.store()
        let pattern = Pattern(
            ["fact": PatternNode("facts", keys: [3]), "word": PatternNode("words")],
            [PatternStep("fact", to: "word", .edges(["about"], .out), as: "about")],
            select: [
                "fact", "fact.user", "fact.$key", "about.weight", "about.$to", "about.$id", "word",
            ]
        )
        let row = try #require(store.snapshot().pattern(pattern).rows.first)
        let edge = try store.snapshot().edges(of: Reference("facts", 3), .out, types: nil)[0]
        #expect(
            row == [
                "fact": ["collection": "facts", "key": 3], "fact.user": "u3", "fact.$key": 3,
                "about.weight": 0.3, "about.$to": "words/w3",
                "about.$id": .int(Int64(edge.id)), "word": "words/w3",
            ]
        )
        var bare = pattern
        bare.select = nil
        #expect(
            try store.snapshot().pattern(bare).rows == [
                [
                    "fact": ["collection": "facts", "key": 3], "word": "words/w3",
                    "about": .int(Int64(edge.id)),
                ]
            ]
        )
    }

    /// A step leads from a record to itself where its own fields are equal.
    @Test func fieldsOfOneRecordAreEqual() throws {
        let store = try Self.store(facts: 10)
        _ = try store.commit([
            .put(Put("users", "same", ["name": "same"])), .put(Put("users", "none", [:])),
        ])
        let node = PatternNode("users")
        var pattern = Pattern(
            ["user": node],
            [PatternStep("user", to: "user", .equal(["$key": "name"]))],
            select: ["user.$key"]
        )
        #expect(try store.snapshot().pattern(pattern).rows == [["user.$key": "same"]])
        pattern.steps = [PatternStep("user", to: "user", .equal(["name": "name"]))]
        // Null equals nothing.
        #expect(try store.snapshot().pattern(pattern).rows.count == 100)
        pattern.limit = 1000
        #expect(try store.snapshot().pattern(pattern).rows.count == 201)
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.store(facts: 10)
        func refused(
            _ code: MnemeError.Code,
            _ words: String,
            _ change: (inout Pattern) -> Void
        ) throws {
            var pattern = Self.sharing
            change(&pattern)
            try expectRefusal(code, words) { _ = try store.snapshot().pattern(pattern) }
        }
        try refused(.badRequest, "1 to 16 nodes") { $0.nodes = [:] }
        try refused(.unknownCollection, "birds") { $0.nodes["user"] = PatternNode("birds") }
        try refused(.unknownField, "size") { $0.nodes["user"]?.filter = .eq("size", 1) }
        try refused(.badOwner, "owner role") { $0.owner = "ann" }
        try refused(.badOwner, "owner role") { $0.nodes["user"]?.owner = "ann" }
        try refused(.wrongType, "keys of collection") { $0.nodes["own"]?.keys = ["a"] }
        try refused(.badRequest, "\"birds\"") { $0.steps[0].to = "birds" }
        try refused(.badRequest, "reference \"word\"") { $0.steps[0].way = .reference("word") }
        try refused(.badRequest, "reference \"user\"") {
            $0.steps[0].from = "user"
            $0.steps[0].to = "own"
        }
        try refused(.unknownEdgeType, "\"likes\"") { $0.steps[1].way = .edges(["likes"]) }
        try refused(.unknownField, "size") {
            $0.steps[1].way = .edges(["about"], where: .eq("size", 1))
        }
        try refused(.badRequest, "hops 0") { $0.steps[1].way = .edges(["about"], hops: 0) }
        try refused(.badRequest, "and a name") {
            $0.steps[1].way = .edges(["about"], hops: 2)
            $0.steps[1].name = "e"
        }
        try refused(.badRequest, "given twice") { $0.steps[1].name = "user" }
        try refused(.badRequest, "no edge") { $0.steps[0].name = "e" }
        try refused(.badRequest, "without dots") { $0.steps[1].name = "a.b" }
        try refused(.badRequest, "no steps lead") { $0.steps.removeLast() }
        try refused(.badRequest, "two nodes or more") { $0.different = [["user"]] }
        try refused(.badRequest, "never equal") {
            $0.steps.append(PatternStep("own", to: "user", .equal(["$key": "name"])))
        }
        try refused(.badRequest, "one field or more") {
            $0.steps.append(PatternStep("own", to: "user", .equal([:])))
        }
        try refused(.badRequest, "no node") { $0.select = ["nobody.name"] }
        try refused(.unknownField, "size") { $0.select = ["user.size"] }
        try refused(.badRequest, "no order") { $0.order = [Order("user")] }
        try refused(.badRequest, "limit -1") { $0.limit = -1 }
        try refused(.badRequest, "work 0") { $0.work = 0 }
    }

    @Test func whatOthersChangeConflicts() throws {
        let store = try Self.store(facts: 100)
        func conflicts(_ change: Change) throws -> Bool {
            let transaction = try store.begin()
            var pattern = Self.sharing
            pattern.nodes["user"]?.keys = ["u7"]
            _ = try transaction.pattern(pattern)
            _ = try transaction.change([.put(Put("words", "new", [:]))])
            _ = try store.commit([change])
            do throws(MnemeError) {
                _ = try transaction.commit(.synced)
                return false
            } catch {
                #expect(error.code == .conflict)
                return true
            }
        }
        let other = Reference("facts", 11)
        let link = Link("about", from: other, to: Reference("words", "w1"))
        #expect(try conflicts(.link(link)))
        #expect(try conflicts(.put(Put("users", "u7", ["name": "another"]))))
        #expect(try conflicts(.put(Put("facts", 500, ["user": "u7"]))))
        #expect(try conflicts(.delete(Reference("words", "w9"))))
    }

    @Test func walksGoAlongEdgesThatAConditionHoldsFor() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [
                    EdgeType("cites", fields: [Field("weight", .float)]), EdgeType("near"),
                ]
            )
        )
        func note(_ name: String) -> Reference { Reference("notes", .text(name)) }
        func link(_ from: String, _ to: String, _ weight: Double) -> Change {
            .link(Link("cites", from: note(from), to: note(to), fields: ["weight": .float(weight)]))
        }
        _ = try store.commit("abcd".map { .put(Put("notes", .text(String($0)), [:])) })
        // The short way is light, the long one heavy.
        _ = try store.commit([
            link("a", "d", 0.1), link("a", "b", 0.9), link("b", "c", 0.8), link("c", "d", 0.7),
            .link(Link("near", from: note("a"), to: note("c"))),
        ])
        let heavy = Filter.compare(field: "weight", .gt(0.5))
        let snapshot = store.snapshot()
        func reached(_ filter: Filter?, _ from: String, _ direction: Direction) throws -> String {
            let walk = Walk(
                from: [note(from)],
                types: ["cites"],
                direction: direction,
                where: filter,
                hops: 9
            )
            var counted = walk
            counted.isCountOnly = true
            let walked = try snapshot.walk(walk)
            #expect(try snapshot.walk(counted).count == walked.count)
            return walked.stops.map { $0.reference.key.description }.joined()
        }
        #expect(try reached(nil, "a", .out) == "dbc")
        #expect(try reached(heavy, "a", .out) == "bcd")
        #expect(try reached(heavy, "d", .in) == "cba")
        #expect(try reached(.eq("weight", 0.1), "a", .out) == "d")
        #expect(try reached(.eq("$to", "notes/b"), "a", .out) == "b")
        #expect(try reached(.eq("weight", 7), "a", .out) == "")
        func hops(_ filter: Filter?) throws -> Int? {
            try snapshot.path(
                from: note("a"),
                to: note("d"),
                types: ["cites"],
                direction: .out,
                where: filter,
                hops: 9
            )?.count
        }
        #expect(try hops(nil) == 1 && hops(heavy) == 3)
        #expect(try hops(.compare(field: "weight", .gt(0.75))) == nil)
        // Of every type that is followed the property is known.
        try expectRefusal(.unknownField, "near", "weight") {
            _ = try snapshot.walk(Walk(from: [note("a")], where: heavy))
        }
        try expectRefusal(.badFilter, "weight") {
            _ = try snapshot.walk(
                Walk(from: [note("a")], types: ["cites"], where: .eq("weight", "x"))
            )
        }
    }
}
