// Pages of the ordinal table on which nothing lives any more go with a commit, and leave the page
// file with the next checkpoint. A process that ends at any step of it leaves a store that shows
// everything: by the newest root block, by the older one, whose pages are there, and by the log.

import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness

@Suite struct DeadOrdinalCrashTests {
    private static let seed: UInt64 = 11
    private static let compaction = Operation.upkeep(Array(repeating: .compact, count: 60))

    private static var shape: StoreShape {
        var shape = StoreShape(seed: seed)
        shape.compactSoon(SeededRandomness(seed: seed))
        shape.smallestSegment = 24 << 10
        shape.largestSegment = 24 << 10
        return shape
    }

    private static func note(_ number: Int) -> Reference {
        Reference("notes", .text("note \(number)"))
    }

    private static func put(_ number: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("note \(number)"),
                [
                    "title": .text("title \(number)"), "body": .text("alder birch"),
                    "owner": "ann", "place": .vector((0..<8).map { Float($0 + number) }),
                ]
            )
        )
    }

    /// Puts 250 notes and links among them, checkpoints, and deletes all but some of the last.
    private static func churn(_ driver: Driver, _ round: Int) throws {
        let first = round * 1000
        for start in stride(from: first, to: first + 250, by: 50) {
            try driver.perform(.commit((start..<(start + 50)).map { put($0) }, .synced))
        }
        let links = (first..<(first + 20)).map {
            Change.link(Link("cites", from: note($0), to: note($0 + 100)))
        }
        try driver.perform(.commit(links, .synced))
        try driver.perform(.checkpoint)
        for start in stride(from: first, to: first + 240, by: 60) {
            try driver.perform(.commit((start..<(start + 60)).map { .delete(note($0)) }, .synced))
        }
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
                .commit((5000..<5004).map { Self.put($0) }, .synced),
                .checkpoint,
            ]
        ).check(disk, oracle, now, place)
    }

    @Test(
        "A checkpoint without the pages of the dead ends at every step",
        arguments: [false, true]
    )
    func everyStep(compacts: Bool) throws {
        let disk = SimulatedDisk(seed: Self.seed)
        let worlds = Mutex<[(step: String, disk: SimulatedDisk)]>([])
        let stepping = SteppingDisk(disk) { step in
            worlds.withLock { $0.append((step, disk.crashKeepingAll())) }
        }
        let driver = Driver(disk: stepping, world: disk, shape: Self.shape, seed: Self.seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        for round in 0..<2 {
            try Self.churn(driver, round)
            worlds.withLock { $0 = [] }
            var oracle = driver.oracle
            oracle.hasLostPower = true
            try driver.perform(.checkpoint)
            if compacts { try driver.perform(Self.compaction) }
            let ended = worlds.withLock { $0 }
            #expect(ended.contains { $0.step.contains("/pages") })
            let dice = SeededRandomness(seed: Self.seed)
            // Of a compaction its end is what matters here: it has a test of its own.
            for (step, world) in compacts ? Array(ended.suffix(4)) : ended {
                for (index, cut) in [world.crash(using: dice), world.crashDroppingAll()]
                    .enumerated()
                {
                    try check(cut, oracle, driver.clock.now(), "\(round), \(step), cut \(index)")
                }
            }
            try driver.audit(dice: dice, twin: disk.crashKeepingAll())
        }
    }
}
