// What a mapping sees of a row: its columns, the values that the mapping gives names to, and, where
// a rule goes through something in the row, the element that it is at.

internal import Mneme
internal import MnemeCommandLine

/// The way to a value in a row: a column, and members of objects or numbers of elements in it.
struct RowPath: Hashable, Sendable, CustomStringConvertible {
    /// As it is written.
    let description: String
    /// Column, named value or a word such as `@index`.
    let root: String
    let rest: [String]

    /// A path as it is written, with dots between its parts.
    init(_ text: String) {
        description = text
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        root = parts.first ?? ""
        rest = Array(parts.dropFirst())
    }

    /// What a rule that goes through something has beside the columns.
    static let element = "@element"
    static let index = "@index"
    static let name = "@name"
    /// The row's number.
    static let number = "@number"
    static let words = [element, index, name, number]
}

/// One row, at one of its elements.
struct RowScope {
    let row: SourceRow
    private let named: [String: Derivation]
    private var known: [String: Value] = [:]
    /// Where a rule is, in what it goes through.
    var element: Value?
    var index = 0
    var name: String?

    /// A row, and the values that the mapping gives names to.
    init(_ row: SourceRow, named: [String: Derivation]) {
        self.row = row
        self.named = named
    }

    /// The value that a path leads to; null where there is none.
    ///
    /// - Throws: `Failure` where the path goes into something that has no parts.
    mutating func value(_ path: RowPath) throws(Failure) -> Value {
        // A column may have dots in its name.
        if !path.rest.isEmpty, let whole = row.members[path.description] { return whole }
        var value = try root(path.root)
        var way = path.root
        for part in path.rest {
            switch value {
            case .null: return .null
            case .map(let members): value = members[part] ?? .null
            case .array(let values):
                guard let index = Int(part), index >= 0 else {
                    throw Failure(
                        "\"\(path)\": \(way) is an array, and \(quoted(part)) is no number of an "
                            + "element"
                    )
                }
                value = index < values.count ? values[index] : .null
            default:
                throw Failure(
                    "\"\(path)\" goes into \(way), which is \(value.shown) and has no parts; where "
                        + "it is JSON as text, give it a name in \"values\" with \"as\": \"json\""
                )
            }
            way += "." + part
        }
        return value
    }

    private mutating func root(_ name: String) throws(Failure) -> Value {
        switch name {
        case RowPath.element: return element ?? .null
        case RowPath.index: return .int(Int64(index))
        case RowPath.name: return self.name.map(Value.text) ?? Value.null
        case RowPath.number: return .int(Int64(row.number))
        default: break
        }
        if let value = known[name] { return value }
        // A mapping whose values need each other in a circle was refused when it was read.
        guard let derivation = named[name] else { return row.members[name] ?? .null }
        let value = try derivation.value(&self)
        known[name] = value
        return value
    }
}
