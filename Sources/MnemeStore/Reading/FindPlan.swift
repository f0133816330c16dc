// Choosing the index for a question: the one whose leading fields are fixed by the filter, then the
// one that also bounds the next field, then the one that already has the order asked for.

internal import MnemeModel
internal import MnemeTree

/// What a filter says of one field, as far as an index can use it.
private struct FieldBounds {
    var equal: Value?
    var low: Value?
    var high: Value?
    var isLowOpen = false
    var isHighOpen = false
    var prefix: String?

    var isRange: Bool { low != nil || high != nil || prefix != nil }

    /// Takes what a comparison says; what has nothing for an index changes nothing.
    mutating func take(_ comparison: Comparison, _ type: FieldType) {
        switch comparison {
        case .eq(let value): equal = value.coerced(to: type)
        // An end that was rounded on its way into the key may itself be meant.
        case .gt(let value):
            (low, isLowOpen) = (value.coerced(to: type), !value.isBetweenFloats)
        case .gte(let value): (low, isLowOpen) = (value.coerced(to: type), false)
        case .lt(let value):
            (high, isHighOpen) = (value.coerced(to: type), !value.isBetweenFloats)
        case .lte(let value): (high, isHighOpen) = (value.coerced(to: type), false)
        case .within(let least, let most):
            (low, isLowOpen) = (least.coerced(to: type), false)
            (high, isHighOpen) = (most.coerced(to: type), false)
        case .prefix(let text): prefix = text.isEmpty ? nil : text
        default: break
        }
    }
}

/// How a plain question is answered.
struct FindPlan {
    /// Which entries of the tree are gone through.
    var range: TreeRange
    var isReversed = false
    /// Whether they come in the order that was asked for.
    var isOrdered: Bool
    /// For people.
    var summary: String

    init(_ find: Find, _ collection: CollectionEntry, ownerPath: String?) {
        var bounds: [String: FieldBounds] = [:]
        for (field, comparison) in find.filter?.conjuncts ?? [] {
            guard let type = collection.schema.field(field)?.type else { continue }
            bounds[field, default: FieldBounds()].take(comparison, type)
        }
        if let ownerPath, let field = collection.ownerField {
            bounds[field, default: FieldBounds()].equal = .text(ownerPath)
        }
        var best: (score: Int, plan: FindPlan)?
        for index in collection.indexes {
            guard let candidate = Self.plan(index, collection, bounds, find.order) else { continue }
            if best.map({ candidate.score > $0.score }) ?? true { best = candidate }
        }
        self =
            best?.plan
            ?? FindPlan(
                range: StoreKeys.records(collection.number),
                isOrdered: find.order.isEmpty,
                summary: "all records by key"
            )
    }

    private init(range: TreeRange, isReversed: Bool = false, isOrdered: Bool, summary: String) {
        self.range = range
        self.isReversed = isReversed
        self.isOrdered = isOrdered
        self.summary = summary
    }

    private static func plan(
        _ entry: IndexEntry,
        _ collection: CollectionEntry,
        _ bounds: [String: FieldBounds],
        _ order: [Order]
    ) -> (score: Int, plan: FindPlan)? {
        var writer = StoreKeys.index(collection, entry)
        var fixed = 0
        for field in entry.index.fields {
            guard let value = bounds[field.name]?.equal else { break }
            writer.put(value, descending: field.isDescending)
            fixed += 1
        }
        let rest = Array(entry.index.fields.dropFirst(fixed))
        var range = TreeRange.prefix(writer.bytes)
        var isBounded = false
        if let next = rest.first, let bound = bounds[next.name], bound.isRange {
            range = bounded(writer, next, bound)
            isBounded = true
        }
        let direction = direction(of: rest, order, fixed: entry.index.fields.prefix(fixed))
        guard fixed > 0 || isBounded || (direction != nil && !order.isEmpty) else { return nil }
        let score = fixed * 4 + (isBounded ? 2 : 0) + (direction != nil ? 1 : 0)
        let plan = FindPlan(
            range: range,
            isReversed: direction == .backward,
            isOrdered: direction != nil,
            summary: "index \(entry.index.name), \(fixed) fields fixed"
                + (isBounded ? ", the next one bounded" : "")
                + (direction != nil && !order.isEmpty ? ", in order" : "")
        )
        return (score, plan)
    }

    private enum IndexDirection {
        case forward
        case backward
    }

    /// Which way the index runs in the order asked for, nil when it does not.
    private static func direction(
        of rest: [IndexField],
        _ order: [Order],
        fixed: ArraySlice<IndexField>
    ) -> IndexDirection? {
        // A fixed field has one value; an order by it changes nothing.
        let wanted = order.filter { order in !fixed.contains { $0.name == order.field } }
        if wanted.isEmpty { return order.isEmpty ? nil : .forward }
        guard wanted.count <= rest.count else { return nil }
        let pairs = Array(zip(wanted, rest))
        guard pairs.allSatisfy({ $0.field == $1.name }) else { return nil }
        if pairs.allSatisfy({ $0.isDescending == $1.isDescending }) { return .forward }
        if pairs.allSatisfy({ $0.isDescending != $1.isDescending }) { return .backward }
        return nil
    }

    private static func bounded(
        _ prefix: KeyWriter,
        _ field: IndexField,
        _ bound: FieldBounds
    ) -> TreeRange {
        if let text = bound.prefix {
            var writer = prefix
            writer.put(textPrefix: text, descending: field.isDescending)
            return .prefix(writer.bytes)
        }
        var range = TreeRange.prefix(prefix.bytes)
        // In a descending field the high end comes first.
        let (first, isFirstOpen) =
            field.isDescending
            ? (bound.high, bound.isHighOpen) : (bound.low, bound.isLowOpen)
        let (last, isLastOpen) =
            field.isDescending
            ? (bound.low, bound.isLowOpen) : (bound.high, bound.isHighOpen)
        if let first {
            var writer = prefix
            writer.put(first, descending: field.isDescending)
            let after = TreeRange.afterPrefix(writer.bytes)
            range.lower = isFirstOpen ? after ?? writer.bytes : writer.bytes
        }
        if let last {
            var writer = prefix
            writer.put(last, descending: field.isDescending)
            range.upper = isLastOpen ? writer.bytes : TreeRange.afterPrefix(writer.bytes)
        }
        return range
    }
}

extension Filter {
    /// Comparisons that must all hold.
    fileprivate var conjuncts: [(String, Comparison)] {
        switch self {
        case .compare(let field, let comparison): [(field, comparison)]
        case .and(let parts): parts.flatMap(\.conjuncts)
        case .or, .not: []
        }
    }
}
