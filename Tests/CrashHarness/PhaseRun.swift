// One process: a driver on a disk whose every step may be the last.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// A process from its opening on.
///
/// SAFETY: used by one thread; the disk's listener runs on it inside the store's calls.
final class PhaseRun: @unchecked Sendable {
    let disk: SimulatedDisk
    let driver: Driver
    /// The worlds that were taken, one for each moment, where they are wanted.
    private(set) var moments: [Ended] = []
    private(set) var phase: Phase
    private let before: [Phase]
    private let takesMoments: Bool
    private let trace: @Sendable (String) -> Void
    private var number = -1
    private var step = 0
    /// The last world at or before the phase's ending.
    private var last: Ended?

    /// A process that finds a world; `phase` has its seeds and its ending.
    ///
    /// `takesMoments`: whether every step is to be an ending that can be gone into.
    init(
        _ world: Ended,
        _ phase: Phase,
        _ stage: ScriptStage,
        takesMoments: Bool = false,
        trace: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        disk = world.disk
        before = world.phases
        self.phase = phase
        self.takesMoments = takesMoments
        self.trace = trace
        self.phase.operations = []
        if !phase.damage.isEmpty, !phase.isDamagedWhileOpen { disk.plan.reads = phase.damage }
        // The listener needs the run, and the run the driver.
        let relay = Relay()
        driver = Driver(
            disk: SteppingDisk(stage.wrapper(disk)) { relay.run?.stepped($0) },
            world: disk,
            shape: stage.shape,
            seed: phase.seed,
            oracle: world.oracle,
            now: world.now
        )
        driver.isDamaged = !phase.damage.isEmpty && !phase.isDamagedWhileOpen
        relay.run = self
    }

    /// SAFETY: as `PhaseRun`.
    private final class Relay: @unchecked Sendable {
        weak var run: PhaseRun?
    }

    /// Opens the store, and reads everything back unless it is the first process.
    func open(isFirst: Bool) throws(HarnessFailure) {
        try driver.open()
        number = .max
        if phase.isDamagedWhileOpen { damage() }
        if driver.isDamaged {
            try driver.auditCarefully(dice: auditDice)
        } else if !isFirst {
            try driver.audit(dice: auditDice, twin: disk.crashKeepingAll())
        }
    }

    /// Damages what the open store reads from now on, the pages of its mapped log too.
    private func damage() {
        disk.plan.reads = phase.damage
        driver.isDamaged = true
        for path in Set(phase.damage.map(\.path)) where path.hasSuffix(".log") {
            disk.damageMappings(of: path)
            driver.rowsMayBeDamaged = true
        }
    }

    /// Carries an operation out under its number.
    func perform(_ scripted: ScriptedOperation) throws(HarnessFailure) {
        phase.operations.append(scripted)
        number = scripted.number
        step = 0
        trace("  \(scripted.number)  \(scripted.operation)")
        try driver.perform(scripted.operation)
        // Behind the last step, where the operation has been answered.
        step += 1
        note("nothing under way")
    }

    /// Carries the next operation out.
    func perform(_ operation: Operation) throws(HarnessFailure) {
        try perform(ScriptedOperation(number: phase.operations.count, operation: operation))
    }

    /// Reads everything back.
    ///
    /// `isFirst`: also from pages that are derived again; a later process has done so when it
    /// opened the store.
    func audit(isFirst: Bool) throws(HarnessFailure) {
        number = .max
        trace("  everything is read back")
        driver.endReadFaults()
        if driver.isDamaged {
            try driver.auditCarefully(dice: auditDice)
        } else if driver.tolerated.isEmpty {
            try driver.audit(dice: auditDice, twin: isFirst ? disk.crashKeepingAll() : nil)
        } else if driver.isBroken {
            try driver.auditShown(dice: auditDice)
        } else {
            try driver.audit(dice: auditDice)
        }
    }

    /// The world that the phase's ending leaves.
    func end() throws(HarnessFailure) -> Ended? {
        guard let ending = phase.ending else { return nil }
        trace("  \(ending.kind) after step \(ending.step) of operation \(ending.operation)")
        if ending.operation == .max {
            return ending.kind == .close ? try close() : moment("at the end").after(ending)
        }
        return last?.after(ending)
    }

    /// The world after the end of the process alone.
    func kill() -> Ended {
        let ending = EndingPoint(kind: .kill, operation: .max, step: 0, seed: 0)
        var killed = moment("at the end")
        killed.phases[killed.phases.count - 1].ending = ending
        return killed.after(ending)
    }

    /// The world after an orderly end.
    func close() throws(HarnessFailure) -> Ended {
        number = .max
        try driver.close()
        var closed = moment("at the end")
        let ending = EndingPoint(kind: .close, operation: .max, step: 0, seed: 0)
        closed.phases[closed.phases.count - 1].ending = ending
        return closed.after(ending)
    }

    /// What led here.
    var script: [Phase] {
        var phase = phase
        phase.ending = nil
        return before + [phase]
    }

    private var auditDice: SeededRandomness { SeededRandomness(seed: phase.auditSeed) }

    private func stepped(_ what: String) {
        guard number < .max else { return }
        step += 1
        trace("       step \(step), \(what)")
        note(what)
        driver.stepped(what)
    }

    /// The world as it is now.
    private func note(_ what: String) {
        let isLast = phase.ending?.includes(number, step) ?? false
        guard takesMoments || isLast else { return }
        let moment = moment(what)
        if takesMoments { moments.append(moment) }
        if isLast { last = moment }
    }

    private func moment(_ what: String) -> Ended {
        var phase = phase
        phase.ending = EndingPoint(kind: .kill, operation: number, step: step, seed: 0)
        return Ended(
            disk: disk.crashKeepingAll(),
            oracle: driver.oracle,
            now: driver.clock.now(),
            place: "step \(step), \(what), \(driver.doing)",
            phases: before + [phase]
        )
    }
}
