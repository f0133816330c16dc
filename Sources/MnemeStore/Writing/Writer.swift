// The writer: takes a group of batches, decides each against everything before it, applies it to
// the unpublished state, gathers its frames, makes the group durable, publishes. A refused batch
// leaves no trace; a failed write or sync publishes nothing and ends the writing until the store is
// opened again.

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
    /// Prepares them again, under a newer catalog.
    var prepareAgain: @Sendable (Catalog) throws(MnemeError) -> [PreparedChange]
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
/// Used by whoever holds the writer role.
///
/// SAFETY: one thread at a time, by way of the commit queue.
final class Writer: @unchecked Sendable {
    private let log: Log
    private let pages: PageFile
    private let clock: SteadyClock
    private let mergeLimit: Int
    private let analyzer = TextAnalyzer()
    private let publish: @Sendable (StoreState) -> Void
    private var state: StoreState
    private var refusal: MnemeError?

    init(
        log: Log,
        pages: PageFile,
        clock: SteadyClock,
        mergeLimit: Int,
        state: StoreState,
        publish: @escaping @Sendable (StoreState) -> Void
    ) {
        self.log = log
        self.pages = pages
        self.clock = clock
        self.mergeLimit = mergeLimit
        self.state = state
        self.publish = publish
    }

    /// Decides, writes and publishes a group; one outcome each.
    func write(_ group: [WriterJob]) -> [WriterOutcome] {
        var writing = WritingGroup(count: group.count)
        for (index, job) in group.enumerated() {
            switch job {
            case .task(let body):
                finish(&writing)
                body()
                writing.decide(index, .success(Committed(sequence: 0, outcomes: [])))
            case .batch(let work):
                if let refusal {
                    writing.decide(index, .failure(refusal))
                } else {
                    add(work, index, &writing)
                }
            }
        }
        finish(&writing)
        return writing.outcomes.map { $0 ?? .failure(refusal ?? Self.lost) }
    }

    /// Replaces the newest state by one that shows the same, made of other parts.
    ///
    /// - Returns: false when nothing is written any more.
    func rearrange(_ body: (StoreState) -> StoreState?) -> Bool {
        guard refusal == nil else { return false }
        guard let next = body(state) else { return true }
        state = next
        publish(next)
        return true
    }

    /// Nothing is written from now on.
    func refuse(_ error: MnemeError) { refusal = refusal ?? error }

    private static let lost = MnemeError(
        .outcomeUnknown,
        "the commit was given up; open the store again to see whether it is there"
    )

    private func add(_ work: WriterWork, _ index: Int, _ writing: inout WritingGroup) {
        do throws(StoreError) {
            let editor =
                writing.editor
                ?? StoreEditor(
                    state,
                    pages: pages,
                    analyzer: analyzer,
                    mergeLimit: mergeLimit
                )
            writing.editor = editor
            let plan = try decide(work, editor)
            guard !plan.changes.isEmpty else {
                let commit = Committed(sequence: log.nextSequence - 1, outcomes: plan.outcomes)
                writing.waits(index, commit, work.durability)
                return
            }
            let frames = try frames(plan, editor)
            let byteCount = frames.reduce(0) { $0 + $1.byteCount }
            guard try begin(byteCount) else {
                finish(&writing)
                if let refusal { throw .refused(refusal) }
                add(work, index, &writing)
                return
            }
            let sequence = try apply(plan, frames, &writing)
            let commit = Committed(sequence: sequence, outcomes: plan.outcomes)
            writing.waits(index, commit, work.durability)
        } catch {
            if case .refused(let refusal) = error {
                writing.decide(index, .failure(refusal))
            } else {
                damage(error, &writing)
            }
        }
    }

    private func decide(_ work: WriterWork, _ editor: StoreEditor) throws(StoreError) -> BatchPlan {
        var changes = work.changes
        if editor.catalog.version != work.catalogVersion {
            do throws(MnemeError) {
                changes = try work.prepareAgain(editor.catalog)
            } catch {
                throw .refused(error)
            }
        }
        let reader = WriterReader(
            view: editor.view,
            frames: log,
            catalog: editor.catalog,
            instant: now()
        )
        var planner = BatchPlanner(editor, reader)
        return try planner.decide(changes)
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
                frames.append(try change.frame(schemaVersion: version))
                // What follows a schema in its batch was decided under it.
                if case .schema(let next, _, _) = change { version = next.version }
            }
            return frames
        } catch {
            throw .refused(error)
        }
    }

    private func begin(_ byteCount: Int) throws(StoreError) -> Bool {
        do throws(LogError) {
            return try log.begin(batchBytes: byteCount)
        } catch {
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
        _ writing: inout WritingGroup
    )
        throws(StoreError) -> UInt64
    {
        let time = now()
        var places: [UInt64: LogPlace] = [:]
        for (change, frame) in zip(plan.changes, frames) {
            var frame = frame
            if let ordinal = change.recordOrdinal, let previous = places[ordinal] {
                frame.setPrevious(previous)
            }
            let birth = log.nextSequence
            let place = log.append(frame, time: time)
            if let ordinal = change.recordOrdinal { places[ordinal] = place }
            try writing.editor?.apply(
                change,
                place: place,
                vectorOffset: place.offset + frame.vectorOffset,
                birth: birth
            )
        }
        let sequence = log.endBatch(time: time)
        writing.editor?.reached(sequence)
        return sequence
    }

    /// Makes the group durable as far as anybody asked, then publishes it.
    private func finish(_ writing: inout WritingGroup) {
        guard let editor = writing.editor else { return }
        writing.editor = nil
        guard writing.hasWaiting else {
            editor.discard()
            return
        }
        var isWritten = false
        do throws(StoreError) {
            do throws(LogError) {
                try log.commit(sync: writing.needsSync)
            } catch {
                throw .log(error)
            }
            isWritten = true
            state = try editor.finish()
            publish(state)
            writing.succeed()
        } catch {
            writing.editor = editor
            // What the log has will be there after the next opening.
            damage(isWritten ? .log(.poisoned) : error, &writing)
        }
    }

    /// Gives the whole group up.
    ///
    /// Frames that were not written are forgotten.
    private func damage(_ error: StoreError, _ writing: inout WritingGroup) {
        let cause = MnemeError(error)
        refusal = cause
        writing.editor?.discard()
        writing.editor = nil
        log.discard()
        writing.fail(cause)
    }

    private func now() -> Microseconds { clock.now() }
}

/// A group on its way: what was applied and who waits for it.
private struct WritingGroup {
    private(set) var outcomes: [WriterOutcome?]
    var editor: StoreEditor?
    private(set) var needsSync = false
    private var waiting: [(index: Int, commit: Committed)] = []

    init(count: Int) { outcomes = Array(repeating: nil, count: count) }

    var hasWaiting: Bool { !waiting.isEmpty }

    mutating func decide(_ index: Int, _ outcome: WriterOutcome) { outcomes[index] = outcome }

    mutating func waits(_ index: Int, _ commit: Committed, _ durability: Durability) {
        waiting.append((index, commit))
        if durability == .synced { needsSync = true }
    }

    mutating func succeed() {
        for (index, commit) in waiting { outcomes[index] = .success(commit) }
        waiting = []
        needsSync = false
    }

    mutating func fail(_ error: MnemeError) {
        for (index, _) in waiting { outcomes[index] = .failure(error) }
        waiting = []
    }
}
