// Sets of kinds that values may have: what an expression may give, what a field may hold. Null is
// of no kind and always possible.

/// Some of the kinds of values.
package struct ValueKinds: OptionSet, Hashable, Sendable {
    /// A bit for each kind.
    package let rawValue: UInt16

    /// A set of its bits.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let bool = ValueKinds(rawValue: 1 << 0)
    package static let int = ValueKinds(rawValue: 1 << 1)
    package static let float = ValueKinds(rawValue: 1 << 2)
    package static let text = ValueKinds(rawValue: 1 << 3)
    package static let bytes = ValueKinds(rawValue: 1 << 4)
    package static let uuid = ValueKinds(rawValue: 1 << 5)
    package static let instant = ValueKinds(rawValue: 1 << 6)
    package static let date = ValueKinds(rawValue: 1 << 7)
    package static let array = ValueKinds(rawValue: 1 << 8)
    package static let object = ValueKinds(rawValue: 1 << 9)
    package static let vector = ValueKinds(rawValue: 1 << 10)

    /// What can be added up.
    package static let numbers: ValueKinds = [.int, .float]
    /// What a json field may hold.
    package static let json: ValueKinds = [.bool, .int, .float, .text, .array, .object]
    /// What comes before or after its like.
    package static let ordered: ValueKinds = [
        .bool, .int, .float, .text, .bytes, .uuid, .instant, .date,
    ]

    private static let names: [(ValueKinds, String)] = [
        (.bool, "bool"), (.int, "int"), (.float, "float"), (.text, "text"), (.bytes, "bytes"),
        (.uuid, "uuid"), (.instant, "instant"), (.date, "date"), (.array, "array"),
        (.object, "object"), (.vector, "vector"),
    ]
}

extension ValueKinds {
    /// The kind of a value; none of null.
    package init(of value: Value) {
        switch value {
        case .null: self = []
        case .bool: self = .bool
        case .int: self = .int
        case .float: self = .float
        case .text: self = .text
        case .bytes: self = .bytes
        case .uuid: self = .uuid
        case .instant: self = .instant
        case .date: self = .date
        case .array: self = .array
        case .map: self = .object
        case .vector: self = .vector
        }
    }

    /// What a field of a type holds.
    package init(in type: FieldType) {
        switch type {
        case .bool: self = .bool
        case .int: self = .int
        case .float: self = .float
        case .text, .oneOf: self = .text
        case .bytes: self = .bytes
        case .uuid: self = .uuid
        case .instant: self = .instant
        case .date: self = .date
        case .json: self = .json
        case .array: self = .array
        case .vector: self = .vector
        }
    }

    /// What a field of a type takes from an expression.
    package init(takenBy type: FieldType) {
        switch type {
        case .float: self = .numbers
        case .instant: self = [.instant, .date]
        case .json: self = .json.union([.uuid, .instant, .date])
        // No expression makes one.
        case .vector: self = []
        default: self.init(in: type)
        }
    }

    /// With int where there is float, and the other way around.
    var widened: ValueKinds { isDisjoint(with: .numbers) ? self : union(.numbers) }

    /// The names, without articles: `int or float`.
    package var named: String {
        ValueKinds.names.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
    }

    /// The names, with articles, for messages.
    package var described: String {
        if isEmpty { return "null" }
        let names = ValueKinds.names.filter { contains($0.0) }.map { withArticle($0.1) }
        return names.joined(separator: " or ")
    }
}
