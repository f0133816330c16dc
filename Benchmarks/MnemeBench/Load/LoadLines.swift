// Loads one after another or beside each other, and the lines of their reports.

internal import MnemeCommandLine

/// Runs loads and makes the lines of their reports.
enum LoadLines {
    /// Runs a load.
    static func measured(
        _ work: any LoadWork,
        _ plan: LoadPlan,
        _ stage: LoadStage
    ) throws -> LoadOutcome {
        let run = try stage.perform(work, plan)
        if let error = run.firstError { note("the first error: \(error)") }
        return LoadOutcome(run, plan)
    }

    /// Runs a load alone, and beside connections that say nothing.
    static func stormed(
        _ count: Int,
        _ work: any LoadWork,
        _ plan: LoadPlan,
        _ stage: LoadStage,
        _ store: String
    ) throws -> [[(String, Figure)]] {
        let alone = try measured(work, plan, stage)
        let before = stage.server?.anonymousBytes
        let storm = LoadStorm(count, store: store, stage)
        let seconds = Ticks.seconds { storm.open() }
        let after = stage.server?.anonymousBytes
        let beside = try measured(work, plan, stage)
        storm.close()
        if let reason = storm.reason { note("the first connection that was refused: \(reason)") }
        var bytes = Figure.nothing
        if let before, let after { bytes = .count(max(0, after - before) / max(1, storm.taken)) }
        let line: [(String, Figure)] = [
            ("event", .word("storm")), ("idle", .count(storm.taken)),
            ("refused", .count(storm.refused)), ("openSeconds", .seconds(seconds)),
            ("bytesEach", bytes),
        ]
        return told("alone", alone.lines())
            + told("beside", beside.lines(alone: alone, sums: false)) + [line]
    }

    /// Runs a load alone, and beside somebody who asks as fast as he is answered.
    static func flooded(
        _ flood: LoadFlood,
        _ work: any LoadWork,
        _ plan: LoadPlan,
        _ stage: LoadStage
    ) throws -> [[(String, Figure)]] {
        let alone = try measured(work, plan, stage)
        var beside = alone
        let (run, floodPlan) = try stage.perform(beside: flood) {
            beside = try measured(work, plan, stage)
        }
        if let error = run.firstError { note("the first error of the flood: \(error)") }
        let drowned = LoadOutcome(run, floodPlan)
        return told("alone", alone.lines(sums: true))
            + told("beside", beside.lines(alone: alone, sums: true))
            + told("flood", drowned.lines(sums: true))
    }

    private static func told(
        _ load: String,
        _ lines: [[(String, Figure)]]
    ) -> [[(String, Figure)]] {
        lines.map { [("load", .word(load))] + $0 }
    }
}
