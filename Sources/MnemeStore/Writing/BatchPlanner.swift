// Decides a batch: looks up what stands, sees every earlier change of the group (through the
// editor) and of the batch itself (through the notes kept here), checks every rule, and ends with
// changes that can be applied without another question. Nothing is changed while a batch is
// decided, so a refused batch leaves no trace.
//
// Changes are decided in their order, each seeing those before it: an edge follows the records that
// it joins, and a value of a unique index is free once an earlier change has given it up. Two
// records that swap such a value take a third put between, which parks one of them. Here is the
// order of it all, and definitions; puts and deletes are in `BatchPlanner+Records.swift`.

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
    var isAlone = false

    // What the batch has decided so far.
    var records: [RecordName: UInt64?] = [:]
    var versions: [UInt64: OldVersion] = [:]
    /// Records and edges that end, but not the edges that end with a record.
    var dead: Set<UInt64> = []
    var owners: [String: UInt32] = [:]
    /// The paths of those owners to whom the batch gives numbers.
    var newOwners: [UInt32: String] = [:]
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
    /// How far whoever makes the changes reaches; nil where that is everywhere.
    var reach: Reach?
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
        if catalog.keepsHistory, checksReferences {
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
            case .unlink(let edge, let erases): try unlink(edge, erases: erases)
            case .unlinkMade(let place): try unlinkMade(place)
            case .expire(let ordinal): try expire(ordinal)
            case .eraseAgain(let erasure):
                try delete(reader.name(of: erasure, in: identity), true, overrules: true)
            case .eraseEdgeAgain(let erasure): try eraseAgain(erasure)
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
            case .touch(let touched): try touch(touched)
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
                || next.touches?.number != catalog.touches?.number
                || next.jobs?.number != catalog.jobs?.number
                || next.results?.number != catalog.results?.number
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
        try beginPasts(of: next)
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
