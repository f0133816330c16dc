// Scalars: what they decay to, what they were, that no change of theirs is lost, and what is
// refused.

import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import Mneme
@testable import MnemeStore

@Suite struct ScalarTests {
    private func value(
        _ memory: Memory,
        _ name: String = "mood",
        asOf: String? = nil
    ) throws -> Double? {
        let instant = try asOf.map { try #require(Instant($0)) }
        let question = ScalarQuestion(owner: "bot", name: name, asOf: instant)
        return try memory.scalars(question).scalars.first?.value
    }

    private func isNear(_ value: Double?, _ wanted: Double) -> Bool {
        value.map { abs($0 - wanted) < 1e-12 } ?? false
    }

    @Test func aMoodMovesTowardItsRest() throws {
        let world = try TimedMemory()
        let memory = world.memory
        #expect(try memory.scalars(ScalarQuestion(owner: "bot")).scalars.isEmpty)
        let mood = ScalarChange(
            "mood",
            owner: "bot",
            value: 0.8,
            rest: 0.2,
            decay: 0.5,
            minimum: -1,
            maximum: 1,
            trigger: "conversation",
            reason: "a joke"
        )
        #expect(try memory.setScalar(mood).value == 0.8)
        world.clock.pass(seconds: 3600)
        #expect(isNear(try value(memory), 0.5))
        world.clock.pass(seconds: 3600)
        #expect(isNear(try value(memory), 0.35))
        // Moved from what it is by then, as far as its bounds.
        let moved = try memory.setScalar(ScalarChange("mood", owner: "bot", by: -5))
        #expect(moved.value == -1 && isNear(moved.last.before, 0.35) && moved.last.number == 2)
        world.clock.pass(seconds: 3600)
        #expect(isNear(try value(memory), -0.4))
        // What it was, by the settings of then, and what it will be.
        _ = try memory.setScalar(ScalarChange("mood", owner: "bot", rest: 0.9, decay: 0))
        #expect(isNear(try value(memory, asOf: "2024-05-08T10:00:00Z"), 0.5))
        let halfHour = 0.2 - 1.2 * 0.5.squareRoot()
        #expect(isNear(try value(memory, asOf: "2024-05-08T11:30:00Z"), halfHour))
        #expect(isNear(try value(memory, asOf: "2034-01-01T00:00:00Z"), -0.4))
        #expect(try value(memory, asOf: "2024-05-08T08:59:59Z") == nil)
        let told = try memory.scalars(ScalarQuestion(owner: "bot", name: "mood", history: 2))
        let scalar = try #require(told.scalars.first)
        #expect(scalar.history.map(\.number) == [3, 2])
        let early = ScalarQuestion(
            owner: "bot",
            asOf: Instant("2024-05-08T10:00:00Z"),
            history: 9
        )
        let first = try #require(try memory.scalars(early).scalars.first)
        #expect(first.history.map(\.reason) == ["a joke"] && first.last.trigger == "conversation")
    }

    @Test func noScalarLeavesTheNumbers() throws {
        let world = try TimedMemory()
        let memory = world.memory
        let high = ScalarChange("high", owner: "bot", value: 1.5e308)
        #expect(try memory.setScalar(high).value == 1.5e308)
        let more = ScalarChange("high", owner: "bot", by: 1.5e308)
        #expect(world.refusal { try $0.setScalar(more) } == .badRequest)
        #expect(try value(memory, "high") == 1.5e308)
        let bound = ScalarChange("high", owner: "bot", by: 1.5e308, maximum: 1.75e308)
        #expect(try memory.setScalar(bound).value == 1.75e308)
        // Further from its rest than there are numbers.
        let far = ScalarChange("far", owner: "bot", value: 1e308, rest: -1e308, decay: 0.5)
        #expect(try memory.setScalar(far).value == 1e308)
        world.clock.pass(seconds: 3600)
        #expect(try value(memory, "far") == 0)
        #expect(try value(memory, "far", asOf: "9998-01-01T00:00:00Z") == -1e308)
    }

    /// Who gives too much is told of what, how much and what is allowed.
    @Test func whatIsOutOfTheBoundsIsToldThem() throws {
        let memory = try TimedMemory().memory
        func message(_ change: ScalarChange) -> String? {
            do throws(MnemeError) {
                _ = try memory.setScalar(change)
                return nil
            } catch {
                return error.code == .badRequest ? error.message : "\(error)"
            }
        }
        _ = try memory.setScalar(
            ScalarChange("mood", owner: "bot", value: 0, minimum: -1, maximum: 0.5)
        )
        for (change, words) in [
            (ScalarChange("mood", owner: "bot", value: 2), ["value is 2.0", "-1.0 to 0.5"]),
            (ScalarChange("mood", owner: "bot", rest: -3), ["rest is -3.0", "-1.0 to 0.5"]),
            (ScalarChange("low", owner: "bot", minimum: 4), ["rest is 0.0", "4.0 or more"]),
            (ScalarChange("high", owner: "bot", value: 9, maximum: 4), ["is 9.0", "4.0 or less"]),
        ] {
            let told = message(change) ?? "nothing"
            for word in words + ["\"\(change.name)\""] { #expect(told.contains(word), "\(told)") }
        }
    }

    /// Halfway along many small steps it is where one long step leads.
    @Test func decayAddsUp() throws {
        let world = try TimedMemory()
        let memory = world.memory
        for name in ["often", "seldom"] {
            let start = ScalarChange(name, owner: "bot", value: 1, decay: 0.05)
            _ = try memory.setScalar(start)
        }
        for _ in 0..<48 {
            world.clock.pass(seconds: 1800)
            _ = try memory.setScalar(ScalarChange("often", owner: "bot", by: 0))
        }
        let often = try #require(try value(memory, "often"))
        let seldom = try #require(try value(memory, "seldom"))
        #expect(abs(often - seldom) < 1e-12 && seldom > 0.29 && seldom < 0.293)
    }

    @Test func noChangeIsLost() throws {
        let world = try TimedMemory(inBackground: true)
        let memory = world.memory
        let failures = Mutex<[String]>([])
        let pool = WorkerPool(threadCount: 4)
        let gates = (0..<4).map { _ in Gate() }
        for gate in gates {
            pool.submit {
                do throws(MnemeError) {
                    for _ in 0..<40 {
                        _ = try memory.setScalar(ScalarChange("mood", owner: "bot", by: 1))
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
                gate.open()
            }
        }
        for gate in gates { gate.wait() }
        #expect(failures.withLock { $0 } == [])
        let question = ScalarQuestion(owner: "bot", history: 1000)
        let scalar = try #require(try memory.scalars(question).scalars.first)
        #expect(scalar.value == 160)
        #expect(scalar.history.map(\.number) == (1...160).reversed().map(Int64.init))
        let pairs = zip(scalar.history, scalar.history.dropFirst())
        #expect(pairs.allSatisfy { $0.before == $1.value })
        #expect(try memory.verify().findings == [])
        try memory.close()
    }

    @Test func changesTouchNoFieldOfAnIndex() {
        let scalars = MemoryLayout.scalarsCollection
        for index in scalars.indexes {
            #expect(index.fields.allSatisfy { ["owner", "name"].contains($0.name) })
        }
    }

    @Test func clocksThatGoBackMakeNoRowsOutOfOrder() throws {
        var world = try TimedMemory()
        _ = try world.memory.setScalar(ScalarChange("mood", owner: "bot", value: 1, decay: 0.5))
        world.clock.set("2024-05-01T00:00:00Z")
        try world.reopen()
        #expect(try value(world.memory) == nil)
        let moved = try world.memory.setScalar(ScalarChange("mood", owner: "bot", by: 1))
        #expect(moved.value == 2 && moved.last.at == Instant("2024-05-08T09:00:00Z"))
        let question = ScalarQuestion(
            owner: "bot",
            asOf: Instant("2024-05-08T09:00:00Z"),
            history: 9
        )
        let scalar = try #require(try world.memory.scalars(question).scalars.first)
        #expect(scalar.value == 2 && scalar.history.map(\.value) == [2, 1])
    }

    @Test func ownersGoWithAllOfIt() throws {
        let world = try TimedMemory()
        let memory = world.memory
        for owner in ["bot", "bot/inn", "bots"] {
            _ = try memory.setScalar(ScalarChange("mood", owner: owner, value: 1))
        }
        #expect(try memory.scalars(ScalarQuestion(owner: "bot")).scalars.count == 1)
        _ = try memory.purge(Purge("bot"))
        #expect(try memory.count(Count("scalarChanges")).rows == [["count": 1]])
        #expect(try memory.scalars(ScalarQuestion(owner: "bots")).scalars.count == 1)
        #expect(try memory.scalars(ScalarQuestion(owner: "bot/inn")).scalars.isEmpty)
    }

    @Test func whatIsWrongIsRefused() throws {
        let world = try TimedMemory()
        _ = try world.memory.setScalar(ScalarChange("mood", owner: "bot", value: 0, maximum: 1))
        for change in [
            ScalarChange("mood", owner: "bot"), ScalarChange("", owner: "bot", value: 1),
            ScalarChange("a:b", owner: "bot", value: 1),
            ScalarChange(String(repeating: "m", count: 65), owner: "bot", value: 1),
            ScalarChange("mood", owner: "bot", value: 2),
            ScalarChange("mood", owner: "bot", value: .nan),
            ScalarChange("mood", owner: "bot", by: .infinity),
            ScalarChange("mood", owner: "bot", value: 1, by: 1),
            ScalarChange("mood", owner: "bot", decay: 1.5),
            ScalarChange("mood", owner: "bot", decay: -0.1),
            ScalarChange("mood", owner: "bot", minimum: 3, maximum: 2),
            ScalarChange("mood", owner: "bot", rest: 5),
        ] { #expect(world.refusal { try $0.setScalar(change) } == .badRequest, "\(change)") }
        let noOwner = ScalarChange("mood", owner: "", value: 1)
        #expect(world.refusal { try $0.setScalar(noOwner) } == .badOwner)
        for history in [-1, 1001] {
            let question = ScalarQuestion(owner: "bot", history: history)
            #expect(world.refusal { _ = try $0.scalars(question) } == .badRequest)
        }
        #expect(try value(world.memory) == 0)
    }

    /// A collection of this name that is another's is left alone.
    @Test func othersCollectionsAreLeftAlone() throws {
        let world = try TimedMemory()
        let own = Collection("scalars", fields: [Field("name", .text)])
        try world.memory.define(Schema(collections: [own]))
        let change = ScalarChange("mood", owner: "bot", value: 1)
        #expect(world.refusal { try $0.setScalar(change) } == .schemaConflict)
    }
}
