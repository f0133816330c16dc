// A transaction: a branch, what was read of it, and the changes that are to be committed. It does
// one thing at a time. The writer never waits for it: it holds no lock of anybody's between two
// requests, and one that is left ends by itself.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import Synchronization

/// An open transaction.
///
/// It may be used from any thread; requests wait for each other. It ends when it is committed or
/// rolled back, when nothing was asked of it for a while, and when the last reference to it goes.
package final class StoreTransaction: Sendable {
    /// A change that is to be committed.
    enum Buffered: Sendable {
        case change(Change)
        /// Removes the edge that the change at a place makes.
        case unlinkMade(Int)
    }

    enum Ending {
        case over
        case left
        case failed(MnemeError)
    }

    struct State {
        /// Nil when it has ended.
        var branch: Branch?
        var ending: Ending?
        var lastUse: Microseconds
        var reads = ReadSet()
        var changes: [Buffered] = []
        var prepared: [PreparedChange] = []
        /// What was drawn for each.
        var draws: [Draws] = []
        var outcomes: [Committed.Outcome] = []
        /// The most bytes of the records and edges that they tell.
        var toldBytes = 0
        /// Who made them.
        var signatures = SignedSteps()
        /// How many changes there were at the end of each request that made some, ascending.
        var requestEnds: [Int] = []
        /// Which change made an edge, by its number inside.
        var edges: [UInt64: Int] = [:]
        /// Names of records that are what the transaction made them, whatever they were.
        var determined: Set<[UInt8]> = []
        /// The collections of puts that wait for the next number of a field: what it is inside is
        /// not what it is at the commit, where others have put meanwhile.
        var numbered: Set<UInt16> = []
        /// Names of records of a collection that the transaction made of what they were: who asks
        /// for such asks for what they were, too.
        var derived: [UInt16: Set<[UInt8]>] = [:]
        /// The collections whose records follow, by references, what the transaction has deleted:
        /// which of them do, and what becomes of them, is known at the commit.
        var followed: Set<UInt16> = []
    }

    /// What is committed.
    struct Batch: Sendable {
        let changes: [Buffered]
        let prepared: [PreparedChange]
        let draws: [Draws]
        let outcomes: [Committed.Outcome]
        let signatures: SignedSteps
        let requestEnds: [Int]
        let reads: ReadSet
        let catalogVersion: UInt32
    }

    /// Its number; none that is open has the same.
    package let id: UInt64
    /// The commit that it sees.
    package var sequence: UInt64 { held.sequence }
    let store: Store
    let held: HeldState
    let instant: Microseconds
    private let state: Mutex<State>
    private let isOver = Atomic<Bool>(false)

    init(_ store: Store, _ id: UInt64, _ held: HeldState) throws(MnemeError) {
        self.store = store
        self.id = id
        self.held = held
        instant = store.clock.now()
        let base = try held.take()
        let branch = Branch(
            base,
            log: store.log,
            pages: store.pages,
            preparation: store.preparation(base.catalog),
            instant: instant,
            gauge: store.transactions.gauge
        )
        state = Mutex(State(branch: branch, lastUse: store.clock.elapsed()))
    }

    deinit { store.transactions.ended(id) }

    /// What the transaction sees now.
    func snapshot(_ branch: Branch) -> Snapshot {
        store.snapshot(held, at: instant, of: branch)
    }

    /// A record's place in the tree, by which records are told apart.
    static func name(
        of reference: Reference,
        _ branch: Branch
    ) throws(MnemeError) -> (name: [UInt8], collection: CollectionEntry) {
        let collection = try branch.catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return (StoreKeys.record(collection.number, key), collection)
    }

    // MARK: The end

    /// Commits it; it has ended then, whatever comes of it.
    ///
    /// - Returns: the commit, and what each change came to, in their order.
    /// - Throws: `.conflict` where others have changed since it began what it has read, or what its
    ///   changes depend on; `.forbidden` where a permit does not allow changes any more; else as a
    ///   commit, and `.noTransaction`, `.snapshotTooOld`.
    package func commit(
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Committed {
        let batch = try using { (state, branch) throws(MnemeError) in
            // The permit may allow less by now than it did when they were made.
            if !state.changes.isEmpty, let permit = Reach.current?.permit {
                try permit.admit(
                    .commit([], durability),
                    at: Instant(microseconds: store.clock.now())
                )
            }
            defer {
                state.branch = nil
                state.ending = .over
                isOver.store(true, ordering: .releasing)
                (state.changes, state.prepared, state.outcomes) = ([], [], [])
                (state.edges, state.determined, state.derived) = ([:], [], [:])
                (state.draws, state.numbered, state.followed) = ([], [], [])
                state.reads = ReadSet()
            }
            return Batch(
                changes: state.changes,
                prepared: state.prepared,
                draws: state.draws,
                outcomes: state.outcomes,
                signatures: state.signatures,
                requestEnds: state.requestEnds,
                reads: state.reads,
                catalogVersion: branch.catalog.version
            )
        }
        // Until then what it is held against is kept.
        defer { store.transactions.ended(id) }
        guard !batch.changes.isEmpty || once != nil else {
            return Committed(sequence: sequence, outcomes: [])
        }
        return try store.commit(batch, since: sequence, durability, once: once)
    }

    /// Ends it and forgets its changes.
    ///
    /// - Throws: `.noTransaction` where it had ended.
    package func rollback() throws(MnemeError) {
        try state.withLock { state throws(MnemeError) in
            if case .failed = state.ending { return end(&state, .over) }
            if let ending = state.ending { throw error(ending) }
            end(&state, .over)
        }
    }

    /// Ends it where nothing was asked of it for too long, or what it sees is kept no longer; one
    /// that is at work goes on.
    func endIfLeft() {
        _ = state.withLockIfAvailable { state in
            guard state.branch != nil else { return }
            if isLeft(state) { return end(&state, .left) }
            do throws(MnemeError) { _ = try held.take() } catch { end(&state, .failed(error)) }
        }
    }

    /// Whether it has ended.
    package var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    private func isLeft(_ state: State) -> Bool {
        store.clock.elapsed() - state.lastUse > store.transactions.idle
    }

    /// Runs `body` on the branch of a transaction that is open, after what was asked before.
    ///
    /// - Throws: `.noTransaction`, `.snapshotTooOld`, `.closed`.
    func using<Result: Sendable>(
        _ body: (inout State, Branch) throws(MnemeError) -> Result
    ) throws(MnemeError) -> Result {
        try store.checkOpen()
        return try state.withLock { state throws(MnemeError) in
            if state.branch != nil, isLeft(state) { end(&state, .left) }
            guard let branch = state.branch else { throw error(state.ending ?? .over) }
            do throws(MnemeError) {
                _ = try held.take()
            } catch {
                end(&state, .failed(error))
                throw error
            }
            defer { state.lastUse = store.clock.elapsed() }
            return try body(&state, branch)
        }
    }

    /// Forgets everything; the branch gives back what it holds.
    func end(_ state: inout State, _ ending: Ending) {
        state.branch = nil
        state.ending = ending
        isOver.store(true, ordering: .releasing)
        (state.changes, state.prepared, state.outcomes) = ([], [], [])
        (state.edges, state.determined, state.derived) = ([:], [], [:])
        (state.draws, state.numbered, state.followed) = ([], [], [])
        state.reads = ReadSet()
        store.transactions.ended(id)
    }

    private func error(_ ending: Ending) -> MnemeError {
        switch ending {
        case .over:
            MnemeError(
                .noTransaction,
                "transaction \(id) has ended: it was committed or rolled back; begin another one"
            )
        case .left:
            MnemeError(
                .noTransaction,
                "transaction \(id) has ended, as nothing was asked of it for "
                    + "\(Double(store.transactions.idle) / 1_000_000) s; begin another one"
            )
        case .failed(let error): error
        }
    }
}
