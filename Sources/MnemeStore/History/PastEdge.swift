// The rows that keep which edges were there once: ordinary records of a hidden collection beside
// the type of the edges, one for each edge that has ended, under the edge's ordinal. So the log,
// its replay, checkpoints, backups, compaction and erasure know them as they know any record, and
// the entries of the past in the adjacency are derived from them.
// Format: formats/store.md#past-edges.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// The fields of a row by number: their places in the hidden collection's schema, from 1.
enum PastField {
    static let type: UInt16 = 1
    static let from: UInt16 = 2
    static let to: UInt16 = 3
    static let linked: UInt16 = 4
    static let ended: UInt16 = 5
    static let properties: UInt16 = 6
    static let names: UInt16 = 7
    static let ends: UInt16 = 8

    /// The key of the row that says from when on it is kept what has ended.
    static let marker = Key.int(0)
    /// What the names of the hidden collections end with.
    private static let suffix = "$edges"

    /// The hidden collection of a type.
    static func rows(of type: String) -> Collection {
        Collection(
            type + suffix,
            key: .int,
            fields: [
                Field("type", .int), Field("from", .int), Field("to", .int),
                Field("linked", .instant), Field("ended", .instant),
                Field("properties", .bytes), Field("names", .bytes),
                Field("ends", .array(.int)),
            ],
            indexes: [Index("ends", on: ["ends"])]
        )
    }

    /// What a record's name is found by.
    static func end(_ name: RecordName) -> Value {
        let key = StoreKeys.record(name.collection, name.key)
        return .int(Int64(bitPattern: Checksum.xxh3(key)))
    }

    /// Where the rows of edges stand that a record of a name had, and maybe some others.
    static func range(_ rows: CollectionEntry, _ name: RecordName) -> TreeRange? {
        guard let index = rows.indexes.first, let part = index.parts.first else { return nil }
        var writer = StoreKeys.index(rows, index)
        writer.put(end(name), part)
        return .prefix(writer.bytes)
    }

    /// Whether a collection is such a hidden one.
    static func isRows(_ collection: Collection) -> Bool { collection.name.hasSuffix(suffix) }
}

extension CatalogDraft {
    /// Adds the hidden collection of rows, where a type has a history and that is not there.
    mutating func addPast(of type: EdgeType) throws(MnemeError) {
        let rows = PastField.rows(of: type.name)
        guard type.history != nil, !collections.contains(where: { $0.schema.name == rows.name })
        else { return }
        try add(rows)
    }
}

/// An edge that has ended.
struct PastEdge: Sendable {
    /// One end, as it was called, and whose it was.
    struct Name: Sendable {
        var collection: UInt16
        var key: Key
        var owner: UInt32

        var record: RecordName { RecordName(collection, key) }
    }

    var edge: UInt64
    var type: UInt16
    var from: UInt64
    var to: UInt64
    var times: EdgeTimes
    /// The properties as they stand in frames, unpacked.
    var properties: [UInt8]
    var fromName: Name
    var toName: Name
    /// Whose the edge was.
    var owner: UInt32 = 0

    /// What an end was called.
    func name(of node: UInt64) -> Name { node == from ? fromName : toName }

    /// Whether a record of a name was one of its ends, in whatever life.
    func joined(_ name: RecordName) -> Bool { fromName.record == name || toName.record == name }
}

extension PastEdge {
    /// Reads a row; nil of the marker.
    ///
    /// - Throws: `.inconsistent` of a row that is none.
    init?(_ record: StoredRecord) throws(StoreError) {
        if record.key == PastField.marker { return nil }
        func number(_ field: UInt16) -> UInt64? {
            guard case .int(let number) = record[field] else { return nil }
            return UInt64(exactly: number)
        }
        guard case .int(let key) = record.key, let edge = UInt64(exactly: key),
            edge < Adjacency.edgeLimit,
            let given = number(PastField.type), let type = UInt16(exactly: given),
            type < Adjacency.typeLimit,
            let from = number(PastField.from), from < OrdinalTable.limit,
            let to = number(PastField.to), to < OrdinalTable.limit,
            case .instant(let ended) = record[PastField.ended],
            case .bytes(let properties) = record[PastField.properties],
            case .bytes(let names) = record[PastField.names],
            let names = try? Value.decodeFields(names), names.count == 6,
            let fromName = Name(names[0].1, names[1].1, names[4].1),
            let toName = Name(names[2].1, names[3].1, names[5].1)
        else { throw .inconsistent("row \(record.key) of the edges that were is none") }
        var linked = Int64.min
        if case .instant(let instant) = record[PastField.linked] { linked = instant.microseconds }
        self.edge = edge
        self.type = type
        self.from = from
        self.to = to
        times = EdgeTimes(linked: linked, ended: ended.microseconds)
        self.properties = properties
        self.fromName = fromName
        self.toName = toName
        owner = record.owner
    }

    /// The row's fields by number, ascending, without nulls.
    ///
    /// - Throws: `.inconsistent` of names that cannot be written.
    func fields() throws(StoreError) -> [(number: UInt16, value: Value)] {
        var fields: [(number: UInt16, value: Value)] = [
            (PastField.type, .int(Int64(type))),
            (PastField.from, .int(Int64(from))),
            (PastField.to, .int(Int64(to))),
        ]
        if times.linked != .min {
            let linked = Instant(microseconds: times.linked)
            fields.append((PastField.linked, .instant(linked)))
        }
        let names: [UInt8]
        do throws(CBORError) {
            names = try Value.encodeFields([
                (1, .int(Int64(fromName.collection))), (2, fromName.key.value),
                (3, .int(Int64(toName.collection))), (4, toName.key.value),
                (5, .int(Int64(fromName.owner))), (6, .int(Int64(toName.owner))),
            ])
        } catch {
            throw .inconsistent("the ends of edge \(edge) cannot be written: \(error)")
        }
        fields.append((PastField.ended, .instant(Instant(microseconds: times.ended))))
        fields.append((PastField.properties, .bytes(properties)))
        fields.append((PastField.names, .bytes(names)))
        let ends = [PastField.end(fromName.record), PastField.end(toName.record)]
        fields.append((PastField.ends, .array(ends)))
        return fields
    }
}

extension PastEdge.Name {
    /// Nil of values that name no record.
    init?(_ collection: Value, _ key: Value, _ owner: Value) {
        guard case .int(let given) = collection, let number = UInt16(exactly: given),
            case .int(let whose) = owner, let owner = UInt32(exactly: whose)
        else { return nil }
        self.collection = number
        self.owner = owner
        switch key {
        case .text(let text): self.key = .text(text)
        case .int(let number): self.key = .int(number)
        case .uuid(let id): self.key = .uuid(id)
        default: return nil
        }
    }
}

// MARK: The entries of the adjacency

extension StoreEditor {
    /// Enters what a row says into the past of the graph.
    func enterPast(_ put: PlannedPut, _ birth: UInt64) throws(StoreError) {
        guard catalog.pastRows.contains(put.collection.number),
            let past = try PastEdge(put.record)
        else { return }
        let adjacency = adjacency
        try onPages { () throws(PageError) in
            try adjacency.enterPast(
                edge: past.edge,
                type: past.type,
                from: past.from,
                to: past.to,
                past.times,
                in: editor
            )
        }
        edgeChanges?.note(past.from, past.to, at: birth)
    }

    /// Takes it out with the row.
    func removePast(_ delete: PlannedDelete, _ birth: UInt64) throws(StoreError) {
        guard catalog.pastRows.contains(delete.collection.number),
            let past = try PastEdge(delete.old.record)
        else { return }
        let adjacency = adjacency
        let wasThere = try onPages { () throws(PageError) in
            try adjacency.removePast(
                edge: past.edge,
                type: past.type,
                from: past.from,
                to: past.to,
                in: editor
            )
        }
        guard wasThere else {
            throw .inconsistent("edge \(past.edge) is not in the past of what it joined")
        }
        edgeChanges?.note(past.from, past.to, at: birth)
    }
}
