// Where a salvage makes its store: a directory of its own, and what only it has left there.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct SalvageTargetTests {
    @Test func whatIsNotASalvagesOwnStays() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Kinds.schema)
        try store.close()
        func expectTaken(_ directory: String) throws {
            do throws(MnemeError) {
                _ = try Salvage(of: "store", to: directory, options: Kinds.options(disk)).run()
                Issue.record("\(directory) was taken")
            } catch {
                #expect(error.code == .exists, "\(error)")
            }
        }
        // Another store, a marked directory with somebody's file, and an unfinished backup.
        try Store.open("other", options: Kinds.options(disk)).close()
        try expectTaken("other")
        let identity = StoreIdentity(high: 1, low: 2)
        for (directory, kind) in [("mixed", WorkMarker.Kind.salvaged), ("backup", .backup)] {
            try disk.createDirectory(directory + "/log")
            try WorkMarker(kind, identity).write(disk, in: directory)
            try disk.open(directory + (kind == .backup ? "/store" : "/letter"), .create).close()
            let before = try disk.list(directory).sorted()
            try expectTaken(directory)
            #expect(try disk.list(directory).sorted() == before)
            for mode in [StoreMode.open, .openOrCreate] {
                do throws(MnemeError) {
                    _ = try Store.open(directory, mode, options: Kinds.options(disk))
                    Issue.record("\(directory) was opened")
                } catch {
                    #expect(error.code == .notAStore, "\(error)")
                }
            }
        }
    }
}
