// The store from the outside of its room: what is put is there, what is deleted is gone, and both
// survive closing, reopening and deriving the pages again.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct StoreTests {
    static let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [
                    Field("owner", .text), Field("title", .text, isRequired: true),
                    Field("body", .text, isSearchable: true), Field("rank", .int),
                    Field("place", .vector(VectorType(dimension: 3))),
                ],
                indexes: [
                    Index("byRank", on: ["owner", IndexField("rank", descending: true)]),
                    Index("byTitle", on: ["title"], isUnique: true),
                ],
                roles: {
                    var roles = Roles()
                    roles.owner = "owner"
                    return roles
                }()
            )
        ],
        edgeTypes: [EdgeType("cites")]
    )

    static func options(_ disk: any Disk = MemoryDisk()) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.randomness = SeededRandomness(seed: 1)
        options.worksInBackground = false
        options.logLimits.smallestSegment = 64 << 10
        return options
    }

    static func put(
        _ key: String,
        rank: Int64,
        body: String = "words",
        owner: String = "ann"
    )
        -> Change
    {
        .put(
            Put(
                "notes",
                .text(key),
                [
                    "owner": .text(owner), "title": .text("title of \(key)"),
                    "body": .text(body), "rank": .int(rank),
                    "place": .vector([Float(rank), 1, 0]),
                ]
            )
        )
    }

    @Test func whatIsPutIsThereAfterReopening() throws {
        let disk = MemoryDisk()
        for closes in [true, false] {
            let directory = "store-\(closes)"
            var store = try Store.open(directory, options: Self.options(disk))
            try store.define(Self.schema)
            _ = try store.commit([Self.put("a", rank: 1), Self.put("b", rank: 2, body: "other")])
            _ = try store.commit([
                .link(Link("cites", from: Reference("notes", "a"), to: Reference("notes", "b")))
            ])
            if closes {
                try store.close()
                store = try Store.open(directory, .open, options: Self.options(disk))
            }
            let snapshot = store.snapshot()
            let record = try #require(try snapshot.record(Reference("notes", "b")))
            #expect(record["rank"] == 2)
            #expect(record["place"] == .vector([2, 1, 0]))
            let walked = try snapshot.walk(Walk(from: [Reference("notes", "a")]))
            #expect(walked.stops.map(\.reference) == [Reference("notes", "b")])
            let matched = try snapshot.find(Find("notes", match: Match("body", "others")))
            #expect(matched.rows.map(\.record.reference.key) == ["b"])
            let near = try snapshot.find(
                Find("notes", owner: "ann", near: Near("place", [2, 1, 0]), limit: 1)
            )
            #expect(near.rows.map(\.record.reference.key) == ["b"])
            let newest = try snapshot.find(
                Find("notes", owner: "ann", order: [Order("rank", descending: true)])
            )
            #expect(newest.rows.map(\.record.reference.key) == ["b", "a"])
            #expect(try store.verify().findings == [])
        }
    }

    @Test func deletesReachEverything() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(Self.schema)
        _ = try store.commit([Self.put("a", rank: 1), Self.put("b", rank: 2)])
        _ = try store.commit([
            .link(Link("cites", from: Reference("notes", "a"), to: Reference("notes", "b")))
        ])
        let before = store.snapshot()
        _ = try store.commit([.delete(Reference("notes", "b"))])
        let after = store.snapshot()
        #expect(try after.record(Reference("notes", "b")) == nil)
        #expect(try after.find(Find("notes", match: Match("body", "words"))).rows.count == 1)
        #expect(try after.find(Find("notes", near: Near("place", [2, 1, 0]))).rows.count == 1)
        #expect(try after.walk(Walk(from: [Reference("notes", "a")])).count == 0)
        #expect(try before.record(Reference("notes", "b")) != nil)
        #expect(try before.walk(Walk(from: [Reference("notes", "a")])).count == 1)
        #expect(try before.find(Find("notes", match: Match("body", "words"))).rows.count == 2)
        #expect(try store.verify().findings == [])
        try store.close()
        let again = try Store.open("store", .rebuild, options: Self.options(disk))
        #expect(try again.snapshot().record(Reference("notes", "b")) == nil)
        #expect(try again.verify().findings == [])
    }

    @Test func uniqueAndDanglingAreRefusedAndLeaveNoTrace() throws {
        let store = try Store.open("store", options: Self.options())
        try store.define(Self.schema)
        _ = try store.commit([Self.put("a", rank: 1)])
        let sequence = store.snapshot().sequence
        #expect(throws: MnemeError.self) {
            try store.commit([
                Self.put("c", rank: 3),
                .put(Put("notes", "b", ["title": "title of a"])),
            ])
        }
        #expect(throws: MnemeError.self) {
            try store.commit([
                .link(Link("cites", from: Reference("notes", "a"), to: Reference("notes", "x")))
            ])
        }
        #expect(store.snapshot().sequence == sequence)
        #expect(try store.snapshot().record(Reference("notes", "c")) == nil)
        #expect(try store.verify().findings == [])
    }
}
