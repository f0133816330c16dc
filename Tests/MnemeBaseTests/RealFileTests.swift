// What the loops of a real file make of calls that move less than they were asked to.

import Glibc
import Testing

@testable import MnemeBase

@Suite struct RealFileTests {
    /// A call of the system: what it returns, and with what error.
    private struct Reply {
        var moved: Int
        var code: Int32 = 0
    }

    /// What a transfer of ten bytes asks for and comes to.
    private func transfer(_ replies: [Reply]) -> (asked: [Int], Result<Int, DiskError>) {
        var rest = replies[...]
        var asked: [Int] = []
        do throws(DiskError) {
            let done = try RealFile.transfer(10, "pread", "file") { done in
                asked.append(done)
                let reply = rest.popFirst() ?? Reply(moved: 10 - done)
                errno = reply.code
                return reply.moved
            }
            return (asked, .success(done))
        } catch {
            return (asked, .failure(error))
        }
    }

    @Test func shortCallsAreGoneOnWith() {
        let (asked, result) = transfer([Reply(moved: 3), Reply(moved: 1), Reply(moved: 6)])
        #expect(asked == [0, 3, 4])
        #expect(result == .success(10))
    }

    @Test func interruptedCallsAreRepeated() {
        let interruption = Reply(moved: -1, code: EINTR)
        let (asked, result) = transfer([
            interruption, Reply(moved: 4), interruption, interruption, Reply(moved: 6),
        ])
        #expect(asked == [0, 0, 4, 4, 4])
        #expect(result == .success(10))
    }

    @Test func theEndOfTheFileEndsIt() {
        let (asked, result) = transfer([Reply(moved: 7), Reply(moved: 0)])
        #expect(asked == [0, 7])
        #expect(result == .success(7))
    }

    @Test func errorsAreSortedAndNotRepeated() {
        let (asked, full) = transfer([Reply(moved: 2), Reply(moved: -1, code: ENOSPC)])
        #expect(asked == [0, 2])
        #expect(full == .failure(.full(path: "file")))
        let (_, failed) = transfer([Reply(moved: -1, code: EIO)])
        #expect(failed == .failure(.failed(call: "pread", path: "file", code: EIO)))
    }
}
