// A few flipped bytes; `mneme-simulate flips` flips more of them, in a larger store.

import CrashHarness
import MnemeBase
import Testing

@Suite struct FlipTests {
    @Test("A flipped byte is named, or changes no answer", arguments: [false, true])
    func flips(isEncrypted: Bool) throws {
        let seed = RealRandomness().next() >> 16
        print("the seed of the flips is \(seed)")
        let tally = try FlipTest(records: 300, seed: seed, isEncrypted: isEncrypted)
            .run(60)
        #expect(tally.isClean, "\(tally)")
        let named = tally.counts.filter { $0.key != .answeredRightly }.values.reduce(0, +)
        #expect(named > 30)
        #expect(tally.counts.values.reduce(0, +) == 60)
    }
}
