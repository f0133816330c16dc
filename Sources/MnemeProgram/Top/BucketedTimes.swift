// How long something took, by buckets, as a histogram of figures tells it.

internal import Mneme

/// Durations counted in buckets, in seconds.
struct BucketedTimes: Hashable, Sendable {
    /// Durations up to a bound, above the bound before it.
    struct Bucket: Hashable, Sendable {
        /// The longest duration, in seconds; infinite for what is beyond all bounds.
        var bound: Double
        var count: Double
    }

    /// By bounds, the shortest first.
    let buckets: [Bucket]
    /// All durations together.
    let sum: Double

    /// Counts by themselves.
    init(_ buckets: [Bucket], sum: Double) {
        self.buckets = buckets
        self.sum = sum
    }

    /// Counts of which each has those of shorter durations in it, in any order.
    init(cumulative: [Bucket], sum: Double) {
        var seen = 0.0
        let sorted = cumulative.sorted { $0.bound < $1.bound }
        buckets = sorted.map { bucket in
            // A server that was started anew counts from nothing.
            defer { seen = max(seen, bucket.count) }
            return Bucket(bound: bucket.bound, count: max(0, bucket.count - seen))
        }
        self.sum = sum
    }

    /// How many durations there are.
    var count: Double { buckets.reduce(0) { $0 + $1.count } }

    /// The mean of all durations; nil where there are none.
    var mean: Double? { count > 0 ? sum / count : nil }

    /// The bound of the bucket in which a share of all durations has ended, infinite beyond all
    /// bounds; nil where there are none.
    ///
    /// `share`: 0 … 1.
    func bound(of share: Double) -> Double? {
        let all = count
        guard all > 0 else { return nil }
        var seen = 0.0
        for bucket in buckets where bucket.count > 0 {
            seen += bucket.count
            if seen >= all * share { return bucket.bound }
        }
        return buckets.last?.bound
    }

    /// What came since an older reading; all of it where that had more.
    func since(_ older: BucketedTimes) -> BucketedTimes {
        let before = Dictionary(
            older.buckets.map { ($0.bound, $0.count) },
            uniquingKeysWith: { first, _ in first }
        )
        guard count >= older.count else { return self }
        return BucketedTimes(
            buckets.map { bucket in
                Bucket(
                    bound: bucket.bound,
                    count: max(0, bucket.count - (before[bucket.bound] ?? 0))
                )
            },
            sum: max(0, sum - older.sum)
        )
    }
}
