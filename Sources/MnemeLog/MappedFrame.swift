// A frame where it stands: in the mapped log, verified and read without a copy of it. Lengths are
// those of the head that was verified, so whatever becomes of the bytes, nobody reads past them.

package import MnemeBase

/// A whole frame in the mapped log.
///
/// SAFETY: the mapping outlives the value. The bytes could be read and matched their checksum when
/// the value was made; nobody writes over a frame of a segment that is mapped.
@safe package struct MappedFrame {
    /// Where it stands.
    package let place: LogPlace
    let head: FrameHead
    @usableFromInline let start: UnsafeRawPointer
    private let mapping: Mapping
    /// Its length, without what enciphered frames have behind their vectors.
    private let byteCount: Int
    /// What its body is packed against; nil where it is not.
    package private(set) var dictionary: SegmentDictionary?
    @usableFromInline let columns: Range<Int>
    @usableFromInline let body: Range<Int>

    init(_ head: FrameHead, start: UnsafeRawPointer, mapping: Mapping, place: LogPlace) {
        self.head = head
        unsafe self.start = start
        self.mapping = mapping
        byteCount = Int(head.length)
        self.place = place
        columns = head.columns
        body = columns.upperBound..<(columns.upperBound + Int(head.bodyCount))
    }

    /// A frame in memory of its own, deciphered; nil when it was not enciphered with the key.
    init?(opening frame: MappedFrame, with cipher: Cipher) {
        let count = Int(frame.head.length) - FrameHead.trailer
        let room = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        let isOpen = unsafe frame.withBytes {
            unsafe cipher.open($0, sequence: frame.sequence, into: room)
        }
        guard isOpen else {
            unsafe room.deallocate()
            return nil
        }
        unsafe start = UnsafeRawPointer(room)
        nonisolated(unsafe) let kept = unsafe room
        mapping = unsafe Mapping(base: start, count: count, path: "", faults: false) {
            unsafe kept.deallocate()
        }
        byteCount = count
        (head, place) = (frame.head, frame.place)
        (columns, body) = (frame.columns, frame.body)
    }

    /// A frame that stood in a pack, in memory of its own.
    init(unpacked frame: Frame) {
        let content = frame.content
        let count = FrameHead.size + content.columns.count + content.body.count
        let room = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        let whole = unsafe UnsafeMutableRawBufferPointer(start: room, count: count)
        unsafe whole.initializeMemory(as: UInt8.self, repeating: 0)
        let body = FrameHead.size + content.columns.count
        unsafe whole[FrameHead.size..<body].copyBytes(from: content.columns)
        unsafe whole[body...].copyBytes(from: content.body)
        unsafe start = UnsafeRawPointer(room)
        nonisolated(unsafe) let kept = unsafe room
        mapping = unsafe Mapping(base: start, count: count, path: "", faults: false) {
            unsafe kept.deallocate()
        }
        byteCount = count
        head = FrameHead(
            content,
            sequence: frame.sequence,
            time: frame.time,
            epoch: frame.epoch,
            incarnation: frame.incarnation
        )
        place = frame.place
        columns = FrameHead.size..<body
        self.body = body..<count
    }

    /// The frame, whose body is packed against this.
    func unpacking(with dictionary: SegmentDictionary) -> MappedFrame {
        var frame = self
        frame.dictionary = dictionary
        return frame
    }

    /// What it carries.
    package var type: UInt8 { head.type }
    /// Its sequence.
    package var sequence: UInt64 { head.sequence }
    /// The schema under which it was written.
    package var schemaVersion: UInt32 { head.schemaVersion }
    /// The opening that wrote it.
    package var incarnation: UInt64 { head.incarnation }
    /// When its batch was committed; 0 of a close frame.
    package var time: Microseconds { head.time }
    /// The body's length before compression, 0 when it is stored plain.
    package var plainCount: Int { Int(head.plainCount) }

    /// Hands out the index columns, good until `read` returns.
    @inlinable
    package func withColumns<Result, Failure: Error>(
        _ read: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withBytes(of: columns, read)
    }

    /// Hands out the body as stored, good until `read` returns.
    @inlinable
    package func withBody<Result, Failure: Error>(
        _ read: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withBytes(of: body, read)
    }

    /// A copy of the index columns.
    var columnBytes: [UInt8] { unsafe withBytes { unsafe Array($0[columns]) } }

    /// A copy of some bytes of the vectors, nil where there are not so many.
    package func vectorBytes(_ range: Range<Int>) -> [UInt8]? {
        guard range.lowerBound >= 0, range.upperBound <= head.vectorCount else { return nil }
        let first = body.upperBound
        return unsafe withBytes { bytes in
            unsafe Array(bytes[(first + range.lowerBound)..<(first + range.upperBound)])
        }
    }

    /// Where the vectors stand, in bytes from the frame's start.
    var vectorRange: Range<Int> { body.upperBound..<(body.upperBound + head.vectorCount) }

    /// Hands out all of it, good until `read` returns.
    func withBytes<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result {
        defer { withExtendedLifetime(mapping) {} }
        return unsafe read(UnsafeRawBufferPointer(start: start, count: byteCount))
    }

    /// - Precondition: the range lies inside the frame.
    @inlinable
    func withBytes<Result, Failure: Error>(
        of range: Range<Int>,
        _ read: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        let first = unsafe (start + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        let bytes = unsafe UnsafeBufferPointer(start: first, count: range.count)
        return try read(unsafe bytes.span)
    }
}

/// Reads frames by place, one after the other.
package struct PlaceReader {
    private let log: Log
    /// Where those before stood, the last one first; frames of one question stand in few segments.
    private var segments: [Segment] = []
    /// More segments are not remembered.
    private static let segmentLimit = 8

    /// A reader of a log.
    package init(_ log: Log) { self.log = log }

    /// Has the frame at a place fetched, which is about to be asked for: its head, and so many of
    /// the bytes behind it.
    package mutating func fetch(_ place: LogPlace, byteCount: Int) {
        guard let mapping = (try? segment(of: place))?.mapping,
            let start = unsafe try? mapping.pointer(at: place.offset, count: FrameHead.size)
        else { return }
        Prefetch.lines(UInt(bitPattern: start), FrameHead.size + byteCount)
    }

    /// The frame at a place, verified where it stands.
    ///
    /// - Throws: as `Log.frame(at:)`.
    /// - Complexity: O(bytes of the frame), none of them copied.
    package mutating func frame(at place: LogPlace) throws(LogError) -> MappedFrame {
        let found = try segment(of: place)
        return try log.noting(place) { () throws(LogError) in
            try FrameReader(found).mapped(at: place)
        }
    }

    /// Hands out type, sequence and index columns of the frame at a place, verified where it
    /// stands, good until `read` returns; nil of one that has to be deciphered or unpacked first.
    ///
    /// For those who need nothing else of many frames: no value is made of a frame.
    ///
    /// - Throws: as `frame`.
    /// - Complexity: as `frame`.
    package mutating func columns<Result>(
        at place: LogPlace,
        _ read: (UInt8, UInt64, Span<UInt8>) -> Result
    ) throws(LogError) -> Result? {
        if place.numberInPack != nil { return nil }
        let found = try segment(of: place)
        return try log.noting(place) { () throws(LogError) -> Result? in
            let (head, start) = unsafe try FrameReader(found).verified(at: place.offset)
            guard head.keyID == 0 else { return nil }
            defer { withExtendedLifetime(found) {} }
            let columns = head.columns
            let first = unsafe (start + columns.lowerBound).assumingMemoryBound(to: UInt8.self)
            let bytes = unsafe UnsafeBufferPointer(start: first, count: columns.count)
            return read(head.type, head.sequence, unsafe bytes.span)
        }
    }

    private mutating func segment(of place: LogPlace) throws(LogError) -> Segment {
        for segment in segments where segment.number == place.segment { return segment }
        let found = try log.segment(of: place)
        if segments.count == Self.segmentLimit { segments.removeLast() }
        segments.insert(found, at: 0)
        return found
    }
}
