// Changes through every door: what they demand of what is there, what they tell of it, and that
// what is asked again is not done again.

import Doors
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func versionsAreHeldAndTold(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let first = try await door.commit([
                .put(Put("things", "a", ["count": 1], version: 0)), put("b", ["count": 2]),
                .delete(thing("none")),
            ])
            #expect(first.versions.count == 3 && first.versions[2] == 0 && !first.isRepeated)
            let read = try await door.getVersions([thing("a"), thing("none"), thing("b")])
            #expect(read.map { $0?.version } == [first.versions[0], nil, first.versions[1]])
            #expect(try await door.get(thing("a"))?.version == nil)
            // Compare and set.
            let put = Put(
                "things",
                "a",
                ["count": 5],
                version: first.versions[0],
                if: .eq("count", 1),
                returns: .old
            )
            let second = try await door.commit([.put(put)])
            guard case .putReturning(let told) = second.outcomes[0] else {
                Issue.record("\(second)")
                return
            }
            #expect(told.record?["count"] == 1 && !told.isNew)
            let lost = await failure { try await door.commit([.put(put)]) }
            #expect(lost?.code == .conditionFailed)
            #expect(lost?.message.contains("\(second.versions[0])") == true)
            let removal = Removal(thing("a"), version: second.versions[0], returnsRecord: true)
            let third = try await door.commit([
                .remove(removal),
                .remove(Removal(thing("none"), erases: true, if: .eq("count", 1))),
                .patch(
                    Patch("things", "c", [.increment("count", 1)], orPut: [:], returns: .new)
                ),
            ])
            guard case .deletedReturning(let gone) = third.outcomes[0],
                case .patched(let made) = third.outcomes[2]
            else {
                Issue.record("\(third)")
                return
            }
            #expect(gone["count"] == 5 && third.outcomes[1] == .deleted(false))
            #expect(made.isNew && made.record?["count"] == 1)
            let link = Link("cites", from: thing("b"), to: thing("c"), returns: .new)
            guard
                case .linkedReturning(let id, let edge) =
                    try await door.commit([.link(link)]).outcomes[0]
            else {
                Issue.record("no edge")
                return
            }
            #expect(edge?.id == id && edge?.from == thing("b"))
            let transaction = try await door.begin()
            let inside = try await transaction.getVersions([thing("b"), thing("c")])
            #expect(inside.map { $0?.version } == [first.versions[1], third.versions[2]])
            try await transaction.rollback()
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsAskedAgainIsNotDoneAgain(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let changes: [Change] = [
                .patch(
                    Patch(
                        "things",
                        "counter",
                        [.increment("count", 1)],
                        orPut: [:],
                        returnsRecord: true
                    )
                )
            ]
            let first = try await door.commit(changes, idempotencyKey: "k")
            var again = try await door.commit(changes, idempotencyKey: "k")
            #expect(again.isRepeated && !first.isRepeated)
            again.isRepeated = false
            #expect(again == first)
            #expect(try await door.get(thing("counter"))?["count"] == 1)
            let reused = await failure { try await door.commit([], idempotencyKey: "k") }
            #expect(reused?.code == .keyReused && reused?.action == .fixInput)
            let keys = try await door.remember(Sample.memories, idempotencyKey: "memories")
            #expect(try await door.remember(Sample.memories, idempotencyKey: "memories") == keys)
            let anonymous = [Remember("The kettle sings", owner: "ann")]
            let key = try await door.remember(anonymous, idempotencyKey: "kettle")
            #expect(try await door.remember(anonymous, idempotencyKey: "kettle") == key)
            let session = try await door.openSession(owner: "ann")
            let entries = [Remember("Hello", owner: "")]
            let entry = try await door.append(to: session.id, entries, idempotencyKey: "entry")
            _ = try await door.endSession(session.id)
            // It has ended since.
            let later = try await door.append(to: session.id, entries, idempotencyKey: "entry")
            #expect(later == entry)
            let links = [
                Link(
                    "newly",
                    from: Reference("memories", keys[0]),
                    to: Reference("memories", keys[1])
                )
            ]
            let edges = try await door.relate(links, idempotencyKey: "edge")
            #expect(try await door.relate(links, idempotencyKey: "edge") == edges)
            let counts = try await door.statistics()
            #expect(counts.edges["newly"] == 1 && counts.records["memories"] == 5)
            #expect(counts.records.keys.allSatisfy { !$0.hasPrefix("$") })
            #expect(try await door.describe().collections.allSatisfy { !$0.name.hasPrefix("$") })
            #expect(try await door.verify().findings == [])
            let wrong = Request.once(key: "k", .statistics)
            #expect(await door.refusal(wrong) == .badRequest)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aTransactionIsCommittedOnce(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let changes: [Change] = [
                .patch(Patch("things", "n", [.increment("count", 1)], orPut: [:]))
            ]
            let first = try await door.begin()
            try await first.change(changes)
            let committed = try await first.commit(idempotencyKey: "order")
            // The same that has ended, and another one that did the same.
            let request = Request.once(key: "order", .commitTransaction(first.id, .synced))
            guard case .committed(let same) = try await door.perform(request) else { return }
            #expect(same.isRepeated && same.sequence == committed.sequence)
            let second = try await door.begin()
            try await second.change(changes)
            let repeated = try await second.commit(idempotencyKey: "order")
            #expect(repeated.isRepeated && repeated.versions == committed.versions)
            #expect(try await door.get(thing("n"))?["count"] == 1)
            let third = try await door.begin()
            let inside = Request.inside(
                transaction: third.id,
                .once(key: "x", .commit(changes, .synced))
            )
            #expect(await door.refusal(inside) == .badRequest)
            let claim = Request.inside(
                transaction: third.id,
                .claim(Claim("things", edits: [.unset("count")]))
            )
            #expect(await door.refusal(claim) == .badRequest)
            try await third.rollback()
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aRecordIsClaimedByOne(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit(
                (0..<40).map { put("t\($0)", ["count": .int(Int64($0)), "mood": "good"]) }
            )
            let claim = Claim(
                "things",
                where: .eq("mood", "good"),
                order: [Order("count")],
                limit: 3,
                edits: [.set("mood", "bad")],
                returns: .new
            )
            let first = try await door.claim(claim, idempotencyKey: "w")
            #expect(first.records.map { $0["count"] } == [0, 1, 2])
            #expect(first.records.map(\.version) == first.versions.map(Optional.init))
            #expect(try await door.claim(claim, idempotencyKey: "w").isRepeated)
            let claimed = try await withThrowingTaskGroup(of: [Reference].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var mine: [Reference] = []
                        while true {
                            let claimed = try await door.claim(claim)
                            if claimed.references.isEmpty { return mine }
                            mine += claimed.references
                        }
                    }
                }
                var all: [Reference] = []
                for try await some in group { all += some }
                return all
            }
            #expect(claimed.count == 37 && Set(claimed).count == 37)
            #expect(await door.refusal(.claim(Claim("things", edits: []))) == .badRequest)
        }
    }
}
