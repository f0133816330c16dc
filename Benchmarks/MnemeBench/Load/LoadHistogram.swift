// Durations of a load, counted in buckets: as many as come, in 270 KB. A bucket is as wide as the
// 1,024th part of what is in it or less, and stands for its middle, so that a percentile is off by
// a two-thousandth at most. The greatest duration is kept as it is.

/// A histogram of durations in nanoseconds.
struct LoadHistogram: Sendable {
    /// Durations from here on, 73 minutes, count as this one.
    static let limit: Int64 = (1 << 42) - 1
    private static let subBits = 10
    private static let bucketCount = index(limit) + 1

    private var counts = [Int](repeating: 0, count: LoadHistogram.bucketCount)
    /// How many durations there are.
    private(set) var count = 0
    /// The longest one, exactly; 0 where there is none.
    private(set) var maximum: Int64 = 0

    /// Takes note of a duration; one below 0 counts as 0.
    mutating func add(_ nanoseconds: Int64) {
        let duration = max(0, nanoseconds)
        counts[Self.index(min(duration, Self.limit))] += 1
        count += 1
        maximum = max(maximum, duration)
    }

    /// Takes over the durations of another one.
    ///
    /// - Complexity: O(1): as many steps as there are buckets.
    mutating func add(_ other: LoadHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The duration that at least so many percent do not exceed (nearest rank), in nanoseconds; 0
    /// where there is none.
    ///
    /// - Precondition: `percent` is in 0…100.
    /// - Complexity: O(1): as many steps as there are buckets at most.
    func percentile(_ percent: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = min(max(1, Int((percent / 100 * Double(count)).rounded(.up))), count)
        guard rank < count else { return maximum }
        var seen = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= rank { return min(Self.middle(index), maximum) }
        }
        return maximum
    }

    /// The same in microseconds.
    func microseconds(_ percent: Double) -> Double { Double(percentile(percent)) / 1000 }

    /// The bucket of a duration: below 2,048 each has its own, above 1,024 of them share each
    /// doubling.
    private static func index(_ duration: Int64) -> Int {
        let width = Int64.bitWidth - duration.leadingZeroBitCount
        let shift = max(0, width - subBits - 1)
        return shift << subBits + Int(duration >> Int64(shift))
    }

    /// The duration in the middle of a bucket.
    private static func middle(_ index: Int) -> Int64 {
        guard index >= 2 << subBits else { return Int64(index) }
        let shift = index >> subBits - 1
        let first = Int64(index - shift << subBits) << Int64(shift)
        return first + Int64(1) << Int64(shift) / 2
    }
}
