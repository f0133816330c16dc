// Backups that ended at every step, whatever they were to be: they are listed, a pruning ends them,
// the next backup of the name is whole, and what was whole before stays so.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct UnfinishedBackupCrashTests {
    private static let seed: UInt64 = 31

    private static func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreOptions.stepwise(disk, seed: seed)
        options.compactionShare = 0.1
        return options
    }

    private static func put(_ number: Int) -> Change {
        let random = SeededRandomness(seed: UInt64(number))
        let noise = (0..<700).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return .put(Put("notes", .text("k\(number)"), ["title": .bytes(noise)]))
    }

    /// A store with a full backup of its first half.
    private static func world() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed)
        let store = try Store.open("store", options: options(disk))
        try store.define(
            Schema(collections: [Collection("notes", fields: [Field("title", .bytes)])])
        )
        for number in 0..<40 {
            _ = try store.commit([put(number)])
            if number == 19 { _ = try store.backup(to: "kept/one") }
        }
        try store.close()
        return disk
    }

    private static func count(
        _ disk: SimulatedDisk,
        _ chain: [String],
        _ name: String
    ) throws
        -> Int
    {
        _ = try Store.restore(chain, to: name, options: options(disk))
        let store = try Store.open(name, .open, options: options(disk))
        defer { try? store.close() }
        #expect(try store.verify().findings == [])
        return try store.snapshot().find(Find("notes", limit: .max)).rows.count
    }

    @Test(arguments: [true, false], [true, false])
    func everyStep(isIncrement: Bool, links: Bool) throws {
        let made = try Self.world()
        let dice = SeededRandomness(seed: Self.seed)
        var base = BackupOptions()
        base.base = isIncrement ? "kept/one" : nil
        let chain = isIncrement ? ["kept/one", "kept/two"] : ["kept/two"]
        var (isOver, step, taken, refused, states) = (false, 0, 0, 0, Set<String>())
        while !isOver {
            // The first steps are those of the marker.
            step += step < 12 ? 1 : 1 + dice.below(4)
            let disk = made.crashKeepingAll()
            disk.plan.allowsLinks = links
            let store = try Store.open("store", .open, options: Self.options(disk))
            disk.cut(atStep: disk.steps + step)
            do throws(MnemeError) {
                _ = try store.backup(to: "kept/two", base)
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            for round in 0..<2 {
                let cut = round == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
                let place: Comment = "step \(step), cut \(round)"
                let options = Self.options(cut)
                let listed = try Store.backups(in: "kept", options: options)
                #expect(listed.contains { $0.name == "one" && (try? $0.contents.get()) != nil })
                let two = listed.first { $0.name == "two" }
                let isWhole = cut.holds("kept/two/manifest")
                #expect(isWhole == (two.map { (try? $0.contents.get()) != nil } ?? false), place)
                let isThere = cut.holds("kept/two/unfinished") || isWhole
                #expect(!isThere || two != nil, place)
                states.insert("\(isWhole) \(isThere)")
                let again = try Store.open("store", .open, options: options)
                if isWhole {
                    #expect(try Self.count(cut, chain, "new") == 40, place)
                    #expect(throws: MnemeError.self) {
                        _ = try again.backup(to: "kept/two", base)
                    }
                    try again.close()
                    continue
                }
                #expect(!isOver || round > 0, place)
                let prunesFirst = dice.below(2) == 0
                if !prunesFirst {
                    do throws(MnemeError) {
                        _ = try again.backup(to: "kept/two", base)
                        taken += 1
                    } catch {
                        #expect(error.code == .exists, "\(place): \(error)")
                        #expect(two != nil, "\(place): \(error)")
                        refused += 1
                    }
                }
                let pruned = try Store.pruneBackups(in: "kept", options: options)
                #expect(pruned.unread == [] && pruned.removed.isEmpty, place)
                if !cut.holds("kept/two/manifest") {
                    #expect(
                        try Store.backups(in: "kept", options: options).map(\.name) == ["one"],
                        place
                    )
                    _ = try again.backup(to: "kept/two", base)
                }
                try again.close()
                #expect(try Self.count(cut, chain, "new") == 40, place)
                #expect(try Self.count(cut, ["kept/one"], "old") == 20, place)
            }
        }
        #expect(step > 15 && states.count >= 3, "\(step) steps, \(states)")
        #expect(taken > 0 && refused > 0)
    }
}
