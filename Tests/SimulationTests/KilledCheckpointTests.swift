// Two endings that chance brings together too rarely: a process is killed when its checkpoint
// stands in the system's memory alone, and the power goes while the next process writes the one
// after it.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness

@Suite struct KilledCheckpointTests {
    @Test("A killed checkpoint is durable before the places of the one before are used again")
    func killedThenCut() throws {
        for seed in 0..<3 as Range<UInt64> {
            for killed in try checkpointsInMemory(seed: seed) {
                for ended in try nextCheckpoint(killed, seed: seed) {
                    let driver = Driver(
                        disk: ended.disk,
                        shape: StoreShape(seed: seed),
                        seed: seed,
                        oracle: ended.oracle
                    )
                    try driver.open()
                    try driver.audit(dice: SeededRandomness(seed: seed))
                }
            }
        }
    }

    private struct Ended {
        var disk: SimulatedDisk
        var oracle: Oracle
    }

    /// Worlds after a kill behind the write of a root block.
    private func checkpointsInMemory(seed: UInt64) throws -> [Ended] {
        let disk = SimulatedDisk(seed: seed)
        let worlds = Mutex<[SimulatedDisk]>([])
        let stepping = SteppingDisk(disk) { step in
            guard
                step.hasPrefix("write 8192 bytes at 0 of")
                    || step.hasPrefix("write 8192 bytes at 8192 of")
            else { return }
            worlds.withLock { $0.append(disk.crashKeepingAll()) }
        }
        let driver = Driver(disk: stepping, shape: StoreShape(seed: seed), seed: seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        worlds.withLock { $0 = [] }
        var ended: [Ended] = []
        for number in 0..<4 {
            try driver.perform(.commit([Self.put(number)], .synced))
            try driver.perform(.checkpoint)
            let killed = worlds.withLock { worlds in
                defer { worlds = [] }
                return worlds
            }
            ended += killed.map { Ended(disk: $0, oracle: driver.oracle) }
        }
        driver.abandon()
        return ended
    }

    /// Worlds after a power cut at each step of the checkpoint that follows.
    private func nextCheckpoint(_ killed: Ended, seed: UInt64) throws -> [Ended] {
        let worlds = Mutex<[SimulatedDisk]>([])
        let dice = SeededRandomness(seed: seed)
        let stepping = SteppingDisk(killed.disk) { _ in
            worlds.withLock { worlds in
                for _ in 0..<4 { worlds.append(killed.disk.crash(using: dice)) }
            }
        }
        let driver = Driver(
            disk: stepping,
            shape: StoreShape(seed: seed),
            seed: seed,
            oracle: killed.oracle
        )
        try driver.open()
        for number in 10..<13 { try driver.perform(.commit([Self.put(number)], .synced)) }
        worlds.withLock { $0 = [] }
        let before = driver.oracle
        try driver.perform(.checkpoint)
        driver.abandon()
        return worlds.withLock { $0 }.map { disk in
            var oracle = before
            oracle.hasLostPower = true
            return Ended(disk: disk, oracle: oracle)
        }
    }

    private static func put(_ number: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("note \(number)"),
                ["title": .text("title \(number)"), "body": "alder birch"]
            )
        )
    }
}
