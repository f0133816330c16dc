// A log that reads back whole frames of something else, or rows of vectors that were not written:
// no checksum of a frame says so, and still nobody is given them.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct MisreadLogTests {
    private static let path = "store/log/000000000001.log"

    /// Where the newest version of a thing stands, and how long its frame is.
    private struct Stand {
        var offset: Int
        var count: Int
    }

    private func stand(_ key: String, in store: Store) throws -> Stand {
        let snapshot = store.snapshot()
        let ordinal = try #require(try snapshot.ordinal(Kinds.thing(key)))
        let entry = try #require(try store.reader().entry(ordinal))
        let place = LogPlace(bits: entry.place)
        let frame = try store.log.frame(at: place)
        #expect(place.segment == 1)
        let end = frame.vectorOffset + frame.content.vectors.count
        return Stand(offset: place.offset, count: end - place.offset)
    }

    /// A closed store with things of one length, and where they stand.
    private func closed() throws -> (disk: SimulatedDisk, stands: [String: Stand]) {
        let disk = SimulatedDisk()
        let store = try Kinds.store(Kinds.options(disk))
        for (key, x) in [("c", Float(0.1)), ("d", 0.2), ("e", 0.3)] {
            _ = try store.commit([Kinds.put(key, ["near": .vector([x, 1, 0])])])
        }
        _ = try store.commit([.link(Link("joins", from: Kinds.thing("a"), to: Kinds.thing("c")))])
        var stands: [String: Stand] = [:]
        for key in ["c", "d", "e"] { stands[key] = try stand(key, in: store) }
        try store.close()
        return (disk.powerCycle(), stands)
    }

    @Test func aFrameOfAnotherVersionIsRefused() throws {
        let (disk, stands) = try closed()
        let (c, d) = (try #require(stands["c"]), try #require(stands["d"]))
        #expect(c.count == d.count)
        let file = try disk.open(Self.path, .readWrite)
        try file.write(try file.read(at: UInt64(d.offset), count: d.count), at: UInt64(c.offset))
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        let snapshot = store.snapshot()
        try expectRefusal(.damagedLog, "segment 1 at \(c.offset)") {
            _ = try snapshot.record(Kinds.thing("c"))
        }
        try expectRefusal(.damagedLog, "segment 1") {
            _ = try snapshot.spelledRecords([Kinds.thing("c")], limit: 1 << 20)
        }
        try expectRefusal(.damagedLog, "segment 1") {
            _ = try snapshot.walk(Walk(from: [Kinds.thing("a")], direction: .out))
        }
        try expectRefusal(.damagedLog, "segment 1") {
            _ = try snapshot.find(Find("things", near: Near("near", [0.1, 1, 0]), limit: 1))
        }
        #expect(try snapshot.record(Kinds.thing("d"))?["name"] == "d")
        try expectRefusal(.damagedLog, "segment 1") { _ = try store.verify() }
        #expect(store.writeRefusal == nil)
        try expectRefusal(.damagedLog, "segment 1") {
            _ = try store.commit([Kinds.put("c", ["count": 3])])
        }
        // The writer gave up, and the log did not: whoever asks is told all the same.
        #expect(!store.log.isPoisoned)
        #expect(store.writeRefusal?.code == .damagedLog)
    }

    @Test(arguments: [true, false])
    func aRowThatWasNotWrittenIsNotScored(isExact: Bool) throws {
        let (disk, stands) = try closed()
        let e = try #require(stands["e"])
        // The sign of the second component: what was nearest is now farthest.
        let row = e.offset + e.count - 12
        try disk.corrupt(Self.path, at: UInt64(row + 7), mask: 0x80)
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        let near = Near("near", [0.3, 1, 0], isExact: isExact)
        try expectRefusal(.damagedLog, "segment 1") {
            _ = try store.snapshot().find(Find("things", near: near, limit: 1))
        }
        #expect(try store.snapshot().record(Kinds.thing("d"))?["name"] == "d")
    }

    @Test func rowsAreVerifiedOnceAndScoredOnwards() throws {
        let (disk, _) = try closed()
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        let find = Find("things", near: Near("near", [0.3, 1, 0]), limit: 4)
        let first = try store.snapshot().find(find).rows
        #expect(first.first?.record.reference == Kinds.thing("e"))
        #expect(first.count == 4)
        // Rows of the group that was just written are there like any others.
        _ = try store.commit([Kinds.put("f", ["near": .vector([0.31, 1, 0])])])
        #expect(try store.snapshot().find(find).rows.count == 4)
        #expect(try store.snapshot().find(find).rows.map(\.record.reference.key).contains("f"))
    }
}
