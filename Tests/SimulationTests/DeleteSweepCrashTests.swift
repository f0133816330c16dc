// Segments that hold back deletes are written again, then those with the deletes, which go. A
// process that ends at any step of that leaves a store in which nothing is back that was deleted:
// by its pages, and by its log alone.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness
@testable import MnemeStore

@Suite struct DeleteSweepCrashTests {
    private static let seed: UInt64 = 21
    private static let compaction = Operation.upkeep(Array(repeating: .compact, count: 80))

    private static var shape: StoreShape {
        var shape = StoreShape(seed: seed)
        shape.compactSoon(SeededRandomness(seed: seed))
        shape.compactionShare = 0.3
        shape.smallestSegment = 8 << 10
        shape.largestSegment = 24 << 10
        return shape
    }

    /// Deletes that are hardly worth a sweep.
    private static let few: UInt64 = 2 << 10

    private static func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private static func put(_ key: String) -> Change {
        let fields: [String: Value] = ["title": .text(key), "body": "alder", "owner": "ann"]
        return .put(Put("notes", .text(key), fields))
    }

    /// Bytes of deletes that cold segments had to keep.
    private static func kept(_ driver: Driver) -> UInt64 {
        driver.store?.newest.state.roots.passing.reduce(0) { sum, passing in
            sum + (SegmentNumber.isCold(passing.key) ? passing.value : 0)
        } ?? 0
    }

    private static let next = NextProcess(
        shape: shape,
        seed: seed,
        then: [.commit([put("new")], .synced), compaction]
    )

    @Test("What holds deletes back is written again, and that ends at every step")
    func everyStep() throws {
        let disk = SimulatedDisk(seed: Self.seed)
        let worlds = Mutex<[(step: String, disk: SimulatedDisk)]>([])
        let isWatching = Mutex(false)
        let stepping = SteppingDisk(disk) { step in
            guard isWatching.withLock({ $0 }) else { return }
            worlds.withLock { $0.append((step, disk.crashKeepingAll())) }
        }
        let driver = Driver(disk: stepping, world: disk, shape: Self.shape, seed: Self.seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        for first in stride(from: 0, to: 100, by: 20) {
            let puts = (first..<(first + 20)).map { Self.put("s\($0)") }
            try driver.perform(.commit(puts, .synced))
        }
        var sweeps = 0
        for round in 0..<80 where sweeps < 2 {
            // They die when what they began in has long been written again without others.
            let gone =
                round >= 6 ? (0..<15).map { Change.delete(Self.note("v\(round - 6)-\($0)")) } : []
            try driver.perform(
                .commit(gone + [.delete(Self.note("s\(round * 37 % 100)"))], .synced)
            )
            try driver.perform(.commit((0..<15).map { Self.put("v\(round)-\($0)") }, .synced))
            try driver.perform(.checkpoint)
            let before = Self.kept(driver)
            // Near the bound what comes next may be a sweep.
            isWatching.withLock { $0 = before > Self.few }
            worlds.withLock { $0 = [] }
            var oracle = driver.oracle
            oracle.hasLostPower = true
            try driver.perform(Self.compaction)
            isWatching.withLock { $0 = false }
            guard 2 * Self.kept(driver) <= before, before > Self.few else { continue }
            sweeps += 1
            let ended = worlds.withLock { $0 }
            #expect(ended.contains { $0.step.contains("/cold-") })
            let dice = SeededRandomness(seed: Self.seed)
            for (index, (step, world)) in ended.enumerated() {
                let cut =
                    index % 2 == 0 ? world.crash(using: dice) : world.crashDroppingAll()
                try Self.next.check(cut, oracle, driver.clock.now(), "\(round), \(step)")
            }
            try driver.audit(dice: dice, twin: disk.crashKeepingAll())
        }
        #expect(sweeps == 2)
    }
}
