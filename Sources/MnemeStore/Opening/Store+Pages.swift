// The state that a page file holds: that of its newest checkpoint, held against itself and the log,
// or an empty one. Format: formats/store.md#state.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText

extension StoreOpening {
    struct Start {
        var pages: PageFile
        var state: StoreState
        var position: LogPosition?
        var incarnation: UInt64 = 0
        var epoch: UInt32 = 0
        var stateExtent: PageExtent?
        var image: StateImage?
        /// Whether no page file or no checkpoint in it says how far the log had come.
        var isFromNothing = false
    }

    /// Takes up the page file, or begins with none.
    ///
    /// - Throws: `.pages` or `.inconsistent` where it is damaged.
    func openPages(
        _ identity: StoreIdentity,
        _ access: LogAccess = .write
    )
        throws(StoreError) -> Start
    {
        guard try holds(paths.pages) else {
            if access == .read {
                var start = startWithoutPages(identity)
                start.isFromNothing = true
                return start
            }
            let pages = try onPages { () throws(PageError) in
                try PageFile.create(
                    pageDisk,
                    path: paths.pages,
                    identity: identity,
                    faults: options.pageFaults
                )
            }
            try onDisk { () throws(DiskError) in try disk.syncDirectory(directory) }
            return Start(pages: pages, state: Self.emptyState(pages), isFromNothing: true)
        }
        let opened = try onPages { () throws(PageError) in
            try PageFile.open(
                pageDisk,
                path: paths.pages,
                identity: identity,
                writing: access == .write,
                faults: options.pageFaults
            )
        }
        guard let payload = opened.payload else {
            return Start(
                pages: opened.file,
                state: Self.emptyState(opened.file),
                isFromNothing: true
            )
        }
        guard let place = StatePayload.place(payload) else {
            throw .inconsistent("the checkpoint does not say where its state stands")
        }
        let extent = try onPages { () throws(PageError) in try opened.file.openExtent(place) }
        let bytes = try onPages { () throws(PageError) in try extent.map() }
        var image = try StateImage(
            try onDisk { () throws(DiskError) in try bytes.copy(at: 0, count: bytes.count) }
        )
        if let version = image.olderVersion { throw .olderState(version: version) }
        if options.faults.forgetsWithdrawals { image.roots.withdrawn = IDBitmap() }
        let state = try state(image, opened.file)
        // What is damaged is to be derived again, and not to be met by a question.
        if opened.isBlockBroken { _ = try state.runs.opened() }
        try image.check(state)
        // Nothing of the log is touched before.
        if access == .write {
            try onPages { () throws(PageError) in try opened.file.makeTakenDurable() }
        }
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

    /// Nothing is derived yet, and what will be stays in memory.
    func startWithoutPages(_ identity: StoreIdentity) -> Start {
        let pages = PageFile.inMemory(identity)
        return Start(pages: pages, state: Self.emptyState(pages))
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
            runs.append(try StoredRun(standing: extent, births: run.births))
        }
        return StoreState(
            catalog: catalog,
            root: pages.root,
            sequence: image.sequence,
            roots: image.roots,
            runs: runs,
            lease: SegmentLease()
        )
    }
}
