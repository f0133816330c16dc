// Backups and restores.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Makes a backup in a directory that is not there or is empty, while the store goes on.
    ///
    /// It is made on a thread of the lowest priority, which rests half of the time; this call waits
    /// for it. `base`: the directory of the backup that it goes on from, nil for a full one.
    /// `copies`: also what could be linked. `bytesPerSecond`: how fast it is read at most.
    ///
    /// - Throws: `.busy` while another one is made, `.exists` and `.badRequest` for a directory
    ///   that cannot be taken, `.badBackup` for a base that does not fit, `.damagedLog`,
    ///   `.diskFull`, `.denied`, `.disk`. No backup is there then.
    @discardableResult
    public func backup(
        to directory: String,
        base: String? = nil,
        copies: Bool = false,
        bytesPerSecond: Int? = nil,
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> BackupSummary {
        var options = BackupOptions()
        options.base = base
        options.copies = copies
        options.bytesPerSecond = bytesPerSecond
        let chosen = options
        let make = { () throws(MnemeError) in
            try self.store.backup(to: directory, chosen, progress: progress)
        }
        guard isAudited else { return try make() }
        return try audited(.backup(Backup("")), asker, make) { .backedUp($0) }
    }

    /// Makes a backup under a name in the directory of the options.
    func perform(_ backup: Backup) throws(MnemeError) -> BackupSummary {
        guard let directory = options.backupDirectory else {
            throw MnemeError(
                .denied,
                "no directory for backups was given to this store; start the server with "
                    + "--backups DIR, or make the backup where the store is, with its server "
                    + "ended: mneme backup --store DIR TARGET"
            )
        }
        for name in [backup.name] + (backup.base.map { [$0] } ?? [])
        where !PlainName.isOne(name) {
            throw MnemeError(
                .badRequest,
                "\"\(name.prefix(80))\" is no name of a backup; use 1 to \(PlainName.limit) "
                    + "letters, digits, dots, hyphens and underscores, the first no dot"
            )
        }
        if let rate = backup.bytesPerSecond, rate < Self.leastRate {
            throw MnemeError(
                .badRequest,
                "at \(rate) bytes a second a backup takes too long; give at least "
                    + "\(Self.leastRate), or no rate"
            )
        }
        return try self.backup(
            to: directory + "/" + backup.name,
            base: backup.base.map { directory + "/" + $0 },
            copies: backup.copies,
            bytesPerSecond: backup.bytesPerSecond
        )
    }

    /// Who asks by name keeps a thread of a server busy for as long.
    private static let leastRate = 1_000_000

    /// Makes a new store of a full backup and the increments that go on from it, in order.
    ///
    /// The new store has the identity of the one that was backed up, and is closed. Whatever ends
    /// the restore leaves no store, or a whole one.
    ///
    /// What was erased since does not come back, as far as the backups, those of the same store
    /// beside them, and what `ledger` names besides know of it; with `.none` it does.
    ///
    /// - Throws: `.busy` while the backups are pruned,
    ///   `.badBackup` for a backup that is damaged (the file is named) or does not go on
    ///   from the one before, `.badRequest` for a point that the backups do not have, `.notExact`
    ///   for one that they do not have any more, as segments were compacted since (the message says
    ///   which they have), `.exists` for a directory that is not empty, `.diskFull`, `.denied`,
    ///   `.disk`.
    public static func restore(
        _ backups: [String],
        to directory: String,
        at point: RestorePoint = .end,
        ledger: ErasureLedger = .all(),
        key: MasterKey? = nil,
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> RestoreSummary {
        var files = StoreOptions()
        files.masterKey = key
        return try Store.restore(
            backups,
            to: directory,
            at: point,
            ledger: ledger,
            options: files,
            progress: progress
        )
    }

    /// Reads backups, of which each goes on from the one before, and holds every file against the
    /// manifests and every frame against its checksum.
    ///
    /// One alone may be an increment.
    ///
    /// - Returns: what they hold, in order.
    /// - Throws: `.badBackup` for the first that is damaged, which names the file, `.disk`.
    public static func verifyBackups(
        _ directories: [String],
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> [BackupSummary] {
        try Store.verifyBackups(directories, progress: progress)
    }

    /// The backups right below a directory, oldest first; the directory itself where it is one.
    ///
    /// Their manifests are read and nothing else.
    ///
    /// - Throws: `.badRequest` where the directory cannot be listed.
    public static func backups(in directory: String) throws(MnemeError) -> [ListedBackup] {
        try Store.backups(in: directory)
    }

    /// Removes backups right below a directory that nobody wants any more, and makes chains anew
    /// that have what was erased since.
    ///
    /// Of each store the newest `keep` stay, and those that were made from `before` on; all where
    /// neither is given, the newest one always, and whatever one that stays goes on from. A chain
    /// that has a record which an erasure names, in one of its backups or in what `ledgers` names
    /// besides, becomes one full backup without it, in the place of the last one: its points are
    /// lost, and no increment of the store goes on from it. `isDryRun`: says what would be done,
    /// and does nothing.
    ///
    /// Of a store nothing is removed or made anew as long as one of its backups there cannot be
    /// read, is damaged, or lacks what it goes on from: `unread` says which, and why.
    ///
    /// - Throws: `.busy` while backups there are made, read or pruned, `.exists` for what is in the
    ///   way and not its own, `.badRequest` for a directory that cannot be listed or a ledger that
    ///   is none, `.badBackup` for a damaged backup that would have to be read, `.diskFull`,
    ///   `.denied`, `.disk`. Each chain is whole then, or its successor is; the same call
    ///   again goes on.
    public static func pruneBackups(
        in directory: String,
        keep: Int? = nil,
        before: Instant? = nil,
        ledgers: [String] = [],
        isDryRun: Bool = false,
        key: MasterKey? = nil,
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> PrunedBackups {
        var wishes = PruneOptions()
        wishes.keep = keep
        wishes.before = before
        wishes.ledgers = ledgers
        wishes.isDryRun = isDryRun
        var files = StoreOptions()
        files.masterKey = key
        return try Store.pruneBackups(in: directory, wishes, options: files, progress: progress)
    }
}
