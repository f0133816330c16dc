// A pack: frames of a cold segment that follow each other and are alike, in one frame. What they
// have in common stands once, and what differs takes as many bits as the differences need; rows are
// of one length, so that each frame is read by itself. What a pack says is held against its bounds,
// its checksum notwithstanding. Format: formats/log.md#pack.

internal import MnemeBase

/// What the columns of a pack say of its frames.
struct Pack {
    /// The most frames of one: as many as places can tell.
    static let limit = 1 << 10
    /// The most words of columns, and the most bytes of bodies, that are described.
    static let wordLimit = 16
    static let commonLimit = 1024

    /// Numbers that every frame has besides the words of its columns, in their order.
    enum Number: Int, CaseIterable {
        case restEnd, plainCount, sequence, time, owner
    }

    /// One number of each row.
    struct Column {
        /// So many bits in a row.
        var bits: Int
        var least: UInt64
    }

    /// The frames in it.
    let count: Int
    private let type: UInt8
    /// The pack's own head.
    private let head: FrameHead
    private let place: LogPlace
    private let numbers: [Column]
    /// The first bytes of bodies.
    private let bytes: [Column]
    private let rowBits: Int
    /// Where the rests begin in the body.
    private let rests: Int
    private let restCount: Int

    /// Reads the columns of a whole frame that is to be a pack.
    ///
    /// - Throws: `.corrupt` where they do not say what a pack's do.
    /// - Complexity: O(bytes of the columns).
    init(_ head: FrameHead, columns: [UInt8], place: LogPlace) throws(LogError) {
        self.head = head
        self.place = place
        do throws(BytesError) {
            var reader = ByteReader(columns)
            count = Int(try reader.get(UInt16.self))
            type = try reader.get()
            let words = Int(try reader.get(UInt8.self))
            let common = Int(try reader.get(UInt16.self))
            _ = try reader.get(UInt16.self)
            guard head.type == LogFrameType.pack, head.plainCount == 0, head.vectorCount == 0,
                2...Self.limit ~= count, type >= LogFrameType.firstOfCaller,
                words <= Self.wordLimit, common <= Self.commonLimit
            else { throw .malformed(offset: 0) }
            let fixed = Number.allCases.count + words
            numbers = try Self.columns(&reader, fixed, most: UInt64.bitWidth)
            bytes = try Self.columns(&reader, common, most: UInt8.bitWidth)
            rowBits = (numbers + bytes).reduce(0) { $0 + $1.bits }
            rests = (count * rowBits + 7) / 8
            restCount = Int(head.bodyCount) - rests
            guard reader.remaining == 0, restCount >= 0 else {
                throw .malformed(offset: reader.offset)
            }
        } catch {
            throw Self.damage(head, place)
        }
    }

    private static func columns(
        _ reader: inout ByteReader,
        _ count: Int,
        most: Int
    ) throws(BytesError) -> [Column] {
        var columns: [Column] = []
        columns.reserveCapacity(count)
        for _ in 0..<count {
            let bits = Int(try reader.get(UInt8.self))
            guard bits <= most else { throw .malformed(offset: reader.offset) }
            columns.append(Column(bits: bits, least: try reader.getVariable()))
        }
        return columns
    }

    private static func damage(_ head: FrameHead, _ place: LogPlace) -> LogError {
        .corrupt(place: place, sequence: head.sequence, reason: "a pack that cannot be")
    }

    /// One frame of the pack, whose body this is.
    ///
    /// - Throws: `.corrupt` where there is none of that number, or it is none that can be.
    /// - Complexity: O(bytes of the frame).
    func frame(_ number: Int, in body: Span<UInt8>) throws(LogError) -> Frame {
        guard number < count, body.count == rests + restCount,
            let frame = read(number, body)
        else { throw Self.damage(head, place) }
        return frame
    }

    /// All frames of the pack, in order.
    ///
    /// - Throws: `.corrupt` where they are none that can be, or do not follow each other.
    func frames(in body: Span<UInt8>) throws(LogError) -> [Frame] {
        var frames: [Frame] = []
        frames.reserveCapacity(count)
        for number in 0..<count {
            let frame = try frame(number, in: body)
            guard frame.sequence > frames.last?.sequence ?? 0,
                number > 0 || frame.sequence == head.sequence
            else { throw Self.damage(head, place) }
            frames.append(frame)
        }
        return frames
    }

    private func read(_ number: Int, _ body: Span<UInt8>) -> Frame? {
        var row = PackBits(offset: number * rowBits)
        var values: [UInt64] = []
        values.reserveCapacity(numbers.count)
        for column in numbers {
            let (value, isOver) = column.least.addingReportingOverflow(row.next(column.bits, body))
            if isOver { return nil }
            values.append(value)
        }
        func value(_ number: Number) -> UInt64 { values[number.rawValue] }
        guard let rest = rest(number, upTo: value(.restEnd), body),
            let plainCount = UInt32(exactly: value(.plainCount)),
            1..<SegmentNumber.sequenceLimit ~= value(.sequence)
        else { return nil }
        var stored: [UInt8] = []
        stored.reserveCapacity(bytes.count + rest.count)
        for column in bytes {
            let (sum, isOver) = column.least.addingReportingOverflow(row.next(column.bits, body))
            guard !isOver, let byte = UInt8(exactly: sum) else { return nil }
            stored.append(byte)
        }
        for index in rest { stored.append(body[index]) }
        var columns = ByteWriter(capacity: 8 * (numbers.count - Number.allCases.count))
        for word in values.dropFirst(Number.allCases.count) { columns.put(word) }
        let content = FrameContent(
            type: type,
            schemaVersion: head.schemaVersion,
            owner: value(.owner),
            keyID: head.keyID,
            columns: columns.bytes,
            body: stored,
            plainCount: plainCount
        )
        return Frame(
            place: LogPlace(number, inPackAt: place),
            sequence: value(.sequence),
            time: Microseconds(bitPattern: value(.time)),
            epoch: head.epoch,
            incarnation: head.incarnation,
            content: content,
            // It has none.
            vectorOffset: place.offset
        )
    }

    /// Where the rest of a body stands in the pack's.
    private func rest(_ number: Int, upTo end: UInt64, _ body: Span<UInt8>) -> Range<Int>? {
        var begin: UInt64 = 0
        if number > 0 {
            // It is the first number of a row.
            let column = numbers[Number.restEnd.rawValue]
            var row = PackBits(offset: (number - 1) * rowBits)
            let (value, isOver) = column.least.addingReportingOverflow(row.next(column.bits, body))
            if isOver { return nil }
            begin = value
        }
        guard begin <= end, end <= UInt64(restCount) else { return nil }
        return (rests + Int(begin))..<(rests + Int(end))
    }
}

/// Reads bits one behind the other, the lowest of each byte first.
struct PackBits {
    /// In bits, from where the bytes begin.
    var offset: Int

    /// The next bits as a number, the lowest first.
    ///
    /// - Precondition: the bytes have them.
    mutating func next(_ count: Int, _ bytes: Span<UInt8>) -> UInt64 {
        var (value, taken): (UInt64, Int) = (0, 0)
        while taken < count {
            let (shift, part) = (offset & 7, min(8 - offset & 7, count - taken))
            let piece = UInt64(bytes[offset >> 3] >> UInt8(shift)) & (1 << UInt64(part) - 1)
            value |= piece << UInt64(taken)
            taken += part
            offset += part
        }
        return value
    }
}

extension LogPlace {
    /// Of a place that names a frame in a pack.
    private static let packed: UInt64 = 1 << 63
    /// Cold segments of higher numbers have no packs.
    static let lastWithPacks = SegmentNumber.coldBase + (1 << 29 - 1)
    /// Bytes that a frame of a pack is reckoned with: hardly one takes fewer.
    package static let packedBytes = 8

    /// The place of a frame in a pack of a cold segment.
    ///
    /// - Precondition: the segment may have packs; the number is below `Pack.limit`.
    init(_ number: Int, inPackAt place: LogPlace) {
        let segment = place.segment - SegmentNumber.coldBase
        self.init(
            bits: Self.packed | segment << 34 | UInt64(number) << 24 | UInt64(place.offset >> 3)
        )
    }

    /// The number of the frame in its pack; nil where it stands by itself.
    package var numberInPack: Int? {
        bits & Self.packed == 0 ? nil : Int(bits >> 24 & UInt64(Pack.limit - 1))
    }
}

/// What stands at an offset of a segment: a frame, or those of a pack.
struct FrameGroup {
    let frames: [Frame]
    /// Of what stands there, as a whole.
    let checksum: UInt64
    /// Bytes that it takes, without what aligns the next frame.
    let byteCount: Int
}

extension FrameReader {
    /// The frame at a place, by itself or in a pack, verified.
    ///
    /// - Throws: as `Log.frame(at:)`.
    func frame(at place: LogPlace) throws(LogError) -> Frame {
        guard let number = place.numberInPack else { return try frame(at: place.offset) }
        return try packed(number, place)
    }

    /// The frame at a place, by itself or in a pack, verified where it stands.
    ///
    /// - Throws: as `Log.frame(at:)`.
    func mapped(at place: LogPlace) throws(LogError) -> MappedFrame {
        guard let number = place.numberInPack else { return try mapped(at: place.offset) }
        return MappedFrame(unpacked: try packed(number, place))
    }

    private func packed(_ number: Int, _ place: LogPlace) throws(LogError) -> Frame {
        let whole = try mapped(at: place.offset)
        let pack = try Pack(whole.head, columns: whole.columnBytes, place: whole.place)
        return try whole.withBody { body throws(LogError) in try pack.frame(number, in: body) }
    }

    /// All that stands at an offset.
    ///
    /// - Throws: as `Log.frame(at:)`.
    func group(at offset: Int) throws(LogError) -> FrameGroup {
        let whole = try mapped(at: offset)
        return FrameGroup(
            frames: whole.type == LogFrameType.pack ? try whole.unpacked() : [Frame(whole)],
            checksum: whole.head.checksum,
            byteCount: Int(whole.head.length)
        )
    }
}

extension Frame {
    /// One frame of a pack, whose head this is.
    ///
    /// - Throws: `.corrupt` where it is no pack that can be, or has no such frame.
    func packed(_ number: Int, _ head: FrameHead) throws(LogError) -> Frame {
        let pack = try Pack(head, columns: content.columns, place: place)
        return try pack.frame(number, in: content.body.span)
    }
}

extension MappedFrame {
    /// The frames of a pack.
    ///
    /// - Throws: `.corrupt` where it is none that can be.
    func unpacked() throws(LogError) -> [Frame] {
        let pack = try Pack(head, columns: columnBytes, place: place)
        return try withBody { body throws(LogError) in try pack.frames(in: body) }
    }
}
