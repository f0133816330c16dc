// The bytes of a file, read in blocks, one by one or by lines of a bounded length.

internal import Mneme
internal import MnemeCommandLine

/// Reads a file from its beginning.
struct ByteStream {
    /// A line, or what is there instead.
    enum Line {
        case line([UInt8])
        /// It was longer than a row may be, and was passed over.
        case tooLong
        case end
    }

    private let file: InputFile
    private var block: [UInt8] = []
    private var position = 0
    private var offset = 0
    /// How many line feeds were passed.
    private(set) var lineFeeds = 0

    private static let blockSize = 1 << 20

    /// The bytes of a file; a byte order mark at its beginning is passed over.
    init(_ file: InputFile) throws(Failure) {
        self.file = file
        if try fill(), block.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    var path: String { file.path }

    /// How many bytes were read, of how many.
    var progress: (done: Int, total: Int?) {
        (offset - (block.count - position), file.byteCount)
    }

    private mutating func fill() throws(Failure) -> Bool {
        guard offset < file.byteCount else { return false }
        block = try file.read(at: offset, count: min(Self.blockSize, file.byteCount - offset))
        offset += block.count
        position = 0
        return true
    }

    /// The next byte; nil at the end.
    mutating func next() throws(Failure) -> UInt8? {
        if position == block.count, try !fill() { return nil }
        let byte = block[position]
        position += 1
        if byte == UInt8(ascii: "\n") { lineFeeds += 1 }
        return byte
    }

    /// The next line without its end, which is a line feed, perhaps after a carriage return.
    mutating func line() throws(Failure) -> Line {
        var line: [UInt8] = []
        var isTooLong = false
        var isThere = false
        while true {
            if position == block.count, try !fill() {
                if !isThere { return .end }
                break
            }
            isThere = true
            let rest = block[position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            position = end.map { $0 + 1 } ?? block.count
            if line.count + part.count > RowLimit.bytes { isTooLong = true }
            if isTooLong { line = [] } else { line += part }
            if end != nil {
                lineFeeds += 1
                break
            }
        }
        if isTooLong { return .tooLong }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return .line(line)
    }
}
