// A new store from a backup and its increments. The log is copied up to one batch, the pages are
// derived from it, both are held against each other, and only then comes the file that makes the
// directory a store: whatever ends a restore leaves no store, or a whole one.
// Format: formats/backup.md#restore.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

extension Store {
    /// Makes a new store of a full backup and the increments that go on from it, in order.
    ///
    /// Its identity is that of the store that was backed up; its openings are numbered on from far
    /// above all that the backups have seen. What the ledger says was erased since the point does
    /// not come back, and no file of the new store carries it. With `compacts` none carries
    /// anything that is not needed. `isPruning`: the caller has the lock of the backups.
    ///
    /// - Throws: `.busy` while the backups are pruned,
    ///   `.badBackup` for a backup that is damaged (the file is named) or does not go on
    ///   from the one before, `.badRequest` for a point that the backups do not have, `.notExact`
    ///   for one that they do not have any more (the message says which they have), `.damagedLog`
    ///   for a store as a ledger that lacks frames, `.exists` for a directory that is not empty,
    ///   `.diskFull`, `.denied`, `.disk`.
    /// - Complexity: O(bytes of the log); it is read three times and replayed once. The ledger
    ///   takes O(bytes of the files that the new store has not).
    package static func restore(
        _ backups: [String],
        to directory: String,
        at point: RestorePoint = .end,
        ledger: ErasureLedger = .all(),
        compacts: Bool = false,
        isPruning: Bool = false,
        options: StoreOptions = StoreOptions(),
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> RestoreSummary {
        var options = options
        options.worksInBackground = false
        do throws(StoreError) {
            let locks = try BackupLocks.share(options.disk, of: isPruning ? [] : backups)
            defer { locks.release() }
            var restore = try StoreRestore(backups, directory, point, ledger, options, progress)
            return try restore.run(compacts: compacts)
        } catch {
            throw MnemeError(error)
        }
    }
}

/// One restore.
private struct StoreRestore {
    private let chain: BackupChain
    private let last: BackupManifest
    private let point: RestorePoint
    private let ledger: ErasureLedger
    private var opening: StoreOpening
    private let progress: BackupWatch

    private var disk: any Disk { opening.disk }
    private var paths: StorePaths { opening.paths }

    /// Reads the manifests and looks at the directory; nothing is changed yet.
    init(
        _ backups: [String],
        _ directory: String,
        _ point: RestorePoint,
        _ ledger: ErasureLedger,
        _ options: StoreOptions,
        _ progress: @escaping BackupWatch
    ) throws(StoreError) {
        var opening = StoreOpening(directory: directory, options: options)
        opening.progress = { progress(.derive, $0, $1) }
        self.point = point
        self.ledger = ledger
        self.progress = progress
        for backup in backups where NewDirectory.isInside(directory, backup) {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "\(directory) is inside the backup \(backup); choose a directory outside of it"
                )
            )
        }
        try NewDirectory.check(options.disk, directory, leftover: Self.leftovers)
        chain = try BackupChain(options.disk, backups)
        guard let last = chain.parts.last?.manifest else {
            throw .refused(MnemeError(.badRequest, "a restore needs a backup; give its directory"))
        }
        self.last = last
        // A key that does not fit is told before anything is changed.
        if let newest = chain.parts.last {
            let file = try newest.identityFile(options.disk)
            // It is the backup's, and told so.
            var backup = StoreOpening(directory: newest.directory, options: options)
            do throws(StoreError) {
                try backup.unlock(file)
            } catch {
                guard case .refused(let why) = error else { throw error }
                let message = why.message + "; nothing was made in \(directory)"
                throw .refused(MnemeError(why.code, message, cause: why.cause))
            }
            try opening.unlock(file)
        }
        self.opening = opening
        if case .sequence(let sequence) = point, sequence > last.lastSequence {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "sequence \(sequence) is not in the backups, which end with "
                        + "\(last.lastSequence); give an earlier one, or later increments"
                )
            )
        }
    }

    /// What a restore that was interrupted may have left beside its marker.
    private static let leftovers: Set<String> = [
        "restoring", "log", "lock", "pages", "pages.new", "store.new",
    ]

    mutating func run(compacts: Bool) throws(StoreError) -> RestoreSummary {
        var planner = RestorePlanner(chain, point, work(.check))
        let plan = try planner.plan()
        let erased = try erasures(plan)
        try onDisk { () throws(DiskError) in try disk.createDirectory(paths.directory) }
        let lock = try opening.lock()
        defer { lock.release() }
        // Somebody may have restored there before the lock was had.
        try NewDirectory.check(disk, paths.directory, leftover: Self.leftovers)
        do throws(StoreError) {
            try begin()
            try opening.lockLog(lock)
            try copy(plan)
            let (verification, count) = try derive(
                plan.stop,
                erased.erasures,
                compacts: compacts
            )
            try opening.writeIdentity()
            try onDisk { () throws(DiskError) in
                try disk.remove(paths.restoring)
                try disk.syncDirectory(paths.directory)
            }
            return RestoreSummary(
                sequence: plan.stop.sequence,
                time: plan.stop.time.map { Instant(microseconds: $0) },
                verification: verification,
                erased: count,
                unread: erased.unread
            )
        } catch {
            removeAll()
            throw error
        }
    }

    /// What was erased, as far as anybody knows.
    private func erasures(_ plan: RestorePlan) throws(StoreError) -> ErasureScan {
        var scan = ErasureScan(
            disk,
            last.identity,
            known: plan.whole,
            vault: opening.vault
        )
        guard case .all(let others) = ledger else { return scan }
        for part in chain.parts { try scan.take(part) }
        for directory in others { try scan.take(directory: directory) }
        for part in chain.parts { scan.takeSiblings(of: part.directory) }
        return scan
    }

    // MARK: The files

    /// The marker of a half-made store, and nothing beside it but the lock.
    private func begin() throws(StoreError) {
        try onDisk { () throws(DiskError) in
            if !disk.holds(paths.restoring) {
                let marker = try disk.open(paths.restoring, .create)
                try marker.sync()
                try marker.close()
            }
            try disk.syncDirectory(paths.directory)
            try disk.syncAncestors(of: paths.directory)
            try disk.createDirectory(paths.log)
            for name in try disk.list(paths.log) { try disk.remove(paths.log + "/" + name) }
            for path in [paths.pages, paths.newPages, paths.newIdentity] where disk.holds(path) {
                try disk.remove(path)
            }
        }
    }

    /// The segments up to the stop; the last one as long as it was made, with zeros behind it.
    private func copy(_ plan: RestorePlan) throws(StoreError) {
        let stop = plan.stop
        var work = work(.copy)
        work.total = plan.items.reduce(0) { $0 + Int(clamping: $1.entry.byteCount) }
        for item in plan.items {
            let (part, entry) = (item.holder, item.entry)
            let isLast = entry.number == stop.place.segment
            let from = part.paths.segment(entry.number)
            let byteCount = isLast ? UInt64(stop.place.offset) : entry.byteCount
            let checksum = try work.copy(
                from,
                to: paths.log + "/" + LogFile.name(entry.number),
                byteCount: byteCount,
                filledTo: isLast ? try madeByteCount(part, entry, stop) : 0
            )
            // It was whole when it was checked.
            guard byteCount < entry.byteCount || checksum == entry.checksum else {
                throw .refused(.damaged(from, "its checksum is another one"))
            }
        }
        try onDisk { () throws(DiskError) in
            try disk.syncDirectory(paths.log)
            try disk.syncDirectory(paths.directory)
        }
    }

    private func madeByteCount(
        _ part: FoundBackup,
        _ entry: BackupManifest.Segment,
        _ stop: RestoreStop
    ) throws(StoreError) -> UInt64 {
        let file = try onLog { () throws(LogError) in
            try SegmentFile(
                disk,
                path: part.paths.segment(entry.number),
                number: entry.number,
                identity: part.identity
            )
        }
        // Room for a close frame at least, as in a segment that was closed.
        return UInt64(max(file.madeByteCount, (stop.place.offset + 4096 + 4095) & ~4095))
    }

    /// The pages, held against the log that they come from, and what was erased, taken out of both.
    private func derive(
        _ stop: RestoreStop,
        _ erasures: Erasures,
        compacts: Bool
    ) throws(StoreError) -> (Verification, erased: Int) {
        _ = try opening.derive(
            last.identity,
            reaching: LogPosition(place: stop.place, sequence: stop.next),
            incarnation: incarnation
        )
        try onDisk { () throws(DiskError) in
            try disk.rename(paths.newPages, to: paths.pages)
            try disk.syncDirectory(paths.directory)
        }
        let store = try opening.openExisting(KeptLock(), last.identity, rebuilds: false)
        let verification: Verification
        var count = 0
        do throws(MnemeError) {
            let progress = progress
            do throws(StoreError) { try store.depart(behind: stop) } catch {
                throw MnemeError(error)
            }
            count = try store.eraseAgain(erasures, compacts: compacts)
            verification = try store.verify { step, done, total in
                if step == .read { progress(.verify, done, total) }
            }
            try store.close()
        } catch {
            throw .refused(error)
        }
        guard let finding = verification.findings.first else { return (verification, count) }
        throw .inconsistent(finding)
    }

    /// Far above all that was seen: the store that was backed up may have gone on, and so may
    /// another one that was restored from the same backup.
    private var incarnation: UInt64 {
        let room = (1 << 63) - 3 - min(last.incarnation, (1 << 63) - 3)
        let step = opening.options.randomness.next() % (1 << 32)
        return last.incarnation + min(step, room)
    }

    /// Gives back the room that a restore took which came to nothing.
    private func removeAll() {
        guard !disk.holds(paths.identity) else { return }
        for name in (try? disk.list(paths.log)) ?? [] { try? disk.remove(paths.log + "/" + name) }
        for path in [paths.pages, paths.newPages, paths.newIdentity] { try? disk.remove(path) }
        try? disk.syncDirectory(paths.log)
        try? disk.remove(paths.restoring)
        try? disk.syncDirectory(paths.directory)
    }

    private func work(_ step: BackupStep) -> SliceWork {
        let pace = Pace(opening.options.clock, rests: false, bytesPerSecond: nil) {}
        return SliceWork(disk, pace, step, progress)
    }
}
