// formats/pages.md against the code, both directions.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PagesPageTests {
    private let page: FormatPage

    init() throws { page = try FormatPage("pages.md") }

    /// A page of its own for the length of `body`.
    private static func withPage(_ body: (MutablePage) throws -> Void) throws {
        let pool = FramePool()
        let frame = pool.take()
        defer { pool.give(frame) }
        PageReader.clear(frame)
        let base = unsafe try #require(PageReader.mutableBytes(frame).baseAddress)
        try body(unsafe MutablePage(base: base))
    }

    @Test func anEntryIsWrittenAndRead() throws {
        let spot = PageSpot(
            base: PlaceRun(300, count: 5),
            delta: DeltaSpot(4104, offset: 66),
            tag: CheckpointTag(of: 70_000)
        )
        let shown = try page.example("entry")
        #expect(shown.count == NodeEntry.size)
        try Self.withPage { node in
            for index in [0, 1, 511] {
                NodeEntry.store(spot, node, index)
                let offset = PageLayout.header + index * NodeEntry.size
                try page.expect(node.page.copy(offset, NodeEntry.size), "entry")
            }
            node.store(shown, PageLayout.header + 7 * NodeEntry.size)
            #expect(NodeEntry.load(node.page, 7) == spot)
            // Nothing at all is no page; a part of it is nothing that can be.
            #expect(NodeEntry.load(node.page, 8) == PageSpot.none)
            for offset in [5, 6, 11, 13] {
                var part = [UInt8](repeating: 0, count: NodeEntry.size)
                part[offset] = 1
                node.store(part, PageLayout.header + 8 * NodeEntry.size)
                #expect(NodeEntry.load(node.page, 8) == nil)
            }
        }
    }

    @Test func rowsAreTurnedAndTurnedBack() throws {
        let shown = try page.example("turned")
        #expect(shown.count == 24)
        let rows = try #require(TurnedRows(start: 40, stride: 3, count: 4))
        try Self.withPage { first in
            try Self.withPage { second in
                first.store(Array(shown[..<12]), 40)
                first.store(Array("behind".utf8), 52)
                first.store(UInt64(77), 32)
                let (from, to) = unsafe (
                    UInt(bitPattern: first.base), UInt(bitPattern: second.base)
                )
                unsafe rows.turn(
                    PageReader.bytes(from, 0, PageLayout.size),
                    into: PageReader.mutableBytes(to)
                )
                try page.expect(
                    first.page.copy(40, 12) + second.page.copy(40, 12),
                    "turned"
                )
                #expect(second.page.copy(52, 6) == Array("behind".utf8))
                #expect(second.page.load64(32) == 77)
                let whole = first.page.copy(0, PageLayout.size)
                unsafe rows.turnBack(
                    PageReader.mutableBytes(to),
                    by: PageReader.mutableBytes(from)
                )
                #expect(second.page.copy(0, PageLayout.size) == whole)
            }
        }
    }

    @Test func aRunIsWrittenAndRead() throws {
        let spot = PageSpot(base: PlaceRun(24, count: 6), tag: CheckpointTag(of: 2))
        var writer = ByteWriter()
        writer.put(spot.word)
        try page.expect(writer.bytes, "run")
        var reader = ByteReader(try page.example("run"))
        #expect(PageSpot(word: try reader.get()) == spot)
    }

    @Test func wordsInMemoryHoldTheLargestPlaces() {
        let last = PlaceLayout.limit - 1
        for tag in [0, 1, 0x8000, 0xffff] as [UInt16] {
            let spot = PageSpot(
                base: PlaceRun(last, count: 8),
                delta: DeltaSpot(last, offset: 8191),
                tag: CheckpointTag(bits: tag)
            )
            let entry = TableEntry.onDisk(spot)
            #expect(TableEntry.isOnDisk(entry) && TableEntry.frame(entry) == 0)
            #expect(TableEntry.spot(entry, delta: spot.delta) == spot)
            #expect(PageSpot(word: spot.word, delta: spot.delta) == spot)
        }
    }
}
