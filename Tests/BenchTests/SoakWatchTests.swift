import Testing

@testable import MnemeBench

@Suite struct SoakWatchTests {
    @Test func whatGrowsIsNamed() {
        let flat = (0..<40).map { 1000 + $0 % 3 }
        #expect(SoakWatch.growth("memory", flat, beyond: 10) == nil)
        // It may grow in the first quarter as it likes.
        #expect(SoakWatch.growth("memory", (0..<10).map { $0 } + flat[10...], beyond: 10) == nil)
        let growing = (0..<40).map { 1000 + $0 * 10 }
        #expect(SoakWatch.growth("memory", growing, beyond: 10)?.hasPrefix("The memory") == true)
        #expect(SoakWatch.growth("memory", growing, beyond: 1000) == nil)
        #expect(SoakWatch.growth("memory", [], beyond: 0) == nil)
    }

    @Test func figuresAreReadFromTheStatus() {
        let status = "Name:\tx 9\nRssAnon:\t  120 kB\nRssFile:\t 7 kB\nThreads:\t12\n"
        let now = ProcessFiguresNow(status: status, openFiles: 3)
        #expect(now.anonymousBytes == 120 * 1024 && now.fileBytes == 7 * 1024)
        #expect(now.threads == 12 && now.openFiles == 3)
        #expect(ProcessFiguresNow(status: "", openFiles: 0).threads == 0)
        #expect(ProcessFigures.now().anonymousBytes > 100_000)
        #expect(ProcessFigures.now().openFiles > 2)
    }
}
