// Segments and frames as they stand in the files of a log, whether anybody has it open or not: no
// lock is taken, nothing is mapped and nothing is judged but what a checksum says. Of a log that
// grows meanwhile the end may be seen half written. Format: formats/log.md.

package import MnemeBase

/// Looks into the files of a log.
package struct LogInspector {
    /// A file of the log.
    package struct File: Sendable {
        /// Its name in the log's directory.
        package let name: String
        /// Its number as it stands in places.
        package let number: UInt64
        package let byteCount: Int
        /// What its header says of the first sequence; nil where none can be read.
        package let firstSequence: UInt64?
        /// What kind of file it is, for people.
        package let kind: String
    }

    /// A frame as its head says it.
    package struct Row: Sendable {
        package let offset: Int
        package let length: Int
        package let type: UInt8
        package let sequence: UInt64
        package let time: Microseconds
        package let owner: UInt64
        /// The columns, as they stand there.
        package let columns: [UInt8]
        package let bodyCount: Int
        package let vectorCount: Int
        /// Whether its checksum matches.
        package let isWhole: Bool
    }

    private let disk: any Disk
    private let directory: String

    /// The log in a directory.
    package init(_ disk: any Disk, directory: String) {
        self.disk = disk
        self.directory = directory
    }

    /// The files that have names of segments, by number.
    ///
    /// - Throws: `.disk`.
    package func files() throws(LogError) -> [File] {
        var files: [File] = []
        for number in try onDisk({ () throws(DiskError) in
            try disk.list(directory).compactMap(Segment.number).sorted()
        }) {
            let bytes = try read(number, at: 0, count: SegmentHeader.size)
            let header = SegmentHeader(bytes)
            let kind =
                if SegmentNumber.isCold(number) {
                    "cold"
                } else if header == nil {
                    bytes.contains { $0 != 0 } ? "without a header that can be read" : "spare"
                } else {
                    header?.salt == nil ? "segment" : "enciphered segment"
                }
            files.append(
                File(
                    name: Segment.name(number),
                    number: number,
                    byteCount: try byteCount(number),
                    firstSequence: header?.firstSequence,
                    kind: kind
                )
            )
        }
        return files
    }

    /// The frames of a segment from an offset on, at most so many, as long as heads follow one
    /// another.
    ///
    /// - Returns: the frames, and where what follows them begins.
    /// - Throws: `.disk`.
    /// - Complexity: O(bytes of the frames).
    package func frames(
        of number: UInt64,
        from start: Int? = nil,
        limit: Int
    ) throws(LogError) -> (rows: [Row], end: Int) {
        var offset = max(SegmentHeader.size, FrameHead.aligned(start ?? SegmentHeader.size))
        var window = try window(number)
        var rows: [Row] = []
        while rows.count < limit, offset + FrameHead.size <= window.byteCount {
            guard let row = try frame(of: number, at: offset, &window) else { break }
            rows.append(row)
            offset = FrameHead.aligned(offset + row.length)
        }
        return (rows, offset)
    }

    /// The frame of a sequence: its segment and offset; nil where no head says it.
    ///
    /// - Throws: `.disk`.
    /// - Complexity: O(bytes of the segment).
    package func place(ofSequence sequence: UInt64) throws(LogError) -> (UInt64, Int)? {
        let files = try files().filter { $0.firstSequence.map { $0 <= sequence } ?? false }
        for file in files.sorted(by: { ($0.firstSequence ?? 0) > ($1.firstSequence ?? 0) }) {
            let (rows, _) = try frames(of: file.number, limit: .max)
            if let row = rows.first(where: { $0.sequence == sequence }) {
                return (file.number, row.offset)
            }
        }
        return nil
    }

    /// The segment and the offset of a place.
    package static func parts(ofPlace bits: UInt64) -> (segment: UInt64, offset: Int) {
        let place = LogPlace(bits: bits)
        return (place.segment, place.offset)
    }

    /// The name of a segment's file.
    package static func name(of number: UInt64) -> String { Segment.name(number) }

    /// The number of a file, as `files` has it; also of its digits alone.
    package static func number(of name: String) -> UInt64? {
        if let number = Segment.number(name) ?? Segment.number(name + ".log") { return number }
        guard let number = UInt64(name), number > 0, number < SegmentNumber.coldBase else {
            return nil
        }
        return number
    }

    // MARK: Bytes

    /// The header of a segment, byte by byte.
    ///
    /// - Throws: `.disk`.
    package func header(of number: UInt64) throws(LogError) -> [ByteNote] {
        let bytes = try read(number, at: 0, count: 64)
        var notes = ByteNotes(bytes)
        let isWhole = bytes.count == 64 && stored(bytes) == Checksum.xxh3(Array(bytes[8...]))
        notes.number("checksum", UInt64.self) { _ in Self.judged(isWhole) }
        notes.run("magic", count: 8) { String(decoding: $0, as: UTF8.self) }
        notes.number("version", UInt32.self) { "segments of version \($0)" }
        notes.number("contents", UInt32.self) { $0 & 1 != 0 ? "packs stand in it" : "no packs" }
        notes.number("identity", UInt64.self) { "high half, \(Hexadecimal.word($0))" }
        notes.number("identity", UInt64.self) { "low half, \(Hexadecimal.word($0))" }
        notes.number("number", UInt64.self) { "segment \($0)" }
        notes.number("first sequence", UInt64.self)
        notes.number("byte count", UInt64.self) { "\($0) bytes when it was made" }
        return notes.notes
    }

    /// A frame, byte by byte; nil where none begins.
    ///
    /// `types` names the types of frames, `columns` says what the columns of one mean.
    ///
    /// - Throws: `.disk`.
    package func notes(
        of number: UInt64,
        at offset: Int,
        types: (UInt8) -> String,
        columns: (UInt8, [UInt8], Int) -> [ByteNote]
    ) throws(LogError) -> [ByteNote]? {
        var window = try window(number)
        guard let row = try frame(of: number, at: offset, &window) else { return nil }
        let bytes = try read(number, at: offset, count: row.length)
        var notes = ByteNotes(bytes, at: offset)
        notes.number("length", UInt32.self) { "\($0) bytes" }
        notes.number("type", UInt8.self, types)
        notes.number("flags", UInt8.self) {
            $0 & 1 != 0 ? "the body is packed against the dictionary" : "none"
        }
        notes.number("format version", UInt16.self)
        notes.number("schema version", UInt32.self)
        notes.number("epoch", UInt32.self)
        notes.number("incarnation", UInt64.self) { "written by opening \($0)" }
        notes.number("sequence", UInt64.self)
        notes.number("time", Int64.self) { $0 == 0 ? "none" : "\($0) µs since 1970" }
        notes.number("owner", UInt64.self) { $0 == 0 ? "none" : "owner \($0)" }
        notes.number("key id", UInt32.self) { $0 == 0 ? "in the clear" : "enciphered" }
        let columnCount = Int(notes.number("column count", UInt32.self) { "\($0) bytes" })
        let bodyCount = Int(notes.number("body count", UInt32.self) { "\($0) bytes" })
        notes.number("plain count", UInt32.self) {
            $0 == 0 ? "the body is not compressed" : "\($0) bytes before compression"
        }
        notes.number("checksum", UInt64.self) { _ in Self.judged(row.isWhole) }
        let stated = columns(row.type, row.columns, offset + notes.offset)
        var all = notes.notes + stated
        notes.offset = FrameHead.size + columnCount
        let known = notes.notes.count
        notes.run("body", count: bodyCount) { "\($0.count) bytes" }
        notes.run("vectors", count: row.vectorCount) { "\($0.count) bytes" }
        notes.run("trailer", count: notes.remaining) { "\($0.count) bytes that seal the frame" }
        all += notes.notes[known...]
        return all
    }

    /// The columns of the log's own frames.
    package static func columns(_ bytes: [UInt8], at offset: Int) -> [ByteNote] {
        var notes = ByteNotes(bytes, at: offset)
        notes.number("count", UInt32.self) { "ends a batch of \($0) frames" }
        notes.number("reserved", UInt32.self) { _ in "zero" }
        notes.number("hash", UInt64.self) { _ in "of the checksums of the batch" }
        notes.number("durable", UInt64.self) { "synced through sequence \($0)" }
        return notes.notes
    }

    private static func judged(_ isWhole: Bool) -> String { isWhole ? "matches" : "does not match" }

    // MARK: Reading

    private func frame(
        of number: UInt64,
        at offset: Int,
        _ window: inout FileWindow
    ) throws(LogError) -> Row? {
        let end = window.byteCount
        guard offset >= SegmentHeader.size, offset % 8 == 0, offset + FrameHead.size <= end
        else { return nil }
        let start = try onDisk { () throws(DiskError) in
            try window.read(at: offset, count: FrameHead.size)
        }
        guard let head = try? FrameHead(start), Int(head.length) >= FrameHead.size,
            offset + Int(head.length) <= end,
            head.vectorCount >= 0
        else { return nil }
        let bytes = try onDisk { () throws(DiskError) in
            try window.read(at: offset, count: Int(head.length))
        }
        guard bytes.count == Int(head.length) else { return nil }
        let isWhole = unsafe bytes.withUnsafeBytes { unsafe head.matches($0, segment: number) }
        return Row(
            offset: offset,
            length: bytes.count,
            type: head.type,
            sequence: head.sequence,
            time: head.time,
            owner: head.owner,
            columns: Array(bytes[head.columns]),
            bodyCount: Int(head.bodyCount),
            vectorCount: head.vectorCount,
            isWhole: isWhole
        )
    }

    private func stored(_ bytes: [UInt8]) -> UInt64 {
        bytes[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func window(_ number: UInt64) throws(LogError) -> FileWindow {
        try onDisk { () throws(DiskError) in
            try FileWindow(disk.open(Segment.path(directory, number), .read))
        }
    }

    private func byteCount(_ number: UInt64) throws(LogError) -> Int {
        try onDisk { () throws(DiskError) in
            Int(try disk.open(Segment.path(directory, number), .read).byteCount())
        }
    }

    /// As many bytes as there are.
    private func read(
        _ number: UInt64,
        at offset: Int,
        count: Int
    ) throws(LogError) -> [UInt8] {
        try onDisk { () throws(DiskError) in
            let file = try disk.open(Segment.path(directory, number), .read)
            let held = max(0, min(count, Int(try file.byteCount()) - offset))
            return try file.read(at: UInt64(offset), count: held)
        }
    }

    private func onDisk<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(LogError) -> Result {
        do throws(DiskError) { return try body() } catch { throw .disk(error) }
    }
}
