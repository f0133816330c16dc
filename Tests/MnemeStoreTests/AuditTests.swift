// The audit of a store: a change and its rows are there together, what waits is counted, and what
// is too much or too old goes.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct AuditTests {
    private static let day: Microseconds = 24 * 3600 * 1_000_000
    private static let asker = Asker(
        AuditOrigin(name: "tests", program: "tests 1", address: "here", connection: 7),
        request: 9
    )
    private static let everything = AuditRule(writes: true, reads: true, failures: true)
    private let clock = SimulatedClock(start: 1_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreTests.options(disk)
        options.clock = clock
        return options
    }

    private func store(
        _ disk: any Disk = MemoryDisk(),
        _ setting: AuditSetting = AuditSetting(AuditTests.everything)
    ) throws -> Store {
        let store = try Store.open("jobs", .openOrCreate, options: options(disk))
        try store.define(ConditionTests.schema)
        try store.setAudit(setting, for: Self.asker)
        return store
    }

    /// Commits as a door does.
    @discardableResult
    private func commit(
        _ store: Store,
        _ changes: [Change],
        _ durability: Durability = .synced,
        by author: String? = nil
    ) throws -> Committed {
        let signature = Signature(author: author)
        let request = Request.signed(signature, changes, durability)
        let call = store.audit.begin(request, Self.asker)
        let result = AuditCall.$current.withValue(call) {
            Result { () throws(MnemeError) in
                try store.commit(changes, durability, signature: signature)
            }
        }
        store.serve(store.audit.end(call, request, result.map { .committed($0) }))
        return try result.get()
    }

    private func read(_ store: Store, _ key: String) throws -> AuditLog.Need {
        let request = Request.get([ConditionTests.job(key)])
        return store.audit.end(
            store.audit.begin(request, Self.asker),
            read: [ConditionTests.job(key)]
        )
    }

    private func rows(
        _ store: Store,
        where filter: Filter? = nil,
        order: String = "at"
    ) throws -> [Record] {
        try store.snapshot().find(
            Find("$audit", where: filter, order: [Order(order)], limit: 100_000)
        ).rows.map(\.record)
    }

    private func keys(_ record: Record) -> [String] {
        guard case .array(let values)? = record.fields["keys"] else { return [] }
        return values.compactMap(\.text)
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    // MARK: What a row says

    @Test func aRowSaysWhoDidWhatToWhat() throws {
        let store = try store()
        clock.advance(by: 10)
        let begun = clock.now()
        try commit(
            store,
            [.put(Put("jobs", "a", ["n": 1])), .put(Put("jobs", "b", [:]))],
            by: "ann"
        )
        try commit(
            store,
            [
                .put(Put("jobs", "a", ["n": 2])), .delete(ConditionTests.job("b")),
                .put(Put("jobs", "c", [:])),
                .link(
                    Link("joins", from: ConditionTests.job("a"), to: ConditionTests.job("c"))
                ),
            ]
        )
        #expect(code { try commit(store, [.put(Put("jobs", "a", [:], mode: .insert))]) } != nil)
        _ = try read(store, "c")
        try store.commitAudit()
        let all = try rows(store, order: "$key")
        let told = all.map { row in
            let touched = keys(row).joined(separator: ",")
            let words = [row["verb"], row["effect"]].map { $0.text ?? "" } + [touched]
            return (words + ["\(row["part"].int ?? -1)", row["outcome"].text ?? ""])
                .joined(separator: " ")
        }
        #expect(
            told.dropFirst().map { $0 } == [
                "commit created a,b 0 ok", "commit updated a 0 ok",
                "commit deleted b 1 ok", "commit created c 2 ok",
                "commit linked \(keys(all[5]).first ?? "") 3 ok",
                "commit none a 0 error", "get read c 0 ok",
            ]
        )
        let first = all[1]
        #expect(first["actor"] == "ann" && first["program"] == "tests 1")
        #expect(first["address"] == "here" && first["connection"] == 7 && first["request"] == 9)
        #expect(first["collection"] == "jobs" && first["records"] == 2)
        #expect(first["proven"] == .bool(false) && first["microseconds"] == 0)
        #expect(first["at"] == .instant(Instant(microseconds: begun)))
        #expect(all[2]["actor"] == "tests" && all[5]["edge"] == "joins")
        #expect(all[6]["code"] == 200 && all[6]["error"] == "duplicate")
        #expect(all[0]["verb"] == "audit" && all[0]["setting"] != .null)
        #expect(try store.verify().findings == [])
    }

    @Test func nothingIsKeptUnlessItIsSet() throws {
        let store = try store(MemoryDisk(), AuditSetting())
        #expect(!store.audit.isOn)
        try commit(store, [.put(Put("jobs", "a", [:]))])
        try store.commitAudit()
        #expect(try rows(store).count == 1)
        let other = AuditSetting(collections: ["joins": AuditRule(writes: true)])
        try store.setAudit(other, for: Self.asker)
        try commit(store, [.put(Put("jobs", "b", [:]))])
        _ = try read(store, "a")
        let link = Link("joins", from: ConditionTests.job("a"), to: ConditionTests.job("b"))
        try commit(store, [.link(link), .put(Put("jobs", "c", [:]))])
        try store.commitAudit()
        #expect(try rows(store, where: .eq("verb", "commit")).map { $0["edge"] } == ["joins"])
        #expect(code { try store.setAudit(AuditSetting(rows: 0), for: Self.asker) } == .badRequest)
        let unknown = AuditSetting(collections: ["none": AuditRule()])
        #expect(code { try store.setAudit(unknown, for: Self.asker) } == .unknownCollection)
    }

    @Test func manyKeysTakeManyRowsAndLongTextsFit() throws {
        let store = try store()
        let many = (0..<250).map { Change.put(Put("jobs", .text("k\($0)"), [:])) }
        try commit(store, many)
        let parts = try rows(store, where: .eq("verb", "commit"), order: "part")
        #expect(parts.map { $0["records"] } == [100, 100, 50])
        #expect(Set(parts.flatMap(keys)) == Set((0..<250).map { "k\($0)" }))
        let long = String(repeating: "k", count: 512)
        let strange = String(repeating: "\u{1d160}", count: 70)
        let author = String(repeating: "茶", count: 100)
        for key in [long, strange] {
            try commit(store, [.put(Put("jobs", .text(key), [:]))], by: author)
        }
        try commit(
            store,
            [.put(Put("jobs", "x", [:]))],
            by: String(repeating: "\u{1d160}", count: 99)
        )
        try store.commitAudit()
        #expect(try store.verify().findings == [])
        let found = try rows(store, where: .eq("actor", .text(author)))
        #expect(found.flatMap(keys).contains(long) && found.count == 2)
    }

    @Test func nobodyButTheStoreWritesIt() throws {
        let store = try store()
        let row = Reference("$audit", 1)
        #expect(try store.snapshot().record(row)?["verb"] == "audit")
        #expect(code { _ = try store.commit([.delete(row)]) } == .readOnlyCollection)
        #expect(code { _ = try store.commit([.erase(row)]) } == .readOnlyCollection)
        #expect(code { _ = try store.commit([.put(Put("$audit", 1, [:]))]) } == .readOnlyCollection)
        let patch = Change.patch(Patch("$audit", 1, [.unset("verb")]))
        #expect(code { _ = try store.commit([patch]) } == .readOnlyCollection)
        #expect(code { try store.drop(.collection("$audit")) } == .readOnlyCollection)
        #expect(code { _ = try store.commit([.put(Put("$settings", "audit", [:]))]) } != nil)
        #expect(store.snapshot().schema == ConditionTests.schema)
        #expect(try store.statistics().records.keys.sorted() == ["jobs"])
    }

    // MARK: Together or not at all

    /// A power cut anywhere leaves both, a change and its row, or neither.
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func aCrashTakesBothOrNeither(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try store(disk)
        var acknowledged: Set<String> = []
        for step in 0..<60 {
            let key = "k\(step)"
            let durability: Durability = [.synced, .buffered, .none][random.below(3)]
            try commit(store, [.put(Put("jobs", .text(key), [:]))], durability)
            _ = try read(store, key)
            if random.below(4) == 0 { try store.commitAudit() }
            if durability == .synced { acknowledged.insert(key) }
            guard random.below(3) == 0 else { continue }
            disk = random.below(2) == 0 ? disk.crash(using: random) : disk.crashKeepingAll()
            let mode: StoreMode = random.below(4) == 0 ? .rebuild : .open
            store = try Store.open("jobs", mode, options: options(disk))
            #expect(store.audit.isOn && store.audit.setting.rule == Self.everything)
            let told = try rows(store, where: .eq("effect", "created")).flatMap(keys)
            let there = try store.snapshot().find(Find("jobs", limit: 1000)).rows.map {
                $0.record.reference.key.description
            }
            #expect(told.sorted() == there.sorted(), "seed \(seed), step \(step)")
            #expect(acknowledged.isSubset(of: told), "seed \(seed), step \(step)")
        }
        #expect(try store.verify().findings == [], "seed \(seed)")
    }

    /// What a transaction changes is told by its commit, in it.
    @Test func aTransactionIsToldByItsCommit() throws {
        let store = try store()
        let transaction = try store.begin()
        _ = try transaction.change([.put(Put("jobs", "a", [:]))])
        _ = try transaction.change(
            [.put(Put("jobs", "b", [:]))],
            signature: Signature(author: "ann")
        )
        #expect(try rows(store).count == 1)
        let request = Request.commitTransaction(transaction.id, .synced)
        let call = store.audit.begin(request, Self.asker)
        _ = try AuditCall.$current.withValue(call) {
            Result { () throws(MnemeError) in try transaction.commit(.synced) }
        }.get()
        let row = try #require(try rows(store, where: .eq("verb", "commitTransaction")).first)
        #expect(keys(row) == ["a", "b"])
        #expect(row["transaction"] == .int(Int64(clamping: transaction.id)))
        let left = try store.begin()
        _ = try left.change([.put(Put("jobs", "c", [:]))])
        try left.rollback()
        #expect(try rows(store).count == 2)
        let reading = try store.begin()
        #expect(code { _ = try reading.find(Find("$audit")) } == .readOnlyCollection)
    }

    // MARK: What waits, and what goes

    @Test func whatFindsNoRoomIsCounted() throws {
        let store = try store(MemoryDisk(), AuditSetting(Self.everything, buffer: 10))
        for number in 0..<25 { _ = try read(store, "k\(number)") }
        var status = try store.auditStatus()
        #expect(status.waiting == 10 && status.dropped == 15 && status.rows == 1)
        try store.commitAudit()
        status = try store.auditStatus()
        #expect(status.waiting == 0 && status.dropped == 15 && status.rows == 12)
        let told = try rows(store, where: .eq("effect", "dropped"))
        #expect(told.map { $0["records"] } == [15])
        #expect(try rows(store, where: .eq("verb", "get")).map(keys) == (0..<10).map { ["k\($0)"] })
        // Who may wait is told to, and nothing is dropped.
        try store.setAudit(AuditSetting(Self.everything, buffer: 10, strict: true), for: Self.asker)
        for number in 0..<25 { store.serve(try read(store, "s\(number)")) }
        #expect(!store.audit.isFull)
        try store.commitAudit()
        #expect(try store.auditStatus().dropped == 15)
        #expect(try rows(store, where: .eq("verb", "get")).count == 35)
    }

    @Test func whatCannotBeCommittedWaitsOn() throws {
        let store = try store()
        _ = try read(store, "a")
        store.writer.refuse(MnemeError(.diskFull, "no room, says the test"))
        #expect(code { try store.commitAudit() } == .diskFull)
        #expect(try store.auditStatus().waiting == 1)
    }

    /// First there is no room for the rows that wait, later none for the setting either.
    @Test func aSettingHoldsOrIsRefused() throws {
        let disk = SimulatedDisk()
        var options = options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        let store = try Store.open("jobs", options: options)
        try store.define(ConditionTests.schema)
        var held = AuditSetting(Self.everything, days: 1)
        #expect(try store.setAudit(held, for: Self.asker).setting == held)
        for number in 0..<3000 { _ = try read(store, "k\(number)") }
        disk.plan.full = FullDisk(from: disk.steps)
        var refused: MnemeError.Code?
        for days in 2..<1000 where refused == nil {
            let setting = AuditSetting(Self.everything, days: days)
            refused = code {
                let status = try store.setAudit(setting, for: Self.asker)
                #expect(status.setting == setting && status.waiting == 3000)
            }
            if refused == nil { held = setting }
        }
        #expect(refused == .diskFull && held.days ?? 0 > 2)
        #expect(try store.auditStatus().setting == held)
        disk.plan.full = nil
        try store.commitAudit()
        let told = try rows(store, where: .eq("verb", "get")).count
        #expect(told == 3000)
        options.disk = disk.crashKeepingAll()
        let again = try Store.open("jobs", .open, options: options)
        #expect(try again.auditStatus().setting == held)
    }

    @Test func oneOfSoManyIsKept() throws {
        let rule = AuditRule(writes: true, reads: true, sample: 4)
        let store = try store(MemoryDisk(), AuditSetting(rule))
        for number in 0..<400 { _ = try read(store, "k\(number)") }
        try commit(store, [.put(Put("jobs", "a", [:]))])
        try store.commitAudit()
        let kept = try rows(store, where: .eq("verb", "get"))
        // The chance of fewer or more by luck is below one in a million.
        #expect((50...160).contains(kept.count))
        #expect(kept.allSatisfy { $0["sample"] == 4 })
        #expect(try rows(store, where: .eq("verb", "commit")).count == 1)
    }

    @Test func theOldestGoBySizeAndByTime() throws {
        let disk = MemoryDisk()
        var store = try store(disk, AuditSetting(Self.everything, days: 3, rows: 80))
        for number in 0..<400 {
            clock.advance(by: 10)
            try commit(store, [.put(Put("jobs", "a", ["n": .int(Int64(number))]))])
            if number % 90 == 0 { try store.upkeep([.sweep]) }
        }
        try store.upkeep([.sweep])
        let kept = try rows(store, order: "$key")
        // The 401 rows are numbered from 1.
        #expect((80...90).contains(kept.count))
        #expect(kept.map(\.reference.key) == (402 - Int64(kept.count)...401).map { .int($0) })
        #expect(try store.verify().findings == [])
        clock.advance(by: 4 * Self.day)
        #expect(try rows(store).isEmpty)
        try store.upkeep([.sweep])
        #expect(try store.auditStatus().rows == 0)
        try store.close()
        store = try Store.open("jobs", .rebuild, options: options(disk))
        try commit(store, [.put(Put("jobs", "b", [:]))])
        #expect(try rows(store).map(\.reference.key) == [.int(402)])
    }

    // MARK: At the same time

    @Test func everyRequestOfManyHasItsRow() throws {
        var options = StoreTests.options()
        options.worksInBackground = true
        let store = try Store.open("jobs", .create, options: options)
        try store.define(ConditionTests.schema)
        try store.setAudit(AuditSetting(Self.everything), for: Self.asker)
        let threads = WorkerPool(threadCount: 6)
        let gates = (0..<6).map { _ in Gate() }
        let failures = Mutex(0)
        for (thread, gate) in gates.enumerated() {
            threads.submit {
                for number in 0..<60 {
                    let change = Change.put(Put("jobs", .text("k\(thread)-\(number)"), [:]))
                    do {
                        try commit(store, [change], .buffered)
                        store.serve(try read(store, "k\(thread)-\(number)"))
                    } catch {
                        failures.withLock { $0 += 1 }
                    }
                }
                gate.open()
            }
        }
        for gate in gates { gate.wait() }
        #expect(failures.withLock { $0 } == 0)
        try store.commitAudit()
        let all = (0..<6).flatMap { thread in (0..<60).map { "k\(thread)-\($0)" } }.sorted()
        for effect in ["created", "read"] {
            let told = try rows(store, where: .eq("effect", .text(effect))).flatMap(keys)
            #expect(told.sorted() == all)
        }
        #expect(try store.verify().findings == [])
        try store.close()
    }
}
