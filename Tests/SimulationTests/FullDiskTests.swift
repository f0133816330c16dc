// A disk that is full from any step on: what was there is read, what needs room is refused with one
// code, and when there is room everything works again, in the same process.

import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld
import Testing

@testable import CrashHarness

@Suite struct FullDiskTests {
    /// A short workload that makes segments, checkpoints, runs and their merges.
    private static func operations() -> [Operation] {
        var operations: [Operation] = []
        for number in 0..<6 {
            operations.append(.commit([put(number), put(number + 10)], .synced))
            switch number {
            case 1: operations.append(.checkpoint)
            case 2: operations.append(.upkeep([.spare]))
            case 3: operations.append(.upkeep([.merge, .flush]))
            case 4: operations += [.keepSnapshot, .reopen]
            default: break
            }
        }
        return operations + [.checkpoint, .lookBack]
    }

    private static func put(_ number: Int) -> Change {
        let noise = SeededRandomness(seed: UInt64(number))
        let body = (0..<60).map { _ in String(noise.next(), radix: 36) }.joined(separator: " ")
        return .put(
            Put(
                "notes",
                .text("note \(number)"),
                ["title": .text("title \(number)"), "body": .text(body), "owner": "ann"]
            )
        )
    }

    private static func driver(_ disk: SimulatedDisk) -> Driver {
        var shape = StoreShape(seed: 4)
        shape.shrinkSegments()
        return Driver(disk: disk, world: disk, shape: shape, seed: 4)
    }

    /// The steps that the workload takes when there is room.
    private static func stepCount() throws -> Int {
        let disk = SimulatedDisk(seed: 4)
        let driver = driver(disk)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        let before = disk.steps
        for operation in operations() { try driver.perform(operation) }
        return disk.steps - before
    }

    @Test("A disk is full from any step on, and has room again", arguments: [false, true])
    func fullFromAnyStep(everyWrite: Bool) throws {
        let count = try Self.stepCount()
        #expect(count > 40)
        let dice = SeededRandomness(seed: 1)
        for step in 1...count {
            let disk = SimulatedDisk(seed: 4)
            let driver = Self.driver(disk)
            try driver.open()
            try driver.perform(.define(HarnessSchema.first))
            try driver.perform(.fault(.full(after: step, everyWrite: everyWrite)))
            for operation in Self.operations() { try driver.perform(operation) }
            if everyWrite {
                // Bytes in place were refused: what the log has is known to the next opening.
                try driver.auditShown(dice: dice)
            } else {
                #expect(!driver.isBroken, "step \(step)")
                try driver.audit(dice: dice)
            }
            try opensWhileFull(driver, disk, everyWrite: everyWrite)
            try driver.perform(.heal)
            if driver.isBroken || everyWrite {
                driver.abandon()
                let oracle = driver.oracle
                let next = Driver(
                    disk: disk.crashKeepingAll(),
                    shape: StoreShape(seed: 4),
                    seed: 5,
                    oracle: oracle,
                    now: driver.clock.now()
                )
                try next.open()
                try next.perform(.commit([Self.put(90)], .synced))
                try next.audit(dice: dice)
            } else {
                try driver.perform(.commit([Self.put(90)], .synced))
                try driver.perform(.upkeep([.spare, .merge, .checkpoint]))
                try driver.perform(.checkpoint)
                try driver.audit(dice: dice, twin: disk.crashKeepingAll())
            }
        }
    }

    /// The next process, on a disk without a byte of room, opens the store and reads it.
    private func opensWhileFull(
        _ driver: Driver,
        _ disk: SimulatedDisk,
        everyWrite: Bool
    ) throws {
        guard !everyWrite else { return }
        for ended in [disk.crashKeepingAll(), disk.crashDroppingAll()] {
            ended.plan.full = FullDisk(from: 0)
            var oracle = driver.oracle
            oracle.hasLostPower = true
            let next = Driver(
                disk: ended,
                world: ended,
                shape: driver.shape,
                seed: 6,
                oracle: oracle,
                now: driver.clock.now()
            )
            next.tolerated = [.diskFull]
            try next.open()
            try next.perform(.commit([Self.put(91)], .synced))
            try next.perform(.checkpoint)
            try next.auditShown(dice: SeededRandomness(seed: 2))
        }
    }

    @Test("What a root block names is left alone though the disk refused the block")
    func refusedBlockThatStandsThere() throws {
        let dice = SeededRandomness(seed: 3)
        for write in 1...12 {
            let disk = SimulatedDisk(seed: 4)
            let worlds = StepWorlds(disk)
            let shape = StoreShape(seed: 4)
            let driver = Driver(disk: worlds.disk, world: disk, shape: shape, seed: 4)
            try driver.open()
            try driver.perform(.define(HarnessSchema.first))
            try driver.perform(.checkpoint)
            try driver.perform(.commit([Self.put(1)], .synced))
            try driver.perform(.fault(.fullWrite(after: write, kept: 8192)))
            try driver.perform(.checkpoint)
            try driver.perform(.heal)
            driver.tolerated = []
            try driver.perform(.commit([Self.put(2), Self.put(3)], .synced))
            let oracle = driver.oracle
            _ = worlds.take()
            try driver.perform(.checkpoint)
            for (_, world) in worlds.take() {
                let next = Driver(
                    disk: world,
                    shape: shape,
                    seed: 5,
                    oracle: oracle,
                    now: driver.clock.now()
                )
                try next.open()
                try next.audit(dice: dice)
            }
        }
    }
}
