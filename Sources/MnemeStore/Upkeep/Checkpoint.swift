// Checkpoints: the newest state's pages and runs go to the page file, beside readers and the
// writer. What the pages do not say themselves, the state extent does: StateImage.swift. Format:
// formats/store.md#state.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

extension Store {
    /// Writes a checkpoint of the newest durable state.
    ///
    /// - Throws: when the page file refuses; the store goes on with its log, and the next one
    ///   tries again unless a sync failed.
    func checkpoint() throws(StoreError) {
        try checkpointing.withLock { _ throws(StoreError) in try checkpointAlone() }
    }

    /// The newest state, made durable, and where the log goes on behind it.
    ///
    /// - Throws: `.log` with `.poisoned`.
    func durableState() throws(StoreError) -> (state: StoreState, position: LogPosition) {
        // A state may be published and not durable yet; a checkpoint of it must not outlive the
        // log, so the log is made durable first.
        let taken = Mutex<(state: StoreState, position: LogPosition)?>(nil)
        asWriter { [log, newest] in
            do throws(LogError) {
                // A poisoned log refuses: where it ends is not known.
                if log.isPoisoned || !log.isDurable { try log.commit() }
                let position = LogPosition(place: log.end, sequence: log.nextSequence)
                taken.withLock { $0 = (newest.state, position) }
            } catch {
                // The writer refuses from now on; the checkpoint before stays the newest.
            }
        }
        guard let durable = taken.withLock({ $0 }) else { throw .log(.poisoned) }
        return durable
    }

    /// As `checkpoint`, by whoever holds `checkpointing`.
    ///
    /// `flattening`: these pages too are written, and everything by a base alone.
    func checkpointAlone(flattening ids: [PageID]? = nil) throws(StoreError) {
        touch(ids ?? pages.scatteredPages(atMost: 32 * Self.deltasPerTurn))
        let (state, position) = try durableState()
        if upkeepState.withLock({ $0.pagesFailed }) {
            throw .pages(.disk(.failed(call: "sync", path: directory, code: 5)))
        }
        do throws(StoreError) {
            var writer = CheckpointWriter(log: log, pages: pages, flattens: ids != nil)
            let courtesy = courtesy
            writer.pause = courtesy.pause
            let extent = try writer.write(state, position)
            // The extent of the checkpoint before goes when this one takes its place.
            upkeepState.withLock { state in
                state.stateExtent?.becameUnnamed()
                state.stateExtent = extent
            }
        } catch {
            if case .pages(.disk(.failed)) = error {
                upkeepState.withLock { $0.pagesFailed = true }
                // What the system shows of the file may not be on the disk, and nobody could tell:
                // the next opening is to derive the pages again.
                try? options.disk.remove(StorePaths(directory: directory).pages)
                try? options.disk.syncDirectory(directory)
            }
            throw error
        }
        upkeepState.withLock {
            $0.checkpoint = position
            $0.put = state.roots.put
            $0.checkpoints += 1
        }
        mapWrittenRuns()
    }
}

extension Store {
    /// Pages whose deltas move in one turn of the writer, who is held up by some 10 µs for each.
    private static let deltasPerTurn = 32

    /// Has the coming checkpoint write pages anew: those whose deltas stand in almost empty delta
    /// pages, or whatever is asked for.
    private func touch(_ ids: [PageID]) {
        for start in stride(from: 0, to: ids.count, by: Self.deltasPerTurn) {
            let part = Array(ids[start..<min(start + Self.deltasPerTurn, ids.count)])
            asWriter { [writer, pages] in
                _ = writer.rearrange { state in state.replacing(root: pages.touch(part)) }
            }
        }
    }
}

extension StoreState {
    /// The same state on a root that shows the same.
    func replacing(root: PageRoot) -> StoreState {
        StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: runs,
            lease: lease
        )
    }
}

/// Writes one checkpoint into a page file.
struct CheckpointWriter {
    let log: Log
    let pages: PageFile
    /// The opening that the checkpoint is to name, where it is a later one than the log's.
    var incarnation: UInt64 = 0
    /// Nothing is written as a delta.
    var flattens = false
    /// Called between pages, with the bytes that have left for the disk since.
    var pause: (Int) -> Void = { _ in }

    /// Writes a state whose frames are durable, and where replay goes on from it.
    ///
    /// - Returns: the extent of what the pages do not say themselves; to be held until the next
    ///   checkpoint is durable.
    func write(
        _ state: StoreState,
        _ position: LogPosition
    ) throws(StoreError)
        -> PageExtent
    {
        var runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)] = []
        for run in state.runs {
            var extent = run.extent.withLock { $0 }
            if extent == nil {
                let made = try run.run
                let bytes = made.bytes.array(0..<made.byteCount)
                let written = try onPages { () throws(PageError) in
                    try pages.writeExtent(bytes, pause: pause)
                }
                run.extent.withLock { $0 = written }
                extent = written
            }
            if let extent { runs.append((extent.place, run.births)) }
        }
        var roots = state.roots
        if state.catalog.hasLooseTexts {
            let documents = state.runs.reduce(0) { $0 + $1.documentCount }
            roots.deadDocuments = min(roots.deadDocuments, documents)
        }
        let image = StateImage(
            sequence: state.sequence,
            position: position,
            incarnation: max(log.incarnation, incarnation),
            epoch: log.epoch,
            roots: roots,
            definitions: state.catalog.definitions,
            runs: runs
        )
        let bytes = try image.bytes()
        return try onPages { () throws(PageError) in
            let extent = try pages.writeExtent(bytes)
            try pages.checkpoint(
                state.root,
                payload: StatePayload.bytes(extent.place),
                flattening: flattens,
                pause: pause
            )
            return extent
        }
    }
}
