// What was taken out of the pages is not in the file any more, and what is still needed is.

import MnemeBase
import Synchronization
import Testing

@testable import MnemePages

@Suite struct PageScourTests {
    /// A word that nothing else writes.
    private static let secret: UInt64 = 0x5ec7_e75e_c7e7_5ec7

    private static func scour(_ pages: PageFile) throws -> PageScour {
        var pass = PageScour(pages)
        while try pass.step() {}
        return pass
    }

    /// How often the secret stands in the file.
    private static func secrets(_ world: World) throws -> Int {
        let file = try world.disk.open(world.path, .read)
        let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
        var pattern: [UInt8] = []
        for index in 0..<8 { pattern.append(UInt8(truncatingIfNeeded: secret >> (8 * index))) }
        var count = 0
        for index in bytes.indices.dropLast(7) where bytes[index] == pattern[0] {
            if bytes[index..<(index + 8)].elementsEqual(pattern) { count += 1 }
        }
        return count
    }

    private static func flatten(_ pages: PageFile) throws {
        _ = pages.touch(pages.pagesWithDeltas)
        try pages.checkpoint(pages.root, payload: [], flattening: true)
        #expect(pages.pagesWithDeltas.isEmpty)
    }

    /// Pages, some of which have the secret; noise keeps LZ4 from taking it apart.
    private static func fill(
        _ pages: PageFile,
        _ randomness: SeededRandomness,
        inArray: Bool = false
    ) -> [PageID] {
        let editor = pages.edit()
        var ids: [PageID] = []
        for index in 0..<100 {
            let (id, page) = make(editor, UInt64(index), inArray: inArray)
            for offset in stride(from: 64, to: 4000, by: 8) {
                page.store(randomness.next(), offset)
            }
            if index % 3 == 0 { page.store(secret, 2048) }
            ids.append(id)
        }
        pages.publish(editor)
        return ids
    }

    private static func make(
        _ editor: PageEditor,
        _ index: UInt64,
        inArray: Bool
    ) -> (PageID, MutablePage) {
        guard inArray else { return editor.allocate(kind: 9) }
        let id = PageID(.arrays, index)
        return (id, editor.create(id, kind: 9))
    }

    /// An editor keeps the root that it began with, so it must not outlive this.
    private static func free(_ ids: ArraySlice<PageID>, _ pages: PageFile) {
        let editor = pages.edit()
        for id in ids { editor.free(id) }
        pages.publish(editor)
    }

    private static func addPage(_ pages: PageFile) {
        let editor = pages.edit()
        _ = editor.allocate(kind: 9)
        pages.publish(editor)
    }

    private static func zeroSecrets(_ pages: PageFile, _ ids: [PageID]) throws {
        let editor = pages.edit()
        for index in ids.indices where index % 3 == 0 {
            try editor.edit(ids[index]).store(UInt64(0), 2048)
        }
        pages.publish(editor)
    }

    @Test(arguments: [false, true])
    func whatWasTakenOutIsGone(inArray: Bool) throws {
        let randomness = SeededRandomness(seed: newSeed("scour"))
        let world = try World()
        let pages = world.file
        let ids = Self.fill(pages, randomness, inArray: inArray)
        var extent: PageExtent? = try pages.writeExtent(
            [UInt8](repeating: 0xee, count: 5000) + pages.bytes(of: Self.secret)
        )
        try pages.checkpoint(pages.root, payload: [])
        #expect(try Self.secrets(world) == 35)
        try Self.zeroSecrets(pages, ids)
        extent = nil
        #expect(extent == nil)
        // An ordinary checkpoint writes deltas; the bases still say it.
        try pages.checkpoint(pages.root, payload: [])
        #expect(try Self.secrets(world) == 35)
        #expect(pages.pagesWithDeltas.count == 34)
        var residues = try pages.residues { _ in [] }
        #expect(residues.counts[.delta] == 34)
        try Self.flatten(pages)
        residues = try pages.residues { _ in [] }
        #expect(residues.counts[.delta] == nil && residues.counts[.older] ?? 0 > 0)
        // The older root block still names what was.
        _ = try Self.scour(pages)
        #expect(try Self.secrets(world) > 0)
        try pages.checkpoint(pages.root, payload: [])
        residues = try pages.residues { _ in [] }
        #expect(residues.counts[.free] ?? 0 > 0)
        let pass = try Self.scour(pages)
        #expect(pass.bytesZeroed > 34 * 4096)
        #expect(try Self.secrets(world) == 0)
        residues = try pages.residues { _ in [] }
        #expect(residues.counts.keys.allSatisfy { $0 == .older }, "\(residues.findings)")
        // Nothing is left to be done.
        let second = try Self.scour(pages)
        #expect(second.bytesRead == 0 && second.bytesZeroed == 0)
    }

    /// Pages of every space are written again, and stand before the end then.
    @Test(arguments: [false, true])
    func whatStandsAtTheEndMovesDown(inArray: Bool) throws {
        let randomness = SeededRandomness(seed: newSeed("packing"))
        let world = try World()
        let pages = world.file
        var extent: PageExtent? = try pages.writeExtent([UInt8](repeating: 7, count: 1 << 20))
        let ids = Self.fill(pages, randomness, inArray: inArray)
        for _ in 0..<2 { try pages.checkpoint(pages.root, payload: []) }
        #expect(pages.pages(from: try #require(extent).place.place + 1024).count == ids.count)
        #expect(pages.placeToPackTo == nil)
        extent = nil
        #expect(extent == nil)
        for _ in 0..<3 { try pages.checkpoint(pages.root, payload: []) }
        let place = try #require(pages.placeToPackTo)
        #expect(pages.pages(from: place).count == ids.count)
        _ = pages.touch(pages.pages(from: place))
        try pages.checkpoint(pages.root, payload: [], flattening: true)
        #expect(pages.pages(from: place).isEmpty)
        for (index, id) in ids.enumerated() where index % 3 == 0 {
            let page = try pages.cache.load(id, pages.root.directories)
            #expect(page.load64(2048) == Self.secret)
        }
    }

    /// A reader of an old root keeps what it needs; nothing of it is lost, and nothing gone.
    @Test func readersHoldUpTheirPages() throws {
        let randomness = SeededRandomness(seed: newSeed("scour readers"))
        let world = try World()
        let pages = world.file
        let ids = Self.fill(pages, randomness)
        try pages.checkpoint(pages.root, payload: [])
        // Nothing is in memory: the reader reads from the file.
        let opened = try PageFile.open(
            world.disk,
            path: world.path,
            identity: world.identity
        ).file
        var reader: PageRoot? = opened.root
        try Self.zeroSecrets(opened, ids)
        try Self.flatten(opened)
        for _ in 0..<2 { try opened.checkpoint(opened.root, payload: []) }
        _ = try Self.scour(opened)
        #expect(try Self.secrets(world) == 34)
        #expect(try opened.residues { _ in [] }.counts[.held] ?? 0 > 0)
        for index in ids.indices {
            let word = try reader?.view.page(ids[index]).load64(2048)
            #expect((word == Self.secret) == (index % 3 == 0))
        }
        reader = nil
        #expect(reader == nil)
        for _ in 0..<2 { try opened.checkpoint(opened.root, payload: []) }
        _ = try Self.scour(opened)
        #expect(try Self.secrets(world) == 0)
        #expect(try opened.residues { _ in [] }.counts[.held] == nil)
    }

    /// Dead deltas in the page of a live one stay, and are told; flattening frees the page.
    @Test func deadDeltasAreTold() throws {
        let randomness = SeededRandomness(seed: newSeed("dead deltas"))
        let world = try World()
        let pages = world.file
        let ids = Self.fill(pages, randomness)
        try pages.checkpoint(pages.root, payload: [])
        var editor = pages.edit()
        for id in ids.prefix(2) { try editor.edit(id).store(Self.secret, 3000) }
        pages.publish(editor)
        try pages.checkpoint(pages.root, payload: [])
        editor = pages.edit()
        try editor.edit(ids[0]).store(UInt64(7), 3000)
        pages.publish(editor)
        try pages.checkpoint(pages.root, payload: [])
        let dead = try pages.residues { _ in [] }.findings.filter { $0.kind == .deadDelta }
        #expect(dead.map(\.checkpoint) == [2])
        try Self.flatten(pages)
        #expect(try pages.residues { _ in [] }.counts[.deadDelta] == nil)
    }

    /// Bytes in every part of the file that nothing uses are told.
    @Test func whatDoesNotBelongIsTold() throws {
        let randomness = SeededRandomness(seed: newSeed("residues"))
        let world = try World()
        let pages = world.file
        let ids = Self.fill(pages, randomness)
        let extent = try pages.writeExtent([UInt8](repeating: 1, count: 5000))
        try pages.checkpoint(pages.root, payload: [])
        Self.free(ids[50..<51], pages)
        for _ in 0..<3 { try pages.checkpoint(pages.root, payload: []) }
        _ = try Self.scour(pages)
        func counts() throws -> [PageResidue.Kind: Int] {
            try pages.residues { _ in [extent.place] }.counts.filter { $0.key != .older }
        }
        #expect(try counts().isEmpty)
        let file = try world.disk.open(world.path, .readWrite)
        func flip(_ place: UInt64, _ kind: PageResidue.Kind) throws {
            let offset = place * 1024 + 1023
            let isInside = try file.byteCount() > offset
            let before = isInside ? try file.read(at: offset, count: 1) : []
            try file.write([0x77], at: offset)
            #expect(try counts() == [kind: 1], "\(kind)")
            if isInside {
                try file.write(before, at: offset)
            } else {
                try file.truncate(to: offset)
            }
        }
        let used = Set(pages.placesInUse)
        let free = try #require((16..<used.max()!).first { !used.contains($0) })
        try flip(free, .free)
        try flip(extent.place.place + 4, .rest)
        let packed = pages.checkpointed.withLock { $0.written[ids[1]].spot.base }
        #expect(!packed.isWhole)
        try flip(packed.first + UInt64(packed.count) - 1, .rest)
        try flip(used.max()! + 10, .end)
        #expect(try counts().isEmpty)
    }

    /// The older root block can be opened after a pass as before it, with all that it names.
    @Test func theOlderRootStands() throws {
        let randomness = SeededRandomness(seed: newSeed("older root"))
        var world = try World()
        var ids = Self.fill(world.file, randomness)
        var models: [UInt8: [PageID: UInt64]] = [:]
        for round in UInt8(1)..<60 {
            let pages = world.file
            let editor = pages.edit()
            for _ in 0..<randomness.below(30) {
                let index = randomness.below(ids.count)
                if randomness.below(8) == 0, ids.count > 50 {
                    editor.free(ids.remove(at: index))
                    let (id, page) = editor.allocate(kind: 9)
                    page.store(randomness.next(), 2048)
                    ids.append(id)
                } else {
                    try editor.edit(ids[index]).store(randomness.next(), 2048)
                }
            }
            pages.publish(editor)
            var model: [PageID: UInt64] = [:]
            for id in ids { model[id] = try pages.root.view.page(id).load64(2048) }
            models[round] = model
            try pages.checkpoint(
                pages.root,
                payload: [round],
                flattening: randomness.below(3) == 0
            )
            if randomness.below(2) == 0 { _ = try Self.scour(pages) }
            let file = try world.disk.open(world.path, .readWrite)
            let before = try file.read(at: 0, count: 2 * PageLayout.size)
            for slot in 0..<2 {
                // One of the two root blocks is lost.
                try file.write([0xff], at: UInt64(slot * PageLayout.size + 70))
                let opened = try PageFile.open(
                    world.disk,
                    path: world.path,
                    identity: world.identity,
                    writing: false
                )
                let shown = opened.payload?.first
                #expect(shown == round || shown == round - 1 || (shown == nil && round == 1))
                for (id, word) in shown.flatMap({ models[$0] }) ?? [:] {
                    #expect(try opened.file.root.view.page(id).load64(2048) == word)
                }
                try file.write(before, at: 0)
            }
            if randomness.below(5) == 0 {
                _ = try world.reopen()
                let pass = try Self.scour(world.file)
                // Which places the older root block names is not known yet.
                #expect(pass.bytesRead == 0)
            }
        }
    }

    /// Passes go on beside edits and checkpoints that fail at any write; the file opens, and shows
    /// what was made durable.
    @Test func passesStandFailures() throws {
        let randomness = SeededRandomness(seed: newSeed("scour failures"))
        let disk = MemoryDisk()
        let identity = StoreIdentity(high: 7, low: 11)
        let file = FailingFile(try disk.open("pages", .create))
        try file.write([UInt8](repeating: 0, count: 2 * PageLayout.size), at: 0)
        let pages = PageFile.empty(file, identity)
        let ids = Self.fill(pages, randomness)
        var (model, models): ([UInt64], [UInt8: [UInt64]]) = ([], [:])
        for id in ids { model.append(try pages.root.view.page(id).load64(2048)) }
        var pass = PageScour(pages)
        var (failures, extents): (Int, [PageExtent]) = (0, [])
        for round in UInt8(1)..<120 {
            let editor = pages.edit()
            for _ in 0..<10 {
                let index = randomness.below(ids.count)
                model[index] = randomness.next()
                try editor.edit(ids[index]).store(model[index], 2048)
            }
            pages.publish(editor)
            models[round] = model
            file.writesLeft = randomness.below(2) == 0 ? randomness.below(6) : nil
            do throws(PageError) {
                if randomness.below(3) == 0 {
                    extents.append(
                        try pages.writeExtent([UInt8](repeating: round, count: 3000))
                    )
                }
                if randomness.below(2) == 0 { extents = [] }
                try pages.checkpoint(pages.root, payload: [round])
                let goesOn = try pass.step()
                if !goesOn { pass = PageScour(pages) }
            } catch {
                failures += 1
            }
            file.writesLeft = nil
            let opened = try PageFile.open(disk, path: "pages", identity: identity)
            guard let expected = opened.payload.flatMap({ models[$0[0]] }) else { continue }
            for (index, id) in ids.enumerated() {
                #expect(try opened.file.root.view.page(id).load64(2048) == expected[index])
            }
            for extent in extents {
                #expect(try extent.map().copy(at: 0, count: 3000).allSatisfy { $0 == $0 })
            }
        }
        #expect(failures > 5)
        extents = []
        for _ in 0..<3 { try pages.checkpoint(pages.root, payload: [200]) }
        while try pass.step() {}
        pass = PageScour(pages)
        while try pass.step() {}
        let counts = try pages.residues { _ in [] }.counts
        #expect(Set(counts.keys).isSubset(of: [.older, .delta, .deadDelta]), "\(counts)")
    }

    /// What is free at the end of the file goes.
    @Test func theEndIsCut() throws {
        let randomness = SeededRandomness(seed: newSeed("cut"))
        var world = try World()
        let ids = Self.fill(world.file, randomness)
        try world.file.checkpoint(world.file.root, payload: [])
        let before = world.file.usage.fileBytes
        Self.free(ids[...], world.file)
        for round in 0..<3 {
            // The node of the page table moves down with it.
            if round > 0 { Self.addPage(world.file) }
            try world.file.checkpoint(world.file.root, payload: [3])
        }
        // Something stands behind the end, as after a crash.
        let file = try world.disk.open(world.path, .readWrite)
        try file.write([1, 2, 3], at: try file.byteCount() + 5000)
        _ = try Self.scour(world.file)
        #expect(Int(try file.byteCount()) < before / 4)
        #expect(Int(try file.byteCount()) == world.file.usage.fileBytes)
        #expect(try world.reopen() == [3])
        let found = try world.file.residues { _ in [] }
        #expect(found.counts.keys.allSatisfy { $0 == .older }, "\(found.findings)")
    }
}

extension PageFile {
    fileprivate func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
}
