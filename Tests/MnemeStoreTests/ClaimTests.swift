// Claims: the first records of a question, in its order, each for one claimer, whoever else claims.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct ClaimTests {
    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    private static func fill(_ store: Store, _ count: Int) throws {
        for start in stride(from: 0, to: count, by: 500) {
            _ = try store.commit(
                (start..<min(start + 500, count)).map { number in
                    .put(
                        Put(
                            "jobs",
                            .text("j\(number)"),
                            ["state": "due", "n": .int(Int64(number * 7919 % count))]
                        )
                    )
                },
                .none
            )
        }
    }

    private static func claim(_ limit: Int, returns: Returns? = .new) -> Claim {
        Claim(
            "jobs",
            where: .eq("state", "due"),
            order: [Order("n")],
            limit: limit,
            edits: [.set("state", "taken")],
            returns: returns
        )
    }

    @Test func theFirstOnesComeInOrder() throws {
        let store = try ConditionTests.store()
        try Self.fill(store, 10)
        let first = try store.claim(Self.claim(3))
        #expect(first.records.map { $0["n"] } == [0, 1, 2])
        #expect(first.records.allSatisfy { $0["state"] == "taken" })
        #expect(first.records.map(\.version) == first.versions.map(Optional.init))
        #expect(try store.snapshot().versions(of: first.references) == first.versions)
        #expect(first.sequence == store.snapshot().sequence)
        let old = try store.claim(Self.claim(4, returns: .old))
        #expect(old.records.map { $0["n"] } == [3, 4, 5, 6])
        #expect(old.records.allSatisfy { $0["state"] == "due" })
        let quiet = try store.claim(Self.claim(10, returns: nil))
        #expect(quiet.references.count == 3 && quiet.records == [])
        let none = try store.claim(Self.claim(10))
        #expect(none.references == [] && none.versions == [])
        #expect(try store.verify().findings == [])
    }

    @Test func badClaimsAreRefused() throws {
        let store = try ConditionTests.store()
        for claim in [
            Self.claim(0), Self.claim(10_001), Claim("jobs", edits: []),
        ] { #expect(code { _ = try store.claim(claim) } == .badRequest) }
        #expect(code { _ = try store.claim(Claim("none", edits: [.unset("n")])) } != nil)
        // Also where there is nothing to claim.
        let field = Claim("jobs", edits: [.set("none", 1)])
        #expect(code { _ = try store.claim(field) } == .unknownField)
        let filter = Claim("jobs", where: .eq("none", 1), edits: [.set("n", 1)])
        #expect(code { _ = try store.claim(filter) } == .unknownField)
        try Self.fill(store, 2)
        #expect(code { _ = try store.claim(field) } == .unknownField)
    }

    @Test func oneRefusalRefusesAll() throws {
        let store = try ConditionTests.store()
        try store.define(
            Schema(collections: [
                Collection(
                    "slots",
                    fields: [Field("name", .text)],
                    indexes: [Index("byName", on: ["name"], isUnique: true)]
                )
            ])
        )
        _ = try store.commit([
            .put(Put("slots", "a", ["name": "a"])), .put(Put("slots", "b", ["name": "b"])),
        ])
        let claim = Claim("slots", limit: 2, edits: [.set("name", "same")])
        #expect(code { _ = try store.claim(claim) } == .duplicate)
        let names = try store.snapshot().find(Find("slots")).rows.map { $0.record["name"] }
        #expect(Set(names) == ["a", "b"])
    }

    /// What others have taken between the look and the writer is passed over.
    @Test func whatWasTakenMeanwhileIsPassedOver() throws {
        let store = try ConditionTests.store()
        try Self.fill(store, 20)
        let snapshot = store.snapshot()
        let rows = try snapshot.find(
            Find("jobs", where: .eq("state", "due"), order: [Order("n")], limit: 20)
        ).rows
        let seen = rows.map(\.record.reference)
        let versions = try snapshot.versions(of: seen)
        let others = try store.claim(Self.claim(5))
        func take(_ limit: Int, of count: Int, hasMore: Bool) throws -> Committed {
            try store.commit(.none, once: nil) { (preparation) throws(MnemeError) in
                var patches: [PreparedPatch] = []
                for (reference, version) in zip(seen, versions).prefix(count) {
                    let patch = Patch(
                        "jobs",
                        reference.key,
                        [.set("state", "mine")],
                        version: version
                    )
                    patches.append(try preparation.prepare(patch))
                }
                return [.claim(PreparedClaim(patches: patches, limit: limit, hasMore: hasMore))]
            }
        }
        // Too few are left of those that were seen, and there are others to look at.
        #expect(code { _ = try take(5, of: 8, hasMore: true) } == .conflict)
        #expect(try take(3, of: 8, hasMore: true).outcomes.count == 3)
        #expect(try take(3, of: 8, hasMore: false).outcomes.count == 0)
        let mine = try store.snapshot().find(
            Find("jobs", where: .eq("state", "mine"), order: [Order("n")])
        )
        #expect(mine.rows.map(\.record.reference) == Array(seen[5..<8]))
        #expect(others.references == Array(seen[..<5]))
    }

    /// Six threads, and none of them gets what another one got; together they get everything.
    @Test(arguments: [1, 7, 60])
    func eachRecordGoesToOne(limit: Int) throws {
        var options = StoreTests.options()
        options.worksInBackground = true
        let store = try Store.open("jobs", .create, options: options)
        try store.define(ConditionTests.schema)
        let count = 600
        try Self.fill(store, count)
        let taken = Mutex<[Reference]>([])
        let failures = Mutex<[String]>([])
        let pool = WorkerPool(threadCount: 6)
        let gates = (0..<6).map { _ in Gate() }
        for gate in gates {
            pool.submit {
                do throws(MnemeError) {
                    while true {
                        let claimed = try store.claim(Self.claim(limit, returns: nil), .none)
                        if claimed.references.isEmpty { break }
                        taken.withLock { $0 += claimed.references }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
                gate.open()
            }
        }
        for gate in gates { gate.wait() }
        let all = taken.withLock { $0 }
        #expect(failures.withLock { $0 } == [])
        #expect(all.count == count && Set(all).count == count)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func aClaimIsDoneOnce() throws {
        let store = try ConditionTests.store()
        try Self.fill(store, 5)
        let once = try OnceKey("w1", of: .claim(Self.claim(2)))
        let first = try store.claim(Self.claim(2), once: once)
        var second = try store.claim(Self.claim(2), once: once)
        #expect(second.isRepeated)
        second.isRepeated = false
        #expect(second == first && first.records.count == 2)
        let none = Claim("jobs", where: .eq("state", "none"), edits: [.set("n", 1)])
        let empty = try OnceKey("w2", of: .claim(none))
        #expect(try !store.claim(none, once: empty).isRepeated)
        _ = try store.commit([.put(Put("jobs", "x", ["state": "none"]))])
        let again = try store.claim(none, once: empty)
        #expect(again.isRepeated && again.references == [])
    }
}
