// `{"importance": {"gte": 0.5}, "tags": {"any": ["a"]}, "or": [{…}, {…}], "not": {…}}`. Several
// members, and several operators of a field, hold together. A bare value stands for `eq`.

extension Filter: Spelled {
    /// The filter of its spelling; several members become `and` in the order of their names.
    public init(spelling: Value) throws(MnemeError) {
        guard case .map(let members) = spelling else {
            throw MnemeError(
                .badFilter,
                "A filter is an object such as {\"importance\": {\"gte\": 0.5}}, not "
                    + "\(spelling.shown)."
            )
        }
        var parts: [Filter] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "and": parts.append(.and(try Filter.list(value, of: name)))
            case "or": parts.append(.or(try Filter.list(value, of: name)))
            case "not": parts.append(.not(try Filter(spelling: value)))
            default: parts += try Comparison.list(value, of: name).map { .compare(field: name, $0) }
            }
        }
        self = parts.count == 1 ? parts[0] : .and(parts)
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .compare(let field, let comparison): .word(field, comparison.spelling)
        case .and(let parts): .word("and", parts.spelling)
        case .or(let parts): .word("or", parts.spelling)
        case .not(let part): .word("not", part.spelling)
        }
    }

    private static func list(_ value: Value, of name: String) throws(MnemeError) -> [Filter] {
        guard case .array(let values) = value else {
            throw MnemeError(
                .badFilter,
                "\"\(name)\" takes an array of filters and got \(value.shown)."
            )
        }
        var filters: [Filter] = []
        for value in values { filters.append(try Filter(spelling: value)) }
        return filters
    }
}

extension Comparison {
    /// The operators in the order of their documentation.
    package static let operators = [
        "eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "any", "all", "prefix", "exists",
        "contains", "within", "some",
    ]

    /// What a field is held against, all of it.
    fileprivate static func list(
        _ value: Value,
        of field: String
    ) throws(MnemeError) -> [Comparison] {
        guard case .map(let members) = value else { return [.eq(value)] }
        guard !members.isEmpty else {
            throw MnemeError(
                .badFilter,
                "The filter on \"\(field)\" is empty. To compare with an empty object write "
                    + "{\"eq\": {}}. Operators: \(listed(operators))."
            )
        }
        var comparisons: [Comparison] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            comparisons.append(try Comparison(name, value, of: field))
        }
        return comparisons
    }

    private init(_ name: String, _ value: Value, of field: String) throws(MnemeError) {
        let place = "\"\(name)\" on \"\(field)\""
        switch name {
        case "eq": self = .eq(value)
        case "ne": self = .ne(value)
        case "gt": self = .gt(value)
        case "gte": self = .gte(value)
        case "lt": self = .lt(value)
        case "lte": self = .lte(value)
        case "in": self = .isIn(try Comparison.values(value, place))
        case "nin": self = .notIn(try Comparison.values(value, place))
        case "any": self = .any(try Comparison.values(value, place))
        case "all": self = .all(try Comparison.values(value, place))
        case "contains": self = .contains(value)
        case "some": self = .some(try Filter(spelling: value))
        case "prefix":
            guard case .text(let text) = value else {
                throw MnemeError(.badFilter, "\(place) takes a text and got \(value.shown).")
            }
            self = .prefix(text)
        case "exists":
            guard case .bool(let flag) = value else {
                throw MnemeError(.badFilter, "\(place) takes true or false and got \(value.shown).")
            }
            self = .exists(flag)
        case "within":
            let ends = try Comparison.values(value, place)
            guard ends.count == 2 else {
                throw MnemeError(
                    .badFilter,
                    "\(place) takes [low, high] and got \(value.shown)."
                )
            }
            self = .within(ends[0], ends[1])
        default:
            throw MnemeError(
                .badFilter,
                "There is no operator \(quoted(name)) (on \"\(field)\"). Known: "
                    + "\(listed(Comparison.operators)). To compare with an object write "
                    + "{\"eq\": {…}}."
            )
        }
    }

    private static func values(_ value: Value, _ place: String) throws(MnemeError) -> [Value] {
        guard case .array(let values) = value else {
            throw MnemeError(.badFilter, "\(place) takes an array and got \(value.shown).")
        }
        return values
    }

    /// What stands behind the field's name.
    fileprivate var spelling: Value {
        switch self {
        case .eq(let value):
            if case .map = value { .word("eq", value) } else { value }
        case .ne(let value): .word("ne", value)
        case .gt(let value): .word("gt", value)
        case .gte(let value): .word("gte", value)
        case .lt(let value): .word("lt", value)
        case .lte(let value): .word("lte", value)
        case .isIn(let values): .word("in", .array(values))
        case .notIn(let values): .word("nin", .array(values))
        case .any(let values): .word("any", .array(values))
        case .all(let values): .word("all", .array(values))
        case .prefix(let text): .word("prefix", .text(text))
        case .exists(let flag): .word("exists", .bool(flag))
        case .contains(let value): .word("contains", value)
        case .within(let low, let high): .word("within", [low, high])
        case .some(let filter): .word("some", filter.spelling)
        }
    }
}
