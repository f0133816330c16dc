import Glibc
import MnemeBase
import Synchronization
import Testing

@testable import MnemeTransport

@Suite struct EventLoopTests {
    /// Jobs that were taken and jobs that ran.
    private final class Tally: Sendable {
        struct State {
            var taken: [Int]
            var ran: [Int]
            var isOrdered = true
            var strayed = 0
        }
        let state: Mutex<State>

        init(threads: Int) {
            let zeros = [Int](repeating: 0, count: threads)
            state = Mutex(State(taken: zeros, ran: zeros))
        }
    }

    /// Threads submit jobs until the loop refuses, or `limit` jobs each.
    private func submit(_ loop: EventLoop, _ tally: Tally, threads: Int, limit: Int) -> [TestThread]
    {
        (0..<threads).map { thread in
            TestThread {
                for round in 0..<limit {
                    let isTaken = loop.submit {
                        tally.state.withLock { state in
                            if state.ran[thread] != round { state.isOrdered = false }
                            state.ran[thread] += 1
                            if !loop.isOnThread { state.strayed += 1 }
                        }
                    }
                    guard isTaken else { return }
                    tally.state.withLock { $0.taken[thread] += 1 }
                }
            }
        }
    }

    @Test func jobsFromManyThreadsAllRunInOrderOnTheLoop() throws {
        let running = try RunningLoop()
        let tally = Tally(threads: 8)
        for thread in submit(running.loop, tally, threads: 8, limit: 3000) { thread.join() }
        // A job after all others.
        #expect(
            running.call { tally.state.withLock { $0.ran } } == .init(repeating: 3000, count: 8)
        )
        let state = tally.state.withLock { $0 }
        #expect(state.taken == state.ran)
        #expect(state.isOrdered && state.strayed == 0)
        #expect(!running.loop.isOnThread)
    }

    @Test func jobsThatWereTakenRunWhileTheLoopStops() throws {
        for _ in 0..<10 {
            let running = try RunningLoop()
            let tally = Tally(threads: 4)
            let threads = submit(running.loop, tally, threads: 4, limit: 20_000)
            eventually { tally.state.withLock { $0.ran.allSatisfy { $0 > 3 } } }
            running.stop(within: 1_000_000)
            for thread in threads { thread.join() }
            let state = tally.state.withLock { $0 }
            #expect(state.taken == state.ran)
            #expect(state.isOrdered && state.strayed == 0)
            #expect(!running.loop.submit { Issue.record("a refused job ran") })
        }
    }

    @Test func jobsBeforeTheLoopRunsWaitForIt() throws {
        let loop = try EventLoop()
        let ran = Recorder()
        for number in 0..<3 { loop.submit { ran.add(number) } }
        #expect(ran.all.isEmpty)
        loop.stop(within: 0)
        loop.run()
        #expect(ran.all == [0, 1, 2])
    }

    @Test func jobsThatSubmitJobsAtTheEndLoseNone() throws {
        let loop = try EventLoop()
        let (ran, refused) = (Recorder(), Recorder())
        let chain = Chain(loop, ran, refused)
        loop.stop(within: 0)
        loop.submit { chain.run(0) }
        loop.run()
        // An endless chain: the loop ends all the same, and says which job it does not take.
        #expect(refused.all.count == 1)
        #expect(ran.all == Array(0..<(refused.all.first ?? 0)))
    }

    private final class Chain: Sendable {
        private let loop: EventLoop
        private let ran: Recorder
        private let refused: Recorder

        init(_ loop: EventLoop, _ ran: Recorder, _ refused: Recorder) {
            self.loop = loop
            self.ran = ran
            self.refused = refused
        }

        func run(_ number: Int) {
            ran.add(number)
            if !loop.submit({ self.run(number + 1) }) { refused.add(number + 1) }
        }
    }

    @Test func aStoppingLoopWaitsForConnectionsThatHaveSomethingToSay() throws {
        let running = try RunningLoop()
        let handler = RecordingHandler(stopping: { connection in
            connection.loop.schedule(after: 10_000) {
                connection.send(Array("good bye".utf8))
                connection.finish()
            }
        })
        let listener = try running.listen(":0") { _ in handler }
        let client = try connect(listener.address)
        eventually { handler.now.opened == 1 }
        running.loop.stop(within: 60_000_000)
        #expect(try client.receiveAll() == Array("good bye".utf8))
        client.shutDown()
        running.stop(within: 60_000_000)
        #expect(handler.now.reasons == [.finished])
        #expect(throws: TransportError.refused(listener.address.description)) {
            try connect(listener.address)
        }
    }

    @Test func aStoppingLoopEndsThoseThatDoNotEnd() throws {
        let running = try RunningLoop()
        let handler = RecordingHandler(stopping: { _ in })
        let listener = try running.listen(":0") { _ in handler }
        let client = try connect(listener.address)
        eventually { handler.now.opened == 1 }
        running.stop(within: 5000)
        #expect(handler.now.stopping == 1)
        #expect(handler.now.reasons == [.loopStopped])
        #expect(handler.now.afterClose == 0)
        #expect(try client.receiveAll().isEmpty)
    }

    @Test func aLoopThatStopsTakesNothingNew() throws {
        let running = try RunningLoop()
        // Keeps the loop from ending.
        let handler = RecordingHandler(stopping: { _ in })
        let listener = try running.listen(":0") { _ in handler }
        let client = try connect(listener.address)
        eventually { handler.now.opened == 1 }
        running.loop.stop(within: 60_000_000)
        eventually { handler.now.stopping == 1 }
        #expect(throws: TransportError.stopped) { try running.listen(":0") { _ in nil } }
        let failed = Slot<TransportError>()
        running.call { [loop = running.loop, peer = client.peer] in
            loop.connect(
                to: [peer],
                timeoutMicroseconds: 1_000_000,
                connected: { _ in nil },
                failed: { failed.put($0) }
            )
        }
        #expect(failed.take() == .stopped)
        client.finishSending()
        client.shutDown()
        running.stop(within: 60_000_000)
        #expect(handler.now.reasons.count == 1)
    }

    @Test func aConnectionTakesItsTurnOnly() throws {
        let running = try RunningLoop()
        var options = ConnectionOptions()
        options.turnLimit = 10_000
        final class Sizes: ConnectionHandler {
            let note: (Int) -> Void

            init(_ note: @escaping (Int) -> Void) { self.note = note }

            func received(_ bytes: RawSpan, on connection: Connection) { note(bytes.byteCount) }
        }
        let sizes = Recorder()
        let listener = try running.listen(":0", options: options) { _ in
            Sizes { sizes.add($0) }
        }
        let client = try connect(listener.address)
        try client.send(pattern(500_000))
        eventually { sizes.all.reduce(0, +) == 500_000 }
        #expect(sizes.all.allSatisfy { $0 <= 10_000 })
        #expect(running.statistics.wakeUps >= 50)
    }
}
