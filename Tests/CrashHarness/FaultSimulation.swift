// One seed with a disk that fails: a sync that loses what it should have kept, a write that does
// not get through, a disk that is full. The store must answer with typed errors, show what it
// showed before, and lose nothing acknowledged: not to the next process, and not to a power cut
// after it.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// Runs one seed with faults.
package struct FaultSimulation {
    private let seed: UInt64
    private let options: SimulationOptions
    private let dice: SeededRandomness

    /// A run; only the counts of operations are taken from the options.
    package init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
        self.seed = seed
        self.options = options
        dice = SeededRandomness(seed: seed &* 0x9e37_79b9 &+ 3)
    }

    /// Everything; returns when all was well.
    package func run() throws(HarnessFailure) {
        let disk = SimulatedDisk(seed: seed)
        let driver = Driver(disk: disk, shape: StoreShape(seed: seed), seed: seed)
        var workload = Workload(seed: seed)
        do throws(HarnessFailure) {
            try driver.open()
            try driver.perform(.define(HarnessSchema.first))
        } catch {
            throw error.inside("seed \(seed), before any fault")
        }
        let faults = plan(after: disk.counts, disk)
        driver.toleratesFaults = true
        do throws(HarnessFailure) {
            try work(driver, &workload)
            disk.plan = FaultPlan()
            try judge(driver, disk)
        } catch {
            throw error.inside("seed \(seed), \(faults), \(driver.doing)")
        }
    }

    /// Puts some faults in the way of what follows.
    private func plan(after counts: StepCounts, _ disk: SimulatedDisk) -> String {
        let sync = counts.syncs + 1 + dice.below(40)
        let write = counts.writes + 1 + dice.below(80)
        let kept = dice.below(3) * dice.below(2000)
        switch dice.below(7) {
        case 0, 1:
            let keepsSome = dice.below(2) == 0
            disk.plan.syncs[sync] = .failed(keepingSome: keepsSome)
            return "sync \(sync) fails, keeping some: \(keepsSome)"
        case 2:
            disk.plan.writes[write] = .full(kept: kept)
            return "write \(write) finds the disk full after \(kept) bytes"
        case 3, 4:
            disk.plan.writes[write] = .failed(kept: kept)
            return "write \(write) fails after \(kept) bytes"
        case 5:
            let number = counts.directorySyncs + 1 + dice.below(4)
            disk.plan.directorySyncs[number] = .failed(keepingSome: false)
            return "directory sync \(number) fails"
        default:
            let used = disk.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) }
            disk.plan.capacity = UInt64(used + dice.below(120_000))
            return "room for \(disk.plan.capacity ?? 0) bytes"
        }
    }

    private func work(_ driver: Driver, _ workload: inout Workload) throws(HarnessFailure) {
        for _ in 0..<options.operations * 2 {
            let operation = workload.next(driver.oracle.newest, now: driver.clock.now())
            if case .reopen = operation { continue }
            try driver.perform(operation)
            // Whatever happened, what was shown before is shown still.
            if driver.isBroken, dice.below(3) == 0 { break }
        }
        if driver.isBroken {
            try driver.auditShown(dice: dice)
        } else {
            try driver.audit(dice: dice)
        }
    }

    /// Ends the process in one way or another, opens, goes on, and cuts the power.
    private func judge(_ driver: Driver, _ disk: SimulatedDisk) throws(HarnessFailure) {
        var oracle = driver.oracle
        var next: SimulatedDisk
        var now = driver.clock.now()
        switch dice.below(3) {
        case 0:
            driver.abandon()
            next = disk.crash(using: dice)
            oracle.hasLostPower = true
        case 1:
            driver.abandon()
            next = disk.crashKeepingAll()
        default:
            // Closed or not, the next process finds what this one wrote.
            try driver.close()
            oracle = driver.oracle
            next = disk.crashKeepingAll()
        }
        for round in 0..<3 {
            let driver = Driver(
                disk: next,
                shape: StoreShape(seed: seed),
                seed: seed &+ UInt64(round) << 40,
                oracle: oracle,
                now: now
            )
            try driver.open()
            try driver.audit(dice: dice, twin: next.crashKeepingAll())
            var workload = Workload(seed: dice.next())
            for _ in 0..<options.operationsAfter {
                try driver.perform(workload.next(driver.oracle.newest, now: driver.clock.now()))
            }
            driver.abandon()
            oracle = driver.oracle
            now = driver.clock.now()
            oracle.hasLostPower = true
            next = next.crash(using: dice)
        }
    }
}
