// The edges of one type, as questions over them need them: by the records that they join where the
// filter says which, else all there are. What a question does not ask for is not read.

internal import MnemeGraph
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// An edge and what it joins, by ordinals.
struct EdgeEnds {
    let edge: UInt64
    let from: UInt64
    let to: UInt64
}

/// How the edges that can be meant are come by.
///
/// Every way leads to all edges for which the filter may hold, or to as many as are wanted, and the
/// filter is held against each.
enum EdgeWay {
    /// Those that start, or end, at some records.
    case at([UInt64], EdgeSide)
    /// Those of entries of an index; where the entries come in an order, the first so many, and
    /// those that are equal to the last of them.
    case index(FindPlan, order: [Order], most: Int)
    /// Those of a unique type, of which there is a list.
    case pairs
    /// Every edge of the store is passed.
    case all

    /// The records that a part of a filter has edges start or end at; nil where it says nothing of
    /// that.
    static func ends(in part: Filter) -> (named: [Value], side: EdgeSide)? {
        guard case .compare(let name, let comparison) = part, EdgeScope.isEnd(name) else {
            return nil
        }
        let side = name == PseudoField.from ? EdgeSide.out : .arriving
        switch comparison {
        case .eq(let value): return ([value], side)
        case .isIn(let values): return (values, side)
        default: return nil
        }
    }

    /// For people.
    var name: String {
        switch self {
        case .at(let nodes, let side):
            "edges \(side == .out ? "from" : "to") \(nodes.count) records"
        case .index(let plan, _, _): plan.summary
        case .pairs: "all edges of the type"
        case .all: "all edges"
        }
    }
}

extension StateReader {
    /// The way to the edges for which a filter may hold.
    ///
    /// `most`: so many in `order` are wanted.
    func way(
        to filter: Filter?,
        order: [Order] = [],
        most: Int = .max,
        _ scope: EdgeScope
    ) throws(StoreError) -> EdgeWay {
        var best: EdgeWay?
        var least = Int.max
        for part in filter?.conjuncts ?? [] {
            guard let (named, side) = EdgeWay.ends(in: part), named.count < least else { continue }
            least = named.count
            best = .at(try nodes(named), side)
        }
        if let (plan, isAnswer) = try indexWay(filter, order: order, scope),
            best == nil || isAnswer || (plan.use?.fixed ?? 0) > 1
        {
            return .index(plan, order: order, most: isAnswer ? most : .max)
        }
        return best ?? (scope.entry.type.isUnique ? .pairs : .all)
    }

    /// The records of references that are there, each once.
    func nodes(_ references: [Value]) throws(StoreError) -> [UInt64] {
        var nodes: [UInt64] = []
        var seen: Set<UInt64> = []
        for value in references {
            let found: (collection: CollectionEntry, key: Key)
            do throws(MnemeError) {
                let reference = try Reference(spelling: value)
                let collection = try state.catalog.collection(reference.collection)
                found = (collection, try collection.coerced(reference.key))
            } catch {
                throw .refused(error)
            }
            guard let (ordinal, _) = try version(found.collection, found.key),
                seen.insert(ordinal).inserted
            else { continue }
            nodes.append(ordinal)
        }
        return nodes
    }

    /// The edges of a type that a way leads to, whose records are there.
    ///
    /// - Returns: the edges, and how many entries were passed.
    func edges(
        _ way: EdgeWay,
        _ scope: EdgeScope
    ) throws(StoreError) -> (edges: [EdgeEnds], visited: Int) {
        let type = scope.entry.number
        var edges: [EdgeEnds] = []
        var visited = 0
        switch way {
        case .at(let nodes, let side):
            try onPages { () throws(PageError) in
                for node in nodes {
                    try state.adjacency.forEach(of: node, side, type: type, in: view) { other in
                        let isOut = side == .out
                        edges.append(
                            EdgeEnds(
                                edge: other.edge,
                                from: isOut ? node : other.node,
                                to: isOut ? other.node : node
                            )
                        )
                    }
                }
            }
            visited = edges.count
        case .all:
            try onPages { () throws(PageError) in
                try state.adjacency.forEach(ofType: type, in: view) { from, other in
                    edges.append(EdgeEnds(edge: other.edge, from: from, to: other.node))
                }
            }
            visited = state.catalog.edgeTypes.reduce(0) { sum, type in
                sum + Int(clamping: state.roots.counts[type.number] ?? 0)
            }
        case .index(let plan, let order, let most):
            var walk = try PlanWalk(plan, self)
            var reader = EdgeReader(self, scope)
            var last: [Value]?
            while let ordinal = try walk.next() {
                guard try visibleEntry(ordinal) != nil else { continue }
                let columns = try edgeColumns(ordinal)
                guard try visibleEntry(columns.from) != nil, try visibleEntry(columns.to) != nil
                else { continue }
                let ends = EdgeEnds(edge: ordinal, from: columns.from, to: columns.to)
                if edges.count >= most {
                    if last == nil, let end = edges.last { last = try reader.sorted(end, order) }
                    let values = try reader.sorted(ends, order)
                    if zip(values, last ?? []).contains(where: { Value.compare($0, $1) != 0 }) {
                        break
                    }
                }
                edges.append(ends)
            }
            return (edges, walk.visited)
        case .pairs:
            edges = try pairs(type)
            visited = edges.count
        }
        guard mayHide else { return (edges, visited) }
        var there: [EdgeEnds] = []
        var wanted = WantedCheck()
        for (passed, ends) in edges.enumerated() {
            try wanted.passed(passed, self)
            guard try visibleEntry(ends.from) != nil, try visibleEntry(ends.to) != nil else {
                continue
            }
            there.append(ends)
        }
        return (there, visited)
    }

    /// The edges of a unique type by the list of what it joins.
    private func pairs(_ type: UInt16) throws(StoreError) -> [EdgeEnds] {
        let isUndirected = state.catalog.undirectedTypes.contains(type)
        var edges: [EdgeEnds] = []
        try onTree { () throws(TreeError) in
            let range = TreeRange.prefix(KeyWriter(collection: type, index: 0).bytes)
            var cursor = try state.tree.cursor(range, in: view)
            while try cursor.next() {
                var reader = KeyReader(try cursor.key, offset: 4)
                let (from, to) = (try reader.getOrdinal(), try reader.getOrdinal())
                edges.append(EdgeEnds(edge: try cursor.value64, from: from, to: to))
            }
        }
        guard isUndirected else { return edges }
        // Of these the list does not say which way they were linked.
        var turned: [EdgeEnds] = []
        turned.reserveCapacity(edges.count)
        var wanted = WantedCheck()
        for (passed, ends) in edges.enumerated() {
            try wanted.passed(passed, self)
            let columns = try edgeColumns(ends.edge)
            turned.append(EdgeEnds(edge: ends.edge, from: columns.from, to: columns.to))
        }
        return turned
    }

    /// What an edge joins.
    func ends(of edge: UInt64) throws(StoreError) -> EdgeEnds {
        let columns = try edgeColumns(edge)
        return EdgeEnds(edge: edge, from: columns.from, to: columns.to)
    }

    /// What an edge joins, or joined when it was there.
    func everKnownEnds(of edge: UInt64, ofType type: UInt16) throws(StoreError) -> EdgeEnds {
        switch try known(edge, ofType: type) {
        case .past(let past): return EdgeEnds(edge: edge, from: past.from, to: past.to)
        case .living(let entry):
            let columns = try FrameDecoder().edge(try frame(entry)).columns
            return EdgeEnds(edge: edge, from: columns.from, to: columns.to)
        }
    }

    private func edgeColumns(_ ordinal: UInt64) throws(StoreError) -> PlainColumns {
        guard let entry = try entry(ordinal) else {
            throw .inconsistent("ordinal \(ordinal) is no edge")
        }
        return try FrameDecoder().edge(try frame(entry)).columns
    }
}

/// Reads what a question asks of edges, one after the other.
struct EdgeReader {
    let state: StateReader
    let scope: EdgeScope
    /// References that were read, by ordinal.
    private var references: [UInt64: Reference] = [:]
    /// Properties that were read and are asked for again, of the first edges.
    private var known: [UInt64: [String: Value]] = [:]
    private static let mostKnown = 1024
    private let keeps: Bool
    /// How many edges' frames were read.
    private(set) var openedCount = 0

    /// `keeps`: an edge may be asked for again.
    init(_ state: StateReader, _ scope: EdgeScope, keeps: Bool = false) {
        self.keeps = keeps
        self.state = state
        self.scope = scope
    }

    /// The record of an ordinal, which an edge joins or joined.
    mutating func reference(
        _ node: UInt64,
        of edge: UInt64? = nil
    ) throws(StoreError) -> Reference {
        if let known = references[node] { return known }
        let reference: Reference
        if let edge, !state.state.catalog.pasts.isEmpty {
            reference = try state.reference(node, of: edge, ofType: scope.entry.number)
        } else {
            reference = try state.reference(node)
        }
        if references.count < 1 << 16 { references[node] = reference }
        return reference
    }

    /// The properties of an edge.
    mutating func properties(_ ends: EdgeEnds) throws(StoreError) -> [String: Value] {
        if keeps, let known = known[ends.edge] { return known }
        openedCount += 1
        let properties = try stored(ends.edge)
        if keeps, known.count < Self.mostKnown { known[ends.edge] = properties }
        return properties
    }

    /// The properties in the frame of an edge, or in the row of one that has ended, which has no
    /// vectors.
    private func stored(_ edge: UInt64) throws(StoreError) -> [String: Value] {
        switch try state.known(edge, ofType: scope.entry.number) {
        case .past(let past):
            return scope.entry.named((try? Value.decodeFields(past.properties)) ?? [])
        case .living(let entry):
            return try FrameDecoder().edge(try state.frame(entry), of: scope.entry).properties
        }
    }

    /// What an edge has under some names: properties and pseudo-fields.
    mutating func values(
        _ names: Set<String>,
        of ends: EdgeEnds
    ) throws(StoreError) -> [String: Value] {
        let asksProperties = names.contains { !PseudoField.isOne($0) }
        var values = asksProperties ? try properties(ends) : [:]
        try addPseudo(names, of: ends, to: &values)
        return values
    }

    /// The values that an edge is put in order by.
    mutating func sorted(_ ends: EdgeEnds, _ order: [Order]) throws(StoreError) -> [Value] {
        let values = try values(Set(order.map(\.field)), of: ends)
        return order.map { values[$0.field] ?? .null }
    }

    /// Adds the pseudo-fields that are among some names.
    mutating func addPseudo(
        _ names: Set<String>,
        of ends: EdgeEnds,
        to values: inout [String: Value]
    ) throws(StoreError) {
        for name in names where PseudoField.isOne(name) {
            switch name {
            case PseudoField.id: values[name] = Value.int(Int64(clamping: ends.edge))
            case PseudoField.from: values[name] = try reference(ends.from, of: ends.edge).spelling
            case PseudoField.to: values[name] = try reference(ends.to, of: ends.edge).spelling
            default: continue
            }
        }
    }
}
