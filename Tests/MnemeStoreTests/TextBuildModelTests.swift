// Fields that come to be searched, and are not any more, against a plain model: random changes at
// any point of the way, ends of the process at any point, and the same from the log alone.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct TextBuildModelTests {
    // With the last of the fixed ones a field comes to be searched of which another is made.
    @Test(arguments: [
        UInt64(1), 2, 3, 4, 5, 6, 7, 8, 1_685_127_080_538_299_690, RealRandomness().next(),
    ])
    func whateverIsCommittedMeanwhile(seed: UInt64) throws {
        var run = try SearchRun(seed: seed)
        do { try run.go() } catch { Issue.record("seed \(seed), step \(run.steps): \(error)") }
    }
}

private struct SearchRun {
    static let words = ["alder", "birch", "cedar", "elm", "fir", "hazel", "ivy", "larch"]

    let seed: UInt64
    let random: SeededRandomness
    let clock = SimulatedClock()
    var disk: SimulatedDisk
    var store: Store
    var records: [String: [String: Value]] = [:]
    var fields: [Field] = [Field("a", .text, isSearchable: true), Field("b", .text)]
    var steps = 0
    /// Questions that were refused as not all words were there.
    var early = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        disk = SimulatedDisk(seed: seed)
        store = try Store.open("store", options: Self.options(disk, clock))
        try store.define(SearchedItems.schema(fields))
    }

    private static func options(_ disk: any Disk, _ clock: SimulatedClock) -> StoreOptions {
        var options = SearchedItems.options(disk, part: 11, pass: 20)
        options.clock = clock
        // Runs stay as many as they may be.
        options.writerMergeLimit = 16
        return options
    }

    mutating func go() throws {
        for _ in 0..<40 { try change() }
        for _ in 0..<10 {
            try redefine()
            for _ in 0..<14 { try step() }
            try check()
        }
        try BuiltItems.finish(store)
        try check()
        let (schema, wanted) = (store.snapshot().schema, SearchedItems.schema(fields))
        #expect(schema == wanted, "seed \(seed)")
        #expect(early > 0, "seed \(seed): nothing was asked too early")
    }

    /// Something comes, comes to be searched, or goes.
    private mutating func redefine() throws {
        let place = random.below(fields.count)
        let name = fields[place].name
        switch random.below(6) {
        case 0 where fields[place].isSearchable:
            try store.drop(.search(collection: "items", name: name))
            fields[place].isSearchable = false
        case 1 where fields.count > 2 && !isNeeded(name):
            try store.drop(.field(collection: "items", name: name))
            fields.remove(at: place)
            for key in records.keys { records[key]?.removeValue(forKey: name) }
        case 2, 3:
            guard
                let new = ["a", "b", "c", "d"].first(where: { name in
                    !fields.contains { $0.name == name }
                })
            else { return try search(place) }
            var field = Field(new, .text, isSearchable: random.below(3) > 0)
            switch random.below(3) {
            case 0: field.standard = .text(Self.words[random.below(8)])
            case 1: field.generated = try Expression("upper(\(name))")
            default: break
            }
            try store.define(SearchedItems.schema([field]), waits: false)
            fields.append(field)
            records = records.mapValues { filled($0, new: new) }
        default: try search(place)
        }
    }

    private mutating func search(_ place: Int) throws {
        guard !fields[place].isSearchable else { return }
        fields[place].isSearchable = true
        try store.define(SearchedItems.schema([fields[place]]), waits: false)
    }

    private func isNeeded(_ name: String) -> Bool {
        fields.contains { $0.generated?.fields.contains(name) ?? false }
    }

    private mutating func step() throws {
        steps += 1
        switch random.below(12) {
        case 0..<4: try change()
        case 4..<7: try store.upkeep([.index])
        case 7: try store.upkeep([.merge, .sweep, .trim, .compact])
        case 8: try store.checkpointNow()
        case 9: clock.advance(by: 1_000_000)
        case 10: try check()
        default: try restart()
        }
    }

    private mutating func restart() throws {
        disk = random.below(2) == 0 ? disk.crashKeepingAll() : disk.crash(using: random)
        let mode: StoreMode = random.below(4) == 0 ? .rebuild : .open
        store = try Store.open("store", mode, options: Self.options(disk, clock))
    }

    /// A record with what it was not given, in one field or in all.
    private func filled(_ given: [String: Value], new: String? = nil) -> [String: Value] {
        var record = given
        for field in fields where new == nil || field.name == new {
            if let standard = field.standard, record[field.name] == nil {
                record[field.name] = standard
            }
            if let expression = field.generated {
                let known = record
                let value = expression.evaluate { known[$0] ?? .null }
                record.removeValue(forKey: field.name)
                if !value.isNull { record[field.name] = value }
            }
        }
        return record
    }

    private mutating func change() throws {
        var changes: [Change] = []
        let given = fields.first { $0.generated == nil }?.name ?? ""
        for _ in 0..<(1 + random.below(4)) {
            let key = "k\(random.below(70))"
            let reference = Reference("items", .text(key))
            switch random.below(8) {
            case 0:
                changes.append(random.below(2) == 0 ? .delete(reference) : .erase(reference))
                records.removeValue(forKey: key)
                continue
            case 1:
                // It is gone before anybody asks.
                let end = Instant(microseconds: clock.now() + 1)
                changes.append(
                    .put(Put("items", .text(key), [given: "oak"], expiresAt: end))
                )
                records.removeValue(forKey: key)
                continue
            case 2 where records[key] != nil:
                let words = Self.words[random.below(8)]
                changes.append(
                    .patch(Patch("items", .text(key), [.set(FieldPath(given), .text(words))]))
                )
                var record = records[key] ?? [:]
                record[given] = .text(words)
                records[key] = filled(record)
                continue
            default: break
            }
            var record: [String: Value] = [:]
            for field in fields where field.generated == nil && random.below(3) > 0 {
                let words = (0..<random.below(5)).map { _ in Self.words[random.below(8)] }
                record[field.name] = .text(words.joined(separator: " "))
            }
            changes.append(SearchedItems.put(key, record))
            records[key] = filled(record)
        }
        _ = try store.commit(changes)
        clock.advance(by: 2)
    }

    private mutating func check() throws {
        let building = store.newest.state.roots.building.keys
        let entry = try store.snapshot().catalog.collection("items")
        for field in fields {
            let word = Self.words[random.below(8)]
            let match = Match(field.name, word)
            guard field.isSearchable else {
                try expectRefusal(.unknownField, field.name) {
                    _ = try SearchedItems.keys(store, match)
                }
                continue
            }
            guard !building.contains(try entry.text(field.name).number) else {
                early += 1
                try expectRefusal(.badRequest, field.name) {
                    _ = try SearchedItems.keys(store, match)
                }
                continue
            }
            let found = try SearchedItems.keys(store, match)
            #expect(found == keys(with: word, in: [field.name]), "seed \(seed), step \(steps)")
        }
        let ready = try fields.filter {
            try $0.isSearchable && !building.contains(entry.text($0.name).number)
        }.map(\.name)
        if ready.count > 1 {
            let weights = Dictionary(uniqueKeysWithValues: ready.map { ($0, 1.5) })
            let found = try SearchedItems.keys(store, Match(fields: weights, Self.words[0]))
            let wanted = keys(with: Self.words[0], in: ready)
            #expect(found == wanted, "seed \(seed), step \(steps), \(ready)")
        }
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    private func keys(with word: String, in names: [String]) -> [String] {
        records.filter { _, given in
            names.contains { name in
                (given[name]?.text ?? "").lowercased().split(separator: " ").contains { $0 == word }
            }
        }.keys.sorted()
    }
}
