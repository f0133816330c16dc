// `mneme-bench graph`: walks, shortest paths and incoming edges.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeModel
internal import Synchronization

/// The command.
enum GraphCommand {
    private static let nodes = Parameter<String?>(
        option: "nodes",
        .text("F"),
        "nodes: .csv with id (0, 1, …) and any other columns"
    )
    private static let edges = Parameter<String?>(
        option: "edges",
        .text("F"),
        "edges: .csv with src, dst and type"
    )
    private static let work = Parameter<String?>(
        option: "work",
        .text("F"),
        "questions: .json with starts, pairs and typed"
    )
    private static let pathType = Parameter<String>(
        option: "path-type",
        .text("TYPE"),
        "the type of edge that paths run along",
        default: "hypernym"
    )
    private static let isChecked = Parameter<Bool>(
        flag: "check",
        "holds every answer against a search over plain arrays"
    )
    private static let asksPast = Parameter<Bool>(
        flag: "past",
        "keeps a history of the edges, closes a tenth of them, and asks the same of what is left "
            + "(left.hop1 …) and of the instant before (past.hop1 …)"
    )
    private static let batch = Parameter<Int>(
        option: "batch",
        .int(in: 1...100_000),
        "nodes or edges a commit",
        default: 5000
    )

    /// The declaration.
    static let command = Command(
        "graph",
        "Measures walks along edges, shortest paths and incoming edges of a type",
        details: [
            "hop1 to hop3: distinct nodes within so many outgoing edges, the start not "
                + "counted. shortestPath: its length along edges of --path-type in both "
                + "directions, -1 where there is none. typedIn: sources of edges of a type into "
                + "a node. sum is the total of the answers."
        ],
        parameters: [
            nodes.declaration, edges.declaration, work.declaration, pathType.declaration,
            isChecked.declaration, asksPast.declaration, batch.declaration,
        ] + BenchmarkStore.declarations,
        examples: [
            "graph --nodes nodes.csv --edges edges.csv --work work.json --check",
            "graph --nodes nodes.csv --edges edges.csv --work work.json --check --past",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let made = invocation[BenchmarkStore.smoke] ? try MadeData(place.scratch).graph() : nil
        let nodes = try readNodes(invocation.file(nodes, "nodes", or: made?.nodes))
        let edges = try readEdges(
            invocation.file(edges, "edges", or: made?.edges),
            nodeCount: nodes.rows.count
        )
        let work = try GraphWork(
            invocation.file(work, "work", or: made?.work),
            nodeCount: nodes.rows.count
        )

        let report = Report("graph", json: invocation[Program.json])
        var memory = try place.open(MemoryOptions.withoutEmbedder)
        let asksPast = invocation[asksPast]
        let (numbers, seconds) = try load(
            memory,
            nodes,
            edges,
            keepsPast: asksPast,
            batch: invocation[batch],
            durability: place.durability
        )
        // A clean close gives back the zeros that were written ahead for the log.
        try memory.close()
        let diskBytes = place.byteCount
        memory = try place.open(MemoryOptions.withoutEmbedder)
        report.add([
            ("event", .word("load")), ("seconds", .seconds(seconds)),
            ("diskBytes", .count(diskBytes)), ("nodes", .count(nodes.rows.count)),
            ("edges", .count(edges.count)),
        ])
        let graph =
            invocation[isChecked] || made != nil ? plain(nodes.rows.count, edges) : nil
        let passes = Passes(count: invocation[BenchmarkStore.passes])
        let pathType = invocation[pathType]
        for task in try tasks(memory, work, graph, pathType: pathType) {
            report.add(try measure(task, passes))
        }
        if asksPast {
            let past = try close(numbers, memory, durability: place.durability)
            let left = edges.indices.filter { !isClosed($0) }.map { edges[$0] }
            let rest = graph.map { _ in plain(nodes.rows.count, left) }
            let now = try tasks(memory, work, rest, pathType: pathType, named: "left.")
            let then = try tasks(
                memory,
                work,
                graph,
                pathType: pathType,
                at: past,
                named: "past."
            )
            for task in zip(now, then).flatMap({ [$0, $1] }) {
                report.add(try measure(task, passes))
            }
        }
        report.finish()
        try memory.close()
    }

    /// One kind of question.
    private struct Task: Sendable {
        let name: String
        let count: Int
        let ask: @Sendable (Int) throws -> Int
        /// The right answer, nil where it is not to be checked.
        let check: (@Sendable (Int) -> Int)?
    }

    /// The five kinds of questions, of what is there or was at an instant.
    private static func tasks(
        _ memory: Memory,
        _ work: GraphWork,
        _ graph: PlainGraph?,
        pathType: String,
        at instant: Instant? = nil,
        named prefix: String = ""
    ) throws -> [Task] {
        let hops = try (1...3).map { hops in
            var walk = Walk(from: [], hops: hops, limit: .max, countOnly: true)
            walk.knownAt = instant
            let steps = try memory.prepare(walk, from: "nodes")
            return Task(name: "hop\(hops)", count: work.starts.count) { question in
                try memory.count(steps, from: .int(Int64(work.starts[question]))) ?? -1
            } check: {
                graph?.countWithin(hops: hops, of: work.starts[$0]) ?? 0
            }
        }
        let paths = Task(name: "shortestPath", count: work.pairs.count) { question in
            let (from, to) = work.pairs[question]
            var path = Path(
                from: node(from),
                to: node(to),
                types: [pathType],
                direction: .both,
                hops: 1_000_000
            )
            path.knownAt = instant
            return try memory.path(path)?.count ?? -1
        } check: {
            graph?.distance(from: work.pairs[$0].from, to: work.pairs[$0].to, type: pathType) ?? 0
        }
        var into: [String: PreparedSteps] = [:]
        for type in Set(work.typed.map(\.type)) {
            var walk = Walk(from: [], types: [type], direction: .in, hops: 1, limit: .max)
            walk.knownAt = instant
            into[type] = try memory.prepare(walk, from: "nodes")
        }
        let typed = Task(name: "typedIn", count: work.typed.count) { [into] question in
            let (node, type) = work.typed[question]
            guard let steps = into[type] else { return -1 }
            return try memory.count(steps, from: .int(Int64(node))) ?? -1
        } check: {
            graph?.countInto(work.typed[$0].node, type: work.typed[$0].type) ?? 0
        }
        let all = hops + [paths, typed]
        return all.map { task in
            Task(
                name: prefix + task.name,
                count: task.count,
                ask: task.ask,
                check: graph == nil ? nil : task.check
            )
        }
    }

    private static func measure(_ task: Task, _ passes: Passes) throws -> [(String, Figure)] {
        var sum = 0
        for question in 0..<task.count {
            let answer = try task.ask(question)
            sum += answer
            if let right = task.check?(question), right != answer {
                throw Failure(
                    "\(task.name), question \(question): the store says \(answer), a plain search "
                        + "\(right)."
                )
            }
        }
        let figures = try passes.measure(questions: task.count) { _ = try task.ask($0) }
        var line: [(String, Figure)] =
            [("event", .word(task.name))] + figures.named + [("sum", .count(sum))]
        if task.check != nil { line.append(("checked", .flag(true))) }
        return line
    }

    // MARK: Loading

    /// Rows of the nodes' table.
    private struct Nodes {
        /// The columns but for the id.
        let columns: [String]
        /// The fields of each node but for the id.
        var rows: [[String]]
    }

    private struct GraphEdge {
        let from: Int
        let to: Int
        let type: String
    }

    /// Whether an edge is among the tenth that is closed.
    private static func isClosed(_ edge: Int) -> Bool { edge % 10 == 3 }

    /// Closes a tenth of the edges; returns an instant before.
    private static func close(
        _ numbers: [UInt64],
        _ memory: Memory,
        durability: Durability
    ) throws -> Instant {
        let instant = Instant(microseconds: RealClock().now())
        // What is committed at the instant counts.
        while RealClock().now() == instant.microseconds {}
        let closed = numbers.indices.filter(isClosed).map { Change.unlink(numbers[$0]) }
        for first in stride(from: 0, to: closed.count, by: 1000) {
            let part = Array(closed[first..<min(first + 1000, closed.count)])
            _ = try memory.commit(part, durability)
        }
        try memory.checkpoint()
        return instant
    }

    private static func node(_ number: Int) -> Reference { Reference("nodes", .int(Int64(number))) }

    private static func readNodes(_ path: String) throws(Failure) -> Nodes {
        var table = try CommaTable(path)
        let id = try table.column("id")
        var columns = table.columns
        columns.remove(at: id)
        var nodes = Nodes(columns: columns, rows: [])
        while var row = try table.next() {
            guard try table.integer(row.remove(at: id)) == nodes.rows.count else {
                throw Failure("\(path): ids must be 0, 1, 2 … in this order.")
            }
            nodes.rows.append(row)
        }
        return nodes
    }

    private static func readEdges(_ path: String, nodeCount: Int) throws(Failure) -> [GraphEdge] {
        var table = try CommaTable(path)
        let source = try table.column("src")
        let end = try table.column("dst")
        let type = try table.column("type")
        var edges: [GraphEdge] = []
        while let row = try table.next() {
            let edge = GraphEdge(
                from: try table.integer(row[source]),
                to: try table.integer(row[end]),
                type: row[type]
            )
            guard (0..<nodeCount).contains(edge.from), (0..<nodeCount).contains(edge.to) else {
                throw Failure("\(path) has an edge of a node that is not there.")
            }
            edges.append(edge)
        }
        return edges
    }

    private static func plain(_ nodeCount: Int, _ edges: [GraphEdge]) -> PlainGraph {
        var graph = PlainGraph(nodeCount: nodeCount)
        for edge in edges { graph.add(from: edge.from, to: edge.to, type: edge.type) }
        return graph
    }

    private static func load(
        _ memory: Memory,
        _ nodes: Nodes,
        _ edges: [GraphEdge],
        keepsPast: Bool,
        batch: Int,
        durability: Durability
    ) throws -> (edges: [UInt64], seconds: Double) {
        let fields = nodes.columns.map { Field($0, .text) }
        let types = Set(edges.map(\.type)).sorted().map {
            EdgeType($0, history: keepsPast ? HistoryRule() : nil)
        }
        try memory.define(
            Schema(
                collections: [Collection("nodes", key: .int, fields: fields)],
                edgeTypes: types
            )
        )
        let total = nodes.rows.count + edges.count
        var meter = ProgressMeter("graph", unit: "nodes and edges", total: total)
        defer { meter.finish() }
        var numbers: [UInt64] = []
        let seconds = try Ticks.seconds {
            for first in stride(from: 0, to: nodes.rows.count, by: batch) {
                let rows = first..<min(first + batch, nodes.rows.count)
                let changes = rows.map { row in
                    let values = nodes.rows[row].map { Value.text($0) }
                    let fields = Dictionary(uniqueKeysWithValues: zip(nodes.columns, values))
                    return Change.put(Put("nodes", .int(Int64(row)), fields, mode: .insert))
                }
                _ = try memory.commit(changes, durability)
                meter.advance(to: rows.upperBound)
            }
            for first in stride(from: 0, to: edges.count, by: batch) {
                let end = min(first + batch, edges.count)
                let changes = edges[first..<end].map { edge in
                    Change.link(Link(edge.type, from: node(edge.from), to: node(edge.to)))
                }
                let committed = try memory.commit(changes, durability)
                if keepsPast { numbers += committed.outcomes.compactMap(\.madeEdge) }
                meter.advance(to: nodes.rows.count + end)
            }
            try memory.checkpoint()
        }
        return (numbers, seconds)
    }
}
