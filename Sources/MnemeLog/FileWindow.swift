// A file of the log for those who look into it as it stands: nothing is mapped, nothing is locked.

internal import MnemeBase

/// A file that is read from front to back, a block at a time.
struct FileWindow {
    /// The length when it was opened.
    let byteCount: Int
    private let file: any DiskFile
    private var start = 0
    private var block: [UInt8] = []

    private static let blockSize = 1 << 20

    init(_ file: any DiskFile) throws(DiskError) {
        self.file = file
        byteCount = Int(try file.byteCount())
    }

    /// As many bytes as there are.
    mutating func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        let held = max(0, min(count, byteCount - offset))
        if offset < start || offset + held > start + block.count {
            let wanted = min(max(Self.blockSize, held), byteCount - offset)
            (start, block) = (offset, try file.read(at: UInt64(offset), count: max(0, wanted)))
        }
        return Array(block[(offset - start)..<(offset - start + held)])
    }
}
