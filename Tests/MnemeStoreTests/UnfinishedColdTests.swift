// A cold segment whose header was never written is the rest of a compaction, and no damage: the
// segments that it was to stand for have everything. One that was finished and lost its header is
// damaged, whatever else there is.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct UnfinishedColdTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 8 << 10
        options.compactionShare = 0.05
        return options
    }

    /// A store whose compaction ended right before a header, with a record that was erased.
    ///
    /// `isNamed`: as if a state of the store had named the cold segment meanwhile.
    private func world(isNamed: Bool = false) throws -> (disk: MemoryDisk, cold: String) {
        let disk = MemoryDisk()
        var store = try Kinds.store(options(disk))
        for number in 0..<60 {
            _ = try store.commit([Kinds.put("n\(number)", ["body": "some words of it"])], .none)
        }
        _ = try store.commit([.erase(Kinds.thing("n3"))])
        for number in 60..<120 {
            _ = try store.commit([Kinds.put("n\(number)", ["body": "some words of it"])], .none)
        }
        try store.close()
        let pages = try #require(try disk.storeFiles()["store/pages"])
        store = try Store.open("store", .open, options: options(disk))
        let held = store.snapshot()
        try store.checkpointNow()
        try store.compactAll()
        #expect(try held.record(Kinds.thing("n4")) != nil)
        try store.close()
        if !isNamed {
            try disk.remove("store/pages")
            try disk.open("store/pages", .create).write(pages, at: 0)
        }
        let names = try disk.list("store/log").filter { $0.hasPrefix("cold-") }.sorted()
        let last = try #require(names.last)
        // Whatever was finished before it would be named too.
        for name in names.dropLast() where !isNamed { try disk.remove("store/log/" + name) }
        let file = try disk.open("store/log/" + last, .readWrite)
        try file.write([UInt8](repeating: 0, count: 4096), at: 0)
        return (disk, last)
    }

    private func scan(_ disk: any Disk) throws(StoreError) -> Set<Erasure> {
        let identity = try StoreOpening(directory: "store", options: options(disk))
            .identityOnDisk().identity
        var scan = ErasureScan(disk, identity, vault: nil)
        try scan.take(directory: "store")
        return scan.erasures.records
    }

    @Test(arguments: [true, false])
    func itIsNoLoss(hasPages: Bool) throws {
        let (disk, _) = try world()
        if !hasPages { try disk.remove("store/pages") }
        #expect(try scan(disk).count == 1)
        let report = try Salvage(of: "store", to: nil, options: options(disk)).run()
        #expect(report.isComplete, "\(report)")
        let store = try Store.open("store", .open, options: options(disk))
        #expect(try store.verify().findings == [])
        #expect(try store.snapshot().record(Kinds.thing("n3")) == nil)
        try store.close()
    }

    @Test func oneThatAStateNamesIsDamaged() throws {
        let (disk, cold) = try world(isNamed: true)
        let report = try Salvage(of: "store", to: nil, options: options(disk)).run()
        #expect(report.losses.contains { $0.file == "log/" + cold }, "\(report)")
        // What it stands for is whole, so that every erasure is known.
        #expect(try scan(disk).count == 1)
    }

    @Test(arguments: [true, false])
    func oneThatStandsForWhatIsGoneIsDamaged(isEmpty: Bool) throws {
        let (disk, cold) = try world()
        if !isEmpty {
            let file = try disk.open("store/log/" + cold, .readWrite)
            for start: UInt64 in [0, 2048] { try file.write([1, 2, 3], at: start) }
        }
        try disk.remove("store/log/" + LogFile.name(1))
        do throws(StoreError) {
            _ = try scan(disk)
            Issue.record("it was taken for a ledger")
        } catch {
            let refusal = MnemeError(error)
            #expect(refusal.code == .damagedLog && refusal.message.contains(cold), "\(refusal)")
        }
        let report = try Salvage(of: "store", to: nil, options: options(disk)).run()
        #expect(!report.isComplete)
    }
}
