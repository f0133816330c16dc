// The meters of a job of several steps, one after the other.

internal import Mneme
internal import MnemeCommandLine
internal import Synchronization

/// Shows the progress of the steps of a backup, a restore or a rebuild.
final class StepMeter: Sendable {
    private struct State {
        var step: BackupStep?
        var meter: ProgressMeter?
    }
    private let state = Mutex(State())
    private let invocation: Invocation

    private init(_ invocation: Invocation) { self.invocation = invocation }

    /// Runs a job that says how far it is.
    static func with<Result>(
        _ invocation: Invocation,
        _ job: (@escaping BackupWatch) throws -> Result
    ) rethrows -> Result {
        let meter = StepMeter(invocation)
        defer { meter.finish() }
        return try job { meter.advance($0, $1, $2) }
    }

    private func advance(_ step: BackupStep, _ done: Int, _ total: Int) {
        state.withLock { state in
            if state.step != step {
                state.meter?.finish()
                state.step = step
                let unit = step == .verify ? "frames" : "bytes"
                let total = total > 0 ? total : nil
                state.meter = Tool.meter(step.rawValue, unit: unit, total: total, invocation)
            }
            state.meter?.advance(to: done)
        }
    }

    private func finish() { state.withLock { $0.meter?.finish() } }
}
