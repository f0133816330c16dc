// Records are brought out in the order of their versions, which need not be that in which they name
// each other. So they are put as they are, and when all are there, what some of them name may be
// lost: it is taken out of them where they may be without it, and else they are left out too.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

extension SalvageWriter {
    private static let sliceCount = 256

    /// Makes the new store name nothing that is not in it.
    ///
    /// - Throws: what the disk refuses.
    mutating func mend(_ progress: (String, Int, Int) -> Void) throws(StoreError) {
        guard let store, store.newest.state.catalog.hasReferences else { return }
        let before = store.newest.state.roots.counts
        var mended = 0
        for collection in store.newest.state.catalog.collections
        where !collection.references.isEmpty {
            let records = try records(of: collection, in: store)
            for start in stride(from: 0, to: records.count, by: Self.sliceCount) {
                progress("mending references", start, records.count)
                let slice = records[start..<min(start + Self.sliceCount, records.count)]
                mended += try mend(Array(slice), of: collection, in: store)
            }
        }
        var lost = 0
        for collection in store.newest.state.catalog.collections {
            let name = collection.schema.name
            let number = collection.number
            let gone =
                (before[number] ?? 0) - (store.newest.state.roots.counts[number] ?? 0)
            if gone > 0 { report.records[name, default: gone] -= gone }
            lost += max(gone, 0)
        }
        if mended > 0 {
            report.notes.append(
                "\(mended) records named others that are lost; they are brought out without those "
                    + "names."
            )
        }
        if lost > 0 {
            report.notes.append(
                "\(lost) records have to name others that are lost, or follow such; they are not "
                    + "brought out."
            )
        }
    }

    private func records(
        of collection: CollectionEntry,
        in store: Store
    ) throws(StoreError) -> [UInt64] {
        try store.reader().ordinals(under: StoreKeys.records(collection.number))
    }

    /// Mends some records; returns how many are there without a name that they had.
    private mutating func mend(
        _ ordinals: [UInt64],
        of collection: CollectionEntry,
        in store: Store
    ) throws(StoreError) -> Int {
        // What is whole, which is nearly everything, costs the writer nothing.
        var broken: [(ordinal: UInt64, key: Key, name: String)] = []
        let reader = store.reader()
        for ordinal in ordinals {
            guard let entry = try reader.entry(ordinal), entry.death == .max else { continue }
            let record = try reader.stored(ordinal)
            for reference in collection.references {
                for name in reference.names(in: record)
                where try reader.holder(of: name, reference) == nil {
                    let shown = "\(reference.shown(in: collection)) is \(name.shown)"
                    if broken.last?.ordinal != ordinal {
                        broken.append((ordinal, record.key, shown))
                    }
                }
            }
        }
        if broken.isEmpty { return 0 }
        let changes = broken.map { PreparedChange.mend($0.ordinal) }
        let outcomes: [Committed.Outcome]
        do throws(MnemeError) {
            outcomes = try store.submit(
                WriterWork(
                    changes: changes,
                    catalogVersion: reader.state.catalog.version,
                    durability: .none,
                    prepareAgain: { _ in changes }
                )
            ).outcomes
        } catch {
            throw .refused(error)
        }
        var lost: [Key: String] = [:]
        var mended = 0
        for (one, outcome) in zip(broken, outcomes) {
            if case .put = outcome { mended += 1 }
            if outcome == .deleted(true) { lost[one.key] = one.name }
        }
        if !lost.isEmpty { leave(lost, of: collection) }
        return mended
    }

    /// Tells of records that are left out, with what they name.
    private mutating func leave(_ lost: [Key: String], of collection: CollectionEntry) {
        for (ordinal, record) in judgement.records.sorted(by: { $0.key < $1.key })
        where record.name.collection == collection.number {
            guard let name = lost[record.name.key] else { continue }
            report.leave(
                SalvageLeftOut(
                    what: judgement.name(record.name.collection, record.name.key, ordinal),
                    reason: "\(name), which is lost, and it has to name a record",
                    place: record.place,
                    sequence: record.birth
                )
            )
        }
    }
}
