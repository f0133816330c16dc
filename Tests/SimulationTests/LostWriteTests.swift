// Writes of pages that a disk loses without a word, every one of them.

import CrashHarness
import Testing

@Suite struct LostWriteTests {
    @Test("A lost page write is noticed")
    func lostWrites() throws {
        let lost = try LostWrites(rounds: 9)
        #expect(lost.tried > 100)
        #expect(lost.wrong.isEmpty)
    }
}
