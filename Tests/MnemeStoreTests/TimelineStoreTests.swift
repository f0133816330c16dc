// The recall list of a collection against a plain model: after any history the records of a scope
// stand in the order of their sessions, each with its digest. Format: formats/digests.md.

import MnemeBase
import MnemeModel
import MnemeRecall
import Testing

@testable import MnemeStore

@Suite struct TimelineStoreTests {
    private struct Line: Equatable {
        var owner: String
        var session: String?
        var position: Int64?
        var text: String
        var isDeleted = false
    }

    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        roles.text = "text"
        roles.session = "session"
        roles.position = "position"
        roles.deletedAt = "deletedAt"
        return Schema(collections: [
            Collection(
                "lines",
                key: .int,
                fields: [
                    Field("owner", .text, isRequired: true), Field("session", .text),
                    Field("position", .int), Field("text", .text, isSearchable: true),
                    Field("deletedAt", .instant),
                ],
                indexes: [Index("recall", on: ["owner", "session", "position"])],
                roles: roles
            )
        ])
    }()

    @Test func anyHistoryLeavesTheOrderOfSessions() throws {
        let seed = RealRandomness().next()
        print("recall lists: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Self.schema)
        var model: [Int64: Line] = [:]
        var order: [Int64] = []
        for round in 0..<30 {
            var changes: [Change] = []
            var touched: Set<Int64> = []
            for _ in 0..<(1 + chance.below(12)) {
                let key = Int64(chance.below(60))
                guard touched.insert(key).inserted else { continue }
                let reference = Reference("lines", .int(key))
                switch chance.below(8) {
                case 0 where model[key] != nil:
                    changes.append(.delete(reference))
                    model.removeValue(forKey: key)
                    order.removeAll { $0 == key }
                case 1 where model[key] != nil:
                    changes.append(.patch(Patch("lines", .int(key), [.set("text", "one two")])))
                    model[key]?.text = "one two"
                case 2 where model[key]?.isDeleted == false:
                    changes.append(.mark(Mark(.delete, reference)))
                    model[key]?.isDeleted = true
                default:
                    let line = Line(
                        owner: ["ann", "bob", "bob/x"][chance.below(3)],
                        session: chance.below(4) == 0 ? String?.none : "s\(chance.below(3))",
                        position: chance.below(6) == 0 ? Int64?.none : Int64(chance.below(9)),
                        text: String(repeating: "word ", count: chance.below(7))
                    )
                    changes.append(.put(Self.put(key, line)))
                    if model[key] == nil { order.append(key) }
                    model[key] = line
                }
            }
            _ = try store.commit(changes)
            if round % 7 == 6 {
                try store.close()
                store = try Store.open(
                    "store",
                    round % 14 == 13 ? .rebuild : .open,
                    options: Kinds.options(disk)
                )
            }
            for owner in [nil, "ann", "bob", "nobody"] {
                try Self.check(store, owner, model, order)
            }
        }
        #expect(try store.verify().findings == [])
        try store.close()
    }

    private static func put(_ key: Int64, _ line: Line) -> Put {
        var fields: [String: Value] = ["owner": .text(line.owner), "text": .text(line.text)]
        if let session = line.session { fields["session"] = .text(session) }
        if let position = line.position { fields["position"] = .int(position) }
        return Put("lines", .int(key), fields)
    }

    private static func check(
        _ store: Store,
        _ owner: String?,
        _ model: [Int64: Line],
        _ order: [Int64]
    ) throws {
        let snapshot = store.snapshot()
        let collection = try snapshot.catalog.collection("lines")
        let scope = try snapshot.scope(of: owner, collection)
        if case .nobody = scope { return }
        let found = try #require(
            try snapshot.timeline(collection, scope, limit: 1000, Sight())
        )
        let wanted = order.filter { key in
            guard let line = model[key], !line.isDeleted else { return false }
            return owner.map { line.owner == $0 || line.owner.hasPrefix($0 + "/") } ?? true
        }
        #expect(found.count == wanted.count)
        var keys: [Int64] = []
        for entry in found.entries {
            let record = try #require(
                try snapshot.recordWithoutVectors(entry.ordinal, collection)
            )
            guard case .int(let key) = record.reference.key else { continue }
            keys.append(key)
            let words = model[key]?.text.split(separator: " ").count
            #expect(Int(entry.wordCount) == words)
        }
        #expect(Set(keys) == Set(wanted))
        for (place, key) in keys.enumerated().dropFirst() {
            let (line, before) = (model[key], model[keys[place - 1]])
            let isSame =
                line?.session != nil && line?.session == before?.session
                && line?.owner == before?.owner
            let entries = found.entries
            #expect((entries[place].stretch == entries[place - 1].stretch) == isSame)
            if isSame { #expect(before?.position ?? .min <= line?.position ?? .min) }
        }
        // What is deleted softly is there for who asks for it.
        let all = try snapshot.timeline(
            collection,
            scope,
            limit: 1000,
            Sight(deleted: .include)
        )
        #expect(all?.count ?? 0 >= found.count)
        #expect(try snapshot.timeline(collection, scope, limit: wanted.count - 1, Sight()) == nil)
    }
}
