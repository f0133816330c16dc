// Compaction: what is still needed of segments is written again into a cold one, and they are
// removed. In slices, at a rate that grows with what there is to gain; who does them, and how hard,
// is in CompactionDue.swift. The order that keeps every crash harmless: the cold segment is
// durable, then the state mentions it, then place by place leads into it instead of into the
// others, then it is complete, then two checkpoints say so, then nobody looks at an older state any
// more, then the others go. Format: formats/store.md#compaction.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

/// Where compaction stands.
struct CompactionState {
    var job: CompactionJob?
    /// Cold segments that are complete while those that they stand for are still there, in order:
    /// who looks at a state looks at what all of them stand for that were completed since.
    var retiring: [Retirement] = []
    /// Segments on their way out.
    var retirement: SegmentRetirement?
    /// A cleaning of the page file.
    var cleaning: PageCleaning?
    /// The newest commit when the last cleaning began, nil where there was none.
    var cleanAt: UInt64?
    /// When the next slice may begin, by the clock for durations.
    var due: Microseconds = 0

    /// Takes a retirement that may begin, of those that were noted up to so many checkpoints.
    mutating func takeReady(known checkpoints: Int) -> Retirement? {
        guard let next = retiring.first, next.lease == nil, next.checkpoints <= checkpoints else {
            return nil
        }
        return retiring.removeFirst()
    }
}

/// Segments that go when nobody needs them any more.
struct Retirement {
    var run: ColdRun
    /// What states hold that still lead into them.
    weak var lease: SegmentLease?
    /// The checkpoints that had been written then: both root blocks must know of it.
    var checkpoints: Int
}

/// A compaction under way.
enum CompactionJob {
    case writing(ColdCopy)
    case moving(ColdMoves)
}

extension Store {
    /// Bytes of a slice.
    static let sliceBytes = 1 << 20
    /// Frames that are moved in one turn of the writer, who is held up by some 3 µs for each.
    private static let movesPerTurn = 32
    /// How long nothing is tried again after a failure.
    private static let pauseAfterFailure: Microseconds = 60_000_000

    /// Goes on with the compaction under way by a slice, or begins one that is due.
    ///
    /// - Returns: how long to wait for the next slice; nil when there is nothing to do.
    /// - Throws: what reading or writing the segments does; the compaction is given up then.
    func compact() throws(StoreError) -> Microseconds? {
        try compacting.withLock { state throws(StoreError) in
            try checkStillOpen()
            let now = clock.elapsed()
            if now < state.due { return state.due - now }
            do throws(StoreError) {
                try settleDead(at: options.clock.now())
                let bytes = try step(&state, due: .since(erasureDue))
                noteKept(state)
                noteProgress(state, isDone: bytes == nil)
                let debt = spaceDebt
                space.set(debt)
                space.notePaid(bytes != nil || !space.isPressing)
                guard let bytes else { return nil }
                let rate = debt.rate(most: options.compactionBytesPerSecond)
                state.due = now + Int64(bytes) * 1_000_000 / Int64(max(rate, 1))
                return state.due - now
            } catch {
                space.notePaid(false)
                state.abandon()
                // The next attempt reads all of it again, and would as a rule fail the same way.
                state.due = now + Self.pauseAfterFailure
                noteCompaction(failed: MnemeError(error))
                throw error
            }
        }
    }

    /// Where it failed before, a copy begins anew: only one that was made says that it went well.
    private func noteProgress(_ state: CompactionState, isDone: Bool) {
        if case .moving = state.job { return noteCompactionGoesOn(isDone: false) }
        if isDone { noteCompactionGoesOn(isDone: true) }
    }

    /// Does everything that there is to compact, at once.
    package func compactAll() throws(MnemeError) {
        do throws(StoreError) {
            while true {
                compacting.withLock { $0.due = 0 }
                guard try compact() != nil else { return }
            }
        } catch {
            throw MnemeError(error)
        }
    }

    /// One slice; the bytes that it moved, nil when nothing is to be done.
    ///
    /// What is due goes, whatever it is worth.
    func step(
        _ state: inout CompactionState,
        due: ErasureDue
    ) throws(StoreError) -> Int? {
        if state.job == nil, let bytes = try retire(&state) { return bytes }
        switch state.job {
        case .writing(let copy):
            let bytes = try copy.slice(Self.sliceBytes, pause: compactionCourtesy.pause)
            if copy.isDone {
                let run = copy.run
                try mention(run, passing: copy.passing)
                state.job = .moving(ColdMoves(log, run))
            }
            return bytes
        case .moving(let moves):
            let bytes = try move(moves)
            if moves.isDone {
                state.job = nil
                state.retiring.append(try complete(moves))
                for _ in 0..<checkpointsBeforeRetiring { try checkpoint() }
            }
            return bytes
        case nil:
            if let number = newest.state.roots.cold.first(where: { !$0.isComplete })?.number,
                let run = log.coldRun(number)
            {
                // A compaction that was interrupted after its segment was durable.
                state.job = .moving(ColdMoves(log, run))
                return 0
            }
            if let run = nextRun(due) {
                if try checkpointAgain(state) { return 0 }
                state.job = .writing(try ColdCopy(self, run, packs: packs(due)))
                return 0
            }
            if try sealWhatIsDue(due) { return 0 }
            return try cleanPages(&state, due)
        }
    }

    // MARK: What to compact

    /// The sealed segments that the newest checkpoint does not replay, in order.
    private func candidates(_ due: ErasureDue) -> [CompactionCandidate] {
        let state = newest.state
        let end = upkeepState.withLock { $0.checkpoint.place.segment }
        let runs = state.roots.cold.compactMap { log.coldRun($0.number) }
        return log.sealedSegments.compactMap { number -> CompactionCandidate? in
            let run = log.coldRun(number)
            if let run {
                guard runs.contains(run) else { return nil }
            } else {
                guard number < end, !runs.contains(where: { $0.segments.contains(number) })
                else { return nil }
            }
            let dead = state.roots.dead[number]
            return CompactionCandidate(
                segments: run?.segments ?? number...number,
                asOf: run?.asOf,
                isEmpty: run == nil && log.isEmpty(number),
                byteCount: log.byteCount(of: number),
                dead: dead,
                isDue: dead.map { isDue(number, $0, due) } ?? false,
                passing: Int(clamping: state.roots.passing[number] ?? 0),
                isToPack: isToPack(number, run, state, due)
            )
        }
        .sorted { $0.segments.lowerBound < $1.segments.lowerBound }
    }

    /// The neighbouring segments that are to be written again next.
    private func nextRun(_ due: ErasureDue) -> ClosedRange<UInt64>? {
        CompactionChoice(
            candidates: candidates(due),
            share: options.compactionShare,
            largestSegment: options.logLimits.largestSegment,
            fewBytes: options.keptDeleteBytes,
            lastSequence: { [log] in try? log.lastSequence(of: $0.segments.upperBound) }
        )
        .next()
    }

    // MARK: Steps in the writer's place

    /// Publishes the newest state with changes that no commit makes.
    ///
    /// - Throws: `.refused` with why nothing is written any more; what `change` throws.
    func rearrange(
        _ change: @escaping @Sendable (StoreEditor) throws(StoreError) -> Void
    ) throws(StoreError) {
        let outcome = Mutex<StoreError?>(nil)
        let limit = options.writerMergeLimit
        asWriter { [writer, pages] in
            let went = writer.rearrange { state in
                let editor = StoreEditor(
                    state,
                    pages: pages,
                    analyzer: TextAnalyzer(),
                    mergeLimit: limit
                )
                do throws(StoreError) {
                    try change(editor)
                    return try editor.finish()
                } catch {
                    editor.discard()
                    outcome.withLock { $0 = error }
                    return nil
                }
            }
            if !went, let refusal = writer.refusal { outcome.withLock { $0 = .refused(refusal) } }
        }
        if let failure = outcome.withLock({ $0 }) { throw failure }
    }

    /// Has the state know of a cold segment, with so many bytes of deletes and unlinks.
    private func mention(_ run: ColdRun, passing: Int) throws(StoreError) {
        try rearrange { editor throws(StoreError) in
            let mention = ColdMention(
                number: run.number,
                isComplete: false,
                hasPacks: run.hasPacks
            )
            editor.setCold(
                editor.roots.cold + [mention],
                dead: editor.roots.dead,
                endsLease: false
            )
            editor.addPassing(passing, of: run.number)
        }
    }

    /// Leads places of the next slice into the cold segment; the bytes that it looked at.
    private func move(_ moves: ColdMoves) throws(StoreError) -> Int {
        let slice = try moves.slice(Self.sliceBytes)
        let stale = Mutex(0)
        let courtesy = compactionCourtesy
        for start in stride(from: 0, to: slice.frames.count, by: Self.movesPerTurn) {
            let part = slice.frames[start...].prefix(Self.movesPerTurn)
            try rearrange { editor throws(StoreError) in
                for frame in part where try !editor.move(frame.moved) {
                    stale.withLock { $0 += frame.byteCount }
                }
            }
            try makeRoom()
            courtesy.pause(part.reduce(0) { $0 + $1.byteCount })
        }
        moves.staleBytes += stale.withLock { $0 }
        return slice.byteCount
    }

    /// Nothing leads into the segments any more that a cold one stands for.
    private func complete(_ moves: ColdMoves) throws(StoreError) -> Retirement {
        let (run, stale, now) = (moves.run, moves.staleBytes, clock.now())
        let old = newest.state.lease
        let log = log
        try rearrange { editor throws(StoreError) in
            var dead = editor.roots.dead
            var cold = editor.roots.cold.filter { mention in
                guard let other = log.coldRun(mention.number) else { return false }
                return other == run || !run.segments.contains(other.segments.lowerBound)
            }
            for index in cold.indices where cold[index].number == run.number {
                cold[index].isComplete = true
            }
            let kept = Set(cold.map(\.number))
            func isGone(_ number: UInt64) -> Bool {
                SegmentNumber.isCold(number)
                    ? !kept.contains(number) : run.segments.contains(number)
            }
            dead = dead.filter { !isGone($0.key) }
            editor.roots.passing = editor.roots.passing.filter { !isGone($0.key) }
            editor.moveArchived(to: run.number, from: isGone)
            if stale > 0 {
                var own = dead[run.number] ?? DeadBytes(byteCount: 0, since: now)
                own.byteCount += UInt64(stale)
                dead[run.number] = own
            }
            editor.setCold(cold, dead: dead, endsLease: true)
        }
        // One that is under way may be of a state before.
        let checkpoints = checkpointing.withLock { _ in upkeepState.withLock { $0.checkpoints } }
        return Retirement(run: run, lease: old, checkpoints: checkpoints)
    }

    /// Has segments go that nobody needs any more, by a slice; nil where there are none.
    private func retire(_ state: inout CompactionState) throws(StoreError) -> Int? {
        if state.retirement == nil {
            let known = upkeepState.withLock { $0.checkpoints } - checkpointsBeforeRetiring
            if log.hasLeftovers {
                // Both root blocks are to know of what counts in their place.
                if known < 0 { try checkpoint() }
                if known >= 0 { _ = try onLog { () throws(LogError) in try log.removeLeftover() } }
                return 0
            }
            state.retirement = state.takeReady(known: known).map { log.retirement(of: $0.run) }
            // Nobody looks at a state any more that leads into them.
            if let retirement = state.retirement { records.erase(Set(retirement.numbers)) }
        }
        guard let retirement = state.retirement else { return nil }
        let courtesy = compactionCourtesy
        let step = try onLog { () throws(LogError) in
            try retirement.step(Self.sliceBytes, pause: courtesy.pause)
        }
        switch step {
        case .went(let bytes): return bytes
        case .held: return nil
        case .done:
            state.retirement = nil
            return 0
        }
    }

    /// Has both root blocks know of every compaction that is complete, where a checkpoint failed or
    /// the store was opened since; whether anything was to be done.
    ///
    /// What is written again may lack deletes because others were before it: whoever finds it must
    /// find those too, and nothing that stands for less.
    private func checkpointAgain(_ state: CompactionState) throws(StoreError) -> Bool {
        let wanted = (state.retiring.last?.checkpoints ?? 0) + checkpointsBeforeRetiring
        let missing = wanted - upkeepState.withLock { $0.checkpoints }
        for _ in 0..<max(0, missing) { try checkpoint() }
        return missing > 0
    }

    /// Both root blocks.
    private var checkpointsBeforeRetiring: Int { options.retiresEarly ? 1 : 2 }
}

extension CompactionState {
    /// Gives up the copy under way, which is begun anew.
    mutating func abandon() {
        if case .writing(let copy) = job { copy.abandon() }
        job = nil
    }
}
