// Seeds in CI: fixed ones in portions, so that they run beside each other, and a fresh one. What a
// seed found is found again, and made small, by `mneme-simulate --seed SEED`.

import MnemeBase
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness

@Suite struct SimulationTests {
    /// Portions of the fixed seeds.
    static let portions = 20
    /// The segments that compaction has removed in the portions that have come to their end.
    private static let retired = Mutex((portions: 0, segments: 0))

    @Test("Two hundred fixed seeds end anywhere and lose nothing", arguments: 0..<portions)
    func fixedSeeds(portion: Int) throws {
        var retired = 0
        for seed in portion * 10..<(portion + 1) * 10 {
            var options = SimulationOptions()
            options.endings = 3
            retired += try SeedRun(seed: UInt64(seed), kind: .endings, options: options).check()
            options.endings = 1
            options.nestedEndings = 0
            retired += try SeedRun(seed: UInt64(seed), kind: .faults, options: options).check()
            options.operations = 16
            retired += try SeedRun(seed: UInt64(seed), kind: .damage, options: options).check()
        }
        let all = Self.retired.withLock { all in
            all.portions += 1
            all.segments += retired
            return all
        }
        // Compaction comes to its end in many of them.
        if all.portions == Self.portions {
            print("the fixed seeds removed \(all.segments) segments")
            #expect(all.segments > 50)
        }
    }

    @Test("A fresh seed ends anywhere and loses nothing")
    func freshSeed() throws {
        let seed = RealRandomness().next() >> 16
        print("the fresh seed is \(seed)")
        for kind in RunKind.allCases { try SeedRun(seed: seed, kind: kind).check() }
    }

    /// Of the root blocks one was read as it was long before and the other one as broken, and both
    /// well again later.
    @Test("Seeds that found something find nothing any more", arguments: [7250] as [UInt64])
    func foundBefore(seed: UInt64) throws {
        _ = try SeedRun(seed: seed, kind: .damage).check()
    }

    /// Batches asked for again, a cold segment that was not durable yet, and a delete of which
    /// nobody could know whether it survived.
    ///
    /// A batch was asked for again under its key when a field of it had been dropped: one for which
    /// a key is drawn in vain, and one of a store that could sync nothing any more. A cold segment
    /// whose writer was killed before its header was durable was taken for durable. Upkeep had no
    /// room for a spare segment, and what a sweep deletes was written by a write that failed.
    @Test(
        "Seeds with faults find nothing any more",
        arguments: [3032, 3389, 6378, 8662] as [UInt64]
    )
    func foundBeforeWithFaults(seed: UInt64) throws {
        _ = try SeedRun(seed: seed, kind: .faults).check()
    }

    @Test("Short workloads end at every step", arguments: 0..<4)
    func everyStep(seed: Int) throws {
        var options = SimulationOptions()
        options.operations = 8
        options.endings = nil
        options.operationsAfter = 1
        options.depth = 1
        try Simulation(seed: UInt64(9_000 + seed), options: options).run()
    }

    @Test("A recovery ends at every step", arguments: 0..<2)
    func everyStepOfRecovery(seed: Int) throws {
        var options = SimulationOptions()
        options.operations = 10
        options.endings = 2
        options.nestedEndings = 100
        options.operationsAfter = 0
        try Simulation(seed: UInt64(9_100 + seed), options: options).run()
    }

    @Test("Tails of a log are cut and stay cut", arguments: [0, 1] as [UInt64])
    func tails(portion: UInt64) throws {
        var options = SimulationOptions()
        options.style = .tails
        options.depth = 4
        options.operationsAfter = 8
        for seed in (portion * 5)..<(portion * 5 + 5) {
            try Simulation(seed: seed, options: options).run()
        }
    }

    @Test("Compaction ends anywhere and loses nothing", arguments: 0..<8)
    func compaction(portion: Int) throws {
        var retired = 0
        for seed in portion * 8..<(portion + 1) * 8 {
            for faults in [false, true] {
                var options = SimulationOptions()
                options.style = .compaction
                options.faults = faults
                options.operations = 32
                options.endings = 4
                let simulation = Simulation(
                    seed: UInt64(7_000 + seed),
                    options: options,
                    change: {
                        $0.compactSoon(SeededRandomness(seed: UInt64(seed)))
                    }
                )
                try simulation.run()
                retired += simulation.retired
            }
        }
        print("compactions from seed \(7_000 + portion * 8) on removed \(retired) segments")
        #expect(retired > 0)
    }
}
