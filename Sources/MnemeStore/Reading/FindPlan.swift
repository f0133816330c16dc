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

    /// Whether the entries with the one key of `equal` are just those for which a comparison holds.
    func isAnswered(byEquality comparison: Comparison, _ type: FieldType) -> Bool {
        guard case .eq(let value) = comparison, value == equal else { return false }
        if value.text != nil { return type == .text || type.isChoice }
        return type.orders(value)
    }

    /// Whether the entries between the ends are just those for which a comparison holds.
    ///
    /// Without a low end there would be nulls among them.
    func isAnswered(byRange comparison: Comparison, _ type: FieldType) -> Bool {
        guard prefix == nil, let low, type.orders(low) else { return false }
        switch comparison {
        case .gt(let value): return value == low && isLowOpen
        case .gte(let value): return value == low && !isLowOpen
        case .lt(let value): return value == high && isHighOpen && type.orders(value)
        case .lte(let value): return value == high && !isHighOpen && type.orders(value)
        case .within(let least, let most):
            return least == low && !isLowOpen && most == high && !isHighOpen && type.orders(most)
        default: return false
        }
    }
}

extension FieldType {
    fileprivate var isChoice: Bool { if case .oneOf = self { true } else { false } }

    /// Whether a value is of just this type, and its key stands in the order of values.
    fileprivate func orders(_ value: Value) -> Bool {
        switch (self, value) {
        case (.bool, .bool), (.int, .int), (.float, .float), (.uuid, .uuid),
            (.instant, .instant), (.date, .date):
            true
        default: false
        }
    }
}

/// Which way an index is gone through.
private enum IndexDirection {
    case forward
    case backward
}

/// What an index does for a question.
private struct IndexUse {
    let entry: IndexEntry
    /// How many of its leading fields the filter fixes.
    let fixed: Int
    /// Whether the filter bounds the next one.
    let isBounded: Bool
    /// Which way it runs in the order asked for, nil when it does not or none is.
    let direction: IndexDirection?

    /// The best index has the highest.
    var score: Int { fixed * 4 + (isBounded ? 2 : 0) + (direction != nil ? 1 : 0) }

    /// Nil when it does nothing.
    init?(_ entry: IndexEntry, _ bounds: [String: FieldBounds], _ order: [Order]) {
        let fields = entry.index.fields
        let fixed = fields.firstIndex { bounds[$0.name]?.equal == nil } ?? fields.count
        isBounded = fixed < fields.count && bounds[fields[fixed].name]?.isRange ?? false
        direction = Self.direction(fields, fixed: fixed, order)
        self.entry = entry
        self.fixed = fixed
        if fixed == 0, !isBounded, direction == nil { return nil }
    }

    private static func direction(
        _ fields: [IndexField],
        fixed: Int,
        _ order: [Order]
    ) -> IndexDirection? {
        if order.isEmpty { return nil }
        var place = fixed
        var isForward = true
        var isBackward = true
        // A fixed field has one value; an order by it changes nothing.
        for part in order where !fields.prefix(fixed).contains(where: { $0.name == part.field }) {
            guard place < fields.count, fields[place].name == part.field else { return nil }
            if fields[place].isDescending == part.isDescending {
                isBackward = false
            } else {
                isForward = false
            }
            place += 1
        }
        return isForward ? .forward : (isBackward ? .backward : nil)
    }
}

/// How a plain question is answered.
struct FindPlan {
    /// Which entries of the tree are gone through.
    var range: TreeRange
    var isReversed = false
    /// Whether they come in the order that was asked for.
    var isOrdered: Bool
    /// Whether the filter holds for all of them, so that it need not be held against any.
    var isFiltered: Bool
    /// Whether all of them are of the owner that was asked for.
    var isOwned = false
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
        var best: IndexUse?
        for index in collection.indexes {
            guard let use = IndexUse(index, bounds, find.order) else { continue }
            if best.map({ use.score > $0.score }) ?? true { best = use }
        }
        if let best {
            self.init(best, find, collection, bounds)
        } else {
            self.init(allOf: collection, find)
        }
    }

    private init(allOf collection: CollectionEntry, _ find: Find) {
        range = StoreKeys.records(collection.number)
        isOrdered = find.order.isEmpty
        isFiltered = find.filter == nil
        summary = "all records by key"
    }

    private init(
        _ use: IndexUse,
        _ find: Find,
        _ collection: CollectionEntry,
        _ bounds: [String: FieldBounds]
    ) {
        let index = use.entry.index
        var writer = StoreKeys.index(collection, use.entry)
        for field in index.fields.prefix(use.fixed) {
            guard let value = bounds[field.name]?.equal else { break }
            writer.put(value, descending: field.isDescending)
        }
        range = TreeRange.prefix(writer.bytes)
        if use.isBounded, let bound = bounds[index.fields[use.fixed].name] {
            range = Self.bounded(writer, index.fields[use.fixed], bound)
        }
        isReversed = use.direction == .backward
        isOwned = use.fixed > 0 && index.fields.first?.name == collection.ownerField
        isOrdered = use.direction != nil
        isFiltered =
            find.filter?.isAnswered { field, comparison in
                guard let bound = bounds[field], let type = collection.schema.field(field)?.type,
                    let place = index.fields.firstIndex(where: { $0.name == field })
                else { return false }
                if place < use.fixed { return bound.isAnswered(byEquality: comparison, type) }
                return place == use.fixed && use.isBounded
                    && bound.isAnswered(byRange: comparison, type)
            } ?? true
        summary =
            "index \(index.name), \(use.fixed) fields fixed"
            + (use.isBounded ? ", the next one bounded" : "")
            + (isOrdered ? ", in order" : "")
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

    /// Whether it is nothing but comparisons that must all hold and that are answered already.
    fileprivate func isAnswered(_ isAnswered: (String, Comparison) -> Bool) -> Bool {
        switch self {
        case .compare(let field, let comparison): isAnswered(field, comparison)
        case .and(let parts): parts.allSatisfy { $0.isAnswered(isAnswered) }
        case .or, .not: false
        }
    }
}
