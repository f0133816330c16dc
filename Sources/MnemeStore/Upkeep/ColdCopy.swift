// The two halves of a compaction that move bytes: copying what is needed of a run of segments, and
// finding in the copy what the state is to look for there. Both in slices, so that everything else
// goes on between them. Format: formats/store.md#compaction.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Copies what is needed of a run of segments into a cold one.
final class ColdCopy {
    private let log: Log
    private let state: StoreState
    private let segments: ClosedRange<UInt64>
    private let writer: ColdWriter
    private let packing: ColdPacking
    /// Nothing is left before the run that a delete or unlink up to this sequence ends.
    private let settled: UInt64
    /// What is still to be read.
    private var numbers: [UInt64]
    private var cursor: SegmentCursor?
    private var lastTime: Microseconds = 0
    private(set) var isDone = false
    /// Bytes of deletes and unlinks that were copied.
    private(set) var passing = 0
    /// The first frames of this ordinal, and so of all above it, stand in the run.
    private var begun = UInt64.max

    /// `packs`: whether bodies are packed as tightly as can be, which takes its time.
    init(
        _ store: Store,
        _ segments: ClosedRange<UInt64>,
        packs: Bool
    ) throws(StoreError) {
        log = store.log
        // Its frames are durable, so that whoever finds the cold segment finds what it counts with.
        let durable = try store.durableState()
        state = durable.state
        self.segments = segments
        packing = ColdPacking(state.catalog, packs: packs)
        let (log, state) = (log, state)
        writer = try onLog { () throws(LogError) in
            // Behind the state's last change only frames of the log itself may stand.
            try log.coldWriter(
                for: segments,
                asOf: state.sequence,
                end: durable.position.sequence - 1,
                packing: [StoreFrameType.link]
            )
        }
        let runs = state.roots.cold.filter(\.isComplete).compactMap { log.coldRun($0.number) }
        settled = Self.settled(before: segments.lowerBound, runs, log)
        // In the order of what they hold: cold ones stand where their first segment stood.
        numbers = log.sealedSegments
            .compactMap { number -> (first: UInt64, number: UInt64)? in
                if let run = runs.first(where: { $0.number == number }) {
                    return (run.segments.lowerBound, number)
                }
                let isCovered = runs.contains { $0.segments.contains(number) }
                return SegmentNumber.isCold(number) || isCovered ? nil : (number, number)
            }
            .filter { segments.contains($0.first) }
            .sorted { $0.first < $1.first }
            .map(\.number)
    }

    var run: ColdRun { writer.run }

    /// Up to which sequence everything before a segment was judged: everything, where nothing is
    /// before it.
    private static func settled(
        before first: UInt64,
        _ runs: [ColdRun],
        _ log: Log
    ) -> UInt64 {
        var (number, settled) = (UInt64(1), UInt64.max)
        while number < first {
            guard let run = runs.first(where: { $0.segments.lowerBound == number }) else {
                guard log.isEmpty(number) else { return 0 }
                number += 1
                continue
            }
            settled = min(settled, run.asOf)
            number = run.segments.upperBound + 1
        }
        return settled
    }

    /// Copies about so many bytes; how many were read.
    func slice(_ limit: Int, pause: (Int) -> Void) throws(StoreError) -> Int {
        var bytes = 0
        while bytes < limit {
            if let (frame, content) = try packing.next() {
                // Packing takes its time too.
                bytes += frame.content.byteCount
                writer.add(frame, content)
                pause(0)
                continue
            }
            guard let frame = try nextFrame() else {
                if packing.close() { continue }
                try end()
                return bytes
            }
            bytes += frame.content.byteCount
            lastTime = frame.time
            if try isNeeded(frame) { try packing.add(frame) }
            pause(0)
        }
        try onLog { () throws(LogError) in try writer.flush(pause: pause) }
        return bytes
    }

    private func nextFrame() throws(StoreError) -> Frame? {
        while true {
            if let frame = try onLog({ () throws(LogError) in try cursor?.next() }) { return frame }
            guard !numbers.isEmpty else { return nil }
            let number = numbers.removeFirst()
            cursor = try onLog { () throws(LogError) in try SegmentCursor(log, number) }
        }
    }

    private func end() throws(StoreError) {
        let summary = SegmentSummary(
            nextOrdinal: state.roots.nextOrdinal,
            nextKeys: state.roots.nextKeys
        )
        writer.end(summary.content, time: lastTime)
        let dictionary = packing.dictionary(for: writer.byteCount)
        try onLog { () throws(LogError) in try writer.seal(dictionary: dictionary) }
        isDone = true
    }

    /// Whether a frame is needed as of the state.
    private func isNeeded(_ frame: Frame) throws(StoreError) -> Bool {
        switch frame.content.type {
        case StoreFrameType.schema, StoreFrameType.owner, StoreFrameType.narrowErase,
            StoreFrameType.erase, StoreFrameType.eraseEdge, StoreFrameType.fork:
            return true
        case StoreFrameType.withdrawal:
            // What is left of it to be ended; all else that it names has its delete behind it.
            guard let withdrawal = WithdrawalContent(frame.content) else {
                throw .malformed(frame.place)
            }
            return !state.roots.withdrawn.intersection(withdrawal.ordinals).isEmpty
        case StoreFrameType.put:
            guard let columns = try? PutColumns(frame.content.columns) else {
                throw .malformed(frame.place)
            }
            if columns.previous == nil { begun = min(begun, columns.ordinal) }
            return try isCurrent(columns.ordinal, frame)
        case StoreFrameType.link:
            let ordinal = try ordinal(frame)
            begun = min(begun, ordinal)
            return try isCurrent(ordinal, frame)
        case StoreFrameType.delete, StoreFrameType.unlink:
            // Ordinals are handed out in the order of the log. Where what it names began in the
            // run, so did all that it ends, and none of that is copied.
            let isNeeded = try ordinal(frame) < begun && frame.sequence > settled
            if isNeeded { passing += frame.content.byteCount }
            return isNeeded
        default: return false
        }
    }

    private func ordinal(_ frame: Frame) throws(StoreError) -> UInt64 {
        guard let columns = try? PlainColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        return columns.ordinal
    }

    private func isCurrent(_ ordinal: UInt64, _ frame: Frame) throws(StoreError) -> Bool {
        let view = state.root.view
        let entry = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
        return entry?.birth == frame.sequence && entry?.death == OrdinalEntry.forever
    }

    /// Gives the copy up.
    func abandon() { if !isDone { writer.abandon() } }
}

/// Reads a cold segment for what the state is to look for there.
final class ColdMoves {
    /// A frame, and the bytes that it takes.
    struct Moved: Sendable {
        var moved: MovedFrame
        var byteCount: Int
    }

    let run: ColdRun
    private let log: Log
    private var cursor: SegmentCursor?
    /// Bytes of frames that have come to be not needed since they were copied.
    var staleBytes = 0
    private(set) var isDone = false

    init(_ log: Log, _ run: ColdRun) {
        self.run = run
        self.log = log
    }

    /// The puts and links of about so many bytes, and how many were read.
    func slice(_ limit: Int) throws(StoreError) -> (frames: [Moved], byteCount: Int) {
        var (frames, bytes): ([Moved], Int) = ([], 0)
        if cursor == nil {
            cursor = try onLog { () throws(LogError) in try SegmentCursor(log, run.number) }
        }
        while bytes < limit, frames.count < 2048 {
            guard let frame = try onLog({ () throws(LogError) in try cursor?.next() }) else {
                isDone = true
                break
            }
            bytes += frame.content.byteCount
            if let moved = try moved(frame) {
                let isPacked = frame.place.numberInPack != nil
                let count = isPacked ? LogPlace.packedBytes : frame.content.byteCount
                frames.append(Moved(moved: moved, byteCount: count))
            }
        }
        return (frames, bytes)
    }

    private func moved(_ frame: Frame) throws(StoreError) -> MovedFrame? {
        switch frame.content.type {
        case StoreFrameType.put:
            guard let columns = try? PutColumns(frame.content.columns) else {
                throw .malformed(frame.place)
            }
            var moved = MovedFrame(
                ordinal: columns.ordinal,
                birth: frame.sequence,
                place: frame.place
            )
            var offset = frame.vectorOffset
            for vector in columns.vectors {
                let address = VectorAddress.bits(segment: frame.place.segment, offset: offset)
                moved.vectors.append((vector.field, address))
                offset += vector.dimension * (vector.element == .float32 ? 4 : 2)
            }
            return moved
        case StoreFrameType.link:
            guard let columns = try? PlainColumns(frame.content.columns) else {
                throw .malformed(frame.place)
            }
            var moved = MovedFrame(
                ordinal: columns.ordinal,
                birth: frame.sequence,
                place: frame.place
            )
            if frame.content.vectors.isEmpty { return moved }
            guard let vectors = try? PlainColumns.vectors(in: frame.content.columns.span) else {
                throw .malformed(frame.place)
            }
            moved.vectors = vectors.map { vector in
                let offset = frame.vectorOffset + vector.range.lowerBound
                return (
                    vector.field,
                    VectorAddress.bits(segment: frame.place.segment, offset: offset)
                )
            }
            return moved
        default: return nil
        }
    }
}
