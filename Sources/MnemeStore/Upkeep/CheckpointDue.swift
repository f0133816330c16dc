// When a checkpoint is written: as soon as the log behind the newest one would take long to replay.
// A thread of its own does it: the tail grows as long as one is being written, so none waits for
// other work, and the next one begins at once where the tail is too long again.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import Synchronization

extension Store {
    /// About how long the log since the newest checkpoint takes to replay, and its bytes.
    ///
    /// 3 ns a byte of the log, 45 ns a byte of searchable text, 2 µs a vector, and 8 µs for a page
    /// that has to be read, with its delta, before something is changed in it.
    private var tail: (work: Microseconds, bytes: Int, vectors: Int) {
        let (start, before) = upkeepState.withLock { ($0.checkpoint, $0.put) }
        let put = newest.state.roots.put
        let bytes = log.bytes(since: start.place)
        let vectors = put.vectors - before.vectors
        let nanoseconds =
            bytes * 3 + (put.textBytes - before.textBytes) * 45 + vectors * 2000
            + (put.pages - before.pages) * 8000
        return (Microseconds(nanoseconds / 1000), bytes, vectors)
    }

    /// Whether the log behind the newest checkpoint would take too long to replay; 64 MiB of it are
    /// never left behind.
    ///
    /// Every checkpoint writes most of the page table, so as long as the replay is not twice too
    /// long the log is first to grow by as much.
    var isCheckpointDue: Bool {
        let (work, bytes, vectors) = tail
        let budget = options.replayBudget
        return work > budget && (bytes > pages.tableBytes || work / 2 > budget)
            || vectors > options.checkpointVectors || bytes > 64 << 20 || pages.isCrowded
    }

    /// Whether the log behind the newest checkpoint would take twice as long to replay as it may.
    var isTailTooLong: Bool { tail.work / 2 > options.replayBudget }

    /// Writes a checkpoint if one is due, or if it lets pages go that are too many.
    func checkpointIfDue() throws(StoreError) {
        // Whoever waits to write must not wait for what a checkpoint lets go.
        defer { brake.roundEnded() }
        guard isCheckpointDue || pages.strain >= 1 else { return }
        try checkpointing.withLock { _ throws(StoreError) in
            // Somebody may have written one while this one waited.
            if isCheckpointDue || pages.strain >= 1 { try checkpointAlone() }
        }
        trimPages()
    }

    /// Below that of commits, which are waited for, and far above that of the work that nobody
    /// waits for: at the lowest priority a checkpoint takes seconds where both cores are busy, and
    /// the tail grows all the while.
    private static let checkpointNiceness: Int32 = 5

    /// Starts the thread of the checkpoints.
    func startCheckpoints() {
        upkeepState.withLock { $0.hasCheckpointThread = true }
        BackgroundThread.start(niceness: Self.checkpointNiceness) { [weak self, checkpointGate] in
            while true {
                _ = checkpointGate.wait(atMost: Self.longestPause)
                guard let self else { return }
                // Once where pages are too many: some may be held for long.
                if self.mayCheckpoint { self.checkpointBeside() } else { self.brake.roundEnded() }
                while self.mayCheckpoint, self.isCheckpointDue { self.checkpointBeside() }
                if self.upkeepState.withLock({ $0.isStopping }) {
                    self.checkpointsStoppedGate.open()
                    return
                }
            }
        }
    }

    /// Whether the thread goes on: not when the store is being closed, and not right after it
    /// failed.
    private var mayCheckpoint: Bool {
        let (isStopping, failed) = upkeepState.withLock {
            ($0.isStopping, $0.checkpointFailure?.time)
        }
        return !isStopping && failed.map { clock.elapsed() - $0 >= Self.longestPause } ?? true
    }

    private func checkpointBeside() {
        var failure: MnemeError?
        do throws(StoreError) { try checkpointIfDue() } catch { failure = MnemeError(error) }
        let time = clock.elapsed()
        upkeepState.withLock { $0.checkpointFailure = failure.map { ($0, time) } }
    }
}
