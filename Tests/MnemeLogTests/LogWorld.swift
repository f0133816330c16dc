import MnemeBase
import Testing

@testable import MnemeLog

/// A log on a disk, and the ways to fill it and to open it again.
struct LogWorld {
    static let identity = LogIdentity(high: 3, low: 5)
    static let directory = "/log"
    let disk: any Disk
    var limits = Self.smallLimits

    /// Segments of 8 KiB to 32 KiB.
    static var smallLimits: LogLimits {
        var limits = LogLimits()
        limits.smallestSegment = 8192
        limits.largestSegment = 32768
        limits.frame = 4096
        limits.batch = 16384
        return limits
    }

    func create() throws -> Log {
        let log = try Log.create(
            disk,
            directory: Self.directory,
            identity: Self.identity,
            limits: limits
        )
        // The name of the log's directory is its maker's.
        do throws(DiskError) {
            try disk.syncDirectory("/")
        } catch {
            throw LogError.disk(error)
        }
        return log
    }

    func recovery(from start: LogPosition? = nil, incarnation: UInt64 = 0) throws -> LogRecovery {
        try LogRecovery(
            disk,
            directory: Self.directory,
            identity: Self.identity,
            limits: limits,
            from: start,
            incarnation: incarnation
        )
    }

    /// Opens the log and says what it held.
    func open(
        from start: LogPosition? = nil,
        incarnation: UInt64 = 0
    ) throws -> (
        log: Log, batches: [ReplayedBatch]
    ) {
        let recovery = try self.recovery(from: start, incarnation: incarnation)
        let batches = try recovery.allBatches()
        return (try recovery.finish(), batches)
    }

    static func path(_ number: UInt64) -> String { Segment.path(directory, number) }
}

extension LogRecovery {
    func allBatches() throws -> [ReplayedBatch] {
        var batches: [ReplayedBatch] = []
        while let batch = try next() { batches.append(batch) }
        return batches
    }
}

/// A batch as it was handed to a log.
struct GivenBatch {
    var contents: [FrameContent]
    var places: [LogPlace]
    var firstSequence: UInt64
    /// Of its commit frame.
    var sequence: UInt64
    var time: Microseconds
    /// Where it begins and where the next one does.
    var start: LogPlace
    var end: LogPlace
    /// Which opening wrote it.
    var incarnation: UInt64

    func isSame(_ other: ReplayedBatch) -> Bool {
        other.sequence == sequence && other.time == time && other.end.place == end
            && other.end.sequence == sequence + 1
            && other.frames.map(\.place) == places
            && other.frames.map(\.sequence) == Array(firstSequence..<sequence)
            && other.frames.allSatisfy { $0.time == time && $0.incarnation == incarnation }
            && zip(contents, other.frames).allSatisfy { $0.isSame($1.content) }
    }
}

extension FrameContent {
    func isSame(_ other: FrameContent) -> Bool {
        type == other.type && flags == other.flags && schemaVersion == other.schemaVersion
            && owner == other.owner && keyID == other.keyID && columns == other.columns
            && body == other.body && plainCount == other.plainCount && vectors == other.vectors
    }

    /// Content of random fields, each part of at most `limit` bytes.
    static func random(_ randomness: SeededRandomness, limit: Int = 120) -> FrameContent {
        func bytes() -> [UInt8] {
            (0..<randomness.below(limit + 1)).map { _ in UInt8(randomness.below(256)) }
        }
        return FrameContent(
            type: UInt8(16 + randomness.below(240)),
            schemaVersion: UInt32(truncatingIfNeeded: randomness.next()),
            owner: randomness.next(),
            columns: bytes(),
            body: bytes(),
            plainCount: UInt32(truncatingIfNeeded: randomness.next()),
            vectors: bytes()
        )
    }
}

extension Log {
    /// Adds a whole batch to the group; writes the group first when it is full.
    func add(_ contents: [FrameContent], time: Microseconds = 7) throws -> GivenBatch {
        let byteCount = contents.reduce(0) { $0 + $1.byteCount }
        if try !begin(batchBytes: byteCount) {
            try commit()
            #expect(try begin(batchBytes: byteCount))
        }
        let start = end
        let first = nextSequence
        let places = contents.map { append($0, time: time) }
        let sequence = endBatch(time: time)
        return GivenBatch(
            contents: contents,
            places: places,
            firstSequence: first,
            sequence: sequence,
            time: time,
            start: start,
            end: end,
            incarnation: incarnation
        )
    }

    /// Adds batches of one frame each and commits them as one group.
    func addGroup(_ bodies: [[UInt8]], sync: Bool = true) throws -> [GivenBatch] {
        var given: [GivenBatch] = []
        for body in bodies { given.append(try add([FrameContent(type: 16, body: body)])) }
        if sync { try commit() } else { _ = try write() }
        return given
    }
}

/// Whether exactly the given batches were read.
func expectSame(
    _ batches: [ReplayedBatch],
    _ given: some Collection<GivenBatch>,
    _ comment: @autoclosure () -> Comment = "",
    location: SourceLocation = #_sourceLocation
) {
    #expect(batches.count == given.count, comment(), sourceLocation: location)
    for (batch, expected) in zip(batches, given) where !expected.isSame(batch) {
        Issue.record("batch \(expected.sequence) differs", sourceLocation: location)
    }
}

extension MemoryDisk {
    /// Another disk with the same files in the log's directory.
    func copy() throws -> MemoryDisk {
        let other = MemoryDisk()
        try other.createDirectory(LogWorld.directory)
        for name in try list(LogWorld.directory) {
            let path = LogWorld.directory + "/" + name
            try other.open(path, .create).write(try bytes(path), at: 0)
        }
        return other
    }

    func bytes(_ path: String) throws -> [UInt8] {
        let file = try open(path, .read)
        return try file.read(at: 0, count: Int(try file.byteCount()))
    }

    func overwrite(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
        try open(path, .readWrite).write(bytes, at: UInt64(offset))
    }

    func flip(_ path: String, at offset: Int, mask: UInt8) throws {
        let file = try open(path, .readWrite)
        let byte = try file.read(at: UInt64(offset), count: 1)[0]
        try file.write([byte ^ mask], at: UInt64(offset))
    }
}

extension MemoryDisk {
    /// Changes bytes of a frame's head and makes its checksum match again, as another program
    /// would have written it.
    func rewriteHead(at place: LogPlace, _ changes: [Int: UInt8]) throws {
        let path = LogWorld.path(place.segment)
        let file = try open(path, .readWrite)
        var head = try file.read(at: UInt64(place.offset), count: FrameHead.size)
        let length = Int(try FrameHead(head).length)
        for (offset, byte) in changes { head[offset] = byte }
        let rest = try file.read(
            at: UInt64(place.offset + FrameHead.size),
            count: length - FrameHead.size
        )
        let sequence = try FrameHead(head).sequence
        let checksum = unsafe (head + rest).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: place.segment, sequence: sequence)
        }
        var writer = ByteWriter()
        writer.put(Array(head.prefix(64)))
        writer.put(checksum)
        writer.put(rest)
        try file.write(writer.bytes, at: UInt64(place.offset))
    }
}

/// A seed for this run, printed so that a failure can be had again.
func newSeed(_ name: String) -> UInt64 {
    let seed = RealRandomness().next()
    print("\(name): seed \(seed)")
    return seed
}
