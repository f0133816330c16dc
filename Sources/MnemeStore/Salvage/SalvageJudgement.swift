// What is to be brought out and what is lost, worked out from the ledger of the log's whole frames
// and, where it can be read, the page file.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The result of reading a damaged store.
struct SalvageJudgement {
    let survey: LogSurvey
    /// Records and edges to bring out, by ordinal.
    private(set) var records: [UInt64: SalvagedRecord]
    private(set) var edges: [UInt64: SalvagedEdge]
    /// What was ended, whatever its frame says.
    private(set) var ended: Set<UInt64>
    /// The schemas to define, in order.
    let schemas: [Definition]
    /// What they make; frames name its numbers.
    let catalog: Catalog
    /// Numbers that were given.
    let numbers: SalvageNumbers
    /// Whether frames are missing, so that what stands there need not fit together.
    let hasLosses: Bool
    var report = SalvageReport()

    init(_ ledger: SalvageLedger, _ pages: SalvagePages?, _ survey: LogSurvey) {
        self.survey = survey
        var ledger = ledger
        var deleted = 0
        if let pages, pages.hasTable {
            let joined = ledger.edges.filter { edge in
                // Edges that a readable delete of a record ended are not counted.
                !ledger.ended.contains(edge.value.from) && !ledger.ended.contains(edge.value.to)
            }
            for ordinal in Array(ledger.records.keys) + Array(joined.keys)
            where pages.hasEnded(ordinal) {
                ledger.end(ordinal)
                deleted += 1
            }
        }
        records = ledger.records
        edges = ledger.edges
        ended = ledger.ended
        hasLosses = ledger.losses.contains { !$0.sequences.isEmpty }
        (schemas, catalog) = Self.schemas(ledger, pages, &report.notes)
        var numbers = ledger.numbers
        if let pages { numbers.raise(pages.nextKeys) }
        numbers.takeFields(of: survey, catalog)
        self.numbers = numbers
        leaveUnsure(ledger, pages)
        report.frames = ledger.frames
        report.brokenBatches = ledger.brokenBatches
        for thing in ledger.unreadable { report.leave(thing) }
        let first = ledger.losses.first { !$0.sequences.isEmpty }?.sequences.lowerBound
        let last = ledger.losses.last { !$0.sequences.isEmpty }?.sequences.upperBound
        if let first, let last {
            // A checkpoint behind the last loss knows what was deleted in all of them.
            let known = pages?.hasTable == true ? pages?.position.sequence ?? 0 : 0
            report.deletesMayBeBack = known < last
            judgeLost(pages, from: first)
        }
        // Only a page file tells what is back.
        if ledger.losses.contains(where: \.mayBringBack), pages?.hasTable != true {
            report.deletesMayBeBack = true
        }
        report.erasures = ledger.erased.count
        let names = LostNames(ledger.losses, pages, survey)
        report.losses = ledger.losses.map { reported($0, names) }
        note(ledger, deleted: deleted)
    }

    /// The schemas from the first on without a gap, of the log's frames or the page file's.
    private static func schemas(
        _ ledger: SalvageLedger,
        _ pages: SalvagePages?,
        _ notes: inout [String]
    ) -> ([Definition], Catalog) {
        var schemas: [Definition] = []
        var catalog = Catalog()
        let known = pages?.definitions ?? []
        while true {
            let version = UInt32(schemas.count + 1)
            let stored = known.indices.contains(schemas.count) ? known[schemas.count] : nil
            guard let schema = ledger.schemas[version] ?? stored,
                let next = try? catalog.adding(schema)
            else { break }
            schemas.append(schema)
            catalog = next
        }
        let newest = max(ledger.newestSchema, ledger.schemas.keys.max() ?? 0, UInt32(known.count))
        if newest > UInt32(schemas.count) {
            notes.append(
                "Of \(newest) schemas the \(schemas.count) first ones are known, and the next one "
                    + "is lost; what was defined from there on cannot be brought out."
            )
        }
        return (schemas, catalog)
    }

    /// Leaves out what a compaction may have let go since: only the page file could tell.
    private mutating func leaveUnsure(_ ledger: SalvageLedger, _ pages: SalvagePages?) {
        if ledger.unsure.isEmpty { return }
        let reason =
            "it may have been deleted: it stands only in a segment that was written again, and "
            + "what deleted it may have been left out since"
        func isKnown(_ ordinal: UInt64, _ birth: UInt64) -> Bool {
            guard let pages, pages.hasTable, pages.position.sequence > birth else { return false }
            return pages.entry(ordinal).map { $0.death == OrdinalEntry.forever } ?? false
        }
        for (ordinal, record) in records.sorted(by: { $0.key < $1.key })
        where ledger.unsure.contains(record.birth) && !isKnown(ordinal, record.birth) {
            records[ordinal] = nil
            report.leave(
                SalvageLeftOut(
                    what: name(record.name.collection, record.name.key, ordinal),
                    reason: reason,
                    place: record.place,
                    sequence: record.birth
                )
            )
        }
        for (ordinal, edge) in edges.sorted(by: { $0.key < $1.key })
        where ledger.unsure.contains(edge.birth) && !isKnown(ordinal, edge.birth) {
            edges[ordinal] = nil
            report.leave(
                SalvageLeftOut(
                    what: "edge \(ordinal)",
                    reason: reason,
                    place: edge.place,
                    sequence: edge.birth
                )
            )
        }
    }

    /// Finds records and edges that the page file has and that no whole frame brings.
    private mutating func judgeLost(_ pages: SalvagePages?, from first: UInt64) {
        guard let pages, pages.hasTable else { return }
        var lost: [UInt64: OrdinalEntry] = [:]
        var older: [UInt64: OrdinalEntry] = [:]
        for ordinal in pages.ordinals where !ended.contains(ordinal) {
            guard let entry = pages.entry(ordinal), entry.death == OrdinalEntry.forever,
                entry.birth >= first
            else { continue }
            let known = records[ordinal]?.birth ?? edges[ordinal]?.birth
            if known == nil { lost[ordinal] = entry }
            if let known, known < entry.birth { older[ordinal] = entry }
        }
        let keys = pages.keys(
            of: lost.filter { $0.value.flags & OrdinalFlags.edge == 0 }.mapValues(\.collection)
        )
        for (ordinal, entry) in lost.sorted(by: { $0.key < $1.key }) {
            let isEdge = entry.flags & OrdinalFlags.edge != 0
            let what =
                isEdge ? "edge \(ordinal)" : name(entry.collection, keys[ordinal], ordinal)
            leave(what, "its frame is lost", entry)
        }
        for (ordinal, entry) in older.sorted(by: { $0.key < $1.key }) {
            let name = name(entry.collection, records[ordinal]?.name.key, ordinal)
            leave(name, "its newest version is lost; an older one is brought out", entry)
        }
    }

    private mutating func leave(_ what: String, _ reason: String, _ entry: OrdinalEntry) {
        report.leave(
            SalvageLeftOut(
                what: what,
                reason: reason,
                place: LogPlace(bits: entry.place),
                sequence: entry.birth
            )
        )
    }

    /// A record by the name of its collection and its key.
    func name(_ collection: UInt16, _ key: Key?, _ ordinal: UInt64) -> String {
        let collection =
            catalog.collection(number: collection)?.schema.name ?? "collection \(collection)"
        return key.map { "\(collection)/\($0)" } ?? "record \(ordinal) of \(collection)"
    }

    private func reported(_ loss: LogLoss, _ names: LostNames) -> SalvageReport.Loss {
        let (file, reason) = names.name(loss)
        return SalvageReport.Loss(
            file: "log/" + file,
            segments: loss.segments,
            bytes: loss.bytes,
            sequences: loss.sequences,
            reason: reason,
            remains: loss.remains.flatMap { remains($0) }
        )
    }

    /// What a damaged frame says of itself.
    private func remains(_ remains: FrameRemains) -> String? {
        switch remains.type {
        case StoreFrameType.schema: return "a schema"
        case StoreFrameType.owner:
            let path = String(validating: remains.columns, as: UTF8.self)
            return path.map { "the owner \($0)" } ?? "an owner"
        case StoreFrameType.fork: return "the fork of a restore"
        case StoreFrameType.withdrawal: return "the delete of all that a condition held for"
        case StoreFrameType.put:
            guard let columns = try? PutColumns(remains.columns) else { return "a put" }
            return "a put of \(name(columns.collection, columns.key, columns.ordinal))"
        case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase,
            StoreFrameType.link, StoreFrameType.unlink, StoreFrameType.eraseEdge:
            guard let columns = try? PlainColumns(remains.columns) else { return nil }
            let key = records[columns.ordinal]?.name.key
            switch remains.type {
            case StoreFrameType.delete:
                return "the delete of \(name(columns.kind, key, columns.ordinal))"
            case StoreFrameType.narrowErase, StoreFrameType.erase:
                return "the erasure of \(name(columns.kind, key, columns.ordinal))"
            case StoreFrameType.link: return "the link of edge \(columns.ordinal)"
            case StoreFrameType.eraseEdge: return "the erasure of edge \(columns.ordinal)"
            default: return "the unlink of edge \(columns.ordinal)"
            }
        default: return nil
        }
    }

    /// A number of things, in words.
    private static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
    }

    private mutating func note(_ ledger: SalvageLedger, deleted: Int) {
        if report.erasures > 0 {
            let isOne = report.erasures == 1
            report.notes.append(
                "The log says of \(hasLosses ? "at least " : "")"
                    + "\(Self.count(report.erasures, "record or edge", "records and edges")) "
                    + "that "
                    + "\(isOne ? "it was" : "they were") erased. Backups of the damaged store "
                    + "that were made before bring \(isOne ? "it" : "them") back, as the new store "
                    + "has an identity of its own and cannot say what was erased in another: do "
                    + "not restore them without erasing \(isOne ? "it" : "them") again."
            )
        }
        if deleted > 0 {
            report.notes.append(
                "\(Self.count(deleted, "record or edge", "records and edges")) "
                    + "\(deleted == 1 ? "was" : "were") deleted by frames that are lost, as the "
                    + "page file says, and not brought out."
            )
        }
        if ledger.unfinished > 0 {
            report.notes.append(
                "\(Self.count(ledger.unfinished, "frame")) behind the end of what was durable "
                    + "\(ledger.unfinished == 1 ? "belongs" : "belong") to commits that were not "
                    + "finished; nobody was told that they were kept, and nothing of them is "
                    + "brought out."
            )
        }
    }
}

extension SalvageReport {
    /// Things that are listed.
    private static let listLimit = 1000

    /// Notes something that cannot be brought out.
    mutating func leave(_ thing: SalvageLeftOut) {
        leftOutCount += 1
        if leftOut.count < Self.listLimit { leftOut.append(thing.reported) }
    }
}
