// Who asked for what, through every door: each verb leaves the rows that it should, and of random
// requests a plain model knows all of them.

import Doors
import Mneme
import MnemeBase
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    private static let everything = AuditSetting(
        AuditRule(writes: true, reads: true, failures: true)
    )

    /// The rows in words, sorted; those of who asks about them left out.
    private static func told(_ door: any Door) async throws -> [String] {
        let found = try await door.find(Find(AuditTrail.collection, limit: 10_000))
        return found.rows.map { row in
            let record = row.record
            var keys: [String] = []
            if case .array(let values)? = record.fields["keys"] {
                keys = values.compactMap(\.text).sorted()
            }
            return [
                record["verb"].text, record["collection"].text ?? record["edge"].text,
                record["effect"].text, record["error"].text,
                record["edge"].isNull ? keys.joined(separator: ",") : "",
            ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
        }.filter { !$0.hasPrefix("audit") && !$0.contains("$audit") }.sorted()
    }

    @Test(arguments: DoorKind.allCases)
    func everyVerbLeavesItsRows(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let status = try await door.audit(Self.everything)
            #expect(status.setting == Self.everything && status.rows == 1)
            try await Self.askRecords(door)
            let own = try await Self.askMemories(door)
            try await Self.askTheStore(door)
            try await Self.askInTransactions(door)
            let expected =
                Self.ofRecords + Self.ofTheStore + [
                    "session.open sessions created \(own)", "session.open sessions none",
                    "session.append memories created one",
                    "session.append sessions updated \(own)", "session.end sessions updated \(own)",
                    "remember memories created two", "recall memories read two",
                    "relate near defined", "relate near linked", "forget memories deleted two",
                    "begin read", "begin read", "get things read c",
                    "commitTransaction things created c", "rollback read",
                ]
            #expect(try await Self.told(door) == expected.sorted())
            // Where it came from.
            let rows = try await door.find(Find(AuditTrail.collection, limit: 1000)).rows
            for row in rows.map(\.record) {
                let address = row["address"].text ?? ""
                #expect(kind.isRemote ? address.hasPrefix("127.0.0.1:") : address == "embedded")
                #expect(row["request"].isNull != kind.isRemote && row["proven"] == .bool(false))
                #expect((row["microseconds"].int ?? -1) >= 0)
            }
            #expect(try await door.verify().findings == [])
        }
    }

    private static let ofRecords = [
        "describe read", "commit things created a,b", "commit joins linked",
        "get things read a,x", "get things read a", "find things read a", "find joins read",
        "count things read", "walk things read b", "path things read a,b", "path joins read",
        "history things none noHistory a", "claim things updated a",
        "find nothing none unknownCollection", "commit things none duplicate a",
        "commit things created d", "commit things none d", "commit none",
    ]

    private static func askRecords(_ door: any Door) async throws {
        _ = try await door.describe()
        _ = try await door.commit([put("a", ["count": 1]), put("b"), join("a", "b")])
        _ = try await door.get([thing("a"), thing("x")])
        _ = try await door.getVersions([thing("a")])
        _ = try await door.find(Find("things", where: .eq("count", 1)))
        _ = try await door.find(Find(edges: "joins"))
        _ = try await door.count(Count("things"))
        _ = try await door.walk(Walk(from: [thing("a")]))
        _ = try await door.path(Path(from: thing("a"), to: thing("b")))
        _ = await door.refusal(.history(VersionQuestion(thing("a"))))
        _ = try await door.claim(
            Claim("things", where: .eq("count", 1), edits: [.set("count", 2)])
        )
        _ = await door.refusal(.find(Find("nothing")))
        _ = await door.refusal(.commit([put("a", mode: .insert)], .synced))
        let once = Request.once(key: "k", .commit([put("d")], .synced))
        _ = try await door.perform(once)
        _ = try await door.perform(once)
        _ = try await door.commit([.delete(thing("nothing"))])
    }

    /// The session's key.
    private static func askMemories(_ door: any Door) async throws -> String {
        let session = try await door.openSession(owner: "ann")
        _ = try await door.openSession(owner: "ann")
        _ = try await door.append(to: session.id, [Remember("One", owner: "", key: "one")])
        _ = try await door.endSession(session.id)
        _ = try await door.remember([Remember("Two", owner: "bob", key: "two")])
        _ = try await door.recall("Two", owner: "bob")
        let link = Link(
            "near",
            from: Reference("memories", "one"),
            to: Reference("memories", "two")
        )
        _ = try await door.relate([link])
        _ = try await door.forget(Forget(keys: ["two"]))
        return session.id
    }

    private static let ofTheStore = [
        "statistics read", "verify read", "checkpoint read", "backup read",
        "define late defined", "drop late dropped",
    ]

    private static func askTheStore(_ door: any Door) async throws {
        _ = try await door.statistics()
        _ = try await door.verify()
        try await door.checkpoint()
        _ = try await door.backup(Backup("one"))
        try await door.define(Schema(collections: [Collection("late", fields: [])]))
        try await door.drop(.collection("late"))
    }

    private static func askInTransactions(_ door: any Door) async throws {
        guard case .began(let id, _) = try await door.perform(.begin),
            case .began(let other, _) = try await door.perform(.begin)
        else {
            Issue.record("no transaction")
            return
        }
        _ = try await door.perform(.inside(transaction: id, .commit([put("c")], .synced)))
        _ = try await door.perform(.inside(transaction: id, .get([thing("c")])))
        _ = try await door.perform(.commitTransaction(id, .synced))
        _ = try await door.perform(.rollback(other))
    }

    @Test(arguments: DoorKind.allCases, [UInt64(1), 2, RealRandomness().next()])
    func randomRequestsLeaveTheRowsOfAModel(kind: DoorKind, seed: UInt64) async throws {
        let random = SeededRandomness(seed: seed)
        try await kind.withSample { door in
            try await door.audit(Self.everything)
            var there: Set<String> = []
            var expected: [String] = []
            for _ in 0..<60 {
                let keys = Array(Set((0..<3).map { _ in "k\(random.below(8))" })).sorted()
                let joined = keys.joined(separator: ",")
                switch random.below(6) {
                case 0:
                    let isRefused = keys.contains { there.contains($0) }
                    let request = Request.commit(keys.map { put($0, mode: .insert) }, .buffered)
                    #expect((await door.refusal(request) != nil) == isRefused)
                    expected.append(
                        isRefused
                            ? "commit things none duplicate \(joined)"
                            : "commit things created \(joined)"
                    )
                    if !isRefused { there.formUnion(keys) }
                case 1:
                    _ = try await door.commit(keys.map { put($0, ["count": 1]) }, .buffered)
                    let (old, new) = (there.intersection(keys), Set(keys).subtracting(there))
                    for (word, some) in [("updated", old), ("created", new)] where !some.isEmpty {
                        let names = some.sorted().joined(separator: ",")
                        expected.append("commit things \(word) \(names)")
                    }
                    there.formUnion(keys)
                case 2:
                    _ = try await door.commit(keys.map { .delete(thing($0)) }, .buffered)
                    let gone = there.intersection(keys).sorted().joined(separator: ",")
                    expected.append(gone.isEmpty ? "commit none" : "commit things deleted \(gone)")
                    there.subtract(keys)
                case 3:
                    _ = try await door.get(keys.map(thing))
                    expected.append("get things read \(joined)")
                case 4:
                    _ = try await door.find(Find("things", limit: 100))
                    let all = there.sorted().joined(separator: ",")
                    expected.append(all.isEmpty ? "find things read" : "find things read \(all)")
                default:
                    guard case .began(let id, _) = try await door.perform(.begin) else { continue }
                    let changes = keys.map { put($0, ["count": 2]) }
                    _ = try await door.perform(.inside(transaction: id, .commit(changes, .none)))
                    expected.append("begin read")
                    if random.below(2) == 0 {
                        _ = try await door.perform(.rollback(id))
                        expected.append("rollback read")
                        continue
                    }
                    _ = try await door.perform(.commitTransaction(id, .buffered))
                    let (old, new) = (there.intersection(keys), Set(keys).subtracting(there))
                    for (word, some) in [("updated", old), ("created", new)] where !some.isEmpty {
                        let names = some.sorted().joined(separator: ",")
                        expected.append("commitTransaction things \(word) \(names)")
                    }
                    there.formUnion(keys)
                }
            }
            #expect(try await Self.told(door) == expected.sorted(), "seed \(seed)")
        }
    }
}
