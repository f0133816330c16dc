// The keys that records have in indexes which are defined after them. The writer works them out
// when it decides, replay when it meets the definition, both from the records that stand there at
// that moment: the log holds the definition alone.

internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A key of an index and the record that it leads to.
struct IndexKey: Sendable {
    let collection: UInt16
    let index: UInt16
    /// The key without the ordinal that ends it.
    let prefix: [UInt8]
    /// Whether no other record may have it.
    let isExclusive: Bool
    let ordinal: UInt64
    /// What stands under it.
    let value: [UInt8]

    /// The whole key.
    var bytes: [UInt8] { StoreKeys.key(prefix, ordinal) }
}

extension CollectionEntry {
    /// A field of a version by name, null where it has none; of a vector that it is there.
    fileprivate func value(_ name: String, _ record: StoredRecord) -> Value {
        guard let number = fieldNumbers[name] else { return .null }
        if record.vectors.contains(where: { $0.field == number }) { return .vector([]) }
        return record[number]
    }
}

/// Reads what is there for indexes that are new.
struct Backfill {
    let reader: WriterReader
    let tree: Tree
    /// Versions of the batch that is being decided, of records that stand in the tree.
    var changed: [UInt64: StoredRecord] = [:]

    /// The ordinals of a collection's records, by key, those that have expired included.
    func records(of collection: UInt16) throws(StoreError) -> [UInt64] {
        try onTree { () throws(TreeError) in
            var ordinals: [UInt64] = []
            var cursor = try tree.cursor(StoreKeys.records(collection), in: reader.view)
            while try cursor.next() { ordinals.append(try cursor.value64) }
            return ordinals
        }
    }

    /// The keys in every index that `next` has and `before` has not.
    ///
    /// - Complexity: O(bytes of the records in collections with new indexes).
    func keys(
        from before: Catalog,
        to next: Catalog,
        without dead: Set<UInt64> = [],
        behind: [IndexName] = []
    )
        throws(StoreError) -> [IndexKey]
    {
        var keys: [IndexKey] = []
        let left = Set(behind.map(\.index))
        for (collection, indexes) in next.newIndexes(since: before) {
            let numbers = Set(indexes.map(\.number)).subtracting(left)
            if numbers.isEmpty { continue }
            keys += try self.keys(of: collection, numbers, without: dead)
        }
        try addReferences(from: before, to: next, without: dead, &keys)
        return keys
    }

    /// The keys of a collection's records in some of its indexes.
    func keys(
        of collection: CollectionEntry,
        _ numbers: Set<UInt16>,
        without dead: Set<UInt64> = []
    ) throws(StoreError) -> [IndexKey] {
        let places = collection.indexes.indices.filter {
            numbers.contains(collection.indexes[$0].number)
        }
        var keys: [IndexKey] = []
        for ordinal in try records(of: collection.number) where !dead.contains(ordinal) {
            let record = try record(ordinal)
            let fields = collection.indexed(record)
            var prefixes: [IndexPrefix] = []
            for place in places {
                StoreKeys.append(collection, place, fields, to: &prefixes)
            }
            for prefix in prefixes {
                let index = collection.indexes[prefix.place].number
                keys.append(
                    IndexKey(
                        collection: collection.number,
                        index: index,
                        prefix: prefix.bytes,
                        isExclusive: collection.isExclusive(prefix),
                        ordinal: ordinal,
                        value: StoreKeys.value(collection, index, ordinal, record)
                    )
                )
            }
        }
        return keys
    }

    /// The newest version of a record.
    func record(_ ordinal: UInt64) throws(StoreError) -> StoredRecord {
        if let record = changed[ordinal] { return record }
        return try reader.version(ordinal).record
    }

    /// Adds the keys in every rule of references that `next` has and `before` has not.
    private func addReferences(
        from before: Catalog,
        to next: Catalog,
        without dead: Set<UInt64>,
        _ keys: inout [IndexKey]
    ) throws(StoreError) {
        for (collection, references) in next.newReferences(since: before) {
            for ordinal in try records(of: collection.number) where !dead.contains(ordinal) {
                let record = try record(ordinal)
                for reference in references {
                    for name in reference.names(in: record) {
                        keys.append(
                            IndexKey(
                                collection: collection.number,
                                index: reference.number,
                                prefix: reference.prefix(name, collection: collection.number),
                                isExclusive: false,
                                ordinal: ordinal,
                                value: StoreKeys.value(ordinal)
                            )
                        )
                    }
                }
            }
        }
    }

    /// Refuses checks that do not hold for what is there, and fields that would be missing.
    ///
    /// - Complexity: O(bytes of the records in collections with new checks or new required
    ///   fields).
    func checkRules(
        from before: Catalog,
        to next: Catalog,
        without dead: Set<UInt64>
    ) throws(StoreError) {
        for older in before.collections {
            guard let collection = next.collection(number: older.number) else { continue }
            let known = Set(older.schema.checks.map(\.name))
            let newChecks = Set(collection.schema.checks.map(\.name)).subtracting(known)
            let newFields = collection.schema.fields.indices.filter {
                $0 >= older.schema.fields.count && collection.schema.fields[$0].isRequired
            }
            if newChecks.isEmpty && newFields.isEmpty { continue }
            for ordinal in try records(of: collection.number) where !dead.contains(ordinal) {
                if try reader.entry(ordinal).expiresAt <= reader.instant { continue }
                let record = try record(ordinal)
                do throws(MnemeError) {
                    try collection.rules.checkStanding(
                        record.key,
                        newChecks: newChecks,
                        newFields: newFields
                    ) { collection.value($0, record) }
                } catch {
                    throw .refused(error)
                }
            }
        }
    }

    /// Whether `check` lets keys pass.
    func holds(_ keys: [IndexKey], _ catalog: Catalog) throws(StoreError) -> Bool {
        do throws(StoreError) {
            try check(keys, catalog)
            return true
        } catch {
            if case .refused = error { return false }
            throw error
        }
    }

    /// Refuses keys that are too long, or too many of a record, or that a unique index would hold
    /// twice.
    func check(_ keys: [IndexKey], _ catalog: Catalog) throws(StoreError) {
        var seen: Set<[UInt8]> = []
        // The keys of a record in an index follow one another.
        var last: (index: UInt16, ordinal: UInt64) = (0, 0)
        var count = 0
        for key in keys {
            guard let collection = catalog.collection(number: key.collection),
                let index = collection.indexes.first(where: { $0.number == key.index })
            else { continue }
            guard key.prefix.count <= StoreKeys.indexLimit else {
                throw .refused(StoreKeys.tooLong(key.prefix.count, collection, index))
            }
            count = last == (key.index, key.ordinal) ? count + 1 : 1
            last = (key.index, key.ordinal)
            guard count <= IndexPrefix.limit else {
                throw .refused(StoreKeys.tooMany(count, collection, index))
            }
            guard !key.isExclusive || seen.insert(key.prefix).inserted else {
                let record = try record(key.ordinal)
                throw .refused(
                    MnemeError(
                        .duplicate,
                        "index \"\(index.index.name)\" of collection "
                            + "\"\(collection.schema.name)\" is to be unique, and record "
                            + "\(quoted(record.key.description)) has the same "
                            + "values as another; change one of them first"
                    )
                )
            }
        }
    }
}
