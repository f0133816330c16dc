// How changes stand in frames: what the index columns say, what the body holds, where the vectors
// are. Everything that replay needs besides the fields themselves is in the columns, uncompressed.
// Format: formats/store.md#frames.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The types of frames that a store writes.
enum StoreFrameType {
    static let schema: UInt8 = 16
    static let owner: UInt8 = 17
    static let put: UInt8 = 18
    static let delete: UInt8 = 19
    static let link: UInt8 = 20
    static let unlink: UInt8 = 21
    /// The last of a cold segment.
    static let summary: UInt8 = 22
    /// An erase as it was written first: it says less of its record.
    static let narrowErase: UInt8 = 23
    /// A delete that holds for every backup too.
    static let erase: UInt8 = 24
    /// Where a restored store leaves the way of the one that was backed up.
    static let fork: UInt8 = 25
    /// Records that go together.
    static let withdrawal: UInt8 = 26
    /// An unlink that holds for every backup too.
    static let eraseEdge: UInt8 = 27
    /// Those above it are newer programs'.
    static let last = eraseEdge

    /// Whether a frame ends a record.
    static func endsRecord(_ type: UInt8) -> Bool { type == delete || isErase(type) }
    /// Whether a frame is needed only as long as something is left that it ends.
    static func isMereEnd(_ type: UInt8) -> Bool { type == delete || type == unlink }
    /// Whether a frame ends an edge.
    static func endsEdge(_ type: UInt8) -> Bool { type == unlink || type == eraseEdge }
    /// Whether a frame says that a record must not come back.
    static func isErase(_ type: UInt8) -> Bool { type == narrowErase || type == erase }
}

/// One version of a record as the indexes see it.
struct StoredRecord: Sendable {
    var key: Key
    var owner: UInt32
    var expiresAt: Int64
    /// Fields by number, ascending, without nulls and vectors.
    var fields: [(number: UInt16, value: Value)]
    /// Vectors by field number.
    var vectors: [StoredVector]

    subscript(_ number: UInt16) -> Value {
        fields.first { $0.number == number }?.value ?? .null
    }

    /// Whether a vector is in both, of the same owner's record.
    func keeps(_ vector: StoredVector, of old: StoredRecord) -> Bool {
        func isSame(_ other: StoredVector) -> Bool {
            other.field == vector.field && other.element == vector.element
                && other.bytes == vector.bytes
        }
        return owner == old.owner && vectors.contains(where: isSame)
            && old.vectors.contains(where: isSame)
    }
}

/// A vector field of a version.
struct StoredVector: Sendable {
    var field: UInt16
    var element: VectorElement
    /// Components, little-endian.
    var bytes: [UInt8]

    var dimension: Int { bytes.count / element.byteCount }
}

/// The index columns of a put.
struct PutColumns {
    static let fixedSize = 32

    var ordinal: UInt64
    var previous: LogPlace?
    var expiresAt: Int64
    var collection: UInt16
    var key: Key
    var vectors: [(field: UInt16, element: VectorElement, dimension: Int)]

    /// A vector that a put has.
    struct Vector {
        var field: UInt16
        var element: VectorElement
        /// Where its components stand, in bytes from where the frame's vectors begin.
        var range: Range<Int>

        var dimension: Int { range.count / element.byteCount }
    }

    /// The columns, filled up so that what follows a body of `bodyCount` bytes stands at a multiple
    /// of eight.
    func bytes(bodyCount: Int) -> [UInt8] {
        let keyBytes = key.frameBytes
        var writer = ByteWriter(capacity: 64 + keyBytes.count)
        writer.put(ordinal)
        writer.put(previous?.bits ?? 0)
        writer.put(expiresAt)
        writer.put(collection)
        writer.put(key.frameKind)
        writer.put(UInt8(vectors.count))
        writer.put(UInt16(keyBytes.count))
        writer.put(UInt16(0))
        for vector in vectors { writer.put(vector.field, vector.element, vector.dimension) }
        writer.put(keyBytes)
        while (writer.bytes.count + bodyCount) % 8 != 0 { writer.put(UInt8(0)) }
        return writer.bytes
    }

    init(
        ordinal: UInt64,
        previous: LogPlace?,
        expiresAt: Int64,
        collection: UInt16,
        key: Key,
        vectors: [(field: UInt16, element: VectorElement, dimension: Int)]
    ) {
        self.ordinal = ordinal
        self.previous = previous
        self.expiresAt = expiresAt
        self.collection = collection
        self.key = key
        self.vectors = vectors
    }

    init(_ bytes: [UInt8]) throws(BytesError) {
        var reader = ByteReader(bytes)
        ordinal = try reader.get()
        let place: UInt64 = try reader.get()
        previous = place == 0 ? nil : LogPlace(bits: place)
        expiresAt = try reader.get()
        collection = try reader.get()
        vectors = try Self.vectors(in: bytes.span).map { ($0.field, $0.element, $0.dimension) }
        key = try Self.key(in: bytes.span)
    }

    /// The vectors alone.
    static func vectors(in bytes: Span<UInt8>) throws(BytesError) -> [Vector] {
        try vectors(in: bytes, countAt: 27, from: fixedSize)
    }

    /// The vectors of columns that have their number in one place, and themselves from another on.
    fileprivate static func vectors(
        in bytes: Span<UInt8>,
        countAt place: Int,
        from first: Int
    ) throws(BytesError) -> [Vector] {
        guard bytes.count >= first else { throw .truncated(offset: bytes.count) }
        let count = Int(bytes[place])
        guard first + 8 * count <= bytes.count else { throw .truncated(offset: bytes.count) }
        var vectors: [Vector] = []
        var end = 0
        for start in stride(from: first, to: first + 8 * count, by: 8) {
            guard let element = VectorElement(frameCode: bytes[start + 2]) else {
                throw .malformed(offset: start)
            }
            var dimension = 0
            for index in (4..<8).reversed() {
                dimension = dimension << 8 | Int(bytes[start + index])
            }
            let first = end
            end += dimension * element.byteCount
            let field = UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
            vectors.append(Vector(field: field, element: element, range: first..<end))
        }
        return vectors
    }

    /// The key alone.
    static func key(in bytes: Span<UInt8>) throws(BytesError) -> Key {
        guard bytes.count >= fixedSize else { throw .truncated(offset: bytes.count) }
        let start = fixedSize + 8 * Int(bytes[27])
        let end = start + (Int(bytes[28]) | Int(bytes[29]) << 8)
        guard end <= bytes.count else { throw .truncated(offset: bytes.count) }
        guard let key = Key(frameKind: bytes[26], bytes: bytes.extracting(start..<end)) else {
            throw .malformed(offset: start)
        }
        return key
    }
}

/// The index columns of a delete, a link and an unlink.
struct PlainColumns {
    var ordinal: UInt64
    var previous: LogPlace?
    /// The collection or edge type.
    var kind: UInt16
    /// The ends of an edge, 0 for records; of a narrow erase *from* is the check of its key.
    var from: UInt64 = 0
    var to: UInt64 = 0

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 40)
        writer.put(ordinal)
        writer.put(previous?.bits ?? 0)
        writer.put(from)
        writer.put(to)
        writer.put(kind)
        writer.pad(to: 8)
        return writer.bytes
    }

    init(ordinal: UInt64, previous: LogPlace?, kind: UInt16, from: UInt64 = 0, to: UInt64 = 0) {
        self.ordinal = ordinal
        self.previous = previous
        self.kind = kind
        self.from = from
        self.to = to
    }

    init(_ bytes: [UInt8]) throws(BytesError) {
        var reader = ByteReader(bytes)
        ordinal = try reader.get()
        let place: UInt64 = try reader.get()
        previous = place == 0 ? nil : LogPlace(bits: place)
        from = try reader.get()
        to = try reader.get()
        kind = try reader.get()
    }
}

extension PlainColumns {
    private static let fixedSize = 40
    /// Where a link has the number of its vectors.
    private static let vectorCount = 34

    /// The columns of a link with vectors, filled up so that what follows a body of `bodyCount`
    /// bytes stands at a multiple of eight; those of one without are `bytes`.
    func bytes(bodyCount: Int, _ vectors: [StoredVector]) -> [UInt8] {
        if vectors.isEmpty { return bytes }
        var fixed = bytes
        fixed[Self.vectorCount] = UInt8(vectors.count)
        var writer = ByteWriter(capacity: fixed.count + 8 * vectors.count + 8)
        writer.put(fixed)
        for vector in vectors { writer.put(vector.field, vector.element, vector.dimension) }
        while (writer.bytes.count + bodyCount) % 8 != 0 { writer.put(UInt8(0)) }
        return writer.bytes
    }

    /// The vectors of a link alone.
    static func vectors(in bytes: Span<UInt8>) throws(BytesError) -> [PutColumns.Vector] {
        try PutColumns.vectors(in: bytes, countAt: vectorCount, from: fixedSize)
    }
}

extension ByteWriter {
    /// What columns say of a vector.
    fileprivate mutating func put(_ field: UInt16, _ element: VectorElement, _ dimension: Int) {
        put(field)
        put(element.frameCode)
        put(UInt8(0))
        put(UInt32(dimension))
    }
}

extension FrameContent {
    /// Fills in where the version before stands, in the columns of a put or a delete.
    mutating func setPrevious(_ place: LogPlace) {
        var writer = ByteWriter(capacity: 8)
        writer.put(place.bits)
        columns.replaceSubrange(8..<16, with: writer.bytes)
    }
}

/// Bodies: CBOR, compressed when that is smaller.
enum FrameBody {
    /// Bodies shorter than this are left alone.
    private static let threshold = 64

    static func compress(_ plain: [UInt8]) -> (body: [UInt8], plainCount: UInt32) {
        guard plain.count >= threshold, let packed = LZ4.compress(plain) else { return (plain, 0) }
        return (packed, UInt32(plain.count))
    }

    /// The body as it was before compression; nil when it is damaged.
    static func plain(_ content: FrameContent, limit: Int) -> [UInt8]? {
        if content.plainCount == 0 { return content.body }
        guard content.plainCount <= limit else { return nil }
        if content.isPacked {
            guard let dictionary = content.dictionary else { return nil }
            var plain: [UInt8] = []
            return LZ4.decompress(
                content.body.span,
                against: dictionary.bytes,
                count: Int(content.plainCount),
                into: &plain
            ) ? plain : nil
        }
        return LZ4.decompress(content.body, count: Int(content.plainCount))
    }
}

extension Key {
    var frameKind: UInt8 {
        switch self {
        case .text: 1
        case .int: 2
        case .uuid: 3
        }
    }

    var frameBytes: [UInt8] {
        switch self {
        case .text(let text): return Array(text.utf8)
        case .int(let number):
            var writer = ByteWriter()
            writer.put(number)
            return writer.bytes
        case .uuid(let id):
            var writer = ByteWriter()
            writer.put(id.high)
            writer.put(id.low)
            return writer.bytes
        }
    }

    /// The key of its bytes in a frame, nil when they are none.
    init?(frameKind: UInt8, bytes: Span<UInt8>) {
        switch frameKind {
        case 1:
            do throws(UTF8.ValidationError) {
                self = .text(String(copying: try UTF8Span(validating: bytes)))
            } catch {
                return nil
            }
        case 2:
            guard bytes.count >= 8 else { return nil }
            self = .int(Int64(bitPattern: Self.number(bytes, at: 0)))
        case 3:
            guard bytes.count >= 16 else { return nil }
            self = .uuid(
                UniqueID(high: Self.number(bytes, at: 0), low: Self.number(bytes, at: 8))
            )
        default: return nil
        }
    }

    private static func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in (0..<8).reversed() { number = number << 8 | UInt64(bytes[offset + index]) }
        return number
    }
}

extension VectorElement {
    /// Bytes of a component.
    var byteCount: Int { self == .float32 ? 4 : 2 }

    var frameCode: UInt8 { self == .float32 ? 0 : 1 }

    init?(frameCode: UInt8) {
        switch frameCode {
        case 0: self = .float32
        case 1: self = .float16
        default: return nil
        }
    }
}
