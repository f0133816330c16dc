// Deleting all that a condition holds for: the asking thread finds the records in a snapshot, the
// writer takes in what was committed since, and one commit has all of them go.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

extension Store {
    /// The most records of one delete.
    static let mostWithdrawn = 1 << 22
    /// The most of one where each is deleted by itself.
    static let mostDeleted = 1 << 16
    /// How often it is looked again.
    private static let mostTries = 8

    /// Deletes all records for which everything given holds, in one commit.
    ///
    /// - Throws: `.badRequest` where nothing is given; `.unknownCollection`, `.unknownField`,
    ///   `.badFilter`, `.badOwner`; `.tooLarge` where there are too many; `.referenced`;
    ///   `.conflict` where records change faster than can be looked; what a commit throws.
    /// - Complexity: as the question; in the writer O(records), of records that are withdrawn
    ///   little more than a page of the ordinal table for every 204 of them.
    @discardableResult
    package func deleteWhere(
        _ delete: DeleteWhere,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> DeletedWhere {
        try checkWritable()
        for _ in 1..<Self.mostTries {
            do throws(MnemeError) {
                return try deleteOnce(delete, durability)
            } catch {
                guard error.code == .conflict else { throw error }
            }
        }
        return try deleteOnce(delete, durability)
    }

    private func deleteOnce(
        _ delete: DeleteWhere,
        _ durability: Durability
    ) throws(MnemeError) -> DeletedWhere {
        // Until the writer's turn everything counts that is committed from here on.
        let held = holdNewest()
        defer { transactions.history.end(held.sequence) }
        let snapshot = snapshot(of: held)
        let catalog = snapshot.catalog
        let collection = try catalog.collection(delete.collection)
        var asked = try delete.find(collection)
        // What is put aside goes too.
        asked.sight = try snapshot.everything(of: delete.collection)
        let find = try snapshot.checked(asked, collection)
        let isWithdrawal = catalog.isWithdrawable(collection) && !delete.erases
        let most = isWithdrawal ? Self.mostWithdrawn : Self.mostDeleted
        let ordinals = try snapshot.ordinals(of: find, collection, atMost: most)
        let range = RangeDelete(
            find,
            collection,
            ordinals,
            keys: isWithdrawal ? nil : try snapshot.keys(of: ordinals),
            erases: delete.erases,
            since: snapshot.sequence
        )
        // Here, and not in the writer, as far as it can be.
        for _ in 0..<4 {
            if try range.follow(transactions.history) < 64 { break }
        }
        guard range.byteCount <= log.frameLimit / 2 else {
            throw Self.tooMany(most: range.count, collection)
        }
        let work = WriterWork(
            changes: [],
            catalogVersion: catalog.version,
            durability: durability,
            prepareAgain: { _ throws(MnemeError) in throw RangeDelete.outrun },
            range: range,
            seenVersion: catalog.version
        )
        spaceBrake.wait(isWithdrawal ? range.byteCount : 128 * range.count)
        brake.wait(changes: isWithdrawal ? 1 + range.count / 64 : range.count)
        let committed = try submit(work)
        if isWithdrawal, range.count > 0 { upkeepGate.open() }
        return DeletedWhere(count: range.count, sequence: committed.sequence)
    }

    /// A snapshot of a state that is held.
    func snapshot(of held: HeldState) -> Snapshot {
        Snapshot(
            held: held,
            log: log,
            cache: records,
            opening: opening,
            brake: brake,
            clock: clock,
            instant: clock.now()
        )
    }

    fileprivate static func tooMany(most: Int, _ collection: CollectionEntry) -> MnemeError {
        MnemeError(
            .tooLarge,
            "there are more than \(most) such records of collection "
                + "\"\(collection.schema.name)\", and one delete takes no more; nothing was "
                + "deleted. Delete them in parts, by narrower periods or by owners"
        )
    }
}

extension DeleteWhere {
    /// The question for the records that are to go.
    ///
    /// - Throws: `.badRequest`, `.unknownField`.
    fileprivate func find(_ collection: CollectionEntry) throws(MnemeError) -> Find {
        guard owner != nil || from != nil || to != nil || filter != nil else {
            throw MnemeError(
                .badRequest,
                "deleteWhere needs to know what: give an owner, a period, a filter, or several of "
                    + "them, which then hold together; {} as \"where\" means every record"
            )
        }
        let parts = try period(collection) + [filter].compactMap { $0 }
        let all: Filter? = parts.count > 1 ? .and(parts) : parts.first
        return Find(self.collection, owner: owner, where: all, limit: .max, select: [])
    }

    private func period(_ collection: CollectionEntry) throws(MnemeError) -> [Filter] {
        guard from != nil || to != nil else {
            guard let field else { return [] }
            throw MnemeError(
                .badRequest,
                "deleteWhere.field is \(quoted(field)), and neither \"from\" nor \"to\" is given; "
                    + "give one of them, or leave the field out"
            )
        }
        let schema = collection.schema
        guard let name = field ?? schema.roles.time else {
            throw MnemeError(
                .badRequest,
                "collection \"\(schema.name)\" has no time role; say by \"field\" which instant "
                    + "the period is of"
            )
        }
        _ = try collection.fieldNumber(name)
        guard schema.field(name)?.type == .instant else {
            throw MnemeError(
                .badRequest,
                "field \"\(name)\" of collection \"\(schema.name)\" is no instant, and a period "
                    + "is of one; name another field, or use \"where\""
            )
        }
        if let from, let to, from >= to {
            throw MnemeError(
                .badRequest,
                "deleteWhere.from is not before deleteWhere.to, which is no part of the period; "
                    + "change one of them"
            )
        }
        var parts: [Filter] = []
        if let from { parts.append(.compare(field: name, .gte(.instant(from)))) }
        if let to { parts.append(.compare(field: name, .lt(.instant(to)))) }
        return parts
    }
}

extension Snapshot {
    /// The records that a checked question is about.
    ///
    /// - Throws: `.tooLarge` where there are more than `limit`.
    fileprivate func ordinals(
        of find: Find,
        _ collection: CollectionEntry,
        atMost limit: Int
    ) throws(MnemeError) -> IDBitmap {
        let ordinals = try reading { state throws(StoreError) in
            try state.ordinals(of: find, collection, atMost: limit + 1)
        }
        guard ordinals.count <= limit else { throw Store.tooMany(most: limit, collection) }
        return ordinals
    }

    /// The keys of records.
    ///
    /// - Complexity: O(bytes of the records).
    fileprivate func keys(of ordinals: IDBitmap) throws(MnemeError) -> [UInt64: Key] {
        try reading { state throws(StoreError) in
            var keys: [UInt64: Key] = [:]
            var reader = state.reader(keeps: false)
            for ordinal in ordinals {
                guard let entry = try state.entry(ordinal) else { continue }
                try reader.open(entry)
                keys[ordinal] = try reader.key()
            }
            return keys
        }
    }
}

extension StateReader {
    /// The first records, in any order, that a checked question is about.
    ///
    /// - Complexity: as the question.
    func ordinals(
        of find: Find,
        _ collection: CollectionEntry,
        atMost limit: Int
    ) throws(StoreError) -> IDBitmap {
        let scope = try scope(find.owner)
        if case .nobody = scope { return IDBitmap() }
        let plan = try plan(find, collection, try singleOwnerPath(find.owner, scope))
        var test = RecordTest(plan.held, collection, reader(keeps: false))
        var ordinals: [UInt64] = []
        var walk = try PlanWalk(plan, self)
        while ordinals.count < limit, let ordinal = try walk.next() {
            guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner),
                try test.passes(entry)
            else { continue }
            ordinals.append(ordinal)
        }
        ordinals.sort()
        return IDBitmap(sorted: ordinals)
    }
}
