// One seed with a disk that reads back something else than was written: flipped bits, sectors of
// zeros, of another place or of an earlier time. Whatever the store answers is right or names the
// damage, nothing is lost without a word, and when the disk reads well again everything is there.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// Runs one seed with damage.
package final class DamageSimulation {
    private let seed: UInt64
    private let options: SimulationOptions
    /// What the seed's scripts are carried out on.
    package let stage: ScriptStage
    private let dice: SeededRandomness
    /// How many segments compaction removed.
    package private(set) var retired = 0
    /// What led to the failure, when there was one.
    package private(set) var failed: Script?
    /// Told what is done before it is done.
    package var trace: @Sendable (String) -> Void = { _ in }

    /// A run; only the counts of operations are taken from the options.
    package init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
        self.seed = seed
        self.options = options
        stage = ScriptStage(shape: StoreShape(seed: seed), wrapper: { $0 })
        dice = SeededRandomness(seed: seed &* 0x9e37_79b9 &+ 5)
    }

    /// Everything; returns when all was well.
    package func run() throws(HarnessFailure) {
        var world = try first()
        let isWhileOpen = dice.below(3) == 0
        var phase = phase()
        phase.damage = damage(of: world, closed: world.phases.last?.ending?.kind == .close)
        phase.isDamagedWhileOpen = isWhileOpen
        world = try work(world, phase, "damage \(phase.damage)", kill: dice.below(2) == 0)
        _ = try work(world, self.phase(), "after damage \(phase.damage)", kill: true)
    }

    private func phase() -> Phase {
        Phase(seed: dice.next(), auditSeed: dice.next(), operations: [])
    }

    /// A store with something in it, closed or killed.
    private func first() throws(HarnessFailure) -> Ended {
        let run = PhaseRun(.beginning(seed: seed), phase(), stage, trace: trace)
        var workload = Workload(seed: seed)
        defer {
            retired += run.driver.retired
            run.driver.abandon()
        }
        return try watched(run, "before any damage") { () throws(HarnessFailure) in
            try run.open(isFirst: true)
            try run.perform(.define(HarnessSchema.first))
            let memory = dice.below(options.operations)
            for number in 0..<options.operations {
                if number == memory { try run.perform(.remember) }
                try run.perform(next(&workload, run))
            }
            if dice.below(2) == 0 { try run.perform(.checkpoint) }
            return try dice.below(3) == 0 ? run.kill() : run.close()
        }
    }

    private func work(
        _ world: Ended,
        _ phase: Phase,
        _ place: String,
        kill: Bool
    ) throws(HarnessFailure) -> Ended {
        let run = PhaseRun(world, phase, stage, trace: trace)
        var workload = Workload(seed: dice.next())
        defer {
            retired += run.driver.retired
            run.driver.abandon()
        }
        return try watched(run, place) { () throws(HarnessFailure) in
            try run.open(isFirst: false)
            for _ in 0..<options.operationsAfter { try run.perform(next(&workload, run)) }
            try run.audit(isFirst: false)
            return try kill ? run.kill() : run.close()
        }
    }

    private func next(_ workload: inout Workload, _ run: PhaseRun) -> Operation {
        workload.next(run.driver.oracle.newest, now: run.driver.clock.now())
    }

    private func watched<Result>(
        _ run: PhaseRun,
        _ place: String,
        _ body: () throws(HarnessFailure) -> Result
    ) throws(HarnessFailure) -> Result {
        do throws(HarnessFailure) {
            return try body()
        } catch {
            failed = Script(seed: seed, phases: run.script)
            throw error.inside("seed \(seed), \(place)")
        }
    }

    // MARK: Damage

    /// One damaged place, or a few.
    ///
    /// Of a log that was not closed, the end is left alone: its newest group cannot be told from
    /// one that a power cut interrupted. What is as it was earlier is so in one file alone: a log
    /// and a page file that both are cannot be told from an earlier store.
    private func damage(of world: Ended, closed: Bool) -> [ReadFault] {
        let files = world.disk.contents().compactMap { file in
            file.bytes.map { (path: file.path, bytes: $0) }
        }.filter { !$0.bytes.isEmpty && (closed || $0.path.hasSuffix("/pages")) }
        guard !files.isEmpty else { return [] }
        let faults = (0..<[1, 1, 1, 2, 5][dice.below(5)]).flatMap { _ in
            let file = files[dice.below(files.count)]
            return dice.below(4) == 0 ? lostWrite(file) : [fault(file, files)]
        }
        let stale = faults.lazy.compactMap(Self.stalePath).first
        return faults.filter { Self.stalePath($0).map { $0 == stale } ?? true }
    }

    /// The file in which a fault shows what was there earlier; nil of another fault.
    private static func stalePath(_ fault: ReadFault) -> String? {
        if case .stale(let path, _) = fault { path } else { nil }
    }

    /// 8 KiB as they were at an earlier time: what a disk shows that has lost a write.
    private func lostWrite(_ file: (path: String, bytes: [UInt8])) -> [ReadFault] {
        let first = UInt64(dice.below(file.bytes.count) / 8192 * 16)
        return (first..<(first + 16)).map { .stale(path: file.path, sector: $0) }
    }

    private func fault(
        _ file: (path: String, bytes: [UInt8]),
        _ files: [(path: String, bytes: [UInt8])]
    ) -> ReadFault {
        var offset = dice.below(file.bytes.count)
        // Zeros are what nobody looks at, mostly.
        for _ in 0..<16 where file.bytes[offset] == 0 { offset = dice.below(file.bytes.count) }
        let sector = UInt64(offset / 512)
        switch dice.below(6) {
        case 0, 1:
            return .flipped(path: file.path, offset: UInt64(offset), mask: 1 << dice.below(8))
        case 2: return .zeroed(path: file.path, sector: sector)
        case 3:
            let other = UInt64(dice.below(file.bytes.count) / 512)
            return .misdirected(path: file.path, sector: sector, to: other)
        case 4:
            let other = files[dice.below(files.count)]
            return .misdirected(
                path: file.path,
                sector: sector,
                to: UInt64(dice.below(other.bytes.count) / 512),
                of: other.path
            )
        default: return .stale(path: file.path, sector: sector)
        }
    }
}
