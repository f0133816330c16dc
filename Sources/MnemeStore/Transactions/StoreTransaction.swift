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
    fileprivate enum Buffered: Sendable {
        case change(Change)
        /// Removes the edge that the change at a place makes.
        case unlinkMade(Int)
    }

    private enum Ending {
        case over
        case left
        case failed(MnemeError)
    }

    private struct State {
        /// Nil when it has ended.
        var branch: Branch?
        var ending: Ending?
        var lastUse: Microseconds
        var reads = ReadSet()
        var changes: [Buffered] = []
        var prepared: [PreparedChange] = []
        var outcomes: [Committed.Outcome] = []
        /// Which change made an edge, by its number inside.
        var edges: [UInt64: Int] = [:]
        /// Names of records that are what the transaction made them, whatever they were.
        var determined: Set<[UInt8]> = []
    }

    /// What is committed.
    fileprivate struct Batch: Sendable {
        let changes: [Buffered]
        let prepared: [PreparedChange]
        let outcomes: [Committed.Outcome]
        let reads: ReadSet
        let catalogVersion: UInt32
    }

    /// Its number; none that is open has the same.
    package let id: UInt64
    /// The commit that it sees.
    package var sequence: UInt64 { held.sequence }
    private let store: Store
    private let held: HeldState
    private let instant: Microseconds
    private let state: Mutex<State>
    private let isOver = Atomic<Bool>(false)

    fileprivate init(_ store: Store, _ id: UInt64, _ held: HeldState) throws(MnemeError) {
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

    // MARK: Questions

    /// What is defined, as it was when the transaction began.
    package func schema() throws(MnemeError) -> Schema {
        try using { (_, branch) throws(MnemeError) in branch.catalog.schema }
    }

    /// Reads records; nil in the place of those that are not there.
    ///
    /// - Throws: as `Snapshot.record`; `.noTransaction`, `.snapshotTooOld`.
    package func get(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            var records: [Record?] = []
            records.reserveCapacity(references.count)
            for reference in references {
                let (name, collection) = try Self.name(of: reference, branch)
                if !state.determined.contains(name) {
                    state.reads.note(record: name, of: collection)
                }
                records.append(try snapshot.record(reference))
            }
            return records
        }
    }

    /// Searches one collection.
    ///
    /// - Throws: as `Snapshot.find`; `.noTransaction`, `.snapshotTooOld`.
    package func find(_ asked: Find) throws(MnemeError) -> Found {
        try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            let collection = try branch.catalog.collection(asked.collection)
            state.reads.note(try snapshot.checked(asked, collection), collection)
            return try snapshot.find(asked)
        }
    }

    /// Follows edges.
    ///
    /// - Throws: as `Snapshot.walk`; `.noTransaction`, `.snapshotTooOld`.
    package func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        try walking(walk.from, walk.types) { (snapshot) throws(MnemeError) in
            try snapshot.walk(walk)
        }
    }

    /// Finds a shortest path.
    ///
    /// - Throws: as `Snapshot.path`; `.noTransaction`, `.snapshotTooOld`.
    package func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        try walking([path.from, path.to], path.types) { (snapshot) throws(MnemeError) in
            try snapshot.path(
                from: path.from,
                to: path.to,
                types: path.types,
                direction: path.direction,
                hops: path.hops
            )
        }
    }

    private func walking<Result: Sendable>(
        _ starts: [Reference],
        _ types: [String]?,
        _ body: (Snapshot) throws(MnemeError) -> Result
    ) throws(MnemeError) -> Result {
        try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            var numbers: [UInt16]?
            if let types {
                var found: [UInt16] = []
                for type in types { found.append(try branch.catalog.edgeType(type).number) }
                numbers = found
            }
            var nodes: Set<UInt64> = []
            for start in starts {
                let (name, collection) = try Self.name(of: start, branch)
                if !state.determined.contains(name) {
                    state.reads.note(existence: name, of: collection)
                }
                if let ordinal = try snapshot.ordinal(start) { nodes.insert(ordinal) }
            }
            _ = branch.trace.take()
            defer {
                nodes.formUnion(branch.trace.take())
                // Others may give the numbers of the branch's own to something else.
                let shared = nodes.filter { $0 < branch.firstOrdinal }
                state.reads.note(nodes: shared, numbers)
            }
            return try body(snapshot)
        }
    }

    private func snapshot(_ branch: Branch) -> Snapshot {
        store.snapshot(held, at: instant, of: branch)
    }

    private static func name(
        of reference: Reference,
        _ branch: Branch
    ) throws(MnemeError) -> (name: [UInt8], collection: CollectionEntry) {
        let collection = try branch.catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return (StoreKeys.record(collection.number, key), collection)
    }

    // MARK: Changes

    /// Makes changes, all or none; others see them when the transaction has been committed.
    ///
    /// - Returns: what each came to. Generated keys stay; the numbers of edges are good inside
    ///   the transaction alone.
    /// - Throws: what breaks a rule, and the transaction goes on without these changes;
    ///   `.tooLarge`, `.tooManyRequests`, `.noTransaction`, `.snapshotTooOld`.
    @discardableResult
    package func change(_ changes: [Change]) throws(MnemeError) -> [Committed.Outcome] {
        try store.checkWritable()
        return try using { (state, branch) throws(MnemeError) in
            try store.transactions.checkRoom()
            let prepared = try branch.prepare(changes)
            let plan: (plan: BatchPlan, frames: [FrameContent])
            do throws(StoreError) {
                plan = try branch.decide(prepared, generatedKeys(for: prepared))
            } catch {
                if case .refused(let refusal) = error {
                    // That it was refused says something of what is there.
                    try note(changes, refused: refusal.code, &state, branch)
                }
                throw MnemeError(error)
            }
            do throws(StoreError) {
                try branch.apply(plan.plan, plan.frames)
            } catch {
                let failure = MnemeError(error)
                end(&state, .failed(failure))
                throw failure
            }
            try buffer(changes, prepared, plan.plan.outcomes, &state, branch)
            return plan.plan.outcomes
        }
    }

    private func generatedKeys(for changes: [PreparedChange]) -> GeneratedKeys {
        let keys = store.transactions.keys
        let takes = changes.contains { change in
            if case .put(let put) = change { put.key == nil } else { false }
        }
        if takes { keys.begin(store.newest.state.roots.nextKeys) }
        return keys
    }

    private func buffer(
        _ changes: [Change],
        _ prepared: [PreparedChange],
        _ outcomes: [Committed.Outcome],
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        for ((change, prepared), outcome) in zip(zip(changes, prepared), outcomes) {
            var (change, prepared) = (Buffered.change(change), prepared)
            switch (change, outcome) {
            case (.change(.put(var put)), .put(let reference)):
                if put.key == nil {
                    // Whoever has it at the commit got it from somebody else.
                    (put.key, put.mode) = (reference.key, .insert)
                    change = .change(.put(put))
                    if case .put(var ready) = prepared {
                        (ready.key, ready.mode) = (reference.key, .insert)
                        prepared = .put(ready)
                    }
                }
                state.determined.insert(try Self.name(of: reference, branch).name)
            case (.change(.delete(let reference)), _), (.change(.erase(let reference)), _):
                state.determined.insert(try Self.name(of: reference, branch).name)
            case (.change(.link), .linked(let edge)):
                state.edges[edge] = state.changes.count
            case (.change(.unlink(let edge)), _):
                if let place = state.edges[edge] {
                    (change, prepared) = (.unlinkMade(place), .unlinkMade(place))
                }
            default: break
            }
            state.changes.append(change)
            state.prepared.append(prepared)
            state.outcomes.append(outcome)
        }
    }

    /// Notes what a refusal says of the records that changes are about.
    private func note(
        _ changes: [Change],
        refused code: MnemeError.Code,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        for change in changes {
            var looked: [Reference] = []
            switch change {
            case .put(let put):
                if let key = put.key { looked = [Reference(put.collection, key)] }
            case .patch(let patch):
                let reference = Reference(patch.collection, patch.key)
                let (name, collection) = try Self.name(of: reference, branch)
                state.reads.note(record: name, of: collection)
            case .delete(let reference), .erase(let reference): looked = [reference]
            case .link(let link): looked = [link.from, link.to]
            case .unlink: break
            }
            for reference in looked {
                let (name, collection) = try Self.name(of: reference, branch)
                state.reads.note(existence: name, of: collection)
            }
            guard code == .duplicate else { continue }
            // Of a key that is free a unique index says so; of which record is not known here.
            let snapshot = snapshot(branch)
            switch change {
            case .put(let put):
                let collection = try branch.catalog.collection(put.collection)
                var isTaken = false
                if let key = put.key, put.mode == .insert {
                    isTaken = try snapshot.ordinal(Reference(put.collection, key)) != nil
                }
                if !isTaken { state.reads.note(allOf: collection) }
            case .patch(let patch):
                state.reads.note(allOf: try branch.catalog.collection(patch.collection))
            default: break
            }
        }
    }

    // MARK: The end

    /// Commits it; it has ended then, whatever comes of it.
    ///
    /// - Returns: the commit, and what each change came to, in their order.
    /// - Throws: `.conflict` where others have changed since it began what it has read, or what its
    ///   changes depend on; else as a commit, and `.noTransaction`, `.snapshotTooOld`.
    package func commit(_ durability: Durability) throws(MnemeError) -> Committed {
        let batch = try using { (state, branch) throws(MnemeError) in
            defer {
                state.branch = nil
                state.ending = .over
                isOver.store(true, ordering: .releasing)
                (state.changes, state.prepared, state.outcomes) = ([], [], [])
                (state.edges, state.determined, state.reads) = ([:], [], ReadSet())
            }
            return Batch(
                changes: state.changes,
                prepared: state.prepared,
                outcomes: state.outcomes,
                reads: state.reads,
                catalogVersion: branch.catalog.version
            )
        }
        // Until then what it is held against is kept.
        defer { store.transactions.ended(id) }
        guard !batch.changes.isEmpty else { return Committed(sequence: sequence, outcomes: []) }
        return try store.commit(batch, since: sequence, durability)
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

    private func using<Result: Sendable>(
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

    private func end(_ state: inout State, _ ending: Ending) {
        state.branch = nil
        state.ending = ending
        isOver.store(true, ordering: .releasing)
        (state.changes, state.prepared, state.outcomes) = ([], [], [])
        (state.edges, state.determined, state.reads) = ([:], [], ReadSet())
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

extension Store {
    /// Begins a transaction on the newest commit.
    ///
    /// - Throws: `.tooManyRequests`, `.closed`.
    package func begin() throws(MnemeError) -> StoreTransaction {
        try checkOpen()
        transactions.sweep()
        if !isReadOnly, !transactions.history.keeps {
            asWriter { [transactions, newest] in
                transactions.history.turnOn(at: newest.state.sequence)
            }
        }
        let held = transactions.history.begin()
        let id: UInt64
        do throws(MnemeError) {
            id = try transactions.admit(at: held.sequence)
        } catch {
            transactions.history.end(held.sequence)
            throw error
        }
        do throws(MnemeError) {
            let transaction = try StoreTransaction(self, id, held)
            transactions.enter(transaction)
            return transaction
        } catch {
            transactions.ended(id)
            throw error
        }
    }

    /// How many transactions are open.
    package var openTransactions: Int { transactions.count }

    fileprivate func preparation(_ catalog: Catalog) -> ChangePreparation {
        ChangePreparation(
            catalog: catalog,
            clock: clock,
            randomness: options.randomness,
            frameLimit: log.frameLimit
        )
    }

    fileprivate func commit(
        _ batch: StoreTransaction.Batch,
        since base: UInt64,
        _ durability: Durability
    ) throws(MnemeError) -> Committed {
        let check = TransactionCheck(batch.reads, since: base, batch.outcomes)
        let changes = batch.changes
        let work = WriterWork(
            changes: batch.prepared,
            catalogVersion: batch.catalogVersion,
            durability: durability,
            prepareAgain: { [options, log, clock] (catalog) throws(MnemeError) in
                let preparation = ChangePreparation(
                    catalog: catalog,
                    clock: clock,
                    randomness: options.randomness,
                    frameLimit: log.frameLimit
                )
                var prepared: [PreparedChange] = []
                prepared.reserveCapacity(changes.count)
                for change in changes {
                    switch change {
                    case .change(let change): prepared.append(try preparation.prepare(change))
                    case .unlinkMade(let place): prepared.append(.unlinkMade(place))
                    }
                }
                return prepared
            },
            check: check
        )
        spaceBrake.wait(work.byteCount)
        brake.wait(changes: changes.count)
        // Here, and not in the writer, as far as it can be.
        for _ in 0..<4 {
            if try check.holds(in: transactions.history) < 64 { break }
        }
        return try submit(work)
    }
}
