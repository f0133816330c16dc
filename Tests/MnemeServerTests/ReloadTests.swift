// What a running server takes over of another set-up.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeServer

@Suite struct ReloadTests {
    @Test func limitsChangeWhileClientsAreConnected() throws {
        let world = try ServerWorld { $0.connectionLimit = 1 }
        defer { world.remove() }
        let one = try world.guest(store: "s")
        #expect(world.refusal(store: "s") == .tooManyRequests)
        world.take { $0.connectionLimit = 2 }
        let two = try world.guest(store: "s")
        _ = try two.perform(.describe)
        // Fewer than there are: nobody is sent away, and nobody is let in.
        world.take { $0.connectionLimit = 1 }
        #expect(world.refusal(store: "s") == .tooManyRequests)
        _ = try one.perform(.describe)
        _ = try two.perform(.describe)
    }

    @Test func storesAreMadeOrNotFromThenOn() throws {
        let world = try ServerWorld { $0.createsStores = false }
        defer { world.remove() }
        #expect(world.refusal(store: "s") == .unknownStore)
        world.take { $0.createsStores = true }
        let guest = try world.guest(store: "s")
        world.take {
            $0.createsStores = true
            $0.storeLimit = 1
        }
        #expect(world.refusal(store: "t") == .tooManyRequests)
        _ = try guest.perform(.describe)
    }

    @Test func whatIsSlowChangesForThoseWhoAreConnected() throws {
        let told = ToldEvents()
        let world = try ServerWorld { $0.report = told.report }
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.describe)
        #expect(told.of(.slowRequest).isEmpty)
        world.take { $0.slowRequests = SlowRequests(microseconds: 0) }
        _ = try guest.perform(.describe)
        #expect(told.wait(for: .slowRequest)?["verb"] == "describe")
        let count = told.of(.slowRequest).count
        world.take { $0.slowRequests = nil }
        _ = try guest.perform(.describe)
        #expect(told.of(.slowRequest).count == count)
    }
}
