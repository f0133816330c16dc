// What a batch adds to histories: behind each change of the batch that has been decided, whoever it
// came from, a row of what it did to a record. Rows are puts and deletes of the batch like any
// other, so that they are there exactly if it is, and replay asks no rule.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a batch has added to histories so far.
struct HistoryKeeping {
    /// The newest row of a record, and the rows that the batch has made of it.
    struct Head {
        /// The number of the newest version that a row made; nil where there are no rows.
        var version: Int64?
        var endsLife = false
        var made: [(ordinal: UInt64, version: Int64)] = []

        /// The number of the version that a row made, or that was made without one.
        var standing: Int64 {
            guard let version else { return 1 }
            return endsLife ? version + 1 : version
        }
    }

    private let signatures: SignedSteps
    /// The step that is being decided, among those that callers have asked for.
    var step = 0
    /// The first of the plan's changes that was not looked at.
    var next = 0
    var heads: [RecordName: Head] = [:]
    /// Records whose newest version is their first, of those that the batch has put.
    var born: Set<UInt64> = []
    /// Edges that have ended, and whatever is to be kept of them is.
    var keptEdges: Set<UInt64> = []
    /// The rows of edges that the batch has made.
    var pastRows: [PastRow] = []
    /// Whether nothing is kept of edges that end now.
    var isErasing = false

    init(_ signatures: SignedSteps) { self.signatures = signatures }

    /// Who makes the step.
    var signature: Signature { signatures[step] }
}

extension BatchPlanner {
    /// Adds the rows of what was decided since it was asked last.
    ///
    /// - Complexity: O(changes · log rows + bytes that they replace).
    mutating func keepHistory() throws(StoreError) {
        while let next = keeping?.next, next < plan.changes.count {
            keeping?.next = next + 1
            switch plan.changes[next] {
            case .put(let put): try keep(put)
            case .delete(let delete):
                try keep(delete)
                try keepEdges(of: delete)
            case .unlink(let edge): try keep(edge)
            case .schema, .owner, .link, .fork, .withdraw: break
            }
        }
        keeping?.isErasing = false
    }

    private mutating func keep(_ put: PlannedPut) throws(StoreError) {
        guard let rows = catalog.histories[put.collection.number] else { return }
        let signature = keeping?.signature ?? Signature()
        guard let old = put.old else {
            keeping?.born.insert(put.ordinal)
            // That it was made is known without a row; who made it is not.
            // Where changes are counted, and there were some before, it has a row: it is one more.
            let isCounted = put.collection.schema.history?.versions != nil
            guard isCounted || !signature.isEmpty else { return }
            let head = try head(of: put.record.key, put.collection, rows)
            guard head.version != nil || !signature.isEmpty else { return }
            return try add(
                HistoryRow(
                    of: put.record.key,
                    version: head.version == nil ? 1 : head.standing,
                    at: reader.instant,
                    kind: .created,
                    signature: signature,
                    owner: put.record.owner
                ),
                of: put.collection,
                rows
            )
        }
        var row = try row(of: put.ordinal, old, .updated, put.collection, rows)
        row.signature = signature
        row.difference = try ReverseDifference(from: old.record.fields, to: put.record.fields)
        try add(row, of: put.collection, rows)
    }

    private mutating func keep(_ delete: PlannedDelete) throws(StoreError) {
        guard let rows = catalog.histories[delete.collection.number] else { return }
        guard delete.erasure == nil else {
            keeping?.born.remove(delete.ordinal)
            return try eraseRows(of: delete.old.record.key, delete.collection, rows)
        }
        let old = delete.old
        let hasExpired = old.record.expiresAt <= reader.instant
        var row = try row(
            of: delete.ordinal,
            old,
            hasExpired ? .expired : .deleted,
            delete.collection,
            rows
        )
        // It was gone when its time was over, whenever it was swept.
        if hasExpired {
            row.at = max(old.record.expiresAt, old.time)
        } else {
            row.signature = keeping?.signature ?? Signature()
        }
        row.difference = try ReverseDifference(from: old.record.fields, to: [])
        try add(row, of: delete.collection, rows)
    }

    /// A row of a change of a version, without what it did.
    private mutating func row(
        of ordinal: UInt64,
        _ old: OldVersion,
        _ kind: History.Kind,
        _ collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) -> HistoryRow {
        let head = try head(of: old.record.key, collection, rows)
        let wasBorn = keeping?.born.remove(ordinal) != nil
        return HistoryRow(
            of: old.record.key,
            version: head.standing + 1,
            at: reader.instant,
            since: old.time,
            until: old.record.expiresAt,
            kind: kind,
            wasFirst: old.origin?.isFirst ?? wasBorn,
            owner: old.record.owner
        )
    }

    /// What is known of the rows of a record.
    private mutating func head(
        of key: Key,
        _ collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) -> HistoryKeeping.Head {
        let name = RecordName(collection.number, key)
        if let known = keeping?.heads[name] { return known }
        var head = HistoryKeeping.Head()
        let range = HistoryKeys(rows: rows).versions(of: key)
        if let newest = try reader.lastNumber(tree, range) {
            let row = try HistoryRow(version(newest).record)
            head = HistoryKeeping.Head(version: row.version, endsLife: row.endsLife)
        }
        keeping?.heads[name] = head
        return head
    }

    /// Adds a row, and takes away those that are too many.
    private mutating func add(
        _ row: HistoryRow,
        of collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) {
        guard let key = row.of, let rule = collection.schema.history else { return }
        let name = RecordName(collection.number, key)
        var head = try head(of: key, collection, rows)
        let ordinal = try put(row, rows, days: rule.days)
        head.version = row.version
        head.endsLife = row.endsLife
        head.made.append((ordinal, row.version))
        if let most = rule.versions {
            let last = row.version - Int64(most)
            let range = HistoryKeys(rows: rows).versions(of: key, below: last + 1)
            var surplus = try reader.numbers(tree, range)
            surplus += head.made.filter { $0.version <= last }.map(\.ordinal)
            head.made.removeAll { $0.version <= last }
            for ordinal in surplus where !dead.contains(ordinal) { try end(ordinal, rows) }
        }
        keeping?.heads[name] = head
    }

    /// Decides the put of a row; returns its ordinal.
    private mutating func put(
        _ row: HistoryRow,
        _ rows: CollectionEntry,
        days: Int?
    ) throws(StoreError) -> UInt64 {
        let number = roots.nextKeys[rows.number] ?? 1
        roots.nextKeys[rows.number] = number + 1
        let planned = try planned(row, key: .int(number), rows, days: days, old: nil, takeOrdinal())
        plan.changes.append(.put(planned))
        note(planned)
        return planned.ordinal
    }

    private func planned(
        _ row: HistoryRow,
        key: Key,
        _ rows: CollectionEntry,
        days: Int?,
        old: OldVersion?,
        _ ordinal: UInt64
    ) throws(StoreError) -> PlannedPut {
        try historyRow(
            row.fields(),
            key: key,
            of: "a record",
            rows,
            owner: row.owner,
            from: row.at,
            days: days,
            old: old,
            ordinal
        )
    }

    /// The put of a row that keeps what something was.
    ///
    /// It is kept for so many days from an instant, or for as long as its history is. An error says
    /// what it is `of`.
    func historyRow(
        _ fields: [(number: UInt16, value: Value)],
        key: Key,
        of kept: String,
        _ rows: CollectionEntry,
        owner: UInt32,
        from time: Microseconds,
        days: Int? = nil,
        old: OldVersion? = nil,
        _ ordinal: UInt64
    ) throws(StoreError) -> PlannedPut {
        let plain: [UInt8]
        do throws(CBORError) {
            plain = try Value.encodeFields(fields.map { ($0.number, $0.value) })
        } catch {
            throw .inconsistent("a row of a history cannot be written: \(error)")
        }
        guard plain.count <= preparation.frameLimit - 8192 else {
            throw refused(
                .tooLarge,
                "what \(kept) of \"\(rows.schema.name)\" was has \(plain.count) bytes, more than "
                    + "one row of a history takes; keep less in it, or no history of its kind"
            )
        }
        let (body, plainCount) = FrameBody.compress(plain)
        let keptFor = days.map { Int64($0) * 86_400_000_000 }
        let (end, isOver) = time.addingReportingOverflow(keptFor ?? 0)
        return PlannedPut(
            ordinal: ordinal,
            collection: rows,
            record: StoredRecord(
                key: key,
                owner: owner,
                expiresAt: keptFor == nil || isOver ? OrdinalEntry.never : end,
                fields: fields,
                vectors: []
            ),
            old: old,
            body: body,
            plainCount: plainCount,
            prefixes: StoreKeys.prefixes(rows, fields)
        )
    }

    /// Erases all rows of a record that is erased, of whatever life.
    mutating func eraseRows(
        of key: Key,
        _ collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) {
        let name = RecordName(collection.number, key)
        var ordinals = try reader.numbers(tree, HistoryKeys(rows: rows).versions(of: key))
        ordinals += (keeping?.heads[name]?.made ?? []).map(\.ordinal)
        for ordinal in ordinals where !dead.contains(ordinal) {
            try end(ordinal, rows, erases: true)
        }
        keeping?.heads[name] = HistoryKeeping.Head()
    }

    /// Bytes of the log that the history takes of a version that ends, at most.
    mutating func keptSize(_ ordinal: UInt64) throws(StoreError) -> Int {
        if catalog.histories.isEmpty { return 0 }
        let version = try version(ordinal)
        return catalog.histories[version.entry.collection] == nil ? 0 : version.frameBytes + 8192
    }

    // MARK: The beginning of a history

    /// Notes from when on the histories of a new catalog are whole.
    mutating func beginHistories(of next: Catalog) throws(StoreError) {
        for (number, rows) in next.histories.sorted(by: { $0.key < $1.key }) {
            guard let rule = next.collection(number: number)?.schema.history else { continue }
            let before = catalog.collection(number: number)?.schema.history
            if before == rule { continue }
            var begin = reader.instant
            var old: OldVersion?
            if let before, let ordinal = try reader.number(tree, HistoryKeys(rows: rows).marker) {
                let marker = try version(ordinal)
                begin = try HistoryRow(marker.record).at
                // What was let go of does not come back with a longer time.
                if let days = before.days, rule.days.map({ $0 > days }) ?? true {
                    begin = max(begin, reader.instant - Int64(days) * 86_400_000_000)
                }
                old = marker
            }
            let ordinal: UInt64
            if old != nil, let known = try reader.number(tree, HistoryKeys(rows: rows).marker) {
                ordinal = known
            } else {
                ordinal = takeOrdinal()
            }
            let row = HistoryRow(of: nil, version: 0, at: begin, kind: .unknown)
            plan.changes.append(
                .put(
                    try planned(
                        row,
                        key: HistoryField.marker,
                        rows,
                        days: nil,
                        old: old,
                        ordinal
                    )
                )
            )
        }
    }
}

extension WriterReader {
    /// The numbers under keys of a range, in order.
    func numbers(_ tree: Tree, _ range: TreeRange) throws(StoreError) -> [UInt64] {
        try onTree { () throws(TreeError) in
            var numbers: [UInt64] = []
            var cursor = try tree.cursor(range, in: view)
            while try cursor.next() { numbers.append(try cursor.value64) }
            return numbers
        }
    }

    /// The number under the last key of a range.
    func lastNumber(_ tree: Tree, _ range: TreeRange) throws(StoreError) -> UInt64? {
        try onTree { () throws(TreeError) in
            var cursor = try tree.cursor(range, reversed: true, in: view)
            return try cursor.next() ? try cursor.value64 : nil
        }
    }
}
