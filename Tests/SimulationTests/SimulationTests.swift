// Seeds in CI.

import CrashHarness
import MnemeBase
import Testing

@Suite struct SimulationTests {
    @Test(arguments: 0..<8)
    func fixedSeeds(chunk: Int) throws {
        for seed in chunk * 5..<(chunk + 1) * 5 {
            try Simulation(seed: UInt64(seed)).run()
        }
    }
}
