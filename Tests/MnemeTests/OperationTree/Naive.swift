// Comparisons and filters, written down once more from the page alone:
// formats/operations.md#filters.

import MnemeModel

enum Naive {
    private static let kinds = [
        "null", "bool", "int", "date", "instant", "text", "uuid", "bytes", "array", "map", "vector",
    ]

    private static func rank(_ value: Value) -> Int {
        kinds.firstIndex(of: value.kind == "float" ? "int" : value.kind) ?? kinds.count
    }

    /// Negative, zero or positive as one value comes before another.
    static func order(_ a: Value, _ b: Value) -> Int {
        if rank(a) != rank(b) { return rank(a) < rank(b) ? -1 : 1 }
        switch (a, b) {
        case (.bool(let a), .bool(let b)): return sign(a ? 1 : 0, b ? 1 : 0)
        case (.int(let a), .int(let b)): return sign(a, b)
        case (.text(let a), .text(let b)): return sign(a, b)
        case (.date(let a), .date(let b)): return sign(a.number, b.number)
        case (.instant(let a), .instant(let b)): return sign(a.microseconds, b.microseconds)
        case (.uuid(let a), .uuid(let b)): return sign(a.description, b.description)
        case (.bytes(let a), .bytes(let b)):
            return order(.array(a.map { .int(Int64($0)) }), .array(b.map { .int(Int64($0)) }))
        case (.array(let a), .array(let b)):
            for (one, other) in zip(a, b) where order(one, other) != 0 { return order(one, other) }
            return sign(a.count, b.count)
        default:
            guard let a = a.number, let b = b.number else { return 0 }
            return sign(a, b)
        }
    }

    private static func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }

    static func same(_ a: Value, _ b: Value) -> Bool {
        if let a = a.number, let b = b.number { return a == b }
        return a == b
    }

    /// One form for all values that are the same number.
    static func plain(_ value: Value) -> Value {
        if case .float(let float) = value, let int = Int64(exactly: float) { return .int(int) }
        return value
    }

    // MARK: Filters

    static func holds(_ filter: Filter, _ value: (String) -> Value) -> Bool {
        switch filter {
        case .and(let parts): return !parts.contains { !holds($0, value) }
        case .or(let parts): return parts.contains { holds($0, value) }
        case .not(let part): return !holds(part, value)
        case .compare(let name, let comparison):
            let path = FieldPath(name)
            var ends = ends(value(path.field), path.members)
            if ends.isEmpty { ends = [.null] }
            return ends.contains { holds(comparison, $0) }
        }
    }

    /// What lies at the ends of the ways that a path has into a value.
    static func ends(_ value: Value, _ way: [String]) -> [Value] {
        if way.isEmpty { return [value] }
        switch value {
        case .map(let members): return ends(members[way[0]] ?? .null, Array(way.dropFirst()))
        case .array(let elements): return elements.flatMap { ends($0, way) }
        default: return [.null]
        }
    }

    private static func holds(_ comparison: Comparison, _ value: Value) -> Bool {
        switch comparison {
        case .eq(let other): return same(value, other)
        case .ne(let other): return !same(value, other)
        case .gt(let other): return isOrdered(value, other) && order(value, other) > 0
        case .gte(let other): return isOrdered(value, other) && order(value, other) >= 0
        case .lt(let other): return isOrdered(value, other) && order(value, other) < 0
        case .lte(let other): return isOrdered(value, other) && order(value, other) <= 0
        case .isIn(let others): return others.contains { same($0, value) }
        case .notIn(let others): return !others.contains { same($0, value) }
        case .any(let others):
            return elements(value).contains { one in others.contains { same($0, one) } }
        case .all(let others):
            if value.isNull { return false }
            return !others.contains { one in !elements(value).contains { same($0, one) } }
        case .prefix(let text):
            guard case .text(let whole) = value else { return false }
            return Array(whole).starts(with: Array(text))
        case .exists(let isWanted): return value.isNull != isWanted
        case .contains(let part):
            if case .text(let whole) = value, case .text(let piece) = part {
                return has(Array(whole), Array(piece))
            }
            return contains(value, part)
        case .within(let low, let high):
            return isOrdered(value, low) && isOrdered(value, high) && order(value, low) >= 0
                && order(value, high) <= 0
        case .some(let filter):
            return elements(value).contains { element in
                guard case .map(let members) = element else { return false }
                return holds(filter) { members[$0] ?? .null }
            }
        }
    }

    private static func has(_ whole: [Character], _ piece: [Character]) -> Bool {
        if piece.isEmpty { return true }
        return whole.indices.contains { whole[$0...].starts(with: piece) }
    }

    private static func elements(_ value: Value) -> [Value] {
        if case .array(let elements) = value { elements } else { [] }
    }

    private static func isOrdered(_ a: Value, _ b: Value) -> Bool {
        !a.isNull && rank(a) == rank(b)
    }

    /// Objects and arrays; inside of them texts are equal or not.
    private static func contains(_ value: Value, _ part: Value, isInside: Bool = false) -> Bool {
        switch (value, part) {
        case (.map(let members), .map(let wanted)):
            return !wanted.contains { name, wanted in
                guard let member = members[name] else { return true }
                return !same(member, wanted) && !contains(member, wanted, isInside: true)
            }
        case (.array(let elements), .array(let wanted)):
            return !wanted.contains { one in !elements.contains { same($0, one) } }
        case (.array(let elements), let one):
            return elements.contains { element in
                if same(element, one) { return true }
                if !isInside, case .text(let whole) = element, case .text(let piece) = one {
                    return has(Array(whole), Array(piece))
                }
                return contains(element, one, isInside: isInside)
            }
        default: return false
        }
    }

    // MARK: Places in unique indexes

    /// The places that a record has in a unique index.
    static func places(
        _ fields: [String: Value],
        _ index: Index,
        _ collection: Collection
    ) -> Set<[Value]> {
        if let condition = index.condition {
            guard condition.evaluate({ fields[$0] ?? .null }) == .bool(true) else { return [] }
        }
        var places: [[Value]] = [[]]
        for part in index.fields {
            var values: [Value] = []
            for end in ends(fields[part.path.field] ?? .null, part.path.members) {
                if case .array(let elements) = end {
                    values += elements.isEmpty ? [.null] : elements
                } else {
                    values.append(end)
                }
            }
            if values.isEmpty { values = [.null] }
            let plain = Set(values.map { keyed($0, isFolded: part.isFolded) })
            places = places.flatMap { place in plain.map { place + [$0] } }
        }
        if index.hasDistinctNulls { places.removeAll { $0.contains(.null) } }
        return Set(places)
    }

    private static func keyed(_ value: Value, isFolded: Bool) -> Value {
        switch value {
        case .text(let text): isFolded ? .text(text.lowercased()) : value
        case .map, .vector, .array: .null
        default: plain(value)
        }
    }
}
