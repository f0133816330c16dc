// Seeds in CI: fixed ones in portions, so that they run beside each other, and a fresh one. What a
// seed found is found again by `mneme-simulate --from SEED --seeds 1`.

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
            options.endings = 4
            try Simulation(seed: UInt64(seed), options: options).run()
        }
    }

    @Test("A fresh seed ends anywhere and loses nothing")
    func freshSeed() throws {
        let seed = RealRandomness().next() >> 16
        print("the fresh seed is \(seed)")
        try Simulation(seed: seed).run()
        try FaultSimulation(seed: seed).run()
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

    @Test("Failing disks are answered with errors and lose nothing", arguments: 0..<8)
    func faults(portion: Int) throws {
        for seed in portion * 10..<(portion + 1) * 10 {
            try FaultSimulation(seed: UInt64(seed)).run()
        }
    }
}
