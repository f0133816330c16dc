// One seed: a workload, the world taken at every step of it as the end of the process would leave
// it, and from each of those worlds (or some of them) a recovery, which may end the same way.

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

    /// What a run in CI does.
    package init() {}
}

/// Makes the disk that a store is given over a simulated one; where bugs are planted.
package typealias DiskWrapper = @Sendable (SimulatedDisk) -> any Disk

/// The world at one moment.
private struct Ended: Sendable {
    var disk: SimulatedDisk
    var oracle: Oracle
    var now: Microseconds
    var place: String
}

/// Runs one seed.
///
/// SAFETY: used by one thread; listeners run on it inside the store's calls.
package final class Simulation: @unchecked Sendable {
    private let seed: UInt64
    private let options: SimulationOptions
    private var shape: StoreShape
    private let wrapper: DiskWrapper
    private let dice: SeededRandomness
    /// How many endings were gone into.
    package private(set) var recoveries = 0

    /// A run with the disk's bugs and the log's, if there are any.
    package init(
        seed: UInt64,
        options: SimulationOptions = SimulationOptions(),
        wrapper: @escaping DiskWrapper = { $0 },
        change: (inout StoreShape) -> Void = { _ in }
    ) {
        self.seed = seed
        self.options = options
        self.wrapper = wrapper
        shape = StoreShape(seed: seed)
        change(&shape)
        dice = SeededRandomness(seed: seed &* 0x9e37_79b9 &+ 1)
    }

    /// Everything; returns when all was well.
    package func run() throws(HarnessFailure) {
        let recorder = Recorder(
            disk: SimulatedDisk(seed: seed),
            oracle: Oracle(),
            now: Self.start,
            shape: shape,
            seed: seed,
            wrapper: wrapper,
            outcomes: options.outcomes,
            dice: dice
        )
        var workload = Workload(seed: seed, style: options.style)
        do throws(HarnessFailure) {
            try recorder.driver.open()
            try recorder.driver.perform(.define(HarnessSchema.first))
            try carryOut(&workload, options.operations, recorder)
            try recorder.driver.audit(dice: dice, twin: recorder.disk.crashKeepingAll())
        } catch {
            throw error.inside("seed \(seed), nothing ended")
        }
        recorder.driver.abandon()
        for ended in choose(recorder.ended, options.endings) { try recover(ended, depth: 1) }
    }

    private static let start: Microseconds = 1_700_000_000_000_000

    private func carryOut(
        _ workload: inout Workload,
        _ count: Int,
        _ recorder: Recorder
    )
        throws(HarnessFailure)
    {
        let driver = recorder.driver
        for _ in 0..<count {
            try driver.perform(workload.next(driver.oracle.newest, now: driver.clock.now()))
            recorder.note("nothing under way")
        }
    }

    /// So many of the endings, in their order; all of them for nil.
    private func choose(_ ended: [Ended], _ count: Int?) -> [Ended] {
        guard let count, count < ended.count else { return ended }
        var chosen: Set<Int> = []
        while chosen.count < count { chosen.insert(dice.below(ended.count)) }
        return chosen.sorted().map { ended[$0] }
    }

    private func recover(_ ended: Ended, depth: Int) throws(HarnessFailure) {
        recoveries += 1
        let goesOn = depth < options.depth
        let recorder = Recorder(
            disk: ended.disk,
            oracle: ended.oracle,
            now: ended.now,
            shape: shape,
            seed: seed &+ UInt64(recoveries) << 32,
            wrapper: wrapper,
            outcomes: goesOn ? 1 : 0,
            dice: dice
        )
        do throws(HarnessFailure) {
            try recorder.driver.open()
            try recorder.driver.audit(dice: dice, twin: recorder.disk.crashKeepingAll())
            var workload = Workload(seed: dice.next(), style: options.style)
            if options.operationsAfter > 0 {
                if recorder.driver.oracle.newest.schema.collections.isEmpty {
                    try recorder.driver.perform(.define(HarnessSchema.first))
                }
                try carryOut(&workload, options.operationsAfter, recorder)
                try recorder.driver.audit(dice: dice)
            }
        } catch {
            throw error.inside("seed \(seed), \(ended.place)")
        }
        recorder.driver.abandon()
        for next in choose(recorder.ended, options.nestedEndings) {
            var next = next
            next.place = ended.place + "\n  then " + next.place
            try recover(next, depth: depth + 1)
        }
    }
}

/// A driver on a disk whose every step is taken down as an ending.
///
/// SAFETY: as `Simulation`.
private final class Recorder: @unchecked Sendable {
    let disk: SimulatedDisk
    private(set) var driver: Driver
    private(set) var ended: [Ended] = []
    private let outcomes: Int
    private let dice: SeededRandomness
    private var steps = 0

    init(
        disk: SimulatedDisk,
        oracle: Oracle,
        now: Microseconds,
        shape: StoreShape,
        seed: UInt64,
        wrapper: DiskWrapper,
        outcomes: Int,
        dice: SeededRandomness
    ) {
        self.disk = disk
        self.outcomes = outcomes
        self.dice = dice
        // The listener needs the recorder, and the recorder the driver.
        let relay = Relay()
        driver = Driver(
            disk: SteppingDisk(wrapper(disk)) { relay.recorder?.step($0) },
            shape: shape,
            seed: seed,
            oracle: oracle,
            now: now
        )
        relay.recorder = self
    }

    /// SAFETY: as `Simulation`.
    private final class Relay: @unchecked Sendable {
        weak var recorder: Recorder?
    }

    private func step(_ what: String) {
        steps += 1
        note("step \(steps), \(what)")
    }

    /// Takes down the world as it is now.
    func note(_ moment: String) {
        for _ in 0..<outcomes {
            let ending: Ending = [
                .powerCut, .powerCut, .powerCut, .powerCutDroppingAll, .kill,
            ][dice.below(5)]
            var oracle = driver.oracle
            let next: SimulatedDisk
            switch ending {
            case .powerCut: next = disk.crash(using: dice)
            case .powerCutDroppingAll: next = disk.crashDroppingAll()
            case .kill: next = disk.crashKeepingAll()
            }
            if ending != .kill { oracle.hasLostPower = true }
            ended.append(
                Ended(
                    disk: next,
                    oracle: oracle,
                    now: driver.clock.now(),
                    place: "\(ending) at \(moment), \(driver.doing)"
                )
            )
        }
    }
}
