// Edges found by their vectors: against a plain model, through whatever makes, moves and ends them.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeNearTests {
    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "user"
        return Schema(
            collections: [
                Collection("notes", fields: [Field("user", .text)], roles: roles)
            ],
            edgeTypes: [
                EdgeType(
                    "cites",
                    fields: [
                        Field("small", .vector(VectorType(dimension: 2, element: .float16))),
                        Field("why", .text, isSearchable: true), Field("n", .int),
                        Field("meaning", .vector(VectorType(dimension: 3, metric: .dot))),
                    ],
                    countsUsage: true
                )
            ]
        )
    }()

    private static func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private static func put(_ key: String, _ user: String) -> Change {
        .put(Put("notes", .text(key), ["user": .text(user)]))
    }

    private static func link(
        _ from: String,
        _ to: String,
        _ meaning: [Float],
        n: Int64 = 0
    ) -> Change {
        .link(
            Link(
                "cites",
                from: note(from),
                to: note(to),
                fields: ["meaning": .vector(meaning), "why": "words", "n": .int(n)]
            )
        )
    }

    private static func near(_ vector: [Float], limit: Int = 100, owner: String? = nil) -> Find {
        var find = Find(edges: "cites", limit: limit)
        find.near = Near("meaning", vector, isExact: true)
        find.owner = owner
        return find
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theNearestAreThoseOfAScan(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Self.schema)
        var notes: Set<String> = []
        var edges: [UInt64: (from: String, to: String, vector: [Float])] = [:]
        func vector() -> [Float] { (0..<3).map { _ in Float(random.below(9)) - 4 } }
        for round in 0..<6 {
            for _ in 0..<30 {
                let (from, to) = ("k\(random.below(9))", "k\(random.below(9))")
                switch random.below(10) {
                case 0..<3:
                    _ = try store.commit([Self.put(from, "ann")])
                    notes.insert(from)
                case 3:
                    _ = try store.commit([.delete(Self.note(from))])
                    notes.remove(from)
                    edges = edges.filter { $0.value.from != from && $0.value.to != from }
                case 4:
                    guard let edge = edges.keys.max() else { continue }
                    _ = try store.commit([.unlink(edge)])
                    edges.removeValue(forKey: edge)
                default:
                    guard notes.contains(from), notes.contains(to) else { continue }
                    let meaning = vector()
                    let outcome = try store.commit([Self.link(from, to, meaning)]).outcomes[0]
                    guard case .linked(let edge) = outcome else { continue }
                    edges[edge] = (from, to, meaning)
                }
            }
            let question = vector()
            func score(_ other: [Float]) -> Float {
                zip(question, other).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let found = try store.snapshot().find(Self.near(question, limit: 7))
            let wanted = edges.values.map { score($0.vector) }.sorted(by: >).prefix(7)
            #expect(found.marks.map(\.score) == Array(wanted), "seed \(seed), round \(round)")
            for (edge, mark) in zip(found.edges, found.marks) {
                #expect(edge.fields["meaning"]?.vector == edges[edge.id]?.vector)
                #expect(edges[edge.id].map { score($0.vector) } == mark.score)
            }
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            try store.close()
            let mode: StoreMode = round % 2 == 0 ? .rebuild : .open
            store = try Store.open("store", mode, options: Kinds.options(disk))
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
        }
        #expect(store.snapshot().schema == Self.schema)
        try store.drop(.edgeType("cites"))
        #expect(try store.verify().findings == [])
    }

    private static func store() throws -> Store {
        let store = try Store.open("store", options: Kinds.options())
        try store.define(schema)
        _ = try store.commit([
            put("a", "ann"), put("b", "ann"), put("c", "bob"),
            link("a", "b", [1, 0, 0], n: 1), link("b", "a", [2, 0, 0], n: 2),
            link("a", "c", [3, 0, 0], n: 3), link("c", "c", [4, 0, 0], n: 4),
        ])
        return store
    }

    private static func numbers(_ store: Store, _ find: Find) throws -> [Value?] {
        try store.snapshot().find(find).edges.map { $0.fields["n"] }
    }

    @Test func filtersAndOwnersGoWithNearness() throws {
        let store = try Self.store()
        var find = Self.near([1, 0, 0])
        #expect(try Self.numbers(store, find) == [4, 3, 2, 1])
        find.offset = 1
        find.limit = 2
        #expect(try Self.numbers(store, find) == [3, 2])
        find = Self.near([1, 0, 0])
        find.filter = .compare(field: "n", .lt(4))
        find.near?.minimum = 2
        #expect(try Self.numbers(store, find) == [3, 2])
        find.order = [Order("n")]
        #expect(try Self.numbers(store, find) == [2, 3])
        #expect(try Self.numbers(store, Self.near([1, 0, 0], owner: "ann")) == [2, 1])
        #expect(try Self.numbers(store, Self.near([1, 0, 0], owner: "bob")) == [4])
        #expect(try Self.numbers(store, Self.near([1, 0, 0], owner: "eve")) == [])
        find = Self.near([1, 0, 0])
        find.isExplained = true
        let found = try store.snapshot().find(find)
        #expect(found.isExact && found.explanation?.way.contains("meaning") == true)
    }

    @Test func theVectorGoesWithTheEdge() throws {
        let store = try Self.store()
        let link = Link(
            "cites",
            from: Self.note("a"),
            to: Self.note("b"),
            fields: ["small": .vector([0.5, -2]), "meaning": .vector([0, 1, 0])],
            returns: .new
        )
        let outcome = try store.commit([.link(link)]).outcomes[0]
        guard case .linkedReturning(let id, let told?) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(told.fields == link.fields)
        var find = Find(edges: "cites", where: .eq("$id", .int(Int64(id))))
        #expect(try store.snapshot().find(find).edges.first?.fields == link.fields)
        find.filter = nil
        find.near = Near("small", [0.5, -2])
        #expect(try store.snapshot().find(find).edges.map(\.id) == [id])
        let walk = Walk(from: [Self.note("a")], hops: 1)
        let paths = try store.snapshot().walk(walk).stops.flatMap(\.path)
        #expect(paths.contains { $0.fields["meaning"] == .vector([1, 0, 0]) })
        let transaction = try store.begin()
        _ = try transaction.change([Self.link("a", "a", [9, 9, 9], n: 9)])
        #expect(try transaction.find(Self.near([1, 1, 1], limit: 1)).edges.map(\.from).count == 1)
        _ = try transaction.commit(.synced)
        #expect(try Self.numbers(store, Self.near([1, 1, 1], limit: 1)) == [9])
        #expect(try store.verify().findings == [])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.store()
        func find(_ near: Near) -> Find {
            var find = Find(edges: "cites")
            find.near = near
            return find
        }
        var both = Self.near([1, 0, 0])
        both.match = Match("why", "words")
        var shown = Self.near([1, 0, 0])
        shown.highlight = Highlight()
        let bad: [(MnemeError.Code, String, Find)] = [
            (.unknownField, "there are: small, meaning", find(Near("why", [1, 0, 0]))),
            (.badVector, "meaning", find(Near("meaning", [1, 0]))),
            (.badVector, "meaning", find(Near("meaning", [1, 0, .nan]))),
            (.badRequest, "beam", find(Near("meaning", [1, 0, 0], beam: 0))),
            (.badRequest, "either", both), (.badRequest, "highlight", shown),
        ]
        for (code, part, find) in bad {
            do throws(MnemeError) {
                _ = try store.snapshot().find(find)
                Issue.record("\(part) is not refused")
            } catch {
                #expect(error.code == code && error.message.contains(part), "\(part): \(error)")
            }
        }
        try expectRefusal(.badVector, "meaning", leaving: store) {
            _ = try store.commit([Self.link("a", "b", [.infinity, 0, 0])])
        }
        try expectRefusal(.badVector, "cites.meaning", leaving: store) {
            _ = try store.commit([Self.link("a", "b", [1])])
        }
        try expectRefusal(.badSchema, "speaks of the vector", leaving: store) {
            let index = Index("i", on: ["n"], where: try Expression("meaning is null"))
            try store.define(Schema(edgeTypes: [EdgeType("cites", indexes: [index])]))
        }
    }
}
