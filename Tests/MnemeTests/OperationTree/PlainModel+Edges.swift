// Questions about edges, of the model: which there are, where they lead, and the shortest ways.

import MnemeModel

extension PlainModel {
    func fault(ofEdges found: Found, _ find: Find) throws(Refusal) -> String? {
        let type = try edgeType(find.edges ?? "")
        let collection = Collection(type.name, fields: type.fields)
        var all: [Edge] = []
        var test: Filter?
        // What the generator asks of ends is written as objects, which compare as they are.
        if let filter = find.filter { test = try checkedEnds(filter, collection) }
        for edge in edges where edge.type == type.name {
            if let test, !Naive.holds(test, { value($0, edge) }) { continue }
            all.append(edge)
        }
        all.sort { left, right in
            for part in find.order {
                let result = Naive.order(value(part.field, left), value(part.field, right))
                if result != 0 { return (result < 0) != part.isDescending }
            }
            return left.id < right.id
        }
        let wanted = Array(all.dropFirst(find.offset).prefix(find.limit))
        return found.edges == wanted ? nil : "edges \(found.edges), wanted \(wanted)"
    }

    func checkedEnds(_ filter: Filter, _ type: Collection) throws(Refusal) -> Filter {
        if case .and(let parts) = filter {
            var all: [Filter] = []
            for part in parts { all.append(try checkedEnds(part, type)) }
            return .and(all)
        }
        if case .compare(let name, _) = filter, name.hasPrefix("$") { return filter }
        return try checked(filter, type)
    }

    func value(_ name: String, _ edge: Edge) -> Value {
        switch name {
        case PseudoField.id: .int(Int64(edge.id))
        case PseudoField.from: PlainModel.spelled(edge.from)
        case PseudoField.to: PlainModel.spelled(edge.to)
        default: edge.fields[name] ?? .null
        }
    }

    static func spelled(_ reference: Reference) -> Value {
        .map(["collection": .text(reference.collection), "key": reference.key.value])
    }

    /// How far every record is from the nearest start.
    func distances(
        from starts: [Reference],
        _ types: [String]?,
        _ direction: Direction,
        hops: Int,
        seeing sight: Sight
    ) throws(Refusal) -> [Reference: Int] {
        if sight.deleted == .only || sight.archived == .only { throw Refusal(.badRequest) }
        for name in types ?? [] { _ = try edgeType(name) }
        var distances: [Reference: Int] = [:]
        var frontier: [Reference] = []
        for start in starts {
            let reference = try reference(start)
            guard sees(reference, sight) else { throw Refusal(.notFound) }
            if distances.updateValue(0, forKey: reference) == nil { frontier.append(reference) }
        }
        var hop = 0
        while hop < hops, !frontier.isEmpty {
            hop += 1
            var next: [Reference] = []
            for node in frontier {
                for edge in edges where types?.contains(edge.type) ?? true {
                    guard let other = neighbour(node, edge, direction), sees(other, sight) else {
                        continue
                    }
                    if distances[other] == nil {
                        distances[other] = hop
                        next.append(other)
                    }
                }
            }
            frontier = next
        }
        return distances
    }

    /// Where an edge leads from a record; nil where it does not.
    private func neighbour(
        _ node: Reference,
        _ edge: Edge,
        _ direction: Direction
    ) -> Reference? {
        let isBoth =
            direction == .both
            || schema.edgeTypes.first { $0.name == edge.type }?.isUndirected ?? false
        if edge.from == node, isBoth || direction == .out { return edge.to }
        if edge.to == node, isBoth || direction == .in { return edge.from }
        return nil
    }

    /// Whether edges lead from one of these records to the other.
    func leads(
        _ path: [Edge],
        from starts: Set<Reference>,
        to end: Reference,
        _ direction: Direction,
        seeing sight: Sight
    ) -> Bool {
        guard !path.contains(where: { !edges.contains($0) }) else { return false }
        var places = starts
        for edge in path {
            places = Set(places.compactMap { neighbour($0, edge, direction) })
            places = places.filter { sees($0, sight) }
        }
        return places.contains(end)
    }

    func fault(of walked: Walked, _ walk: Walk) throws(Refusal) -> String? {
        let all = try distances(
            from: walk.from,
            walk.types,
            walk.direction,
            hops: walk.hops,
            seeing: walk.sight
        )
        let reached = all.filter { $0.value > 0 }
        let count = min(walk.limit, reached.count)
        guard walked.count == count else { return "\(walked.count) reached, wanted \(count)" }
        if walk.limit > reached.count, !walked.isComplete { return "not complete" }
        if walk.limit < reached.count, walked.isComplete { return "complete" }
        if walk.isCountOnly { return walked.stops.isEmpty ? nil : "stops of a count" }
        let starts = Set(walk.from)
        let nearest = reached.values.sorted().prefix(count)
        guard walked.stops.map(\.path.count) == Array(nearest) else { return "not the nearest" }
        guard Set(walked.stops.map(\.reference)).count == count else { return "a stop twice" }
        for stop in walked.stops {
            guard reached[stop.reference] == stop.path.count,
                leads(
                    stop.path,
                    from: starts,
                    to: stop.reference,
                    walk.direction,
                    seeing: walk.sight
                )
            else { return "stop \(stop)" }
        }
        return nil
    }

    func fault(ofPath edges: [Edge]?, _ path: Path) throws(Refusal) -> String? {
        let (from, to) = (try reference(path.from), try reference(path.to))
        let all = try distances(
            from: [from],
            path.types,
            path.direction,
            hops: path.hops,
            seeing: path.sight
        )
        guard sees(to, path.sight) else { throw Refusal(.notFound) }
        guard all[to] == edges?.count else { return "path \(edges ?? []), wanted \(all[to] ?? -1)" }
        guard let edges else { return nil }
        let leads = leads(edges, from: [from], to: to, path.direction, seeing: path.sight)
        return leads ? nil : "no path"
    }
}
