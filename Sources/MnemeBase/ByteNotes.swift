// Bytes of a format beside what they mean, for people who look into files. Whoever owns a format
// says what its fields are; nothing here believes what the bytes say.

/// Some bytes, and what they mean.
package struct ByteNote: Hashable, Sendable {
    /// Where they stand.
    package let offset: Int
    /// The bytes.
    package let bytes: [UInt8]
    /// What the format calls them.
    package let field: String
    /// What they say.
    package let meaning: String

    /// A note of its parts.
    package init(offset: Int, bytes: [UInt8], field: String, meaning: String) {
        self.offset = offset
        self.bytes = bytes
        self.field = field
        self.meaning = meaning
    }

    /// The bytes as hexadecimal digits.
    package var hex: String { bytes.map(Hexadecimal.byte).joined() }
}

/// Goes through bytes, field by field, and notes what each says.
package struct ByteNotes: Sendable {
    /// What was noted.
    package private(set) var notes: [ByteNote] = []
    /// Where the next field begins, from the start of the bytes.
    package var offset = 0
    private let bytes: [UInt8]
    private let start: Int

    /// Notes on bytes of which the first stands at `start`.
    package init(_ bytes: [UInt8], at start: Int = 0) {
        self.bytes = bytes
        self.start = start
    }

    /// Bytes that were not noted.
    package var remaining: Int { max(0, bytes.count - offset) }

    /// Notes a number, lowest byte first, in its own words or as it is.
    ///
    /// - Returns: the number; 0 where the bytes end before.
    @discardableResult
    package mutating func number<Integer: FixedWidthInteger>(
        _ field: String,
        _ type: Integer.Type = Integer.self,
        _ meaning: (Integer) -> String = { "\($0)" }
    ) -> Integer {
        let count = Integer.bitWidth / 8
        guard remaining >= count else {
            missing(field)
            return 0
        }
        let part = Array(bytes[offset..<(offset + count)])
        var number: Integer = 0
        for byte in part.reversed() { number = number << 8 | Integer(truncatingIfNeeded: byte) }
        note(part, field, meaning(number))
        return number
    }

    /// Notes some bytes; where they end before, those that are there.
    @discardableResult
    package mutating func run(
        _ field: String,
        count: Int,
        _ meaning: ([UInt8]) -> String
    ) -> [UInt8] {
        let count = max(0, min(count, remaining))
        if count == 0 { return [] }
        let part = Array(bytes[offset..<(offset + count)])
        note(part, field, meaning(part))
        return part
    }

    private mutating func note(_ part: [UInt8], _ field: String, _ meaning: String) {
        notes.append(
            ByteNote(offset: start + offset, bytes: part, field: field, meaning: meaning)
        )
        offset += part.count
    }

    private mutating func missing(_ field: String) {
        note(Array(bytes[min(offset, bytes.count)...]), field, "missing: the bytes end here")
        offset = bytes.count
    }
}

/// Numbers in hexadecimal digits.
package enum Hexadecimal {
    /// Two digits.
    package static func byte(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    /// Sixteen digits.
    package static func word(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
