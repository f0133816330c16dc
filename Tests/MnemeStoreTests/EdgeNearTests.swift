// Edges found by their vectors: against a plain model, through whatever makes, moves and ends them.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
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

    private static func options(
        _ disk: any Disk,
        _ clock: any Clock,
        sealed: Bool
    ) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        if sealed { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        return options
    }

    /// What is there, told by a plain scan.
    private struct Model {
        var notes: [String: Microseconds] = [:]
        var edges: [UInt64: (from: String, to: String, vector: [Float])] = [:]

        mutating func pass(to now: Microseconds) {
            notes = notes.filter { $0.value > now }
            edges = edges.filter { notes[$0.value.from] != nil && notes[$0.value.to] != nil }
        }

        mutating func remove(_ key: String) {
            notes[key] = nil
            edges = edges.filter { $0.value.from != key && $0.value.to != key }
        }
    }

    /// One random change, of the store and of the model.
    private func change(
        _ store: Store,
        _ model: inout Model,
        _ random: SeededRandomness,
        _ now: Microseconds
    ) throws {
        let (from, to) = ("k\(random.below(9))", "k\(random.below(9))")
        switch random.below(12) {
        case 0..<3:
            let expiry = random.below(4) == 0 ? now + Int64(random.below(60)) + 1 : .max
            let end = expiry == .max ? nil : Instant(microseconds: expiry)
            let fields: [String: Value] = ["user": .text(random.below(2) == 0 ? "ann" : "bob")]
            _ = try store.commit([.put(Put("notes", .text(from), fields, expiresAt: end))])
            model.notes[from] = expiry
        case 3:
            let reference = Self.note(from)
            _ = try store.commit([random.below(2) == 0 ? .delete(reference) : .erase(reference)])
            model.remove(from)
        case 4, 5:
            let known = model.edges.keys.sorted()
            guard !known.isEmpty else { return }
            let edge = known[random.below(known.count)]
            let end: Change = random.below(2) == 0 ? .unlink(edge) : .eraseEdge(edge)
            #expect(try store.commit([end]).outcomes == [.unlinked(true)])
            model.edges.removeValue(forKey: edge)
        default:
            guard model.notes[from] != nil, model.notes[to] != nil else { return }
            let meaning = Self.vector(random)
            let outcome = try store.commit([Self.link(from, to, meaning)]).outcomes[0]
            guard case .linked(let edge) = outcome else { return }
            model.edges[edge] = (from, to, meaning)
        }
    }

    private static func vector(_ random: SeededRandomness) -> [Float] {
        (0..<3).map { _ in Float(random.below(9)) - 4 }
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theNearestAreThoseOfAScan(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let (disk, clock) = (MemoryDisk(), SimulatedClock(start: 1_700_000_000_000_000))
        let options = Self.options(disk, clock, sealed: seed % 2 == 0)
        var store = try Store.open("store", options: options)
        try store.define(Self.schema)
        var model = Model()
        var coldCount = 0
        for round in 0..<6 {
            for _ in 0..<40 {
                clock.advance(by: 1)
                model.pass(to: clock.now())
                try change(store, &model, random, clock.now())
            }
            // A filter and an order are held against a scan as well.
            let question = Self.vector(random)
            func score(_ other: [Float]) -> Float {
                zip(question, other).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let found = try store.snapshot().find(Self.near(question, limit: 7))
            let wanted = model.edges.values.map { score($0.vector) }.sorted(by: >).prefix(7)
            #expect(found.marks.map(\.score) == Array(wanted), "seed \(seed), round \(round)")
            for (edge, mark) in zip(found.edges, found.marks) {
                #expect(edge.fields["meaning"]?.vector == model.edges[edge.id]?.vector)
                #expect(model.edges[edge.id].map { score($0.vector) } == mark.score)
            }
            if round % 2 == 1 { #expect(try store.eraseNow()) }
            coldCount += try cold(store, model.edges.keys)
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            try store.close()
            let mode: StoreMode = round % 2 == 0 ? .rebuild : .open
            store = try Store.open("store", mode, options: options)
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            let again = try store.snapshot().find(Self.near(question, limit: 7))
            #expect(again.marks == found.marks, "seed \(seed), round \(round)")
        }
        #expect(coldCount > 0, "seed \(seed): no edge stood in a cold segment")
        #expect(store.snapshot().schema == Self.schema)
        try store.drop(.edgeType("cites"))
        #expect(try store.verify().findings == [])
    }

    /// How many edges stand in cold segments.
    private func cold(_ store: Store, _ edges: some Sequence<UInt64>) throws -> Int {
        let reader = store.reader()
        return try edges.count { edge in
            let entry = try #require(try reader.entry(edge))
            return SegmentNumber.isCold(LogPlace(bits: entry.place).segment)
        }
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
        try expectRefusal(.badVector, "meaning", leaving: store) {
            _ = try store.commit([Self.link("a", "b", [1])])
        }
        try expectRefusal(.badSchema, "speaks of the vector", leaving: store) {
            let index = Index("i", on: ["n"], where: try Expression("meaning is null"))
            try store.define(Schema(edgeTypes: [EdgeType("cites", indexes: [index])]))
        }
    }
}
