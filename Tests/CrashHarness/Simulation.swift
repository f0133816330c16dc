// One seed: a workload, the world taken at every step of it as the end of the process would leave
// it, and from each of those worlds (or some of them) a recovery, which may end the same way. With
// faults, the disk fails beside that. What was done is written down, so that a seed that fails can
// be made small.

package import MnemeBase
internal import MnemeModel
internal import MnemeStore
package import SimulatedWorld

/// How much is done for one seed.
package struct SimulationOptions: Sendable {
    /// Operations of the workload.
    package var operations = 24
    /// Endings that are gone into, nil for all of them.
    package var endings: Int? = 5
    /// Different worlds for each ending.
    package var outcomes = 1
    /// Endings gone into for each recovery.
    package var nestedEndings = 1
    /// Recoveries inside recoveries.
    package var depth = 2
    /// Operations after a recovery.
    package var operationsAfter = 4
    /// What the workloads are rich in.
    package var style = Workload.Style.mixed
    /// Whether the disk fails.
    package var faults = false

    /// What a run in CI does.
    package init() {}
}

/// Makes the disk that a store is given over a simulated one; where bugs are planted.
package typealias DiskWrapper = @Sendable (SimulatedDisk) -> any Disk

/// Runs one seed.
///
/// SAFETY: used by one thread; listeners run on it inside the store's calls.
package final class Simulation: @unchecked Sendable {
    private let seed: UInt64
    private let options: SimulationOptions
    /// What the seed's scripts are carried out on.
    package let stage: ScriptStage
    private let dice: SeededRandomness
    /// How many endings were gone into.
    package private(set) var recoveries = 0
    /// How many segments compaction removed.
    package private(set) var retired = 0
    /// What led to the failure, when there was one.
    package private(set) var failed: Script?
    /// Told what is done before it is done.
    package var trace: @Sendable (String) -> Void = { _ in }

    /// A run with the disk's bugs and the log's, if there are any.
    package init(
        seed: UInt64,
        options: SimulationOptions = SimulationOptions(),
        wrapper: @escaping DiskWrapper = { $0 },
        change: (inout StoreShape) -> Void = { _ in }
    ) {
        self.seed = seed
        self.options = options
        var shape = StoreShape(seed: seed)
        change(&shape)
        stage = ScriptStage(shape: shape, wrapper: wrapper)
        dice = SeededRandomness(seed: seed &* 0x9e37_79b9 &+ 1)
    }

    /// Everything; returns when all was well.
    package func run() throws(HarnessFailure) {
        let run = begin(.beginning(seed: seed), seed, isFirst: true, takesMoments: true)
        var workload = Workload(seed: seed, style: options.style)
        var closed: Ended?
        try watched(run, "nothing ended") { () throws(HarnessFailure) in
            try run.open(isFirst: true)
            try run.perform(.define(HarnessSchema.first))
            try carryOut(&workload, options.operations * (options.faults ? 2 : 1), run)
            try run.audit(isFirst: true)
            if options.faults, dice.below(3) == 0 { closed = try run.close() }
        }
        retired += run.driver.retired
        run.driver.abandon()
        if let closed { try recover(closed, "closed", depth: 1) }
        try goInto(run.moments, options.endings, depth: 1)
    }

    private func begin(
        _ world: Ended,
        _ driverSeed: UInt64,
        isFirst: Bool,
        takesMoments: Bool
    ) -> PhaseRun {
        let phase = Phase(seed: driverSeed, auditSeed: dice.next(), operations: [])
        trace("a process opens the store")
        return PhaseRun(world, phase, stage, takesMoments: takesMoments, trace: trace)
    }

    /// Does a part of a process's work; where it fails, the way there is kept.
    private func watched(
        _ run: PhaseRun,
        _ place: String,
        _ body: () throws(HarnessFailure) -> Void
    ) throws(HarnessFailure) {
        do throws(HarnessFailure) {
            try body()
        } catch {
            failed = Script(seed: seed, phases: run.script)
            throw error.inside("seed \(seed), \(place)")
        }
    }

    private func carryOut(
        _ workload: inout Workload,
        _ count: Int,
        _ run: PhaseRun
    ) throws(HarnessFailure) {
        let driver = run.driver
        for index in 0..<count {
            if options.faults, dice.below(index == 0 ? 2 : 16) == 0 {
                try run.perform(.fault(workload.fault()))
            } else if options.faults, !driver.tolerated.isEmpty, dice.below(10) == 0 {
                try run.perform(.heal)
            }
            try run.perform(workload.next(driver.oracle.newest, now: driver.clock.now()))
            if driver.isBroken, dice.below(3) == 0 { return }
        }
    }

    /// Goes into so many of the moments, in their order; into all of them for nil.
    private func goInto(
        _ moments: [Ended],
        _ count: Int?,
        depth: Int
    ) throws(HarnessFailure) {
        var chosen = Array(moments.indices)
        if let count, count < moments.count {
            var some: Set<Int> = []
            while some.count < count { some.insert(dice.below(moments.count)) }
            chosen = some.sorted()
        }
        let kinds: [Ending] = [.powerCut, .powerCut, .powerCut, .powerCutDroppingAll, .kill]
        for index in chosen {
            for _ in 0..<(depth == 1 ? options.outcomes : 1) {
                var moment = moments[index]
                let last = moment.phases.count - 1
                guard var ending = moment.phases[last].ending else { continue }
                ending.kind = kinds[dice.below(kinds.count)]
                ending.seed = dice.next()
                moment.phases[last].ending = ending
                try recover(
                    moment.after(ending),
                    "\(ending.kind) at \(moment.place)",
                    depth: depth
                )
            }
        }
    }

    private func recover(
        _ world: Ended,
        _ place: String,
        depth: Int
    ) throws(HarnessFailure) {
        recoveries += 1
        let goesOn = depth < options.depth
        let driverSeed = seed &+ UInt64(recoveries) << 32
        trace(place)
        let run = begin(world, driverSeed, isFirst: false, takesMoments: goesOn)
        try watched(run, place) { () throws(HarnessFailure) in
            try run.open(isFirst: false)
            var workload = Workload(seed: dice.next(), style: options.style)
            if options.operationsAfter > 0 {
                if run.driver.oracle.newest.schema.collections.isEmpty {
                    try run.perform(.define(HarnessSchema.first))
                }
                try carryOut(&workload, options.operationsAfter, run)
                try run.audit(isFirst: false)
            }
        }
        retired += run.driver.retired
        run.driver.abandon()
        do throws(HarnessFailure) {
            try goInto(run.moments, options.nestedEndings, depth: depth + 1)
        } catch {
            throw error.inside("\(place), then")
        }
    }
}
