// Durations of single calls. Every call is timed on its own and kept, so percentiles are exact.

internal import Glibc

/// The system's monotonic clock in nanoseconds.
enum Ticks {
    /// Nanoseconds; never steps back.
    ///
    /// Read as the peers' programs read it, which costs less than a clock of the standard library.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Seconds that a piece of work takes.
    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return Double(now() - start) * 1e-9
    }
}

/// How long calls took.
struct Latencies: Sendable {
    /// One duration a call.
    private(set) var nanoseconds: [Int64] = []

    /// No calls yet.
    init(capacity: Int = 0) { nanoseconds.reserveCapacity(capacity) }

    /// Takes note of a call.
    mutating func add(nanoseconds duration: Int64) { nanoseconds.append(duration) }

    /// Times a call.
    mutating func time<Answer>(_ call: () throws -> Answer) rethrows -> Answer {
        let start = Ticks.now()
        let answer = try call()
        nanoseconds.append(Ticks.now() - start)
        return answer
    }

    /// Takes over the calls of another one.
    mutating func add(_ other: Latencies) { nanoseconds += other.nanoseconds }

    /// The percentiles asked for, in microseconds; 0 where there was no call.
    ///
    /// - Complexity: O(*n* log *n*).
    func microseconds(_ percents: Double...) -> [Double] {
        let sorted = nanoseconds.sorted()
        return percents.map { Double(Self.percentile($0, of: sorted)) / 1000 }
    }

    /// The smallest value that at least so many percent of the values do not exceed (nearest rank).
    ///
    /// - Precondition: `sorted` ascends and `percent` is in 0…100.
    static func percentile(_ percent: Double, of sorted: [Int64]) -> Int64 {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

/// The value in the middle; the mean of the two in the middle; 0 of nothing.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
