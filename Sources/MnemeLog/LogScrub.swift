// Reading the log again to find out early what does not read back: every frame that was written,
// from the first segment to where writing stands, then the cold segments and both copies of their
// dictionaries, through plain reads of the files. Nothing is kept of it but where it stands. What
// is damaged is noted in the log. A segment that is retired while the pass is in it has become
// something else, which is no damage.

internal import MnemeBase
internal import Synchronization

/// A pass over an open log, in steps of at most 1 MiB.
package struct LogScrub {
    private let log: Log
    private var number: UInt64 = 0
    private var walk: SegmentWalk?
    private var file: (any DiskFile)?
    private var made: UInt64 = 0
    private var secrecy = SegmentSecrecy.clear
    private var place = SurveyPlace()
    /// The segment of the log that is being read.
    private var segment: Segment?
    /// What a cold one's header says.
    private var cold: ColdHeader?
    private var isWhole = true
    /// Whether the walk ends where writing stood: frames alone stand before that.
    private var endsWithWriting = false
    /// Whether segments before are gone, as cold ones stand for them.
    private var hasSkipped = false
    /// Bytes that were read so far.
    package private(set) var bytesRead = 0
    private var bytesBefore = 0

    /// Starts with the first segment.
    package init(_ log: Log) { self.log = log }

    /// Goes on by one read.
    ///
    /// - Returns: whether there is more.
    package mutating func step() -> Bool {
        guard walk != nil else { return begin() }
        while true {
            guard let event = walk?.step(), let walk else { return begin() }
            bytesRead = bytesBefore + walk.window.bytesRead
            // Asked when the bytes have been read: until then they were the segment's.
            guard isStillThere else {
                leave()
                return true
            }
            if SegmentNumber.isCold(number) {
                switch event {
                case .working: return true
                case .hole(let hole): note(hole)
                case .frame, .newer: break
                case .end: return endCold(walk)
                }
                continue
            }
            switch event {
            case .working: return true
            case .hole(let hole):
                place.met(hole, in: number, hasHeader: true)
                if endsWithWriting { place.confirm() }
            case .frame(let frame):
                if hasSkipped { place.skipped(to: frame.sequence) }
                hasSkipped = false
                note(place.reached(frame.sequence))
                place.passed(frame.sequence, walk)
            case .newer(_, let sequence, _):
                note(place.reached(sequence))
                place.passed(sequence, walk)
            case .end:
                bytesBefore = bytesRead
                return goOn(behind: walk)
            }
        }
    }

    /// Whether the segment that is being read is one of the log's.
    private var isStillThere: Bool {
        segment.map { segment in log.segments.withLock { $0[segment.number] } === segment } ?? true
    }

    /// Gives up a segment that was retired.
    private mutating func leave() {
        bytesBefore = bytesRead
        walk = nil
        if !SegmentNumber.isCold(number) { hasSkipped = true }
    }

    /// What was written behind a walk's end meanwhile, then the next segment.
    private mutating func goOn(behind walk: SegmentWalk) -> Bool {
        self.walk = nil
        let end = log.writtenPlace
        let done = walk.window.byteCount
        if let file, let count = try? file.byteCount() {
            let limit = number == end.segment ? min(end.offset, Int(count)) : Int(count)
            if number <= end.segment, limit > done {
                endsWithWriting = number == end.segment && limit == end.offset
                self.walk = SegmentWalk(
                    file,
                    number: number,
                    byteCount: limit,
                    from: walk.offset,
                    next: place.next,
                    floor: place.next,
                    incarnation: place.incarnation,
                    secrecy: secrecy
                )
                return true
            }
        }
        place.ended(number, done, of: made)
        return number < end.segment || isEnd()
    }

    /// What is written has been read; what is missing of it is noted, and the cold segments follow.
    private mutating func isEnd() -> Bool {
        note(place.finished())
        place = SurveyPlace()
        number = SegmentNumber.coldBase
        return beginCold()
    }

    /// Starts with the next segment.
    private mutating func begin() -> Bool {
        if number >= SegmentNumber.coldBase { return beginCold() }
        let end = log.writtenPlace
        number += 1
        guard number <= end.segment else { return isEnd() }
        let number = number
        segment = log.segments.withLock { $0[number] }
        if segment == nil,
            log.cold.withLock({ $0.values.contains { $0.segments.contains(number) } })
        {
            hasSkipped = true
            return true
        }
        do throws(DiskError) {
            let file = try log.disk.open(Segment.path(log.directory, number), .read)
            self.file = file
            let count = Int(clamping: try file.byteCount())
            let limit = number == end.segment ? min(end.offset, count) : count
            endsWithWriting = number == end.segment && limit == end.offset
            let bytes = SegmentWindow.head(of: file, byteCount: count)
            guard isStillThere else {
                leave()
                return true
            }
            let header = SegmentHeader(bytes)
            made = header?.byteCount ?? 0
            secrecy = log.isEncrypted ? .opaque : .clear
            if let header {
                if hasSkipped { place.skipped(to: header.firstSequence) }
                hasSkipped = false
                note(place.reached(header.firstSequence))
            } else {
                note(at: 0, "the header cannot be read")
            }
            walk = SegmentWalk(
                file,
                number: number,
                byteCount: limit,
                next: header.map { max($0.firstSequence, place.next) }
                    ?? (hasSkipped ? nil : place.next),
                floor: place.next,
                incarnation: place.incarnation,
                secrecy: secrecy
            )
        } catch {
            guard isStillThere else {
                leave()
                return true
            }
            note(at: 0, "the file cannot be opened: \(error)")
        }
        return true
    }

    // MARK: Cold segments

    /// Starts with the next cold segment.
    private mutating func beginCold() -> Bool {
        let before = number
        let next = log.cold.withLock { $0.keys.filter { $0 > before }.min() }
        guard let next else { return false }
        number = next
        segment = log.segments.withLock { $0[next] }
        guard segment != nil else { return true }
        isWhole = true
        do throws(DiskError) {
            let file = try log.disk.open(Segment.path(log.directory, next), .read)
            self.file = file
            let count = Int(clamping: try file.byteCount())
            let bytes = SegmentWindow.head(of: file, byteCount: count)
            let header = SegmentHeader(bytes)
            made = header?.byteCount ?? 0
            cold = header.flatMap { ColdHeader(bytes, $0, byteCount: count) }
            guard isStillThere else {
                leave()
                return true
            }
            if cold == nil { note(at: 0, "the header cannot be read") }
            let run = log.coldRun(next)
            walk = SegmentWalk(
                file,
                number: next,
                byteCount: cold.map { Int($0.end) } ?? count,
                next: run?.sequences.lowerBound,
                floor: 0,
                incarnation: 0,
                coldLast: run?.sequences.upperBound ?? .max,
                secrecy: log.isEncrypted ? .opaque : .clear
            )
        } catch {
            guard isStillThere else {
                leave()
                return true
            }
            note(at: 0, "the file cannot be opened: \(error)")
        }
        return true
    }

    /// Every frame of a cold segment is one that its header counts.
    private mutating func endCold(_ walk: SegmentWalk) -> Bool {
        bytesBefore = bytesRead
        self.walk = nil
        if let cold, isWhole, !walk.holdsAll(of: cold) {
            note(at: SegmentHeader.size, "other frames stand there than the header counts")
        }
        if let cold, let file { checkDictionary(of: file, end: cold.end) }
        return true
    }

    /// Both copies of a dictionary are to be whole, though one of them is enough.
    ///
    /// `end`: where the frames end, as the header says.
    private mutating func checkDictionary(of file: any DiskFile, end: UInt64) {
        // A file that lost its end has lost what stood there.
        let byteCount = Int(clamping: made)
        guard let places = SegmentDictionary.places(end: end, byteCount: byteCount) else { return }
        var bytesRead = 0
        let areWhole = [places.first, places.second].map { offset in
            SegmentDictionary.isWhole(
                in: number,
                at: offset,
                byteCount: byteCount,
                isEncrypted: log.isEncrypted
            ) { offset, count in
                bytesRead += count
                return try? file.read(at: UInt64(offset), count: count)
            }
        }
        self.bytesRead += bytesRead
        bytesBefore = self.bytesRead
        // Asked when the bytes have been read, as of frames.
        guard isStillThere else { return }
        switch (areWhole[0], areWhole[1]) {
        case (true, true): break
        case (false, true): note(at: places.first, Self.lost("first", "second"))
        case (true, false): note(at: places.second, Self.lost("second", "first"))
        case (false, false):
            for place in [places.first, places.second] {
                note(
                    at: place,
                    "neither copy of the dictionary reads back, and no body that is packed "
                        + "against it can be read"
                )
            }
        }
    }

    private static func lost(_ copy: String, _ other: String) -> String {
        "the \(copy) copy of the dictionary does not read back; the \(other) one does, and what is "
            + "packed against it is read"
    }

    private mutating func note(_ hole: SegmentHole) {
        // Without a header, zeros may be what a page is filled up with.
        if cold == nil, hole.isZero, !hole.isUnreadable { return }
        isWhole = false
        note(
            at: hole.bytes.lowerBound,
            hole.isUnreadable ? "the disk cannot read it" : "no whole frame stands there"
        )
    }

    private func note(at offset: Int, _ reason: String) {
        let place = LogPlace(segment: number, offset: offset)
        log.note(LogDamage(place: place, sequence: 0, frameCount: 0, reason: reason))
    }

    private func note(_ loss: LogLoss?) {
        guard let loss else { return }
        let segment = loss.segments.lowerBound
        log.note(
            LogDamage(
                place: LogPlace(segment: segment, offset: loss.bytes?.lowerBound ?? 0),
                sequence: loss.sequences.lowerBound,
                frameCount: UInt64(loss.sequences.count),
                reason: loss.reason
            )
        )
    }
}
