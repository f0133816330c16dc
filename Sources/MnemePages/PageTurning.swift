// Rows of a page turned for packing: what stands in the same byte of all rows comes together, each
// as its difference from the row before. Numbers that rise, and those that hardly differ, so become
// bytes that repeat, of which LZ4 makes little. It takes and gives back every byte as it was.
// Format: formats/pages.md#turned-rows.

internal import MnemeBase

/// Neighbouring rows of one length in a page.
///
/// SAFETY: whoever makes one from a file's bytes gets nil where the rows would leave the page; all
/// reads and writes are of blocks of a page's size.
@safe struct TurnedRows: Equatable {
    /// Where the first row begins.
    let start: Int
    /// Bytes of each.
    let stride: Int
    let count: Int

    /// Rows of so many bytes; nil where they are none, reach into a page's header, or leave it.
    init?(start: Int, stride: Int, count: Int) {
        guard start >= PageLayout.header, stride > 1, count > 1,
            start + stride * count <= PageLayout.size
        else { return nil }
        (self.start, self.stride, self.count) = (start, stride, count)
    }

    /// The rows of a page that are worth turning, by its kind; nil where there are none.
    init?(of page: Page) {
        switch page.kind {
        case 0x01, 0x02: self.init(start: 48, stride: 8, count: Int(page.load16(18)))
        case 0x03: self.init(start: 64, stride: 16, count: (PageLayout.size - 64) / 16)
        case 0x10: self.init(start: 32, stride: 40, count: 204)
        case 0xfe: self.init(start: 32, stride: 15, count: 512)
        default: return nil
        }
    }

    /// What the head of a packed page says; nil where no rows are turned.
    ///
    /// - Throws: `.malformed` where it says what cannot be.
    init?(packed page: Page) throws(BytesError) {
        let start = Int(page.load16(StoredLayout.turnedStart))
        let count = Int(page.load16(StoredLayout.turnedCount))
        let stride = Int(page.byte(StoredLayout.turnedStride))
        if start == 0, count == 0, stride == 0 { return nil }
        guard let rows = TurnedRows(start: start, stride: stride, count: count) else {
            throw .malformed(offset: StoredLayout.turnedStart)
        }
        self = rows
    }

    /// Says it in the head of a packed page.
    func store(_ page: MutablePage) {
        page.store(UInt16(start), StoredLayout.turnedStart)
        page.store(UInt16(count), StoredLayout.turnedCount)
        page.store(UInt8(stride), StoredLayout.turnedStride)
    }

    /// Copies a page with its rows turned.
    ///
    /// - Complexity: O(bytes of a page).
    func turn(_ page: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        unsafe target.copyMemory(from: page)
        guard let from = page.baseAddress, let to = target.baseAddress else { return }
        var next = start
        for column in start..<(start + stride) {
            var before: UInt8 = 0
            var place = column
            for _ in 0..<count {
                let byte = unsafe from.load(fromByteOffset: place, as: UInt8.self)
                unsafe to.storeBytes(of: byte &- before, toByteOffset: next, as: UInt8.self)
                before = byte
                place += stride
                next += 1
            }
        }
    }

    /// Turns the rows of a page back.
    ///
    /// `scratch`: a block whose bytes are of no use any more.
    ///
    /// - Complexity: O(bytes of the rows).
    func turnBack(
        _ page: UnsafeMutableRawBufferPointer,
        by scratch: UnsafeMutableRawBufferPointer
    ) {
        unsafe scratch.copyMemory(from: UnsafeRawBufferPointer(page))
        guard let from = scratch.baseAddress, let to = page.baseAddress else { return }
        var next = start
        for column in start..<(start + stride) {
            var byte: UInt8 = 0
            var place = column
            for _ in 0..<count {
                byte &+= unsafe from.load(fromByteOffset: next, as: UInt8.self)
                unsafe to.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
                place += stride
                next += 1
            }
        }
    }
}
