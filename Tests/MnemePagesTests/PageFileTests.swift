import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PageFileTests {
    /// Overwrites bytes of a file whose pages are written as they are and seals the page again, as
    /// somebody might who wants to harm.
    ///
    /// `place`: counts whole pages.
    static func forge(
        _ world: World,
        place: UInt64,
        _ change: (inout [UInt8]) -> Void
    ) throws {
        let file = try world.disk.open(world.path, .readWrite)
        let offset = place * UInt64(PageLayout.size)
        var bytes = try file.read(at: offset, count: PageLayout.size)
        change(&bytes)
        let checksum = Checksum.xxh3(
            Array(bytes.dropFirst(8)),
            seed: place * UInt64(PlaceLayout.page)
        )
        put(checksum, 0, &bytes)
        try file.write(bytes, at: offset)
    }

    static func put(_ value: UInt64, _ offset: Int, _ bytes: inout [UInt8]) {
        for index in 0..<8 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
        }
    }

    static func filled(_ count: Int) throws -> World {
        let world = try World(packs: false)
        let editor = world.file.edit()
        for number in 0..<UInt64(count) { editor.allocate(kind: 9).1.store(number, 100) }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [1, 2])
        return world
    }

    @Test func placesBeyondTheEndAreRefused() throws {
        for value in [UInt64.max, 1 << 50, 1 << 40] {
            var world = try Self.filled(10)
            try Self.forge(world, place: 0) { Self.put(value, 0x50, &$0) }
            #expect(throws: PageError.self) { try world.reopen() }
        }
        var world = try Self.filled(10)
        // The table node stands after its ten pages; a place takes five bytes.
        try Self.forge(world, place: 12) { bytes in
            for index in 0..<5 { bytes[PageLayout.header + index] = 0xff }
        }
        #expect(throws: PageError.self) { try world.reopen() }
    }

    @Test func extentsBeyondTheEndAreRefused() throws {
        let world = try Self.filled(3)
        for place in [
            ExtentPlace(place: 2, byteCount: 10, checksum: 0),
            ExtentPlace(place: 7, byteCount: .max, checksum: 0),
            ExtentPlace(place: .max, byteCount: 8192, checksum: 0),
            ExtentPlace(place: 1 << 39, byteCount: 1, checksum: 0),
            ExtentPlace(place: 0, byteCount: 0, checksum: 0),
        ] {
            #expect(throws: PageError.self) { try world.file.openExtent(place) }
        }
    }

    /// The newest root block is damaged, and the one before names a page whose place a checkpoint
    /// that was never finished has reused for the same page.
    @Test func reusedPlacesAreNotTakenForOldPages() throws {
        var world = try World(packs: false)
        var editor = world.file.edit()
        let (id, page) = editor.allocate(kind: 9)
        page.store(UInt64(1), 100)
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [1])
        var isRefused = false
        for value in UInt64(2)..<8 {
            let file = try world.disk.open(world.path, .readWrite)
            let before = try file.read(at: 0, count: 2 * PageLayout.size)
            editor = world.file.edit()
            try editor.edit(id).store(value, 100)
            world.file.publish(editor)
            try world.file.checkpoint(world.file.root, payload: [UInt8(value)])
            // As if the newest block had not been written and the one before been lost.
            let after = try file.read(at: 0, count: 2 * PageLayout.size)
            let newest = before[..<PageLayout.size] == after[..<PageLayout.size] ? 1 : 0
            try file.write(before, at: 0)
            try file.write([0xff], at: UInt64((1 - newest) * PageLayout.size + 70))
            do {
                let payload = try world.reopen()
                let found = try world.file.root.view.page(id).load64(100)
                #expect(payload.map { UInt64($0[0]) } == found)
            } catch let error as PageError {
                guard case .corrupt = error else { throw error }
                isRefused = true
            }
            try file.write(after, at: 0)
            _ = try world.reopen()
            #expect(try world.file.root.view.page(id).load64(100) == value)
        }
        #expect(isRefused)
    }

    @Test func theSameRootIsWrittenAgain() throws {
        var world = try Self.filled(5)
        for round in UInt8(10)..<15 {
            try world.file.checkpoint(world.file.root, payload: [round])
            #expect(try world.reopen() == [round])
        }
        #expect(world.file.usage.freeBytes <= 2 * PageLayout.size)
    }

    @Test func extentsStayUntilNoCheckpointNamesThem() throws {
        let world = try World()
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var extent: PageExtent? = try world.file.writeExtent(bytes)
        let place = try #require(extent?.place)
        try world.file.checkpoint(world.file.root, payload: [1])
        extent = nil
        // The durable checkpoint may still name it: nothing may be written over it.
        var others = [try world.file.writeExtent([UInt8](repeating: 1, count: 20_000))]
        let again = try PageFile.open(world.disk, path: world.path, identity: world.identity)
        let mapped = try again.file.openExtent(place).map()
        #expect(try mapped.copy(at: 0, count: 20_000) == bytes)
        try world.file.checkpoint(world.file.root, payload: [2])
        others.append(try world.file.writeExtent([UInt8](repeating: 2, count: 20_000)))
        #expect(others[1].place.place == place.place)
    }

    @Test func filesWithoutAWholeRootBlockAreTold() throws {
        var world = try World()
        #expect(try world.reopen() == nil)
        let file = try world.disk.open(world.path, .readWrite)
        // A torn first checkpoint.
        try file.write([1, 2, 3], at: 0)
        #expect(try world.reopen() == nil)
        try file.write([1, 2, 3], at: UInt64(PageLayout.size))
        #expect(throws: PageError.self) { try world.reopen() }
    }

    @Test func otherStoresAndNewerFormatsAreTold() throws {
        let world = try Self.filled(3)
        #expect(throws: PageError.foreign(path: world.path)) {
            _ = try PageFile.open(
                world.disk,
                path: world.path,
                identity: StoreIdentity(high: 1, low: 1)
            )
        }
        for (version, error) in [
            (5, PageError.newer(version: 5)), (2, PageError.older(version: 2)),
            (1, PageError.older(version: 1)),
        ] {
            try Self.forge(world, place: 0) { $0[16] = UInt8(version) }
            #expect(throws: error) {
                _ = try PageFile.open(world.disk, path: world.path, identity: world.identity)
            }
        }
    }

    /// Several threads read pages in while others let roots go.
    @Test func readersLoadSideBySide() async throws {
        var world = try Self.filled(4000)
        _ = try world.reopen()
        let root = world.file.root
        await withTaskGroup(of: Int.self) { group in
            for task in 0..<4 {
                group.addTask {
                    let randomness = SeededRandomness(seed: UInt64(task))
                    var wrong = 0
                    for _ in 0..<5000 {
                        let number = UInt64(randomness.below(4000))
                        let page = try? root.view.page(PageID(.tree, number))
                        if page?.load64(100) != number { wrong += 1 }
                    }
                    return wrong
                }
            }
            for await wrong in group { #expect(wrong == 0) }
        }
        #expect(world.file.usage.residentBytes <= (4000 + 8) * PageLayout.size)
    }

    /// What nobody needs any more is used again, in memory and on disk.
    @Test func nothingLeaks() throws {
        let randomness = SeededRandomness(seed: newSeed("leaks"))
        let world = try World()
        var editor = world.file.edit()
        let tree = ColumnTree.create(ColumnShape(columns: [100]), in: editor)
        world.file.publish(editor)
        var pinned: [PageRoot] = []
        var fileBytes: [Int] = []
        for round in 0..<60 {
            editor = world.file.edit()
            for low in 0..<UInt64(400) {
                if round % 2 == 0 {
                    _ = try tree.slot(1, low, in: editor)
                } else {
                    try tree.remove(1, low, in: editor)
                }
            }
            pinned.append(world.file.publish(editor))
            if randomness.below(3) == 0 {
                try world.file.checkpoint(world.file.root, payload: [])
            }
            if randomness.below(2) == 0 { pinned.remove(at: randomness.below(pinned.count)) }
            if round % 10 == 9 {
                pinned = []
                // An editor keeps the root that it began with.
                editor = world.file.edit()
                world.file.discard(editor)
                try world.file.checkpoint(world.file.root, payload: [])
                fileBytes.append(world.file.usage.fileBytes)
            }
        }
        let usage = world.file.usage
        // The root of the tree and the one table node.
        #expect(usage.residentBytes == 2 * PageLayout.size)
        // Two root blocks, a directory page, a node, the tree's root, and what the root before
        // needed: the checkpoint that lets go of it is not written yet.
        #expect(usage.fileBytes - usage.freeBytes <= 9 * PageLayout.size)
        #expect(fileBytes[5] <= fileBytes[2] + 40 * PageLayout.size)
        let again = try PageFile.open(world.disk, path: world.path, identity: world.identity)
        #expect(again.file.usage.fileBytes - again.file.usage.freeBytes <= 5 * PageLayout.size)
    }

    @Test func bytesAreAsWrittenDown() throws {
        let world = try World(packs: false)
        let editor = world.file.edit()
        let tree = ColumnTree.create(ColumnShape(columns: [4, 8]), in: editor)
        let slot = try tree.slot(2, 3, in: editor)
        slot.store(UInt32(0x0102_0304), 0)
        slot.store(UInt64(0x0506_0708_090a_0b0c), 1)
        try OrdinalTable.set(
            OrdinalEntry(
                place: 0x11,
                birth: 0x22,
                death: 0x33,
                expiresAt: -2,
                owner: 0x44,
                collection: 0x55,
                flags: 0x66
            ),
            of: 205,
            in: editor
        )
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [0xaa, 0xbb])
        let file = try world.disk.open(world.path, .read)

        func expect(_ place: UInt64, _ offset: Int, _ hex: String) throws {
            let bytes = try file.read(
                at: place * UInt64(PageLayout.size) + UInt64(offset),
                count: hex.count / 2
            )
            let found = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(found == hex, "place \(place), offset \(offset)")
        }
        // The root block: head, counts of nodes, the directory page, the payload.
        try expect(0, 8, "4d4e454d45504731" + "04000000" + "00200000")
        try expect(0, 24, "0700000000000000" + "0b00000000000000")
        try expect(0, 40, "0200000000000000" + "0100000000000000")
        try expect(0, 56, "02000000" + "02000000" + "01000000" + "00000000")
        try expect(0, 72, "08000000" + "08000000" + "3000000000000000" + "aabb" + "0000")
        // The root of the column tree: head, total, columns, the key, the values.
        try expect(2, 8, "0000000000000000" + "03000100" + "00000000" + "0100000000000000")
        try expect(2, 32, "0100000000000000" + "0200000000000000" + "04000800" + "00000000")
        try expect(2, 64, "0200000000000000" + "0300000000000000" + "0000000000000000")
        try expect(2, 4672, "04030201")
        try expect(2, 5824, "0c0b0a0908070605")
        // The node that names it, of the first space.
        try expect(3, 8, "00000000000000fe" + "fe000000" + "00020000" + "0100000000000000")
        try expect(3, 32, "1000000000" + "08" + "0000000000" + "0000" + "0100" + "0000000000")
        // The page of ordinals 204 to 407, its second entry.
        try expect(4, 8, "0100000000000001" + "10000000")
        try expect(
            4,
            72,
            "1100000000000000" + "2200000000000000" + "3300000000000000"
                + "feffffffffffffff" + "44000000" + "5500" + "6600"
        )
        // The directory page: eight nodes of the first space, then eight of the second.
        try expect(6, 8, "00000000000000ff" + "ff000000" + "10000000" + "0100000000000000")
        try expect(6, 32, "8801000000000100" + "0000000000000000")
        try expect(6, 96, "8802000000000100" + "0000000000000000")
    }

    @Test func unknownSpacesAreRefused() throws {
        let world = try Self.filled(3)
        let view = world.file.root.view
        #expect(throws: PageError.self) { try view.page(PageID(bits: 2 << 56 | 1)) }
        #expect(throws: PageError.self) { try view.page(PageID(bits: 0xff << 56)) }
        #expect(throws: PageError.self) { try view.page(PageID(.tree, 3)) }
        #expect(throws: PageError.self) { try view.page(PageID(.tree, 1 << 50)) }
        for ordinal in [UInt64.max, 1 << 60, OrdinalTable.limit] {
            #expect(try OrdinalTable.entry(ordinal, in: view) == nil)
        }
    }
}
