// The change feed through every door: the same events, waiting for what is still to come, and what
// is refused.

import Doors
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
            // One that is cancelled ends.
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
