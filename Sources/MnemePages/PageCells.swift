// Cells of a page that slots lead to, as the pages of trees have them: a slot of eight bytes ends
// in where its cell stands and how many bytes of a key are in it; a cell is the length of its
// value, in two bytes, the bytes of the key and the value. Here because what is looked at in loops
// of other rooms must be inlined there, loads and all.
//
// A cell is believed when it was looked at and found between the bounds. Format: formats/tree.md.

/// Cells of one page whose slots follow one another.
///
/// Good as long as its page.
@frozen
@usableFromInline
package struct PageCells {
    @usableFromInline let page: Page
    /// Where cells may stand: from `heap` up to, not including, `end`.
    @usableFromInline let heap: Int
    @usableFromInline let end: Int
    /// The most bytes of a key in a cell, and of a value.
    @usableFromInline let keyLimit: Int
    @usableFromInline let valueLimit: Int
    /// Where the first slot stands, and how far on the next one.
    @usableFromInline package private(set) var slot: Int
    @usableFromInline package let stride: Int
    /// How many cells there are.
    @usableFromInline package private(set) var count: Int

    /// So many cells from the one of a slot on.
    package init(
        _ page: Page,
        inside bounds: Range<Int>,
        keyLimit: Int,
        valueLimit: Int,
        slot: Int,
        stride: Int,
        count: Int
    ) {
        self.page = page
        heap = bounds.lowerBound
        end = bounds.upperBound
        self.keyLimit = keyLimit
        self.valueLimit = valueLimit
        self.slot = slot
        self.stride = stride
        self.count = count
    }

    /// The value in the cell at a position, nil when the cell is not inside its bounds.
    ///
    /// - Precondition: `position` is below `count`.
    /// - Complexity: O(1).
    @inlinable
    @inline(__always)
    package func value(_ position: Int) -> PageValue? {
        let place = page.load32(slot &+ position &* stride &+ 4)
        let offset = Int(place & 0xffff)
        let keyCount = Int(place >> 16)
        let byteCount = Int(page.load16(offset))
        let start = offset &+ 2 &+ keyCount
        guard offset >= heap, start &+ byteCount <= end, keyCount <= keyLimit,
            byteCount <= valueLimit
        else { return nil }
        return PageValue(page: page, offset: start, byteCount: byteCount)
    }

    /// The cells from `start` on, at most so many.
    ///
    /// - Precondition: `start` is not above `count`, and neither number is negative.
    package func part(from start: Int, atMost most: Int) -> PageCells {
        precondition(start >= 0 && start <= count && most >= 0)
        var part = self
        part.slot += start * stride
        part.count = min(most, count - start)
        return part
    }
}

/// The value of a cell, found inside its page.
@frozen
@usableFromInline
package struct PageValue {
    @usableFromInline let page: Page
    @usableFromInline let offset: Int
    /// How many bytes it has.
    @usableFromInline package let byteCount: Int

    @inlinable
    init(page: Page, offset: Int, byteCount: Int) {
        self.page = page
        self.offset = offset
        self.byteCount = byteCount
    }

    /// The word at an index as a little-endian number; one that it does not have says nothing.
    @inlinable
    @inline(__always)
    package func word(_ index: Int) -> UInt64 { page.load64(offset &+ index &* 8) }

    /// The first eight bytes as a little-endian number, zeros where it has none.
    @inlinable package var value64: UInt64 {
        byteCount >= 8 ? word(0) : word(0) & ((1 << UInt64(byteCount * 8)) - 1)
    }

    /// All its bytes.
    package var bytes: [UInt8] { page.copy(offset, byteCount) }
}
