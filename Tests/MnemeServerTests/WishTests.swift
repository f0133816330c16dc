// What clients wish for is heard: stores that must be there, commits that are to be synced.

import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import Mneme
@testable import MnemeLog
@testable import MnemeServer
@testable import MnemeStore

@Suite struct WishTests {
    /// Who wants a store that is there does not make one, whoever else asks at the same time.
    @Test func whoWantsAStoreThatIsThereMakesNone() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        #expect(world.refusal(store: "new", existing: true) == .unknownStore)
        #expect(world.refusal(store: "new", existing: true) == .unknownStore)
        let guest = try world.guest(store: "new")
        #expect(world.refusal(store: "new", existing: true) == nil)
        _ = try guest.perform(.describe)
        let outcomes = Mutex<[Bool: [MnemeError.Code?]]>([:])
        for turn in 0..<20 {
            let gates = (0..<6).map { number in
                let gate = Gate()
                BackgroundThread.start(niceness: 0) {
                    let isPicky = number % 2 == 0
                    let code = world.refusal(store: "s\(turn)", existing: isPicky)
                    outcomes.withLock { $0[isPicky, default: []].append(code) }
                    gate.open()
                }
                return gate
            }
            for gate in gates { gate.wait() }
        }
        outcomes.withLock { outcomes in
            #expect(outcomes[false] == Array(repeating: nil, count: 60))
            #expect(outcomes[true]?.allSatisfy { $0 == nil || $0 == .unknownStore } == true)
        }
        world.stop()
    }

    /// Whatever the server's own choice is, what was said to be synced is.
    @Test func theDurabilityOfTheHeadCounts() throws {
        let world = try ServerWorld { $0.durability = .none }
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.define(ServerWorld.schema), .synced)
        let key = Key.text("k")
        let link = Link("own", from: Reference("memories", key), to: Reference("memories", key))
        let long = Remember(String(repeating: "tea ", count: 4000), owner: "ann")
        for turn in 0..<20 {
            for request: Request in [
                .remember([Remember("tea \(turn)", owner: "ann", key: key)]), .remember([long]),
                .relate([link]), .openSession(owner: "ann \(turn)", idleMinutes: 60),
                .define(Schema(edgeTypes: [EdgeType("e\(turn)")])), .forget(Forget(keys: [key])),
            ] {
                _ = try guest.perform(request, .synced)
                #expect(try world.memory("s").store.log.isDurable, "\(request)")
            }
        }
        world.stop()
    }
}
