// Changes that depend on what is there, and that tell it: against a plain model at random, and one
// by one where a model would say too little.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ConditionTests {
    static let schema = Schema(
        collections: [
            Collection(
                "jobs",
                fields: [Field("state", .text), Field("n", .int)],
                indexes: [Index("byState", on: ["state", "n"])]
            )
        ],
        edgeTypes: [
            EdgeType("joins", fields: [Field("weight", .int)], isUnique: true, isUndirected: true)
        ]
    )

    static func store(_ disk: any Disk = MemoryDisk()) throws -> Store {
        let store = try Store.open("jobs", .openOrCreate, options: StoreTests.options(disk))
        try store.define(schema)
        return store
    }

    static func job(_ key: String) -> Reference { Reference("jobs", .text(key)) }

    private func version(_ key: String, _ store: Store) throws -> UInt64 {
        try store.snapshot().versions(of: [Self.job(key)])[0]
    }

    private func refusal(_ body: () throws -> Void) -> MnemeError? {
        do {
            try body()
            return nil
        } catch {
            return error as? MnemeError
        }
    }

    /// What a batch comes to, without the store.
    private struct Model {
        var records: [String: (version: UInt64, fields: [String: Value])] = [:]

        /// The outcomes, nil where it is refused; `changed` has the versions yet to come as 0.
        mutating func apply(_ changes: [Change]) -> [Committed.Outcome]? {
            let before = records
            var touched: Set<String> = []
            var outcomes: [Committed.Outcome] = []
            func holds(_ key: String, _ version: UInt64?, _ filter: Filter?) -> Bool {
                let standing = records[key]
                if let version {
                    guard let standing else { return version == 0 }
                    if touched.contains(key) || standing.version != version { return false }
                }
                guard let filter, let standing else { return true }
                return filter.holds { standing.fields[$0] ?? .null }
            }
            func record(_ key: String, _ fields: [String: Value]?) -> Record? {
                fields.map { Record(ConditionTests.job(key), fields: $0) }
            }
            for change in changes {
                switch change {
                case .put(let put):
                    let key = put.key?.description ?? ""
                    guard holds(key, put.version, put.condition) else {
                        records = before
                        return nil
                    }
                    let old = records[key]
                    records[key] = (0, put.fields)
                    touched.insert(key)
                    let reference = ConditionTests.job(key)
                    if let returns = put.returns {
                        var told = Committed.Patched(reference: reference, isNew: old == nil)
                        told.record = record(key, returns == .new ? put.fields : old?.fields)
                        outcomes.append(.putReturning(told))
                    } else {
                        outcomes.append(.put(reference))
                    }
                case .patch(let patch):
                    let key = patch.key.description
                    let old = records[key]
                    guard holds(key, patch.version, patch.condition),
                        var fields = old?.fields ?? patch.orPut
                    else {
                        records = before
                        return nil
                    }
                    if case .int(let n) = fields["n"] ?? .null { fields["n"] = .int(n + 1) }
                    records[key] = (0, fields)
                    touched.insert(key)
                    var told = Committed.Patched(
                        reference: ConditionTests.job(key),
                        isNew: old == nil
                    )
                    if let returns = patch.returns {
                        told.record = record(key, returns == .new ? fields : old?.fields)
                    }
                    outcomes.append(.patched(told))
                case .remove(let removal):
                    let key = removal.reference.key.description
                    guard holds(key, removal.version, removal.condition) else {
                        records = before
                        return nil
                    }
                    let old = records.removeValue(forKey: key)
                    if removal.returnsRecord, let old, let told = record(key, old.fields) {
                        outcomes.append(.deletedReturning(told))
                    } else {
                        outcomes.append(.deleted(old != nil))
                    }
                default: return nil
                }
            }
            return outcomes
        }

        /// Takes over the versions that a commit told.
        mutating func take(_ committed: Committed, _ changes: [Change]) {
            for (change, version) in zip(changes, committed.versions) where version != 0 {
                switch change {
                case .put(let put): records[put.key?.description ?? ""]?.version = version
                case .patch(let patch): records[patch.key.description]?.version = version
                default: break
                }
            }
        }
    }

    @Test(arguments: [UInt64(3), 4, RealRandomness().next()])
    func changesDependOnWhatIsThere(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let disk = SimulatedDisk()
        var store = try Self.store(disk)
        var model = Model()
        var (refused, made) = (0, 0)
        for step in 0..<600 {
            let changes = (0..<(1 + random.below(3))).map { _ in
                Self.change(random, model.records.mapValues { $0.version })
            }
            let expected = model.apply(changes)
            let committed: Committed?
            do throws(MnemeError) {
                committed = try store.commit(changes, .none)
            } catch {
                committed = nil
                let codes: [MnemeError.Code] = [.conditionFailed, .notFound]
                #expect(codes.contains(error.code), "seed \(seed), step \(step): \(error)")
                #expect(error.message.contains("jobs/"), "\(error)")
            }
            #expect(committed?.outcomes == expected, "seed \(seed), step \(step): \(changes)")
            guard let committed, expected != nil else {
                refused += 1
                continue
            }
            made += 1
            model.take(committed, changes)
            if random.below(60) == 0 {
                try store.close()
                store = try Self.store(disk)
            }
            for (key, record) in model.records {
                let found = try store.snapshot().versionedRecord(Self.job(key))
                #expect(
                    found?.version == record.version && found?.fields == record.fields,
                    "seed \(seed), step \(step): \(key) is \(String(describing: found))"
                )
            }
        }
        #expect(refused > 50 && made > 50, "seed \(seed): \(refused) refused, \(made) made")
        #expect(try store.verify().findings == [])
    }

    private static func change(_ random: SeededRandomness, _ versions: [String: UInt64]) -> Change {
        let key = ["a", "b", "c", "d"][random.below(4)]
        let known = versions[key] ?? 0
        let version: UInt64? = [nil, nil, known, known, known + 1, 0][random.below(6)]
        let filter: Filter? = random.below(3) == 0 ? .eq("state", "open") : nil
        let returns: Returns? = [nil, .old, .new][random.below(3)]
        let fields: [String: Value] = [
            "state": ["open", "done"][random.below(2)], "n": .int(Int64(random.below(9))),
        ]
        switch random.below(4) {
        case 0:
            return .remove(
                Removal(
                    job(key),
                    erases: random.below(4) == 0,
                    version: version,
                    if: filter,
                    returnsRecord: returns != nil
                )
            )
        case 1:
            return .patch(
                Patch(
                    "jobs",
                    .text(key),
                    [.increment("n", 1)],
                    if: filter,
                    orPut: random.below(2) == 0 ? fields : nil,
                    version: version,
                    returns: returns
                )
            )
        default:
            return .put(
                Put("jobs", .text(key), fields, version: version, if: filter, returns: returns)
            )
        }
    }

    @Test func aRefusalSaysTheVersionThatIsThere() throws {
        let store = try Self.store()
        let first = try store.commit([.put(Put("jobs", "a", ["n": 1], version: 0))])
        let version = first.versions[0]
        #expect(version > 0 && version < first.sequence)
        #expect(try self.version("a", store) == version)
        let error = refusal {
            _ = try store.commit([.put(Put("jobs", "a", ["n": 2], version: version + 1))])
        }
        #expect(error?.code == .conditionFailed)
        #expect(error?.message.contains("version \(version)") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("jobs/a") == true)
        // A compare-and-set loop needs no read.
        let second = try store.commit([.put(Put("jobs", "a", ["n": 2], version: version))])
        let third = try store.commit([
            .patch(Patch("jobs", "a", [.set("n", 3)], version: second.versions[0])),
            .put(Put("jobs", "b", [:])), .delete(Self.job("none")),
        ])
        #expect(third.versions.count == 3 && third.versions[2] == 0)
        #expect(try self.version("b", store) == third.versions[1])
        let late = refusal {
            _ = try store.commit([
                .put(Put("jobs", "c", [:])), .put(Put("jobs", "c", [:], version: 0)),
            ])
        }
        #expect(late?.message.contains("same commit") == true, "\(late?.message ?? "")")
        for put in [
            Put("jobs", nil, [:], version: 7), Put("jobs", "a", [:], mode: .insert, version: 7),
            Put("jobs", "a", [:], mode: .insert, if: .eq("n", 1)),
        ] {
            #expect(refusal { _ = try store.commit([.put(put)]) }?.code == .badRequest)
        }
        let unknown = Put("jobs", "a", [:], if: .eq("none", 1))
        #expect(refusal { _ = try store.commit([.put(unknown)]) }?.code == .unknownField)
    }

    @Test func versionsOutliveCompactionAndRebuilds() throws {
        let disk = SimulatedDisk()
        let store = try Self.store(disk)
        var versions: [String: UInt64] = [:]
        for index in 0..<200 {
            let key = "k\(index % 40)"
            let text = String(repeating: "x", count: 900)
            let done = try store.commit([
                .put(Put("jobs", .text(key), ["state": .text(text), "n": .int(Int64(index))]))
            ])
            versions[key] = done.versions[0]
        }
        try store.checkpointNow()
        try store.upkeep([.compact])
        for (key, version) in versions { #expect(try self.version(key, store) == version) }
        try store.close()
        let again = try Store.open("jobs", .rebuild, options: StoreTests.options(disk))
        for (key, version) in versions { #expect(try self.version(key, again) == version) }
    }

    @Test func linksTellEdges() throws {
        let store = try Self.store()
        _ = try store.commit([.put(Put("jobs", "a", [:])), .put(Put("jobs", "b", [:]))])
        let link = Link(
            "joins",
            from: Self.job("a"),
            to: Self.job("b"),
            fields: ["weight": 1],
            mode: .replace,
            returns: .new
        )
        let first = try store.commit([.link(link)])
        guard case .linkedReturning(let id, let edge) = first.outcomes[0] else {
            Issue.record("\(first)")
            return
        }
        let expected = Edge(
            id: id,
            type: "joins",
            from: Self.job("a"),
            to: Self.job("b"),
            fields: ["weight": 1]
        )
        #expect(edge == expected && first.versions == [])
        // The other way round is the same edge; what it was is told as it was.
        let back = Link(
            "joins",
            from: Self.job("b"),
            to: Self.job("a"),
            fields: ["weight": 2],
            mode: .replace,
            returns: .old
        )
        let second = try store.commit([.link(back), .link(back)])
        guard case .linkedReturning(let next, let old) = second.outcomes[0],
            case .linkedReturning(_, let replaced) = second.outcomes[1]
        else {
            Issue.record("\(second)")
            return
        }
        #expect(old == expected)
        #expect(replaced?.id == next && replaced?.from == Self.job("b"))
        #expect(replaced?.fields == ["weight": 2])
    }

    @Test func transactionsHoldVersions() throws {
        let store = try Self.store()
        let first = try store.commit([
            .put(Put("jobs", "a", ["n": 1])), .put(Put("jobs", "b", ["n": 1])),
        ])
        let transaction = try store.begin()
        let read = try transaction.get([Self.job("a"), Self.job("b")], versions: true)
        #expect(read.map { $0?.version } == first.versions.map(Optional.init))
        let done = try transaction.change([
            .put(Put("jobs", "a", ["n": 2], version: first.versions[0], returns: .old)),
            .remove(Removal(Self.job("b"), version: first.versions[1], returnsRecord: true)),
        ])
        #expect(done.count == 2)
        // What it has changed has no version before it is committed.
        #expect(try transaction.get([Self.job("a")], versions: true)[0]?.version == nil)
        let error = refusal {
            _ = try transaction.change([.put(Put("jobs", "a", [:], version: first.versions[0]))])
        }
        #expect(error?.code == .conditionFailed)
        let committed = try transaction.commit(.none)
        #expect(committed.outcomes == done && committed.versions[0] > first.sequence)
        #expect(try version("a", store) == committed.versions[0])

        let late = try store.begin()
        _ = try late.change([.put(Put("jobs", "a", ["n": 5], version: committed.versions[0]))])
        _ = try store.commit([.patch(Patch("jobs", "a", [.increment("n", 1)]))])
        #expect(refusal { _ = try late.commit(.none) }?.code == .conflict)
        // A refusal says what is there, so that it was read.
        let told = try store.begin()
        #expect(
            refusal { _ = try told.change([.put(Put("jobs", "a", [:], version: 1))]) }?.code
                == .conditionFailed
        )
        _ = try told.change([.put(Put("jobs", "z", [:]))])
        _ = try store.commit([.patch(Patch("jobs", "a", [.increment("n", 1)]))])
        #expect(refusal { _ = try told.commit(.none) }?.code == .conflict)
    }
}
