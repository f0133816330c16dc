// What owners have, what they may have, and that everything of one goes, through every door.

import Doors
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func ownersHaveWhatIsCounted(kind: DoorKind) async throws {
        try await kind.withSample { door in
            var roles = Roles()
            roles.owner = "owner"
            let shelf = Collection(
                "shelf",
                fields: [Field("owner", .text), Field("text", .text)],
                indexes: [Index("byOwner", on: ["owner"])],
                roles: roles,
                quotas: [Quota(records: 2), Quota(owner: "yan", records: 2, evicts: true)]
            )
            try await door.define(Schema(collections: [shelf]))
            func put(_ key: Key, _ owner: String) -> Change {
                .put(Put("shelf", key, ["owner": .text(owner)]))
            }
            for owner in ["zoe", "yan"] {
                for number in 0..<2 {
                    let put = put(.text("\(owner)\(number)"), owner)
                    #expect(try await door.commit([put]).evicted.isEmpty)
                }
            }
            let refused = await failure { try await door.commit([put("zoe2", "zoe")]) }
            #expect(refused?.code == .quotaExceeded && refused?.action == .fixInput)
            let committed = try await door.commit([put("yan2", "yan")])
            #expect(committed.evicted == [Reference("shelf", "yan0")])
            let usage = try await door.usage(of: "zoe", in: ["shelf"])
            #expect(usage.records == 2 && usage.owner == "zoe" && usage.bytes > 0)
            #expect(try await door.usage().collections["shelf"]?.count == 4)
            let dry = try await door.purge(Purge("zoe", isDry: true))
            #expect(dry.isDry && dry.collections == usage.collections)
            let purged = try await door.purge(Purge("zoe"))
            #expect(purged.collections == usage.collections && purged.commits == 1)
            #expect(try await door.usage(of: "zoe").records == 0)
            #expect(await failure { try await door.purge(Purge("")) }?.code == .badOwner)
            #expect(
                await failure { try await door.usage(in: ["none"]) }?.code == .unknownCollection
            )
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatGivesWayIsTold(kind: DoorKind) async throws {
        try await kind.withSample { door in
            var roles = Roles()
            roles.owner = "owner"
            let jobs = Collection(
                "duties",
                fields: [Field("owner", .text), Field("text", .text)],
                indexes: [Index("byOwner", on: ["owner"])],
                roles: roles,
                quotas: [Quota(bytes: 60, depth: 1, evicts: true)]
            )
            func bounded(_ name: String) -> MnemeModel.Collection {
                let quota = Quota(owner: "told", records: 2, depth: 1, evicts: true)
                return Collection(name, fields: [], quotas: [quota])
            }
            try await door.define(
                Schema(collections: [jobs, bounded("memories"), bounded("sessions")])
            )
            func memory(_ key: Key, _ owner: String) -> Remember {
                Remember("Tea", owner: owner, key: key)
            }
            let one = try await door.remembering([
                memory("t1", "told/a"), memory("t2", "told/b"),
            ])
            #expect(one.keys == ["t1", "t2"] && one.evicted.isEmpty && one.sequence > 0)
            let two = try await door.remembering([memory("t3", "told/c")])
            #expect(two.evicted == [Reference("memories", "t1")])
            let three = try await door.remembering(
                [memory("t4", "told/d")],
                idempotencyKey: "once"
            )
            #expect(three.evicted == [Reference("memories", "t2")] && !three.isRepeated)
            let again = try await door.remembering(
                [memory("t4", "told/d")],
                idempotencyKey: "once"
            )
            #expect(again.evicted == three.evicted && again.isRepeated)
            var opened: [Session] = []
            for owner in ["told/a", "told/b", "told/c"] {
                opened.append(try await door.openSession(owner: owner))
            }
            #expect(opened.map(\.evicted.count) == [0, 0, 1])
            #expect(opened[2].evicted == [Reference("sessions", .text(opened[0].id))])
            let said = try await door.appending(
                to: opened[1].id,
                [Remember("Milk", owner: "", key: "t5")]
            )
            #expect(said.keys == ["t5"] && said.evicted == [Reference("memories", "t3")])
            for (key, owner) in [("a", "kim/1"), ("b", "kim/2")] {
                let put = Put("duties", .text(key), ["owner": .text(owner), "text": "new"])
                #expect(try await door.commit([.put(put)]).evicted.isEmpty)
            }
            let long = Value.text(String(repeating: "x", count: 45))
            let claimed = try await door.claim(
                Claim("duties", owner: "kim/2", edits: [.set("text", long)])
            )
            #expect(claimed.references == [Reference("duties", "b")])
            #expect(claimed.evicted == [Reference("duties", "a")])
        }
    }
}
