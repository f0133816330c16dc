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
        let filters = try catalog.edgeFilters(choice.types, walk.filter)
        var starts: [UInt64] = []
        for reference in walk.from {
            guard let ordinal = try ordinal(reference, walk.sight) else {
                throw notThere(reference)
            }
            starts.append(ordinal)
        }
        return try reading { state throws(StoreError) in
            try state.walk(walk, from: starts, choice, filters)
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
        _ sight: Sight = Sight()
    ) throws(MnemeError) -> [Edge]? {
        guard hops >= 0 else { throw MnemeError(.badRequest, "hops is \(hops); give 0 or more") }
        try sight.checkWalk()
        let choice = try catalog.edgeChoice(types, direction)
        let filters = try catalog.edgeFilters(choice.types, filter)
        guard let start = try ordinal(from, sight) else { throw notThere(from) }
        guard let end = try ordinal(to, sight) else { throw notThere(to) }
        return try reading { state throws(StoreError) in
            try state.path(from: start, to: end, choice, filters, hops: hops, sight)
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
        _ filters: [UInt16: Filter]?
    ) throws(StoreError) -> Walked {
        if walk.isCountOnly {
            let (count, isComplete) = try walkingLists(walk.sight, filters) {
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
            filters,
            hops: walk.hops,
            limit: min(walk.limit, Walked.pathLimit),
            walk.sight
        )
        let stops = try stops(reached)
        return Walked(
            stops: stops,
            count: stops.count,
            isComplete: isComplete && stops.count == reached.count,
            sequence: sequence
        )
    }

    /// What was reached as an answer, as far as the paths' limit allows; every edge is read once.
    private func stops(_ reached: [Reached]) throws(StoreError) -> [Walked.Stop] {
        var stops: [Walked.Stop] = []
        var edges: [Edge] = []
        var pathEdges = 0
        var wanted = WantedCheck()
        for (index, one) in reached.enumerated() {
            try wanted.passed(index, self)
            pathEdges += one.hops
            guard pathEdges <= Walked.pathLimit else { break }
            edges.append(try edge(one.edge))
            let path = Self.places(to: index, in: reached).map { edges[$0] }
            stops.append(Walked.Stop(reference: try reference(one.node), path: path))
        }
        return stops
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
        _ filters: [UInt16: Filter]?,
        hops: Int,
        _ sight: Sight
    ) throws(StoreError) -> [Edge]? {
        let edges = try walkingLists(sight, filters) { (copy, source, judge) throws(PageError) in
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
        _ filters: [UInt16: Filter]? = nil,
        hops: Int,
        limit: Int,
        _ sight: Sight = Sight()
    ) throws(StoreError) -> (reached: [Reached], isComplete: Bool) {
        try walkingLists(sight, filters) { (copy, source, judge) throws(PageError) in
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
            edges.append(try edge(reached[place].edge))
        }
        return edges
    }

    /// An edge by its ordinal.
    func edge(_ ordinal: UInt64) throws(StoreError) -> Edge {
        guard let entry = try entry(ordinal),
            let type = state.catalog.edgeType(number: entry.collection)
        else { throw .inconsistent("ordinal \(ordinal) is no edge") }
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
            edges.append(try edge(neighbour.edge))
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
