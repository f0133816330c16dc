// An import of what `mneme export` wrote: the schema first, then records and edges as they were,
// and a last line that says how many, by which a file that was cut short is known. What takes
// records away or refuses them by how many there are, quotas and retention, holds from behind the
// last record on.
// Page: formats/import.md#exports.

internal import Mneme
internal import MnemeCommandLine

/// An import of an export.
struct ExportImport {
    private var rows: RowImport

    /// An import of a file.
    init(
        _ path: String,
        _ options: ImportOptions = ImportOptions(),
        progress: @escaping (Int, Int?) -> Void = { _, _ in },
        note: @escaping (String) -> Void = { _ in }
    ) {
        rows = RowImport(path, options, progress: progress, note: note)
    }

    /// What was done; a row is a record or an edge.
    var counts: ImportCounts {
        var counts = rows.counts
        // The last line is none.
        if counts.rows > 0 { counts.rows -= 1 }
        return counts
    }

    /// Does it: into a store in which what the export speaks of has no records and edges yet.
    ///
    /// - Throws: `Failure` that names file, line and what is wrong, and what stays.
    mutating func run(into door: any BlockingDoor) throws(Failure) {
        let path = rows.path
        var source = try ObjectRows(try InputFile(path))
        let schema = try Self.schema(of: try source.next(), path)
        let bounds: Bounds
        do {
            try Self.checkEmpty(door, schema, path)
            bounds = Bounds(of: schema, there: try door.describe())
            if !rows.options.isDryRun { try door.define(bounds.unbounded(schema)) }
        } catch let error as MnemeError {
            throw Failure("\(path): \(error.message)", code: error.code)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("\(path): \(error)")
        }
        do throws(Failure) {
            try put(schema, source, into: door)
        } catch {
            // What came in stays, and so does what bounds it.
            if !rows.options.isDryRun { try? bounds.define(again: schema, door) }
            throw error
        }
        guard !rows.options.isDryRun else { return }
        do throws(MnemeError) {
            try bounds.define(again: schema, door)
        } catch {
            throw Failure(
                "\(path): everything was imported, but quotas and retention are not defined: "
                    + "\(error.message) Define the schema of the export's first line.",
                code: error.code
            )
        }
    }

    /// Puts everything, and holds it against what the export says of itself.
    private mutating func put(
        _ schema: Schema,
        _ source: ObjectRows,
        into door: any BlockingDoor
    ) throws(Failure) {
        let path = rows.path
        var fields: [String: [Field]] = [:]
        for collection in schema.collections { fields[collection.name] = collection.fields }
        var properties: [String: [Field]] = [:]
        for type in schema.edgeTypes { properties[type.name] = type.fields }
        let known = (records: fields, edges: properties)
        var found = StoreExport.Counts()
        var end: StoreExport.Counts?
        try rows.pass(over: source, isFirst: true, looksUpEdges: false, isExport: true, into: door)
        {
            (row) throws(Failure) in
            guard end == nil else {
                throw Failure("something stands behind the line \"end\"; remove it")
            }
            var made = MadeRow(number: row.number, place: row.place)
            if let counts = row.members["end"] {
                end = try Self.end(counts)
            } else if let change = try Self.change(row.members, known) {
                if case .edge = change { found.edges += 1 } else { found.records += 1 }
                made.add(change)
            }
            return made
        }
        guard let end else {
            throw Failure(
                "\(path) has no line \"end\": it is cut short. What its "
                    + "\(Figures.count(counts.rows, "line")) made stays; make the export again, "
                    + "and "
                    + "import it into a new store."
            )
        }
        guard counts.badRows > 0 || (end.records == found.records && end.edges == found.edges)
        else {
            throw Failure(
                "\(path) says that it has \(Figures.count(end.records, "record")) and "
                    + "\(Figures.count(end.edges, "edge")), and has "
                    + "\(Figures.count(found.records, "record")) and "
                    + "\(Figures.count(found.edges, "edge")). Lines are lost; make the export "
                    + "again, "
                    + "and import it into a new store."
            )
        }
    }

    /// What bounds collections by what they have: it holds once everything is there.
    private struct Bounds {
        private var quotas: [String: [Quota]] = [:]
        private var retention: [String: RetentionRule] = [:]

        /// What is to hold in the end: of what an export says nothing, what the store has.
        init(of schema: Schema, there: Schema) {
            var held: [String: Collection] = [:]
            for collection in there.collections { held[collection.name] = collection }
            for collection in schema.collections {
                let before = held[collection.name]
                quotas[collection.name] = collection.quotas ?? before?.quotas
                retention[collection.name] = collection.retention ?? before?.retention
            }
        }

        /// The schema with bounds that hold nothing.
        func unbounded(_ schema: Schema) -> Schema {
            var schema = schema
            for place in schema.collections.indices {
                let name = schema.collections[place].name
                if quotas[name] != nil { schema.collections[place].quotas = [] }
                if retention[name] != nil {
                    schema.collections[place].retention = RetentionRule()
                }
            }
            return schema
        }

        /// Defines the schema with what is to hold.
        func define(again schema: Schema, _ door: any BlockingDoor) throws(MnemeError) {
            if quotas.isEmpty, retention.isEmpty { return }
            var schema = schema
            for place in schema.collections.indices {
                let name = schema.collections[place].name
                schema.collections[place].quotas = quotas[name]
                schema.collections[place].retention = retention[name]
            }
            try door.define(schema)
        }
    }

    private static func schema(of step: RowStep, _ path: String) throws(Failure) -> Schema {
        guard case .row(let row) = step, let schema = row.members["schema"] else {
            throw Failure(
                "\(path) does not begin with a line {\"schema\": …}: it is no export of mneme. For "
                    + "other files give a mapping (--mapping)."
            )
        }
        guard case .int(let version)? = row.members["version"], version >= 1 else {
            throw Failure("\(path), \(row.place): the version of the export is missing.")
        }
        guard version <= StoreExport.version else {
            throw Failure(
                "\(path) is of version \(version), and this program reads up to "
                    + "\(StoreExport.version). Use a newer one.",
                code: .newerFormat
            )
        }
        do {
            return try Schema(spelling: schema)
        } catch {
            throw Failure("\(path), \(row.place): \(error.message)", code: error.code)
        }
    }

    /// Edges have no keys: put twice, they would be there twice.
    private static func checkEmpty(
        _ door: any BlockingDoor,
        _ schema: Schema,
        _ path: String
    ) throws {
        let there = try door.statistics()
        let full =
            schema.collections.map(\.name).filter { there.records[$0, default: 0] > 0 }
            + schema.edgeTypes.map(\.name).filter { there.edges[$0, default: 0] > 0 }
        guard full.isEmpty else {
            throw Failure(
                "The store has records or edges of \(listed(full)) already. An export is imported "
                    + "where there are none: import \(path) into a new store.",
                code: .exists
            )
        }
    }

    private static func end(_ counts: Value) throws(Failure) -> StoreExport.Counts {
        var members = try MappingMembers(counts, "end")
        var end = StoreExport.Counts()
        end.records = Int(try members.required("records").int ?? -1)
        end.edges = Int(try members.required("edges").int ?? -1)
        try members.finish()
        return end
    }

    /// Fields as they are given, so that they come to be what they were: what is generated is left
    /// to the store, and what was null and would be filled in is given as null.
    private static func given(_ exported: [String: Value], _ fields: [Field]) -> [String: Value] {
        var given = exported
        for field in fields {
            if field.generated != nil {
                given.removeValue(forKey: field.name)
            } else if given[field.name] == nil, field.standard != nil || field.fill != nil,
                !field.isRequired
            {
                given.updateValue(.null, forKey: field.name)
            }
        }
        return given
    }

    private static func change(
        _ members: [String: Value],
        _ known: (records: [String: [Field]], edges: [String: [Field]])
    ) throws(Failure) -> MadeChange? {
        do {
            if let spelling = members["record"], members.count <= 2 {
                let record = try Record(spelling: spelling)
                let fields = given(
                    record.fields,
                    known.records[record.reference.collection] ?? []
                )
                var put = Put(record.reference.collection, record.reference.key, fields)
                switch members["expiresAt"] {
                case nil: break
                case .instant(let instant)?: put.expiresAt = instant
                case let other?:
                    throw Failure("\"expiresAt\" takes an instant and got \(other.shown)")
                }
                if members.count == 1 || put.expiresAt != nil {
                    return .record(.put(put), in: put.collection)
                }
            } else if let spelling = members["edge"], members.count == 1 {
                let edge = try Edge(spelling: spelling)
                let fields = given(edge.fields, known.edges[edge.type] ?? [])
                return .edge(Link(edge.type, from: edge.from, to: edge.to, fields: fields))
            }
        } catch let error as MnemeError {
            throw Failure(error.message, code: error.code)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("\(error)")
        }
        throw Failure(
            "a line {\"record\": …}, {\"record\": …, \"expiresAt\": …}, {\"edge\": …} or {\"end\": "
                + "…} "
                + "should be here, and not one of \(listed(members.keys.sorted()))"
        )
    }
}
