// Reading: one state, one instant. Everything that a snapshot answers belongs to the same commit,
// and what has expired by its instant is not there, whatever still stands in an index. What looks
// into pages and frames is in `StateReader`, which a read has for as long as it runs.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A reader's view of a store.
///
/// It may be kept, and used from any thread, until the store is closed, or until newer commits have
/// replaced what it shows for longer than `StoreOptions.snapshotAge`; what it holds on to is
/// recycled when it goes, or then.
package struct Snapshot: Sendable {
    private let held: HeldState
    private let log: Log
    private let cache: RecordCache
    private let opening: Opening
    private let brake: WriteBrake
    /// What a transaction has made of the state; nil of a snapshot of what is published.
    private let branch: Branch?
    let visibility: Visibility
    /// How far whoever asks reaches; nil where that is everywhere.
    let reach = Reach.current?.limiting
    /// For how long answers take.
    let clock: SteadyClock

    init(
        held: HeldState,
        log: Log,
        cache: RecordCache,
        opening: Opening,
        brake: WriteBrake,
        clock: SteadyClock,
        instant: Microseconds,
        branch: Branch? = nil
    ) {
        self.clock = clock
        self.branch = branch
        self.held = held
        self.log = log
        self.cache = cache
        self.opening = opening
        self.brake = brake
        visibility = Visibility(sequence: branch?.sequence ?? held.sequence, instant: instant)
    }

    /// How records were used.
    var touches: TouchBook { opening.touches }
    /// The commit that it shows.
    package var sequence: UInt64 { held.sequence }
    /// The number that the next record or edge gets.
    ///
    /// - Throws: `.snapshotTooOld`.
    package var nextOrdinal: UInt64 {
        get throws(MnemeError) {
            try reading { (state) throws(StoreError) in state.state.roots.nextOrdinal }
        }
    }
    /// The request's one instant.
    package var instant: Instant { Instant(microseconds: visibility.instant) }
    /// What is defined.
    package var catalog: Catalog { held.catalog }
    /// What is defined, as it was given.
    package var schema: Schema { held.catalog.schema }

    /// The record of a key, nil when it is not there or not seen.
    ///
    /// - Throws: `.unknownCollection`; `.corrupt`, `.disk` when it cannot be read.
    /// - Complexity: O(log records + bytes).
    package func record(
        _ reference: Reference,
        _ sight: Sight = Sight()
    ) throws(MnemeError) -> Record? {
        let collection = try catalog.readable(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { state throws(StoreError) in
            guard let (_, entry) = try state.version(collection, key, sight) else { return nil }
            return try state.record(entry, collection, collection.everyField)
        }
    }

    /// The ordinal of a record that is there, put aside or not.
    package func ordinal(_ reference: Reference) throws(MnemeError) -> UInt64? {
        let collection = try catalog.readable(reference.collection)
        let key = try collection.coerced(reference.key)
        return try reading { state throws(StoreError) in
            try state.version(collection, key)?.ordinal
        }
    }

    /// A record by its ordinal, nil when it is not visible or no record.
    package func record(ordinal: UInt64) throws(MnemeError) -> Record? {
        try reading { state throws(StoreError) in
            guard let entry = try state.visibleEntry(ordinal),
                entry.flags & OrdinalFlags.edge == 0,
                let collection = catalog.collection(number: entry.collection)
            else { return nil }
            return try state.record(entry, collection, collection.everyField)
        }
    }

    /// Runs `body` on the state and says what it throws as a caller sees it.
    ///
    /// Nothing that `body` returns may lead into pages or frames.
    ///
    /// - Throws: `.closed`, `.snapshotTooOld`.
    func reading<Result>(
        _ body: (StateReader) throws(StoreError) -> Result
    ) throws(MnemeError) -> Result {
        try opening.check()
        brake.waitToRead()
        // Of a branch too: what is too old for others is so for it.
        let state = try held.take()
        let reader = StateReader(
            state: branch?.state ?? state,
            log: log,
            cache: cache,
            visibility: visibility,
            trace: branch?.trace,
            opening: opening,
            reach: reach
        )
        // Nothing that the state holds goes before `body` has ended.
        defer { withExtendedLifetime(reader) {} }
        let result: Result
        do throws(StoreError) { result = try body(reader) } catch { throw MnemeError(error) }
        // What was read while the files changed hands is worth nothing.
        try opening.check()
        return result
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
