// Ends that are said as so many seconds from now.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ExpiresInTests {
    private static let second: Int64 = 1_000_000
    private let clock = SimulatedClock(start: 5_000_000)

    private func store() throws -> Store {
        var options = StoreTests.options(MemoryDisk())
        options.clock = clock
        let store = try Store.open("ends", .create, options: options)
        try store.define(
            Schema(collections: [Collection("cache", fields: [Field("value", .int)])])
        )
        return store
    }

    private func put(_ key: String, in seconds: Int?) -> Put {
        var put = Put("cache", .text(key), ["value": 1])
        put.expiresIn = seconds
        return put
    }

    private func isThere(_ store: Store, _ key: String) throws -> Bool {
        try store.snapshot().record(Reference("cache", .text(key))) != nil
    }

    private func code(_ body: () throws(MnemeError) -> Void) -> MnemeError.Code? {
        do throws(MnemeError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func theStoresClockSaysWhen() throws {
        let store = try store()
        _ = try store.commit([.put(put("a", in: 10)), .put(put("b", in: 10))])
        clock.advance(by: 10 * Self.second - 1)
        #expect(try isThere(store, "a") && isThere(store, "b"))
        // It is renewed, and then left as it is.
        let renewal = Patch("cache", "b", expiry: .after(seconds: 20))
        _ = try store.commit([.patch(renewal)])
        _ = try store.commit([.patch(Patch("cache", "b", [.increment("value", 1)]))])
        clock.advance(by: 1)
        #expect(try !isThere(store, "a") && isThere(store, "b"))
        clock.advance(by: 20 * Self.second - 2)
        #expect(try isThere(store, "b"))
        clock.advance(by: 1)
        #expect(try !isThere(store, "b"))
        // A put that says nothing of an end has none, and a patch takes one away.
        _ = try store.commit([.put(put("a", in: 1)), .put(put("b", in: 1))])
        _ = try store.commit([
            .put(put("a", in: nil)), .patch(Patch("cache", "b", expiry: .never)),
        ])
        clock.advance(by: 100 * Self.second)
        #expect(try isThere(store, "a") && isThere(store, "b"))
        #expect(try store.verify().findings == [])
    }

    @Test func aTransactionAndAClaimSayItToo() throws {
        let store = try store()
        let transaction = try store.begin()
        _ = try transaction.change([.put(put("t", in: 10))])
        clock.advance(by: 4 * Self.second)
        _ = try transaction.commit(.buffered)
        // Counted from when the change was made ready, which was inside.
        clock.advance(by: 6 * Self.second - 1)
        #expect(try isThere(store, "t"))
        clock.advance(by: 1)
        #expect(try !isThere(store, "t"))
        _ = try store.commit([.put(put("c", in: nil))])
        let claim = Claim("cache", edits: [], expiry: .after(seconds: 3))
        #expect(try store.claim(claim).references.count == 1)
        clock.advance(by: 3 * Self.second)
        #expect(try !isThere(store, "c"))
    }

    @Test func whatIsNoEndIsRefused() throws {
        let store = try store()
        for seconds in [0, -1, 100_000_000_001, Int.max, Int.min] {
            #expect(
                code { () throws(MnemeError) in
                    _ = try store.commit([.put(put("a", in: seconds))])
                } == .badRequest,
                "\(seconds)"
            )
            let patch = Patch("cache", "a", expiry: .after(seconds: seconds))
            #expect(
                code { () throws(MnemeError) in _ = try store.commit([.patch(patch)]) }
                    == .badRequest,
                "\(seconds)"
            )
        }
        var both = put("a", in: 1)
        both.expiresAt = Instant(microseconds: 9_000_000)
        #expect(
            code { () throws(MnemeError) in _ = try store.commit([.put(both)]) } == .badRequest
        )
        _ = try store.commit([.put(put("a", in: 100_000_000_000))])
        #expect(try isThere(store, "a"))
    }
}
