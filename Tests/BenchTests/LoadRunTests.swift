import MnemeBase
import Synchronization
import Testing

@testable import MnemeBench

/// Loads against a server that answers when the test wants.
@Suite struct LoadRunTests {
    /// A work of one message, in the protocol of Redis, as often as wanted.
    private final class Pings: LoadWork {
        let operations = ["ping"]
        private var left: Int
        private let isNarrow: Bool
        private(set) var doneCount = 0

        init(_ count: Int = .max, isNarrow: Bool = false) {
            left = count
            self.isNarrow = isNarrow
        }

        func speech() -> any LoadSpeech { isNarrow ? NarrowSpeech() : RedisSpeech() }

        func next(_ chance: SeededRandomness) -> LoadTask? {
            guard left > 0 else { return nil }
            left -= 1
            return LoadTask(operation: 0, messages: [.commands([["PING"]])])
        }

        func done(_ task: LoadTask) { doneCount += 1 }
    }

    /// A protocol that takes two messages at a time.
    private final class NarrowSpeech: LoadSpeech {
        private let inside = RedisSpeech()
        private var openCount = 0

        var isFull: Bool { openCount >= 2 }

        func begin() { inside.begin() }

        func send(_ message: LoadMessage) throws(LoadRefusal) -> UInt32 {
            openCount += 1
            return try inside.send(message)
        }

        func receive(_ bytes: RawSpan) { inside.receive(bytes) }

        func next() -> LoadEvent? {
            let event = inside.next()
            if case .answered? = event { openCount -= 1 }
            return event
        }

        func takeOutput() -> [UInt8] { inside.takeOutput() }
    }

    private func perform(
        _ work: Pings,
        _ plan: LoadPlan,
        on server: SlowServer
    ) throws -> LoadRun {
        let stage = try LoadStage(connect: "127.0.0.1:\(server.port)", program: nil)
        defer { try? stage.end() }
        return try stage.perform(work, plan)
    }

    private func steady(rate: Int?, seconds: Double) -> LoadPlan {
        var plan = LoadPlan()
        plan.connections = 2
        plan.depth = 4
        plan.rate = rate
        plan.arrivals = .even
        plan.seconds = seconds
        plan.warmUpSeconds = 0
        return plan
    }

    /// A server that stalls once is charged for all who came meanwhile, not for one a connection.
    @Test func aStallIsChargedToEverybodyWhoCame() throws {
        let server = try SlowServer(stallMicroseconds: 400_000)
        defer { server.end() }
        let work = Pings()
        let figures = try perform(work, steady(rate: 500, seconds: 1), on: server).figures[0]
        #expect(figures.latencies.count == 500)
        #expect(figures.errorCount == 0)
        #expect(work.doneCount == 500)
        // Who came in the first 200 ms waited for 200 ms at least: 100 of 500.
        #expect(figures.latencies.percentile(80.1) >= 190_000_000)
        #expect(figures.latencies.maximum >= 390_000_000)
    }

    /// What a connection takes no more of waits here, and is sent when answers come.
    @Test func whatIsTooMuchForAConnectionWaits() throws {
        let server = try SlowServer(stallMicroseconds: 200_000)
        defer { server.end() }
        let work = Pings(isNarrow: true)
        let figures = try perform(work, steady(rate: 200, seconds: 0.5), on: server).figures[0]
        #expect(figures.latencies.count == 100)
        #expect(figures.errorCount == 0)
        #expect(work.doneCount == 100)
        #expect(server.mostAtOnce.load(ordering: .relaxed) <= 2)
        #expect(figures.latencies.maximum >= 190_000_000)
    }

    /// What is never answered counts, with the time that it was waited for.
    @Test func silenceIsAnError() throws {
        let server = try SlowServer(stallMicroseconds: 60_000_000)
        defer { server.end() }
        var plan = steady(rate: 200, seconds: 0.5)
        plan.patienceSeconds = 0.3
        let figures = try perform(Pings(), plan, on: server).figures[0]
        #expect(figures.latencies.count == 100)
        #expect(figures.errorCount == 100)
        #expect(figures.errors["unanswered", default: 0] > 0)
        #expect(figures.answeredCount == 0)
        #expect(figures.latencies.percentile(1) >= 300_000_000)
    }

    /// Without a rate so many are in flight, and a work that ends is done to its end.
    @Test func withoutARateAllIsDoneThatThereIs() throws {
        let server = try SlowServer(stallMicroseconds: 0)
        defer { server.end() }
        let work = Pings(1000)
        let figures = try perform(work, steady(rate: nil, seconds: 600), on: server).figures[0]
        #expect(figures.latencies.count == 1000)
        #expect(figures.answeredCount == 1000)
        #expect(work.doneCount == 1000)
        #expect(server.mostAtOnce.load(ordering: .relaxed) <= 4)
    }

    @Test func aLostConnectionEndsTheRun() throws {
        let server = try SlowServer(stallMicroseconds: 0, closesAfter: 10)
        defer { server.end() }
        #expect(throws: (any Error).self) {
            _ = try perform(Pings(), steady(rate: nil, seconds: 600), on: server)
        }
    }
}
