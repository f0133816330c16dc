// Making a store: its log and its page file come first, the file that makes it a store comes last.
// Format: formats/store.md#directory.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension StoreOpening {
    /// The identity file is written last: without it there is no store.
    ///
    /// `handsOver`: whether closing the store releases the lock.
    mutating func create(_ lock: StoreLock, handsOver: Bool = true) throws(StoreError) -> Store {
        let identity = makeIdentity()
        let (vault, pageDisk) = (vault, pageDisk)
        try onDisk { () throws(DiskError) in try disk.syncAncestors(of: directory) }
        try removeLeftovers()
        let log = try onLog { () throws(LogError) in
            try Log.create(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits,
                vault: vault
            )
        }
        // Before there is a store that somebody could open by way of a link to this log.
        try lockLog(lock)
        let pages = try onPages { () throws(PageError) in
            try PageFile.create(
                pageDisk,
                path: paths.pages,
                identity: identity,
                faults: options.pageFaults
            )
        }
        let state = Self.emptyState(pages)
        try writeIdentity()
        return Store(
            directory: directory,
            options: options,
            identityFile: identityFile,
            log: log,
            pages: pages,
            state: state,
            checkpoint: LogPosition(place: log.end, sequence: log.nextSequence),
            stateExtent: nil,
            lock: handsOver ? lock : KeptLock()
        )
    }

    /// Makes the directory a store: what it is to hold is there.
    func writeIdentity() throws(StoreError) {
        guard let identityFile else { throw .inconsistent("no identity to write") }
        try onDisk { () throws(DiskError) in
            let file = try disk.open(paths.newIdentity, .create)
            try file.write(identityFile.bytes, at: 0)
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
                        "\(path) has records, but \(paths.identity) is missing; "
                            + "\(helpWithoutIdentity), or choose another directory"
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
        return StoreState(
            catalog: Catalog(),
            root: root,
            sequence: 0,
            roots: roots,
            runs: [],
            lease: SegmentLease()
        )
    }
}
