// One state while a read runs: pages, runs and frames, and what can be seen of them. Format:
// formats/store.md.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a read looks at.
struct StateReader: Sendable {
    let state: StoreState
    let log: Log
    let cache: RecordCache
    let view: PageView
    let visibility: Visibility
    /// Told of the nodes that walks look at, where somebody wants to know.
    let trace: WalkTrace?
    /// With its end nobody wants what is read; nil of what the store reads for itself.
    let opening: Opening?
    /// How far whoever asks reaches; nil where that is everywhere.
    let reach: Reach?

    init(
        state: StoreState,
        log: Log,
        cache: RecordCache,
        visibility: Visibility,
        trace: WalkTrace? = nil,
        opening: Opening? = nil,
        reach: Reach?
    ) {
        self.trace = trace
        self.opening = opening
        self.reach = reach
        self.state = state
        self.log = log
        self.cache = cache
        self.visibility = visibility
        view = state.view
    }

    var sequence: UInt64 { state.sequence }

    /// The same, but for what was unpacked before: what it reads, it reads from the log.
    var withoutCache: StateReader {
        StateReader(
            state: state,
            log: log,
            cache: RecordCache(byteCount: 0),
            visibility: visibility,
            opening: opening,
            reach: reach
        )
    }

    /// Reads versions; those that are read one by one are worth being kept, but for those of a
    /// branch, of which nobody may hear again.
    func reader(keeps: Bool) -> RecordReader { reader(keeping: keeps ? Int.max : 0) }

    /// Reads versions, of which so many are worth being kept.
    func reader(keeping count: Int) -> RecordReader {
        RecordReader(log, cache, state.catalog, keeping: trace == nil ? count : 0)
    }

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
        guard let entry = try entry(ordinal), visibility.sees(entry),
            !state.catalog.isLeaving(entry.collection), try reaches(entry)
        else { return nil }
        return entry
    }

    func stored(_ ordinal: UInt64) throws(StoreError) -> StoredRecord {
        guard let entry = try entry(ordinal) else {
            throw .inconsistent("an index names ordinal \(ordinal), which the table does not have")
        }
        return try FrameDecoder(catalog: state.catalog).record(try frame(entry)).record
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
        guard let entry = try entry(ordinal), let reference = try reference(entry) else {
            throw .inconsistent("an edge names ordinal \(ordinal), which is no record")
        }
        return reference
    }

    /// The reference of the record that an entry is of; nil where it is of none.
    func reference(_ entry: OrdinalEntry) throws(StoreError) -> Reference? {
        guard let collection = state.catalog.collection(number: entry.collection) else {
            return nil
        }
        var reader = reader(keeps: true)
        try reader.open(entry)
        return Reference(collection.schema.name, try reader.key())
    }

    /// The ordinals that stand under keys of a range, in the order of the keys, the first so many.
    ///
    /// - Complexity: O(log keys + answers).
    func ordinals(
        under range: TreeRange,
        atMost count: Int = .max
    ) throws(StoreError) -> [UInt64] {
        try onTree { () throws(TreeError) in
            var ordinals: [UInt64] = []
            var cursor = try state.tree.cursor(range, in: view)
            while ordinals.count < count, try cursor.next() {
                ordinals.append(try cursor.value64)
            }
            return ordinals
        }
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

    /// The records that have expired or were withdrawn, and were not swept yet.
    func over(limit: Int) throws(StoreError) -> [UInt64] {
        var ordinals = try expired(limit: limit)
        guard ordinals.count < limit, !state.roots.withdrawn.isEmpty else { return ordinals }
        // Of those that were to expire besides, some may have done so.
        let withdrawn = state.roots.withdrawn.subtracting(IDBitmap(ordinals))
        ordinals += withdrawn.prefix(limit - ordinals.count)
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
