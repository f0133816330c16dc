// Views and prepared questions answer as gets and finds do, whatever was put, replaced, deleted or
// has expired before, and whatever the cache has kept.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ViewTests {
    private static let names = ["owner", "at", "weight", "count", "note", "done", "who", "data"]

    private static func schema(_ key: KeyType) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                "items",
                key: key,
                fields: [
                    Field("owner", .text), Field("at", .instant), Field("weight", .float),
                    Field("count", .int), Field("note", .text), Field("done", .bool),
                    Field("who", .uuid), Field("data", .json),
                ],
                indexes: [
                    Index("byCount", on: ["count"]),
                    Index("byOwner", on: ["owner", IndexField("at", descending: true)]),
                    Index("byWeight", on: ["owner", "weight"]),
                ],
                roles: roles
            )
        ])
    }

    private static func fields(_ chance: SeededRandomness) -> [String: Value] {
        var fields: [String: Value] = [
            "owner": .text(["ann", "ann/work", "bob", "e\u{301}ve"][chance.below(4)]),
            "at": .instant(Instant(microseconds: Int64(chance.below(4000)) * 500_000 - 7)),
            "weight": .float([0, -1.5, 0.1, 1e300, .infinity][chance.below(5)]),
            "count": .int([0, -1, 23, 24, 70_000, .min, .max][chance.below(7)]),
            "note": .text(String(repeating: "déjà vu ", count: chance.below(60))),
            "done": .bool(chance.below(2) == 1),
            "who": .uuid(UniqueID(high: chance.next(), low: chance.next())),
            "data": ["a": [1, 2, .null], "b": .text("x")],
        ]
        for name in names where name != "owner" && chance.below(5) == 0 { fields[name] = nil }
        return fields
    }

    @Test(arguments: [KeyType.uuid, .int, .text])
    func theyAnswerAsGetsAndFinds(_ type: KeyType) throws {
        let chance = SeededRandomness(seed: UInt64(Self.names.count + type.rawValue.utf8.count))
        let clock = SimulatedClock(start: 1_000_000)
        let store = try ItemStore.store(Self.schema(type), clock)
        let asked = [
            Find("items", order: [Order("at", descending: true)], limit: 30, offset: 2),
            Find("items", order: [Order("weight")], limit: 50),
            Find("items", where: .compare(field: "count", .gt(.int(0))), limit: 9),
            Find("items", order: [Order("at")], limit: 0),
        ]
        let prepared = try asked.map { (find) throws(MnemeError) in try store.prepare(find) }
        for round in 0..<30 {
            for _ in 0..<20 {
                let reference = Reference("items", ItemStore.key(type, chance.below(200)))
                let isPut = chance.below(5) > 0
                let expiry = Instant(microseconds: clock.now() + 2_000_000)
                let put = Put(
                    "items",
                    reference.key,
                    Self.fields(chance),
                    expiresAt: round > 10 && chance.below(6) == 0 ? expiry : nil
                )
                _ = try store.commit([isPut ? .put(put) : .delete(reference)])
            }
            clock.advance(by: 300_000)
            try compareViews(store, type)
            for (find, question) in zip(asked, prepared) {
                try compare(store, find, question)
            }
        }
        #expect(try store.verify().findings.isEmpty)
        try store.close()
    }

    private func compareViews(_ store: Store, _ type: KeyType) throws {
        let shape = try store.shape("items", Self.names)
        for number in 0..<200 {
            let key = ItemStore.key(type, number)
            let record = try store.snapshot().record(Reference("items", key))
            let view = try store.view(key, shape)
            #expect((record == nil) == (view == nil))
            if let record, let view { try compare(record, view) }
        }
    }

    private func compare(_ record: Record, _ view: RecordView) throws {
        #expect(view.key == record.reference.key)
        for (slot, name) in Self.names.enumerated() {
            let value = record[name]
            #expect(try view.value(slot) == value)
            #expect(view.int(slot) == value.int)
            #expect(view.text(slot) == value.text)
            #expect(view.withText(slot) { $0.count } == value.text?.utf8.count)
            var bytes: [UInt8] = []
            #expect(view.copyText(slot, to: &bytes) == value.text?.utf8.count)
            #expect(bytes == Array((value.text ?? "").utf8))
            let encoded = value == .null ? nil : try value.cbor()
            bytes = []
            #expect(view.copyEncoded(slot, to: &bytes) == encoded?.count)
            #expect(bytes == encoded ?? [])
        }
        #expect(view.instant(1).map(Value.instant) ?? .null == record["at"])
        #expect(view.float(2).map(Value.float) ?? .null == record["weight"])
        #expect(view.bool(5).map(Value.bool) ?? .null == record["done"])
        #expect(view.uuid(6).map(Value.uuid) ?? .null == record["who"])
        #expect(view.instant(0) == nil && view.float(4) == nil && view.bool(3) == nil)
    }

    private func compare(_ store: Store, _ find: Find, _ question: PreparedQuestion) throws {
        for owner in [nil, "ann", "ann/work", "bob", "\u{e9}ve", "nobody"] {
            var find = find
            find.owner = owner
            let wanted = try store.snapshot().find(find).rows.map(\.record)
            let views = try store.views(question, owner: owner)
            #expect(views.map(\.key) == wanted.map(\.reference.key))
            for (record, view) in zip(wanted, views) {
                for (slot, name) in question.shape.fields.enumerated() {
                    #expect(try view.value(slot) == record[name])
                }
            }
            var keys: [Key] = []
            #expect(try store.forEachKey(question, owner: owner) { keys.append($0) } == keys.count)
            #expect(keys == wanted.map(\.reference.key))
        }
    }

    @Test func whatCannotBeViewedIsRefused() throws {
        let store = try Kinds.store(Kinds.options(MemoryDisk()))
        #expect(throws: MnemeError.self) { try store.shape("nothing", nil) }
        #expect(throws: MnemeError.self) { try store.shape("things", ["nothing"]) }
        #expect(throws: MnemeError.self) { try store.shape("things", ["near"]) }
        #expect(try store.shape("things", nil).fields.contains("near") == false)
        #expect(throws: MnemeError.self) {
            try store.prepare(Find("things", near: Near("near", [0, 1, 0])))
        }
        #expect(throws: MnemeError.self) {
            try store.prepare(Find("things", where: .eq("nothing", 1)))
        }
        let shape = try store.shape("things", nil)
        #expect(try store.view(Kinds.thing("a").key, shape)?.key == Kinds.thing("a").key)
        #expect(try store.view(.text("nobody"), shape) == nil)
        try store.close()
        #expect(throws: MnemeError.self) { try store.view(.text("a"), shape) }
    }

    @Test func twoThreadsPrepareWhatOneWould() throws {
        var options = StoreOptions()
        options.disk = MemoryDisk()
        let store = try Store.open("/shared", options: options)
        try store.define(Self.schema(.int))
        let chance = SeededRandomness(seed: 5)
        let puts = (0..<700).map { Put("items", .int($0), Self.fields(chance)) }
        let outcomes = try store.commit(puts.map { .put($0) }).outcomes
        #expect(outcomes == puts.map { .put(Reference("items", $0.key ?? 0)) })
        for put in puts.prefix(50) {
            let record = try store.snapshot().record(Reference("items", put.key ?? 0))
            #expect(record?.fields == put.fields)
        }
        var wrong = puts.map { Change.put($0) }
        wrong[300] = .put(Put("items", .int(1), ["first": 1]))
        wrong[600] = .put(Put("items", .int(1), ["second": 1]))
        let error = #expect(throws: MnemeError.self) { try store.commit(wrong) }
        #expect(error?.message.contains("first") ?? false)
        #expect(try store.verify().findings.isEmpty)
        try store.close()
    }
}

extension Value {
    fileprivate var int: Int64? { if case .int(let number) = self { number } else { nil } }
}
