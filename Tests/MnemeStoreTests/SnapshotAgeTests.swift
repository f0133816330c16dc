// Snapshots that are kept for too long: they are refused, what they alone need is given back, and a
// read that has begun is never disturbed.

import Glibc
import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct SnapshotAgeTests {
    private static let second: Microseconds = 1_000_000

    private func store(_ clock: SimulatedClock, age: Microseconds? = 60 * second) throws -> Store {
        var options = Kinds.options()
        options.clock = clock
        options.snapshotAge = age
        return try Kinds.store(options)
    }

    @Test func anOldSnapshotIsRefused() throws {
        let clock = SimulatedClock()
        let store = try store(clock)
        let snapshot = store.snapshot()
        // As long as nothing newer is there it may be as old as it likes.
        clock.advance(by: 1000 * Self.second)
        try store.upkeep()
        #expect(try snapshot.record(Kinds.thing("a"))?["count"] == 1)
        #expect(try store.statistics().oldestSnapshotMicroseconds == nil)
        _ = try store.commit([Kinds.put("a", ["count": 7])])
        clock.advance(by: 60 * Self.second)
        try store.upkeep()
        #expect(try snapshot.record(Kinds.thing("a"))?["count"] == 1)
        #expect(try store.statistics().oldestSnapshotMicroseconds == Int(60 * Self.second))
        clock.advance(by: 1)
        // Whether the store has taken it back by now or not.
        for _ in 0..<2 {
            try expectRefusal(.snapshotTooOld) { _ = try snapshot.record(Kinds.thing("a")) }
            try expectRefusal(.snapshotTooOld) { _ = try snapshot.ordinal(Kinds.thing("a")) }
            try expectRefusal(.snapshotTooOld) { _ = try snapshot.find(Find("things")) }
            try expectRefusal(.snapshotTooOld) {
                _ = try snapshot.walk(Walk(from: [Kinds.thing("a")]))
            }
            try expectRefusal(.snapshotTooOld) {
                _ = try snapshot.spelledRecords([Kinds.thing("a")], limit: 1000)
            }
            try store.upkeep([.snapshots])
        }
        #expect(try store.statistics().oldestSnapshotMicroseconds == nil)
        #expect(snapshot.sequence < store.snapshot().sequence)
        #expect(try store.snapshot().record(Kinds.thing("a"))?["count"] == 7)
    }

    @Test func withoutALimitItMayBeKept() throws {
        let clock = SimulatedClock()
        let store = try store(clock, age: nil)
        let snapshot = store.snapshot()
        _ = try store.commit([Kinds.put("a", ["count": 7])])
        clock.advance(by: 1_000_000 * Self.second)
        try store.upkeep()
        #expect(try snapshot.record(Kinds.thing("a"))?["count"] == 1)
        let age = try store.statistics().oldestSnapshotMicroseconds
        #expect(age == Int(1_000_000 * Self.second))
    }

    /// Rounds of writing while one snapshot is held, or one more each round; bytes in use in file
    /// and memory afterwards.
    private func use(
        age: Microseconds?,
        holdsEach: Bool = false
    ) throws -> [(file: Int, memory: Int)] {
        let clock = SimulatedClock()
        let store = try store(clock, age: age)
        var snapshots = [store.snapshot()]
        defer { withExtendedLifetime(snapshots) {} }
        var sizes: [(Int, Int)] = []
        for round in 0..<24 {
            if holdsEach { snapshots.append(store.snapshot()) }
            for part in 0..<4 {
                _ = try store.commit(
                    (0..<100).map {
                        let number = Value.int(Int64(round))
                        return Kinds.put("k\(part)x\($0)", ["count": number, "body": "word"])
                    }
                )
            }
            clock.advance(by: 10 * Self.second)
            try store.upkeep()
            try store.checkpointNow()
            let usage = store.pages.usage
            sizes.append((usage.fileBytes - usage.freeBytes, usage.residentBytes))
        }
        return sizes
    }

    @Test func anAbandonedSnapshotKeepsNothingForEver() throws {
        let kept = try use(age: nil, holdsEach: true)
        let bounded = try use(age: 60 * Self.second, holdsEach: true)
        // Without a limit every round leaves more behind; with it the file comes to an end.
        #expect(kept[23].file > kept[11].file + 20 * 8192)
        #expect(kept[23].memory > kept[11].memory + 20 * 8192)
        #expect(bounded[23].file <= bounded[11].file + 8 * 8192)
        #expect(bounded[23].memory <= bounded[11].memory + 8 * 8192)
        #expect(bounded[23].file < kept[23].file)
    }

    @Test func oneSnapshotKeepsOnlyWhatItShows() throws {
        let kept = try use(age: nil)
        #expect(kept[23].file <= kept[11].file + 8 * 8192)
        #expect(kept[23].memory <= kept[11].memory + 8 * 8192)
    }

    /// Gives 300 things another count, lets time pass, and writes everything to the files.
    private func overwrite(
        _ store: Store,
        _ clock: SimulatedClock,
        _ count: Int64
    ) throws(MnemeError) {
        _ = try store.commit((0..<300).map { Kinds.put("k\($0)", ["count": .int(count)]) })
        clock.advance(by: 61 * Self.second)
        try store.upkeep()
        try store.checkpointNow()
    }

    @Test func aReadThatHasBegunIsNotDisturbed() throws {
        let clock = SimulatedClock()
        let store = try store(clock)
        _ = try store.commit((0..<300).map { Kinds.put("k\($0)", ["count": .int(Int64($0))]) })
        let snapshot = store.snapshot()
        let things = try snapshot.catalog.collection("things")
        weak let state = store.newest.state
        try snapshot.reading { reader throws(StoreError) in
            for round in 1...6 {
                do throws(MnemeError) {
                    try overwrite(store, clock, Int64(1000 * round))
                } catch {
                    throw .refused(error)
                }
                #expect(throws: MnemeError.self) { try snapshot.record(Kinds.thing("k1")) }
                var counts: [Value] = []
                for key in 0..<300 {
                    guard let (_, entry) = try reader.version(things, .text("k\(key)")) else {
                        continue
                    }
                    let record = try reader.record(entry, things, things.everyField)
                    counts.append(record["count"])
                }
                #expect(counts == (0..<300).map { .int($0) })
            }
        }
        // With the read's end the last of it has gone.
        #expect(state == nil)
    }

    /// Snapshots that grow too old while threads read them: the right answer or the typed error.
    @Test func threadsReadWhileStatesAreTakenBack() throws {
        var options = Kinds.options()
        options.worksInBackground = true
        options.snapshotAge = 1000
        options.replayBudget = 100
        let store = try Kinds.store(options)
        let keys = (0..<12).map { "k\($0)" }
        let write = { @Sendable (count: Int64) throws(MnemeError) in
            _ = try store.commit(
                keys.map { Kinds.put($0, ["count": .int(count), "body": "marmalade"]) }
            )
        }
        try write(0)
        let notes = Mutex<(faults: [String], refused: Int, reading: Int)>(([], 0, 3))
        var waiting: [Gate] = []
        for number in 0..<4 {
            let gate = Gate()
            waiting.append(gate)
            BackgroundThread.start {
                do {
                    var count: Int64 = 1
                    while number == 3, notes.withLock({ $0.reading > 0 }) {
                        try write(count)
                        count += 1
                    }
                    for _ in 0..<60 where number < 3 {
                        switch try Self.look(store.snapshot(), keys) {
                        case nil: notes.withLock { $0.refused += 1 }
                        case let counts? where counts.count == 1: break
                        case let counts?: notes.withLock { $0.faults.append("\(counts)") }
                        }
                    }
                } catch {
                    notes.withLock { $0.faults.append("\(error)") }
                }
                notes.withLock { $0.reading -= number < 3 ? 1 : 0 }
                gate.open()
            }
        }
        for gate in waiting { gate.wait() }
        #expect(notes.withLock { $0.faults } == [])
        #expect(notes.withLock { $0.refused } > 0)
        try store.upkeep()
        #expect(try store.verify().findings == [])
        try store.close()
    }

    /// The counts that one snapshot shows, all the same; nil when it became too old.
    private static func look(_ snapshot: Snapshot, _ keys: [String]) throws -> Set<Value>? {
        var counts: Set<Value> = []
        do throws(MnemeError) {
            for (index, key) in keys.enumerated() {
                counts.insert(try snapshot.record(Kinds.thing(key))?["count"] ?? .null)
                if index == 5 { usleep(2000) }
            }
            let rows = try snapshot.find(
                Find("things", match: Match("body", "marmalade"), limit: 50)
            )
            .rows
            for row in rows { counts.insert(row.record["count"]) }
            return counts
        } catch {
            guard error.code == .snapshotTooOld else { throw error }
            return nil
        }
    }
}
