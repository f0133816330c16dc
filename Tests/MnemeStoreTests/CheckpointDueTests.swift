// When a checkpoint is due: by the bytes of the log since the last one, or by its vectors.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct CheckpointDueTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        // Never by bytes.
        options.replayBudget = .max
        options.checkpointVectors = 50
        return options
    }

    private func put(_ count: Int, from first: Int, into store: Store) throws {
        _ = try store.commit(
            (first..<first + count).map {
                Kinds.put("v\($0)", ["near": .vector([1, Float($0), 0])])
            }
        )
    }

    /// Whether upkeep writes a checkpoint.
    private func writes(_ store: Store) throws -> Bool {
        let before = store.upkeepState.withLock { $0.checkpoint.sequence }
        try store.upkeep([.checkpoint])
        return store.upkeepState.withLock { $0.checkpoint.sequence } > before
    }

    @Test func manyVectorsMakeItDue() throws {
        let store = try Kinds.store(options(MemoryDisk()))
        // The store's first record has a vector too.
        try put(49, from: 0, into: store)
        #expect(try !writes(store))
        try put(1, from: 49, into: store)
        #expect(try writes(store))
        try put(50, from: 0, into: store)
        #expect(try !writes(store))
        // What has no vectors does not count.
        _ = try store.commit((0..<200).map { Kinds.put("k\($0)") })
        #expect(try !writes(store))
        try put(1, from: 0, into: store)
        #expect(try writes(store))
        try store.close()
    }

    @Test func vectorsOfTheReplayCount() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try Kinds.store(options(disk))
        try store.checkpointNow()
        try put(40, from: 0, into: store)
        let world = disk.crashKeepingAll()
        let again = try Store.open("store", .open, options: options(world))
        #expect(try !writes(again))
        try put(11, from: 40, into: again)
        #expect(try writes(again))
        try again.close()
    }

    @Test func muchTextMakesItDue() throws {
        var few = options(MemoryDisk())
        few.replayBudget = 3000
        let store = try Kinds.store(few)
        // 20,000 bytes of the log take 60 µs, and ten times as many bytes of text 9 ms.
        let text = String(repeating: "the same word ", count: 1000)
        for number in 0..<15 {
            _ = try store.commit([Kinds.put("k\(number)", ["body": .text(text)])])
        }
        #expect(store.log.bytes(since: LogPlace(segment: 1, offset: 4096)) < 100_000)
        #expect(try writes(store))
        #expect(try !writes(store))
        try store.close()
    }

    @Test func manyPagesMakeItDue() throws {
        var few = options(MemoryDisk())
        few.replayBudget = 150
        few.checkpointVectors = .max
        let store = try Kinds.store(few)
        _ = try store.commit((0..<4000).map { .put(Put("numbers", .int(Int64($0)), [:])) })
        try store.checkpointNow()
        // Not a byte of text, and few of the log; but each change is in other pages than the rest.
        for number in stride(from: 0, to: 4000, by: 40) {
            _ = try store.commit([.put(Put("numbers", .int(Int64(number) * 1_000_003), [:]))])
            _ = try store.commit([.delete(Reference("numbers", .int(Int64(number + 1))))])
        }
        let changed = store.newest.state.roots.put.pages
        #expect(changed > 20)
        #expect(try writes(store))
        // What the checkpoint has written does not count any more.
        #expect(try !writes(store))
        try store.close()
    }

    @Test func manyBytesMakeItDue() throws {
        var few = options(MemoryDisk())
        few.replayBudget = 300
        few.checkpointVectors = .max
        let store = try Kinds.store(few)
        #expect(try !writes(store))
        // 100,000 bytes take 300 µs.
        let noise = SeededRandomness(seed: 3)
        for _ in 0..<4 {
            let text = (0..<4000).map { _ in String(noise.next(), radix: 16) }.joined()
            _ = try store.commit([.put(Put("numbers", nil, ["text": .text(text)]))])
        }
        #expect(try writes(store))
        #expect(try !writes(store))
        try store.close()
    }
}
