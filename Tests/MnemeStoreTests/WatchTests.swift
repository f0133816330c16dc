// The change feed: what it tells and to whom, what it does not tell, and where it can tell no more.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct WatchTests {
    /// What a thread was refused with.
    private final class Told: Sendable {
        let code = Mutex<MnemeError.Code?>(nil)
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    /// An event in a few words.
    private func words(_ event: Watched.Event) -> String {
        switch event.what {
        case .put(let record, let isNew):
            "put \(record.reference) \(isNew ? "new" : "old") \(record.version == event.sequence)"
        case .delete(let reference): "delete \(reference)"
        case .erase(let reference): "erase \(reference)"
        case .link(let edge): "link \(edge.type) \(edge.from) \(edge.to)"
        case .unlink(let edge): "unlink \(edge.type) \(edge.from) \(edge.to)"
        case .define(let schema): "define \(schema.collections.map(\.name))"
        case .drop(let drop): "drop \(drop)"
        case .switchVector(let change): "switch \(change.field) to \(change.successor)"
        }
    }

    private func words(_ store: Store, _ watch: Watch) throws -> [String] {
        try store.watch(watch).events.map(words)
    }

    @Test func everyKindOfChangeIsTold() throws {
        let store = try Kinds.store()
        let a = Kinds.thing("a")
        let first = try store.watch(Watch(after: 0))
        #expect(first.sequence == store.snapshot().sequence && first.next == first.sequence)
        #expect(
            first.events.map(words) == [
                "define [\"things\", \"numbers\", \"ids\"]",
                "put things/a new true", "put things/b new true", "link joins things/a things/b",
            ]
        )
        let record = try store.snapshot().versionedRecord(a)
        #expect(first.events.contains { $0.what == record.map { .put($0, isNew: true) } })
        let edge = try #require(try store.snapshot().find(Find(edges: "joins")).edges.first)
        #expect(first.events.last?.what == .link(edge))
        _ = try store.commit([Kinds.put("a", ["count": 7]), .unlink(edge.id)])
        _ = try store.commit([.delete(a), .erase(Kinds.thing("b"))])
        let second = try store.watch(Watch(after: first.next))
        #expect(
            second.events.map(words) == [
                "put things/a old true", "unlink joins things/a things/b", "delete things/a",
                "erase things/b",
            ]
        )
        #expect(Set(second.events.map(\.commit)).count == 2)
        #expect(second.events.last?.commit == second.next)
        #expect(second.events.map(\.sequence) == second.events.map(\.sequence).sorted())
        // From now on.
        let now = try store.watch(Watch(waitMilliseconds: 60_000))
        #expect(now.events.isEmpty && now.next == second.next)
        try store.drop(.collection("ids"))
        #expect(try words(store, Watch(after: now.next)) == ["drop collection(\"ids\")"])
        // What is newest may be asked behind, and nothing that is still to come.
        let newest = store.snapshot().sequence
        #expect(try store.watch(Watch(after: newest)).next == newest)
        for waits in [0, 60_000] {
            try expectRefusal(.horizonPassed, "\(newest)", "\(newest + 1)") {
                _ = try store.watch(Watch(after: newest + 1, waitMilliseconds: waits))
            }
        }
    }

    @Test func anAnswerHasWholeCommitsAndGoesOnWhereItEnded() throws {
        let store = try Kinds.store()
        let start = store.snapshot().sequence
        for number in 0..<20 {
            _ = try store.commit((0..<5).map { Kinds.put("k\(number)-\($0)") })
        }
        let all = try store.watch(Watch(after: start)).events
        #expect(all.count == 100)
        for limit in [1, 4, 5, 6, 13, 100] {
            var (met, after, answers): ([Watched.Event], UInt64, Int) = ([], start, 0)
            while after < store.snapshot().sequence {
                let answer = try store.watch(Watch(after: after, limit: limit))
                #expect(answer.events.count == min((limit + 4) / 5 * 5, 100 - met.count))
                met += answer.events
                after = answer.next
                answers += 1
            }
            #expect(met == all, "limit \(limit)")
            #expect(answers == (100 + (limit + 4) / 5 * 5 - 1) / ((limit + 4) / 5 * 5))
        }
        // In the middle of a commit: the rest of it is told.
        let middle = try store.watch(Watch(after: all[7].sequence, limit: 1))
        #expect(middle.events == Array(all[8..<10]))
    }

    @Test func onlyWhatIsAskedForIsTold() throws {
        let store = try Kinds.store()
        let start = store.snapshot().sequence
        let (a, b) = (Kinds.thing("a"), Kinds.thing("b"))
        _ = try store.commit([
            Kinds.put("x", ["owner": "ann"]), Kinds.put("y", ["owner": "ann/work"]),
            Kinds.put("z", ["owner": "bob"]), .put(Put("numbers", 1, ["text": "one"])),
            .link(Link("joins", from: Kinds.thing("x"), to: a)),
            .link(Link("joins", from: Kinds.thing("z"), to: b)),
            .link(Link("counts", from: Reference("numbers", 1), to: b)),
        ])
        // One goes over to another owner, and one comes.
        _ = try store.commit([Kinds.put("x", ["owner": "bob"]), Kinds.put("z", ["owner": "ann"])])
        _ = try store.commit([.delete(Kinds.thing("y")), .delete(Kinds.thing("x"))])
        let once = try OnceKey("k", of: .commit([], .synced))
        _ = try store.commit([Kinds.put("o", ["owner": "eve"])], once: once)
        let ann = try words(store, Watch(after: start, owner: "ann"))
        #expect(
            ann == [
                "put things/x new true", "put things/y new true", "link joins things/x things/a",
                "delete things/x", "put things/z old true", "delete things/y",
            ]
        )
        #expect(
            try words(store, Watch(after: start, owner: "ann/work"))
                == ["put things/y new true", "delete things/y"]
        )
        #expect(try words(store, Watch(after: start, owner: "nobody")).isEmpty)
        #expect(
            try words(store, Watch(after: start, collections: ["numbers"], edges: []))
                == ["put \(Reference("numbers", 1)) new true"]
        )
        #expect(
            try words(store, Watch(after: start, collections: [], edges: ["counts"]))
                == ["link counts \(Reference("numbers", 1)) things/b"]
        )
        // The store's own collection is there by now, and told to nobody.
        let all = try words(store, Watch(after: start))
        #expect(all.last == "put things/o new true" && !all.contains { $0.contains("$") })
        #expect(!all.contains { $0.hasPrefix("define") })
    }

    @Test func whatIsWrongIsRefused() throws {
        let store = try Kinds.store()
        for watch in [
            Watch(limit: 0), Watch(limit: 10_001), Watch(waitMilliseconds: -1),
            Watch(waitMilliseconds: 60_001),
        ] { #expect(code { _ = try store.watch(watch) } == .badRequest) }
        let collection = Watch(after: 0, collections: ["none"])
        #expect(code { _ = try store.watch(collection) } == .unknownCollection)
        #expect(code { _ = try store.watch(Watch(edges: ["none"])) } == .unknownEdgeType)
        try store.close()
        #expect(code { _ = try store.watch(Watch(after: 0)) } == .closed)
    }

    @Test func whatIsNotDurableIsNotTold() throws {
        let disk = SimulatedDisk()
        var store = try Kinds.store(Kinds.options(disk))
        let start = store.snapshot().sequence
        _ = try store.commit([Kinds.put("soft")], .none)
        #expect(store.snapshot().sequence > start)
        let none = try store.watch(Watch(after: start))
        #expect(none.events.isEmpty && none.next == start && none.sequence == start)
        store = try Store.open("store", options: Kinds.options(disk.crashDroppingAll()))
        #expect(try store.snapshot().record(Kinds.thing("soft")) == nil)
        _ = try store.commit([Kinds.put("hard")])
        #expect(try words(store, Watch(after: start)) == ["put things/hard new true"])
    }

    @Test func whatIsNotDurableBehindACloseIsNotTold() throws {
        let disk = SimulatedDisk()
        var store = try Kinds.store(Kinds.options(disk))
        let start = store.snapshot().sequence
        _ = try store.commit([Kinds.put("hard")])
        try store.close()
        store = try Store.open("store", options: Kinds.options(disk))
        _ = try store.commit([Kinds.put("soft")], .none)
        #expect(try words(store, Watch(after: start)) == ["put things/hard new true"])
    }

    /// What a killed process left is told by the next one, which sees to it that it stays.
    @Test(arguments: [false, true])
    func whatAKillLeftIsToldWhenItIsDurable(isPlanted: Bool) throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(Kinds.options(disk))
        let start = store.snapshot().sequence
        _ = try store.commit([Kinds.put("hard")])
        _ = try store.commit([Kinds.put("soft")], .none)
        // Who only reads syncs nothing, and tells what the log calls durable itself.
        let killed = disk.crashKeepingAll()
        let reader = try Store.open("store", .read, options: Kinds.options(killed))
        #expect(try reader.snapshot().record(Kinds.thing("soft")) != nil)
        #expect(try words(reader, Watch(after: start)) == ["put things/hard new true"])
        try reader.close()
        var options = Kinds.options(killed)
        options.logLimits.faults.leavesTailUnsynced = isPlanted
        let next = try Store.open("store", options: options)
        #expect(
            try words(next, Watch(after: start))
                == ["put things/hard new true", "put things/soft new true"]
        )
        let last = try Store.open("store", options: Kinds.options(killed.crashDroppingAll()))
        // Planted: an opening that does not sync tells what a power cut still takes.
        #expect(try (last.snapshot().record(Kinds.thing("soft")) == nil) == isPlanted)
    }

    /// Every way to change a record ends as a record that was put.
    @Test func whatIsPatchedClaimedAndSupersededIsTold() throws {
        let store = try ValidityTests().store()
        let start = store.snapshot().sequence
        let (rome, oslo) = (Reference("facts", "rome"), Reference("facts", "oslo"))
        _ = try store.commit([.put(Put("facts", "rome", ["subject": "ann"]))])
        _ = try store.commit([.patch(Patch("facts", "rome", [.set("subject", "bob")]))])
        let claim = Claim("facts", where: .eq("subject", "bob"), edits: [.set("subject", "eve")])
        _ = try store.claim(claim, .synced)
        let at = Instant(microseconds: 9)
        let supersede = Supersede(rome, by: "replaces", in: "facts", "oslo", [:], at: at)
        let once = try OnceKey("k", of: .commit([.supersede(supersede)], .synced))
        for _ in 0..<2 { _ = try store.commit([.supersede(supersede)], once: once) }
        let told = try store.watch(Watch(after: start))
        #expect(
            told.events.map(words).sorted() == [
                "link replaces facts/oslo facts/rome", "put facts/oslo new true",
                "put facts/rome new true", "put facts/rome old true", "put facts/rome old true",
                "put facts/rome old true",
            ]
        )
        // Their histories, and what is kept of what is done once, are told to nobody.
        #expect(told.next == store.snapshot().sequence)
        for node in [rome, oslo] {
            let record = try store.snapshot().versionedRecord(node)
            let last = told.events.last { event in
                if case .put(let put, _) = event.what { put.reference == node } else { false }
            }
            #expect(last?.what == record.map { .put($0, isNew: node == oslo) })
        }
        #expect(code { _ = try store.watch(Watch(collections: ["facts$history"])) } != nil)
    }

    @Test func whatExpiresIsToldWhenItIsSwept() throws {
        let clock = SimulatedClock(start: 1_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Kinds.store(options)
        let put = Put(
            "things",
            "brief",
            ["name": "brief"],
            expiresAt: Instant(microseconds: 2_000_000)
        )
        let start = try store.commit([.put(put)]).sequence
        clock.advance(by: 5_000_000)
        #expect(try store.watch(Watch(after: start)).events.isEmpty)
        try store.sweep()
        _ = try store.commit([Kinds.put("next")])
        #expect(
            try words(store, Watch(after: start))
                == ["delete things/brief", "put things/next new true"]
        )
    }

    @Test func theEndsOfEdgesAreNamedThoughTheyAreGone() throws {
        let store = try Kinds.store()
        let start = store.snapshot().sequence
        _ = try store.commit([Kinds.put("from"), Kinds.put("to")])
        let mark = store.snapshot().sequence
        _ = try store.commit([
            .link(Link("joins", from: Kinds.thing("from"), to: Kinds.thing("to")))
        ])
        let linked = store.snapshot().sequence
        for _ in 0..<3 {
            _ = try store.commit([Kinds.put("from", ["count": 2])])
        }
        _ = try store.commit([.delete(Kinds.thing("from"))])
        _ = try store.commit([.delete(Kinds.thing("to"))])
        let told = ["link joins things/from things/to"]
        #expect(try words(store, Watch(after: mark, limit: 1)) == told)
        #expect(try words(store, Watch(after: mark, collections: [])) == told)
        #expect(try store.watch(Watch(after: start, limit: 3)).next == linked)
    }

    // MARK: The horizon

    private func compacting(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        return options
    }

    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func whatWasCompactedIsNotTold(seed: UInt64) throws {
        print("watch, compaction: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let disk = SimulatedDisk()
        var store = try Kinds.store(compacting(disk))
        var follower = WatchFollower()
        for round in 0..<3 {
            for step in 0..<200 {
                let key = "k\(random.below(30))"
                let body = Value.text("words of step \(step) " + String(repeating: "x", count: 200))
                let isThere = try store.snapshot().record(Kinds.thing(key)) != nil
                let change =
                    random.below(4) == 0 && isThere
                    ? Change.delete(Kinds.thing(key)) : Kinds.put(key, ["body": body])
                _ = try store.commit([change])
            }
            // Who keeps up is not held up by it.
            try follower.follow(store, limit: 50)
            #expect(follower.records.count == (try store.statistics().records["things"]))
            // What replay would need is not compacted.
            try store.checkpointNow()
            try store.compactAll()
            let refusal = #expect(throws: MnemeError.self) {
                _ = try store.watch(Watch(after: 0))
            }
            #expect(refusal?.code == .horizonPassed && refusal?.action == .fixInput)
            let digits = refusal?.cause?.split(separator: " ").last.flatMap { UInt64($0) }
            let oldest = try #require(digits, "round \(round)")
            #expect(oldest > 0 && oldest <= store.snapshot().sequence)
            #expect(refusal?.message.contains("is \(oldest):") == true)
            _ = try store.watch(Watch(after: oldest))
            // In front of the only change of that commit.
            #expect(code { _ = try store.watch(Watch(after: oldest - 2)) } == .horizonPassed)
            try follower.follow(store, limit: 50)
            if round == 1 {
                try store.close()
                store = try Store.open("store", options: compacting(disk))
            }
        }
        #expect(!follower.records.isEmpty)
    }

    // MARK: Waiting

    @Test func aWatchWaitsForWhatConcurrentWritersCommit() throws {
        let store = try Kinds.store()
        let start = store.snapshot().sequence
        let (writers, batches) = (3, 60)
        let gates = (0..<writers).map { _ in Gate() }
        for writer in 0..<writers {
            BackgroundThread.start(niceness: 0) {
                for batch in 0..<batches {
                    let key = "w\(writer)-\(batch)"
                    let durability: Durability = batch == batches - 1 ? .synced : .none
                    _ = try? store.commit([Kinds.put(key), Kinds.put(key + "b")], durability)
                }
                gates[writer].open()
            }
        }
        var follower = WatchFollower()
        follower.after = start
        var empty = 0
        while follower.records.count < writers * batches * 2, empty < 3 {
            let answer = try follower.step(store, limit: 7, waiting: 20_000)
            if answer.events.isEmpty { empty += 1 }
        }
        for gate in gates { gate.wait() }
        #expect(empty == 0)
        #expect(follower.records.count == writers * batches * 2)
        #expect(try store.watch(Watch(after: follower.after, waitMilliseconds: 1)).events.isEmpty)
    }

    @Test func aClosedStoreWakesWhoWaits() throws {
        let store = try Kinds.store()
        let result = Told()
        let (gate, isWaiting) = (Gate(), Gate())
        let end = store.snapshot().sequence
        BackgroundThread.start(niceness: 0) {
            isWaiting.open()
            do throws(MnemeError) {
                _ = try store.watch(Watch(after: end, waitMilliseconds: 60_000))
            } catch {
                result.code.withLock { $0 = error.code }
            }
            gate.open()
        }
        isWaiting.wait()
        try store.close()
        gate.wait()
        let code = result.code.withLock { $0 }
        #expect(code == .closed)
    }
}
