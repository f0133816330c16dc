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
}
