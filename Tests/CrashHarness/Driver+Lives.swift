// Definitions, what deletes or erases many records at once, what is done once, and the audit: the
// oracle is told before and after, as of a batch.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

extension Driver {
    // MARK: Definitions

    func define(_ asked: Schema) throws(HarnessFailure) {
        let schema = shape.recordsAtOnce < 100 ? withoutNewUniques(asked) : asked
        try change(
            { (state) throws(Refusal) in try state.define(schema, at: clock.now()) },
            isDone: { store, next in store.snapshot().schema == next.schema }
        ) { (store) throws(MnemeError) in try store.define(schema) }
    }

    /// A unique index that is built behind may be there for a while, and be given up then.
    private func withoutNewUniques(_ asked: Schema) -> Schema {
        var schema = asked
        for place in schema.collections.indices {
            let collection = schema.collections[place]
            guard let known = oracle.newest.collection(collection.name) else { continue }
            schema.collections[place].indexes.removeAll { index in
                index.isUnique && !known.indexes.contains { $0.name == index.name }
            }
        }
        return schema
    }

    func drop(_ drop: Drop) throws(HarnessFailure) {
        try change(
            { (state) throws(Refusal) in try state.drop(drop) },
            isDone: { store, next in store.snapshot().schema == next.schema }
        ) { (store) throws(MnemeError) in try store.drop(drop) }
    }

    /// Has the store do what the oracle expects.
    ///
    /// `isDone`: whether a store shows it that answered with an error, as what it did behind it
    /// failed.
    private func change(
        isDurable: Bool = true,
        _ expect: (inout ExpectedState) throws(Refusal) -> Void,
        isDone: (Store, ExpectedState) -> Bool?,
        _ body: (Store) throws(MnemeError) -> Void
    ) throws(HarnessFailure) {
        let store = try openStore()
        var next = oracle.newest
        var refusal: Refusal?
        do throws(Refusal) {
            try expect(&next)
            oracle.inFlight = next
        } catch {
            refusal = error
        }
        do throws(MnemeError) {
            try body(store)
        } catch {
            try judge(error, refusal)
            if refusal == nil, error.code != .outcomeUnknown {
                settle(isDone(store, next), next)
            }
            return
        }
        if let refusal { throw HarnessFailure("accepted, but should be refused: \(refusal)") }
        acknowledge(next, isDurable: isDurable)
    }

    /// What an error came behind was done, or not; nil where the disk does not let anybody see.
    private func settle(_ isDone: Bool?, _ next: ExpectedState) {
        if isDone == true { acknowledge(next, isDurable: false) }
        // Another process will see.
        if isDone == nil {
            oracle.inFlight = next
            isUnsure = true
            abandon()
        }
    }

    // MARK: Many at once

    func delete(_ delete: DeleteWhere, _ durability: Durability) throws(HarnessFailure) {
        let store = try openStore()
        var next = oracle.newest
        let refusal =
            next.collection(delete.collection) == nil ? Refusal(code: .unknownCollection) : nil
        let count = next.delete(delete, at: clock.now())
        let request = nextRequest()
        if next.lives.isAudited { next.lives.audited.insert(request) }
        if refusal == nil { oracle.inFlight = next }
        let deleted: DeletedWhere
        do throws(MnemeError) {
            deleted = try audited(.deleteWhere(delete), request, store) { () throws(MnemeError) in
                try store.deleteWhere(delete, durability)
            }
        } catch {
            return try judge(error, refusal)
        }
        if let refusal { throw HarnessFailure("accepted, but should be refused: \(refusal)") }
        guard deleted.count == count else {
            throw HarnessFailure("\(deleted.count) records went together, expected \(count)")
        }
        acknowledge(next, isDurable: durability == .synced)
    }

    func purge(_ owner: String) throws(HarnessFailure) {
        let before = oracle.newest
        var receipt: Purged?
        try change(
            { (state) throws(Refusal) in state.purge(owner, at: clock.now()) },
            isDone: { store, _ in Self.hasNothing(owner, in: store) }
        ) { (store) throws(MnemeError) in receipt = try store.purge(Purge(owner)) }
        guard let receipt else { return }
        for collection in before.schema.collections {
            var state = before
            state.expire(at: clock.now())
            let mine = state.records(in: collection.name).count { _, record in
                Audit.belongs(record, to: owner, collection) && collection.roles.owner != nil
            }
            let told = receipt.collections[collection.name]?.count ?? 0
            // What has expired and was not swept is told of too.
            let isRight =
                HarnessSchema.lasting.contains(collection.name) ? told == mine : told >= mine
            guard isRight else {
                throw HarnessFailure(
                    "the receipt has \(told) of \(collection.name), expected \(mine)"
                )
            }
        }
    }

    /// Whether nothing of an owner is left, as far as the disk lets anybody see.
    private static func hasNothing(_ owner: String, in store: Store) -> Bool? {
        for _ in 0..<4 {
            if let dry = try? store.purge(Purge(owner, isDry: true)) {
                return dry.collections.isEmpty && dry.edges.isEmpty && dry.historyRows == 0
                    && dry.answers == 0
            }
        }
        return nil
    }

    // MARK: Upkeep

    /// Steps of upkeep, of which a sweep deletes what is not kept any longer.
    ///
    /// One that works on graphs is taken as often as the shape says.
    func keepUp(_ asked: [UpkeepStep]) throws(HarnessFailure) {
        let steps = asked.flatMap { step in
            Array(repeating: step, count: step == .index ? shape.graphSteps : 1)
        }
        // Where the disk may fail, upkeep leaves what it could not do to the next commit.
        try maintain(
            isFlush: tolerated.isEmpty && steps.contains(.flush),
            retains: steps.contains(.sweep)
        ) { (store) throws(MnemeError) in
            var failures: [MnemeError] = []
            // Alone, each tells its own failure; together, only the first of them would be told.
            for step in steps {
                do throws(MnemeError) { try store.upkeep([step]) } catch { failures.append(error) }
            }
            if let failure = weightiest(failures) { throw failure }
        }
    }

    /// Of what steps failed with, what says most: what nobody expected, then that it is not known
    /// whether a commit of a step survives, whatever other steps had no room for.
    private func weightiest(_ failures: [MnemeError]) -> MnemeError? {
        let expected = isDamaged ? tolerated.union(Audit.damageCodes) : tolerated
        return failures.first { !expected.contains($0.code) }
            ?? failures.first { $0.code == .outcomeUnknown } ?? failures.first
    }

    /// Has the store do what the oracle knows nothing of, but for the deletes of what is not kept
    /// any longer where it `retains`.
    func maintain(
        isFlush: Bool,
        retains: Bool,
        _ body: (Store) throws(MnemeError) -> Void
    ) throws(HarnessFailure) {
        var next = oracle.newest
        // A store that is broken commits nothing.
        guard retains, !isBroken, next.retain(at: clock.now()) else {
            return try maintain(isFlush: isFlush, body)
        }
        var living = oracle.newest
        living.expire(at: clock.now())
        let over = living.gone(in: next)
        let reached = oracle.newestSequence
        oracle.inFlight = next
        let store = try openStore()
        do throws(MnemeError) {
            try body(store)
        } catch {
            try judge(error, nil)
            // Something else may have failed.
            let isDone = Self.shows(over, store).map { !$0 }
            if error.code != .outcomeUnknown || isDone == true { settle(isDone, next) }
            return
        }
        acknowledge(next, isDurable: false)
        if isFlush { oracle.isDurable(through: reached) }
    }

    /// Whether any of the records is there; nil where the disk does not let anybody see.
    private static func shows(_ references: [Reference], _ store: Store) -> Bool? {
        let snapshot = store.snapshot()
        for reference in references {
            for _ in 0..<4 {
                do throws(MnemeError) { return try snapshot.ordinal(reference) != nil } catch {}
            }
        }
        return nil
    }

    // MARK: What is done once

    static func once(_ key: String, _ changes: [Change]) throws(MnemeError) -> OnceKey {
        try OnceKey(key, of: .commit(changes, .synced))
    }

    /// Holds the answer to a request against what it came to before, if its key was taken.
    func isRepeated(
        _ key: String,
        _ changes: [Change],
        _ durability: Durability
    ) throws(HarnessFailure) -> Bool {
        guard let done = oracle.newest.lives.once[key] else { return false }
        // The store makes the changes ready before it looks.
        var scratch = oracle.newest
        _ = try? scratch.apply(changes, at: clock.now(), randomness: twin)
        let store = try openStore()
        let isSame = done.changes == changes
        let answer: Committed
        do throws(MnemeError) {
            answer = try store.commit(changes, durability, once: Self.once(key, changes))
        } catch {
            if !isSame, error.code == .keyReused { return true }
            oracle.inFlight = nil
            try judge(error, nil)
            return true
        }
        guard isSame, answer.isRepeated, answer.outcomes == done.outcomes else {
            throw HarnessFailure(
                "the same under its key came to \(answer.outcomes.map { $0.json() }), repeated: "
                    + "\(answer.isRepeated), expected \(done.outcomes.map { $0.json() })"
            )
        }
        // Nothing is done, and of what came since nothing need be synced.
        if durability == .synced { oracle.isDurable(through: answer.sequence) }
        return true
    }

    /// What was done under a key is known to be done.
    func checkOnce(_ state: ExpectedState, _ store: Store) throws(HarnessFailure) {
        for (key, done) in state.lives.once.sorted(by: { $0.key < $1.key }) {
            let known: Committed?
            do throws(MnemeError) {
                known = try store.repeated(Self.once(key, done.changes))
            } catch {
                if isDamaged, Audit.damageCodes.contains(error.code) { continue }
                throw HarnessFailure("\(key): \(error)")
            }
            guard known?.outcomes == done.outcomes else {
                throw HarnessFailure(
                    "\(key) was done, and came to \(done.outcomes.map { $0.json() }); it is known "
                        + "as \(known?.outcomes.map { $0.json() } ?? [])"
                )
            }
        }
    }

    /// Of what was under way and is not there, no key says that it was done.
    func checkLeftUndone(
        _ attempted: ExpectedState?,
        _ store: Store
    ) throws(HarnessFailure) {
        for (key, done) in attempted?.lives.once ?? [:]
        where oracle.newest.lives.once[key] == nil {
            do throws(MnemeError) {
                guard try store.repeated(Self.once(key, done.changes)) != nil else { continue }
            } catch {
                throw HarnessFailure("\(key): \(error)")
            }
            throw HarnessFailure("\(key) was not done, and its key says that it was")
        }
    }

    // MARK: Audit

    func nextRequest() -> UInt32 { UInt32(truncatingIfNeeded: requests.next() >> 33) }

    private static func asker(_ request: UInt32) -> Asker {
        Asker(AuditOrigin(name: "harness", program: "", address: "here"), request: request)
    }

    func setAudit(_ isOn: Bool) throws(HarnessFailure) {
        let request = nextRequest()
        try change(
            { (state) throws(Refusal) in
                state.lives.isAudited = isOn
                state.lives.audited.insert(request)
            },
            isDone: { store, _ in
                guard let isKept = Self.hasRow(request, in: store) else { return nil }
                // What is set and does not hold yet holds for the next process.
                return isKept && store.audit.isOn != isOn ? nil : isKept
            }
        ) { (store) throws(MnemeError) in
            try store.setAudit(
                AuditSetting(AuditRule(writes: isOn)),
                for: Self.asker(request)
            )
        }
    }

    /// Whether the audit has a row of a request; nil where the disk does not let anybody see.
    private static func hasRow(_ request: UInt32, in store: Store) -> Bool? {
        let find = Find(
            AuditTrail.collection,
            where: .eq("request", .int(Int64(request))),
            limit: 1
        )
        for _ in 0..<4 {
            do throws(MnemeError) {
                return try !store.snapshot().find(find).rows.isEmpty
            } catch {
                if error.code == .unknownCollection { return false }
            }
        }
        return nil
    }

    /// Does what a request asks, which the audit keeps if it is on.
    func audited<Answer>(
        _ request: Request,
        _ number: UInt32,
        _ store: Store,
        _ body: () throws(MnemeError) -> Answer
    ) throws(MnemeError) -> Answer {
        guard oracle.newest.lives.isAudited else { return try body() }
        let call = store.audit.begin(request, Self.asker(number))
        let result = AuditCall.$current.withValue(call) {
            Result { () throws(MnemeError) in try body() }
        }
        return try result.get()
    }
}

extension ExpectedState {
    /// Takes over how many numbers were given: rows of the store's own have some.
    mutating func takeNumbers(of store: Store) {
        if let next = try? store.snapshot().nextOrdinal { nextOrdinal = next }
    }

    /// The records that another state lacks.
    func gone(in other: ExpectedState) -> [Reference] {
        records.keys.filter { other.records[$0] == nil }
            .sorted { $0.description < $1.description }
    }

    /// A batch was done under a key, which has a record of its own.
    mutating func noteDone(
        _ key: String,
        _ changes: [Change],
        _ outcomes: [Committed.Outcome]
    ) {
        nextOrdinal += 1
        lives.once[key] = Lives.Done(changes: changes, outcomes: outcomes)
    }
}
