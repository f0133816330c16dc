// Walks whose paths are long: their edges are bounded over the whole answer.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct DeepWalkTests {
    /// Records 1 … `count` of the collection `numbers`, each with an edge to the next one.
    private func chain(_ count: Int64) throws -> Store {
        let store = try Kinds.store()
        _ = try store.commit((1...count).map { .put(Put("numbers", .int($0), [:])) })
        _ = try store.commit(
            (1..<count).map { .link(Link("joins", from: number($0), to: number($0 + 1))) }
        )
        return store
    }

    private func number(_ key: Int64) -> Reference { Reference("numbers", .int(key)) }

    @Test func pathsAreWhole() throws {
        let walked = try chain(300).snapshot().walk(
            Walk(from: [number(1)], hops: .max, limit: .max)
        )
        #expect(walked.isComplete && walked.count == 299)
        for (index, stop) in walked.stops.enumerated() {
            #expect(stop.reference == number(Int64(index) + 2))
            #expect(stop.path.map(\.from) == (0...index).map { number(Int64($0) + 1) })
            #expect(stop.path.map(\.to) == (0...index).map { number(Int64($0) + 2) })
        }
    }

    @Test func theEdgesOfAllPathsAreBounded() throws {
        let snapshot = try chain(1000).snapshot()
        let walk = Walk(from: [number(1)], hops: .max, limit: .max)
        let walked = try snapshot.walk(walk)
        // 1 + 2 + … + 723 is within the limit, and 724 more are not.
        #expect(walked.stops.count == 723 && walked.count == 723 && !walked.isComplete)
        #expect(walked.stops.reduce(0) { $0 + $1.path.count } <= Walked.pathLimit)
        #expect(walked.stops.last?.path.count == 723)
        var counting = walk
        counting.isCountOnly = true
        let counted = try snapshot.walk(counting)
        #expect(counted.stops.isEmpty && counted.count == 999 && counted.isComplete)
        var short = walk
        short.limit = 5
        let cut = try snapshot.walk(short)
        #expect(cut.stops.count == 5 && cut.count == 5 && !cut.isComplete)
    }
}
