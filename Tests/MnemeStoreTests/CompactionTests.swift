// Compaction: what is needed stays and is found as before, what is not is gone from the files,
// whoever still looks at an older state keeps what it sees, and every opening afterwards, from the
// pages or from the log alone, shows the same.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct CompactionTests {
    /// Every other seed's store is encrypted.
    private func options(_ disk: any Disk, _ seed: UInt64 = 0) -> StoreOptions {
        var options = Kinds.options(disk)
        if seed % 2 == 1 { options.masterKey = Sealed.key }
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        options.replayBudget = 20
        return options
    }

    /// A store whose records were put, replaced, linked and deleted by chance.
    private func churned(
        _ disk: any Disk,
        _ random: SeededRandomness,
        _ seed: UInt64 = 0
    ) throws -> Store {
        let store = try Kinds.store(options(disk, seed))
        for step in 0..<400 { try change(store, step, random) }
        return store
    }

    private func change(_ store: Store, _ step: Int, _ random: SeededRandomness) throws {
        let key = "k\(random.below(60))"
        switch random.below(10) {
        case 0..<6:
            let vector: [Float] = [Float(step), 1, 2]
            _ = try store.commit([
                .put(
                    Put(
                        "things",
                        .text(key),
                        [
                            "name": .text(key), "owner": .text("o\(random.below(3))"),
                            "body": .text("words of step \(step) and some more of them"),
                            "near": .vector(vector),
                        ]
                    )
                )
            ])
        case 6, 7:
            if try store.snapshot().record(Reference("things", .text(key))) != nil {
                _ = try store.commit([.delete(Reference("things", .text(key)))])
            }
        default:
            let other = Reference("things", .text("k\(random.below(60))"))
            let from = Reference("things", .text(key))
            guard try store.snapshot().record(from) != nil,
                try store.snapshot().record(other) != nil
            else { return }
            _ = try store.commit([.link(Link("joins", from: from, to: other))])
        }
    }

    /// A store whose every commit is in cold segments, as it stands when its process ends.
    private func cold(_ disk: SimulatedDisk) throws -> (disk: SimulatedDisk, opening: UInt64) {
        var store = try Kinds.store(options(disk))
        for number in 0..<4 {
            _ = try store.commit([Kinds.put("k\(number)", ["count": .int(Int64(number))])])
            try store.close()
            store = try Store.open("store", options: options(disk))
        }
        _ = try store.commit([.erase(Kinds.thing("k0"))])
        #expect(try store.eraseNow())
        let newest = store.log.sealedSegments.filter { !SegmentNumber.isCold($0) }
        #expect(newest.isEmpty)
        return (disk.crashKeepingAll(), store.log.incarnation)
    }

    @Test func aRebuildCountsOnFromTheOpeningsOfColdSegments() throws {
        let (disk, opening) = try cold(SimulatedDisk())
        let again = try Store.open("store", .rebuild, options: options(disk))
        #expect(again.log.incarnation > opening)
        #expect(try again.verify().findings == [])
    }

    /// `damaged`: the header itself, and what that of a cold one says besides.
    @Test(arguments: [0, 72] as [UInt64])
    func aColdSegmentWithoutAHeaderIsNotTakenForALeftover(damaged: UInt64) throws {
        let (disk, _) = try cold(SimulatedDisk())
        let names = try disk.list("store/log").filter { $0.hasPrefix("cold-") }
        #expect(!names.isEmpty)
        for name in names {
            let file = try disk.open("store/log/" + name, .readWrite)
            for start: UInt64 in [0, 2048] { try file.write([1, 2, 3], at: start + damaged) }
            try file.sync()
            try file.close()
        }
        for losesPages in [false, true] {
            if losesPages { try disk.remove("store/pages") }
            for mode in [StoreMode.open, .rebuild] {
                try expectRefusal(.damagedLog, "cold-") {
                    _ = try Store.open("store", mode, options: options(disk))
                }
            }
        }
    }

    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func whatIsNeededStays(seed: UInt64) throws {
        print("compaction: seed \(seed)")
        var disk = SimulatedDisk()
        let random = SeededRandomness(seed: seed)
        var store = try churned(disk, random, seed)
        for round in 0..<4 {
            let before = try Picture(store)
            let segments = store.log.sealedSegments
            try store.checkpointNow()
            try store.compactAll()
            #expect(try Picture(store) == before)
            #expect(try store.verify().findings == [])
            #expect(round > 0 || store.log.sealedSegments != segments)
            for step in 0..<60 { try change(store, step, random) }
            let after = try Picture(store)
            switch round {
            case 0:
                disk = disk.crashDroppingAll()
                store = try Store.open("store", .open, options: options(disk, seed))
            case 1:
                try store.close()
                store = try Store.open("store", .open, options: options(disk, seed))
            default:
                try store.close()
                store = try Store.open("store", .rebuild, options: options(disk, seed))
            }
            #expect(try Picture(store) == after)
            #expect(try store.verify().findings == [])
        }
    }

    /// A reader keeps also what compactions after the next one wrote again.
    @Test func oldReadersKeepWhatTheySee() throws {
        let random = SeededRandomness(seed: UInt64.random(in: 1...(.max)))
        let disk = SimulatedDisk()
        let store = try churned(disk, random)
        var readers: [(snapshot: Snapshot, picture: Picture)] = []
        for _ in 0..<4 {
            let snapshot = store.snapshot()
            readers.append((snapshot, try Picture(snapshot)))
            for step in 0..<150 { try change(store, step, random) }
            try store.checkpointNow()
            try store.compactAll()
            for reader in readers { #expect(try Picture(reader.snapshot) == reader.picture) }
        }
        let kept = store.log.allSegments.count
        // The one in the middle needs nothing that only older ones do.
        readers.removeFirst(2)
        try store.compactAll()
        for reader in readers { #expect(try Picture(reader.snapshot) == reader.picture) }
        readers = []
        try store.compactAll()
        #expect(store.log.allSegments.count < kept)
    }

    /// What goes is zeroed, and serves again; a file with a second name keeps its bytes.
    @Test func filesServeAgain() throws {
        let random = SeededRandomness(seed: UInt64.random(in: 1...(.max)))
        let disk = SimulatedDisk()
        var options = options(disk)
        options.logLimits.largestSegment = 16 << 10
        let store = try Kinds.store(options)
        for step in 0..<200 { try change(store, step, random) }
        let linked = store.log.path(ofSegment: 2)
        try disk.link(linked, to: "second")
        let bytes = try disk.open(linked, .read).read(at: 0, count: 16 << 10)
        for step in 0..<200 { try change(store, step, random) }
        #expect(try store.eraseNow())
        #expect(!disk.holds(linked))
        #expect(try disk.open("second", .read).read(at: 0, count: 16 << 10) == bytes)
        #expect(store.log.keepsZeroes)
        let before = try Picture(store)
        for step in 0..<100 { try change(store, step, random) }
        try store.upkeep()
        #expect(try store.log.filesWithRemains() == [])
        #expect(try Picture(store) != before)
        #expect(try store.verify().findings == [])
    }
}
