// A batch whose answer could not be sent is refused before it is made, by every way that a change
// tells a record.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct AnswerLimitTests {
    private static let limit = 100_000
    private static let keys = (0..<6).map { "k\($0)" }

    /// Six things of 30,000 bytes, of which three fit into an answer.
    private static func store() throws -> Store {
        var options = Kinds.options()
        options.answerBytes = limit
        let store = try Kinds.store(options)
        for key in keys {
            _ = try store.commit([
                Kinds.put(key, ["free": .text(String(repeating: "x", count: 30_000))])
            ])
        }
        return store
    }

    private func refusal(_ body: () throws -> Void) -> MnemeError? {
        do {
            try body()
            return nil
        } catch {
            return error as? MnemeError
        }
    }

    /// A change of each kind that tells the record of a key.
    private static let tellings: [@Sendable (String) -> Change] = [
        { .remove(Removal(Kinds.thing($0), returnsRecord: true)) },
        { .patch(Patch("things", .text($0), [.set("count", 1)], returns: .new)) },
        { .patch(Patch("things", .text($0), [.set("free", "")], returns: .old)) },
        { .put(Put("things", .text($0), ["name": .text($0)], returns: .old)) },
    ]

    @Test(arguments: 0..<4) func whatCouldNotBeToldIsNotDone(kind: Int) throws {
        let store = try Self.store()
        let change = Self.tellings[kind]
        let before = try Picture(store)
        let error = refusal { _ = try store.commit(Self.keys.map(change)) }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("things/k3") == true, "\(error?.message ?? "nothing")")
        #expect(try Picture(store) == before)
        let committed = try store.commit(Self.keys.prefix(3).map(change))
        #expect(committed.outcomes.count == 3)
    }

    @Test func claimsTakeNothingThatTheyCannotHandOut() throws {
        let store = try Self.store()
        var claim = Claim(
            "things",
            where: .eq("count", 7),
            limit: 10,
            edits: [.set("count", 8)],
            returns: .new
        )
        for key in Self.keys {
            _ = try store.commit([.patch(Patch("things", .text(key), [.set("count", 7)]))])
        }
        let before = try Picture(store)
        #expect(refusal { _ = try store.claim(claim) }?.code == .tooLarge)
        #expect(try Picture(store) == before)
        claim.limit = 3
        #expect(try store.claim(claim).records.count == 3)
        claim.returns = nil
        claim.limit = 10
        #expect(try store.claim(claim).references.count == 3)
    }

    @Test func aTransactionTellsNoMoreThanItsCommitMay() throws {
        let store = try Self.store()
        let transaction = try store.begin()
        let change = Self.tellings[1]
        _ = try transaction.change(Self.keys[..<2].map(change))
        let error = refusal { _ = try transaction.change(Self.keys[2...3].map(change)) }
        #expect(error?.code == .tooLarge)
        _ = try transaction.change([change("k2")])
        let committed = try transaction.commit(.synced)
        #expect(committed.outcomes.count == 3)
        let count = try store.snapshot().count(Count("things", where: .eq("count", 1)))
        #expect(count.rows == [["count": 4]])
    }

    @Test func manyOutcomesAreHeldAsWell() throws {
        let store = try Self.store()
        let name = String(repeating: "n", count: 300)
        let changes = { (count: Int) in
            (0..<count).map { Change.delete(Kinds.thing("\(name)\($0)")) }
        }
        #expect(refusal { _ = try store.commit(changes(10_000)) }?.code == .tooLarge)
        _ = try store.commit(changes(1_000))
        let puts = (0..<600).map { Kinds.put("\(name)\($0)") }
        let before = try Picture(store)
        #expect(refusal { _ = try store.commit(puts) }?.code == .tooLarge)
        #expect(try Picture(store) == before)
    }
}
