// Graphs to test with: vectors of a seed, built aside or living in pages, and what is to be found.

import CKernels
import MnemeBase
import MnemePages
import Testing

@testable import MnemeVectors

/// Vectors of a seed with their codes.
struct CodedVectors {
    let shape: VectorShape
    let coder: VectorCoder
    private(set) var rows: [[Float]] = []
    private(set) var codes: [(code: [UInt8], factors: CodeFactors)] = []

    init(dimension: Int, metric: VectorMetric = .cosine) throws {
        shape = try VectorShape(dimension: dimension, metric: metric, format: .float32)
        coder = VectorCoder(shape: shape, seed: 5)
    }

    /// Adds vectors around so many centres.
    mutating func add(_ count: Int, centres: Int, seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        func vector(_ spread: Float) -> [Float] {
            (0..<shape.dimension).map { _ in
                // The sum of four is bell-shaped enough.
                let sum = (0..<4).reduce(0) { total, _ in total + Int(random.next() % 2001) - 1000 }
                return Float(sum) / 1000 * spread
            }
        }
        let middles = (0..<centres).map { _ in vector(1) }
        for _ in 0..<count {
            let middle = middles[Int(random.next() % UInt64(centres))]
            try add(zip(middle, vector(0.6)).map { $0 + $1 })
        }
    }

    mutating func add(_ row: [Float]) throws {
        rows.append(row)
        codes.append(try CoderTests.encode(coder, row))
    }

    func arrival(_ index: Int, as node: UInt32) -> GraphArrival {
        GraphArrival(
            node: node,
            subject: GraphSubject(owner: 1, ordinal: UInt64(index), address: UInt64(index) * 8),
            code: codes[index].code,
            scale: codes[index].factors.scale,
            bias: codes[index].factors.bias
        )
    }

    /// A graph of all of them, without links.
    func flat() -> FlatGraph {
        let graph = FlatGraph(GraphShape(shape), count: rows.count)
        for index in rows.indices { graph.set(UInt32(index), arrival(index, as: UInt32(index))) }
        return graph
    }

    /// The nearest of some by their codes, best first.
    func nearest(_ query: [Float], among some: [Int], _ count: Int) throws -> [Int] {
        let prepared = try coder.prepare(query)
        var scored: [(Float, Int)] = []
        let kernels = unsafe Kernels.chosen
        for index in some {
            var score: Float = 0
            let (code, factors) = codes[index]
            unsafe withUnsafePointer(to: prepared.codeQuery) { query in
                unsafe kernels.codes_score(query, code, [factors.scale], [factors.bias], 1, &score)
            }
            scored.append((score, index))
        }
        return scored.sorted { $0.0 > $1.0 || ($0.0 == $1.0 && $0.1 < $1.1) }.prefix(count).map(\.1)
    }

    /// What a walk finds, best first, as nodes.
    func walk<Nodes: GraphNodes>(
        _ query: [Float],
        _ graph: Nodes,
        from entries: [UInt32],
        beam: Int
    ) throws -> [UInt32] {
        let prepared = try coder.prepare(query)
        let scratch = GraphScratch()
        try unsafe withUnsafePointer(to: prepared.codeQuery) { query in
            _ = try unsafe graph.walk(to: query, beam: beam, from: entries, scratch)
        }
        var found: [GraphCandidate] = []
        scratch.take(into: &found)
        return found.map(\.node)
    }
}

/// A graph in pages that vectors come into and go from, as a store's thread does it, beside a plain
/// list of what it should have.
final class GraphHistory {
    var vectors: CodedVectors
    let file = PageFile.inMemory(StoreIdentity(high: 1, low: 2))
    private let planner: GraphPlanner
    private(set) var count: UInt32 = 0
    private(set) var entries: [UInt32] = []
    private var codeSegments: [UInt32] = []
    private var linkSegments: [UInt32] = []
    private var free: [UInt32] = []
    /// The node of each vector that is there.
    private(set) var nodes: [Int: UInt32] = [:]

    init(_ vectors: CodedVectors) {
        self.vectors = vectors
        planner = GraphPlanner(GraphShape(vectors.shape))
    }

    var graph: PagedGraph {
        let root = file.root
        return PagedGraph(
            GraphShape(vectors.shape),
            count: count,
            codes: root.array(codeSegments),
            links: root.array(linkSegments)
        )
    }

    private func edit(_ body: (inout GraphPageEditor) throws(PageError) -> Void) throws {
        let editor = file.edit()
        var pages = GraphPageEditor(
            GraphShape(vectors.shape),
            codeSegments: codeSegments,
            linkSegments: linkSegments,
            editor
        )
        try body(&pages)
        (codeSegments, linkSegments) = (pages.codeSegments, pages.linkSegments)
        file.publish(editor)
    }

    /// Builds a graph of all vectors and puts it into pages.
    func build(threads: Int = 1) throws {
        let built = try #require(
            GraphBuilder(vectors.flat(), threadCount: threads).build { _ in true }
        )
        let shape = GraphShape(vectors.shape)
        count = built.graph.count
        entries = built.entries
        try edit { pages throws(PageError) in
            try pages.installCodes(0..<shape.codePages(Int(count)), of: built.graph)
            try pages.installLinks(0..<GraphShape.linkPages(Int(count)), of: built.graph)
        }
        for node in 0..<count { nodes[Int(built.graph.subject(node).ordinal)] = node }
    }

    /// Links vectors in.
    func link(_ some: [Int]) throws {
        var arrivals: [GraphArrival] = []
        var next = count
        for index in some {
            let node = free.popLast() ?? next
            if node == next { next += 1 }
            arrivals.append(vectors.arrival(index, as: node))
            nodes[index] = node
        }
        let edits = try planner.link(arrivals, into: graph, from: entries)
        try edit { pages throws(PageError) in
            for arrival in arrivals {
                try pages.set(arrival, edits.links[arrival.node] ?? [])
            }
            for (node, links) in edits.links { try pages.setLinks(links, of: node) }
        }
        count = next
        entries += edits.roots.prefix(GraphTuning.entryCount - entries.count)
    }

    /// Takes vectors out.
    func remove(_ some: [Int]) throws {
        let gone = Set(some.compactMap { nodes.removeValue(forKey: $0) })
        let leaving = GraphLeaving(gone)
        let step = 3
        entries.removeAll(where: gone.contains)
        for first in stride(from: 0, to: GraphShape.linkPages(Int(count)), by: step) {
            let edits = try planner.mend(
                first..<first + step,
                of: graph,
                without: leaving,
                from: entries
            )
            try edit { pages throws(PageError) in
                for (node, links) in edits.links { try pages.setLinks(links, of: node) }
            }
        }
        if entries.isEmpty, let some = nodes.values.min() {
            entries = [try EditedGraph(graph).root(of: some)]
        }
        try edit { pages throws(PageError) in for node in gone { try pages.clear(node) } }
        free += gone.sorted()
    }

    /// Has every node be reached.
    func reachAll() throws {
        let edits = try planner.reachAll(of: graph, from: entries, without: [])
        try edit { pages throws(PageError) in
            for (node, links) in edits.links { try pages.setLinks(links, of: node) }
        }
    }

    /// What is wrong with the graph; nothing, it is hoped.
    func faults() throws -> [String] {
        var faults: [String] = []
        let graph = graph
        let known = Set(nodes.values)
        if known.count != nodes.count { faults.append("two vectors have one node") }
        for (index, node) in nodes {
            let subject = try graph.subject(node)
            if subject.ordinal != UInt64(index) { faults.append("\(node) is another's") }
            let links = try graph.linkList(node)
            if Set(links).count != links.count { faults.append("\(node) has a link twice") }
            if links.contains(node) { faults.append("\(node) leads to itself") }
            for link in links where !known.contains(link) {
                faults.append("\(node) leads to \(link), which is gone")
            }
        }
        var reach = GraphReach(graph)
        for node in try reach.missing(from: entries) where known.contains(node) {
            faults.append("\(node) is not reached")
        }
        return faults
    }

    /// The share of the true neighbours by code that walks find.
    func recall(_ queries: [[Float]], _ count: Int, beam: Int) throws -> Double {
        let graph = graph
        let there = nodes.keys.sorted()
        var found = 0
        var wanted = 0
        for query in queries {
            let true_ = Set(try vectors.nearest(query, among: there, count))
            let walked = try vectors.walk(query, graph, from: entries, beam: beam).prefix(count)
            for node in walked where true_.contains(Int(try graph.subject(node).ordinal)) {
                found += 1
            }
            wanted += true_.count
        }
        return Double(found) / Double(max(wanted, 1))
    }
}
