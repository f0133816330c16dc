// Erasure: what was deleted or replaced goes from the files within a set time. The log is rolled,
// so that its frames stand in sealed segments, and compacted; text runs are written without dead
// documents; the page file is written so that no base keeps what a delta took out, and what it does
// not use is zeroed. Only then the debt of the page file is paid: it stands in the state beside
// that of the segments, under number 0. Format: formats/store.md#erasure.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import Synchronization

extension DeadBytes {
    /// The number, among those of segments, under which the page file stands.
    static let pageFile: UInt64 = 0
}

extension Store {
    /// Takes everything that was deleted or replaced, or has expired, until now out of the files,
    /// at once.
    ///
    /// Snapshots that are still looked at, and backups that are being made, keep what they need of
    /// it; it goes when they have ended.
    ///
    /// - Parameter progress: called now and then with the bytes that were read or written so far.
    /// - Returns: whether all of it is gone.
    /// - Throws: as commits do when files cannot be written.
    /// - Complexity: O(bytes of the segments that hold any of it, and of the page file).
    package func eraseNow(progress: (Int) -> Void = { _ in }) throws(MnemeError) -> Bool {
        try checkWritable()
        var bytes = 0
        let due: ErasureDue
        do throws(StoreError) {
            try retainNow()
            try sweep()
            due = .asked(newest.state.sequence)
            var hasCleaned = false
            while true {
                let went = try compacting.withLock { state throws(StoreError) -> Int? in
                    try checkStillOpen()
                    do throws(StoreError) {
                        if let bytes = try step(&state, due: due) { return bytes }
                        // Also where nothing was deleted: free places hold what was there before.
                        if hasCleaned { return nil }
                        hasCleaned = true
                        return state.cleanAt == newest.state.sequence ? nil : try clean(&state)
                    } catch {
                        state.abandon()
                        throw error
                    }
                }
                guard let went else { break }
                bytes += went
                progress(bytes)
            }
            // Checkpoints since the last cleaning have freed what they replaced.
            try keepClean()
        } catch {
            throw MnemeError(error)
        }
        noteCompactionGoesOn(isDone: true)
        return compacting.withLock { state in
            state.retiring.isEmpty && state.retirement == nil && !log.hasLeftovers
                && !holdsDue(due, cleanAt: state.cleanAt)
        }
    }

    /// What came to be not needed up to this instant is due to go: half of its time is left for
    /// doing it.
    ///
    /// The store's own clock would stand still where that of the system was set back.
    var erasureDue: Microseconds { options.clock.now() - options.erasureDeadline / 2 }

    /// Bytes of the newest segment from which on it is worth packing.
    private static let worthSealing = 1 << 20

    /// Whether somebody asked, behind what stands in the newest segment, and there is much of that.
    private func isToSeal(_ due: ErasureDue) -> Bool {
        let end = log.writtenPlace
        guard case .asked(let sequence) = due, end.offset >= Self.worthSealing,
            let first = try? log.firstSequence(of: end.segment)
        else { return false }
        return first <= sequence
    }

    /// Seals the newest segment where it holds what is due, so that it can be compacted; whether it
    /// did.
    func sealWhatIsDue(_ due: ErasureDue) throws(StoreError) -> Bool {
        let end = upkeepState.withLock { $0.checkpoint.place.segment }
        let last = log.writtenPlace.segment
        let holdsDue = newest.state.roots.dead.contains { number, dead in
            end <= number && number <= last && isDue(number, dead, due)
        }
        guard holdsDue || isToSeal(due) else { return false }
        let failure = Mutex<LogError?>(nil)
        asWriter { [log] in
            do throws(LogError) { try log.roll() } catch { failure.withLock { $0 = error } }
        }
        if let failure = failure.withLock({ $0 }) { throw .log(failure) }
        try checkpoint()
        return true
    }
}
