// What changes of one batch see of each other: they are decided in order, and a batch that is
// replayed comes to what it came to at first.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct BatchOrderTests {
    /// Commits batches, then compares the store with itself replayed and rebuilt.
    private func check(_ batches: [[Change]], _ expect: (Store) throws -> Void) throws {
        let disk = SimulatedDisk()
        let options = Kinds.options(disk)
        let store = try Kinds.store(options)
        for batch in batches { _ = try store.commit(batch) }
        let picture = try Picture(store)
        try expect(store)
        #expect(try store.verify().findings == [])
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(
                "store",
                mode,
                options: Kinds.options(disk.crashKeepingAll())
            )
            #expect(try Picture(again) == picture)
            try expect(again)
            #expect(try again.verify().findings == [])
            try again.close()
        }
    }

    @Test func theLastPutStands() throws {
        try check([
            [
                Kinds.put("c", ["count": 1, "body": "one", "near": .vector([1, 0, 0])]),
                Kinds.put("c", ["count": 2, "body": "two", "near": .vector([0, 1, 0])]),
                Kinds.put("c", ["count": 3, "body": "three"]),
            ],
            [Kinds.put("a", ["body": "other"]), Kinds.put("a", ["body": "another"])],
        ]) { (store) throws in
            let snapshot = store.snapshot()
            #expect(try snapshot.record(Kinds.thing("c"))?["count"] == 3)
            #expect(
                Kinds.keys(try snapshot.find(Find("things", match: Match("body", "two")))) == []
            )
            #expect(
                Kinds.keys(try snapshot.find(Find("things", match: Match("body", "three")))) == [
                    "c"
                ]
            )
            #expect(
                Kinds.keys(
                    try snapshot.find(
                        Find("things", where: .compare(field: "count", .lt(3)))
                    )
                ) == ["b"]
            )
            #expect(try snapshot.find(Find("things", near: Near("near", [1, 0, 0]))).rows == [])
            #expect(try store.statistics().records["things"] == 3)
        }
    }

    @Test func versionsOfOneBatchAreChained() throws {
        let store = try Kinds.store()
        _ = try store.commit([
            Kinds.put("c"), Kinds.put("c", ["count": 1]), .delete(Kinds.thing("c")),
            Kinds.put("c", ["count": 2]),
        ])
        var places: [UInt64: LogPlace] = [:]
        var count = 0
        try store.log.forEachBatch(through: store.snapshot().sequence) {
            (batch) throws(StoreError) in
            for frame in batch.frames {
                let ordinal: UInt64
                let previous: LogPlace?
                if frame.content.type == StoreFrameType.put,
                    let columns = try? PutColumns(frame.content.columns)
                {
                    (ordinal, previous) = (columns.ordinal, columns.previous)
                } else if frame.content.type == StoreFrameType.delete,
                    let columns = try? PlainColumns(frame.content.columns)
                {
                    (ordinal, previous) = (columns.ordinal, columns.previous)
                } else {
                    continue
                }
                #expect(previous == places[ordinal])
                places[ordinal] = frame.place
                count += 1
            }
        }
        #expect(count == 6)
    }

    @Test func putDeletePut() throws {
        try check([
            [
                Kinds.put("c", ["count": 1]), .delete(Kinds.thing("c")),
                Kinds.put("c", ["count": 2]), Kinds.put("d"), .delete(Kinds.thing("d")),
                .delete(Kinds.thing("a")), Kinds.put("a", ["count": 7]),
            ]
        ]) { (store) throws in
            let snapshot = store.snapshot()
            #expect(try snapshot.record(Kinds.thing("c"))?["count"] == 2)
            #expect(try snapshot.record(Kinds.thing("d")) == nil)
            // The new record has nothing of the old one's edges.
            #expect(try snapshot.edges(of: Kinds.thing("a"), .both, types: nil) == [])
            #expect(try store.statistics().edges["joins"] == 0)
        }
    }

    @Test func endsComeBeforeEdges() throws {
        let store = try Kinds.store()
        let link = Change.link(Link("joins", from: Kinds.thing("c"), to: Kinds.thing("a")))
        try expectRefusal(.danglingEdge, "things/c", leaving: store) {
            _ = try store.commit([link, Kinds.put("c")])
        }
        try expectRefusal(.danglingEdge, "things/a", leaving: store) {
            _ = try store.commit([Kinds.put("c"), .delete(Kinds.thing("a")), link])
        }
        try check([[Kinds.put("c"), link, link, .delete(Kinds.thing("b"))]]) { (store) throws in
            #expect(try store.statistics().edges["joins"] == 2)
        }
        try check([[Kinds.put("c"), link, link, .delete(Kinds.thing("c"))]]) { (store) throws in
            #expect(try store.statistics().edges["joins"] == 1)
        }
    }

    @Test func goneTwiceIsGoneOnce() throws {
        let store = try Kinds.store()
        let edge = try #require(
            try store.snapshot().edges(of: Kinds.thing("a"), .out, types: nil).first
        )
        let (first, second) = (Change.unlink(edge.id), Change.delete(Kinds.thing("a")))
        #expect(
            try store.commit([first, first, second, second]).outcomes
                == [.unlinked(true), .unlinked(false), .deleted(true), .deleted(false)]
        )
        let sequence = store.snapshot().sequence
        let again = try store.commit([first, second, .unlink(99), .unlink(.max), .unlink(0)])
        #expect(again.outcomes.allSatisfy { $0 == .unlinked(false) || $0 == .deleted(false) })
        #expect(try store.commit([]).outcomes == [])
        // What changes nothing is not written down.
        #expect(store.snapshot().sequence == sequence && again.sequence == sequence)
        // A record is no edge.
        let record = try #require(try store.snapshot().ordinal(Kinds.thing("b")))
        #expect(try store.commit([.unlink(record)]).outcomes == [.unlinked(false)])
        #expect(try store.snapshot().record(Kinds.thing("b")) != nil)
    }

    @Test func insertsSeeTheBatch() throws {
        let store = try Kinds.store()
        let insert = Change.put(Put("things", "c", ["name": "c"], mode: .insert))
        try expectRefusal(.duplicate, "key c", leaving: store) {
            _ = try store.commit([insert, insert])
        }
        try expectRefusal(.duplicate, "key a", leaving: store) {
            _ = try store.commit([insert, .put(Put("things", "a", ["name": "z"], mode: .insert))])
        }
        _ = try store.commit([insert, .delete(Kinds.thing("c")), insert])
        #expect(try store.statistics().records["things"] == 3)
    }

    @Test func uniqueValuesPassFromRecordToRecord() throws {
        let store = try Kinds.store()
        // Decided in order: whoever takes a value first finds it taken.
        try expectRefusal(.duplicate, "byName", "delete the other record first", leaving: store) {
            _ = try store.commit([
                Kinds.put("a", ["name": "b"]), Kinds.put("b", ["name": "a"]),
            ])
        }
        try expectRefusal(.duplicate, "byName", leaving: store) {
            _ = try store.commit([Kinds.put("c", ["name": "x"]), Kinds.put("d", ["name": "x"])])
        }
        try check([
            // A swap by way of a third value.
            [
                Kinds.put("a", ["name": "parked"]), Kinds.put("b", ["name": "a"]),
                Kinds.put("a", ["name": "b"]),
            ],
            // A value that is given up or deleted is free within the batch.
            [Kinds.put("a", ["name": "c"]), Kinds.put("d", ["name": "b"])],
            [.delete(Kinds.thing("d")), Kinds.put("e", ["name": "b"])],
        ]) { (store) throws in
            let names = try store.snapshot().find(Find("things", select: ["name"])).rows.map {
                "\($0.record.reference.key)=\($0.record["name"].text ?? "")"
            }
            #expect(names == ["a=c", "b=a", "e=b"])
        }
    }

    @Test func generatedKeysHitNobody() throws {
        let store = try Kinds.store()
        func put(_ key: Key?) -> Change { .put(Put("numbers", key, ["text": "x"])) }
        let first = try store.commit([put(nil), put(2), put(nil), put(-5), put(10)])
        #expect(first.outcomes == [1, 2, 3, -5, 10].map { .put(Reference("numbers", .int($0))) })
        #expect(try store.commit([put(nil)]).outcomes == [.put(Reference("numbers", 11))])
        // The largest key leaves the generated ones where they were; the one before uses them up.
        _ = try store.commit([put(.int(.max))])
        #expect(try store.commit([put(nil)]).outcomes == [.put(Reference("numbers", 12))])
        _ = try store.commit([put(.int(.max - 1))])
        for _ in 0..<2 {
            try expectRefusal(.tooLarge, "numbers", leaving: store) {
                _ = try store.commit([put(nil)])
            }
        }
        #expect(try store.statistics().records["numbers"] == 9)
    }
}
