// What is to be brought out goes into the new store as anything else does: schemas, then records in
// the order of their newest versions, then edges in theirs. What the new store refuses is left out
// and told.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// Puts what a salvage found into a store, or counts it where there is none.
struct SalvageWriter {
    private static let batchCount = 512
    private static let batchBytes = 1 << 20

    let judgement: SalvageJudgement
    let store: Store?
    var report: SalvageReport
    private var changes: [(change: Change, thing: SalvageLeftOut)] = []
    private var changeBytes = 0
    /// Records whose key or unique values a newer one has.
    private var replaced: Set<UInt64> = []
    private var withoutFields = 0
    private var expired: Set<UInt64> = []

    init(_ judgement: SalvageJudgement, store: Store?) {
        self.judgement = judgement
        self.store = store
        report = judgement.report
    }

    /// Writes everything.
    ///
    /// - Throws: what the disk refuses.
    mutating func write(_ progress: (String, Int, Int) -> Void) throws(StoreError) {
        if let store {
            do throws(MnemeError) {
                for definition in judgement.schemas { try store.define(definition, .none) }
            } catch {
                throw .refused(error)
            }
        }
        let records = judgement.records.sorted { $0.value.birth < $1.value.birth }
        if judgement.hasLosses { dropConflicts(records) }
        for (index, (ordinal, record)) in records.enumerated() {
            try bring(record, ordinal)
            if index % Self.batchCount == 0 {
                progress("writing records", index, records.count)
            }
        }
        try flush()
        try mend(progress)
        let edges = judgement.edges.sorted { $0.value.birth < $1.value.birth }
        for (index, (ordinal, edge)) in edges.enumerated() {
            try bring(edge, ordinal)
            if index % Self.batchCount == 0 { progress("writing edges", index, edges.count) }
        }
        try flush()
        try goOnBehindNumbers()
        try finish()
    }

    private mutating func finish() throws(StoreError) {
        if withoutFields > 0 {
            report.notes.append(
                "\(withoutFields) records are brought out without the fields whose schema is lost."
            )
        }
        if !expired.isEmpty {
            report.notes.append("\(expired.count) records have expired and are not brought out.")
        }
        guard let store else { return }
        do throws(MnemeError) {
            let verification = try store.verify()
            report.notes += verification.findings.map { "In the new store: \($0)" }
        } catch {
            throw .refused(error)
        }
    }

    // MARK: Records

    /// Where deletes may be lost, two records may have the same values in a unique index: the newer
    /// one has them.
    private mutating func dropConflicts(
        _ records: [(key: UInt64, value: SalvagedRecord)]
    ) {
        var taken: Set<[UInt8]> = []
        for (ordinal, record) in records.reversed() {
            guard let collection = judgement.catalog.collection(number: record.name.collection)
            else { continue }
            guard collection.hasUnique else { continue }
            guard let frame = try? judgement.survey.frame(at: record.place),
                let stored = try? FrameDecoder(catalog: judgement.catalog).record(frame).record
            else { continue }
            let keys = StoreKeys.uniquePrefixes(collection, collection.indexed(stored))
                .map(\.bytes)
            if keys.contains(where: taken.contains) {
                replaced.insert(ordinal)
            } else {
                taken.formUnion(keys)
            }
        }
    }

    private mutating func bring(_ record: SalvagedRecord, _ ordinal: UInt64) throws(StoreError) {
        var thing = SalvageLeftOut(
            what: judgement.name(record.name.collection, record.name.key, ordinal),
            reason: "",
            place: record.place,
            sequence: record.birth
        )
        // What was dropped is gone like what has expired.
        if record.expiresAt <= now || judgement.catalog.isLeaving(record.name.collection) {
            expired.insert(ordinal)
            return
        }
        // The new store has begun its histories itself.
        if judgement.catalog.isHistory(record.name.collection),
            record.name.key == HistoryField.marker
        {
            return
        }
        if replaced.contains(ordinal) {
            thing.reason = "a newer record has its values in a unique index"
            return report.leave(thing)
        }
        guard let collection = judgement.catalog.collection(number: record.name.collection) else {
            thing.reason = "its schema is lost"
            return report.leave(thing)
        }
        guard let frame = try? judgement.survey.frame(at: record.place),
            let stored = try? FrameDecoder(catalog: judgement.catalog).record(frame).record
        else {
            thing.reason = "its frame is whole but makes no sense"
            return report.leave(thing)
        }
        // What was done once is known by sequences, which are others in the new store.
        if collection.number == judgement.catalog.once?.number { return }
        // How records were used is known by ordinals, which are others in the new store too.
        if collection.number == judgement.catalog.touches?.number { return }
        // So are the edges that were there once.
        if judgement.catalog.pastRows.contains(collection.number) { return }
        // So is what was found out about records, and a job without its result would be none.
        if collection.number == judgement.catalog.results?.number { return }
        if collection.number == judgement.catalog.jobs?.number { return }
        let known = collection.record(stored)
        if known.fields.count < stored.fields.count + stored.vectors.count { withoutFields += 1 }
        let put = Put(
            collection.schema.name,
            stored.key,
            known.fields,
            expiresAt: stored.expiresAt == .max ? nil : Instant(microseconds: stored.expiresAt)
        )
        try add(.put(put), thing, byteCount: frame.content.byteCount)
    }

    private var now: Microseconds { store?.clock.now() ?? RealClock().now() }

    // MARK: Edges

    private mutating func bring(_ edge: SalvagedEdge, _ ordinal: UInt64) throws(StoreError) {
        let ends = [edge.from, edge.to]
        // An edge ends with the records that it joins.
        if ends.contains(where: { judgement.ended.contains($0) || expired.contains($0) }) { return }
        if judgement.catalog.isLeaving(edge.type) { return }
        var thing = SalvageLeftOut(
            what: "edge \(ordinal)",
            reason: "its schema is lost",
            place: edge.place,
            sequence: edge.birth
        )
        guard let type = judgement.catalog.edgeType(number: edge.type) else {
            return report.leave(thing)
        }
        thing.what = "edge \(ordinal) of type \(type.type.name)"
        guard let from = reference(edge.from), let to = reference(edge.to) else {
            let side = reference(edge.from) == nil ? "starts" : "ends"
            thing.reason = "the record where it \(side) is lost"
            return report.leave(thing)
        }
        guard let frame = try? judgement.survey.frame(at: edge.place),
            let (_, properties) = try? FrameDecoder().edge(frame, of: type)
        else {
            thing.reason = "its frame is whole but makes no sense"
            return report.leave(thing)
        }
        let link = Link(type.type.name, from: from, to: to, fields: properties)
        try add(.link(link), thing, byteCount: frame.content.byteCount)
    }

    private func reference(_ ordinal: UInt64) -> Reference? {
        guard !replaced.contains(ordinal), let name = judgement.records[ordinal]?.name,
            let collection = judgement.catalog.collection(number: name.collection)
        else { return nil }
        return Reference(collection.schema.name, name.key)
    }

    // MARK: Batches

    private mutating func add(
        _ change: Change,
        _ thing: SalvageLeftOut,
        byteCount: Int
    ) throws(StoreError) {
        if changeBytes + byteCount > Self.batchBytes { try flush() }
        changes.append((change, thing))
        changeBytes += byteCount
        if changes.count == Self.batchCount { try flush() }
    }

    private mutating func flush() throws(StoreError) {
        defer {
            changes = []
            changeBytes = 0
        }
        guard let store, !changes.isEmpty else { return changes.forEach { count($0.change) } }
        if (try? store.commitUnchecked(changes.map(\.change))) != nil {
            return changes.forEach { count($0.change) }
        }
        // Something in it is refused: one by one, so that only that is left out.
        for (change, thing) in changes {
            do throws(MnemeError) {
                try store.commitUnchecked([change])
                count(change)
            } catch {
                guard error.code.rawValue < 300 else { throw .refused(error) }
                var thing = thing
                thing.reason = "the new store refuses it: \(error.message)"
                report.leave(thing)
            }
        }
    }

    private mutating func count(_ change: Change) {
        switch change {
        case .put(let put): report.records[put.collection, default: 0] += 1
        case .link(let link): report.edges[link.type, default: 0] += 1
        case .patch, .delete, .erase, .remove, .mark, .unlink, .eraseEdge, .supersede: break
        }
    }
}
