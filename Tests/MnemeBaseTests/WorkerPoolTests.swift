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
