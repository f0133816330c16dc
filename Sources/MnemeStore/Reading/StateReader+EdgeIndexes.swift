// Edges of a type by its indexes: the way is chosen as for records of a collection, `$from` and
// `$to` being the numbers of what an edge joins. Where no index serves, the caller has to go
// through them all. Format: formats/store.md#keys.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Snapshot {
    /// The edges of a type for which a filter holds, in an order, by the index that serves best;
    /// nil where none does.
    ///
    /// The filter and the order name properties, `$from` and `$to`; those two are compared by `eq`
    /// and `in` alone, with references as texts.
    /// - Throws: `.unknownEdgeType`, `.unknownField`, `.badFilter`; what reading throws.
    /// - Complexity: O(entries of the index that are gone through).
    package func edges(
        ofType name: String,
        where filter: Filter?,
        order: [Order] = [],
        limit: Int = 1000
    ) throws(MnemeError) -> (edges: [Edge], plan: String)? {
        let type = try catalog.edgeType(name)
        guard let indexed = type.indexed else { return nil }
        var find = Find(name, where: nil, order: order, limit: limit)
        if let filter {
            let numbered = try numbered(filter)
            find.filter = try indexed.checked(numbered)
        }
        for order in order { try indexed.checkOrder(order.field) }
        let asked = find
        return try reading { state throws(StoreError) in
            try state.edges(of: type, indexed, asked)
        }
    }

    /// The filter with the numbers of records in the place of their references.
    private func numbered(_ filter: Filter) throws(MnemeError) -> Filter {
        switch filter {
        case .compare(let field, let comparison):
            guard [EdgeType.ends.from, EdgeType.ends.to].contains(field) else { return filter }
            switch comparison {
            case .eq(let value): return .compare(field: field, .eq(try number(value, field)))
            case .isIn(let values):
                var numbers: [Value] = []
                for value in values { numbers.append(try number(value, field)) }
                return .compare(field: field, .isIn(numbers))
            default:
                throw MnemeError(
                    .badFilter,
                    "\"\(field)\" of an edge is compared by \"eq\" and \"in\" alone; give "
                        + "references, such as \"notes/a\""
                )
            }
        case .and(let parts): return .and(try numbered(parts))
        case .or(let parts): return .or(try numbered(parts))
        case .not(let part): return .not(try numbered(part))
        }
    }

    private func numbered(_ parts: [Filter]) throws(MnemeError) -> [Filter] {
        var numbered: [Filter] = []
        for part in parts { numbered.append(try self.numbered(part)) }
        return numbered
    }

    /// The number of the record that a reference names; 0, which no record has, where it is not
    /// there.
    private func number(_ value: Value, _ field: String) throws(MnemeError) -> Value {
        let reference = try Reference(spelling: value)
        return .int(Int64(clamping: try ordinal(reference) ?? 0))
    }
}

extension StateReader {
    /// The edges that a question asks for, whose values were checked; nil where no index serves.
    func edges(
        of type: EdgeTypeEntry,
        _ indexed: CollectionEntry,
        _ find: Find
    ) throws(StoreError) -> (edges: [Edge], plan: String)? {
        let plan = try plan(find, indexed, nil)
        guard plan.usesIndex else { return nil }
        var found: [(edge: Edge, values: [Value])] = []
        var walk = try PlanWalk(plan, self)
        while !plan.isOrdered || found.count < find.reach, let ordinal = try walk.next() {
            guard let entry = try visibleEntry(ordinal) else { continue }
            let frame = try frame(entry)
            let columns = try FrameDecoder().edge(frame).columns
            guard try visibleEntry(columns.from) != nil, try visibleEntry(columns.to) != nil else {
                continue
            }
            let fields = try FrameDecoder().indexedFields(frame, type)
            func value(_ name: String) -> Value {
                let number = indexed.fieldNumbers[name]
                return fields.first { $0.number == number }?.value ?? .null
            }
            if !plan.isFiltered, let filter = find.filter, !filter.holds(value) { continue }
            found.append((try edge(ordinal), find.order.map { value($0.field) }))
        }
        if !plan.isOrdered, !find.order.isEmpty {
            found.sort { left, right in
                for (place, order) in find.order.enumerated() {
                    let result = Value.compare(left.values[place], right.values[place])
                    if result != 0 { return (result < 0) != order.isDescending }
                }
                return left.edge.id < right.edge.id
            }
        }
        return (found.prefix(find.reach).map(\.edge), plan.summary)
    }
}
