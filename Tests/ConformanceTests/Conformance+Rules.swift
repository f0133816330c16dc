// The rules of the data: what is unique, whose it is, how long it is there, and that a batch is
// whole or not at all.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static func place(_ key: String, _ slot: String, _ room: Value = nil) -> Change {
        .put(Put("places", .text(key), ["slot": .text(slot), "room": room]))
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsUniqueIsThereOnce(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([Self.place("a", "x", 1), Self.place("b", "x", 2)])
            // Nulls are not distinct, nor are accents written otherwise.
            _ = try await door.commit([Self.place("c", "x"), Self.place("d", "caf\u{e9}")])
            for taken in [
                Self.place("e", "x", 1), Self.place("e", "x"), Self.place("e", "cafe\u{301}"),
                Self.place("b", "x", 1),
            ] {
                #expect(await door.refusal(.commit([taken], .none)) == .duplicate, "\(taken)")
            }
            // What a batch frees, it may take.
            _ = try await door.commit([
                Self.place("a", "x", 3), Self.place("b", "x", 1), .delete(Reference("places", "c")),
                Self.place("e", "x"),
            ])
            let within = [Self.place("f", "y"), Self.place("g", "y")]
            #expect(await door.refusal(.commit(within, .none)) == .duplicate)
            let find = Find("places", order: [Order("slot"), Order("room")])
            #expect(try await door.keys(find) == ["d", "e", "b", "a"])
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func modesSayWhatBecomesOfATakenKey(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["owner": "ann", "count": 1])])
            func refusal(_ owner: Value, _ mode: Put.Mode) async -> MnemeError.Code? {
                await door.refusal(.commit([put("a", ["owner": owner], mode: mode)], .none))
            }
            #expect(await refusal("ann", .insert) == .duplicate)
            #expect(await refusal("bob", .replaceOwned) == .duplicate)
            #expect(await refusal("ann/desk", .replaceOwned) == .duplicate)
            #expect(await refusal(nil, .replaceOwned) == .duplicate)
            #expect(try await door.get(thing("a"))?["count"] == 1)
            #expect(await refusal("ann", .replaceOwned) == nil)
            #expect(try await door.get(thing("a"))?.fields == ["owner": "ann"])
            #expect(await refusal("bob", .replace) == nil)
            #expect(try await door.get(thing("a"))?["owner"] == "bob")
            // Memories have one namespace of keys, each key one owner.
            _ = try await door.remember([Remember("Mine", owner: "ann", key: "k")])
            let theirs = Remember("Theirs", owner: "bob", key: "k")
            #expect(await door.refusal(.remember([theirs])) == .duplicate)
            _ = try await door.remember([Remember("Mine again", owner: "ann", key: "k")])
            #expect(try await door.get(Reference("memories", "k"))?["text"] == "Mine again")
        }
    }

    @Test(arguments: DoorKind.allCases)
    func ownersCoverThoseBelowThem(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let owners = ["ann", "ann/desk", "ann/desk/deep", "anna", "bob", "café/x"]
            _ = try await door.commit(owners.map { put($0, ["owner": .text($0)]) } + [put("none")])
            func keys(_ owner: String) async throws -> [String] {
                try await door.keys(Find("things", owner: owner))
            }
            #expect(try await keys("ann") == ["ann", "ann/desk", "ann/desk/deep"])
            #expect(try await keys("ann/desk") == ["ann/desk", "ann/desk/deep"])
            #expect(try await keys("ann/wor").isEmpty)
            #expect(try await keys("caf\u{65}\u{301}") == ["café/x"])
            for bad in ["", "/", "a//b", "a/", "/a"] {
                #expect(await door.refusal(.find(Find("things", owner: bad))) == .badOwner)
                let put = Request.commit([put("x", ["owner": .text(bad)])], .none)
                #expect(await door.refusal(put) == .badOwner, "\(bad)")
            }
            let forget = Forget(owner: "ann/desk", collection: "things")
            #expect(try await door.forget(forget) == 2)
            #expect(
                try await door.keys(Find("things")) == ["ann", "anna", "bob", "café/x", "none"]
            )
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatExpiresIsGone(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let past = Instant(microseconds: RealClock().now() - 1)
            let future = Instant(microseconds: RealClock().now() + 3_600_000_000)
            let soon = Instant(microseconds: RealClock().now() + 200_000)
            _ = try await door.commit([
                put("never", ["body": "tea"]),
                put("late", ["body": "tea"], expiresAt: future),
                put("soon", ["body": "tea"], expiresAt: soon), join("never", "soon"),
            ])
            _ = try await door.commit([put("gone", ["body": "tea"], expiresAt: past)])
            #expect(try await door.get(thing("gone")) == nil)
            while try await door.get(thing("soon")) != nil {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(RealClock().now() >= soon.microseconds)
            #expect(try await door.keys(Find("things")) == ["late", "never"])
            let match = Find("things", match: Match("body", "tea"))
            #expect(try await door.keys(match).sorted() == ["late", "never"])
            #expect(try await door.walk(Walk(from: [thing("never")])).stops.isEmpty)
            let statistics = try await door.statistics()
            #expect(statistics.records["things"] == 2 && statistics.edges["joins"] == 0)
            // Its key is free again.
            _ = try await door.commit([put("gone", mode: .insert)])
            #expect(try await door.get(thing("gone")) != nil)
            #expect(try await door.verify().findings == [])
        }
    }

    /// A bad change at each place of a batch, of each kind.
    @Test(arguments: DoorKind.allCases)
    func aBatchIsWholeOrNotAtAll(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 1]), put("b"), join("a", "b")])
            let bad: [(Change, MnemeError.Code)] = [
                (put("x", ["nmae": 1]), .unknownField), (put("x", ["count": "1"]), .wrongType),
                (put("a", mode: .insert), .duplicate), (join("a", "nobody"), .danglingEdge),
                (join("a", "b", "unknown"), .unknownEdgeType),
                (.delete(Reference("nothing", "a")), .unknownCollection),
                (put("x", ["near": .vector([0, 0, 0])]), .badVector),
                (Self.place("p", "x", "y"), .wrongType),
                (.put(Put("places", "p", [:])), .missingField),
            ]
            let good: [Change] = [
                put("a", ["count": 2]), put("new", ["body": "tea"]), join("b", "a"),
                .delete(thing("b")),
                .put(Put("numbers", nil, [:])),
            ]
            let before = try await door.statistics()
            for (change, code) in bad {
                for place in 0...good.count {
                    // What is deleted before a link to it is another mistake.
                    var batch = good
                    batch.insert(change, at: place)
                    for durability in [Durability.synced, .none]
                    where place == 0 || durability == .none {
                        let refusal = await door.refusal(.commit(batch, durability))
                        let isGone = code == .unknownEdgeType || code == .danglingEdge
                        #expect(refusal == code || (isGone && place > 3), "\(change) at \(place)")
                    }
                }
            }
            let after = try await door.statistics()
            #expect(after.sequence == before.sequence)
            #expect(after.records == before.records && after.edges == before.edges)
            #expect(try await door.get(thing("a"))?["count"] == 1)
            #expect(try await door.keys(Find("things", match: Match("body", "tea"))).isEmpty)
            // A type that a refused link would have defined is not defined.
            let link = Link("fresh", from: thing("a"), to: thing("nobody"))
            #expect(await door.refusal(.relate([link])) == .danglingEdge)
            #expect(!(try await door.describe()).edgeTypes.contains { $0.name == "fresh" })
            let memory = Remember("x", owner: "ann", links: [MemoryLink("fresh", to: "nobody")])
            #expect(await door.refusal(.remember([memory])) == .danglingEdge)
            #expect(try await door.statistics().records["memories"] == 0)
            // A refused put takes no number.
            let next = try await door.commit([.put(Put("numbers", nil, [:]))])
            #expect(next.outcomes == [.put(Reference("numbers", 1))])
            #expect(try await door.verify().findings == [])
        }
    }
}
