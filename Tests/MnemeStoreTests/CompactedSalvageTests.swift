// Salvage of logs that were compacted: what a cold segment has comes out, what it has lost comes
// out of the segments that it stands for while they are there, and nothing comes back that was
// deleted.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct CompactedSalvageTests {
    private struct World {
        let disk: MemoryDisk
        let records: [String: Value]
        let cold: [UInt64]
    }

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 8 << 10
        options.compactionShare = 0.05
        return options
    }

    /// A store of which everything sealed was written again, more than once.
    ///
    /// `keepsOld`: whether what the cold segments stand for is still there.
    private func world(keepsOld: Bool, rounds: Int = 3) throws -> World {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        var records: [String: Value] = ["a": "first words", "b": .null]
        var held: [Snapshot] = []
        for round in 0..<rounds {
            for number in 0..<40 {
                let key = "r\(round)n\(number)"
                let body = Value.text("round \(round) of \(number)")
                _ = try store.commit([Kinds.put(key, ["body": body])], .none)
                records[key] = body
                // Of each round before, some are deleted and some are put again.
                if round > 0, number % 4 == 0 {
                    let old = "r\(round - 1)n\(number)"
                    _ = try store.commit([.delete(Kinds.thing(old))], .none)
                    records[old] = nil
                }
                if number % 4 == 1 {
                    let again = Value.text("again \(round)")
                    _ = try store.commit([Kinds.put(key, ["body": again])], .none)
                    records[key] = again
                }
                if number % 4 == 2 {
                    _ = try store.commit([.delete(Kinds.thing(key))], .none)
                    records[key] = nil
                }
            }
            if keepsOld { held.append(store.snapshot()) }
            try store.checkpointNow()
            try store.compactAll()
        }
        let cold = store.log.sealedSegments.filter(SegmentNumber.isCold)
        try #require(!cold.isEmpty)
        try store.close()
        held = []
        return World(disk: disk, records: records, cold: cold)
    }

    private func salvage(_ world: World) throws -> (SalvageReport, [String: Value]) {
        let before = try world.disk.storeFiles()
        let report = try Salvage(of: "store", to: "new", options: options(world.disk)).run()
        #expect(try world.disk.storeFiles() == before)
        let store = try Store.open("new", .open, options: options(world.disk))
        #expect(try store.verify().findings == [])
        var records: [String: Value] = [:]
        // Where what defined the collection is damaged, no record can be read.
        if !store.snapshot().schema.collections.isEmpty {
            for row in try store.snapshot().find(Find("things", limit: .max)).rows {
                records[row.record.reference.key.description] = row.record.fields["body"] ?? .null
            }
        }
        try store.close()
        for name in try world.disk.list("new/log") { try world.disk.remove("new/log/" + name) }
        for name in ["store", "pages", "lock"] { try? world.disk.remove("new/" + name) }
        return (report, records)
    }

    @Test func aCompactedStoreComesOutWhole() throws {
        for keepsOld in [false, true] {
            for lost in [[], ["store/pages"], ["store/store", "store/pages"]] {
                let world = try world(keepsOld: keepsOld)
                for path in lost { try world.disk.remove(path) }
                let (report, records) = try salvage(world)
                #expect(report.isComplete, "\(keepsOld), \(lost): \(report)")
                #expect(records == world.records, "\(keepsOld), \(lost)")
            }
        }
    }

    @Test func damageOfAColdSegmentBringsNothingBack() throws {
        let seed = RealRandomness().next()
        print("compacted salvage: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var filled = 0
        for round in 0..<24 {
            let keepsOld = round % 2 == 0
            let world = try world(keepsOld: keepsOld)
            let hasPages = random.below(2) == 0
            if !hasPages { try world.disk.remove("store/pages") }
            let number =
                round % 4 < 2
                ? world.cold[world.cold.count - 1]
                : world.cold[random.below(world.cold.count)]
            let path = "store/log/" + LogFile.name(number)
            let file = try world.disk.open(path, .readWrite)
            let count = Int(try file.byteCount())
            let harm = random.below(4)
            switch harm {
            case 0: try file.write([UInt8](repeating: 0, count: 4096), at: 0)
            case 1:
                let offset = 4096 + random.below(max(count - 4096 - 600, 1))
                try file.write([UInt8](repeating: 0, count: 512), at: UInt64(offset))
            default: try world.disk.flip(path, at: 4096 + random.below(count - 4096))
            }
            let comment: Comment = "round \(round) of seed \(seed), \(path)"
            let (report, records) = try salvage(world)
            // Nothing that was deleted or replaced comes back; what is missing is told.
            let passedOver = report.losses.contains { $0.reason.contains("read in its place") }
            for (key, body) in records {
                let expected = world.records[key]
                if expected != body {
                    // But for deletes that are lost themselves, which is told.
                    let isBack = expected == nil && !report.deletesMayBeBack
                    #expect(!isBack, "\(comment): \(key) is back")
                    #expect(passedOver || report.losses.contains { $0.frameCount > 0 }, comment)
                }
            }
            if report.losses.contains(where: { $0.reason.contains("have what stood there") }) {
                filled += 1
                #expect(records == world.records || report.leftOutCount > 0, comment)
                #expect(!report.deletesMayBeBack, comment)
            }
            let missing = world.records.keys.filter { records[$0] == nil }
            #expect(missing.isEmpty || !report.isComplete, comment)
        }
        #expect(filled > 0)
    }

    /// Every cold segment that is there, with each header zeroed in turn: what comes back is told,
    /// whatever else there is.
    @Test(arguments: [true, false], [true, false])
    func aZeroedHeaderBringsNothingBackUntold(keepsOld: Bool, hasPages: Bool) throws {
        var told = 0
        for index in 0... {
            let world = try world(keepsOld: keepsOld, rounds: 4)
            let names = try world.disk.list("store/log").filter { $0.hasPrefix("cold-") }.sorted()
            guard index < names.count else { break }
            if !hasPages { try world.disk.remove("store/pages") }
            let file = try world.disk.open("store/log/" + names[index], .readWrite)
            try file.write([UInt8](repeating: 0, count: 4096), at: 0)
            let comment: Comment = "\(names[index]) of \(names)"
            try openingTells(world, names[index], comment)
            let (report, records) = try salvage(world)
            let back = records.filter { world.records[$0.key] != $0.value }
            #expect(back.isEmpty || report.deletesMayBeBack, "\(comment): \(back)")
            #expect(records == world.records || !report.isComplete, comment)
            if report.losses.contains(where: { $0.reason.contains("read in its place") }) {
                told += 1
                #expect(!report.isComplete && report.deletesMayBeBack == !hasPages, comment)
            }
        }
        print("\(told) headers were told, old ones kept: \(keepsOld), pages: \(hasPages)")
    }

    /// A copy that is opened, to be read and by a rebuild, says what it could not know; what a page
    /// file names is refused.
    private func openingTells(_ world: World, _ name: String, _ comment: Comment) throws {
        for mode in [StoreMode.read, .rebuild] {
            let copy = MemoryDisk()
            try copy.createDirectory("store/log")
            for (path, bytes) in try world.disk.storeFiles() {
                try copy.open(path, .create).write(bytes, at: 0)
            }
            let opened = Result { try Store.open("store", mode, options: options(copy)) }
            guard case .success(let store) = opened else { continue }
            #expect(try store.verify().findings == [], comment)
            let rows = try store.snapshot().find(Find("things", limit: .max)).rows
            let back = rows.filter { row in
                world.records[row.record.reference.key.description]
                    != row.record.fields["body"] ?? .null
            }
            let isTold = store.notes.contains { $0.contains("\(name) has no header") }
            #expect(back.isEmpty || isTold, "\(comment), \(mode): \(back.count) are back")
            try store.close()
        }
    }

    @Test func aMissingColdSegmentIsNamed() throws {
        for hasPages in [true, false] {
            let world = try world(keepsOld: false, rounds: 1)
            let cold = try #require(world.cold.first)
            let name = LogFile.name(cold)
            try #require(world.cold.count == 1 && name.hasPrefix("cold-"))
            if !hasPages { try world.disk.remove("store/pages") }
            try world.disk.remove("store/log/" + name)
            let salvage = Salvage(of: "store", to: nil, options: options(world.disk))
            let report = try salvage.run()
            let loss = try #require(report.losses.first)
            #expect(loss.firstByte == nil && loss.frameCount > 0)
            if hasPages {
                #expect(loss.file == "log/" + name)
                #expect(loss.reason.hasPrefix("\(name) is missing, which stood for segment"))
                #expect(!loss.reason.contains(" 000000"), "\(loss)")
            } else {
                #expect(loss.reason.contains(", or the cold segment that stands for "), "\(loss)")
            }
        }
    }

    /// Only a plain segment is gone, and the state says that no cold one is.
    @Test func aMissingPlainSegmentKeepsItsName() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        for number in 0..<120 {
            let body = Value.text("a text of some length, which is number \(number)")
            _ = try store.commit([Kinds.put("n\(number)", ["body": body])], .none)
        }
        try store.checkpointNow()
        try store.close()
        try disk.remove("store/log/" + LogFile.name(1))
        let report = try Salvage(of: "store", to: nil, options: options(disk)).run()
        let loss = try #require(report.losses.first)
        #expect(loss.file == "log/000000000001.log")
        #expect(loss.reason.contains("000000000001.log is missing"), "\(loss)")
    }

    @Test func whatWasErasedIsCountedAndTold() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        for number in 0..<40 { _ = try store.commit([Kinds.put("n\(number)", [:])], .none) }
        let whole = try Self.notes(disk, store, options(disk))
        #expect(whole.erasures == 0 && !whole.notes.contains { $0.contains("erased") })
        let before = try #require(whole.records["things"])
        let again = try Store.open("store", .open, options: options(disk))
        _ = try again.commit([.erase(Kinds.thing("n1")), .delete(Kinds.thing("n2"))])
        _ = try again.commit([.erase(Kinds.thing("n3"))])
        try again.checkpointNow()
        try again.compactAll()
        let report = try Self.notes(disk, again, options(disk))
        #expect(report.erasures == 2 && report.records == ["things": before - 3], "\(report)")
        let note = try #require(report.notes.first { $0.contains("erased") })
        #expect(note.contains("says of 2 records") && note.contains("do not restore them"))
        #expect(report.isComplete)
        guard case .map(let members) = report.spelling else {
            Issue.record("\(report.spelling)")
            return
        }
        #expect(members["erasures"] == 2)
    }

    private static func notes(
        _ disk: MemoryDisk,
        _ store: Store,
        _ options: StoreOptions
    ) throws -> SalvageReport {
        try store.close()
        return try Salvage(of: "store", to: nil, options: options).run()
    }
}
