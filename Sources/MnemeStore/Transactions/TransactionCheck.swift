// What must hold for a transaction to be committed: nothing that it read was changed since it
// began, and its changes come to what they came to inside it. Most of it is looked at by whoever
// commits; the writer looks at what was committed meanwhile.

internal import MnemeModel
internal import Synchronization

/// Holds a transaction against what others have committed.
final class TransactionCheck: Sendable {
    private struct Progress {
        /// Nothing up to here conflicts.
        var through: UInt64
        /// As of so many cuts of the history.
        var cuts: Int?
    }

    private let reads: ReadSet
    private let base: UInt64
    /// How far whoever commits reaches; nil where that is everywhere.
    private let reach = Reach.current?.limiting
    /// What the changes came to inside.
    private let outcomes: [Committed.Outcome]
    private let progress: Mutex<Progress>

    /// `base`: the commit that the transaction sees.
    init(_ reads: ReadSet, since base: UInt64, _ outcomes: [Committed.Outcome]) {
        self.reads = reads
        self.base = base
        self.outcomes = outcomes
        progress = Mutex(Progress(through: base))
    }

    /// Looks at what was committed since it was asked last.
    ///
    /// - Returns: how many changes that were.
    /// - Throws: `.conflict`.
    /// - Complexity: O(changes · questions of their collections).
    @discardableResult
    func holds(in history: CommitHistory) throws(MnemeError) -> Int {
        if reads.isEmpty { return 0 }
        return try progress.withLock { progress throws(MnemeError) in
            var found = history.since(progress.through)
            // What was looked at may have been taken back, and others stand in its place.
            if let cuts = progress.cuts, found?.cuts != cuts { found = history.since(base) }
            guard let found else {
                throw MnemeError(
                    .conflict,
                    "more was committed since the transaction began than the store keeps to hold "
                        + "it against; begin it again, and commit sooner"
                )
            }
            var count = 0
            for batch in found.batches {
                for change in batch.changes where isSeen(change) {
                    guard let reason = reads.conflict(with: change) else { continue }
                    throw MnemeError(
                        .conflict,
                        "\(reason) by another commit since it began; nothing was changed. Begin "
                            + "it again"
                    )
                }
                count += batch.changes.count
            }
            progress = Progress(through: found.through, cuts: found.cuts)
            return count
        }
    }

    /// Whether a change may be of what whoever commits sees: of others nothing was read, and what
    /// became of them is not told.
    private func isSeen(_ change: CommittedChange) -> Bool {
        guard let reach else { return true }
        switch change {
        case .record(let change):
            return [change.old, change.new].contains { record in
                record.map { reach.reaches($0, change.collection) } ?? false
            }
        case .withdrawn(let collection, _):
            return reach.reaches(collection: collection.schema.name)
        // What it is told as names neither edge nor record.
        case .edge: return true
        }
    }

    /// Expects what the changes come to now to be what they came to inside.
    ///
    /// - Throws: `.refused` with `.conflict`.
    func expects(_ decided: [Committed.Outcome]) throws(StoreError) {
        for (index, (inside, now)) in zip(outcomes, decided).enumerated() {
            // The numbers of edges inside are not those that they get.
            if inside.isSame(as: now) { continue }
            throw .refused(
                MnemeError(
                    .conflict,
                    "change \(index + 1) of the transaction comes to something else now than "
                        + "inside it, as what it changes was changed by another commit since; "
                        + "nothing was changed. Begin it again"
                )
            )
        }
    }

    /// What is thrown where the writer throws: what broke no rule inside breaks one by what others
    /// have done.
    func lost(_ error: StoreError) -> StoreError {
        // Quotas are held at the commit alone.
        guard case .refused(let refusal) = error, refusal.code != .conflict,
            refusal.code != .quotaExceeded
        else { return error }
        return .refused(
            MnemeError(
                .conflict,
                "a change of the transaction breaks a rule by what others committed since it "
                    + "began: \(refusal.message). Nothing was changed; begin it again",
                cause: "\(refusal.code)"
            )
        )
    }
}
