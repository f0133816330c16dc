// A compaction that ends at each of its steps, that finds no room at each of them, and that cannot
// read what it looks at: whatever is left is a store that shows everything, by its pages, by its
// log alone, and by its older root block.

import Foundation
import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld
import Testing

@testable import CrashHarness

@Suite struct CompactionCrashTests {
    private static let seed: UInt64 = 5

    /// The next process on a disk: everything is there, and goes on.
    private func check(
        _ disk: SimulatedDisk,
        _ oracle: Oracle,
        _ now: Microseconds,
        _ place: String
    ) throws {
        try NextProcess(
            shape: NoteStore.shape(seed: Self.seed),
            seed: Self.seed,
            then: [
                .commit([NoteStore.put(30, round: 1)], .synced),
                NoteStore.compaction,
            ]
        ).check(disk, oracle, now, place)
    }

    /// Leaves a store for the second reader where it was asked for.
    private static func leave(_ world: SimulatedDisk, _ name: String) throws {
        let asked = ProcessInfo.processInfo.environment["MNEME_COMPACTION_FIXTURES"]
        guard let asked else { return }
        let (disk, target) = (RealDisk(), asked + "/" + name)
        for directory in [asked, target, target + "/log"] { try disk.createDirectory(directory) }
        for (path, bytes) in world.contents() {
            guard let bytes, path.hasPrefix(Driver.directory + "/") else { continue }
            let file = try disk.open(
                target + path.dropFirst(Driver.directory.count),
                .create
            )
            try file.write(bytes, at: 0)
            try file.close()
        }
    }

    @Test("A compaction ends at every step")
    func everyStep() throws {
        let disk = SimulatedDisk(seed: Self.seed)
        let worlds = StepWorlds(disk)
        let driver = try NoteStore.driver(worlds.disk, disk, seed: Self.seed)
        // The second one writes a cold segment again, with others.
        for round in 0..<2 {
            _ = worlds.take()
            let before = driver.retired
            var oracle = driver.oracle
            oracle.hasLostPower = true
            try driver.perform(NoteStore.compaction)
            #expect(driver.retired > before)
            let ended = worlds.take()
            #expect(ended.contains { $0.step.contains("/cold-") })
            #expect(ended.contains { $0.step.hasPrefix("remove") })
            let dice = SeededRandomness(seed: Self.seed)
            for (index, (_, world)) in ended.enumerated() {
                try Self.leave(world.crash(using: dice), "\(round)-\(index)")
                try Self.leave(world.crashDroppingAll(), "\(round)-\(index)-dropped")
            }
            for (step, world) in ended {
                let cuts = [
                    world.crash(using: dice), world.crashDroppingAll(), world.crashKeepingAll(),
                ]
                for (index, cut) in cuts.enumerated() {
                    try check(cut, oracle, driver.clock.now(), "\(round), \(step), cut \(index)")
                }
            }
            for round in 10..<18 { try NoteStore.change(driver, round) }
            try driver.perform(.checkpoint)
        }
    }

    @Test("A disk is full from any step of a compaction on", arguments: [false, true])
    func full(everyWrite: Bool) throws {
        let disk = SimulatedDisk(seed: Self.seed)
        let driver = try NoteStore.driver(disk, disk, seed: Self.seed)
        let before = disk.steps
        try driver.perform(NoteStore.compaction)
        let count = disk.steps - before
        #expect(count > 10)
        let dice = SeededRandomness(seed: 1)
        for step in 1...count {
            let disk = SimulatedDisk(seed: Self.seed)
            let driver = try NoteStore.driver(disk, disk, seed: Self.seed)
            try driver.perform(.fault(.full(after: step, everyWrite: everyWrite)))
            try driver.perform(NoteStore.compaction)
            if everyWrite {
                try driver.auditShown(dice: dice)
            } else {
                #expect(!driver.isBroken, "step \(step)")
                try driver.audit(dice: dice)
            }
            try driver.perform(.heal)
            if !everyWrite {
                // The same process goes on, also with what it gave up.
                try driver.perform(.pass(120_000_000))
                try driver.perform(NoteStore.compaction)
                try driver.perform(NoteStore.compaction)
                #expect(driver.retired > 0, "step \(step)")
                try driver.audit(dice: dice, twin: disk.crashKeepingAll())
            }
            var oracle = driver.oracle
            oracle.hasLostPower = true
            let now = driver.clock.now()
            try check(disk.crashDroppingAll(), oracle, now, "step \(step), all dropped")
            try check(disk.crashKeepingAll(), oracle, now, "step \(step)")
        }
    }
}
