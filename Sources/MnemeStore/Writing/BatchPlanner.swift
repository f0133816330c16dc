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
}

/// Decides one batch.
struct BatchPlanner {
    private let reader: WriterReader
    private let catalog: Catalog
    private let identity: LogIdentity
    private let tree: Tree
    private var roots: StoreRoots
    /// Makes puts of patches.
    let preparation: ChangePreparation
    var plan = BatchPlan()
    /// Generated keys that transactions have given away.
    var keys: GeneratedKeys?
    /// Whether a later change of the batch may ask what an earlier one has decided.
    private var hasLater = true

    // What the batch has decided so far.
    private var records: [RecordName: UInt64?] = [:]
    private var versions: [UInt64: OldVersion] = [:]
    /// Records and edges that end, but not the edges that end with a record.
    private var dead: Set<UInt64> = []
    private var owners: [String: UInt32] = [:]
    private var uniques: [[UInt8]: UInt64?] = [:]
    private var edges: [UInt64: PlannedEdge] = [:]

    init(
        _ editor: StoreEditor,
        _ reader: WriterReader,
        _ identity: LogIdentity,
        _ preparation: ChangePreparation
    ) {
        self.reader = reader
        self.identity = identity
        self.preparation = preparation
        catalog = editor.catalog
        roots = editor.roots
        tree = Tree(root: roots.tree)
    }

    /// Decides the changes.
    ///
    /// - Throws: `.refused` when one breaks a rule; damage otherwise.
    mutating func decide(_ changes: [PreparedChange]) throws(StoreError) -> BatchPlan {
        hasLater = changes.count > 1
        for change in changes {
            switch change {
            case .put(let put): try decide(put)
            case .patch(let patch): try decide(patch)
            case .delete(let collection, let key, let erases):
                try delete((collection, key), erases)
            case .link(let link): try decide(link)
            case .unlink(let edge): try unlink(edge)
            case .unlinkMade(let place): try unlinkMade(place)
            case .expire(let ordinal): try expire(ordinal)
            case .eraseAgain(let erasure):
                try delete(reader.name(of: erasure, in: identity), true)
            case .fork(let fork): plan.changes.append(.fork(fork))
            case .define(let schema): try define(schema)
            }
        }
        return plan
    }

    private mutating func define(_ schema: Schema) throws(StoreError) {
        let next: Catalog
        do throws(MnemeError) {
            next = try catalog.adding(schema)
        } catch {
            throw .refused(error)
        }
        // What is there already need not be written down again.
        guard next.schema != catalog.schema else { return }
        let backfill = Backfill(reader: reader, tree: tree)
        for (collection, _) in next.newIndexes(since: catalog) {
            // A record that has expired must not hold a place of a unique index.
            for ordinal in try backfill.records(of: collection.number)
            where try reader.entry(ordinal).expiresAt <= reader.instant && !dead.contains(ordinal) {
                guard let before = catalog.collection(number: collection.number) else { continue }
                try end(ordinal, before)
            }
        }
        let keys = try backfill.keys(from: catalog, to: next, without: dead)
        try backfill.check(keys, next)
        plan.changes.append(.schema(next, schema, keys))
    }

    // MARK: Records

    /// Decides a put; returns the version to be.
    @discardableResult
    mutating func decide(
        _ put: PreparedPut,
        tellsOutcome: Bool = true
    ) throws(StoreError) -> StoredRecord {
        let collection = put.collection
        let key: Key
        if let given = put.key { key = given } else { key = .int(try takeKey(collection)) }
        reserve(key, collection.number)
        let owner = try number(ofOwner: put.ownerPath)
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
        let ordinal = standingOrdinal ?? takeOrdinal()
        let record = StoredRecord(
            key: key,
            owner: owner,
            expiresAt: put.expiresAt,
            fields: put.fields,
            vectors: put.vectors
        )
        try checkUnique(collection, record, old?.record, ordinal)
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
        if tellsOutcome { plan.outcomes.append(.put(Reference(collection.schema.name, key))) }
        guard hasLater else { return record }
        records[RecordName(collection.number, key)] = .some(ordinal)
        // The place is not known before the frame is appended; the writer fills it in then.
        versions[ordinal] = OldVersion(
            entry: OrdinalEntry(
                place: 0,
                birth: 1,
                expiresAt: put.expiresAt,
                owner: owner,
                collection: collection.number,
                flags: 0
            ),
            record: record,
            frameBytes: planned.frame(0).byteCount
        )
        return record
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

    private mutating func takeOrdinal() -> UInt64 {
        defer { roots.nextOrdinal += 1 }
        return roots.nextOrdinal
    }

    private mutating func delete(
        _ name: (collection: CollectionEntry, key: Key)?,
        _ erases: Bool
    ) throws(StoreError) {
        guard let name, let ordinal = try ordinal(of: name.collection.number, name.key) else {
            return plan.outcomes.append(.deleted(false))
        }
        try end(ordinal, name.collection, erases: erases)
        plan.outcomes.append(.deleted(true))
    }

    /// Ends a record if it is still there and has expired: a put may have given its key a new
    /// record meanwhile.
    private mutating func expire(_ ordinal: UInt64) throws(StoreError) {
        // The table may have let go of it since, when it was deleted.
        guard try reader.lives(ordinal), !dead.contains(ordinal) else {
            return plan.outcomes.append(.deleted(false))
        }
        let entry = try reader.entry(ordinal)
        guard entry.expiresAt <= reader.instant,
            let collection = catalog.collection(number: entry.collection)
        else { return plan.outcomes.append(.deleted(false)) }
        try end(ordinal, collection)
        plan.outcomes.append(.deleted(true))
    }

    /// Ends a record, and with it every edge that touches it: none of them is a change of its own.
    private mutating func end(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        erases: Bool = false
    ) throws(StoreError) {
        let old = try version(ordinal)
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
        for index in collection.indexes where index.index.isUnique {
            uniques[StoreKeys.prefix(collection, index, old.record)] = .some(nil)
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
        if hasLater { versions[ordinal] = version }
        return version
    }

    private mutating func checkUnique(
        _ collection: CollectionEntry,
        _ record: StoredRecord,
        _ old: StoredRecord?,
        _ ordinal: UInt64
    ) throws(StoreError) {
        for index in collection.indexes where index.index.isUnique {
            let prefix = StoreKeys.prefix(collection, index, record)
            if let old {
                let before = StoreKeys.prefix(collection, index, old)
                if before == prefix { continue }
                uniques[before] = .some(nil)
            }
            if let holder = try holder(of: prefix), holder != ordinal {
                let values = index.index.fields.map(\.name).joined(separator: ", ")
                throw refused(
                    .duplicate,
                    "index \"\(index.index.name)\" of collection \"\(collection.schema.name)\" is "
                        + "unique, and another record has the same \(values); change it, or "
                        + "delete the other record first"
                )
            }
            uniques[prefix] = .some(ordinal)
        }
    }

    /// The living record that holds a place of a unique index.
    private mutating func holder(of prefix: [UInt8]) throws(StoreError) -> UInt64? {
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

    // MARK: Edges

    private mutating func decide(_ link: PreparedLink) throws(StoreError) {
        let from = try end(link.from, "starts", link)
        let to = try end(link.to, "ends", link)
        let edge = PlannedEdge(
            ordinal: takeOrdinal(),
            type: link.type.number,
            from: from,
            to: to,
            owner: try owner(of: from),
            body: link.body,
            plainCount: link.plainCount
        )
        edges[edge.ordinal] = edge
        plan.changes.append(.link(edge))
        plan.outcomes.append(.linked(edge.ordinal))
    }

    private mutating func end(
        _ reference: Reference,
        _ what: String,
        _ link: PreparedLink
    ) throws(StoreError) -> UInt64 {
        let collection: CollectionEntry
        do throws(MnemeError) {
            collection = try catalog.collection(reference.collection)
        } catch {
            throw .refused(error)
        }
        guard let ordinal = try ordinal(of: collection.number, reference.key) else {
            throw refused(
                .danglingEdge,
                "an edge \"\(link.type.type.name)\" \(what) in \(reference), which is not there; "
                    + "put that record first, or in the same batch before the edge"
            )
        }
        return ordinal
    }

    private func owner(of node: UInt64) throws(StoreError) -> UInt32 {
        if let version = versions[node] { return version.entry.owner }
        return try reader.entry(node).owner
    }

    private mutating func unlink(_ ordinal: UInt64) throws(StoreError) {
        if dead.contains(ordinal) {
            plan.outcomes.append(.unlinked(false))
            return
        }
        var found = edges[ordinal]
        if found == nil { found = try reader.edge(ordinal) }
        guard let edge = found else {
            plan.outcomes.append(.unlinked(false))
            return
        }
        for node in [edge.from, edge.to] { try sweep(node) }
        // An edge of what has expired or was deleted is gone with it.
        let isThere = !dead.contains(edge.from) && !dead.contains(edge.to)
        plan.outcomes.append(.unlinked(isThere))
        guard isThere else { return }
        dead.insert(ordinal)
        plan.changes.append(.unlink(edge))
    }

    private mutating func unlinkMade(_ place: Int) throws(StoreError) {
        guard plan.outcomes.indices.contains(place), case .linked(let edge) = plan.outcomes[place]
        else { return plan.outcomes.append(.unlinked(false)) }
        try unlink(edge)
    }

    /// Ends a record if it has expired.
    private mutating func sweep(_ ordinal: UInt64) throws(StoreError) {
        if dead.contains(ordinal) { return }
        var entry = versions[ordinal]?.entry
        if entry == nil { entry = try reader.entry(ordinal) }
        if let entry, entry.expiresAt <= reader.instant,
            let collection = catalog.collection(number: entry.collection)
        {
            try end(ordinal, collection)
        }
    }

    func refused(_ code: MnemeError.Code, _ message: String) -> StoreError {
        .refused(MnemeError(code, message))
    }
}

/// A record by numbers.
private struct RecordName: Hashable {
    let collection: UInt16
    let key: Key

    init(_ collection: UInt16, _ key: Key) {
        self.collection = collection
        self.key = key
    }
}
