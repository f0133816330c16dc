// Group commit with callers of both kinds: every batch is staged once and told once, after its
// group was hardened, by one writer and one hardener at a time, whoever waits and whoever does not.

import Glibc
import MnemeBase
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct CommitQueueTests {
    /// A writer that doubles numbers, and notes what happened; negative ones must be alone, and
    /// every seventh is long.
    private final class Doubler: GroupWriter {
        private struct Groups {
            var staged: [Int] = []
            var open: [Int] = []
            var sealed: [Int]?
            var hardened: [Int] = []
            var faults: [String] = []
        }
        private let groups = Mutex(Groups())
        private let stagers = Atomic(0)
        private let hardeners = Atomic(0)
        let told = Mutex<[Int: Int]>([:])

        var staged: [Int] { groups.withLock { $0.staged } }
        var hardened: [Int] { groups.withLock { $0.hardened } }
        var faults: [String] { groups.withLock { $0.faults } }

        private func check(_ holds: Bool, _ fault: String) {
            if !holds { groups.withLock { $0.faults.append(fault) } }
        }

        func stage(_ work: Int, isQuiet: Bool, isBrief: Bool) -> Staging<Int> {
            if isBrief, work % 7 == 0 { return .long }
            let isAlone = stagers.add(1, ordering: .relaxed).newValue == 1
            defer { stagers.subtract(1, ordering: .relaxed) }
            check(isAlone, "two stagers")
            let isHardening = hardeners.load(ordering: .relaxed) > 0
            if work < 0 {
                guard isQuiet else { return .blocked }
                check(!isHardening, "not quiet")
                groups.withLock {
                    if $0.sealed != nil || !$0.open.isEmpty { $0.faults.append("not quiet") }
                    $0.staged.append(work)
                    $0.hardened.append(work)
                }
                return .done(work * 2)
            }
            groups.withLock {
                $0.staged.append(work)
                $0.open.append(work)
            }
            return .staged(work * 2)
        }

        func seal() {
            groups.withLock {
                if $0.sealed != nil { $0.faults.append("sealed twice") }
                $0.sealed = $0.open
                $0.open = []
            }
        }

        func harden(_ staged: [Int]) -> [Int] {
            let isAlone = hardeners.add(1, ordering: .relaxed).newValue == 1
            defer { hardeners.subtract(1, ordering: .relaxed) }
            check(isAlone, "two hardeners")
            groups.withLock {
                if $0.sealed?.map({ $0 * 2 }) != staged { $0.faults.append("another group") }
                $0.hardened += $0.sealed ?? []
                $0.sealed = nil
            }
            return staged
        }

        func tell(_ outcome: Int) {
            told.withLock { $0[outcome / 2, default: 0] += 1 }
            check(hardened.contains(outcome / 2), "told too early")
        }
    }

    @Test(arguments: [(sleeping: 3, going: 3), (4, 0), (0, 4), (1, 5)])
    func everyBatchIsWrittenAndToldOnce(sleeping: Int, going: Int) {
        let writer = Doubler()
        let queue = CommitQueue(writer)
        let each = 300
        let left = Atomic(sleeping * each + going * each)
        let done = Gate()
        let countDown = { @Sendable in
            if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.open() }
        }
        for thread in 0..<(sleeping + going) {
            BackgroundThread.start(niceness: 0) {
                for step in 0..<each {
                    // One in a hundred must be alone.
                    let number = thread * each + step + 1
                    let work = number % 100 == 0 ? -number : number
                    if thread < sleeping {
                        writer.tell(queue.submit(work))
                        countDown()
                    } else {
                        queue.gather(work) {
                            writer.tell($0)
                            countDown()
                        }
                        // Callers write by themselves now and then.
                        if step % 3 == 0 { queue.lead() } else { queue.wakeLogThread() }
                    }
                }
            }
        }
        done.wait()
        queue.end()
        let count = (sleeping + going) * each
        #expect(writer.faults.isEmpty)
        #expect(writer.staged.map(abs).sorted() == Array(1...count))
        #expect(writer.hardened == writer.staged)
        #expect(writer.told.withLock { $0.count == count && $0.values.allSatisfy { $0 == 1 } })
    }

    @Test func theNextGroupIsStagedWhileOneIsHardened() {
        let writer = SlowHardener()
        let queue = CommitQueue(writer)
        let done = Gate()
        BackgroundThread.start(niceness: 0) { _ = queue.submit(1) }
        writer.began.wait()
        queue.gather(2) { _ in done.open() }
        queue.lead()
        #expect(writer.staged.withLock { $0 } == [1, 2])
        writer.goesOn.open()
        writer.began.wait()
        writer.goesOn.open()
        done.wait()
        queue.end()
    }

    /// A writer whose hardening waits until it may go on.
    private final class SlowHardener: GroupWriter {
        let staged = Mutex<[Int]>([])
        let began = Gate()
        let goesOn = Gate()

        func stage(_ work: Int, isQuiet: Bool, isBrief: Bool) -> Staging<Int> {
            staged.withLock { $0.append(work) }
            return .staged(work)
        }

        func seal() {}

        func harden(_ staged: [Int]) -> [Int] {
            began.open()
            goesOn.wait()
            return staged
        }
    }

    @Test(arguments: [false, true]) func aCallerIsNotKeptByWhatArrives(blocks: Bool) {
        let arriving = ArrivingWork(blocks: blocks)
        let queue = CommitQueue(arriving)
        arriving.arrive.withLock { $0 = { queue.gather($0) { _ in } } }
        #expect(queue.submit(0) == 0)
        #expect(arriving.settled.load(ordering: .relaxed) < 1_000_000)
        arriving.arrive.withLock { $0 = { _ in } }
        queue.end()
    }

    /// A writer that gets more work whenever it takes some, and whose every third work must be
    /// alone, if it is so.
    private final class ArrivingWork: GroupWriter {
        let arrive = Mutex<@Sendable (Int) -> Void>({ _ in })
        let settled = Atomic(0)
        let blocks: Bool

        init(blocks: Bool) { self.blocks = blocks }

        func stage(_ work: Int, isQuiet: Bool, isBrief: Bool) -> Staging<Int> {
            if blocks, work % 3 == 2, !isQuiet { return .blocked }
            // Not for ever, so that a queue that waits for the end of it is found out.
            if work < 1_000_000 { arrive.withLock { $0 }(work + 1) }
            return .staged(work)
        }

        func seal() {}

        func harden(_ staged: [Int]) -> [Int] {
            settled.add(staged.count, ordering: .relaxed)
            return staged
        }
    }

    @Test func batchesOfOneCallerStayInOrder() {
        let writer = Doubler()
        let queue = CommitQueue(writer)
        let done = Gate()
        for work in 0..<1000 {
            queue.gather(work) { if $0 == 1998 { done.open() } }
            queue.wakeLogThread()
        }
        done.wait()
        #expect(writer.staged == Array(0..<1000))
        queue.end()
    }

    /// Whoever leads while others wait for him writes what is short, and nothing behind what is
    /// not.
    @Test func longWorkIsLeftToTheLogThread() {
        let writer = Doubler()
        let queue = CommitQueue(writer)
        let (done, leader) = (Gate(), pthread_self())
        let mine = Mutex<[Int]>([])
        for work in 1...10 {
            queue.gather(work) { outcome in
                if pthread_equal(pthread_self(), leader) != 0 {
                    mine.withLock { $0.append(outcome / 2) }
                }
                if outcome == 20 { done.open() }
            }
            // What is short is told before this returns.
            if work == 3 { queue.lead() }
        }
        #expect(mine.withLock { $0 } == [1, 2, 3])
        queue.lead()
        done.wait()
        #expect(mine.withLock { $0 } == [1, 2, 3])
        #expect(writer.staged == Array(1...10) && writer.faults.isEmpty)
        queue.end()
    }

    @Test func aQueueThatHasEndedStillAnswers() {
        let writer = Doubler()
        let queue = CommitQueue(writer)
        let done = Gate()
        queue.gather(1) { _ in done.open() }
        queue.wakeLogThread()
        done.wait()
        queue.end()
        queue.gather(2) { _ in done.open() }
        queue.wakeLogThread()
        done.wait()
        #expect(queue.submit(3) == 6)
    }
}
