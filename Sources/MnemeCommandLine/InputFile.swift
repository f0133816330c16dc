// Files that a program is given: read whole, or line by line.

package import MnemeBase

/// A file that is read.
package struct InputFile {
    /// The path, for messages.
    package let path: String
    private let file: any DiskFile
    /// The length when it was opened.
    package let byteCount: Int

    /// Opens a file.
    ///
    /// - Throws: `Failure` when it is not there or cannot be read.
    package init(_ path: String, on disk: any Disk = RealDisk()) throws(Failure) {
        self.path = path
        do {
            file = try disk.open(path, .read)
            byteCount = Int(try file.byteCount())
        } catch {
            throw Failure(error)
        }
    }

    /// The bytes of a part.
    ///
    /// - Throws: `Failure` when the file ends before, or cannot be read.
    package func read(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
        do {
            return try file.read(at: UInt64(offset), count: count)
        } catch {
            throw Failure(error)
        }
    }

    /// All bytes.
    ///
    /// - Throws: as `read(at:count:)`.
    package func readAll() throws(Failure) -> [UInt8] { try read(at: 0, count: byteCount) }
}

/// The lines of a file, read in blocks.
package struct InputLines {
    private let file: InputFile
    private var block: [UInt8] = []
    private var position = 0
    private var offset = 0
    /// The number of the line that was read last, from 1.
    package private(set) var number = 0

    private static let blockSize = 1 << 20

    /// The lines of a file.
    package init(_ file: InputFile) { self.file = file }

    /// Bytes of the lines that were read so far.
    package var bytesRead: Int { offset - (block.count - position) }

    /// The next line without its end (a line feed, perhaps after a carriage return); nil after the
    /// last one.
    ///
    /// - Throws: as `InputFile.read`.
    /// - Complexity: O(*n*) in the bytes of the line.
    package mutating func next() throws(Failure) -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if position == block.count {
                guard offset < file.byteCount else {
                    guard !line.isEmpty else { return nil }
                    break
                }
                let count = min(Self.blockSize, file.byteCount - offset)
                block = try file.read(at: offset, count: count)
                offset += count
                position = 0
            }
            let rest = block[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                position = end + 1
                break
            }
            line += rest
            position = block.count
        }
        number += 1
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }
}
