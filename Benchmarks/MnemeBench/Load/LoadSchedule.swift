// When the requests of an open load are due. It is fixed beforehand and knows nothing of answers.

internal import Glibc
internal import MnemeBase

/// How requests come.
enum LoadArrivals: String, CaseIterable, Sendable {
    /// Each by itself, as those of many people do: a Poisson process.
    case poisson
    /// One after another in equal distances.
    case even
}

/// The moments at which requests are due.
struct LoadSchedule {
    private let gap: Double
    private let arrivals: LoadArrivals
    private let chance: SeededRandomness
    private var number = 0
    private var time = 0.0

    /// So many requests a second.
    ///
    /// - Precondition: `rate` is above 0.
    init(rate: Int, _ arrivals: LoadArrivals, seed: UInt64) {
        precondition(rate > 0)
        gap = 1e9 / Double(rate)
        self.arrivals = arrivals
        chance = SeededRandomness(seed: seed)
    }

    /// When the next request is due, in nanoseconds from the beginning; never before the last one.
    mutating func next() -> Int64 {
        switch arrivals {
        case .even:
            number += 1
            return Int64(Double(number - 1) * gap)
        case .poisson:
            time -= log(1 - chance.unit()) * gap
            return Int64(time)
        }
    }
}

extension SeededRandomness {
    /// A number from 0 up to 1, without 1.
    func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
