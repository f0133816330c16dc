// Indexes that are built behind against a plain model: random changes at any point of the way, also
// between a part's making and its turns, ends of the process at any point, and the same from the
// log alone.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct IndexBuildModelTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, RealRandomness().next()])
    func whateverIsCommittedMeanwhile(seed: UInt64) throws {
        var run = try BuildRun(seed: seed)
        do { try run.go() } catch { Issue.record("seed \(seed), step \(run.steps): \(error)") }
    }

    /// Threads of the store's own build, while others write.
    @Test func writersGoOnBeside() throws {
        var options = BuiltItems.options(MemoryDisk(), part: 256)
        options.worksInBackground = true
        let store = try Store.open("store", options: options)
        try store.define(BuiltItems.schema([]))
        for start in stride(from: 0, to: 4000, by: 500) {
            _ = try store.commit(
                (start..<(start + 500)).map {
                    BuiltItems.put("k\($0)", ["n": .int(Int64($0 % 10)), "u": .int(Int64($0))])
                }
            )
        }
        try store.define(BuiltItems.schema(BuiltItems.all), waits: false)
        let dice = SeededRandomness(seed: 5)
        var expected: [String: Int64] = [:]
        for number in 0..<4000 { expected["k\(number)"] = Int64(number % 10) }
        var rounds = 0
        while rounds < 200 || !store.newest.state.roots.building.isEmpty {
            rounds += 1
            let number = dice.below(5000)
            let value = Int64(dice.below(10))
            let fields: [String: Value] = ["n": .int(value), "u": .int(Int64(number))]
            _ = try store.commit([BuiltItems.put("k\(number)", fields)], .none)
            expected["k\(number)"] = value
        }
        for value in 0..<10 {
            let filter = Filter.eq("n", .int(Int64(value)))
            #expect(try BuiltItems.plan(store, filter).contains("index "))
            let wanted = expected.filter { $0.value == Int64(value) }.keys.sorted()
            #expect(try BuiltItems.keys(store, filter) == wanted)
        }
        #expect(try store.statistics().indexes.isEmpty)
        #expect(try store.verify().findings == [])
        try store.close()
    }
}

private struct BuildRun {
    let seed: UInt64
    let random: SeededRandomness
    var disk: SimulatedDisk
    var store: Store
    var records: [String: [String: Value]] = [:]
    var indexes: [Index] = []
    var steps = 0
    var made = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        disk = SimulatedDisk(seed: seed)
        store = try Store.open("store", options: BuiltItems.options(disk, part: 11))
        try store.define(BuiltItems.schema([]))
    }

    mutating func go() throws {
        for _ in 0..<40 { try change() }
        for round in 0..<6 {
            let index = BuiltItems.all[random.below(4)]
            let named = Index(
                "i\(round)",
                on: index.fields,
                where: index.condition
            )
            indexes.append(named)
            try store.define(BuiltItems.schema([named]), waits: false)
            if random.below(3) == 0, indexes.count > 1 {
                let gone = indexes.remove(at: random.below(indexes.count))
                try store.drop(.index(collection: "items", name: gone.name))
            }
            for _ in 0..<30 { try step() }
            try check()
        }
        try BuiltItems.finish(store)
        try check()
        #expect(store.snapshot().schema == BuiltItems.schema(indexes), "seed \(seed)")
        #expect(made > 3, "seed \(seed): no part met a change")
    }

    private mutating func step() throws {
        steps += 1
        switch random.below(10) {
        case 0..<4: try change()
        case 4..<6: try store.upkeep([.index])
        case 6..<8: try stalePart()
        case 8: try store.checkpointNow()
        default: try restart()
        }
    }

    /// A part whose records are changed between its making and its turns.
    private mutating func stalePart() throws {
        let state = store.newest.state
        guard let (number, progress) = state.roots.building.min(by: { $0.key < $1.key }),
            let collection = state.catalog.collection(number: progress.collection),
            let place = collection.place(ofIndex: number)
        else { return }
        let chunk = try IndexChunk(
            store.reader(),
            collection,
            place: place,
            progress,
            ordinals: 40
        )
        for _ in 0..<3 { try change() }
        try store.rearrange { [log = store.log, clock = store.clock] editor throws(StoreError) in
            _ = try chunk.put(from: 0, into: editor, log, clock)
        }
        made += 1
    }

    private mutating func restart() throws {
        let cut = random.below(2) == 0 ? disk.crashKeepingAll() : disk.crash(using: random)
        disk = cut
        let mode: StoreMode = random.below(4) == 0 ? .rebuild : .open
        store = try Store.open("store", mode, options: BuiltItems.options(disk, part: 11))
    }

    private mutating func change() throws {
        var changes: [Change] = []
        for _ in 0..<(1 + random.below(4)) {
            let key = "k\(random.below(90))"
            if random.below(5) == 0 {
                changes.append(BuiltItems.delete(key))
                records.removeValue(forKey: key)
                continue
            }
            var fields: [String: Value] = ["n": .int(Int64(random.below(8)))]
            if random.below(3) > 0 { fields["t"] = .text(["a", "A", "b", "c"][random.below(4)]) }
            if random.below(2) == 0 {
                fields["tags"] = .array((0..<random.below(4)).map { .text("t\($0)") })
            }
            changes.append(BuiltItems.put(key, fields))
            records[key] = fields
        }
        _ = try store.commit(changes)
    }

    private func check() throws {
        let filters: [Filter] = [
            .eq("n", .int(Int64(random.below(8)))), .compare(field: "n", .gt(4)), .eq("t", "a"),
            .compare(field: "tags", .any(["t1"])),
        ]
        for filter in filters {
            let wanted = records.filter { _, fields in filter.holds { fields[$0] ?? .null } }
            #expect(
                try BuiltItems.keys(store, filter) == wanted.keys.sorted(),
                "seed \(seed), step \(steps), \(filter)"
            )
        }
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }
}
