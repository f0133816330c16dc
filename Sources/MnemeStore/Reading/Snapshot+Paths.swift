// All shortest paths between two records, or the cheapest. A record that is not visible is neither
// come to nor passed through. formats/operations.md#paths

internal import Glibc
internal import MnemeBase
internal import MnemeGraph
package import MnemeModel
internal import MnemePages

extension Snapshot {
    /// Finds paths between two records.
    ///
    /// - Throws: as `walk`; `.badPath` where an edge has a cost or a strength that is none, or the
    ///   property is no number; `.unknownField` of a property that a followed type does not have.
    package func paths(_ paths: Paths) throws(MnemeError) -> FoundPaths {
        guard paths.hops >= 0 else {
            throw MnemeError(.badRequest, "hops is \(paths.hops); give 0 or more")
        }
        guard 0...Paths.mostPaths ~= paths.limit else {
            throw MnemeError(
                .badRequest,
                "limit is \(paths.limit); give 0 to \(Paths.mostPaths)"
            )
        }
        let choice = try catalog.edgeChoice(paths.types, paths.direction)
        var rules = try rules(of: paths, choice)
        try catalog.check(paths.measure, choice.types)
        let start = try start(paths.from, rules)
        let end = try self.start(paths.to, rules)
        rules.end = end
        return try reading { [rules] state throws(StoreError) in
            let list = try state.paths(from: start, to: end, paths, choice, rules)
            var known: [UInt64: Edge] = [:]
            var found: [FoundPaths.FoundPath] = []
            for (edges, cost) in zip(list.paths, list.costs) {
                var path: [Edge] = []
                for edge in edges {
                    if known[edge] == nil { known[edge] = try state.edge(edge) }
                    if let read = known[edge] { path.append(read) }
                }
                found.append(FoundPaths.FoundPath(edges: path, cost: cost))
            }
            return FoundPaths(
                paths: found,
                isComplete: list.isComplete,
                sequence: state.sequence
            )
        }
    }
}

extension StateReader {
    /// Paths between two records that are there.
    fileprivate func paths(
        from start: UInt64,
        to end: UInt64,
        _ paths: Paths,
        _ choice: EdgeChoice,
        _ rules: StepRules
    ) throws(StoreError) -> PathList {
        let bounds = PathBounds(hops: paths.hops, limit: paths.limit, edges: Walked.pathLimit)
        let ready = ReadyChoice(choice)
        guard let costs = EdgeCosts(paths.measure, self) else {
            return try walkingLists(rules) {
                (copy, source, judge) throws(PageError) in
                try copy.shortestPaths(from: start, to: end, ready, bounds, source, judge)
            }
        }
        let list = try walkingLists(rules) {
            (copy, source, judge) throws(PageError) in
            try copy.cheapestPaths(
                from: start,
                to: end,
                ready,
                bounds,
                source,
                judge
            ) { costs.cost($0) }
        }
        if let failure = costs.failure { throw failure }
        return list
    }
}

extension Catalog {
    /// Makes sure that all edges that are followed may have what paths are measured by.
    fileprivate func check(
        _ measure: Paths.Measure,
        _ types: [UInt16]?
    ) throws(MnemeError) {
        guard let (property, _) = measure.property else { return }
        for entry in edgeTypes where types?.contains(entry.number) ?? true {
            guard let field = entry.type.fields.first(where: { $0.name == property }) else {
                throw MnemeError(
                    .unknownField,
                    "edges \"\(entry.type.name)\" have no property \(quoted(property)), which the "
                        + "paths are to be measured by; name the types to follow in \"types\""
                )
            }
            switch field.type {
            case .int, .float: continue
            default:
                throw MnemeError(
                    .badPath,
                    "property \(quoted(property)) of edges \"\(entry.type.name)\" is no number; "
                        + "measure paths by an int or a float"
                )
            }
        }
    }
}

extension Paths.Measure {
    /// The property that it looks at, and whether that is a strength; nil of the count of edges.
    fileprivate var property: (name: String, isStrength: Bool)? {
        switch self {
        case .edges: nil
        case .cost(let name): (name, false)
        case .strength(let name): (name, true)
        }
    }
}

/// What edges cost, each of which is read once.
private final class EdgeCosts {
    private let property: String
    private let isStrength: Bool
    private let state: StateReader
    private var readers: [UInt16: EdgeReader] = [:]
    private var known: [UInt64: Double?] = [:]
    /// Why nothing has a cost any more.
    private(set) var failure: StoreError?

    /// Nil where edges are counted.
    init?(_ measure: Paths.Measure, _ state: StateReader) {
        guard let (name, isStrength) = measure.property else { return nil }
        property = name
        self.isStrength = isStrength
        self.state = state
        for entry in state.state.catalog.edgeTypes {
            let scope = EdgeScope(entry: entry, catalog: state.state.catalog)
            readers[entry.number] = EdgeReader(state, scope)
        }
    }

    /// Nil where the edge has none, and is not followed.
    func cost(_ step: EdgeStep) -> Double? {
        if failure != nil { return nil }
        if let known = known[step.edge] { return known }
        do throws(StoreError) {
            let cost = try read(step)
            known[step.edge] = .some(cost)
            return cost
        } catch {
            failure = error
            return nil
        }
    }

    private func read(_ step: EdgeStep) throws(StoreError) -> Double? {
        let ends = EdgeEnds(edge: step.edge, from: 0, to: 0)
        let properties = try readers[step.type]?.properties(ends)
        let value: Double
        switch properties?[property] {
        case .int(let number): value = Double(number)
        case .float(let number): value = number
        default: return nil
        }
        if isStrength {
            guard 0...1 ~= value else { throw bad(step, value, "strength", "0 to 1") }
            return value == 0 ? nil : -log(value)
        }
        guard value >= 0, value.isFinite else {
            throw bad(step, value, "cost", "0 or more")
        }
        return value
    }

    private func bad(
        _ step: EdgeStep,
        _ value: Double,
        _ what: String,
        _ wanted: String
    ) -> StoreError {
        .refused(
            MnemeError(
                .badPath,
                "edge \(step.edge) has \(value) as its \(quoted(property)), which is no \(what); "
                    + "make it \(wanted), or leave such edges out with \"where\""
            )
        )
    }
}
