// The graph tier: what it finds beside a scan of all codes, how it changes, and that nothing gets
// lost in it.

import MnemeBase
import MnemePages
import Testing

@testable import MnemeVectors

struct GraphTests {
    private static func vectors(
        _ count: Int,
        dimension: Int = 64,
        _ metric: VectorMetric = .cosine,
        seed: UInt64 = 1
    ) throws -> CodedVectors {
        var vectors = try CodedVectors(dimension: dimension, metric: metric)
        try vectors.add(count, centres: 40, seed: seed)
        return vectors
    }

    @Test(arguments: VectorMetric.allCases)
    func walksFindWhatAScanFinds(metric: VectorMetric) throws {
        let history = GraphHistory(try Self.vectors(3_000, metric))
        try history.build()
        #expect(try history.faults() == [])
        var queries = try CodedVectors(dimension: 64)
        try queries.add(60, centres: 40, seed: 1)
        #expect(try history.recall(queries.rows, 10, beam: 128) > 0.97)
    }

    @Test func theSameNodesMakeTheSameGraphOnAnyNumberOfThreads() throws {
        let vectors = try Self.vectors(1_500)
        var graphs: [[[UInt32]]] = []
        for threads in 1...3 {
            let history = GraphHistory(vectors)
            try history.build(threads: threads)
            let graph = history.graph
            graphs.append(try (0..<history.count).map { try graph.linkList($0) })
        }
        #expect(graphs[0] == graphs[1])
        #expect(graphs[0] == graphs[2])
    }

    @Test(arguments: [2, 33, 64, 384, 1000, 1536])
    func everyLengthOfVectorHasItsPages(dimension: Int) throws {
        let history = GraphHistory(try Self.vectors(300, dimension: dimension))
        try history.build()
        #expect(try history.faults() == [])
        let shape = GraphShape(history.vectors.shape)
        let first = UInt32(shape.codesPerPage)
        for node in [0, 1, first - 1, first, 1 << 26 - 1] as [UInt32] {
            let (page, slot) = shape.codePlace(node)
            #expect(page == Int(node) / shape.codesPerPage)
            #expect(slot == Int(node) % shape.codesPerPage)
        }
        #expect(shape.factors(shape.codesPerPage) <= PageLayout.size)
        #expect(GraphShape.owners + 4 * GraphShape.linksPerPage <= PageLayout.size)
    }

    @Test func buildingEndsWhenItIsTold() throws {
        let builder = GraphBuilder(try Self.vectors(400).flat(), threadCount: 2)
        var steps = 0
        let built = builder.build { linked in
            steps += 1
            return linked < 100
        }
        #expect(built == nil)
        #expect(steps > 1)
    }

    @Test(arguments: [UInt64](1...6))
    func nothingGetsLostInAnyHistory(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let history = GraphHistory(try Self.vectors(1_200, seed: seed))
        if seed % 2 == 0 {
            history.vectors = try Self.vectors(300, seed: seed)
            try history.build()
            try history.vectors.add(900, centres: 7, seed: seed)
        }
        var waiting = history.vectors.rows.indices.filter { history.nodes[$0] == nil }
        for _ in 0..<40 {
            if random.next() % 3 > 0, !waiting.isEmpty {
                let count = min(waiting.count, 1 + Int(random.next() % 64))
                let some = (0..<count).map { _ in
                    waiting.remove(at: Int(random.next() % UInt64(waiting.count)))
                }
                try history.link(some)
            } else if !history.nodes.isEmpty {
                let there = history.nodes.keys.sorted()
                let share = random.next() % 4 == 0 ? 1 : 12
                let some = there.filter { _ in random.next() % UInt64(share) == 0 }
                try history.remove(some)
                waiting += some
            }
            try history.reachAll()
            let faults = try history.faults()
            #expect(faults == [], "seed \(seed)")
            if !faults.isEmpty { return }
        }
        try history.link(Array(waiting.prefix(60)))
        var queries = try CodedVectors(dimension: 64)
        try queries.add(30, centres: 20, seed: seed)
        let recall = try history.recall(queries.rows, 10, beam: 200)
        #expect(recall > 0.97, "seed \(seed): \(recall) of \(history.nodes.count)")
    }

    @Test func equalVectorsAreAllReached() throws {
        var vectors = try CodedVectors(dimension: 64)
        let row = (0..<64).map { Float($0 % 7) - 3 }
        for _ in 0..<1_000 { try vectors.add(row) }
        let history = GraphHistory(vectors)
        try history.build(threads: 2)
        #expect(try history.faults() == [])
        for _ in 0..<200 { try history.vectors.add(row) }
        for first in stride(from: 1_000, to: 1_200, by: 40) {
            try history.link(Array(first..<first + 40))
        }
        try history.reachAll()
        #expect(try history.faults() == [])
    }

    @Test func replacingEverythingKeepsWhatIsFound() throws {
        let vectors = try Self.vectors(1_500)
        let fresh = GraphHistory(vectors)
        try fresh.build()
        var queries = try CodedVectors(dimension: 64)
        try queries.add(60, centres: 40, seed: 1)
        let before = try fresh.recall(queries.rows, 10, beam: 64)
        let random = SeededRandomness(seed: 9)
        var order = Array(vectors.rows.indices)
        for index in order.indices.reversed() {
            order.swapAt(index, Int(random.next() % UInt64(index + 1)))
        }
        for first in stride(from: 0, to: order.count, by: 100) {
            let some = Array(order[first..<first + 100])
            try fresh.remove(some)
            try fresh.link(some)
        }
        try fresh.reachAll()
        #expect(try fresh.faults() == [])
        #expect(try fresh.recall(queries.rows, 10, beam: 64) > before - 0.02)
        // Numbers of what went were given again.
        #expect(fresh.count == 1_500)
    }

    @Test func linksThatLeadNowhereEndNoWalk() throws {
        let history = GraphHistory(try Self.vectors(500))
        try history.build()
        let editor = history.file.edit()
        let random = SeededRandomness(seed: 3)
        for id in [PageID(.arrays, 0), PageID(.arrays, 1), PageID(.arrays, 512)] {
            let page = try editor.edit(id)
            for offset in stride(from: 64, to: PageLayout.size, by: 4) {
                page.store(UInt32(truncatingIfNeeded: random.next()), offset)
            }
        }
        history.file.publish(editor)
        for row in history.vectors.rows.prefix(50) {
            let found = try history.vectors.walk(
                row,
                history.graph,
                from: history.entries,
                beam: 40
            )
            #expect(found.count <= 40)
        }
    }
}
