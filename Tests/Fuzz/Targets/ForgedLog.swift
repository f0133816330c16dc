// A log that was written by the room itself, plain segments and a cold one with packs and a
// dictionary, whose bytes are changed and whose checksums are then made to match, as the page says
// how: what stands behind them is met. Format: formats/log.md.

internal import MnemeBase
internal import MnemeLog

/// A true log, and where its parts stand.
struct ForgedLog: Sendable {
    static let directory = "log"
    static let identity = LogIdentity(high: 3, low: 5)
    /// A type of frames with columns and a body, and one that may stand in packs.
    static let recordType: UInt8 = 16
    static let linkType: UInt8 = 17

    /// A file of a log.
    struct File: Sendable {
        let number: UInt64
        var bytes: [UInt8]

        var path: String { ForgedLog.directory + "/" + LogInspector.name(of: number) }
    }

    /// The files, plain ones first.
    let files: [File]
    /// The parts that a script may change, and of which file: headers, then frames.
    let parts: [(file: Int, bytes: Range<Int>)]

    static let sample: ForgedLog = {
        do {
            return try ForgedLog()
        } catch {
            preconditionFailure("no log to begin with: \(error)")
        }
    }()

    static var limits: LogLimits {
        var limits = LogLimits()
        limits.smallestSegment = 8192
        limits.largestSegment = 16384
        limits.frame = 4096
        limits.batch = 16384
        return limits
    }

    private init() throws {
        let disk = MemoryDisk()
        let log = try Log.create(
            disk,
            directory: Self.directory,
            identity: Self.identity,
            limits: Self.limits
        )
        for round in 0..<3 {
            for batch in 0..<3 { try Self.commit(Self.contents(round * 3 + batch), to: log) }
            if round < 2 { try log.roll() }
        }
        try Self.makeCold(log)
        var files: [File] = []
        for file in try LogInspector(disk, directory: Self.directory).files() {
            let path = Self.directory + "/" + file.name
            let bytes = try disk.open(path, .read).read(at: 0, count: file.byteCount)
            files.append(File(number: file.number, bytes: bytes))
        }
        files.sort { $0.number < $1.number }
        self.files = files
        var parts: [(file: Int, bytes: Range<Int>)] = []
        for (index, file) in files.enumerated() {
            parts.append((index, 0..<(SegmentNumber.isCold(file.number) ? 128 : 64)))
        }
        for (index, file) in files.enumerated() {
            for frame in LogSeal.frames(in: file.bytes) { parts.append((index, frame)) }
            // What stands behind the last one: a dictionary, or nothing yet.
            let end = LogSeal.frames(in: file.bytes).last?.upperBound ?? LogSeal.header
            if end < file.bytes.count { parts.append((index, end..<file.bytes.count)) }
        }
        self.parts = parts
    }

    static func commit(_ contents: [FrameContent], to log: Log) throws(LogError) {
        let byteCount = contents.reduce(0) { $0 + $1.byteCount }
        if try !log.begin(batchBytes: byteCount) {
            try log.commit()
            _ = try log.begin(batchBytes: byteCount)
        }
        for content in contents { _ = log.append(content, time: 7) }
        _ = log.endBatch(time: 7)
        try log.commit()
    }

    private static func contents(_ batch: Int) -> [FrameContent] {
        let text = Array("tea, brewed twice, and then once more: \(batch)".utf8)
        let record = FrameContent(
            type: recordType,
            schemaVersion: 1,
            owner: 4,
            columns: [UInt8](repeating: UInt8(batch), count: 24),
            body: text + text,
            vectors: [UInt8](repeating: 63, count: 16)
        )
        let links = (0..<4).map { index in
            FrameContent(
                type: linkType,
                owner: 1,
                columns: [UInt8(batch), 0, 0, 0, 0, 0, 0, 0, UInt8(index)]
                    + [UInt8](repeating: 0, count: 31),
                body: [0xa1, 1, 0xf9, UInt8(index), 0]
            )
        }
        return [record] + links
    }

    /// Writes the first segment once more as a cold one.
    private static func makeCold(_ log: Log) throws {
        let durable = log.nextSequence - 1
        let writer = try log.coldWriter(
            for: 1...1,
            asOf: durable,
            end: durable,
            packing: [linkType]
        )
        let dictionary = Array("tea, brewed twice, and then once more: ".utf8)
        let packer = LZ4Packer(dictionary)
        var cursor = try SegmentCursor(log, 1)
        while let frame = try cursor.next() {
            guard frame.content.type >= recordType else { continue }
            var content = frame.content
            if content.type == recordType, let packed = packer.pack(content.body, .middle) {
                content.plainCount = UInt32(content.body.count)
                content.body = packed
                content.setPacked(true)
            }
            writer.add(frame, content)
        }
        writer.end(FrameContent(type: 18, columns: [UInt8](repeating: 0, count: 8)), time: 7)
        try writer.seal(dictionary: dictionary)
    }
}
