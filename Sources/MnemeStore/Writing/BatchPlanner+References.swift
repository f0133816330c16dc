// References of a batch. What names a record follows its end at once, by the rules: a change of its
// own for each, so that the log holds what was done and replay asks no rule. What a rule restricts,
// and whether what a put names is there, is decided at the end of the batch, on what it comes to.
//
// What has expired was gone before the batch began: nothing that the batch puts may name it.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
    // MARK: What happens to names

    /// Notes a record that ends, for those that name it.
    mutating func noteEnd(
        _ collection: CollectionEntry,
        _ record: StoredRecord,
        erases: Bool,
        overrules: Bool
    ) {
        guard catalog.referrers[collection.number] != nil else { return }
        following.falls.append(
            Fall(
                collection: collection,
                record: record,
                erases: erases,
                overrules: overrules,
                step: overrules ? 0 : following.step
            )
        )
    }

    /// Notes what a put of the batch names, and what it was named by.
    mutating func notePut(_ put: PlannedPut) {
        if !put.collection.references.isEmpty {
            following.notePut(put.ordinal)
            following.changed.insert(put.ordinal)
            for prefix in put.collection.referencePrefixes(put.record) {
                following.naming[prefix, default: []].append(put.ordinal)
            }
        }
        guard following.isChecking else { return }
        noteRenaming(
            put,
            Fall(collection: put.collection, record: put.record, isPut: true, step: following.step)
        )
    }

    /// Notes that a record is there under other names than before, as `fall` says.
    private mutating func noteRenaming(_ put: PlannedPut, _ fall: Fall) {
        guard let old = put.old?.record,
            let referrers = catalog.referrers[put.collection.number],
            referrers.contains(where: { !$0.reference.named.isEmpty })
        else { return }
        following.falls.append(
            Fall(
                collection: put.collection,
                record: old,
                remaining: put.record,
                erases: fall.erases,
                overrules: fall.overrules,
                isPut: fall.isPut,
                step: fall.step
            )
        )
    }

    // MARK: What follows

    /// Has everything follow what is gone.
    mutating func follow() throws(StoreError) {
        var next = 0
        while next < following.falls.count {
            try follow(following.falls[next])
            next += 1
        }
        following.falls.removeAll()
    }

    private mutating func follow(_ fall: Fall) throws(StoreError) {
        for referrer in catalog.referrers[fall.collection.number] ?? [] {
            guard let name = lost(fall, referrer.reference) else { continue }
            let restricts = referrer.reference.rule.onDelete == .restrict
            if fall.isPut || restricts && !fall.overrules {
                if following.isChecking {
                    following.restrictions.append(
                        Restriction(fall: fall, referrer: referrer, name: name)
                    )
                }
                continue
            }
            var most = Following.countLimit - following.count + 1
            if turn != nil { most = min(most, BriefTurn.mostFollowers + 1) }
            let found = try recordsNaming(name, referrer, before: fall.step, atMost: most)
            if turn != nil, found.count > BriefTurn.mostFollowers { throw .long }
            for ordinal in found { try follow(ordinal, referrer, name, fall) }
        }
    }

    /// What a fallen record was named by and is not any more.
    private func lost(_ fall: Fall, _ reference: ReferenceEntry) -> RecordNames? {
        guard let name = reference.name(of: fall.record) else { return nil }
        if let remaining = fall.remaining, reference.name(of: remaining) == name { return nil }
        return name
    }

    private mutating func follow(
        _ ordinal: UInt64,
        _ referrer: Referrer,
        _ name: RecordNames,
        _ fall: Fall
    ) throws(StoreError) {
        // An earlier one may have taken it along.
        guard !dead.contains(ordinal) else { return }
        let old = try version(ordinal)
        if old.entry.expiresAt <= reader.instant {
            try end(ordinal, referrer.collection)
        } else if referrer.isDeleting {
            try end(ordinal, referrer.collection, erases: fall.erases, overrules: fall.overrules)
        } else {
            try takeOut(name, of: ordinal, referrer, fall)
        }
        following.count += 1
        let size = dead.contains(ordinal) ? endSize : old.frameBytes
        following.byteCount += size
        guard following.count <= Following.countLimit, following.byteCount <= following.byteLimit
        else {
            throw refused(
                .tooLarge,
                "\(following.count) records and more follow \(fall.reference) by the references of "
                    + "\"\(referrer.collection.schema.name)\" and others, and one batch has no "
                    + "room for so many; delete those that name it first, in several batches"
            )
        }
    }

    /// Takes a name out of a record; ends it where it has to name something and nothing may refuse
    /// the end of that.
    mutating func takeOut(
        _ name: RecordNames,
        of ordinal: UInt64,
        _ referrer: Referrer,
        _ fall: Fall
    ) throws(StoreError) {
        let (collection, reference) = (referrer.collection, referrer.reference)
        let old = try version(ordinal)
        let before = uniques
        do throws(StoreError) {
            guard let put = try changed(ordinal, old, without: name, referrer) else {
                return try end(ordinal, collection, erases: fall.erases, overrules: true)
            }
            // The record may be another's, so that a refusal tells none of its values.
            try checkUnique(collection, put.prefixes ?? [], nil, old.record, ordinal)
            plan.changes.append(.put(put))
            note(put)
            following.changed.insert(ordinal)
            var renaming = fall
            renaming.isPut = false
            noteRenaming(put, renaming)
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            uniques = before
            guard fall.overrules else {
                throw refused(
                    refusal.code,
                    "\(fall.reference) is named by \(shown(ordinal, collection, old.record.key)) "
                        + "(\(reference.shown(in: collection))), which cannot be without it: "
                        + refusal.message
                )
            }
            try end(ordinal, collection, erases: fall.erases, overrules: true)
        }
    }

    /// A record as it is put when it does not name another one any more; nil where it has to.
    private func changed(
        _ ordinal: UInt64,
        _ old: OldVersion,
        without name: RecordNames,
        _ referrer: Referrer
    ) throws(StoreError) -> PlannedPut? {
        guard let fields = referrer.reference.fields(of: old.record, without: name) else {
            return nil
        }
        let collection = referrer.collection
        var record = old.record
        record.fields = fields
        if let number = collection.ownerNumber, record[number].isNull { record.owner = 0 }
        if !collection.rules.isPlain {
            let values = try record.valuesByName(collection)
            let put: PreparedPut
            do throws(MnemeError) {
                put = try preparation.prepare(
                    Put(collection.schema.name, record.key, values),
                    revises: true
                )
            } catch {
                throw .refused(error)
            }
            record.fields = put.fields
            return PlannedPut(
                ordinal: ordinal,
                collection: collection,
                record: record,
                old: old,
                body: put.body,
                plainCount: put.plainCount,
                prefixes: put.prefixes
            )
        }
        let plain: [UInt8]
        do throws(CBORError) {
            plain = try Value.encodeFields(fields.map { ($0.number, $0.value) })
        } catch {
            throw .inconsistent("fields of ordinal \(ordinal) cannot be written: \(error)")
        }
        let (body, plainCount) = FrameBody.compress(plain)
        return PlannedPut(
            ordinal: ordinal,
            collection: collection,
            record: record,
            old: old,
            body: body,
            plainCount: plainCount,
            prefixes: StoreKeys.prefixes(collection, collection.indexed(fields, record.vectors))
        )
    }

    /// The records that name one, those that have expired included, but for those that were put at
    /// a step or later.
    mutating func recordsNaming(
        _ name: RecordNames,
        _ referrer: Referrer,
        before step: Int,
        atMost limit: Int
    ) throws(StoreError) -> [UInt64] {
        let collection = referrer.collection
        let prefix = referrer.reference.prefix(name, collection: collection.number)
        var found = try reader.numbers(tree, prefix: prefix, atMost: limit)
        if let put = following.naming[prefix] { found += put }
        if following.changed.isEmpty, dead.isEmpty { return found }
        var seen: Set<UInt64> = []
        var naming: [UInt64] = []
        for ordinal in found
        where !dead.contains(ordinal) && following.step(ofPut: ordinal) < step
            && seen.insert(ordinal).inserted
        {
            if following.changed.contains(ordinal) {
                let record = try version(ordinal).record
                guard collection.referencePrefixes(record).contains(prefix) else { continue }
            }
            naming.append(ordinal)
        }
        return naming
    }

    // MARK: The end of the batch

    /// Holds the batch against what it restricts, and what it names.
    mutating func settleReferences() throws(StoreError) {
        try follow()
        while !following.restrictions.isEmpty {
            let restrictions = following.restrictions
            following.restrictions = []
            for restriction in restrictions { try check(restriction) }
            // What holds a name may have turned out to have expired.
            try follow()
        }
        guard following.isChecking else { return }
        for ordinal in following.puts where !dead.contains(ordinal) {
            let version = try version(ordinal)
            guard let collection = catalog.collection(number: version.entry.collection) else {
                continue
            }
            for reference in collection.references {
                for name in reference.names(in: version.record)
                where try !isThere(name, reference) {
                    throw missing(name, reference, collection, version.record.key)
                }
            }
        }
    }

    private mutating func check(_ restriction: Restriction) throws(StoreError) {
        let (fall, referrer) = (restriction.fall, restriction.referrer)
        if try isThere(restriction.name, referrer.reference) { return }
        // One that lives is enough, and nearly always among the first.
        for most in [16, Following.countLimit] {
            if turn != nil, most > 16 { throw .long }
            for ordinal in try recordsNaming(
                restriction.name,
                referrer,
                before: fall.step,
                atMost: most
            ) {
                let version = try version(ordinal)
                if version.entry.expiresAt > reader.instant {
                    let by = shown(ordinal, referrer.collection, version.record.key)
                    throw referenced(restriction, by: by)
                }
            }
        }
    }

    private func referenced(_ restriction: Restriction, by name: String) -> StoreError {
        let (fall, referrer) = (restriction.fall, restriction.referrer)
        let rule = referrer.reference.rule
        return refused(
            .referenced,
            "\(name) names \(fall.reference) by its reference "
                + "\"\(rule.name)\" (\(referrer.reference.shown(in: referrer.collection)) is "
                + "\(restriction.name.shown)), "
                + (fall.isPut
                    ? "and the put gives that record another value of \(listed(rule.on)); put "
                        + "the one that names it first"
                    : "which restricts its end; delete the one that names it first, or have it "
                        + "name another")
        )
    }

    /// Whether what is named is there at the writer's instant, by what the batch has come to.
    mutating func isThere(
        _ name: RecordNames,
        _ reference: ReferenceEntry
    ) throws(StoreError) -> Bool {
        if let place = reference.place(of: name) { return try holder(of: place) != nil }
        guard let key = name.key else { return false }
        return try ordinal(of: reference.target, key) != nil
    }

    private func missing(
        _ name: RecordNames,
        _ reference: ReferenceEntry,
        _ collection: CollectionEntry,
        _ key: Key
    ) -> StoreError {
        let rule = reference.rule
        let by = rule.on.isEmpty ? "its key" : listed(rule.on)
        return refused(
            .missingReference,
            "\(reference.shown(in: collection)) of \(collection.schema.name)/\(key) is "
                + "\(name.shown), and by its reference \"\(rule.name)\" collection \"\(rule.to)\" "
                + "has to have a record with that as \(by), which is not there; put that record "
                + "first, or in the same batch"
        )
    }

    // MARK: Definitions

    /// Expects everything that is there to name what is there, by rules that are new.
    mutating func checkReferences(
        newIn next: Catalog,
        _ backfill: Backfill,
        _ keys: [IndexKey]
    ) throws(StoreError) {
        for (collection, references) in next.newReferences(since: catalog) {
            for reference in references {
                // An index may be as new as what names it.
                let isNew = catalog.collection(number: reference.target).map { target in
                    !target.indexes.contains { $0.number == reference.index?.number }
                }
                var places: Set<[UInt8]>?
                if let index = reference.index, isNew ?? true {
                    places = Set(keys.lazy.filter { $0.index == index.number }.map(\.prefix))
                }
                for ordinal in try backfill.records(of: collection.number)
                where !dead.contains(ordinal) {
                    let record = try backfill.record(ordinal)
                    for name in reference.names(in: record) {
                        let isKnown: Bool
                        if let places, let place = reference.place(of: name) {
                            isKnown = places.contains(place)
                        } else {
                            isKnown = try isThere(name, reference)
                        }
                        if !isKnown { throw missing(name, reference, collection, record.key) }
                    }
                }
            }
        }
    }

    // MARK: Mending

    /// Takes out of a record what it names that is not there, or ends it where it has to name that.
    mutating func mend(_ ordinal: UInt64) throws(StoreError) {
        guard try reader.lives(ordinal), !dead.contains(ordinal),
            let collection = catalog.collection(number: try reader.entry(ordinal).collection)
        else { return plan.outcomes.append(.deleted(false)) }
        var isChanged = false
        for reference in collection.references {
            for name in reference.names(in: try version(ordinal).record)
            where try !isThere(name, reference) {
                isChanged = true
                let record = try version(ordinal).record
                let fall = Fall(collection: collection, record: record, overrules: true, step: 0)
                let referrer = Referrer(collection: collection, reference: reference)
                if reference.mayBeNull {
                    try takeOut(name, of: ordinal, referrer, fall)
                } else {
                    try end(ordinal, collection)
                }
                if dead.contains(ordinal) { return plan.outcomes.append(.deleted(true)) }
            }
        }
        let key = try version(ordinal).record.key
        plan.outcomes.append(
            isChanged ? .put(Reference(collection.schema.name, key)) : .deleted(false)
        )
    }
}

extension Referrer {
    /// Whether a record that names what is gone goes too, where nothing may refuse the end of that.
    var isDeleting: Bool {
        switch reference.rule.onDelete {
        case .cascade: true
        case .setNull, .restrict: !reference.mayBeNull
        }
    }
}
