// What a load came to, and how that is said.

internal import MnemeCommandLine

/// What a load that is over came to.
struct LoadOutcome {
    /// The names of the operations, and what became of each.
    let operations: [String]
    let figures: [LoadFigures]
    /// What became of all of them.
    let all: LoadFigures
    /// Seconds that were counted.
    let seconds: Double
    /// How much of what was due was sent a millisecond late or more.
    let lateShare: Double
    /// What was asked for, in requests a second over all operations.
    let rate: Int?

    /// What a run came to that is over.
    init(_ run: LoadRun, _ plan: LoadPlan) {
        operations = run.work.operations
        figures = run.figures
        var all = LoadFigures()
        for figures in run.figures { all.add(figures) }
        self.all = all
        seconds = run.countedSeconds
        lateShare = Double(run.lateCount) / Double(max(1, run.dueCount))
        rate = plan.rate
    }

    /// Its lines, one an operation, one of all where there are several or `sums` says so, and one
    /// for each kind of error.
    func lines(sums: Bool = false) -> [[(String, Figure)]] {
        let lines = named(sums).map { name, figures -> [(String, Figure)] in
            let share = Double(figures.latencies.count) / Double(max(1, all.latencies.count))
            let asked = rate.map { Figure.rate(Double($0) * share) } ?? .nothing
            return [("event", .word(name)), ("askedPerSecond", asked)]
                + figures.named(seconds: seconds) + [("lateShare", .share(lateShare))]
        }
        return lines + errors
    }

    /// The same beside something else: how much slower it is than alone stands in each line.
    ///
    /// - Precondition: both are of the same work.
    func lines(alone: LoadOutcome, sums: Bool) -> [[(String, Figure)]] {
        var result = lines(sums: sums)
        for (place, (before, (_, figures))) in zip(alone.named(sums), named(sums)).enumerated() {
            for (figure, percent) in [("p50OverAlone", 50.0), ("p99OverAlone", 99.0)] {
                let alone = before.1.latencies.microseconds(percent)
                let ratio = figures.latencies.microseconds(percent) / alone
                result[place].append((figure, alone > 0 ? .share(ratio) : .nothing))
            }
        }
        return result
    }

    private func named(_ sums: Bool) -> [(String, LoadFigures)] {
        let each = Array(zip(operations, figures))
        return each.count > 1 || sums ? each + [("all", all)] : each
    }

    private var errors: [[(String, Figure)]] {
        zip(operations, figures).flatMap { name, figures in
            figures.errors.sorted { $0.key < $1.key }.map { code, count -> [(String, Figure)] in
                [
                    ("event", .word("error")), ("operation", .word(name)), ("code", .word(code)),
                    ("count", .count(count)),
                ]
            }
        }
    }
}
