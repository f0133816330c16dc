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
        return try self.forget(forget, options.durability)
    }

    func forget(_ forget: Forget, _ durability: Durability) throws(MnemeError) -> Int {
        let references = try references(of: forget)
        // Batches fit the log and do not hold other writers up for long.
        let size = store.deletesPerBatch(most: 1 << 14)
        var count = 0
        for start in stride(from: 0, to: references.count, by: size) {
            let batch = references[start..<min(start + size, references.count)]
            let changes = batch.map { forget.erases ? Change.erase($0) : .delete($0) }
            count += try commit(changes[...], durability)
        }
        return count
    }

    /// Commits deletes, in several batches where what follows them by references fits none; returns
    /// how many were there.
    private func commit(
        _ deletes: ArraySlice<Change>,
        _ durability: Durability
    ) throws(MnemeError) -> Int {
        do throws(MnemeError) {
            let committed = try store.commit(Array(deletes), durability)
            return committed.outcomes.count { $0 == .deleted(true) }
        } catch {
            guard error.code == .tooLarge, deletes.count > 1 else { throw error }
        }
        let half = deletes.startIndex + deletes.count / 2
        return try commit(deletes[..<half], durability) + commit(deletes[half...], durability)
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
