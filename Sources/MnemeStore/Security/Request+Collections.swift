// The collections that a request names, wherever in it: whether there is one of such a name is
// told to those alone who reach it, so that all of them are held against a permit before anything
// is looked up. Those of which an answer would tell besides are held against it where they are
// read.

internal import MnemeModel

extension Request {
    /// The names of the collections that it names itself; some may come twice.
    ///
    /// - Complexity: O(what it names).
    var namedCollections: [String] {
        switch self {
        case .once(_, let request), .inside(_, let request): request.namedCollections
        case .usage(let question): question.names
        default: auditSubjects.compactMap(\.collection) + collectionsOnTheWay
        }
    }

    /// Those of ends of edges, and of records that a walk passes through.
    private var collectionsOnTheWay: [String] {
        switch self {
        case .commit(let changes, _), .signed(_, let changes, _):
            changes.flatMap(\.endCollections)
        case .relate(let links): links.flatMap(\.endCollections)
        case .endSession(_, _, let closing):
            Request.commit(closing.changes, .synced).namedCollections
        case .walk(let walk): walk.collectionsOnTheWay
        case .path(let path): path.collectionsOnTheWay
        case .paths(let paths): paths.collectionsOnTheWay
        case .find(let find) where find.edges != nil: find.filter?.endCollections() ?? []
        case .count(let count) where count.edges != nil: count.filter?.endCollections() ?? []
        case .pattern(let pattern): pattern.filters.flatMap { $0.endCollections() }
        default: []
        }
    }
}

extension GraphQuestion {
    fileprivate var collectionsOnTheWay: [String] {
        ((through ?? []) + (only ?? [])).map(\.collection) + (filter?.endCollections() ?? [])
    }
}

extension Change {
    fileprivate var endCollections: [String] {
        if case .link(let link) = self { link.endCollections } else { [] }
    }
}

extension Link {
    fileprivate var endCollections: [String] { [from.collection, to.collection] }
}

extension Filter {
    /// Those of the references that ends of edges are compared with; what lies deeper than a filter
    /// may is refused later.
    fileprivate func endCollections(depth: Int = 64) -> [String] {
        if depth == 0 { return [] }
        switch self {
        case .and(let parts), .or(let parts):
            return parts.flatMap { $0.endCollections(depth: depth - 1) }
        case .not(let part): return part.endCollections(depth: depth - 1)
        case .compare(let name, let comparison):
            guard EdgeScope.isEnd(name) else { return [] }
            return comparison.named.compactMap { try? Reference(spelling: $0).collection }
        }
    }
}

extension Comparison {
    /// The values that are said to be equal, or not.
    fileprivate var named: [Value] {
        switch self {
        case .eq(let value), .ne(let value): [value]
        case .isIn(let values), .notIn(let values): values
        default: []
        }
    }
}
