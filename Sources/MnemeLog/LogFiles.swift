// The segments of a log as its directory has them when it is opened: which are there, what their
// headers say, which are missing. Format: formats/log.md#header.

internal import MnemeBase

/// What an opening does with a log's files.
package enum LogAccess: Sendable {
    /// Nothing is written, cut or removed, whatever stands behind the end.
    case read
    /// The tail is cleaned, and more may be appended.
    case write
}

/// The open segments of one log, and their headers.
struct LogFiles {
    /// The cold ones too, as far as they count, and without those that others stand for.
    private(set) var segments: [UInt64: Segment]
    /// Of those segments whose headers can be read, without the cold ones.
    private(set) var headers: [UInt64: SegmentHeader]
    let shelf: ColdShelf
    /// The numbers of files that are too short for a segment: their making was cut off.
    let unfinished: [UInt64]
    /// Cold segments without a header that were begun before others, where no state says whether
    /// they count: what is read in their place may have what was deleted since.
    let passedOver: [UInt64]

    /// Opens every file that may be a segment.
    ///
    /// `mentions`: the cold segments that a checkpoint's state names; nil where there is none.
    /// `expected`: those that must be there without it, as another state names them; nil where
    /// there is none of these either.
    ///
    /// - Throws: `.foreign`, also for a segment that is encrypted where the store is not, or the
    ///   reverse; `.newer`, `.disk`, `.missing` when a cold segment is not there, `.corrupt` when
    ///   nothing says whether one counts that cannot be read.
    init(
        _ disk: any Disk,
        _ directory: String,
        _ identity: LogIdentity,
        _ access: LogAccess,
        _ vault: Vault?,
        mentions: [ColdMention]?,
        expecting expected: [ColdMention]? = nil
    ) throws(LogError) {
        var segments: [UInt64: Segment] = [:]
        var headers: [UInt64: SegmentHeader] = [:]
        var unfinished: [UInt64] = []
        var torn: [UInt64] = []
        do throws(DiskError) {
            for number in try disk.list(directory).compactMap(Segment.number).sorted() {
                let path = Segment.path(directory, number)
                let file = try disk.open(path, access == .read ? .read : .readWrite)
                guard try file.byteCount() > SegmentHeader.size else {
                    unfinished.append(number)
                    continue
                }
                let segment = try Segment(number: number, file: file)
                segments[number] = segment
                // A read, not the mapping: of the older segments no page is looked at.
                let bytes = try file.read(at: 0, count: SegmentHeader.size)
                headers[number] = SegmentHeader(bytes)
                // Of what a cold one's header says besides, too.
                if SegmentNumber.isCold(number), segment.coldHeader == nil,
                    SegmentHeader.hasBothCopies(bytes)
                {
                    torn.append(number)
                }
            }
        } catch {
            throw .disk(error)
        }
        if vault != nil {
            for (number, segment) in segments where headers[number] == nil {
                segment.encrypt(with: nil)
            }
        }
        for (number, header) in headers {
            let path = Segment.path(directory, number)
            guard header.isKnown else {
                throw .newer(path: path, version: header.version)
            }
            guard header.identityHigh == identity.high, header.identityLow == identity.low,
                header.number == number, (header.salt == nil) == (vault == nil)
            else { throw .foreign(path: path) }
            if let vault, let salt = header.salt {
                segments[number]?.encrypt(with: vault.segment(number, salt: salt))
            }
        }
        var (cold, damaged): ([ColdRun], [UInt64]) = ([], [])
        for (number, segment) in segments where SegmentNumber.isCold(number) {
            if let run = segment.coldHeader?.run {
                cold.append(run)
            } else {
                damaged.append(number)
            }
            headers[number] = nil
        }
        if mentions == nil { try Self.expect(expected, cold, torn) }
        let plain = segments.keys.filter { !SegmentNumber.isCold($0) }
        let shelf = try ColdShelf(cold, damaged: damaged, segments: plain, mentions: mentions)
        let counted = Set(shelf.runs.map(\.number))
        self.segments = segments.filter { number, _ in
            SegmentNumber.isCold(number) ? counted.contains(number) : !shelf.covers(number)
        }
        self.headers = headers.filter { !shelf.covers($0.key) }
        self.shelf = shelf
        passedOver =
            mentions != nil || expected != nil
            ? [] : damaged.filter { number in cold.contains { $0.number > number } }.sorted()
        self.unfinished = unfinished.filter { !SegmentNumber.isCold($0) }
    }

    /// Makes sure that every cold segment that counts is there, where no state says which do.
    ///
    /// What it stands for may be there too, and in that what was deleted since.
    ///
    /// - Throws: `.missing`, `.corrupt`.
    private static func expect(
        _ expected: [ColdMention]?,
        _ found: [ColdRun],
        _ torn: [UInt64]
    ) throws(LogError) {
        if let expected {
            let lost = expected.filter { mention in
                mention.isComplete && !found.contains { $0.number == mention.number }
            }
            if !lost.isEmpty { throw .missing(lost.map(\.number).sorted().map { $0...$0 }) }
        } else if let number = torn.min() {
            throw .corrupt(
                place: LogPlace(segment: number, offset: 0),
                sequence: 0,
                reason: "the header cannot be read, and nothing says whether the segment counts"
            )
        }
    }

    /// Makes the cold segments durable that count though no checkpoint's state names them.
    ///
    /// Who wrote one may have been killed before its header was durable, and the next checkpoint
    /// names it.
    /// - Throws: `.disk`.
    func syncCold(_ disk: any Disk, _ directory: String) throws(LogError) {
        if shelf.runs.isEmpty { return }
        do throws(DiskError) {
            for run in shelf.runs { try segments[run.number]?.file.sync() }
            try disk.syncDirectory(directory)
        } catch {
            throw .disk(error)
        }
    }

    /// Makes sure that no segment is missing: from `first` on with a header, before it as a file,
    /// up to `known` and the last that is there.
    ///
    /// - Throws: `.missing`.
    func requireAll(from first: UInt64, through known: UInt64) throws(LogError) {
        let last = max(headers.keys.max() ?? first, first, known)
        // Before the start the file counts: frames there are read by their places alone.
        let plain = segments.keys.filter { number in
            !SegmentNumber.isCold(number) && (number < first || headers[number] != nil)
        }
        let present = plain.map { $0...$0 } + shelf.standing.map(\.segments)
        let gaps = Segment.gaps(in: present, from: 1, through: last)
        guard gaps.isEmpty, segments[first] != nil, headers[first] != nil else {
            throw .missing(gaps)
        }
    }
}
