// Reading a segment whatever is damaged in it. As long as frames follow each other the walk goes
// from one to the next; where one is not whole it looks for the next that is, at every multiple of
// 8, by checksum. A frame left over from before a cut has a lower incarnation or a sequence that
// does not fit where it stands, and is none. Format: formats/log.md#frame.
//
// A damaged frame's bytes may hold anything, also what looks like a frame. So where the damaged
// head still says where its frame ends, and the log goes on there, nothing inside it is looked at.

internal import MnemeBase

/// What a damaged frame's head and columns still say; nothing vouches for it.
package struct FrameRemains: Sendable {
    /// The type.
    package let type: UInt8
    /// The number of its owner.
    package let owner: UInt64
    /// Its index columns.
    package let columns: [UInt8]
}

/// Bytes of a segment in which no whole frame stands.
package struct SegmentHole: Sendable {
    /// Where, from the file's start.
    package let bytes: Range<Int>
    /// Whether they are all zero, or could not be read.
    package let isZero: Bool
    package let isUnreadable: Bool
    /// What the frame that was expected there still says.
    package let remains: FrameRemains?
}

/// One step of a walk.
enum SegmentEvent {
    /// A piece was read; nothing is decided yet.
    case working
    case frame(Frame)
    /// A whole frame that only a newer program understands.
    case newer(LogPlace, sequence: UInt64, what: String)
    case hole(SegmentHole)
    case end
}

/// A walk through one segment; each step reads at most 1 MiB.
struct SegmentWalk {
    private enum Phase {
        /// At a place where a frame is to stand.
        case chain
        /// At the end of a damaged frame, as its head says it.
        case leap(from: Int)
        /// Looking for the next frame.
        case scan
    }

    let number: UInt64
    private(set) var window: SegmentWindow
    /// The newest incarnation of a commit or close frame so far.
    private(set) var incarnation: UInt64
    /// The sequence expected next; nil until the first frame where no header says it.
    private(set) var next: UInt64?
    /// Sequences below it were read elsewhere.
    private let floor: UInt64
    private let secrecy: SegmentSecrecy
    /// Of a cold segment, where sequences have gaps, the last one; nil of others.
    private let coldLast: UInt64?
    /// Whole frames so far, and of a cold segment their checksums.
    private(set) var count: UInt64 = 0
    private var hashes = ByteWriter()
    private(set) var offset: Int
    /// Where the last whole frame ended.
    private var chainEnd: Int
    private var phase = Phase.chain
    private var hole: (start: Int, remains: FrameRemains?)?
    private var holeIsZero = true
    /// What has its turn before the walk goes on, the next one last.
    private var waiting: [SegmentEvent] = []

    /// Starts with the frame at `offset`, which has the sequence `next` if that is known; frames of
    /// lower incarnations or sequences below `floor` are none.
    init(
        _ file: any DiskFile,
        number: UInt64,
        byteCount: Int,
        from offset: Int = SegmentHeader.size,
        next: UInt64?,
        floor: UInt64,
        incarnation: UInt64,
        coldLast: UInt64? = nil,
        secrecy: SegmentSecrecy
    ) {
        self.secrecy = secrecy
        self.coldLast = coldLast
        self.number = number
        self.next = next
        self.floor = floor
        self.incarnation = incarnation
        self.offset = offset
        chainEnd = offset
        window = SegmentWindow(file, byteCount: byteCount, from: offset)
    }

    /// Goes on by one frame, one hole or one read.
    mutating func step() -> SegmentEvent {
        if let event = waiting.popLast() { return event }
        while true {
            guard window.fits(offset, FrameHead.size) else { return finish() }
            guard window.holds(offset, FrameHead.size) else { return readOn() }
            if case .scan = phase {
                let nonzero = window.firstNonzero(from: offset)
                if nonzero > offset {
                    offset = nonzero
                    continue
                }
                holeIsZero = false
            }
            let head = window.head(at: offset)
            guard mayBeFrame(head) else {
                miss(head)
                continue
            }
            guard window.holds(offset, Int(head.length)) else { return readOn() }
            guard let event = whole(head) else {
                miss(head)
                continue
            }
            return event
        }
    }

    /// Whether the whole frames so far are all that a cold segment's header counts.
    func holdsAll(of header: ColdHeader) -> Bool {
        count == header.count && header.hash == Checksum.xxh3(hashes.bytes)
    }

    private mutating func readOn() -> SegmentEvent {
        var keep = offset
        if case .leap(let start) = phase { keep = start }
        window.readOn(keepingFrom: keep)
        return .working
    }

    /// Whether a head can be that of the log's next frame, its checksum apart.
    private func mayBeFrame(_ head: FrameHead) -> Bool {
        guard head.formatVersion == FrameHead.version, head.vectorCount >= 0,
            window.fits(offset, Int(head.length)), head.incarnation >= incarnation,
            head.sequence >= floor, head.sequence > 0, head.sequence < 1 << 62
        else { return false }
        guard let next else { return true }
        if let coldLast { return head.sequence >= next && head.sequence <= coldLast }
        switch phase {
        case .chain: return head.sequence == next
        case .leap: return head.sequence == next + 1
        case .scan:
            // No more frames can be missing than had room.
            let room = UInt64((offset - chainEnd) / FrameHead.size)
            return head.sequence >= next && head.sequence - next <= room
        }
    }

    /// The frame at the offset if its checksum matches, or the hole before it.
    private mutating func whole(_ head: FrameHead) -> SegmentEvent? {
        let bytes = window.copy(offset, Int(head.length))
        let place = LogPlace(segment: number, offset: offset)
        guard let frame = frame(head, bytes, place) else { return nil }
        var packed: [Frame] = []
        if head.type == LogFrameType.pack {
            guard let frames = unpacked(frame, head) else { return nil }
            packed = frames
        }
        let before = closeHole(at: offset)
        offset += FrameHead.aligned(Int(head.length))
        chainEnd = offset
        next = (packed.last ?? frame).sequence + 1
        count += 1
        if coldLast != nil { hashes.put(head.checksum) }
        phase = .chain
        let event: SegmentEvent
        if let what = head.unknown(
            isEncrypted: secrecy.isEncrypted,
            isCold: SegmentNumber.isCold(number)
        ) {
            event = .newer(place, sequence: head.sequence, what: what)
        } else {
            event = .frame(packed.first ?? frame)
            waiting = packed.dropFirst().reversed().map { .frame($0) }
            if head.type == LogFrameType.commit || head.type == LogFrameType.close {
                incarnation = head.incarnation
            }
        }
        guard let before else { return event }
        waiting.append(event)
        return .hole(before)
    }

    /// The frames of a pack of a cold segment, as far as anybody looks into it; nil where it cannot
    /// be one, or ends behind what the segment stands for.
    private func unpacked(_ frame: Frame, _ head: FrameHead) -> [Frame]? {
        guard let coldLast else { return [] }
        if case .opaque = secrecy { return [] }
        let content = frame.content
        guard let pack = try? Pack(head, columns: content.columns, place: frame.place),
            let frames = try? pack.frames(in: content.body.span),
            frames.last?.sequence ?? .max <= coldLast
        else { return nil }
        return frames
    }

    /// The frame of its bytes if its checksum matches and it is what the segment may hold.
    private func frame(_ head: FrameHead, _ bytes: [UInt8], _ place: LogPlace) -> Frame? {
        if head.isForged(isEncrypted: secrecy.isEncrypted) { return nil }
        let isSealed = head.keyID == FrameHead.segmentKey
        switch secrecy {
        case .sealed(let cipher) where isSealed:
            return Frame(head, verifying: bytes, place: place, opening: cipher)
        case .lost where isSealed: return nil
        default: return Frame(head, verifying: bytes, place: place)
        }
    }

    /// No frame stands at the offset: goes where one may.
    private mutating func miss(_ head: FrameHead) {
        switch phase {
        case .chain:
            hole = (offset, nil)
            holeIsZero = window.isZero(at: offset)
            if let end = claimedEnd(head) {
                phase = .leap(from: offset)
                offset = end
            } else {
                phase = .scan
                offset += 8
            }
        case .leap(let start):
            // Where nothing follows, the damaged frame was the last one.
            let isEnd = window.isZero(at: offset)
            phase = .scan
            holeIsZero = false
            if isEnd {
                let told = remains(at: start)
                hole?.remains = told
            } else {
                offset = start + 8
            }
        case .scan: offset += 8
        }
    }

    /// Where a damaged frame ends by what its head says, nil when that is not the head of the frame
    /// that was expected.
    private func claimedEnd(_ head: FrameHead) -> Int? {
        let isExpected =
            coldLast.map { head.sequence >= next ?? 0 && head.sequence <= $0 }
            ?? (head.sequence == next)
        guard isExpected, head.formatVersion == FrameHead.version,
            head.length >= FrameHead.size, head.vectorCount >= 0,
            window.fits(offset, Int(head.length))
        else { return nil }
        let end = offset + FrameHead.aligned(Int(head.length))
        return window.fits(end, FrameHead.size) ? end : nil
    }

    private func remains(at start: Int) -> FrameRemains? {
        guard window.holds(start, FrameHead.size) else { return nil }
        let head = window.head(at: start)
        // What is enciphered says nothing before all of it was opened.
        let count = secrecy.isEncrypted ? 0 : Int(head.columnCount)
        guard window.holds(start, FrameHead.size + count) else { return nil }
        return FrameRemains(
            type: head.type,
            owner: head.owner,
            columns: window.copy(start + FrameHead.size, count)
        )
    }

    private mutating func closeHole(at end: Int) -> SegmentHole? {
        guard let (start, known) = hole else { return nil }
        var told = known
        if case .leap(let start) = phase {
            told = remains(at: start)
            holeIsZero = false
        }
        hole = nil
        defer { holeIsZero = true }
        return SegmentHole(
            bytes: start..<end,
            isZero: holeIsZero,
            isUnreadable: window.unreadable.contains { $0.overlaps(start..<end) },
            remains: told
        )
    }

    private mutating func finish() -> SegmentEvent {
        if case .leap(let start) = phase {
            phase = .scan
            offset = start + 8
            return .working
        }
        guard let last = closeHole(at: window.byteCount) else { return .end }
        offset = window.byteCount
        waiting = [.end]
        return .hole(last)
    }
}
