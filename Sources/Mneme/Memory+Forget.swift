// Forgetting: everything that is given restricts what is forgotten, and nothing given is an error,
// so that no call forgets more than it names.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Forgets memories and everything that hangs on them; returns how many are gone.
    ///
    /// What is there when it begins is forgotten in batches of up to 16,384: each all or none, the
    /// whole not. A snapshot taken before shows everything still, one taken meanwhile a part. Where
    /// a batch fails, those before it stay forgotten; the same call again forgets the rest. What is
    /// erased does not come back with a backup that was made before, once a later one stands beside
    /// it or this store is the ledger of the restore.
    ///
    /// - Throws: `.badRequest` when neither keys nor an owner nor a filter say what to forget;
    ///   `.unknownCollection`, `.unknownField`, `.badFilter`, `.badOwner`; nothing was
    ///   changed then. What a commit throws.
    public func forget(_ forget: Forget) throws(MnemeError) -> Int {
        if isAudited { return try door.forget(forget) }
        return try forgetting(forget, options.durability).count
    }

    func forgetting(_ forget: Forget, _ durability: Durability) throws(MnemeError) -> Forgotten {
        if forget.mode != .hard, forget.erases {
            throw MnemeError(
                .badRequest,
                "forget has erase and the mode \(forget.mode.rawValue), which keeps what it puts "
                    + "aside; leave one of them out"
            )
        }
        var references = try references(of: forget)
        let named = references.count
        if forget.derived, !references.isEmpty {
            try defineSourcesIndex(of: forget.collection)
            let search = try DerivedSearch(
                forget.collection,
                store.snapshot(),
                Reach.$current.withValue(nil) { store.snapshot() },
                forget.mode
            )
            references += try search.derived(from: references)
        }
        var forgotten = Forgotten(count: 0, sequence: 0)
        let signature = Signature(reason: forget.reason)
        if forget.mode == .hard {
            forgotten.count = try end(
                references,
                erases: forget.erases,
                durability,
                signature
            )
        } else {
            try defineMarks(forget)
            let kind: Mark.Kind = forget.mode == .soft ? .delete : .archive
            forgotten.count = try batches(references, durability, signature) { reference in
                .mark(Mark(kind, reference))
            }
        }
        forgotten.derived = references.count - named
        forgotten.sequence = store.snapshot().sequence
        return forgotten
    }

    /// Deletes records, or erases them; returns how many were there.
    func end(
        _ references: [Reference],
        erases: Bool,
        _ durability: Durability,
        _ signature: Signature = Signature()
    ) throws(MnemeError) -> Int {
        try batches(references, durability, signature) { erases ? .erase($0) : .delete($0) }
    }

    /// Commits a change of each record, in batches that fit the log and do not hold other writers
    /// up for long.
    private func batches(
        _ references: [Reference],
        _ durability: Durability,
        _ signature: Signature,
        _ change: (Reference) -> Change
    ) throws(MnemeError) -> Int {
        let size = store.deletesPerBatch(most: 1 << 14)
        var count = 0
        for start in stride(from: 0, to: references.count, by: size) {
            let batch = references[start..<min(start + size, references.count)]
            count += try commit(batch.map(change)[...], durability, signature)
        }
        return count
    }

    /// Commits changes, in several batches where what follows them by references fits none; returns
    /// of how many the record was there.
    private func commit(
        _ changes: ArraySlice<Change>,
        _ durability: Durability,
        _ signature: Signature
    ) throws(MnemeError) -> Int {
        do throws(MnemeError) {
            let committed = try store.commit(Array(changes), durability, signature: signature)
            return committed.outcomes.count { outcome in
                switch outcome {
                case .deleted(let was): was
                default: true
                }
            }
        } catch {
            guard error.code == .tooLarge, changes.count > 1 else { throw error }
        }
        let half = changes.startIndex + changes.count / 2
        return try commit(changes[..<half], durability, signature)
            + commit(changes[half...], durability, signature)
    }

    /// Has the memory layer's own collection say what is put aside, when that is first asked for:
    /// until then no question pays for it.
    private func defineMarks(_ forget: Forget) throws(MnemeError) {
        let snapshot = store.snapshot()
        guard forget.collection == MemoryLayout.memories else { return }
        let known = try snapshot.catalog.collection(forget.collection).schema
        var collection = known
        switch forget.mode {
        case .hard: return
        case .soft:
            if known.roles.deletedAt != nil || known.roles.active != nil { return }
            collection.roles.deletedAt = "deletedAt"
        case .archive:
            if known.roles.archivedAt != nil || known.roles.archived != nil { return }
            collection.roles.archivedAt = "archivedAt"
        }
        let name = forget.mode == .soft ? "deletedAt" : "archivedAt"
        if known.field(name) == nil { collection.fields.append(Field(name, .instant)) }
        try store.define(Schema(collections: [collection]))
    }

    /// Has the memory layer's own collection find by a source what was made of it, when that is
    /// first asked for.
    private func defineSourcesIndex(of name: String) throws(MnemeError) {
        guard name == MemoryLayout.memories else { return }
        let known = try store.snapshot().catalog.collection(name).schema
        guard let field = known.roles.sources, DerivedSearch.index(known) == nil else { return }
        var collection = known
        collection.indexes.append(Index("bySource", on: [IndexField(field)]))
        try store.define(Schema(collections: [collection]))
    }

    /// The records that everything given names together.
    private func references(of forget: Forget) throws(MnemeError) -> [Reference] {
        let filter = forget.filter.flatMap { $0.isEmpty() ? nil : $0 }
        guard !forget.keys.isEmpty || forget.owner != nil || filter != nil else {
            throw MnemeError(
                .badRequest,
                "forget needs to know what: give keys, an owner, a filter that is not empty, or "
                    + "several of them, which then hold together"
            )
        }
        let snapshot = store.snapshot()
        if forget.keys.isEmpty {
            var find = Find(
                forget.collection,
                owner: forget.owner,
                where: filter,
                limit: Int.max / 2,
                select: []
            )
            // What is put aside is forgotten too.
            find.sight = try snapshot.everything(of: forget.collection)
            return try snapshot.find(find).rows.map(\.record.reference)
        }
        let collection = try snapshot.catalog.collection(forget.collection)
        let scope = try snapshot.scope(of: forget.owner, collection)
        var checked: Filter?
        if let filter { checked = try collection.checked(filter) }
        var references: [Reference] = []
        for key in forget.keys {
            let reference = Reference(forget.collection, key)
            guard let ordinal = try snapshot.ordinal(reference),
                try snapshot.isIn(ordinal, collection, scope, checked)
            else { continue }
            references.append(reference)
        }
        return references
    }
}

extension Filter {
    /// Whether it is made of nothing that could restrict: `{}`, or `and` of such.
    ///
    /// Of what lies deeper than a filter may, and is refused later, it says no.
    fileprivate func isEmpty(depth: Int = 64) -> Bool {
        guard depth > 0, case .and(let parts) = self else { return false }
        return parts.allSatisfy { $0.isEmpty(depth: depth - 1) }
    }
}
