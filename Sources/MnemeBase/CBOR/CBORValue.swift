// A free-form value as a tree: what a JSON field, an edge's properties and a message body hold.
// Bytes and back: `CBORValue+Encoding.swift`, `CBORValue+Decoding.swift`.

/// Any CBOR data item.
///
/// Integers reach from −2⁶⁴ to 2⁶⁴ − 1. An integer and a float of the same value are two values.
package enum CBORValue: Sendable {
    case null
    case undefined
    case bool(Bool)
    /// An integer of zero or more.
    case unsigned(UInt64)
    /// The integer −1 − n.
    case negative(UInt64)
    case float(Double)
    case text(String)
    case bytes([UInt8])
    case array([CBORValue])
    /// Keys and values, in any order; no key twice.
    case map([CBOREntry])
    indirect case tagged(UInt64, CBORValue)
    /// A simple value without a case of its own: 0 to 19 and 32 to 255.
    case simple(UInt8)
}

/// A key of a map and what it leads to.
package struct CBOREntry: Equatable, Sendable {
    /// Any value; text in most maps.
    package var key: CBORValue
    /// Any value.
    package var value: CBORValue

    /// A pair.
    package init(_ key: CBORValue, _ value: CBORValue) {
        self.key = key
        self.value = value
    }
}

extension CBORValue {
    /// An integer.
    package init(_ integer: Int64) {
        self =
            integer >= 0
            ? .unsigned(UInt64(integer)) : .negative(UInt64(bitPattern: ~integer))
    }

    /// The integer, where it is one and fits 64 signed bits.
    package var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { ~$0 }
        default: nil
        }
    }

    /// The value of a text key of a map; nil where this is no map or has no such key.
    ///
    /// - Complexity: O(*n*) for *n* entries.
    package subscript(key: String) -> CBORValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == .text(key) }?.value
    }
}

extension CBORValue: Equatable {
    /// Equality of what is encoded: texts by their bytes (not by canonical equivalence), floats by
    /// their bits, any not-a-number equal to any other, maps with their entries in the same order.
    package static func == (left: CBORValue, right: CBORValue) -> Bool {
        switch (left, right) {
        case (.null, .null), (.undefined, .undefined): true
        case (.bool(let left), .bool(let right)): left == right
        case (.unsigned(let left), .unsigned(let right)): left == right
        case (.negative(let left), .negative(let right)): left == right
        case (.float(let left), .float(let right)):
            left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.tagged(let leftTag, let left), .tagged(let rightTag, let right)):
            leftTag == rightTag && left == right
        case (.simple(let left), .simple(let right)): left == right
        default: false
        }
    }
}
