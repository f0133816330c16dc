// The bound of the pages in memory: whatever goes, every root shows what it showed.

import MnemeBase
import Synchronization
import Testing

@testable import MnemePages

@Suite struct PageTrimTests {
    private static let limit = 64

    private struct Pinned {
        let root: PageRoot
        let model: [UInt64: UInt64]
    }

    private static func expect(_ root: PageRoot, _ model: [UInt64: UInt64]) throws {
        let view = root.view
        for (number, value) in model {
            let page = try view.page(PageID(.tree, number))
            if page.load64(100) != value || page.load64(8000) != ~value {
                Issue.record("page \(number)")
                return
            }
        }
    }

    /// Makes pages, and lets go of the editor, which keeps the root that it began with.
    private static func fill(_ world: World, _ count: UInt64) {
        let editor = world.file.edit()
        for number in 0..<count { editor.allocate(kind: 9).1.store(number, 100) }
        world.file.publish(editor)
    }

    @Test func everythingAnswersWithSixtyFourPages() throws {
        let randomness = SeededRandomness(seed: newSeed("small cache"))
        var world = try World()
        world.file.bound(bytes: Self.limit * PageLayout.size) {}
        var model: [UInt64: UInt64] = [:]
        var durable: [UInt64: UInt64] = [:]
        var pinned: [Pinned] = []
        var went = 0
        for round in 0..<600 {
            let editor = world.file.edit()
            var next = model
            for _ in 0..<randomness.below(20) {
                let value = randomness.next()
                let page: MutablePage
                let numbers = UInt64(next.count)
                if numbers < 100 || (numbers < 1500 && randomness.below(2) == 0) {
                    let (id, made) = editor.allocate(kind: 9)
                    page = made
                    next[id.number] = value
                } else {
                    let number = randomness.next() % numbers
                    page = try editor.edit(PageID(.tree, number))
                    next[number] = value
                }
                page.store(value, 100)
                page.store(~value, 8000)
            }
            if randomness.below(8) == 0 {
                world.file.discard(editor)
            } else {
                let root = world.file.publish(editor)
                model = next
                if randomness.below(6) == 0 { pinned.append(Pinned(root: root, model: model)) }
            }
            if pinned.count > 5 { pinned.remove(at: randomness.below(5)) }
            if randomness.below(10) == 0 || world.file.isCrowded {
                try world.file.checkpoint(world.file.root, payload: [])
                durable = model
            }
            if world.file.isOverfull, world.file.trim() != nil { went += 1 }
            if randomness.below(3) == 0, let one = pinned.first {
                try Self.expect(one.root, one.model)
            }
            if randomness.below(10) == 0 { try Self.expect(world.file.root, model) }
            if round % 200 == 199 {
                for one in pinned { try Self.expect(one.root, one.model) }
                pinned = []
                try world.file.checkpoint(world.file.root, payload: [])
                _ = try world.reopen()
                world.file.bound(bytes: Self.limit * PageLayout.size) {}
                durable = model
                try Self.expect(world.file.root, durable)
            }
        }
        #expect(went > 20)
    }

    @Test func whatIsOnDiskGoesAndTheRestStays() throws {
        let world = try World()
        let told = Mutex(0)
        world.file.bound(bytes: Self.limit * PageLayout.size) { told.withLock { $0 += 1 } }
        Self.fill(world, 2000)
        #expect(world.file.isOverfull && !world.file.isCrowded)
        #expect(world.file.trim() == nil)
        #expect(world.file.isCrowded)
        try world.file.checkpoint(world.file.root, payload: [])
        #expect(!world.file.isCrowded && world.file.isOverfull)
        #expect(world.file.trim() != nil)
        #expect(world.file.usage.residentBytes <= Self.limit * PageLayout.size)
        // Nothing has changed, so nothing but the directory page is written again.
        let before = world.file.checkpointed.withLock { $0.written.deltaCount }
        try world.file.checkpoint(world.file.root, payload: [])
        #expect(world.file.checkpointed.withLock { $0.written.deltaCount } == before)
        for _ in 0..<3 {
            for number in 0..<UInt64(2000) {
                let page = try world.file.root.view.page(PageID(.tree, number))
                #expect(page.load64(100) == number)
                if world.file.isOverfull { _ = world.file.trim() }
                #expect(world.file.usage.residentBytes <= 2 * Self.limit * PageLayout.size)
            }
        }
        #expect(told.withLock { $0 } > 0)
        let again = try PageFile.open(world.disk, path: world.path, identity: world.identity)
        let (mine, theirs) = (world.file.usage, again.file.usage)
        #expect(mine.fileBytes - mine.freeBytes == theirs.fileBytes - theirs.freeBytes)
    }

    /// Pages that are asked for again and again stay while others pass through.
    @Test func scansDoNotPushOutWhatIsUsed() throws {
        var world = try World()
        Self.fill(world, 3000)
        try world.file.checkpoint(world.file.root, payload: [])
        _ = try world.reopen()
        world.file.bound(bytes: 200 * PageLayout.size) {}
        var missed = 0
        for number in 0..<UInt64(3000) {
            for used in 0..<UInt64(20) {
                if world.file.root.view.pageInMemory(PageID(.tree, used)) == nil { missed += 1 }
                _ = try world.file.root.view.page(PageID(.tree, used))
            }
            _ = try world.file.root.view.page(PageID(.tree, number))
            if world.file.isOverfull { _ = world.file.trim() }
        }
        // Parked now and then, twice to begin with; without parking every turn would miss.
        #expect(missed < 3000)
        #expect(world.file.usage.residentBytes <= 250 * PageLayout.size)
    }
}
