// Reading keys back. Text comes back in NFC, a zero as 0.0 and NaN as the one NaN; a descending
// field is known by its inverted tag.

/// A field of a key.
package enum KeyField: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// A number among ints and doubles: the greatest double that is not above it, and how much it
    /// is above that one.
    case number(Double, excess: UInt16)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case instant(Int64)
    /// Days since 1970-01-01.
    case date(Int32)
    case uuid(high: UInt64, low: UInt64)
    case text(String)
    case bytes([UInt8])
}

/// Reads the parts of a key in order.
package struct KeyReader: Sendable {
    private let bytes: [UInt8]
    /// Where the next part starts.
    package private(set) var offset: Int

    /// A reader of a whole key.
    package init(_ bytes: [UInt8], offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Bytes that are left.
    package var remaining: Int { bytes.count - offset }

    /// The collection and the index that a key starts with.
    ///
    /// - Throws: `.noSuchField` when the key is too short.
    package mutating func getIndex() throws(TreeError) -> (collection: UInt16, index: UInt16) {
        let bits = try number(4, 0)
        return (UInt16(truncatingIfNeeded: bits >> 16), UInt16(truncatingIfNeeded: bits))
    }

    /// The ordinal that ends a key.
    ///
    /// - Throws: `.noSuchField` when the key is too short.
    package mutating func getOrdinal() throws(TreeError) -> UInt64 { try number(8, 0) }

    /// The next field.
    ///
    /// - Throws: `.noSuchField` when no field starts here or it does not end.
    package mutating func getField() throws(TreeError) -> KeyField {
        let start = offset
        guard let first = peek() else { throw .noSuchField(offset: start) }
        let mask: UInt8 = first & 0x80 == 0 ? 0 : 0xff
        offset += 1
        switch first ^ mask {
        case KeyTag.null: return .null
        case KeyTag.no: return .bool(false)
        case KeyTag.yes: return .bool(true)
        case KeyTag.int: return .int(Self.signed(try number(8, mask)))
        case KeyTag.double: return .double(Self.double(try number(8, mask)))
        case KeyTag.number:
            let double = Self.double(try number(8, mask))
            return .number(double, excess: UInt16(truncatingIfNeeded: try number(2, mask)))
        case KeyTag.instant: return .instant(Self.signed(try number(8, mask)))
        case KeyTag.date:
            let bits = UInt32(truncatingIfNeeded: try number(4, mask))
            return .date(Int32(bitPattern: bits ^ 0x8000_0000))
        case KeyTag.uuid:
            let high = try number(8, mask)
            return .uuid(high: high, low: try number(8, mask))
        case KeyTag.text:
            guard let text = String(validating: try escaped(mask), as: UTF8.self) else {
                throw .noSuchField(offset: start)
            }
            return .text(text)
        case KeyTag.bytes: return .bytes(try escaped(mask))
        default: throw .noSuchField(offset: start)
        }
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func number(_ count: Int, _ mask: UInt8) throws(TreeError) -> UInt64 {
        guard remaining >= count else { throw .noSuchField(offset: offset) }
        var number: UInt64 = 0
        for _ in 0..<count {
            number = number << 8 | UInt64(bytes[offset] ^ mask)
            offset += 1
        }
        return number
    }

    private mutating func escaped(_ mask: UInt8) throws(TreeError) -> [UInt8] {
        var value: [UInt8] = []
        while let byte = peek().map({ $0 ^ mask }) {
            offset += 1
            if byte != 0 {
                value.append(byte)
                continue
            }
            guard let mark = peek().map({ $0 ^ mask }) else { break }
            offset += 1
            if mark == 1 { return value }
            guard mark == 0xff else { throw .noSuchField(offset: offset - 1) }
            value.append(0)
        }
        throw .noSuchField(offset: offset)
    }

    private static func signed(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits ^ (1 << 63)) }

    private static func double(_ bits: UInt64) -> Double {
        if bits == .max { return .nan }
        return Double(bitPattern: bits >> 63 == 1 ? bits ^ (1 << 63) : ~bits)
    }
}
