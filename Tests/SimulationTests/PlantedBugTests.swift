// The harness under test: each of these bugs must be found within some seeds. A harness that calls
// a disk honest which keeps nothing proves nothing.

import CrashHarness
import MnemeModel
import Testing

@Suite struct PlantedBugTests {
    @Test("Planted bugs are found", arguments: PlantedBug.allCases)
    func found(bug: PlantedBug) {
        for seed in 0..<bug.seedsToFind {
            do throws(HarnessFailure) {
                try bug.simulation(seed: seed).run()
            } catch {
                // Nouns are shown in JSON, not as Swift sees them.
                #expect(!error.description.contains("MnemeModel."))
                return
            }
        }
        Issue.record("\(bug.rawValue) was not found in \(bug.seedsToFind) seeds")
    }

    @Test func nounsAreShownInJSON() {
        let record = Record(Reference("trees", "alder"), fields: ["name": "alder", "height": 20])
        let json = #"{"collection":"trees","fields":{"height":20,"name":"alder"},"key":"alder"}"#
        #expect(HarnessFailure.shown(record) == json)
        #expect(HarnessFailure.shown(Value.text("alder")) == "\"alder\"")
        #expect(HarnessFailure.shown(["name": Value.text("alder")]) == #"{"name":"alder"}"#)
        #expect(HarnessFailure.shown(record.reference) == "trees/alder")
        #expect(HarnessFailure.shown(Committed.Outcome.deleted(true)) == #"{"deleted":true}"#)
    }
}
