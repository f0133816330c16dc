// Transactions over the wire: they are their connection's, and end with it.

import Glibc
import MnemeBase
import MnemeModel
import Testing

@testable import Mneme
@testable import MnemeServer
@testable import MnemeStore
@testable import MnemeWire

@Suite struct TransactionTests {
    private func begin(_ guest: Guest) throws -> UInt64 {
        guard case .began(let id, _) = try guest.perform(.begin) else {
            throw MnemeError(.corrupt, "no transaction")
        }
        return id
    }

    private func change(_ guest: Guest, _ id: UInt64, _ changes: [Change]) throws {
        let request = Request.inside(transaction: id, .commit(changes, .synced))
        guard case .committed = try guest.perform(request) else {
            throw MnemeError(.corrupt, "no change")
        }
    }

    private func refusal(_ guest: Guest, _ request: Request) -> MnemeError.Code? {
        do {
            _ = try guest.perform(request)
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    /// Waits until so many are open, a long time at most.
    private func expectOpen(_ count: Int, _ store: Store) {
        for _ in 0..<20_000 where store.openTransactions != count { usleep(1000) }
        #expect(store.openTransactions == count)
    }

    @Test func aClientThatDisappearsHoldsNothing() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let (gone, staying) = (try world.guest(store: "s"), try world.guest(store: "s"))
        _ = try staying.perform(.define(ServerWorld.schema))
        let first = try begin(gone)
        let second = try begin(gone)
        try change(gone, first, [ServerWorld.put("a", "lost")])
        try change(gone, second, [ServerWorld.put("b", "lost")])
        // It keeps nobody from writing the same.
        _ = try staying.perform(.commit([ServerWorld.put("a", "kept")], .synced))
        let store = try world.memory("s").store
        #expect(store.openTransactions == 2)
        gone.leave()
        expectOpen(0, store)
        #expect(try world.text(staying) == "kept")
        #expect(try world.text(staying, "b") == nil)
        world.stop()
    }

    @Test func oneConnectionDoesNotHaveThemAll() throws {
        let world = try ServerWorld { $0.transactionsPerConnection = 3 }
        defer { world.remove() }
        let (greedy, other) = (try world.guest(store: "s"), try world.guest(store: "s"))
        let open = try (0..<3).map { _ in try begin(greedy) }
        #expect(refusal(greedy, .begin) == .tooManyRequests)
        expectOpen(3, try world.memory("s").store)
        _ = try begin(other)
        // One that is ended makes room for another.
        #expect(try greedy.perform(.rollback(open[1])) == .done)
        _ = try begin(greedy)
        #expect(refusal(greedy, .begin) == .tooManyRequests)
        world.stop()
    }

    @Test func nobodyElseCanAskForIt() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let (mine, other) = (try world.guest(store: "s"), try world.guest(store: "s"))
        _ = try mine.perform(.define(ServerWorld.schema))
        let id = try begin(mine)
        try change(mine, id, [ServerWorld.put("a", "mine")])
        for request: Request in [
            .inside(transaction: id, .get([ServerWorld.reference("a")])),
            .inside(transaction: id, .commit([ServerWorld.put("a", "other")], .synced)),
            .commitTransaction(id, .synced), .rollback(id),
        ] {
            #expect(refusal(other, request) == .noTransaction, "\(request)")
        }
        _ = try mine.perform(.commitTransaction(id, .synced))
        #expect(try world.text(other) == "mine")
        #expect(refusal(mine, .rollback(id)) == .noTransaction)
        world.stop()
    }

    /// Many requests of one transaction in flight at once are done one after another.
    @Test func requestsInFlightAreAllAnswered() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.define(ServerWorld.schema))
        let id = try begin(guest)
        var waiting: Set<UInt32> = []
        for number in 0..<24 {
            let change = ServerWorld.put("k\(number)", "text")
            waiting.insert(
                try guest.send(.inside(transaction: id, .commit([change], .synced)))
            )
        }
        while !waiting.isEmpty {
            let event = try guest.next()
            guard case .some(.response(let answered, _, _)) = event else {
                Issue.record("no response")
                break
            }
            waiting.remove(answered)
        }
        guard
            case .committed(let committed) = try guest.perform(.commitTransaction(id, .synced))
        else { return }
        #expect(committed.outcomes.count == 24)
        for number in 0..<24 { #expect(try world.text(guest, "k\(number)") == "text") }
        world.stop()
    }
}
