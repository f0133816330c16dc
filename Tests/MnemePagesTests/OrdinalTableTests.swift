// The ordinal table is as large as what lives: pages of the dead go, and the nodes above them,
// while whoever holds an older root keeps what it sees.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct OrdinalTableTests {
    private func entry(_ birth: UInt64) -> OrdinalEntry {
        OrdinalEntry(place: birth * 8, birth: birth, owner: 1, collection: 2, flags: 0)
    }

    @Test(arguments: [1, 2, newSeed("the ordinal table")])
    func theTableHoldsWhatLives(seed: UInt64) throws {
        var run = try TableRun(seed)
        for _ in 0..<150 { try run.step() }
        try run.finish()
    }

    @Test func aPageGoesWithTheLastThatLivesThere() throws {
        let world = try World()
        let editor = world.file.edit()
        for ordinal in UInt64(1)...500 { try OrdinalTable.set(entry(7), of: ordinal, in: editor) }
        func end(_ ordinals: ClosedRange<UInt64>) throws {
            for ordinal in ordinals {
                #expect(try OrdinalTable.end(ordinal, at: 9, last: 500, in: editor))
            }
        }
        try end(204...406)
        #expect(try OrdinalTable.entry(300, in: editor.view)?.death == 9)
        try end(407...407)
        #expect(try OrdinalTable.entry(300, in: editor.view) == nil)
        #expect(try !OrdinalTable.end(300, at: 10, last: 500, in: editor))
        // That of the highest ordinal stays, until another page has a higher one.
        try end(408...500)
        #expect(editor.view.ordinalPages.map(\.number) == [0, 2])
        #expect(try OrdinalTable.next(in: editor.view) == 501)
        try OrdinalTable.set(entry(11), of: 612, in: editor)
        try OrdinalTable.dropDead(pageOf: 500, in: editor)
        try OrdinalTable.dropDead(pageOf: 203, in: editor)
        #expect(editor.view.ordinalPages.map(\.number) == [0, 3])
        #expect(try OrdinalTable.entry(203, in: editor.view) == entry(7))
    }

    /// What a checkpoint knew of a node that went is no base for what takes its numbers.
    @Test func aNodeGoesWithItsLastPage() throws {
        var world = try World()
        func change(_ body: (PageEditor) throws -> Void) throws {
            let editor = world.file.edit()
            try body(editor)
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [])
        }
        let far = 204 * 512 * UInt64(3)
        for birth in UInt64(1)...3 {
            try change { editor in
                for ordinal in [5, 300, far, far + 300] {
                    try OrdinalTable.set(entry(birth), of: ordinal, in: editor)
                }
            }
        }
        // The first version's bases stand, and deltas against them.
        #expect(world.file.pagesWithDeltas.count == 4)
        #expect(world.file.root.directories[1].heldCount == 2)
        let before = world.file.tableBytes
        var ended = 0
        try change { editor in
            for ordinal in [UInt64(5), 300]
            where try OrdinalTable.end(ordinal, at: 9, last: far + 300, in: editor) {
                ended += 1
            }
        }
        #expect(ended == 2)
        #expect(world.file.root.directories[1].heldCount == 1)
        #expect(world.file.tableBytes == before - PageLayout.size)
        #expect(Set(world.file.pagesWithDeltas) == Set(world.file.root.view.ordinalPages))
        try change { try OrdinalTable.set(entry(12), of: 5, in: $0) }
        for reopens in [false, true] {
            if reopens { _ = try world.reopen() }
            let view = world.file.root.view
            #expect(try OrdinalTable.entry(5, in: view) == entry(12))
            #expect(try OrdinalTable.entry(300, in: view) == nil)
            #expect(try OrdinalTable.entry(far, in: view) == entry(3))
            #expect(try OrdinalTable.next(in: view) == far + 301)
        }
    }

    @Test func discardingBringsPagesAndNodesBack() throws {
        let world = try World()
        var editor = world.file.edit()
        for ordinal in UInt64(1)...300 { try OrdinalTable.set(entry(3), of: ordinal, in: editor) }
        world.file.publish(editor)
        let resident = world.file.usage.residentBytes
        editor = world.file.edit()
        for ordinal in UInt64(1)...300 {
            #expect(try OrdinalTable.end(ordinal, at: 4, last: 204 * 512, in: editor))
        }
        #expect(editor.view.ordinals.heldCount == 0)
        world.file.discard(editor)
        #expect(world.file.usage.residentBytes == resident)
        #expect(try OrdinalTable.entry(300, in: world.file.root.view) == entry(3))
    }

    /// However many ordinals there were, the file and the memory have room for those that live.
    @Test func theFileDoesNotGrow() throws {
        let world = try World()
        var sizes: [PageUsage] = []
        var next: UInt64 = 1
        func change() throws {
            let editor = world.file.edit()
            for ordinal in next..<(next + 2000) {
                try OrdinalTable.set(entry(ordinal), of: ordinal, in: editor)
                if next == 1 { continue }
                #expect(try OrdinalTable.end(ordinal - 2000, at: 9, last: ordinal, in: editor))
            }
            next += 2000
            world.file.publish(editor)
        }
        for _ in 0..<60 {
            try change()
            try world.file.checkpoint(world.file.root, payload: [])
            sizes.append(world.file.usage)
        }
        #expect(world.file.root.directories[1].heldCount == 1)
        #expect(world.file.root.view.ordinalPages.count <= 11)
        let most = sizes[..<20].map(\.fileBytes).max() ?? 0
        let later = sizes[20...].map(\.fileBytes).max() ?? 0
        #expect(later <= most * 5 / 4, "\(sizes.map(\.fileBytes))")
        let resident = sizes.map(\.residentBytes).max() ?? 0
        #expect(resident <= 30 * PageLayout.size, "\(sizes.map(\.residentBytes))")
    }
}

/// A table, a plain model of it, and roots of both that are held.
private struct TableRun {
    struct Model {
        var entries: [UInt64: OrdinalEntry] = [:]
        var last: UInt64 = 0

        var living: [UInt64] {
            entries.filter { $0.value.death == OrdinalEntry.forever }.keys.sorted()
        }
        /// The numbers of the pages that there are.
        var pages: [UInt64] {
            let kept = living + (last > 0 ? [last] : [])
            return Set(kept.map { $0 / OrdinalTable.entriesPerPage }).sorted()
        }
        /// Forgets the page of an ordinal where nothing keeps it.
        mutating func forgetDead(pageOf ordinal: UInt64) {
            let number = ordinal / OrdinalTable.entriesPerPage
            if last / OrdinalTable.entriesPerPage == number { return }
            let first = number * OrdinalTable.entriesPerPage
            let page = first..<(first + OrdinalTable.entriesPerPage)
            if page.contains(where: { entries[$0]?.death == OrdinalEntry.forever }) { return }
            for ordinal in page { entries[ordinal] = nil }
        }
    }

    let seed: UInt64
    let random: SeededRandomness
    var world: World
    var model = Model()
    var written = Model()
    var kept: [(root: PageRoot, model: Model)] = []
    var birth: UInt64 = 0

    init(_ seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        world = try World()
        try world.file.checkpoint(world.file.root, payload: [])
    }

    mutating func step() throws {
        switch random.below(12) {
        case 0:
            try world.file.checkpoint(world.file.root, payload: [])
            written = model
        case 1:
            kept = []
            _ = try world.reopen()
            model = written
        case 2: kept.append((world.file.root, model))
        case 3...6: try edit { try $0.add($1) }
        default: try edit { try $0.end($1) }
        }
        try check(world.file.root.view, model)
        if kept.count > 4 {
            let (root, model) = kept.remove(at: random.below(kept.count))
            try check(root.view, model)
        }
    }

    mutating func finish() throws {
        for (root, model) in kept { try check(root.view, model) }
        kept = []
        do {
            let editor = world.file.edit()
            for ordinal in model.living { try end(ordinal, editor) }
            world.file.publish(editor)
        }
        #expect(world.file.root.view.ordinalPages.count <= 1, "seed \(seed)")
        for _ in 0..<3 { try world.file.checkpoint(world.file.root, payload: []) }
        #expect(world.file.usage.residentBytes <= 4 * PageLayout.size, "seed \(seed)")
    }

    private mutating func edit(_ body: (inout TableRun, PageEditor) throws -> Void) throws {
        let before = model
        let editor = world.file.edit()
        try body(&self, editor)
        if random.below(6) == 0 {
            world.file.discard(editor)
            model = before
        } else {
            world.file.publish(editor)
        }
    }

    private mutating func add(_ editor: PageEditor) throws {
        for _ in 0..<(1 + random.below(400)) {
            let isFar = random.below(2000) == 0
            try set(model.last + 1 + UInt64(isFar ? random.below(300_000) : 0), editor)
        }
        // A log that lacks frames brings lower ones later.
        let late = UInt64(random.below(Int(model.last))) + 1
        if random.below(4) == 0, model.entries[late] == nil { try set(late, editor) }
    }

    private mutating func set(_ ordinal: UInt64, _ editor: PageEditor) throws {
        birth += 1
        let entry = OrdinalEntry(place: birth, birth: birth, owner: 1, collection: 2, flags: 3)
        try OrdinalTable.set(entry, of: ordinal, in: editor)
        model.entries[ordinal] = entry
        let before = model.last
        guard ordinal > before else { return }
        model.last = ordinal
        if OrdinalTable.pageID(before) != OrdinalTable.pageID(ordinal) {
            try OrdinalTable.dropDead(pageOf: before, in: editor)
            model.forgetDead(pageOf: before)
        }
    }

    /// Ends neighbours as a rule, and some others.
    private mutating func end(_ editor: PageEditor) throws {
        let living = model.living
        guard !living.isEmpty else { return }
        let start = random.below(living.count)
        let count = random.below(2) == 0 ? 1 : random.below(600)
        for ordinal in living[start...].prefix(count) { try end(ordinal, editor) }
    }

    private mutating func end(_ ordinal: UInt64, _ editor: PageEditor) throws {
        birth += 1
        #expect(try OrdinalTable.end(ordinal, at: birth, last: model.last, in: editor))
        model.entries[ordinal]?.death = birth
        model.forgetDead(pageOf: ordinal)
    }

    private func check(_ view: PageView, _ model: Model) throws {
        #expect(view.ordinalPages.map(\.number) == model.pages, "seed \(seed)")
        let nodes = Set(model.pages.map { $0 >> nodeShift })
        #expect(view.ordinals.heldCount == nodes.count, "seed \(seed)")
        #expect(try OrdinalTable.next(in: view) == model.last + 1, "seed \(seed)")
        let wrong = try model.entries.filter { ordinal, entry in
            try OrdinalTable.entry(ordinal, in: view) != entry
        }
        #expect(wrong.isEmpty, "seed \(seed)")
        for _ in 0..<50 {
            let ordinal = UInt64(random.below(Int(model.last) + 300))
            let entry = try OrdinalTable.entry(ordinal, in: view)
            #expect(entry == model.entries[ordinal], "seed \(seed): \(ordinal)")
        }
        try OrdinalTable.checkSlack(view)
    }
}
