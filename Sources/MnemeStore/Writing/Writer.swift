// The writer: decides each batch of a group against everything before it, applies it to the
// unpublished state, gathers its frames; then has the group made durable and publishes it. The next
// group is decided on top of a sealed one, which is published before it. A refused batch leaves no
// trace; a failed write or sync publishes nothing and ends the writing until the store is opened
// again.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

/// A batch as it is submitted.
struct WriterWork: Sendable {
    var changes: [PreparedChange]
    /// The catalog that they were prepared under.
    var catalogVersion: UInt32
    var durability: Durability
    /// Whether what a put names has to be there.
    var checksReferences = true
    /// Who makes the changes.
    var signatures = SignedSteps()
    /// After how many changes each request of a transaction ended: what holds at the end of a batch
    /// has to hold there too.
    var requestEnds: [Int] = []
    /// Prepares them again, under a newer catalog.
    var prepareAgain: @Sendable (Catalog) throws(MnemeError) -> [PreparedChange]
    /// What must hold for the changes of a transaction; nil of others.
    var check: TransactionCheck?
    /// The key under which it is done once.
    var once: OnceKey?
    /// What rows of the audit are made of; nil where none are.
    var audit: AuditNote?
    /// How far whoever makes the changes reaches; nil where that is everywhere.
    var reach: Reach?
    /// What says which changes they are when they are decided; nil of others.
    var range: RangeDelete?
    /// The version of the catalog under which was read what the changes were decided by; nil where
    /// nothing was.
    var seenVersion: UInt32?
    /// About so many bytes of the log.
    ///
    /// - Complexity: O(changes).
    var byteCount: Int {
        changes.reduce(0) { sum, change in
            switch change {
            case .put(let put):
                sum + 128 + put.body.count + put.vectors.reduce(0) { $0 + $1.bytes.count }
            case .link(let link):
                sum + 128 + link.body.count + link.vectors.reduce(0) { $0 + $1.bytes.count }
            case .supersede(let supersede): sum + 2048 + supersede.put.body.count
            // What it makes of the record is not known yet.
            case .patch, .mark: sum + 1024
            default: sum + 128
            }
        }
    }
}

/// What waits for the writer.
enum WriterJob: Sendable {
    case batch(WriterWork)
    /// Runs between two groups.
    case task(@Sendable () -> Void)
}

typealias WriterOutcome = Result<Committed, MnemeError>

/// Turns groups of batches into commits.
///
/// SAFETY: the commit queue has one thread stage and seal, and one thread harden, at a time; what
/// hardening uses, `sealed`, is changed by sealing, which never runs beside it.
final class Writer: GroupWriter, @unchecked Sendable {
    private let log: Log
    private let pages: PageFile
    private let clock: SteadyClock
    private let mergeLimit: Int
    private let recordsAtOnce: Int
    /// What makes puts of patches under a catalog.
    private let preparation: @Sendable (Catalog) -> ChangePreparation
    private let analyzer = TextAnalyzer()
    private let publish: @Sendable (StoreState) -> Void
    private let transactions: Transactions
    private let edgeChanges: EdgeChanges
    /// With everything that is sealed; `subtrees` is with everything that is staged.
    private var state: StoreState
    private var open = OpenGroup()
    private var sealed: Result<SealedGroup, MnemeError>?
    private var givenUp: MnemeError?
    private let watch: WriteWatch
    let times = WriteTimes()
    private let subtrees = SubtreeSums()

    /// `report` is told when the disk is full, when there is room, and when writing ends for good.
    init(
        log: Log,
        pages: PageFile,
        clock: SteadyClock,
        mergeLimit: Int,
        recordsAtOnce: Int,
        state: StoreState,
        transactions: Transactions,
        edgeChanges: EdgeChanges,
        preparation: @escaping @Sendable (Catalog) -> ChangePreparation,
        report: (@Sendable (StoreNotice) -> Void)? = nil,
        publish: @escaping @Sendable (StoreState) -> Void
    ) {
        watch = WriteWatch(report)
        self.log = log
        self.pages = pages
        self.clock = clock
        self.mergeLimit = mergeLimit
        self.recordsAtOnce = recordsAtOnce
        self.preparation = preparation
        self.state = state
        self.transactions = transactions
        self.edgeChanges = edgeChanges
        self.publish = publish
    }

    func stage(_ job: WriterJob, isQuiet: Bool, isBrief: Bool) -> Staging<WriterOutcome> {
        switch job {
        case .task(let body):
            if isBrief { return .long }
            guard isQuiet else { return .blocked }
            body()
            return .done(.success(Committed(sequence: 0, outcomes: [])))
        case .batch(let work):
            if let refusal = refusal ?? open.failure { return .staged(.failure(refusal)) }
            do throws(StoreError) {
                guard let commit = try add(work, isQuiet, isBrief) else { return .blocked }
                return .staged(.success(commit))
            } catch {
                if case .long = error { return .long }
                if case .refused(let refusal) = error { return .staged(.failure(refusal)) }
                if case .pages(.noMemory) = error { return .staged(.failure(forget(error))) }
                return .staged(.failure(giveUp(error)))
            }
        }
    }

    func seal() {
        defer { open = OpenGroup() }
        // Refused batches alone leave nothing behind.
        guard let editor = open.editor, open.hasCommits else {
            open.editor?.discard()
            sealed = (refusal ?? open.failure).map { .failure($0) }
            return
        }
        var isWritten = false
        do throws(StoreError) {
            let written: WrittenLog
            let began = clock.elapsed()
            do throws(LogError) { written = try log.write() } catch { throw .log(error) }
            times.write.note(clock.elapsed() - began)
            isWritten = true
            state = try editor.finish()
            sealed = .success(SealedGroup(state: state, unsynced: open.needsSync ? written : nil))
        } catch {
            // What the log has will be there after the next opening, and no checkpoint before.
            if isWritten { log.refuseEverything() }
            sealed = .failure(giveUp(isWritten ? .log(.poisoned) : error))
        }
    }

    func harden(_ staged: [WriterOutcome]) -> [WriterOutcome] {
        // It must not outlive its turn: it keeps a state, with runs that may be merged by then.
        defer { sealed = nil }
        let failure: MnemeError
        switch sealed {
        case nil: return staged
        case .failure(let error): failure = error
        case .success(let group):
            do throws(LogError) {
                if let unsynced = group.unsynced {
                    let began = clock.elapsed()
                    try log.sync(unsynced)
                    times.sync.note(clock.elapsed() - began)
                }
                publish(group.state)
                return staged
            } catch {
                failure = MnemeError(error)
                watch.ended(failure)
            }
        }
        return staged.map { outcome in
            if case .success = outcome { .failure(failure) } else { outcome }
        }
    }

    func elapsed() -> Microseconds { clock.elapsed() }

    func noteWait(_ duration: Microseconds) { times.queue.note(duration) }

    /// Replaces the newest state by one that shows the same, made of other parts.
    ///
    /// - Returns: false when nothing is written any more.
    func rearrange(_ body: (StoreState) -> StoreState?) -> Bool {
        guard refusal == nil else { return false }
        guard let next = body(state) else { return true }
        subtrees.forget()
        state = next
        publish(next)
        return true
    }

    /// Nothing is written from now on.
    func refuse(_ error: MnemeError) { givenUp = givenUp ?? error }

    /// What writing ended with until the store is opened again; nil while it goes on.
    ///
    /// For any thread.
    var endCause: MnemeError? { watch.endCause }

    /// Why nothing is written any more.
    var refusal: MnemeError? {
        // A sync that failed beside us has left a state that nobody will see.
        givenUp ?? (log.isPoisoned ? MnemeError(LogError.poisoned) : nil)
    }

    /// Adds a batch to the open group; nil when every group before it must be settled first.
    ///
    /// - Throws: `.long` where the turn is brief and this would take longer; nothing is done then.
    private func add(
        _ work: WriterWork,
        _ isQuiet: Bool,
        _ isBrief: Bool
    ) throws(StoreError) -> Committed? {
        let editor =
            open.editor
            ?? StoreEditor(state, pages: pages, analyzer: analyzer, mergeLimit: mergeLimit)
        editor.frames = log
        editor.edgeChanges = edgeChanges
        editor.usage.subtrees = subtrees
        open.editor = editor
        // What a batch sees as its instant is when it was committed.
        let time = now()
        let began = clock.elapsed()
        let plan = try decide(work, editor, at: time, isBrief ? BriefTurn() : nil)
        let decided = clock.elapsed()
        times.decide.note(decided - began)
        if let repeated = plan.repeated {
            // Who waits for a sync of it gets one.
            open.hasCommits = true
            if work.durability == .synced { open.needsSync = true }
            return repeated
        }
        // Of a batch that changes nothing, the newest commit's.
        var sequence = editor.sequence
        var versions: [UInt64] = []
        if !plan.changes.isEmpty {
            let frames = try frames(plan, editor)
            let byteCount = frames.reduce(0) { $0 + $1.byteCount }
            guard try begin(byteCount, isQuiet) else { return nil }
            let encoded = clock.elapsed()
            times.encode.note(encoded - decided)
            sequence = try apply(plan, frames, editor, at: time)
            times.apply.note(clock.elapsed() - encoded)
            transactions.history.note(plan.changes, at: sequence)
            versions = plan.versions(from: sequence - UInt64(plan.changes.count))
        }
        open.hasCommits = true
        if work.durability == .synced { open.needsSync = true }
        return Committed(
            sequence: sequence,
            outcomes: plan.outcomes,
            versions: versions,
            evicted: plan.evicted
        )
    }

    private func decide(
        _ work: WriterWork,
        _ editor: StoreEditor,
        at time: Microseconds,
        _ turn: BriefTurn?
    ) throws(StoreError) -> BatchPlan {
        if turn != nil, !work.isShort { throw .long }
        var reader = WriterReader(
            view: editor.view,
            frames: log,
            catalog: editor.catalog,
            instant: time
        )
        if turn != nil { reader.mostBytes = BriefTurn.mostRecordBytes }
        var planner = BatchPlanner(
            editor,
            reader,
            log.identity,
            preparation(editor.catalog),
            batchLimit: log.batchLimit,
            checksReferences: work.checksReferences,
            signatures: work.signatures
        )
        planner.keys = transactions.keys
        planner.atOnce = recordsAtOnce
        planner.audit = work.audit
        planner.reach = work.reach
        planner.turn = turn
        planner.requestEnds = work.requestEnds
        if case .switchVector(let ready)? = work.changes.first,
            editor.catalog.version == work.catalogVersion
        {
            planner.changedSince = ready.changed(in: transactions.history)
        }
        if let once = work.once, let answer = try planner.answer(once) {
            return BatchPlan(repeated: answer)
        }
        var changes = work.changes
        if let seen = work.seenVersion, editor.catalog.switchVersion > seen {
            throw .refused(PreparedSwitch.overtook)
        }
        if editor.catalog.version != work.catalogVersion {
            // What a refusal names is what whoever asked reaches.
            let prepared = Reach.$current.withValue(work.reach) {
                Result { () throws(MnemeError) in try work.prepareAgain(editor.catalog) }
            }
            do throws(MnemeError) { changes = try prepared.get() } catch { throw .refused(error) }
        }
        if let range = work.range {
            do throws(MnemeError) { _ = try range.follow(transactions.history) } catch {
                throw .refused(error)
            }
            changes = range.changes
        }
        guard let check = work.check else { return try planner.decide(changes) }
        do throws(MnemeError) { _ = try check.holds(in: transactions.history) } catch {
            throw .refused(error)
        }
        do throws(StoreError) {
            let plan = try planner.decide(changes)
            try check.expects(plan.outcomes)
            return plan
        } catch {
            throw check.lost(error)
        }
    }

    private func frames(
        _ plan: BatchPlan,
        _ editor: StoreEditor
    ) throws(StoreError)
        -> [FrameContent]
    {
        do throws(MnemeError) {
            var frames: [FrameContent] = []
            frames.reserveCapacity(plan.changes.count)
            var version = editor.catalog.version
            for change in plan.changes {
                var frame = try change.frame(schemaVersion: version)
                frame.keyID = log.keyID
                frames.append(frame)
                // What follows a schema in its batch was decided under it.
                if case .schema(let planned) = change { version = planned.catalog.version }
            }
            return frames
        } catch {
            throw .refused(error)
        }
    }

    private func begin(_ byteCount: Int, _ isQuiet: Bool) throws(StoreError) -> Bool {
        do throws(LogError) {
            guard try log.begin(batchBytes: byteCount, isQuiet: isQuiet) else { return false }
            watch.found(in: log.end.segment)
            return true
        } catch {
            watch.met(error, in: log.end.segment)
            switch error {
            case .tooLarge, .disk: throw .refused(MnemeError(error))
            default: throw .log(error)
            }
        }
    }

    /// Applies the changes and gathers their frames; returns the commit's sequence.
    private func apply(
        _ plan: BatchPlan,
        _ frames: [FrameContent],
        _ editor: StoreEditor,
        at time: Microseconds
    )
        throws(StoreError) -> UInt64
    {
        editor.time = time
        var places: [UInt64: LogPlace] = [:]
        for (change, frame) in zip(plan.changes, frames) {
            var frame = frame
            if let ordinal = change.recordOrdinal, let previous = places[ordinal] {
                frame.setPrevious(previous)
            }
            let birth = log.nextSequence
            let place = log.append(frame, time: time)
            if let ordinal = change.recordOrdinal { places[ordinal] = place }
            editor.notePassing(frame, at: place)
            try editor.apply(
                change,
                place: place,
                vectorOffset: place.offset + frame.vectorOffset,
                birth: birth
            )
        }
        let sequence = log.endBatch(time: time)
        editor.addPassing(SegmentSize.commit, of: log.end.segment)
        editor.reached(sequence)
        return sequence
    }

    /// Gives the open group up, which did not fit into memory; the next one begins afresh.
    private func forget(_ error: StoreError) -> MnemeError {
        let cause = MnemeError(error)
        open.editor?.discard()
        subtrees.forget()
        open = OpenGroup(failure: cause)
        log.discard()
        transactions.history.cut(after: state.sequence)
        return cause
    }

    /// Gives the open group up, and all writing.
    ///
    /// Frames that were not written are forgotten.
    private func giveUp(_ error: StoreError) -> MnemeError {
        let cause = MnemeError(error)
        givenUp = givenUp ?? cause
        watch.ended(cause)
        open.editor?.discard()
        open = OpenGroup()
        log.discard()
        return cause
    }

    private func now() -> Microseconds { clock.now() }
}

/// What was applied since the last group was sealed.
private struct OpenGroup {
    var editor: StoreEditor?
    /// Whether anybody waits for it.
    var hasCommits = false
    var needsSync = false
    /// It was given up: all of it fails.
    var failure: MnemeError?
}

/// A group that is written and not published.
private struct SealedGroup {
    var state: StoreState
    /// What must be durable first.
    var unsynced: WrittenLog?
}
