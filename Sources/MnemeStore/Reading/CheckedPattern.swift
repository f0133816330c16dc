// A pattern that was held against the schema: names are numbers of its nodes and steps, filters
// have values as the fields keep them. What does not make sense is an error, never an empty answer.

internal import MnemeGraph
internal import MnemeModel

/// A pattern whose parts are all there.
struct CheckedPattern {
    /// A record of the pattern.
    struct Node {
        let name: String
        let collection: CollectionEntry
        let keys: [Key]?
        /// What must hold, the instant of validity included.
        let filter: Filter?
        /// The one scope that it lies in; nil for everybody's.
        let owner: String?
        /// Whether it lies in two scopes that have nothing in common.
        let isNobodys: Bool

        /// The question for all records that it may be.
        var find: Find {
            Find(collection.schema.name, owner: owner, where: filter, limit: .max)
        }
    }

    /// Edges that a step follows.
    struct Edges {
        let types: [String]?
        let direction: Direction
        /// From the node that the step leads from.
        let forward: EdgeChoice
        /// From the one that it leads to.
        let backward: EdgeChoice
        /// By type; nil where every edge will do.
        let filters: [UInt16: Filter]?
        let hops: Int
    }

    /// What a step goes along.
    enum Way {
        case edges(Edges)
        case reference(ReferenceEntry)
        case equal([(from: String, to: String)])
    }

    /// A step, its nodes by their places.
    struct Step {
        let from: Int
        let to: Int
        let way: Way
        /// Its place among the steps that have a name.
        let place: Int?
    }

    let asked: Pattern
    /// By name.
    private(set) var nodes: [Node] = []
    private(set) var steps: [Step] = []
    /// The steps that have a name, in order.
    private(set) var named: [(name: String, step: Int)] = []
    /// For each node those that it must not be the same record as.
    private(set) var differs: [[Int]] = []
    /// What rows have, and what puts them in order.
    private(set) var shape = PatternShape()
    let catalog: Catalog

    /// The place of a node.
    ///
    /// - Throws: `.badRequest`.
    func node(_ name: String, _ place: String) throws(MnemeError) -> Int {
        if let found = nodes.firstIndex(where: { $0.name == name }) { return found }
        throw MnemeError(
            .badRequest,
            "\(place) names \(quoted(name)), which is no node of the pattern; its nodes are "
                + listed(nodes.map(\.name))
        )
    }

    /// Holds a pattern against a catalog.
    ///
    /// - Throws: `.badRequest`, `.unknownCollection`, `.unknownEdgeType`, `.unknownField`,
    ///   `.badFilter`, `.badOwner`, `.wrongType`.
    init(_ asked: Pattern, _ catalog: Catalog) throws(MnemeError) {
        self.asked = asked
        self.catalog = catalog
        try Self.checkBounds(asked)
        for (name, node) in asked.nodes.sorted(by: { $0.key < $1.key }) {
            try Self.check(name: name, "node")
            nodes.append(try Self.node(name, node, asked, catalog))
        }
        if asked.owner != nil, !nodes.contains(where: { $0.collection.ownerField != nil }) {
            throw MnemeError(
                .badOwner,
                "no collection of the pattern has an owner role; leave the owner out"
            )
        }
        for step in asked.steps { try add(step) }
        differs = Array(repeating: [], count: nodes.count)
        for list in asked.different {
            var places: [Int] = []
            for name in list { places.append(try node(name, "\"different\"")) }
            guard places.count > 1, Set(places).count == places.count else {
                throw MnemeError(
                    .badRequest,
                    "a list of \"different\" names two nodes or more, each once; got "
                        + listed(list)
                )
            }
            for place in places { differs[place] += places.filter { $0 != place } }
        }
        try checkConnected()
        shape = try PatternShape(of: self)
    }

    private static func checkBounds(_ asked: Pattern) throws(MnemeError) {
        guard (1...Pattern.nodeLimit).contains(asked.nodes.count),
            asked.steps.count <= Pattern.stepLimit
        else {
            throw MnemeError(
                .badRequest,
                "a pattern has 1 to \(Pattern.nodeLimit) nodes and at most \(Pattern.stepLimit) "
                    + "steps, and this one has \(asked.nodes.count) and \(asked.steps.count); ask "
                    + "in parts, with the keys that came of one in the next"
            )
        }
        guard asked.limit >= 0, asked.offset >= 0, asked.work > 0 else {
            throw MnemeError(
                .badRequest,
                "limit \(asked.limit) or offset \(asked.offset) is negative, or work "
                    + "\(asked.work) is none; give 0 or more, and work of 1 or more"
            )
        }
    }

    private static func check(name: String, _ what: String) throws(MnemeError) {
        let isPlain =
            !name.isEmpty && !PseudoField.isOne(name) && !name.utf8.contains(UInt8(ascii: "."))
        if isPlain { return }
        throw MnemeError(
            .badRequest,
            "\(quoted(name)) is no name for a \(what) of a pattern; give it one without dots that "
                + "does not start with $"
        )
    }

    private static func node(
        _ name: String,
        _ node: PatternNode,
        _ asked: Pattern,
        _ catalog: Catalog
    ) throws(MnemeError) -> Node {
        let collection = try catalog.collection(node.collection)
        var keys: [Key]?
        if let given = node.keys {
            var coerced: [Key] = []
            for key in given { coerced.append(try collection.coerced(key)) }
            keys = coerced
        }
        var filter = try collection.filter(node.filter, seeing: Sight())
        let hasValidity =
            collection.schema.roles.validFrom != nil || collection.schema.roles.validTo != nil
        if let instant = asked.asOf, hasValidity {
            filter = try collection.validity(at: instant, and: filter)
        }
        if let given = filter { filter = try collection.checked(given) }
        try collection.check(owner: node.owner)
        var owner = node.owner
        var isNobodys = false
        if let wider = asked.owner, collection.ownerField != nil {
            try collection.check(owner: wider)
            let own = owner ?? wider
            if wider == own || own.hasPrefix(wider + "/") {
                owner = own
            } else if wider.hasPrefix(own + "/") {
                owner = wider
            } else {
                isNobodys = true
            }
        }
        return Node(
            name: name,
            collection: collection,
            keys: keys,
            filter: filter,
            owner: owner,
            isNobodys: isNobodys
        )
    }

    private mutating func add(_ step: PatternStep) throws(MnemeError) {
        let from = try node(step.from, "a step")
        let to = try node(step.to, "a step")
        var place: Int?
        let way: Way
        switch step.way {
        case .edges(let types, let direction, let filter, let hops):
            guard (1...Pattern.hopLimit).contains(hops), hops == 1 || step.name == nil else {
                throw MnemeError(
                    .badRequest,
                    "the step from \(quoted(step.from)) to \(quoted(step.to)) has hops \(hops)"
                        + (step.name == nil ? "" : " and a name") + "; give it 1 to "
                        + "\(Pattern.hopLimit), and a name to a step of one hop alone"
                )
            }
            way = .edges(try catalog.edges(types, direction, filter, hops))
        case .reference(let name): way = .reference(try reference(name, from, to))
        case .equal(let pairs): way = .equal(try equal(pairs, from, to))
        }
        if let name = step.name {
            guard case .edges = way else {
                throw MnemeError(
                    .badRequest,
                    "step \(quoted(name)) has no edge that could have a name; leave \"as\" out"
                )
            }
            try Self.check(name: name, "step")
            guard !nodes.contains(where: { $0.name == name }),
                !named.contains(where: { $0.name == name })
            else {
                throw MnemeError(
                    .badRequest,
                    "the name \(quoted(name)) is given twice in the pattern; give each node and "
                        + "each step one of its own"
                )
            }
            place = named.count
            named.append((name, steps.count))
        }
        steps.append(Step(from: from, to: to, way: way, place: place))
    }

    private func reference(
        _ name: String,
        _ from: Int,
        _ to: Int
    ) throws(MnemeError) -> ReferenceEntry {
        let (collection, target) = (nodes[from].collection, nodes[to].collection)
        let known = collection.references.filter { $0.target == target.number }
        if let found = known.first(where: { $0.rule.name == name }) { return found }
        throw MnemeError(
            .badRequest,
            "collection \"\(collection.schema.name)\" has no reference \(quoted(name)) to "
                + "collection \"\(target.schema.name)\"; it has " + listed(known.map(\.rule.name))
                + ". A step leads from the record that names the other one"
        )
    }

    private func equal(
        _ pairs: [String: String],
        _ from: Int,
        _ to: Int
    ) throws(MnemeError) -> [(from: String, to: String)] {
        guard !pairs.isEmpty else {
            throw MnemeError(
                .badRequest,
                "a step with \"equal\" joins two records by one field or more; give it these"
            )
        }
        var result: [(from: String, to: String)] = []
        for (name, other) in pairs.sorted(by: { $0.key < $1.key }) {
            let left = try comparable(name, nodes[from].collection)
            let right = try comparable(other, nodes[to].collection)
            guard left == right else {
                throw MnemeError(
                    .badRequest,
                    "\(nodes[from].collection.schema.name).\(name) is \(left.named) and "
                        + "\(nodes[to].collection.schema.name).\(other) is \(right.named), which "
                        + "are never equal; join fields of the same type"
                )
            }
            result.append((name, other))
        }
        return result
    }

    /// The type of a field that is held against another one.
    private func comparable(
        _ name: String,
        _ collection: CollectionEntry
    ) throws(MnemeError) -> FieldType {
        guard name != PseudoField.version else { throw Self.incomparable(name, collection) }
        let type = try collection.filterType(of: name)
        switch type {
        case .array, .json, .vector: throw Self.incomparable(name, collection)
        case .oneOf: return .text
        default: return type
        }
    }

    private static func incomparable(_ name: String, _ collection: CollectionEntry) -> MnemeError {
        MnemeError(
            .badRequest,
            "\(collection.schema.name).\(name) joins no records; \"equal\" takes $key and fields "
                + "that are neither arrays nor json nor vectors"
        )
    }

    /// Refuses a pattern that is two: every row of one with every row of the other.
    private func checkConnected() throws(MnemeError) {
        var reached: Set<Int> = [0]
        var grows = true
        while grows {
            let before = reached.count
            for step in steps where reached.contains(step.from) || reached.contains(step.to) {
                reached.formUnion([step.from, step.to])
            }
            grows = reached.count > before
        }
        guard let lone = nodes.indices.first(where: { !reached.contains($0) }) else { return }
        throw MnemeError(
            .badRequest,
            "no steps lead from node \(quoted(nodes[0].name)) to node \(quoted(nodes[lone].name)); "
                + "join them, or ask twice"
        )
    }
}

extension Catalog {
    /// The edges of types that have names, all where they are nil, and what must hold of them.
    ///
    /// - Throws: `.unknownEdgeType`; `.unknownField`, `.badFilter` where one of the types does not
    ///   have what the filter speaks of.
    func edges(
        _ types: [String]?,
        _ direction: Direction,
        _ filter: Filter?,
        _ hops: Int
    ) throws(MnemeError) -> CheckedPattern.Edges {
        var numbers = followedTypes
        if let types {
            var found: [UInt16] = []
            for name in types {
                let number = try edgeType(name).number
                if !found.contains(number) { found.append(number) }
            }
            numbers = found
        }
        func choice(_ direction: Direction) -> EdgeChoice {
            EdgeChoice(
                types: numbers,
                goesOut: direction != .in,
                goesIn: direction != .out,
                bothWays: undirectedTypes
            )
        }
        let reversed: Direction =
            switch direction {
            case .out: .in
            case .in: .out
            case .both: .both
            }
        return CheckedPattern.Edges(
            types: types,
            direction: direction,
            forward: choice(direction),
            backward: choice(reversed),
            filters: try edgeFilters(numbers, filter),
            hops: hops
        )
    }

    /// A filter over the properties of edges as each of their types takes it; nil without one.
    ///
    /// - Throws: `.unknownField`, `.badFilter`.
    func edgeFilters(
        _ types: [UInt16]?,
        _ filter: Filter?
    ) throws(MnemeError) -> [UInt16: Filter]? {
        guard let filter else { return nil }
        var filters: [UInt16: Filter] = [:]
        for entry in edgeTypes where types?.contains(entry.number) ?? true {
            let scope = EdgeScope(entry: entry, catalog: self)
            filters[entry.number] = try scope.checked(filter, depth: 64)
        }
        return filters
    }
}
