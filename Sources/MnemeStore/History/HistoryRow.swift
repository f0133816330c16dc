// The rows that keep what records were: ordinary records of a hidden collection beside the one
// whose history they are, one for each change of a record. So the log, its replay, checkpoints,
// backups, compaction and erasure know them as they know any record.
// Format: formats/store.md#history.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages

/// The fields of a row by number: their places in the hidden collection's schema, from 1.
enum HistoryField {
    static let of: UInt16 = 1
    static let version: UInt16 = 2
    static let at: UInt16 = 3
    static let since: UInt16 = 4
    static let until: UInt16 = 5
    static let kind: UInt16 = 6
    static let wasFirst: UInt16 = 7
    static let author: UInt16 = 8
    static let reason: UInt16 = 9
    static let before: UInt16 = 10
    static let absent: UInt16 = 11
    static let cuts: UInt16 = 12

    /// The key of the row that says from when on a history is whole.
    static let marker = Key.int(0)
    /// The places of the two indexes among the hidden collection's.
    static let versions = 0
    static let times = 1
}

extension Catalog {
    /// The name of the hidden collection of rows.
    static func historyName(of name: String) -> String { name + "$history" }
}

extension CatalogDraft {
    /// Adds the hidden collection of rows, where a collection has a history and that is not there.
    mutating func addHistory(of collection: Collection) throws(MnemeError) {
        let name = Catalog.historyName(of: collection.name)
        guard collection.history != nil, !collections.contains(where: { $0.schema.name == name })
        else { return }
        let key: FieldType =
            switch collection.key {
            case .text: .text
            case .int: .int
            case .uuid: .uuid
            }
        try add(
            Collection(
                name,
                key: .int,
                fields: [
                    Field("of", key), Field("version", .int), Field("at", .instant),
                    Field("since", .instant), Field("until", .instant), Field("kind", .text),
                    Field("wasFirst", .bool), Field("author", .text), Field("reason", .text),
                    Field("before", .bytes), Field("absent", .array(.int)),
                    Field("cuts", .bytes),
                ],
                indexes: [
                    Index("versions", on: ["of", "version"]),
                    Index("times", on: ["at", "version"]),
                ]
            )
        )
    }
}

/// One row: a change of a record, and what the record was before it.
struct HistoryRow: Sendable {
    /// The record's key; nil of the marker.
    var of: Key?
    /// The number of the version that the change made.
    var version: Int64
    /// When it was made.
    var at: Microseconds
    /// When the version before it had become the record, nil where there was none.
    var since: Microseconds?
    /// When that version would have expired.
    var until: Microseconds = OrdinalEntry.never
    var kind: History.Kind
    /// Whether that version was the record's first.
    var wasFirst = false
    var signature = Signature()
    /// What the fields were.
    var difference = ReverseDifference()
    /// Whose the version before was.
    var owner: UInt32 = 0

    /// Whether the record was not there any more.
    var endsLife: Bool { kind == .deleted || kind == .expired }

    /// Whether the version before is one that no row made.
    func follows(_ older: HistoryRow?) -> Bool {
        guard let older else { return false }
        return older.version == version - 1 && !older.endsLife
    }
}

extension HistoryRow {
    /// Reads a row.
    init(_ record: StoredRecord) throws(StoreError) {
        func instant(_ number: UInt16) -> Microseconds? {
            if case .instant(let instant) = record[number] { instant.microseconds } else { nil }
        }
        guard let version = record[HistoryField.version].int, let at = instant(HistoryField.at),
            let word = record[HistoryField.kind].text, let kind = History.Kind(rawValue: word)
        else { throw .inconsistent("row \(record.key) of a history is none") }
        switch record[HistoryField.of] {
        case .text(let text): of = .text(text)
        case .int(let number): of = .int(number)
        case .uuid(let id): of = .uuid(id)
        default: of = nil
        }
        self.version = version
        self.at = at
        self.kind = kind
        since = instant(HistoryField.since)
        until = instant(HistoryField.until) ?? OrdinalEntry.never
        if case .bool(let flag) = record[HistoryField.wasFirst] { wasFirst = flag }
        signature = Signature(
            author: record[HistoryField.author].text,
            reason: record[HistoryField.reason].text
        )
        difference = try ReverseDifference(record)
        owner = record.owner
    }

    /// The row's fields by number, ascending, without nulls.
    func fields() throws(StoreError) -> [(number: UInt16, value: Value)] {
        var fields: [(number: UInt16, value: Value)] = []
        if let of { fields.append((HistoryField.of, of.value)) }
        fields.append((HistoryField.version, .int(version)))
        fields.append((HistoryField.at, .instant(Instant(microseconds: at))))
        if let since {
            fields.append((HistoryField.since, .instant(Instant(microseconds: since))))
        }
        if until != OrdinalEntry.never {
            fields.append((HistoryField.until, .instant(Instant(microseconds: until))))
        }
        fields.append((HistoryField.kind, .text(kind.rawValue)))
        if wasFirst { fields.append((HistoryField.wasFirst, .bool(true))) }
        if let author = signature.author { fields.append((HistoryField.author, .text(author))) }
        if let reason = signature.reason { fields.append((HistoryField.reason, .text(reason))) }
        fields += try difference.fields()
        return fields
    }
}
