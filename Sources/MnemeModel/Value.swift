// Values: what fields hold, what filters compare, what keys are made of.

/// One value of a field.
///
/// Arrays and maps may lie at most 128 deep inside each other wherever a value is handed over; what
/// is deeper is refused, without being gone through. A program that builds one itself, tens of
/// thousands deep, is stopped by the system when it lets go of it, compares or hashes it: Swift
/// releases what lies in an array or a dictionary by a call within a call, which no enumeration can
/// help, and at some depth the thread's stack ends.
public enum Value: Hashable, Sendable {
    /// No value.
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case text(String)
    case bytes([UInt8])
    case uuid(UniqueID)
    case instant(Instant)
    case date(Day)
    case array([Value])
    /// A free-form object; the order of its members does not count.
    case map([String: Value])
    /// A vector, `[dimension]`.
    case vector([Float])
}

extension Value {
    /// The name of the kind, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .text: "text"
        case .bytes: "bytes"
        case .uuid: "uuid"
        case .instant: "instant"
        case .date: "date"
        case .array: "array"
        case .map: "map"
        case .vector: "vector"
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The number that it is, nil for anything but int and float.
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The text that it is, nil for anything else.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The integer that it is, nil for anything else.
    public var int: Int64? {
        if case .int(let value) = self { value } else { nil }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// An int.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A float.
    public init(floatLiteral value: Double) { self = .float(value) }
    /// A bool.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// An object; of members with one name the last counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(Dictionary(elements) { _, last in last })
    }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}

extension Value {
    /// The order of kinds, then within a kind; ints and floats are one kind.
    ///
    /// An int and a float are compared as the numbers that they are, none of them rounded. NaN
    /// follows every other number and equals itself. What has no order of its own (maps)
    /// compares equal.
    public static func isOrdered(_ left: Value, before right: Value) -> Bool {
        compare(left, right) < 0
    }

    /// Negative, zero or positive as `left` comes before, with or after `right`.
    package static func compare(_ left: Value, _ right: Value) -> Int {
        if left.rank != right.rank { return left.rank < right.rank ? -1 : 1 }
        switch (left, right) {
        case (.bool(let a), .bool(let b)): return order(a ? 1 : 0, b ? 1 : 0)
        case (.int(let a), .int(let b)): return order(a, b)
        case (.int(let a), .float(let b)): return order(a, b)
        case (.float(let a), .int(let b)): return -order(b, a)
        case (.text(let a), .text(let b)): return a == b ? 0 : (a < b ? -1 : 1)
        case (.bytes(let a), .bytes(let b)):
            return a == b ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
        case (.uuid(let a), .uuid(let b)): return a == b ? 0 : (a < b ? -1 : 1)
        case (.instant(let a), .instant(let b)): return order(a.microseconds, b.microseconds)
        case (.date(let a), .date(let b)): return order(a.number, b.number)
        case (.array(let a), .array(let b)):
            for (x, y) in zip(a, b) {
                let result = compare(x, y)
                if result != 0 { return result }
            }
            return order(a.count, b.count)
        default:
            guard let a = left.number, let b = right.number else { return 0 }
            if a.isNaN || b.isNaN { return order(a.isNaN ? 1 : 0, b.isNaN ? 1 : 0) }
            return order(a, b)
        }
    }

    /// An int beside a float, which may lie between ints or beyond all of them.
    private static func order(_ int: Int64, _ float: Double) -> Int {
        if float.isNaN || float >= 0x1p63 { return -1 }
        if float < -0x1p63 { return 1 }
        let whole = float.rounded(.towardZero)
        let result = order(int, Int64(whole))
        return result == 0 ? order(whole, float) : result
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : (a > b ? 1 : 0) }

    private var rank: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .int, .float: 2
        case .date: 3
        case .instant: 4
        case .text: 5
        case .uuid: 6
        case .bytes: 7
        case .array: 8
        case .map: 9
        case .vector: 10
        }
    }
}
