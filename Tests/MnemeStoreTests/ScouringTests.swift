// What was deleted leaves everything that is derived: the text runs, the pages, and the places of
// the page file that nothing uses any more.

import MnemeBase
import MnemeModel
import MnemePages
import MnemeText
import Testing

@testable import MnemeStore

@Suite struct ScouringTests {
    /// What only victims say, as it stands in keys, in the unique index and in the dictionary of a
    /// text run.
    private static let words = ["pneumono", "ultramicro", "xylophonist"]

    private static func change(_ index: Int, isVictim: Bool) -> Change {
        let word = isVictim ? words[2] : "piano"
        return StoreTests.put(
            isVictim ? "\(words[0])-\(index)-\(words[1])" : "key-\(index)",
            rank: Int64(index),
            body: "somebody plays the \(word) in room \(index)",
            owner: index % 2 == 0 ? "ann" : "bob"
        )
    }

    private static func victim(_ index: Int) -> Reference {
        Reference("notes", .text("\(words[0])-\(index)-\(words[1])"))
    }

    /// A store in which every tenth record is a victim, linked to its neighbour.
    private static func filled(_ disk: MemoryDisk) throws -> Store {
        let store = try Store.open("store", options: StoreTests.options(disk))
        try store.define(StoreTests.schema)
        for start in stride(from: 0, to: 1500, by: 50) {
            var changes = (start..<(start + 50)).map { change($0, isVictim: $0 % 10 == 3) }
            for index in stride(from: start + 3, to: start + 50, by: 10) {
                let other = Reference("notes", .text("key-\(index + 1)"))
                changes.append(.link(Link("cites", from: victim(index), to: other)))
            }
            _ = try store.commit(changes)
            if start % 300 == 0 { try store.checkpointNow() }
        }
        return store
    }

    /// Which of the victims' words stand in the page file.
    private static func found(_ disk: MemoryDisk) throws -> [String] {
        let file = try disk.open("store/pages", .read)
        let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
        return words.filter { word in
            // A dictionary stores the end of a word alone, where it begins as the one before.
            let pattern = Array(word.utf8.dropFirst(2))
            return bytes.indices.dropLast(pattern.count).contains { start in
                bytes[start] == pattern[0]
                    && bytes[start..<(start + pattern.count)].elementsEqual(pattern)
            }
        }
    }

    private static func delete(_ store: Store) throws {
        for start in stride(from: 3, to: 1500, by: 100) {
            _ = try store.commit(
                stride(from: start, to: start + 100, by: 10).map { .delete(victim($0)) }
            )
        }
    }

    private static func scour(_ store: Store) throws -> PageScour {
        var pass = PageScour(store.pages)
        while try store.scourPages(&pass) {}
        return pass
    }

    @Test func nothingDerivedSaysWhatWasDeleted() throws {
        let disk = MemoryDisk()
        let store = try Self.filled(disk)
        try store.checkpointNow()
        #expect(try Self.found(disk) == Self.words)
        try Self.delete(store)
        let sequence = store.snapshot().sequence
        #expect(store.newest.state.roots.deadDocuments == 150)
        while try store.renewRun(deadThrough: sequence) {}
        #expect(store.newest.state.roots.deadDocuments == 0)
        let documents = store.newest.state.runs.reduce(0) { $0 + $1.documentCount }
        #expect(documents == 1350)
        #expect(try Self.found(disk) == Self.words)
        try store.flattenPages()
        #expect(store.pages.pagesWithDeltas.isEmpty)
        try store.checkpointNow()
        let pass = try Self.scour(store)
        #expect(pass.bytesZeroed > 0)
        #expect(try Self.found(disk) == [])
        let (outside, inside) = try store.pageResidues()
        #expect(inside.slack == [] && inside.damage == [])
        #expect(outside.counts.keys.allSatisfy { $0 == .older }, "\(outside.findings)")
        #expect(try Self.scour(store).bytesRead == 0)
        #expect(try store.verify().findings == [])
        try store.close()
        let again = try Store.open("store", .open, options: StoreTests.options(disk))
        #expect(try again.verify().findings == [])
        #expect(try again.statistics().records["notes"] == 1350)
        let matched = try again.snapshot().find(
            Find("notes", match: Match("body", "piano"), limit: 2000)
        )
        #expect(matched.rows.count == 1350)
    }

    /// Each step of the order is needed: without it something stays.
    @Test(arguments: ["runs", "flatten", "checkpoint", "scour"])
    func everyStepIsNeeded(_ left: String) throws {
        let disk = MemoryDisk()
        let store = try Self.filled(disk)
        try store.checkpointNow()
        try Self.delete(store)
        let sequence = store.snapshot().sequence
        if left != "runs" { while try store.renewRun(deadThrough: sequence) {} }
        if left == "flatten" { try store.checkpointNow() } else { try store.flattenPages() }
        if left != "checkpoint" { try store.checkpointNow() }
        if left != "scour" { _ = try Self.scour(store) }
        let isDelta = try store.pageResidues().outside.counts[.delta] ?? 0 > 0
        #expect(try !Self.found(disk).isEmpty || isDelta)
    }

    /// A reader of what was keeps it, and what follows waits for it.
    @Test func readersKeepWhatTheySee() throws {
        let disk = MemoryDisk()
        var store = try Self.filled(disk)
        try store.close()
        store = try Store.open("store", .open, options: StoreTests.options(disk))
        var reader: Snapshot? = store.snapshot()
        try Self.delete(store)
        while try store.renewRun(deadThrough: store.snapshot().sequence) {}
        try store.flattenPages()
        for _ in 0..<2 { try store.checkpointNow() }
        _ = try Self.scour(store)
        #expect(try store.pageResidues().outside.counts[.held] ?? 0 > 0)
        let matched = try reader?.find(
            Find("notes", match: Match("body", Self.words[2]), limit: 500)
        )
        #expect(matched?.rows.count == 150)
        reader = nil
        #expect(reader == nil)
        for _ in 0..<2 { try store.checkpointNow() }
        _ = try Self.scour(store)
        #expect(try Self.found(disk) == [])
        #expect(try store.pageResidues().outside.counts.keys.allSatisfy { $0 == .older })
    }

    /// What died after the sequence need not go; what was replaced goes too.
    @Test func runsAreRenewedUpToASequence() throws {
        let store = try Self.filled(MemoryDisk())
        let before = store.snapshot().sequence
        #expect(try !store.renewRun(deadThrough: before))
        _ = try store.commit([.delete(Self.victim(13))])
        let deleted = store.snapshot().sequence
        #expect(try !store.renewRun(deadThrough: before))
        let runs = store.newest.state.runs
        #expect(try store.renewRun(deadThrough: deleted))
        #expect(try !store.renewRun(deadThrough: deleted))
        // One run is another one, the others stay.
        let kept = store.newest.state.runs.filter { run in runs.contains { $0 === run } }
        #expect(kept.count == runs.count - 1)
        _ = try store.commit([Self.change(20, isVictim: false)])
        #expect(store.newest.state.roots.deadDocuments == 1)
        while try store.renewRun(deadThrough: store.snapshot().sequence) {}
        #expect(store.newest.state.roots.deadDocuments == 0)
        #expect(try store.verify().findings == [])
    }

    /// Steps come in any order beside commits and readers; what is durable is right each time.
    @Test func stepsStandBesideCommits() throws {
        let seed = RealRandomness().next()
        print("scouring beside commits: seed \(seed)")
        let randomness = SeededRandomness(seed: seed)
        let disk = MemoryDisk()
        var store = try Self.filled(disk)
        var pass = PageScour(store.pages)
        var readers: [Snapshot] = []
        for step in 0..<150 {
            switch randomness.below(9) {
            case 0: while try store.renewRun(deadThrough: store.snapshot().sequence) {}
            case 1: try store.flattenPages()
            case 2: try store.checkpointNow()
            case 3, 4: if try !store.scourPages(&pass) { pass = PageScour(store.pages) }
            case 5: readers.append(store.snapshot())
            case 6: readers = []
            case 7 where step % 5 == 0:
                readers = []
                try store.close()
                store = try Store.open("store", .open, options: StoreTests.options(disk))
                pass = PageScour(store.pages)
            default:
                let index = randomness.below(1600)
                let change = Self.change(index, isVictim: index % 10 == 3)
                let goes = randomness.below(3) == 0
                _ = try store.commit([goes ? .delete(Self.victim(index)) : change])
            }
            if let reader = readers.last { _ = try reader.find(Find("notes", owner: "ann")) }
        }
        #expect(try store.verify().findings == [])
        try store.close()
        store = try Store.open("store", .open, options: StoreTests.options(disk))
        #expect(try store.verify().findings == [])
    }
}
