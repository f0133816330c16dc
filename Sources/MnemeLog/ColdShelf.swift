// Which cold segments count when a log is opened, and reading one through.
// Format: formats/log.md#cold-segments.

internal import MnemeBase

/// Reads a cold segment through, in pieces that are handed out as batches.
struct ColdScan {
    /// Frames of a piece.
    private static let pieceCount = 256

    let run: ColdRun
    private let segment: Segment
    private var offset = SegmentHeader.size
    private var sequence: UInt64
    private var count: UInt64 = 0
    private var hashes = ByteWriter()

    init(_ run: ColdRun, _ segment: Segment) {
        self.run = run
        self.segment = segment
        sequence = run.sequences.lowerBound
    }

    /// The next piece, nil at the end.
    ///
    /// - Throws: `.corrupt` where the frames are not those that the header counts, `.newer`,
    ///   `.newerFrame`, `.disk`.
    mutating func next() throws(LogError) -> ReplayedBatch? {
        let reader = FrameReader(segment)
        guard let part = segment.coldHeader else { throw damage("the header cannot be read") }
        var frames: [Frame] = []
        while frames.count < Self.pieceCount, offset < part.end {
            let group = try reader.group(at: offset)
            for frame in group.frames {
                guard frame.sequence >= sequence, run.sequences.contains(frame.sequence) else {
                    throw damage("sequence \(frame.sequence) stands here")
                }
                sequence = frame.sequence + 1
            }
            hashes.put(group.checksum)
            offset = FrameHead.aligned(offset + group.byteCount)
            count += 1
            frames += group.frames
        }
        guard let last = frames.last else {
            guard offset == part.end, count == part.count,
                part.hash == Checksum.xxh3(hashes.bytes)
            else { throw damage("frames are missing") }
            return nil
        }
        return ReplayedBatch(
            frames: frames,
            sequence: last.sequence,
            time: last.time,
            end: LogPosition(
                place: LogPlace(segment: run.number, offset: offset),
                sequence: sequence
            )
        )
    }

    private func damage(_ reason: String) -> LogError {
        .corrupt(
            place: LogPlace(segment: run.number, offset: offset),
            sequence: sequence,
            reason: reason
        )
    }
}

/// A cold segment that a checkpoint's state names.
package struct ColdMention: Hashable, Sendable {
    /// Its number, as it stands in places.
    package var number: UInt64
    /// Whether nothing leads into the segments any more that it stands for.
    package var isComplete: Bool
    /// Whether packs stand in it, which places lead into.
    package var hasPacks: Bool

    /// A mention of its parts.
    package init(number: UInt64, isComplete: Bool, hasPacks: Bool = false) {
        self.number = number
        self.isComplete = isComplete
        self.hasPacks = hasPacks
    }
}

/// The cold segments of a log that is being opened.
struct ColdShelf {
    /// Those that count, in the order of what they stand for.
    private(set) var runs: [ColdRun] = []
    /// Those of them that are read in the place of what they stand for.
    private(set) var standing: [ColdRun] = []
    /// The numbers of files that are of no use.
    private(set) var leftovers: [UInt64] = []

    /// Chooses among the cold segments that are whole.
    ///
    /// `mentions`: those that a checkpoint's state names; nil where there is none.
    ///
    /// - Throws: `.missing` when one is not there that is named.
    init(
        _ found: [ColdRun],
        damaged: [UInt64],
        segments: [UInt64],
        mentions: [ColdMention]?
    ) throws(LogError) {
        if let mentions {
            let lost = mentions.map(\.number).filter { number in
                !found.contains { $0.number == number }
            }
            if !lost.isEmpty { throw .missing(lost.sorted().map { $0...$0 }) }
            runs = found.filter { run in mentions.contains { $0.number == run.number } }
            standing = runs.filter { run in
                mentions.contains { $0.number == run.number && $0.isComplete }
            }
        } else {
            runs = found.filter { run in
                !found.contains { other in
                    other.number > run.number && other.segments.contains(run.segments.lowerBound)
                }
            }
            standing = runs
        }
        let counted = Set(runs.map(\.number))
        // The latest goes first: it may lack deletes, as what they end is gone from those before,
        // and they must count as long as it does.
        leftovers = (found.map(\.number) + damaged).filter { !counted.contains($0) }.sorted(by: >)
        leftovers += segments.filter { number in
            standing.contains { $0.segments.contains(number) }
        }
        runs.sort { $0.segments.lowerBound < $1.segments.lowerBound }
        standing.sort { $0.segments.lowerBound < $1.segments.lowerBound }
    }

    /// Whether a cold segment is read in the place of this one.
    func covers(_ number: UInt64) -> Bool {
        standing.contains { $0.segments.contains(number) }
    }
}
