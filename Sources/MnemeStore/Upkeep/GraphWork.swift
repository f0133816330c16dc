// The graphs of vector indexes are made, grow and are mended behind the commits, by a thread of
// their own at the lowest priority. A `GraphKeeper` says what is to be done, from a state that
// nobody changes; the writer's turns make it. None of it is in the log: the checkpoints say how far
// it has come, and what no checkpoint says is done again. Until a vector is in the graph, searches
// find it by a scan.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeVectors
internal import Synchronization

/// What the work on graphs remembers.
struct GraphWork {
    /// Who keeps each graph, by the number of its field.
    var keepers: [UInt16: GraphKeeper] = [:]
    /// The field that the last step was taken for: the others come first next time.
    var last: UInt16 = 0
    /// The fields whose first graph is being made.
    var making: Set<UInt16> = []
    /// When what can wait is done next: on the monotonic clock.
    var due: Microseconds = 0
    /// What is being measured of a field's walks; nil where nothing is.
    var calibrating: CalibrationWork?
    /// What it met last, and when.
    var failure: (error: MnemeError, elapsed: Microseconds)?
}

extension Store {
    /// What can wait is done so often.
    private static let graphPause: Microseconds = 10_000_000
    /// So long what failed is left alone.
    private static let failurePause: Microseconds = 1_000_000

    /// The upkeep's part: some of the work itself, or a look after the thread that does it.
    func workOnGraphs() throws(StoreError) {
        guard options.worksInBackground else {
            _ = try goOnWithGraphs(isDue: true)
            return
        }
        noteGraphWork()
        if let failure = graphs.withLockIfAvailable({ $0.failure }) ?? nil {
            throw .refused(failure.error)
        }
    }

    /// Has the thread of the graphs look whether there is work.
    func noteGraphWork() {
        guard options.worksInBackground, !isReadOnly, !newest.state.roots.vectors.isEmpty else {
            return
        }
        guard hasGraphWork else { return }
        let starts = upkeepState.withLock { state in
            if state.isGraphing || state.isStopping { return false }
            state.isGraphing = true
            return true
        }
        guard starts else { return }
        BackgroundThread.start { [weak self] in
            while let self, self.isGraphing(going: self.goOnWithGraphsBehind()) {}
        }
    }

    /// Whether a look at the graphs is worth a thread.
    private var hasGraphWork: Bool {
        // Who holds the lock is at work.
        guard let due = graphs.withLockIfAvailable({ $0.due }) else { return false }
        let isDue = clock.elapsed() >= due
        let state = newest.state
        for (_, field, head) in state.vectorHeads {
            let view = state.root.view
            guard let index = try? VectorIndex.open(field.coder, head, in: view) else {
                return true
            }
            guard index.fresh != nil else {
                if (try? index.tree.count(in: view)).map({ $0 >= options.graphLeast }) ?? true {
                    return true
                }
                continue
            }
            if isDue || index.nodeCount == 0 || (try? index.freshCount(in: view)) != 0 {
                return true
            }
        }
        return false
    }

    /// Takes out the nodes of what was deleted or replaced, so that nothing of it is left in pages.
    ///
    /// - Throws: as `goOnWithGraphs`.
    func takeOutGoneNodes() throws(StoreError) {
        while try !newest.state.goneNodes().isEmpty {
            guard try goOnWithGraphs(isDue: true) else { return }
        }
    }

    /// Takes a step; whether there is another one.
    private func goOnWithGraphsBehind() -> Bool {
        let now = clock.elapsed()
        let (isDue, rests) = graphs.withLock { work in
            let rests = work.failure.map { now < $0.elapsed + Self.failurePause } ?? false
            return (now >= work.due, rests)
        }
        if rests { return false }
        do throws(StoreError) {
            let isLeft = try goOnWithGraphs(isDue: isDue)
            if isDue, !isLeft { graphs.withLock { $0.due = now + Self.graphPause } }
            graphs.withLock { $0.failure = nil }
            // What is measured is the graph that there is for a while.
            if isLeft { return true }
            return try calibrateGraphs()
        } catch {
            let failure = MnemeError(error)
            graphs.withLock { $0.failure = (failure, now) }
            return false
        }
    }

    /// Whether the thread goes on; where it does not, others may know.
    private func isGraphing(going isLeft: Bool) -> Bool {
        let goesOn = upkeepState.withLock { state in
            state.isGraphing = isLeft && !state.isStopping
            return state.isGraphing
        }
        if !goesOn { graphGate.open() }
        return goesOn
    }

    /// Waits until the thread of the graphs has ended, which begins nothing any more.
    func waitForGraphs() {
        while upkeepState.withLock({ $0.isGraphing }) { _ = graphGate.wait(atMost: 100_000) }
    }

    /// Does everything that is to be done for graphs.
    ///
    /// - Throws: as `goOnWithGraphs`.
    package func settleGraphs() throws(MnemeError) {
        try checkWritable()
        do throws(StoreError) {
            while try goOnWithGraphs(isDue: true) {}
        } catch {
            throw MnemeError(error)
        }
    }

    /// Takes a step for one of the graphs.
    ///
    /// `isDue`: also what can wait.
    /// - Returns: whether there was one to take.
    /// - Throws: what reading and changing the pages throws.
    func goOnWithGraphs(isDue: Bool) throws(StoreError) -> Bool {
        try graphs.withLock { work throws(StoreError) in
            // Closing waits for the lock before it gives the files to somebody else.
            if opening.isOver { return false }
            let state = newest.state
            let known = Set(state.roots.vectors.keys)
            work.keepers = work.keepers.filter { known.contains($0.key) }
            work.making.formIntersection(known)
            let heads = state.vectorHeads
            let last = work.last
            let turns =
                heads.filter { $0.field.number > last } + heads.filter { $0.field.number <= last }
            for (_, field, head) in turns {
                let keeper =
                    work.keepers[field.number]
                    ?? GraphKeeper(
                        field.coder,
                        least: options.graphLeast,
                        threadCount: options.worksInBackground ? options.graphThreads : 1
                    )
                // Who failed knows less than the head page says.
                work.keepers.removeValue(forKey: field.number)
                let index = try onPages { () throws(PageError) in
                    try VectorIndex.open(field.coder, head, in: state.root.view)
                }
                if index.nodeCount == 0 {
                    work.making.insert(field.number)
                } else if work.making.remove(field.number) != nil {
                    // What it was made from takes more than the graph itself.
                    Heap.giveBack()
                }
                let step = try onPages { () throws(PageError) in
                    try keeper.next(index, state.root.view, isDue: isDue) { _, _ in
                        !upkeepState.withLock { $0.isStopping }
                    }
                }
                if let step { try make(step, field) }
                work.keepers[field.number] = keeper
                if step != nil {
                    work.last = field.number
                    return true
                }
            }
            return false
        }
    }

    /// Makes a step in a turn of the writer.
    private func make(_ step: GraphStep, _ field: VectorEntry) throws(StoreError) {
        try makeRoom()
        try rearrange { editor throws(StoreError) in
            // The field may have been dropped meanwhile.
            guard let index = try editor.vectorIndex(field) else { return }
            try onPages { () throws(PageError) in try step.make(index, editor.editor) }
        }
    }
}
