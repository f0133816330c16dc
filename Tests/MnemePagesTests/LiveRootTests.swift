// What roots leave behind, and what becomes of edits when there is no memory.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct LiveRootTests {
    private static func fill(_ world: World, _ count: UInt64) -> PageRoot {
        let editor = world.file.edit()
        for number in 0..<count { editor.allocate(kind: 9).1.store(number, 100) }
        return world.file.publish(editor)
    }

    @Test func anOldRootKeepsOneVersionOfEveryPage() throws {
        let world = try World()
        let first = Self.fill(world, 300)
        let before = world.file.usage.residentBytes
        for round in 1...50 {
            let editor = world.file.edit()
            for number in 0..<UInt64(300) {
                try editor.edit(PageID(.tree, number)).store(number + 1000 * UInt64(round), 100)
            }
            world.file.publish(editor)
        }
        #expect(world.file.usage.residentBytes <= 2 * before)
        for number in 0..<UInt64(300) {
            #expect(try first.view.page(PageID(.tree, number)).load64(100) == number)
        }
        #expect(world.file.oldestGeneration == first.generation)
    }

    /// Roots are let go of in any order, checkpoints are written between, and every root that is
    /// left shows what it showed; in the end nothing is left behind.
    @Test func rootsGoInAnyOrder() throws {
        let randomness = SeededRandomness(seed: newSeed("roots"))
        var world = try World()
        var held: [(root: PageRoot, model: [UInt64: UInt64])] = []
        _ = Self.fill(world, 700)
        var model = Dictionary(uniqueKeysWithValues: (0..<UInt64(700)).map { ($0, $0) })
        for _ in 0..<400 {
            let editor = world.file.edit()
            var next = model
            for _ in 0..<randomness.below(12) {
                let (number, value) = (UInt64(randomness.below(700)), randomness.next())
                try editor.edit(PageID(.tree, number)).store(value, 100)
                next[number] = value
            }
            if randomness.below(6) == 0 {
                world.file.discard(editor)
            } else {
                let root = world.file.publish(editor)
                model = next
                if randomness.below(2) == 0 { held.append((root, model)) }
            }
            if randomness.below(9) == 0 {
                try world.file.checkpoint(world.file.root, payload: [])
            }
            while held.count > 6 { held.remove(at: randomness.below(held.count)) }
            if let one = held.randomElement() {
                for (number, value) in one.model where number % 7 == 0 {
                    #expect(try one.root.view.page(PageID(.tree, number)).load64(100) == value)
                }
            }
        }
        held = []
        // 700 pages, two nodes.
        #expect(world.file.usage.residentBytes == 702 * PageLayout.size)
        for _ in 0..<2 { try world.file.checkpoint(world.file.root, payload: []) }
        let usage = world.file.usage
        _ = try world.reopen()
        #expect(
            world.file.usage.fileBytes - world.file.usage.freeBytes
                == usage.fileBytes - usage.freeBytes
        )
        for (number, value) in model {
            #expect(try world.file.root.view.page(PageID(.tree, number)).load64(100) == value)
        }
    }

    /// Blocks are idle that nobody took between two looks, until their memory was given back.
    @Test func idleMemoryIsGivenBackOnce() throws {
        let pool = FramePool()
        let most = (0..<3000).map { _ in pool.take() }
        #expect(pool.lookForIdle() == 0)
        pool.give(Array(most.dropFirst(500)))
        // They were in use until now.
        #expect(pool.lookForIdle() < 1000)
        #expect(pool.lookForIdle() >= 2500)
        pool.giveBackMemory()
        #expect(pool.lookForIdle() == 0)
        let again = (0..<1000).map { _ in pool.take() }
        #expect(Set(again).isDisjoint(with: most.prefix(500)))
        pool.give(again)
        #expect(pool.lookForIdle() == 0)
        #expect(pool.lookForIdle() == 1000)
        pool.give(Array(most.prefix(500)))
        #expect(pool.taken == 0)
    }

    @Test func withoutMemoryEditsAreRefusedAndLeaveNoTrace() throws {
        let world = try World()
        let root = Self.fill(world, 1000)
        let pool = world.file.cache.pool
        pool.limit(moreArenas: 0)
        let taken = pool.taken
        let editor = world.file.edit()
        var done: UInt64 = 0
        #expect(throws: PageError.noMemory) {
            for number in 0..<UInt64(1000) {
                try editor.edit(PageID(.tree, number)).store(UInt64(7), 100)
                done += 1
            }
        }
        #expect(done > 0 && done < 1000)
        // Who cannot be refused has the reserve.
        _ = editor.allocate(kind: 9)
        world.file.discard(editor)
        #expect(pool.taken == taken)
        for number in 0..<UInt64(1000) {
            #expect(try root.view.page(PageID(.tree, number)).load64(100) == number)
        }
        pool.limit(moreArenas: .max)
        let again = world.file.edit()
        for number in 0..<UInt64(1000) {
            try again.edit(PageID(.tree, number)).store(UInt64(8), 100)
        }
        world.file.publish(again)
        #expect(try world.file.root.view.page(PageID(.tree, 999)).load64(100) == 8)
    }
}
