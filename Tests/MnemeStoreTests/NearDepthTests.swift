// Vectors that four bits hardly tell apart: far from the origin, close to each other, many times
// the same, of unlike lengths, or turned away by a filter nobody has an index for. What is nearest
// is found all the same.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct NearDepthTests {
    /// How vectors are spread.
    enum Spread: CaseIterable {
        case farAway, aside, clusters, places, copies, lengths

        var metric: MnemeModel.VectorMetric {
            switch self {
            case .farAway, .places: .l2
            case .aside, .clusters, .copies: .cosine
            case .lengths: .dot
            }
        }

        func vector(_ random: SeededRandomness) -> [Float] {
            // The sum of four is near enough to what chance makes of many.
            func chance() -> Float {
                (0..<4).reduce(0) { sum, _ in sum + Float(random.below(2_001)) / 1_000 - 1 }
            }
            switch self {
            case .farAway: return (0..<16).map { _ in 1_000 + chance() }
            case .aside: return (0..<16).map { _ in 3 + chance() }
            case .places: return [48.8 + chance() / 20, 2.3 + chance() / 20]
            case .clusters:
                let cluster = SeededRandomness(seed: UInt64(random.below(4)))
                return (0..<16).map { _ in
                    Float(cluster.below(2_001)) / 1_000 - 1 + chance() / 50
                }
            // Each of them some sixty times, all of them close to each other.
            case .copies:
                let text = SeededRandomness(seed: UInt64(random.below(40)))
                return (0..<16).map { _ in 3 + Float(text.below(2_001)) / 1_000 - 1 }
            // What is long is aside of what is asked, so that little of its length counts.
            case .lengths:
                let length: Float = random.below(20) == 0 ? 30 : 0.3
                return (0..<16).map { $0 == 0 ? 1 + chance() / 4 : length * chance() }
            }
        }

        /// What is asked, which is no vector of the store.
        func question(_ random: SeededRandomness) -> [Float] {
            switch self {
            case .copies:
                vector(random).map { $0 + Float(random.below(2_001)) / 2_000 - 0.5 }
            case .lengths: (0..<16).map { $0 == 0 ? 1 : Float(random.below(2_001)) / 2e5 }
            default: vector(random)
            }
        }
    }

    private func store(_ spread: Spread, _ count: Int, graphLeast: Int) throws -> Store {
        var options = StoreTests.options(SimulatedDisk())
        options.graphLeast = graphLeast
        let store = try Store.open("store", options: options)
        let random = SeededRandomness(seed: 11)
        let dimension = spread.vector(random).count
        var roles = Roles()
        roles.owner = "owner"
        let type = VectorType(dimension: dimension, metric: spread.metric)
        try store.define(
            Schema(collections: [
                Collection(
                    "points",
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("number", .int), Field("group", .int),
                        Field("at", .vector(type)),
                    ],
                    indexes: [Index("byGroup", on: ["group"])],
                    roles: roles
                )
            ])
        )
        for first in stride(from: 0, to: count, by: 1_000) {
            let changes = (first..<min(first + 1_000, count)).map { key in
                Change.put(
                    Put(
                        "points",
                        .int(Int64(key)),
                        [
                            "owner": .text("o\(key % 2)"), "number": .int(Int64(key % 100)),
                            "group": .int(Int64(key % 3)), "at": .vector(spread.vector(random)),
                        ]
                    )
                )
            }
            _ = try store.commit(changes)
        }
        try store.settleGraphs()
        return store
    }

    @Test(arguments: Spread.allCases, [2, Int.max])
    func findsTheNearestOf(spread: Spread, graphLeast: Int) throws {
        let store = try store(spread, 2_500, graphLeast: graphLeast)
        let random = SeededRandomness(seed: 99)
        var (found, wanted) = (0, 0)
        for _ in 0..<12 {
            let vector = spread.question(random)
            for (owner, filter) in [
                (nil, nil), ("o1", nil), (nil, Filter.eq("group", 1)),
                (nil, Filter.compare(field: "number", .lt(.int(20)))),
            ] {
                func scores(_ near: Near) throws -> [Float] {
                    let find = Find("points", owner: owner, where: filter, near: near, limit: 10)
                    return try store.snapshot().find(find).rows.map(\.score)
                }
                let truth = try scores(Near("at", vector, isExact: true))
                let answer = try scores(Near("at", vector))
                #expect(answer.count == 10)
                wanted += truth.count
                let least = try #require(truth.last)
                found += answer.count { $0 >= least }
            }
        }
        #expect(wanted == 480)
        #expect(Double(found) >= 0.99 * Double(wanted), "\(spread): \(found) of \(wanted)")
        try store.close()
    }
}
