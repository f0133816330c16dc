// Where somebody stands who reads a log whatever is damaged in it, and what is missing there.
// Format: formats/log.md#past-damage.

internal import MnemeBase

/// Where a survey stands, and what it misses there.
struct SurveyPlace {
    /// Where the last whole frame ends, with the sequence expected next.
    private(set) var end = LogPosition(
        place: LogPlace(segment: 1, offset: SegmentHeader.size),
        sequence: 1
    )
    private(set) var incarnation: UInt64 = 0
    /// What was met since the last whole frame.
    private var pending: LogLoss?
    /// Whether it is damage also where no frame turns out to be missing.
    private var isDamage = false
    /// Whether it is nothing but zeros, as stand at a segment's end.
    private var isRoom = false

    var next: UInt64 { end.sequence }

    private mutating func add(
        _ number: UInt64,
        _ bytes: Range<Int>?,
        _ reason: String,
        isDamage: Bool,
        isRoom: Bool = false,
        _ remains: FrameRemains? = nil
    ) {
        // What is the matter with the segments behind tells more than the zeros before.
        if self.isRoom, let before = pending, before.segments.upperBound < number { pending = nil }
        self.isRoom = isRoom && pending == nil
        self.isDamage = self.isDamage || isDamage
        guard var before = pending else {
            pending = LogLoss(
                segments: number...number,
                bytes: bytes,
                sequences: next..<next,
                reason: reason,
                remains: remains
            )
            return
        }
        before.segments = before.segments.lowerBound...number
        if !before.reason.contains(reason) { before.reason += "; " + reason }
        before.remains = before.remains ?? remains
        pending = before
    }

    mutating func missing(_ number: UInt64, isThere: Bool) {
        let what = isThere ? "has no frames: it was cut off" : "is missing"
        add(number, nil, "\(LogFile.name(number)) \(what)", isDamage: false)
    }

    /// A row of segments that are not there.
    mutating func missing(_ numbers: ClosedRange<UInt64>) {
        missing(numbers.lowerBound, isThere: false)
        let last = LogFile.name(numbers.upperBound)
        add(numbers.upperBound, nil, "all from there up to \(last) are missing", isDamage: false)
    }

    /// A segment without a header may be a spare; a frame in it says that it is none.
    mutating func lostHeader(_ number: UInt64) {
        add(number, 0..<SegmentHeader.size, "the header cannot be read", isDamage: false)
        pending?.mayHideMore = true
    }

    mutating func met(_ hole: SegmentHole, in number: UInt64, hasHeader: Bool) {
        // Zeros may be room that was never used, as may be what stands in a spare.
        let isRoom = hole.isZero && !hole.isUnreadable
        add(
            number,
            hole.bytes,
            hole.isUnreadable
                ? "the disk cannot read it"
                : isRoom ? "zeros stand there" : "no whole frame stands there",
            isDamage: !isRoom && hasHeader,
            isRoom: isRoom,
            hole.remains
        )
    }

    mutating func ended(_ number: UInt64, _ byteCount: Int, of made: UInt64) {
        guard UInt64(byteCount) < made else { return }
        let reason = "the file ends after \(byteCount) of \(made) bytes"
        add(number, byteCount..<Int(clamping: made), reason, isDamage: false)
    }

    /// What was met is damage, as the segment was in use.
    mutating func confirm() { isDamage = isDamage || pending != nil }

    /// A frame, or a segment's first: what is missing before it.
    mutating func reached(_ sequence: UInt64) -> LogLoss? {
        defer {
            pending = nil
            isDamage = false
        }
        var lost = pending
        if sequence > next {
            let segment = end.place.segment
            lost =
                lost
                ?? LogLoss(
                    segments: segment...segment,
                    bytes: nil,
                    sequences: next..<next,
                    reason: "the frames are not there"
                )
            lost?.sequences = next..<sequence
            end = LogPosition(place: end.place, sequence: sequence)
            return lost
        }
        return isDamage ? lost : nil
    }

    mutating func passed(_ sequence: UInt64, _ walk: SegmentWalk) {
        let place = LogPlace(segment: walk.number, offset: walk.offset)
        end = LogPosition(place: place, sequence: max(next, sequence + 1))
        incarnation = walk.incarnation
    }

    /// The frames up to here are not looked for, and neither is what was met before.
    mutating func skipped(to sequence: UInt64) {
        pending = nil
        isDamage = false
        isRoom = false
        end = LogPosition(place: end.place, sequence: max(next, sequence))
    }

    /// What is left behind the last whole frame.
    mutating func finished() -> LogLoss? { isDamage ? pending : nil }
}
