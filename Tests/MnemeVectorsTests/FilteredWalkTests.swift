// Walks with a test: what passes is found as by a plain comparison, however few pass; and a walk
// that would come past too much gives up.

import CKernels
import MnemeBase
import Testing

@testable import MnemeVectors

@Suite struct FilteredWalkTests {
    /// Walks; the ordinals of what was found, best first, and nil where it gave up.
    private func walk(
        _ graph: FlatGraph,
        _ entries: [UInt32],
        _ query: borrowing PreparedQuery,
        results: Int,
        atMost most: Int,
        passes: (Int) -> Bool
    ) -> [Int]? {
        let scratch = GraphScratch()
        var asked: Set<UInt32> = []
        let done = unsafe withUnsafePointer(to: query.codeQuery) { query in
            unsafe graph.walk(
                to: query,
                results: results,
                from: entries,
                atMost: most,
                scratch
            ) { node in
                // Nobody is asked about twice.
                #expect(asked.insert(node).inserted)
                return passes(Int(graph.subject(node).ordinal))
            }
        }
        if done == nil { return nil }
        var found: [GraphCandidate] = []
        scratch.take(into: &found)
        for (one, next) in zip(found, found.dropFirst()) { #expect(one.score >= next.score) }
        return found.map { Int(graph.subject($0.node).ordinal) }
    }

    @Test(arguments: VectorMetric.allCases)
    func onlyWhatPassesIsFound(metric: VectorMetric) throws {
        var vectors = try CodedVectors(dimension: 32, metric: metric)
        try vectors.add(900, centres: 6, seed: 4)
        let built = try #require(
            GraphBuilder(vectors.flat(), threadCount: 1).build { _ in true }
        )
        for step in [1, 2, 10, 100, 900] {
            let passing = vectors.rows.indices.filter { $0 % step == 0 }
            var (found, wanted) = (0, 0)
            for place in stride(from: 0, to: 900, by: 30) {
                let query = vectors.rows[place].map { $0 + 0.1 }
                let best = try vectors.nearest(query, among: passing, 10)
                let walked = try #require(
                    walk(
                        built.graph,
                        built.entries,
                        try vectors.coder.prepare(query),
                        results: 40,
                        atMost: .max
                    ) { $0 % step == 0 }
                )
                #expect(walked.count == min(40, passing.count))
                #expect(walked.allSatisfy { $0 % step == 0 })
                wanted += best.count
                found += best.count { walked.prefix(10).contains($0) }
            }
            #expect(Double(found) > 0.95 * Double(wanted), "\(metric), every \(step)th")
        }
    }

    @Test func aWalkThatComesPastTooMuchGivesUp() throws {
        var vectors = try CodedVectors(dimension: 32)
        try vectors.add(900, centres: 6, seed: 5)
        let built = try #require(
            GraphBuilder(vectors.flat(), threadCount: 1).build { _ in true }
        )
        let query = try vectors.coder.prepare(vectors.rows[7])
        let none = walk(built.graph, built.entries, query, results: 10, atMost: 300) { _ in false }
        #expect(none == nil)
        // Where it may, it comes past everything, and finds that nobody passes.
        let all = walk(built.graph, built.entries, query, results: 10, atMost: 5_000) { _ in false }
        #expect(all == [])
        let one = walk(built.graph, built.entries, query, results: 10, atMost: 5_000) { $0 == 3 }
        #expect(one == [3])
    }
}
