// A frame: one change, or the end of a batch, as it stands in the log. The head has every field
// that later needs might ask for; the payload is three parts that the log does not look into: index
// columns, a body that may be compressed, vectors. Format: formats/log.md#frame.

package import MnemeBase

/// What kind of thing a frame carries.
///
/// Numbers below 16 are the log's own.
package enum LogFrameType {
    /// Ends a batch.
    package static let commit: UInt8 = 1
    /// Ends the log after a clean close.
    package static let close: UInt8 = 2
    /// What bodies of a cold segment are packed against; stands behind its last frame.
    static let dictionary: UInt8 = 3
    /// Frames of a cold segment that are alike.
    static let pack: UInt8 = 4
    /// The first of the caller's.
    static let firstOfCaller: UInt8 = 16
}

/// A frame's head without what the log itself fills in, and its payload.
package struct FrameContent: Sendable {
    /// What it carries; 16 and above are the caller's.
    package var type: UInt8
    /// Bit 0: the body is packed against the dictionary of its cold segment.
    ///
    /// A frame with any other is refused when it is read.
    package var flags: UInt8
    /// The schema that the payload was made under.
    package var schemaVersion: UInt32
    /// The number of its owner, 0 for none.
    package var owner: UInt64
    /// The key that the payload is encrypted with, 0 for none; a frame with any other is refused
    /// when it is read.
    package var keyID: UInt32
    /// Fixed index columns, never compressed.
    package var columns: [UInt8]
    /// The body as stored.
    package var body: [UInt8]
    /// The body's length before compression, 0 when it is stored plain.
    package var plainCount: UInt32
    /// Vectors, raw.
    package var vectors: [UInt8]
    /// Of a content that was read, what its body is packed against; nil where it is not.
    package var dictionary: SegmentDictionary?

    /// A frame's content.
    package init(
        type: UInt8,
        flags: UInt8 = 0,
        schemaVersion: UInt32 = 0,
        owner: UInt64 = 0,
        keyID: UInt32 = 0,
        columns: [UInt8] = [],
        body: [UInt8] = [],
        plainCount: UInt32 = 0,
        vectors: [UInt8] = []
    ) {
        self.type = type
        self.flags = flags
        self.schemaVersion = schemaVersion
        self.owner = owner
        self.keyID = keyID
        self.columns = columns
        self.body = body
        self.plainCount = plainCount
        self.vectors = vectors
    }

    /// Where the vectors begin, in bytes from the frame's start.
    package var vectorOffset: Int { FrameHead.size + columns.count + body.count }

    /// Bytes that the frame takes in the log.
    package var byteCount: Int { FrameHead.aligned(storedCount) }

    /// Bytes of the frame, without what aligns the next one.
    var storedCount: Int {
        FrameHead.size + columns.count + body.count + vectors.count + FrameHead.trailer(keyID)
    }
}

/// A frame read back.
package struct Frame: Sendable {
    /// Where it stands.
    package let place: LogPlace
    /// Its sequence.
    package let sequence: UInt64
    /// When its batch was committed.
    package let time: Microseconds
    /// The leader's epoch, and which opening of the store wrote it.
    package let epoch: UInt32
    package let incarnation: UInt64
    /// What it carries.
    package let content: FrameContent
    /// Where its vectors begin, in bytes from the segment's start.
    package let vectorOffset: Int
}

extension Frame {
    /// Bytes in the log, without what aligns the next frame.
    var byteCount: Int { content.storedCount }
}

/// The fixed 72 bytes at a frame's start.
struct FrameHead {
    static let size = 72
    /// Bytes of a commit or close frame.
    static let commitSize = 96
    static let version: UInt16 = 1
    /// The key of frames that are enciphered: their segment's.
    static let segmentKey: UInt32 = 1
    /// The flag of a frame whose body is packed against its segment's dictionary.
    static let packed: UInt8 = 1
    /// Bytes behind the vectors of a frame that is enciphered.
    static let trailer = 24
    /// Bytes of the head that an enciphered frame vouches for.
    static let authenticated = 64

    static func trailer(_ keyID: UInt32) -> Int { keyID == segmentKey ? trailer : 0 }

    var length: UInt32
    var type: UInt8
    var flags: UInt8
    var formatVersion = Self.version
    var schemaVersion: UInt32
    var epoch: UInt32
    var incarnation: UInt64
    var sequence: UInt64
    var time: Microseconds
    var owner: UInt64
    var keyID: UInt32
    var columnCount: UInt32
    var bodyCount: UInt32
    var plainCount: UInt32
    var checksum: UInt64

    static func aligned(_ count: Int) -> Int { (count + 7) & ~7 }

    /// Reads a head; what it says is not believed before the checksum is.
    init(_ bytes: [UInt8]) throws(BytesError) {
        guard bytes.count >= Self.size else { throw .truncated(offset: bytes.count) }
        self.init(unsafe bytes.span.bytes)
    }

    /// Reads a head.
    ///
    /// - Precondition: there are at least `size` bytes.
    init(_ bytes: RawSpan) {
        func load<Integer: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Integer {
            Integer(
                littleEndian: unsafe bytes.unsafeLoadUnaligned(
                    fromByteOffset: offset,
                    as: Integer.self
                )
            )
        }
        length = load(0)
        type = load(4)
        flags = load(5)
        formatVersion = load(6)
        schemaVersion = load(8)
        epoch = load(12)
        incarnation = load(16)
        sequence = load(24)
        time = load(32)
        owner = load(40)
        keyID = load(48)
        columnCount = load(52)
        bodyCount = load(56)
        plainCount = load(60)
        checksum = load(64)
    }

    /// What the head of a whole frame says that only a newer program knows, nil when nothing.
    func unknown(isEncrypted: Bool, isCold: Bool) -> String? {
        let isKnown =
            type == LogFrameType.commit || type == LogFrameType.close
            || type >= LogFrameType.firstOfCaller || type == LogFrameType.pack && isCold
        if !isKnown { return "type \(type)" }
        if flags != 0, flags != Self.packed || !isCold || type < LogFrameType.firstOfCaller {
            return "flags \(flags)"
        }
        if keyID != 0, !isEncrypted || keyID != Self.segmentKey { return "key \(keyID)" }
        return nil
    }

    /// Whether a whole frame of a segment stands in the clear where it must not, or the reverse.
    func isForged(isEncrypted: Bool) -> Bool {
        let holdsContent = type >= LogFrameType.firstOfCaller || type == LogFrameType.pack
        return isEncrypted && holdsContent != (keyID == Self.segmentKey)
    }

    /// Where the index columns stand, in bytes from the frame's start.
    var columns: Range<Int> { Self.size..<(Self.size + Int(columnCount)) }

    /// Bytes of vectors after the body; negative when the head contradicts itself.
    var vectorCount: Int {
        Int(length) - Self.size - Int(columnCount) - Int(bodyCount) - Self.trailer(keyID)
    }
}

extension FrameHead {
    /// A new frame's head, checksum still missing.
    init(
        _ content: FrameContent,
        sequence: UInt64,
        time: Microseconds,
        epoch: UInt32,
        incarnation: UInt64
    ) {
        length = UInt32(content.storedCount)
        type = content.type
        flags = content.flags
        schemaVersion = content.schemaVersion
        self.epoch = epoch
        self.incarnation = incarnation
        self.sequence = sequence
        self.time = time
        owner = content.owner
        keyID = content.keyID
        columnCount = UInt32(content.columns.count)
        bodyCount = UInt32(content.body.count)
        plainCount = content.plainCount
        checksum = 0
    }

    /// Appends the frame to a group and returns its checksum.
    ///
    /// - Precondition: a content with the segment's key comes with what enciphers it.
    func append(
        _ content: FrameContent,
        segment: UInt64,
        sealing sealer: FrameSealer? = nil,
        to writer: inout ByteWriter
    ) -> UInt64 {
        let start = writer.bytes.count
        writer.put(length)
        writer.put(type)
        writer.put(flags)
        writer.put(formatVersion)
        writer.put(schemaVersion)
        writer.put(epoch)
        writer.put(incarnation)
        writer.put(sequence)
        writer.put(time)
        writer.put(owner)
        writer.put(keyID)
        writer.put(columnCount)
        writer.put(bodyCount)
        writer.put(plainCount)
        writer.put(UInt64(0))
        writer.put(content.columns)
        writer.put(content.body)
        writer.put(content.vectors)
        if keyID == Self.segmentKey {
            guard let sealer else { preconditionFailure("a key without a cipher") }
            for _ in 0..<(Self.trailer / 8) { writer.put(UInt64(0)) }
            unsafe writer.bytes.withUnsafeMutableBytes { buffer in
                unsafe sealer.seal(
                    UnsafeMutableRawBufferPointer(rebasing: buffer[start...]),
                    sequence: sequence
                )
            }
        }
        let checksum = unsafe writer.bytes.withUnsafeBytes { buffer in
            unsafe Self.checksum(
                UnsafeRawBufferPointer(rebasing: buffer[start...]),
                segment: segment,
                sequence: sequence
            )
        }
        writer.overwrite(checksum, at: start + 64)
        writer.pad(to: 8)
        return checksum
    }

    /// Whether the bytes of a whole frame have the checksum that the head states.
    func matches(_ frame: UnsafeRawBufferPointer, segment: UInt64) -> Bool {
        unsafe Self.checksum(frame, segment: segment, sequence: sequence) == checksum
    }

    /// XXH3 of the payload, seeded with XXH3 of the head before the checksum, which is seeded with
    /// segment and sequence: a frame left over in a recycled segment never passes.
    static func checksum(
        _ frame: UnsafeRawBufferPointer,
        segment: UInt64,
        sequence: UInt64
    ) -> UInt64 {
        let head = unsafe UnsafeRawBufferPointer(rebasing: frame[0..<64])
        let payload = unsafe UnsafeRawBufferPointer(rebasing: frame[size...])
        let seed = segment &* 0x9e37_79b9_7f4a_7c15 ^ sequence
        return Checksum.xxh3(
            unsafe RawSpan(_unsafeBytes: payload),
            seed: Checksum.xxh3(unsafe RawSpan(_unsafeBytes: head), seed: seed)
        )
    }
}

/// What a commit frame says in its columns.
struct CommitColumns {
    /// Frames of the batch before this one.
    let count: UInt32
    /// XXH3 over their checksums.
    let hash: UInt64
    /// Everything up to this sequence was durable when the frame was written.
    let durable: UInt64

    init(count: UInt32, hash: UInt64, durable: UInt64) {
        self.count = count
        self.hash = hash
        self.durable = durable
    }

    init(_ bytes: [UInt8]) throws(BytesError) {
        var reader = ByteReader(bytes)
        count = try reader.get()
        _ = try reader.get(UInt32.self)
        hash = try reader.get()
        durable = try reader.get()
    }

    /// What a whole frame of the log itself says that cannot be; nil where there is nothing.
    static func fault(in frame: Frame) -> String? {
        guard frame.content.type < LogFrameType.firstOfCaller,
            let columns = try? CommitColumns(frame.content.columns),
            columns.durable >= frame.sequence
        else { return nil }
        return "it calls sequence \(columns.durable) durable, which comes after it"
    }

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 24)
        writer.put(count)
        writer.put(UInt32(0))
        writer.put(hash)
        writer.put(durable)
        return writer.bytes
    }
}
