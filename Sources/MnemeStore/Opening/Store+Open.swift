// Opening: take the lock, read which store it is, take the newest checkpoint, replay the log from
// there through the same editor that the writer uses. A store whose page file is missing or has no
// checkpoint is derived from the whole log. Format: formats/store.md#directory.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import Synchronization

/// What opening is allowed to do.
package enum StoreMode: Sendable {
    /// Opens what is there, or makes a new store.
    case openOrCreate
    /// Opens what is there.
    case open
    /// Makes a new store where none is.
    case create
    /// Opens what is there and derives every page again from the log.
    case rebuild
    /// Opens what is there, and writes nothing to any file.
    case read
}

extension Store {
    /// Opens a store.
    ///
    /// One whose directory cannot be written is opened to be read, as with `.read`. `progress` is
    /// called now and then while the log is replayed, with the bytes done and the bytes in all.
    ///
    /// - Throws: `.busy` when it is open elsewhere, `.notAStore`, `.exists`, `.newerFormat`,
    ///   `.corrupt` (a rebuild helps), `.damagedLog` (none does), `.denied`, `.diskFull`, `.disk`.
    package static func open(
        _ directory: String,
        _ mode: StoreMode = .openOrCreate,
        options: StoreOptions = StoreOptions(),
        progress: @escaping (Int, Int) -> Void = { _, _ in }
    ) throws(MnemeError) -> Store {
        do throws(StoreError) {
            var opening = StoreOpening(directory: directory, options: options)
            opening.progress = progress
            return try opening.open(mode)
        } catch {
            throw MnemeError(error)
        }
    }
}

/// The paths of a store's files.
struct StorePaths {
    let directory: String
    var log: String { directory + "/log" }
    var pages: String { directory + "/pages" }
    var newPages: String { directory + "/pages.new" }
    var lock: String { directory + "/lock" }
    var identity: String { directory + "/store" }
    var newIdentity: String { directory + "/store.new" }
    var restoring: String { directory + "/restoring" }
}

/// The steps of opening.
struct StoreOpening {
    let directory: String
    private(set) var options: StoreOptions
    let paths: StorePaths
    var disk: any Disk { options.disk }
    /// Which store it is, once that is known.
    var identityFile: IdentityFile?
    /// The keys of an encrypted store, once they are known.
    var vault: Vault?
    /// Called now and then while the log is replayed, with the bytes done and the bytes in all.
    var progress: (Int, Int) -> Void = { _, _ in }

    init(directory: String, options: StoreOptions) {
        self.directory = directory
        self.options = options
        paths = StorePaths(directory: directory)
    }

    mutating func open(_ mode: StoreMode) throws(StoreError) -> Store {
        let isThere = try holds(paths.identity)
        try checkFinished(isThere)
        switch mode {
        case .create where isThere: throw .refused(isStore)
        case .open where !isThere, .rebuild where !isThere, .read where !isThere:
            throw .refused(notAStore)
        default: break
        }
        try checkNoBackup()
        if isThere, mode == .read || mode != .rebuild && isReadOnly { return try openToRead() }
        if !isThere { try checkEmpty() }
        try onDisk { () throws(DiskError) in try disk.createDirectory(directory) }
        try checkListed()
        let lock = try lock()
        // What comes to stand under the name of the directory is another store's.
        options.disk = GuardedDisk(disk, directory, lock)
        do throws(StoreError) {
            // Somebody may have made the store, and closed it, before the lock was had.
            if try holds(paths.identity) {
                if mode == .create { throw .refused(isStore) }
                return try openExisting(lock, rebuilds: mode == .rebuild)
            }
            return try create(lock)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Whether the directory, or that of the log, cannot be written.
    private var isReadOnly: Bool { disk.isReadOnly(directory) || disk.isReadOnly(paths.log) }

    /// Refuses a backup before anything is written into it.
    func checkNoBackup() throws(StoreError) {
        guard try holds(BackupPaths(directory: directory).manifest) else { return }
        throw .refused(
            MnemeError(
                .notAStore,
                "\(directory) is a backup; make a store of it: mneme restore BACKUP --to NEW-STORE"
            )
        )
    }

    private var isStore: MnemeError {
        MnemeError(
            .exists,
            "\(directory) is a store already; open it, or choose another directory"
        )
    }

    func holds(_ path: String) throws(StoreError) -> Bool {
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            try file.close()
            return true
        } catch {
            if case .notFound = error { return false }
            throw .log(.disk(error))
        }
    }

    /// A directory with files of somebody else's is left alone; leftovers of a creation that a
    /// power cut interrupted are not.
    private func checkEmpty() throws(StoreError) {
        guard let names = try? disk.list(directory) else { return }
        let own: Set<String> = ["log", "pages", "pages.new", "lock", "store.new"]
        if let foreign = names.sorted().first(where: { !own.contains($0) }) {
            throw .refused(
                MnemeError(
                    .notAStore,
                    "\(directory) holds \(foreign) and is not a store; choose an empty directory"
                )
            )
        }
    }

    // MARK: Opening

    private mutating func openExisting(
        _ lock: any DiskLock,
        rebuilds: Bool
    ) throws(StoreError) -> Store {
        let identity = try readIdentity()
        // What a restore left that was ended behind its last step but one.
        try onDisk { () throws(DiskError) in
            if disk.holds(paths.restoring) { try disk.remove(paths.restoring) }
        }
        return try openExisting(lock, identity, rebuilds: rebuilds)
    }

    /// Opens the store of an identity, whose file need not be there.
    func openExisting(
        _ lock: any DiskLock,
        _ identity: StoreIdentity,
        rebuilds: Bool
    ) throws(StoreError) -> Store {
        try onDisk { () throws(DiskError) in
            // What a rebuild left that was ended.
            if disk.holds(paths.newPages) { try disk.remove(paths.newPages) }
            // What a copy of the store made of links shares with it stays as it is there.
            if !rebuilds, disk.holds(paths.pages) {
                _ = try disk.makeOwn(paths.pages, by: paths.newPages)
            }
            // Whoever made the store may have been killed before its names were durable.
            try disk.syncDirectory(directory)
        }
        try onLog { () throws(LogError) in try Log.ownTail(disk, paths.log) }
        if rebuilds { return try open(identity, lock, notes: try rebuild(identity)) }
        do throws(StoreError) {
            return try open(identity, lock)
        } catch .pages(.older(let version)) {
            return try open(
                identity,
                lock,
                notes: [Self.olderPages(version)] + (try rebuild(identity))
            )
        } catch .olderState(let version) {
            return try open(
                identity,
                lock,
                notes: [Self.olderState(version)] + (try rebuild(identity))
            )
        } catch {
            guard options.derivesDamagedPages, let what = error.damageOfPages else { throw error }
            // The log is the truth: what is derived from it is derived again, and that is told.
            let note = "The page file was damaged and was derived again from the log: \(what)"
            return try open(
                identity,
                lock,
                notes: [note] + (try rebuild(identity)),
                damage: note
            )
        }
    }

    /// What is to be said of a page file that was derived again because of its format.
    private static func olderPages(_ version: UInt32) -> String {
        "The page file had format \(version), which is not read any more; it was derived again "
            + "from the log."
    }

    /// What is to be said of a page file that was derived again because of its state's version.
    private static func olderState(_ version: UInt32) -> String {
        "The state of the page file had version \(version), which is not read any more; everything "
            + "was derived again from the log."
    }

    /// Opens what the page file shows and goes on from there with the log.
    private func open(
        _ identity: StoreIdentity,
        _ lock: any DiskLock,
        notes: [String] = [],
        damage: String? = nil
    )
        throws(StoreError) -> Store
    {
        let start = try openPages(identity)
        return try open(start, identity, .write, lock: lock, notes: notes, damage: damage)
    }

    /// Replays the log from where a page file's state ends.
    ///
    /// `known`: what another page file says, where there is one that is not gone on from.
    func open(
        _ start: Start,
        _ identity: StoreIdentity,
        _ access: LogAccess,
        knowing known: StateImage? = nil,
        lock: (any DiskLock)?,
        notes: [String],
        damage: String? = nil
    ) throws(StoreError) -> Store {
        let recovery = try onLog { () throws(LogError) in
            try LogRecovery(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits,
                from: start.position,
                reaching: known?.position,
                incarnation: start.incarnation,
                epoch: start.epoch,
                mentions: start.image?.roots.cold,
                expecting: known?.roots.cold,
                vault: vault,
                access: access
            )
        }
        try start.image?.check(recovery)
        let state = try replay(recovery, onto: start.state, start.pages)
        let log = try onLog { () throws(LogError) in try recovery.finish() }
        var notes = notes + recovery.passedOver.map(Self.passedOver)
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        if start.isFromNothing, end.sequence > 1 {
            notes.append(Self.unknownEnd(end, isClosed: recovery.endsWithClose))
        }
        return Store(
            directory: directory,
            options: options,
            identityFile: identityFile,
            access: access,
            log: log,
            pages: start.pages,
            state: state,
            checkpoint: start.position ?? LogPosition(place: LogPlace(bits: 1 << 24), sequence: 1),
            stateExtent: start.stateExtent,
            lock: lock,
            notes: notes,
            damage: damage
        )
    }

    /// Which store it is; its keys are there from then on.
    ///
    /// - Throws: `.refused` with `notAStore`, `newerFormat`, and as `unlock`.
    mutating func readIdentity() throws(StoreError) -> StoreIdentity {
        let file = try identityOnDisk()
        try unlock(file)
        return file.identity
    }

    /// What its file says, which is not believed to be unlocked.
    func identityOnDisk() throws(StoreError) -> IdentityFile {
        let bytes = try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.identity, .read)
            defer { try? file.close() }
            let count = Int(clamping: try file.byteCount())
            return try file.read(at: 0, count: min(count, 4096))
        }
        do throws(IdentityError) {
            return try IdentityFile(bytes)
        } catch {
            throw refusal(of: error)
        }
    }

    private func refusal(of error: IdentityError) -> StoreError {
        switch error {
        case .newer(let version):
            return .refused(
                MnemeError(
                    .newerFormat,
                    "\(directory) has format \(version), which is newer than this program; use a "
                        + "newer one"
                )
            )
        case .malformed where disk.holds(paths.log):
            return .refused(
                MnemeError(
                    .notAStore,
                    "\(paths.identity), which says whose the log beside it is, is damaged; "
                        + helpWithoutIdentity
                )
            )
        case .malformed:
            return .refused(
                MnemeError(
                    .notAStore,
                    "\(paths.identity) does not belong to a store; choose another directory"
                )
            )
        }
    }

    /// What helps where nothing else does.
    static let salvage = "mneme salvage STORE --to NEW-STORE"

    /// Batches per published state: pages are copied once a state.
    private static let batchesPerState = 256
    /// Batches between two words about how far it has come; one may have thousands of changes.
    private static let batchesPerProgress = 8

    /// The state after every batch of a log that is being opened.
    func replay(
        _ recovery: LogRecovery,
        onto start: StoreState,
        _ pages: PageFile
    )
        throws(StoreError) -> StoreState
    {
        var state = start
        let analyzer = TextAnalyzer()
        let limit = options.writerMergeLimit
        let text = ReplayText(hasThread: options.worksInBackground)
        func edit(_ state: StoreState) -> StoreEditor {
            let editor = StoreEditor(
                state,
                pages: pages,
                analyzer: analyzer,
                mergeLimit: limit,
                text: text
            )
            editor.frames = recovery
            editor.countsNothing = options.faults.replaysNoUsage
            return editor
        }
        var editor = edit(state)
        var count = 0
        // From its beginning a log with cold segments lacks what is not needed.
        let isSparse = start.sequence == 0 && !recovery.coldRuns.isEmpty
        if isSparse {
            let all = recovery.coldRuns.map { run in
                ColdMention(number: run.number, isComplete: true, hasPacks: run.hasPacks)
            }
            editor.setCold(all, dead: [:], endsLease: false)
        }
        let total = recovery.bytesAhead
        while let batch = try onLog({ () throws(LogError) in try recovery.next() }) {
            var replay = Replay(
                editor,
                recovery,
                recordsAtOnce: options.recordsAtOnce,
                isSparse: isSparse
            )
            try replay.apply(batch)
            count += 1
            if count % Self.batchesPerProgress == 0 {
                progress(total - recovery.bytesAhead, total)
            }
            if count % Self.batchesPerState == 0 {
                state = try editor.finish()
                editor = edit(state)
            }
        }
        editor.add(try text.finish())
        return try editor.finish()
    }
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func onDisk<Result>(_ body: () throws(DiskError) -> Result) throws(StoreError) -> Result {
    do throws(DiskError) { return try body() } catch { throw .log(.disk(error)) }
}
