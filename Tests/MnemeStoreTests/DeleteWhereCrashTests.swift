// The power goes at each step of a delete of a period and of what is done behind it: what comes up
// shows all of the period or nothing of it, and nothing of it once that was acknowledged.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct DeleteWhereCrashTests {
    private let clock = SimulatedClock(start: 200 * Series.day)
    private let period = DeleteWhere("moods", from: Series.instant(11), to: Series.instant(31))
    private let left = Array(1...10).map(Int64.init)
    private let all = Array(1...30).map(Int64.init)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        return options
    }

    /// Whether it came to the end.
    private func run(_ disk: SimulatedDisk, _ wasAcknowledged: inout Bool) -> Bool {
        do throws(MnemeError) {
            var options = options(disk)
            // The sweep takes several batches.
            options.logLimits.batch = 1 << 10
            let store = try Store.open("store", .open, options: options)
            _ = try store.deleteWhere(period)
            wasAcknowledged = true
            try store.checkpointNow()
            try store.upkeep([.sweep])
            try store.checkpointNow()
            try store.compactAll()
            try store.close()
            return true
        } catch {
            return false
        }
    }

    @Test func thePowerMayGoAtEachStep() throws {
        let base = SimulatedDisk()
        try Series.store(options(base), 30).close()
        let dice = SeededRandomness(seed: 7)
        var (step, isOver) = (1, false)
        var outcomes: Set<String> = []
        while !isOver {
            let disk = base.powerCycle()
            disk.cut(atStep: step)
            var wasAcknowledged = false
            isOver = run(disk, &wasAcknowledged)
            for copy in [disk.crashDroppingAll(), disk.crash(using: dice)] {
                let store = try Store.open("store", .open, options: options(copy))
                let numbers = try Series.numbers(store)
                #expect(numbers == left || !wasAcknowledged && numbers == all, "step \(step)")
                let withdrawn = store.newest.state.roots.withdrawn.count
                outcomes.insert(
                    numbers == all
                        ? "before"
                        : withdrawn == 0
                            ? "swept" : withdrawn == 20 ? "withdrawn" : "between"
                )
                #expect(try store.verify().findings == [], "step \(step)")
                try store.upkeep()
                #expect(store.newest.state.roots.withdrawn.isEmpty)
                #expect(try Series.numbers(store) == numbers, "step \(step)")
                #expect(try store.verify().findings == [], "step \(step)")
                try store.close()
            }
            step += 1
        }
        #expect(outcomes == ["before", "withdrawn", "between", "swept"])
    }
}
