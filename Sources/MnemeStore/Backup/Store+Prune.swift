// Pruning: backups that nobody wants go, without breaking a chain, and what was erased goes out of
// those that stay: a chain that still has it is restored beside itself, and one full backup of that
// takes its place. Whatever ends it, each chain is whole or its successor is; the next pruning goes
// on. Format: formats/backup.md#pruning.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

/// Which backups a pruning keeps.
package struct PruneOptions: Sendable {
    /// So many of the newest of each store.
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
    /// A backup stays as long as a wanted one goes on from it; the newest of each store stays. A
    /// chain that is made anew becomes one full backup in the place of its last one: its points are
    /// lost, and no increment of the store goes on from it.
    ///
    /// - Throws: `.badRequest` for a directory that cannot be listed or a ledger that is none,
    ///   `.badBackup` for a damaged backup that would have to be read, `.diskFull`, `.denied`,
    ///   `.disk`. What was done until then stays done, and the next pruning goes on.
    /// - Complexity: O(bytes of all backups), and a restore and a backup for each chain made anew.
    package static func pruneBackups(
        in directory: String,
        _ wishes: PruneOptions = PruneOptions(),
        options: StoreOptions = StoreOptions(),
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> PrunedBackups {
        do throws(StoreError) {
            var prune = BackupPrune(directory, wishes, options, progress)
            return try prune.run()
        } catch {
            throw MnemeError(error)
        }
    }
}

/// One pruning.
private struct BackupPrune {
    private let directory: String
    private let wishes: PruneOptions
    private let options: StoreOptions
    private let progress: BackupWatch
    private var result = PrunedBackups()

    /// What the successor of a backup is called until it takes its place.
    private static let successor = ".pruned"
    private static let workplace = ".pruning"

    private var disk: any Disk { options.disk }

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
        if !wishes.isDryRun { try finishEarlier() }
        let families = try families()
        var ledgers: [StoreIdentity: [String]] = [:]
        for ledger in wishes.ledgers {
            let identity = try ErasureScan.identity(disk, ledger)
            guard families.contains(where: { $0.identity == identity }) else {
                throw ErasureScan.another(ledger)
            }
            ledgers[identity, default: []].append(ledger)
        }
        for var family in families {
            let ledgers = ledgers[family.identity] ?? []
            let vault = try vault(family)
            var scan = ErasureScan(disk, family.identity, vault: vault)
            for ledger in ledgers { try scan.take(directory: ledger) }
            for member in family.members { try scan.take(member) }
            let unwanted = family.unwanted(keep: wishes.keep, before: wishes.before)
            for member in unwanted {
                result.removed.append(removed(member))
                if !wishes.isDryRun { try remove(member.directory) }
            }
            family.remove(unwanted)
            var search = CarrierSearch(disk, scan.erasures, vault)
            for tree in family.trees {
                var carries = false
                for member in tree where try search.carries(member) { carries = true }
                if carries, family.isComplete(tree[0]) {
                    try rewrite(BackupFamily(tree, family.identity), ledgers)
                } else {
                    result.kept += tree.map(\.directory)
                }
                if carries, !family.isComplete(tree[0]) {
                    result.unread.append(
                        "\(tree[0].directory): what it goes on from is not here, and it has "
                            + "something that was erased"
                    )
                }
            }
        }
        return result
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

    /// The backups of each store.
    private mutating func families() throws(StoreError) -> [BackupFamily] {
        guard let names = try? disk.list(directory) else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "\(directory) is no directory that can be listed; give the one with the backups"
                )
            )
        }
        var stores: [StoreIdentity: [FoundBackup]] = [:]
        for name in names.sorted() where !isOwn(name) {
            let path = directory + "/" + name
            guard disk.holds(BackupPaths(directory: path).manifest) else { continue }
            do throws(StoreError) {
                let found = try FoundBackup(disk, path)
                stores[found.manifest.identity, default: []].append(found)
            } catch {
                result.unread.append("\(path): \(MnemeError(error).message)")
            }
        }
        return stores.sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
            .map { BackupFamily($0.value, $0.key) }
    }

    /// Whether a name is that of something that a pruning makes on its way.
    private func isOwn(_ name: String) -> Bool {
        name.hasSuffix(Self.successor) || name.hasPrefix(".") && name.hasSuffix(Self.workplace)
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
                lostThrough: tip.manifest.lastSequence
            )
            if !wishes.isDryRun { rewritten.erased = try makeSuccessor(of: tip, chain, ledgers) }
            result.rewritten.append(rewritten)
        }
        // Every successor is there. From the full one on, so that what is left tells what it was.
        let others = tree.members.filter { !tips.contains($0) }
            .sorted { tree.chain(of: $0).count < tree.chain(of: $1).count }
        for member in others {
            result.removed.append(removed(member))
            if !wishes.isDryRun { try remove(member.directory) }
        }
        if !wishes.isDryRun { for tip in tips { try replace(tip.directory) } }
    }

    /// Restores a chain beside itself, and makes a full backup of that.
    ///
    /// - Returns: how many records are not in it any more.
    private func makeSuccessor(
        of tip: FoundBackup,
        _ chain: [String],
        _ ledgers: [String]
    ) throws(StoreError) -> Int {
        let place = workplace(tip.directory)
        try removeWorkplace(place)
        var options = options
        options.worksInBackground = false
        // Where some stores are encrypted and others not, the key is of the former.
        if try tip.identityFile(disk).wrapped == nil { options.masterKey = nil }
        do throws(MnemeError) {
            let summary = try Store.restore(
                chain,
                to: place,
                ledger: .all(beside: ledgers),
                compacts: true,
                options: options,
                progress: progress
            )
            let store = try Store.open(place, .open, options: options)
            do throws(MnemeError) {
                _ = try store.backup(to: tip.directory + Self.successor, progress: progress)
            } catch {
                try? store.close()
                throw error
            }
            try store.close()
            do throws(StoreError) { try removeWorkplace(place) } catch { throw MnemeError(error) }
            return summary.erased
        } catch {
            throw .refused(error)
        }
    }

    /// The directory beside a backup in which it is restored.
    private func workplace(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return directory + "/." + name + Self.workplace
    }

    /// Puts the successor of a backup in its place.
    private func replace(_ path: String) throws(StoreError) {
        try remove(path)
        try onDisk { () throws(DiskError) in
            try disk.rename(path + Self.successor, to: path)
            try disk.syncDirectory(directory)
        }
    }

    // MARK: Going on

    /// Ends what an earlier pruning left: a successor that is whole, of a chain that is not whole
    /// any more, takes its place; every other rest goes.
    private mutating func finishEarlier() throws(StoreError) {
        let names = (try? disk.list(directory))?.filter(isOwn).sorted() ?? []
        for name in names where name.hasPrefix(".") {
            try removeWorkplace(directory + "/" + name)
        }
        let successors = names.filter { $0.hasSuffix(Self.successor) }
        if successors.isEmpty { return }
        let families = try families()
        result = PrunedBackups()
        for name in successors {
            let path = String((directory + "/" + name).dropLast(Self.successor.count))
            guard disk.holds(BackupPaths(directory: path + Self.successor).manifest) else {
                try remove(path + Self.successor)
                continue
            }
            let old = families.compactMap { family in
                family.members.first { $0.directory == path }.map { (family, $0) }
            }.first
            if let (family, member) = old {
                if family.isComplete(member) {
                    // It is made anew where it is still due.
                    try remove(path + Self.successor)
                    continue
                }
                for rest in family.chain(of: member).dropLast() { try remove(rest.directory) }
            }
            try replace(path)
        }
    }

    // MARK: Removing

    /// Removes a backup: at once from those that there are, then its files.
    private func remove(_ path: String) throws(StoreError) {
        guard (try? disk.list(path)) != nil else { return }
        let place = workplace(path)
        try removeWorkplace(place)
        try onDisk { () throws(DiskError) in
            try disk.rename(path, to: place)
            try disk.syncDirectory(directory)
        }
        try removeWorkplace(place)
    }

    /// Removes a store that was restored on the way, or a backup that went.
    private func removeWorkplace(_ path: String) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            guard let names = try? disk.list(path) else { return }
            let log = path + "/log"
            // Without what makes it one first: never a store or a backup that lacks a part.
            for name in ["manifest", "store"] where names.contains(name) {
                try disk.remove(path + "/" + name)
            }
            try disk.syncDirectory(path)
            for name in (try? disk.list(log)) ?? [] { try disk.remove(log + "/" + name) }
            for name in names where !["log", "manifest", "store"].contains(name) {
                try disk.remove(path + "/" + name)
            }
            try disk.removeDirectory(log)
            try disk.removeDirectory(path)
            try disk.syncDirectory(directory)
        }
    }
}
