// Pruning: backups that nobody wants go, without breaking a chain, and what was erased goes out of
// those that stay: a chain that still has it is restored beside itself, and one full backup of that
// takes its place. Whatever ends it, each chain is whole or its successor is; the next pruning goes
// on. Format: formats/backup.md#pruning.

internal import MnemeBase
package import MnemeModel
internal import MnemePages

/// Which backups a pruning keeps.
package struct PruneOptions: Sendable {
    /// So many of the newest of each line of each store: a restored store begins one of its own.
    package var keep: Int?
    /// All that were made from then on.
    package var before: Instant?
    /// Stores and backups elsewhere that know what was erased.
    package var ledgers: [String] = []
    /// Whether nothing is to be done but to say what would be.
    package var isDryRun = false

    /// Keeps everything that has nothing that was erased.
    package init() {}
}

extension Store {
    /// Removes backups right below a directory that nobody wants any more, and makes chains anew
    /// that have what was erased since.
    ///
    /// A backup stays as long as a wanted one goes on from it; the newest of each line of each
    /// store stays. A chain that is made anew becomes one full backup in the place of its last one:
    /// its points are lost, and no increment of the store goes on from it.
    ///
    /// Of a store nothing goes as long as something is in the way: a backup that cannot be read, is
    /// damaged, or lacks what it goes on from.
    ///
    /// - Throws: `.busy` while backups there are made, read or pruned, `.badRequest` for a
    ///   directory that cannot be listed or has nothing that a pruning looks at (the message names
    ///   those below it that have), or a ledger that is none, `.exists` for what is in the way
    ///   of a workplace, `.badBackup` for a damaged backup that would have to be read, `.diskFull`,
    ///   `.denied`, `.disk`. What was done until then stays done, and the next pruning goes on.
    /// - Complexity: O(bytes of all backups), and a restore and a backup for each chain made anew.
    package static func pruneBackups(
        in directory: String,
        _ wishes: PruneOptions = PruneOptions(),
        options: StoreOptions = StoreOptions(),
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> PrunedBackups {
        do throws(StoreError) {
            guard (try? options.disk.list(directory)) != nil else {
                throw BackupPrune.noDirectory(directory)
            }
            try BackupPrune.checkIsNone(options.disk, directory)
            let lock = try BackupLocks.take(options.disk, directory)
            defer { lock.release() }
            var prune = BackupPrune(directory, wishes, options, progress)
            return try prune.run()
        } catch {
            throw MnemeError(error)
        }
    }
}

/// One pruning; whoever runs it has the lock of the directory.
struct BackupPrune {
    let directory: String
    let wishes: PruneOptions
    let options: StoreOptions
    private let progress: BackupWatch
    var result = PrunedBackups()

    var disk: any Disk { options.disk }

    init(
        _ directory: String,
        _ wishes: PruneOptions,
        _ options: StoreOptions,
        _ progress: @escaping BackupWatch
    ) {
        self.directory = directory
        self.wishes = wishes
        self.options = options
        self.progress = progress
    }

    mutating func run() throws(StoreError) -> PrunedBackups {
        var found = try FoundFamilies(disk, directory)
        try finishEarlier(&found)
        result.unread += found.obstacles.map(\.reason)
        try checkPlace(found)
        var ledgers: [StoreIdentity: [String]] = [:]
        for ledger in wishes.ledgers {
            let identity = try ErasureScan.identity(disk, ledger)
            guard found.families.contains(where: { $0.identity == identity }) else {
                throw ErasureScan.another(ledger)
            }
            ledgers[identity, default: []].append(ledger)
        }
        for family in found.families {
            try prune(family, ledgers[family.identity] ?? [], found.blocks(family.identity))
        }
        return result
    }

    private mutating func prune(
        _ found: BackupFamily,
        _ ledgers: [String],
        _ isBlocked: Bool
    ) throws(StoreError) {
        var family = found
        let vault = try vault(family)
        var scan = ErasureScan(disk, family.identity, vault: vault)
        for ledger in ledgers { try scan.take(directory: ledger) }
        var obstacles = family.obstacles(disk)
        for member in family.members {
            do throws(StoreError) {
                try scan.take(member)
            } catch {
                obstacles.append("\(member.directory): \(MnemeError(error).message)")
            }
        }
        var unwanted: [FoundBackup] = []
        if obstacles.isEmpty, !isBlocked, wishes.keep != nil || wishes.before != nil {
            do throws(StoreError) {
                let lines = try BackupLines(disk, family, vault)
                unwanted = family.unwanted(keep: wishes.keep, before: wishes.before, lines)
            } catch {
                obstacles.append(MnemeError(error).message)
            }
        }
        if obstacles.isEmpty, !isBlocked, !unwanted.isEmpty { obstacles += damage(family) }
        if isBlocked || !obstacles.isEmpty {
            // Whatever is not known may need what would go.
            (result.unread, unwanted) = (result.unread + obstacles, [])
            result.kept += family.members.map(\.directory)
            return
        }
        family.remove(unwanted)
        var search = CarrierSearch(disk, scan.erasures, vault)
        for tree in family.trees {
            var carries = false
            for member in tree where try search.carries(member) { carries = true }
            if carries {
                try rewrite(BackupFamily(tree, family.identity), ledgers)
            } else {
                result.kept += tree.map(\.directory)
            }
        }
        // Behind all that: what goes may be the only one that knows of an erasure.
        for member in unwanted {
            result.removed.append(removed(member))
            if !wishes.isDryRun { try remove(member) }
        }
    }

    /// What does not read back, before anything goes that it might be restored from.
    ///
    /// - Complexity: O(bytes), each read twice.
    private func damage(_ family: BackupFamily) -> [String] {
        let pace = Pace(options.clock, rests: false, bytesPerSecond: nil) {}
        var work = SliceWork(disk, pace, .check, progress)
        work.total = family.members.reduce(0) { $0 + 2 * Int(clamping: $1.byteCount) }
        var found: [String] = []
        for member in family.members {
            do throws(StoreError) {
                try member.check(&work)
            } catch {
                found.append("\(member.directory): \(MnemeError(error).message)")
            }
        }
        return found
    }

    /// The keys of a store that backups are of, by the newest that the master key opens.
    private func vault(_ family: BackupFamily) throws(StoreError) -> Vault? {
        var refusal: StoreError?
        for member in family.members.reversed() {
            do throws(StoreError) {
                return try member.vault(options)
            } catch {
                refusal = refusal ?? error
            }
        }
        if let refusal { throw refusal }
        return nil
    }

    private func removed(_ member: FoundBackup) -> PrunedBackups.Removed {
        PrunedBackups.Removed(
            directory: member.directory,
            bytes: Int(clamping: member.byteCount)
        )
    }

    // MARK: Making anew

    /// Makes one full backup of each end of a tree of backups, and puts it in the place of that.
    private mutating func rewrite(
        _ tree: BackupFamily,
        _ ledgers: [String]
    ) throws(StoreError) {
        let tips = tree.tips
        for tip in tips {
            let chain = tree.chain(of: tip).map(\.directory)
            var rewritten = PrunedBackups.Rewritten(
                directory: tip.directory,
                chain: chain,
                time: tip.summary.time
            )
            if !wishes.isDryRun {
                let (erased, made) = try makeSuccessor(of: tip, chain, ledgers)
                rewritten.erased = erased
                rewritten.exactFrom = made.exactFrom
                rewritten.sequence = made.sequence
            }
            result.rewritten.append(rewritten)
        }
        // Every successor is there. From the full one on, so that what is left tells what it was.
        let others = tree.members.filter { !tips.contains($0) }
            .sorted { tree.chain(of: $0).count < tree.chain(of: $1).count }
        for member in others {
            result.removed.append(removed(member))
            if !wishes.isDryRun { try remove(member) }
        }
        if !wishes.isDryRun { for tip in tips { try replace(tip.directory, tip) } }
    }

    /// Restores a chain beside itself, and makes a full backup of that.
    ///
    /// What is committed for that has the time of the chain's newest commit, so that the end of the
    /// chain is still found at its instant.
    ///
    /// - Returns: how many records are not in it any more, and what was made.
    private func makeSuccessor(
        of tip: FoundBackup,
        _ chain: [String],
        _ ledgers: [String]
    ) throws(StoreError) -> (erased: Int, made: BackupSummary) {
        let place = workplace(tip.directory)
        try claim(place, WorkMarker(.restored, tip.manifest.identity, tip.manifest.id))
        let successor = tip.directory + PruneName.successor
        try checkFree(successor)
        var options = options
        options.worksInBackground = false
        options.clock = PastClock(options.clock, at: tip.manifest)
        // Where some stores are encrypted and others not, the key is of the former.
        if try tip.identityFile(disk).wrapped == nil { options.masterKey = nil }
        do throws(MnemeError) {
            let summary = try Store.restore(
                chain,
                to: place + Self.restored,
                ledger: .all(beside: ledgers),
                compacts: true,
                isPruning: true,
                options: options,
                progress: progress
            )
            let store = try Store.open(place + Self.restored, .open, options: options)
            var making = BackupOptions()
            making.successorOf = tip.manifest.id
            making.made = tip.manifest.made
            let made: BackupSummary
            do throws(MnemeError) {
                made = try store.backup(to: successor, making, progress: progress)
            } catch {
                try? store.close()
                throw error
            }
            try store.close()
            do throws(StoreError) { try clear(place) } catch { throw MnemeError(error) }
            return (summary.erased, made)
        } catch {
            throw .refused(error)
        }
    }

    /// Puts the successor of a backup in its place, where that may still be.
    func replace(_ path: String, _ old: FoundBackup?) throws(StoreError) {
        if let old { try remove(old) }
        try onDisk { () throws(DiskError) in
            try disk.rename(path + PruneName.successor, to: path)
            try disk.syncDirectory(directory)
            try disk.remove(WorkMarker.path(in: path))
            try disk.syncDirectory(path)
        }
    }

    /// Removes a backup: at once from those that there are, then its files.
    func remove(_ member: FoundBackup) throws(StoreError) {
        let path = member.directory
        let place = workplace(path)
        try checkFree(place)
        try WorkMarker(.leaving, member.manifest.identity, member.manifest.id)
            .write(disk, in: path)
        try onDisk { () throws(DiskError) in
            try disk.rename(path, to: place)
            try disk.syncDirectory(directory)
        }
        try clear(place)
    }
}
