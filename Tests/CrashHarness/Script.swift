// A run written down: what was done to the store between one opening and the next, where each of
// those times ended, and every seed that chance came from. A script does the same again, and so
// does what is left of it when operations are taken out.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// Where a process or a machine ended.
package struct EndingPoint: Sendable, Hashable {
    package var kind: Ending
    /// The number of the operation under way; -1 while the store was being opened.
    var operation: Int
    /// The last step on disk that was taken of it; all of them where it took fewer.
    var step: Int
    /// What decides which unsynced parts are kept.
    var seed: UInt64

    /// Whether a step comes at the end or before it.
    func includes(_ operation: Int, _ step: Int) -> Bool {
        operation < self.operation || (operation == self.operation && step <= self.step)
    }
}

/// An operation under the number that it had when it was first carried out.
package struct ScriptedOperation: Sendable {
    var number: Int
    var operation: Operation
}

/// What one process did.
package struct Phase: Sendable {
    /// Of the store's chance.
    var seed: UInt64
    /// Of the questions that are asked when everything is read back.
    var auditSeed: UInt64
    package var operations: [ScriptedOperation]
    /// What readers of the disk meet, as long as this process lives.
    var damage: [ReadFault] = []
    /// Whether the damage comes when the store is open.
    var isDamagedWhileOpen = false
    /// Nil for the last process, which reads everything back.
    var ending: EndingPoint?
}

/// A run written down.
package struct Script: Sendable {
    var seed: UInt64
    package var phases: [Phase]

    /// How many operations it has.
    package var count: Int { phases.reduce(0) { $0 + $1.operations.count } }
}

extension Script: CustomStringConvertible {
    package var description: String {
        var lines: [String] = []
        for (index, phase) in phases.enumerated() {
            lines.append("process \(index + 1) opens the store")
            for fault in phase.damage {
                lines.append("  damage\(phase.isDamagedWhileOpen ? " then" : ""): \(fault)")
            }
            for scripted in phase.operations {
                lines.append("  \(scripted.number)  \(scripted.operation)")
            }
            guard let ending = phase.ending else { continue }
            let place =
                ending.operation < 0 ? "the opening" : "operation \(ending.operation)"
            lines.append("  \(ending.kind) after step \(ending.step) of \(place)")
        }
        return lines.joined(separator: "\n")
    }
}

/// What scripts are carried out on.
package struct ScriptStage: Sendable {
    var shape: StoreShape
    var wrapper: DiskWrapper

    static let start: Microseconds = 1_700_000_000_000_000

    /// Carries a script out; returns when all was well.
    ///
    /// `trace` is told what is done, before it is done.
    package func run(
        _ script: Script,
        trace: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(HarnessFailure) {
        var world = Ended.beginning(seed: script.seed)
        for (index, phase) in script.phases.enumerated() {
            trace("process \(index + 1) opens the store")
            let run = PhaseRun(world, phase, self, trace: trace)
            defer { run.driver.abandon() }
            try run.open(isFirst: index == 0)
            for scripted in phase.operations { try run.perform(scripted) }
            guard phase.ending != nil else {
                try run.audit(isFirst: index == 0)
                return
            }
            guard let end = try run.end() else { return }
            world = end
        }
    }
}

/// The world at one moment, and what the oracle knew of it.
struct Ended: Sendable {
    /// As a kill would leave it.
    var disk: SimulatedDisk
    var oracle: Oracle
    var now: Microseconds
    /// Where it was taken, for messages.
    var place = ""
    /// What led to it, its own phase included.
    var phases: [Phase] = []

    static func beginning(seed: UInt64) -> Ended {
        Ended(disk: SimulatedDisk(seed: seed), oracle: Oracle(), now: ScriptStage.start)
    }

    /// The world that the next process finds.
    func after(_ ending: EndingPoint) -> Ended {
        var next = self
        switch ending.kind {
        case .powerCut: next.disk = disk.crash(using: SeededRandomness(seed: ending.seed))
        case .powerCutDroppingAll: next.disk = disk.crashDroppingAll()
        case .kill, .close: next.disk = disk.crashKeepingAll()
        }
        if ending.kind == .powerCut || ending.kind == .powerCutDroppingAll {
            next.oracle.hasLostPower = true
        }
        return next
    }
}
