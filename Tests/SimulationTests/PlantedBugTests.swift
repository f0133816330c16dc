// The harness under test: each of these bugs must be found within some seeds. A harness that calls
// a disk honest which keeps nothing proves nothing.

import CrashHarness
import Testing

@Suite struct PlantedBugTests {
    @Test("Planted bugs are found", arguments: PlantedBug.allCases)
    func found(bug: PlantedBug) {
        for seed in 0..<bug.seedsToFind {
            do throws(HarnessFailure) {
                try bug.simulation(seed: seed).run()
            } catch {
                return
            }
        }
        Issue.record("\(bug.rawValue) was not found in \(bug.seedsToFind) seeds")
    }
}
