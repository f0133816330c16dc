// Deriving the pages again: whatever ends it, the store answers afterwards as it did before, or as
// it should.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct RebuildTests {
    private static let recordsOfOne = 80

    /// A closed store of several segments; every commit is a batch of many frames.
    private func closed(_ disk: any Disk, commits: Int = 12) throws {
        let store = try Store.open("store", options: Kinds.options(disk))
        try store.define(Kinds.schema)
        for commit in 0..<commits {
            _ = try store.commit(
                (0..<Self.recordsOfOne).map { number in
                    Kinds.put("k\(commit)-\(number)", ["data": .bytes(noise(commit, number))])
                }
            )
        }
        try store.close()
    }

    /// Bytes that do not become fewer by compression.
    private func noise(_ commit: Int, _ number: Int) -> [UInt8] {
        let random = SeededRandomness(seed: UInt64(commit << 20 | number))
        return (0..<150).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private func contents(_ disk: any Disk) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for directory in ["store", "store/log"] {
            for name in try disk.list(directory) where name != "lock" && name != "log" {
                let file = try disk.open(directory + "/" + name, .read)
                let count = Int(try file.byteCount())
                files[directory + "/" + name] = try file.read(at: 0, count: count)
            }
        }
        return files
    }

    /// The error that a call ends with.
    private func error(_ body: () throws(MnemeError) -> Void) -> MnemeError? {
        do throws(MnemeError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func expectAll(
        _ disk: any Disk,
        commits: Int = 12,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        let found = try store.snapshot().find(Find("things", limit: .max)).rows
        #expect(found.count == commits * Self.recordsOfOne, sourceLocation: location)
        #expect(try store.verify().findings == [], sourceLocation: location)
        try store.close()
    }

    @Test func aRebuildOfADamagedLogLeavesTheStoreAsItWas() throws {
        let disk = MemoryDisk()
        try closed(disk)
        let path = "store/log/" + Segment.name(2)
        let file = try disk.open(path, .readWrite)
        #expect(disk.holds("store/log/" + Segment.name(3)))
        let middle = (try file.byteCount() / 2) & ~7
        try file.write([UInt8](repeating: 0, count: 8), at: middle)
        let before = try contents(disk)

        let told = error { () throws(MnemeError) in
            _ = try Store.open("store", .rebuild, options: Kinds.options(disk))
        }
        let rebuilding = try #require(told)
        #expect(try contents(disk) == before)
        // The damaged record's page is one of many: the rest answers.
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        #expect(try store.snapshot().record(Kinds.thing("k0-0")) != nil)
        let selected = Find("things", match: nil, limit: 3)
        #expect(try store.snapshot().find(selected).rows.count == 3)
        // Both name the damaged frame, not the batch that it is in.
        let verifying = try #require(error { () throws(MnemeError) in _ = try store.verify() })
        for error in [rebuilding, verifying] {
            let words = error.message.split(whereSeparator: { " ,;".contains($0) })
            let place = try #require(words.firstIndex(of: "at").map { Int(words[$0 + 1]) } ?? nil)
            #expect(error.message.contains("segment 2"), "\(error)")
            // Opening again would not help.
            #expect(error.code == .damagedLog && error.action == .report)
            #expect(error.message.contains("copy") && error.message.contains("salvage"))
            #expect(place > 4096 && place <= Int(middle), "\(error)")
            #expect(Int(middle) - place < 1000, "\(error)")
        }
        try store.close()
    }

    @Test func aRebuildThatTheDiskEndsLeavesTheStoreAsItWas() throws {
        let made = SimulatedDisk()
        try closed(made, commits: 1)
        var ended = 0
        var kinds: [(String, (inout FaultPlan, StepCounts, Int) -> Void)] = []
        kinds.append(("write", { $0.writes[$1.writes + $2] = .failed(kept: 100) }))
        kinds.append(("room", { $0.writes[$1.writes + $2] = .full(kept: 0) }))
        kinds.append(("sync", { $0.syncs[$1.syncs + $2] = .failed(keepingSome: true) }))
        kinds.append(
            (
                "directory sync",
                { $0.directorySyncs[$1.directorySyncs + $2] = .failed(keepingSome: false) }
            )
        )
        for (kind, plan) in kinds {
            var number = 1
            while true {
                let disk = made.crashKeepingAll()
                plan(&disk.plan, disk.counts, number)
                let told = error { () throws(MnemeError) in
                    let store = try Store.open("store", .rebuild, options: Kinds.options(disk))
                    try store.close()
                }
                disk.plan = FaultPlan()
                #expect(!disk.holds("store/pages.new"), "\(kind) \(number)")
                try expectAll(disk, commits: 1)
                try expectAll(
                    disk.crash(using: SeededRandomness(seed: UInt64(number))),
                    commits: 1
                )
                guard told != nil else { break }
                ended += 1
                number += 1
            }
            #expect(number > 2, "no \(kind) was to be failed")
        }
        #expect(ended > 10)
    }

    /// Every segment of a log, in order.
    private func segments(_ disk: any Disk) throws -> [String] {
        try disk.list("store/log").sorted().map { "store/log/" + $0 }
    }

    private func refusedRebuild(
        _ disk: any Disk,
        naming words: String...,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try contents(disk)
        let told = error { () throws(MnemeError) in
            _ = try Store.open("store", .rebuild, options: Kinds.options(disk))
        }
        let error = try #require(told, sourceLocation: location)
        #expect(error.code == .damagedLog, sourceLocation: location)
        for word in words {
            #expect(error.message.contains(word), "\(error)", sourceLocation: location)
        }
        #expect(try contents(disk) == before, sourceLocation: location)
    }

    @Test func aRebuildMissesTheEndOfTheLog() throws {
        let disk = MemoryDisk()
        try closed(disk)
        let names = try segments(disk)
        try #require(names.count == 3)
        let whole = try contents(disk)
        for lost in 1...2 {
            for name in names.suffix(lost) { try disk.remove(name) }
            let first = names.count - lost + 1
            let words = lost == 1 ? "segment 3" : "segments 2 to 3"
            try refusedRebuild(disk, naming: words, Segment.name(UInt64(first)), "copy")
            for name in names.suffix(lost) {
                // A file without a header is no segment of the log either.
                let file = try disk.open(name, .create)
                try file.write([UInt8](repeating: 0, count: 65_536), at: 0)
            }
            try refusedRebuild(disk, naming: words)
            for name in names.suffix(lost) { try disk.remove(name) }
            for name in names.suffix(lost) {
                try disk.open(name, .create).write(whole[name] ?? [], at: 0)
            }
        }
        // Only the last batch and the close are lost: no file is missing.
        let last = try disk.open(names[2], .readWrite)
        let count = Int(try last.byteCount())
        try last.write([UInt8](repeating: 0, count: count - 4096), at: 4096)
        try refusedRebuild(disk, naming: "segment 3 at ")
    }

    @Test func everyOpeningMissesASegment() throws {
        let disk = MemoryDisk()
        try closed(disk)
        let names = try segments(disk)
        let whole = try contents(disk)
        for (index, name) in names.enumerated() {
            let store = try Store.open("store", .open, options: Kinds.options(disk))
            try disk.remove(name)
            let words = "segment \(index + 1)"
            // The file is still held open.
            #expect(try store.verify().findings.first?.hasPrefix(words) == true)
            try store.close()
            for mode in [StoreMode.open, .openOrCreate, .rebuild] {
                let told = error { () throws(MnemeError) in
                    _ = try Store.open("store", mode, options: Kinds.options(disk))
                }
                let error = try #require(told)
                #expect(error.message.contains(words + " (log/" + Segment.name(UInt64(index + 1))))
            }
            for name in try segments(disk) + ["store/pages"] { try disk.remove(name) }
            for (path, bytes) in whole where path != "store/store" {
                try disk.open(path, .create).write(bytes, at: 0)
            }
        }
        try expectAll(disk)
    }

    /// Killed before the first checkpoint: nothing frightens where nothing is lost.
    @Test func anEndBeforeTheFirstCheckpointIsUsual() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        let sequence = store.snapshot().sequence
        let copy = MemoryDisk()
        for directory in ["store", "store/log"] {
            try copy.createDirectory(directory)
            for name in try disk.list(directory) where name != "lock" {
                let path = directory + "/" + name
                guard let file = try? disk.open(path, .read) else { continue }
                let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
                try copy.open(path, .create).write(bytes, at: 0)
            }
        }
        let again = try Store.open("store", options: Kinds.options(copy))
        #expect(again.snapshot().sequence == sequence)
        #expect(again.notes.count == 1)
        let note = again.notes.first ?? ""
        #expect(note.contains("usual") && note.contains("sequence \(sequence)"), "\(note)")
        #expect(!note.contains("is gone"))
        try again.close()
        #expect(try Store.open("store", options: Kinds.options(copy)).notes == [])
        try store.close()
    }

    @Test func withoutAPageFileTheEndIsNotKnown() throws {
        for damages in [false, true] {
            let disk = MemoryDisk()
            try closed(disk)
            let names = try segments(disk)
            let known = try Store.open("store", .rebuild, options: Kinds.options(disk))
            #expect(known.notes == [])
            try known.close()
            if damages {
                let noise = [UInt8](repeating: 7, count: 20_000)
                try disk.open("store/pages", .readWrite).write(noise, at: 0)
            } else {
                try disk.remove("store/pages")
            }
            let unknown = try Store.open("store", .rebuild, options: Kinds.options(disk))
            #expect(unknown.notes.count == 1)
            let note = unknown.notes.first ?? ""
            #expect(note.contains("segment 3") && note.contains("with a close"), "\(note)")
            try unknown.close()
            try expectAll(disk)
            // The new page file knows.
            let again = try Store.open("store", .rebuild, options: Kinds.options(disk))
            #expect(again.notes == [])
            try again.close()
            // Without either, nobody can tell what was behind the end.
            try disk.remove("store/pages")
            try disk.remove(names[2])
            let short = try Store.open("store", .rebuild, options: Kinds.options(disk))
            let told = short.notes.first ?? ""
            #expect(told.contains("segment 2") && told.contains("without a close"), "\(told)")
            // In the middle and at the beginning the numbers tell.
            try short.close()
            try disk.remove(names[0])
            try refusedRebuild(disk, naming: "segment 1 (log/" + Segment.name(1))
        }
    }

    @Test func whatARebuildLeftIsRemoved() throws {
        let disk = MemoryDisk()
        try closed(disk)
        for mode in [StoreMode.open, .rebuild] {
            try disk.open("store/pages.new", .create).write([1, 2, 3], at: 0)
            try Store.open("store", mode, options: Kinds.options(disk)).close()
            #expect(!disk.holds("store/pages.new"))
            try expectAll(disk)
        }
    }
}
