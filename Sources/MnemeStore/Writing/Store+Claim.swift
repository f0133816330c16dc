// Claiming: the newest state says which records come first, and the writer which of them are still
// as they were seen. What others took meanwhile is passed over for the next ones, so that those who
// claim at once need not try again, as long as enough was looked at. Where it was not, the next try
// sees all that the writer knew, and looks at more.

internal import MnemeBase
package import MnemeModel
internal import MnemePages

/// Records that may be taken, best first.
struct PreparedClaim: Sendable {
    /// Each with the version that was seen.
    var patches: [PreparedPatch]
    /// How many are taken at most.
    var limit: Int
    /// Whether there are more records than these, so that fewer than the limit is too few.
    var hasMore: Bool
}

extension BatchPlanner {
    /// Takes the first records that nobody has changed since they were seen.
    ///
    /// - Throws: `.refused` with `conflict` where there are too few of them and others to look at.
    mutating func decide(_ claim: PreparedClaim) throws(StoreError) {
        var count = 0
        for patch in claim.patches where count < claim.limit {
            guard let ordinal = try named(patch.collection.number, patch.key) else {
                continue
            }
            guard versions[ordinal]?.isOfBatch != true,
                try reader.entry(ordinal).birth == patch.version
            else { continue }
            try decide(patch)
            try follow()
            count += 1
        }
        if count < claim.limit, claim.hasMore {
            throw refused(.conflict, "others have claimed what was seen; claim again")
        }
    }
}

extension Store {
    /// The most records of one claim.
    private static let mostClaimed = 10_000
    /// How often it is looked for more before fewer are taken.
    private static let mostTries = 12

    /// Takes the first records of a question and patches them in one commit, each for one claimer.
    ///
    /// - Throws: `badRequest` for a limit that is none, and where nothing is changed; as a question
    ///   and as a patch. `keyReused`.
    /// - Complexity: as the question with a limit a little larger, and the patches.
    package func claim(
        _ claim: Claim,
        _ durability: Durability = .synced,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Claimed {
        guard (1...Self.mostClaimed).contains(claim.limit) else {
            throw MnemeError(
                .badRequest,
                "claim.limit is \(claim.limit); give 1 to \(Self.mostClaimed)"
            )
        }
        guard !claim.edits.isEmpty || claim.expiry != .kept else {
            throw MnemeError(
                .badRequest,
                "a claim has no edits, so that who claims next would be given the same records; "
                    + "give edits that take them out of the question"
            )
        }
        try checkWritable()
        var most = 2 * claim.limit + 32
        for attempt in 1...Self.mostTries {
            do throws(MnemeError) {
                let isLast = attempt == Self.mostTries
                return try take(claim, of: most, isLast: isLast, durability, once)
            } catch {
                guard error.code == .conflict, attempt < Self.mostTries else {
                    // What it speaks of may have been dropped since it was done.
                    guard let once, let known = try repeated(once, durability) else { throw error }
                    return Claimed(known)
                }
            }
            most *= 2
        }
        throw MnemeError(.conflict, "others claim faster than can be looked; claim again")
    }

    /// Commits what is made ready under a catalog, as `commit` does.
    ///
    /// `seen`: the version of the catalog under which was read what it is decided by.
    func commit(
        _ durability: Durability,
        once: OnceKey?,
        seen: UInt32? = nil,
        making make:
            @escaping @Sendable (ChangePreparation) throws(MnemeError) -> [PreparedChange]
    ) throws(MnemeError) -> Committed {
        let prepare = { @Sendable [self] (catalog: Catalog) throws(MnemeError) in
            try keeping(try make(preparation(catalog)), once, catalog)
        }
        let catalog = newest.state.catalog
        let work = WriterWork(
            changes: try prepare(catalog),
            catalogVersion: catalog.version,
            durability: durability,
            prepareAgain: prepare,
            once: once,
            seenVersion: seen
        )
        spaceBrake.wait(work.byteCount)
        brake.wait(changes: work.changes.count)
        return try submit(work)
    }

    /// Takes some of the first `most` records of a question.
    private func take(
        _ claim: Claim,
        of most: Int,
        isLast: Bool,
        _ durability: Durability,
        _ once: OnceKey?
    ) throws(MnemeError) -> Claimed {
        let snapshot = snapshot()
        let find = Find(
            claim.collection,
            owner: claim.owner,
            where: claim.filter,
            order: claim.order,
            limit: most,
            select: []
        )
        let references = try snapshot.find(find).rows.map(\.record.reference)
        var patches: [Patch] = []
        patches.reserveCapacity(references.count)
        for (reference, version) in zip(references, try snapshot.versions(of: references)) {
            patches.append(
                Patch(
                    reference.collection,
                    reference.key,
                    claim.edits,
                    expiry: claim.expiry,
                    version: version,
                    returns: claim.returns
                )
            )
        }
        if patches.isEmpty {
            // What is wrong with the edits is said all the same.
            let made = Patch(claim.collection, Self.anyKey(snapshot, claim), claim.edits)
            _ = try preparation(snapshot.catalog).prepare(made)
            if once == nil {
                return Claimed(references: [], versions: [], sequence: snapshot.sequence)
            }
        }
        let hasMore = !isLast && references.count == most
        let seen = patches
        let committed = try commit(
            durability,
            once: once,
            seen: snapshot.catalog.version
        ) { (preparation) throws(MnemeError) in
            var prepared: [PreparedPatch] = []
            prepared.reserveCapacity(seen.count)
            for patch in seen { prepared.append(try preparation.prepare(patch)) }
            return [
                .claim(PreparedClaim(patches: prepared, limit: claim.limit, hasMore: hasMore))
            ]
        }
        return Claimed(committed)
    }

    /// A key that a record of the collection could have.
    private static func anyKey(_ snapshot: Snapshot, _ claim: Claim) -> Key {
        let key = (try? snapshot.catalog.collection(claim.collection))?.schema.key
        switch key {
        case .int: return .int(1)
        case .uuid: return .uuid(UniqueID(high: 0, low: 0))
        default: return .text("a")
        }
    }
}

extension Claimed {
    /// What the commit of a claim came to.
    init(_ committed: Committed) {
        var references: [Reference] = []
        var records: [Record] = []
        for (index, outcome) in committed.outcomes.enumerated() {
            guard case .patched(let patched) = outcome else { continue }
            references.append(patched.reference)
            guard var record = patched.record else { continue }
            if committed.versions.indices.contains(index) {
                record.version = committed.versions[index]
            }
            records.append(record)
        }
        self.init(
            references: references,
            versions: committed.versions,
            records: records,
            sequence: committed.sequence,
            isRepeated: committed.isRepeated,
            evicted: committed.evicted
        )
    }
}

extension Snapshot {
    /// The versions of records, 0 for one that is not there.
    ///
    /// - Complexity: O(log records) each.
    package func versions(of references: [Reference]) throws(MnemeError) -> [UInt64] {
        try reading { state throws(StoreError) in
            var versions: [UInt64] = []
            versions.reserveCapacity(references.count)
            for reference in references {
                let collection: CollectionEntry
                let key: Key
                do throws(MnemeError) {
                    collection = try catalog.collection(reference.collection)
                    key = try collection.coerced(reference.key)
                } catch {
                    throw .refused(error)
                }
                versions.append(try state.version(collection, key)?.entry.birth ?? 0)
            }
            return versions
        }
    }

    /// The record of a key with its version, nil when it is not there or not seen.
    ///
    /// A record that the snapshot's own transaction has changed has no version yet.
    ///
    /// - Throws: as `record(_:)`.
    /// - Complexity: O(log records + bytes).
    package func versionedRecord(
        _ reference: Reference,
        _ sight: Sight = Sight()
    ) throws(MnemeError) -> Record? {
        let collection = try catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { state throws(StoreError) in
            guard let (_, entry) = try state.version(collection, key, sight) else { return nil }
            var record = try state.record(entry, collection, collection.everyField)
            if entry.birth <= sequence { record.version = entry.birth }
            return record
        }
    }
}
