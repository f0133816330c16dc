// mneme define, describe

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Defines collections and edge types.
enum DefineVerb {
    private static let given = Parameter(
        argument: "FILE",
        .text("FILE"),
        "a JSON file with collections and edges, or the JSON itself"
    )

    /// A schema to start from.
    static let example =
        "{\"collections\": [{\"name\": \"notes\", \"key\": \"text\", \"fields\": "
        + "[{\"name\": \"title\", \"type\": \"text\", \"searchable\": true}, {\"name\": "
        + "\"stars\", \"type\": \"int\"}], \"indexes\": [{\"name\": \"by_stars\", "
        + "\"fields\": [\"stars\"]}]}], \"edges\": [{\"name\": \"cites\"}]}"

    static let command = Command(
        "define",
        "Defines collections, edge types, fields and indexes",
        details: [
            "What is defined is added to what is there; what is there already stays, and that is "
                + "said. The store is created when it is not there.",
            "A file: " + example,
        ],
        parameters: [given.declaration] + StoreOption.declarations,
        examples: [
            "define schema.json --store notes.mneme",
            "define '{\"collections\": [{\"name\": \"days\", \"fields\": []}]}' "
                + "--store notes.mneme",
        ],
        run: run
    )

    /// The schema in a file, or in the words themselves where they begin as an object does.
    private static func schema(_ given: String) throws -> Schema {
        if given.first == "{" { return try GivenJSON.noun(given, as: "JSON") }
        do {
            return try Schema(spelling: try Value(json: try InputFile(given).readAll()))
        } catch let error as MnemeError {
            throw Failure(GivenJSON.placed(error.message, in: given), code: error.code)
        }
    }

    private static func run(_ invocation: Invocation) throws {
        let given = invocation[given]
        let schema = try schema(given)
        let place = given.first == "{" ? "the JSON" : given
        try checkForNewStore(schema, invocation)
        try StoreOption.with(invocation, creating: true, takesLong: true) { memory in
            let before = try memory.describe()
            // Indexes are built of what is there.
            try Tool.metered("define", invocation) { try memory.define(schema) }
            let after = try memory.describe()
            Output(invocation).put(.done) {
                let news = SchemaNews.parts(of: after, since: before)
                if !news.isEmpty {
                    let line = "Defined \(news.joined(separator: ", "))."
                    return ValueLayout.block(line, behind: "")
                }
                let collections = schema.collections.map { "collection \($0.name)" }
                let types = schema.edgeTypes.map { "edge type \($0.name)" }
                let names = (collections + types).joined(separator: ", ")
                return [
                    names.isEmpty
                        ? "Nothing changed: there is nothing in \(place) to define."
                        : "Nothing changed: \(names) was there as it is in \(place)."
                ]
            }
        }
    }
}

extension DefineVerb {
    /// Holds a schema for a store that is not there yet against an empty one: what is refused is to
    /// leave no directory behind.
    fileprivate static func checkForNewStore(_ schema: Schema, _ invocation: Invocation) throws {
        guard !invocation.has(StoreOption.connect), let path = invocation[StoreOption.directory],
            !RealDisk().isDirectory(path)
        else { return }
        let store = try Memory.inMemory()
        try store.define(schema)
        try store.close()
    }
}

/// What one schema has and an earlier one had not.
enum SchemaNews {
    /// What is new, in words: whole collections and edge types, and of those that were there what
    /// has come to them.
    static func parts(of schema: Schema, since before: Schema) -> [String] {
        var parts: [String] = []
        for collection in schema.collections {
            let name = "collection \(collection.name)"
            guard let old = before.collections.first(where: { $0.name == collection.name }) else {
                parts.append(name)
                continue
            }
            if old == collection { continue }
            let news =
                added("field", collection.fields.map(\.name), old.fields.map(\.name))
                + changedFields(of: collection, since: old)
                + added("index", collection.indexes.map(\.name), old.indexes.map(\.name))
                + added("check", collection.checks.map(\.name), old.checks.map(\.name))
                + added("reference", collection.references.map(\.name), old.references.map(\.name))
                + changed("the roles", collection.roles != old.roles)
                + changed("the history", collection.history != old.history)
                + changed("the counting of usage", collection.countsUsage != old.countsUsage)
                + changed("the quotas", collection.quotas != old.quotas)
                + changed("the retention", collection.retention != old.retention)
                + changed("the recall", collection.recall != old.recall)
            parts.append(news.joined(separator: ", ") + " of " + name)
        }
        for type in schema.edgeTypes {
            let name = "edge type \(type.name)"
            guard let old = before.edgeTypes.first(where: { $0.name == type.name }) else {
                parts.append(name)
                continue
            }
            if old == type { continue }
            let news =
                added("index", type.indexes.map(\.name), old.indexes.map(\.name))
                + changed("the counting of usage", type.countsUsage != old.countsUsage)
                + changed("the history", type.history != old.history)
                + changed("validFrom", type.validFrom != old.validFrom)
                + changed("validTo", type.validTo != old.validTo)
            parts.append(news.joined(separator: ", ") + " of " + name)
        }
        return parts
    }

    private static func added(_ kind: String, _ names: [String], _ old: [String]) -> [String] {
        names.filter { !old.contains($0) }.map { "\(kind) \($0)" }
    }

    /// Fields that were there and say something else now: how they are searched, or their recall.
    private static func changedFields(
        of collection: Collection,
        since old: Collection
    ) -> [String] {
        collection.fields.compactMap { field in
            guard let known = old.field(field.name), known != field else { return nil }
            return "more of field \(field.name)"
        }
    }

    private static func changed(_ what: String, _ isOther: Bool) -> [String] {
        isOther ? [what] : []
    }
}

/// Shows what is defined.
enum DescribeVerb {
    static let command = Command(
        "describe",
        "Shows collections, fields, indexes and edge types",
        parameters: StoreOption.readingDeclarations,
        examples: ["describe --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let response = try memory.perform(.describe, durability: nil)
            Output(invocation).put(response) {
                guard case .schema(let schema) = response else { return [] }
                return SchemaLayout.lines(schema)
            }
        }
    }
}
