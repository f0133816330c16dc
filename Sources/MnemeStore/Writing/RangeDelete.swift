// A delete of all that a condition holds for, between the look that found the records and the
// writer: what was committed since is held against the condition, so that those go for which it
// holds when they go. Where nothing needs each record's own delete they are withdrawn by one frame.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// The records of a delete by a condition.
final class RangeDelete: Sendable {
    private struct Found {
        var ordinals: IDBitmap
        /// The keys, where the records are deleted one by one.
        var keys: [UInt64: Key]
        /// Everything up to here was looked at.
        var through: UInt64
        /// As of so many cuts of the history.
        var cuts: Int?
    }

    private let collection: CollectionEntry
    private let question: ReadQuestion
    private let isWithdrawal: Bool
    private let erases: Bool
    /// How far whoever deletes reaches; nil where that is everywhere.
    private let reach = Reach.current?.limiting
    private let found: Mutex<Found>

    /// `keys`: those of the records in the place of a withdrawal; nil where they are withdrawn.
    init(
        _ find: Find,
        _ collection: CollectionEntry,
        _ ordinals: IDBitmap,
        keys: [UInt64: Key]?,
        erases: Bool,
        since base: UInt64
    ) {
        self.collection = collection
        self.erases = erases
        question = ReadQuestion(find, collection)
        isWithdrawal = keys == nil
        found = Mutex(Found(ordinals: ordinals, keys: keys ?? [:], through: base))
    }

    /// How many records they are, as far as was looked.
    var count: Int { found.withLock { $0.ordinals.count } }
    /// Bytes of what the frame of a withdrawal says.
    var byteCount: Int { found.withLock { $0.ordinals.byteCount } }

    /// What the writer is to do as of what was looked at last.
    var changes: [PreparedChange] {
        found.withLock { found in
            if isWithdrawal {
                let ordinals = found.ordinals
                return ordinals.isEmpty ? [] : [.withdraw(collection.number, ordinals)]
            }
            return found.ordinals.compactMap { ordinal in
                found.keys[ordinal].map { .delete(collection, $0, erases: erases) }
            }
        }
    }

    /// Looks at what was committed since it looked last.
    ///
    /// - Returns: how many changes that were.
    /// - Throws: `.conflict` where it cannot be told what they mean.
    /// - Complexity: O(changes).
    func follow(_ history: CommitHistory) throws(MnemeError) -> Int {
        try found.withLock { found throws(MnemeError) in
            // What was looked at may have been taken back, and others stand in its place.
            guard let since = history.since(found.through),
                found.cuts == nil || found.cuts == since.cuts
            else { throw Self.outrun }
            var count = 0
            for batch in since.batches {
                for change in batch.changes { try take(change, &found) }
                count += batch.changes.count
            }
            found.through = since.through
            found.cuts = since.cuts
            return count
        }
    }

    private func take(
        _ change: CommittedChange,
        _ found: inout Found
    ) throws(MnemeError) {
        switch change {
        case .record(let change) where change.collection.number == collection.number:
            // Of what was committed not everything is kept.
            guard question.isWhole else { throw Self.outrun }
            if question.concerns(change.new, collection), isReached(change.new) {
                found.ordinals.insert(change.ordinal)
                if !isWithdrawal { found.keys[change.ordinal] = change.key }
            } else {
                found.ordinals.remove(change.ordinal)
            }
        case .withdrawn(let gone, let ordinals) where gone.number == collection.number:
            found.ordinals.subtract(ordinals)
        default: break
        }
    }

    private func isReached(_ record: StoredRecord?) -> Bool {
        guard let reach, let record else { return true }
        return reach.reaches(record, collection)
    }

    static let outrun = MnemeError(
        .conflict,
        "records of the collection change faster than can be looked at which are to be deleted; "
            + "nothing was deleted. Ask again"
    )
}

extension BatchPlanner {
    /// Withdraws records that live; of those that were seen at a commit, `base`, the ones that
    /// nobody has changed since.
    ///
    /// - Throws: `.refused` with `conflict` where each has to be deleted by itself since the look.
    /// - Complexity: O(1); O(records) with a base.
    mutating func withdraw(
        _ number: UInt16,
        _ seen: IDBitmap,
        asOf base: UInt64?
    ) throws(StoreError) {
        guard let collection = catalog.collection(number: number), !catalog.isLeaving(number),
            catalog.isWithdrawable(collection)
        else { throw .refused(RangeDelete.outrun) }
        var ordinals = seen
        if let base { ordinals = try unchanged(seen, since: base) }
        if reach != nil { ordinals = try reached(ordinals) }
        guard !ordinals.isEmpty else { return plan.outcomes.append(.deleted(false)) }
        plan.changes.append(
            .withdraw(PlannedWithdrawal(collection: collection, ordinals: ordinals))
        )
        plan.outcomes.append(.deleted(true))
    }

    /// Those within reach of records that live.
    private func reached(_ ordinals: IDBitmap) throws(StoreError) -> IDBitmap {
        var reached: [UInt64] = []
        for ordinal in ordinals where try reader.lives(ordinal) {
            if try reaches(ordinal) { reached.append(ordinal) }
        }
        return IDBitmap(sorted: reached)
    }

    private func unchanged(
        _ ordinals: IDBitmap,
        since base: UInt64
    ) throws(StoreError) -> IDBitmap {
        var unchanged: [UInt64] = []
        for ordinal in ordinals where try reader.lives(ordinal) {
            let entry = try reader.entry(ordinal)
            if entry.birth <= base, entry.expiresAt > reader.instant { unchanged.append(ordinal) }
        }
        return IDBitmap(sorted: unchanged)
    }

    /// Refuses a history, or counting, that begins while records are there for it that nobody sees
    /// any more.
    func checkWithdrawn(_ next: Catalog) throws(StoreError) {
        guard !roots.withdrawn.isEmpty else { return }
        let begins =
            next.histories.keys.filter { catalog.histories[$0] == nil }
            + next.counted.subtracting(catalog.counted)
        let beginsPast = next.pasts.keys.contains { catalog.pasts[$0] == nil }
        if beginsPast || begins.contains(where: { catalog.collection(number: $0) != nil }) {
            throw refused(
                .conflict,
                "records that were deleted together are being taken out of the indexes still, and "
                    + "a history or the counting of usage begins without them; define it again in "
                    + "a moment"
            )
        }
    }
}

extension Catalog {
    /// Whether records of a collection may go without anything being done for each.
    func isWithdrawable(_ collection: CollectionEntry) -> Bool {
        referrers[collection.number] == nil && histories[collection.number] == nil
            && !counted.contains(collection.number) && pasts.isEmpty
    }
}
