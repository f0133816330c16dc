// Group commit with callers of both kinds: every batch is written once and told once, by one writer
// at a time, whoever waits and whoever does not.

import MnemeBase
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct CommitQueueTests {
    /// What happened while a queue was used.
    private final class Record: Sendable {
        let written = Mutex<[Int]>([])
        let told = Mutex<[Int: Int]>([:])
        let writers = Atomic(0)
        let overlaps = Atomic(0)
        let groups = Atomic(0)

        func write(_ group: [Int]) -> [Int] {
            if writers.add(1, ordering: .relaxed).newValue > 1 {
                overlaps.add(1, ordering: .relaxed)
            }
            groups.add(1, ordering: .relaxed)
            written.withLock { $0 += group }
            writers.subtract(1, ordering: .relaxed)
            return group.map { $0 * 2 }
        }

        func tell(_ outcome: Int) { told.withLock { $0[outcome / 2, default: 0] += 1 } }
    }

    @Test(arguments: [(sleeping: 3, going: 3), (4, 0), (0, 4), (1, 5)])
    func everyBatchIsWrittenAndToldOnce(sleeping: Int, going: Int) {
        let record = Record()
        let queue = CommitQueue<Int, Int> { record.write($0) }
        let each = 400
        let left = Atomic(sleeping * each + going * each)
        let done = Gate()
        let countDown = { @Sendable in
            if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.open() }
        }
        for thread in 0..<(sleeping + going) {
            BackgroundThread.start(niceness: 0) {
                for step in 0..<each {
                    let work = thread * each + step
                    if thread < sleeping {
                        record.tell(queue.submit(work))
                        countDown()
                    } else {
                        queue.gather(work) {
                            record.tell($0)
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
        #expect(record.written.withLock { $0.sorted() } == Array(0..<count))
        #expect(record.told.withLock { $0.count == count && $0.values.allSatisfy { $0 == 1 } })
        #expect(record.overlaps.load(ordering: .relaxed) == 0)
    }

    @Test func batchesOfOneCallerStayInOrder() {
        let record = Record()
        let queue = CommitQueue<Int, Int> { record.write($0) }
        let done = Gate()
        for work in 0..<1000 {
            queue.gather(work) { if $0 == 1998 { done.open() } }
            queue.wakeLogThread()
        }
        done.wait()
        #expect(record.written.withLock { $0 } == Array(0..<1000))
        queue.end()
    }

    @Test func aQueueThatHasEndedStillAnswers() {
        let record = Record()
        let queue = CommitQueue<Int, Int> { record.write($0) }
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
