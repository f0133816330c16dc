// What is counted of owners, and where it stands in the tree: for each collection and each type of
// edges that counts, one entry for each owner that has any of it. Format: formats/store.md#usage.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Whose what is counted.
struct UsageKey: Hashable, Sendable {
    /// In the place of an index in keys; no index has so high a number.
    private static let index: UInt16 = 0x8000

    /// Of a collection, or a type of edges.
    let number: UInt16
    /// 0 is nobody.
    let owner: UInt32

    init(_ number: UInt16, _ owner: UInt32) {
        self.number = number
        self.owner = owner
    }

    /// The key of the tree.
    var bytes: [UInt8] {
        var writer = KeyWriter(collection: number, index: Self.index)
        writer.put(ordinal: UInt64(owner))
        return writer.bytes
    }

    /// Those of all owners.
    static func all(of number: UInt16) -> TreeRange {
        .prefix(KeyWriter(collection: number, index: index).bytes)
    }

    /// The number under which what was there before it was counted is being counted.
    static func build(_ number: UInt16) -> UInt16 { index | number }

    /// Whether what is built under a number is counted, and no index.
    static func isBuild(_ number: UInt16) -> Bool { number & index != 0 }
}

/// How much there is of something.
struct UsageAmount: Hashable, Sendable {
    static let zero = UsageAmount(count: 0, bytes: 0)

    var count: Int
    var bytes: Int

    init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }

    /// What stands in the tree.
    ///
    /// - Throws: `.inconsistent` where that is no amount.
    init(_ value: [UInt8]) throws(StoreError) {
        var reader = ByteReader(value)
        guard value.count == 16, let count = try? reader.get(UInt64.self),
            let bytes = try? reader.get(UInt64.self), count < 1 << 62, bytes < 1 << 62
        else { throw .inconsistent("what an owner has cannot be read") }
        self.init(count: Int(count), bytes: Int(bytes))
    }

    /// As it stands in the tree.
    var value: [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.put(UInt64(count))
        writer.put(UInt64(bytes))
        return writer.bytes
    }

    /// As doors tell it.
    var amount: Usage.Amount { Usage.Amount(count: count, bytes: bytes) }

    static func += (sum: inout UsageAmount, other: UsageAmount) {
        sum.count += other.count
        sum.bytes += other.bytes
    }

    static func -= (sum: inout UsageAmount, other: UsageAmount) {
        sum.count -= other.count
        sum.bytes -= other.bytes
    }
}

// MARK: Bytes

/// Bytes that an edge takes besides its properties.
private let edgeBytes = 16

extension FrameContent {
    /// Bytes that count of the record or the edge of a put or a link.
    func usageBytes(at place: LogPlace) throws(StoreError) -> Int {
        if type == StoreFrameType.link { return plainBytes + edgeBytes + vectors.count }
        guard let columns = try? PutColumns(columns) else { throw .malformed(place) }
        return usageBytes(of: columns.key)
    }

    /// Bytes that count of the record of a put.
    func usageBytes(of key: Key) -> Int { plainBytes + key.usageBytes + vectors.count }

    private var plainBytes: Int { plainCount == 0 ? body.count : Int(plainCount) }
}

extension Key {
    /// Bytes that count of it, as many as a frame has of it.
    fileprivate var usageBytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .int: 8
        case .uuid: 16
        }
    }
}

extension PlannedPut {
    /// Bytes that count of the version.
    var usage: UsageAmount {
        let plain = plainCount == 0 ? body.count : Int(plainCount)
        let vectors = record.vectors.reduce(0) { $0 + $1.bytes.count }
        return UsageAmount(count: 1, bytes: plain + record.key.usageBytes + vectors)
    }
}

extension OldVersion {
    /// What counted of the version.
    var usage: UsageAmount { UsageAmount(count: 1, bytes: usageBytes) }
}

extension PlannedEdge {
    /// What counts of an edge that comes.
    var usage: UsageAmount {
        let plain = plainCount == 0 ? body.count : Int(plainCount)
        let vectors = vectors.reduce(0) { $0 + $1.bytes.count }
        return UsageAmount(count: 1, bytes: plain + edgeBytes + vectors)
    }
}

extension StoreRoots {
    /// Whether a record or an edge is not counted yet that will be.
    func mayLackUsage(_ number: UInt16, _ ordinal: UInt64) -> Bool {
        if building.isEmpty { return false }
        return building[UsageKey.build(number)]?.mayLack(ordinal) ?? false
    }
}

extension Catalog {
    /// What a collection or a type of edges is called; nil for a number of neither.
    func name(of number: UInt16) -> String? {
        collection(number: number)?.schema.name ?? edgeType(number: number)?.type.name
    }
}
