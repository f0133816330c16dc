// A log read from end to end whatever is damaged in it: every whole frame in the order of the
// sequences, and between them what is lost. Nothing is written, mapped or locked, and no other file
// of the store is needed. Format: formats/log.md.

package import MnemeBase

/// What a survey meets, in order.
package enum SurveyEvent: Sendable {
    /// A whole frame of the log's user.
    case frame(Frame)
    /// A whole commit or close frame.
    case end(SurveyEnd)
    /// A whole frame that only a newer program understands.
    case newer(LogPlace, sequence: UInt64, what: String)
    /// Something is missing, or cannot be read.
    case lost(LogLoss)
}

/// The end of a batch, or a close.
package struct SurveyEnd: Sendable {
    package let place: LogPlace
    package let sequence: UInt64
    /// Frames of the batch before this one; nil for a close.
    package let count: Int?
    /// Everything up to this sequence was durable when it was written.
    package let durable: UInt64
}

/// A part of a log that is lost.
package struct LogLoss: Sendable {
    /// The segments that it lies in, ascending.
    package var segments: ClosedRange<UInt64>
    /// Where in the first of them, from the file's start; nil for whole segments.
    package var bytes: Range<Int>?
    /// The frames that are missing; empty where nothing tells of any.
    package var sequences: Range<UInt64>
    /// What is the matter, for people.
    package var reason: String
    /// What the first of the frames still says.
    package var remains: FrameRemains?

    /// A loss of its parts.
    package init(
        segments: ClosedRange<UInt64>,
        bytes: Range<Int>?,
        sequences: Range<UInt64>,
        reason: String,
        remains: FrameRemains? = nil
    ) {
        self.segments = segments
        self.bytes = bytes
        self.sequences = sequences
        self.reason = reason
        self.remains = remains
    }
}

/// A file of a log that is left aside.
package struct SetAside: Sendable {
    /// The file's name in the log's directory.
    package let name: String
    /// Why, for people.
    package let reason: String
}

/// A log that is read whatever is damaged in it.
package final class LogSurvey {
    private struct File {
        let file: any DiskFile
        let byteCount: Int
        let header: SegmentHeader?
    }

    /// Whose log it is, by what was given or by what most segments say; nil when none does.
    package private(set) var identity: LogIdentity?
    /// Files that are of no use: of another store, of a newer format, or not to be opened.
    package private(set) var setAside: [SetAside] = []
    /// Bytes of all files that are read.
    package private(set) var byteCount = 0
    private var files: [UInt64: File] = [:]
    private let vault: Vault?
    /// A segment's longest file: places reach no further.
    private static let byteLimit = 128 << 20

    /// Looks at the files of a directory.
    ///
    /// `identity`: whose log it is to be, where that is known; `vault`: what it is encrypted with.
    /// - Throws: `.disk` when the directory cannot be listed.
    package init(
        _ disk: any Disk,
        directory: String,
        identity known: LogIdentity?,
        vault: Vault? = nil
    ) throws(LogError) {
        self.vault = vault
        let names: [String]
        do throws(DiskError) { names = try disk.list(directory) } catch { throw .disk(error) }
        var found: [(number: UInt64, file: File)] = []
        for name in names.sorted() {
            guard let number = Segment.number(name) else {
                setAside.append(SetAside(name: name, reason: "is not the name of a segment"))
                continue
            }
            do throws(DiskError) {
                let file = try disk.open(directory + "/" + name, .read)
                let count = Int(min(try file.byteCount(), UInt64(Self.byteLimit)))
                let head = SegmentWindow.head(of: file, byteCount: count)
                let header = SegmentHeader(head)
                found.append((number, File(file: file, byteCount: count, header: header)))
            } catch {
                setAside.append(SetAside(name: name, reason: "cannot be opened: \(error)"))
            }
        }
        identity = known ?? Self.mostly(found.compactMap(\.file.header))
        for (number, file) in found {
            if let reason = reason(against: file, number) {
                setAside.append(SetAside(name: Segment.name(number), reason: reason))
            } else {
                files[number] = file
                byteCount += file.byteCount
            }
        }
    }

    /// The identity that most headers have, the one of the lowest numbers among equals.
    private static func mostly(_ headers: [SegmentHeader]) -> LogIdentity? {
        var counts: [LogIdentity: Int] = [:]
        for header in headers { counts[header.identity, default: 0] += 1 }
        return headers.map(\.identity).max { counts[$0, default: 0] < counts[$1, default: 0] }
    }

    private func reason(against file: File, _ number: UInt64) -> String? {
        guard let header = file.header else { return nil }
        if !header.isKnown {
            return "has format \(header.version), which is newer than this program"
        }
        if header.identity != identity { return "belongs to another store" }
        if header.number != number { return "was segment \(header.number)" }
        if header.salt != nil, vault == nil { return "is encrypted, and there is no key" }
        if header.salt == nil, vault != nil { return "is not encrypted, as the store is" }
        return nil
    }

    /// The sequence up to which the headers alone say that everything was durable.
    package var durableByHeaders: UInt64 {
        (files.values.compactMap(\.header?.firstSequence).max() ?? 1) &- 1
    }

    /// Hands out everything that can be read, and what cannot.
    ///
    /// `progress` is called now and then with the bytes read so far.
    ///
    /// - Returns: where the last whole frame ends.
    /// - Throws: what `body` throws.
    /// - Complexity: O(bytes of all files).
    package func walk<Failure: Error>(
        progress: (Int) -> Void = { _ in },
        _ body: (SurveyEvent) throws(Failure) -> Void
    ) throws(Failure) -> LogPosition {
        var place = SurveyPlace()
        var done = 0
        for number in 1...max(files.keys.max() ?? 1, 1) {
            guard let file = files[number], file.byteCount > SegmentHeader.size else {
                place.missing(number, isThere: files[number] != nil)
                continue
            }
            if let first = file.header?.firstSequence, let loss = place.reached(first) {
                try body(.lost(loss))
            }
            var walk = SegmentWalk(
                file.file,
                number: number,
                byteCount: file.byteCount,
                next: file.header.map { max($0.firstSequence, place.next) },
                floor: place.next,
                incarnation: place.incarnation,
                SegmentSecrecy(file.header, number: number, vault)
            )
            if file.header == nil { place.lostHeader(number) }
            steps: while true {
                let event = walk.step()
                switch event {
                case .working: progress(done + walk.window.bytesRead)
                case .end: break steps
                case .hole(let hole): place.met(hole, in: number, hasHeader: file.header != nil)
                case .frame(let frame):
                    if file.header == nil { place.confirm() }
                    if let loss = place.reached(frame.sequence) { try body(.lost(loss)) }
                    place.passed(frame.sequence, walk)
                    try body(Self.event(frame))
                case .newer(let at, let sequence, let what):
                    if let loss = place.reached(sequence) { try body(.lost(loss)) }
                    place.passed(sequence, walk)
                    try body(.newer(at, sequence: sequence, what: what))
                }
            }
            done += file.byteCount
            if let made = file.header?.byteCount { place.ended(number, file.byteCount, of: made) }
        }
        if let loss = place.finished() { try body(.lost(loss)) }
        return place.end
    }

    private static func event(_ frame: Frame) -> SurveyEvent {
        guard frame.content.type < LogFrameType.firstOfCaller,
            let columns = try? CommitColumns(frame.content.columns)
        else { return .frame(frame) }
        return .end(
            SurveyEnd(
                place: frame.place,
                sequence: frame.sequence,
                count: frame.content.type == LogFrameType.commit ? Int(columns.count) : nil,
                durable: columns.durable
            )
        )
    }

    /// The frame at a place that a walk handed out.
    ///
    /// - Throws: `.corrupt`, `.disk`.
    package func frame(at place: LogPlace) throws(LogError) -> Frame {
        guard let file = files[place.segment]?.file else {
            throw .corrupt(place: place, sequence: 0, reason: "no such segment")
        }
        do throws(DiskError) {
            let bytes = try file.read(at: UInt64(place.offset), count: FrameHead.size)
            if let head = try? FrameHead(bytes), head.vectorCount >= 0,
                head.length <= Self.byteLimit
            {
                let whole = try file.read(at: UInt64(place.offset), count: Int(head.length))
                var cipher: Cipher?
                if let salt = files[place.segment]?.header?.salt {
                    cipher = vault?.segment(place.segment, salt: salt)
                }
                if let frame = Frame(head, verifying: whole, place: place, opening: cipher) {
                    return frame
                }
            }
        } catch {
            throw .disk(error)
        }
        throw .corrupt(place: place, sequence: 0, reason: "the frame has changed")
    }
}

extension SegmentHeader {
    /// Whose segment it is.
    var identity: LogIdentity { LogIdentity(high: identityHigh, low: identityLow) }
}

extension SegmentWindow {
    /// The first bytes of a file, those that cannot be read as zeros.
    static func head(of file: any DiskFile, byteCount: Int) -> [UInt8] {
        let count = min(byteCount, SegmentHeader.size)
        var window = SegmentWindow(file, byteCount: count, from: 0)
        window.readOn(keepingFrom: 0)
        return window.copy(0, count)
    }
}

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

    /// A segment without a header may be a spare; a frame in it says that it is none.
    mutating func lostHeader(_ number: UInt64) {
        add(number, 0..<SegmentHeader.size, "the header cannot be read", isDamage: false)
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

    /// What is left behind the last whole frame.
    mutating func finished() -> LogLoss? { isDamage ? pending : nil }
}
