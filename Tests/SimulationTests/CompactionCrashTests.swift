// A compaction that ends at each of its steps, that finds no room at each of them, and that cannot
// read what it looks at: whatever is left is a store that shows everything, by its pages, by its
// log alone, and by its older root block.

import Foundation
import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness

@Suite struct CompactionCrashTests {
    private static let seed: UInt64 = 5
    private static let compaction = Operation.upkeep(Array(repeating: .compact, count: 40))

    private static var shape: StoreShape {
        var shape = StoreShape(seed: seed)
        shape.compactSoon(SeededRandomness(seed: seed))
        shape.smallestSegment = 5 << 10
        shape.largestSegment = 6 << 10
        return shape
    }

    private static func put(_ number: Int, _ round: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("note \(number)"),
                [
                    "title": .text("title \(number)"), "body": .text("alder birch \(round)"),
                    "owner": "ann", "place": .vector((0..<8).map { Float($0 + round) }),
                ]
            )
        )
    }

    private static func change(_ driver: Driver, _ round: Int) throws {
        try driver.perform(.commit([put(round, round), put(9, round)], .synced))
        let (from, to) = (Reference("notes", .text("note \(round)")), Reference("notes", "note 9"))
        try driver.perform(.commit([.link(Link("cites", from: from, to: to))], .none))
        if round % 3 == 2 { try driver.perform(.commit([.delete(from)], .synced)) }
    }

    /// A store of which much is not needed.
    private static func driver(_ disk: any Disk, _ world: SimulatedDisk) throws -> Driver {
        let driver = Driver(disk: disk, world: world, shape: shape, seed: seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        for round in 0..<8 { try change(driver, round) }
        try driver.perform(.checkpoint)
        return driver
    }

    /// The next process on a disk: everything is there, and goes on.
    private func check(
        _ disk: SimulatedDisk,
        _ oracle: Oracle,
        _ now: Microseconds,
        _ place: String
    ) throws {
        try NextProcess(
            shape: Self.shape,
            seed: Self.seed,
            then: [
                .commit([Self.put(30, 1)], .synced),
                Self.compaction,
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
        let worlds = Mutex<[(step: String, disk: SimulatedDisk)]>([])
        let stepping = SteppingDisk(disk) { step in
            worlds.withLock { $0.append((step, disk.crashKeepingAll())) }
        }
        let driver = try Self.driver(stepping, disk)
        // The second one writes a cold segment again, with others.
        for round in 0..<2 {
            worlds.withLock { $0 = [] }
            let before = driver.retired
            var oracle = driver.oracle
            oracle.hasLostPower = true
            try driver.perform(Self.compaction)
            #expect(driver.retired > before)
            let ended = worlds.withLock { $0 }
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
            for round in 10..<18 { try Self.change(driver, round) }
            try driver.perform(.checkpoint)
        }
    }

    @Test("A disk is full from any step of a compaction on", arguments: [false, true])
    func full(everyWrite: Bool) throws {
        let disk = SimulatedDisk(seed: Self.seed)
        let driver = try Self.driver(disk, disk)
        let before = disk.steps
        try driver.perform(Self.compaction)
        let count = disk.steps - before
        #expect(count > 10)
        let dice = SeededRandomness(seed: 1)
        for step in 1...count {
            let disk = SimulatedDisk(seed: Self.seed)
            let driver = try Self.driver(disk, disk)
            try driver.perform(.fault(.full(after: step, everyWrite: everyWrite)))
            try driver.perform(Self.compaction)
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
                try driver.perform(Self.compaction)
                try driver.perform(Self.compaction)
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
