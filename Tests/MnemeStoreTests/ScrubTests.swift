// Damage that is found while a store is open: it is named with place and sequence, everything else
// goes on, and the next opening finds it behind a checkpoint.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct ScrubTests {
    /// Runs the pass that is due to its end.
    private func scrub(_ store: Store, _ clock: ScrubClock, most: Int = 10_000) throws {
        let passes = store.scrubbing.withLock { $0.passes }
        for _ in 0..<most {
            let pause = store.scrub()
            if store.scrubbing.withLock({ $0.passes }) > passes { return }
            clock.advance(pause)
        }
        Issue.record("the pass has no end")
    }

    private func options(_ disk: any Disk, _ clock: ScrubClock) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        // What was read stays readable in the cache; here every look is to meet the disk.
        options.recordCacheBytes = 0
        options.logLimits.smallestSegment = 16384
        options.logLimits.largestSegment = 32768
        return options
    }

    private func filled(_ options: StoreOptions, count: Int = 60) throws -> Store {
        let store = try Kinds.store(options)
        for number in 0..<count {
            let words = (0..<40).map { "word\($0 * number)" }.joined(separator: " ")
            _ = try store.commit([Kinds.put("k\(number)", ["body": .text(words)])])
        }
        return store
    }

    /// The place and the sequence of a record's frame.
    private func place(_ key: String, _ store: Store) throws -> (LogPlace, UInt64) {
        let snapshot = store.snapshot()
        let ordinal = try #require(try snapshot.ordinal(Kinds.thing(key)))
        let entry = try #require(try store.reader().entry(ordinal))
        return (LogPlace(bits: entry.place), entry.birth)
    }

    @Test func aScrubFindsWhatIsDamagedAndNothingElse() throws {
        let disk = MemoryDisk()
        let clock = ScrubClock()
        let told = Mutex<[String]>([])
        var options = options(disk, clock)
        options.report = { notice in told.withLock { $0.append(notice.text) } }
        let store = try filled(options)
        try store.checkpointNow()
        clock.advance(options.scrubDelay)
        try scrub(store, clock)
        #expect(store.damage == [])
        let (at, sequence) = try place("k7", store)
        try #require(at.segment < store.log.end.segment)
        try disk.flip("store/log/" + LogFile.name(at.segment), at: at.offset + 100)
        // Not before the interval is over.
        #expect(store.scrub() > 3600 * 1_000_000)
        clock.advance(options.scrubInterval)
        try scrub(store, clock)
        let damage = try store.statistics().damage
        #expect(damage.count == 1)
        let line = try #require(damage.first)
        #expect(line.contains("log/" + LogFile.name(at.segment)), "\(line)")
        #expect(line.contains("byte \(at.offset), sequence \(sequence)"), "\(line)")
        #expect(told.withLock { $0.count } == 1)
        // The rest is read and written as before; what is damaged is named.
        try expectRefusal(.damagedLog, "segment \(at.segment) at \(at.offset)") {
            _ = try store.snapshot().record(Kinds.thing("k7"))
        }
        #expect(try store.snapshot().record(Kinds.thing("k8")) != nil)
        _ = try store.commit([Kinds.put("later")])
        try expectRefusal(.damagedLog, "sequence \(sequence)", "salvage") { _ = try store.verify() }
        clock.advance(options.scrubInterval)
        try scrub(store, clock)
        #expect(try store.statistics().damage.count == 1)
        #expect(told.withLock { $0.count } == 1)
        try store.close()
    }

    @Test func everyKindOfDamageIsFound() throws {
        let kinds: [(String, (MemoryDisk, LogPlace) throws -> Void)] = [
            ("flip", { try $0.flip("store/log/" + LogFile.name($1.segment), at: $1.offset + 3) }),
            (
                "zeros",
                {
                    let file = try $0.open("store/log/" + LogFile.name($1.segment), .readWrite)
                    try file.write([UInt8](repeating: 0, count: 512), at: UInt64($1.offset))
                }
            ),
            (
                "header",
                {
                    let file = try $0.open("store/log/" + LogFile.name($1.segment), .readWrite)
                    try file.write([UInt8](repeating: 0, count: 4096), at: 0)
                }
            ),
            ("missing", { try $0.remove("store/log/" + LogFile.name($1.segment)) }),
        ]
        for (name, damage) in kinds {
            let disk = MemoryDisk()
            let clock = ScrubClock()
            let store = try filled(options(disk, clock))
            try store.checkpointNow()
            let (at, _) = try place("k9", store)
            try damage(disk, at)
            clock.advance(store.options.scrubDelay)
            try scrub(store, clock)
            let found = try store.statistics().damage
            #expect(found.count >= 1, "\(name)")
            #expect(found.allSatisfy { $0.contains(LogFile.name(at.segment)) }, "\(name): \(found)")
        }
    }

    /// Also the last frame, and where zeros stand in its place: nothing behind it says that it is
    /// missing.
    @Test func aScrubReadsWhatStandsBehindTheLastCommit() throws {
        for (back, isZeroed) in [(1, false), (1, true), (2, false), (2, true)] {
            let disk = MemoryDisk()
            let clock = ScrubClock()
            try filled(options(disk, clock), count: 3).close()
            try Store.open("store", .open, options: options(disk, clock)).close()
            let store = try Store.open("store", .open, options: options(disk, clock))
            let end = store.log.end
            let offset = end.offset - back * SegmentSize.commit
            let path = "store/log/" + LogFile.name(end.segment)
            if isZeroed {
                let zeros = [UInt8](repeating: 0, count: SegmentSize.commit)
                try disk.open(path, .readWrite).write(zeros, at: UInt64(offset))
            } else {
                try disk.flip(path, at: offset + 8)
            }
            clock.advance(store.options.scrubDelay)
            try scrub(store, clock)
            let found = store.damage
            #expect(found.count == 1, "\(found)")
            #expect(found.first?.contains("at byte \(offset)") == true, "\(found)")
        }
    }

    @Test func aScrubFindsDamagedPages() throws {
        let disk = MemoryDisk()
        let clock = ScrubClock()
        let store = try filled(options(disk, clock))
        try store.checkpointNow()
        let file = try disk.open("store/pages", .readWrite)
        let count = Int(try file.byteCount()) / 1024
        clock.advance(store.options.scrubDelay)
        try scrub(store, clock)
        #expect(store.damage == [])
        var found = 0
        for place in 16..<count {
            let before = try file.read(at: UInt64(place * 1024), count: 1024)
            try disk.flip("store/pages", at: place * 1024 + 500)
            clock.advance(store.options.scrubInterval)
            try scrub(store, clock)
            let lines = store.damage
            // Extents and free places are no pages.
            if lines.contains(where: { $0.contains("pages is damaged at byte \(place * 1024):") }) {
                found += 1
                #expect(try store.verify().findings.contains { $0.contains("\(place * 1024)") })
            }
            try file.write(before, at: UInt64(place * 1024))
        }
        #expect(found > 5)
        // Checkpoints between the steps of a pass move pages, and damage none.
        let other = try filled(options(MemoryDisk(), clock), count: 5)
        for number in 0..<40 {
            _ = try other.commit([Kinds.put("k\(number)")])
            try other.checkpointNow()
            clock.advance(other.scrub())
        }
        #expect(other.damage == [])
    }

    /// Slices, their rate, and that they read no more than was written.
    @Test func aScrubKeepsToItsRate() throws {
        let disk = MemoryDisk()
        let clock = ScrubClock()
        var options = options(disk, clock)
        options.scrubBytesPerSecond = 100_000
        let store = try filled(options)
        #expect(store.scrub() == options.scrubDelay)
        clock.advance(options.scrubDelay)
        let start = clock.elapsed()
        try scrub(store, clock)
        let log = store.log.fileBytes
        // A pass takes as long as its bytes at this rate, a step's worth more or less.
        #expect(clock.elapsed() - start >= Int64(log / 2) * 10)
        #expect(clock.elapsed() - start <= Int64(log * 4) * 10)
        options.scrubBytesPerSecond = 0
        let never = try Store.open("other", options: options)
        #expect(never.scrub() == .max)
    }

    /// What is written between two steps is no gap.
    @Test func aScrubGoesOnBehindTheWriter() throws {
        let clock = ScrubClock()
        let store = try filled(options(MemoryDisk(), clock), count: 10)
        var pass = LogScrub(store.log)
        for number in 0..<300 {
            let words = Value.text(String(repeating: "word\(number) ", count: 1 + number % 90))
            _ = try store.commit([Kinds.put("k\(number)", ["body": words])])
            if number % 3 == 0 { _ = pass.step() }
        }
        while pass.step() {}
        #expect(store.log.end.segment > 3)
        #expect(store.damage == [])
        #expect(pass.bytesRead > 60_000)
    }

    @Test func damageThatTheNextOpeningWouldReadIsOutrun() throws {
        let disk = MemoryDisk()
        let store = try filled(options(disk, ScrubClock()))
        let (at, sequence) = try place("k50", store)
        let picture = try Picture(store)
        try disk.flip("store/log/" + LogFile.name(at.segment), at: at.offset + 90)
        try expectRefusal(.damagedLog) { _ = try store.snapshot().record(Kinds.thing("k50")) }
        #expect(try store.statistics().damage.first?.contains("at byte \(at.offset)") == true)
        let copy = MemoryDisk()
        try copy.createDirectory("store/log")
        for (path, bytes) in try disk.storeFiles() {
            try copy.open(path, .create).write(bytes, at: 0)
        }
        // Without the checkpoint the store is refused, with place, sequence and what helps.
        try expectRefusal(
            .damagedLog,
            "segment \(at.segment) at \(at.offset)",
            LogFile.name(at.segment),
            "sequence \(sequence) is expected",
            "restore a backup",
            "mneme salvage"
        ) { _ = try Store.open("store", options: Kinds.options(copy)) }
        try store.upkeep()
        _ = try store.commit([Kinds.put("later")])
        try store.close()
        let again = try Store.open("store", .open, options: Kinds.options(disk))
        #expect(try again.snapshot().record(Kinds.thing("later")) != nil)
        #expect(try again.snapshot().record(Kinds.thing("k49")) != nil)
        #expect(try again.statistics().records["things"] == picture.records.count + 1)
        try again.close()
    }

    @Test func writesAreRefusedWhereNoCheckpointOutrunsTheDamage() throws {
        let disk = SimulatedDisk()
        let store = try filled(options(disk, ScrubClock()), count: 20)
        let (at, _) = try place("k12", store)
        let path = "store/log/" + LogFile.name(at.segment)
        try disk.corrupt(path, at: UInt64(at.offset + 90), mask: 4)
        try expectRefusal(.damagedLog) { _ = try store.snapshot().record(Kinds.thing("k12")) }
        disk.plan.capacity = 1
        #expect(throws: MnemeError.self) { try store.upkeep() }
        disk.plan.capacity = nil
        for _ in 0..<2 {
            try expectRefusal(.damagedLog, "at byte \(at.offset)", "salvage") {
                _ = try store.commit([Kinds.put("later")])
            }
        }
        #expect(try store.snapshot().record(Kinds.thing("k11")) != nil)
    }

    /// A log whose write failed takes nothing more, and says what to do.
    @Test func aPoisonedLogTakesNothingMore() throws {
        for failsSync in [true, false] {
            let disk = SimulatedDisk()
            let store = try filled(options(disk, ScrubClock()), count: 3)
            if failsSync {
                disk.plan.syncs[disk.counts.syncs + 1] = .failed(keepingSome: false)
            } else {
                disk.plan.writes[disk.counts.writes + 1] = .failed(kept: 10)
            }
            for key in ["one", "two", "three"] {
                try expectRefusal(.outcomeUnknown, "open the store again") {
                    _ = try store.commit([Kinds.put(key)])
                }
            }
            #expect(try store.snapshot().record(Kinds.thing("one")) == nil)
            #expect(try store.snapshot().record(Kinds.thing("k2")) != nil)
            try? store.close()
            let again = try Store.open(
                "store",
                .open,
                options: options(disk.crash(using: SeededRandomness(seed: 1)), ScrubClock())
            )
            #expect(try again.snapshot().record(Kinds.thing("k2")) != nil)
            #expect(try again.verify().findings == [])
            _ = try again.commit([Kinds.put("one")])
        }
    }
}

/// A clock that stands until it is moved.
final class ScrubClock: Clock {
    private let time = Mutex<Microseconds>(1_700_000_000_000_000)

    func now() -> Microseconds { time.withLock { $0 } }
    func elapsed() -> Microseconds { time.withLock { $0 } }
    func advance(_ microseconds: Microseconds) { time.withLock { $0 += max(microseconds, 1) } }
}
