// Backups of a store that goes on, and stores that are made of them: what comes back is what was
// there, up to the point that was asked for, and what does not fit is refused by name.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemeStore

/// A store of small segments that grows by whole batches, and what it showed after each of them.
struct GrowingStore {
    let disk: any Disk
    let clock: SimulatedClock
    var store: Store
    /// Oldest first.
    private(set) var history: [(picture: Picture, time: Microseconds)] = []
    private var count = 0

    init(_ disk: any Disk, directory: String = "store") throws {
        self.disk = disk
        clock = SimulatedClock(start: 1000)
        store = try Store.open(directory, options: Self.options(disk, clock))
        try store.define(Kinds.schema)
        try note()
    }

    static func options(_ disk: any Disk, _ clock: any Clock) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    var options: StoreOptions { Self.options(disk, clock) }

    /// Commits batches of three records and an edge, a second apart.
    mutating func grow(_ commits: Int = 1) throws {
        for _ in 0..<commits {
            clock.advance(by: 1_000_000)
            count += 1
            let random = SeededRandomness(seed: UInt64(count))
            let noise = (0..<700).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let (a, b) = ("a\(count)", "b\(count)")
            _ = try store.commit([
                Kinds.put(a, ["data": .bytes(noise), "body": .text("alder birch \(count)")]),
                Kinds.put(b, ["near": .vector([1, Float(count), 0])]),
                Kinds.put("both", ["count": .int(Int64(count))]),
                .link(Link("joins", from: Kinds.thing(a), to: Kinds.thing(b))),
            ])
            try note()
        }
    }

    /// Commits other changes, a second later.
    mutating func commit(_ changes: [Change]) throws {
        clock.advance(by: 1_000_000)
        _ = try store.commit(changes)
        try note()
    }

    mutating func reopen() throws {
        try store.close()
        store = try Store.open(store.directory, .open, options: options)
    }

    private mutating func note() throws {
        history.append((try Picture(store), clock.now()))
    }

    /// What a restore up to a sequence must show.
    func picture(through sequence: UInt64) -> Picture? {
        history.last { $0.picture.sequence <= sequence }?.picture
    }

    func restore(
        _ backups: [String],
        to directory: String,
        at point: RestorePoint = .end
    ) throws -> RestoreSummary {
        try Store.restore(backups, to: directory, at: point, options: options)
    }

    /// Restores, opens, compares, writes, closes.
    func expectRestored(
        _ backups: [String],
        at point: RestorePoint = .end,
        as picture: Picture?,
        to directory: String = "restored",
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let summary = try restore(backups, to: directory, at: point)
        #expect(summary.sequence == picture?.sequence, sourceLocation: location)
        #expect(summary.verification.findings == [], sourceLocation: location)
        #expect(!disk.holds(directory + "/restoring"), sourceLocation: location)
        let restored = try Store.open(directory, .open, options: options)
        #expect(try picture?.isShown(restored: restored) == true, sourceLocation: location)
        #expect(restored.identity == store.identity, sourceLocation: location)
        #expect(restored.log.incarnation > store.log.incarnation, sourceLocation: location)
        _ = try restored.commit([Kinds.put("new", ["count": 7])])
        try restored.close()
        let again = try Store.open(directory, .open, options: options)
        #expect(try again.snapshot().record(Kinds.thing("new")) != nil, sourceLocation: location)
        #expect(try again.verify().findings == [], sourceLocation: location)
        try again.close()
    }
}

@Suite struct BackupTests {
    private func full(_ world: GrowingStore, _ name: String = "full") throws -> BackupSummary {
        try world.store.backup(to: name)
    }

    private func increment(
        _ world: GrowingStore,
        _ name: String,
        on base: String
    ) throws -> BackupSummary {
        var options = BackupOptions()
        options.base = base
        return try world.store.backup(to: name, options)
    }

    @Test func whatIsRestoredIsWhatWasThere() throws {
        for links in [true, false] {
            let disk = SimulatedDisk()
            disk.plan.allowsLinks = links
            var world = try GrowingStore(disk)
            try world.grow(40)
            let summary = try full(world)
            let then = world.history.last?.picture
            #expect(summary.segments > 3 && summary.commit == then?.sequence)
            #expect(summary.base == nil && summary.store == world.store.identity)
            #expect((summary.linkedBytes > 0) == links)
            try world.grow(20)
            #expect(try Store.verifyBackups(["full"], options: world.options) == [summary])
            try world.expectRestored(["full"], as: then)
            #expect(try Picture(world.store) == world.history.last?.picture)
            #expect(try world.store.verify().findings == [])
        }
    }

    @Test func theTailIsNeverLinked() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(20)
        let summary = try full(world)
        let last = Segment.name(UInt64(summary.segments))
        #expect(try disk.linkCount("store/log/" + last) == 1)
        #expect(try disk.linkCount("store/log/" + Segment.name(1)) == 2)
        let copied = try disk.open("full/log/" + last, .read).byteCount()
        #expect(copied == UInt64(world.store.log.end.offset))
        // Nor is anything where copies are asked for.
        var options = BackupOptions()
        options.copies = true
        #expect(try world.store.backup(to: "copies", options).linkedBytes == 0)
        #expect(try disk.linkCount("store/log/" + Segment.name(1)) == 2)
    }

    @Test func anEmptyStoreCanBeBackedUp() throws {
        let disk = MemoryDisk()
        let options = GrowingStore.options(disk, SimulatedClock())
        let store = try Store.open("store", options: options)
        let summary = try store.backup(to: "full")
        #expect(summary.commit == 0 && summary.sequence == 0 && summary.time == nil)
        let restored = try Store.restore(["full"], to: "restored", options: options)
        #expect(restored.sequence == 0)
        try Store.open("restored", .open, options: options).close()
        try store.define(Kinds.schema)
        var next = BackupOptions()
        next.base = "full"
        _ = try store.backup(to: "next", next)
        _ = try Store.restore(["full", "next"], to: "again", options: options)
        let again = try Store.open("again", .open, options: options)
        #expect(again.snapshot().schema == store.snapshot().schema)
    }

    @Test func incrementsGoOn() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(40)
        let one = try full(world, "one")
        try world.reopen()
        try world.grow(9)
        let two = try increment(world, "two", on: "one")
        let afterTwo = world.history.last?.picture
        // Nothing new is nothing wrong.
        let three = try increment(world, "three", on: "two")
        try world.grow(23)
        try world.reopen()
        let four = try increment(world, "four", on: "three")
        #expect(two.base == one.id && three.base == two.id && four.base == three.id)
        #expect(two.segments < one.segments && three.segments == 1)
        #expect(three.sequence == two.sequence && four.sequence > three.sequence)
        let chain = ["one", "two", "three", "four"]
        #expect(
            try Store.verifyBackups(chain, options: world.options) == [one, two, three, four]
        )
        try world.expectRestored(chain, as: world.history.last?.picture, to: "all")
        try world.expectRestored(["one", "two"], as: afterTwo, to: "some")
        // Each of them is whole for itself.
        for name in chain {
            #expect(try Store.verifyBackups([name], options: world.options).count == 1)
        }
        let listed = try Store.backups(in: "two", options: world.options)
        #expect(listed == [ListedBackup(name: "two", contents: .success(two))])
    }

    @Test func everySequenceAndEveryTimeCanBeRestored() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(7)
        _ = try full(world, "one")
        try world.reopen()
        try world.grow(7)
        let last = try increment(world, "two", on: "one")
        let first = world.history.first?.picture.sequence ?? 0
        for sequence in first...last.sequence {
            try world.expectRestored(
                ["one", "two"],
                at: .sequence(sequence),
                as: world.picture(through: sequence),
                to: "at \(sequence)"
            )
        }
        for (index, moment) in world.history.enumerated() {
            for late: Microseconds in [0, 999_999] {
                try world.expectRestored(
                    ["one", "two"],
                    at: .time(Instant(microseconds: moment.time + late)),
                    as: moment.picture,
                    to: "time \(index) \(late)"
                )
            }
        }
    }

    @Test func aRestoredStoreIsBackedUpAnew() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(12)
        _ = try full(world, "one")
        try world.grow(6)
        _ = try increment(world, "two", on: "one")
        _ = try world.restore(["one", "two"], to: "other", at: .sequence(40))
        let other = try Store.open("other", .open, options: world.options)
        for number in 0..<30 {
            _ = try other.commit([
                Kinds.put("x\(number)", ["data": .bytes([UInt8](repeating: 1, count: 600))])
            ])
        }
        // What "one" has was cut off there, and something else stands in its place.
        for base in ["one", "two"] {
            var options = BackupOptions()
            options.base = base
            try expectRefusal(.badBackup, "does not have") {
                _ = try other.backup(to: "three", options)
            }
        }
        #expect(try disk.list("three/log") == [] && !disk.holds("three/manifest"))
        // The same directory can be taken then.
        let picture = try Picture(other)
        _ = try other.backup(to: "three")
        try world.expectRestored(["three"], as: picture)
    }

    @Test func commitsGoOnWhileABackupIsMade() throws {
        let disk = MemoryDisk()
        var options = GrowingStore.options(disk, RealClock())
        options.worksInBackground = true
        options.logLimits.largestSegment = 256 << 10
        let store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        let isOver = Mutex(false)
        let written = Mutex(0)
        let ended = Gate()
        BackgroundThread.start(niceness: 0) {
            var number = 0
            while !isOver.withLock({ $0 }) {
                let random = SeededRandomness(seed: UInt64(number))
                let noise = (0..<200).map { _ in String(random.next()) }.joined()
                _ = try? store.commit([Kinds.put("k\(number)", ["free": .text(noise)])])
                number += 1
                written.withLock { $0 = number }
            }
            ended.open()
        }
        var chain: [String] = []
        for turn in 0..<4 {
            while written.withLock({ $0 }) < (turn + 1) * 100 {}
            var options = BackupOptions()
            options.base = chain.last
            options.copies = turn % 2 == 0
            chain.append("backup \(turn)")
            let before = written.withLock { $0 }
            let summary = try store.backup(to: chain[turn], options)
            let restored = try Store.restore(chain, to: "r\(turn)", options: self.quiet(disk))
            #expect(restored.sequence == summary.commit)
            let copy = try Store.open("r\(turn)", .open, options: quiet(disk))
            let count = try copy.statistics().records["things"] ?? 0
            #expect(count >= before)
            // A prefix: every record up to the last one.
            for number in [0, count / 2, count - 1] {
                #expect(try copy.snapshot().record(Kinds.thing("k\(number)")) != nil)
            }
            try copy.close()
        }
        isOver.withLock { $0 = true }
        ended.wait()
        try store.close()
    }

    private func quiet(_ disk: any Disk) -> StoreOptions {
        GrowingStore.options(disk, RealClock())
    }

    @Test func oneBackupIsMadeAtATimeAndClosingEndsIt() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(20)
        let store = world.store
        let refusal = Mutex<MnemeError?>(nil)
        _ = try store.backup(to: "one") { _, _, _ in
            refusal.withLock { refusal in
                guard refusal == nil else { return }
                do throws(MnemeError) {
                    _ = try store.backup(to: "two")
                } catch {
                    refusal = error
                }
            }
        }
        #expect(refusal.withLock { $0?.code } == .busy)
        var options = world.options
        options.worksInBackground = true
        try store.close()
        let slow = try Store.open("store", .open, options: options)
        let begun = Gate()
        let closed = Gate()
        BackgroundThread.start(niceness: 0) {
            begun.wait()
            try? slow.close()
            closed.open()
        }
        var wanted = BackupOptions()
        wanted.bytesPerSecond = 1
        wanted.copies = true
        do {
            _ = try slow.backup(to: "three", wanted) { _, _, _ in begun.open() }
            Issue.record("a backup was made of a store that was closed")
        } catch {
            #expect(error.code == .closed, "\(error)")
        }
        closed.wait()
        #expect(!disk.holds("three/manifest"))
        try Store.open("store", .open, options: world.options).close()
    }

    @Test func segmentsAreHeldWhileABackupIsMade() throws {
        let disk = MemoryDisk()
        var world = try GrowingStore(disk)
        try world.grow(20)
        let store = world.store
        let held = Mutex<Set<Bool>>([])
        let last = store.log.end.segment
        _ = try store.backup(to: "one") { _, _, _ in
            for number in 1...last {
                let isHeld = store.log.holds.isHeld(number)
                held.withLock { _ = $0.insert(isHeld) }
            }
        }
        #expect(held.withLock { $0 } == [true])
        #expect((1...last).allSatisfy { !store.log.holds.isHeld($0) })
    }
}
