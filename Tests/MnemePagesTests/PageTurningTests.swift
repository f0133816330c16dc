// Rows of a page turned and turned back, whatever stands in it, and what a head may say of them.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PageTurningTests {
    /// Two blocks of their own for the length of `body`.
    private func withBlocks(_ body: (BlockAddress, BlockAddress) throws -> Void) throws {
        let pool = FramePool()
        let (first, second) = (pool.take(), pool.take())
        defer {
            pool.give(first)
            pool.give(second)
        }
        PageReader.clear(first)
        PageReader.clear(second)
        try body(first, second)
    }

    private func page(_ block: BlockAddress) throws -> MutablePage {
        let base = unsafe try #require(PageReader.mutableBytes(block).baseAddress)
        return unsafe MutablePage(base: base)
    }

    @Test func everyByteComesBack() throws {
        let random = SeededRandomness(seed: newSeed("page turning"))
        try withBlocks { first, second in
            let page = try page(first)
            for round in 0..<200 {
                for offset in stride(from: 32, to: PageLayout.size, by: 8) {
                    page.store(round % 2 == 0 ? random.next() : UInt64(offset) / 40, offset)
                }
                let stride = 2 + random.below(60)
                let start = PageLayout.header + random.below(100)
                let most = (PageLayout.size - start) / stride
                let count = 2 + random.below(most - 1)
                let rows = try #require(TurnedRows(start: start, stride: stride, count: count))
                let whole = page.page.copy(0, PageLayout.size)
                unsafe rows.turn(
                    PageReader.bytes(first, 0, PageLayout.size),
                    into: PageReader.mutableBytes(second)
                )
                let turned = try self.page(second).page.copy(0, PageLayout.size)
                #expect(turned[..<start] == whole[..<start])
                #expect(turned[(start + stride * count)...] == whole[(start + stride * count)...])
                unsafe rows.turnBack(
                    PageReader.mutableBytes(second),
                    by: PageReader.mutableBytes(first)
                )
                #expect(try self.page(second).page.copy(0, PageLayout.size) == whole)
                page.store(whole, 0)
            }
        }
    }

    @Test func aHeadSaysWhatCanBe() throws {
        try withBlocks { block, _ in
            let head = try page(block)
            #expect(try TurnedRows(packed: head.page) == nil)
            let rows = try #require(TurnedRows(start: 48, stride: 8, count: 1018))
            rows.store(head)
            #expect(try TurnedRows(packed: head.page) == rows)
            for (start, count, stride) in [
                (31, 10, 8), (1, 10, 8), (48, 1, 8), (48, 0, 8), (48, 10, 1), (48, 10, 0),
                (48, 1019, 8), (8191, 2, 2), (65_535, 65_535, 255), (48, 65_535, 255),
                (0, 10, 8), (0, 10, 0), (0, 0, 8),
            ] as [(UInt16, UInt16, UInt8)] {
                head.store(start, StoredLayout.turnedStart)
                head.store(count, StoredLayout.turnedCount)
                head.store(stride, StoredLayout.turnedStride)
                #expect(throws: BytesError.self) { _ = try TurnedRows(packed: head.page) }
            }
        }
    }
}
