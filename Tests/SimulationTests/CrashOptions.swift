// The options of stores that tests interrupt at every step: nothing works behind the test's back,
// and segments are small.

import MnemeBase
import MnemeLog

@testable import MnemeStore

extension StoreOptions {
    /// Options of a store whose every step follows from a seed.
    static func stepwise(_ disk: any Disk, seed: UInt64) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }
}
