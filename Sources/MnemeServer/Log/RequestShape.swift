// What a request asks, without what it asks for: names of the schema, operators and bounds are
// told, everything else by its kind and size. What is not known to be a name is a value.

internal import MnemeModel

/// Makes of a request what may be told of it.
struct RequestShape {
    /// Whether values are told too; vectors never are.
    let showsValues: Bool

    /// Names of members whose words and numbers are of the schema and of the question's bounds.
    private static let told: Set<String> = [
        "collection", "edges", "field", "fields", "limit", "offset", "direction", "types", "hops",
        "countOnly", "order", "select", "by", "operator", "minimum", "statistics", "exact", "beam",
        "recall", "model", "explain", "distinct", "signals", "layers", "fusion", "hints", "weights",
        "tokens", "minimumSimilarity", "touch", "work", "durability", "as", "reference",
    ]
    /// Names of members that are filters.
    private static let filters: Set<String> = ["where", "having", "filter"]
    /// Names of members whose members are looked at in turn.
    private static let frames: Set<String> = [
        "near", "match", "nodes", "steps", "find", "question", "request", "budget", "through",
        "only", "must", "should", "not", "fanOut",
    ]
    private static let ofOrder: Set<String> = ["field", "descending"]
    /// The most elements of a list, or members of an object, that are looked at.
    private static let most = 32

    /// What a request asks; `{}` of one that asks nothing.
    func shape(of request: Request) -> Value {
        switch request {
        case .once(_, let request), .inside(_, let request): return shape(of: request)
        default:
            guard case .map(let members) = request.spelling, let content = members.values.first
            else { return [:] }
            return shape(content, depth: 0)
        }
    }

    private func shape(_ value: Value, depth: Int) -> Value {
        guard case .map(let members) = value, depth < 6 else { return measure(value) }
        var shape: [String: Value] = [:]
        for (name, value) in members.prefix(Self.most) {
            shape[name] = part(name, value, depth: depth)
        }
        return .map(shape)
    }

    private func part(_ name: String, _ value: Value, depth: Int) -> Value {
        if showsValues { return withoutVectors(value) }
        if Self.told.contains(name) { return names(value) }
        if Self.filters.contains(name) {
            return (try? Filter(spelling: value)).map { Self.shape($0, depth: 0) } ?? measure(value)
        }
        guard Self.frames.contains(name) else { return measure(value) }
        switch value {
        // By name, as the nodes of a pattern are.
        case .map(let members) where name == "nodes":
            return .map(
                Dictionary(
                    uniqueKeysWithValues: members.prefix(Self.most).map {
                        ($0.key, shape($0.value, depth: depth + 1))
                    }
                )
            )
        case .array(let values):
            return .array(values.prefix(Self.most).map { shape($0, depth: depth + 1) })
        default: return shape(value, depth: depth + 1)
        }
    }

    /// A filter with its fields and operators.
    private static func shape(_ filter: Filter, depth: Int) -> Value {
        guard depth < 16 else { return "…" }
        func list(_ parts: [Filter]) -> Value {
            .array(parts.prefix(most).map { shape($0, depth: depth + 1) })
        }
        switch filter {
        case .compare(let field, let comparison):
            return [field: shape(comparison, depth: depth)]
        case .and(let parts): return ["and": list(parts)]
        case .or(let parts): return ["or": list(parts)]
        case .not(let part): return ["not": shape(part, depth: depth + 1)]
        }
    }

    private static func shape(_ comparison: Comparison, depth: Int) -> Value {
        func many(_ values: [Value]) -> Value { .text("(\(values.count))") }
        return switch comparison {
        case .eq: "?"
        case .ne: ["ne": "?"]
        case .gt: ["gt": "?"]
        case .gte: ["gte": "?"]
        case .lt: ["lt": "?"]
        case .lte: ["lte": "?"]
        case .isIn(let values): ["in": many(values)]
        case .notIn(let values): ["nin": many(values)]
        case .any(let values): ["any": many(values)]
        case .all(let values): ["all": many(values)]
        case .prefix: ["prefix": "?"]
        case .exists(let isWanted): ["exists": .bool(isWanted)]
        case .contains: ["contains": "?"]
        case .within: ["within": "?"]
        case .some(let filter): ["some": shape(filter, depth: depth + 1)]
        }
    }

    /// Words and numbers as they are; what is more than that, such as an expression, by its kind.
    private func names(_ value: Value) -> Value {
        switch value {
        case .null, .bool, .int, .float, .text: value
        case .array(let values):
            .array(
                values.prefix(Self.most).map { element in
                    switch element {
                    case .text: element
                    // A field of an order.
                    case .map(let members) where members.keys.allSatisfy(Self.ofOrder.contains):
                        element
                    default: measure(element)
                    }
                }
            )
        // Weights by field.
        case .map(let members) where members.values.allSatisfy({ $0.number != nil }):
            .map(members)
        default: measure(value)
        }
    }

    /// The kind of a value, and how much of it there is.
    private func measure(_ value: Value) -> Value {
        switch value {
        case .null, .bool: value
        case .int, .float, .uuid, .instant, .date: "?"
        case .text(let text): .text("(\(text.unicodeScalars.count) characters)")
        case .bytes(let bytes): .text("(\(bytes.count) bytes)")
        case .vector(let vector): .text("(\(vector.count) numbers)")
        case .array(let values): .text("(\(values.count))")
        case .map(let members): .text("(\(members.count) members)")
        }
    }

    private func withoutVectors(_ value: Value) -> Value {
        switch value {
        case .vector, .bytes: measure(value)
        case .array(let values): .array(values.map(withoutVectors))
        case .map(let members): .map(members.mapValues(withoutVectors))
        default: value
        }
    }
}
