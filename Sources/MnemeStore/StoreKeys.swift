// What stands under which key in the one tree. Collection 0 is the store's own; in a collection,
// index 0 is the keys of its records. Format: formats/store.md#keys.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

enum StoreKeys {
    /// A text key's most bytes.
    static let textKeyLimit = 512
    /// The most bytes of an index's fields in a key.
    static let indexLimit = 1000

    private static let ownerIndex: UInt16 = 1
    private static let ownerNameIndex: UInt16 = 2
    private static let expiryIndex: UInt16 = 3

    /// A record by its key.
    static func record(_ collection: UInt16, _ key: Key) -> [UInt8] {
        var writer = KeyWriter(collection: collection, index: 0)
        writer.put(key.value, descending: false)
        return writer.bytes
    }

    /// All records of a collection, by key.
    static func records(_ collection: UInt16) -> TreeRange {
        .prefix(KeyWriter(collection: collection, index: 0).bytes)
    }

    /// An owner's number by the normal form of its path: paths that are canonically equivalent are
    /// one owner, as they are one value to filters.
    static func owner(_ path: String) -> [UInt8] {
        var writer = KeyWriter(collection: 0, index: ownerIndex)
        writer.put(raw: KeyText.normalized(path))
        return writer.bytes
    }

    /// The owners below a path, without the path itself.
    static func owners(below path: String) -> TreeRange { .prefix(owner(path + "/")) }

    /// All owners.
    static var owners: TreeRange {
        .prefix(KeyWriter(collection: 0, index: ownerIndex).bytes)
    }

    /// An owner's path by its number.
    static func ownerName(_ number: UInt32) -> [UInt8] {
        var writer = KeyWriter(collection: 0, index: ownerNameIndex)
        writer.put(ordinal: UInt64(number))
        return writer.bytes
    }

    /// What has expired at an instant, oldest first.
    static func expired(at instant: Microseconds) -> TreeRange {
        var end = KeyWriter(collection: 0, index: expiryIndex)
        end.put(instant: instant)
        end.put(ordinal: .max)
        return TreeRange(
            from: KeyWriter(collection: 0, index: expiryIndex).bytes,
            to: end.bytes
        )
    }

    /// Where an index begins.
    static func index(_ collection: CollectionEntry, _ index: IndexEntry) -> KeyWriter {
        KeyWriter(collection: collection.number, index: index.number)
    }

    /// The ordinal behind a prefix makes a key.
    static func key(_ prefix: [UInt8], _ ordinal: UInt64) -> [UInt8] {
        var key = prefix
        key.reserveCapacity(prefix.count + 8)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: ordinal >> shift))
        }
        return key
    }

    /// The most bytes of a record's key beside its ordinal.
    private static let listedKeyLimit = 64

    /// What stands under a record's key in an index.
    ///
    /// `digest`: where it was made before.
    static func value(
        _ collection: CollectionEntry,
        _ index: UInt16,
        _ ordinal: UInt64,
        _ record: StoredRecord,
        digest: [UInt8]? = nil
    ) -> [UInt8] {
        let value = value(ordinal)
        if index == collection.recallList?.number {
            return value + (digest ?? collection.digestBytes(record.fields) ?? [])
        }
        guard index == collection.ownerList else { return value }
        let bytes = record.key.frameBytes
        return bytes.count <= listedKeyLimit ? value + bytes : value
    }

    /// Every key of a version, the record's own apart.
    static func indexes(
        _ collection: CollectionEntry,
        _ record: StoredRecord,
        _ ordinal: UInt64
    ) -> [[UInt8]] {
        var keys = prefixes(collection, collection.indexed(record)).map { key($0.bytes, ordinal) }
        if let key = expiry(record, ordinal) { keys.append(key) }
        return keys
    }

    /// The key of a version that expires.
    static func expiry(_ record: StoredRecord, _ ordinal: UInt64) -> [UInt8]? {
        if record.expiresAt == OrdinalEntry.never { return nil }
        var writer = KeyWriter(collection: 0, index: expiryIndex)
        writer.put(instant: record.expiresAt)
        writer.put(ordinal: ordinal)
        return writer.bytes
    }

    /// What is said of a record whose key in an index would be too long.
    static func tooLong(
        _ byteCount: Int,
        _ collection: CollectionEntry,
        _ index: IndexEntry
    )
        -> MnemeError
    {
        MnemeError(
            .tooLarge,
            "index \"\(index.index.name)\" of collection \"\(collection.schema.name)\" takes at "
                + "most \(indexLimit) bytes of a record's fields, and these make \(byteCount); "
                + "shorten them, or index a shorter field"
        )
    }

    /// A number as a value of the tree.
    static func value(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.put(number)
        return writer.bytes
    }
}

extension KeyWriter {
    /// Appends a value that can be indexed; what cannot counts as null.
    mutating func put(_ value: Value, descending: Bool) {
        switch value {
        case .bool(let value): put(value, descending: descending)
        case .int(let value): put(value, descending: descending)
        case .float(let value): put(value, descending: descending)
        case .text(let value): put(value, descending: descending)
        case .bytes(let value): put(bytes: value, descending: descending)
        case .uuid(let id): put(uuid: (id.high, id.low), descending: descending)
        case .instant(let value): put(instant: value.microseconds, descending: descending)
        case .date(let day): put(date: day.number, descending: descending)
        case .null, .array, .map, .vector: putNull(descending: descending)
        }
    }
}
