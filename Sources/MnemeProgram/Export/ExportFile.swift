// Where an export is written: standard output, or a file that gets its name when it is whole.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// What an export is written to.
struct ExportFile {
    private let path: String?
    private let disk: any Disk
    private let file: (any DiskFile)?
    private var buffer: [UInt8] = []
    /// How many bytes were written.
    private(set) var byteCount = 0

    private static let bufferSize = 1 << 18

    /// Standard output, or a file of this name, which must not be there yet unless `isReplaced`.
    ///
    /// - Throws: `Failure` where the name is taken, or the file cannot be made.
    init(
        _ path: String?,
        replacing isReplaced: Bool = false,
        on disk: any Disk = RealDisk()
    ) throws(Failure) {
        self.path = path
        self.disk = disk
        guard let path else {
            file = nil
            return
        }
        do throws(DiskError) {
            if !isReplaced, try disk.isThere(path) { throw .exists(path: path) }
            // What an export left that was cut off is not worth keeping.
            if try disk.isThere(Self.partial(path)) { try disk.remove(Self.partial(path)) }
            file = try disk.open(Self.partial(path), .create)
        } catch {
            throw Failure(error)
        }
    }

    private static func partial(_ path: String) -> String { path + ".part" }

    /// Writes a line.
    ///
    /// - Throws: `Failure` when the disk refuses it.
    mutating func put(_ line: String) throws(Failure) {
        buffer += line.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private mutating func flush() throws(Failure) {
        if let file {
            do throws(DiskError) {
                try file.write(buffer, at: UInt64(byteCount))
            } catch {
                throw Failure(error)
            }
        } else {
            StandardStreams.writeOutput(String(decoding: buffer, as: UTF8.self))
        }
        byteCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes what is left; a file survives a power cut and has its name afterwards.
    ///
    /// - Throws: `Failure` when the disk refuses it.
    mutating func finish() throws(Failure) {
        try flush()
        guard let file, let path else { return }
        do throws(DiskError) {
            try file.sync()
            try file.close()
            try disk.rename(Self.partial(path), to: path)
        } catch {
            throw Failure(error)
        }
    }

    /// Takes away what was written of a file.
    func giveUp() {
        guard let path else { return }
        try? disk.remove(Self.partial(path))
    }
}
