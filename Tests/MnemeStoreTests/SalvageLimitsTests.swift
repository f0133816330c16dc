// What a salvage cannot know or do, and says: how far a log had come whose page file is gone, and
// what an encrypted one held whose key is.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct SalvageLimitsTests {
    @Test func anEndThatNothingTellsIsToldSo() throws {
        let disk = MemoryDisk()
        try Kinds.store(DamagedWorld.options(disk)).close()
        let options = DamagedWorld.options(disk)
        let known = try Salvage(of: "store", to: nil, options: options).run()
        #expect(known.isComplete && known.isEndKnown && known.notes == [])
        try disk.remove("store/pages")
        let unknown = try Salvage(of: "store", to: nil, options: options).run()
        #expect(unknown.isComplete && !unknown.isEndKnown)
        #expect(unknown.notes.contains { $0.contains("with a close; if segments") })
        #expect(unknown.records == known.records)
        guard case .map(let members) = unknown.spelling else { return #expect(Bool(false)) }
        #expect(members["isEndKnown"] == false)
    }

    /// Neither a salvage helps there, nor does anybody advise one.
    @Test(arguments: [true, false])
    func anEncryptedStoreWithoutItsIdentityNeedsThat(isRemoved: Bool) throws {
        let disk = MemoryDisk()
        let options = Sealed.options(disk)
        let store = try Kinds.store(options)
        _ = try store.backup(to: "kept")
        try store.close()
        if isRemoved {
            try disk.remove("store/store")
        } else {
            for copy in [0, 2048] { try disk.flip("store/store", at: copy + 50) }
        }
        let advice = ["put that file back", "no salvage"]
        func expect(_ body: () throws -> Void) throws {
            let error = try #require(throws: MnemeError.self) { try body() }
            #expect(error.code == .notAStore && !error.message.contains("mneme salvage"))
            #expect(advice.allSatisfy { error.message.contains($0) }, "\(error)")
        }
        for target in [nil, "new"] {
            for key in [Sealed.key, nil] {
                try expect {
                    let options = Sealed.options(disk, key)
                    _ = try Salvage(of: "store", to: target, options: options).run()
                }
            }
        }
        #expect(!disk.holds("new"))
        for mode in [StoreMode.open, .openOrCreate, .read, .rebuild] {
            try expect { _ = try Store.open("store", mode, options: options) }
        }
        // As they say.
        if !isRemoved { try disk.remove("store/store") }
        try disk.link("kept/store", to: "store/store")
        let again = try Store.open("store", .open, options: options)
        #expect(try again.statistics().records["things"] == 2)
        try again.close()
    }
}
