// Answering `find` over the edges of a type: the filter is held against each edge that the way
// leads to, and those that pass are put in order.

package import MnemeModel

extension Snapshot {
    /// Answers a question over the edges of a type.
    ///
    /// - Throws: `.unknownEdgeType`, `.unknownField`, `.badFilter`, `.badRequest`,
    ///   `.badExpression`, `.badCursor`; `.corrupt`, `.disk` when something cannot be read.
    func edges(_ asked: Find) throws(MnemeError) -> Found {
        let scope = try edgeScope(asked.edges ?? "")
        let find = try checked(asked, scope)
        return try reading { state throws(StoreError) in
            if let searched = scope.entry.searched {
                if let near = find.near {
                    return try state.nearestEdges(near, find, scope, searched)
                }
                if let match = find.match {
                    return try state.matchingEdges(match, find, scope, searched)
                }
            }
            return try state.edges(find, scope)
        }
    }

    /// Whether an index finds the edges of a type by a property.
    package func readiness(
        of type: EdgeTypeEntry,
        by property: String
    ) throws(MnemeError) -> IndexReadiness {
        let leading = (type.indexed?.indexes ?? []).filter { entry in
            entry.isPlain && entry.index.fields.first?.name == property
        }
        if leading.isEmpty { return .missing }
        return try reading { state throws(StoreError) in
            let building = state.state.roots.building
            return leading.contains { building[$0.number] == nil } ? .ready : .building
        }
    }

    /// The edges of a type as questions see them.
    ///
    /// - Throws: `.unknownEdgeType`.
    func edgeScope(_ type: String) throws(MnemeError) -> EdgeScope {
        EdgeScope(entry: try catalog.edgeType(type), catalog: catalog)
    }

    private func checked(_ find: Find, _ scope: EdgeScope) throws(MnemeError) -> Find {
        try scope.check(find)
        guard find.budget == nil else {
            throw MnemeError(
                .badRequest,
                "a question over edges has no \"budget\"; leave it out, or ask for records"
            )
        }
        guard find.knownAt == nil, find.asOf == nil else {
            throw MnemeError(
                .badRequest,
                "a question over edges has no \"knownAt\" and no \"asOf\"; leave it out and filter "
                    + "by the properties that say when an edge is valid, or ask walk, path or "
                    + "paths, which have both"
            )
        }
        try EdgeScope.refuse(find.sight)
        var checked = find
        if let filter = find.filter { checked.filter = try scope.checked(filter, depth: 64) }
        for order in find.order { try scope.check(order: order.field) }
        // No two edges have one number.
        if let place = find.order.firstIndex(where: { $0.field == PseudoField.id }) {
            checked.order = Array(find.order[...place])
        }
        try find.select?.check("select", scope.entry.type.fields) { (name) throws(MnemeError) in
            try scope.check(name)
        }
        try find.checkBounds()
        return checked
    }
}

extension StateReader {
    /// Answers a question over edges that was checked.
    fileprivate func edges(_ find: Find, _ scope: EdgeScope) throws(StoreError) -> Found {
        var behind: RowPlace?
        do throws(MnemeError) {
            if let cursor = try FindCursor(of: find) {
                guard case .row(let values, let key) = cursor.place else {
                    throw FindCursor.outdated
                }
                behind = RowPlace(values: values, key: key)
            }
        } catch {
            throw .refused(error)
        }
        // One more tells that there are more.
        let most = behind == nil && find.reach < .max ? find.reach + 1 : .max
        let way = try way(to: find.filter, order: find.order, most: most, scope)
        let (ends, visited) = try edges(way, scope)
        var reader = EdgeReader(self, scope, keeps: true)
        let test = find.filter.map(FilterTest.init)
        let names = (find.filter?.fields ?? []).union(find.order.map(\.field))
        var matches: [(ends: EdgeEnds, place: RowPlace)] = []
        var wanted = WantedCheck()
        for (passed, ends) in ends.enumerated() {
            try wanted.passed(passed, self)
            let values = try reader.values(names, of: ends)
            if let test, !test.holds({ values[$0] ?? .null }) { continue }
            let place = RowPlace(
                values: find.order.map { values[$0.field] ?? .null },
                key: .int(Int64(clamping: ends.edge))
            )
            if let behind, !behind.isOrdered(before: place, find.order) { continue }
            matches.append((ends, place))
        }
        matches.sort { $0.place.isOrdered(before: $1.place, find.order) }
        let page = matches.dropFirst(find.offset).prefix(find.limit)
        var edges: [Edge] = []
        for match in page { edges.append(try reader.edge(match.ends, find.select)) }
        let count = visited == 1 ? "1 entry" : "\(visited) entries"
        var found = Found(
            rows: [],
            edges: edges,
            isExact: true,
            sequence: sequence,
            plan: "\(way.name); \(count) visited"
        )
        if matches.count > find.reach, let place = page.last?.place {
            found.next = cursor(find, .row(place.values, place.key))
        }
        if find.isExplained {
            var explanation = try explanation(of: way, find.filter, order: find.order, scope)
            explanation.entries = visited
            explanation.read = reader.openedCount
            explanation.matched = matches.count
            found.explanation = explanation
        }
        return found
    }
}

extension EdgeReader {
    /// An edge as a row of an answer.
    mutating func edge(
        _ ends: EdgeEnds,
        _ select: [Projection]?
    ) throws(StoreError) -> Edge {
        let (from, to) = (try reference(ends.from), try reference(ends.to))
        var fields: [String: Value] = [:]
        if let select {
            let names = select.reduce(into: Set<String>()) { $0.formUnion($1.fields) }
            let read = try values(names, of: ends)
            fields = select.fields(of: read) { read[$0] ?? .null }
        } else {
            fields = try properties(ends)
        }
        return Edge(id: ends.edge, type: scope.entry.type.name, from: from, to: to, fields: fields)
    }
}
