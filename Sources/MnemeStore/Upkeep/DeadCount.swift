// How many documents of the text index are dead is counted as they die, and by that a search knows
// whether it has to ask of each whether it is there. Where words come or go without their records'
// puts, as of a field that comes to be searched later or is not searched any more, the count says
// nothing; once all words are where they belong it is counted anew, behind the commits.
//
// It is in no checkpoint whether the count is a guess: after an opening it is one in a store that
// ever had such a field.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

extension Store {
    /// So long nothing is counted where documents died while they were.
    private static let countPause: Microseconds = 10_000_000
    /// So many documents are counted in a turn of the writer at most.
    private static let countedPerTurn = 4096

    /// Whether the dead documents of a state are to be counted anew.
    func isDeadCountDue(_ state: StoreState) -> Bool {
        let roots = state.roots
        guard roots.guessesDead, roots.building.isEmpty, roots.leaving.isEmpty else { return false }
        return clock.elapsed() >= upkeepState.withLock { $0.deadCountDue }
    }

    /// Counts the dead documents, unless some die meanwhile: then it is tried again later.
    ///
    /// - Throws: `.pages` when the ordinal table is damaged.
    /// - Complexity: O(documents); of the writer's turn O(those that came meanwhile).
    func countDead() throws(StoreError) {
        let state = newest.state
        guard (try? state.runs.opened()) != nil else {
            // Whoever wants the words of a run that is damaged is told.
            return upkeepState.withLock { $0.deadCountDue = .max }
        }
        var counts: [Int] = []
        for run in state.runs {
            if opening.isOver { return }
            counts.append(try run.deadCount(in: state.root.view))
        }
        let known = counts
        let isDone = Mutex(false)
        let failure = Mutex<StoreError?>(nil)
        asWriter { [writer] in
            _ = writer.rearrange { now in
                do throws(StoreError) {
                    let next = try now.countingDead(known, of: state, atMost: Self.countedPerTurn)
                    isDone.withLock { $0 = next != nil }
                    return next
                } catch {
                    failure.withLock { $0 = error }
                    return nil
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        let due = isDone.withLock { $0 } ? 0 : clock.elapsed() + Self.countPause
        upkeepState.withLock { $0.deadCountDue = due }
    }
}

extension StoredRun {
    /// How many documents are dead.
    ///
    /// - Throws: `.pages` when the ordinal table is damaged; as `run`.
    /// - Complexity: O(documents).
    fileprivate func deadCount(in view: PageView) throws(StoreError) -> Int {
        let run = try run
        var count = 0
        for local in 0..<UInt32(clamping: run.documentCount) {
            let entry = try onPages { () throws(PageError) in
                try OrdinalTable.entry(run.ordinal(local), in: view)
            }
            let isAlive =
                entry?.birth == run.birth(local) && entry?.death == OrdinalEntry.forever
            if !isAlive { count += 1 }
        }
        return count
    }
}

extension StoreState {
    /// The same state with its dead documents counted; nil where some died since, where words come
    /// or go again, or where too many came.
    ///
    /// `counts`: those of the runs of an older state.
    fileprivate func countingDead(
        _ counts: [Int],
        of older: StoreState,
        atMost limit: Int
    ) throws(StoreError) -> StoreState? {
        guard roots.guessesDead, roots.building.isEmpty, roots.leaving.isEmpty,
            roots.deaths == older.roots.deaths
        else { return nil }
        var standing = 0
        while standing < min(counts.count, runs.count), runs[standing] === older.runs[standing] {
            standing += 1
        }
        let rest = runs[standing...]
        guard rest.reduce(0, { $0 + $1.documentCount }) <= limit else { return nil }
        var dead = counts[..<standing].reduce(0, +)
        for run in rest { dead += try run.deadCount(in: root.view) }
        var roots = roots
        (roots.deadDocuments, roots.guessesDead) = (dead, false)
        return StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: runs,
            lease: lease
        )
    }
}

extension StoreRoots {
    /// A document died.
    mutating func noteDeadDocument() {
        deadDocuments += 1
        deaths += 1
    }
}
