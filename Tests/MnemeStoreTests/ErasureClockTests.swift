// What died while the clock was ahead goes as soon as it is asked for, and within its time counted
// from when the clock was set right: no time of day keeps it.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct ErasureClockTests {
    private static let hour: Microseconds = 3_600_000_000
    private let disk = SimulatedDisk()
    private let clock = SimulatedClock()

    private var options: StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.compactionShare = 0.9
        return options
    }

    private func fill(_ store: Store, _ count: Int = 40) throws {
        for number in 0..<count {
            _ = try store.commit([Kinds.put("k\(number)", ["body": .text("words of \(number)")])])
        }
    }

    private func expectGone(_ store: Store, _ key: String) throws {
        let proof = try store.erasureProof(of: Kinds.thing(key))
        #expect(proof.isErased, "\(proof)")
    }

    @Test func whatDiedInTimesToComeGoesAtOnce() throws {
        let store = try Kinds.store(options)
        _ = try store.commit([Kinds.put("secret")])
        try fill(store)
        let now = clock.now()
        clock.advance(by: Self.hour)
        _ = try store.commit([.erase(Kinds.thing("secret"))])
        clock.set(now)
        #expect(try store.eraseNow())
        try expectGone(store, "secret")
        #expect(try store.verify().findings == [])
        // There is nothing left to do, and it ends.
        #expect(try store.eraseNow())
    }

    @Test func itsTimeIsCountedFromWhenTheClockWasSetRight() throws {
        var options = options
        options.erasureDeadline = 1_000_000_000
        let store = try Kinds.store(options)
        _ = try store.commit([Kinds.put("secret")])
        try fill(store)
        let now = clock.now()
        clock.advance(by: 90_000 * Self.hour)
        _ = try store.commit([.delete(Kinds.thing("secret"))])
        clock.set(now)
        for _ in 0..<150 {
            try store.upkeep()
            clock.advance(by: 2_400_000)
        }
        #expect(try !store.erasureProof(of: Kinds.thing("secret")).isErased)
        for _ in 0..<250 {
            try store.upkeep()
            clock.advance(by: 2_400_000)
        }
        try expectGone(store, "secret")
    }

    /// The copy was judged before the delete, and is judged once more.
    @Test func whatDiedBehindACopyUnderWayGoesWithIt() throws {
        let store = try Kinds.store(options)
        _ = try store.commit([Kinds.put("secret")])
        try fill(store, 300)
        _ = try store.commit([.delete(Kinds.thing("k1"))])
        try store.checkpointNow()
        let due = ErasureDue.asked(store.newest.state.sequence)
        try store.compacting.withLock { state in
            for _ in 0..<1000 {
                if case .moving = state.job { return }
                _ = try store.step(&state, due: due)
            }
            Issue.record("nothing was copied")
        }
        _ = try store.commit([.delete(Kinds.thing("secret"))])
        clock.set(clock.now() - Self.hour)
        #expect(try store.eraseNow())
        try expectGone(store, "secret")
    }

    /// The clock of a pruning stands still at the chain's newest commit.
    @Test func aPruningIsHeldUpByNoClock() throws {
        var world = try GrowingStore(disk)
        try world.commit([Kinds.put("secret")])
        let now = world.clock.now()
        world.clock.advance(by: Self.hour)
        try world.grow(2)
        world.clock.set(now)
        try world.grow()
        _ = try world.store.backup(to: "kept/a")
        try world.commit([.erase(Kinds.thing("secret"))])
        _ = try world.store.backup(to: "kept/b")
        let pruned = try Store.pruneBackups(in: "kept", options: world.options)
        #expect(pruned.rewritten.map(\.directory) == ["kept/a", "kept/b"])
        for name in ["a", "b"] {
            #expect(try frames(disk, "kept/" + name, of: "secret").isEmpty)
        }
        let again = try Store.pruneBackups(in: "kept", options: world.options)
        #expect(again.rewritten == [])
        _ = try Store.restore(["kept/a"], to: "new", options: world.options)
        #expect(try frames(disk, "new", of: "secret").isEmpty)
    }
}
