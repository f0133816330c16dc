// What goes on at the cursor: verbs and options as they are declared, collections, fields and types
// of edges as they are defined, keys and values as they are there. It asks the store what a person
// could ask, and is silent where it may not, or where anything goes wrong.

internal import Mneme
internal import MnemeClient
internal import MnemeCommandLine

/// Completes statements for one store.
final class Completer {
    private let store: ShellStore
    private let program: Program
    private var schema: Schema?

    /// The most values that are asked for.
    private static let limit = 200

    /// A completer of the statements of a program.
    init(_ store: ShellStore, _ program: Program) {
        self.store = store
        self.program = program
    }

    /// Forgets what is defined, as a statement may have changed it.
    func forget() { schema = nil }

    /// What goes on behind a text.
    func completion(of text: String) -> Completion {
        let open = OpenWords(text)
        if open.words.isEmpty, open.word.hasPrefix("."), open.opening == .bare {
            return choose(OwnCommand.words, open.word, close: " ")
        }
        var words = open.words
        if words.first == program.name { words.removeFirst() }
        if words.first == "explain" { words.removeFirst() }
        let place = program.place(after: words, beginning: open.word)
        if open.opening == .bracket || open.word.first == "{" {
            return completion(ofJSON: open, at: place)
        }
        let known = place.choices.isEmpty ? values(at: place, open.word) : place.choices
        switch open.opening {
        case .bare:
            return choose(known.map(Self.escaped), Self.escaped(open.word), close: " ")
        case .quote(let quote): return choose(known, open.word, close: "\(quote) ")
        case .bracket: return .nothing
        }
    }

    // MARK: Words

    /// What may stand at a place of a command line, as the store knows it.
    private func values(at place: WordPlace, _ word: String) -> [String] {
        switch place.parameter {
        case "COLLECTION":
            guard let slash = word.firstIndex(of: "/") else {
                let takesKey =
                    program.command(at: [place.command ?? ""])
                    .map { $0.takes("KEY") } ?? false
                return collections + (takesKey && collections.contains(word) ? [word + "/"] : [])
            }
            return references(in: String(word[..<slash]), word)
        case "KEY":
            guard let collection = place.given["COLLECTION"]?.first else { return [] }
            return keys(of: collection, beginning: word)
        case "FROM", "TO", "REFERENCE", "ORDINAL", "--from", "--to", "--around":
            guard let slash = word.firstIndex(of: "/") else { return collections.map { $0 + "/" } }
            return references(in: String(word[..<slash]), word)
        case "--collection": return collections
        case "TYPE", "--type", "--types", "--edges": return known.edgeTypes.map(\.name)
        case "--field", "FIELD":
            let collection = place.given["COLLECTION"]?.first ?? place.given["--collection"]?.first
            return fields(of: collection)
        default: return []
        }
    }

    private func references(in collection: String, _ word: String) -> [String] {
        let beginning = String(word.dropFirst(collection.count + 1))
        return keys(of: collection, beginning: beginning).map { "\(collection)/\($0)" }
    }

    /// Characters that end a word, or mean something else, behind backslashes.
    private static func escaped(_ word: String) -> String {
        word.reduce(into: "") { text, character in
            if character.isWhitespace || "'\"\\".contains(character) { text += "\\" }
            text.append(character)
        }
    }

    // MARK: JSON

    private func completion(ofJSON open: OpenWords, at place: WordPlace) -> Completion {
        let json = JSONPlace(open.word)
        guard json.isInText else {
            guard json.isName else { return .nothing }
            return choose(names(at: json, place).map { "\"\($0)" }, "", close: "\": ")
        }
        if json.isName { return choose(names(at: json, place), json.begun, close: "\": ") }
        // What JSON would have to say in other words is left to be typed.
        let plain = texts(at: json, place).filter { !$0.contains("\"") && !$0.contains("\\") }
        return choose(plain, json.begun, close: "\"")
    }

    /// The path without what only names the request.
    private func path(_ json: JSONPlace, _ place: WordPlace) -> [String] {
        place.command == "perform" || place.command == nil
            ? Array(json.path.dropFirst()) : json.path
    }

    private func collection(_ json: JSONPlace, _ place: WordPlace) -> String? {
        json.texts["collection"] ?? place.given["COLLECTION"]?.first
    }

    /// The names that members may have.
    private func names(at json: JSONPlace, _ place: WordPlace) -> [String] {
        let isRequest = place.command == "perform" || place.command == nil
        if isRequest, json.path.isEmpty { return Request.verbs }
        let path = path(json, place)
        let verb = isRequest ? json.path.first ?? "" : place.command ?? ""
        guard let last = path.last else {
            if verb == "put" { return fields(of: collection(json, place)) }
            return RequestWords.members[verb] ?? []
        }
        if let members = RequestWords.parts[last] { return members }
        if last == "fields" || last == "patch" { return fields(of: collection(json, place)) }
        guard let filter = path.firstIndex(of: "where") else { return [] }
        let isField = !["where", "and", "or", "not"].contains(last)
        if isField, path.count > filter + 1 { return Comparison.operators }
        return fields(of: collection(json, place)) + ["$key", "$version", "and", "not", "or"]
    }

    /// The texts that may be values.
    private func texts(at json: JSONPlace, _ place: WordPlace) -> [String] {
        let path = path(json, place)
        guard let name = path.last else { return [] }
        switch name {
        case "collection": return collections
        case "edges", "type", "types": return known.edgeTypes.map(\.name)
        case "field", "order", "select", "by", "values":
            return fields(of: collection(json, place)) + ["$key"]
        default: break
        }
        guard path.contains("where"), let collection = collection(json, place) else { return [] }
        let field = path.last { !Comparison.operators.contains($0) && $0 != "not" }
        guard let field, field != "where" else { return [] }
        if field == "$key" { return keys(of: collection, beginning: json.begun) }
        return values(of: field, in: collection, beginning: json.begun)
    }

    // MARK: The store

    private var known: Schema {
        if let schema { return schema }
        guard case .schema(let asked)? = try? ask(.describe) else { return Schema() }
        schema = asked
        return asked
    }

    private var collections: [String] { known.collections.map(\.name) }

    private func fields(of collection: String?) -> [String] {
        known.collections.filter { collection == nil || $0.name == collection }
            .flatMap { $0.fields.map(\.name) }
    }

    private func keys(of collection: String, beginning: String) -> [String] {
        guard let known = known.collections.first(where: { $0.name == collection }) else {
            return []
        }
        var find = Find(collection, limit: Self.limit, select: [])
        if known.key == .text, !beginning.isEmpty {
            find.filter = .compare(field: "$key", .prefix(beginning))
        }
        guard case .found(let found)? = try? ask(.find(find)) else { return [] }
        return found.rows.map { $0.record.reference.key.description }
    }

    /// The texts that records have in a field.
    private func values(
        of field: String,
        in collection: String,
        beginning: String
    ) -> [String] {
        guard let known = known.collections.first(where: { $0.name == collection }),
            let type = known.fields.first(where: { $0.name == field })?.type
        else { return [] }
        if case .oneOf(let words) = type { return words }
        guard type == .text else { return [] }
        var find = Find(collection, limit: Self.limit)
        if !beginning.isEmpty { find.filter = .compare(field: field, .prefix(beginning)) }
        guard case .found(let found)? = try? ask(.find(find)) else { return [] }
        return found.rows.compactMap { $0.record.fields[field]?.text }.filter { $0.count <= 60 }
    }

    private func ask(_ request: Request) throws -> Response {
        // Not as part of a transaction: it would be held to what was looked at here.
        switch store.way {
        case .memory(let memory): try memory.perform(request, durability: nil)
        case .client(let client):
            try Bridge.wait(onTask: { _ in }) { () async throws(MnemeError) in
                try await client.perform(request, timeout: .seconds(2), durability: nil)
            }
        case nil: throw MnemeError(.closed, "The store is closed.")
        }
    }

    // MARK: Choosing

    /// What goes on behind what was typed: the rest of the one word that it may become and what
    /// ends it, what all of them have in common, or all of them.
    private func choose(_ words: [String], _ typed: String, close: String) -> Completion {
        // A control character would be a key of its own.
        let fitting = Set(words.filter { $0.hasPrefix(typed) && $0 == $0.shown })
            .filter { !$0.contains(where: \.isNewline) }.sorted()
        guard let first = fitting.first else { return .nothing }
        if fitting.count == 1 {
            let goesOn = first.hasSuffix("/")
            return .text(String(first.dropFirst(typed.count)) + (goesOn ? "" : close))
        }
        var common = first[...]
        for word in fitting.dropFirst() {
            common = common.prefix(zip(common, word).prefix { $0 == $1 }.count)
        }
        guard common.count > typed.count else { return .choices(fitting) }
        return .text(String(common.dropFirst(typed.count)))
    }
}

/// Words of requests, as they are spelled.
enum RequestWords {
    /// The members of what is asked most.
    static let members = [
        "find": [
            "after", "archived", "asOf", "budget", "collection", "deleted", "edges", "explain",
            "highlight", "knownAt", "limit", "match", "near", "offset", "order", "owner", "select",
            "where",
        ],
        "count": [
            "asOf", "by", "collection", "edges", "explain", "having", "knownAt", "limit", "order",
            "owner", "values", "where",
        ],
        "walk": [
            "asOf", "countOnly", "direction", "fanOut", "from", "hops", "knownAt", "limit", "only",
            "through", "types", "where",
        ],
        "path": [
            "asOf", "direction", "fanOut", "from", "hops", "knownAt", "through", "to", "types",
            "where",
        ],
        "recall": [
            "around", "collection", "distinct", "fusion", "hints", "hops", "layers", "limit",
            "minimumSimilarity", "owner", "question", "signals", "tokens", "touch", "vectors",
            "weights", "where", "zone",
        ],
        "commit": ["changes"],
    ]

    /// The members of parts that are the same wherever they stand.
    static let parts = [
        "near": ["beam", "exact", "field", "minimum", "model", "recall", "vector"],
        "match": [
            "field", "fields", "minimum", "must", "not", "operator", "query", "should",
            "statistics", "words",
        ],
        "order": ["descending", "field"],
        "changes": [
            "archive", "delete", "erase", "link", "patch", "put", "restore", "supersede",
            "unarchive", "unlink",
        ],
        "put": ["collection", "expiresAt", "fields", "key", "mode", "vectors"],
    ]
}
