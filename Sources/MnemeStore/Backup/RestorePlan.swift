// Where a restored log ends, and of which files it is made: those of one backup of the chain, the
// earliest that reaches the point. Files of two backups are never mixed: what was compacted lacks
// what older segments have. Format: formats/backup.md#restore.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Where a restored log ends.
struct RestoreStop {
    var place: LogPlace
    /// The newest commit before it.
    var sequence: UInt64 = 0
    var time: Microseconds?
    /// The sequence of the frame that would stand there.
    var next: UInt64
    /// No frame before it has a higher one; that of the last frame, where that is still there.
    var incarnation: UInt64 = 0
}

/// What a restore is made of.
struct RestorePlan {
    /// In the order of their frames; the last one up to the stop.
    let items: [BackupChain.Item]
    let stop: RestoreStop

    /// Segments that are taken as they are.
    var whole: [BackupManifest.Segment] {
        items.map(\.entry).filter { $0.number != stop.place.segment }
    }
}

/// Finds out where a restore up to a point ends.
struct RestorePlanner {
    private let chain: BackupChain
    private let point: RestorePoint
    private var work: SliceWork

    init(_ chain: BackupChain, _ point: RestorePoint, _ work: SliceWork) {
        self.chain = chain
        self.point = point
        self.work = work
    }

    private var manifests: [BackupManifest] { chain.parts.map(\.manifest) }

    /// Holds the segments that count against their manifests, and finds the stop on the way.
    ///
    /// - Throws: `.refused` with `badBackup`, `badRequest` or `notExact`, `.log(.disk)`.
    mutating func plan() throws(StoreError) -> RestorePlan {
        work.total = chain.listings.reduce(0) { sum, items in
            items.reduce(sum) { $0 + 2 * Int(clamping: $1.entry.byteCount) }
        }
        for part in chain.parts { try part.checkIdentity(&work) }
        var index = chain.parts.count - 1
        if case .sequence(let sequence) = point {
            index = manifests.firstIndex { $0.lastSequence >= sequence } ?? index
            guard sequence >= manifests[index].exactFrom else { throw inexact }
        }
        while true {
            let found = try stop(index)
            if let stop = found {
                guard stop.sequence > 0 || point == .end else { throw Self.nothing }
                let items = chain.listings[index].filter { item in
                    item.entry.run.lowerBound <= stop.place.segment
                }
                return RestorePlan(items: items, stop: stop)
            }
            guard case .time(let instant) = point, index > 0 else { throw inexact }
            // What came between the one before and what was compacted cannot be told any more.
            index -= 1
            let before = manifests[index]
            guard before.commit > 0, instant.microseconds <= before.time else { throw inexact }
        }
    }

    /// Where the point is in a backup of the chain; nil where it lies before what it has of each
    /// commit.
    private mutating func stop(_ index: Int) throws(StoreError) -> RestoreStop? {
        let (point, floor) = (point, manifests[index].exactFrom)
        let commit = manifests[index].commit
        var end = RestoreStop(place: LogPlace(segment: 1, offset: SegmentSize.header), next: 1)
        var found: RestoreStop? = floor == 0 ? end : nil
        var bases = manifests[...index].compactMap(\.base)
        let driver = driver(index)
        var walk: BackupWalk?
        for (number, item) in chain.listings[index].enumerated() {
            try item.holder.checkFile(item.entry, &work)
            _ = try driver.walk(work.disk, item.entry, in: item.holder, number, &walk) { mark in
                bases.removeAll { base in
                    base.sequence == mark.sequence && base.place == mark.end
                        && base.checksum == mark.checksum
                }
                (end.place, end.next) = (mark.end, mark.sequence + 1)
                end.incarnation = mark.incarnation
                if let time = mark.time { (end.sequence, end.time) = (mark.sequence, time) }
                // Also at a close frame, as of which a segment may have been judged.
                if mark.sequence >= floor, Self.reaches(point, mark.sequence, end.time) {
                    found = end
                }
            }
            if let cold = item.entry.cold, let walk {
                // Its last commit went with its segments; as of a frame behind it the rest was
                // judged, which may be a close frame where no commit follows.
                end = RestoreStop(
                    place: LogPlace(
                        segment: cold.segments.upperBound + 1,
                        offset: SegmentSize.header
                    ),
                    sequence: commit > 0 ? min(cold.asOf, commit) : cold.asOf,
                    time: walk.coldTime == 0 ? nil : walk.coldTime,
                    next: walk.next,
                    // The last frame has that of the opening that wrote the segment.
                    incarnation: walk.incarnation
                )
                if cold.asOf == floor, cold.lastSequence == floor,
                    Self.reaches(point, floor, end.time)
                {
                    found = end
                }
            }
            try work.advance(by: item.entry.byteCount)
        }
        try checkBases(bases, index)
        guard let walk, driver.agrees(with: walk) else {
            throw .refused(
                .damaged(chain.parts[index].paths.manifest, "its segments end otherwise")
            )
        }
        // Close frames behind the last commit stay.
        return isAll(index) ? end : found
    }

    /// A backup as if all files of its log were here.
    private func driver(_ index: Int) -> FoundBackup {
        var manifest = manifests[index]
        manifest.segments = chain.listings[index].map(\.entry)
        return FoundBackup(paths: chain.parts[index].paths, manifest: manifest)
    }

    private static func reaches(
        _ point: RestorePoint,
        _ sequence: UInt64,
        _ time: Microseconds?
    ) -> Bool {
        switch point {
        case .end: true
        case .sequence(let last): sequence <= last
        case .time(let instant): time.map { $0 <= instant.microseconds } ?? false
        }
    }

    /// Whether all that a backup has is wanted.
    private func isAll(_ index: Int) -> Bool {
        switch point {
        case .end: true
        case .sequence(let sequence): sequence == manifests[index].lastSequence
        case .time: false
        }
    }

    /// What an increment was made of must be what its base has, unless that was compacted since.
    private func checkBases(
        _ bases: [BackupManifest.End],
        _ index: Int
    ) throws(StoreError) {
        let plain = Set(chain.listings[index].map(\.entry.number))
        let other = bases.first { base in
            base.place.offset > SegmentSize.header && base.checksum != 0
                && plain.contains(base.place.segment)
        }
        guard let other else { return }
        throw .refused(
            MnemeError(
                .badBackup,
                "the backups are of one store that went two ways after sequence "
                    + "\(other.sequence); give backups of one way"
            )
        )
    }

    // MARK: Refusals

    private static let nothing = StoreError.refused(
        MnemeError(
            .badRequest,
            "the backups have no commit that early; give a later sequence or time"
        )
    )

    /// Says which points there are.
    private var inexact: StoreError {
        var last: UInt64 = 0
        var ranges: [String] = []
        for manifest in manifests {
            let first = max(manifest.exactFrom, last + 1)
            last = manifest.lastSequence
            guard first <= last else { continue }
            let time = manifest.commit > 0 ? " of \(Instant(microseconds: manifest.time))" : ""
            ranges.append(first == last ? "\(last)\(time)" : "\(first) to \(last)\(time)")
        }
        return .refused(
            MnemeError(
                .notExact,
                "the backups do not have each commit up to that point any more, as segments were "
                    + "compacted before they were made; give one of the sequences "
                    + ranges.joined(separator: ", ") + ", or an instant at the end of one of these"
            )
        )
    }
}
