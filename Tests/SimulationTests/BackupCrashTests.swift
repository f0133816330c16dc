// A power cut at every step of a backup and of a restore: a backup is whole or none, a restored
// store is whole or none, and the store that is backed up does not notice.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct BackupCrashTests {
    private static let seed: UInt64 = 21

    private static func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    private static func put(_ number: Int) -> Change {
        let random = SeededRandomness(seed: UInt64(number))
        let noise = (0..<700).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return .put(
            Put("notes", .text("k\(number)"), ["title": .bytes(noise), "body": "alder birch"])
        )
    }

    private static let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [Field("title", .bytes), Field("body", .text, isSearchable: true)]
            )
        ]
    )

    private static func count(_ store: Store) throws -> Int {
        #expect(try store.verify().findings == [])
        return try store.snapshot().find(Find("notes", limit: .max)).rows.count
    }

    /// A closed store with a full backup of its first half.
    private func world() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: Self.seed)
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(Self.schema)
        for number in 0..<60 {
            _ = try store.commit([Self.put(number)])
            if number == 29 { _ = try store.backup(to: "one") }
        }
        try store.close()
        return disk
    }

    @Test("A power cut during a backup leaves a whole backup or none", arguments: [true, false])
    func everyStepOfABackup(links: Bool) throws {
        let made = try world()
        let dice = SeededRandomness(seed: Self.seed)
        var isOver = false
        var step = 0
        var kinds: Set<Step.Kind> = []
        while !isOver {
            step += 1
            let disk = made.crashKeepingAll()
            disk.plan.allowsLinks = links
            let store = try Store.open("store", .open, options: Self.options(disk))
            let before = disk.steps
            disk.cut(atStep: before + step)
            var base = BackupOptions()
            base.base = step % 2 == 0 ? "one" : nil
            // Somebody commits in the middle of it.
            let committed = Mutex<(tried: Int, done: Int)>((0, 0))
            do throws(MnemeError) {
                _ = try store.backup(to: "two", base) { _, _, _ in
                    committed.withLock { committed in
                        guard committed.tried < 3 else { return }
                        committed.tried += 1
                        let put = Self.put(100 + committed.tried)
                        if (try? store.commit([put])) != nil { committed.done += 1 }
                    }
                }
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            kinds.formUnion(disk.history.dropFirst(before).map(\.kind))
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            try expectWhole(survivor, committed.withLock { $0 }, isMade: isOver, step)
        }
        #expect(step > 30)
        #expect(kinds.contains(.link) == links && kinds.contains(.rename))
    }

    private func expectWhole(
        _ disk: SimulatedDisk,
        _ committed: (tried: Int, done: Int),
        isMade: Bool,
        _ step: Int
    ) throws {
        let options = Self.options(disk)
        let store = try Store.open("store", .open, options: options)
        let count = try Self.count(store)
        #expect((60 + committed.done...60 + committed.tried).contains(count), "step \(step)")
        let chain = step % 2 == 0 ? ["one", "two"] : ["two"]
        if disk.holds("two/manifest") {
            _ = try Store.verifyBackups(chain, options: options)
            let restored = try Store.restore(chain, to: "new", options: options)
            #expect(restored.verification.records >= 60, "step \(step)")
        } else {
            #expect(!isMade, "step \(step)")
        }
        // What was there before is as it was, and another one can be made.
        _ = try Store.verifyBackups(["one"], options: options)
        _ = try store.backup(to: "three")
        try store.close()
    }

    @Test("A power cut during a restore leaves a whole store or none")
    func everyStepOfARestore() throws {
        let made = try world()
        let options = Self.options(made)
        let store = try Store.open("store", .open, options: options)
        var base = BackupOptions()
        base.base = "one"
        _ = try store.backup(to: "two", base)
        try store.close()
        let dice = SeededRandomness(seed: Self.seed)
        var isOver = false
        var step = 0
        var wholeCount = 0
        while !isOver {
            step += 1
            let disk = made.crashKeepingAll()
            disk.cut(atStep: disk.steps + step)
            do throws(MnemeError) {
                let options = Self.options(disk)
                _ = try Store.restore(["one", "two"], to: "deep/new", options: options)
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            let options = Self.options(survivor)
            let isWhole = survivor.holds("deep/new/store")
            if isWhole {
                wholeCount += 1
            } else {
                #expect(!isOver, "step \(step)")
                for mode in [StoreMode.open, .openOrCreate, .create] {
                    guard survivor.holds("deep/new/restoring") else { break }
                    do throws(MnemeError) {
                        _ = try Store.open("deep/new", mode, options: options)
                        Issue.record("half a store was opened, step \(step)")
                    } catch {
                        #expect(error.code == .notAStore, "\(error)")
                    }
                }
                _ = try Store.restore(["one", "two"], to: "deep/new", options: options)
            }
            let restored = try Store.open("deep/new", .open, options: options)
            #expect(try Self.count(restored) == 60, "step \(step)")
            // A whole store knows where it began; the count has held that against the log.
            #expect(restored.newest.state.roots.forks.count == 1, "step \(step)")
            #expect(!survivor.holds("deep/new/restoring"))
            _ = try restored.commit([Self.put(99)])
            try restored.close()
        }
        #expect(step > 60 && wholeCount > 1)
    }
}
