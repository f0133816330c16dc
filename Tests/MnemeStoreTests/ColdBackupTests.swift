// Backups of a store that is compacted: what an increment takes, which points can be had, and what
// stays while it is copied.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct ColdBackupTests {
    private func world(_ disk: any Disk) throws -> GrowingStore {
        var world = try GrowingStore(disk)
        try world.grow(40)
        return world
    }

    /// Deletes most of the records, and has everything written again that is not needed.
    private func compact(_ world: inout GrowingStore, deleting keys: some Sequence<Int>) throws {
        for number in keys {
            try world.commit([
                .delete(Kinds.thing("a\(number)")), .delete(Kinds.thing("b\(number)")),
            ])
        }
        try world.grow(12)
        try world.store.checkpointNow()
        try world.store.compactAll()
        #expect(world.store.log.sealedSegments.contains { SegmentNumber.isCold($0) })
    }

    private func backup(
        _ world: GrowingStore,
        _ name: String,
        on base: String? = nil
    ) throws -> (summary: BackupSummary, manifest: BackupManifest) {
        var options = BackupOptions()
        options.base = base
        let summary = try world.store.backup(to: name, options)
        return (summary, try FoundBackup(world.disk, name).manifest)
    }

    @Test func incrementsTakeColdSegmentsAndLeaveWhatTheBaseHas() throws {
        for links in [true, false] {
            let disk = SimulatedDisk()
            disk.plan.allowsLinks = links
            var world = try world(disk)
            _ = try backup(world, "one")
            let first = world.history.last?.picture
            try compact(&world, deleting: 1...30)
            let two = try backup(world, "two", on: "one")
            let second = world.history.last?.picture
            let cold = two.manifest.segments.filter { $0.cold != nil }
            #expect(!cold.isEmpty && cold.allSatisfy { $0.making != .inBase })
            #expect(two.summary.exactFrom == two.manifest.exactFrom && two.summary.exactFrom > 0)
            try world.grow(10)
            let three = try backup(world, "three", on: "two")
            // What did not change is not taken again, cold or not.
            let known = three.manifest.segments.filter { $0.making == .inBase }
            #expect(known.contains { $0.cold != nil } && known.contains { $0.cold == nil })
            #expect(three.summary.segments == three.manifest.segments.count - known.count)
            let chain = ["one", "two", "three"]
            #expect(try Store.verifyBackups(chain, options: world.options).count == 3)
            try world.expectRestored(chain, as: world.history.last?.picture)
            try world.expectRestored(["one", "two"], as: second, to: "second")
            try world.expectRestored(["one"], as: first, to: "first")
            #expect(try world.store.verify().findings == [])
        }
    }

    /// Every sequence and every time: what can be had is what was there, and the rest is refused.
    @Test func everyPointIsExactOrRefused() throws {
        let disk = MemoryDisk()
        var world = try world(disk)
        let one = try backup(world, "one").summary
        try compact(&world, deleting: 1...30)
        try world.grow(2)
        let two = try backup(world, "two", on: "one").summary
        try world.grow(5)
        let three = try backup(world, "three", on: "two").summary
        #expect(one.exactFrom == 0 && two.exactFrom > one.sequence)
        #expect(three.exactFrom == two.exactFrom)
        let chain = ["one", "two", "three"]
        var refused = 0
        for sequence in stride(from: one.sequence - 5, through: three.sequence, by: 1) {
            let isThere = sequence <= one.sequence || sequence >= two.exactFrom
            let to = "at \(sequence)"
            if isThere {
                let picture = world.picture(through: sequence)
                let summary = try world.restore(chain, to: to, at: .sequence(sequence))
                #expect(summary.sequence == picture?.sequence)
                let restored = try Store.open(to, .open, options: world.options)
                #expect(try picture?.isShown(restored: restored) == true, "\(sequence)")
                try restored.close()
            } else {
                refused += 1
                try expectRefusal(.notExact, "1 to \(one.sequence)") {
                    _ = try world.restore(chain, to: to, at: .sequence(sequence))
                }
                try expectRefusal(.notExact, "\(two.exactFrom) to \(two.sequence)") {
                    _ = try world.restore(chain, to: to, at: .sequence(sequence))
                }
            }
        }
        #expect(refused > 20)
        for (index, moment) in world.history.enumerated() where index % 5 == 0 {
            let sequence = moment.picture.sequence
            let point = RestorePoint.time(Instant(microseconds: moment.time))
            if sequence <= one.sequence || sequence >= two.exactFrom {
                try world.expectRestored(chain, at: point, as: moment.picture, to: "t \(index)")
            } else {
                try expectRefusal(.notExact, "an instant at the end") {
                    _ = try world.restore(chain, to: "t \(index)", at: point)
                }
            }
        }
    }

    /// What was compacted may have been judged as of a close frame: every sequence from there on
    /// is there, also before the next commit.
    @Test func everySequenceFromTheFirstExactOneOnIsThere() throws {
        for erases in [false, true] {
            var world = try world(MemoryDisk())
            for number in 1...30 {
                try world.commit([
                    .delete(Kinds.thing("a\(number)")), .delete(Kinds.thing("b\(number)")),
                ])
            }
            try world.grow(12)
            try world.commit([.delete(Kinds.thing("a40"))])
            // A close frame follows the last commit.
            try world.reopen()
            if erases { _ = try world.store.eraseNow() } else { try world.store.compactAll() }
            try world.grow(2)
            let one = try backup(world, "one").summary
            let last = world.history.suffix(3).map(\.picture.sequence)
            // The close frame counts where it is the last one that was compacted.
            let exact = erases ? last[0] + 1...last[0] + 1 : last[0]...last[0] + 1
            #expect(exact.contains(one.exactFrom))
            for sequence in one.exactFrom...one.sequence {
                let picture = world.picture(through: sequence)
                let to = "at \(sequence)"
                _ = try world.restore(["one"], to: to, at: .sequence(sequence))
                let restored = try Store.open(to, .open, options: world.options)
                let shown = try Picture(restored)
                #expect(shown.records == picture?.records, "\(sequence)")
                #expect(shown.edges == picture?.edges, "\(sequence)")
                #expect(try restored.verify().findings == [])
                try restored.close()
            }
            try expectRefusal(.notExact, "\(one.exactFrom) to \(one.sequence)") {
                _ = try world.restore(["one"], to: "no", at: .sequence(one.exactFrom - 1))
            }
        }
    }

    /// What was deleted stays deleted, whichever of the two has the delete.
    @Test func noOldSegmentStandsBesideANewColdOne() throws {
        var world = try world(MemoryDisk())
        _ = try backup(world, "one")
        try compact(&world, deleting: 1...40)
        try compact(&world, deleting: 41...45)
        _ = try backup(world, "two", on: "one")
        _ = try world.restore(["one", "two"], to: "new")
        for _ in 0..<2 {
            let restored = try Store.open("new", .rebuild, options: world.options)
            for number in 1...45 {
                let record = try restored.snapshot().record(Kinds.thing("a\(number)"))
                #expect(record == nil, "a\(number)")
            }
            #expect(try restored.verify().findings == [])
            try restored.close()
        }
        // None of the base's but those that the increment names.
        let names = try world.disk.list("new/log")
        let manifest = try FoundBackup(world.disk, "two").manifest
        for entry in manifest.segments { #expect(names.contains(Segment.name(entry.number))) }
        let plain = names.compactMap(Segment.number).filter { !SegmentNumber.isCold($0) }
        let covered = manifest.segments.compactMap(\.cold?.segments)
        #expect(!plain.contains { number in covered.contains { $0.contains(number) } })
    }

    @Test func compactionGoesOnBesideABackup() throws {
        let disk = MemoryDisk()
        var world = try world(disk)
        for number in 1...30 {
            try world.commit([
                .delete(Kinds.thing("a\(number)")), .delete(Kinds.thing("b\(number)")),
            ])
        }
        try world.grow(12)
        let store = world.store
        let then = world.history.last?.picture
        let ended = Mutex(false)
        _ = try store.backup(to: "one") { _, _, _ in
            guard !ended.withLock({ $0 }) else { return }
            do throws(MnemeError) {
                try store.checkpointNow()
                try store.compactAll()
                ended.withLock { $0 = true }
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(store.log.sealedSegments.contains { SegmentNumber.isCold($0) })
        let manifest = try FoundBackup(disk, "one").manifest
        #expect(!manifest.segments.contains { $0.cold != nil })
        // What was held goes when nobody holds it any more.
        #expect(disk.holds("store/log/" + Segment.name(1)))
        try store.compactAll()
        #expect(!disk.holds("store/log/" + Segment.name(1)))
        try world.expectRestored(["one"], as: then)
        #expect(try store.verify().findings == [])
    }

    @Test func aStoreThatWentAnotherWayIsToldDespiteACompaction() throws {
        var world = try world(MemoryDisk())
        _ = try backup(world, "one")
        try world.grow(15)
        _ = try backup(world, "two", on: "one")
        _ = try world.restore(["one"], to: "other")
        var other = world
        var options = world.options
        options.randomness = SeededRandomness(seed: 8)
        other.store = try Store.open("other", .open, options: options)
        try other.grow(25)
        // Some of the other way's frames stay, and say that it is another one.
        try compact(&other, deleting: (1...80).filter { $0 % 5 != 0 })
        let end = try FoundBackup(world.disk, "two").manifest.end.segment
        #expect(!other.store.log.sealedSegments.contains(end))
        try expectRefusal(.badBackup, "two has commits that the store does not have") {
            _ = try backup(other, "three", on: "two")
        }
        // Of the way that both came, it goes on.
        _ = try backup(other, "four", on: "one")
        #expect(try Store.verifyBackups(["one", "four"], options: world.options).count == 2)
    }

    @Test func aBaseOfARestoredStoreIsToldDespiteACompaction() throws {
        var world = try world(MemoryDisk())
        _ = try backup(world, "one")
        _ = try world.restore(["one"], to: "other")
        var other = world
        other.store = try Store.open("other", .open, options: world.options)
        try other.grow(5)
        _ = try backup(other, "two", on: "one")
        try world.grow(25)
        try compact(&world, deleting: 1...60)
        try expectRefusal(.badBackup, "two has commits that the store does not have") {
            _ = try backup(world, "three", on: "two")
        }
        _ = try backup(world, "four", on: "one")
        try other.grow(5)
        _ = try backup(other, "five", on: "two")
        #expect(try Store.verifyBackups(["one", "four"], options: world.options).count == 2)
        #expect(try Store.verifyBackups(["one", "two", "five"], options: world.options).count == 3)
    }
}
