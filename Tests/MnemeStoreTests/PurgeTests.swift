// Everything of an owner goes, with what was kept of it, and it is proved.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PurgeTests {
    private func store(_ disk: any Disk) throws -> Store {
        let store = try Store.open("store", .openOrCreate, options: BuiltItems.options(disk))
        var items = OwnedItems.items(countsUsage: true)
        items.history = HistoryRule()
        try store.define(
            Schema(
                collections: [
                    items, OwnedItems.items("more"),
                    Collection(
                        "names",
                        fields: [Field("item", .text)],
                        references: [
                            ReferenceRule("item", ["item"], to: "items", onDelete: .restrict)
                        ]
                    ),
                ],
                edgeTypes: [EdgeType("near", fields: [Field("w", .text)], countsUsage: true)]
            )
        )
        return store
    }

    private func put(_ name: String, _ key: String, _ owner: String, _ text: String) -> Change {
        .put(Put(name, .text(key), ["owner": .text(owner), "text": .text(text)]))
    }

    private func link(_ from: String, _ to: String) -> Change {
        .link(Link("near", from: OwnedItems.item(from), to: OwnedItems.item(to)))
    }

    private func fill(_ store: Store) throws {
        _ = try store.commit([
            put("items", "a", "ann", "amber"), put("items", "b", "ann/work", "basil"),
            put("items", "c", "anna", "cedar"), put("items", "d", "bob", "dill"),
            put("more", "a", "ann", "elder"), put("more", "d", "bob", "fennel"),
        ])
        _ = try store.commit([link("a", "c"), link("d", "b"), link("c", "d")])
        // History of records that are there, and of one that is not any more.
        _ = try store.commit([put("items", "a", "ann", "ginger")])
        _ = try store.commit([put("items", "z", "ann", "hazel")])
        _ = try store.commit([.delete(OwnedItems.item("z"))])
        _ = try store.commit([put("items", "d", "bob", "iris")])
        // One that was another's: what is before goes, what came behind stays.
        _ = try store.commit([put("items", "m", "bob", "juniper")])
        _ = try store.commit([put("items", "m", "ann", "kale")])
        _ = try store.commit([put("items", "m", "bob", "lilac")])
        _ = try store.commit([put("items", "m", "bob", "mint")])
        _ = try store.commit([.put(Put("names", "n", ["item": "a"]))])
        for (key, changes) in [
            ("one", [put("more", "o", "ann", "nettle")]),
            ("two", [put("more", "p", "ann", "olive"), put("more", "q", "bob", "parsley")]),
            ("three", [put("more", "r", "bob", "quince")]),
        ] {
            _ = try store.commit(changes, once: OnceKey(key, of: .commit(changes, .synced)))
        }
    }

    @Test func everythingOfAnOwnerGoes() throws {
        let disk = SimulatedDisk()
        let store = try store(disk)
        try fill(store)
        let dry = try store.purge(Purge("ann", isDry: true))
        #expect(dry.isDry && dry.commits == 0)
        #expect(try store.snapshot().usage(UsageQuestion(owner: "ann")).records == 2)
        let purged = try store.purge(Purge("ann"))
        #expect(purged.collections.mapValues(\.count) == ["items": 2, "more": 3])
        #expect(purged.edges.mapValues(\.count) == ["near": 2])
        #expect(purged.collections == dry.collections && purged.edges == dry.edges)
        #expect(purged.historyRows == dry.historyRows && purged.historyRows > 2)
        #expect(purged.answers == 2 && purged.commits == 1)
        #expect(purged.sequence == store.snapshot().sequence)
        #expect(try OwnedItems.keys(store) == ["c", "d", "m"])
        #expect(try OwnedItems.keys(store, "more") == ["d", "q", "r"])
        // What named one of them names nothing.
        let name = try store.snapshot().record(Reference("names", "n"))
        #expect(name != nil && name?["item"] ?? .null == .null)
        for key in ["a", "b", "z"] {
            let history = try store.snapshot().history(VersionQuestion(OwnedItems.item(key)))
            #expect(history.versions.isEmpty, "\(key)")
        }
        // Others keep theirs.
        let other = try store.snapshot().history(VersionQuestion(OwnedItems.item("d")))
        #expect(other.versions.count == 2)
        let moved = try store.snapshot().history(
            VersionQuestion(OwnedItems.item("m"), records: true)
        )
        let texts = moved.versions.map { $0.record?["text"] }
        #expect(texts.first == .some(.some("mint")))
        #expect(!texts.contains(.some("kale")) && !texts.contains(.some("juniper")))
        let kept = [put("more", "r", "bob", "quince")]
        let again = try store.commit(kept, once: OnceKey("three", of: .commit(kept, .synced)))
        #expect(again.isRepeated)
        #expect(try store.snapshot().usage(UsageQuestion(owner: "ann")).bytes == 0)
        #expect(try store.verify().findings == [])
        // A second one finds nothing.
        #expect(try store.purge(Purge("ann")).collections.isEmpty)
        #expect(try !store.erasureProof(ofOwner: "ann").isErased)
        #expect(try store.eraseNow())
        let proof = try store.erasureProof(ofOwner: "ann")
        #expect(proof.isErased, "\(proof)")
        #expect(try store.erasureProof(ofOwner: "bob").isAlive)
        for mode in [StoreMode.open, .rebuild] {
            let next = try Store.open(
                "store",
                mode,
                options: BuiltItems.options(disk.crashKeepingAll())
            )
            #expect(try OwnedItems.keys(next) == ["c", "d", "m"])
            #expect(try next.verify().findings == [])
        }
    }

    @Test func whatAnswersHandOutGoesToo() throws {
        let store = try store(SimulatedDisk())
        try fill(store)
        let kept: [(String, [Change])] = [
            // The one is of two owners and names what is gone by then; the other is bob's alone.
            (
                "four",
                [
                    .remove(Removal(Reference("more", "a"), returnsRecord: true)),
                    put("more", "s", "bob", "rue"),
                ]
            ),
            (
                "five",
                [
                    .patch(
                        Patch(
                            "items",
                            .text("b"),
                            [.set("owner", "bob"), .set("text", "sage")],
                            returns: .old
                        )
                    )
                ]
            ),
        ]
        for (key, changes) in kept {
            _ = try store.commit(changes, once: OnceKey(key, of: .commit(changes, .synced)))
        }
        let purged = try store.purge(Purge("ann"))
        #expect(purged.answers == 4)
        for (key, changes) in kept {
            let once = try OnceKey(key, of: .commit(changes, .synced))
            #expect(try store.repeated(once) == nil, "\(key)")
        }
        #expect(try store.eraseNow())
        #expect(try store.erasureProof(ofOwner: "ann").isErased)
        // Of somebody whose one record is another's by now an answer is all that is left.
        _ = try store.commit([put("more", "e", "eve", "thyme")])
        let changes: [Change] = [
            .patch(Patch("more", "e", [.set("owner", "bob")], returns: .old))
        ]
        _ = try store.commit(changes, once: OnceKey("six", of: .commit(changes, .synced)))
        #expect(try store.erasureProof(ofOwner: "eve").isAlive)
        #expect(try store.purge(Purge("eve")).answers == 1)
        #expect(try !store.erasureProof(ofOwner: "eve").isAlive)
    }

    @Test func theEndOfTheProcessLeavesAllOrNothing() throws {
        for crash in 0..<12 {
            let disk = SimulatedDisk(seed: UInt64(crash))
            let store = try store(disk)
            try fill(store)
            let before = try OwnedItems.keys(store)
            _ = try store.purge(Purge("ann"), crash % 2 == 0 ? .synced : .none)
            let cut = disk.crash(using: SeededRandomness(seed: UInt64(crash)))
            let next = try Store.open("store", options: BuiltItems.options(cut))
            let keys = try OwnedItems.keys(next)
            #expect(keys == ["c", "d", "m"] || crash % 2 == 1 && keys == before, "\(crash)")
            #expect(try next.verify().findings == [])
            _ = try next.purge(Purge("ann"))
            #expect(try OwnedItems.keys(next) == ["c", "d", "m"])
        }
    }

    /// A purge that finds nothing any more says for good that nothing is there.
    @Test func whatWasDeletedBeforeIsGoneForGood() throws {
        for seed in 0..<8 {
            let disk = SimulatedDisk(seed: UInt64(seed))
            let store = try store(disk)
            _ = try store.commit([put("more", "a", "ann", "amber")])
            _ = try store.commit([.delete(Reference("more", "a"))], .none)
            #expect(try store.purge(Purge("ann")).commits == 0)
            let cut = disk.crash(using: SeededRandomness(seed: UInt64(seed)))
            let next = try Store.open("store", options: BuiltItems.options(cut))
            #expect(try OwnedItems.keys(next, "more").isEmpty, "\(seed)")
        }
    }

    @Test func nobodyIsNoOwner() throws {
        let store = try store(MemoryDisk())
        #expect(OwnedItems.code { _ = try store.purge(Purge("")) } == .badOwner)
        let purged = try store.purge(Purge("who"))
        #expect(purged.collections.isEmpty && purged.commits == 0)
    }
}
