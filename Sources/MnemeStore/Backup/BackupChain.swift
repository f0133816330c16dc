// Backups as they are found: their manifests, and whether what they say is so. Everything is read
// and nothing believed: files against their checksums, segments frame by frame.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// A backup that was found in a directory.
struct FoundBackup {
    let paths: BackupPaths
    let manifest: BackupManifest

    var directory: String { paths.directory }
    var identity: LogIdentity {
        LogIdentity(high: manifest.identity.high, low: manifest.identity.low)
    }

    /// Reads a backup's manifest.
    ///
    /// - Throws: `.refused` with `badBackup` or `newerFormat`, `.log(.disk)`.
    init(_ disk: any Disk, _ directory: String) throws(StoreError) {
        paths = BackupPaths(directory: directory)
        let path = paths.manifest
        let entrySize = BackupManifest.entrySize(BackupManifest.version)
        let limit = BackupManifest.headSize + entrySize * BackupManifest.entryLimit
        let bytes: [UInt8]
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            defer { try? file.close() }
            let count = try file.byteCount()
            bytes = try file.read(at: 0, count: Int(min(count, UInt64(limit) + 1)))
        } catch {
            guard case .notFound = error else { throw .log(.disk(error)) }
            throw .refused(
                MnemeError(
                    .badBackup,
                    "\(directory) is no backup, as it has no file \"manifest\"; choose another "
                        + "directory, or make the backup again where it was interrupted"
                )
            )
        }
        do throws(ManifestError) {
            manifest = try BackupManifest(bytes)
        } catch {
            switch error {
            case .malformed(let offset):
                throw .refused(.damaged(path, "what stands at byte \(offset) cannot be"))
            case .newer(let version):
                throw .refused(
                    MnemeError(
                        .newerFormat,
                        "\(path) has format \(version), which is newer than this program; use a "
                            + "newer one"
                    )
                )
            }
        }
    }

    /// Bytes of its files, the manifest not counted.
    var byteCount: UInt64 {
        manifest.carried.reduce(manifest.identityFile.byteCount) { $0 &+ $1.byteCount }
    }

    init(paths: BackupPaths, manifest: BackupManifest) {
        self.paths = paths
        self.manifest = manifest
    }

    /// What the frames of a backup came to.
    struct Walked {
        var walk: BackupWalk
        /// Whether the base's last frame is among them, where it stood; also where a cold segment
        /// stands for the one that it stood in.
        var goesOnFromBase: Bool
        /// The highest incarnation of the base's frames, where a cold segment has those: not above
        /// what the base says, unless the store went another way.
        var baseIncarnation: UInt64 = 0
    }

    /// Holds the identity file and all segments that are here against the manifest and each other.
    ///
    /// - Throws: `.refused` with `badBackup` that names the file, `.log(.disk)`.
    /// - Complexity: O(bytes), each read twice.
    func check(_ work: inout SliceWork) throws(StoreError) {
        try checkIdentity(&work)
        for segment in manifest.carried { try checkFile(segment, &work) }
        try checkFrames(&work)
    }

    /// Holds the frames of all segments that are here against the manifest and each other.
    ///
    /// - Throws: `.refused` with `badBackup` that names the file, `.log(.disk)`.
    func checkFrames(_ work: inout SliceWork) throws(StoreError) {
        let walked = try walkAll(&work)
        if !walked.goesOnFromBase {
            let number = manifest.base?.place.segment ?? 0
            throw .refused(.damaged(paths.segment(number), "it does not go on from the base"))
        }
        guard agrees(with: walked.walk) else {
            throw .refused(.damaged(paths.manifest, "its segments end otherwise"))
        }
    }

    /// Walks along all frames that are here.
    func walkAll(_ work: inout SliceWork) throws(StoreError) -> Walked {
        var walk: BackupWalk?
        var goesOn = manifest.base.map { $0.place.offset <= SegmentSize.header } ?? true
        var baseIncarnation: UInt64 = 0
        for (index, segment) in manifest.segments.enumerated() where segment.making != .inBase {
            let met = try self.walk(work.disk, index, &walk) { mark in
                guard let base = manifest.base, mark.end == base.place else { return }
                goesOn = mark.sequence == base.sequence && mark.checksum == base.checksum
            }
            if let base = manifest.base, let cold = segment.cold,
                cold.segments.contains(base.place.segment)
            {
                (goesOn, baseIncarnation) = (true, met)
            }
            try work.advance(by: segment.byteCount)
        }
        guard let walk else { throw .refused(.damaged(paths.manifest, "it has no segments")) }
        return Walked(walk: walk, goesOnFromBase: goesOn, baseIncarnation: baseIncarnation)
    }

    /// Whether the manifest says what a walk along its segments has met.
    func agrees(with walk: BackupWalk) -> Bool {
        // The segments of an increment need not have a commit of their own, nor any frame, and a
        // cold one has none of those that end batches.
        let isWhole = manifest.base == nil && !manifest.segments.contains { $0.cold != nil }
        let hasCommit = isWhole || walk.commit > 0
        let hasFrame = isWhole || walk.checksum != 0
        return walk.next == manifest.lastSequence &+ 1 && walk.end == manifest.end
            && (!hasCommit || walk.commit == manifest.commit && walk.time == manifest.time)
            && (!hasFrame || walk.checksum == manifest.checksum)
            && walk.incarnation <= manifest.incarnation && walk.epoch <= manifest.epoch
    }

    /// Holds a file against its entry.
    func checkFile(
        _ segment: BackupManifest.Segment,
        _ work: inout SliceWork
    ) throws(StoreError) {
        let path = paths.segment(segment.number)
        let found = try naming(path) { () throws(StoreError) in
            try work.checksum(path, byteCount: segment.byteCount)
        }
        guard found == segment.checksum else {
            throw .refused(.damaged(path, "its checksum is another one"))
        }
    }

    func checkIdentity(_ work: inout SliceWork) throws(StoreError) {
        let path = paths.identity
        let found = try naming(path) { () throws(StoreError) in
            try work.checksum(path, byteCount: manifest.identityFile.byteCount)
        }
        let bytes = try identityBytes(work.disk)
        guard found == manifest.identityFile.checksum,
            (try? IdentityFile(bytes))?.identity == manifest.identity
        else { throw .refused(.damaged(path, "it is not the store's")) }
    }

    private func identityBytes(_ disk: any Disk) throws(StoreError) -> [UInt8] {
        try naming(paths.identity) { () throws(StoreError) in
            try onDisk { () throws(DiskError) in
                let file = try disk.open(paths.identity, .read)
                defer { try? file.close() }
                return try file.read(at: 0, count: Int(min(try file.byteCount(), 4096)))
            }
        }
    }

    /// The file that says which store it is of, and its key where that is encrypted.
    ///
    /// - Throws: `.refused` with `badBackup`, `.log(.disk)`.
    func identityFile(_ disk: any Disk) throws(StoreError) -> IdentityFile {
        let bytes = try identityBytes(disk)
        guard let file = try? IdentityFile(bytes), file.identity == manifest.identity else {
            throw .refused(.damaged(paths.identity, "it is not the store's"))
        }
        return file
    }

    /// The keys of the store that it is of; nil where that is not encrypted.
    ///
    /// - Throws: `.refused` with `badBackup` and `badKey`, `.log(.disk)`.
    func vault(_ options: StoreOptions) throws(StoreError) -> Vault? {
        let file = try identityFile(options.disk)
        guard file.wrapped != nil else { return nil }
        var opening = StoreOpening(directory: directory, options: options)
        try opening.unlock(file)
        return opening.vault
    }

    /// Walks along the frames of the segment of an index, as it stands in this backup.
    ///
    /// `walk` is nil before the first one.
    /// - Returns: of a cold segment, the highest incarnation of those frames that the base had.
    func walk(
        _ disk: any Disk,
        _ index: Int,
        _ walk: inout BackupWalk?,
        visit: (BackupWalk.Mark) -> Void
    ) throws(StoreError) -> UInt64 {
        try self.walk(disk, manifest.segments[index], in: self, index, &walk, visit: visit)
    }

    /// As `walk`, where an earlier backup may have the file.
    func walk(
        _ disk: any Disk,
        _ entry: BackupManifest.Segment,
        in holder: FoundBackup,
        _ index: Int,
        _ walk: inout BackupWalk?,
        visit: (BackupWalk.Mark) -> Void
    ) throws(StoreError) -> UInt64 {
        let number = entry.number
        let path = holder.paths.segment(number)
        let isTail = index == manifest.segments.count - 1
        do throws(LogError) {
            let file = try SegmentFile(disk, path: path, number: number, identity: identity)
            guard file.firstSequence == entry.firstSequence, entry.cold == file.asEntry else {
                throw .corrupt(
                    place: LogPlace(segment: number, offset: 0),
                    sequence: file.firstSequence,
                    reason: "its header says otherwise than the manifest"
                )
            }
            var next = walk ?? BackupWalk(from: file)
            next.skip(to: file.firstSequence)
            var incarnation: UInt64 = 0
            if entry.cold != nil {
                incarnation = try next.walk(cold: file, upTo: manifest.base?.sequence ?? .max)
            } else {
                let limit = isTail ? manifest.end.offset : nil
                try next.walk(file, upTo: limit) { mark throws(LogError) in visit(mark) }
            }
            walk = next
            guard next.next == manifest.sequence(behind: index) else {
                throw .corrupt(
                    place: next.end,
                    sequence: next.next,
                    reason: "its frames end here"
                )
            }
            return incarnation
        } catch {
            switch error {
            case .corrupt(let place, let sequence, let reason):
                throw .refused(
                    .damaged(path, "at byte \(place.offset), sequence \(sequence): \(reason)")
                )
            case .foreign: throw .refused(.damaged(path, "it is of another store"))
            default: throw .log(error)
            }
        }
    }

    /// Runs `body`; a file that is missing or short is a damaged backup.
    private func naming<Result>(
        _ path: String,
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            switch error {
            case .log(.disk(.notFound)): throw .refused(.damaged(path, "it is missing"))
            case .log(.disk(.short)): throw .refused(.damaged(path, "it ends too early"))
            default: throw error
            }
        }
    }

    /// What it holds, for callers.
    var summary: BackupSummary {
        let manifest = manifest
        let linked = manifest.segments.filter { $0.making == .linked }
        return BackupSummary(
            id: manifest.id,
            store: UniqueID(high: manifest.identity.high, low: manifest.identity.low),
            base: manifest.base?.id,
            sequence: manifest.lastSequence,
            commit: manifest.commit,
            exactFrom: manifest.exactFrom,
            time: manifest.commit > 0 ? Instant(microseconds: manifest.time) : nil,
            made: Instant(microseconds: manifest.made),
            segments: manifest.carried.count,
            bytes: Int(clamping: byteCount),
            linkedBytes: Int(clamping: linked.reduce(0) { $0 &+ $1.byteCount })
        )
    }
}

extension SegmentFile {
    /// What a manifest says of a cold segment; nil of a plain one.
    var asEntry: BackupManifest.Cold? {
        run.map { run in
            BackupManifest.Cold(
                segments: run.segments,
                lastSequence: run.sequences.upperBound,
                asOf: run.asOf,
                hash: hash
            )
        }
    }
}

/// A full backup and the increments that go on from it, in order.
struct BackupChain {
    /// A segment of the log, and the backup that has its file.
    struct Item {
        var entry: BackupManifest.Segment
        var holder: FoundBackup
    }
    let parts: [FoundBackup]
    /// What makes up the log at the end of each part.
    let listings: [[Item]]

    /// Reads the manifests and holds them against each other.
    ///
    /// - Throws: `.refused` with `badBackup` that names what does not fit.
    init(_ disk: any Disk, _ directories: [String]) throws(StoreError) {
        var parts: [FoundBackup] = []
        for directory in directories {
            let next = try FoundBackup(disk, directory)
            if let last = parts.last {
                try Self.check(next, goesOnFrom: last)
            } else if next.manifest.base != nil {
                throw .refused(
                    MnemeError(
                        .badBackup,
                        "\(directory) is an increment; give the full backup first, then its "
                            + "increments in the order in which they were made"
                    )
                )
            }
            parts.append(next)
        }
        self.parts = parts
        var listings: [[Item]] = []
        for index in parts.indices {
            listings.append(try Self.listing(parts, index, before: listings.last ?? []))
        }
        self.listings = listings
    }

    private static func listing(
        _ parts: [FoundBackup],
        _ index: Int,
        before: [Item]
    ) throws(StoreError) -> [Item] {
        let part = parts[index]
        if part.manifest.version == 1 {
            guard parts[..<index].allSatisfy({ $0.manifest.version == 1 }) else {
                throw .refused(.damaged(part.paths.manifest, "its version is below the base's"))
            }
            // The base's segments up to those that are here again, longer.
            let first = part.manifest.segments.first?.number ?? 1
            return before.filter { $0.entry.number < first }
                + part.manifest.segments.map { Item(entry: $0, holder: part) }
        }
        var items: [Item] = []
        for entry in part.manifest.segments {
            guard entry.making == .inBase else {
                items.append(Item(entry: entry, holder: part))
                continue
            }
            let holder = parts[..<index].last { part in
                part.manifest.carried.contains { entry.isSame(as: $0) }
            }
            guard let holder else {
                let name = LogFile.name(entry.number)
                throw .refused(
                    .damaged(part.paths.manifest, "no backup before it has its log/\(name)")
                )
            }
            items.append(Item(entry: entry, holder: holder))
        }
        return items
    }

    private static func check(
        _ next: FoundBackup,
        goesOnFrom last: FoundBackup
    ) throws(StoreError) {
        guard next.manifest.identity == last.manifest.identity else {
            throw .refused(
                MnemeError(
                    .badBackup,
                    "\(next.directory) and \(last.directory) are of two stores; give backups of one"
                )
            )
        }
        guard let base = next.manifest.base, base == last.manifest.asBase,
            next.manifest.incarnation >= last.manifest.incarnation,
            next.manifest.epoch >= last.manifest.epoch
        else {
            throw .refused(
                MnemeError(
                    .badBackup,
                    "\(next.directory) does not go on from \(last.directory), where the backup "
                        + "ends with sequence \(last.manifest.lastSequence); give every increment "
                        + "once, in the order in which they were made"
                )
            )
        }
    }
}

extension BackupManifest.Segment {
    /// Whether two entries speak of the same bytes, however they came to be there.
    func isSame(as other: BackupManifest.Segment) -> Bool {
        var other = other
        other.making = making
        return self == other
    }
}
