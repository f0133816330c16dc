// mneme define, describe

internal import Mneme
internal import MnemeCommandLine

/// Defines collections and edge types.
enum DefineVerb {
    private static let file = Parameter(
        argument: "FILE",
        .text("FILE"),
        "a JSON file with collections and edges"
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
        parameters: [file.declaration] + StoreOption.declarations,
        examples: ["define schema.json --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let path = invocation[file]
        let bytes = try InputFile(path).readAll()
        let schema: Schema
        do {
            schema = try Schema(spelling: try Value(json: bytes))
        } catch {
            throw Failure(GivenJSON.placed(error.message, in: path), code: error.code)
        }
        try StoreOption.with(invocation, creating: true, takesLong: true) { memory in
            let before = try memory.perform(.describe, durability: nil)
            try memory.define(schema)
            let after = try memory.perform(.describe, durability: nil)
            Output(invocation).put(.done) {
                let collections = schema.collections.map { "collection \($0.name)" }
                let types = schema.edgeTypes.map { "edge type \($0.name)" }
                let names = (collections + types).joined(separator: ", ")
                if before != after { return ["Defined \(names)."] }
                return [
                    names.isEmpty
                        ? "Nothing changed: there is nothing in \(path) to define."
                        : "Nothing changed: \(names) was there as it is in \(path)."
                ]
            }
        }
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
