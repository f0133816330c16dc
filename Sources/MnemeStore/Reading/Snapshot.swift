// Reading: one state, one instant. Everything that a snapshot answers belongs to the same commit,
// and what has expired by its instant is not there, whatever still stands in an index.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors
internal import Synchronization

/// A reader's view of a store.
///
/// It may be kept until the store is closed, and used from any thread; what it holds on to is
/// recycled when it goes.
package struct Snapshot: Sendable {
    let state: StoreState
    let log: Log
    private let cache: RecordCache
    private let opening: Opening
    let visibility: Visibility

    init(
        state: StoreState,
        log: Log,
        cache: RecordCache,
        opening: Opening,
        instant: Microseconds
    ) {
        self.state = state
        self.log = log
        self.cache = cache
        self.opening = opening
        visibility = Visibility(sequence: state.sequence, instant: instant)
    }

    var view: PageView { state.view }

    /// Reads versions; those that are read one by one are worth being kept.
    func reader(keeps: Bool) -> RecordReader { RecordReader(log, cache, keeps: keeps) }

    /// The commit that it shows.
    package var sequence: UInt64 { state.sequence }
    /// The request's one instant.
    package var instant: Instant { Instant(microseconds: visibility.instant) }
    /// What is defined.
    package var catalog: Catalog { state.catalog }
    /// How much the log's files and the pages take.
    package var schema: Schema { state.catalog.schema }

    /// The record of a key, nil when it is not there.
    ///
    /// - Throws: `.unknownCollection`; `.corrupt`, `.disk` when it cannot be read.
    /// - Complexity: O(log records + bytes).
    package func record(_ reference: Reference) throws(MnemeError) -> Record? {
        let collection = try state.catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { () throws(StoreError) in
            guard let (_, entry) = try version(collection, key) else { return nil }
            return try record(entry, collection, collection.everyField)
        }
    }

    /// The ordinal of a record that is there.
    package func ordinal(_ reference: Reference) throws(MnemeError) -> UInt64? {
        let collection = try state.catalog.collection(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { () throws(StoreError) in try version(collection, key)?.ordinal }
    }

    /// A record by its ordinal, nil when it is not visible or no record.
    package func record(ordinal: UInt64) throws(MnemeError) -> Record? {
        try reading { () throws(StoreError) in
            guard let entry = try visibleEntry(ordinal), entry.flags & OrdinalFlags.edge == 0,
                let collection = state.catalog.collection(number: entry.collection)
            else { return nil }
            return try record(entry, collection, collection.everyField)
        }
    }

    // MARK: Inside the room

    /// The visible version of a key.
    func version(
        _ collection: CollectionEntry,
        _ key: Key
    ) throws(StoreError) -> (ordinal: UInt64, entry: OrdinalEntry)? {
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.record(collection.number, key), in: view)
        }
        guard let found, let entry = try visibleEntry(found) else { return nil }
        return (found, entry)
    }

    func entry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        try onPages { () throws(PageError) in try OrdinalTable.entry(ordinal, in: view) }
    }

    func visibleEntry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        guard let entry = try entry(ordinal), visibility.sees(entry) else { return nil }
        return entry
    }

    func stored(_ ordinal: UInt64) throws(StoreError) -> StoredRecord {
        guard let entry = try entry(ordinal) else {
            throw .inconsistent("an index names ordinal \(ordinal), which the table does not have")
        }
        return try FrameDecoder().record(try frame(entry)).record
    }

    /// The frame of the version that an entry names.
    ///
    /// - Throws: `.log(.corrupt)` when a frame of another version stands there.
    func frame(_ entry: OrdinalEntry) throws(StoreError) -> Frame {
        let frame = try onLog { () throws(LogError) in
            try log.frame(at: LogPlace(bits: entry.place))
        }
        try entry.check(frame.sequence)
        return frame
    }

    /// The chosen fields of the version that an entry names.
    func record(
        _ entry: OrdinalEntry,
        _ collection: CollectionEntry,
        _ choice: FieldChoice
    ) throws(StoreError) -> Record {
        var reader = reader(keeps: true)
        try reader.open(entry)
        return try reader.record(collection, choice)
    }

    /// The reference of a record that may have any collection.
    func reference(_ ordinal: UInt64) throws(StoreError) -> Reference {
        guard let entry = try entry(ordinal),
            let collection = state.catalog.collection(number: entry.collection)
        else {
            throw .inconsistent("an edge names ordinal \(ordinal), which is no record")
        }
        var reader = reader(keeps: true)
        try reader.open(entry)
        return Reference(collection.schema.name, try reader.key())
    }

    /// The records that have expired and were not swept yet.
    func expired(limit: Int) throws(StoreError) -> [UInt64] {
        let range = StoreKeys.expired(at: visibility.instant)
        var ordinals: [UInt64] = []
        try onTree { () throws(TreeError) in
            var cursor = try state.tree.cursor(range, in: view)
            while ordinals.count < limit, try cursor.next() { ordinals.append(try cursor.ordinal) }
        }
        return ordinals
    }

    /// The owners of a path and below it, ascending; empty when there are none.
    func owners(in scope: String) throws(StoreError) -> [UInt32] {
        try onTree { () throws(TreeError) in
            var numbers: [UInt32] = []
            if let own = try state.tree.value64(StoreKeys.owner(scope), in: view) {
                numbers.append(UInt32(truncatingIfNeeded: own))
            }
            var cursor = try state.tree.cursor(StoreKeys.owners(below: scope), in: view)
            while try cursor.next() {
                numbers.append(UInt32(truncatingIfNeeded: try cursor.value64))
            }
            return numbers.sorted()
        }
    }

    /// Runs `body` and says what it throws as a caller sees it.
    func reading<Result>(_ body: () throws(StoreError) -> Result) throws(MnemeError) -> Result {
        try opening.check()
        let result: Result
        do throws(StoreError) { result = try body() } catch { throw MnemeError(error) }
        // What was read while the files changed hands is worth nothing.
        try opening.check()
        return result
    }
}

extension OrdinalEntry {
    /// Expects the sequence of a frame that was read from the entry's place to be the version's: a
    /// whole frame of another one stands where a disk has mixed up places or times.
    ///
    /// - Throws: `.log(.corrupt)`.
    func check(_ sequence: UInt64) throws(StoreError) {
        try Self.check(sequence, of: birth, at: place)
    }

    /// As above, of the parts of an entry.
    static func check(
        _ sequence: UInt64,
        of birth: UInt64,
        at place: UInt64
    ) throws(StoreError) {
        guard sequence == birth else {
            throw .log(
                .corrupt(
                    place: LogPlace(bits: place),
                    sequence: birth,
                    reason: "sequence \(sequence) stands here"
                )
            )
        }
    }
}

extension CollectionEntry {
    /// A key as the collection has it.
    ///
    /// - Throws: `.wrongType` of a key that no record of the collection can have.
    func coerced(_ key: Key) throws(MnemeError) -> Key {
        if let key = key.coerced(to: schema.key) { return key }
        throw MnemeError(
            .wrongType,
            "keys of collection \"\(schema.name)\" are of type \(schema.key), and "
                + "\(quoted(key.description)) is not; give another key"
        )
    }

    /// A stored version as a record.
    func record(_ stored: StoredRecord) -> Record {
        var fields: [String: Value] = [:]
        for (number, value) in stored.fields {
            if let name = fieldNames[number] { fields[name] = value }
        }
        for vector in stored.vectors {
            if let name = fieldNames[vector.field] {
                fields[name] = .vector(vector.components)
            }
        }
        return Record(Reference(schema.name, stored.key), fields: fields)
    }
}

extension StoredVector {
    /// The components as floats.
    var components: [Float] {
        let format: ElementFormat = element == .float32 ? .float32 : .float16
        // The count of bytes is the dimension's, so nothing is refused.
        return (try? format.decode(bytes, dimension: dimension)) ?? []
    }
}
