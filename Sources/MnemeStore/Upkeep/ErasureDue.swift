// What is due to leave the files. The upkeep goes by the time that is left; whoever asks at once
// goes by the log's sequences, as the time of day may have been set back since: then what died a
// while ago seems to die in times to come. Format: formats/store.md#erasure.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// What is due to go, of what is not needed any more.
enum ErasureDue: Sendable {
    /// What came to be so up to an instant.
    case since(Microseconds)
    /// What was so at this commit, whenever that was.
    case asked(UInt64)
}

extension Store {
    /// Whether a segment has some of what is due, of which so much is not needed.
    ///
    /// Of what was asked for at a commit nothing is in a cold segment that was judged as of that
    /// commit or later, or in a segment that was begun behind it.
    func isDue(_ number: UInt64, _ dead: DeadBytes, _ due: ErasureDue) -> Bool {
        switch due {
        case .since(let instant): return dead.byteCount > 0 && dead.since <= instant
        case .asked(let sequence):
            guard dead.byteCount > 0 else { return false }
            if let run = log.coldRun(number) { return run.asOf < sequence }
            guard let first = try? log.firstSequence(of: number) else { return true }
            return first <= sequence
        }
    }

    /// Whether the page file is due to be cleaned; `cleanAt`: the newest commit when the last
    /// cleaning that has ended began.
    func isPageFileDue(_ due: ErasureDue, cleanAt: UInt64?) -> Bool {
        guard let debt = newest.state.roots.dead[DeadBytes.pageFile] else { return false }
        switch due {
        case .since(let instant): return debt.since <= instant
        case .asked(let sequence): return cleanAt.map { $0 < sequence } ?? true
        }
    }

    /// Whether anything of what is due is still there.
    func holdsDue(_ due: ErasureDue, cleanAt: UInt64?) -> Bool {
        isPageFileDue(due, cleanAt: cleanAt)
            || newest.state.roots.dead.contains { number, dead in
                number != DeadBytes.pageFile && isDue(number, dead, due)
            }
    }

    /// Has what seems to have died in times to come have died now: the time of day was set back,
    /// and its time is not to be counted from when it will be that late again.
    ///
    /// - Throws: as `rearrange`.
    func settleDead(at now: Microseconds) throws(StoreError) {
        guard newest.state.roots.dead.values.contains(where: { $0.since > now }) else { return }
        try rearrange { editor throws(StoreError) in
            let dead = editor.roots.dead.mapValues { dead in
                DeadBytes(byteCount: dead.byteCount, since: min(dead.since, now))
            }
            editor.setCold(editor.roots.cold, dead: dead, endsLease: false)
        }
    }
}
