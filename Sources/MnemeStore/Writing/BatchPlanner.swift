// Decides a batch: looks up what stands, sees every earlier change of the group (through the
// editor) and of the batch itself (through the notes kept here), checks every rule, and ends with
// changes that can be applied without another question. Nothing is changed while a batch is
// decided, so a refused batch leaves no trace.
//
// Changes are decided in their order, each seeing those before it: an edge follows the records that
// it joins, and a value of a unique index is free once an earlier change has given it up. Two
// records that swap such a value take a third put between, which parks one of them.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a batch came to.
struct BatchPlan: Sendable {
    var changes: [PlannedChange] = []
    var outcomes: [Committed.Outcome] = []
    /// Which outcomes tell of versions, and which changes make these.
    var made: [Made] = []
    /// What the same came to before; there is nothing else then.
    var repeated: Committed?
    /// Records that give way to quotas.
    var evicted: [Reference] = []
    /// The most bytes of the records and edges that outcomes tell, in an answer.
    var toldBytes = 0

    /// A version that a change makes and an outcome tells of, by their places.
    struct Made {
        let outcome: Int
        let by: Int

        init(outcome: Int, by change: Int) {
            self.outcome = outcome
            by = change
        }
    }

    /// The version of each outcome's record, 0 for none; empty where none has one.
    ///
    /// `first`: the sequence of the first change.
    func versions(from first: UInt64) -> [UInt64] {
        if made.isEmpty { return [] }
        var versions = [UInt64](repeating: 0, count: outcomes.count)
        for made in made { versions[made.outcome] = first + UInt64(made.by) }
        return versions
    }
}

/// Decides one batch.
struct BatchPlanner {
    let reader: WriterReader
    let catalog: Catalog
    let identity: LogIdentity
    let tree: Tree
    var roots: StoreRoots
    /// Makes puts of patches.
    let preparation: ChangePreparation
    var plan = BatchPlan()
    /// Generated keys that transactions have given away.
    var keys: GeneratedKeys?
    /// So many records of a collection are gone through for a new index in its commit.
    var atOnce = 4096
    /// After how many changes each request of a transaction ended: it was decided as a batch of its
    /// own inside, and so it is here.
    var requestEnds: [Int] = []
    /// Whether a later change of the batch may ask what an earlier one has decided.
    var hasLater = true
    /// Whether the batch has one change, so that only what follows it asks.
    private var isAlone = false

    // What the batch has decided so far.
    var records: [RecordName: UInt64?] = [:]
    var versions: [UInt64: OldVersion] = [:]
    /// Records and edges that end, but not the edges that end with a record.
    var dead: Set<UInt64> = []
    var owners: [String: UInt32] = [:]
    var uniques: [[UInt8]: UInt64?] = [:]
    var edges: [UInt64: PlannedEdge] = [:]
    /// The edges of unique types between two records.
    var pairs: [EdgePair: UInt64?] = [:]
    /// What the batch means for references.
    var following: Following
    /// What the batch adds to histories; nil where nothing keeps one.
    var keeping: HistoryKeeping?
    /// What rows of the audit are made of; nil where none are.
    var audit: AuditNote?
    /// What owners have before the batch.
    let usage: UsageTally
    /// What is left of a brief turn; nil where deciding may take its time.
    var turn: BriefTurn?
    /// The records that were changed since a switch of vectors was held against all of them; nil
    /// where that was not done.
    var changedSince: Set<UInt64>?
    /// Whether the batch is held against quotas; what a transaction changes is when it commits.
    var holdsQuotas = true

    /// `batchLimit`: bytes of the log that a batch may have; `signatures`: who makes the changes.
    init(
        _ editor: StoreEditor,
        _ reader: WriterReader,
        _ identity: LogIdentity,
        _ preparation: ChangePreparation,
        batchLimit: Int = .max,
        checksReferences: Bool = true,
        signatures: SignedSteps = SignedSteps()
    ) {
        following = Following(byteLimit: batchLimit, isChecking: checksReferences)
        usage = editor.usage
        self.reader = reader
        self.identity = identity
        self.preparation = preparation
        catalog = editor.catalog
        roots = editor.roots
        tree = Tree(root: roots.tree)
        // What a salvage brings out was changed by nobody.
        if !catalog.histories.isEmpty, checksReferences {
            keeping = HistoryKeeping(signatures)
        }
    }

    /// Decides the changes.
    ///
    /// - Throws: `.refused` when one breaks a rule; damage otherwise.
    mutating func decide(_ changes: [PreparedChange]) throws(StoreError) -> BatchPlan {
        isAlone = changes.count == 1
        switch changes.first {
        // It is several changes, of which the later ones ask what the earlier ones decided.
        case .claim, .supersede: isAlone = false
        default: break
        }
        hasLater = !isAlone || catalog.hasReferences || keeping != nil
        var kept: PreparedOnce?
        var defined = 0
        var ends = requestEnds[...]
        for (step, change) in changes.enumerated() {
            following.step = step
            keeping?.step = step - defined
            switch change {
            case .put(let put): try decide(put)
            case .patch(let patch): try decide(patch)
            case .delete(let collection, let key, let erases):
                try delete((collection, key), erases, overrules: false)
            case .remove(let removal): try decide(removal)
            case .mark(let mark): try decide(mark)
            case .link(let link): try decide(link)
            case .supersede(let supersede): try decide(supersede)
            case .unlink(let edge): try unlink(edge)
            case .unlinkMade(let place): try unlinkMade(place)
            case .expire(let ordinal): try expire(ordinal)
            case .eraseAgain(let erasure):
                try delete(reader.name(of: erasure, in: identity), true, overrules: true)
            case .purge(let name): try purge(name)
            case .fork(let fork): plan.changes.append(.fork(fork))
            case .mend(let ordinal): try mend(ordinal)
            case .define(let schema):
                // The store has put it before what was asked for.
                defined += 1
                try define(schema)
            case .drop(let drop): try plan(drop)
            case .switchVector(let change): try plan(change)
            case .claim(let claim): try decide(claim)
            case .withdraw(let number, let ordinals, let base):
                try withdraw(number, ordinals, asOf: base)
            case .retire(let ordinal, let base): try expire(ordinal, orUnchangedSince: base)
            case .keep(let once): kept = once
            }
            try follow()
            try keepHistory()
            guard let end = ends.first, end == step + 1 - defined else { continue }
            ends.removeFirst()
            try settleReferences()
            try keepHistory()
            following.beginRequest(at: step + 1)
        }
        try settleReferences()
        try keepHistory()
        try holdQuotas()
        try holdAnswer()
        if let audit { try keepAudit(audit) }
        // It stands behind all others.
        if let kept { try keep(kept) }
        return plan
    }

    private mutating func define(_ given: Schema) throws(StoreError) {
        let schema = catalog.completed(given)
        let occupied = try occupied(amongLacking: schema)
        let next: Catalog
        do throws(MnemeError) {
            next = try catalog.adding(schema) { occupied.contains($0.number) }
        } catch {
            throw .refused(error)
        }
        // What is there already need not be written down again.
        guard
            next.schema != catalog.schema || next.once?.number != catalog.once?.number
                || next.audit?.number != catalog.audit?.number
        else { return }
        var backfill = Backfill(reader: reader.under(next), tree: tree)
        try checkReady(next)
        try checkWithdrawn(next)
        try checkRetention(next)
        let behind = indexesBehind(next)
        let grown = grown(next, without: behind)
        for collection in grown {
            // A record that has expired must not hold a place of a unique index, nor name another.
            for ordinal in try backfill.records(of: collection.number)
            where try reader.entry(ordinal).expiresAt <= reader.instant && !dead.contains(ordinal) {
                guard let before = catalog.collection(number: collection.number) else { continue }
                try end(ordinal, before)
            }
        }
        try follow()
        for ordinal in following.changed {
            backfill.changed[ordinal] = versions[ordinal]?.record
        }
        let keys = try backfill.keys(from: catalog, to: next, without: dead, behind: behind)
        try backfill.check(keys, next)
        try checkReferences(newIn: next, backfill, keys)
        try backfill.checkRules(from: catalog, to: next, without: dead)
        plan.changes.append(
            .schema(
                PlannedDefinition(
                    catalog: next,
                    definition: .schema(schema),
                    keys: keys,
                    behind: behind
                )
            )
        )
        try beginHistories(of: next)
    }

    // MARK: Records

    /// Decides a put; returns the version to be.
    @discardableResult
    mutating func decide(
        _ given: PreparedPut,
        tellsOutcome: Bool = true
    ) throws(StoreError) -> StoredRecord {
        let collection = given.collection
        let put = collection.counters.isEmpty ? given : try numbered(given)
        let key: Key
        if let given = put.key { key = given } else { key = .int(try takeKey(collection)) }
        reserve(key, collection.number)
        let owner: UInt32
        if let known = put.ownerNumber {
            owner = known
        } else {
            owner = try number(ofOwner: put.ownerPath)
        }
        var old: OldVersion?
        let standingOrdinal = try ordinal(of: collection.number, key)
        if let ordinal = standingOrdinal {
            if put.mode == .insert {
                throw refused(
                    .duplicate,
                    "collection \"\(collection.schema.name)\" has a record with key \(key) "
                        + "already; use another key, or replace it"
                )
            }
            let standing = try version(ordinal)
            if put.mode == .replaceOwned, standing.entry.owner != owner {
                // Nothing is said of whose it is.
                throw refused(
                    .duplicate,
                    "key \(key) of collection \"\(collection.schema.name)\" is taken by a record "
                        + "that this owner may not replace; use another key, or give none to have "
                        + "one generated"
                )
            }
            old = standing
        }
        if let terms = put.terms {
            try hold(terms, of: Reference(collection.schema.name, key), old, collection)
        }
        let ordinal = standingOrdinal ?? takeOrdinal()
        let record = StoredRecord(
            key: key,
            owner: owner,
            expiresAt: put.expiresAt,
            fields: put.fields,
            vectors: put.vectors
        )
        try checkUnique(collection, put.prefixes, put.fields, old?.record, ordinal)
        let planned = PlannedPut(
            ordinal: ordinal,
            collection: collection,
            record: record,
            old: old,
            body: put.body,
            plainCount: put.plainCount,
            prefixes: put.prefixes
        )
        plan.changes.append(.put(planned))
        if tellsOutcome { try tellPut(record, old, put.terms, collection) }
        guard hasLater, !isAlone || catalog.takesPart(collection) else { return record }
        note(planned)
        notePut(planned)
        return record
    }

    /// Has later changes see a version that is put.
    mutating func note(_ put: PlannedPut) {
        records[RecordName(put.collection.number, put.record.key)] = .some(put.ordinal)
        // The place is not known before the frame is appended; the writer fills it in then.
        versions[put.ordinal] = OldVersion(
            entry: OrdinalEntry(
                place: 0,
                birth: 1,
                expiresAt: put.record.expiresAt,
                owner: put.record.owner,
                collection: put.collection.number,
                flags: 0
            ),
            record: put.record,
            frameBytes: put.frame(0).byteCount,
            time: reader.instant,
            usageBytes: put.usage.bytes
        )
    }

    /// The put with the next numbers in the fields that wait for them.
    private mutating func numbered(_ put: PreparedPut) throws(StoreError) -> PreparedPut {
        let collection = put.collection
        var finished = put
        if let waiting = put.waiting {
            var numbers: [(place: Int, value: Value)] = []
            for counter in collection.counters where waiting.places.contains(counter.place) {
                let next = roots.nextKeys[counter.number] ?? 1
                guard next < .max else {
                    throw refused(
                        .tooLarge,
                        "field \"\(collection.schema.fields[counter.place].name)\" of collection "
                            + "\"\(collection.schema.name)\" has no numbers left; give it in the "
                            + "put"
                    )
                }
                numbers.append((counter.place, .int(next)))
            }
            do throws(MnemeError) {
                finished = try waiting.finish(put, numbers)
            } catch {
                throw .refused(error)
            }
        }
        for counter in collection.counters {
            let given = finished.fields.first { $0.number == counter.field }
            guard case .int(let number)? = given?.value, number < .max else { continue }
            roots.nextKeys[counter.number] = max(roots.nextKeys[counter.number] ?? 1, number + 1)
        }
        return finished
    }

    /// The next generated key; never one that a record has or had.
    private func takeKey(_ collection: CollectionEntry) throws(StoreError) -> Int64 {
        let least = roots.nextKeys[collection.number] ?? 1
        let key = keys?.take(collection.number, from: least) ?? least
        guard key < .max else {
            throw refused(
                .tooLarge,
                "collection \"\(collection.schema.name)\" has no integer keys left to "
                    + "generate; give "
                    + "the key in the put"
            )
        }
        return key
    }

    /// Keeps generated keys above the ones that were given.
    private mutating func reserve(_ key: Key, _ collection: UInt16) {
        guard case .int(let number) = key, number < .max else { return }
        roots.nextKeys[collection] = max(roots.nextKeys[collection] ?? 1, number + 1)
    }

    mutating func takeOrdinal() -> UInt64 {
        defer { roots.nextOrdinal += 1 }
        return roots.nextOrdinal
    }

    private mutating func delete(
        _ name: (collection: CollectionEntry, key: Key)?,
        _ erases: Bool,
        overrules: Bool
    ) throws(StoreError) {
        guard let name, let ordinal = try ordinal(of: name.collection.number, name.key) else {
            return plan.outcomes.append(.deleted(false))
        }
        try end(ordinal, name.collection, erases: erases, overrules: overrules)
        plan.outcomes.append(.deleted(true))
    }

    /// Ends a record if it is still there and has expired, or its collection was dropped: a put may
    /// have given its key a new record meanwhile.
    ///
    /// One that nobody has changed since a commit ends in any case.
    private mutating func expire(
        _ ordinal: UInt64,
        orUnchangedSince base: UInt64 = 0
    ) throws(StoreError) {
        // The table may have let go of it since, when it was deleted.
        guard try reader.lives(ordinal), !dead.contains(ordinal) else {
            return plan.outcomes.append(.deleted(false))
        }
        let entry = try reader.entry(ordinal)
        guard
            entry.expiresAt <= reader.instant || catalog.isLeaving(entry.collection)
                || entry.birth <= base,
            let collection = catalog.collection(number: entry.collection)
        else { return plan.outcomes.append(.deleted(false)) }
        if catalog.hasReferences || catalog.histories[collection.number] != nil {
            let endSize = endSize + (try keptSize(ordinal))
            let hasRoom =
                following.byteCount == 0
                || following.byteCount + endSize <= following.byteLimit
            guard hasRoom else { return plan.outcomes.append(.deleted(false)) }
            if catalog.referrers[collection.number] != nil {
                return plan.outcomes.append(.deleted(try expireInParts(ordinal)))
            }
            following.byteCount += endSize
        }
        try end(ordinal, collection)
        plan.outcomes.append(.deleted(true))
    }

    /// Ends a record, and with it every edge that touches it: none of them is a change of its own.
    ///
    /// What names it follows later, by its rules; where the end `overrules` them, no rule refuses
    /// it.
    mutating func end(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        erases: Bool = false,
        overrules: Bool = true
    ) throws(StoreError) {
        if turn != nil { try expectFewEdges(of: ordinal) }
        let old = try version(ordinal)
        noteEnd(collection, old.record, erases: erases, overrules: overrules)
        var delete = PlannedDelete(ordinal: ordinal, collection: collection, old: old)
        if erases {
            delete.erasure = ErasureMark(
                old.record.key,
                collection.number,
                old.origin,
                identity,
                line: roots.forks
            )
        }
        plan.changes.append(.delete(delete))
        records[RecordName(collection.number, old.record.key)] = .some(nil)
        dead.insert(ordinal)
        guard collection.hasUnique else { return }
        for prefix in StoreKeys.uniquePrefixes(collection, collection.indexed(old.record)) {
            try giveUp(prefix, collection, ordinal)
        }
    }

    /// The ordinal of a record that is there at the writer's instant.
    ///
    /// One that has expired is swept on the way.
    mutating func ordinal(of collection: UInt16, _ key: Key) throws(StoreError) -> UInt64? {
        let name = RecordName(collection, key)
        if hasLater, let known = records[name] { return known }
        guard let ordinal = try reader.number(tree, StoreKeys.record(collection, key)) else {
            if hasLater { records[name] = .some(nil) }
            return nil
        }
        if hasLater { records[name] = .some(ordinal) }
        if try reader.entry(ordinal).expiresAt <= reader.instant,
            let entry = catalog.collection(number: collection)
        {
            try end(ordinal, entry)
            return nil
        }
        return ordinal
    }

    mutating func version(_ ordinal: UInt64) throws(StoreError) -> OldVersion {
        if hasLater, let known = versions[ordinal] { return known }
        let version = try reader.version(ordinal)
        if turn != nil { try spend(version) }
        if hasLater { versions[ordinal] = version }
        return version
    }

    /// Holds the keys of a put in unique indexes against other records'; it gives up those that
    /// only the version before has.
    ///
    /// `fields`: what was given, for the message; nil where that names fields alone.
    ///
    /// - Throws: `.refused` with `duplicate`.
    mutating func checkUnique(
        _ collection: CollectionEntry,
        _ prefixes: [IndexPrefix],
        _ fields: [(number: UInt16, value: Value)]?,
        _ old: StoredRecord?,
        _ ordinal: UInt64
    ) throws(StoreError) {
        guard collection.hasUnique else { return }
        let before =
            old.map { StoreKeys.uniquePrefixes(collection, collection.indexed($0)) } ?? []
        let after = prefixes.filter(collection.isExclusive)
        for prefix in before.subtracting(after) { try giveUp(prefix, collection, ordinal) }
        for prefix in after.subtracting(before) {
            if let holder = try holder(of: prefix.bytes), holder != ordinal {
                let index = collection.indexes[prefix.place].index
                let values = collection.shown(index, with: fields)
                throw refused(
                    .duplicate,
                    "index \"\(index.name)\" of collection \"\(collection.schema.name)\" is "
                        + "unique, and another record has the same \(values); change it, or "
                        + "delete the other record first"
                )
            }
            uniques[prefix.bytes] = .some(ordinal)
        }
    }

    /// The living record that holds a place of a unique index.
    mutating func holder(of prefix: [UInt8]) throws(StoreError) -> UInt64? {
        if let known = uniques[prefix] { return known }
        guard let ordinal = try reader.firstNumber(tree, prefix: prefix) else { return nil }
        if dead.contains(ordinal) { return nil }
        let entry = try reader.entry(ordinal)
        if entry.expiresAt <= reader.instant,
            let collection = catalog.collection(number: entry.collection)
        {
            try end(ordinal, collection)
            return nil
        }
        return ordinal
    }

    private mutating func number(ofOwner path: String?) throws(StoreError) -> UInt32 {
        guard let path else { return 0 }
        if let known = owners[path] { return known }
        if let known = try reader.number(tree, StoreKeys.owner(path)) {
            owners[path] = UInt32(truncatingIfNeeded: known)
            return UInt32(truncatingIfNeeded: known)
        }
        let number = roots.nextOwner
        guard number < .max else {
            throw refused(.tooLarge, "the store has no numbers left for owners; use another store")
        }
        roots.nextOwner += 1
        owners[path] = number
        plan.changes.append(.owner(number: number, path: path))
        return number
    }

    func refused(_ code: MnemeError.Code, _ message: String) -> StoreError {
        .refused(MnemeError(code, message))
    }
}

/// A record by numbers.
struct RecordName: Hashable {
    let collection: UInt16
    let key: Key

    init(_ collection: UInt16, _ key: Key) {
        self.collection = collection
        self.key = key
    }
}
