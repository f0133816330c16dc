// Passes over a list of questions: each question is one call, timed on its own. Figures are medians
// over the passes, so that a disturbance in one of them does not decide.

internal import Synchronization

/// What the passes gave.
struct PassFigures {
    var queriesPerSecond: Double
    var p50Microseconds: Double
    var p99Microseconds: Double

    /// The figures by the names that every command prints them under.
    var named: [(String, Figure)] {
        [
            ("queriesPerSecond", .rate(queriesPerSecond)),
            ("p50Microseconds", .microseconds(p50Microseconds)),
            ("p99Microseconds", .microseconds(p99Microseconds)),
        ]
    }
}

/// How often, and by how many at once, questions are asked.
struct Passes: Sendable {
    var count = 3
    var threads = 1

    /// Asks questions `0..<questions`, every thread all of them, starting at different ones.
    ///
    /// The caller has asked them once before, to look at the answers: that was the warm-up.
    ///
    /// - Throws: what `ask` throws.
    func measure(
        questions: Int,
        _ ask: @escaping @Sendable (Int) throws -> Void
    ) throws -> PassFigures {
        var rates: [Double] = []
        var middles: [Double] = []
        var tails: [Double] = []
        for _ in 0..<(questions == 0 ? 0 : count) {
            let (latencies, seconds) = try pass(questions, ask)
            let percentiles = latencies.microseconds(50, 99)
            rates.append(Double(questions * threads) / max(seconds, 1e-9))
            middles.append(percentiles[0])
            tails.append(percentiles[1])
        }
        return PassFigures(
            queriesPerSecond: median(rates),
            p50Microseconds: median(middles),
            p99Microseconds: median(tails)
        )
    }

    private func pass(
        _ questions: Int,
        _ ask: @escaping @Sendable (Int) throws -> Void
    ) throws -> (Latencies, seconds: Double) {
        let board = Board()
        let threads = threads
        let seconds = try Ticks.seconds {
            try Crew.run(threads) { member in
                var own = Latencies(capacity: questions)
                let first = member * questions / threads
                for step in 0..<questions {
                    try own.time { try ask((first + step) % questions) }
                }
                board.add(own)
            }
        }
        return (board.latencies, seconds)
    }
}

/// Where threads put their latencies together.
final class Board: Sendable {
    private let all = Mutex(Latencies())

    /// What was put together.
    var latencies: Latencies { all.withLock { $0 } }

    /// Adds what one thread has.
    func add(_ own: Latencies) { all.withLock { $0.add(own) } }
}
