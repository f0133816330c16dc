// An export: everything of one commit, a line each, or the records of a collection as a table.
// Page: formats/import.md#exports.

internal import Mneme
internal import MnemeCommandLine

/// What is exported.
struct StoreExport {
    /// Which edges go with the records.
    enum Edges: String, CaseIterable, Sendable {
        /// None.
        case none
        /// Those between records that are exported.
        case inside
        /// Also those with one end among them.
        case all
    }

    /// What was written.
    struct Counts: Sendable {
        var records = 0
        var edges = 0
    }

    /// The version of the format.
    static let version: Int64 = 1

    private let memory: FrozenMemory
    private let schema: Schema
    private let owner: String?
    private let edges: Edges
    private(set) var counts = Counts()

    /// An export of a commit: of one collection or of all, of one owner or of everybody.
    ///
    /// - Throws: `MnemeError` for a collection that is not there, or that has no owners where one
    ///   is asked for.
    init(
        _ memory: FrozenMemory,
        collection: String?,
        owner: String?,
        edges: Edges
    ) throws(MnemeError) {
        self.memory = memory
        self.owner = owner
        self.edges = edges
        let whole = memory.schema
        var chosen = whole.collections
        if let collection {
            chosen = whole.collections.filter { $0.name == collection }
            guard let one = chosen.first else {
                throw MnemeError(
                    .unknownCollection,
                    "there is no collection \(quoted(collection)). Known: "
                        + "\(listed(whole.collections.map(\.name)))."
                )
            }
            guard owner == nil || one.roles.owner != nil else {
                throw MnemeError(
                    .badOwner,
                    "records of \(quoted(collection)) belong to nobody: no field of it has the "
                        + "role "
                        + "owner. Leave --owner out."
                )
            }
        } else if owner != nil {
            chosen = chosen.filter { $0.roles.owner != nil }
        }
        schema = Schema(
            collections: chosen,
            edgeTypes: edges == .none
                ? []
                : whole.edgeTypes.filter { type in
                    func isThere(_ name: String?) -> Bool {
                        name == nil || edges == .all || chosen.contains { $0.name == name }
                    }
                    return isThere(type.from) && isThere(type.to)
                }
        )
    }

    /// Writes lines of JSON.
    ///
    /// - Throws: what reading the store and writing the file throw.
    mutating func writeLines(
        to file: inout ExportFile,
        progress: (Int) -> Void = { _ in }
    ) throws {
        try file.put(
            Value.map([
                "schema": schema.spelling, "sequence": .int(Int64(memory.sequence)),
                "version": .int(Self.version),
            ]).json()
        )
        var counts = Counts()
        for collection in schema.collections {
            try memory.forEachRecord(in: collection.name, owner: owner) { record, expiresAt in
                var line: [String: Value] = ["record": record.spelling]
                if let expiresAt { line["expiresAt"] = .instant(expiresAt) }
                try file.put(Value.map(line).json())
                counts.records += 1
                if counts.records % 1000 == 0 { progress(counts.records) }
            }
        }
        if edges != .none {
            let names = schema.collections.map(\.name)
            try memory.forEachEdge(in: names, owner: owner, touching: edges == .all) { edge in
                try file.put(Value.map(["edge": edge.spelling]).json())
                counts.edges += 1
                if counts.edges % 1000 == 0 { progress(counts.records + counts.edges) }
            }
        }
        try file.put(
            Value.map([
                "end": ["records": .int(Int64(counts.records)), "edges": .int(Int64(counts.edges))]
            ]).json()
        )
        self.counts = counts
    }

    /// Writes a table of the records of the one collection: its key and some fields, all of them
    /// when nil.
    ///
    /// - Throws: `Failure` for a field that is not there; as `writeLines`.
    mutating func writeTable(
        _ columns: [String]?,
        to file: inout ExportFile,
        progress: (Int) -> Void = { _ in }
    ) throws {
        guard let collection = schema.collections.first else { return }
        let known = [Self.keyColumn] + collection.fields.map(\.name)
        let columns = columns ?? known
        if let wrong = columns.first(where: { !known.contains($0) }) {
            throw Failure(
                "The collection \(quoted(collection.name)) has no field \(quoted(wrong)). Columns "
                    + "that may be asked for: \(listed(known)).",
                code: .unknownField
            )
        }
        try file.put(columns.map { Self.cell(.text($0)) }.joined(separator: ","))
        var count = 0
        try memory.forEachRecord(in: collection.name, owner: owner) { record, _ in
            let cells = columns.map { name in
                Self.cell(name == Self.keyColumn ? record.reference.key.value : record[name])
            }
            try file.put(cells.joined(separator: ","))
            count += 1
            if count % 1000 == 0 { progress(count) }
        }
        counts.records = count
    }

    /// What the column with the keys is called.
    static let keyColumn = "_key"

    /// A value as it stands in a table: null is nothing, an empty text two quotes.
    static func cell(_ value: Value) -> String {
        let text: String
        switch value {
        case .null: return ""
        case .array, .map: text = value.json()
        case .vector(let vector): text = Value.array(vector.map { .float(Double($0)) }).json()
        case .bytes(let bytes):
            text = "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        default: text = Cast.word(value) ?? value.json()
        }
        let marks: [UInt8] = [0x22, 0x2c, 0x0a, 0x0d]
        guard text.isEmpty || text.utf8.contains(where: marks.contains) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
