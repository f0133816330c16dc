// Keys whose bytes compare as the values do. Every field starts with a tag of its type and ends by
// itself, so fields can follow one another, and a field with all its bytes inverted sorts the other
// way round. Format: formats/keys.md.

/// The first byte of a field.
///
/// Tags are below 0x80: a higher first byte is a descending field's.
enum KeyTag {
    static let null: UInt8 = 0x02
    static let no: UInt8 = 0x04
    static let yes: UInt8 = 0x05
    static let int: UInt8 = 0x10
    static let double: UInt8 = 0x18
    static let number: UInt8 = 0x1a
    static let instant: UInt8 = 0x20
    static let date: UInt8 = 0x22
    static let uuid: UInt8 = 0x28
    static let text: UInt8 = 0x30
    static let bytes: UInt8 = 0x38
}

/// Builds a key: collection, index, fields, ordinal.
package struct KeyWriter: Sendable {
    /// The key so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty key.
    package init() { bytes.reserveCapacity(48) }

    /// A key of an index of a collection.
    package init(collection: UInt16, index: UInt16) {
        self.init()
        putRaw(collection)
        putRaw(index)
    }

    /// The absence of a value; before every value.
    package mutating func putNull(descending: Bool = false) {
        field(KeyTag.null, descending) { _ in }
    }

    /// False before true.
    package mutating func put(_ value: Bool, descending: Bool = false) {
        field(value ? KeyTag.yes : KeyTag.no, descending) { _ in }
    }

    package mutating func put(_ value: Int64, descending: Bool = false) {
        field(KeyTag.int, descending) { $0.putRaw(Self.ordered(value)) }
    }

    /// −0.0 is 0.0; all NaN are one, above infinity.
    package mutating func put(_ value: Double, descending: Bool = false) {
        field(KeyTag.double, descending) { $0.putRaw(Self.ordered(value)) }
    }

    /// A number among ints and doubles, by what it is.
    package mutating func put(number value: Int64, descending: Bool = false) {
        var floor = Double(value)
        if floor >= 0x1p63 || Int64(floor) > value { floor = floor.nextDown }
        let excess = UInt16(truncatingIfNeeded: value &- Int64(floor))
        field(KeyTag.number, descending) {
            $0.putRaw(Self.ordered(floor))
            $0.putRaw(excess)
        }
    }

    /// As above.
    package mutating func put(number value: Double, descending: Bool = false) {
        field(KeyTag.number, descending) {
            $0.putRaw(Self.ordered(value))
            $0.putRaw(UInt16(0))
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    package mutating func put(instant: Int64, descending: Bool = false) {
        field(KeyTag.instant, descending) { $0.putRaw(Self.ordered(instant)) }
    }

    /// Days since 1970-01-01.
    package mutating func put(date: Int32, descending: Bool = false) {
        field(KeyTag.date, descending) { $0.putRaw(UInt32(bitPattern: date) ^ 0x8000_0000) }
    }

    /// The 16 bytes of a UUID as two big-endian halves.
    package mutating func put(
        uuid: (high: UInt64, low: UInt64),
        descending: Bool = false
    ) {
        field(KeyTag.uuid, descending) {
            $0.putRaw(uuid.high)
            $0.putRaw(uuid.low)
        }
    }

    /// Text by the UTF-8 bytes of its NFC, which is the order of its code points.
    package mutating func put(_ value: String, descending: Bool = false) {
        field(KeyTag.text, descending) { writer in
            guard !writer.putPlain(value) else { return }
            writer.putEscaped(KeyText.normalized(value), isWhole: true)
        }
    }

    /// Text without its case.
    package mutating func put(folded value: String, descending: Bool = false) {
        field(KeyTag.text, descending) {
            $0.putEscaped(KeyText.folded(value), isWhole: true)
        }
    }

    /// Appends a text that stands in a key as it is, without a zero byte and in NFC, and its end;
    /// false where it is another one.
    private mutating func putPlain(_ value: String) -> Bool {
        // Below U+0300, whose first byte is 0xCC, everything is in NFC.
        for byte in value.utf8 where byte == 0 || byte >= 0xcc { return false }
        bytes.append(contentsOf: value.utf8)
        bytes.append(0)
        bytes.append(1)
        return true
    }

    /// What every text that starts with `value` starts with, for a prefix range.
    ///
    /// Texts are compared by normal form: the prefix's last character may be one that combines with
    /// what follows.
    package mutating func put(textPrefix value: String, descending: Bool = false) {
        field(KeyTag.text, descending) { $0.putEscaped(KeyText.normalized(value), isWhole: false) }
    }

    package mutating func put(bytes value: [UInt8], descending: Bool = false) {
        field(KeyTag.bytes, descending) { $0.putEscaped(value, isWhole: true) }
    }

    /// The ordinal that ends a key: eight bytes, big-endian, without a tag.
    package mutating func put(ordinal: UInt64) { putRaw(ordinal) }

    /// Bytes as they are.
    package mutating func put(raw: [UInt8]) { bytes.append(contentsOf: raw) }

    private mutating func field(
        _ tag: UInt8,
        _ descending: Bool,
        _ body: (inout KeyWriter) -> Void
    ) {
        let start = bytes.count
        bytes.append(tag)
        body(&self)
        if descending { for index in start..<bytes.count { bytes[index] = ~bytes[index] } }
    }

    private mutating func putRaw<Number: FixedWidthInteger & UnsignedInteger>(_ value: Number) {
        var shift = Number.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> Number(shift)))
        }
    }

    /// A zero byte is followed by 0xFF; the end is a zero and a one.
    private mutating func putEscaped(_ value: [UInt8], isWhole: Bool) {
        for byte in value {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xff) }
        }
        if isWhole {
            bytes.append(0)
            bytes.append(1)
        }
    }

    static func ordered(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ (1 << 63) }

    static func ordered(_ value: Double) -> UInt64 {
        if value.isNaN { return .max }
        let bits = value == 0 ? 0 : value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }
}
