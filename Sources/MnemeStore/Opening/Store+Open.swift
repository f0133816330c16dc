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
}

extension Store {
    /// Opens a store.
    ///
    /// - Throws: `.busy` when it is open elsewhere, `.notAStore`, `.exists`, `.newerFormat`,
    ///   `.corrupt` (a rebuild helps), `.damagedLog` (none does), `.denied`, `.diskFull`, `.disk`.
    package static func open(
        _ directory: String,
        _ mode: StoreMode = .openOrCreate,
        options: StoreOptions = StoreOptions()
    ) throws(MnemeError) -> Store {
        do throws(StoreError) {
            return try StoreOpening(directory: directory, options: options).open(mode)
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
    let options: StoreOptions
    let paths: StorePaths
    let disk: any Disk

    init(directory: String, options: StoreOptions) {
        self.directory = directory
        self.options = options
        paths = StorePaths(directory: directory)
        disk = options.disk
    }

    func open(_ mode: StoreMode) throws(StoreError) -> Store {
        let isThere = try holds(paths.identity)
        switch mode {
        case .create where isThere: throw .refused(isStore)
        case .open where !isThere, .rebuild where !isThere:
            throw .refused(
                MnemeError(
                    .notAStore,
                    "\(directory) is not a store; check the path"
                )
            )
        default: break
        }
        if !isThere { try checkEmpty() }
        try onDisk { () throws(DiskError) in try disk.createDirectory(directory) }
        guard (try? disk.list(directory)) != nil else {
            throw .refused(
                MnemeError(
                    .notAStore,
                    "\(directory) is not a directory that can be listed; choose another path"
                )
            )
        }
        let lock = try onDisk { () throws(DiskError) in try disk.lock(paths.lock) }
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

    private var isStore: MnemeError {
        MnemeError(
            .exists,
            "\(directory) is a store already; open it, or choose another directory"
        )
    }

    private func holds(_ path: String) throws(StoreError) -> Bool {
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

    // MARK: Creating

    /// The identity file is written last: without it there is no store.
    private func create(_ lock: any DiskLock) throws(StoreError) -> Store {
        let identity = StoreIdentity(
            high: options.randomness.next(),
            low: options.randomness.next()
        )
        try onDisk { () throws(DiskError) in try disk.syncAncestors(of: directory) }
        try removeLeftovers()
        let log = try onLog { () throws(LogError) in
            try Log.create(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits
            )
        }
        let pages = try onPages { () throws(PageError) in
            try PageFile.create(disk, path: paths.pages, identity: identity)
        }
        let state = Self.emptyState(pages)
        try writeIdentity(identity)
        return Store(
            directory: directory,
            options: options,
            log: log,
            pages: pages,
            state: state,
            checkpoint: LogPosition(place: log.end, sequence: log.nextSequence),
            stateExtent: nil,
            lock: lock
        )
    }

    /// Makes the directory a store: what it is to hold is there.
    func writeIdentity(_ identity: StoreIdentity) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.newIdentity, .create)
            try file.write(IdentityFile.bytes(identity), at: 0)
            try file.sync()
            try file.close()
            // The name that makes it a store comes after those of its log and pages.
            try disk.syncDirectory(directory)
            try disk.rename(paths.newIdentity, to: paths.identity)
            try disk.syncDirectory(directory)
        }
    }

    private func removeLeftovers() throws(StoreError) {
        try checkLogIsEmpty()
        try onDisk { () throws(DiskError) in
            for name in (try? disk.list(paths.log)) ?? [] {
                try disk.remove(paths.log + "/" + name)
            }
            for path in [paths.pages, paths.newPages, paths.newIdentity] where disk.holds(path) {
                try disk.remove(path)
            }
        }
    }

    /// A log with frames is no leftover of a creation: somebody lost the file that says whose it
    /// is.
    private func checkLogIsEmpty() throws(StoreError) {
        for name in (try? disk.list(paths.log)) ?? [] {
            let path = paths.log + "/" + name
            let hasFrames = try onDisk { () throws(DiskError) in
                let file = try disk.open(path, .read)
                defer { try? file.close() }
                let count = try file.byteCount()
                guard count >= 4104 else { return false }
                return try file.read(at: 4096, count: 8) != [0, 0, 0, 0, 0, 0, 0, 0]
            }
            if hasFrames {
                throw .refused(
                    MnemeError(
                        .notAStore,
                        "\(path) has records, but \(paths.identity) is missing; put that file "
                            + "back, from a copy of the store if you made one, or choose another "
                            + "directory"
                    )
                )
            }
        }
    }

    static func emptyState(_ pages: PageFile) -> StoreState {
        let editor = pages.edit()
        let roots = StoreRoots(
            tree: Tree.create(in: editor).root,
            adjacency: Adjacency.create(in: editor).tree.root
        )
        let root = pages.publish(editor)
        return StoreState(catalog: Catalog(), root: root, sequence: 0, roots: roots, runs: [])
    }

    // MARK: Opening

    private func openExisting(_ lock: any DiskLock, rebuilds: Bool) throws(StoreError) -> Store {
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
            // Whoever made the store may have been killed before its names were durable.
            try disk.syncDirectory(directory)
        }
        var notes: [String] = []
        if rebuilds { notes = try rebuild(identity) }
        let start = try openPages(identity)
        let recovery = try onLog { () throws(LogError) in
            try LogRecovery(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits,
                from: start.position,
                incarnation: start.incarnation,
                epoch: start.epoch
            )
        }
        try start.image?.check(recovery)
        let state = try replay(recovery, onto: start.state, start.pages)
        let log = try onLog { () throws(LogError) in try recovery.finish() }
        return Store(
            directory: directory,
            options: options,
            log: log,
            pages: start.pages,
            state: state,
            checkpoint: start.position ?? LogPosition(place: LogPlace(bits: 1 << 24), sequence: 1),
            stateExtent: start.stateExtent,
            lock: lock,
            notes: notes
        )
    }

    private func readIdentity() throws(StoreError) -> StoreIdentity {
        let bytes = try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.identity, .read)
            defer { try? file.close() }
            let count = Int(clamping: try file.byteCount())
            return try file.read(at: 0, count: min(count, 4096))
        }
        do throws(IdentityError) {
            return try IdentityFile.read(bytes)
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
                    "\(paths.identity), which says whose the log beside it is, is damaged; put "
                        + "that file of \(IdentityFile.byteCount) bytes back, from a copy of the "
                        + "store if you made one"
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

    private struct Start {
        var pages: PageFile
        var state: StoreState
        var position: LogPosition?
        var incarnation: UInt64 = 0
        var epoch: UInt32 = 0
        var stateExtent: PageExtent?
        var image: StateImage?
    }

    private func openPages(_ identity: StoreIdentity) throws(StoreError) -> Start {
        guard try holds(paths.pages) else {
            let pages = try onPages { () throws(PageError) in
                try PageFile.create(disk, path: paths.pages, identity: identity)
            }
            try onDisk { () throws(DiskError) in try disk.syncDirectory(directory) }
            return Start(pages: pages, state: Self.emptyState(pages))
        }
        let opened = try onPages { () throws(PageError) in
            try PageFile.open(disk, path: paths.pages, identity: identity)
        }
        guard let payload = opened.payload else {
            return Start(pages: opened.file, state: Self.emptyState(opened.file))
        }
        guard let place = StatePayload.place(payload) else {
            throw .inconsistent("the checkpoint does not say where its state stands")
        }
        let extent = try onPages { () throws(PageError) in try opened.file.openExtent(place) }
        let bytes = try onPages { () throws(PageError) in try extent.map() }
        let image = try StateImage(
            try onDisk { () throws(DiskError) in try bytes.copy(at: 0, count: bytes.count) }
        )
        let state = try state(image, opened.file)
        try image.check(state)
        return Start(
            pages: opened.file,
            state: state,
            position: image.position,
            incarnation: image.incarnation,
            epoch: image.epoch,
            stateExtent: extent,
            image: image
        )
    }

    private func state(_ image: StateImage, _ pages: PageFile) throws(StoreError) -> StoreState {
        var catalog = Catalog()
        do throws(MnemeError) {
            for schema in image.definitions { catalog = try catalog.adding(schema) }
        } catch {
            throw .inconsistent("a stored schema is refused: \(error)")
        }
        var runs: [StoredRun] = []
        for run in image.runs {
            let extent = try onPages { () throws(PageError) in try pages.openExtent(run.place) }
            let mapping = try onPages { () throws(PageError) in try extent.map() }
            do throws(TextError) {
                let bytes = unsafe TextBytes(
                    base: mapping.base,
                    count: mapping.count,
                    keeper: mapping
                )
                let text = try TextRun(bytes, verifyingChecksum: false)
                runs.append(StoredRun(text, births: run.births, extent: extent))
            } catch {
                throw .inconsistent("a text run cannot be read: \(error)")
            }
        }
        return StoreState(
            catalog: catalog,
            root: pages.root,
            sequence: image.sequence,
            roots: image.roots,
            runs: runs
        )
    }

    /// Batches per published state: pages are copied once a state.
    private static let batchesPerState = 256

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
        var editor = StoreEditor(state, pages: pages, analyzer: analyzer, mergeLimit: limit)
        var count = 0
        while let batch = try onLog({ () throws(LogError) in try recovery.next() }) {
            var replay = Replay(editor, recovery)
            try replay.apply(batch)
            count += 1
            if count % Self.batchesPerState == 0 {
                // Here alone: that many batches take some milliseconds.
                options.watch?(
                    .derive,
                    recovery.byteCount(before: batch.end.place),
                    recovery.byteCount
                )
                state = try editor.finish()
                editor = StoreEditor(state, pages: pages, analyzer: analyzer, mergeLimit: limit)
            }
        }
        return try editor.finish()
    }
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func onDisk<Result>(_ body: () throws(DiskError) -> Result) throws(StoreError) -> Result {
    do throws(DiskError) { return try body() } catch { throw .log(.disk(error)) }
}
