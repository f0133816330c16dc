// The functions of the language: formats/expressions.md#functions. None of them depends on the
// time or chance, and on the place only what names a time zone.

/// A function.
package enum ExpressionFunction: String, Hashable, Sendable, CaseIterable {
    case coalesce, nullif
    case lower, upper, trim, length, substring
    case abs, round, floor, ceil, min, max
    case text, int, float, bool, instant, date, uuid
    case year, month, day, hour, minute, second, weekday
    case has, contains, kind

    /// How many arguments it takes.
    package var argumentCounts: ClosedRange<Int> {
        switch self {
        case .coalesce, .min, .max: 1...ExpressionLimit.nodes
        case .nullif, .has, .contains: 2...2
        case .substring: 2...3
        case .date, .year, .month, .day, .hour, .minute, .second, .weekday: 1...2
        case .lower, .upper, .trim, .length, .abs, .round, .floor, .ceil, .text, .int, .float,
            .bool, .instant, .uuid, .kind:
            1...1
        }
    }

    /// Whether its second argument is a time zone.
    package var takesZone: Bool {
        switch self {
        case .date, .year, .month, .day, .hour, .minute, .second, .weekday: true
        default: false
        }
    }

    /// What it takes, for messages: `substring(text, start, count)`.
    package var signature: String {
        switch self {
        case .coalesce: "coalesce(value, …)"
        case .nullif: "nullif(value, other)"
        case .lower, .upper, .trim: "\(rawValue)(text)"
        case .length: "length(text, bytes, array or object)"
        case .substring: "substring(text, start) or substring(text, start, count)"
        case .abs, .round, .floor, .ceil: "\(rawValue)(number)"
        case .min, .max: "\(rawValue)(value, …)"
        case .text, .int, .float, .bool, .instant, .uuid, .kind: "\(rawValue)(value)"
        case .date: "date(value) or date(instant, zone)"
        case .year, .month, .day, .hour, .minute, .second, .weekday:
            "\(rawValue)(instant or date) or \(rawValue)(instant, zone)"
        case .has: "has(object, member)"
        case .contains: "contains(text, array or object, part)"
        }
    }
}

/// What bounds an expression.
package enum ExpressionLimit {
    /// The most bytes of a text, as it is given and as it is spelled.
    package static let byteCount = 4096
    /// The most nodes.
    package static let nodes = 1024
    /// The most nodes on a way down from the root.
    package static let depth = 64
    /// The most brackets, signs and operators that may be open while a text is read.
    ///
    /// A node opens two at most (its own brackets and those around it), so what is spelled from a
    /// tree within the limits always fits.
    static let nesting = 192
    /// The most bytes of a text that an expression makes; a longer one is null.
    package static let resultByteCount = 16 << 20
}

/// A zone of constant distance from UTC.
enum ZoneOffset {
    /// The distance in microseconds of `UTC` or `±hh:mm`; nil for anything else.
    static func microseconds(_ text: String) -> Int64? {
        if text == "UTC" { return 0 }
        guard text.utf8.count == 6, text.utf8.dropFirst(3).first == UInt8(ascii: ":"),
            text.utf8.first == UInt8(ascii: "+") || text.utf8.first == UInt8(ascii: "-")
        else { return nil }
        var scanner = DigitScanner(text)
        guard let offset = scanner.zone(), scanner.isAtEnd else { return nil }
        return offset
    }
}
