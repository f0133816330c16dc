// The audit of a store: setting it, committing the rows that wait, and taking away those that are
// too many. Format: formats/store.md#audit.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import Synchronization

extension Store {
    /// Rows in one commit.
    private static let rowsPerCommit = 1024

    /// Who commits what waits.
    private static let own = Asker(AuditOrigin(name: "store", program: "", address: "store"))

    /// What is kept, and how much of it there is.
    ///
    /// - Throws: `.closed`.
    package func auditStatus() throws(MnemeError) -> AuditStatus {
        try checkOpen()
        return auditFigures
    }

    private var auditFigures: AuditStatus {
        let state = newest.state
        let figures = audit.figures
        return AuditStatus(
            setting: audit.setting,
            rows: state.catalog.audit.flatMap { state.roots.counts[$0.number] } ?? 0,
            waiting: figures.waiting,
            dropped: figures.dropped
        )
    }

    /// Sets what is kept of requests that begin from now on; one row says so, whatever is set.
    ///
    /// - Returns: what is kept now.
    /// - Throws: `.badRequest` for numbers out of their bounds, `.unknownCollection` for rules of
    ///   what is not there; as a commit. What was set before holds then, here and from the next
    ///   opening on, unless the code is `outcomeUnknown`.
    @discardableResult
    package func setAudit(
        _ setting: AuditSetting,
        for asker: Asker,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> AuditStatus {
        try setting.check()
        let catalog = newest.state.catalog
        for name in setting.collections.keys.sorted()
        where !catalog.edgeTypes.contains(where: { $0.type.name == name }) {
            _ = try catalog.collection(name)
        }
        if catalog.audit == nil || catalog.settings == nil {
            // It is no request of its own.
            let isDone = AuditCall.$current.withValue(nil) {
                Result { () throws(MnemeError) in
                    try define(
                        Schema(collections: [AuditField.rows, AuditField.settings]),
                        durability,
                        allowsHidden: true
                    )
                }
            }
            try isDone.get()
        }
        let value: [UInt8]
        do throws(CBORError) {
            value = try setting.spelling.cbor()
        } catch {
            throw MnemeError(.tooLarge, "what is set of the audit is too long; give fewer rules")
        }
        let call = audit.begin(.audit(setting), asker)
        let put = Put(
            AuditField.settings.name,
            AuditField.settingsKey,
            ["value": .bytes(value)]
        )
        var work = try ownWork(durability) { (_, preparation) throws(MnemeError) in
            [try preparation.prepare(.put(put))]
        }
        work.audit = .changes(call, author: nil, isFirst: true)
        // One after the other, so that the newest is the one that holds.
        let changes = work
        try settingAudit.withLock { _ throws(MnemeError) in
            // What waits under another setting comes first as far as it can; the rest waits on.
            try? commitAudit()
            _ = try submit(changes)
            // From here on it is set, and nothing that may fail follows.
            audit.set(setting)
        }
        AuditCall.current?.keep()
        return auditFigures
    }

    /// Takes up what was set, when a store is opened to be written.
    func loadAudit() {
        let snapshot = snapshot()
        guard let settings = snapshot.catalog.settings, snapshot.catalog.audit != nil else {
            return
        }
        do throws(MnemeError) {
            let value = try snapshot.reading { state throws(StoreError) -> Value in
                guard let (ordinal, _) = try state.version(settings, AuditField.settingsKey),
                    let number = settings.fieldNumbers["value"]
                else { return .null }
                return try state.stored(ordinal)[number]
            }
            guard case .bytes(let bytes) = value else { return }
            guard let spelling = try? Value(cbor: bytes) else {
                throw MnemeError(.corrupt, "what is set of the audit is no setting")
            }
            audit.set(try AuditSetting(spelling: spelling))
        } catch {
            // What is not known to be off is on.
            audit.set(AuditSetting(AuditRule(writes: true, failures: true)))
            options.report?(
                StoreNotice(
                    .auditUnreadable,
                    "What is set of the audit cannot be read (\(error.message)). Changes and "
                        + "failures are kept until it is set again."
                )
            )
        }
    }

    /// Does what rows that wait need, on a thread that may wait.
    package func serve(_ need: AuditLog.Need) {
        switch need {
        case .nothing: break
        case .commitSoon: callAudit()
        case .commit: try? commitAudit()
        }
    }

    /// Has the upkeep commit rows that wait.
    package func callAudit() { if options.worksInBackground { upkeepGate.open() } }

    /// Commits the rows that wait, so that a question finds them.
    ///
    /// - Throws: as a commit; they go on waiting then.
    package func commitAudit() throws(MnemeError) {
        guard !isReadOnly else { return }
        try committingAudit.withLock { _ throws(MnemeError) in
            while true {
                let rows = audit.take(atMost: Self.rowsPerCommit, Self.own)
                if rows.isEmpty { return }
                do throws(MnemeError) { try commit(rows) } catch {
                    audit.putBack(rows)
                    throw error
                }
            }
        }
    }

    private func commit(_ rows: [AuditRow]) throws(MnemeError) {
        var work = try plainWork { _ in [] }
        work.audit = .rows(rows, days: audit.setting.days)
        _ = try submit(work)
    }

    /// Commits what waits, and takes rows away that are too many.
    func keepAudit() throws(StoreError) {
        guard audit.isOn || audit.hasWaiting else { return }
        do throws(MnemeError) {
            try commitAudit()
        } catch {
            throw .refused(error)
        }
        let state = newest.state
        guard let rows = state.catalog.audit,
            let last = audit.surplus(newest: (state.roots.nextKeys[rows.number] ?? 1) - 1)
        else { return }
        while true {
            try makeRoom()
            let keys = try reader().rowKeys(
                rows,
                through: last,
                atMost: deletesPerBatch(most: Self.rowsPerCommit)
            )
            if keys.isEmpty { break }
            let changes = keys.map { PreparedChange.delete(rows, .int($0), erases: false) }
            do throws(MnemeError) {
                _ = try submit(plainWork { _ in changes })
            } catch {
                throw .refused(error)
            }
        }
        audit.trimmed(through: last)
    }

    /// Changes of the store's own.
    private func plainWork(
        _ make: @escaping @Sendable (Catalog) throws(MnemeError) -> [PreparedChange]
    ) throws(MnemeError) -> WriterWork {
        let catalog = newest.state.catalog
        return WriterWork(
            changes: try make(catalog),
            catalogVersion: catalog.version,
            durability: .buffered,
            prepareAgain: make
        )
    }

    /// Changes with how far whoever makes them reaches, and with what the writer makes rows of,
    /// where a request is answered that is kept.
    func audited(_ work: WriterWork) -> WriterWork {
        var work = work
        // What is tried again on another thread reaches as far as it did.
        work.reach = work.reach ?? Reach.current?.limiting
        guard audit.isOn, work.audit == nil, let call = AuditCall.current, call.makesRows else {
            return work
        }
        work.audit = .changes(
            call,
            author: work.signatures[0].author,
            isFirst: !call.isKept
        )
        return work
    }
}

extension StateReader {
    /// The numbers of the oldest rows up to one of them.
    ///
    /// - Complexity: O(log records + numbers).
    fileprivate func rowKeys(
        _ rows: CollectionEntry,
        through last: Int64,
        atMost count: Int
    ) throws(StoreError) -> [Int64] {
        let range = TreeRange(
            from: StoreKeys.records(rows.number).lower,
            to: StoreKeys.record(rows.number, .int(last + 1))
        )
        var keys: [Int64] = []
        for ordinal in try ordinals(under: range, atMost: count) {
            if case .int(let number) = try stored(ordinal).key { keys.append(number) }
        }
        return keys
    }
}
