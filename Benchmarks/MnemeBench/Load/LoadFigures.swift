// What became of the tasks of a load.

/// What became of the tasks of one operation.
struct LoadFigures {
    /// How long they took from when they were due, those that failed as well.
    var latencies = LoadHistogram()
    /// How many were answered well while it was measured, whenever they were due.
    var answeredCount = 0
    /// How many failed, by the code of what they failed with.
    var errors: [String: Int] = [:]

    /// How many failed.
    var errorCount: Int { errors.values.reduce(0, +) }

    /// Takes over the figures of another operation.
    mutating func add(_ other: LoadFigures) {
        latencies.add(other.latencies)
        answeredCount += other.answeredCount
        errors.merge(other.errors) { $0 + $1 }
    }

    /// The figures by the names that they are printed under.
    func named(seconds: Double) -> [(String, Figure)] {
        let percentiles: [(String, Double)] = [
            ("p50", 50), ("p90", 90), ("p99", 99), ("p999", 99.9), ("p9999", 99.99),
        ]
        let rate = Double(answeredCount) / max(seconds, 1e-9)
        var figures: [(String, Figure)] = [("requestsPerSecond", .rate(rate))]
        for (name, percent) in percentiles {
            figures.append((name + "Microseconds", .microseconds(latencies.microseconds(percent))))
        }
        figures.append(("maximumMicroseconds", .microseconds(Double(latencies.maximum) / 1000)))
        figures.append(("requests", .count(latencies.count)))
        figures.append(("errors", .count(errorCount)))
        return figures
    }
}
