import MnemeBase
import Synchronization
import Testing

@testable import MnemeTransport

@Suite struct TimerTests {
    /// The queue against a list that is sorted by hand.
    @Test func aQueueBehavesAsASortedList() {
        let seed = newSeed("timers")
        let random = SeededRandomness(seed: seed)
        for _ in 0..<40 {
            var queue = TimerQueue()
            var model: [(deadline: Microseconds, order: Int, id: TimerID)] = []
            var known: [TimerID] = []
            let fired = Mutex<[Int]>([])
            var (now, order): (Microseconds, Int) = (0, 0)
            let span = 1 + random.below(500)
            for _ in 0..<400 {
                switch random.below(8) {
                case 0..<4:
                    let deadline = now + Int64(random.below(span))
                    let mine = order
                    order += 1
                    let id = queue.add(at: deadline) { fired.withLock { $0.append(mine) } }
                    model.append((deadline, mine, id))
                    known.append(id)
                case 4, 5:
                    guard let id = known.isEmpty ? nil : known[random.below(known.count)] else {
                        continue
                    }
                    let isThere = model.contains { $0.id == id }
                    let isCancelled = queue.cancel(id)
                    #expect(isCancelled == isThere)
                    model.removeAll { $0.id == id }
                default:
                    now += Int64(random.below(100))
                    let limit = queue.roundLimit
                    while let action = queue.takeDue(at: now, before: limit) { action() }
                    let due = model.filter { $0.deadline <= now }
                        .sorted { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
                    model.removeAll { $0.deadline <= now }
                    #expect(fired.withLock { $0 } == due.map(\.order))
                    fired.withLock { $0 = [] }
                }
                #expect(queue.count == model.count)
                let next = queue.nextDeadline()
                #expect(next == model.map(\.deadline).min())
            }
        }
    }

    @Test func manyCancelledTimersLeaveNothing() {
        var queue = TimerQueue()
        for round in 0..<10_000 {
            let id = queue.add(at: Int64(1_000_000 + round)) {}
            let answers = [queue.cancel(id), queue.cancel(id)]
            #expect(answers == [true, false])
        }
        #expect(queue.count == 0)
        let next = queue.nextDeadline()
        #expect(next == nil)
    }

    @Test func whatARoundAddsWaitsForTheNext() {
        var queue = TimerQueue()
        _ = queue.add(at: 5) {}
        let limit = queue.roundLimit
        _ = queue.add(at: 0) {}
        // The younger one is due first; its turn is the next round's.
        var taken = [queue.takeDue(at: 9, before: limit) != nil]
        for _ in 0..<3 {
            let limit = queue.roundLimit
            taken.append(queue.takeDue(at: 9, before: limit) != nil)
        }
        #expect(taken == [false, true, true, false])
    }

    @Test func aLoopRunsTimersInOrderAndNoneThatWasCancelled() throws {
        let running = try RunningLoop()
        let fired = Recorder()
        let done = Gate()
        running.call { [loop = running.loop] in
            loop.schedule(after: 30_000) {
                fired.add(3)
                done.open()
            }
            loop.schedule(after: 10_000) { fired.add(1) }
            let cancelled = loop.schedule(after: 15_000) { fired.add(99) }
            loop.schedule(after: 20_000) { fired.add(2) }
            loop.schedule(after: 0) {
                fired.add(0)
                #expect(loop.cancel(cancelled))
                #expect(!loop.cancel(cancelled))
            }
        }
        done.wait()
        #expect(fired.all == [0, 1, 2, 3])
        #expect(running.statistics.timers == 4)
    }

    @Test func aTimerThatComesAgainAtOnceDoesNotStarveJobs() throws {
        let running = try RunningLoop()
        let again = Again(running.loop)
        running.call { again.run() }
        for round in 0..<50 { #expect(running.call { round } == round) }
        running.call { again.isOver = true }
        #expect(running.call { again.count } > 0)
    }
}

/// A timer that sets itself again; used on the loop's thread alone.
private final class Again: @unchecked Sendable {
    let loop: EventLoop
    var count = 0
    var isOver = false

    init(_ loop: EventLoop) { self.loop = loop }

    func run() {
        count += 1
        if !isOver { loop.schedule(after: 0) { self.run() } }
    }
}

/// Numbers in the order in which they came.
final class Recorder: Sendable {
    private let numbers = Mutex<[Int]>([])

    func add(_ number: Int) { numbers.withLock { $0.append(number) } }

    var all: [Int] { numbers.withLock { $0 } }
}
