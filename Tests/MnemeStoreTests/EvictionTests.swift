// What gives way where others name it: what a commit itself puts and links is there behind it, what
// cannot go is passed over, and everything that went is told.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EvictionTests {
    /// `hosts` of which each owner may have so many; `parts` go with theirs, `holds` keep their
    /// part, and `notes` cannot be without their host though the rule would take it out.
    private static func store(_ most: Int) throws -> Store {
        var roles = Roles()
        roles.owner = "u"
        roles.importance = "imp"
        roles.pinned = "pin"
        var pinned = Roles()
        pinned.pinned = "pin"
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        let text = Field("r", .text)
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "hosts",
                        fields: [Field("u", .text), Field("imp", .float), Field("pin", .bool)],
                        indexes: [Index("u", on: ["u"])],
                        roles: roles,
                        quotas: [Quota(records: most, evicts: true)]
                    ),
                    Collection(
                        "parts",
                        fields: [text, Field("pin", .bool)],
                        references: [ReferenceRule("r", ["r"], to: "hosts", onDelete: .cascade)],
                        roles: pinned
                    ),
                    Collection(
                        "holds",
                        fields: [text],
                        references: [ReferenceRule("r", ["r"], to: "parts")]
                    ),
                    Collection(
                        "notes",
                        fields: [text],
                        checks: [Check("named", try Expression("r is not null"))],
                        references: [ReferenceRule("r", ["r"], to: "hosts", onDelete: .setNull)]
                    ),
                    Collection(
                        "marks",
                        fields: [text],
                        references: [ReferenceRule("r", ["r"], to: "hosts", onDelete: .setNull)]
                    ),
                ],
                edgeTypes: [EdgeType("e")]
            )
        )
        return store
    }

    private static func host(_ key: String, _ importance: Double, _ owner: String = "x") -> Change {
        .put(Put("hosts", .text(key), ["u": .text(owner), "imp": .float(importance)]))
    }

    private static func naming(_ collection: String, _ key: String, _ name: String) -> Change {
        .put(Put(collection, .text(key), ["r": .text(name)]))
    }

    private static func link(_ from: String, _ to: String) -> Change {
        .link(Link("e", from: Reference("hosts", .text(from)), to: Reference("hosts", .text(to))))
    }

    private static func all(_ store: Store) throws -> Set<String> {
        var all: Set<String> = []
        for collection in store.snapshot().schema.collections {
            for row in try store.snapshot().find(Find(collection.name, limit: .max)).rows {
                all.insert("\(row.record.reference)")
            }
        }
        return all
    }

    @Test func whatACommitNamesAndLinksIsThereBehindIt() throws {
        // What it puts names the weakest, by a rule that cascades or one that takes the name out.
        for collection in ["parts", "notes", "marks"] {
            let store = try Self.store(2)
            _ = try store.commit([Self.host("a", 0.1), Self.host("b", 0.9)])
            let committed = try store.commit([
                Self.naming(collection, "new", "a"), Self.host("c", 0.5),
            ])
            #expect(committed.evicted.map { "\($0)" } == ["hosts/b"], "\(collection)")
            #expect(try Self.all(store) == ["hosts/a", "hosts/c", "\(collection)/new"])
            let new = try store.snapshot().record(Reference(collection, "new"))
            #expect(new?["r"] == "a")
            #expect(try store.verify().findings == [])
        }
        // It links to the weakest, or to what would go with it.
        for isFollower in [false, true] {
            let store = try Self.store(2)
            _ = try store.commit([
                Self.host("a", 0.1), Self.host("b", 0.9), Self.naming("parts", "k", "a"),
            ])
            let end = isFollower ? Reference("parts", "k") : Reference("hosts", "a")
            let committed = try store.commit([
                Self.host("c", 0.5), .link(Link("e", from: Reference("hosts", "c"), to: end)),
            ])
            #expect(committed.evicted.map { "\($0)" } == ["hosts/b"])
            #expect(try store.snapshot().find(Find(edges: "e")).edges.count == 1)
            // The edge was another commit's now.
            let next = try store.commit([Self.host("d", 0.5)])
            #expect(next.evicted.map { "\($0)" } == ["hosts/a", "parts/k"])
            #expect(try store.verify().findings == [])
        }
        // Where nothing else may give way, it is refused and leaves no trace.
        let store = try Self.store(1)
        _ = try store.commit([Self.host("a", 0.1)])
        let code = OwnedItems.code {
            _ = try store.commit([Self.naming("parts", "new", "a"), Self.host("c", 0.5)])
        }
        #expect(code == .quotaExceeded)
        #expect(try Self.all(store) == ["hosts/a"])
    }

    @Test func whatCannotGoIsPassedOver() throws {
        let store = try Self.store(2)
        // The part of one is held, and the other is named by what cannot be without it.
        _ = try store.commit([
            Self.host("a", 0.1), Self.host("b", 0.9), Self.naming("parts", "k", "a"),
            Self.naming("holds", "j", "k"), Self.host("a2", 0.1, "y"), Self.host("b2", 0.9, "y"),
            Self.naming("notes", "n", "a2"), Self.naming("marks", "m", "a2"),
        ])
        let one = try store.commit([Self.host("c", 0.5)])
        #expect(one.evicted.map { "\($0)" } == ["hosts/b"])
        let other = try store.commit([Self.host("c2", 0.5, "y")])
        #expect(other.evicted.map { "\($0)" } == ["hosts/b2"])
        #expect(
            try Self.all(store) == [
                "hosts/a", "hosts/c", "parts/k", "holds/j", "hosts/a2", "hosts/c2", "notes/n",
                "marks/m",
            ]
        )
        // A trial that failed took nothing out.
        #expect(try store.snapshot().record(Reference("marks", "m"))?["r"] == "a2")
        _ = try store.commit([.delete(Reference("holds", "j")), .delete(Reference("notes", "n"))])
        let third = try store.commit([Self.host("d", 0.5), Self.host("d2", 0.5, "y")])
        #expect(third.evicted.map { "\($0)" } == ["hosts/a", "parts/k", "hosts/a2"])
        #expect(try store.snapshot().record(Reference("marks", "m"))?["r"] == .null)
        // Nothing pinned goes along.
        _ = try store.commit([
            Self.host("a3", 0.1, "z"), Self.host("b3", 0.9, "z"),
            .put(Put("parts", "pinned", ["r": "a3", "pin": true])),
        ])
        let fourth = try store.commit([Self.host("c3", 0.5, "z")])
        #expect(fourth.evicted.map { "\($0)" } == ["hosts/b3"])
        #expect(try store.verify().findings == [])
    }

    /// Whatever is put, named and linked: a commit that is taken left what it has put and linked,
    /// and nothing is gone that it does not tell.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, RealRandomness().next()])
    func nothingGoesThatIsNotTold(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try Self.store(3)
        var edges: [(from: String, to: String)] = []
        var evictions = 0
        for round in 0..<300 {
            let before = try Self.all(store)
            var changes: [Change] = []
            var links: [(from: String, to: String)] = []
            func host() -> String { "h\(random.below(12))" }
            for place in 0..<(1 + random.below(4)) {
                let importance = Double(random.below(10)) / 10
                let key = random.below(2) == 0 ? "p\(random.below(9))" : "n\(round)-\(place)"
                switch random.below(7) {
                case 0, 1:
                    changes.append(
                        Self.host(host(), importance, ["x", "y"][random.below(2)])
                    )
                case 2: changes.append(Self.naming("parts", key, host()))
                case 3 where random.below(4) == 0:
                    changes.append(Self.naming("holds", key, "p\(random.below(9))"))
                case 4: changes.append(Self.naming("marks", key, host()))
                case 5 where random.below(4) == 0:
                    changes.append(Self.naming("notes", key, host()))
                default:
                    let (from, to) = (host(), host())
                    guard from != to else { continue }
                    changes.append(Self.link(from, to))
                    links.append(("hosts/\(from)", "hosts/\(to)"))
                }
            }
            if changes.isEmpty { continue }
            let committed: Committed
            do {
                committed = try store.commit(changes)
            } catch {
                let known: [MnemeError.Code] = [.quotaExceeded, .missingReference, .danglingEdge]
                #expect(known.contains(error.code), "seed \(seed), round \(round): \(error)")
                #expect(try Self.all(store) == before, "seed \(seed), round \(round)")
                continue
            }
            var put: Set<String> = []
            for case .put(let reference) in committed.outcomes { put.insert("\(reference)") }
            let gone = Set(committed.evicted.map { "\($0)" })
            evictions += gone.count
            let place = Comment(rawValue: "seed \(seed), round \(round)")
            #expect(gone.count == committed.evicted.count, place)
            #expect(gone.isDisjoint(with: put), place)
            #expect(try Self.all(store) == before.union(put).subtracting(gone), place)
            edges += links
            edges.removeAll { gone.contains($0.from) || gone.contains($0.to) }
            for (from, to) in links {
                #expect(edges.contains { $0.from == from && $0.to == to }, place)
            }
            let found = try store.snapshot().find(Find(edges: "e", limit: .max)).edges.count
            #expect(found == edges.count, place)
            for owner in ["x", "y"] {
                let find = Find("hosts", owner: owner, limit: .max)
                #expect(try store.snapshot().find(find).rows.count <= 3, place)
            }
        }
        #expect(evictions > 5, "seed \(seed)")
        #expect(try store.verify().findings == [], "seed \(seed)")
    }
}
