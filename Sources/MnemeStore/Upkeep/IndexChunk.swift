// A part of the way of an index that is built behind: the keys of the records of some ordinals,
// made of one state beside the writer, and put in by the writer's turn a few at a time. A record
// that was changed since is read again there; every change since the index was defined has kept it.
// All keys of a part are in before the index's progress says so, so that a part which was begun and
// not ended is gone through again, which changes nothing that is right.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// The keys of some records in one index.
struct IndexChunk: Sendable {
    /// So many keys at most are made, but for those of the last record.
    private static let mostKeys = 32_768
    /// One turn of the writer puts in no more keys, and takes no longer.
    private static let keysPerTurn = 512
    private static let turn: Microseconds = 1500

    /// A key of a version.
    private struct Key: Sendable {
        let ordinal: UInt64
        /// The version's.
        let birth: UInt64
        let prefix: [UInt8]
        let isExclusive: Bool
        let value: [UInt8]
        /// Why it cannot be in the index.
        var refusal: MnemeError?
    }

    /// What keeps a record out.
    enum Obstacle: Sendable {
        /// The place of a unique index is another record's.
        case taken(UInt64, by: UInt64)
        case refused(MnemeError)
    }

    /// What a turn came to.
    enum Turn: Sendable {
        /// Keys up to this one are in.
        case went(to: Int)
        case stopped(at: Int, Obstacle)
        /// The index is not there any more.
        case gone
    }

    let number: UInt16
    private let collection: UInt16
    private var keys: [Key] = []
    /// The first ordinal that was not looked at.
    private var next: UInt64

    var count: Int { keys.count }

    /// Makes the next keys of an index.
    ///
    /// `place`: of the index among the collection's. `ordinals`: how many are looked at, at most.
    /// - Throws: what reading the records throws.
    /// - Complexity: O(ordinals + bytes of their records).
    init(
        _ reader: StateReader,
        _ collection: CollectionEntry,
        place: Int,
        _ progress: IndexProgress,
        ordinals: Int
    ) throws(StoreError) {
        number = collection.indexes[place].number
        self.collection = collection.number
        next = progress.next
        let end = min(progress.end, next + UInt64(max(ordinals, 1)))
        while next < end, keys.count < Self.mostKeys {
            try add(next, reader, collection, place)
            next += 1
        }
        // Neighbours in the tree one after another.
        keys.sort { $0.prefix.lexicographicallyPrecedes($1.prefix) }
    }

    private mutating func add(
        _ ordinal: UInt64,
        _ reader: StateReader,
        _ collection: CollectionEntry,
        _ place: Int
    ) throws(StoreError) {
        guard let entry = try reader.entry(ordinal), entry.isLiving(of: collection.number) else {
            return
        }
        let (name, fields) = try reader.indexedFields(ordinal, entry)
        var prefixes: [IndexPrefix] = []
        StoreKeys.append(collection, place, fields, to: &prefixes)
        do throws(MnemeError) { try collection.check(prefixes) } catch {
            let refusal = MnemeError(
                error.code,
                "\(name) keeps the index from being built: "
                    + error.message
            )
            keys.append(
                Key(
                    ordinal: ordinal,
                    birth: entry.birth,
                    prefix: [],
                    isExclusive: false,
                    value: [],
                    refusal: refusal
                )
            )
            return
        }
        let value = try reader.indexValue(of: ordinal, entry, collection, number)
        for prefix in prefixes {
            keys.append(
                Key(
                    ordinal: ordinal,
                    birth: entry.birth,
                    prefix: prefix.bytes,
                    isExclusive: collection.isExclusive(prefix),
                    value: value
                )
            )
        }
    }

    /// Puts keys in from one on, in the writer's place; with the last of them the index has come
    /// further, and may be ready.
    func put(
        from start: Int,
        into editor: StoreEditor,
        _ log: Log,
        _ clock: SteadyClock
    ) throws(StoreError) -> Turn {
        guard var progress = editor.roots.building[number],
            let collection = editor.catalog.indexed(number: collection),
            let place = collection.place(ofIndex: number)
        else { return .gone }
        let end = clock.elapsed() + Self.turn
        var at = start
        while at < keys.count {
            let isLong = at & 31 == 31 && clock.elapsed() >= end
            if at > start, isLong || at - start >= Self.keysPerTurn { return .went(to: at) }
            let reader = WriterReader(
                view: editor.view,
                frames: log,
                catalog: editor.catalog,
                instant: clock.now()
            )
            if let obstacle = try put(keys[at], into: editor, reader, collection, place) {
                return .stopped(at: at, obstacle)
            }
            at += 1
        }
        progress.next = max(progress.next, next)
        if progress.next < progress.end {
            editor.roots.building[number] = progress
        } else {
            editor.roots.building.removeValue(forKey: number)
        }
        return .went(to: at)
    }

    private func put(
        _ key: Key,
        into editor: StoreEditor,
        _ reader: WriterReader,
        _ collection: CollectionEntry,
        _ place: Int
    ) throws(StoreError) -> Obstacle? {
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(key.ordinal, in: editor.view)
        }
        guard let found, found.isLiving(of: collection.number) else { return nil }
        if found.birth == key.birth {
            if let refusal = key.refusal { return .refused(refusal) }
            return try put(key, into: editor, reader)
        }
        let record = try reader.version(key.ordinal).record
        var prefixes: [IndexPrefix] = []
        StoreKeys.append(collection, place, collection.indexed(record), to: &prefixes)
        for prefix in prefixes {
            let newer = Key(
                ordinal: key.ordinal,
                birth: found.birth,
                prefix: prefix.bytes,
                isExclusive: collection.isExclusive(prefix),
                value: StoreKeys.value(collection, number, key.ordinal, record)
            )
            if let obstacle = try put(newer, into: editor, reader) { return obstacle }
        }
        return nil
    }

    private func put(
        _ key: Key,
        into editor: StoreEditor,
        _ reader: WriterReader
    ) throws(StoreError) -> Obstacle? {
        if key.isExclusive {
            let tree = Tree(root: editor.roots.tree)
            let holder = try reader.firstNumber(tree, prefix: key.prefix)
            if let holder, holder != key.ordinal { return .taken(key.ordinal, by: holder) }
        }
        try editor.insert(StoreKeys.key(key.prefix, key.ordinal), value: key.value)
        return nil
    }
}

extension OrdinalEntry {
    /// Whether it is that of a record of a collection, or an edge of a type, which was not deleted.
    func isLiving(of number: UInt16) -> Bool {
        death == OrdinalEntry.forever && collection == number
    }
}
