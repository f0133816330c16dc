// Questions that make no sense are errors, never empty answers; questions of any size are answered
// or refused, and never bring the process down.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct BadQuestionTests {
    @Test func whatIsNotThereIsRefused() throws {
        let store = try Kinds.store()
        let snapshot = store.snapshot()
        let wrong: [(MnemeError.Code, String, Find)] = [
            (.unknownCollection, "thigns", Find("thigns")),
            (.unknownField, "nmae", Find("things", where: .eq("nmae", "a"))),
            (.unknownField, "nmae", Find("things", where: .not(.or([.eq("nmae", "a")])))),
            (.unknownField, "nmae", Find("things", order: [Order("nmae")])),
            (.unknownField, "nmae", Find("things", select: ["name", "nmae"])),
            (.unknownField, "naer", Find("things", near: Near("naer", [1, 0, 0]))),
            (.unknownField, "name", Find("things", near: Near("name", [1, 0, 0]))),
            (.unknownField, "not searchable", Find("things", match: Match("name", "a"))),
            (.badRequest, "no order", Find("things", order: [Order("near")])),
            (.badRequest, "no order", Find("things", order: [Order("free")])),
            (.badRequest, "give 0 or more", Find("things", limit: -1)),
            (.badRequest, "give 0 or more", Find("things", offset: -1)),
            (
                .badRequest, "near",
                Find(
                    "things",
                    near: Near("near", [1, 0, 0]),
                    match: Match("body", "a")
                )
            ),
            (.badRequest, "score", Find("things", near: Near("near", [1, 0, 0], minimum: .nan))),
            (.badOwner, "no owner role", Find("numbers", owner: "ann")),
            (.badOwner, "empty", Find("things", owner: "")),
            (.badOwner, "segment", Find("things", owner: "a//b")),
        ]
        for (code, words, find) in wrong {
            try expectRefusal(code, words) { _ = try snapshot.find(find) }
        }
        #expect(try snapshot.find(Find("things", owner: "nobody")).rows == [])
    }

    @Test func vectorsThatHaveNoNearnessAreRefused() throws {
        let snapshot = try Kinds.store().snapshot()
        let wrong: [(String, [Float], String)] = [
            ("near", [], "3 components and got 0"), ("near", [1, 2], "3 components and got 2"),
            ("near", [0, 0, 0], "no cosine"), ("near", [.nan, 0, 0], "component 0"),
            ("near", [.infinity, 1, 0], "is inf"),
            ("near", [.leastNonzeroMagnitude, 0, 0], "1e-18 and 1e18"),
            ("dot", [3e38, 3e38], "under dot it must be at most 1e18"),
            ("dot", [1e20, 1], "under dot it must be at most 1e18"),
            ("dot", [1], "2 components and got 1"), ("half", [1, .nan], "component 1"),
            ("half", [.greatestFiniteMagnitude, 0], "must be at most 1e18"),
        ]
        for (field, vector, rule) in wrong {
            for owner in [nil, "nobody"] {
                try expectRefusal(.badVector, "the question for things.\(field)", rule) {
                    _ = try snapshot.find(Find("things", owner: owner, near: Near(field, vector)))
                }
            }
        }
        // A question is not kept in the field's element.
        _ = try snapshot.find(Find("things", near: Near("half", [1e5, 1])))
    }

    @Test func filtersThatSuitNoFieldAreRefused() throws {
        let snapshot = try Kinds.store().snapshot()
        func compare(_ field: String, _ comparison: Comparison) -> Filter {
            .compare(field: field, comparison)
        }
        let wrong: [Filter] = [
            .eq("count", "1"), compare("count", .gt("1")), compare("count", .gt(nil)),
            compare("count", .isIn([1, "2"])), compare("count", .prefix("1")),
            compare("count", .contains(1)), compare("count", .any([1])),
            compare("name", .gt(1)), compare("name", .all(["a"])), compare("name", .contains(1)),
            .eq("flag", 1), .eq("mood", "so so"), compare("mood", .notIn(["so so"])),
            .eq("day", "2023-02-29"), .eq("at", "soon"), .eq("id", "none"), .eq("tags", "x"),
            compare("tags", .any([1])), compare("tags", .contains(1)), .eq("near", [1, 2]),
            compare("near", .lt(.vector([1, 2, 3]))), compare("near", .contains(1)),
            compare("size", .within(1, "2")), .eq("free", .vector([1])), .eq("size", "1"),
            .eq("data", "text"),
        ]
        for filter in wrong {
            try expectRefusal(.badFilter, "things.") {
                _ = try snapshot.find(Find("things", where: .and([filter])))
            }
        }
        var deep = Filter.eq("count", 1)
        for _ in 0..<100 { deep = .not(deep) }
        try expectRefusal(.badFilter, "64") { _ = try snapshot.find(Find("things", where: deep)) }
    }

    @Test func valuesBecomeWhatFieldsHold() throws {
        let store = try Kinds.store()
        let id = UniqueID(high: 1, low: 2)
        _ = try store.commit([
            Kinds.put(
                "c",
                [
                    "size": 3, "day": "2024-03-01", "at": "2024-03-01T00:00:00Z",
                    "id": .text(id.description), "count": 3, "mood": "good", "free": ["x": 1],
                ]
            )
        ])
        let snapshot = store.snapshot()
        func find(_ filter: Filter) throws -> [String] {
            Kinds.keys(try snapshot.find(Find("things", where: filter)))
        }
        #expect(try find(.eq("size", 3)) == ["c"])
        #expect(try find(.compare(field: "size", .gt(2))) == ["b", "c"])
        #expect(try find(.compare(field: "count", .gt(2.5))) == ["c"])
        #expect(try find(.eq("count", 3.0)) == ["c"])
        #expect(try find(.eq("day", "2024-03-01")) == ["c"])
        #expect(try find(.compare(field: "day", .lt("2024-03-01"))) == ["b"])
        #expect(try find(.eq("at", "2024-03-01T01:00:00+01:00")) == ["c"])
        #expect(try find(.eq("id", .text(id.description))) == ["c"])
        #expect(try find(.eq("mood", nil)) == ["a", "b"])
        #expect(try find(.compare(field: "mood", .gte("goo"))) == ["c"])
        #expect(try find(.compare(field: "tags", .contains("x"))) == ["b"])
        #expect(try find(.compare(field: "free", .contains(["x": 1]))) == ["c"])
        #expect(try find(.compare(field: "day", .isIn(["2024-02-29", nil]))) == ["a", "b"])
    }

    @Test func numbersAtTheEdgesAreOrdered() throws {
        let store = try Kinds.store(Kinds.options())
        let values: [Double] = [.nan, .infinity, -.infinity, 0.0, -0.0, .leastNonzeroMagnitude]
        _ = try store.commit(values.enumerated().map { Kinds.put("n\($0)", ["size": .float($1)]) })
        _ = try store.commit([
            Kinds.put("least", ["count": .int(.min)]), Kinds.put("most", ["count": .int(.max)]),
        ])
        let snapshot = store.snapshot()
        func find(_ comparison: Comparison, _ field: String = "size") throws -> Set<String> {
            Set(
                Kinds.keys(
                    try snapshot.find(
                        Find("things", where: .compare(field: field, comparison), limit: 50)
                    )
                )
            )
        }
        #expect(try find(.eq(.float(-0.0))) == ["n3", "n4"])
        #expect(try find(.eq(.float(.nan))) == ["n0"])
        #expect(try find(.gt(.float(.infinity))) == ["n0"])
        #expect(try find(.lt(0)) == ["n2"])
        #expect(try find(.within(0, 1)) == ["n3", "n4", "n5"])
        #expect(try find(.gte(.int(.max)), "count") == ["most"])
        #expect(try find(.lte(.int(.min)), "count") == ["least"])
        #expect(try find(.gt(.float(1e300)), "count") == [])
        let ordered = try snapshot.find(
            Find("things", where: .compare(field: "size", .exists(true)), order: [Order("size")])
        )
        let sizes = ordered.rows.map { $0.record["size"].number ?? 0 }
        #expect(sizes.prefix(1) == [-.infinity])
        #expect(sizes.last?.isNaN == true)
        #expect(try store.verify().findings == [])
    }

    @Test func textsInOtherNormalFormsAreTheSame() throws {
        let store = try Kinds.store()
        _ = try store.commit([Kinds.put("c", ["name": "caf\u{e9}"])])
        try expectRefusal(.duplicate, "byName", leaving: store) {
            _ = try store.commit([Kinds.put("d", ["name": "cafe\u{301}"])])
        }
        let snapshot = store.snapshot()
        for name in ["caf\u{e9}", "cafe\u{301}"] {
            #expect(
                Kinds.keys(try snapshot.find(Find("things", where: .eq("name", .text(name)))))
                    == ["c"]
            )
            #expect(
                Kinds.keys(
                    try snapshot.find(
                        Find("things", where: .compare(field: "name", .prefix(name)))
                    )
                ) == ["c"]
            )
        }
    }

    @Test func limitsOfAnySizeAreAnswered() throws {
        let store = try Kinds.store()
        let snapshot = store.snapshot()
        let near = Near("near", [1, 0, 0])
        for exact in [false, true] {
            for limit in [0, 1, 1 << 24, Int.max / 2, Int.max] {
                for offset in [0, 1, Int.max / 2, Int.max] {
                    let near = Near("near", near.vector, isExact: exact)
                    let one = max(0, min(limit, 1 - min(offset, 1)))
                    let two = max(0, min(limit, 2 - min(offset, 2)))
                    #expect(
                        try snapshot.find(
                            Find("things", near: near, limit: limit, offset: offset)
                        ).rows.count == one
                    )
                    #expect(
                        try snapshot.find(
                            Find(
                                "things",
                                match: Match("body", "first"),
                                limit: limit,
                                offset: offset
                            )
                        ).rows.count == one
                    )
                    #expect(
                        try snapshot.find(
                            Find("things", limit: limit, offset: offset)
                        ).rows.count == two
                    )
                    #expect(
                        try snapshot.find(
                            Find("things", order: [Order("size")], limit: limit, offset: offset)
                        ).rows.count == two
                    )
                }
            }
        }
    }

    @Test func manyAreAnsweredAsFew() throws {
        let store = try Kinds.store()
        let random = SeededRandomness(seed: 5)
        _ = try store.commit(
            (0..<3000).map {
                Kinds.put(
                    "m\($0)",
                    ["near": .vector((0..<3).map { _ in Float(random.below(100)) + 1 })]
                )
            }
        )
        let snapshot = store.snapshot()
        func rows(_ limit: Int, exact: Bool) throws -> [Float] {
            try snapshot.find(
                Find(
                    "things",
                    near: Near("near", [1, 2, 3], isExact: exact),
                    limit: limit,
                    select: []
                )
            ).rows.map(\.score)
        }
        let all = try rows(.max, exact: true)
        #expect(all.count == 3001)
        #expect(all == all.sorted(by: >))
        for limit in [1, 600, 1500, 2000] {
            #expect(try rows(limit, exact: true) == Array(all.prefix(limit)))
            #expect(try rows(limit, exact: false).count == limit)
        }
    }

    @Test func questionsOfNoWordsAndOfTooManyWords() throws {
        let snapshot = try Kinds.store().snapshot()
        func match(_ words: String) throws -> Int {
            try snapshot.find(Find("things", match: Match("body", words))).rows.count
        }
        for empty in ["", "  ", "?!", "\u{0}", "the of and"] { #expect(try match(empty) == 0) }
        #expect(try match(String(repeating: "first ", count: 10_000)) == 1)
        let many = (0..<20_000).map { "word\($0)" }.joined(separator: " ")
        try expectRefusal(.tooLarge, "4096") { _ = try match(many) }
        try expectRefusal(.tooLarge, "1048576") {
            _ = try match(String(repeating: "a", count: 2 << 20))
        }
        #expect(try match(String(repeating: "a", count: 1 << 19)) == 0)
    }

    @Test func nearestInAnotherOrder() throws {
        let store = try Kinds.store()
        for (key, count) in [("c", 9), ("d", 4), ("e", 6)] {
            _ = try store.commit([
                Kinds.put(
                    key,
                    ["count": .int(Int64(count)), "near": .vector([1, Float(count), 0])]
                )
            ])
        }
        let find = Find(
            "things",
            near: Near("near", [1, 4, 0]),
            order: [Order("count", descending: true)],
            limit: 3,
            select: ["name"]
        )
        let found = try store.snapshot().find(find)
        // The three nearest, by count.
        #expect(Kinds.keys(found) == ["c", "e", "d"])
        #expect(found.rows.allSatisfy { $0.record.fields.keys.sorted() == ["name"] })
    }
}

@Suite struct OddWalkTests {
    private func chain(_ count: Int) throws -> Store {
        let store = try Store.open("store", options: Kinds.options())
        try store.define(Kinds.schema)
        _ = try store.commit((0..<count).map { Kinds.put("n\($0)") })
        _ = try store.commit(
            (0..<count).map {
                .link(
                    Link(
                        "joins",
                        from: Kinds.thing("n\($0)"),
                        to: Kinds.thing("n\(($0 + 1) % count)")
                    )
                )
            }
        )
        return store
    }

    @Test func circlesEnd() throws {
        let snapshot = try chain(20).snapshot()
        let start = Kinds.thing("n0")
        for hops in [20, 1000, Int.max] {
            let walked = try snapshot.walk(Walk(from: [start], hops: hops, limit: .max))
            #expect(walked.count == 19)
            #expect(walked.isComplete)
            #expect(walked.stops.last?.path.count == 19)
        }
        #expect(try snapshot.walk(Walk(from: [start, start], hops: 0)).count == 0)
        #expect(try snapshot.walk(Walk(from: [], hops: 3)).count == 0)
        #expect(try snapshot.walk(Walk(from: [start, start], hops: 1)).count == 1)
        #expect(try snapshot.walk(Walk(from: [start], types: [], hops: 1)).count == 0)
        #expect(
            try snapshot.walk(Walk(from: [start], types: ["joins", "joins"], hops: 1)).count == 1
        )
        let none = try snapshot.walk(Walk(from: [start], hops: 5, limit: 0))
        #expect(none.count == 0 && !none.isComplete)
        let far = try snapshot.path(
            from: start,
            to: Kinds.thing("n19"),
            types: nil,
            direction: .out,
            hops: .max
        )
        #expect(far?.count == 19)
        let back = try snapshot.path(
            from: start,
            to: Kinds.thing("n19"),
            types: nil,
            direction: .both,
            hops: 1
        )
        #expect(back?.count == 1)
        #expect(
            try snapshot.path(
                from: start,
                to: start,
                types: nil,
                direction: .out,
                hops: 0
            ) == []
        )
    }

    @Test func walksFromNowhereAreRefused() throws {
        let snapshot = try chain(2).snapshot()
        let start = Kinds.thing("n0")
        try expectRefusal(.notFound, "things/x") {
            _ = try snapshot.walk(Walk(from: [start, Kinds.thing("x")]))
        }
        try expectRefusal(.unknownEdgeType, "jions") {
            _ = try snapshot.walk(Walk(from: [start], types: ["jions"]))
        }
        try expectRefusal(.badRequest, "-1") {
            _ = try snapshot.walk(Walk(from: [start], hops: -1))
        }
        try expectRefusal(.badRequest, "-1") {
            _ = try snapshot.walk(Walk(from: [start], limit: -1))
        }
        try expectRefusal(.badRequest, "-1") {
            _ = try snapshot.path(from: start, to: start, types: nil, direction: .out, hops: -1)
        }
    }

    @Test func loopsAreThereOnce() throws {
        let store = try chain(1)
        let snapshot = store.snapshot()
        let node = Kinds.thing("n0")
        for direction in [Direction.out, .in, .both] {
            #expect(try snapshot.edges(of: node, direction, types: nil).count == 1)
            #expect(try snapshot.edges(of: node, direction, types: ["joins", "joins"]).count == 1)
            #expect(try snapshot.walk(Walk(from: [node], direction: direction, hops: 3)).count == 0)
        }
        _ = try store.commit([.delete(node)])
        #expect(try store.statistics().edges["joins"] == 0)
        #expect(try store.verify().findings == [])
    }
}
