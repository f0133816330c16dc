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
        let limit = BackupManifest.headSize + BackupManifest.entrySize * BackupManifest.entryLimit
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
        manifest.segments.reduce(manifest.identityFile.byteCount) { $0 &+ $1.byteCount }
    }

    init(paths: BackupPaths, manifest: BackupManifest) {
        self.paths = paths
        self.manifest = manifest
    }

    /// What the frames of a backup came to.
    struct Walked {
        var walk: BackupWalk
        /// Whether the base's last frame is among them, where it stood.
        var goesOnFromBase: Bool
    }

    /// Holds the identity file and all segments against the manifest and each other.
    ///
    /// - Throws: `.refused` with `badBackup` that names the file, `.log(.disk)`.
    /// - Complexity: O(bytes), each read twice.
    func check(_ work: inout SliceWork) throws(StoreError) {
        try checkIdentity(&work)
        for segment in manifest.segments { try checkFile(segment, &work) }
        let walked = try walkAll(&work)
        if !walked.goesOnFromBase {
            let number = manifest.base?.place.segment ?? 0
            throw .refused(.damaged(paths.segment(number), "it does not go on from the base"))
        }
        guard agrees(with: walked.walk) else {
            throw .refused(.damaged(paths.manifest, "its segments end otherwise"))
        }
    }

    /// Walks along all frames.
    func walkAll(_ work: inout SliceWork) throws(StoreError) -> Walked {
        var walk: BackupWalk?
        var goesOn = manifest.base.map { $0.place.offset <= SegmentSize.header } ?? true
        for segment in manifest.segments {
            try self.walk(work.disk, segment, &walk) { mark in
                guard let base = manifest.base, mark.end == base.place else { return }
                goesOn = mark.sequence == base.sequence && mark.checksum == base.checksum
            }
            try work.advance(by: segment.byteCount)
        }
        guard let walk else { throw .refused(.damaged(paths.manifest, "it has no segments")) }
        return Walked(walk: walk, goesOnFromBase: goesOn)
    }

    /// Whether the manifest says what a walk along its segments has met.
    func agrees(with walk: BackupWalk) -> Bool {
        // The segments of an increment need not have a commit of their own, nor any frame.
        let hasCommit = manifest.base == nil || walk.commit > 0
        let hasFrame = manifest.base == nil || walk.next > manifest.firstSequence
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

    /// Walks along the frames of a segment, as it stands in this backup.
    ///
    /// `walk` is nil before the first one.
    func walk(
        _ disk: any Disk,
        _ entry: BackupManifest.Segment,
        _ walk: inout BackupWalk?,
        visit: (BackupWalk.Mark) -> Void
    ) throws(StoreError) {
        let number = entry.number
        let path = paths.segment(number)
        let limit = number == manifest.end.segment ? manifest.end.offset : nil
        do throws(LogError) {
            let file = try SegmentFile(disk, path: path, number: number, identity: identity)
            guard file.firstSequence == entry.firstSequence else {
                throw .corrupt(
                    place: LogPlace(segment: number, offset: 0),
                    sequence: file.firstSequence,
                    reason: "its header has another first sequence"
                )
            }
            var next = walk ?? BackupWalk(from: file)
            try next.walk(file, upTo: limit) { mark throws(LogError) in visit(mark) }
            walk = next
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
            time: manifest.commit > 0 ? Instant(microseconds: manifest.time) : nil,
            made: Instant(microseconds: manifest.made),
            segments: manifest.segments.count,
            bytes: Int(clamping: byteCount),
            linkedBytes: Int(clamping: linked.reduce(0) { $0 &+ $1.byteCount })
        )
    }
}

/// A full backup and the increments that go on from it, in order.
struct BackupChain {
    let parts: [FoundBackup]

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

    /// Where each segment of the log stands in its newest form, by ascending number.
    var segments: [(backup: FoundBackup, entry: BackupManifest.Segment)] {
        var newest: [UInt64: (backup: FoundBackup, entry: BackupManifest.Segment)] = [:]
        for part in parts {
            for entry in part.manifest.segments { newest[entry.number] = (part, entry) }
        }
        return newest.sorted { $0.key < $1.key }.map(\.value)
    }
}
