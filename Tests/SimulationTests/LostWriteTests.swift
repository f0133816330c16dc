// Writes of pages that a disk loses without a word, every one of them.

import CrashHarness
import Testing

@Suite struct LostWriteTests {
    @Test("A lost page write is noticed")
    func lostWrites() throws {
        let lost = try LostWrites(rounds: 9)
        #expect(lost.tried > 100)
        // When pages are told from their older versions, this is no longer known as an issue.
        withKnownIssue("an older version of a page at the same place passes for the newer one") {
            #expect(lost.wrong.isEmpty)
        }
        // Few places have the same page twice; all the others are noticed.
        #expect(lost.wrong.count * 20 < lost.tried)
    }
}
