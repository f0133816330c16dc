// Switches of vectors: from one commit on a name means other vectors, for everything that names it;
// what would lose records, or make the schema say what does not hold, is refused.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

/// Notes with vectors of a model, and of the next one.
enum SwitchedNotes {
    static func type(_ dimension: Int, _ model: String? = nil) -> FieldType {
        .vector(VectorType(dimension: dimension, model: model))
    }

    static let next = Field("meaning2", type(4, "large"))

    static func schema(
        required: Bool = false,
        checks: [Check] = [],
        generated: Expression? = nil
    ) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        var fields = [
            Field("owner", .text), Field("text", .text, isSearchable: true),
            Field("meaning", type(3, "small"), isRequired: required),
        ]
        if let generated { fields.append(Field("has", .bool, generated: generated)) }
        return Schema(collections: [
            Collection("notes", fields: fields, checks: checks, roles: roles)
        ])
    }

    /// What is defined beside: a field, and an index of those that lack it.
    static func addition(_ field: Field = next, index: String? = "lacking") throws -> Schema {
        let condition = try Expression("\(field.name) is null")
        let indexes = index.map { [Index($0, on: ["owner"], where: condition)] } ?? []
        return Schema(collections: [Collection("notes", fields: [field], indexes: indexes)])
    }

    static func old(_ number: Int) -> Value { .vector([Float(number), 1, 0]) }
    static func new(_ number: Int) -> Value { .vector([0, 0, 1, Float(number)]) }

    static func note(_ number: Int) -> Reference { Reference("notes", .text("n\(number)")) }

    static func put(_ number: Int, new hasNew: Bool = false) -> Change {
        var fields: [String: Value] = [
            "owner": .text("o\(number % 3)"), "text": .text("words \(number)"),
            "meaning": old(number),
        ]
        if hasNew { fields["meaning2"] = new(number) }
        return .put(Put("notes", note(number).key, fields))
    }

    static func fill(_ number: Int) -> Change {
        .patch(Patch("notes", note(number).key, [.set("meaning2", new(number))]))
    }

    static let toNew = VectorSwitch("notes", "meaning", to: "meaning2", keepingOldAs: "meaning1")

    static func near(_ dimension: Int, limit: Int = 100) -> Find {
        let vector = [Float](repeating: 0, count: dimension - 1) + [1]
        return Find("notes", near: Near("meaning", vector, isExact: true), limit: limit)
    }

    static func lacking(_ field: String, limit: Int = 10) -> Find {
        Find(
            "notes",
            where: .compare(field: field, .exists(false)),
            order: [Order("owner")],
            limit: limit,
            explained: true
        )
    }
}

@Suite struct VectorSwitchTests {
    private typealias Notes = SwitchedNotes

    private func store(_ disk: any Disk, _ mode: StoreMode = .openOrCreate) throws -> Store {
        var options = Kinds.options(disk)
        options.graphLeast = 64
        return try Store.open("store", mode, options: options)
    }

    /// A store with notes of which all have both vectors.
    private func filled(_ disk: any Disk, count: Int = 100) throws -> Store {
        let store = try store(disk)
        try store.define(Notes.schema())
        _ = try store.commit((0..<count).map { Notes.put($0) })
        try store.define(try Notes.addition())
        _ = try store.commit((0..<count).map { Notes.fill($0) })
        return store
    }

    private func count(_ store: Store, _ find: Find) throws -> Int {
        try store.snapshot().find(find).rows.count
    }

    private func expectNew(_ store: Store, count: Int = 100) throws {
        #expect(try self.count(store, Notes.near(4)) == count)
        try expectRefusal(.badVector, "takes a vector of 4 components of the model \"large\"") {
            _ = try store.snapshot().find(Notes.near(3))
        }
        try expectRefusal(.unknownField) {
            _ = try store.snapshot().find(Find("notes", near: Near("meaning2", [0, 0, 0, 1])))
        }
        let record = try #require(try store.snapshot().record(Notes.note(7)))
        #expect(record["meaning"] == Notes.new(7) && record["meaning1"] == Notes.old(7))
        #expect(record["meaning2"].isNull)
        let schema = try #require(store.snapshot().schema.collections.first { $0.name == "notes" })
        #expect(schema.fields.map(\.name) == ["owner", "text", "meaning", "meaning1"])
        #expect(schema.field("meaning")?.type == Notes.type(4, "large"))
        #expect(schema.field("meaning1")?.type == Notes.type(3, "small"))
        #expect(schema.indexes.first?.condition == (try Expression("meaning is null")))
        #expect(try store.verify().findings == [])
    }

    @Test func aNameMeansOtherVectorsFromOneCommitOn() throws {
        let disk = MemoryDisk()
        var store = try filled(disk)
        let before = store.snapshot()
        let versions = try before.versions(of: [Notes.note(7)])
        try store.switchVector(Notes.toNew)
        #expect(store.snapshot().sequence == before.sequence + 2)
        // Whoever began before sees all as it was; no record was written.
        #expect(try before.find(Notes.near(3)).rows.count == 100)
        #expect(try before.record(Notes.note(7))?["meaning"] == Notes.old(7))
        #expect(try store.snapshot().versions(of: [Notes.note(7)]) == versions)
        try expectNew(store)
        let told = try store.watch(Watch(after: before.sequence)).events.map(\.what)
        #expect(told == [.switchVector(Notes.toNew)])
        for mode in [StoreMode.openOrCreate, .rebuild] {
            try store.close()
            store = try self.store(disk, mode)
            try expectNew(store)
        }
        try store.checkpointNow()
        try store.close()
        store = try self.store(disk)
        try expectNew(store)
        // Asked again it changes nothing.
        try expectRefusal(.unknownField, "meaning2", leaving: store) {
            try store.switchVector(Notes.toNew)
        }
        _ = try store.commit([
            .put(Put("notes", Notes.note(100).key, ["meaning": Notes.new(100)]))
        ])
        #expect(try count(store, Notes.near(4, limit: 1000)) == 101)
        // And back.
        try store.switchVector(
            VectorSwitch(
                "notes",
                "meaning",
                to: "meaning1",
                keepingOldAs: "meaning2",
                isPartial: true
            )
        )
        #expect(try count(store, Notes.near(3, limit: 1000)) == 100)
        #expect(try store.snapshot().record(Notes.note(7))?["meaning"] == Notes.old(7))
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func whatWasKeptOfTheTimeBeforeHasItsNames() throws {
        let disk = MemoryDisk()
        let store = try filled(disk)
        let before = store.snapshot().sequence
        try store.switchVector(Notes.toNew)
        _ = try store.backup(to: "backup")
        try store.close()
        var options = Kinds.options(disk)
        options.graphLeast = 64
        _ = try Store.restore(["backup"], to: "then", at: .sequence(before), options: options)
        let then = try Store.open("then", .open, options: options)
        #expect(try count(then, Notes.near(3)) == 100)
        #expect(try then.snapshot().record(Notes.note(7))?["meaning"] == Notes.old(7))
        try then.switchVector(Notes.toNew)
        try expectNew(then)
        try then.close()
        _ = try Store.restore(["backup"], to: "now", at: .end, options: options)
        let now = try Store.open("now", .open, options: options)
        try expectNew(now)
        try now.close()
    }

    @Test func theOldVectorsAreFreedWithTheirGraph() throws {
        let disk = MemoryDisk()
        var store = try filled(disk, count: 400)
        try store.settleGraphs()
        try store.switchVector(Notes.toNew)
        let walked = try store.snapshot().find(
            Find("notes", near: Near("meaning", [0, 0, 1, 7], beam: 64), limit: 3)
        )
        #expect(walked.rows.first?.record["text"] == "words 7")
        let vectors = store.newest.state.roots.vectors.count
        try store.drop(.field(collection: "notes", name: "meaning1"))
        #expect(store.newest.state.roots.vectors.count == vectors - 1)
        try store.checkpointNow()
        for mode in [StoreMode.openOrCreate, .rebuild] {
            #expect(try count(store, Notes.near(4, limit: 1000)) == 400)
            #expect(try store.snapshot().record(Notes.note(7))?["meaning1"].isNull == true)
            #expect(try store.verify().findings == [])
            try store.close()
            store = try self.store(disk, mode)
        }
        try store.close()
    }

    // MARK: Who lacks it

    @Test func whoLacksAVectorIsReadOffAnIndex() throws {
        let disk = MemoryDisk()
        var store = try store(disk)
        try store.define(Notes.schema())
        _ = try store.commit((0..<600).map { Notes.put($0) })
        try store.define(try Notes.addition())
        var filled: Set<String> = []
        while true {
            let found = try store.snapshot().find(Notes.lacking("meaning2"))
            let explanation = try #require(found.explanation)
            #expect(explanation.index == "lacking")
            // However many were filled before.
            #expect(explanation.entries <= 11 && explanation.read <= 11)
            let keys = found.rows.map(\.record.reference.key.description)
            if keys.isEmpty { break }
            #expect(filled.isDisjoint(with: keys))
            filled.formUnion(keys)
            _ = try store.commit(keys.compactMap { Int($0.dropFirst()) }.map { Notes.fill($0) })
            if filled.count == 300 {
                #expect(try store.statistics().vectors["notes.meaning2"] == 300)
                try store.close()
                store = try self.store(disk)
            }
            if filled.count == 400 {
                try store.close()
                store = try self.store(disk, .rebuild)
            }
        }
        #expect(filled.count == 600)
        #expect(try store.statistics().vectors["notes.meaning2"] == nil)
        // Who loses the vector, or is put without it, is there again.
        _ = try store.commit([
            .patch(Patch("notes", Notes.note(5).key, [.unset("meaning2")])), Notes.put(6),
            Notes.put(700), .delete(Notes.note(8)),
        ])
        let keys = try store.snapshot().find(Notes.lacking("meaning2")).rows.map(\.record.reference)
        #expect(Set(keys) == [Notes.note(5), Notes.note(6), Notes.note(700)])
        let counted = try store.snapshot().count(
            Count("notes", where: .compare(field: "meaning2", .exists(false)))
        )
        #expect(counted.rows.first?["count"] == 3)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func anIndexOfThoseThatHaveItRefusesAmongThemAlone() throws {
        let store = try store(MemoryDisk())
        try store.define(Notes.schema())
        let condition = try Expression("meaning is not null")
        let index = Index("one", on: ["text"], isUnique: true, where: condition)
        try store.define(Schema(collections: [Collection("notes", fields: [], indexes: [index])]))
        func put(_ key: Key, _ hasVector: Bool) -> Change {
            var fields: [String: Value] = ["text": "a"]
            if hasVector { fields["meaning"] = Notes.old(1) }
            return .put(Put("notes", key, fields))
        }
        _ = try store.commit([put("a", false), put("b", false), put("c", true)])
        try expectRefusal(.duplicate, leaving: store) { _ = try store.commit([put("b", true)]) }
        _ = try store.commit([.patch(Patch("notes", "c", [.unset("meaning")])), put("b", true)])
        try expectRefusal(.duplicate, leaving: store) { _ = try store.commit([put("d", true)]) }
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func aVectorOfAnOldTextDoesNotLandOnANewOne() throws {
        let store = try filled(MemoryDisk(), count: 3)
        let version = try #require(try store.snapshot().versions(of: [Notes.note(1)]).first)
        let edits: [Edit] = [.set("meaning2", .vector([9, 9, 9, 9]))]
        _ = try store.commit([
            .patch(Patch("notes", Notes.note(1).key, [.set("text", "other"), .unset("meaning2")]))
        ])
        let before = try #require(try store.snapshot().record(Notes.note(1)))
        for patch in [
            Patch("notes", Notes.note(1).key, edits, version: version),
            Patch("notes", Notes.note(1).key, edits, if: .eq("text", "words 1")),
        ] {
            try expectRefusal(.conditionFailed, leaving: store) {
                _ = try store.commit([.patch(patch)])
            }
        }
        _ = try store.commit([
            .patch(Patch("notes", Notes.note(1).key, edits, if: .eq("text", "other")))
        ])
        let after = try #require(try store.snapshot().record(Notes.note(1)))
        var wanted = before.fields
        wanted["meaning2"] = .vector([9, 9, 9, 9])
        #expect(after.fields == wanted)
        try store.close()
    }
}
