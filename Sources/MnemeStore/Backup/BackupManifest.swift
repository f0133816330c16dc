// What a backup is: the file that makes a directory one, written when everything else is there.
// Format: formats/backup.md#manifest.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The manifest of one backup.
struct BackupManifest: Equatable {
    /// Where a backup ends: enough to tell whether another one goes on from it.
    struct End: Equatable {
        var id: UniqueID
        /// The last frame's sequence and checksum, and the place behind it.
        var sequence: UInt64
        var place: LogPlace
        var checksum: UInt64
    }
    /// How a file came to be in the backup.
    enum Making: UInt32 {
        case copied = 1
        case linked = 2
    }
    /// A segment in the backup.
    struct Segment: Equatable {
        var number: UInt64
        var making: Making
        var byteCount: UInt64
        var checksum: UInt64
        var firstSequence: UInt64
    }
    /// The identity file in the backup.
    struct Identity: Equatable {
        var byteCount: UInt64
        var checksum: UInt64
    }

    static let version: UInt32 = 1
    static let magic: UInt64 = 0x314b_4245_4d45_4e4d  // "MNEMEBK1"
    static let headSize = 176
    static let entrySize = 40
    /// A manifest has at most so many entries: that many segments hold 64 TB.
    static let entryLimit = 1 << 20
    /// The lengths that a segment's file may have.
    private static let byteCounts: ClosedRange<UInt64> = 4096...128 << 20
    private static let identityLimit: UInt64 = 4096

    var identity: StoreIdentity
    var id: UniqueID
    /// Where the base ends; nil in a full backup.
    var base: End?
    var firstSequence: UInt64
    var lastSequence: UInt64
    /// Sequence and time of the last commit.
    var commit: UInt64
    var time: Microseconds
    var end: LogPlace
    /// Of the last frame.
    var checksum: UInt64
    /// The highest of the chain's frames.
    var incarnation: UInt64
    var epoch: UInt32
    var made: Microseconds
    var identityFile: Identity
    /// By ascending number.
    var segments: [Segment]

    /// Where it ends.
    var asBase: End { End(id: id, sequence: lastSequence, place: end, checksum: checksum) }
}

extension BackupManifest {
    /// The file's bytes.
    var bytes: [UInt8] {
        var body = ByteWriter(capacity: Self.headSize + Self.entrySize * (segments.count + 1))
        body.put(Self.magic)
        body.put(Self.version)
        body.put(UInt32(base == nil ? 1 : 2))
        body.put(identity.high)
        body.put(identity.low)
        body.put(id.high)
        body.put(id.low)
        body.put(base?.id.high ?? 0)
        body.put(base?.id.low ?? 0)
        body.put(base?.sequence ?? 0)
        body.put(firstSequence)
        body.put(lastSequence)
        body.put(commit)
        body.put(time)
        body.put(end.bits)
        body.put(checksum)
        body.put(incarnation)
        body.put(epoch)
        body.put(UInt32(segments.count + 1))
        body.put(made)
        body.put(base?.place.bits ?? 0)
        body.put(base?.checksum ?? 0)
        body.put(UInt64(0))
        body.put(UInt32(1))
        body.put(Making.copied.rawValue)
        body.put(UInt64(0))
        body.put(identityFile.byteCount)
        body.put(identityFile.checksum)
        body.put(UInt64(0))
        for segment in segments {
            body.put(UInt32(2))
            body.put(segment.making.rawValue)
            body.put(segment.number)
            body.put(segment.byteCount)
            body.put(segment.checksum)
            body.put(segment.firstSequence)
        }
        var writer = ByteWriter(capacity: body.bytes.count + 8)
        writer.put(Checksum.xxh3(body.bytes))
        writer.put(body.bytes)
        return writer.bytes
    }

    /// Reads a manifest's bytes.
    ///
    /// - Throws: `.malformed` where they break a rule of the page, `.newer`.
    init(_ bytes: [UInt8]) throws(ManifestError) {
        let version = try Self.checkedVersion(bytes)
        guard version == Self.version else { throw .newer(version) }
        do throws(BytesError) {
            var reader = ByteReader(bytes, 20..<bytes.count)
            try self.init(&reader)
        } catch {
            switch error {
            case .malformed(let offset), .truncated(let offset): throw .malformed(offset: offset)
            }
        }
        if let offset = firstContradiction { throw .malformed(offset: offset) }
    }

    /// The version of bytes whose magic and checksum are a manifest's.
    private static func checkedVersion(_ bytes: [UInt8]) throws(ManifestError) -> UInt32 {
        var reader = ByteReader(bytes)
        guard let checksum = try? reader.get(UInt64.self) else { throw .malformed(offset: 0) }
        guard let magic = try? reader.get(UInt64.self), magic == Self.magic else {
            throw .malformed(offset: 8)
        }
        guard checksum == Checksum.xxh3(Array(bytes.dropFirst(8))) else {
            throw .malformed(offset: 0)
        }
        guard let version = try? reader.get(UInt32.self) else { throw .malformed(offset: 16) }
        return version
    }

    /// Reads what stands behind the version.
    private init(_ reader: inout ByteReader) throws(BytesError) {
        let kind: UInt32 = try reader.get()
        guard kind == 1 || kind == 2 else { throw .malformed(offset: 20) }
        identity = StoreIdentity(high: try reader.get(), low: try reader.get())
        id = UniqueID(high: try reader.get(), low: try reader.get())
        let baseID = UniqueID(high: try reader.get(), low: try reader.get())
        let baseSequence: UInt64 = try reader.get()
        firstSequence = try reader.get()
        lastSequence = try reader.get()
        commit = try reader.get()
        time = try reader.get()
        end = LogPlace(bits: try reader.get())
        checksum = try reader.get()
        incarnation = try reader.get()
        epoch = try reader.get()
        let count = Int(try reader.get(UInt32.self))
        made = try reader.get()
        let baseEnd = LogPlace(bits: try reader.get())
        let baseChecksum: UInt64 = try reader.get()
        guard try reader.get(UInt64.self) == 0 else { throw .malformed(offset: 168) }
        if kind == 2 {
            base = End(
                id: baseID,
                sequence: baseSequence,
                place: baseEnd,
                checksum: baseChecksum
            )
        } else if baseID != UniqueID(high: 0, low: 0) || baseSequence != 0 || baseEnd.bits != 0
            || baseChecksum != 0
        {
            throw .malformed(offset: 56)
        }
        guard count >= 2, count <= Self.entryLimit, reader.remaining == count * Self.entrySize
        else { throw .malformed(offset: 140) }
        guard try reader.get(UInt32.self) == 1, try reader.get(UInt32.self) == 1,
            try reader.get(UInt64.self) == 0
        else { throw .malformed(offset: Self.headSize) }
        identityFile = Identity(byteCount: try reader.get(), checksum: try reader.get())
        guard try reader.get(UInt64.self) == 0 else {
            throw .malformed(offset: Self.headSize + 32)
        }
        segments = []
        segments.reserveCapacity(count - 1)
        for _ in 1..<count { segments.append(try Self.entry(&reader)) }
    }

    private static func entry(_ reader: inout ByteReader) throws(BytesError) -> Segment {
        let offset = reader.offset
        guard try reader.get(UInt32.self) == 2, let making = Making(rawValue: try reader.get())
        else { throw .malformed(offset: offset) }
        return Segment(
            number: try reader.get(),
            making: making,
            byteCount: try reader.get(),
            checksum: try reader.get(),
            firstSequence: try reader.get()
        )
    }

    /// The offset of the first field that contradicts another one; nil when none does.
    private var firstContradiction: Int? {
        guard let first = segments.first, let last = segments.last else { return 140 }
        if id == UniqueID(high: 0, low: 0) { return 40 }
        if let base {
            if base.id == id || base.id == UniqueID(high: 0, low: 0) { return 56 }
            if base.place.segment != first.number { return 152 }
            if firstSequence > base.sequence &+ 1 || base.sequence == .max { return 80 }
            if lastSequence < base.sequence { return 88 }
        } else if first.number != 1 || firstSequence != 1 {
            return 80
        }
        if first.number == 0 || first.firstSequence != firstSequence { return 80 }
        if identityFile.byteCount > Self.identityLimit { return Self.headSize + 16 }
        for (index, segment) in segments.enumerated() {
            let entry = Self.headSize + Self.entrySize * (index + 1)
            if segment.number != first.number &+ UInt64(index) { return entry + 8 }
            if !Self.byteCounts.contains(segment.byteCount) { return entry + 16 }
        }
        if last.making != .copied { return Self.headSize + Self.entrySize * segments.count + 4 }
        if end.segment != last.number || UInt64(end.offset) != last.byteCount { return 112 }
        if commit > lastSequence { return 96 }
        // The log counts openings on.
        if incarnation >= 1 << 63 { return 128 }
        return nil
    }
}

/// Why a manifest is refused.
enum ManifestError: Error, Equatable {
    /// What stands at an offset breaks a rule.
    case malformed(offset: Int)
    case newer(UInt32)
}
