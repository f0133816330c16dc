// What a store holds, and how much of it, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets schemas in lines.
enum SchemaLayout {
    /// The collections with their fields and indexes, then the edge types.
    static func lines(_ schema: Schema) -> [String] {
        var lines = schema.collections.flatMap { self.lines($0) + [""] }
        guard !schema.edgeTypes.isEmpty else {
            return lines.isEmpty ? ["Nothing is defined yet."] : lines.dropLast()
        }
        var table = TextTable([
            ("edge type", .left), ("from", .left), ("to", .left), ("fields", .left),
        ])
        for type in schema.edgeTypes {
            let fields = type.fields.map { "\($0.name): \(name(of: $0.type))" }
            let parts = [fields.joined(separator: ", ")] + rules(of: type)
            table.add([
                type.name, type.from ?? "any", type.to ?? "any",
                parts.filter { !$0.isEmpty }.joined(separator: "; "),
            ])
        }
        lines += table.lines()
        return lines
    }

    private static func lines(_ collection: Collection) -> [String] {
        var table = TextTable([("field", .left), ("type", .left), ("notes", .left)], indent: 2)
        table.add(["(key)", collection.key.rawValue, ""])
        let roles = roles(of: collection)
        for field in collection.fields {
            var notes = roles[field.name].map { ["the \($0)"] } ?? []
            if field.isRequired { notes.append("required") }
            if field.isSearchable { notes.append("searchable") }
            table.add([field.name, name(of: field.type), notes.joined(separator: ", ")])
        }
        return ["collection \(collection.name)"] + table.lines()
            + collection.indexes.map { index in
                let fields = index.fields.map { part in
                    part.path.description + (part.isFolded ? " folded" : "")
                        + (part.isDescending ? " descending" : "")
                }
                return "  \(index.isUnique ? "unique " : "")index \(index.name) on "
                    + fields.joined(separator: ", ")
                    + (index.condition.map { " where \($0)" } ?? "")
                    + (index.hasDistinctNulls ? ", nulls distinct" : "")
            }
            + collection.references.map { rule in
                let on = rule.on.isEmpty ? "" : " by \(rule.on.joined(separator: ", "))"
                return "  reference \(rule.name): \(rule.fields.joined(separator: ", ")) names "
                    + "\(rule.to)\(on); a delete there \(effect(of: rule.onDelete))"
            }
    }

    private static func effect(of rule: ReferenceRule.OnDelete) -> String {
        switch rule {
        case .restrict: "is refused"
        case .cascade: "deletes here too"
        case .setNull: "takes the name out"
        }
    }

    private static func rules(of type: EdgeType) -> [String] {
        (type.isUnique ? ["one between two records"] : [])
            + (type.isUndirected ? ["the same both ways"] : [])
            + (type.allowsLoops ? [] : ["no loops"])
    }

    private static func roles(of collection: Collection) -> [String: String] {
        let roles = collection.roles
        let named: [(String?, String)] = [
            (roles.owner, "owner"), (roles.text, "text"), (roles.time, "time"),
            (roles.importance, "importance"), (roles.decayRate, "decay rate"),
            (roles.pinned, "pin"), (roles.session, "session"), (roles.position, "position"),
            (roles.speaker, "speaker"), (roles.deletedAt, "deleted at"), (roles.active, "active"),
            (roles.archivedAt, "archived at"), (roles.archived, "archived"),
        ]
        var byField: [String: String] = [:]
        for case (let field?, let role) in named { byField[field] = role }
        return byField
    }

    private static func name(of type: FieldType) -> String {
        switch type {
        case .oneOf(let texts): "one of \(texts.joined(separator: ", "))"
        case .array(let element): "array of \(name(of: element))"
        case .vector(let vector):
            "vector of \(vector.dimension), \(vector.element.rawValue), \(vector.metric.rawValue)"
        case .bool, .int, .float, .text, .bytes, .uuid, .instant, .date, .json: "\(type)"
        }
    }
}

/// Sets counts and sizes in lines.
enum StatisticsLayout {
    /// Counts and, where they are wanted, sizes of files; the types of edges with their counts, the
    /// most frequent one first.
    static func lines(_ statistics: Statistics, withFiles showsFiles: Bool = true) -> [String] {
        var figures = TextTable([("figure", .left), ("value", .right)])
        for (name, count) in statistics.records.sorted(by: { $0.key < $1.key }) {
            figures.add(["records of \(name)", Figures.count(count)])
        }
        for (name, count) in statistics.vectors.sorted(by: { $0.key < $1.key }) {
            figures.add(["of these with \(name)", Figures.count(count)])
        }
        let edges = statistics.edges.values.reduce(0, +)
        figures.add(["edges", Figures.count(edges)])
        figures.add(["owners ever seen", Figures.count(statistics.owners)])
        if showsFiles {
            figures.add(["log", Figures.bytes(statistics.logBytes)])
            figures.add(["page file", Figures.bytes(statistics.pageBytes)])
            figures.add(["unused in the page file", Figures.bytes(statistics.freePageBytes)])
        }
        figures.add(["pages in memory", Figures.bytes(statistics.residentPageBytes)])
        figures.add(["runs of the text index", Figures.count(statistics.textRuns)])
        if let archived = statistics.archived {
            figures.add(["archived records", Figures.count(archived.records)])
            figures.add(["of these in cold segments", Figures.count(archived.coldRecords)])
        }
        if let age = statistics.oldestSnapshotMicroseconds {
            figures.add(["oldest state that is still read", "\(age / 1_000_000) s behind"])
        }
        figures.add(["newest commit", Figures.count(Int(clamping: statistics.sequence))])
        var lines = figures.lines()
        if !statistics.edges.isEmpty {
            let types = statistics.edges.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let listed = types.map { "\($0.key) \(Figures.count($0.value))" }
            lines += ValueLayout.block(listed.joined(separator: ", "), behind: "edge types: ")
        }
        for build in statistics.indexes {
            let name = "\(build.collection).\(build.name)"
            let (done, all) = (Figures.count(build.done), Figures.count(build.of))
            lines += ValueLayout.block(
                build.failure.map { "\(name), given up: \($0)" } ?? "\(name), \(done) of \(all)",
                behind: "built behind: "
            )
        }
        if let failure = statistics.upkeepFailure {
            lines += ValueLayout.block(failure, behind: "the work behind failed: ")
        }
        for damage in statistics.damage { lines += ValueLayout.block(damage, behind: "✗ ") }
        return lines
    }
}
