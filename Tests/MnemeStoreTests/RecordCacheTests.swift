// Records in the cache of what was unpacked: what is erased goes from it too, and what finds damage
// does not look there.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct RecordCacheTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.recordCacheBytes = 8 << 20
        return options
    }

    private func entry(_ store: Store, _ reference: Reference) throws -> OrdinalEntry {
        let ordinal = try #require(try store.snapshot().ordinal(reference))
        return try #require(try OrdinalTable.entry(ordinal, in: store.newest.state.view))
    }

    /// The version under a key, and the storage of its body.
    private func known(
        _ store: Store,
        _ entry: OrdinalEntry
    ) -> (record: RecordBytes, body: [UInt8])? {
        store.records.find(
            entry.place,
            sequence: entry.birth,
            under: store.newest.state.catalog
        ).map { ($0, $0.body) }
    }

    @Test func whatIsErasedLeavesTheCacheAndIsZeroed() throws {
        let store = try Kinds.store(options(SimulatedDisk()))
        let reference = Kinds.thing("gone")
        _ = try store.commit([Kinds.put("gone", ["count": 1, "body": "first version"])])
        let first = try entry(store, reference)
        let shape = try store.shape("things", nil)
        _ = try store.view(.text("gone"), shape)
        _ = try store.commit([Kinds.put("gone", ["count": 2, "body": "second version"])])
        let second = try entry(store, reference)
        _ = try store.view(.text("gone"), shape)
        var versions = [known(store, first), known(store, second)].compactMap { $0 }
        try #require(versions.count == 2)
        _ = try store.view(.text("a"), shape)
        _ = try store.commit([.delete(reference)])
        #expect(known(store, second) != nil)

        #expect(try store.eraseNow())
        #expect(known(store, first) == nil && known(store, second) == nil)
        // Whoever was lent one still has it; with the last of them the bytes go.
        let bodies = versions.map(\.body)
        #expect(bodies.allSatisfy { $0.contains { $0 != 0 } })
        versions = []
        #expect(bodies.allSatisfy { $0.allSatisfy { $0 == 0 } })
        let other = try store.view(.text("a"), shape)
        #expect(other != nil)
        #expect(try store.verify().findings == [])
    }

    /// Who stops along an index leaves what was looked at; who looks through everything leaves
    /// only what was wanted of it.
    @Test func whatIsLookedAtAlongAnIndexIsKept() throws {
        let store = try Kinds.store(options(MemoryDisk()))
        _ = try store.commit(
            (0..<40).map {
                Kinds.put("r\($0)", ["count": .int(Int64($0)), "body": .text("\($0) words")])
            }
        )
        func isKept(_ number: Int) throws -> Bool {
            known(store, try entry(store, Kinds.thing("r\(number)"))) != nil
        }
        let odd = Filter.not(.compare(field: "body", .prefix("12")))
        let order = [Order("count")]
        var find = Find("things", where: .and([.compare(field: "count", .gte(10)), odd]))
        (find.order, find.limit) = (order, 4)
        #expect(try store.snapshot().find(find).rows.count == 4)
        // Ten to fourteen were looked at, twelve did not pass.
        #expect(try (0..<40).filter { try isKept($0) } == Array(10...14))
        find = Find("things", where: .eq("body", "33 words"), order: [Order("body")], limit: 4)
        #expect(try store.snapshot().find(find).rows.count == 1)
        #expect(try (0..<40).filter { try isKept($0) } == Array(10...14) + [33])
        #expect(try store.verify().findings == [])
    }

    @Test func verifyFindsWhatTheCacheHides() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        _ = try store.commit([Kinds.put("hidden", ["count": 7, "body": "some words"])])
        let entry = try entry(store, Kinds.thing("hidden"))
        let shape = try store.shape("things", ["count"])
        #expect(try store.view(.text("hidden"), shape) != nil)
        let place = LogPlace(bits: entry.place)
        let path = "store/log/" + LogFile.name(place.segment)
        let file = try disk.open(path, .readWrite)
        try file.write([0xff, 0xff, 0xff], at: UInt64(place.offset + 70))
        // The answer is right, and the damage is found all the same.
        #expect(try store.view(.text("hidden"), shape) != nil)
        #expect(throws: MnemeError.self) { _ = try store.verify() }
    }
}
