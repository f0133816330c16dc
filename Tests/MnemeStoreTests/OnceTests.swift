// Idempotency keys: what is done once is done once, whoever asks again, and whatever happened to
// the process in between.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct OnceTests {
    private static let hour: Microseconds = 3600 * 1_000_000
    private let clock = SimulatedClock(start: 1_000_000)

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreTests.options(disk)
        options.clock = clock
        return options
    }

    private func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("jobs", .openOrCreate, options: options(disk))
        try store.define(ConditionTests.schema)
        return store
    }

    private static func changes(_ step: Int64 = 1) -> [Change] {
        [
            .patch(
                Patch(
                    "jobs",
                    "counter",
                    [.increment("n", .int(step))],
                    orPut: [:],
                    returnsRecord: true
                )
            ), .put(Put("jobs", nil, ["state": "made"])),
        ]
    }

    private func key(_ text: String, _ changes: [Change] = OnceTests.changes()) throws -> OnceKey {
        try OnceKey(text, of: .commit(changes, .synced))
    }

    private func counter(_ store: Store) throws -> Value? {
        try store.snapshot().record(ConditionTests.job("counter"))?["n"]
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    /// What a commit came to, without saying that it was repeated.
    private func plain(_ committed: Committed) -> Committed {
        var committed = committed
        committed.isRepeated = false
        return committed
    }

    @Test func theSameIsDoneOnce() throws {
        let disk = SimulatedDisk()
        var store = try store(disk)
        let first = try store.commit(Self.changes(), once: key("k"))
        #expect(!first.isRepeated && first.versions.count == 2)
        let second = try store.commit(Self.changes(), once: key("k"))
        #expect(second.isRepeated && plain(second) == first)
        #expect(try counter(store) == 1)
        #expect(try store.repeated(key("k")).map(plain) == first)
        #expect(try store.repeated(key("other")) == nil)
        // Others do not come into it.
        let other = try store.commit(Self.changes(), once: key("l"))
        #expect(!other.isRepeated && other.sequence > first.sequence)
        let reused = Self.changes(2)
        #expect(code { _ = try store.commit(reused, once: key("k", reused)) } == .keyReused)
        #expect(try counter(store) == 2)
        // Versions are those of the records.
        let reference = ConditionTests.job("counter")
        #expect(try store.snapshot().versions(of: [reference]) == [other.versions[0]])
        try store.close()
        for mode in [StoreMode.open, .rebuild] {
            store = try Store.open("jobs", mode, options: options(disk))
            #expect(try plain(store.commit(Self.changes(), once: key("k"))) == first)
            #expect(try plain(store.commit(Self.changes(), once: key("l"))) == other)
            #expect(try counter(store) == 2)
            #expect(try store.verify().findings == [])
            try store.close()
        }
    }

    @Test func nobodySeesWhatIsKept() throws {
        let store = try store()
        _ = try store.commit(Self.changes(), once: key("k"))
        #expect(store.snapshot().schema == ConditionTests.schema)
        #expect(try store.statistics().records == ["jobs": 2])
        #expect(try store.verify().records == 3)
        let kept = Reference("$once", "k")
        #expect(code { _ = try store.snapshot().record(kept) } == .unknownCollection)
        #expect(code { _ = try store.snapshot().find(Find("$once")) } == .unknownCollection)
        #expect(code { _ = try store.commit([.delete(kept)]) } == .unknownCollection)
        #expect(code { _ = try store.commit([.put(Put("$once", "x", [:]))]) } == .unknownCollection)
        for name in ["$once", "$other"] {
            let schema = Schema(collections: [Collection(name, fields: [Field("a", .int)])])
            #expect(code { try store.define(schema) } == .badSchema)
        }
        let late = Schema(collections: [Collection("late", fields: [])])
        try store.define(late)
        #expect(try store.commit(Self.changes(), once: key("k")).isRepeated)
    }

    @Test func keysAreTextsOfSomeLength() throws {
        let store = try store()
        let longest = String(repeating: "x", count: 255)
        _ = try store.commit(Self.changes(), once: key(longest))
        #expect(try store.commit(Self.changes(), once: key(longest)).isRepeated)
        for bad in ["", longest + "x", String(repeating: "茶", count: 200)] {
            #expect(code { _ = try key(bad) } == .badRequest, "\(bad)")
        }
    }

    @Test func whatWasRefusedIsNotKept() throws {
        let store = try store()
        let changes: [Change] = [.put(Put("jobs", "a", [:], mode: .insert))]
        _ = try store.commit(changes)
        let once = try key("k", changes)
        #expect(code { _ = try store.commit(changes, once: once) } == .duplicate)
        _ = try store.commit([.delete(ConditionTests.job("a"))])
        #expect(try !store.commit(changes, once: once).isRepeated)
        // Were it done again, it would be refused.
        #expect(try store.commit(changes, once: once).isRepeated)
        // One that changes nothing is kept too.
        let none: [Change] = [.delete(ConditionTests.job("none"))]
        #expect(try !store.commit(none, once: key("n", none)).isRepeated)
        _ = try store.commit([.put(Put("jobs", "none", [:]))])
        let repeated = try store.commit(none, once: key("n", none))
        #expect(repeated.isRepeated && repeated.outcomes == [.deleted(false)])
    }

    @Test func itIsForgottenInTime() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        _ = try store.commit(Self.changes(), once: key("k"))
        _ = try store.commit([], once: key("empty", []))
        clock.advance(by: 23 * Self.hour)
        #expect(try store.commit(Self.changes(), once: key("k")).isRepeated)
        clock.advance(by: 2 * Self.hour)
        // Not swept yet, and not there all the same.
        #expect(try store.statistics().records == ["jobs": 2])
        #expect(try store.repeated(key("k")) == nil)
        #expect(try !store.commit([], once: key("empty", [])).isRepeated)
        let reused = Self.changes(7)
        let again = try store.commit(reused, once: key("k", reused))
        #expect(!again.isRepeated)
        #expect(try counter(store) == 8)
        #expect(try store.commit(reused, once: key("k", reused)).isRepeated)
        #expect(try store.commit([], once: key("empty", [])).isRepeated)
        clock.advance(by: 25 * Self.hour)
        try store.upkeep([.sweep])
        #expect(try store.verify().findings == [])
        #expect(try store.verify().records == 3)
        try store.close()
        let rebuilt = try Store.open("jobs", .rebuild, options: options(disk))
        #expect(try rebuilt.repeated(key("k", reused)) == nil)
    }

    /// A power cut anywhere leaves both, the commit and what is known of it, or neither.
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func aCrashTakesBothOrNeither(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try store(disk)
        var done: Int64 = 0
        for step in 0..<60 {
            let changes = Self.changes()
            let once = try key("step \(step)", changes)
            let durability: Durability = [.synced, .buffered, .none][random.below(3)]
            _ = try store.commit(changes, durability, once: once)
            if random.below(3) == 0 {
                disk = random.below(2) == 0 ? disk.crash(using: random) : disk.crashKeepingAll()
                store = try Store.open("jobs", .open, options: options(disk))
                // Other steps, too, may be gone; each is asked again.
                for again in 0...step {
                    _ = try store.commit(changes, once: key("step \(again)", changes))
                }
            }
            done = Int64(step + 1)
            #expect(try counter(store) == .int(done), "seed \(seed), step \(step)")
        }
        #expect(try store.verify().findings == [], "seed \(seed)")
    }

    /// What a store knows of a key after a power cut that takes everything unsynced.
    private func survivor(_ once: OnceKey, _ disk: SimulatedDisk) throws -> Committed? {
        let store = try Store.open("jobs", .open, options: options(disk.crashDroppingAll()))
        return try store.repeated(once).map(plain)
    }

    /// The answer is known without the writer, as a field that the request names was dropped.
    @Test(arguments: [false, true]) func whoAsksForMoreGetsMore(gathers: Bool) throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        let collection = Collection("plain", fields: [Field("a", .int), Field("b", .int)])
        try store.define(Schema(collections: [collection]))
        let changes: [Change] = [.put(Put("plain", "x", ["a": 1]))]
        let once = try key("k", changes)
        let first = try store.commit(changes, .none, once: once)
        try store.drop(.field(collection: "plain", name: "a"), .none)
        #expect(code { _ = try store.commit(changes) } == .unknownField)
        #expect(try store.commit(changes, .buffered, once: once).isRepeated)
        #expect(try survivor(once, disk) == nil)
        if gathers {
            let told = Mutex<Result<Committed, MnemeError>?>(nil)
            let done = Gate()
            try store.gather(changes, .synced, once: once) { outcome in
                told.withLock { $0 = outcome }
                done.open()
            }
            store.leadCommits()
            done.wait()
            let answer = try #require(told.withLock { $0 }).get()
            #expect(answer.isRepeated && plain(answer) == first)
        } else {
            let answer = try store.commit(changes, .synced, once: once)
            #expect(answer.isRepeated && plain(answer) == first)
        }
        #expect(try survivor(once, disk) == first)
        #expect(try store.verify().findings == [])
    }

    @Test func whatCannotBeSyncedIsNotSaidToBe() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        let synced = try key("synced")
        _ = try store.commit(Self.changes(), once: synced)
        let claim = Claim("jobs", where: .eq("state", "made"), edits: [.set("state", "taken")])
        let claimed = try OnceKey("claim", of: .claim(claim))
        let first = try store.claim(claim, .none, once: claimed)
        #expect(first.references.count == 1)
        let transaction = try store.begin()
        try transaction.change(Self.changes())
        let committed = try OnceKey("t", of: .commitTransaction(transaction.id, .none))
        _ = try transaction.commit(.none, once: committed)
        disk.plan.everySync = .failed(keepingSome: false)
        #expect(code { _ = try store.commit(Self.changes()) } == .outcomeUnknown)
        // What the store shows is known, and may be gone after a power cut.
        #expect(try store.claim(claim, .none, once: claimed).references == first.references)
        #expect(code { _ = try store.claim(claim, once: claimed) } == .outcomeUnknown)
        #expect(try store.repeated(committed, .buffered) != nil)
        #expect(code { _ = try store.repeated(committed, .synced) } == .outcomeUnknown)
        #expect(try store.repeated(synced, .synced) != nil)
        #expect(try survivor(claimed, disk) == nil)
        #expect(try survivor(committed, disk) == nil)
        #expect(try survivor(synced, disk) != nil)
    }

    @Test func oneOfManyDoesIt() throws {
        var options = StoreTests.options()
        options.worksInBackground = true
        let store = try Store.open("jobs", .create, options: options)
        try store.define(ConditionTests.schema)
        for round in 0..<20 {
            let answers = Mutex<[Committed]>([])
            let threads = WorkerPool(threadCount: 6)
            let gates = (0..<6).map { _ in Gate() }
            let once = try key("round \(round)")
            for gate in gates {
                threads.submit {
                    if let done = try? store.commit(Self.changes(), once: once) {
                        answers.withLock { $0.append(done) }
                    }
                    gate.open()
                }
            }
            for gate in gates { gate.wait() }
            let all = answers.withLock { $0 }
            #expect(all.count == 6 && all.count { !$0.isRepeated } == 1)
            #expect(Set(all.map(plain)).count == 1)
            #expect(try counter(store) == .int(Int64(round + 1)))
        }
        try store.close()
    }

    @Test func transactionsAreCommittedOnce() throws {
        let store = try store()
        let once = try OnceKey("t", of: .commitTransaction(1, .synced))
        let first = try store.begin()
        let inside = try first.change(Self.changes())
        let committed = try first.commit(.synced, once: once)
        #expect(committed.outcomes == inside && !committed.isRepeated)
        #expect(try store.repeated(once).map(plain) == committed)
        // Begun again, it is the same.
        let second = try store.begin()
        try second.change(Self.changes())
        let repeated = try second.commit(.synced, once: once)
        #expect(repeated.isRepeated && plain(repeated) == committed)
        #expect(try counter(store) == 1)
        // A commit is another request than that of a transaction.
        #expect(code { _ = try store.commit([], once: key("t", [])) } == .keyReused)
        let empty = try store.begin()
        let none = try OnceKey("none", of: .commitTransaction(2, .synced))
        #expect(try empty.commit(.none, once: none).outcomes == [])
        #expect(try store.repeated(none) != nil)
        #expect(try store.verify().findings == [])
    }

    @Test func edgeTypesComeWithIt() throws {
        let store = try store()
        let puts: [Change] = [.put(Put("jobs", "a", [:])), .put(Put("jobs", "b", [:]))]
        _ = try store.commit(puts)
        let link = Link("newly", from: ConditionTests.job("a"), to: ConditionTests.job("b"))
        let once = try OnceKey("k", of: .relate([link]))
        let first = try store.commit([.link(link)], defining: ["newly"], once: once)
        let second = try store.commit([.link(link)], defining: ["newly"], once: once)
        #expect(second.isRepeated && second.outcomes == first.outcomes)
        #expect(try store.statistics().edges["newly"] == 1)
    }

    @Test func backupsHaveItAndSalvagesDoNot() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        _ = try store.commit(Self.changes(), once: key("k"))
        try store.close()
        let report = try Salvage(of: "jobs", to: "saved", options: options(disk)).run()
        #expect(report.records == ["jobs": 2])
        let saved = try Store.open("saved", .open, options: options(disk))
        #expect(try saved.statistics().records == ["jobs": 2])
        #expect(try saved.repeated(key("k")) == nil)
        #expect(try !saved.commit(Self.changes(), once: key("k")).isRepeated)
        #expect(try saved.verify().findings == [])
    }
}
