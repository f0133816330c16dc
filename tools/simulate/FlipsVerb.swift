// Flipped bytes, as a verb.

internal import CrashHarness
internal import MnemeBase

enum FlipsVerb {
    static func run(_ arguments: [String]) -> Int32 {
        var count = 5000
        var records = 10_000
        var seed: UInt64 = 1
        var rest = arguments[...]
        while let name = rest.popFirst() {
            let value = rest.popFirst()
            switch (name, value.flatMap { Int($0) }) {
            case ("--count", let number?) where number > 0: count = number
            case ("--records", let number?) where number > 0: records = number
            case ("--seed", let number?) where number >= 0: seed = UInt64(number)
            case ("--seed", nil) where value == "fresh": seed = RealRandomness().next() >> 16
            default:
                Program.misused(name, value)
                print(Program.usage)
                return 2
            }
        }
        do throws(HarnessFailure) {
            let test = try FlipTest(records: records, seed: seed)
            print("seed \(seed), \(records) records, \(test.description)")
            let tally = test.run(count)
            print(tally)
            return tally.isClean ? 0 : 1
        } catch {
            print(error)
            return 1
        }
    }
}
