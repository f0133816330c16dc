// UUIDs (RFC 9562) as values and keys.

/// A UUID: 128 bits, written as 8-4-4-4-12 hexadecimal digits.
public struct UniqueID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// From its two halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// From text with or without hyphens; nil when it is no UUID.
    public init?(_ text: String) {
        var digits: [UInt64] = []
        for byte in text.utf8 where byte != UInt8(ascii: "-") {
            guard
                let digit = Unicode.Scalar(byte).properties.numericType == nil
                    ? UniqueID.letter(byte) : UInt64(byte) - 48
            else { return nil }
            digits.append(digit)
        }
        let isHyphenated = text.utf8.count == 36
        guard digits.count == 32, isHyphenated || text.utf8.count == 32 else { return nil }
        if isHyphenated {
            for (index, byte) in text.utf8.enumerated()
            where (byte == UInt8(ascii: "-")) != [8, 13, 18, 23].contains(index) {
                return nil
            }
        }
        high = digits[..<16].reduce(0) { $0 << 4 | $1 }
        low = digits[16...].reduce(0) { $0 << 4 | $1 }
    }

    /// Version 7: the time in milliseconds, then 74 random bits.
    package init(milliseconds: Int64, random: (UInt64, UInt64)) {
        high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | random.0 & 0xfff
        low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    }

    private static func letter(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// By their bytes.
    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UniqueID: CustomStringConvertible {
    /// Lower-case, with hyphens.
    public var description: String {
        var digits = ""
        for (index, nibble) in nibbles.enumerated() {
            if [8, 12, 16, 20].contains(index) { digits += "-" }
            digits += String(nibble, radix: 16)
        }
        return digits
    }

    private var nibbles: [UInt64] {
        [high, low].flatMap { half in
            stride(from: 60, through: 0, by: -4).map { half >> UInt64($0) & 15 }
        }
    }
}
