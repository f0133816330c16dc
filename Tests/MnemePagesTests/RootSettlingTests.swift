// A root block that an opening could not read, and that reads well again later: it leads to places
// that are used again by then, and must not be believed.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct RootSettlingTests {
    private static let slots: [UInt64] = [0, UInt64(PageLayout.size)]

    /// What goes on after an opening that saw another root block than the newest.
    enum Next: CaseIterable {
        case checkpoint
        /// Everything of a checkpoint but its root block.
        case tornCheckpoint
        case extent
    }

    private static let pages = 12
    private static let rounds: UInt64 = 5

    /// A file after so many checkpoints, each of which changes every page.
    private static func written(_ rounds: UInt64) throws -> World {
        let world = try World(packs: false)
        for round in 0..<rounds {
            let editor = world.file.edit()
            for number in 0..<pages {
                if round == 0 { _ = editor.allocate(kind: 9) }
                try editor.edit(PageID(.tree, UInt64(number))).store(round, 96)
            }
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [UInt8(round)])
        }
        return world
    }

    private static func change(_ world: World, to value: UInt64) throws {
        let editor = world.file.edit()
        for number in 0..<pages {
            let id = PageID(.tree, UInt64(number))
            if !editor.view.holds(id) { _ = editor.allocate(kind: 9) }
            try editor.edit(id).store(value, 96)
        }
        world.file.publish(editor)
    }

    private static func values(_ file: PageFile) throws -> Set<UInt64> {
        let view = file.root.view
        return Set(try (0..<pages).map { try view.page(PageID(.tree, UInt64($0))).load64(96) })
    }

    @Test(arguments: Next.allCases, [1, 2, 3] as [UInt64])
    func aBlockThatComesBackLeadsNowhere(next: Next, rounds: UInt64) throws {
        // The slots that read as something else: broken, all zero, or an earlier one's bytes.
        for harm in ["broken", "zero", "older"] {
            for isBoth in [false, true] {
                let comment: Comment = "\(next) after \(rounds), \(harm), both \(isBoth)"
                var world = try Self.written(rounds)
                let earlier = try Self.written(max(rounds, 2) - 2)
                let file = try world.disk.open(world.path, .readWrite)
                let early = try earlier.disk.open(earlier.path, .read)
                let kept = try Self.slots.map { try file.read(at: $0, count: PageLayout.size) }
                let newest = Int((rounds + 1) % 2)
                for slot in 0..<2 where slot == newest || isBoth && rounds > 1 {
                    let at = Self.slots[slot]
                    switch harm {
                    case "broken" where slot == newest: try file.write([1, 2, 3], at: at)
                    case "older":
                        try file.write(try early.read(at: at, count: PageLayout.size), at: at)
                    default:
                        let zeros = [UInt8](repeating: 0, count: PageLayout.size)
                        try file.write(zeros, at: at)
                    }
                }
                let seen = try file.read(at: 0, count: Int(try file.byteCount()))
                let opened = Result { try world.reopen() }
                // An opening by itself changes nothing.
                #expect(try file.read(at: 0, count: seen.count) == seen, comment)
                // What the older block names may be used again already, which is told.
                let base = try? Self.values(world.file)
                guard case .success(let taken) = opened else { continue }
                // The disk reads well again.
                for slot in 0..<2 { try file.write(kept[slot], at: Self.slots[slot]) }
                let payload: [UInt8]?
                switch next {
                case .checkpoint:
                    guard (try? Self.change(world, to: 77)) != nil else { continue }
                    try world.file.checkpoint(world.file.root, payload: [77])
                    payload = [77]
                case .tornCheckpoint:
                    guard (try? Self.change(world, to: 77)) != nil else { continue }
                    let before = try Self.slots.map {
                        try file.read(at: $0, count: PageLayout.size)
                    }
                    try world.file.checkpoint(world.file.root, payload: [77])
                    // The block that the checkpoint wrote is torn.
                    for slot in 0..<2 {
                        let now = try file.read(at: Self.slots[slot], count: PageLayout.size)
                        if now != before[slot], try Self.number(now, slot) != nil {
                            try file.write([9], at: Self.slots[slot] + 100)
                        }
                    }
                    payload = taken
                case .extent:
                    _ = try world.file.writeExtent([UInt8](repeating: 5, count: 60_000))
                    payload = taken
                }
                let again = try world.reopen()
                #expect(again == payload, comment)
                let found = try? Self.values(world.file)
                if payload == [77] {
                    #expect(found == [77], comment)
                } else if base != nil {
                    #expect(found == base, comment)
                }
            }
        }
    }

    private static func number(_ bytes: [UInt8], _ slot: Int) throws -> UInt64? {
        (try? RootBlock(bytes, slot: UInt64(slot)))?.checkpoint
    }

    @Test func aNewFileStaysAsItIs() throws {
        var world = try World()
        #expect(try world.reopen() == nil)
        let file = try world.disk.open(world.path, .readWrite)
        let settling = RootSettling(try RootBlocks(of: file), taken: nil)
        try file.write([1], at: 0)
        try settling.settle(in: file)
        #expect(try file.read(at: 0, count: 1) == [1])
    }

    @Test func whatWasTakenIsWrittenOnceMore() throws {
        var world = try Self.written(3)
        _ = try world.reopen()
        let file = try world.disk.open(world.path, .readWrite)
        let kept = try file.read(at: 0, count: 2 * PageLayout.size)
        // As lost by a power cut, which the system's memory had hidden.
        try file.write([0, 0, 0], at: 8)
        try world.file.makeTakenDurable()
        #expect(try file.read(at: 0, count: 2 * PageLayout.size) == kept)
        // And not a second time.
        try file.write([0, 0, 0], at: 8)
        try world.file.makeTakenDurable()
        #expect(try file.read(at: 8, count: 3) == [0, 0, 0])
    }
}
