// A power cut at every step of a pruning, and of a backup of a store that is compacted: every chain
// can be restored, or its successor can, and the next pruning ends what was begun.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct PruneCrashTests {
    private static let seed: UInt64 = 23

    private static func options(_ disk: any Disk, seed: UInt64 = seed) -> StoreOptions {
        var options = StoreOptions.stepwise(disk, seed: seed)
        options.compactionShare = 0.1
        return options
    }

    private static func put(_ number: Int) -> Change {
        let random = SeededRandomness(seed: UInt64(number))
        let noise = (0..<700).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return .put(Put("notes", .text("k\(number)"), ["title": .bytes(noise)]))
    }

    private static func note(_ number: Int) -> Reference { Reference("notes", .text("k\(number)")) }

    /// A chain of two backups, the second of a compacted log, and an erasure behind them.
    private func world() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: Self.seed)
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(
            Schema(collections: [Collection("notes", fields: [Field("title", .bytes)])])
        )
        for number in 0..<50 { _ = try store.commit([Self.put(number)]) }
        _ = try store.backup(to: "kept/one")
        for number in 0..<20 { _ = try store.commit([.delete(Self.note(number))]) }
        for number in 50..<90 { _ = try store.commit([Self.put(number)]) }
        try store.checkpointNow()
        try store.compactAll()
        var options = BackupOptions()
        options.base = "kept/one"
        _ = try store.backup(to: "kept/two", options)
        _ = try store.commit([.erase(Self.note(30))])
        try store.close()
        return disk
    }

    /// What a backup, or the chain that it ends, has.
    private func keys(_ disk: SimulatedDisk, _ chain: [String], _ name: String) throws -> Set<Int> {
        let options = Self.options(disk, seed: 99)
        _ = try Store.restore(chain, to: name, ledger: .none, options: options)
        let store = try Store.open(name, .open, options: options)
        defer { try? store.close() }
        #expect(try store.verify().findings == [])
        let rows = try store.snapshot().find(Find("notes", limit: .max)).rows
        return Set(rows.compactMap { Int($0.record.reference.key.description.dropFirst()) })
    }

    @Test("A power cut during a pruning leaves the chain or its successor")
    func everyStepOfAPruning() throws {
        let made = try world()
        let dice = SeededRandomness(seed: Self.seed)
        let all = Set(20..<90)
        var wishes = PruneOptions()
        wishes.ledgers = ["store"]
        var (isOver, step, states) = (false, 0, Set<String>())
        var leftovers: Set<PrunedBackups.Leftover.Kind> = []
        while !isOver {
            // The steps of the restore and the backup in it have tests of their own.
            step += step < 12 ? 1 : 1 + dice.below(6)
            let disk = made.crashKeepingAll()
            disk.cut(atStep: disk.steps + step)
            do throws(MnemeError) {
                let options = Self.options(disk, seed: UInt64(step) + 100)
                _ = try Store.pruneBackups(in: "kept", wishes, options: options)
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            let hasOld = survivor.holds("kept/one/manifest")
            let successor = ["kept/two.pruned", "kept/two"].first { path in
                guard let found = try? FoundBackup(survivor, path) else { return false }
                return found.manifest.base == nil
            }
            states.insert("\(hasOld) \(successor ?? "none")")
            if hasOld, survivor.holds("kept/two/manifest"), successor != "kept/two" {
                #expect(try keys(survivor, ["kept/one", "kept/two"], "old") == all, "step \(step)")
            } else {
                let successor = try #require(successor, "step \(step)")
                let left = try keys(survivor, [successor], "early")
                #expect(left == all.subtracting([30]), "step \(step)")
            }
            let options = Self.options(survivor, seed: UInt64(step) + 1000)
            wishes.isDryRun = true
            let said = try Store.pruneBackups(in: "kept", wishes, options: options)
            wishes.isDryRun = false
            let done = try Store.pruneBackups(in: "kept", wishes, options: options)
            #expect(said.leftovers == done.leftovers && done.unread == [], "step \(step)")
            #expect(!survivor.holds("kept/two/unfinished"), "step \(step)")
            leftovers.formUnion(done.leftovers.map(\.kind))
            #expect(try survivor.list("kept") == ["two"], "step \(step)")
            let end = try keys(survivor, ["kept/two"], "end")
            #expect(end == all.subtracting([30]), "step \(step)")
        }
        // Before there was one, with both, with the successor alone, and with that in its place.
        #expect(step > 60 && states.count >= 4, "\(states)")
        #expect(leftovers == [.rest, .successor])
    }

    @Test("A power cut while compaction and a backup go on leaves a whole backup or none")
    func everyStepOfABackupBesideACompaction() throws {
        let made = try world()
        let dice = SeededRandomness(seed: Self.seed)
        var (isOver, step, cold) = (false, 0, 0)
        while !isOver {
            step += 1 + dice.below(4)
            let disk = made.crashKeepingAll()
            let store = try Store.open("store", .open, options: Self.options(disk, seed: 5))
            for number in 40..<70 { _ = try store.commit([.delete(Self.note(number))]) }
            for number in 200..<230 { _ = try store.commit([Self.put(number)]) }
            try store.checkpointNow()
            let all = Set(20..<40).union(70..<90).union(200..<230).subtracting([30])
            disk.cut(atStep: disk.steps + step)
            var base = BackupOptions()
            base.base = step % 2 == 0 ? "kept/two" : nil
            do throws(MnemeError) {
                _ = try store.backup(to: "kept/three", base) { _, _, _ in
                    store.compacting.withLock { $0.due = 0 }
                    try? store.upkeep([.compact])
                }
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            let opened = try Store.open("store", .open, options: Self.options(survivor, seed: 6))
            #expect(try opened.verify().findings == [])
            try opened.compactAll()
            _ = try opened.backup(to: "kept/four")
            try opened.close()
            #expect(try keys(survivor, ["kept/four"], "four") == all, "step \(step)")
            guard survivor.holds("kept/three/manifest") else {
                #expect(!isOver, "step \(step)")
                continue
            }
            let chain = (step % 2 == 0 ? ["kept/one", "kept/two"] : []) + ["kept/three"]
            #expect(try keys(survivor, chain, "three") == all, "step \(step)")
            let manifest = try FoundBackup(survivor, "kept/three").manifest
            if manifest.segments.contains(where: { $0.cold != nil }) { cold += 1 }
        }
        #expect(step > 20 && cold > 0)
    }
}
