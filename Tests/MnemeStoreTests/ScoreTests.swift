// What the scores of a match are made of: dead documents count until a merge drops them.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct ScoreTests {
    private func scores(_ snapshot: Snapshot) throws -> [String: Float] {
        let rows = try snapshot.find(Find("things", match: Match("body", "green tea"))).rows
        return Dictionary(
            uniqueKeysWithValues: rows.map { ($0.record.reference.key.description, $0.score) }
        )
    }

    private func store(_ bodies: [(key: String, body: String)]) throws -> Store {
        var options = Kinds.options()
        options.writerMergeLimit = 0
        let store = try Kinds.store(options)
        for (key, body) in bodies {
            _ = try store.commit([Kinds.put(key, ["body": .text(body)])])
        }
        return store
    }

    @Test func aMergeBringsTheScoresOfTheLivingAlone() throws {
        let living = [("c", "green tea"), ("d", "a cup of tea"), ("e", "green paint and water")]
        let dead = (0..<6).map { ("x", "green tea and green leaves, number \($0)") }
        let store = try store(dead + living)
        _ = try store.commit([.delete(Kinds.thing("x"))])
        let before = store.snapshot()
        let withDead = try scores(before)
        #expect(Set(withDead.keys) == ["c", "d", "e"])
        try store.upkeep()
        let after = store.snapshot()
        #expect(after.sequence == before.sequence)
        let merged = try scores(after)
        #expect(merged != withDead)
        // As if the dead had never been; a snapshot taken before goes on answering as it did.
        let fresh = try self.store(living)
        try fresh.upkeep()
        #expect(merged == (try scores(fresh.snapshot())))
        #expect(try scores(before) == withDead)
    }
}
