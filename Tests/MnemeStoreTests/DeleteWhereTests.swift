// All that a condition holds for, deleted by one commit: gone for every reader at once, its keys
// and unique values free, and taken out of the indexes behind, whatever happens between.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

/// A series of records by their time.
enum Series {
    static let day: Int64 = 86_400_000_000
    static let schema = Schema(
        collections: [
            Collection(
                "moods",
                key: .int,
                fields: [
                    Field("guild", .text), Field("at", .instant), Field("n", .int),
                    Field("text", .text, isSearchable: true),
                    Field("near", .vector(VectorType(dimension: 2, metric: .l2))),
                ],
                indexes: [
                    Index("byTime", on: ["at"]), Index("byGuild", on: ["guild", "at"]),
                    Index("byNumber", on: ["n"], isUnique: true),
                ],
                roles: {
                    var roles = Roles()
                    roles.owner = "guild"
                    roles.time = "at"
                    return roles
                }()
            )
        ],
        edgeTypes: [EdgeType("after", from: "moods", to: "moods")]
    )

    static func instant(_ day: Int) -> Instant { Instant(microseconds: Int64(day) * Self.day) }

    static func put(_ number: Int, day: Int? = nil, guild: String? = nil) -> Change {
        .put(
            Put(
                "moods",
                .int(Int64(number)),
                [
                    "guild": .text(guild ?? "g\(number % 3)"),
                    "at": .instant(instant(day ?? number)), "n": .int(Int64(number)),
                    "text": .text("mood \(number % 2 == 0 ? "even" : "odd")"),
                    "near": .vector([Float(number), 1]),
                ]
            )
        )
    }

    static func mood(_ number: Int) -> Reference { Reference("moods", .int(Int64(number))) }

    /// A store with a mood a day, each linked with the one before.
    static func store(_ options: StoreOptions, _ count: Int = 90) throws -> Store {
        let store = try Store.open("store", options: options)
        try store.define(schema)
        _ = try store.commit((1...count).map { put($0) })
        _ = try store.commit(
            (2...count).map { .link(Link("after", from: mood($0), to: mood($0 - 1))) }
        )
        return store
    }

    static func numbers(_ store: Store) throws -> [Int64] {
        try store.snapshot().find(Find("moods", order: [Order("at")], limit: .max)).rows
            .compactMap { $0.record["n"].int }
    }
}

@Suite struct DeleteWhereTests {
    private let clock = SimulatedClock(start: 200 * Series.day)

    private func options(_ disk: any Disk = MemoryDisk()) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        return options
    }

    private let period = DeleteWhere("moods", from: Series.instant(31), to: Series.instant(61))
    private var left: [Int64] { Array(1...30) + Array(61...90) }

    private func expectPeriodGone(_ store: Store) throws {
        let snapshot = store.snapshot()
        #expect(try Series.numbers(store) == left)
        #expect(try snapshot.count(Count("moods")).rows == [["count": 60]])
        let statistics = try store.statistics()
        #expect(statistics.records["moods"] == 60 && statistics.edges["after"] == 58)
        #expect(try snapshot.record(Series.mood(40)) == nil)
        #expect(try snapshot.count(Count(edges: "after")).rows == [["count": 58]])
        var near = Find("moods", limit: 9)
        near.near = Near("near", [45, 1], isExact: true)
        let numbers = try snapshot.find(near).rows.compactMap { $0.record["n"].int }
        #expect(numbers.count == 9 && Set(numbers).isSubset(of: left))
        var words = Find("moods", limit: .max)
        words.match = Match("text", "even")
        #expect(try snapshot.find(words).rows.count == 30)
        let walk = Walk(from: [Series.mood(90)], direction: .out, hops: 90, limit: .max)
        #expect(try snapshot.walk(walk).stops.count == 29)
        #expect(try store.verify().findings == [])
    }

    @Test func aPeriodGoesByOneFrame() throws {
        let disk = SimulatedDisk()
        let store = try Series.store(options(disk))
        let before = store.snapshot()
        let deleted = try store.deleteWhere(period)
        // The frame and its commit.
        #expect(deleted == DeletedWhere(count: 30, sequence: before.sequence + 2))
        #expect(store.newest.state.roots.withdrawn.count == 30)
        try expectPeriodGone(store)
        #expect(try before.find(Find("moods", limit: .max)).rows.count == 90)
        #expect(try store.deleteWhere(period).count == 0)
        // At each of these points everything is there again, from the pages and from the log.
        func reopen(withdrawn: Int) throws {
            for mode in [StoreMode.open, .rebuild, .read] {
                let again = try Store.open("store", mode, options: options(disk.crashKeepingAll()))
                #expect(again.newest.state.roots.withdrawn.count == withdrawn)
                try expectPeriodGone(again)
                try again.close()
            }
        }
        try reopen(withdrawn: 30)
        try store.checkpointNow()
        try reopen(withdrawn: 30)
        // What a sweep does, by parts.
        let some = Array(store.newest.state.roots.withdrawn.prefix(7))
        _ = try store.submit(
            WriterWork(
                changes: some.map { .expire($0) },
                catalogVersion: store.newest.state.catalog.version,
                durability: .synced,
                prepareAgain: { _ in [] }
            )
        )
        try reopen(withdrawn: 23)
        try store.upkeep([.sweep])
        try reopen(withdrawn: 0)
        #expect(store.newest.state.roots.counts.values.reduce(0, +) == 60 + 58)
        try store.close()
    }

    @Test func keysAndUniqueValuesAreFreeAtOnce() throws {
        let store = try Series.store(options())
        _ = try store.deleteWhere(period)
        // The key of one, and the unique value of another.
        let insert = Put(
            "moods",
            .int(40),
            ["guild": "g9", "at": .instant(Series.instant(40)), "n": 41],
            mode: .insert
        )
        _ = try store.commit([.put(insert)])
        #expect(store.newest.state.roots.withdrawn.count == 28)
        #expect(try store.snapshot().record(Series.mood(40))?["n"] == 41)
        try expectRefusal(.danglingEdge) {
            _ = try store.commit([
                .link(Link("after", from: Series.mood(40), to: Series.mood(50)))
            ])
        }
        let patch = Patch("moods", .int(45), [.set("n", 1000)])
        try expectRefusal(.notFound) { _ = try store.commit([.patch(patch)]) }
        #expect(try store.verify().findings == [])
        try store.upkeep()
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        #expect(try store.verify().findings == [])
        #expect(try Series.numbers(store).count == 61)
    }

    @Test func whatIsGivenHoldsTogether() throws {
        let store = try Series.store(options())
        var delete = DeleteWhere("moods", owner: "g1", from: Series.instant(61))
        delete.filter = .compare(field: "n", .lt(70))
        #expect(try store.deleteWhere(delete).count == 3)
        #expect(try store.deleteWhere(DeleteWhere("moods", owner: "nobody")).count == 0)
        let field = DeleteWhere("moods", to: Series.instant(11), field: "at")
        #expect(try store.deleteWhere(field).count == 10)
        #expect(try store.deleteWhere(DeleteWhere("moods", where: .and([]))).count == 77)
        #expect(try Series.numbers(store) == [])
        #expect(try store.verify().findings == [])
        for (wrong, code) in [
            (DeleteWhere("moods"), MnemeError.Code.badRequest),
            (DeleteWhere("moods", owner: "g1", field: "at"), .badRequest),
            (DeleteWhere("moods", from: Series.instant(2), to: Series.instant(2)), .badRequest),
            (DeleteWhere("moods", from: Series.instant(2), field: "n"), .badRequest),
            (DeleteWhere("moods", from: Series.instant(2), field: "no"), .unknownField),
            (DeleteWhere("moods", where: .eq("no", 1)), .unknownField),
            (DeleteWhere("moods", owner: "a//b"), .badOwner),
            (DeleteWhere("none", owner: "a"), .unknownCollection),
            (DeleteWhere("$once", owner: "a"), .unknownCollection),
        ] {
            let refused = #expect(throws: MnemeError.self) { try store.deleteWhere(wrong) }
            #expect(refused?.code == code, "\(wrong)")
        }
    }

    /// What is committed between the look and the writer's turn counts.
    @Test func whatChangesMeanwhileIsJudgedAsItIs() throws {
        let store = try Series.store(options())
        // From here on what is committed is kept, as for every delete that looks.
        let held = store.holdNewest()
        defer { store.transactions.history.end(held.sequence) }
        let base = store.snapshot()
        let collection = try base.catalog.collection("moods")
        let filter = try collection.checked(
            .compare(field: "at", .lt(.instant(Series.instant(31))))
        )
        let find = Find("moods", where: filter, limit: .max)
        let seen = try base.reading { state throws(StoreError) in
            try state.ordinals(of: find, collection, atMost: .max)
        }
        #expect(seen.count == 30)
        _ = try store.commit([
            Series.put(5, day: 80), Series.put(85, day: 3), Series.put(200, day: 2),
            Series.put(201, day: 99), .delete(Series.mood(6)),
        ])
        _ = try store.deleteWhere(DeleteWhere("moods", where: .eq("n", 7)))
        let range = RangeDelete(
            find,
            collection,
            seen,
            keys: nil,
            erases: false,
            since: base.sequence
        )
        _ = try store.submit(
            WriterWork(
                changes: [],
                catalogVersion: base.catalog.version,
                durability: .synced,
                prepareAgain: { _ throws(MnemeError) in throw RangeDelete.outrun },
                range: range
            )
        )
        // Without 5, 6 and 7, with 85 and 200.
        #expect(range.count == 29)
        let numbers = try Series.numbers(store)
        #expect(Set(numbers) == Set([5, 201] + Array(31...84) + Array(86...90)))
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: [0, 1024]) func nothingIsLostOrCountedTwiceUnderWriters(idle: Int) throws {
        var options = options()
        options.transactionHistoryIdle = idle
        let store = try Series.store(options, 2)
        let writers = WorkerPool(threadCount: 2)
        let done = Mutex(0)
        let wasPut = Mutex(2)
        for writer in 0..<2 {
            writers.submit {
                for step in 0..<400 {
                    let change = Series.put(1000 + 2 * step + writer)
                    if (try? store.commit([change], .none)) != nil { wasPut.withLock { $0 += 1 } }
                    done.withLock { $0 += 1 }
                }
            }
        }
        var deleted = 0
        var isOver = false
        while !isOver {
            isOver = done.withLock { $0 == 800 }
            let delete = DeleteWhere("moods", where: .compare(field: "n", .gte(0)))
            deleted += try store.deleteWhere(delete, .none).count
            if deleted % 3 == 0 { try store.upkeep([.sweep]) }
        }
        #expect(wasPut.withLock { $0 } == 802 && deleted == 802)
        #expect(try Series.numbers(store) == [])
        #expect(try store.verify().findings == [])
    }

    @Test func aTransactionThatHasReadLoses() throws {
        let store = try Series.store(options())
        let reading = try store.begin()
        #expect(try reading.get([Series.mood(40)])[0] != nil)
        _ = try reading.change([Series.put(300)])
        let looking = try store.begin()
        _ = try looking.find(Find("moods", where: .eq("n", 2)))
        _ = try looking.change([Series.put(301)])
        let writing = try store.begin()
        _ = try writing.change([Series.put(302)])
        let linking = try store.begin()
        _ = try linking.change([
            .link(Link("after", from: Series.mood(40), to: Series.mood(1)))
        ])
        _ = try store.deleteWhere(period)
        for loser in [reading, looking, linking] {
            let refused = #expect(throws: MnemeError.self) { try loser.commit(.synced) }
            #expect(refused?.code == .conflict)
        }
        _ = try writing.commit(.synced)
        #expect(try Series.numbers(store).count == 61)
    }

    @Test func aCompactionKeepsTheFrameAsLongAsItIsNeeded() throws {
        let disk = SimulatedDisk()
        let store = try Series.store(options(disk))
        _ = try store.deleteWhere(period)
        func frames() throws -> Int {
            var count = 0
            let cold = store.newest.state.roots.cold.filter(\.isComplete)
                .compactMap { store.log.coldRun($0.number) }
            try store.log.forEachBatch(through: store.snapshot().sequence, cold: cold) {
                (batch) throws(StoreError) in
                count += batch.frames.count { $0.content.type == StoreFrameType.withdrawal }
            }
            return count
        }
        func churn(erasing: Bool) throws {
            for _ in 0..<3 { _ = try store.commit((61...90).map { Series.put($0) }) }
            try store.checkpointNow()
            try store.compactAll()
            if erasing { _ = try store.eraseNow() }
        }
        try churn(erasing: false)
        #expect(try frames() == 1)
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options(disk.crashKeepingAll()))
            #expect(again.newest.state.roots.withdrawn.count == 30)
            try expectPeriodGone(again)
            try again.upkeep([.sweep])
            try expectPeriodGone(again)
            try again.close()
        }
        try store.upkeep([.sweep])
        try churn(erasing: true)
        #expect(try frames() == 0)
        // Nothing of what is gone is in the files any more.
        let found = try Self.keys(in: store)
        #expect(found == Set(left))
        let again = try Store.open("store", .rebuild, options: options(disk.crashKeepingAll()))
        try expectPeriodGone(again)
    }

    /// The moods that any put of the log has.
    private static func keys(in store: Store) throws -> Set<Int64> {
        var keys: Set<Int64> = []
        let cold = store.newest.state.roots.cold.filter(\.isComplete)
            .compactMap { store.log.coldRun($0.number) }
        try store.log.forEachBatch(through: store.snapshot().sequence, cold: cold) {
            (batch) throws(StoreError) in
            for frame in batch.frames where frame.content.type == StoreFrameType.put {
                guard let columns = try? PutColumns(frame.content.columns),
                    case .int(let key) = columns.key
                else { continue }
                keys.insert(key)
            }
        }
        return keys
    }

    @Test func backupsAndSalvagesKnowIt() throws {
        let disk = SimulatedDisk()
        let options = options(disk)
        let store = try Series.store(options)
        let before = store.snapshot().sequence
        let deleted = try store.deleteWhere(period)
        _ = try store.backup(to: "full")
        try store.upkeep([.sweep])
        _ = try store.commit([Series.put(91)])
        var increment = BackupOptions()
        increment.base = "full"
        _ = try store.backup(to: "next", increment)
        for (point, count) in [
            (RestorePoint.sequence(before), 90), (.sequence(deleted.sequence), 60), (.end, 61),
        ] {
            let name = "restored\(count)"
            _ = try Store.restore(["full", "next"], to: name, at: point, options: options)
            let restored = try Store.open(name, .open, options: options)
            #expect(try Series.numbers(restored).count == count)
            try restored.upkeep()
            #expect(restored.newest.state.roots.withdrawn.isEmpty)
            #expect(try Series.numbers(restored).count == count)
            #expect(try restored.verify().findings == [])
            try restored.close()
        }
        try store.close()
        // The delete without the sweep behind it.
        _ = try Store.restore(["full"], to: "plain", options: options)
        let report = try Salvage(of: "plain", to: "saved", options: options).run()
        #expect(report.records == ["moods": 60])
        let saved = try Store.open("saved", .open, options: options)
        try expectPeriodGone(saved)
    }

    @Test func countingBeginsWithoutWhatIsOnItsWayOut() throws {
        let store = try Series.store(options())
        _ = try store.deleteWhere(period)
        try #require(!store.newest.state.roots.withdrawn.isEmpty)
        try store.define(
            Schema(collections: [Collection("moods", fields: [], countsUsage: true)])
        )
        #expect(try store.snapshot().usage(UsageQuestion()).records == 60)
        // Each goes by itself from now on, and is counted with its commit.
        let rest = DeleteWhere("moods", from: Series.instant(61), to: Series.instant(71))
        #expect(try store.deleteWhere(rest).count == 10)
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        #expect(try store.snapshot().usage(UsageQuestion()).records == 50)
        #expect(try store.verify().findings == [])
    }

    @Test func aHistoryOfEdgesBeginsWithoutWhatIsOnItsWayOut() throws {
        let store = try Series.store(options())
        _ = try store.deleteWhere(period)
        try #require(!store.newest.state.roots.withdrawn.isEmpty)
        try store.define(
            Schema(edgeTypes: [
                EdgeType("after", from: "moods", to: "moods", history: HistoryRule())
            ])
        )
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        // Each goes by itself from now on, and its edges are kept.
        let rest = DeleteWhere("moods", from: Series.instant(61), to: Series.instant(71))
        #expect(try store.deleteWhere(rest).count == 10)
        #expect(store.newest.state.roots.withdrawn.isEmpty)
        #expect(try store.verify().findings == [])
    }
}
