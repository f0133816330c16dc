// How long something took, as often as it happened: counts in buckets whose bounds double.

internal import Synchronization

/// Durations, counted in buckets.
///
/// For any thread: one that counts waits for nobody, and a reading beside it may lack the newest.
package final class Histogram: Sendable {
    /// How many buckets have a bound; one more has what is beyond the last.
    package static let boundCount = 26

    /// The longest time that a bucket has: 1, 2, 4 … 33,554,432 microseconds.
    package static func bound(_ bucket: Int) -> Microseconds { 1 << Microseconds(bucket) }

    private static let sum = boundCount + 1
    private let words = AtomicWords(atLeast: boundCount + 2)

    /// Nothing counted.
    package init() {}

    /// Counts a duration; one below zero, of a clock that was set, as none.
    ///
    /// - Complexity: O(1).
    package func note(_ duration: Microseconds) {
        let duration = max(0, duration)
        let bits = Microseconds.bitWidth - max(0, duration - 1).leadingZeroBitCount
        words.add(1, min(bits, Self.boundCount))
        words.add(UInt64(duration), Self.sum)
    }

    /// What was counted.
    package struct Reading: Equatable, Sendable {
        /// By bucket; the last has what is beyond all bounds.
        package var counts: [UInt64]
        /// Microseconds, all durations together.
        package var sum: UInt64

        /// How many durations there are.
        package var count: UInt64 { counts.reduce(0, +) }

        /// The bound of the bucket in which a share of all durations has ended; nil where there is
        /// none, or where it is beyond all bounds.
        ///
        /// `share`: 0 … 1.
        package func bound(of share: Double) -> Microseconds? {
            let wanted = Double(count) * share
            var seen = 0.0
            for (bucket, count) in counts.enumerated().dropLast() where count > 0 {
                seen += Double(count)
                if seen >= wanted { return Histogram.bound(bucket) }
            }
            return nil
        }
    }

    /// What was counted so far.
    package var reading: Reading {
        Reading(
            counts: (0...Self.boundCount).map { words.load($0) },
            sum: words.load(Self.sum)
        )
    }
}
