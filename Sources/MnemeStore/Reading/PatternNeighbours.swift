// What a step of a pattern leads to from a record: along edges, by entries of a reference, or by a
// question for records with equal fields. It is looked up once for each record, as long as not too
// much is kept.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a search found out about what leads where.
struct PatternKnowledge {
    /// By stage and record.
    fileprivate var lists: [[UInt64: [PatternNeighbour]]]
    /// How many neighbours all of them have.
    fileprivate var kept = 0
    /// By stage that holds a step against two records: of the first one what it leads to.
    fileprivate var joined: [(node: UInt64, edges: [UInt64: [UInt64]])]
    /// By step.
    fileprivate var tests: [EdgeTest?]
    /// What steps of several edges may pass through, by collection.
    fileprivate var passes: [UInt16: RecordTest] = [:]
    fileprivate let scope: OwnerScope

    /// More neighbours than these are looked up anew.
    fileprivate static let mostKept = 1 << 20

    init(_ pattern: CheckedPattern, _ plan: PatternPlan, _ state: StateReader) throws(StoreError) {
        lists = Array(repeating: [:], count: plan.stages.count)
        joined = Array(repeating: (node: .max, edges: [:]), count: plan.stages.count)
        tests = pattern.steps.map { step in
            guard case .edges(let edges) = step.way, let filters = edges.filters else { return nil }
            return EdgeTest(filters, state)
        }
        scope = try state.scope(pattern.asked.owner)
    }
}

extension PatternSearch {
    /// Where a step leads from the record of a node.
    mutating func neighbours(
        _ index: Int,
        from node: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        let record = bound[node]
        if let list = known.lists[stage][record] { return list }
        let step = pattern.steps[index]
        let isForward = step.from == node
        var list: [PatternNeighbour]
        switch step.way {
        case .edges(let edges):
            let choice = isForward ? edges.forward : edges.backward
            if edges.hops > 1 {
                list = try reached(record, choice, edges.hops, step: index, at: stage)
            } else {
                list = try adjacent(record, choice, step: index, at: stage)
                if step.place == nil { list = list.eachNodeOnce }
            }
        case .reference(let reference):
            list =
                isForward
                ? try named(by: record, reference, node, at: stage)
                : try naming(record, reference, node, step.from, at: stage)
        case .equal(let pairs):
            let fields = pairs.map { isForward ? $0 : (from: $0.to, to: $0.from) }
            list = try equal(record, fields, node, isForward ? step.to : step.from, at: stage)
        }
        if known.kept + list.count > PatternKnowledge.mostKept {
            known.lists = Array(repeating: [:], count: known.lists.count)
            known.kept = 0
        }
        known.kept += list.count + 1
        known.lists[stage][record] = list
        return list
    }

    /// The edges by which a step joins the records of two nodes; 0 where it is none.
    mutating func joining(
        _ index: Int,
        from: Int,
        to: Int,
        at stage: Int
    ) throws(StoreError) -> [UInt64] {
        let step = pattern.steps[index]
        if case .equal(let pairs) = step.way {
            let left = try values(pairs.map(\.from), of: step.from)
            let right = try values(pairs.map(\.to), of: step.to)
            let areEqual = zip(left, right).allSatisfy {
                !$0.isNull && Comparison.eq($0).holds(for: $1)
            }
            return areEqual ? [0] : []
        }
        if known.joined[stage].node != bound[from] {
            var edges: [UInt64: [UInt64]] = [:]
            for other in try neighbours(index, from: from, at: stage) {
                edges[other.node, default: []].append(other.edge)
            }
            known.joined[stage] = (bound[from], edges)
        }
        return known.joined[stage].edges[bound[to]] ?? []
    }

    /// Some fields of a node's record, `$key` among them.
    private mutating func values(_ names: [String], of node: Int) throws(StoreError) -> [Value] {
        guard let entry = try state.visibleEntry(bound[node]) else {
            throw .inconsistent("ordinal \(bound[node]) was visible and is not")
        }
        try nodes[node].test.reader.open(entry)
        let numbers = names.map { nodes[node].collection.fieldNumbers[$0] ?? 0 }
        var values = try nodes[node].test.reader.values(numbers)
        for (place, name) in names.enumerated() where name == PseudoField.key {
            values[place] = try nodes[node].test.reader.key().value
        }
        return values
    }

    // MARK: Edges

    /// The edges of a record that a step may follow, each once.
    private mutating func adjacent(
        _ record: UInt64,
        _ choice: EdgeChoice,
        step: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        var found: [(other: Neighbour, isAgainst: Bool)] = []
        var left = pattern.asked.work - work
        try onPages { () throws(PageError) in
            for side in [EdgeSide.out, .arriving] {
                for type in choice.types(on: side).map({ $0.map(Optional.init) }) ?? [nil] {
                    try state.adjacency(of: record, side, type: type) { other in
                        left -= 1
                        guard left >= -1 else { return }
                        // A loop stands on both sides.
                        let isTwice =
                            side == .arriving && other.node == record
                            && choice.follows(other.type, on: .out)
                        if !isTwice { found.append((other, side == .arriving)) }
                    }
                }
            }
        }
        guard spend(found.count, at: stage) else { return [] }
        var list: [PatternNeighbour] = []
        list.reserveCapacity(found.count)
        for (other, isAgainst) in found {
            if known.tests[step] != nil {
                let ends = EdgeEnds(
                    edge: other.edge,
                    from: isAgainst ? other.node : record,
                    to: isAgainst ? record : other.node
                )
                guard spend(1, at: stage) else { return [] }
                guard try known.tests[step]?.passes(other.type, ends) ?? false else { continue }
            }
            list.append(PatternNeighbour(node: other.node, edge: other.edge))
        }
        return list
    }

    /// The records that one edge or several, one after the other, lead to; the first one too where
    /// they lead back.
    private mutating func reached(
        _ record: UInt64,
        _ choice: EdgeChoice,
        _ hops: Int,
        step: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        var list: [PatternNeighbour] = []
        var seen: Set<UInt64> = []
        var wave = [record]
        for _ in 0..<hops {
            var next: [UInt64] = []
            for node in wave {
                for other in try adjacent(node, choice, step: step, at: stage)
                where !seen.contains(other.node) {
                    guard try isPassable(other.node) else { continue }
                    seen.insert(other.node)
                    list.append(PatternNeighbour(node: other.node, edge: 0))
                    // From the first one it went before.
                    if other.node != record { next.append(other.node) }
                }
                if isOver { return [] }
            }
            wave = next
        }
        return list
    }

    /// Whether a step of several edges may pass through a record: it is there, and of the owner and
    /// of the time that the whole pattern is about.
    private mutating func isPassable(_ node: UInt64) throws(StoreError) -> Bool {
        guard let entry = try state.visibleEntry(node), entry.flags & OrdinalFlags.edge == 0,
            try state.sees(node: entry, Sight()),
            let collection = state.state.catalog.collection(number: entry.collection)
        else { return false }
        if collection.ownerField != nil, !known.scope.contains(entry.owner) { return false }
        let roles = collection.schema.roles
        guard let instant = pattern.asked.asOf, roles.validFrom != nil || roles.validTo != nil
        else { return true }
        if known.passes[collection.number] == nil {
            let filter: Filter
            do throws(MnemeError) {
                filter = try collection.checked(try collection.validity(at: instant))
            } catch {
                throw .refused(error)
            }
            known.passes[collection.number] = RecordTest(
                filter,
                collection,
                state.reader(keeps: false)
            )
        }
        return try known.passes[collection.number]?.passes(entry) ?? false
    }

    // MARK: References

    /// The records that a node's record names.
    private mutating func named(
        by record: UInt64,
        _ reference: ReferenceEntry,
        _ node: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        let values = try values(reference.rule.fields, of: node)
        var list: [PatternNeighbour] = []
        for name in reference.names(of: values) {
            guard let holder = try state.holder(of: name, reference) else { continue }
            list.append(PatternNeighbour(node: holder, edge: 0))
        }
        _ = spend(1, at: stage)
        return list.eachNodeOnce
    }

    /// The records of another node's collection that name a node's record.
    private mutating func naming(
        _ record: UInt64,
        _ reference: ReferenceEntry,
        _ node: Int,
        _ other: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        let names = reference.rule.on.isEmpty ? [PseudoField.key] : reference.rule.on
        let values = try values(names, of: node)
        if values.contains(where: \.isNull) { return [] }
        let prefix = reference.prefix(
            RecordNames(values: values),
            collection: nodes[other].collection.number
        )
        let most = pattern.asked.work - work + 1
        var list: [PatternNeighbour] = []
        try onTree { () throws(TreeError) in
            var cursor = try state.state.tree.cursor(.prefix(prefix), in: state.view)
            while list.count < most, try cursor.next() {
                list.append(PatternNeighbour(node: try cursor.value64, edge: 0))
            }
        }
        return spend(list.count, at: stage) ? list : []
    }

    // MARK: Equal fields

    /// The records of another node whose fields equal those of a node's record.
    private mutating func equal(
        _ record: UInt64,
        _ fields: [(from: String, to: String)],
        _ node: Int,
        _ other: Int,
        at stage: Int
    ) throws(StoreError) -> [PatternNeighbour] {
        let values = try values(fields.map(\.from), of: node)
        if values.contains(where: \.isNull) { return [] }
        if case .nobody = nodes[other].scope { return [] }
        var find = nodes[other].find
        let equalities = zip(fields, values).map { Filter.eq($0.to, $1) }
        find.filter = .and(equalities + (find.filter.map { [$0] } ?? []))
        let collection = nodes[other].collection
        let plan = try state.plan(find, collection, nodes[other].ownerPath)
        var test = RecordTest(plan.held, collection, state.reader(keeps: false))
        var walk = try PlanWalk(plan, state)
        var list: [PatternNeighbour] = []
        while let ordinal = try walk.next() {
            guard spend(1, at: stage) else { return [] }
            guard let entry = try state.visibleEntry(ordinal),
                entry.collection == collection.number,
                nodes[other].scope.contains(entry.owner), try test.passes(entry)
            else { continue }
            note(ordinal, at: other, true)
            list.append(PatternNeighbour(node: ordinal, edge: 0))
        }
        return list
    }
}

extension [PatternNeighbour] {
    /// The first of each node.
    fileprivate var eachNodeOnce: [PatternNeighbour] {
        if count < 2 { return self }
        var seen: Set<UInt64> = []
        return filter { seen.insert($0.node).inserted }
    }
}

extension StateReader {
    /// Calls `body` with every edge of a record on one side.
    fileprivate func adjacency(
        of node: UInt64,
        _ side: EdgeSide,
        type: UInt16?,
        _ body: (Neighbour) -> Void
    ) throws(PageError) {
        try state.adjacency.forEach(of: node, side, type: type, in: view, body)
    }
}
