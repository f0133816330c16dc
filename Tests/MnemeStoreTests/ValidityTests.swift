// What was true when: `asOf` against a plain model, and records that supersede others.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ValidityTests {
    func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("facts", .openOrCreate, options: StoreTests.options(disk))
        var roles = Roles()
        roles.validFrom = "from"
        roles.validTo = "to"
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "facts",
                        fields: [
                            Field("subject", .text), Field("from", .instant), Field("to", .instant),
                        ],
                        indexes: [Index("bySubject", on: ["subject", "from"])],
                        roles: roles,
                        history: HistoryRule()
                    ),
                    Collection(
                        "numbered",
                        key: .int,
                        fields: [Field("from", .instant)],
                        roles: {
                            var roles = Roles()
                            roles.validFrom = "from"
                            return roles
                        }()
                    ),
                    Collection("plain", fields: [Field("at", .instant)]),
                ],
                edgeTypes: [EdgeType("replaces")]
            )
        )
        return store
    }

    func instant(_ number: Int) -> Instant { Instant(microseconds: Int64(number)) }

    func code(_ body: () throws(MnemeError) -> Void) -> MnemeError.Code? {
        do throws(MnemeError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [UInt64(1), 2, RealRandomness().next()])
    func asOfFindsWhatWasTrue(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let store = try store()
        var facts: [String: (subject: String, from: Int?, to: Int?)] = [:]
        for number in 0..<60 {
            let from = random.below(4) == 0 ? nil : random.below(20)
            let to = random.below(3) == 0 ? nil : random.below(20)
            let subject = "s\(random.below(3))"
            facts["f\(number)"] = (subject, from, to)
            var fields: [String: Value] = ["subject": .text(subject)]
            if let from { fields["from"] = .instant(instant(from)) }
            if let to { fields["to"] = .instant(instant(to)) }
            _ = try store.commit([.put(Put("facts", .text("f\(number)"), fields))])
        }
        for time in -1...21 {
            let subject = random.below(2) == 0 ? nil : "s1"
            let wanted = facts.filter { fact in
                (subject == nil || fact.value.subject == subject)
                    && (fact.value.from ?? .min) <= time && time < (fact.value.to ?? .max)
            }
            let snapshot = store.snapshot()
            for knownAt in [nil, snapshot.instant] {
                let find = Find(
                    "facts",
                    where: subject.map { .eq("subject", .text($0)) },
                    limit: .max,
                    knownAt: knownAt,
                    asOf: instant(time)
                )
                let keys = try snapshot.find(find).rows.map(\.record.reference.key.description)
                #expect(keys.sorted() == wanted.keys.sorted(), "seed \(seed), at \(time)")
            }
            let references = facts.keys.sorted().map { Reference("facts", .text($0)) }
            let records = try snapshot.records(Get(references, asOf: instant(time)))
            for (reference, record) in zip(references, records) where subject == nil {
                #expect((record != nil) == (wanted[reference.key.description] != nil))
            }
        }
        let plain = Find("plain", asOf: instant(1))
        #expect(
            code { () throws(MnemeError) in _ = try store.snapshot().find(plain) } == .badRequest
        )
    }

    @Test func oneTakesThePlaceOfAnother() throws {
        let store = try store()
        let rome = Put("facts", "rome", ["subject": "ann", "from": .instant(instant(5))])
        _ = try store.commit([.put(rome)])
        let old = Reference("facts", "rome")
        let change = Change.supersede(
            Supersede(
                old,
                by: "replaces",
                in: "facts",
                "oslo",
                ["subject": "ann"],
                at: instant(9)
            )
        )
        let outcomes = try store.commit([change]).outcomes
        guard case .superseded(let superseded) = outcomes.first, outcomes.count == 1,
            let edge = superseded.edge
        else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(superseded.reference == Reference("facts", "oslo"))
        let snapshot = store.snapshot()
        for (time, keys) in [(4, []), (5, ["rome"]), (8, ["rome"]), (9, ["oslo"])]
            as [(Int, [String])]
        {
            let found = try snapshot.find(Find("facts", asOf: instant(time)))
            #expect(found.rows.map(\.record.reference.key.description) == keys, "at \(time)")
        }
        let edges = try snapshot.edges(of: old, .in, types: ["replaces"])
        #expect(edges.map(\.id) == [edge] && edges.first?.from == superseded.reference)
        // The second who does it is refused, and nothing of it is left.
        func refused(_ supersede: Supersede) -> MnemeError.Code? {
            code { () throws(MnemeError) in _ = try store.commit([.supersede(supersede)]) }
        }
        #expect(refused(Supersede(old, in: "facts", "x", [:], at: instant(12))) == .conditionFailed)
        let oslo = superseded.reference
        #expect(refused(Supersede(oslo, in: "facts", "x", [:], at: instant(8))) == .conditionFailed)
        #expect(
            refused(Supersede(oslo, in: "facts", "rome", [:], at: instant(12))) == .duplicate
        )
        let gone = Reference("facts", "none")
        #expect(refused(Supersede(gone, in: "facts", "x", [:], at: instant(12))) == .notFound)
        #expect(refused(Supersede(oslo, in: "plain", "x", [:], at: instant(12))) == .badRequest)
        let twice: [String: Value] = ["from": .instant(instant(12))]
        #expect(refused(Supersede(oslo, in: "facts", "x", twice, at: instant(12))) == .badRequest)
        #expect(
            refused(Supersede(oslo, by: "no", in: "facts", "x", [:], at: instant(12)))
                == .unknownEdgeType
        )
        #expect(try store.snapshot().record(oslo)?["to"] == .null)
        #expect(try store.verify().findings == [])
    }

    @Test func transactionsSupersedeWithGeneratedKeysAndEdges() throws {
        let store = try store()
        _ = try store.commit([.put(Put("facts", "a", [:])), .put(Put("facts", "b", [:]))])
        func supersede(_ key: Key, _ at: Int) -> Change {
            .supersede(
                Supersede(
                    Reference("facts", key),
                    by: "replaces",
                    in: "numbered",
                    nil,
                    [:],
                    at: instant(at)
                )
            )
        }
        let first = try store.begin()
        let second = try store.begin()
        guard case .superseded(let inside)? = try first.change([supersede("a", 3)]).first,
            let edge = inside.edge
        else {
            Issue.record("nothing was superseded")
            return
        }
        #expect(try second.change([supersede("b", 3)]).count == 1)
        // Others take numbers of edges meanwhile; the edge that goes is the transaction's own.
        let link = Link(
            "replaces",
            from: Reference("facts", "a"),
            to: Reference("facts", "b")
        )
        let kept = try store.commit([.link(link)]).outcomes
        #expect(try first.change([.unlink(edge)]) == [.unlinked(true)])
        let outcomes = try first.commit(.buffered).outcomes
        guard case .superseded(let committed)? = outcomes.first else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(committed.reference == inside.reference)
        let snapshot = store.snapshot()
        #expect(try snapshot.record(committed.reference)?["from"] == .instant(instant(3)))
        let left = try snapshot.edges(of: Reference("facts", "a"), .both, types: nil)
        #expect(left.map { Committed.Outcome.linked($0.id) } == kept)
        // What the second one superseded was superseded by another commit meanwhile.
        _ = try store.commit([supersede("b", 2)])
        #expect(
            code { () throws(MnemeError) in _ = try second.commit(.buffered) } == .conflict
        )
        #expect(try store.verify().findings == [])
    }
}
