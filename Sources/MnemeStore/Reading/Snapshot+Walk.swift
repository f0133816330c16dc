// Following edges. A record that is not visible is neither reached nor walked through.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages

extension Snapshot {
    /// Follows edges from some records.
    ///
    /// Where records are named, the edges of all their paths together are at most
    /// `Walked.pathLimit`; the nearest records are kept.
    ///
    /// - Throws: `.notFound` when a start is not there, `.unknownEdgeType`, `.badRequest`.
    package func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        try walk.checkBounds()
        let choice = try catalog.edgeChoice(walk.types, walk.direction)
        let rules = try rules(of: walk, choice)
        var starts: [UInt64] = []
        for reference in walk.from { starts.append(try start(reference, rules)) }
        return try reading { state throws(StoreError) in
            try state.walk(walk, from: starts, choice, rules)
        }
    }

    /// The edges of one shortest path between two records, nil when there is none.
    ///
    /// - Throws: as `walk`.
    package func path(
        from: Reference,
        to: Reference,
        types: [String]?,
        direction: Direction,
        where filter: Filter? = nil,
        hops: Int,
        _ sight: Sight = Sight(),
        knownAt: Instant? = nil
    ) throws(MnemeError) -> [Edge]? {
        var path = Path(
            from: from,
            to: to,
            types: types,
            direction: direction,
            where: filter,
            hops: hops
        )
        path.sight = sight
        path.knownAt = knownAt
        return try self.path(path)
    }

    /// The edges of one shortest path between two records, nil when there is none.
    ///
    /// - Throws: as `walk`.
    package func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        guard path.hops >= 0 else {
            throw MnemeError(.badRequest, "hops is \(path.hops); give 0 or more")
        }
        let choice = try catalog.edgeChoice(path.types, path.direction)
        var rules = try rules(of: path, choice)
        let start = try start(path.from, rules)
        let end = try self.start(path.to, rules)
        rules.end = end
        return try reading { [rules] state throws(StoreError) in
            try state.path(from: start, to: end, choice, hops: path.hops, rules)
        }
    }

    /// The edges that leave a record or arrive at it, each once, without those whose other end is
    /// not visible.
    package func edges(
        of reference: Reference,
        _ direction: Direction,
        types: [String]?
    )
        throws(MnemeError) -> [Edge]
    {
        let choice = try catalog.edgeChoice(types, direction)
        guard let node = try ordinal(reference, Sight()) else { throw notThere(reference) }
        return try reading { state throws(StoreError) in try state.edges(of: node, choice) }
    }

    /// What a question asks of steps.
    ///
    /// - Throws: as `Catalog.rules`; `.noHistory` where it asks of an earlier instant, and what was
    ///   is not kept.
    func rules(
        of question: some GraphQuestion,
        _ choice: EdgeChoice
    ) throws(MnemeError) -> StepRules {
        var rules = try catalog.rules(of: question, choice.types)
        guard let asked = question.knownAt else { return rules }
        rules.instant = try reading { state throws(StoreError) in
            try state.instant(asked, choice.types)
        }
        return rules
    }

    func notThere(_ reference: Reference) -> MnemeError {
        MnemeError(.notFound, "\(reference) is not there; check the collection and the key")
    }
}

extension StateReader {
    /// Follows edges from records that are there.
    fileprivate func walk(
        _ walk: Walk,
        from starts: [UInt64],
        _ choice: EdgeChoice,
        _ rules: StepRules
    ) throws(StoreError) -> Walked {
        if walk.isCountOnly {
            let (count, isComplete) = try walkingLists(rules) {
                (copy, source, judge) throws(PageError) in
                try copy.count(
                    from: starts,
                    ReadyChoice(choice),
                    WalkBounds(hops: walk.hops, limit: walk.limit),
                    source,
                    judge
                )
            }
            return Walked(
                stops: [],
                count: count,
                isComplete: isComplete,
                sequence: sequence
            )
        }
        // Every path has an edge at least.
        let (reached, isComplete) = try reach(
            from: starts,
            choice,
            rules,
            hops: walk.hops,
            limit: min(walk.limit, Walked.pathLimit)
        )
        let (stops, isWhole) = try stops(reached)
        return Walked(
            stops: stops,
            count: stops.count,
            isComplete: isComplete && isWhole,
            sequence: sequence
        )
    }

    /// What was reached and is told of as an answer, as far as the paths' limit allows, and whether
    /// that is all of it; every edge is read once.
    private func stops(
        _ reached: [Reached]
    ) throws(StoreError) -> (stops: [Walked.Stop], isWhole: Bool) {
        var stops: [Walked.Stop] = []
        var edges: [Int: Edge] = [:]
        var pathEdges = 0
        var wanted = WantedCheck()
        for (index, one) in reached.enumerated() where one.isTold {
            try wanted.passed(index, self)
            pathEdges += one.hops
            guard pathEdges <= Walked.pathLimit else { return (stops, false) }
            var path: [Edge] = []
            path.reserveCapacity(one.hops)
            for place in Self.places(to: index, in: reached) {
                if edges[place] == nil {
                    edges[place] = try edge(reached[place].edge, ofType: reached[place].type)
                }
                if let edge = edges[place] { path.append(edge) }
            }
            let reference = try reference(one.node, of: one.edge, ofType: one.type)
            stops.append(Walked.Stop(reference: reference, path: path))
        }
        return (stops, true)
    }

    /// The places in `reached` of the nodes on the way to one of them, itself the last.
    private static func places(to index: Int, in reached: [Reached]) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(reached[index].hops)
        var place: Int? = index
        while let current = place {
            places.append(current)
            place = reached[current].previous
        }
        places.reverse()
        return places
    }

    /// The edges of one shortest path between two records that are there.
    fileprivate func path(
        from start: UInt64,
        to end: UInt64,
        _ choice: EdgeChoice,
        hops: Int,
        _ rules: StepRules
    ) throws(StoreError) -> [Edge]? {
        let edges = try walkingLists(rules) {
            (copy, source, judge) throws(PageError) in
            try copy.shortestPath(
                from: start,
                to: end,
                ReadyChoice(choice),
                hops: hops,
                source,
                judge
            )
        }
        guard let edges else { return nil }
        var path: [Edge] = []
        for edge in edges { path.append(try self.edge(edge)) }
        return path
    }

    /// Walks by ordinals.
    func reach(
        from starts: [UInt64],
        _ choice: EdgeChoice,
        _ rules: StepRules,
        hops: Int,
        limit: Int
    ) throws(StoreError) -> (reached: [Reached], isComplete: Bool) {
        try walkingLists(rules) { (copy, source, judge) throws(PageError) in
            try copy.walk(
                from: starts,
                ReadyChoice(choice),
                WalkBounds(hops: hops, limit: limit),
                source,
                judge
            )
        }
    }

    /// The edges from a start to one of the nodes reached.
    func path(to index: Int, in reached: [Reached]) throws(StoreError) -> [Edge] {
        var edges: [Edge] = []
        for place in Self.places(to: index, in: reached) {
            edges.append(try edge(reached[place].edge, ofType: reached[place].type))
        }
        return edges
    }

    /// An edge by its ordinal, or what is kept of it.
    ///
    /// `number`: its type's; nil where nobody knows it.
    func edge(_ ordinal: UInt64, ofType number: UInt16? = nil) throws(StoreError) -> Edge {
        let entry: OrdinalEntry
        switch try known(ordinal, ofType: number) {
        case .past(let past): return try edge(past)
        case .living(let living): entry = living
        }
        guard let type = state.catalog.edgeType(number: entry.collection) else {
            throw .inconsistent("ordinal \(ordinal) is no edge")
        }
        let (columns, properties) = try FrameDecoder().edge(try frame(entry), of: type)
        return Edge(
            id: ordinal,
            type: type.type.name,
            from: try reference(columns.from),
            to: try reference(columns.to),
            fields: properties
        )
    }

    /// The edges of a record that is there.
    fileprivate func edges(
        of node: UInt64,
        _ choice: EdgeChoice
    ) throws(StoreError) -> [Edge] {
        var neighbours: [Neighbour] = []
        try onPages { () throws(PageError) in
            for side in [EdgeSide.out, .arriving] {
                for type in choice.types(on: side).map({ $0.map(Optional.init) }) ?? [nil] {
                    try state.adjacency.forEach(of: node, side, type: type, in: view) {
                        // A loop stands on both sides.
                        let isTwice =
                            side == .arriving && $0.node == node
                            && choice.follows($0.type, on: .out)
                        if !isTwice { neighbours.append($0) }
                    }
                }
            }
        }
        var edges: [Edge] = []
        for neighbour in neighbours {
            guard let entry = try visibleEntry(neighbour.node), try sees(node: entry, Sight())
            else { continue }
            edges.append(try edge(neighbour.edge, ofType: neighbour.type))
        }
        return edges
    }
}

extension EdgeTypeEntry {
    /// Properties by their names, of those that the type has.
    func named(
        _ stored: [(UInt16, Value)],
        _ vectors: [StoredVector] = []
    ) -> [String: Value] {
        var fields: [String: Value] = [:]
        func add(_ number: UInt16, _ value: Value) {
            let place = Int(number) - 1
            if type.fields.indices.contains(place) { fields[type.fields[place].name] = value }
        }
        for (number, value) in stored { add(number, value) }
        for vector in vectors { add(vector.field, .vector(vector.components)) }
        return fields
    }
}
