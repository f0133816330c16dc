// The process after one that ended at some step: it opens what is left, finds everything that the
// oracle knows, and goes on.

import MnemeBase
import SimulatedWorld

@testable import CrashHarness

struct NextProcess {
    let shape: StoreShape
    let seed: UInt64
    /// What it does between two audits.
    let operations: [Operation]

    init(shape: StoreShape, seed: UInt64, then operations: [Operation]) {
        self.shape = shape
        self.seed = seed
        self.operations = operations
    }

    /// Runs it on a disk; `place` says in failures where the process before ended.
    func check(
        _ disk: SimulatedDisk,
        _ oracle: Oracle,
        _ now: Microseconds,
        _ place: String
    ) throws {
        do throws(HarnessFailure) {
            let next = Driver(
                disk: disk,
                world: disk,
                shape: shape,
                seed: seed + 1,
                oracle: oracle,
                now: now
            )
            try next.open()
            let dice = SeededRandomness(seed: seed)
            try next.audit(dice: dice, twin: disk.crashKeepingAll())
            for operation in operations { try next.perform(operation) }
            try next.audit(dice: dice)
        } catch {
            throw error.inside(place)
        }
    }
}
