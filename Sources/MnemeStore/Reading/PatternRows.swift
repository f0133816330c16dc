// The rows of a pattern's answer: what each has, which of them come, and in what order.

internal import MnemeModel
internal import MnemePages

/// What rows have, and what puts them in order, looked up once.
struct PatternShape {
    /// One thing that a row has.
    enum Part {
        /// The reference of a node's record.
        case reference(Int)
        /// One of the fields that are read of a node's record.
        case field(node: Int, place: Int)
        /// The number of a step's edge.
        case edge(Int)
        /// What an edge has under a name.
        case property(Int, String)
    }

    private(set) var select: [(name: String, part: Part)] = []
    private(set) var order: [(part: Part, isDescending: Bool)] = []
    /// The fields and pseudo-fields that are read, by node.
    private(set) var fields: [[String]] = []

    /// Nothing.
    init() {}

    /// The shape of a pattern's rows.
    ///
    /// - Throws: `.badRequest`, `.unknownField`.
    init(of pattern: CheckedPattern) throws(MnemeError) {
        fields = Array(repeating: [], count: pattern.nodes.count)
        let names =
            pattern.asked.select ?? (pattern.nodes.map(\.name) + pattern.named.map(\.name))
        for name in names {
            guard !select.contains(where: { $0.name == name }) else { continue }
            select.append((name, try part(name, pattern, isOrder: false)))
        }
        for one in pattern.asked.order {
            order.append((try part(one.field, pattern, isOrder: true), one.isDescending))
        }
    }

    private mutating func part(
        _ name: String,
        _ pattern: CheckedPattern,
        isOrder: Bool
    ) throws(MnemeError) -> Part {
        let pieces = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let (owner, field) = (String(pieces[0]), pieces.count > 1 ? String(pieces[1]) : "")
        let isWhole = pieces.count == 1
        if let node = pattern.nodes.firstIndex(where: { $0.name == owner }) {
            if isWhole, !isOrder { return .reference(node) }
            let collection = pattern.nodes[node].collection
            if isWhole { throw Self.unordered(name) }
            if isOrder {
                try collection.checkOrder(field)
            } else if case .vector = try collection.filterType(of: field) {
                throw MnemeError(
                    .badRequest,
                    "\(quoted(name)) is a vector, which rows of a pattern do not have; get the "
                        + "record"
                )
            }
            if let known = fields[node].firstIndex(of: field) {
                return .field(node: node, place: known)
            }
            fields[node].append(field)
            return .field(node: node, place: fields[node].count - 1)
        }
        guard let place = pattern.named.firstIndex(where: { $0.name == owner }) else {
            throw MnemeError(
                .badRequest,
                "\(quoted(name)) begins with no node and no named step of the pattern; they are "
                    + listed(pattern.nodes.map(\.name) + pattern.named.map(\.name))
            )
        }
        if isWhole || field == PseudoField.id { return .edge(place) }
        try Self.check(field, of: pattern.steps[pattern.named[place].step], pattern, isOrder)
        return .property(place, field)
    }

    /// Refuses what no edge of a step has.
    private static func check(
        _ field: String,
        of step: CheckedPattern.Step,
        _ pattern: CheckedPattern,
        _ isOrder: Bool
    ) throws(MnemeError) {
        guard case .edges(let edges) = step.way else { return }
        var refusal: MnemeError?
        for entry in pattern.catalog.edgeTypes
        where edges.types?.contains(entry.type.name) ?? true {
            let scope = EdgeScope(entry: entry, catalog: pattern.catalog)
            do throws(MnemeError) {
                if isOrder { try scope.check(order: field) } else { try scope.check(field) }
                return
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }

    private static func unordered(_ name: String) -> MnemeError {
        MnemeError(
            .badRequest,
            "\(quoted(name)) is a record, which has no order; order by a field of it, such as "
                + "\"\(name).$key\""
        )
    }
}

/// What was read of the record that a node stands for.
struct PatternValues {
    private let names: [String]
    private let numbers: [UInt16]
    private var ordinal = UInt64.max
    private(set) var values: [Value] = []
    private(set) var reference: Reference?

    /// Of some fields and pseudo-fields of a collection.
    init(_ names: [String], _ collection: CollectionEntry) {
        self.names = names
        numbers = names.map { collection.fieldNumbers[$0] ?? 0 }
    }

    /// Reads them of a record, unless that was done.
    mutating func read(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        _ reader: inout RecordReader,
        _ state: StateReader
    ) throws(StoreError) {
        if ordinal == self.ordinal { return }
        guard let entry = try state.visibleEntry(ordinal) else {
            throw .inconsistent("ordinal \(ordinal) was visible and is not")
        }
        try reader.open(entry)
        let key = try reader.key()
        values = try reader.values(numbers)
        for (place, name) in names.enumerated() where PseudoField.isOne(name) {
            values[place] =
                name == PseudoField.key ? key.value : .int(Int64(clamping: entry.birth))
        }
        reference = Reference(collection.schema.name, key)
        self.ordinal = ordinal
    }
}

/// The rows that a search finds.
struct PatternRows {
    /// A row that waits for its place.
    private struct Row {
        let nodes: [UInt64]
        let edges: [UInt64]
        let place: [Value]
    }

    private let shape: PatternShape
    private let asked: Pattern
    /// How many were found, different ones where they are to be.
    private(set) var count = 0
    private var taken: [[String: Value]] = []
    private var waiting: [Row] = []
    /// What those that came before have, and where they wait.
    private var seen: [[Value]: Int] = [:]
    /// The edge of each named step that was read last.
    private var edge: [Int: (id: UInt64, values: [String: Value])] = [:]

    init(_ pattern: CheckedPattern) {
        shape = pattern.shape
        asked = pattern.asked
    }

    /// How many rows are wanted, those that are skipped included.
    private var reach: Int {
        let (sum, isOver) = asked.limit.addingReportingOverflow(asked.offset)
        return isOver ? .max : sum
    }

    /// Takes what nodes and steps stand for; false where no more is wanted.
    mutating func take(
        _ nodes: inout [PatternNodeState],
        _ bound: [UInt64],
        _ edges: [UInt64],
        _ state: StateReader
    ) throws(StoreError) -> Bool {
        var known: Int?
        if asked.isDistinct {
            let values = try values(shape.select.map(\.part), &nodes, bound, edges, state)
            known = seen[values]
            if known == nil { seen[values] = waiting.count }
        }
        if known == nil { count += 1 }
        if asked.isCountOnly { return true }
        guard shape.order.isEmpty else {
            let place = try values(shape.order.map(\.part), &nodes, bound, edges, state)
            let row = Row(nodes: bound, edges: edges, place: place)
            if let known {
                if isOrdered(row, before: waiting[known]) { waiting[known] = row }
            } else {
                waiting.append(row)
                prune()
            }
            return true
        }
        guard known == nil else { return true }
        if count > asked.offset {
            taken.append(try row(&nodes, bound, edges, state))
        }
        return count < reach
    }

    /// Lets go of rows that cannot be wanted any more, now and then.
    private mutating func prune() {
        guard !asked.isDistinct, reach < 1 << 20, waiting.count >= 2 * reach + 1024 else { return }
        waiting = Array(waiting.sorted { isOrdered($0, before: $1) }.prefix(reach))
    }

    /// The rows in order; `nodes` and `state` are those of the search.
    mutating func finish(
        _ nodes: inout [PatternNodeState],
        _ state: StateReader
    ) throws(StoreError) -> [[String: Value]] {
        if shape.order.isEmpty || asked.isCountOnly { return taken }
        let sorted = waiting.sorted { isOrdered($0, before: $1) }
        for row in sorted.dropFirst(asked.offset).prefix(asked.limit) {
            taken.append(try self.row(&nodes, row.nodes, row.edges, state))
        }
        return taken
    }

    /// By the order asked for; records and edges that are older first among equals.
    private func isOrdered(_ left: Row, before right: Row) -> Bool {
        for (index, part) in shape.order.enumerated() {
            let result = Value.compare(left.place[index], right.place[index])
            if result != 0 { return (result < 0) != part.isDescending }
        }
        if left.nodes != right.nodes { return left.nodes.lexicographicallyPrecedes(right.nodes) }
        return left.edges.lexicographicallyPrecedes(right.edges)
    }

    private mutating func row(
        _ nodes: inout [PatternNodeState],
        _ bound: [UInt64],
        _ edges: [UInt64],
        _ state: StateReader
    ) throws(StoreError) -> [String: Value] {
        let values = try values(shape.select.map(\.part), &nodes, bound, edges, state)
        var row = [String: Value](minimumCapacity: values.count)
        for (part, value) in zip(shape.select, values) {
            if case .null = value { continue }
            row[part.name] = value
        }
        return row
    }

    private mutating func values(
        _ parts: [PatternShape.Part],
        _ nodes: inout [PatternNodeState],
        _ bound: [UInt64],
        _ edges: [UInt64],
        _ state: StateReader
    ) throws(StoreError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(parts.count)
        for part in parts {
            switch part {
            case .reference(let node):
                try nodes[node].readValues(of: bound[node], state)
                values.append(nodes[node].values.reference?.spelling ?? .null)
            case .field(let node, let place):
                try nodes[node].readValues(of: bound[node], state)
                values.append(nodes[node].values.values[place])
            case .edge(let place): values.append(.int(Int64(clamping: edges[place])))
            case .property(let place, let name):
                values.append(try property(name, of: edges[place], place, state))
            }
        }
        return values
    }

    private mutating func property(
        _ name: String,
        of id: UInt64,
        _ place: Int,
        _ state: StateReader
    ) throws(StoreError) -> Value {
        if let known = edge[place], known.id == id, let value = known.values[name] { return value }
        var values = edge[place].flatMap { $0.id == id ? $0.values : nil } ?? [:]
        guard let entry = try state.entry(id),
            let type = state.state.catalog.edgeType(number: entry.collection)
        else { throw .inconsistent("ordinal \(id) is no edge") }
        let (columns, properties) = try FrameDecoder().edge(try state.frame(entry), of: type)
        switch name {
        case PseudoField.from: values[name] = try state.reference(columns.from).spelling
        case PseudoField.to: values[name] = try state.reference(columns.to).spelling
        default:
            for (name, value) in properties { values[name] = value }
            if values[name] == nil { values[name] = Value.null }
        }
        edge[place] = (id, values)
        return values[name] ?? .null
    }
}

extension PatternNodeState {
    /// Reads what rows have of the record that the node stands for.
    fileprivate mutating func readValues(
        of ordinal: UInt64,
        _ state: StateReader
    ) throws(StoreError) {
        try values.read(ordinal, collection, &test.reader, state)
    }
}
