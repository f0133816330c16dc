// Work behind the commits, in slices: a spare segment, the flush of weaker commits, checkpoints,
// the sweep of what has expired (Sweep.swift), the merging of text runs. A store does it on a
// thread of its own at the lowest priority; where chance must be reproducible, the caller calls
// `upkeep` instead.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import Synchronization

/// What upkeep remembers.
struct UpkeepState {
    /// Where the newest checkpoint's replay begins.
    var checkpoint: LogPosition
    /// What had been put by then.
    var put = PutWork()
    /// How many were written since the store was opened.
    var checkpoints = 0
    /// The newest checkpoint's state extent, in use as long as it is the newest.
    var stateExtent: PageExtent?
    /// A sync of the page file failed; it is not written any more.
    var pagesFailed = false
    var isStopping = false
    var hasStopped = true
    /// Of the newest round.
    var failure: MnemeError?
    /// Whether a thread of its own writes the checkpoints that are due.
    var hasCheckpointThread = false
    /// Whether a thread of its own compacts where the debt of space presses.
    var hasCompactionThread = false
    /// What that met when it wrote one last, and when.
    var checkpointFailure: (error: MnemeError, time: Microseconds)?
    /// Whether a thread goes on with indexes, and when it failed last.
    var isIndexing = false
    /// Whether a thread works on graphs.
    var isGraphing = false
    var indexFailure: (error: MnemeError, elapsed: Microseconds)?
    /// Indexes that were given up since the store was opened.
    var indexesGivenUp: [IndexBuild] = []
    /// Of a field that came to be searched: about how many sequences were gone through.
    var textPass: (number: UInt16, done: UInt64)?
    var sweepPause = SweepPause()
    var retention = RetentionDue()
    var compaction = CompactionTrouble()
    /// Damage of the log that a checkpoint has left behind.
    var outran: Set<LogPlace> = []

    init(checkpoint: LogPosition, stateExtent: PageExtent? = nil) {
        self.checkpoint = checkpoint
        self.stateExtent = stateExtent
    }
}

/// A kind of work behind the commits, in the order in which a round does them.
///
/// Each stands alone: any order of them is right, and a caller that works without threads of the
/// store's own may choose one.
package enum UpkeepStep: String, CaseIterable, Sendable {
    /// The next segment is made ready.
    case spare
    /// Weaker commits become durable.
    case flush
    /// States that were replaced too long ago are taken back from snapshots.
    case snapshots
    /// What is not kept any longer is deleted, and what has expired, and what was deleted together
    /// is taken out.
    case sweep
    /// Pages in memory are brought back within their bound, and idle memory is given back.
    case trim
    /// A checkpoint is written if one is due.
    case checkpoint
    /// Text runs that are due are merged.
    case merge
    /// Indexes over many records are built, and what was dropped is taken out; graphs of vectors
    /// are made, grow and are mended; jobs over a whole graph are done.
    case index
    /// Damage of the log that the next opening would meet is put behind a checkpoint.
    case outrun
    /// Segments of which much is not needed are written again.
    case compact
}

extension Store {
    /// Does what is due of these steps, once each, in their order; everything unless told.
    ///
    /// What fails holds up nothing that comes after it. A sweep that failed is left alone for a
    /// while; its error stays in `upkeepFailure` meanwhile.
    ///
    /// - Throws: the first failure, when everything else has been done.
    package func upkeep(_ steps: [UpkeepStep] = UpkeepStep.allCases) throws(MnemeError) {
        if isReadOnly { return }
        var failure: MnemeError?
        for step in steps {
            do throws(StoreError) { try work(step) } catch {
                failure = failure ?? MnemeError(error)
            }
        }
        upkeepState.withLock { $0.failure = failure ?? $0.sweepPause.failure }
        if let failure { throw failure }
    }

    private func work(_ step: UpkeepStep) throws(StoreError) {
        switch step {
        case .spare: try onLog { () throws(LogError) in try log.prepareSpare() }
        case .flush: try flush()
        case .snapshots:
            newest.ages.takeBack()
            transactions.sweep()
        case .sweep:
            try retainAndSweep()
            try keepAudit()
            try keepTouches()
        case .trim: trimPages()
        case .checkpoint: try checkpointIfDue()
        case .merge: try mergeRuns()
        case .index:
            try workOnIndexes()
            try workOnGraphs()
            try workOnGraphJobs()
        case .outrun: try outrunDamage()
        case .compact: if !leavesCompaction { _ = try compact() }
        }
    }

    /// What the work behind failed with when it was tried last, nil when it went well; of
    /// compaction also what is overdue by that.
    package var upkeepFailure: MnemeError? {
        let (work, met) = upkeepState.withLock { state in
            (state.failure ?? state.checkpointFailure?.error, state.compaction.failure)
        }
        guard let compaction = compactionFailure else { return work }
        // A round in which compaction alone failed has failed with the same.
        guard let work, work != met else { return compaction }
        return MnemeError(
            work.code,
            "\(work.message). Beside that, \(compaction.message)",
            cause: work.cause
        )
    }

    /// Writes a checkpoint now.
    ///
    /// - Throws: `MnemeError` when the page file refuses.
    package func checkpointNow() throws(MnemeError) {
        try checkpointing.withLock { _ throws(MnemeError) in
            // Under the lock: closing waits for it before it gives the files to somebody else.
            try checkWritable()
            do throws(StoreError) { try checkpointAlone() } catch { throw MnemeError(error) }
        }
    }

    static let longestPause: Microseconds = 500_000
    /// Where records are not kept for ever the first look comes soon: an opening may be short.
    private static let firstLook: Microseconds = 50_000
    /// Memory that nobody has used for so long goes back to the system.
    private static let idleTime: Microseconds = 30_000_000
    /// What the upkeep's own thread does.
    private static let stepsBehind = UpkeepStep.allCases.filter { $0 != .checkpoint }

    func startUpkeep() {
        upkeepState.withLock { $0.hasStopped = false }
        startCheckpoints()
        startCompaction()
        let firstPause = isRetentionDue ? Self.firstLook : Self.longestPause
        BackgroundThread.start { [weak self, upkeepGate] in
            var pause = firstPause
            var idleLook: Microseconds = 0
            while true {
                let wasCalled = upkeepGate.wait(atMost: pause)
                guard let self else { return }
                if self.upkeepState.withLock({ $0.isStopping }) {
                    self.upkeepState.withLock { $0.hasStopped = true }
                    self.stoppedGate.open()
                    return
                }
                if wasCalled || !self.log.isDurable || self.newest.state.roots.mayHide
                    || self.isRetentionDue
                {
                    // What fails here is kept for the statistics.
                    try? self.upkeep(Self.stepsBehind)
                    if self.isCheckpointDue { self.checkpointGate.open() }
                }
                self.noteGraphWork()
                self.noteGraphJobs()
                // What fails here is tried again, and told where rows had to be dropped.
                try? self.keepAudit()
                // A use that cannot be kept is none.
                try? self.keepTouches()
                self.newest.ages.takeBack()
                self.transactions.sweep()
                if self.clock.elapsed() >= idleLook {
                    idleLook = self.clock.elapsed() + Self.idleTime
                    self.pages.giveBackIdleMemory()
                }
                pause = min(
                    self.scrub(),
                    self.leavesCompaction ? .max : self.compactionPause(),
                    Self.longestPause
                )
            }
        }
    }

    func stopUpkeep() {
        let runs = upkeepState.withLock { state in
            state.isStopping = true
            return !state.hasStopped
        }
        guard runs else { return }
        upkeepGate.open()
        stoppedGate.wait()
        checkpointGate.open()
        checkpointsStoppedGate.wait()
        compactionGate.open()
        compactionStoppedGate.wait()
        waitForIndexes()
        waitForGraphs()
        waitForGraphJobs()
    }

    /// Wakes the upkeep when there is something to do.
    func noteWork() {
        guard options.worksInBackground else { return }
        noteIndexWork()
        if isCheckpointDue { checkpointGate.open() }
        if space.takesLook(at: log.writtenPlace) { noteDebt() }
        if !log.hasSpare || pages.isOverfull || newest.ages.isDue
            || RunMerging.due(newest.state.runs) != nil
        {
            upkeepGate.open()
        }
    }

    /// Keeps the pages in memory within their bound.
    func trimPages() {
        if pages.isOverfull {
            // No checkpoint at the same time: what it has not made durable must stay.
            checkpointing.withLock { _ in
                asWriter { [writer, pages] in
                    _ = writer.rearrange { state in pages.trim().map { state.replacing(root: $0) } }
                }
            }
        }
        pages.giveBackMemory()
    }

    /// Has work that changes many pages go on within their bound.
    func makeRoom() throws(StoreError) {
        guard pages.strain >= 1 else { return }
        try checkpoint()
        trimPages()
        brake.roundEnded()
    }

    /// Makes durable what weaker commits left.
    private func flush() throws(StoreError) {
        guard !log.isDurable else { return }
        asWriter { [log] in try? log.commit() }
    }

    /// Merges runs that are due, without holding anybody up, and puts the result in their place.
    ///
    /// While a store is written there may always be some; a checkpoint that is due comes first.
    private func mergeRuns() throws(StoreError) {
        let hasCheckpointThread = upkeepState.withLock { $0.hasCheckpointThread }
        var isFirst = true
        while let range = RunMerging.due(newest.state.runs) {
            if !isFirst, !hasCheckpointThread, isCheckpointDue { return upkeepGate.open() }
            isFirst = false
            let state = newest.state
            guard range.upperBound <= state.runs.count else { return }
            let parts = Array(state.runs[range])
            // Where nothing is written any more the same runs would be due for ever.
            guard try exchange(parts, seenIn: state) else { return }
        }
    }
}

extension StoreState {
    /// The same state with one run in the place of several; nil when they are not all there any
    /// more.
    func replacing(_ parts: [StoredRun], by merged: StoredRun, dropped: Int) -> StoreState? {
        guard let first = parts.first,
            let start = runs.firstIndex(where: { $0 === first }),
            start + parts.count <= runs.count,
            zip(runs[start...], parts).allSatisfy({ $0 === $1 })
        else { return nil }
        var next = runs
        next.replaceSubrange(
            start..<(start + parts.count),
            with: merged.documentCount > 0 ? [merged] : []
        )
        var roots = roots
        // Fewer may be counted where words went or came without their records' puts.
        roots.deadDocuments = max(0, roots.deadDocuments - dropped)
        return StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: next,
            lease: lease
        )
    }
}
