// Transactions one by one: they see what they have changed and nobody else does, they lose where
// others changed what they read, and they end.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct TransactionTests {
    static let second: Microseconds = 1_000_000

    private func store(_ options: StoreOptions = StoreTests.options()) throws -> Store {
        let store = try Store.open("notes", .openOrCreate, options: options)
        try store.define(StoreTests.schema)
        try store.define(
            Schema(
                collections: [Collection("rows", key: .int, fields: [Field("n", .int)])]
            )
        )
        _ = try store.commit([
            StoreTests.put("a", rank: 1), StoreTests.put("b", rank: 2),
            StoreTests.put("c", rank: 3, body: "tea leaves", owner: "bob"),
        ])
        return store
    }

    private func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private func link(_ from: String, _ to: String) -> Change {
        .link(Link("cites", from: note(from), to: note(to)))
    }

    private func rank(_ key: String, _ store: Store) throws -> Value? {
        try store.snapshot().record(note(key))?["rank"]
    }

    // MARK: What it sees

    @Test func readsItsOwnWritesInEveryPath() throws {
        let store = try store()
        let transaction = try store.begin()
        let outcomes = try transaction.change([
            StoreTests.put("d", rank: 9, body: "green tea"), link("a", "d"),
            .delete(note("b")), .patch(Patch("notes", "a", [.increment("rank", 10)])),
        ])
        guard outcomes.count == 4, case .linked(let edge) = outcomes[1] else {
            Issue.record("\(outcomes)")
            return
        }
        let records = try transaction.get([note("a"), note("b"), note("d")])
        #expect(records.map { $0?["rank"] } == [11, nil, 9])
        let found = try transaction.find(
            Find("notes", where: .compare(field: "rank", .gte(3)), order: [Order("rank")])
        )
        #expect(found.rows.map(\.record.reference.key) == ["c", "d", "a"])
        #expect(found.sequence == transaction.sequence)
        let near = try transaction.find(Find("notes", near: Near("place", [9, 1, 0]), limit: 1))
        #expect(near.rows.map(\.record.reference.key) == ["d"])
        let matching = try transaction.find(Find("notes", match: Match("body", "tea")))
        #expect(Set(matching.rows.map(\.record.reference.key)) == ["c", "d"])
        let walked = try transaction.walk(Walk(from: [note("a")]))
        #expect(walked.stops.map(\.reference) == [note("d")])
        #expect(walked.stops[0].path.map(\.id) == [edge])
        let path = try transaction.path(Path(from: note("a"), to: note("d")))
        #expect(path?.map(\.id) == [edge])
        // Nobody else sees any of it.
        #expect(try rank("a", store) == 1 && rank("b", store) == 2 && rank("d", store) == nil)
        #expect(
            try store.snapshot().find(Find("notes", match: Match("body", "tea"))).rows.count == 1
        )
        let committed = try transaction.commit(.synced)
        #expect(committed.outcomes == outcomes)
        #expect(try rank("a", store) == 11 && rank("b", store) == nil && rank("d", store) == 9)
        #expect(try store.verify().findings == [])
        #expect(store.openTransactions == 0)
    }

    @Test func aRollbackLeavesNothing() throws {
        let store = try store()
        let before = store.snapshot().sequence
        let pages = store.pages.usage.residentBytes
        for _ in 0..<20 {
            let transaction = try store.begin()
            try transaction.change([
                StoreTests.put("x", rank: 1), link("a", "x"), .delete(note("c")),
            ])
            try transaction.rollback()
            try expectRefusal(.noTransaction) { _ = try transaction.get([note("a")]) }
            try expectRefusal(.noTransaction) { _ = try transaction.commit(.synced) }
            try expectRefusal(.noTransaction) { try transaction.rollback() }
        }
        #expect(store.snapshot().sequence == before && store.openTransactions == 0)
        #expect(store.pages.usage.residentBytes == pages)
        #expect(store.transactions.gauge.byteCount == 0)
        #expect(try rank("x", store) == nil && rank("c", store) == 3)
    }

    @Test func whatIsLetGoOfHasEnded() throws {
        let store = try store()
        do {
            let transaction = try store.begin()
            try transaction.change([StoreTests.put("x", rank: 1)])
            #expect(store.openTransactions == 1)
        }
        #expect(store.openTransactions == 0 && store.transactions.gauge.byteCount == 0)
    }

    @Test func aRefusedChangeIsNotPartOfIt() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([StoreTests.put("d", rank: 4)])
        try expectRefusal(.duplicate) {
            try transaction.change([
                StoreTests.put("e", rank: 5),
                .put(Put("notes", "d", ["title": "another"], mode: .insert)),
            ])
        }
        try expectRefusal(.danglingEdge) { try transaction.change([link("a", "nobody")]) }
        try expectRefusal(.missingField) {
            try transaction.change([.put(Put("notes", "f", [:]))])
        }
        try expectRefusal(.duplicate, "byTitle") {
            try transaction.change([.put(Put("notes", "f", ["title": "title of a"]))])
        }
        #expect(try transaction.get([note("d"), note("e")]).map { $0 != nil } == [true, false])
        #expect(try transaction.commit(.synced).outcomes == [.put(note("d"))])
        #expect(try rank("d", store) == 4 && rank("e", store) == nil)
    }

    @Test func generatedKeysStayAndEdgesGetTheirNumbers() throws {
        let store = try store()
        let first = try store.begin()
        let second = try store.begin()
        var keys: [Key] = []
        for (index, transaction) in [first, second, first].enumerated() {
            let outcomes = try transaction.change([
                .put(Put("rows", nil, ["n": .int(Int64(index))]))
            ])
            guard case .put(let reference) = outcomes[0] else { continue }
            keys.append(reference.key)
        }
        #expect(Set(keys).count == 3)
        // Beside them the writer gives others.
        let beside = try store.commit([.put(Put("rows", nil, ["n": 7]))])
        guard case .put(let other) = beside.outcomes[0] else { return }
        #expect(!keys.contains(other.key))
        let inside = try first.change([link("a", "b"), link("b", "c")])
        guard case .linked(let kept) = inside[0], case .linked(let gone) = inside[1] else { return }
        _ = try store.commit([link("c", "a")])
        #expect(try first.change([.unlink(gone)]) == [.unlinked(true)])
        #expect(try first.change([.unlink(gone)]) == [.unlinked(false)])
        let committed = try first.commit(.synced)
        _ = try second.commit(.synced)
        guard case .linked(let real) = committed.outcomes[2] else {
            Issue.record("\(committed.outcomes)")
            return
        }
        #expect(real != kept)
        let edges = try store.snapshot().edges(of: note("b"), .both, types: nil)
        #expect(edges.map(\.id) == [real] && edges[0].to == note("b"))
        for (index, key) in keys.enumerated() {
            let record = try store.snapshot().record(Reference("rows", key))
            #expect(record?["n"] == .int(Int64(index)))
        }
        let next = try store.commit([.put(Put("rows", nil, ["n": 8]))])
        guard case .put(let after) = next.outcomes[0] else { return }
        #expect(!keys.contains(after.key) && after.key != other.key)
        #expect(try store.verify().findings == [])
    }

    // MARK: Who loses

    /// A transaction that does `read`, then others change something, then it writes.
    private func expectConflict(
        _ words: String,
        at location: SourceLocation = #_sourceLocation,
        _ read: (StoreTransaction) throws -> Void,
        others: () -> [Change]
    ) throws {
        let store = try store()
        _ = try store.commit([link("a", "b")])
        let transaction = try store.begin()
        try read(transaction)
        try transaction.change([.put(Put("rows", 1, ["n": 1]))])
        _ = try store.commit(others())
        try expectRefusal(.conflict, words, at: location) { _ = try transaction.commit(.synced) }
        #expect(try store.snapshot().record(Reference("rows", 1)) == nil, sourceLocation: location)
        #expect(store.openTransactions == 0, sourceLocation: location)
    }

    private func expectNone(
        at location: SourceLocation = #_sourceLocation,
        _ read: (StoreTransaction) throws -> Void,
        others: () -> [Change]
    ) throws {
        let store = try store()
        _ = try store.commit([link("a", "b")])
        let transaction = try store.begin()
        try read(transaction)
        try transaction.change([.put(Put("rows", 1, ["n": 1]))])
        _ = try store.commit(others())
        _ = try transaction.commit(.synced)
        #expect(
            try store.snapshot().record(Reference("rows", 1)) != nil,
            sourceLocation: location
        )
        #expect(try store.verify().findings == [], sourceLocation: location)
    }

    @Test func theErrorIsOneToTryAgain() {
        #expect(MnemeError.Code.conflict.action == .retry)
        #expect(MnemeError.Code.noTransaction.action == .fixInput)
        #expect(MnemeError.Code.conflict.rawValue == 205)
        #expect(MnemeError.Code.noTransaction.rawValue == 206)
    }

    @Test func whatItReadMustStay() throws {
        try expectConflict("notes/a") {
            _ = try $0.get([note("a")])
        } others: {
            [StoreTests.put("a", rank: 8)]
        }
        // One that was not there.
        try expectConflict("notes/z") {
            _ = try $0.get([note("z")])
        } others: {
            [StoreTests.put("z", rank: 8)]
        }
        try expectConflict("deleted") {
            _ = try $0.get([note("b")])
        } others: {
            [.delete(note("b"))]
        }
        try expectNone {
            _ = try $0.get([note("a"), note("z")])
        } others: {
            [StoreTests.put("b", rank: 8), .delete(note("c"))]
        }
    }

    @Test func whatItFoundMustStay() throws {
        let some = Find("notes", owner: "ann", where: .compare(field: "rank", .gte(2)))
        for change in [
            StoreTests.put("b", rank: 0), StoreTests.put("a", rank: 5), .delete(note("b")),
            StoreTests.put("z", rank: 2), StoreTests.put("z", rank: 2, owner: "ann/work"),
        ] {
            try expectConflict("notes/") {
                _ = try $0.find(some)
            } others: {
                [change]
            }
        }
        for change in [
            StoreTests.put("a", rank: 0), StoreTests.put("c", rank: 9, owner: "bob"),
            StoreTests.put("z", rank: 9, owner: "anna"), .delete(note("a")),
        ] {
            try expectNone {
                _ = try $0.find(some)
            } others: {
                [change]
            }
        }
        for find in [
            Find("notes", owner: "ann", near: Near("place", [1, 1, 0])),
            Find("notes", owner: "ann", match: Match("body", "words")),
        ] {
            try expectConflict("notes/z") {
                _ = try $0.find(find)
            } others: {
                [StoreTests.put("z", rank: 2)]
            }
            try expectNone {
                _ = try $0.find(find)
            } others: {
                [StoreTests.put("z", rank: 2, owner: "bob")]
            }
        }
        // Somebody who has nothing yet.
        try expectConflict("notes/z") {
            _ = try $0.find(Find("notes", owner: "eve"))
        } others: {
            [StoreTests.put("z", rank: 2, owner: "eve/home")]
        }
    }

    @Test func whereItWalkedNothingComesOrGoes() throws {
        let walk = Walk(from: [note("a")], hops: 2)
        for changes in [[link("b", "c")], [link("c", "a")], [.delete(note("b"))]] {
            try expectConflict("walk") {
                _ = try $0.walk(walk)
            } others: {
                changes
            }
            try expectConflict("walk") {
                _ = try $0.path(Path(from: note("a"), to: note("c")))
            } others: {
                changes
            }
        }
        try expectNone {
            _ = try $0.walk(walk)
        } others: {
            [StoreTests.put("b", rank: 7), StoreTests.put("z", rank: 7), link("c", "z")]
        }
        try expectConflict("notes/z") {
            let transaction = $0
            try expectRefusal(.notFound) { _ = try transaction.walk(Walk(from: [note("z")])) }
        } others: {
            [StoreTests.put("z", rank: 7)]
        }
    }

    @Test func whatARefusalSaidMustStay() throws {
        try expectConflict("notes/a") {
            let transaction = $0
            try expectRefusal(.duplicate) {
                try transaction.change([
                    .put(Put("notes", "a", ["title": "x"], mode: .insert))
                ])
            }
        } others: {
            [.delete(note("a"))]
        }
        try expectConflict("notes/z") {
            let transaction = $0
            try expectRefusal(.danglingEdge) { try transaction.change([link("a", "z")]) }
        } others: {
            [StoreTests.put("z", rank: 1)]
        }
    }

    @Test func blindWritesDoNotConflict() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([
            StoreTests.put("a", rank: 100),
            .patch(Patch("notes", "b", [.increment("rank", 10)])),
        ])
        // What it has put it knows, whatever others put there.
        #expect(try transaction.get([note("a")])[0]?["rank"] == 100)
        _ = try store.commit([
            StoreTests.put("a", rank: 50), .patch(Patch("notes", "b", [.increment("rank", 1)])),
        ])
        _ = try transaction.commit(.synced)
        #expect(try rank("a", store) == 100 && rank("b", store) == 13)
    }

    @Test func writesThatBreakARuleMeanwhileConflict() throws {
        let cases: [(Change, [Change])] = [
            (
                .put(Put("notes", "z", ["title": "z"], mode: .insert)),
                [StoreTests.put("z", rank: 1)]
            ),
            (
                .put(Put("notes", "z", ["title": "new"])),
                [.put(Put("notes", "y", ["title": "new"]))]
            ),
            (link("a", "b"), [.delete(note("b"))]),
            (.delete(note("b")), [.delete(note("b"))]),
            (.delete(note("z")), [StoreTests.put("z", rank: 1)]),
            (.patch(Patch("notes", "b", [.increment("rank", 1)])), [.delete(note("b"))]),
            (
                .patch(Patch("notes", "b", [.increment("rank", 1)], returnsRecord: true)),
                [StoreTests.put("b", rank: 5)]
            ),
        ]
        for (change, others) in cases {
            let store = try store()
            let transaction = try store.begin()
            try transaction.change([change])
            _ = try store.commit(others)
            try expectRefusal(.conflict) { _ = try transaction.commit(.synced) }
            #expect(try store.verify().findings == [])
        }
    }

    /// Neither what it was nor what others made of it was in the question, but with its own step it
    /// would be.
    @Test func whatItFindsOfItsOwnPatchesMustStay() throws {
        let store = try store()
        let transaction = try store.begin()
        try transaction.change([.patch(Patch("notes", "a", [.increment("rank", 1)]))])
        let high = Find("notes", where: .compare(field: "rank", .gte(4)))
        #expect(try transaction.find(high).rows.isEmpty)
        _ = try store.commit([.patch(Patch("notes", "a", [.increment("rank", 2)]))])
        try expectRefusal(.conflict, "notes/a") { _ = try transaction.commit(.synced) }
    }

    @Test func noUpdateIsLost() throws {
        let store = try store()
        let (first, second) = (try store.begin(), try store.begin())
        for transaction in [first, second] {
            let rank = try transaction.get([note("a")])[0]?["rank"]
            guard case .int(let number) = rank else { return }
            try transaction.change([StoreTests.put("a", rank: number + 1)])
        }
        _ = try first.commit(.synced)
        try expectRefusal(.conflict, "notes/a") { _ = try second.commit(.synced) }
        #expect(try rank("a", store) == 2)
    }

    @Test func noWriteIsSkewed() throws {
        let store = try store()
        // One of them must stay.
        let (first, second) = (try store.begin(), try store.begin())
        for (transaction, mine) in [(first, "a"), (second, "b")] {
            #expect(try transaction.find(Find("notes", owner: "ann")).rows.count == 2)
            try transaction.change([.delete(note(mine))])
        }
        _ = try first.commit(.synced)
        try expectRefusal(.conflict) { _ = try second.commit(.synced) }
        #expect(try store.snapshot().find(Find("notes", owner: "ann")).rows.count == 1)
    }

    @Test func readersNeverConflict() throws {
        let store = try store()
        let transaction = try store.begin()
        #expect(try transaction.find(Find("notes")).rows.count == 3)
        _ = try store.commit([StoreTests.put("z", rank: 1), .delete(note("a"))])
        #expect(try transaction.find(Find("notes")).rows.count == 3)
        #expect(try transaction.get([note("a")])[0]?["rank"] == 1)
        let committed = try transaction.commit(.synced)
        #expect(committed == Committed(sequence: transaction.sequence, outcomes: []))
    }

    // MARK: Limits

    @Test func whatIsLeftEnds() throws {
        let clock = SimulatedClock()
        var options = StoreTests.options()
        options.clock = clock
        options.snapshotAge = nil
        let store = try store(options)
        let (left, used) = (try store.begin(), try store.begin())
        try left.change([StoreTests.put("x", rank: 1)])
        for _ in 0..<3 {
            clock.advance(by: 40 * Self.second)
            _ = try used.get([note("a")])
            try store.upkeep([.snapshots])
        }
        #expect(store.openTransactions == 1)
        try expectRefusal(.noTransaction, "60") { _ = try left.get([note("a")]) }
        try expectRefusal(.noTransaction) { _ = try left.commit(.synced) }
        // Without anybody looking after it.
        clock.advance(by: 61 * Self.second)
        try expectRefusal(.noTransaction) { _ = try used.get([note("a")]) }
        #expect(store.openTransactions == 0 && store.transactions.gauge.byteCount == 0)
    }

    @Test func whatItSeesMayBeTooOld() throws {
        let clock = SimulatedClock()
        var options = StoreTests.options()
        options.clock = clock
        options.snapshotAge = 30 * Self.second
        let store = try store(options)
        let (read, swept) = (try store.begin(), try store.begin())
        _ = try store.commit([StoreTests.put("x", rank: 1)])
        for _ in 0..<2 {
            clock.advance(by: 16 * Self.second)
            if store.openTransactions == 2, !read.hasEnded { _ = try? swept.get([note("a")]) }
        }
        try expectRefusal(.snapshotTooOld) { _ = try read.get([note("a")]) }
        try store.upkeep([.snapshots])
        try expectRefusal(.snapshotTooOld) { _ = try swept.commit(.synced) }
        #expect(store.openTransactions == 0)
    }

    @Test func thereAreOnlySoMany() throws {
        var options = StoreTests.options()
        options.transactionLimit = 4
        let store = try store(options)
        var open: [StoreTransaction] = []
        for _ in 0..<4 { open.append(try store.begin()) }
        try expectRefusal(.tooManyRequests, "4") { _ = try store.begin() }
        try open.removeLast().rollback()
        open.append(try store.begin())
        #expect(Set(open.map(\.id)).count == 4)
    }

    @Test func theHistoryIsBounded() throws {
        var options = StoreTests.options()
        options.transactionHistoryBytes = 20_000
        let store = try store(options)
        let old = try store.begin()
        _ = try old.get([note("a")])
        try old.change([StoreTests.put("x", rank: 1)])
        for number in 0..<100 { _ = try store.commit([StoreTests.put("b", rank: Int64(number))]) }
        let young = try store.begin()
        _ = try young.get([note("a")])
        try young.change([StoreTests.put("y", rank: 1)])
        try expectRefusal(.conflict, "more was committed") { _ = try old.commit(.synced) }
        _ = try young.commit(.synced)
    }

    @Test func commitsAreKeptWhileSomebodyNeedsThem() throws {
        var options = StoreTests.options()
        options.transactionHistoryIdle = 3
        let store = try store(options)
        let history = store.transactions.history
        func commit(_ count: Int) throws {
            for rank in 0..<count { _ = try store.commit([StoreTests.put("b", rank: Int64(rank))]) }
        }
        #expect(!history.keeps)
        for round in 0..<3 {
            let old = try store.begin()
            _ = try old.get([note("b")])
            try old.change([StoreTests.put("x", rank: Int64(round))])
            let other = try store.begin()
            try commit(10)
            #expect(history.keeps)
            // More than one, and each is to be told.
            try expectRefusal(.conflict, "by another commit") { _ = try old.commit(.synced) }
            try commit(10)
            try other.rollback()
            try commit(3)
            #expect(history.keeps && history.since(store.newest.state.sequence) != nil)
            try commit(1)
            #expect(!history.keeps && history.since(store.newest.state.sequence) == nil)
            try commit(5)
        }
    }

    @Test func itsChangesFitIntoABatch() throws {
        var options = StoreTests.options()
        options.logLimits.batch = 40_000
        let store = try store(options)
        let transaction = try store.begin()
        var count = 0
        try expectRefusal(.tooLarge) {
            for number in 0..<1000 {
                try transaction.change([StoreTests.put("x\(number)", rank: 1)])
                count += 1
            }
        }
        #expect(count > 10)
        #expect(try transaction.commit(.synced).outcomes.count == count)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsCommittedSurvives() throws {
        let disk = MemoryDisk()
        var options = StoreTests.options(disk)
        for key in [nil, Sealed.key] {
            options.masterKey = key
            let name = key == nil ? "plain" : "sealed"
            let store = try Store.open(name, .create, options: options)
            try store.define(StoreTests.schema)
            let transaction = try store.begin()
            try transaction.change([StoreTests.put("a", rank: 1), StoreTests.put("b", rank: 2)])
            try transaction.change([link("a", "b"), StoreTests.put("a", rank: 3)])
            let near = Find("notes", near: Near("place", [3, 1, 0]), limit: 1)
            #expect(try transaction.find(near).rows[0].record["rank"] == 3)
            _ = try transaction.commit(.synced)
            try store.close()
            let again = try Store.open(name, .open, options: options)
            #expect(try again.snapshot().record(note("a"))?["rank"] == 3)
            #expect(try again.snapshot().edges(of: note("a"), .both, types: nil).count == 1)
            #expect(try again.verify().findings == [])
        }
    }
}
