// Reading without making values: views of records by key. All of it looks at the newest state, as a
// snapshot taken for one question would.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Store {
    /// A collection and some of its fields, for views; all but vectors when `fields` is nil.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a vector.
    package func shape(_ name: String, _ fields: [String]?) throws(MnemeError) -> RecordShape {
        let collection = try newest.state.catalog.readable(name)
        let isVector = { (field: String) in collection.vectors.contains { $0.name == field } }
        let chosen = fields ?? collection.schema.fields.map(\.name).filter { !isVector($0) }
        var numbers: [UInt16] = []
        for field in chosen {
            guard !isVector(field) else {
                throw MnemeError(
                    .badRequest,
                    "views have no vectors, and field \"\(field)\" is one; get the record instead"
                )
            }
            numbers.append(try collection.fieldNumber(field))
        }
        return RecordShape(
            collection: name,
            number: collection.number,
            key: collection.schema.key,
            fields: chosen,
            numbers: numbers
        )
    }

    /// The record of a key as it stands in memory, nil when it is not there.
    ///
    /// - Throws: `.wrongType` of a key that no such record has; `.corrupt`, `.disk`.
    /// - Complexity: O(log records), and O(bytes) where it was not read lately.
    package func view(_ key: Key, _ shape: RecordShape) throws(MnemeError) -> RecordView? {
        guard let key = key.coerced(to: shape.key) else {
            throw MnemeError(
                .wrongType,
                "keys of collection \"\(shape.collection)\" are of type \(shape.key), and "
                    + "\(quoted(key.description)) is not; give another key"
            )
        }
        brake.waitToRead()
        let state = newest.state
        // What it leases must stay until the log was read.
        defer { withExtendedLifetime(state) {} }
        return try reading { () throws(StoreError) in
            let collection = shape.collectionNumber
            if state.catalog.hasMarks, let entry = state.catalog.collection(number: collection),
                entry.marks != nil
            {
                let reader = reader(of: state)
                guard let (_, version) = try reader.version(entry, key, Sight()) else { return nil }
                return RecordView(try bytes(version, state.catalog), shape)
            }
            if let known = knownVersion(collection, key, state) { return RecordView(known, shape) }
            let name = StoreKeys.record(collection, key)
            let ordinal = try onTree { () throws(TreeError) in
                try state.tree.value64(name, in: state.view)
            }
            guard let ordinal, let entry = try livingEntry(ordinal, state) else { return nil }
            records.hints.note(collection, key, ordinal)
            return RecordView(try bytes(entry, state.catalog), shape)
        }
    }

    /// The version of a key, where both its ordinal and the version itself are known from before.
    ///
    /// No two records that are there have one key: when the newest version of an ordinal is there
    /// and has this key, the tree leads to it.
    private func knownVersion(
        _ collection: UInt16,
        _ key: Key,
        _ state: StoreState
    ) -> RecordBytes? {
        // What goes wrong here may be about another record; the tree says what is about this one.
        guard let ordinal = records.hints.find(collection, key),
            let entry = try? livingEntry(ordinal, state),
            entry.collection == collection, entry.flags & OrdinalFlags.edge == 0,
            let version = records.find(entry.place, sequence: entry.birth, under: state.catalog),
            version.key == key
        else { return nil }
        version.fetchPlaces()
        version.fetchBody()
        return version
    }

    // MARK: Inside the room

    /// A state now, for reading whatever is there: for the store itself, and for programs that have
    /// it in their process.
    func reader(of state: StoreState, during opening: Opening? = nil) -> StateReader {
        StateReader(
            state: state,
            log: log,
            cache: records,
            visibility: Visibility(sequence: state.sequence, instant: clock.now()),
            opening: opening,
            reach: nil
        )
    }

    /// The version that an entry names, unpacked.
    func bytes(_ entry: OrdinalEntry, _ catalog: Catalog) throws(StoreError) -> RecordBytes {
        if let known = records.find(entry.place, sequence: entry.birth, under: catalog) {
            return known
        }
        var reader = RecordReader(log, records, catalog, keeping: 1)
        try reader.open(entry)
        return try reader.bytes()
    }

    /// The entry of a record that is there now.
    func livingEntry(
        _ ordinal: UInt64,
        _ state: StoreState
    ) throws(StoreError) -> OrdinalEntry? {
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: state.view)
        }
        guard let entry = found, entry.death > state.sequence else { return nil }
        if entry.expiresAt != OrdinalEntry.never, entry.expiresAt <= clock.now() { return nil }
        return entry
    }

    /// Reads while the store is open.
    @inline(__always)
    func reading<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(MnemeError) -> Result {
        try opening.check()
        let result: Result
        do throws(StoreError) { result = try body() } catch { throw MnemeError(error) }
        try opening.check()
        return result
    }
}
