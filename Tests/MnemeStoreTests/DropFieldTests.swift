// Fields that are dropped: nobody reads them from then on, what is defined later under their names
// has none of their values, and it is the same after reopening and when everything is derived anew.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct DropFieldTests {
    private static let vector = FieldType.vector(VectorType(dimension: 4))

    private static var schema: Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    "people",
                    fields: [Field("mail", .text)],
                    indexes: [
                        Index("mail", on: ["mail"], isUnique: true)
                    ]
                ),
                Collection(
                    "notes",
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("a", .text),
                        Field("number", .int, fill: .next),
                        Field("near", vector), Field("body", .text, isSearchable: true),
                        Field("by", .text),
                        Field("low", .text, generated: try? Expression("lower(a)")),
                        Field("b", .int, standard: 7), Field("free", .int),
                    ],
                    indexes: [Index("byB", on: ["b"])],
                    references: [
                        ReferenceRule("by", ["by"], to: "people", on: ["mail"], onDelete: .setNull)
                    ],
                    roles: roles,
                    history: HistoryRule(versions: 9)
                ),
            ]
        )
    }

    private func store(_ disk: any Disk, _ mode: StoreMode = .openOrCreate) throws -> Store {
        try Store.open("store", mode, options: Kinds.options(disk))
    }

    private func fill(_ store: Store) throws {
        _ = try store.commit(
            (0..<300).map { number in
                .put(
                    Put(
                        "notes",
                        .int(Int64(number)),
                        [
                            "owner": "ann", "a": .text("A \(number)"), "free": .int(Int64(number)),
                            "near": .vector([Float(number), 1, 0, 0]), "body": "green tea",
                        ]
                    )
                )
            }
        )
    }

    @Test func whatIsDroppedIsNotReadAndDoesNotComeBack() throws {
        let disk = MemoryDisk()
        var store = try store(disk)
        try store.define(Self.schema)
        try fill(store)
        let before = store.newest.state.roots.vectors.count
        try store.checkpointNow()
        try store.drop(.field(collection: "notes", name: "near"))
        try store.drop(.field(collection: "notes", name: "free"))
        #expect(store.newest.state.roots.vectors.count == before - 1)
        func expectGone(_ store: Store) throws {
            let snapshot = store.snapshot()
            let record = try #require(try snapshot.record(Reference("notes", 8)))
            #expect(record.fields.keys.sorted() == ["a", "b", "body", "low", "number", "owner"])
            for find in [
                Find("notes", where: .eq("free", 1)), Find("notes", order: [Order("free")]),
                Find("notes", select: ["free"]), Find("notes", near: Near("near", [1, 0, 0, 0])),
            ] {
                try expectRefusal(.unknownField) { _ = try snapshot.find(find) }
            }
            try expectRefusal(.unknownField, "free") {
                _ = try store.commit([.put(Put("notes", 1000, ["free": 1]))])
            }
            #expect(try store.verify().findings == [])
            let versions = try snapshot.history(
                VersionQuestion(Reference("notes", 9), limit: 9, records: true)
            ).versions
            #expect(!versions.isEmpty)
            #expect(versions.allSatisfy { $0.record?["free"].isNull ?? true })
            #expect(versions.allSatisfy { $0.changes["free"] == nil })
        }
        try expectGone(store)
        _ = try store.commit([.patch(Patch("notes", 9, [.set("a", "another")]))])
        try expectGone(store)
        try store.close()
        store = try self.store(disk)
        try expectGone(store)
        try store.close()
        store = try self.store(disk, .rebuild)
        try expectGone(store)
        // Others under the names, of other types; one has a default, which older records have.
        try store.define(
            Schema(collections: [
                Collection(
                    "notes",
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("free", .text), Field("near", Self.vector),
                        Field("late", .text, standard: "x"),
                    ],
                    roles: Self.schema.collections[1].roles
                )
            ])
        )
        func expectAnew(_ store: Store) throws {
            let snapshot = store.snapshot()
            let old = try #require(try snapshot.record(Reference("notes", 8)))
            #expect(old["free"] == .null && old["near"] == .null && old["late"] == "x")
            #expect(
                try snapshot.find(Find("notes", near: Near("near", [1, 0, 0, 0]))).rows.count == 1
            )
            let found = try snapshot.find(Find("notes", where: .eq("free", "new")))
            #expect(found.rows.map(\.record.reference.key) == [8000])
            #expect(try store.verify().findings == [])
        }
        _ = try store.commit([
            .put(Put("notes", 8000, ["free": "new", "near": .vector([1, 0, 0, 0])]))
        ])
        try expectAnew(store)
        try store.close()
        store = try self.store(disk)
        try expectAnew(store)
        try store.close()
        store = try self.store(disk, .rebuild)
        try expectAnew(store)
        // What is put again has the dropped values no more.
        _ = try store.commit([.patch(Patch("notes", 8, [.set("a", "x")]))])
        let notes = try store.snapshot().catalog.collection("notes")
        let numbers = try store.snapshot().reading { (state) throws(StoreError) -> [UInt16] in
            guard let (ordinal, _) = try state.version(notes, 8) else { return [] }
            return try state.stored(ordinal).fields.map(\.number)
        }
        #expect(!numbers.contains(9) && numbers.contains(2))
        try store.close()
    }

    @Test func whatSomethingNeedsStays() throws {
        let disk = MemoryDisk()
        let store = try store(disk)
        try store.define(Self.schema)
        func refused(
            _ code: MnemeError.Code,
            _ words: String,
            _ field: String,
            of collection: String = "notes"
        ) throws {
            try expectRefusal(code, words, leaving: store) {
                try store.drop(.field(collection: collection, name: field))
            }
        }
        try refused(.unknownField, "size", "size")
        try refused(.unknownCollection, "birds", "a", of: "birds")
        try refused(.schemaConflict, "role owner", "owner")
        try refused(.schemaConflict, "generated field \"low\"", "a")
        try refused(.schemaConflict, "index \"byB\"", "b")
        try refused(.schemaConflict, "reference \"by\"", "by")
        try refused(.schemaConflict, "of collection \"notes\"", "mail", of: "people")
        try store.drop(.index(collection: "notes", name: "byB"))
        try store.drop(.field(collection: "notes", name: "b"))
        try store.drop(.field(collection: "notes", name: "low"))
        try store.drop(.field(collection: "notes", name: "a"))
        #expect(
            store.snapshot().schema.collections[1].fields.map(\.name)
                == ["owner", "number", "near", "body", "by", "free"]
        )
        // Numbers that are given go on where they were; of a new field they begin anew.
        _ = try store.commit([.put(Put("notes", 1, [:])), .put(Put("notes", 2, [:]))])
        #expect(try store.snapshot().record(Reference("notes", 2))?["number"] == 2)
        try store.drop(.field(collection: "notes", name: "number"))
        try store.define(
            Schema(collections: [
                Collection(
                    "notes",
                    key: .int,
                    fields: [Field("owner", .text), Field("number", .int, fill: .next)],
                    roles: Self.schema.collections[1].roles
                )
            ])
        )
        _ = try store.commit([.put(Put("notes", 3, [:]))])
        #expect(try store.snapshot().record(Reference("notes", 2))?["number"] == .null)
        #expect(try store.snapshot().record(Reference("notes", 3))?["number"] == 1)
        try store.drop(.field(collection: "notes", name: "number"))
        try store.close()
        for mode in [StoreMode.openOrCreate, .rebuild] {
            let again = try self.store(disk, mode)
            #expect(try again.verify().findings == [])
            try again.close()
        }
    }

    /// Random definitions, drops and puts against a dictionary, reopened and rebuilt now and then.
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func fieldsComeAndGo(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try store(disk)
        try store.define(Schema(collections: [Collection("items", key: .int, fields: [])]))
        var fields: [String: Field] = [:]
        var model: [Int64: [String: Value]] = [:]
        let names = ["e", "dd", "ccc", "bbbb", "a", "v", "w"]
        for step in 0..<150 {
            let name = names[random.below(names.count)]
            let isVector = name == "v" || name == "w"
            switch random.below(10) {
            case 0, 1:
                guard fields[name] == nil else { continue }
                let standard: Value? = isVector || random.below(2) == 0 ? Value?.none : .int(-1)
                let field = Field(name, isVector ? Self.vector : .int, standard: standard)
                try store.define(
                    Schema(collections: [Collection("items", key: .int, fields: [field])])
                )
                fields[name] = field
                if let standard { for key in model.keys { model[key]?[name] = standard } }
            case 2:
                let drop = Drop.field(collection: "items", name: name)
                guard fields.removeValue(forKey: name) != nil else {
                    try expectRefusal(.unknownField, name) { try store.drop(drop) }
                    continue
                }
                try store.drop(drop)
                for key in model.keys { model[key]?.removeValue(forKey: name) }
            case 3 where step % 3 == 0:
                try store.close()
                store = try self.store(disk, random.below(2) == 0 ? .openOrCreate : .rebuild)
            default:
                let key = Int64(random.below(12))
                var given: [String: Value] = [:]
                for field in fields.values where random.below(2) == 0 {
                    given[field.name] =
                        field.type == .int
                        ? .int(Int64(random.below(100))) : .vector([Float(step), 1, 2, 3])
                }
                _ = try store.commit([.put(Put("items", .int(key), given))])
                for field in fields.values {
                    if let standard = field.standard, given[field.name] == nil {
                        given[field.name] = standard
                    }
                }
                model[key] = given
            }
            let rows = try store.snapshot().find(Find("items", limit: .max)).rows
            let shown = Dictionary(
                uniqueKeysWithValues: rows.map { ($0.record.reference.key.value, $0.record.fields) }
            )
            let wanted = Dictionary(uniqueKeysWithValues: model.map { (Value.int($0), $1) })
            #expect(shown == wanted, "seed \(seed), step \(step)")
        }
        #expect(try store.verify().findings == [], "seed \(seed)")
        try store.close()
    }
}
