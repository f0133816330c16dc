// Cold segments in a log that is read whatever is damaged in it: which of them are read in the
// place of others, and what those that they stand for still have of what is damaged in them.
//
// A frame that a whole cold segment does not have was not needed when that was written: it stays
// away though a segment that waits to be removed still has it. Where a cold segment is damaged,
// such segments have what stood in the damaged part; but what ended it later may be what a
// compaction of later segments has left out, relying on this one.
// Format: formats/log.md#past-damage.

internal import MnemeBase

/// A cold segment that is read in the place of others.
struct ColdStand {
    let number: UInt64
    let segments: ClosedRange<UInt64>
    /// The last sequence that it stands for.
    let lastSequence: UInt64
    /// nil where it cannot be read.
    let header: ColdHeader?

    /// Those of a log's files that count, in the order of what they stand for; and the numbers of
    /// those that are passed over though they may have been finished.
    ///
    /// `named`: those that a state of the store names, which were finished.
    ///
    /// - Complexity: O(bytes of cold segments whose headers are lost, and of what they stand for).
    static func all(
        in files: [UInt64: LogSurvey.File],
        named: Set<UInt64>
    ) -> (standing: [ColdStand], passedOver: [UInt64]) {
        let cold = files.filter { SegmentNumber.isCold($0.key) }
        let whole = cold.compactMap { number, file in
            file.cold.map { header in
                ColdStand(
                    number: number,
                    segments: header.run.segments,
                    lastSequence: header.run.sequences.upperBound,
                    header: header
                )
            }
        }
        var standing = whole.filter { stand in
            !whole.contains { other in
                other.number > stand.number
                    && other.segments.contains(stand.segments.lowerBound)
            }
        }
        var passedOver: [UInt64] = []
        for (number, file) in cold.sorted(by: { $0.key > $1.key }) where file.cold == nil {
            switch lostHeader(number, file, files, standing, named) {
            case .stands(let stand): standing.append(stand)
            case .unfinished: break
            case .doubtful: passedOver.append(number)
            }
        }
        standing.sort { $0.segments.lowerBound < $1.segments.lowerBound }
        return (standing, passedOver.sorted())
    }

    /// What a cold segment without a header is.
    private enum WithoutHeader {
        /// Damaged, and read in the place of others.
        case stands(ColdStand)
        /// The rest of a compaction, on which nothing relies.
        case unfinished
        /// One that may have been finished, and others rely on: what they lack may stand in what is
        /// read in its place.
        case doubtful
    }

    /// What a cold segment without a header stands for, by its frames.
    ///
    /// The last of them has the sequence before the first of a later segment, and no other one
    /// stands for the same. One that is the newest of all, of whose header nothing is there, and
    /// that no state names, was never finished, as far as nothing tells otherwise: the rest of an
    /// older one goes before another is begun.
    private static func lostHeader(
        _ number: UInt64,
        _ file: LogSurvey.File,
        _ files: [UInt64: LogSurvey.File],
        _ standing: [ColdStand],
        _ named: Set<UInt64>
    ) -> WithoutHeader {
        let isNewest =
            !file.hasBothCopies && !named.contains(number)
            && files.keys.allSatisfy { $0 <= number }
        var walk = SegmentWalk(
            file.file,
            number: number,
            byteCount: file.byteCount,
            next: nil,
            floor: 1,
            incarnation: 0,
            coldLast: .max,
            secrecy: file.secrecy
        )
        var sequences: ClosedRange<UInt64>?
        scan: while true {
            switch walk.step() {
            case .end: break scan
            case .frame(let frame):
                sequences = (sequences?.lowerBound ?? frame.sequence)...frame.sequence
            default: continue
            }
        }
        guard let sequences else { return isNewest ? .unfinished : .doubtful }
        var begins: [UInt64: UInt64] = [:]
        for (number, file) in files where !SegmentNumber.isCold(number) {
            begins[number] = file.header?.firstSequence
        }
        for stand in standing {
            begins[stand.segments.lowerBound] = stand.header?.run.sequences.lowerBound
        }
        let follower = begins.first { $0.value == sequences.upperBound + 1 }?.key
        guard let follower, follower > 1 else { return isNewest ? .unfinished : .doubtful }
        if let other = standing.first(where: { $0.segments.contains(follower - 1) }) {
            return isNewest && !isOutrun(other, standing) ? .unfinished : .doubtful
        }
        // From the segment that had its first frame, or the first one that is gone, on.
        let before = standing.map(\.segments.upperBound).filter { $0 < follower }.max() ?? 0
        let candidates = (before + 1)..<follower
        let holder = begins.filter { number, first in
            candidates.contains(number) && first <= sequences.lowerBound
        }
        .keys.max()
        // Among more numbers than there are files the first ones tell.
        let missing = candidates.first { files[$0] == nil }
        // A compaction ended before the header: both copies are as they are made, and no other one
        // has begun since, which might rely on it.
        if isNewest, missing == nil,
            areWhole(candidates, files, through: sequences.upperBound)
        {
            return .unfinished
        }
        return .stands(
            ColdStand(
                number: number,
                segments: min(holder ?? follower - 1, missing ?? follower - 1)...(follower - 1),
                lastSequence: sequences.upperBound,
                header: nil
            )
        )
    }

    /// Whether a later one may have left out what ends what a cold segment has: its deletes came
    /// behind the commit as of which that was judged, and another one was to take its place.
    private static func isOutrun(_ stand: ColdStand, _ standing: [ColdStand]) -> Bool {
        standing.contains { other in
            other.number > stand.number && other.segments.lowerBound > stand.segments.upperBound
                && other.lastSequence > stand.header?.run.asOf ?? 0
        }
    }
}

extension ColdStand {
    /// Whether neighbouring plain segments have every frame, from the first of them on up to a
    /// sequence.
    private static func areWhole(
        _ numbers: Range<UInt64>,
        _ files: [UInt64: LogSurvey.File],
        through last: UInt64
    ) -> Bool {
        var next: UInt64?
        var found: [LogPlace: UInt64] = [:]
        for number in numbers {
            guard let file = files[number], let first = file.header?.firstSequence,
                first == next ?? first
            else { return false }
            let end = ColdPieces.collect(file, number, from: first, coldLast: nil, &found)
            guard end.isWhole else { return false }
            next = end.next
        }
        return next == last + 1
    }
}

/// What can be read of the segments that one cold one stands for, in order.
struct ColdPieces {
    enum Event {
        case frame(LogPlace, ColdFrame)
        case lost(LogLoss)
    }
    private struct Piece {
        var sequence: UInt64
        var event: Event
    }

    private let stand: ColdStand
    private let first: UInt64
    private var pieces: [Piece] = []
    /// Sequences of whole frames of the cold segment.
    private var known: Set<UInt64> = []
    /// Where it is damaged, and which sequences may have stood there.
    private var gaps: [(bytes: Range<Int>, sequences: Range<UInt64>, reason: String)] = []

    /// Reads the cold segment through, and where it is damaged what it stands for.
    ///
    /// `isLast`: whether no other cold segment comes after it in the log.
    init(
        _ stand: ColdStand,
        _ files: [UInt64: LogSurvey.File],
        from first: UInt64,
        isLast: Bool
    ) {
        self.stand = stand
        self.first = first
        guard let file = files[stand.number] else { return }
        read(file)
        if gaps.isEmpty { return }
        let isFilled = fill(from: files, isLast: isLast)
        for gap in gaps {
            let number = stand.number
            let reason =
                isFilled
                ? gap.reason + "; the segments that it stands for have what stood there"
                : gap.reason
            let end = isFilled ? gap.sequences.lowerBound : gap.sequences.upperBound
            var loss = LogLoss(
                segments: number...number,
                bytes: gap.bytes,
                sequences: gap.sequences.lowerBound..<end,
                reason: reason
            )
            // Only the header says which frames there were, and whose.
            loss.mayHideMore = stand.header == nil && !isFilled
            pieces.append(Piece(sequence: gap.sequences.lowerBound, event: .lost(loss)))
        }
    }

    /// What there is, by ascending sequence.
    var events: [Event] { pieces.sorted { $0.sequence < $1.sequence }.map(\.event) }

    private mutating func read(_ file: LogSurvey.File) {
        var walk = SegmentWalk(
            file.file,
            number: stand.number,
            byteCount: stand.header.map { Int($0.end) } ?? file.byteCount,
            next: first,
            floor: first,
            incarnation: 0,
            coldLast: stand.lastSequence,
            secrecy: file.secrecy
        )
        if stand.header == nil {
            gaps.append((0..<SegmentHeader.size, first..<first, "the header cannot be read"))
        }
        var next = first
        var open: (bytes: Range<Int>, reason: String)?
        func close(_ upTo: UInt64) {
            guard let hole = open else { return }
            gaps.append((hole.bytes, next..<max(next, upTo), hole.reason))
            open = nil
        }
        scan: while true {
            switch walk.step() {
            case .working: continue
            case .end: break scan
            case .hole(let hole):
                if stand.header == nil, hole.isZero, !hole.isUnreadable { continue }
                open = (
                    hole.bytes,
                    hole.isUnreadable ? "the disk cannot read it" : "no whole frame stands there"
                )
            case .frame(let frame):
                close(frame.sequence)
                take(frame.sequence, frame.place)
                next = frame.sequence + 1
            case .newer(_, let sequence, _):
                close(sequence)
                next = sequence + 1
            }
        }
        close(stand.lastSequence + 1)
        if let header = stand.header, gaps.isEmpty, !walk.holdsAll(of: header) {
            let bytes = SegmentHeader.size..<Int(header.end)
            gaps.append((bytes, first..<(stand.lastSequence + 1), "frames are missing"))
        }
    }

    private mutating func take(
        _ sequence: UInt64,
        _ place: LogPlace,
        _ what: ColdFrame = .needed
    ) {
        known.insert(sequence)
        pieces.append(Piece(sequence: sequence, event: .frame(place, what)))
    }

    /// Takes what stood in the gaps out of the segments that it stands for, and all that ends
    /// anything.
    ///
    /// - Returns: whether they have everything that stood there.
    private mutating func fill(from files: [UInt64: LogSurvey.File], isLast: Bool) -> Bool {
        var found: [LogPlace: UInt64] = [:]
        var isWhole = true
        var next = first
        let there = files.keys.filter(stand.segments.contains).sorted()
        if UInt64(there.count) <= stand.segments.upperBound - stand.segments.lowerBound {
            isWhole = false
        }
        for number in there {
            guard let file = files[number] else { continue }
            let begin = file.header?.firstSequence ?? next
            let end = Self.collect(file, number, from: begin, coldLast: nil, &found)
            isWhole = isWhole && begin == next && file.header != nil && end.isWhole
            next = end.next
        }
        isWhole = isWhole && next == stand.lastSequence + 1
        for (number, file) in files.sorted(by: { $0.key > $1.key })
        where SegmentNumber.isCold(number) && number < stand.number {
            guard let run = file.cold?.run, stand.segments.contains(run.segments.lowerBound)
            else { continue }
            let last = run.sequences.upperBound
            _ = Self.collect(file, number, from: run.sequences.lowerBound, coldLast: last, &found)
        }
        for (place, sequence) in found.sorted(by: { $0.key < $1.key })
        where !known.contains(sequence) {
            // Elsewhere the cold segment has what was needed; what ends something may end what
            // stood in a gap.
            let isInGap = gaps.contains { $0.sequences.contains(sequence) }
            take(sequence, place, !isInGap ? .settled : isWhole && isLast ? .needed : .unsure)
        }
        return isWhole
    }

    /// Notes where the whole frames of a file stand.
    fileprivate static func collect(
        _ file: LogSurvey.File,
        _ number: UInt64,
        from first: UInt64,
        coldLast: UInt64?,
        _ found: inout [LogPlace: UInt64]
    ) -> (isWhole: Bool, next: UInt64) {
        var walk = SegmentWalk(
            file.file,
            number: number,
            byteCount: file.byteCount,
            next: first,
            floor: first,
            incarnation: 0,
            coldLast: coldLast,
            secrecy: file.secrecy
        )
        var isWhole = true
        var next = first
        while true {
            switch walk.step() {
            case .working: continue
            case .end: return (isWhole, next)
            case .hole(let hole): isWhole = isWhole && hole.isZero && !hole.isUnreadable
            case .newer: isWhole = false
            case .frame(let frame):
                isWhole = isWhole && (coldLast != nil || frame.sequence == next)
                next = frame.sequence + 1
                if frame.content.type >= LogFrameType.firstOfCaller {
                    found[frame.place] = frame.sequence
                }
            }
        }
    }
}
