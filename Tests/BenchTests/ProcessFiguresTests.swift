import Testing

@testable import MnemeBench

@Suite struct ProcessFiguresTests {
    @Test func indexFilesCountAndTheLogDoesNot() {
        func mapping(_ path: String, rss: Int, anonymous: Int) -> String {
            "7f00-7f01 r--p 00000000 fe:00 12 \(path)\nSize: 9 kB\nRss: \(rss) kB\n"
                + "Anonymous: \(anonymous) kB\nVmFlags: rd wr\n"
        }
        let map =
            mapping("/s/pages", rss: 100, anonymous: 0) + mapping("/s/log/1.log", rss: 1000, anonymous: 0)
            + mapping("", rss: 10, anonymous: 10) + mapping("/usr/lib/c.so", rss: 500, anonymous: 3)
            + mapping("/stranger/pages", rss: 70, anonymous: 0)
        #expect(ProcessFigures.residentBytes(map: map, store: "/s") == (100 + 10 + 3) * 1024)
    }

    @Test func theProcessHasMemory() {
        #expect(ProcessFigures.residentBytes(store: "/nowhere") > 100_000)
    }
}
