// A log read from end to end whatever is damaged in it: every whole frame in the order of the
// sequences, and between them what is lost. Nothing is written, mapped or locked, and no other file
// of the store is needed. Format: formats/log.md.

package import MnemeBase

/// What a survey meets, in order.
package enum SurveyEvent: Sendable {
    /// A whole frame of the log's user.
    case frame(Frame)
    /// A whole frame of the log's user that a compaction has met; it was durable, and its batch is
    /// not known.
    case cold(Frame, ColdFrame)
    /// A whole commit or close frame.
    case end(SurveyEnd)
    /// A whole frame that only a newer program understands.
    case newer(LogPlace, sequence: UInt64, what: String)
    /// Something is missing, or cannot be read.
    case lost(LogLoss)
}

/// What is known of a frame that a compaction has met.
package enum ColdFrame: Sendable {
    /// It was needed.
    case needed
    /// It may have been needed, and what ended it since may have been left out.
    case unsure
    /// It was not needed: it counts only where it ends something.
    case settled
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
    /// Whether frames may be missing beside those, or be another log's: a header is lost.
    package var mayHideMore = false
    /// Whether what was deleted may stand in what is read in the place of it.
    package var mayBringBack = false

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
    /// Whether it is named as a segment is.
    package var isSegment = true
}

/// A log that is read whatever is damaged in it.
package final class LogSurvey {
    struct File {
        let file: any DiskFile
        let byteCount: Int
        let header: SegmentHeader?
        /// What the header of a cold segment says.
        let cold: ColdHeader?
        /// Whether something stands in the place of both copies of its header.
        let hasBothCopies: Bool
        /// How its frames are read.
        let secrecy: SegmentSecrecy
    }

    /// Whose log it is, by what was given or by what most segments say; nil when none does.
    package private(set) var identity: LogIdentity?
    /// Files that are of no use: of another store, of a newer format, or not to be opened.
    package private(set) var setAside: [SetAside] = []
    /// Whether any file says by its header what it is.
    package var hasHeader: Bool { files.values.contains { $0.header != nil } }
    /// Whether no file has the number of a segment, or it was left aside.
    package func isMissing(_ number: UInt64) -> Bool { files[number] == nil }
    /// Bytes of all files that are read.
    package private(set) var byteCount = 0
    private(set) var files: [UInt64: File] = [:]
    /// The cold segments that the newest readable state of the store names: they were finished,
    /// whatever is left of them.
    package var named: Set<UInt64> = []
    /// The cold segments that are read in the place of others.
    private var standing: [ColdStand] = []
    private let vault: Vault?
    /// The dictionaries of cold segments that were found.
    private var dictionaries: [UInt64: SegmentDictionary] = [:]
    /// Segments in a row that are missing and named one by one.
    private static let namedGap: UInt64 = 64
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
                setAside.append(
                    SetAside(name: name, reason: "is not the name of a segment", isSegment: false)
                )
                continue
            }
            do throws(DiskError) {
                let file = try disk.open(directory + "/" + name, .read)
                let count = Int(min(try file.byteCount(), UInt64(Self.byteLimit)))
                let head = SegmentWindow.head(of: file, byteCount: count)
                let header = SegmentHeader(head)
                let cold = header.flatMap { ColdHeader(head, $0, byteCount: count) }
                found.append(
                    (
                        number,
                        File(
                            file: file,
                            byteCount: count,
                            header: header,
                            cold: cold,
                            hasBothCopies: SegmentHeader.hasBothCopies(head),
                            secrecy: SegmentSecrecy(header, number: number, vault)
                        )
                    )
                )
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

    /// Whether a segment of a directory says that it is encrypted, as all of a store are then.
    package static func isEncrypted(_ disk: any Disk, directory: String) -> Bool {
        for name in (try? disk.list(directory)) ?? [] where Segment.number(name) != nil {
            guard let file = try? disk.open(directory + "/" + name, .read) else { continue }
            defer { try? file.close() }
            let count = Int(clamping: (try? file.byteCount()) ?? 0)
            if SegmentHeader(SegmentWindow.head(of: file, byteCount: count))?.salt != nil {
                return true
            }
        }
        return false
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
        if header.salt != nil, vault == nil {
            return "is encrypted, and the file with the store's own key is not there"
        }
        if header.salt == nil, vault != nil { return "is not encrypted, as the store is" }
        return nil
    }

    /// The sequence up to which the headers alone say that everything was durable.
    package var durableByHeaders: UInt64 {
        let plain = files.filter { !SegmentNumber.isCold($0.key) }
        let begun = plain.values.compactMap(\.header?.firstSequence).max() ?? 1
        return max(begun &- 1, files.values.compactMap(\.cold?.run.asOf).max() ?? 0)
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
        let passedOver: [UInt64]
        (standing, passedOver) = ColdStand.all(in: files, named: named)
        var place = SurveyPlace()
        var done = 0
        var number: UInt64 = 0
        let last = files.keys.filter { !SegmentNumber.isCold($0) }.max() ?? 1
        let end = max(last, standing.last?.segments.upperBound ?? 1)
        let begins = (Array(files.keys) + standing.map(\.segments.lowerBound)).filter { $0 <= end }
            .sorted()
        var ahead = begins[...]
        while number < end {
            number += 1
            ahead = ahead.drop { $0 < number }
            if let next = ahead.first, next - number > Self.namedGap {
                // Nobody wants to read all their names.
                place.missing(number...(next - 1))
                number = next
            }
            if let stand = standing.first(where: { $0.segments.lowerBound == number }) {
                try read(stand, &place, body)
                number = stand.segments.upperBound
                done += files[stand.number]?.byteCount ?? 0
                progress(done)
                continue
            }
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
                secrecy: file.secrecy
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
        for number in passedOver { try body(.lost(Self.passedOver(number, place.end.sequence))) }
        return place.end
    }

    /// What is to be said of a cold segment without a header that is not read.
    private static func passedOver(_ number: UInt64, _ end: UInt64) -> LogLoss {
        var loss = LogLoss(
            segments: number...number,
            bytes: 0..<SegmentHeader.size,
            sequences: end..<end,
            reason: "the header cannot be read, and others are read in its place, which may have "
                + "what was deleted since"
        )
        loss.mayBringBack = true
        return loss
    }

    /// Hands out what a cold segment has, and what those still have that it stands for.
    private func read<Failure: Error>(
        _ stand: ColdStand,
        _ place: inout SurveyPlace,
        _ body: (SurveyEvent) throws(Failure) -> Void
    ) throws(Failure) {
        let first = max(place.next, stand.header?.run.sequences.lowerBound ?? place.next)
        if let loss = place.reached(first) { try body(.lost(loss)) }
        let isLast = !standing.contains { $0.segments.lowerBound > stand.segments.upperBound }
        let pieces = ColdPieces(stand, files, from: first, isLast: isLast)
        for event in pieces.events {
            switch event {
            case .lost(let loss): try body(.lost(loss))
            case .frame(let at, let what):
                if let frame = try? frame(at: at) { try body(.cold(frame, what)) }
            }
        }
        place.skipped(to: stand.lastSequence + 1)
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
                // What it says beyond that nobody could have known.
                durable: min(columns.durable, frame.sequence - 1)
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
        var found: (head: FrameHead, frame: Frame)?
        var cipher: Cipher?
        do throws(DiskError) {
            let bytes = try file.read(at: UInt64(place.offset), count: FrameHead.size)
            if let head = try? FrameHead(bytes), head.vectorCount >= 0,
                head.length <= Self.byteLimit
            {
                let whole = try file.read(at: UInt64(place.offset), count: Int(head.length))
                if let salt = files[place.segment]?.header?.salt {
                    cipher = vault?.segment(place.segment, salt: salt)
                }
                let own = LogPlace(segment: place.segment, offset: place.offset)
                found = Frame(head, verifying: whole, place: own, opening: cipher)
                    .map { (head, $0) }
            }
        } catch {
            throw .disk(error)
        }
        guard let found else {
            throw .corrupt(place: place, sequence: 0, reason: "the frame has changed")
        }
        guard let number = place.numberInPack else { return withDictionary(found.frame, cipher) }
        return try found.frame.packed(number, found.head)
    }

    /// A frame with what its body is packed against, where it is and that reads back: else nobody
    /// can tell what its body says.
    private func withDictionary(_ frame: Frame, _ cipher: Cipher?) -> Frame {
        guard frame.content.isPacked, let file = files[frame.place.segment] else { return frame }
        let number = frame.place.segment
        let found =
            dictionaries[number]
            ?? SegmentDictionary.find(
                in: number,
                from: SegmentDictionary.start(end: file.cold?.end, byteCount: file.byteCount),
                byteCount: file.byteCount,
                isEncrypted: file.secrecy.isEncrypted,
                cipher: cipher,
                read: { offset, count in try? file.file.read(at: UInt64(offset), count: count) }
            )?
            .dictionary
        guard let found else { return frame }
        dictionaries[number] = found
        return frame.unpacking(with: found)
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
