// What a filter says of the parts of indexes: the comparisons that must all hold, and what each
// allows.

internal import MnemeModel

/// A comparison that must hold.
struct FilterTerm {
    let path: FieldPath
    let comparison: Comparison
    /// Whether it speaks of members of one element among others (`some`), where more than it has to
    /// hold.
    let isInside: Bool
}

/// The comparisons of a filter that must all hold.
struct FilterBounds {
    private(set) var terms: [FilterTerm] = []
    /// The place of the term that says whose the records are.
    private(set) var ownerTerm: Int?
    /// What must all hold, with the place of the term that it is, if it is one.
    private var parts: [(filter: Filter, term: Int?)] = []

    init(_ filter: Filter?, _ collection: CollectionEntry, ownerPath: String?) {
        if let filter { take(filter, under: nil) }
        if let ownerPath, let field = collection.ownerField {
            ownerTerm = terms.count
            terms.append(
                FilterTerm(
                    path: FieldPath(field),
                    comparison: .eq(.text(ownerPath)),
                    isInside: false
                )
            )
        }
    }

    private mutating func take(_ filter: Filter, under outer: FieldPath?) {
        switch filter {
        case .compare(let name, let comparison):
            var path = FieldPath(name)
            if var outer {
                outer.members += [path.field] + path.members
                path = outer
            }
            if outer == nil { parts.append((filter, terms.count)) }
            terms.append(FilterTerm(path: path, comparison: comparison, isInside: outer != nil))
            if case .some(let inner) = comparison { take(inner, under: path) }
        case .and(let parts):
            for part in parts { take(part, under: outer) }
        case .or, .not:
            if outer == nil { parts.append((filter, nil)) }
        }
    }

    /// The parts of the filter that are answered, or those that are not, where terms are.
    func parts(of answered: Set<Int>, areAnswered: Bool) -> [Filter] {
        parts.filter { part in
            (part.term.map { answered.contains($0) } ?? false) == areAnswered
        }.map(\.filter)
    }

    /// What is left of the filter where some of its terms are answered; nil where nothing is.
    func rest(of answered: Set<Int>) -> Filter? {
        let left = parts(of: answered, areAnswered: false)
        return left.count == 1 ? left[0] : left.isEmpty ? nil : .and(left)
    }

    /// What terms say of a part.
    struct PartSpans {
        var spans: KeySpans
        /// The places of the terms that hold for every key in the spans.
        var answered: [Int]
        /// The places of the terms that the spans are of; nil where that is part of a term.
        var terms: [Int]?
    }

    /// What the terms say of a part; nil when nothing.
    ///
    /// Of a part in which a record may have several values, one term alone: two may speak of two
    /// values. `choice` says which.
    func spans(of part: IndexPart, choice: Int = 0) -> PartSpans? {
        if part.isContaining {
            let points = leaves(of: part)
            guard choice < points.count else { return nil }
            let spans = JSONLeaves.spans(of: points[choice], part)
            return PartSpans(spans: spans, answered: [])
        }
        var found: KeySpans?
        var answered: [Int] = []
        var asked: [Int] = []
        var passed = 0
        for (place, term) in terms.enumerated() where term.path == part.path {
            guard let spans = part.spans(term.comparison) else { continue }
            if part.isSpread {
                if passed == choice {
                    return PartSpans(spans: spans, answered: [], terms: [place])
                }
                passed += 1
                continue
            }
            if spans.isExact { answered.append(place) }
            asked.append(place)
            found = found.map { $0.intersection(spans) } ?? spans
        }
        return found.map { PartSpans(spans: $0, answered: answered, terms: asked) }
    }

    /// The most leaves of a question that are looked up.
    private static let leafLimit = 16

    /// What a record must have of a part that has what json contains.
    private func leaves(of part: IndexPart) -> [UInt64] {
        var leaves = JSONLeaves()
        for term in terms
        where term.path.field == part.path.field
            && term.path.members.starts(with: part.path.members)
        {
            let names = Array(term.path.members.dropFirst(part.path.members.count))
            switch term.comparison {
            case .contains(.map(let members)): leaves.add(.map(members), below: names)
            case .eq(.null), .eq(.array), .eq(.map), .eq(.vector): break
            case .eq(let value): leaves.add(value, below: names)
            default: break
            }
        }
        return Array(leaves.hashes.sorted().prefix(Self.leafLimit))
    }

    /// How many choices there are for a part.
    func choices(of part: IndexPart) -> Int {
        guard part.isSpread else { return 1 }
        if part.isContaining { return leaves(of: part).count }
        return terms.count { $0.path == part.path && part.spans($0.comparison) != nil }
    }
}
