// What a store keeps in memory has its bounds: commits wait, or are refused, and nothing breaks.

import Glibc
import MnemeBase
import MnemeLog
import MnemeModel
import Synchronization
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct BoundedMemoryTests {
    @Test func withoutMemoryCommitsAreRefusedAndTheStoreGoesOn() throws {
        let store = try Kinds.store()
        let put = { (round: Int) in
            (0..<400).map { Kinds.put("k\($0)", ["count": .int(Int64(round))]) }
        }
        _ = try store.commit(put(0))
        let pool = store.pages.cache.pool
        pool.limit(moreArenas: 0)
        // Snapshots hold what was, until there is no room for what is to be.
        var snapshots: [Snapshot] = []
        var reached = 0
        try expectRefusal(.outOfMemory) {
            for round in 1...2000 {
                _ = try store.commit(put(round))
                reached = round
                snapshots.append(store.snapshot())
            }
        }
        #expect(reached > 0)
        try expectRefusal(.outOfMemory) { _ = try store.commit(put(9999)) }
        #expect(try store.snapshot().record(Kinds.thing("k7"))?["count"] == .int(Int64(reached)))
        snapshots = []
        _ = try store.commit(put(10_000))
        #expect(try store.snapshot().record(Kinds.thing("k399"))?["count"] == 10_000)
        #expect(try store.verify().findings == [])
    }

    @Test func aStoreStaysWithinItsPages() throws {
        var options = Kinds.options()
        options.worksInBackground = true
        options.pageCacheBytes = 2 << 20
        options.logLimits.smallestSegment = 1 << 20
        let store = try Kinds.store(options)
        for round in 0..<150 {
            _ = try store.commit(
                (0..<100).map { number in
                    let key = UInt64(round * 100 + number) &* 0x9e37_79b9_7f4a_7c15
                    return Kinds.put("k\(key)", ["count": .int(Int64(number))])
                }
            )
            // Beside the bound there is room for what some batches change while the upkeep, which
            // has a thread of its own, gets none of the processor.
            var patience = 2000
            while store.pages.usage.residentBytes >= options.pageCacheBytes + (8 << 20) {
                patience -= 1
                try #require(patience > 0, "\(store.pages.usage.residentBytes)")
                usleep(10_000)
            }
        }
        #expect(try store.verify().findings == [])
        #expect(store.newest.state.roots.counts.values.contains(15_002))
        try store.close()
    }

    @Test func writtenTextRunsAreReadFromTheFile() throws {
        var options = Kinds.options()
        options.writerMergeLimit = 1 << 20
        let store = try Kinds.store(options)
        let chance = SeededRandomness(seed: 5)
        for round in 0..<4 {
            _ = try store.commit(
                (0..<500).map { number in
                    let words = (0..<60).map { _ in "w\(chance.below(100_000))" }
                    return Kinds.put(
                        "k\(round)x\(number)",
                        ["body": .text(words.joined(separator: " ") + " marmalade")]
                    )
                }
            )
        }
        let before = try store.snapshot().find(Find("things", match: Match("body", "marmalade")))
        #expect(store.newest.state.runs.allSatisfy { !$0.isMapped })
        try store.checkpointNow()
        #expect(store.newest.state.runs.contains { $0.isMapped })
        let after = try store.snapshot().find(Find("things", match: Match("body", "marmalade")))
        #expect(Kinds.keys(before) == Kinds.keys(after))
        #expect(try store.verify().findings == [])
        // The next checkpoint names the same extents.
        _ = try store.commit([Kinds.put("one more", ["body": "marmalade"])])
        try store.checkpointNow()
        try store.close()
        let again = try Store.open("store", .open, options: options)
        #expect(try again.verify().findings == [])
    }

    // MARK: The brake

    /// A brake whose strain is set, and rounds that are counted.
    private final class Road: Sendable {
        let strain = Mutex(0.0)
        let calls = Mutex(0)
        let brake = Mutex<WriteBrake?>(nil)

        func make() -> WriteBrake {
            let made = WriteBrake(isOn: true) { [self] in
                strain.withLock { $0 }
            } call: { [self] in
                calls.withLock { $0 += 1 }
                let brake = brake.withLock { $0 }
                BackgroundThread.start { brake?.roundEnded() }
            }
            brake.withLock { $0 = made }
            return made
        }
    }

    @Test func nobodyWaitsForMoreThanTwoRounds() {
        let road = Road()
        let brake = road.make()
        brake.wait(changes: 1000)
        #expect(road.calls.withLock { $0 } == 0)
        road.strain.withLock { $0 = 0.5 }
        brake.wait(changes: 1000)
        #expect(road.calls.withLock { $0 } == 1)
        road.strain.withLock { $0 = 3 }
        brake.wait(changes: 1)
        #expect(road.calls.withLock { $0 } == 3)
        brake.waitToRead()
        #expect(road.calls.withLock { $0 } == 4)
        brake.end()
        brake.wait(changes: 1)
        #expect(road.calls.withLock { $0 } == 4)
    }

    @Test func whatIsParkedKeepsItsOrder() {
        let strain = Mutex(0.0)
        let brake = WriteBrake(isOn: true) {
            strain.withLock { $0 }
        } call: {
        }
        let done = Mutex<[Int]>([])
        let pass = { (number: Int) in
            brake.pass { done.withLock { $0.append(number) } }
        }
        pass(1)
        #expect(done.withLock { $0 } == [1])
        strain.withLock { $0 = 2 }
        pass(2)
        pass(3)
        #expect(done.withLock { $0 } == [1] && brake.isParking)
        brake.roundEnded()
        #expect(done.withLock { $0 } == [1])
        // Room came back, and what waits longer goes first.
        strain.withLock { $0 = 0 }
        pass(4)
        brake.roundEnded()
        #expect(done.withLock { $0 } == [1, 2, 3, 4] && !brake.isParking)
        strain.withLock { $0 = 2 }
        pass(5)
        for _ in 0..<2 { brake.roundEnded() }
        #expect(done.withLock { $0 } == [1, 2, 3, 4, 5])
        pass(6)
        brake.end()
        pass(7)
        #expect(done.withLock { $0 } == [1, 2, 3, 4, 5, 6, 7])
    }
}
