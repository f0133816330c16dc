// Pages that are packed, deltas against them, and what becomes of their places.

import MnemeBase
import Synchronization
import Testing

@testable import MnemePages

@Suite struct PageDeltaTests {
    /// Bytes of a page that LZ4 cannot shrink much.
    private static func fill(_ page: MutablePage, _ randomness: SeededRandomness, _ count: Int) {
        for offset in stride(from: 64, to: 64 + count, by: 8) {
            page.store(randomness.next(), offset)
        }
    }

    /// What one page of the model holds: words by offset.
    private typealias Model = [UInt64: [Int: UInt64]]

    private static func expect(_ view: PageView, _ model: Model, _ hint: String) throws {
        for (number, words) in model {
            let page = try view.page(PageID(.tree, number))
            for (offset, word) in words where page.load64(offset) != word {
                Issue.record("\(hint): page \(number) at \(offset)")
                return
            }
        }
    }

    /// Edits, frees and makes pages at random; checkpoints fail at random writes, some of which
    /// stand there all the same; every opening shows the newest checkpoint that went well, or a
    /// later one that was refused, with exactly its places in use.
    @Test func behavesAsADictionary() throws {
        let randomness = SeededRandomness(seed: newSeed("page deltas"))
        let disk = MemoryDisk()
        let identity = StoreIdentity(high: 7, low: 11)
        let file = FailingFile(try disk.open("pages", .create))
        try file.write([UInt8](repeating: 0, count: 2 * PageLayout.size), at: 0)
        var pages = PageFile.empty(file, identity)
        var (model, models): (Model, [UInt8: Model]) = ([:], [:])
        var durable: UInt8?
        var deltas = 0
        for round in 0..<200 {
            let editor = pages.edit()
            var next = model
            for _ in 0..<randomness.below(40) {
                let numbers = next.keys.sorted()
                let choice = numbers.count < 60 ? 0 : randomness.below(30)
                if choice == 0 {
                    let (id, page) = editor.allocate(kind: 9)
                    next[id.number] = Self.words(page, randomness, 1 + randomness.below(900))
                } else if choice == 1 {
                    let number = numbers[randomness.below(numbers.count)]
                    editor.free(PageID(.tree, number))
                    next[number] = nil
                } else {
                    let number = numbers[randomness.below(numbers.count)]
                    let page = try editor.edit(PageID(.tree, number))
                    let word = Self.words(page, randomness, choice < 4 ? 500 : 1 + choice % 3)
                    next[number]?.merge(word) { $1 }
                }
            }
            if randomness.below(10) == 0 {
                pages.discard(editor)
            } else {
                pages.publish(editor)
                model = next
            }
            guard randomness.below(3) == 0 else { continue }
            file.writesLeft = randomness.below(2) == 0 ? randomness.below(8) : nil
            file.keepsWhatItRefuses = randomness.below(2) == 0
            models[UInt8(round)] = model
            do throws(PageError) {
                try pages.checkpoint(pages.root, payload: [UInt8(round)])
                durable = UInt8(round)
            } catch {
                #expect(file.writesLeft == 0)
            }
            file.writesLeft = nil
            deltas = max(deltas, pages.checkpointed.withLock { $0.written.deltaCount })
            let opened = try PageFile.open(disk, path: "pages", identity: identity)
            let shown = opened.payload?.first
            #expect(shown ?? 0 >= durable ?? 0)
            guard let expected = shown.flatMap({ models[$0] }) else { continue }
            try Self.expect(opened.file.root.view, expected, "round \(round)")
            if randomness.below(6) == 0 {
                pages = try PageFile.open(
                    OneFile(file),
                    path: "pages",
                    identity: identity
                ).file
                model = expected
            }
            try Self.expect(pages.root.view, model, "round \(round), in memory")
        }
        #expect(deltas > 20)
        // What is in use is what an opening finds in use, when nothing waits any more.
        for _ in 0..<2 { try pages.checkpoint(pages.root, payload: []) }
        let opened = try PageFile.open(disk, path: "pages", identity: identity).file
        let (mine, theirs) = (pages.usage, opened.usage)
        #expect(mine.fileBytes - mine.freeBytes == theirs.fileBytes - theirs.freeBytes)
    }

    /// Every write of a checkpoint is refused in turn, and done all the same: an opening shows the
    /// checkpoint before it, or all of it when it was its root block, and later ones go well.
    @Test func aRefusedRootBlockMayStandThere() throws {
        let disk = MemoryDisk()
        let identity = StoreIdentity(high: 7, low: 11)
        let file = FailingFile(try disk.open("pages", .create))
        try file.write([UInt8](repeating: 0, count: 2 * PageLayout.size), at: 0)
        let pages = PageFile.empty(file, identity)
        var editor = pages.edit()
        let (id, page) = editor.allocate(kind: 9)
        page.store(UInt64(0), 100)
        pages.publish(editor)
        try pages.checkpoint(pages.root, payload: [0])
        file.keepsWhatItRefuses = true
        func shown() throws -> UInt8? {
            let opened = try PageFile.open(disk, path: "pages", identity: identity)
            let value = try opened.file.root.view.page(id).load64(100)
            #expect(opened.payload == [UInt8(value)])
            return opened.payload?.first
        }
        var refused: [Bool] = []
        var round: UInt8 = 0
        while file.writesLeft != nil || refused.isEmpty {
            let before = try shown()
            round += 1
            editor = pages.edit()
            try editor.edit(id).store(UInt64(round), 100)
            pages.publish(editor)
            file.writesLeft = refused.count
            do throws(PageError) {
                try pages.checkpoint(pages.root, payload: [round])
                file.writesLeft = nil
            } catch {
                let after = try shown()
                #expect(after == before || after == round)
                refused.append(after == round)
            }
        }
        // The last write is the root block's.
        #expect(refused.count > 1 && refused.last == true && !refused.dropLast().contains(true))
        #expect(try shown() == round)
    }

    private static func words(
        _ page: MutablePage,
        _ randomness: SeededRandomness,
        _ count: Int
    ) -> [Int: UInt64] {
        var words: [Int: UInt64] = [:]
        for _ in 0..<count {
            let offset = 32 + 8 * randomness.below(1020)
            words[offset] = randomness.next()
        }
        for (offset, word) in words { page.store(word, offset) }
        return words
    }

    @Test func aSmallChangeTakesLittle() throws {
        let randomness = SeededRandomness(seed: newSeed("small changes"))
        var world = try World()
        var editor = world.file.edit()
        for _ in 0..<400 { Self.fill(editor.allocate(kind: 9).1, randomness, 8000) }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        let before = world.file.usage
        editor = world.file.edit()
        for number in 0..<UInt64(400) {
            try editor.edit(PageID(.tree, number)).store(number, 4000)
        }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        // 400 deltas of some 70 bytes, and the two nodes and the directory page twice.
        let more = world.file.usage.fileBytes - before.fileBytes
        #expect(more < 12 * PageLayout.size)
        _ = try world.reopen()
        for number in 0..<UInt64(400) {
            #expect(try world.file.root.view.page(PageID(.tree, number)).load64(4000) == number)
        }
    }

    /// Deltas that are left alone in their pages move when they are touched.
    @Test func scatteredDeltasAreGathered() throws {
        let randomness = SeededRandomness(seed: newSeed("scattered deltas"))
        let world = try World()
        var editor = world.file.edit()
        for _ in 0..<8000 { Self.fill(editor.allocate(kind: 9).1, randomness, 2000) }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        // Every checkpoint writes one delta that stays and many that the next one replaces.
        for round in UInt64(0)..<150 {
            editor = world.file.edit()
            try editor.edit(PageID(.tree, 100 + round)).store(round, 4000)
            for number in 0..<UInt64(40) {
                try editor.edit(PageID(.tree, number)).store(round, 4000)
            }
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [])
        }
        func excess() -> Int {
            world.file.checkpointed.withLock { $0.written.deltas.count - $0.written.deltaPageLimit }
        }
        #expect(excess() > 0)
        _ = world.file.touch(world.file.scatteredPages(atMost: 1000))
        try world.file.checkpoint(world.file.root, payload: [])
        #expect(excess() <= 0)
        #expect(world.file.scatteredPages(atMost: 1000).isEmpty)
        for round in UInt64(0)..<150 {
            let page = try world.file.root.view.page(PageID(.tree, 100 + round))
            #expect(page.load64(4000) == round)
        }
    }

    @Test func packedPagesAndDeltasAreAsWrittenDown() throws {
        let world = try World()
        var editor = world.file.edit()
        let (id, page) = editor.allocate(kind: 9)
        page.store(UInt64(0x0102_0304_0506_0708), 100)
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        editor = world.file.edit()
        try editor.edit(id).store(UInt64(0x1112_1314_1516_1718), 5000)
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        let file = try world.disk.open(world.path, .read)
        // The packed page: one place, the first after the root blocks.
        let base = try file.read(at: 16384, count: 1024)
        #expect(base[8..<24] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        let count = Int(base[24]) | Int(base[25]) << 8
        #expect(base[26..<32].allSatisfy { $0 == 0 })
        #expect(base[(32 + count)...].allSatisfy { $0 == 0 })
        let seal = Checksum.xxh3(Array(base[8...]), seed: 16)
        #expect(Array(base[..<8]) == (0..<8).map { UInt8(truncatingIfNeeded: seal >> ($0 * 8)) })
        var whole = try #require(LZ4.decompress(Array(base[32..<(32 + count)]), count: 8192))
        #expect(whole[16] == 9 && whole[100..<108] == [8, 7, 6, 5, 4, 3, 2, 1])
        // The delta, the first of its page.
        let spot = world.file.checkpointed.withLock { $0.written[id].spot }
        #expect(spot.base.first == 16 && spot.base.count == 1 && spot.delta.offset == 32)
        let deltas = try file.read(at: spot.delta.page.byteOffset, count: 8192)
        #expect(deltas[8..<17] == [0, 0, 0, 0, 0, 0, 0, 0xfd, 0xfd])
        #expect(deltas[24..<32] == [2, 0, 0, 0, 0, 0, 0, 0])
        #expect(deltas[40..<48].allSatisfy { $0 == 0 })
        whole.replaceSubrange(5000..<5008, with: [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11])
        let made = Checksum.xxh3(Array(whole[8...]), seed: 16)
        #expect(
            Array(deltas[32..<40]) == (0..<8).map { UInt8(truncatingIfNeeded: made >> ($0 * 8)) }
        )
    }
}

/// A file whose writes fail when as many have been done as were left.
final class FailingFile: DiskFile, @unchecked Sendable {
    private let below: any DiskFile
    /// Nil where none fails.
    var writesLeft: Int?
    /// What is refused is written all the same.
    var keepsWhatItRefuses = false

    init(_ below: any DiskFile) { self.below = below }

    var path: String { below.path }

    func byteCount() throws(DiskError) -> UInt64 { try below.byteCount() }

    func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError) {
        try below.read(into: &span, at: offset)
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        if let left = writesLeft {
            if left == 0 {
                if keepsWhatItRefuses { try below.write(span, at: offset) }
                throw .full(path: path)
            }
            writesLeft = left - 1
        }
        try below.write(span, at: offset)
    }

    func truncate(to byteCount: UInt64) throws(DiskError) { try below.truncate(to: byteCount) }

    func sync() throws(DiskError) { try below.sync() }

    func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        try below.map(at: offset, count: count)
    }

    func close() throws(DiskError) { try below.close() }
}

/// A disk of one file that is there.
struct OneFile: Disk {
    let file: any DiskFile

    init(_ file: any DiskFile) { self.file = file }

    func createDirectory(_ path: String) throws(DiskError) {}
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile { file }
    func list(_ directory: String) throws(DiskError) -> [String] { [file.path] }
    func rename(_ from: String, to: String) throws(DiskError) { throw .denied(path: from) }
    func remove(_ path: String) throws(DiskError) { throw .denied(path: path) }
    func link(_ from: String, to: String) throws(DiskError) { throw .denied(path: from) }
    func linkCount(_ path: String) throws(DiskError) -> Int { 1 }
    func syncDirectory(_ path: String) throws(DiskError) {}
    func lock(_ path: String) throws(DiskError) -> any DiskLock { throw .busy(path: path) }
}
