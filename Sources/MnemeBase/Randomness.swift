// Chance as a parameter.

internal import Synchronization

/// Where a store takes random numbers from.
package protocol Randomness: Sendable {
    /// 64 random bits.
    func next() -> UInt64
}

/// The system's generator.
package struct RealRandomness: Randomness {
    /// A generator without state of its own.
    package init() {}

    package func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// A reproducible sequence (SplitMix64, Steele, Lea and Flood 2014).
package final class SeededRandomness: Randomness, RandomNumberGenerator {
    private let state: Mutex<UInt64>

    /// The same seed gives the same sequence on every machine.
    package init(seed: UInt64) { state = Mutex(seed) }

    package func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// A number in `0..<bound`.
    ///
    /// - Precondition: `bound > 0`.
    package func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
