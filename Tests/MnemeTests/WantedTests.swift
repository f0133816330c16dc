// Questions whose asker has gone: the door ends them, tells so, and answers others as before.

import MnemeModel
import Testing

@testable import Mneme

@Suite struct WantedTests {
    @Test(arguments: [false, true]) func whatNobodyWantsEnds(isAudited: Bool) throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(collections: [Collection("notes", key: .int, fields: [Field("n", .int)])])
        )
        _ = try memory.commit(
            (0..<2000).map { .put(Put("notes", .int(Int64($0)), ["n": .int(Int64(-$0))])) }
        )
        if isAudited { try memory.audit(AuditSetting(AuditRule(reads: true, failures: true))) }
        let find = Request.find(Find("notes", order: [Order("n")], limit: 5))
        #expect {
            _ = try memory.answer(find, for: memory.asker) { false }
        } throws: { error in
            (error as? MnemeError)?.code == .cancelled
        }
        guard
            case .found(let found) = try memory.answer(find, for: memory.asker, isWanted: { true })
        else {
            Issue.record("a find is answered otherwise")
            return
        }
        let numbers = found.rows.compactMap { $0.record["n"].int }
        #expect(numbers == [-1999, -1998, -1997, -1996, -1995])
        let get = Request.get([Reference("notes", .int(7))])
        guard
            case .records(let records) = try memory.answer(
                get,
                for: memory.asker,
                isWanted: { false }
            )
        else {
            Issue.record("a get is answered otherwise")
            return
        }
        let record = try #require(records[0])
        #expect(record["n"] == -7)
        guard isAudited else { return }
        let asked = Find("$audit", where: .eq("collection", "notes"), order: [Order("$key")])
        let told = try memory.find(asked).rows.map { $0.record["outcome"] }
        #expect(told == ["error", "ok", "ok"])
    }
}
