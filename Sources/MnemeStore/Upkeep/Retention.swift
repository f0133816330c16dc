// Retention: what a collection does not keep any longer is deleted behind the commits: looked for
// when the store is opened, when a rule is defined, and every `retentionInterval` from then on;
// when it is closed before anybody has looked, and when it is compacted.
// Where records can be withdrawn they go in few commits; else each as one that has expired, in
// slices, and by a reference nothing refuses it.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// When it is looked for what is not kept any longer.
struct RetentionDue {
    /// The catalog that it was looked by last; 0 before the first time.
    var catalogVersion: UInt32 = 0
    /// When it is looked again, by the clock for durations.
    var next: Microseconds = .min
}

extension Store {
    /// Records in one commit, where they are withdrawn.
    private static let withdrawnAtOnce = 1 << 16
    /// Records in one commit, where each is deleted by itself.
    private static let deletedAtOnce = 256
    /// A commit takes no further record once it has so many edges.
    private static let edgesAtOnce = 4096

    /// It is looked again so long after it failed.
    private static let pauseAfterFailure: Microseconds = 60_000_000

    /// How long closing a store may go on with it.
    private static let longestAtClose: Microseconds = 2_000_000
    /// A store that has given so many ordinals is small enough to be gone through at its close.
    private static let smallStore: UInt64 = 1 << 16

    /// Whether it is to be looked for what is not kept any longer.
    var isRetentionDue: Bool {
        let catalog = newest.state.catalog
        guard catalog.hasRetention else { return false }
        let due = upkeepState.withLock { $0.retention }
        return due.catalogVersion != catalog.version || due.next <= clock.elapsed()
    }

    /// Deletes what is not kept any longer, and takes out what nobody sees any more, whatever
    /// becomes of the first.
    func retainAndSweep() throws(StoreError) {
        do throws(StoreError) { try retain() } catch {
            try sweepUnlessPaused()
            throw error
        }
        try sweepUnlessPaused()
    }

    /// Deletes what is not kept any longer, if it is time to look for it.
    func retain() throws(StoreError) {
        guard isRetentionDue else { return }
        try retainNow()
    }

    /// Looks once more before the store is closed, where nobody has looked since it was opened or
    /// since a rule changed: a store may never be open for longer than one request.
    ///
    /// It goes on for a short time, and passes over what would have to be gone through without an
    /// index in a large store. What it leaves, and what fails, is left to a later opening.
    func retainAtClose() {
        guard options.worksInBackground, !isReadOnly, !opening.isOver, isRetentionDue else {
            return
        }
        let isSmall = newest.state.roots.nextOrdinal <= Self.smallStore
        try? retainNow(until: clock.elapsed() + Self.longestAtClose) { collection, field in
            isSmall || collection.indexes.contains { $0.index.fields.first?.name == field }
        }
    }

    /// Deletes what is not kept any longer, whenever it was looked for it last.
    ///
    /// `end`: no commit is begun after it, by the clock for durations. `wanted`: of which
    /// collections, by the field that their rule goes by.
    func retainNow(
        until end: Microseconds = .max,
        where wanted: (CollectionEntry, String?) -> Bool = { _, _ in true }
    ) throws(StoreError) {
        let catalog = newest.state.catalog
        upkeepState.withLock {
            $0.retention = RetentionDue(
                catalogVersion: catalog.version,
                next: clock.elapsed() + options.retentionInterval
            )
        }
        let now = clock.now()
        do throws(StoreError) {
            for collection in catalog.visibleCollections {
                guard let rule = collection.schema.retention, rule.ends,
                    wanted(collection, rule.field ?? collection.schema.roles.time)
                else { continue }
                for find in rule.over(in: collection.schema, at: now) {
                    try delete(find, collection, until: end)
                }
            }
        } catch {
            let pause = min(options.retentionInterval, Self.pauseAfterFailure)
            upkeepState.withLock { $0.retention.next = clock.elapsed() + pause }
            throw error
        }
    }

    /// Deletes what a question is about, in as many commits as it takes.
    private func delete(
        _ find: Find,
        _ known: CollectionEntry,
        until end: Microseconds
    ) throws(StoreError) {
        var isDone = false
        while !isDone, !opening.isOver, clock.elapsed() < end {
            try makeRoom()
            let reader = reader()
            let catalog = reader.state.catalog
            // It may have been dropped, or be named by others, since the last commit.
            guard let collection = catalog.collection(number: known.number),
                !catalog.isLeaving(known.number)
            else { return }
            let changes = try changes(find, collection, reader)
            guard !changes.isEmpty else { return }
            do throws(MnemeError) {
                let committed = try submit(
                    WriterWork(
                        changes: changes,
                        catalogVersion: catalog.version,
                        durability: .buffered,
                        prepareAgain: { _ in changes }
                    )
                )
                isDone = !committed.outcomes.contains(.deleted(true))
            } catch {
                // It was defined otherwise meanwhile, and is looked at again.
                if error.code != .conflict { throw .refused(error) }
            }
        }
    }

    /// The next commit's part.
    private func changes(
        _ find: Find,
        _ collection: CollectionEntry,
        _ reader: StateReader
    ) throws(StoreError) -> [PreparedChange] {
        var find = find
        do throws(MnemeError) {
            if let filter = find.filter { find.filter = try collection.checked(filter) }
        } catch {
            throw .refused(error)
        }
        let isWithdrawal = reader.state.catalog.isWithdrawable(collection)
        let most =
            isWithdrawal ? Self.withdrawnAtOnce : deletesPerBatch(most: Self.deletedAtOnce)
        let ordinals = try reader.ordinals(of: find, collection, atMost: most)
        if ordinals.isEmpty { return [] }
        let sequence = reader.sequence
        if isWithdrawal { return [.withdraw(collection.number, ordinals, asOf: sequence)] }
        return try reader.slice(of: Array(ordinals), edges: Self.edgesAtOnce).map {
            .retire($0, asOf: sequence)
        }
    }
}

extension RetentionRule {
    private static let day: Microseconds = 86_400 * 1_000_000

    /// The questions for what is over at an instant: one for each exception that ends, and one for
    /// the rest.
    func over(in collection: Collection, at now: Microseconds) -> [Find] {
        guard let field = field ?? collection.roles.time else { return [] }
        var finds: [Find] = []
        var before: [Filter] = []
        for part in exceptions + [Exception(days: days)] {
            if let days = part.days {
                let end = Instant(microseconds: now - Int64(days) * Self.day)
                var parts = [Filter.compare(field: field, .lt(.instant(end)))]
                if let filter = part.filter { parts.append(filter) }
                if let pinned = collection.roles.pinned {
                    parts.append(.compare(field: pinned, .ne(.bool(true))))
                }
                parts += before
                finds.append(
                    Find(
                        collection.name,
                        owner: part.owner,
                        where: .and(parts),
                        limit: .max,
                        select: []
                    )
                )
            }
            before.append(.not(part.condition(in: collection)))
        }
        return finds
    }
}

extension RetentionRule.Exception {
    /// Of which records it is, as a filter.
    fileprivate func condition(in collection: Collection) -> Filter {
        var parts: [Filter] = []
        if let owner, let field = collection.roles.owner {
            parts.append(
                .or([
                    .compare(field: field, .eq(.text(owner))),
                    .compare(field: field, .prefix(owner + "/")),
                ])
            )
        }
        if let filter { parts.append(filter) }
        return .and(parts)
    }
}

extension BatchPlanner {
    /// Refuses a rule whose filters do not fit their fields.
    ///
    /// - Throws: `.refused` with `badFilter`.
    func checkRetention(_ next: Catalog) throws(StoreError) {
        for collection in next.visibleCollections {
            for exception in collection.schema.retention?.exceptions ?? [] {
                guard let filter = exception.filter else { continue }
                do throws(MnemeError) { _ = try collection.checked(filter) } catch {
                    throw .refused(
                        MnemeError(
                            error.code,
                            "collection \"\(collection.schema.name)\", retention: \(error.message)"
                        )
                    )
                }
            }
        }
    }
}

extension Catalog {
    /// Whether any collection lets records go when they have been there long enough.
    var hasRetention: Bool { visibleCollections.contains { $0.schema.retention?.ends ?? false } }
}
