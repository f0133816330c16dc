// The change feed through every door: the same events, waiting for what is still to come, and what
// is refused.

import Doors
import MnemeBase
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func whatIsCommittedIsWatched(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let start = try await door.watch(Watch()).next
            let committed = try await door.commit([
                put("a", ["count": 1, "owner": "ann"]), put("b", ["near": .vector([1, 2, 3])]),
                join("a", "b"), .put(Put("numbers", nil, ["text": "one"])),
            ])
            let gone = try await door.commit([.delete(thing("b"))])
            let watched = try await door.watch(Watch(after: start))
            #expect(watched.next == gone.sequence && watched.sequence == gone.sequence)
            #expect(watched.events.map(\.commit).prefix(4).allSatisfy { $0 == committed.sequence })
            let a = try await door.getVersions([thing("a")])[0]
            #expect(watched.events.first?.what == a.map { .put($0, isNew: true) })
            #expect(watched.events.count == 5 && watched.events.last?.what == .delete(thing("b")))
            let numbers = Watch(after: start, collections: ["numbers"], edges: [])
            #expect(try await door.watch(numbers).events.count == 1)
            let ann = try await door.watch(Watch(after: start, owner: "ann")).events
            #expect(ann.count == 2)
            let one = try await door.watch(Watch(after: start, limit: 1))
            #expect(one.next == committed.sequence && one.events.count == 4)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aWatchWaitsForWhatComes(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let start = try await door.watch(Watch()).next
            // What it does not tell does not end the wait.
            let watch = Watch(after: start, collections: ["places"], waitMilliseconds: 60_000)
            async let answer = door.watch(watch)
            for number in 0..<5 { _ = try await door.commit([put("k\(number)")]) }
            _ = try await door.commit([.put(Put("places", "p", ["slot": "s"]))])
            let watched = try await answer
            #expect(watched.events.count == 1)
            guard case .put(let record, true)? = watched.events.first?.what else {
                Issue.record("\(watched)")
                return
            }
            #expect(record.reference == Reference("places", "p"))
            let none = Watch(after: watched.next, waitMilliseconds: 20)
            #expect(try await door.watch(none).events.isEmpty)
            // Many at once hold up nobody.
            async let others = withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        let watch = Watch(after: watched.next, waitMilliseconds: 60_000)
                        return try await door.watch(watch).events.count
                    }
                }
                var sum = 0
                for try await count in group { sum += count }
                return sum
            }
            _ = try await door.find(Find("things"))
            _ = try await door.commit([put("last")])
            #expect(try await others == 40)
        }
    }

    /// More watches wait on one connection than a server has workers, and what is asked behind them
    /// is done: a commit among it, which ends them.
    @Test func watchesThatWaitHoldUpNothingOnTheirConnection() async throws {
        let house = try House(.blockingClient)
        let door = try await house.open()
        try await door.define(Sample.schema)
        let start = try await door.watch(Watch()).next
        let watch = Request.watch(Watch(after: start, waitMilliseconds: 60_000))
        let requests =
            Array(repeating: watch, count: 20)
            + [.find(Find("things")), .commit([put("a")], .synced), .get([thing("a")])]
        let address = house.address
        let counts: [Int] = await withCheckedContinuation { waiter in
            BackgroundThread.start(niceness: 0) {
                do throws(MnemeError) {
                    let client = try BlockingClient.connect(
                        address,
                        store: "example",
                        options: .patient
                    )
                    let answers = client.perform(requests)
                    client.close()
                    var counts: [Int] = []
                    for answer in answers.prefix(20) {
                        guard case .watched(let watched) = try answer.get() else { continue }
                        counts.append(watched.events.count)
                    }
                    for answer in answers.dropFirst(20) { _ = try answer.get() }
                    waiter.resume(returning: counts)
                } catch {
                    Issue.record("\(error)")
                    waiter.resume(returning: [])
                }
            }
        }
        #expect(counts == Array(repeating: 1, count: 20))
        try await door.close()
        await house.remove()
    }

    @Test(arguments: DoorKind.allCases)
    func changesComeOneAfterTheOther(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let start = try await door.watch(Watch()).next
            async let keys = {
                var keys: [Key] = []
                for try await answer in door.changes(Watch(after: start)) {
                    for event in answer.events {
                        if case .put(let record, _) = event.what {
                            keys.append(record.reference.key)
                        }
                    }
                    if keys.count == 10 { break }
                }
                return keys
            }()
            for number in 0..<10 { _ = try await door.commit([put("k\(number)")]) }
            #expect(try await keys == (0..<10).map { .text("k\($0)") })
            // One that is cancelled ends; a thread cannot be.
            if kind == .blockingClient { return }
            let end = try await door.watch(Watch()).next
            let task = Task {
                await failure {
                    try await door.watch(Watch(after: end, waitMilliseconds: 60_000))
                }
            }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test(arguments: [DoorKind.client, .blockingClient])
    func changesGoOnWhenTheServerIsBack(kind: DoorKind) async throws {
        let house = try House(kind)
        let door = try await house.open()
        try await door.define(Sample.schema)
        let start = try await door.watch(Watch()).next
        async let keys = {
            var keys: [Key] = []
            for try await answer in door.changes(Watch(after: start, waitMilliseconds: 60_000)) {
                for event in answer.events {
                    if case .put(let record, _) = event.what { keys.append(record.reference.key) }
                }
                if keys.count == 9 { break }
            }
            return keys
        }()
        for round in 0..<3 {
            for number in 0..<3 { _ = try await door.commit([put("k\(round)\(number)")]) }
            // The watch that waits is answered at once, and its client asks again.
            if round < 2 { try await house.restart() }
        }
        let wanted: [Key] = [0, 1, 2, 10, 11, 12, 20, 21, 22].map { (number: Int) in
            .text("k\(number / 10)\(number % 10)")
        }
        #expect(try await keys == wanted)
        try await door.close()
        await house.remove()
    }

    /// The records that others bring with them are told too, and what is kept of them to nobody.
    @Test(arguments: DoorKind.allCases)
    func whatFollowsIsToldAndTheStoresOwnIsNot(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            let child = Collection(
                "children",
                fields: [Field("parent", .text)],
                references: [
                    ReferenceRule("parent", ["parent"], to: "parents", onDelete: .cascade)
                ]
            )
            let parent = Collection(
                "parents",
                fields: [Field("text", .text)],
                history: HistoryRule()
            )
            try await door.define(Schema(collections: [parent, child]))
            let start = try await door.watch(Watch()).next
            _ = try await door.commit([
                .put(Put("parents", "p", ["text": "one"])),
                .put(Put("children", "a", ["parent": "p"])),
                .put(Put("children", "b", ["parent": "p"])),
            ])
            _ = try await door.commit([.delete(Reference("parents", "p"))])
            let events = try await door.watch(Watch(after: start)).events
            #expect(events.count == 6)
            let gone = events.compactMap { event -> Reference? in
                if case .delete(let reference) = event.what { reference } else { nil }
            }
            let wanted = [
                Reference("children", "a"), Reference("children", "b"), Reference("parents", "p"),
            ]
            #expect(Set(gone) == Set(wanted) && gone.count == 3)
            #expect(
                await door.refusal(.watch(Watch(after: start, collections: ["parents$history"])))
                    == .unknownCollection
            )
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aWatchIsRefused(kind: DoorKind) async throws {
        try await kind.withSample { door in
            #expect(await door.refusal(.watch(Watch(limit: 0))) == .badRequest)
            #expect(await door.refusal(.watch(Watch(waitMilliseconds: 60_001))) == .badRequest)
            #expect(await door.refusal(.watch(Watch(collections: ["x"]))) == .unknownCollection)
            #expect(await door.refusal(.watch(Watch(edges: ["x"]))) == .unknownEdgeType)
            let transaction = try await door.begin()
            let inside = Request.inside(transaction: transaction.id, .watch(Watch(after: 0)))
            #expect(await door.refusal(inside) == .badRequest)
            try await transaction.rollback()
        }
    }
}
