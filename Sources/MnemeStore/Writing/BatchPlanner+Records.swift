// Puts, deletes and ends of records, decided one by one: their ordinals, numbers and keys, and the
// values of unique indexes that they take and give up. All of it asks what the batch has decided
// before it asks the store.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
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
        try checkReach(collection, owner: owner)
        var old: OldVersion?
        let standingOrdinal = try ordinal(of: collection.number, key)
        if let ordinal = standingOrdinal {
            try checkReach(ofStanding: ordinal, key, collection)
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
            prefixes: put.prefixes,
            digest: put.digest
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

    mutating func delete(
        _ name: (collection: CollectionEntry, key: Key)?,
        _ erases: Bool,
        overrules: Bool
    ) throws(StoreError) {
        guard let name, let ordinal = try named(name.collection.number, name.key) else {
            // Whose it was that is kept of one that is gone, nobody knows.
            if erases, reach == nil, let name { try eraseKept(name.collection, name.key) }
            return plan.outcomes.append(.deleted(false))
        }
        try end(ordinal, name.collection, erases: erases, overrules: overrules)
        plan.outcomes.append(.deleted(true))
    }

    /// Ends a record if it is still there and has expired, or its collection was dropped: a put may
    /// have given its key a new record meanwhile.
    ///
    /// One that nobody has changed since a commit ends in any case.
    mutating func expire(
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
        if catalog.hasReferences || catalog.histories[collection.number] != nil
            || !catalog.pasts.isEmpty
        {
            guard let edgesSize = try keptEdgesSize(ordinal) else {
                return plan.outcomes.append(.deleted(try endEdges(of: ordinal)))
            }
            let endSize = endSize + edgesSize + (try keptSize(ordinal))
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
        if catalog.touches != nil { try endTouches(of: ordinal, collection, erases: erases) }
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
        newOwners[number] = path
        plan.changes.append(.owner(number: number, path: path))
        return number
    }
}
