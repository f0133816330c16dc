// Records that are put aside: random marks against a plain model, in every way of asking; what
// changes say of them, what transactions see, and what indexes serve.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

/// What the plain model knows of a record.
private struct Item {
    var kind: Int
    var owner: String
    var isDeleted = false
    var isArchived = false

    func isSeen(_ sight: Sight) -> Bool {
        func isSeen(_ mark: Bool, _ wanted: Marked?) -> Bool {
            switch wanted {
            case nil: !mark
            case .only: mark
            case .include: true
            }
        }
        return isSeen(isDeleted, sight.deleted) && isSeen(isArchived, sight.archived)
    }
}

@Suite struct MarkTests {
    private static let wants: [Marked?] = [nil, .include, .only]
    private let clock = SimulatedClock(start: 1_000_000)

    /// Roles by fields of an instant, of a truth value, or of both.
    private static func schema(_ shape: Int, required: Bool) -> Schema {
        var roles = Roles()
        let (isAlive, isShelved): (Value?, Value?) =
            required ? (.some(.bool(true)), .some(.bool(false))) : (.none, .none)
        roles.owner = "owner"
        if shape != 1 { (roles.deletedAt, roles.archivedAt) = ("gone", "since") }
        if shape != 0 { (roles.active, roles.archived) = ("alive", "shelved") }
        return Schema(
            collections: [
                Collection(
                    "items",
                    fields: [
                        Field("owner", .text), Field("kind", .int), Field("name", .text),
                        Field("body", .text, isSearchable: true),
                        Field("near", .vector(VectorType(dimension: 2))),
                        Field("gone", .instant), Field("since", .instant),
                        Field("alive", .bool, isRequired: required, standard: isAlive),
                        Field("shelved", .bool, isRequired: required, standard: isShelved),
                    ],
                    indexes: [
                        Index("byKind", on: ["kind"]), Index("byOwner", on: ["owner", "kind"]),
                        Index("byName", on: ["name"], isUnique: true),
                    ],
                    roles: roles,
                    history: HistoryRule()
                ),
                Collection("hubs", fields: []),
            ],
            edgeTypes: [EdgeType("has")]
        )
    }

    func store(_ shape: Int, required: Bool = false) throws -> Store {
        var options = StoreTests.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("marks", .create, options: options)
        try store.define(Self.schema(shape, required: required))
        return store
    }

    func item(_ key: String) -> Reference { Reference("items", .text(key)) }

    func code(_ body: () throws(MnemeError) -> Void) -> MnemeError.Code? {
        do throws(MnemeError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    func put(_ key: String, _ kind: Int, _ owner: String) -> Change {
        .put(
            Put(
                "items",
                .text(key),
                [
                    "owner": .text(owner), "kind": .int(Int64(kind)), "name": .text(key),
                    "body": "green tea", "near": .vector([1, Float(kind)]),
                ]
            )
        )
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func everyQuestionLeavesOutWhatIsPutAside(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let shape = random.below(3)
        let store = try store(shape, required: random.below(2) == 0)
        _ = try store.commit([.put(Put("hubs", "h", [:]))])
        let keys = (0..<12).map { "k\($0)" }
        var model: [String: Item] = [:]
        for _ in 0..<120 {
            clock.advance(by: 1000)
            let key = keys[random.below(keys.count)]
            let standing = model[key]
            switch random.below(7) {
            case 0 where standing == nil, 1 where standing == nil:
                let made = Item(kind: random.below(3), owner: ["ann", "ann/x"][random.below(2)])
                let link = Link("has", from: Reference("hubs", "h"), to: item(key))
                _ = try store.commit([put(key, made.kind, made.owner), .link(link)])
                model[key] = made
            case 2 where random.below(4) == 0:
                let done = try store.commit([.delete(item(key))]).outcomes
                #expect(done == [.deleted(standing != nil)], "seed \(seed)")
                model.removeValue(forKey: key)
            default:
                let kind = Mark.Kind.allCases[random.below(4)]
                try mark(kind, key, &model, store, seed)
            }
            if random.below(6) == 0 { try compare(store, model, keys, seed) }
        }
        try compare(store, model, keys, seed)
        #expect(try store.verify().findings == [], "seed \(seed)")
    }

    /// Marks a record in both, and expects the outcome that the model says.
    private func mark(
        _ kind: Mark.Kind,
        _ key: String,
        _ model: inout [String: Item],
        _ store: Store,
        _ seed: UInt64
    ) throws {
        let change = Change.mark(Mark(kind, item(key)))
        guard var standing = model[key] else {
            if kind == .delete {
                #expect(try store.commit([change]).outcomes == [.deleted(false)])
            } else {
                let refusal = code { () throws(MnemeError) in _ = try store.commit([change]) }
                #expect(refusal == .notFound, "seed \(seed)")
            }
            return
        }
        let before = try store.snapshot().versions(of: [item(key)])
        let committed = try store.commit([change])
        let isSet = kind == .delete || kind == .archive
        let isOfDeleted = kind == .delete || kind == .restore
        let changes = (isOfDeleted ? standing.isDeleted : standing.isArchived) != isSet
        if isOfDeleted { standing.isDeleted = isSet } else { standing.isArchived = isSet }
        model[key] = standing
        let patched = Committed.Patched(reference: item(key), isNew: false)
        #expect(
            committed.outcomes == [kind == .delete ? .deleted(changes) : .patched(patched)],
            "seed \(seed): \(kind)"
        )
        let after = try store.snapshot().versions(of: [item(key)])
        #expect((before != after) == changes, "seed \(seed): \(kind)")
        #expect(committed.versions == (changes ? after : []), "seed \(seed): \(kind)")
    }

    private func compare(
        _ store: Store,
        _ model: [String: Item],
        _ keys: [String],
        _ seed: UInt64
    ) throws {
        let snapshot = store.snapshot()
        for deleted in Self.wants {
            for archived in Self.wants {
                let sight = Sight(deleted: deleted, archived: archived)
                let seen = model.filter { $0.value.isSeen(sight) }
                let note: Comment = "seed \(seed), \(sight)"
                func keysFound(_ find: Find) throws -> [String] {
                    try snapshot.find(find.seeing(deleted: deleted, archived: archived)).rows
                        .map(\.record.reference.key.description).sorted()
                }
                #expect(try keysFound(Find("items", limit: 99)) == seen.keys.sorted(), note)
                let ofKind = seen.filter { $0.value.kind == 1 }
                let byKind = Find("items", where: .eq("kind", 1), limit: 99)
                #expect(try keysFound(byKind) == ofKind.keys.sorted(), note)
                let known = Find("items", limit: 99, knownAt: snapshot.instant)
                #expect(try keysFound(known) == seen.keys.sorted(), note)
                let owned = Find("items", owner: "ann/x", order: [Order("kind")], limit: 99)
                let ofOwner = seen.filter { $0.value.owner == "ann/x" }
                #expect(try keysFound(owned) == ofOwner.keys.sorted(), note)
                let match = Find("items", match: Match("body", "tea"), limit: 99)
                #expect(try keysFound(match) == seen.keys.sorted(), note)
                let near = Find("items", near: Near("near", [1, 1]), limit: 99)
                #expect(try keysFound(near) == seen.keys.sorted(), note)
                let count = Count("items").seeing(deleted: deleted, archived: archived)
                #expect(try snapshot.count(count).rows == [["count": .int(Int64(seen.count))]])
                try compareKeys(snapshot, model, keys, sight, note)
                guard deleted != .only, archived != .only else { continue }
                let walk = Walk(from: [Reference("hubs", "h")])
                    .seeing(deleted: deleted, archived: archived)
                let stops = try snapshot.walk(walk).stops.map(\.reference.key.description)
                #expect(stops.sorted() == seen.keys.sorted(), note)
            }
        }
        let question = try store.prepare(Find("items", order: [Order("kind")], limit: 99))
        var prepared: [String] = []
        _ = try store.forEachKey(question, owner: "ann") { prepared.append($0.description) }
        let standard = model.filter { $0.value.isSeen(Sight()) }
        #expect(prepared.sorted() == standard.keys.sorted(), "seed \(seed)")
        let shape = try store.shape("items", ["kind"])
        for key in keys {
            let isSeen = try store.view(.text(key), shape) != nil
            #expect(isSeen == (standard[key] != nil), "seed \(seed)")
        }
    }

    private func compareKeys(
        _ snapshot: Snapshot,
        _ model: [String: Item],
        _ keys: [String],
        _ sight: Sight,
        _ note: Comment
    ) throws {
        let references = keys.map(item)
        let expected = keys.map { model[$0]?.isSeen(sight) ?? false }
        for knownAt in [nil, snapshot.instant] {
            var get = Get(references, knownAt: knownAt)
            get.sight = sight
            #expect(try snapshot.records(get).map { $0 != nil } == expected, note)
        }
        let spelled = try snapshot.spelledRecords(references, sight, limit: .max)
        let response = try Value(cbor: spelled)
        guard case .map(let members) = response, case .array(let records)? = members["records"]
        else {
            Issue.record("\(response)")
            return
        }
        #expect(records.map { !$0.isNull } == expected, note)
    }

    @Test func marksAreVersionsWithAuthorsAndConditions() throws {
        let store = try store(2)
        _ = try store.commit([put("a", 1, "ann")])
        clock.advance(by: 5000)
        let deleted = try store.commit(
            [.mark(Mark(.delete, item("a"), if: .eq("kind", 1), returns: .old))],
            signature: Signature(author: "ann", reason: "by mistake")
        )
        guard case .deletedReturning(let old)? = deleted.outcomes.first else {
            Issue.record("\(deleted.outcomes)")
            return
        }
        #expect(old["gone"] == .null && old["kind"] == 1)
        let hidden = try #require(
            try store.snapshot().records(Get([item("a")]).seeing(deleted: .only)).first ?? nil
        )
        #expect(hidden["gone"] == .instant(Instant(microseconds: clock.now())))
        #expect(hidden["alive"] == .bool(false))
        let history = try store.snapshot().history(VersionQuestion(item("a"), limit: 9))
        #expect(history.versions.map(\.kind) == [.updated, .created])
        #expect(history.versions.first?.signature.author == "ann")
        func refused(_ mark: Mark) -> MnemeError.Code? {
            code { () throws(MnemeError) in _ = try store.commit([.mark(mark)]) }
        }
        // A version that is not the one that stands; a condition that does not hold.
        #expect(refused(Mark(.restore, item("a"), version: 1)) == .conditionFailed)
        #expect(refused(Mark(.restore, item("a"), if: .eq("kind", 2))) == .conditionFailed)
        #expect(refused(Mark(.restore, item("b"))) == .notFound)
        #expect(refused(Mark(.delete, item("b"), version: 7)) == .conditionFailed)
        #expect(refused(Mark(.delete, Reference("hubs", "h"))) == .badRequest)
        let version = try #require(deleted.versions.first)
        let back = try store.commit([
            .mark(Mark(.restore, item("a"), version: version, returns: .new))
        ])
        guard case .patched(let patched)? = back.outcomes.first else {
            Issue.record("\(back.outcomes)")
            return
        }
        #expect(patched.record?["gone"] == .null && patched.record?["alive"] == .bool(true))
        #expect(try store.snapshot().record(item("a"))?["near"] == .vector([1, 1]))
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsPutAsideHoldsItsKeys() throws {
        let store = try store(0)
        _ = try store.commit([put("a", 1, "ann"), .mark(Mark(.delete, item("a")))])
        func refused(_ change: Change) -> MnemeError.Code? {
            code { () throws(MnemeError) in _ = try store.commit([change]) }
        }
        // The name is taken, and so is the key.
        #expect(refused(.put(Put("items", "b", ["name": "a"]))) == .duplicate)
        #expect(refused(.put(Put("items", "a", [:], mode: .insert))) == .duplicate)
        var partial = Self.schema(0, required: false).collections[0]
        partial.name = "freeing"
        partial.indexes = [
            Index("byName", on: ["name"], isUnique: true, where: try Expression("gone is null"))
        ]
        try store.define(Schema(collections: [partial]))
        let first = Reference("freeing", "a")
        _ = try store.commit([
            .put(Put("freeing", "a", ["name": "x"])), .mark(Mark(.delete, first)),
        ])
        _ = try store.commit([.put(Put("freeing", "b", ["name": "x"]))])
        #expect(refused(.mark(Mark(.restore, first))) == .duplicate)
        // The condition of the index is what is left out of a question.
        let find = Find("freeing", where: .eq("name", "x"), explained: true)
        let found = try store.snapshot().find(find)
        #expect(found.rows.map(\.record.reference.key) == ["b"])
        #expect(found.plan.contains("byName"), "\(found.plan)")
        #expect(try store.verify().findings == [])
    }

    @Test func explanationsTellOfWhatIsLeftOut() throws {
        let store = try store(0)
        _ = try store.commit([put("a", 1, "ann"), put("b", 1, "ann")])
        let find = Find("items", where: .eq("kind", 1), explained: true)
        let explanation = try #require(try store.snapshot().find(find).explanation)
        func told(_ explanation: Explanation) -> Set<String> {
            (explanation.answered + explanation.held).reduce(into: []) { $0.formUnion($1.fields) }
        }
        #expect(told(explanation).isSuperset(of: ["kind", "gone", "since"]))
        #expect(explanation.matched == 2)
        let all = try store.snapshot().find(find.seeing(deleted: .include, archived: .include))
        #expect(told(try #require(all.explanation)) == ["kind"])
        // What the question says itself is told once.
        let gone = Filter.compare(field: "gone", .exists(false))
        let asked = Find("items", where: .and([.eq("kind", 1), gone]), explained: true)
        let once = try #require(try store.snapshot().find(asked).explanation)
        #expect((once.answered + once.held).count { $0.fields.contains("gone") } == 1)
        #expect(told(once) == told(explanation) && once.matched == 2)
    }

    @Test func questionsAboutMarksThatAreNotThereAreRefused() throws {
        let store = try store(0)
        let snapshot = store.snapshot()
        for wanted in Marked.allCases {
            #expect(
                code { () throws(MnemeError) in
                    _ = try snapshot.find(Find("hubs").seeing(deleted: wanted))
                } == .badRequest
            )
            #expect(
                code { () throws(MnemeError) in
                    _ = try snapshot.count(Count("hubs").seeing(archived: wanted))
                } == .badRequest
            )
            #expect(
                code { () throws(MnemeError) in
                    _ = try snapshot.find(Find(edges: "has").seeing(deleted: wanted))
                } == .badRequest
            )
        }
        _ = try store.commit([.put(Put("hubs", "h", [:]))])
        #expect(
            code { () throws(MnemeError) in
                let hub = [Reference("hubs", "h")]
                _ = try store.snapshot().walk(Walk(from: hub).seeing(deleted: .only))
            } == .badRequest
        )
        // What is put aside is no start of a walk that does not see it.
        _ = try store.commit([put("a", 1, "ann"), .mark(Mark(.archive, item("a")))])
        let walk = Walk(from: [item("a")])
        #expect(
            code { () throws(MnemeError) in _ = try store.snapshot().walk(walk) } == .notFound
        )
        #expect(try store.snapshot().walk(walk.seeing(archived: .include)).count == 0)
    }

    @Test func rolesThatCannotBeSetAreRefused() throws {
        let store = try store(0)
        func refusal(_ fields: [Field], _ set: (inout Roles) -> Void) -> MnemeError.Code? {
            var roles = Roles()
            set(&roles)
            let schema = Schema(collections: [Collection("x", fields: fields, roles: roles)])
            return code { () throws(MnemeError) in try store.define(schema) }
        }
        let at = Field("at", .instant)
        #expect(refusal([at]) { ($0.deletedAt, $0.archivedAt) = ("at", "at") } == .badSchema)
        #expect(refusal([at]) { $0.active = "at" } == .badSchema)
        #expect(
            refusal([Field("at", .instant, isRequired: true)]) { $0.deletedAt = "at" }
                == .badSchema
        )
        #expect(
            refusal([Field("at", .instant, fill: .now)]) { $0.archivedAt = "at" } == .badSchema
        )
        let generated = Field("on", .bool, generated: try Expression("1 = 1"))
        #expect(refusal([generated]) { $0.active = "on" } == .badSchema)
        #expect(refusal([at]) { $0.deletedAt = "at" } == nil)
    }
}
