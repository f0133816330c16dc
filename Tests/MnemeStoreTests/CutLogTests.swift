// A log whose file was cut off: whoever reads it names the same place, whether from the newest
// checkpoint on or from the beginning.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct CutLogTests {
    @Test func openingAndRebuildingNameTheSamePlace() throws {
        for isCutAtPage in [true, false] {
            let disk = MemoryDisk()
            let options = Kinds.options(disk)
            let store = try Kinds.store(options)
            for number in 0..<40 {
                let data = [UInt8](repeating: 9, count: 400)
                _ = try store.commit([Kinds.put("k\(number)", ["data": .bytes(data)])])
            }
            try store.close()
            let path = "store/log/" + LogFile.name(1)
            let file = try disk.open(path, .readWrite)
            try file.truncate(to: isCutAtPage ? 12288 : 10001)
            try file.close()
            let messages = try [StoreMode.open, .read, .rebuild].map { mode in
                try #require(throws: MnemeError.self) {
                    _ = try Store.open("store", mode, options: options)
                }.message
            }
            #expect(Set(messages).count == 1, "\(messages)")
            #expect(messages[0].contains(isCutAtPage ? "at 12288" : "at 10000"), "\(messages)")
        }
    }
}
