// The page file's part of an erasure, in slices, in the order that `PageScour` states: text runs
// are written without dead documents, then every page by a base alone, then the older root block
// names nothing from before, then what is free is zeroed. A file of which much is free then is
// packed: what stands at its end is written to its beginning, and the end is cut off.

internal import MnemeBase
internal import MnemePages
internal import Synchronization

/// A cleaning of the page file that is under way.
struct PageCleaning {
    enum Phase {
        case runs, readers, bases
        /// Pages that stand behind this place are written before it; then, as neighbouring places
        /// are free by then, the text runs.
        case packing(UInt64), packingRuns(UInt64)
        case places(PageScour)
    }

    var phase = Phase.runs
    /// What the page file had to let go of when it began: bytes of the log.
    let debt: UInt64
    /// When that was.
    let began: Microseconds
    /// The newest commit then.
    let sequence: UInt64
    /// The generation of the root whose readers, and those of older ones, are waited for.
    var before: UInt64?
    /// Whether the file was packed.
    var hasPacked = false
}

extension Store {
    /// Goes on with cleaning the page file where that is due, by a slice; nil where it is not.
    func cleanPages(
        _ state: inout CompactionState,
        _ due: ErasureDue
    ) throws(StoreError) -> Int? {
        if state.cleaning == nil, !isPageFileDue(due, cleanAt: state.cleanAt) { return nil }
        return try clean(&state)
    }

    /// Begins to clean the page file, or goes on with it, by a slice; nil while readers of older
    /// states are waited for.
    func clean(_ state: inout CompactionState) throws(StoreError) -> Int? {
        if state.cleaning == nil { try takeOutGoneNodes() }
        var cleaning = state.cleaning ?? beginCleaning()
        state.cleaning = nil
        switch cleaning.phase {
        case .runs:
            if try !renewRun(deadThrough: cleaning.sequence) {
                cleaning.before = newest.state.root.generation
                asWriter { [writer, pages] in
                    _ = writer.rearrange { state in state.replacing(root: pages.touch([])) }
                }
                cleaning.phase = .readers
            }
        case .readers:
            if let before = cleaning.before, pages.oldestGeneration <= before {
                state.cleaning = cleaning
                return nil
            }
            cleaning.phase = .bases
        case .bases:
            try flattenPages()
            // The second one, after which no root block names what was before.
            try checkpoint()
            cleaning.phase = .places(PageScour(pages))
        case .packing(let place):
            try flatten(pages.pages(from: place))
            cleaning.phase = .packingRuns(place)
        case .packingRuns(let place):
            if try !moveRun(from: place) {
                // Neither root block names the end any more.
                for _ in 0..<2 { try checkpoint() }
                cleaning.phase = .places(PageScour(pages))
            }
        case .places(var pass):
            let goesOn = try scourPages(&pass)
            cleaning.phase = .places(pass)
            if !goesOn, !cleaning.hasPacked, let place = pages.placeToPackTo {
                // Everything was written beside what was there: the beginning is free now.
                cleaning.hasPacked = true
                cleaning.phase = .packing(place)
            } else if !goesOn {
                // Until the next checkpoint says so too, an opening cleans once more.
                try pay(cleaning)
                state.cleanAt = cleaning.sequence
                return 0
            }
        }
        state.cleaning = cleaning
        return Self.sliceBytes
    }

    /// Nothing is held of the state that it begins with: what that needs is to go.
    private func beginCleaning() -> PageCleaning {
        let state = newest.state
        return PageCleaning(
            debt: state.roots.dead[DeadBytes.pageFile]?.byteCount ?? 0,
            began: clock.now(),
            sequence: state.sequence
        )
    }

    /// Zeroes what the last checkpoint has freed, where nothing was written since the page file was
    /// cleaned: what is closed then stays clean.
    func keepClean() throws(StoreError) {
        let cleanAt = compacting.withLock { $0.cleanAt }
        guard cleanAt == newest.state.sequence else { return }
        var pass = PageScour(pages)
        while try scourPages(&pass) {}
    }

    /// Notes what the page file has let go of.
    private func pay(_ cleaning: PageCleaning) throws(StoreError) {
        try rearrange { editor throws(StoreError) in
            var dead = editor.roots.dead
            if var debt = dead[DeadBytes.pageFile] {
                debt.byteCount -= min(debt.byteCount, cleaning.debt)
                debt.since = cleaning.began
                dead[DeadBytes.pageFile] = debt.byteCount > 0 ? debt : nil
            }
            editor.setCold(editor.roots.cold, dead: dead, endsLease: false)
        }
    }
}
