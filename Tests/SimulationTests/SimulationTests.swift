// Seeds in CI: fixed ones in portions, so that they run beside each other, and a fresh one. What a
// seed found is found again, and made small, by `mneme-simulate --seed SEED`.

import CrashHarness
import MnemeBase
import Testing

@Suite struct SimulationTests {
    /// Portions of the fixed seeds.
    static let portions = 20

    @Test("Two hundred fixed seeds end anywhere and lose nothing", arguments: 0..<portions)
    func fixedSeeds(portion: Int) throws {
        for seed in portion * 10..<(portion + 1) * 10 {
            var options = SimulationOptions()
            options.endings = 3
            try SeedRun(seed: UInt64(seed), kind: .endings, options: options).check()
            options.endings = 1
            options.nestedEndings = 0
            try SeedRun(seed: UInt64(seed), kind: .faults, options: options).check()
            options.operations = 16
            try SeedRun(seed: UInt64(seed), kind: .damage, options: options).check()
        }
    }

    @Test("A fresh seed ends anywhere and loses nothing")
    func freshSeed() throws {
        let seed = RealRandomness().next() >> 16
        print("the fresh seed is \(seed)")
        for kind in RunKind.allCases { try SeedRun(seed: seed, kind: kind).check() }
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
}
