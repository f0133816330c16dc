// Reading the log again to find out early what does not read back: every frame that was written,
// from the first segment to where writing stands, through plain reads of the files. Nothing is kept
// of it but where it stands. What is damaged is noted in the log.

internal import MnemeBase

/// A pass over an open log, in steps of at most 1 MiB.
package struct LogScrub {
    private let log: Log
    private var number: UInt64 = 0
    private var walk: SegmentWalk?
    private var file: (any DiskFile)?
    private var made: UInt64 = 0
    private var secrecy = SegmentSecrecy.clear
    private var place = SurveyPlace()
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
            switch event {
            case .working: return true
            case .hole(let hole): place.met(hole, in: number, hasHeader: true)
            case .frame(let frame):
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

    /// What was written behind a walk's end meanwhile, then the next segment.
    private mutating func goOn(behind walk: SegmentWalk) -> Bool {
        self.walk = nil
        let end = log.writtenPlace
        let done = walk.window.byteCount
        if let file, let count = try? file.byteCount() {
            let limit = number == end.segment ? min(end.offset, Int(count)) : Int(count)
            if number <= end.segment, limit > done {
                self.walk = SegmentWalk(
                    file,
                    number: number,
                    byteCount: limit,
                    from: walk.offset,
                    next: place.next,
                    floor: place.next,
                    incarnation: place.incarnation,
                    secrecy
                )
                return true
            }
        }
        place.ended(number, done, of: made)
        return number < end.segment || isEnd()
    }

    /// What is written has been read; what is missing of it is noted.
    private mutating func isEnd() -> Bool {
        note(place.finished())
        return false
    }

    /// Starts with the next segment.
    private mutating func begin() -> Bool {
        let end = log.writtenPlace
        number += 1
        guard number <= end.segment else { return isEnd() }
        do throws(DiskError) {
            let file = try log.disk.open(Segment.path(log.directory, number), .read)
            self.file = file
            let count = Int(clamping: try file.byteCount())
            let limit = number == end.segment ? min(end.offset, count) : count
            let bytes = SegmentWindow.head(of: file, byteCount: count)
            let header = SegmentHeader(bytes)
            made = header?.byteCount ?? 0
            secrecy = log.isEncrypted ? .opaque : .clear
            if let header {
                note(place.reached(header.firstSequence))
            } else {
                let reason = "the header cannot be read"
                let start = LogPlace(segment: number, offset: 0)
                log.note(LogDamage(place: start, sequence: 0, frameCount: 0, reason: reason))
            }
            walk = SegmentWalk(
                file,
                number: number,
                byteCount: limit,
                next: header.map { max($0.firstSequence, place.next) } ?? place.next,
                floor: place.next,
                incarnation: place.incarnation,
                secrecy
            )
        } catch {
            let start = LogPlace(segment: number, offset: 0)
            let reason = "the file cannot be opened: \(error)"
            log.note(LogDamage(place: start, sequence: 0, frameCount: 0, reason: reason))
        }
        return true
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
