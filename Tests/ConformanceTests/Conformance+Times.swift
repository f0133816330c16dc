// Earlier times: what records were, what was known, what was true, and who changed what.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static let facts: Schema = {
        var roles = Roles()
        roles.validFrom = "from"
        roles.validTo = "to"
        return Schema(
            collections: [
                Collection(
                    "facts",
                    fields: [
                        Field("text", .text), Field("from", .instant), Field("to", .instant),
                        Field("near", .vector(VectorType(dimension: 2))),
                    ],
                    roles: roles,
                    history: HistoryRule(versions: 9)
                )
            ],
            edgeTypes: [EdgeType("replaces")]
        )
    }()

    @Test(arguments: DoorKind.allCases)
    func whatRecordsWereIsKept(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.facts)
            #expect(try await door.describe().collections.last == Self.facts.collections.last)
            let fact = Reference("facts", "a")
            let first = Put("facts", "a", ["text": "tea", "near": .vector([1, 2])])
            _ = try await door.commit([.put(first)], by: "ann", because: "said so")
            let created = try #require(
                try await door.history(VersionQuestion(fact)).versions.first
            )
            // Instants are kept to the microsecond, so a later one is soon there.
            var now = created.at
            while now <= created.at {
                _ = try await door.commit([.patch(Patch("facts", "a", [.set("text", "milk")]))])
                now = try #require(
                    try await door.history(VersionQuestion(fact, limit: 1)).versions.first
                ).at
            }
            for isAgain in [false, true] {
                let ended = try await door.commit(
                    [.delete(fact)],
                    by: nil,
                    because: "wrong",
                    idempotencyKey: "end"
                )
                #expect(ended.outcomes == [.deleted(true)] && ended.isRepeated == isAgain)
            }
            let other = Signature(author: "bob", reason: "wrong")
            let reused = Request.once(key: "end", .signed(other, [.delete(fact)], .synced))
            #expect(await door.refusal(reused) == .keyReused)
            let question = VersionQuestion(fact, limit: .max, records: true)
            let versions = try await door.history(question).versions
            #expect(versions.first?.kind == .deleted && versions.first?.record == nil)
            #expect(versions.first?.signature == Signature(reason: "wrong"))
            #expect(versions.first?.changes == ["text": .init(old: "milk", new: nil)])
            #expect(versions.last?.kind == .created)
            #expect(versions.last?.signature == Signature(author: "ann", reason: "said so"))
            #expect(versions.last?.record == Record(fact, fields: ["text": "tea"]))
            #expect(versions.map(\.number) == (1...UInt64(versions.count)).reversed())

            let then = Get([fact, Reference("facts", "b")], knownAt: created.at)
            #expect(try await door.get(then) == [Record(fact, fields: ["text": "tea"]), nil])
            let find = Find("facts", where: .eq("text", "milk"), knownAt: now)
            #expect(try await door.find(find).rows.map(\.record.reference) == [fact])
            #expect(try await door.find(Find("facts")).rows == [])

            let plain = VersionQuestion(thing("a"))
            #expect(await door.refusal(.history(plain)) == .noHistory)
            #expect(await door.refusal(.find(Find("things", knownAt: now))) == .noHistory)
            let mixed = Get([fact], versions: true, knownAt: now)
            #expect(await door.refusal(.getBy(mixed)) == .badRequest)
            // No vectors are kept of what was.
            let exists = Filter.compare(field: "near", .exists(true))
            let vectors = Find("facts", where: exists, knownAt: now)
            #expect(await door.refusal(.find(vectors)) == .badRequest)
            let chosen = Find("facts", select: ["near", "text"], knownAt: now)
            #expect(try await door.find(chosen).rows.map(\.record.fields) == [["text": "milk"]])
            let number = Count("facts", where: exists, knownAt: now)
            #expect(await door.refusal(.count(number)) == .badRequest)
            let early = Get([fact], knownAt: Instant(microseconds: 0))
            #expect(await door.refusal(.getBy(early)) == .noHistory)
            #expect(await door.refusal(.find(Find("things", asOf: now))) == .badRequest)
            let hidden = Find("facts$history")
            #expect(await door.refusal(.find(hidden)) == .unknownCollection)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsTrueTakesThePlaceOfWhatWas(kind: DoorKind) async throws {
        try await kind.withSample { door in
            try await door.define(Self.facts)
            _ = try await door.commit([.put(Put("facts", "a", ["text": "Rome"]))])
            let old = Reference("facts", "a")
            let supersede = Supersede(
                old,
                by: "replaces",
                in: "facts",
                "b",
                ["text": "Oslo"],
                at: Sample.day
            )
            let committed = try await door.commit([.supersede(supersede)])
            let outcomes = committed.outcomes
            guard case .superseded(let superseded)? = outcomes.first else {
                Issue.record("\(outcomes)")
                return
            }
            let new = Reference("facts", "b")
            #expect(superseded.reference == new && superseded.edge != nil)
            let versioned = try await door.get(Get([old, new], versions: true, asOf: Sample.day))
            #expect(versioned[0] == nil && versioned[1]?.version == committed.versions.first)
            #expect(try await door.count(Count("facts", asOf: Sample.day)).rows == [["count": 1]])
            let before = Instant(microseconds: Sample.day.microseconds - 1)
            #expect(
                try await door.get(Get([old, new], asOf: before)).map { $0 == nil } == [
                    false, true,
                ]
            )
            #expect(
                try await door.find(Find("facts", asOf: Sample.day)).rows.map(\.record.reference)
                    == [new]
            )
            #expect(
                await door.refusal(.commit([.supersede(supersede)], .none)) == .conditionFailed
            )
            // A transaction asks what is true, and not what was known.
            let transaction = try await door.begin()
            #expect(
                try await transaction.find(Find("facts", asOf: before)).rows.count == 1
            )
            let known = Request.inside(
                transaction: transaction.id,
                .find(Find("facts", knownAt: Sample.day))
            )
            #expect(await door.refusal(known) == .badRequest)
            let history = Request.inside(
                transaction: transaction.id,
                .history(VersionQuestion(old))
            )
            #expect(await door.refusal(history) == .badRequest)
            try await transaction.rollback()
        }
    }
}
