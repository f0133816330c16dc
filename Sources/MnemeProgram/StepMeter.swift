// The meters of a job of several steps, one after the other.

internal import Mneme
internal import MnemeCommandLine
internal import Synchronization

/// Shows the progress of the steps of a backup, a restore or a verification.
final class StepMeter: Sendable {
    private struct State {
        var title: String
        var meter: ProgressMeter
    }
    private let state: Mutex<State>
    private let invocation: Invocation

    /// `title`: what is shown until the job says something.
    private init(_ title: String, _ invocation: Invocation) {
        self.invocation = invocation
        state = Mutex(State(title: title, meter: Tool.meter(title, invocation)))
    }

    /// Runs a job that says how far it is.
    static func with<Result>(
        _ title: String,
        _ invocation: Invocation,
        _ job: (@escaping BackupWatch) throws -> Result
    ) rethrows -> Result {
        let meter = StepMeter(title, invocation)
        defer { meter.finish() }
        return try job { step, done, total in
            let unit = step == .verify ? "frames" : "bytes"
            meter.advance(step.rawValue, unit: unit, to: done, of: total)
        }
    }

    /// Verifies the store of a memory, and says how far it has come.
    static func verify(_ memory: Memory, _ invocation: Invocation) throws -> Verification {
        let meter = StepMeter("verify", invocation)
        defer { meter.finish() }
        return try memory.verify { step, done, total in
            switch step {
            case .read: meter.advance("verify", unit: "frames", to: done, of: total)
            case .compare:
                meter.advance("verify: comparing", unit: "records and edges", to: done, of: total)
            case .pages: meter.advance("verify: pages", unit: "bytes", to: done, of: total)
            }
        }
    }

    private func advance(_ title: String, unit: String, to done: Int, of total: Int) {
        state.withLock { state in
            if state.title != title {
                state.meter.finish()
                state = State(
                    title: title,
                    meter: Tool.meter(title, unit: unit, total: total, invocation)
                )
            }
            state.meter.advance(to: done, of: total)
        }
    }

    private func finish() { state.withLock { $0.meter.finish() } }
}
