import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PageFileTests {
    /// Overwrites bytes of a file and seals the page again, as somebody might who wants to harm.
    static func forge(
        _ world: World, place: UInt64, _ change: (inout [UInt8]) -> Void
    ) throws {
        let file = try world.disk.open(world.path, .readWrite)
        let offset = place * UInt64(PageLayout.size)
        var bytes = try file.read(at: offset, count: PageLayout.size)
        change(&bytes)
        let checksum = Checksum.xxh3(Array(bytes.dropFirst(8)), seed: place)
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: checksum >> UInt64(index * 8)) }
        try file.write(bytes, at: offset)
    }

    static func put(_ value: UInt64, _ offset: Int, _ bytes: inout [UInt8]) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }

    static func filled(_ count: Int) throws -> World {
        let world = try World()
        let editor = world.file.edit()
        for number in 0..<UInt64(count) { editor.allocate(kind: 9).1.store(number, 100) }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [1, 2])
        return world
    }

    @Test func placesBeyondTheEndAreRefused() throws {
        for value in [UInt64.max, 1 << 50, 1 << 40] {
            var world = try Self.filled(10)
            try Self.forge(world, place: 0) { Self.put(value, 0x48, &$0) }
            #expect(throws: PageError.self) { try world.reopen() }
        }
        var world = try Self.filled(10)
        // The table node stands after its ten pages; its first entry is six bytes.
        try Self.forge(world, place: 12) { bytes in
            for index in 0..<6 { bytes[PageLayout.header + index] = 0xff }
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
