// What a seed means: three runs, one in which processes and machines end, one in which the disk
// also fails, one in which it reads back something else. Each is made small where it fails.

internal import MnemeBase

/// A kind of run.
package enum RunKind: String, CaseIterable, Sendable {
    /// Processes and machines end at any step.
    case endings
    /// The disk fails beside that.
    case faults
    /// The disk reads back something else than was written.
    case damage
}

/// One run of one seed.
package struct SeedRun {
    private let seed: UInt64
    private let kind: RunKind
    private let options: SimulationOptions
    private let bug: PlantedBug?

    /// A run of a kind; `bug` is planted where processes end or disks fail.
    package init(
        seed: UInt64,
        kind: RunKind,
        options: SimulationOptions = SimulationOptions(),
        bug: PlantedBug? = nil
    ) {
        self.seed = seed
        self.kind = kind
        self.options = options
        self.bug = bug
    }

    /// What a run came to.
    package struct Outcome {
        /// How many endings were gone into.
        package var recoveries = 0
        /// How many segments compaction removed.
        package var retired = 0
        /// What was found wrong.
        package var failure: HarnessFailure?
        /// What led there, and what it is carried out on.
        package var script: Script?
        package var stage: ScriptStage
    }

    /// Carries it out; `trace` is told what is done before it is done.
    package func run(trace: @escaping @Sendable (String) -> Void = { _ in }) -> Outcome {
        if kind == .damage {
            let simulation = DamageSimulation(seed: seed, options: options)
            simulation.trace = trace
            return outcome(simulation.stage, { simulation.failed }, { (2, simulation.retired) }) {
                () throws(HarnessFailure) in try simulation.run()
            }
        }
        var options = options
        options.faults = kind == .faults
        let simulation =
            bug?.simulation(seed: seed, options: options)
            ?? Simulation(seed: seed, options: options)
        simulation.trace = trace
        return outcome(
            simulation.stage,
            { simulation.failed },
            { (simulation.recoveries, simulation.retired) }
        ) { () throws(HarnessFailure) in try simulation.run() }
    }

    private func outcome(
        _ stage: ScriptStage,
        _ script: () -> Script?,
        _ counts: () -> (recoveries: Int, retired: Int),
        _ body: () throws(HarnessFailure) -> Void
    ) -> Outcome {
        var outcome = Outcome(stage: stage)
        do throws(HarnessFailure) { try body() } catch { outcome.failure = error }
        (outcome.recoveries, outcome.retired) = counts()
        outcome.script = script()
        return outcome
    }

    /// Carries it out; returns when all was well.
    ///
    /// - Returns: how many segments compaction removed.
    @discardableResult
    package func check() throws(HarnessFailure) -> Int {
        let outcome = run()
        if let failure = outcome.failure { throw failure }
        return outcome.retired
    }
}
