import MnemeBase
import Testing

@Suite struct AtomicWordsTests {
    @Test func wordsAreKept() {
        for least in [0, 1, 3, 64, 100_000] {
            let words = AtomicWords(atLeast: least)
            #expect(words.count >= least && words.count.nonzeroBitCount == 1)
            for index in stride(from: 0, to: words.count, by: 7) { #expect(words.load(index) == 0) }
            for index in 0..<words.count { words.store(UInt64(index) &* 3, index) }
            for index in 0..<words.count { #expect(words.load(index) == UInt64(index) &* 3) }
            #expect(words.load(words.count) == words.load(0))
            #expect(words.load(-1) == words.load(words.count - 1))
        }
    }
}
