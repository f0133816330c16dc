// Holding what a walk may come to against records as they are come by: what each collection has is
// looked up once.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Which records, by the numbers of their collections: all of one, or those that pass a filter.
struct CheckedNodes: Sendable {
    fileprivate let filters: [UInt16: Filter?]
    /// Whether those of all other collections are among them.
    fileprivate let hasOthers: Bool

    fileprivate init(_ filters: [UInt16: Filter?]) {
        self.filters = filters
        hasOthers = false
    }

    /// Those for which a filter of their collection holds, where it has one.
    init(true filters: [UInt16: Filter]) {
        self.filters = filters.mapValues { .some($0) }
        hasOthers = true
    }
}

extension Catalog {
    /// Looks up what a walk may come to; nil where that is anything.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badFilter`; `.badRequest` of an empty
    ///   list, of a collection that is named twice, and of what is not known of earlier instants.
    func nodes(
        _ choices: [NodeChoice]?,
        _ member: String,
        isPast: Bool
    ) throws(MnemeError) -> CheckedNodes? {
        guard let choices else { return nil }
        guard !choices.isEmpty else {
            throw MnemeError(
                .badRequest,
                "\"\(member)\" names no collection; give one, or leave it out for all"
            )
        }
        var filters: [UInt16: Filter?] = [:]
        for choice in choices {
            let entry = try collection(choice.collection)
            guard filters[entry.number] == nil else {
                throw MnemeError(
                    .badRequest,
                    "\"\(member)\" names collection \"\(choice.collection)\" twice; join its "
                        + "filters with \"or\""
                )
            }
            var filter: Filter?
            if let given = choice.filter { filter = try entry.checked(given) }
            let unknown = Set(entry.vectors.map(\.name) + [PseudoField.version])
            if isPast, let name = filter?.fields.first(where: unknown.contains) {
                throw MnemeError(
                    .badRequest,
                    "\(quoted(name)) of collection \"\(choice.collection)\" is not known of "
                        + "earlier instants; leave it or \"knownAt\" out"
                )
            }
            filters[entry.number] = .some(filter)
        }
        return CheckedNodes(filters)
    }
}

/// Holds the records that steps lead to against what was chosen.
struct NodeTest {
    /// What was found out of so many records is known.
    private static let mostKnown = 1 << 16

    private let nodes: CheckedNodes
    private let state: StateReader
    private let instant: Microseconds?
    private var tests: [UInt16: RecordTest] = [:]
    private var known: [UInt64: Bool] = [:]

    init(_ nodes: CheckedNodes, _ state: StateReader, at instant: Microseconds?) {
        self.nodes = nodes
        self.state = state
        self.instant = instant
        for (number, filter) in nodes.filters {
            guard let collection = state.state.catalog.collection(number: number) else { continue }
            tests[number] = RecordTest(filter, collection, state.reader(keeps: true))
        }
    }

    /// Whether the record of a step that is seen is among them.
    mutating func passes(_ step: EdgeStep) throws(StoreError) -> Bool {
        if let found = known[step.node] { return found }
        let found: Bool
        if let entry = try state.livingEntry(step.node) {
            found = try passes(entry)
        } else if let instant, let name = try state.pastEdge(step.edge)?.name(of: step.node) {
            found = try passed(name.key, name.collection, at: instant)
        } else {
            found = false
        }
        if known.count < Self.mostKnown { known[step.node] = found }
        return found
    }

    /// Whether a record that lives is, or was, among them.
    mutating func passes(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        guard let filter = nodes.filters[entry.collection] else { return nodes.hasOthers }
        if filter == nil { return true }
        if let instant, try state.frame(entry).time > instant {
            var reader = state.reader(keeps: true)
            try reader.open(entry)
            return try passed(try reader.key(), entry.collection, at: instant)
        }
        return try tests[entry.collection]?.passes(entry) ?? false
    }

    /// Whether a record that has changed since, or is gone, was among them.
    private func passed(
        _ key: Key,
        _ number: UInt16,
        at instant: Microseconds
    ) throws(StoreError) -> Bool {
        guard let chosen = nodes.filters[number] else { return nodes.hasOthers }
        guard let filter = chosen else { return true }
        guard let collection = state.state.catalog.collection(number: number),
            let record = try state.known(key, at: instant, collection)
        else { return false }
        return FilterTest(filter).holds { name in
            name == PseudoField.key ? key.value : record[name]
        }
    }
}

/// How strong edges are, by a property; each is read once.
final class EdgeStrengths {
    private let property: String
    private let state: StateReader
    private var readers: [UInt16: EdgeReader] = [:]
    private var known: [UInt64: Double] = [:]

    init(_ property: String, _ state: StateReader) {
        self.property = property
        self.state = state
        for entry in state.state.catalog.edgeTypes {
            let scope = EdgeScope(entry: entry, catalog: state.state.catalog)
            readers[entry.number] = EdgeReader(state, scope)
        }
    }

    /// What the property says; the least of all where it says nothing.
    func strength(_ step: EdgeStep) throws(StoreError) -> Double {
        if let known = known[step.edge] { return known }
        let ends = EdgeEnds(edge: step.edge, from: 0, to: 0)
        let strength: Double
        switch try readers[step.type]?.properties(ends)[property] {
        case .int(let number): strength = Double(number)
        case .float(let number): strength = number.isNaN ? -.infinity : number
        default: strength = -.infinity
        }
        known[step.edge] = strength
        return strength
    }
}
