// Patches of a store: what they leave as it was, what they refuse, and that they hold what puts
// hold.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PatchTests {
    static let schema = Schema(
        collections: [
            Collection(
                "people",
                fields: [
                    Field("owner", .text), Field("name", .text, isRequired: true),
                    Field("bio", .text, isSearchable: true), Field("calls", .int),
                    Field("tags", .array(.text)), Field("recent", .array(.int)),
                    Field("state", .oneOf(["open", "done"])), Field("data", .json),
                    Field("place", .vector(VectorType(dimension: 3))),
                    Field("half", .vector(VectorType(dimension: 3, element: .float16))),
                ],
                indexes: [
                    Index("byName", on: ["name"], isUnique: true), Index("byCalls", on: ["calls"]),
                ],
                roles: {
                    var roles = Roles()
                    roles.owner = "owner"
                    return roles
                }()
            )
        ]
    )

    func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("patch", .openOrCreate, options: StoreTests.options(disk))
        try store.define(Self.schema)
        return store
    }

    func refused(_ store: Store, _ patch: Patch) -> MnemeError.Code? {
        do throws(MnemeError) {
            _ = try store.commit([.patch(patch)])
            return nil
        } catch {
            return error.code
        }
    }

    func ann(_ store: Store) throws -> Record? {
        try store.snapshot().record(Reference("people", "ann"))
    }

    @Test func leavesWhatItDoesNotName() throws {
        let store = try store()
        let fields: [String: Value] = [
            "owner": "a/b", "name": "Ann", "bio": "drinks tea", "calls": 1, "tags": ["x"],
            "data": ["theme": "dark"], "place": .vector([1, 2, 3]),
            "half": .vector([0.5, 0.25, 1]),
        ]
        _ = try store.commit([
            .put(Put("people", "ann", fields, expiresAt: Instant(microseconds: .max - 1)))
        ])
        let committed = try store.commit([
            .patch(
                Patch(
                    "people",
                    "ann",
                    [.increment("calls", 1), .set("data.theme", "light")],
                    returnsRecord: true
                )
            )
        ])
        var wanted = fields
        wanted["calls"] = 2
        wanted["data"] = ["theme": "light"]
        #expect(try ann(store)?.fields == wanted)
        let reference = Reference("people", "ann")
        #expect(
            committed.outcomes == [
                .patched(
                    Committed.Patched(
                        reference: reference,
                        isNew: false,
                        record: Record(reference, fields: wanted)
                    )
                )
            ]
        )
        let snapshot = store.snapshot()
        #expect(try snapshot.find(Find("people", where: .eq("calls", 2))).rows.count == 1)
        #expect(try snapshot.find(Find("people", where: .eq("calls", 1))).rows.isEmpty)
        #expect(try snapshot.find(Find("people", match: Match("bio", "tea"))).rows.count == 1)
        #expect(try snapshot.find(Find("people", near: Near("place", [1, 2, 3]))).rows.count == 1)
        #expect(try store.verify().findings.isEmpty)
    }

    @Test func putsWhereThereIsNone() throws {
        let store = try store()
        let patch = Patch("people", "ann", [.increment("calls", 1)], orPut: ["name": "Ann"])
        for round in 1...3 {
            let outcome = try store.commit([.patch(patch)]).outcomes.first
            #expect(
                outcome
                    == .patched(
                        Committed.Patched(
                            reference: Reference("people", "ann"),
                            isNew: round == 1
                        )
                    )
            )
            #expect(try ann(store)?["calls"] == .int(Int64(round)))
        }
        #expect(refused(store, Patch("people", "bob", [.increment("calls", 1)])) == .notFound)
    }

    @Test func claimsOnce() throws {
        let store = try store()
        _ = try store.commit([.put(Put("people", "ann", ["name": "Ann", "state": "open"]))])
        let claim = Patch("people", "ann", [.set("state", "done")], if: .eq("state", "open"))
        #expect(refused(store, claim) == nil)
        #expect(refused(store, claim) == .conditionFailed)
        // One batch sees what it did itself.
        let again = Patch("people", "ann", [.set("state", "open")], if: .eq("state", "done"))
        #expect(throws: MnemeError.self) { try store.commit([.patch(again), .patch(again)]) }
        #expect(try ann(store)?["state"] == "done")
        _ = try store.commit([.patch(again), .patch(claim), .patch(again)])
        #expect(try ann(store)?["state"] == "open")
    }

    @Test func refusesWhatPutsRefuse() throws {
        let store = try store()
        _ = try store.commit([
            .put(Put("people", "ann", ["name": "Ann", "calls": 1])),
            .put(Put("people", "bob", ["name": "Bob"])),
        ])
        let cases: [(MnemeError.Code, Edit)] = [
            (.unknownField, .set("absent", 1)), (.wrongType, .set("calls", "many")),
            (.wrongType, .increment("calls", 0.5)), (.missingField, .unset("name")),
            (.duplicate, .set("name", "Bob")), (.wrongType, .set("state", "else")),
            (.wrongType, .addToSet("tags", [1])), (.wrongType, .set("tags.0", "x")),
            (.badVector, .set("place", [1, 2])), (.wrongType, .append("name", ["x"])),
        ]
        for (code, edit) in cases {
            #expect(refused(store, Patch("people", "ann", [edit])) == code, "\(edit)")
        }
        let twice = Patch("people", "ann", [.set("data.a", 1), .unset("data")])
        #expect(refused(store, twice) == .badRequest)
        #expect(refused(store, Patch("people", 1, [])) == .wrongType)
        #expect(refused(store, Patch("absent", "a", [])) == .unknownCollection)
        #expect(try ann(store)?.fields == ["name": "Ann", "calls": 1])
    }

    @Test func renewsWhatExpires() throws {
        let clock = SimulatedClock()
        var options = StoreTests.options()
        options.clock = clock
        let store = try Store.open("patch", .openOrCreate, options: options)
        try store.define(Self.schema)
        let end = Instant(microseconds: clock.now() + 1000)
        _ = try store.commit([.put(Put("people", "ann", ["name": "Ann"]))])
        _ = try store.commit([.patch(Patch("people", "ann", expiry: .at(end)))])
        _ = try store.commit([.patch(Patch("people", "ann", [.set("calls", 1)]))])
        clock.advance(by: 999)
        #expect(try ann(store)?["calls"] == 1)
        _ = try store.commit([.patch(Patch("people", "ann", expiry: .never))])
        clock.advance(by: 10)
        #expect(try ann(store) != nil)
        _ = try store.commit([
            .patch(
                Patch("people", "ann", expiry: .at(Instant(microseconds: clock.now() + 5)))
            )
        ])
        clock.advance(by: 5)
        #expect(try ann(store) == nil)
        #expect(refused(store, Patch("people", "ann", [.set("calls", 2)])) == .notFound)
    }

    /// Random patches of a few records, against dictionaries.
    @Test func staysEqualToAModel() throws {
        let disk = MemoryDisk()
        var store = try store(disk)
        let random = SeededRandomness(seed: 77)
        var model: [String: (calls: Int64, tags: [String], recent: [Int64])] = [:]
        for step in 0..<2000 {
            let key = "k\(random.below(6))"
            let known = model[key] != nil
            var now = model[key] ?? (0, [], [])
            var edits: [Edit] = []
            if random.below(2) == 0 {
                let step = Int64(random.below(9)) - 4
                edits.append(.increment("calls", .int(step)))
                now.calls += step
            }
            let tag = "t\(random.below(4))"
            switch random.below(3) {
            case 0:
                edits.append(.addToSet("tags", [.text(tag)]))
                if !now.tags.contains(tag) { now.tags.append(tag) }
            case 1:
                edits.append(.remove("tags", [.text(tag)]))
                now.tags.removeAll { $0 == tag }
            default: break
            }
            let number = Int64(random.below(100))
            if random.below(2) == 0 {
                edits.append(.prepend("recent", [.int(number)], limit: 5))
                now.recent = Array(([number] + now.recent).prefix(5))
            } else {
                edits.append(.append("recent", [.int(number)], limit: 5))
                now.recent = Array((now.recent + [number]).suffix(5))
            }
            if random.below(12) == 0 {
                _ = try store.commit([.delete(Reference("people", .text(key)))])
                model.removeValue(forKey: key)
            } else if random.below(4) == 0, !known {
                #expect(refused(store, Patch("people", .text(key), edits)) == .notFound)
            } else {
                let orPut: [String: Value] = ["name": .text(key), "calls": 0]
                let patch = Patch("people", .text(key), edits, orPut: orPut)
                _ = try store.commit([.patch(patch)])
                model[key] = now
            }
            if step % 500 == 499 {
                try store.close()
                store = try self.store(disk)
            }
        }
        for (key, wanted) in model {
            let record = try store.snapshot().record(Reference("people", .text(key)))
            #expect(record?["calls"] == .int(wanted.calls))
            let tags = record?["tags"] ?? .null
            #expect((tags.isNull ? [] : tags) == .array(wanted.tags.map(Value.text)))
            #expect(record?["recent"] == .array(wanted.recent.map(Value.int)))
        }
        #expect(try store.verify().findings.isEmpty)
    }
}
