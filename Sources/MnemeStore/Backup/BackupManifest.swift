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
        /// It is not: an earlier backup of the chain has it.
        case inBase = 3
    }
    /// What a cold segment stands for, as its header says it.
    struct Cold: Hashable {
        var segments: ClosedRange<UInt64>
        var lastSequence: UInt64
        var asOf: UInt64
        var hash: UInt64
    }
    /// A segment of the log.
    struct Segment: Equatable {
        /// Its number, as it stands in places.
        var number: UInt64
        var making: Making
        var byteCount: UInt64
        var checksum: UInt64
        var firstSequence: UInt64
        /// Nil of a plain one.
        var cold: Cold?

        /// The numbers of the plain segments that it is, or stands for.
        var run: ClosedRange<UInt64> { cold?.segments ?? number...number }
    }
    /// The identity file in the backup.
    struct Identity: Equatable {
        var byteCount: UInt64
        var checksum: UInt64
    }

    static let version: UInt32 = 2
    static let magic: UInt64 = 0x314b_4245_4d45_4e4d  // "MNEMEBK1"
    static let headSize = 176
    /// Of an entry, by version.
    static func entrySize(_ version: UInt32) -> Int { version == 1 ? 40 : 80 }
    /// A manifest has at most so many entries: that many segments hold 64 TB.
    static let entryLimit = 1 << 20
    /// The lengths that a segment's file may have.
    private static let byteCounts: ClosedRange<UInt64> = 4096...128 << 20
    private static let identityLimit: UInt64 = 4096

    /// Of the format: version 1 lists only what the backup has, and knows no cold segments.
    var version = Self.version
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
    /// All that make up the log, in the order of their frames; of version 1, those that are here.
    var segments: [Segment]

    /// Those whose files are in the backup.
    var carried: [Segment] { segments.filter { $0.making != .inBase } }
    /// Up to here nothing but the end of an earlier backup can be restored: what was not needed any
    /// more as of this commit may be missing.
    var exactFrom: UInt64 { segments.reduce(0) { max($0, $1.cold?.asOf ?? 0) } }
    /// The sequence of the frame that would follow the segment of an index.
    func sequence(behind index: Int) -> UInt64 {
        if let cold = segments[index].cold { return cold.lastSequence &+ 1 }
        let next = index + 1
        return segments.indices.contains(next) ? segments[next].firstSequence : lastSequence &+ 1
    }

    /// Where it ends.
    var asBase: End { End(id: id, sequence: lastSequence, place: end, checksum: checksum) }
}

extension BackupManifest {
    /// The file's bytes.
    var bytes: [UInt8] {
        let entrySize = Self.entrySize(version)
        var body = ByteWriter(capacity: Self.headSize + entrySize * (segments.count + 1))
        body.put(Self.magic)
        body.put(version)
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
        if version > 1 { for _ in 0..<5 { body.put(UInt64(0)) } }
        for segment in segments { put(segment, into: &body) }
        var writer = ByteWriter(capacity: body.bytes.count + 8)
        writer.put(Checksum.xxh3(body.bytes))
        writer.put(body.bytes)
        return writer.bytes
    }

    private func put(_ segment: Segment, into body: inout ByteWriter) {
        body.put(UInt32(segment.cold == nil ? 2 : 3))
        body.put(segment.making.rawValue)
        body.put(segment.number)
        body.put(segment.byteCount)
        body.put(segment.checksum)
        body.put(segment.firstSequence)
        guard version > 1 else { return }
        body.put(segment.cold?.segments.lowerBound ?? 0)
        body.put(segment.cold?.segments.upperBound ?? 0)
        body.put(segment.cold?.lastSequence ?? 0)
        body.put(segment.cold?.asOf ?? 0)
        body.put(segment.cold?.hash ?? 0)
    }

    /// Reads a manifest's bytes.
    ///
    /// - Throws: `.malformed` where they break a rule of the page, `.newer`.
    init(_ bytes: [UInt8]) throws(ManifestError) {
        let version = try Self.checkedVersion(bytes)
        guard 1...Self.version ~= version else { throw .newer(version) }
        do throws(BytesError) {
            var reader = ByteReader(bytes, 20..<bytes.count)
            try self.init(&reader, version)
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
    private init(_ reader: inout ByteReader, _ version: UInt32) throws(BytesError) {
        self.version = version
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
        guard count >= 2, count <= Self.entryLimit,
            reader.remaining == count * Self.entrySize(version)
        else { throw .malformed(offset: 140) }
        guard try reader.get(UInt32.self) == 1, try reader.get(UInt32.self) == 1,
            try reader.get(UInt64.self) == 0
        else { throw .malformed(offset: Self.headSize) }
        identityFile = Identity(byteCount: try reader.get(), checksum: try reader.get())
        for index in 0..<(version > 1 ? 6 : 1) where try reader.get(UInt64.self) != 0 {
            throw .malformed(offset: Self.headSize + 32 + 8 * index)
        }
        segments = []
        segments.reserveCapacity(count - 1)
        for _ in 1..<count { segments.append(try Self.entry(&reader, version)) }
    }

    private static func entry(
        _ reader: inout ByteReader,
        _ version: UInt32
    ) throws(BytesError) -> Segment {
        let offset = reader.offset
        let file: UInt32 = try reader.get()
        guard file == 2 || file == 3 && version > 1,
            let making = Making(rawValue: try reader.get()),
            making != .inBase || version > 1
        else { throw .malformed(offset: offset) }
        var segment = Segment(
            number: try reader.get(),
            making: making,
            byteCount: try reader.get(),
            checksum: try reader.get(),
            firstSequence: try reader.get()
        )
        guard version > 1 else { return segment }
        let (first, last): (UInt64, UInt64) = (try reader.get(), try reader.get())
        let (sequence, asOf): (UInt64, UInt64) = (try reader.get(), try reader.get())
        let hash: UInt64 = try reader.get()
        if file == 3 {
            guard first <= last, first > 0 else { throw .malformed(offset: offset + 40) }
            segment.cold = Cold(
                segments: first...last,
                lastSequence: sequence,
                asOf: asOf,
                hash: hash
            )
        } else if first != 0 || last != 0 || sequence != 0 || asOf != 0 || hash != 0 {
            throw .malformed(offset: offset + 40)
        }
        return segment
    }

    /// The offset of the first field that contradicts another one; nil when none does.
    private var firstContradiction: Int? {
        guard let first = segments.first, let last = segments.last else { return 140 }
        let entrySize = Self.entrySize(version)
        if id == UniqueID(high: 0, low: 0) { return 40 }
        if let base {
            if base.id == id || base.id == UniqueID(high: 0, low: 0) { return 56 }
            if version == 1, base.place.segment != first.number { return 152 }
            if base.place > end { return 152 }
            if firstSequence > base.sequence &+ 1 || base.sequence == .max { return 80 }
            if lastSequence < base.sequence { return 88 }
        }
        if base == nil || version > 1, first.run.lowerBound != 1 || firstSequence != 1 { return 80 }
        if first.number == 0 || first.firstSequence != firstSequence { return 80 }
        if identityFile.byteCount > Self.identityLimit { return Self.headSize + 16 }
        if let index = firstWrongEntry {
            return Self.headSize + entrySize * (index + 1) + 8
        }
        if last.making != .copied || last.cold != nil {
            return Self.headSize + entrySize * segments.count + 4
        }
        if end.segment != last.number || UInt64(end.offset) != last.byteCount { return 112 }
        if commit > lastSequence { return 96 }
        // The log counts openings on.
        if incarnation >= 1 << 63 { return 128 }
        return nil
    }

    /// The index of the first segment that does not follow the one before it.
    private var firstWrongEntry: Int? {
        var (number, sequence) = (segments.first?.run.lowerBound ?? 1, firstSequence)
        for (index, segment) in segments.enumerated() {
            guard Self.byteCounts.contains(segment.byteCount), segment.run.lowerBound == number,
                segment.run.upperBound < SegmentNumber.limit,
                SegmentNumber.isCold(segment.number) == (segment.cold != nil),
                base != nil || segment.making != .inBase
            else { return index }
            if version > 1 {
                guard segment.firstSequence >= sequence else { return index }
                if index > 0, segments[index - 1].cold != nil, segment.firstSequence != sequence {
                    return index
                }
            }
            sequence = segment.firstSequence
            if let cold = segment.cold {
                guard cold.lastSequence >= segment.firstSequence, cold.lastSequence <= cold.asOf,
                    cold.asOf <= lastSequence
                else { return index }
                sequence = cold.lastSequence + 1
            }
            number = segment.run.upperBound + 1
        }
        return nil
    }
}

/// Why a manifest is refused.
enum ManifestError: Error, Equatable {
    /// What stands at an offset breaks a rule.
    case malformed(offset: Int)
    case newer(UInt32)
}
