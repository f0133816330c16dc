// Questions: what is found, in which order, how much of it, and where edges lead.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static func fill(_ door: any Door) async throws {
        _ = try await door.commit([
            put(
                "a",
                ["count": 3, "name": "beech", "tags": ["x", "y"], "body": "green tea leaves"]
            ),
            put("b", ["count": 1, "name": "ash", "tags": ["y"], "body": "black tea", "size": 0.5]),
            put("c", ["count": 2, "name": "elder", "mood": "good", "body": "milk", "flag": true]),
            put("d", ["name": "beech", "tags": [], "free": ["deep": ["er": 1]], "size": 2]),
            put("e", ["count": 3, "day": "2024-02-29", "at": "2024-02-29T12:00:00Z"]),
        ])
    }

    @Test(arguments: DoorKind.allCases)
    func filtersOfEveryOperator(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await Self.fill(door)
            let wanted: [(String, Comparison, String)] = [
                ("count", .eq(3), "ae"), ("count", .eq(nil), "d"), ("count", .ne(3), "bcd"),
                ("count", .gt(1), "ace"), ("count", .gte(2), "ace"), ("count", .lt(3), "bc"),
                ("count", .lte(1.5), "b"), ("count", .isIn([1, nil]), "bd"),
                ("count", .notIn([3]), "bcd"), ("count", .within(1, 2), "bc"),
                ("count", .exists(false), "d"), ("tags", .any(["y", "z"]), "ab"),
                ("tags", .all(["x", "y"]), "a"), ("tags", .contains("y"), "ab"),
                ("tags", .exists(true), "abd"), ("name", .prefix("be"), "ad"),
                ("name", .contains("e"), "acd"), ("mood", .eq("good"), "c"),
                ("flag", .eq(true), "c"), ("free", .contains(["deep": ["er": 1]]), "d"),
                ("day", .eq("2024-02-29"), "e"), ("at", .gt("2024-02-29"), "e"),
                ("size", .lt(.int(.max)), "bd"), ("size", .gte(0.5), "bd"),
                ("count", .isIn([]), ""),
            ]
            for (field, comparison, keys) in wanted {
                let filter = Filter.compare(field: field, comparison)
                #expect(try await door.keys(where: filter).joined() == keys, "\(filter)")
                let others = try await door.keys(where: .not(filter))
                #expect(others.joined() == "abcde".filter { !keys.contains($0) }, "not \(filter)")
            }
            #expect(try await door.keys(where: .and([])).joined() == "abcde")
            #expect(try await door.keys(where: .or([])).isEmpty)
            let nested = Filter.or([
                .and([.eq("count", 3), .not(.eq("name", "beech"))]), .eq("name", "ash"),
            ])
            #expect(try await door.keys(where: nested).joined() == "be")
        }
    }

    @Test(arguments: DoorKind.allCases)
    func ordersLimitsAndSelections(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await Self.fill(door)
            func keys(_ order: [Order], _ limit: Int = 10, _ offset: Int = 0) async throws -> String
            {
                try await door.keys(
                    Find("things", order: order, limit: limit, offset: offset)
                ).joined()
            }
            #expect(try await keys([]) == "abcde")
            #expect(try await keys([Order("count")]) == "dbcea")
            #expect(try await keys([Order("count", descending: true)]) == "aecbd")
            #expect(try await keys([Order("name"), Order("count", descending: true)]) == "ebadc")
            // Page by page it is the same.
            var pages = ""
            for offset in 0..<7 { pages += try await keys([Order("count")], 1, offset) }
            #expect(pages == "dbcea")
            #expect(try await keys([], 0) == "")
            #expect(try await keys([], .max, .max) == "")
            #expect(try await keys([], .max) == "abcde")
            let selected = try await door.find(Find("things", limit: 1, select: ["name"]))
            #expect(selected.rows.map(\.record.fields) == [["name": "beech"]])
            let bare = try await door.find(Find("things", limit: 2, select: []))
            #expect(bare.rows.map(\.record.fields) == [[:], [:]])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func wordsAndVectorsRank(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await Self.fill(door)
            func matched(_ words: String) async throws -> String {
                try await door.keys(Find("things", match: Match("body", words))).joined()
            }
            #expect(try await matched("tea") == "ba")
            #expect(try await matched("leaf green") == "a")
            #expect(try await matched("milk tea").sorted() == ["a", "b", "c"])
            #expect(try await matched("") == "")
            #expect(try await matched("coffee") == "")
            _ = try await door.commit([
                put("v", ["near": .vector([1, 0, 0]), "dot": .vector([1, 2]), "half": [1, 1]]),
                put("w", ["near": .vector([1, 1, 0]), "dot": .vector([3, 0]), "half": [2, 2]]),
                put(
                    "x",
                    ["near": .vector([-1, 0, 0]), "dot": .vector([0, -1]), "half": [9, 9]]
                ),
            ])
            for exact in [true, false] {
                func near(_ field: String, _ vector: [Float]) async throws -> [Found.Row] {
                    try await door.find(
                        Find("things", near: Near(field, vector, isExact: exact))
                    ).rows
                }
                let cosine = try await near("near", [2, 0, 0])
                #expect(cosine.map { $0.record.reference.key } == ["v", "w", "x"])
                #expect(cosine.first?.score == 1 && cosine.last?.score == -1)
                let dot = try await near("dot", [1, 0])
                #expect(dot.map(\.score) == [3, 1, 0])
                let l2 = try await near("half", [1, 1])
                #expect(l2.map(\.score) == [0, -2, -128])
            }
            let atLeast = Near("near", [2, 0, 0], minimum: 0.5)
            #expect(try await door.keys(Find("things", near: atLeast)).joined() == "vw")
        }
    }

    @Test(arguments: DoorKind.allCases)
    func walksAndPaths(kind: DoorKind) async throws {
        try await kind.withSample { door in
            // a → b → c → d, a → c of another type, e alone.
            let puts = "abcde".map { put(String($0)) }
            let outcomes = try await door.commit(
                puts + [join("a", "b"), join("b", "c"), join("c", "d"), join("a", "c", "cites")]
            ).outcomes
            let edges = outcomes.compactMap {
                if case .linked(let edge) = $0 { edge } else { nil }
            }
            func walk(
                _ from: String,
                _ types: [String]? = nil,
                _ direction: Direction = .out,
                hops: Int = 1,
                limit: Int = 1000
            ) async throws -> String {
                try await door.walk(
                    Walk(
                        from: [thing(from)],
                        types: types,
                        direction: direction,
                        hops: hops,
                        limit: limit
                    )
                ).stops.map { $0.reference.key.description }.joined()
            }
            #expect(try await walk("a") == "bc")
            #expect(try await walk("a", ["cites"]) == "c")
            #expect(try await walk("a", hops: 9) == "bcd")
            #expect(try await walk("a", hops: 0) == "")
            #expect(try await walk("d", ["joins"], .in, hops: 2) == "cb")
            #expect(try await walk("c", nil, .both).sorted() == ["a", "b", "d"])
            #expect(try await walk("e") == "")
            #expect(try await walk("a", []) == "")
            #expect(try await walk("a", hops: .max, limit: 1).count == 1)
            let counted = try await door.walk(
                Walk(from: [thing("a")], hops: 3, countOnly: true)
            )
            #expect(counted.count == 3 && counted.stops.isEmpty && counted.isComplete)
            let short = try await door.walk(Walk(from: [thing("a")], hops: 3, limit: 2))
            #expect(short.stops.count == 2 && !short.isComplete)
            func path(
                _ from: String,
                _ to: String,
                _ types: [String]? = nil
            ) async throws
                -> [UInt64]?
            {
                try await door.path(Path(from: thing(from), to: thing(to), types: types))?
                    .map(\.id)
            }
            #expect(try await path("a", "d") == [edges[3], edges[2]])
            #expect(try await path("a", "d", ["joins"]) == [edges[0], edges[1], edges[2]])
            #expect(try await path("d", "a") == nil)
            #expect(try await path("a", "e") == nil)
            #expect(try await path("a", "a") == [])
            let paths = try await door.paths(Paths(from: thing("a"), to: thing("d")))
            #expect(paths.paths.map { $0.edges.map(\.id) } == [[edges[3], edges[2]]])
            #expect(paths.paths.map(\.cost) == [2] && paths.isComplete)
            let back = Path(from: thing("d"), to: thing("b"), direction: .in, hops: 2)
            #expect(try await door.path(back)?.map(\.id) == [edges[2], edges[1]])
            let gone = try await door.commit([
                .unlink(edges[3]), .eraseEdge(edges[3]), .unlink(.max),
            ])
            #expect(gone.outcomes == [.unlinked(true), .unlinked(false), .unlinked(false)])
            #expect(try await path("a", "d") == [edges[0], edges[1], edges[2]])
            _ = try await door.commit([.delete(thing("b"))])
            #expect(try await path("a", "d") == nil)
            #expect(try await door.statistics().edges["joins"] == 1)
        }
    }
}
