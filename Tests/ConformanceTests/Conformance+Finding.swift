// Finding in parts, what is computed for rows, counts, edges and explanations through every door.

import Doors
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func answersComeInParts(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let puts = (0..<40).map { put("k\(10 + $0)", ["count": .int(Int64($0 / 4))]) }
            _ = try await door.commit(puts)
            for order in [[], [Order("count", descending: true)], [Order("$version")]] {
                var find = Find("things", order: order, limit: 7, select: ["count", "$key"])
                var keys: [Value] = []
                repeat {
                    let found = try await door.find(find)
                    keys += found.rows.map { $0.record["$key"] }
                    find.after = found.next
                } while find.after != nil
                #expect(keys.count == 40 && Set(keys).count == 40)
            }
            let none = Request.find(Find("things", after: "no cursor"))
            #expect(await door.refusal(none) == .badCursor)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func answersStayWithinABudget(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let puts = (0..<30).map { put("k\(10 + $0)", ["count": .int(Int64($0))]) }
            _ = try await door.commit(puts)
            var find = Find("things", order: [Order("count", descending: true)], select: ["$key"])
                .within(Budget("count", most: 100))
            let first = try await door.find(find)
            #expect(first.rows.map { $0.record["$key"] } == ["k39", "k38", "k37"])
            #expect(first.spent == Budget.Spent(used: 84, leftOut: 27))
            find.after = first.next
            let second = try await door.find(find)
            #expect(second.rows.map { $0.record["$key"] } == ["k36", "k35", "k34", "k33"])
            let unknown = Request.find(Find("things").within(Budget("nothing", most: 1)))
            #expect(await door.refusal(unknown) == .unknownField)
            var edges = Find(edges: "joins")
            edges.budget = Budget("weight", most: 1)
            #expect(await door.refusal(.find(edges)) == .badRequest)
            // One transaction sees it as well.
            let transaction = try await door.begin()
            #expect(try await transaction.find(find).rows == second.rows)
            try await transaction.rollback()
        }
    }

    @Test(arguments: DoorKind.allCases)
    func edgesAreFoundByTheirWords(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(
                Schema(edgeTypes: [
                    EdgeType("tells", fields: [Field("why", .text, isSearchable: true)])
                ])
            )
            let thing = Reference("things", "told")
            let why: Value = "the same old river"
            _ = try await door.commit([
                put("told", ["count": 1]),
                .link(Link("tells", from: thing, to: thing, fields: ["why": why])),
            ])
            var find = Find(edges: "tells")
            find.match = Match("why", "rivers")
            find.highlight = Highlight()
            let found = try await door.find(find)
            #expect(found.edges.map(\.from) == [thing] && found.rows == [])
            let mark = try #require(found.marks.first)
            #expect(mark.score > 0 && found.marks.count == 1)
            #expect(mark.highlights["why"]?.map(\.text) == ["the same old **river**"])
            find.match = Match("count", "rivers")
            #expect(await door.refusal(.find(find)) == .unknownField)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func edgesAreFoundByTheirVectorsAndErased(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let field = Field("meaning", .vector(VectorType(dimension: 2)))
            try await door.define(
                Schema(edgeTypes: [EdgeType("tells", fields: [field], history: HistoryRule())])
            )
            let thing = Reference("things", "told")
            func link(_ meaning: [Float]) -> Change {
                .link(Link("tells", from: thing, to: thing, fields: ["meaning": .vector(meaning)]))
            }
            let made = try await door.commit([
                put("told", ["count": 1]), link([1, 0]), link([0, 1]),
            ])
            let edges = made.outcomes.compactMap(\.madeEdge)
            var find = Find(edges: "tells")
            find.near = Near("meaning", [0.25, 1])
            let found = try await door.find(find)
            #expect(found.edges.map(\.id) == [edges[1], edges[0]] && found.marks.count == 2)
            #expect(found.edges[0].fields["meaning"]?.vector == [0, 1])
            let checked = try await door.checkVectors(VectorQuestion(edges: "tells"))
            #expect(checked.fields.map(\.isOfEdges) == [true])
            let gone = try await door.commit([.eraseEdge(edges[1]), .eraseEdge(edges[1])])
            #expect(gone.outcomes == [.unlinked(true), .unlinked(false)])
            #expect(try await door.find(find).edges.map(\.id) == [edges[0]])
            find.near = Near("count", [1])
            #expect(await door.refusal(.find(find)) == .unknownField)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func rowsAreComputedCountedAndExplained(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([
                put("a", ["count": 1, "mood": "good"]), put("b", ["count": 2, "mood": "bad"]),
                put("c", ["count": 4]), join("a", "b"), join("a", "c"),
            ])
            let find = Find(
                "things",
                where: .compare(field: "$key", .within("a", "b")),
                select: [.computed("half", try Expression("count / 2")), "$key"],
                explained: true
            )
            let found = try await door.find(find)
            #expect(
                found.rows.map(\.record.fields) == [
                    ["half": 0, "$key": "a"], ["half": 1, "$key": "b"],
                ]
            )
            #expect(found.explanation?.index == "$key" && found.explanation?.entries == 2)
            let count = Count(
                "things",
                by: ["mood"],
                values: ["n": Aggregate(.count), "sum": Aggregate(.sum, of: "count")],
                having: .compare(field: "sum", .gt(1)),
                order: [Order("sum", descending: true)],
                explained: true
            )
            let counted = try await door.count(count)
            #expect(
                counted.rows == [["n": 1, "sum": 4], ["mood": "bad", "n": 1, "sum": 2]]
            )
            #expect(counted.explanation?.matched == 3)
            let edges = try await door.find(
                Find(edges: "joins", where: .eq("$from", "things/a"), order: [Order("$id")])
            )
            #expect(edges.rows.isEmpty && edges.edges.map(\.to) == [thing("b"), thing("c")])
            let degrees = try await door.count(Count(edges: "joins", by: ["$from"]))
            #expect(degrees.rows == [["$from": "things/a", "count": 2]])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func countsInsideATransactionAreWhatItSees(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 1]), put("b", ["count": 2])])
            let one = try await door.begin()
            try await one.change([put("c", ["count": 3]), join("a", "c")])
            let sum = Count("things", values: ["sum": Aggregate(.sum, of: "count")])
            #expect(try await one.count(sum).rows == [["sum": 6]])
            #expect(try await one.count(Count("things")).rows == [["count": 3]])
            #expect(try await one.count(Count(edges: "joins")).rows == [["count": 1]])
            #expect(try await one.find(Find(edges: "joins")).edges.map(\.to) == [thing("c")])
            #expect(try await door.count(sum).rows == [["sum": 3]])
            // What others put would have been counted.
            _ = try await door.commit([put("d", ["count": 9])])
            await #expect(throws: MnemeError.self) { try await one.commit() }

            let two = try await door.begin()
            _ = try await two.find(Find(edges: "joins"))
            try await two.change([put("e", ["count": 0])])
            _ = try await door.commit([join("a", "b")])
            await #expect(throws: MnemeError.self) { try await two.commit() }

            let three = try await door.begin()
            let low = Filter.compare(field: "count", .lt(2))
            _ = try await three.count(Count("things", where: low))
            try await three.change([put("f", ["count": 50])])
            _ = try await door.commit([put("g", ["count": 70])])
            _ = try await three.commit()
        }
    }
}
