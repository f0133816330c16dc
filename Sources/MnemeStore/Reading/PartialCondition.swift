// Whether a filter implies the condition of a partial index: then no record for which the filter
// holds is missing there. What is not seen to imply it does not; an index is then left alone.

internal import MnemeModel

/// The condition of a partial index as comparisons of fields that must all hold.
struct PartialCondition {
    /// A comparison of a field, by the keys that it allows: it holds for just those.
    private struct Term {
        let part: IndexPart
        let spans: KeySpans
    }

    /// Of each part of the condition that must hold: some alternatives.
    private var terms: [[Term]] = []
    /// Whether all of it could be understood.
    private var isKnown = true

    init(_ condition: Expression, _ collection: CollectionEntry) {
        for node in condition.root.conjuncts {
            guard let alternatives = Self.alternatives(node, collection) else {
                isKnown = false
                return
            }
            terms.append(alternatives)
        }
    }

    /// Which of the filter's terms hold for every record in the index; nil where the filter does
    /// not imply the condition.
    func isImplied(by bounds: FilterBounds) -> Set<Int>? {
        guard isKnown else { return nil }
        var answered: Set<Int> = []
        for alternatives in terms {
            let isImplied = alternatives.contains { term in
                bounds.spans(of: term.part)?.spans.isWithin(term.spans) ?? false
            }
            guard isImplied else { return nil }
            guard alternatives.count == 1, let term = alternatives.first else { continue }
            for (place, held) in bounds.terms.enumerated()
            where held.path == term.part.path && !held.isInside {
                guard let spans = term.part.spans(held.comparison), spans.isExact,
                    term.spans.isWithin(spans)
                else { continue }
                answered.insert(place)
            }
        }
        return answered
    }

    /// The comparisons of which one holds where a part of a condition does; nil where that cannot
    /// be said.
    private static func alternatives(
        _ node: ExpressionNode,
        _ collection: CollectionEntry
    ) -> [Term]? {
        if case .or(let parts) = node {
            // One of them suffices; those that are not understood imply nothing.
            let terms = parts.compactMap { term($0, collection) }
            return terms.isEmpty ? nil : terms
        }
        return term(node, collection).map { [$0] }
    }

    private static func term(_ node: ExpressionNode, _ collection: CollectionEntry) -> Term? {
        guard let (name, comparison) = comparison(node),
            let field = collection.schema.field(name), let number = collection.fieldNumbers[name]
        else { return nil }
        let part = IndexPart(IndexField(name), number: number, type: field.type)
        guard !part.isSpread, fits(comparison, field.type), let spans = part.spans(comparison),
            spans.isExact
        else { return nil }
        guard case .float = field.type else { return Term(part: part, spans: spans) }
        // What is no number counts as no value in a condition, and as a number in a filter.
        if case .exists(false) = comparison { return nil }
        let notANumber = part.spans(.eq(.float(.nan)))?.spans.first?.lower ?? KeySpan.values.upper
        let numbers = KeySpan(
            lower: KeySpan.values.lower,
            upper: notANumber,
            isPoint: false
        )
        return Term(part: part, spans: spans.intersection(KeySpans(numbers, isExact: true)))
    }

    /// Whether the values of a comparison are of the field's type.
    private static func fits(_ comparison: Comparison, _ type: FieldType) -> Bool {
        switch comparison {
        case .exists: true
        case .eq(let value), .gt(let value), .gte(let value), .lt(let value), .lte(let value):
            fits(value, type)
        case .isIn(let values): values.allSatisfy { fits($0, type) }
        case .within(let low, let high): fits(low, type) && fits(high, type)
        default: false
        }
    }

    private static func fits(_ value: Value, _ type: FieldType) -> Bool {
        switch (type, value) {
        case (.bool, .bool), (.int, .int), (.int, .float), (.float, .int), (.float, .float),
            (.text, .text), (.oneOf, .text), (.uuid, .uuid), (.instant, .instant), (.date, .date):
            true
        default: false
        }
    }

    /// A part of a condition as a comparison of a field; nil for anything else.
    private static func comparison(_ node: ExpressionNode) -> (String, Comparison)? {
        switch node {
        case .field(let name, let steps): return steps.isEmpty ? (name, .eq(true)) : nil
        case .not(.field(let name, let steps)): return steps.isEmpty ? (name, .eq(false)) : nil
        case .isNull(.field(let name, let steps)):
            return steps.isEmpty ? (name, .exists(false)) : nil
        case .not(.isNull(.field(let name, let steps))):
            return steps.isEmpty ? (name, .exists(true)) : nil
        case .compare(let relation, .field(let name, let steps), .literal(let value)):
            return steps.isEmpty ? compare(relation, value).map { (name, $0) } : nil
        case .compare(let relation, .literal(let value), .field(let name, let steps)):
            return steps.isEmpty ? compare(relation.mirrored, value).map { (name, $0) } : nil
        case .isIn(.field(let name, let steps), let others):
            guard steps.isEmpty else { return nil }
            var values: [Value] = []
            for case .literal(let value) in others where !value.isNull { values.append(value) }
            return values.count == others.count ? (name, .isIn(values)) : nil
        case .between(.field(let name, let steps), .literal(let low), .literal(let high)):
            return steps.isEmpty ? (name, .within(low, high)) : nil
        default: return nil
        }
    }

    private static func compare(_ relation: ExpressionRelation, _ value: Value) -> Comparison? {
        if value.isNull { return nil }
        switch relation {
        case .equal: return .eq(value)
        case .unequal: return nil
        case .less: return .lt(value)
        case .lessOrEqual: return .lte(value)
        case .greater: return .gt(value)
        case .greaterOrEqual: return .gte(value)
        }
    }
}

extension ExpressionNode {
    /// Conditions that must all hold.
    fileprivate var conjuncts: [ExpressionNode] {
        if case .and(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
    }
}

extension ExpressionRelation {
    /// The same with its sides exchanged.
    fileprivate var mirrored: ExpressionRelation {
        switch self {
        case .equal, .unequal: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}
