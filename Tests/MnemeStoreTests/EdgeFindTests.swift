// Edges as answers to questions, and counted, against a plain model.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeFindTests {
    private static let types = ["cites", "knows", "twins"]

    private static func store() throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        let properties = [Field("weight", .float), Field("n", .int), Field("note", .text)]
        try store.define(
            Schema(
                collections: [
                    Collection("notes", fields: [Field("t", .text)]),
                    Collection("books", key: .int, fields: [Field("t", .text)]),
                ],
                edgeTypes: [
                    EdgeType("cites", fields: properties),
                    EdgeType("knows", fields: properties, isUnique: true),
                    EdgeType("twins", fields: properties, isUnique: true, isUndirected: true),
                ]
            )
        )
        return store
    }

    private static func node(_ number: Int) -> Reference {
        number < 8
            ? Reference("notes", .text("n\(number)")) : Reference("books", .int(Int64(number)))
    }

    /// What a question sees of an edge.
    private static func values(_ edge: Edge) -> [String: Value] {
        var values = edge.fields
        values["$id"] = .int(Int64(edge.id))
        values["$from"] = edge.from.spelling
        values["$to"] = edge.to.spelling
        return values
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func edgesAreFoundAsByAScan(seed: UInt64) throws {
        let dice = IndexDice(random: SeededRandomness(seed: seed))
        let store = try Self.store()
        var edges: [UInt64: Edge] = [:]
        _ = try store.commit(
            (0..<12).map { number in
                let node = Self.node(number)
                return .put(Put(node.collection, node.key, ["t": "x"]))
            }
        )
        var ways: Set<String> = []
        for step in 0..<260 {
            let link = Link(
                dice.pick(Self.types),
                from: Self.node(dice.below(12)),
                to: Self.node(dice.below(12)),
                fields: [
                    "weight": .float(Double(dice.below(5)) / 4), "n": .int(Int64(dice.below(4))),
                    "note": .text(dice.pick(["a", "ab", "b"])),
                ].filter { _ in !dice.chance(5) }
            )
            if dice.chance(6), let edge = edges.keys.sorted().last {
                _ = try store.commit([.unlink(edge)])
                edges.removeValue(forKey: edge)
            } else if dice.chance(30) {
                let node = link.from
                _ = try store.commit([
                    .delete(node), .put(Put(node.collection, node.key, ["t": "y"])),
                ])
                edges = edges.filter { $0.value.from != node && $0.value.to != node }
            } else {
                do {
                    let outcome = try store.commit([.link(link)]).outcomes[0]
                    guard case .linked(let id) = outcome else { continue }
                    edges[id] = Edge(
                        id: id,
                        type: link.type,
                        from: link.from,
                        to: link.to,
                        fields: link.fields
                    )
                } catch {
                    #expect(error.code == .duplicate, "\(error)")
                }
            }
            let find = question(dice)
            let what: Comment = "seed \(seed), step \(step): \(find)"
            let wanted = edges.values.filter { edge in
                let values = Self.values(edge)
                return edge.type == find.edges
                    && find.filter?.holds { values[$0] ?? .null } ?? true
            }.sorted { left, right in
                let result = IndexModel.compare(
                    Self.values(left),
                    Self.values(right),
                    find.order
                )
                return result == 0 ? left.id < right.id : result < 0
            }
            var found = try store.snapshot().find(find)
            ways.insert(String(found.plan.prefix(10)))
            #expect(found.rows.isEmpty, what)
            #expect(found.edges == Array(wanted.dropFirst(find.offset).prefix(find.limit)), what)
            // In parts it is the same.
            var parts = find
            (parts.limit, parts.offset) = (3, 0)
            var all: [Edge] = []
            repeat {
                found = try store.snapshot().find(parts)
                all += found.edges
                parts.after = found.next
            } while parts.after != nil
            #expect(all == wanted, what)
            try count(store, find, wanted, what)
        }
        #expect(ways.count >= 3, "seed \(seed): \(ways)")
        #expect(try store.verify().findings == [])
    }

    private func count(
        _ store: Store,
        _ find: Find,
        _ wanted: [Edge],
        _ what: Comment
    ) throws {
        let count = Count(
            edges: find.edges ?? "",
            where: find.filter,
            by: ["$from", "n"],
            values: [
                "all": Aggregate(.count), "mean": Aggregate(.avg, of: "weight"),
                "to": Aggregate(.distinct, of: "$to"), "last": Aggregate(.max, of: "$id"),
            ]
        )
        let rows = try store.snapshot().count(count).rows
        let model = CountModel.rows(count, wanted.map(Self.values))
        #expect(rows.count == model.count, what)
        for row in model {
            #expect(rows.contains { CountModel.isSame($0, row) }, what)
        }
    }

    private func question(_ dice: IndexDice) -> Find {
        func node() -> Value { Self.node(dice.below(12)).spelling }
        func comparison() -> Filter {
            switch dice.below(6) {
            case 0: .compare(field: "$from", dice.pick([.eq(node()), .isIn([node(), node()])]))
            case 1: .compare(field: "$to", dice.pick([.eq(node()), .ne(node())]))
            case 2: .compare(field: "$from", .notIn([node(), node()]))
            case 3: .compare(field: "weight", dice.pick([.gt(0.4), .eq(0.5), .exists(false)]))
            case 4: .compare(field: "$id", .gt(.int(Int64(dice.below(200)))))
            default: .compare(field: "note", .prefix("a"))
            }
        }
        func filter(_ depth: Int) -> Filter {
            switch dice.below(depth > 0 ? 6 : 3) {
            case 3, 4: .and([filter(depth - 1), filter(depth - 1)])
            case 5: dice.chance(2) ? .not(filter(depth - 1)) : .or([comparison(), comparison()])
            default: comparison()
            }
        }
        return Find(
            edges: dice.pick(Self.types),
            where: dice.chance(5) ? nil : filter(2),
            order: (0..<dice.below(3)).map { _ in
                Order(dice.pick(["weight", "n", "note", "$id"]), descending: dice.chance(2))
            },
            limit: dice.chance(2) ? .max : dice.below(9),
            offset: dice.chance(4) ? dice.below(4) : 0
        )
    }

    @Test func rowsHaveWhatIsSelected() throws {
        let store = try Self.store()
        _ = try store.commit([
            .put(Put("notes", "a", [:])), .put(Put("books", 17, [:])),
            .link(
                Link(
                    "cites",
                    from: Reference("notes", "a"),
                    to: Reference("books", 17),
                    fields: ["weight": 0.5, "n": 2]
                )
            ),
        ])
        let find = Find(
            edges: "cites",
            where: .and([
                .eq("$from", "notes/a"), .eq("$to", ["collection": "books", "key": 17]),
            ]),
            select: ["weight", "$to", .computed("more", try Expression("n + 1"))],
            explained: true
        )
        let found = try store.snapshot().find(find)
        #expect(
            found.edges.map(\.fields) == [
                ["weight": 0.5, "more": 3, "$to": ["collection": "books", "key": 17]]
            ]
        )
        #expect(found.explanation?.way == "edges from 1 records")
        #expect(found.explanation?.entries == 1 && found.explanation?.matched == 1)
    }

    @Test func edgesOfWhatHasExpiredAreNotThere() throws {
        let clock = SimulatedClock()
        var options = Kinds.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("store", options: options)
        try store.define(
            Schema(collections: [Collection("notes", fields: [])], edgeTypes: [EdgeType("cites")])
        )
        let end = Instant(microseconds: clock.now() + 1_000_000)
        let (a, b) = (Reference("notes", "a"), Reference("notes", "b"))
        _ = try store.commit([
            .put(Put("notes", "a", [:], expiresAt: end)), .put(Put("notes", "b", [:])),
            .link(Link("cites", from: a, to: b)), .link(Link("cites", from: b, to: b)),
        ])
        #expect(try store.snapshot().find(Find(edges: "cites")).edges.count == 2)
        clock.advance(by: 2_000_000)
        #expect(try store.snapshot().find(Find(edges: "cites")).edges.map(\.from) == [b])
        #expect(try store.snapshot().count(Count(edges: "cites")).rows == [["count": 1]])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.store()
        func find(_ filter: Filter) -> Find { Find(edges: "cites", where: filter) }
        var owned = Find(edges: "cites")
        owned.owner = "ann"
        let bad: [(MnemeError.Code, String, Find)] = [
            (.unknownEdgeType, "cite", Find(edges: "cite")),
            (.unknownField, "$key", find(.eq("$key", 1))),
            (.unknownField, "wieght", find(.eq("wieght", 1))),
            (.badFilter, "$from", find(.eq("$from", 1))),
            (.badFilter, "$from", find(.eq("$from", "a"))),
            (.badFilter, "$from", find(.eq("$from", "nots/a"))),
            (.badFilter, "$from", find(.eq("$from", "books/a"))),
            (.badFilter, "$to", find(.compare(field: "$to", .gt("notes/a")))),
            (.badRequest, "$to", Find(edges: "cites", order: [Order("$to")])),
            (.badRequest, "owner", owned), (.badCursor, "after", Find(edges: "cites", after: "x")),
            (.unknownField, "m", Find(edges: "cites", select: ["m"])),
        ]
        for (code, part, find) in bad {
            do {
                _ = try store.snapshot().find(find)
                Issue.record("\(find) was taken")
            } catch {
                #expect(error.code == code && error.message.contains(part), "\(error)")
            }
        }
        for count in [
            Count(edges: "cites", values: ["x": Aggregate(.min, of: "$to")]),
            Count(edges: "cites", values: ["x": Aggregate(.sum, of: "note")]),
        ] {
            #expect(throws: MnemeError.self) { try store.snapshot().count(count) }
        }
    }
}
