// What the choice between ways to the nearest vectors counts with (`GraphChoice.swift` of
// MnemeVectors): times of its parts on this machine, each from whole questions that go one way.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeModel
internal import MnemeStore
internal import MnemeVectors

/// Measures the parts of searches.
struct VectorCosts {
    private let base: ArrayFile
    private let queries: ArrayFile
    private let metric: MnemeModel.VectorMetric

    /// Records of a group, about: those that a filter leaves.
    private static let groupSize = 1_000
    /// Questions of each kind, at most.
    private static let questionCount = 200
    private static let owners = ["one", "other"]
    private static let collection = "points"

    /// Of these vectors.
    init(_ base: ArrayFile, _ queries: ArrayFile, metric: MnemeModel.VectorMetric) {
        self.base = base
        self.queries = queries
        self.metric = metric
    }

    /// Puts all vectors into a store and asks.
    func measure(_ place: BenchmarkStore) throws -> [(String, Figure)] {
        var options = StoreOptions()
        options.graphLeast = 2
        let store = try Store.open(place.path + "-costs", options: options)
        try fill(store)
        try store.settleGraphs()
        let asker = try Asker(store, queries)
        let scan = try asker.ask(by: .scan)
        let walk = try asker.ask(by: .walk)
        let groups = max(1, base.rowCount / Self.groupSize)
        let group = { (number: Int) in Filter.eq("group", .int(Int64(number % groups))) }
        let listed = try asker.ask(by: .survivors, where: group)
        let owned = try asker.ask(by: .survivors, owner: "one", where: group)
        let exact = try asker.ask(by: .survivors, isExact: true, where: group)
        let tested = try asker.ask(by: .scan) { _ in
            .compare(field: "size", .lt(.int(50)))
        }
        try store.close()
        let size = Double(base.rowCount) / Double(groups)
        let looks = max(0, listed.nanoseconds - owned.nanoseconds) / size
        return [
            ("event", .word("costs")), ("count", .count(base.rowCount)),
            ("components", .count(base.columnCount)),
            ("scanned", .rate(scan.nanoseconds / scan.codes)),
            ("listedAndGathered", .rate(listed.nanoseconds / size - looks)),
            ("looked", .rate(looks)), ("walked", .rate(walk.nanoseconds / walk.codes)),
            (
                "tested",
                .rate(max(0, tested.nanoseconds - scan.nanoseconds) / max(1, tested.read))
            ),
            ("row", .rate(max(0, exact.nanoseconds - listed.nanoseconds) / size)),
        ]
    }

    private func fill(_ store: Store) throws {
        var roles = Roles()
        roles.owner = "owner"
        let type = VectorType(dimension: base.columnCount, element: .float32, metric: metric)
        try store.define(
            Schema(collections: [
                Collection(
                    Self.collection,
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("size", .int), Field("group", .int),
                        Field("at", .vector(type)),
                    ],
                    indexes: [Index("byGroup", on: ["group"])],
                    roles: roles
                )
            ])
        )
        let groups = max(1, base.rowCount / Self.groupSize)
        for first in stride(from: 0, to: base.rowCount, by: 1_000) {
            let rows = first..<min(first + 1_000, base.rowCount)
            let numbers = try base.floats(rows: rows)
            let dimension = base.columnCount
            let changes = rows.enumerated().map { (place, row) in
                let vector = Array(numbers[place * dimension..<(place + 1) * dimension])
                return Change.put(
                    Put(
                        Self.collection,
                        .int(Int64(row)),
                        [
                            "owner": .text(Self.owners[row / groups % 2]),
                            "size": .int(Int64(row * 37 % 100)),
                            "group": .int(Int64(row % groups)), "at": .vector(vector),
                        ]
                    )
                )
            }
            _ = try store.commit(changes)
        }
    }

    /// What questions of one kind came to, each on average.
    private struct Outcome {
        var nanoseconds = 0.0
        var codes = 0.0
        var read = 0.0
    }

    /// Asks questions of one kind after another.
    private struct Asker {
        private let snapshot: Snapshot
        private let entry: CollectionEntry
        private let vectors: [[Float]]

        init(_ store: Store, _ queries: ArrayFile) throws {
            snapshot = store.snapshot()
            entry = try snapshot.catalog.readable(VectorCosts.collection)
            var vectors: [[Float]] = []
            for row in 0..<min(queries.rowCount, VectorCosts.questionCount) {
                vectors.append(try queries.floats(rows: row..<row + 1))
            }
            self.vectors = vectors
        }

        /// The best of three passes.
        func ask(
            by way: NearestTier,
            owner: String? = nil,
            isExact: Bool = false,
            where filter: (Int) -> Filter? = { _ in nil }
        ) throws -> Outcome {
            var best = Outcome(nanoseconds: .infinity)
            let scope = try snapshot.scope(of: owner, entry)
            for _ in 0..<3 {
                var outcome = Outcome()
                let start = Ticks.now()
                for (place, vector) in vectors.enumerated() {
                    let records = try snapshot.nearestRecords(
                        Near("at", vector, isExact: isExact),
                        entry,
                        scope,
                        limit: 10,
                        filter: filter(place),
                        by: way
                    )
                    outcome.codes += Double(records.scanned)
                    outcome.read += Double(records.read)
                }
                outcome.nanoseconds = Double(Ticks.now() - start)
                if outcome.nanoseconds < best.nanoseconds { best = outcome }
            }
            let count = Double(max(1, vectors.count))
            return Outcome(
                nanoseconds: best.nanoseconds / count,
                codes: max(1, best.codes / count),
                read: best.read / count
            )
        }
    }
}
