// Reading what records were: from the record as it stands, or from nothing where it is gone, back
// through its rows, one difference after another.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A record as the tree has it, its time over or not.
struct StandingRecord {
    let entry: OrdinalEntry
    let fields: [UInt16: Value]
    /// When it became what it is.
    let time: Microseconds
    /// Whether it was so from the first.
    let isFirst: Bool
}

extension StateReader {
    /// The record of a key that lives in the tree.
    func standing(
        _ collection: CollectionEntry,
        _ key: Key
    ) throws(StoreError) -> StandingRecord? {
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.record(collection.number, key), in: view)
        }
        guard let found, let entry = try entry(found), entry.birth <= visibility.sequence,
            visibility.sequence < entry.death, try reaches(entry)
        else { return nil }
        let frame = try frame(entry)
        let (columns, record) = try FrameDecoder(catalog: state.catalog).record(frame)
        return StandingRecord(
            entry: entry,
            fields: Dictionary(record.fields.map { ($0.number, $0.value) }) { first, _ in first },
            time: frame.time,
            isFirst: columns.previous == nil
        )
    }

    /// The rows of a collection's history; refused where it keeps none.
    ///
    /// - Throws: `.refused` with `.noHistory`.
    func rows(of collection: CollectionEntry) throws(StoreError) -> CollectionEntry {
        if let rows = state.catalog.histories[collection.number] { return rows }
        let kept = state.catalog.visibleCollections.filter { entry in
            entry.schema.history != nil && reach?.reaches(collection: entry.schema.name) ?? true
        }
        throw .refused(
            MnemeError(
                .noHistory,
                "collection \"\(collection.schema.name)\" keeps no history; define it again with "
                    + "\"history\": {}, and it does from then on. Those that keep one: "
                    + listed(kept.map(\.schema.name).sorted())
            )
        )
    }

    /// A row by its ordinal, nil where its time is over.
    func row(_ ordinal: UInt64) throws(StoreError) -> HistoryRow? {
        guard try visibleEntry(ordinal) != nil else { return nil }
        return try HistoryRow(stored(ordinal))
    }

    /// The rows of a range of the index of versions.
    private func rows(in range: TreeRange) throws(StoreError) -> [HistoryRow] {
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, in: view)
        }
        var rows: [HistoryRow] = []
        while try onTree({ () throws(TreeError) in try cursor.next() }) {
            let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
            if let row = try row(ordinal) { rows.append(row) }
        }
        return rows
    }

    /// What a record was, newest version first.
    ///
    /// - Complexity: O(rows down to the last version that is handed out); O(rows) under a permit
    ///   that does not reach everything.
    func history(
        _ question: VersionQuestion,
        _ collection: CollectionEntry,
        _ key: Key
    ) throws(StoreError) -> History {
        let rows = try rows(of: collection)
        var telling = HistoryTelling(question, collection, key)
        let range = HistoryKeys(rows: rows).versions(of: key)
        if reach != nil, try !reachesPast(self.rows(in: range), of: key, collection) {
            return History(versions: [], isComplete: true, sequence: sequence)
        }
        let standing = try standing(collection, key)
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, reversed: true, in: view)
        }
        var row: HistoryRow?
        func next() throws(StoreError) -> HistoryRow? {
            while true {
                let ordinal = try onTree { () throws(TreeError) -> UInt64? in
                    try cursor.next() ? try cursor.value64 : nil
                }
                guard let ordinal else { return nil }
                if let row = try self.row(ordinal) { return row }
            }
        }
        row = try next()
        telling.begin(standing, before: row, now: visibility.instant)
        while let current = row, !telling.isFull {
            let older = try next()
            telling.tell(current, older: older)
            row = older
        }
        return History(
            versions: telling.versions,
            isComplete: !telling.hasMore,
            sequence: sequence
        )
    }
}

/// Tells versions from the newest to older ones.
private struct HistoryTelling {
    private(set) var versions: [History.Version] = []
    /// Whether there was one more than was asked for.
    private(set) var hasMore = false
    private let question: VersionQuestion
    private let collection: CollectionEntry
    private let reference: Reference
    /// The record as it is at the place that the telling has come to.
    private var fields: [UInt16: Value] = [:]
    private var isThere = false
    /// Whether that is known: rows of a store that was salvaged may not fit what stands.
    private var isKnown = true

    init(_ question: VersionQuestion, _ collection: CollectionEntry, _ key: Key) {
        self.question = question
        self.collection = collection
        reference = Reference(collection.schema.name, key)
    }

    /// Nothing more is wanted.
    var isFull: Bool { hasMore }

    /// Begins with the record as it stands, and what no row says of it.
    mutating func begin(_ standing: StandingRecord?, before row: HistoryRow?, now: Microseconds) {
        guard let standing else {
            // Only what is gone by its last row is known to be gone.
            isKnown = row?.endsLife ?? true
            return
        }
        let number = row.map { $0.endsLife ? $0.version + 1 : $0.version } ?? 1
        fields = standing.fields
        isThere = true
        if standing.entry.expiresAt <= now {
            add(
                number + 1,
                max(standing.entry.expiresAt, standing.time),
                .expired,
                changes: names(fields).mapValues { History.FieldChange(old: $0, new: .null) },
                isThere: false
            )
        }
        if row?.endsLife ?? true {
            addUntold(number, standing.time, isFirst: standing.isFirst)
        }
    }

    /// Goes back over a row.
    mutating func tell(_ row: HistoryRow, older: HistoryRow?) {
        if row.endsLife { (fields, isThere, isKnown) = ([:], false, true) }
        var prior: [UInt16: Value]? = [:]
        if row.kind != .created {
            prior = isKnown ? row.difference.applied(to: fields) : nil
        }
        var changes: [String: History.FieldChange] = [:]
        if row.kind == .created, isKnown {
            changes = names(fields).mapValues { History.FieldChange(old: .null, new: $0) }
        } else if let prior {
            for number in row.difference.numbers {
                guard let name = collection.fieldNames[number] else { continue }
                changes[name] = History.FieldChange(
                    old: prior[number] ?? .null,
                    new: fields[number] ?? .null
                )
            }
        }
        add(
            row.version,
            row.at,
            row.kind,
            row.signature,
            changes: changes,
            isThere: !row.endsLife
        )
        isKnown = prior != nil
        fields = prior ?? [:]
        isThere = row.kind != .created
        if row.kind != .created, !row.follows(older) {
            addUntold(row.version - 1, row.since ?? row.at, isFirst: row.wasFirst)
        }
    }

    /// A version that no row made: the first one, or the oldest that is kept.
    private mutating func addUntold(_ number: Int64, _ at: Microseconds, isFirst: Bool) {
        add(
            number,
            at,
            isFirst ? .created : .unknown,
            changes: isFirst && isKnown
                ? names(fields).mapValues { History.FieldChange(old: .null, new: $0) } : [:],
            isThere: true
        )
    }

    private mutating func add(
        _ number: Int64,
        _ at: Microseconds,
        _ kind: History.Kind,
        _ signature: Signature = Signature(),
        changes: [String: History.FieldChange],
        isThere: Bool
    ) {
        let number = UInt64(max(0, number))
        if let before = question.before, number >= before { return }
        guard versions.count < question.limit else {
            hasMore = true
            return
        }
        var version = History.Version(
            number: number,
            at: Instant(microseconds: at),
            kind: kind,
            signature: signature,
            changes: changes
        )
        if question.hasRecords, isThere, isKnown {
            version.record = Record(reference, fields: names(fields))
        }
        versions.append(version)
    }

    private func names(_ fields: [UInt16: Value]) -> [String: Value] {
        collection.named(fields)
    }
}

extension CollectionEntry {
    /// Fields by name.
    func named(_ fields: [UInt16: Value]) -> [String: Value] {
        var named = [String: Value](minimumCapacity: fields.count)
        for (number, value) in fields {
            if let name = fieldNames[number] { named[name] = value }
        }
        return named
    }
}
