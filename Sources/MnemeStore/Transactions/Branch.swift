// A state of a transaction's own: pages on top of those of the commit that it began at, its frames
// beside the log, its documents in runs of its own. Changes are decided and applied as the writer
// does it, so every way of reading finds them there. Nothing of it is ever published.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

/// Frames that are written, or beside the log.
private struct SettledFrames: FrameSource {
    let log: Log

    func frameForWriter(at place: LogPlace) throws(LogError) -> Frame { try log.frame(at: place) }
}

/// The nodes that walks have looked at.
final class WalkTrace: Sendable {
    private let nodes = Mutex<Set<UInt64>>([])

    func note(_ node: UInt64) { nodes.withLock { _ = $0.insert(node) } }

    /// Those since this was asked last.
    func take() -> Set<UInt64> {
        nodes.withLock { nodes in
            defer { nodes = [] }
            return nodes
        }
    }
}

/// Bytes that all branches of a store take.
final class BranchGauge: Sendable {
    private let count = Atomic<Int>(0)

    var byteCount: Int { count.load(ordering: .relaxed) }
    func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}

/// What a transaction has made of a state.
///
/// SAFETY: used by one thread at a time, under the lock of its transaction.
final class Branch: @unchecked Sendable {
    /// Ordinals from here on are the branch's own.
    let firstOrdinal: UInt64
    let trace = WalkTrace()
    private let log: Log
    private let editor: StoreEditor
    private let aside: LogAside
    private let preparation: ChangePreparation
    private let instant: Microseconds
    private let gauge: BranchGauge
    private var runs: [StoredRun] = []
    /// Of the newest change; those of the commit that it began at are below.
    private(set) var sequence: UInt64
    /// What reads look at.
    private(set) var state: StoreState
    /// Bytes of its changes in a log.
    private(set) var byteCount = 0
    /// Bytes that the gauge has of it.
    private var heldBytes = 0

    init(
        _ base: StoreState,
        log: Log,
        pages: PageFile,
        preparation: ChangePreparation,
        instant: Microseconds,
        gauge: BranchGauge
    ) {
        self.log = log
        self.preparation = preparation
        self.instant = instant
        self.gauge = gauge
        editor = StoreEditor(
            base,
            pages: pages,
            analyzer: TextAnalyzer(),
            mergeLimit: 0,
            on: pages.branch(from: base.root)
        )
        editor.time = instant
        editor.frames = SettledFrames(log: log)
        aside = LogAside(log)
        firstOrdinal = base.roots.nextOrdinal
        sequence = base.sequence
        state = base
    }

    deinit {
        gauge.add(-heldBytes)
        editor.discard()
    }

    var catalog: Catalog { editor.catalog }

    /// Makes changes ready, and says what was drawn for each.
    func prepare(
        _ changes: [Change],
        at time: Microseconds
    ) throws(MnemeError) -> (changes: [PreparedChange], draws: [Draws]) {
        var prepared: [PreparedChange] = []
        var draws: [Draws] = []
        prepared.reserveCapacity(changes.count)
        draws.reserveCapacity(changes.count)
        for change in changes {
            let drawn = preparation.draw(for: change, at: time)
            prepared.append(try preparation.with(drawn).prepare(change))
            draws.append(drawn)
        }
        return (prepared, draws)
    }

    /// Decides changes; they are not made yet.
    ///
    /// `toldBytes`: of the changes before, which are answered again at the commit.
    ///
    /// - Throws: `.refused` where one breaks a rule, and all are left out then.
    func decide(
        _ changes: [PreparedChange],
        _ keys: GeneratedKeys,
        toldBytes: Int
    ) throws(StoreError) -> (plan: BatchPlan, frames: [FrameContent]) {
        let reader = WriterReader(
            view: editor.view,
            frames: SettledFrames(log: log),
            catalog: catalog,
            instant: instant
        )
        var planner = BatchPlanner(editor, reader, log.identity, preparation)
        planner.keys = keys
        planner.holdsQuotas = false
        planner.reach = Reach.current?.limiting
        planner.plan.toldBytes = toldBytes
        let plan = try planner.decide(changes)
        var frames: [FrameContent] = []
        frames.reserveCapacity(plan.changes.count)
        do throws(MnemeError) {
            for change in plan.changes {
                frames.append(try change.frame(schemaVersion: catalog.version))
            }
        } catch {
            throw .refused(error)
        }
        let added = frames.reduce(0) { $0 + $1.byteCount }
        guard byteCount + added <= log.batchLimit else {
            throw .refused(
                MnemeError(
                    .tooLarge,
                    "the changes of a transaction take \(byteCount + added) bytes with these, and "
                        + "at most \(log.batchLimit) are committed at once; commit it, and begin "
                        + "another one"
                )
            )
        }
        return (plan, frames)
    }

    /// Makes changes that were decided.
    ///
    /// - Throws: damage, or that there is no memory; the branch is of no use then.
    func apply(_ plan: BatchPlan, _ frames: [FrameContent]) throws(StoreError) {
        for (change, frame) in zip(plan.changes, frames) {
            sequence += 1
            let place = aside.append(frame, sequence: sequence, time: instant)
            byteCount += frame.byteCount
            try editor.apply(
                change,
                place: place,
                vectorOffset: place.offset + frame.vectorOffset,
                birth: sequence
            )
        }
        state = try editor.branched { (fresh) throws(StoreError) in
            runs = try RunMerging.mergeSmall(runs + fresh, limit: .max)
            return runs
        }
        let held = byteCount + editor.editor.madeBytes
        gauge.add(held - heldBytes)
        heldBytes = held
    }
}
