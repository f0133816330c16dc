// Jobs are run once each, whatever becomes of the pool.

import Synchronization
import Testing

@testable import MnemeBase

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 7])
    func everyJobRunsOnce(threadCount: Int) {
        let left = Atomic(3000)
        let runs = Mutex<[Int: Int]>([:])
        let done = Gate()
        let pool = WorkerPool(threadCount: threadCount)
        for submitter in 0..<3 {
            BackgroundThread.start(niceness: 0) {
                for step in 0..<1000 {
                    pool.submit {
                        runs.withLock { $0[submitter * 1000 + step, default: 0] += 1 }
                        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                            done.open()
                        }
                    }
                }
            }
        }
        done.wait()
        #expect(runs.withLock { $0.count == 3000 && $0.values.allSatisfy { $0 == 1 } })
    }

    /// Where there is always work, what was done is not kept.
    @Test func aListThatIsNeverEmptyStaysShort() {
        let pool = WorkerPool(threadCount: 1)
        let left = Atomic(5000)
        let longest = Mutex(0)
        let done = Gate()
        @Sendable func next() {
            longest.withLock { $0 = max($0, pool.listedCount) }
            switch left.subtract(1, ordering: .acquiringAndReleasing).newValue {
            case 0: done.open()
            case 1...: pool.submit { next() }
            default: break
            }
        }
        for _ in 0..<10 { pool.submit { next() } }
        done.wait()
        #expect(longest.withLock { $0 } <= 200)
    }

    @Test func whatWaitsIsDoneAfterThePoolIsGone() {
        let left = Atomic(50)
        let done = Gate()
        do {
            let pool = WorkerPool(threadCount: 1)
            for _ in 0..<50 {
                pool.submit {
                    if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                        done.open()
                    }
                }
            }
        }
        done.wait()
        #expect(left.load(ordering: .acquiring) == 0)
    }
}
