import Testing

@testable import MnemeBench

@Suite struct ProcessFiguresTests {
    @Test func indexFilesCountAndTheLogDoesNot() {
        func mapping(_ path: String, rss: Int, anonymous: Int) -> String {
            "7f00-7f01 r--p 00000000 fe:00 12 \(path)\nSize: 9 kB\nRss: \(rss) kB\n"
                + "Anonymous: \(anonymous) kB\nVmFlags: rd wr\n"
        }
        let map =
            mapping("/s/pages", rss: 100, anonymous: 0)
            + mapping("/s/log/1.log", rss: 1000, anonymous: 0)
            + mapping("", rss: 10, anonymous: 10) + mapping("/usr/lib/c.so", rss: 500, anonymous: 3)
            + mapping("/stranger/pages", rss: 70, anonymous: 0)
        #expect(ProcessFigures.residentBytes(map: map, store: "/s") == (100 + 10 + 3) * 1024)
    }

    @Test func theProcessHasMemory() {
        #expect(ProcessFigures.residentBytes(store: "/nowhere") > 100_000)
    }
}

@Suite struct DeviceFiguresTests {
    private let mounts = """
        21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        30 21 0:25 / /tmp rw - tmpfs tmpfs rw
        31 21 254:16 / /data rw - ext4 /dev/vdb rw
        32 31 254:17 / /data/deep rw - ext4 /dev/vdb1 rw
        broken
        """

    @Test func theLongestMountDecides() {
        #expect(DeviceFigures.device(of: "/home/x", mounts: mounts) == "254:0")
        #expect(DeviceFigures.device(of: "/tmp/x", mounts: mounts) == "0:25")
        #expect(DeviceFigures.device(of: "/data", mounts: mounts) == "254:16")
        #expect(DeviceFigures.device(of: "/database/x", mounts: mounts) == "254:0")
        #expect(DeviceFigures.device(of: "/data/deep/x", mounts: mounts) == "254:17")
        #expect(DeviceFigures.device(of: "/x", mounts: "") == nil)
    }
}
