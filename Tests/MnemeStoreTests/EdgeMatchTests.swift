// Edges found by their words: against a plain model, and against records with the same words.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeMatchTests {
    private static let roles: Roles = {
        var roles = Roles()
        roles.owner = "user"
        return roles
    }()

    private static let schema = Schema(
        collections: [
            Collection("notes", fields: [Field("user", .text)], roles: roles),
            Collection("topics", fields: []),
            Collection(
                "said",
                fields: [Field("user", .text), Field("text", .text, isSearchable: true)],
                roles: roles
            ),
        ],
        edgeTypes: [
            EdgeType(
                "cites",
                fields: [
                    Field("weight", .int), Field("text", .text, isSearchable: true),
                    Field(
                        "german",
                        .text,
                        isSearchable: true,
                        search: SearchRules(language: "german", b: 0)
                    ),
                ],
                indexes: [Index("byWeight", on: ["weight"])]
            ),
            EdgeType("plain", fields: [Field("text", .text)]),
        ]
    )

    private static func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private static func link(
        _ from: String,
        _ to: String,
        _ text: String,
        weight: Int64 = 1
    ) -> Change {
        .link(
            Link(
                "cites",
                from: note(from),
                to: note(to),
                fields: ["text": .text(text), "weight": .int(weight)]
            )
        )
    }

    private static func put(_ key: String, _ user: String) -> Change {
        .put(Put("notes", .text(key), ["user": .text(user)]))
    }

    private static func find(_ words: String, limit: Int = 100, owner: String? = nil) -> Find {
        var find = Find(edges: "cites", limit: limit)
        find.match = Match("text", words)
        find.owner = owner
        return find
    }

    private static func texts(_ found: Found) -> [String] {
        found.edges.map { edge in edge.fields["text"]?.text ?? "" }
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func edgesAreFoundAsByAScan(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let words = ["tea", "cup", "lemon", "cake", "river", "stone", "cloud"]
        let disk = MemoryDisk()
        var store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Self.schema)
        var notes: Set<String> = []
        var edges: [UInt64: (from: String, to: String, words: Set<String>)] = [:]
        for round in 0..<6 {
            for _ in 0..<40 {
                let (from, to) = ("k\(random.below(12))", "k\(random.below(12))")
                switch random.below(12) {
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
                case 5:
                    // What comes and goes in one batch leaves nothing.
                    guard notes.contains(from) else { continue }
                    _ = try store.commit([
                        Self.put("gone", "ann"), Self.link(from, "gone", "tea and cake"),
                        .delete(Self.note("gone")),
                    ])
                default:
                    guard notes.contains(from), notes.contains(to) else { continue }
                    let said = (0..<random.below(5)).map { _ in words[random.below(words.count)] }
                    let link = Self.link(from, to, said.joined(separator: " "))
                    guard case .linked(let edge)? = try store.commit([link]).outcomes.first else {
                        continue
                    }
                    edges[edge] = (from, to, Set(said))
                }
            }
            for word in words {
                let found = try store.snapshot().find(Self.find("\(word) nothing"))
                let wanted = edges.filter { $0.value.words.contains(word) }
                #expect(Set(found.edges.map(\.id)) == Set(wanted.keys), "seed \(seed), \(word)")
                #expect(found.marks.count == found.edges.count)
                #expect(found.marks.map(\.score) == found.marks.map(\.score).sorted(by: >))
            }
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
            try store.close()
            let mode: StoreMode = round % 2 == 0 ? .rebuild : .open
            store = try Store.open("store", mode, options: Kinds.options(disk))
            #expect(try store.verify().findings == [], "seed \(seed), round \(round)")
        }
        #expect(store.snapshot().schema == Self.schema)
    }

    /// A store in which each text stands on an edge and in a record of the same owner.
    private static func twins(_ options: StoreOptions = Kinds.options()) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(schema)
        _ = try store.commit([
            put("a", "ann"), put("b", "ann"), put("c", "bob"),
            .put(Put("topics", "tea", [:])),
        ])
        let texts = [
            ("a", "b", "A cup of green tea with lemonade"), ("b", "a", "Green tea, green cups"),
            ("a", "a", "The tea is green, the cake is lemon"), ("c", "c", "Coffee and cakes"),
        ]
        for (number, (from, to, text)) in texts.enumerated() {
            _ = try store.commit([link(from, to, text, weight: Int64(number))], .none)
            let user: Value = from == "c" ? "bob" : "ann"
            let said: [String: Value] = ["user": user, "text": .text(text)]
            _ = try store.commit([.put(Put("said", .text("\(number)"), said))], .none)
        }
        return store
    }

    @Test(arguments: ["green tea", "cakes", "+tea -lemon*", "\"green tea\"", "cup lemonade coffee"])
    func theyCountAsRecordsDo(query: String) throws {
        let store = try Self.twins()
        for owner in [nil, "ann", "bob"] {
            var edges = Self.find("", owner: owner)
            edges.match = Match(fields: ["text": 1], query: query)
            edges.highlight = Highlight()
            var records = Find("said", owner: owner, match: edges.match)
            records.highlight = Highlight()
            let (found, other) = (
                try store.snapshot().find(edges), try store.snapshot().find(records)
            )
            #expect(
                Self.texts(found) == other.rows.map { $0.record.fields["text"]?.text ?? "" },
                "\(query), \(owner ?? "all")"
            )
            #expect(found.marks.map(\.score) == other.rows.map(\.score))
            #expect(found.marks.map(\.highlights) == other.rows.map(\.highlights))
            #expect(found.rows.isEmpty && found.isExact)
        }
    }

    @Test func filtersOffsetsAndOrdersGoWithWords() throws {
        let store = try Self.twins()
        let whole = try store.snapshot().find(Self.find("green tea cakes"))
        #expect(whole.edges.count == 4)
        var find = Self.find("green tea cakes", limit: 2)
        find.offset = 1
        #expect(try store.snapshot().find(find).edges == Array(whole.edges[1..<3]))
        find = Self.find("green tea cakes")
        find.filter = .and([
            .eq("$from", "notes/a"), .compare(field: "weight", .gte(1)),
        ])
        find.isExplained = true
        let one = try store.snapshot().find(find)
        #expect(Self.texts(one) == ["The tea is green, the cake is lemon"])
        #expect(one.explanation?.matched == 1)
        #expect(one.explanation?.way == "words of edges in text")
        find = Self.find("green tea cakes")
        find.order = [Order("weight", descending: true)]
        find.select = [.field("weight"), .field("$to")]
        let ordered = try store.snapshot().find(find)
        #expect(ordered.edges.map { $0.fields["weight"] } == [3, 2, 1, 0])
        #expect(ordered.edges[0].fields["$to"] == "notes/c")
    }

    @Test func nobodyFindsWhatIsSomebodyElses() throws {
        let store = try Self.twins()
        _ = try store.commit([
            Self.link("a", "c", "secret river"), Self.link("c", "a", "secret stone"),
            .link(
                Link(
                    "cites",
                    from: Self.note("a"),
                    to: Reference("topics", "tea"),
                    fields: ["text": "secret tea"]
                )
            ),
        ])
        func found(_ owner: String?) throws -> Set<String> {
            Set(Self.texts(try store.snapshot().find(Self.find("secret", owner: owner))))
        }
        #expect(try found(nil) == ["secret river", "secret stone", "secret tea"])
        // What is nobody's is no secret.
        #expect(try found("ann") == ["secret tea"])
        #expect(try found("bob") == [])
        #expect(try found("nobody") == [])
    }

    @Test func edgesOfWhatIsOverAreNotFound() throws {
        let clock = SimulatedClock()
        var options = Kinds.options(MemoryDisk())
        options.clock = clock
        let store = try Self.twins(options)
        let end = Instant(microseconds: clock.now() + 1_000_000)
        _ = try store.commit([
            .put(Put("notes", "x", ["user": "ann"], expiresAt: end)),
            Self.link("a", "x", "river"), Self.link("x", "a", "river"),
            Self.link("a", "b", "river"), Self.link("b", "c", "river"),
        ])
        #expect(try store.snapshot().find(Self.find("rivers")).edges.count == 4)
        clock.advance(by: 2_000_000)
        #expect(try store.snapshot().find(Self.find("rivers")).edges.count == 2)
        _ = try store.deleteWhere(DeleteWhere("notes", where: .eq("user", "bob")))
        #expect(
            try store.snapshot().find(Self.find("rivers")).edges.map(\.to) == [Self.note("b")]
        )
        try store.drop(.collection("notes"))
        #expect(try store.snapshot().find(Self.find("rivers")).edges == [])
    }

    @Test func aTransactionFindsWhatItLinked() throws {
        let store = try Self.twins()
        let transaction = try store.begin()
        _ = try transaction.change([Self.link("a", "b", "brand new river")])
        #expect(try transaction.find(Self.find("river")).edges.count == 1)
        #expect(try store.snapshot().find(Self.find("river")).edges == [])
        _ = try transaction.commit(.synced)
        #expect(try store.snapshot().find(Self.find("river")).edges.count == 1)
        #expect(try store.verify().findings == [])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try Self.twins()
        func find(_ change: (inout Find) -> Void) -> Find {
            var find = Self.find("tea")
            change(&find)
            return find
        }
        let bad: [(MnemeError.Code, String, Find)] = [
            (.unknownField, "plain", find { $0.edges = "plain" }),
            (.unknownField, "weight", find { $0.match = Match("weight", "1") }),
            (.unknownField, "there are: text, german", find { $0.match = Match("no", "x") }),
            (.badRequest, "no field", find { $0.match = Match(fields: [:], "x") }),
            (.badRequest, "no searchable", Find(edges: "plain").matching(Match(fields: [:], "x"))),
            (.badRequest, "weight", find { $0.match = Match(fields: ["text": -1], "x") }),
            (.badQuery, "minimum", find { $0.match?.minimum = 0 }),
            (.badQuery, "\"+\"", find { $0.match = Match(fields: ["text": 1], query: "a +") }),
            (.badOwner, "owner", find { $0.owner = "/" }),
            (.badRequest, "cursors", find { $0.after = "x" }),
            (
                .badRequest, "highlight.count",
                find {
                    $0.highlight = Highlight()
                    $0.highlight?.count = 0
                }
            ),
            (.badRequest, "owner", find { ($0.match, $0.owner) = (nil, "ann") }),
            (.badRequest, "limit", find { $0.limit = -1 }),
        ]
        for (code, part, find) in bad {
            do throws(MnemeError) {
                _ = try store.snapshot().find(find)
                Issue.record("\(part) is not refused")
            } catch {
                #expect(error.code == code && error.message.contains(part), "\(part): \(error)")
            }
        }
        #expect(try store.snapshot().find(Self.find("")).edges == [])
        #expect(try store.snapshot().find(Self.find("tea", limit: 0)).edges == [])
    }

    @Test func howWordsAreSearchedStays() throws {
        let store = try Self.twins()
        func schema(_ change: (inout EdgeType) -> Void) -> Schema {
            var type = Self.schema.edgeTypes[0]
            change(&type)
            return Schema(edgeTypes: [type])
        }
        try expectRefusal(.schemaConflict, "cites", "text", leaving: store) {
            try store.define(schema { $0.fields[1].isSearchable = false })
        }
        try expectRefusal(.schemaConflict, "german", leaving: store) {
            try store.define(schema { $0.fields[2].search.b = 0.5 })
        }
        try expectRefusal(.schemaConflict, "plain", "not searched", leaving: store) {
            try store.define(
                Schema(edgeTypes: [
                    EdgeType("plain", fields: [Field("text", .text, isSearchable: true)])
                ])
            )
        }
        try expectRefusal(.badSchema, "edge type \"new\"", "klingon", leaving: store) {
            let rules = SearchRules(language: "klingon")
            let field = Field("text", .text, isSearchable: true, search: rules)
            try store.define(Schema(edgeTypes: [EdgeType("new", fields: [field])]))
        }
        // The same again, and an index more, leave the words as they are.
        try store.define(schema { $0.indexes.append(Index("to", on: ["$to"])) })
        try store.drop(.edgeIndex(type: "cites", name: "byWeight"))
        #expect(try store.snapshot().find(Self.find("tea")).edges.count == 3)
        let german = Link(
            "cites",
            from: Self.note("a"),
            to: Self.note("b"),
            fields: ["german": "Er sah die Häuser"]
        )
        _ = try store.commit([.link(german)])
        var find = Self.find("")
        find.match = Match("german", "haus")
        #expect(try store.snapshot().find(find).edges.count == 1)
        #expect(try store.verify().findings == [])
    }
}

extension Find {
    fileprivate func matching(_ match: Match) -> Find {
        var find = self
        find.match = match
        return find
    }
}
