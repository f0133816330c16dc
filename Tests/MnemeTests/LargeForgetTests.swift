// Forgetting more than one batch of the log has room for.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct LargeForgetTests {
    /// A memory whose batches hold at most 36 deletes.
    private func memory() throws -> Memory {
        var files = StoreOptions()
        files.disk = MemoryDisk()
        files.logLimits.batch = 4 << 10
        var options = MemoryOptions()
        options.embedsText = false
        return try Memory(
            store: Store.open("memory", .create, options: files),
            options: options
        )
    }

    private func keys(_ memory: Memory, _ owner: String) throws -> [Key] {
        try memory.find(Find("memories", owner: owner, limit: 1000)).rows.map(
            \.record.reference.key
        )
    }

    @Test func anOwnerOfAnySizeIsForgotten() throws {
        let memory = try memory()
        for index in 0..<100 {
            try memory.remember("memory number \(index)", owner: index % 2 == 0 ? "a" : "a/b")
        }
        let kept = try memory.remember("another", owner: "b")
        let all = try keys(memory, "a")
        #expect(all.count == 100)
        let before = memory.store.snapshot()
        #expect(try memory.forget(Forget(owner: "a")) == 100)
        #expect(try keys(memory, "a") == [])
        #expect(try keys(memory, "b") == [kept])
        #expect(try before.find(Find("memories", owner: "a", limit: 1000)).rows.count == 100)
        #expect(try memory.forget(Forget(owner: "a")) == 0)
        #expect(try memory.verify().findings == [])
    }
}
