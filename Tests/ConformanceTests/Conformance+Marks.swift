// Records that are put aside, ends from now, and days in zones: the same through every door.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static let letters: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        roles.text = "text"
        roles.deletedAt = "gone"
        roles.archived = "shelved"
        return Schema(
            collections: [
                Collection(
                    "letters",
                    fields: [
                        Field("owner", .text), Field("text", .text, isSearchable: true),
                        Field("at", .instant), Field("gone", .instant), Field("shelved", .bool),
                        Field(
                            "day",
                            .date,
                            generated: try? Expression("date(at, 'Europe/Berlin')")
                        ),
                    ],
                    roles: roles
                )
            ],
            edgeTypes: [EdgeType("answers")]
        )
    }()

    private func letter(_ key: String) -> Reference { Reference("letters", .text(key)) }

    /// What is put aside is there for whoever names it, before and after.
    @Test(arguments: DoorKind.allCases)
    func whatIsPutAsideMayBeNamed(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.letters)
            let log = Collection(
                "log",
                key: .int,
                fields: [Field("letter", .text, isRequired: true)],
                references: [ReferenceRule("letter", ["letter"], to: "letters")]
            )
            try await door.define(Schema(collections: [log]))
            func row(_ key: Int64) -> Change { .put(Put("log", .int(key), ["letter": "a"])) }
            _ = try await door.commit([.put(Put("letters", "a", ["owner": "ann"])), row(1)])
            _ = try await door.commit([.mark(Mark(.delete, letter("a"))), row(2)])
            _ = try await door.commit([row(1), row(3)])
            #expect(try await door.find(Find("letters")).rows.isEmpty)
            #expect(try await door.count(Count("log")).rows == [["count": 3]])
            let end = await failure { try await door.commit([.delete(letter("a"))]) }
            #expect(end?.code == .referenced)
        }
    }

    /// Copies keep when they were changed.
    @Test(arguments: DoorKind.allCases)
    func copiesAreAsTheyWereElsewhere(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let changed = Field("changed", .instant, fill: .changed)
            try await door.define(
                Schema(
                    collections: [Collection("papers", fields: [changed, Field("n", .int)])],
                    edgeTypes: [EdgeType("quotes", fields: [changed])]
                )
            )
            let then = Value.instant(Instant(microseconds: 1_000_000))
            func paper(_ key: Key) -> Reference { Reference("papers", key) }
            func put(_ key: Key, _ fields: [String: Value], isCopy: Bool) -> Change {
                var put = Put("papers", key, fields)
                put.isCopy = isCopy
                return .put(put)
            }
            var link = Link(
                "quotes",
                from: paper("a"),
                to: paper("b"),
                fields: ["changed": then]
            )
            link.isCopy = true
            _ = try await door.commit([
                put("a", ["changed": then], isCopy: true),
                put("b", ["changed": then], isCopy: false),
                put("c", ["n": 1], isCopy: true), .link(link),
            ])
            let keys: [Key] = ["a", "b", "c"]
            let records = try await door.get(keys.map(paper))
            #expect(records[0]?["changed"] == then)
            #expect(records[1]?["changed"] != then && records[2]?["changed"] != Value.null)
            let edges = try await door.find(Find(edges: "quotes")).edges
            #expect(edges.map { $0.fields["changed"] } == [then])
            // Whoever changes it changes that.
            let patch = Patch("papers", "a", [.set("n", 2)])
            _ = try await door.commit([.patch(patch)])
            #expect(try await door.get(paper("a"))?["changed"] != then)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsPutAsideComesBack(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.letters)
            #expect(try await door.describe().collections.last == Self.letters.collections.last)
            let keys = ["a", "b", "c"]
            _ = try await door.commit(
                keys.map {
                    .put(Put("letters", .text($0), ["owner": "ann", "text": "about green tea"]))
                } + [.link(Link("answers", from: letter("b"), to: letter("a")))]
            )
            let done = try await door.commit([
                .mark(Mark(.delete, letter("a"), returns: .old)), .mark(Mark(.delete, letter("x"))),
                .mark(Mark(.archive, letter("c"), returns: .new)),
            ])
            guard case .deletedReturning(let old)? = done.outcomes.first,
                case .patched(let patched)? = done.outcomes.last
            else {
                Issue.record("\(done.outcomes)")
                return
            }
            #expect(old.reference == letter("a") && done.outcomes[1] == .deleted(false))
            #expect(patched.record?["shelved"] == .bool(true))
            #expect(done.versions.map { $0 > 0 } == [true, false, true])
            func found(_ find: Find) async throws -> [String] {
                try await door.find(find).rows.map(\.record.reference.key.description)
            }
            let all = Find("letters")
            #expect(try await found(all) == ["b"])
            #expect(try await found(all.seeing(deleted: .only)) == ["a"])
            #expect(try await found(all.seeing(archived: .include)) == ["b", "c"])
            #expect(try await found(all.seeing(deleted: .include, archived: .include)) == keys)
            #expect(try await found(Find("letters", match: Match("text", "tea"))) == ["b"])
            #expect(try await door.count(Count("letters")).rows == [["count": 1]])
            #expect(try await door.get(keys.map(letter)).map { $0 != nil } == [false, true, false])
            let get = Get(keys.map(letter), versions: true).seeing(deleted: .only)
            #expect(try await door.get(get).map { $0?.version != nil } == [true, false, false])
            let walk = Walk(from: [letter("b")])
            #expect(try await door.walk(walk).count == 0)
            #expect(try await door.walk(walk.seeing(deleted: .include)).count == 1)
            let path = Path(from: letter("b"), to: letter("a"))
            #expect(await door.refusal(.path(path)) == .notFound)
            #expect(try await door.path(path.seeing(deleted: .include))?.count == 1)
            let recall = Recall("green tea", owner: "ann", collection: "letters")
            let recalled = try await door.recall(recall).items.map(\.record.reference)
            #expect(recalled == [letter("b")])
            let gone = try await door.recall(recall.seeing(deleted: .only)).items
            #expect(gone.map(\.record.reference) == [letter("a")])
            #expect(await door.refusal(.find(Find("things").seeing(deleted: .only))) == .badRequest)
            _ = try await door.commit([
                .mark(Mark(.restore, letter("a"))), .mark(Mark(.unarchive, letter("c"))),
            ])
            #expect(try await found(all) == keys)
            // What is put aside is forgotten with the rest.
            _ = try await door.commit([.mark(Mark(.delete, letter("a")))])
            let forget = Forget(owner: "ann", collection: "letters")
            #expect(try await door.forget(forget) == 3)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func endsAreSaidFromNowAndDaysInZones(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.letters)
            var put = Put(
                "letters",
                "a",
                ["at": .instant(try #require(Instant("2023-05-08T22:30:00Z")))]
            )
            put.expiresIn = 3600
            _ = try await door.commit([.put(put)])
            let record = try #require(try await door.get(letter("a")))
            #expect(record["day"] == .date(try #require(Day("2023-05-09"))))
            put.expiresIn = 0
            #expect(await door.refusal(.commit([.put(put)], .none)) == .badRequest)
            let select: [Projection] = [
                .computed("hour", try Expression("hour(at, 'America/New_York')"))
            ]
            let row = try #require(
                try await door.find(Find("letters", select: select)).rows.first
            )
            #expect(row.record["hour"] == 18)
            let unknown: [Projection] = [
                .computed("hour", try Expression("hour(at, 'America/Nowhere')"))
            ]
            #expect(
                await door.refusal(.find(Find("letters", select: unknown))) == .unknownZone
            )
            let field = Field("x", .date, generated: try Expression("date(at, 'Nowhere')"))
            let schema = Schema(
                collections: [Collection("more", fields: [Field("at", .instant), field])]
            )
            #expect(await door.refusal(.define(schema, waits: true)) == .unknownZone)
        }
    }
}
