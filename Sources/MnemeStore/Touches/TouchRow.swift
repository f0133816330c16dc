// How records were used stands in records of the store's own collection `$touches`, one for each
// record that was ever used, under its ordinal: no version of the record is made and no index
// written, and the log, its replay, checkpoints, backups, compaction and erasure know them as they
// know any record. A row goes with its record. Format: formats/store.md#touches.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages

/// The collection of the rows.
enum TouchField {
    static let count: UInt16 = 1
    static let at: UInt16 = 2
    static let reinforcement: UInt16 = 3

    static let rows = Collection(
        "$touches",
        key: .int,
        fields: [
            Field("count", .int), Field("at", .instant), Field("reinforcement", .float),
        ]
    )

    /// How a record was used, by its row; nil of a row that is none.
    static func access(_ row: StoredRecord) -> Access? {
        guard case .int(let count) = row[Self.count], case .instant(let at) = row[Self.at] else {
            return nil
        }
        return Access(
            count: Int(clamping: count),
            at: at,
            reinforcement: row[reinforcement].number ?? 0
        )
    }

    /// The fields of a row.
    static func fields(_ access: Access) -> [String: Value] {
        [
            "count": .int(Int64(access.count)), "at": .instant(access.at),
            "reinforcement": .float(access.reinforcement),
        ]
    }
}

/// How a record is used from now on.
struct PreparedTouch: Sendable {
    let ordinal: UInt64
    /// The row, without its owner.
    let row: PreparedPut
}

extension ChangePreparation {
    /// A row made ready.
    func prepare(
        _ access: Access,
        of ordinal: UInt64,
        _ rows: CollectionEntry
    ) throws(MnemeError) -> PreparedTouch {
        var put = PreparedPut(
            collection: rows,
            key: .int(Int64(bitPattern: ordinal)),
            mode: .replace,
            ownerPath: nil,
            expiresAt: OrdinalEntry.never,
            fields: [],
            vectors: [],
            body: [],
            plainCount: 0,
            prefixes: []
        )
        try fill(&put, try rows.schema.checkInOrder(fields: TouchField.fields(access)))
        return PreparedTouch(ordinal: ordinal, row: put)
    }
}

extension BatchPlanner {
    /// Decides a row, if its record is still there; it is the owner's of the record.
    mutating func touch(_ touch: PreparedTouch) throws(StoreError) {
        guard try reader.lives(touch.ordinal), !dead.contains(touch.ordinal) else {
            return plan.outcomes.append(.deleted(false))
        }
        let entry = try reader.entry(touch.ordinal)
        guard entry.expiresAt > reader.instant else {
            return plan.outcomes.append(.deleted(false))
        }
        var row = touch.row
        row.ownerNumber = entry.owner
        try decide(row)
    }

    /// Ends the row of a record that ends.
    mutating func endTouches(
        of ordinal: UInt64,
        _ collection: CollectionEntry,
        erases: Bool
    ) throws(StoreError) {
        guard let rows = catalog.touches, !collection.isHidden,
            let row = try self.ordinal(of: rows.number, .int(Int64(bitPattern: ordinal)))
        else { return }
        try end(row, rows, erases: erases)
    }
}
