// What a walk or a path asks of its steps, looked up in a catalog once: which edges it follows,
// which records it comes to, which of them it tells of, and how many edges it takes from each.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel

/// What walks and paths have in common.
protocol GraphQuestion {
    var filter: Filter? { get }
    var through: [NodeChoice]? { get }
    var only: [NodeChoice]? { get }
    var fanOut: FanOut? { get }
    var sight: Sight { get }
    var asOf: Instant? { get }
    var knownAt: Instant? { get }
}

extension GraphQuestion {
    var only: [NodeChoice]? { nil }
}

extension Walk: GraphQuestion {}
extension Path: GraphQuestion {}
extension Paths: GraphQuestion {}

/// What decides about the steps of a walk.
struct StepRules: Sendable {
    var sight = Sight()
    /// By type; nil where every edge will do.
    var filters: [UInt16: Filter]?
    /// What every record that is come to must be, the end of a path apart.
    var through: CheckedNodes?
    /// What records must be to be told of.
    var only: CheckedNodes?
    /// What was true at an instant, of the collections that say so.
    var truth: CheckedNodes?
    var fanOut: FanOut?
    /// The earlier instant that is asked of; nil of what is there.
    var instant: Microseconds?
    /// The end of a path, which need not be among `through`.
    var end: UInt64?

    /// Whether nothing is asked of a step but that what it leads to is seen.
    var isPlain: Bool {
        filters == nil && through == nil && only == nil && truth == nil && fanOut == nil
    }
}

extension Catalog {
    /// Looks up what a question asks of steps along edges of some types, all when nil.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badFilter`; `.badRequest` of a choice of
    ///   records that is none, of a fan-out of less than one edge, or of an instant where types
    ///   that are named, or all types, have no times of validity.
    func rules(
        of question: some GraphQuestion,
        _ types: [UInt16]?
    ) throws(MnemeError) -> StepRules {
        try question.sight.checkWalk()
        let isPast = question.knownAt != nil
        var rules = StepRules()
        rules.sight = question.sight
        rules.through = try nodes(question.through, "through", isPast: isPast)
        rules.only = try nodes(question.only, "only", isPast: isPast)
        rules.fanOut = question.fanOut
        rules.filters = try edgeFilters(types, question.filter)
        if let asOf = question.asOf { try askTruth(at: asOf, &rules, types) }
        guard let fanOut = question.fanOut else { return rules }
        guard fanOut.count >= 1 else {
            throw MnemeError(
                .badRequest,
                "fanOut.count is \(fanOut.count); give 1 or more, or leave \"fanOut\" out for all "
                    + "edges"
            )
        }
        if let property = fanOut.strongest {
            try expectNumber(property, of: followed(types), .badRequest, "fanOut.strongest names")
        }
        return rules
    }

    /// Asks that edges and records were true at an instant, records where they have times.
    ///
    /// A type that is named has to have times, as its edges would be followed as they are now;
    /// where no types are named, those that have times are followed.
    private func askTruth(
        at instant: Instant,
        _ rules: inout StepRules,
        _ types: [UInt16]?
    ) throws(MnemeError) {
        var filters: [UInt16: Filter] = [:]
        for entry in visibleCollections where entry.schema.roles.hasValidity {
            filters[entry.number] = try entry.checked(try entry.validity(at: instant))
        }
        if !filters.isEmpty { rules.truth = CheckedNodes(true: filters) }
        let followed = followed(types)
        try expectTimes(of: followed, areNamed: types != nil)
        var edges = rules.filters ?? [:]
        for entry in followed {
            guard let validity = entry.type.validity(at: instant) else {
                edges[entry.number] = .or([])
                continue
            }
            var parts: [Filter] = []
            if let given = edges[entry.number] { parts.append(given) }
            let scope = EdgeScope(entry: entry, catalog: self)
            parts.append(try scope.checked(validity, depth: 64))
            edges[entry.number] = .and(parts)
        }
        rules.filters = edges
    }

    /// Expects times of validity of each type that is named, else of one of all.
    ///
    /// - Throws: `.badRequest`, which says which have none.
    private func expectTimes(
        of followed: [EdgeTypeEntry],
        areNamed: Bool
    ) throws(MnemeError) {
        let what = "by which it is known what was true when"
        let how = "define validFrom or validTo of the type, each a property that is an instant"
        guard areNamed else {
            if followed.contains(where: \.type.hasValidity) { return }
            throw MnemeError(
                .badRequest,
                "no edge type has validFrom or validTo, \(what); \(how), or leave \"asOf\" out"
            )
        }
        let timeless = followed.filter { !$0.type.hasValidity }.map { quoted($0.type.name) }
        if timeless.isEmpty { return }
        throw MnemeError(
            .badRequest,
            "edges of \(timeless.joined(separator: ", ")) have no validFrom or validTo, \(what); "
                + "\(how), name other \"types\", or leave \"asOf\" out"
        )
    }
}
