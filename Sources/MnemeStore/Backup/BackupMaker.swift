// One backup: the segments before its end are linked or copied, and read back; the manifest, which
// makes the directory a backup, comes last. Where any of it fails, what was made is removed again.
// Format: formats/backup.md.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Makes one backup.
struct BackupMaker {
    private let store: Store
    private let disk: any Disk
    private let paths: BackupPaths
    private let options: BackupOptions
    private let progress: BackupWatch

    init(
        _ store: Store,
        _ directory: String,
        _ options: BackupOptions,
        _ progress: @escaping BackupWatch
    ) {
        self.store = store
        self.options = options
        self.progress = progress
        disk = store.options.disk
        paths = BackupPaths(directory: directory)
    }

    func make() throws(StoreError) -> BackupSummary {
        guard !NewDirectory.isInside(paths.directory, store.directory) else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "\(paths.directory) is inside the store; choose a directory outside of it"
                )
            )
        }
        try checkName()
        let baseLocks = try share(options.base.map { [$0] } ?? [])
        defer { baseLocks.release() }
        let base = try base()
        try NewDirectory.makeParent(disk, paths.directory)
        let locks = try share([paths.directory])
        defer { locks.release() }
        let claim = try NewDirectory.claim(disk, paths.directory)
        // Its marker may look cut off while it is written: nobody else makes a backup there now.
        let own = try BackupLocks.take(disk, paths.directory)
        defer { own.release() }
        try NewDirectory.check(disk, paths.directory, takesCutOff: true)
        do throws(StoreError) {
            try marker.write(disk, in: paths.directory)
            return try fill(base)
        } catch {
            removeAll(claim)
            throw error
        }
    }

    private var marker: WorkMarker {
        WorkMarker(
            options.successorOf == nil ? .backup : .successor,
            store.pages.identity,
            options.successorOf
        )
    }

    /// As long as a backup is made, no pruning takes it, or what it goes on from.
    private func share(_ backups: [String]) throws(StoreError) -> BackupLocks {
        try BackupLocks.share(disk, of: options.successorOf == nil ? backups : [])
    }

    private func checkName() throws(StoreError) {
        guard options.successorOf == nil,
            let name = paths.directory.split(separator: "/").last.map(String.init),
            PruneName.isOwn(name)
        else { return }
        throw .refused(
            MnemeError(
                .badRequest,
                "\(paths.directory) has a name that \"backup prune\" gives to what it makes on its "
                    + "way; choose one that does not end so"
            )
        )
    }

    /// The manifest of the base.
    private func base() throws(StoreError) -> BackupManifest? {
        guard let directory = options.base else { return nil }
        let successor = BackupPaths(directory: disk.realPath(directory) + PruneName.successor)
        if disk.holds(successor.manifest) {
            throw .refused(
                MnemeError(
                    .badBackup,
                    "a pruning was interrupted that has made \(directory) anew, and no backup can "
                        + "go on from it any more; run \"mneme backup prune\" on the directory "
                        + "that it stands in, then make a full backup"
                )
            )
        }
        let manifest = try FoundBackup(disk, directory).manifest
        guard manifest.identity == store.pages.identity else {
            throw .refused(
                MnemeError(
                    .badBackup,
                    "\(directory) is of another store; give a backup of this one"
                )
            )
        }
        return manifest
    }

    private func fill(_ base: BackupManifest?) throws(StoreError) -> BackupSummary {
        let log = try BackedUpLog(store)
        defer { log.hold.release() }
        let position = log.position
        if let base { try check(base, at: position) }
        var known: KnownSegments?
        if let base { known = try KnownSegments(base, log, store) }
        var work = SliceWork(disk, pace, .copy, progress)
        work.total = log.numbers.reduce(0) { $0 + (log.byteCounts[$1] ?? 0) }
        var segments: [BackupManifest.Segment] = []
        for number in log.numbers {
            if let entry = try known?.entry(number, &work) {
                segments.append(entry)
            } else {
                segments.append(try take(number, log, &work))
            }
        }
        let identity = try takeIdentity()
        try onDisk { () throws(DiskError) in
            try disk.syncDirectory(paths.log)
            try disk.syncDirectory(paths.directory)
            try disk.syncAncestors(of: paths.directory)
        }
        let manifest = try readBack(base, log, identity, segments)
        return try write(manifest)
    }

    private var pace: Pace {
        Pace(
            store.options.clock,
            rests: store.options.worksInBackground,
            bytesPerSecond: options.bytesPerSecond,
            courtesy: store.courtesy,
            check: { [store] () throws(StoreError) in try store.checkStillOpen() }
        )
    }

    /// A base is of the store's own past when its last frame stands where it stood; the frame
    /// itself is looked at when everything is read back.
    private func check(_ base: BackupManifest, at position: LogPosition) throws(StoreError) {
        guard base.lastSequence < position.sequence, base.end <= position.place else {
            throw .refused(Self.anotherPast(options.base ?? ""))
        }
    }

    /// Links or copies a segment; the checksum of a linked one is found when it is read back.
    private func take(
        _ number: UInt64,
        _ log: BackedUpLog,
        _ work: inout SliceWork
    ) throws(StoreError) -> BackupManifest.Segment {
        let from = store.log.path(ofSegment: number)
        let path = paths.segment(number)
        let isTail = number == log.position.place.segment
        let byteCount = UInt64(log.byteCounts[number] ?? 0)
        var segment = BackupManifest.Segment(
            number: number,
            making: .copied,
            byteCount: byteCount,
            checksum: 0,
            firstSequence: 0
        )
        if !isTail, !options.copies, try links(from, path) {
            segment.making = .linked
            work.skip(byteCount)
        } else {
            segment.checksum = try work.copy(from, to: path, byteCount: byteCount)
        }
        let file = try onLog { () throws(LogError) in
            try SegmentFile(disk, path: path, number: number, identity: store.logIdentity)
        }
        (segment.firstSequence, segment.cold) = (file.firstSequence, file.asEntry)
        return segment
    }

    /// Whether a link could be made.
    private func links(_ from: String, _ path: String) throws(StoreError) -> Bool {
        do throws(DiskError) {
            try disk.link(from, to: path)
            return true
        } catch {
            switch error {
            // Another file system, or one without links.
            case .failed, .denied: return false
            default: throw .log(.disk(error))
            }
        }
    }

    private func takeIdentity() throws(StoreError) -> BackupManifest.Identity {
        let bytes = store.identityFile.bytes
        try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.identity, .create)
            try file.write(bytes, at: 0)
            try file.sync()
            try file.close()
        }
        return BackupManifest.Identity(
            byteCount: UInt64(bytes.count),
            checksum: Checksum.xxh3(bytes)
        )
    }

    /// The manifest of what can be read back.
    private func readBack(
        _ base: BackupManifest?,
        _ log: BackedUpLog,
        _ identity: BackupManifest.Identity,
        _ taken: [BackupManifest.Segment]
    ) throws(StoreError) -> BackupManifest {
        var manifest = BackupManifest(
            identity: store.pages.identity,
            id: UniqueID(
                high: store.options.randomness.next(),
                low: store.options.randomness.next() | 1
            ),
            base: base?.asBase,
            firstSequence: taken.first?.firstSequence ?? 1,
            lastSequence: log.position.sequence - 1,
            commit: log.commit,
            time: 0,
            end: log.position.place,
            checksum: 0,
            incarnation: base?.incarnation ?? 0,
            epoch: base?.epoch ?? 0,
            made: options.made ?? store.clock.now(),
            identityFile: identity,
            segments: taken
        )
        var work = SliceWork(disk, pace, .check, progress)
        work.total = manifest.carried.reduce(Int(identity.byteCount)) { $0 + 2 * Int($1.byteCount) }
        for index in taken.indices where taken[index].making == .linked {
            let path = paths.segment(taken[index].number)
            manifest.segments[index].checksum = try work.checksum(
                path,
                byteCount: taken[index].byteCount
            )
        }
        var found = FoundBackup(paths: paths, manifest: manifest)
        for segment in manifest.segments where segment.making == .copied {
            try found.checkFile(segment, &work)
        }
        try found.checkIdentity(&work)
        let walk = try walk(found, base, &work)
        if walk.commit > 0 {
            (manifest.commit, manifest.time) = (walk.commit, walk.time)
        } else if base?.commit == manifest.commit {
            manifest.time = base?.time ?? 0
        } else if manifest.commit > 0 {
            // Its commit frame went when its segment was written again; the frame's time did not.
            manifest.time = walk.coldTime
        }
        manifest.checksum = walk.checksum
        if walk.checksum == 0, base?.lastSequence == manifest.lastSequence {
            manifest.checksum = base?.checksum ?? 0
        }
        manifest.incarnation = max(manifest.incarnation, walk.incarnation)
        manifest.epoch = max(manifest.epoch, walk.epoch)
        found = FoundBackup(paths: paths, manifest: manifest)
        guard found.agrees(with: walk) else {
            throw .inconsistent("the log ends otherwise than its writer says")
        }
        return manifest
    }

    /// The frames of all segments; those of the store's own are named where one is damaged.
    private func walk(
        _ found: FoundBackup,
        _ base: BackupManifest?,
        _ work: inout SliceWork
    ) throws(StoreError) -> BackupWalk {
        let walked: FoundBackup.Walked
        do throws(StoreError) {
            walked = try found.walkAll(&work)
        } catch {
            guard case .refused(let refusal) = error, refusal.code == .badBackup else {
                throw error
            }
            throw .refused(
                MnemeError(
                    .damagedLog,
                    "the store's log does not read back as it was written, and no backup was "
                        + "made; hold the store against its log with \"mneme verify\"",
                    cause: refusal.message
                )
            )
        }
        let isOwnPast = base.map { base in
            walked.baseIncarnation <= base.incarnation && isOnOwnLine(base)
        }
        if walked.goesOnFromBase, isOwnPast ?? true { return walked.walk }
        throw .refused(Self.anotherPast(options.base ?? ""))
    }

    /// Whether a base can be of the store's own line, as far as its incarnation tells.
    ///
    /// Where the commits that it ends with were compacted, nothing else does.
    private func isOnOwnLine(_ base: BackupManifest) -> Bool {
        guard base.incarnation <= store.log.incarnation else { return false }
        return store.newest.state.roots.forks.allSatisfy { fork in
            base.lastSequence <= fork.stop || base.incarnation >= fork.first
        }
    }

    static func anotherPast(_ base: String) -> MnemeError {
        MnemeError(
            .badBackup,
            "\(base) has commits that the store does not have: the store was restored from an "
                + "earlier backup since, or \"backup prune\" made that backup anew without what "
                + "was erased; make a full backup"
        )
    }

    private func write(_ manifest: BackupManifest) throws(StoreError) -> BackupSummary {
        let bytes = manifest.bytes
        try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.newManifest, .create)
            try file.write(bytes, at: 0)
            try file.sync()
            try file.close()
            try disk.rename(paths.newManifest, to: paths.manifest)
            try disk.syncDirectory(paths.directory)
            guard options.successorOf == nil else { return }
            try disk.remove(WorkMarker.path(in: paths.directory))
            try disk.syncDirectory(paths.directory)
        }
        let found = try FoundBackup(disk, paths.directory)
        guard found.manifest == manifest else {
            throw .refused(.damaged(paths.manifest, "it does not read back as it was written"))
        }
        return found.summary
    }

    /// Gives back the room that a backup took which came to nothing.
    private func removeAll(_ claim: NewDirectory.Claim) {
        for path in [paths.manifest, paths.newManifest] { try? disk.remove(path) }
        // Without its manifest first: never a manifest without what it speaks of.
        try? disk.syncDirectory(paths.directory)
        for name in (try? disk.list(paths.log)) ?? [] { try? disk.remove(paths.log + "/" + name) }
        try? disk.remove(paths.identity)
        try? disk.syncDirectory(paths.log)
        try? disk.syncDirectory(paths.directory)
        // Only where nothing is left: a rest without it would be nobody's.
        guard (try? disk.list(paths.log)) == [], (try? disk.isThere(paths.identity)) == false else {
            return
        }
        try? disk.remove(WorkMarker.path(in: paths.directory))
        try? disk.syncDirectory(paths.directory)
        claim.giveUp(disk)
    }
}
