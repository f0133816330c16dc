// What the tests of refusals share: a store with a field of every kind, a picture of everything
// that it shows, and the claim that a refused call leaves the picture as it was.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import MnemeStore

/// Everything that a store shows.
struct Picture: Equatable {
    var sequence: UInt64
    var schema: Schema
    var records: Set<Record> = []
    var edges: Set<Edge> = []

    init(_ store: Store) throws { try self.init(store.snapshot()) }

    /// Whether a store that was restored shows it: the fork and its commit stand on top, of what
    /// may end with a close frame.
    func isShown(restored store: Store) throws -> Bool {
        var shown = try Picture(store)
        guard let stop = store.newest.state.roots.forks.last?.stop, stop >= sequence,
            shown.sequence == stop + 2
        else { return false }
        shown.sequence = sequence
        return shown == self
    }

    init(_ snapshot: Snapshot) throws {
        sequence = snapshot.sequence
        schema = snapshot.schema
        for collection in schema.collections {
            for row in try snapshot.find(Find(collection.name, limit: .max)).rows {
                records.insert(row.record)
                edges.formUnion(
                    try snapshot.edges(of: row.record.reference, .both, types: nil)
                )
            }
        }
    }
}

/// Expects that a call is refused with a code and with words that help, and changes nothing.
func expectRefusal(
    _ code: MnemeError.Code,
    _ words: String...,
    leaving store: Store? = nil,
    at location: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) throws {
    let before = try store.map { try Picture($0) }
    do {
        try body()
        Issue.record("was not refused", sourceLocation: location)
    } catch let error as MnemeError {
        #expect(error.code == code, "\(error)", sourceLocation: location)
        #expect(error.message.count > 20, "\(error)", sourceLocation: location)
        for word in words {
            #expect(error.message.contains(word), "\(error)", sourceLocation: location)
        }
    }
    guard let store, let before else { return }
    #expect(try Picture(store) == before, sourceLocation: location)
    #expect(try store.verify().findings == [], sourceLocation: location)
}

/// A store with one collection that has a field of every kind.
enum Kinds {
    static let schema = Schema(
        collections: [
            Collection(
                "things",
                fields: [
                    Field("name", .text, isRequired: true), Field("owner", .text),
                    Field("flag", .bool), Field("count", .int), Field("size", .float),
                    Field("data", .bytes), Field("id", .uuid), Field("at", .instant),
                    Field("day", .date), Field("free", .json),
                    Field("mood", .oneOf(["good", "bad"])), Field("tags", .array(.text)),
                    Field("body", .text, isSearchable: true),
                    Field("near", .vector(VectorType(dimension: 3))),
                    Field("dot", .vector(VectorType(dimension: 2, metric: .dot))),
                    Field(
                        "half",
                        .vector(VectorType(dimension: 2, element: .float16, metric: .l2))
                    ),
                ],
                indexes: [
                    Index("byName", on: ["name"], isUnique: true),
                    Index("byData", on: ["data"]),
                    Index("bySize", on: [IndexField("size", descending: true)]),
                    Index("byCount", on: ["count"]),
                    Index("byDay", on: ["day", "flag"]),
                ],
                roles: {
                    var roles = Roles()
                    roles.owner = "owner"
                    return roles
                }()
            ),
            Collection("numbers", key: .int, fields: [Field("text", .text)]),
            Collection("ids", key: .uuid, fields: [Field("text", .text)]),
        ],
        edgeTypes: [
            EdgeType("cites", fields: [Field("weight", .float, isRequired: true)]),
            EdgeType("counts", from: "numbers", to: "things"),
            EdgeType("joins"),
        ]
    )

    static func options(_ disk: any Disk = MemoryDisk()) -> StoreOptions {
        StoreTests.options(disk)
    }

    /// A store with the records `a` and `b` and an edge between them.
    static func store(_ options: StoreOptions = options()) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(schema)
        _ = try store.commit([
            put("a", ["count": 1, "body": "first words", "near": .vector([1, 0, 0])]),
            put("b", ["count": 2, "size": 2.5, "day": "2024-02-29", "tags": ["x", "y"]]),
            .link(Link("joins", from: thing("a"), to: thing("b"))),
        ])
        return store
    }

    static func thing(_ key: String) -> Reference { Reference("things", .text(key)) }

    /// A thing whose name is its key.
    static func put(_ key: String, _ fields: [String: Value] = [:]) -> Change {
        .put(Put("things", .text(key), fields.merging(["name": .text(key)]) { own, _ in own }))
    }

    static func keys(_ found: Found) -> [String] {
        found.rows.map { $0.record.reference.key.description }
    }
}
