// What `match` demands, likes and refuses, in the languages of fields, and what is shown of it.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct MatchQueryTests {
    private static let roles: Roles = {
        var roles = Roles()
        roles.owner = "user"
        return roles
    }()

    private func store(_ rules: SearchRules = SearchRules()) throws -> Store {
        let store = try Store.open("store", options: Kinds.options())
        try store.define(
            Schema(collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("user", .text), Field("title", .text, isSearchable: true),
                        Field("text", .text, isSearchable: true, search: rules),
                    ],
                    roles: Self.roles
                )
            ])
        )
        for (key, user, title, text) in [
            ("a", "ann", "Morning", "A cup of green tea with lemonade."),
            ("b", "ann", "Tea time", "The tea is green, the cake is lemon."),
            ("c", "bob", "Coffee", "Coffee and cakes."),
            ("d", "bob", "Green", "To be or not to be: green."),
        ] {
            let fields: [String: Value] = [
                "user": .text(user), "title": .text(title), "text": .text(text),
            ]
            _ = try store.commit([.put(Put("notes", .text(key), fields))], .none)
        }
        return store
    }

    private func keys(_ store: Store, _ find: Find) throws -> Set<String> {
        Set(
            try store.snapshot().find(find).rows.map { row in
                guard case .text(let key) = row.record.reference.key else { return "?" }
                return key
            }
        )
    }

    private func keys(_ store: Store, query: String, owner: String? = nil) throws -> Set<String> {
        let match = Match(fields: ["title": 2, "text": 1], query: query)
        return try keys(store, Find("notes", owner: owner, match: match))
    }

    @Test func queriesDemandAndRefuse() throws {
        let store = try store()
        #expect(try keys(store, query: "tea") == ["a", "b"])
        #expect(try keys(store, query: "+tea +cake") == ["b"])
        #expect(try keys(store, query: "tea cake") == ["a", "b", "c"])
        #expect(try keys(store, query: "\"green tea\"") == ["a"])
        #expect(try keys(store, query: "green -\"green tea\"") == ["b", "d"])
        #expect(try keys(store, query: "lemon*") == ["a", "b"])
        #expect(try keys(store, query: "title:green") == ["d"])
        #expect(try keys(store, query: "+green title:tea", owner: "bob") == ["d"])
        #expect(try keys(store, query: "\"not to be\"") == ["d"])
        #expect(try keys(store, query: "the is cake") == ["b", "c"])
        #expect(try keys(store, query: "").isEmpty)
        #expect(try keys(store, query: "& tea") == ["a", "b"])
    }

    /// A sign of a script without spaces is found in each of its places, though texts are cut into
    /// pairs.
    @Test func oneSignIsFoundWhereverItStands() throws {
        let store = try store()
        for (key, text) in [
            ("first", "猫喜欢吃鱼。"), ("middle", "我家的猫喜欢水"), ("last", "院子里有一只猫"),
            ("alone", "猫"), ("none", "狗在睡觉"), ("japanese", "吾輩は猫である"),
            ("thai", "แมวกินปลา"), ("mixed", "Tea for 猫咪 and milk."),
        ] {
            let fields: [String: Value] = ["user": "eve", "text": .text(text)]
            _ = try store.commit([.put(Put("notes", .text(key), fields))], .none)
        }
        let cats: Set = ["first", "middle", "last", "alone", "japanese", "mixed"]
        func words(
            _ words: String,
            _ change: (inout Match) -> Void = { _ in }
        ) throws -> Set<String> {
            var match = Match(fields: ["title": 1, "text": 1], words)
            change(&match)
            return try keys(store, Find("notes", owner: "eve", match: match))
        }
        #expect(try words("猫") == cats)
        #expect(try words("鱼") == ["first"] && words("水") == ["middle"])
        #expect(try words("は") == ["japanese"] && words("ป") == ["thai"])
        #expect(try words("tea 猫") { $0.combination = .all } == ["mixed"])
        #expect(try words("狗 鱼") == ["none", "first"])
        #expect(try words("猫咪") == ["mixed"] && words("马").isEmpty)
        for query in ["猫", "+猫", "\"猫\"", "猫*"] {
            #expect(try keys(store, query: query) == cats, "\(query)")
        }
        #expect(try keys(store, query: "+猫 -鱼") == cats.subtracting(["first"]))
        var find = Find("notes", owner: "eve", match: Match(fields: ["text": 1], "猫"))
        find.highlight = Highlight()
        let shown = try store.snapshot().find(find).rows.first {
            $0.record.reference.key == "middle"
        }
        #expect(shown?.highlights["text"]?.map(\.text) == ["我家的**猫**喜欢水"])
    }

    @Test func wordsAreCombined() throws {
        let store = try store()
        var match = Match(fields: ["title": 1, "text": 1], "green tea cake")
        match.combination = .all
        #expect(try keys(store, Find("notes", match: match)) == ["b"])
        match.combination = .any
        match.minimum = 2
        #expect(try keys(store, Find("notes", match: match)) == ["a", "b"])
        match = Match(fields: ["text": 1], "")
        match.must = [MatchClause(.word, "green")]
        match.should = [MatchClause(.prefix, "lem")]
        match.not = [MatchClause(.phrase, "tea time", in: "title")]
        #expect(try keys(store, Find("notes", match: match)) == ["a", "d"])
    }

    @Test(
        arguments: [
            "\"tea", "+", "tea te*a", "nowhere:tea", "-tea", "+\"?!\"", "+&", "well-known*",
        ]
    )
    func wrongQueriesAreRefused(query: String) throws {
        let store = try store()
        let error = #expect(throws: MnemeError.self) { try keys(store, query: query) }
        #expect(error?.code == .badQuery)
        #expect(error?.message.contains("character") == true)
    }

    @Test func highlightsShowWhatMatched() throws {
        let store = try store()
        var find = Find(
            "notes",
            match: Match(fields: ["title": 1, "text": 1], query: "\"green tea\" lemon* cup")
        )
        find.highlight = Highlight()
        var rows = try store.snapshot().find(find).rows
        let first = try #require(rows.first { $0.record.reference.key == .text("a") })
        #expect(
            first.highlights["text"] == [
                Snippet(
                    text: "A **cup** of **green tea** with **lemonade**.",
                    start: 0,
                    words: [2..<5, 9..<18, 24..<32]
                )
            ]
        )
        #expect(first.highlights["title"] == nil)
        find.highlight?.length = 12
        find.highlight?.count = 2
        find.highlight?.before = "<"
        find.highlight?.after = ">"
        rows = try store.snapshot().find(find).rows
        let short = try #require(rows.first { $0.record.reference.key == .text("a") })
        let snippets = try #require(short.highlights["text"])
        #expect(snippets.count == 2)
        #expect(snippets.allSatisfy { $0.text.contains("<") && $0.text.contains(">") })
        find.match = nil
        #expect(throws: MnemeError.self) { try store.snapshot().find(find) }
    }

    @Test func highlightsThatMakeNoSenseAreRefused() throws {
        let store = try store()
        var find = Find("notes", match: Match("text", "tea"))
        func refusal(_ change: (inout Highlight) -> Void) -> MnemeError.Code? {
            var highlight = Highlight()
            change(&highlight)
            find.highlight = highlight
            let error = #expect(throws: MnemeError.self) { try store.snapshot().find(find) }
            return error?.code
        }
        #expect(refusal { $0.length = -1 } == .badRequest)
        #expect(refusal { $0.length = 100_001 } == .badRequest)
        #expect(refusal { $0.count = 0 } == .badRequest)
        #expect(refusal { $0.before = String(repeating: "<", count: 101) } == .badRequest)
        #expect(refusal { $0.after = String(repeating: "é", count: 51) } == .badRequest)
        #expect(refusal { $0.fields = ["user"] } == .unknownField)
    }

    @Test func fieldsHaveLanguages() throws {
        let store = try store(SearchRules(language: "german", k1: 0.5, b: 0))
        _ = try store.commit(
            [.put(Put("notes", .text("e"), ["text": "Die alten Häuser von Zürich"]))],
            .none
        )
        let match = Match("text", "haus alte")
        #expect(try keys(store, Find("notes", match: match)) == ["e"])
        var all = Match(fields: ["title": 1, "text": 1], "Haus")
        all.combination = .all
        #expect(try keys(store, Find("notes", match: all)) == ["e"])
        // Another language has the words indexed anew, what is not said stays.
        func define(_ rules: SearchRules) throws {
            try store.define(
                Schema(collections: [
                    Collection(
                        "notes",
                        fields: [Field("text", .text, isSearchable: true, search: rules)],
                        roles: Self.roles
                    )
                ])
            )
        }
        try define(SearchRules())
        #expect(try keys(store, Find("notes", match: match)) == ["e"])
        try define(SearchRules(language: "none"))
        #expect(try keys(store, Find("notes", match: match)).isEmpty)
        #expect(try keys(store, Find("notes", match: Match("text", "HAUSER"))) == ["e"])
        let rules = try store.snapshot().catalog.collection("notes").schema.field("text")?.search
        #expect(rules == SearchRules(language: "none", k1: 0.5, b: 0))
        #expect(try store.verify().findings == [])
        let error = #expect(throws: MnemeError.self) { try define(SearchRules(language: "latin")) }
        #expect(error?.code == .badSchema)
    }

    @Test func statisticsAreTheOwnersOrEverybodys() throws {
        let store = try store()
        func score(_ counted: Match.Counted) throws -> Float? {
            var match = Match("text", "green")
            match.statistics = counted
            return try store.snapshot().find(Find("notes", owner: "bob", match: match)).rows.first?
                .score
        }
        #expect(try score(.owner) != score(.global))
    }
}
