// What becomes of an erasure that fails: with what is kept until compaction has got on, and once
// what was deleted is still there after its time, whoever looks after the store is told so.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// Where compaction failed.
struct CompactionTrouble {
    /// With what; nil when it has got on since.
    var failure: MnemeError?
    /// Whether it was told that something is overdue.
    var hasTold = false
}

extension Store {
    /// Notes that compaction failed, and tells it, once, where something is overdue by that.
    func noteCompaction(failed failure: MnemeError) {
        let overdue = overdue(failure)
        let tells = upkeepState.withLock { state in
            state.compaction.failure = failure
            guard overdue != nil, !state.compaction.hasTold else { return false }
            state.compaction.hasTold = true
            return true
        }
        guard tells, let overdue else { return }
        options.report?(
            StoreNotice(.erasureOverdue, "An erasure is overdue: \(overdue.message)")
        )
    }

    /// Notes that compaction has got past what it failed with; `isDone`: nothing is left to do.
    func noteCompactionGoesOn(isDone: Bool) {
        upkeepState.withLock { state in
            state.compaction.failure = nil
            if isDone { state.compaction.hasTold = false }
        }
    }

    /// What compaction failed with, and what is overdue by that; nil when it has got on since.
    var compactionFailure: MnemeError? {
        guard let failure = upkeepState.withLock({ $0.compaction.failure }) else { return nil }
        return overdue(failure)
            ?? MnemeError(
                failure.code,
                "compaction failed: \(failure.message)",
                cause: failure.cause
            )
    }

    /// What is said where something has not gone from the files within its time, as compaction
    /// failed; nil where its time is not over.
    private func overdue(_ failure: MnemeError) -> MnemeError? {
        guard let since = newest.state.roots.dead.values.map(\.since).min(),
            options.clock.now() - since >= options.erasureDeadline
        else { return nil }
        let end = Instant(microseconds: since + options.erasureDeadline)
        return MnemeError(
            failure.code,
            "what was erased, deleted or replaced since \(Instant(microseconds: since)) is not "
                + "gone from the files yet, and is overdue since \(end), as compaction failed: "
                + failure.message,
            cause: failure.cause
        )
    }
}
