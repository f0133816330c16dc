// mneme procedure and document put, get, list, search, delete; mneme procedure use: values under
// names. Both nouns have the same verbs, made here of one declaration.

internal import Mneme
internal import MnemeCommandLine

/// The verbs of one of the two nouns.
struct NamedVerbs: Sendable {
    private let noun: String
    private let several: String
    private let request: @Sendable (NamedCall) -> Request

    /// Every verb of both nouns.
    static let commands: [Command] = {
        let procedures = NamedVerbs(noun: "procedure", several: "procedures") { .procedure($0) }
        let documents = NamedVerbs(noun: "document", several: "documents") { .document($0) }
        return procedures.both + [procedures.use] + documents.both
    }()

    private var both: [Command] { [put, get, list, search, delete] }

    private static let owner = OwnerOption.its
    private static let name = Parameter(argument: "NAME", .text("NAME"), "its name")
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells what would go, and changes nothing"
    )
    private static let names = Parameter<[String]>(rest: "NAME", .text("NAME"), "their names")
    private static let value = Parameter(
        argument: "VALUE",
        .text("VALUE"),
        "an object or an array as JSON, or else a text; - reads it from standard input"
    )
    private static let text = Parameter<String?>(
        option: "text",
        .text("TEXT"),
        "what it is found by; its name and the texts in the value where it is not given"
    )
    private static let type = Parameter<String?>(
        option: "type",
        .text("TYPE"),
        "what kind it is, such as style"
    )
    private static let tags = Parameter<[String]>(
        repeated: "tag",
        .text("TAG"),
        "a word to find it by"
    )
    private static let question = Parameter(
        argument: "QUESTION",
        .text("QUESTION"),
        "what it is to say or mean"
    )
    private static let prefix = Parameter<String?>(
        option: "prefix",
        .text("TEXT"),
        "those whose names start so"
    )
    private static let filter = Parameter<String?>(
        option: "where",
        .text("JSON"),
        "only those for which this holds, such as '{\"type\": \"style\"}'"
    )
    private static let bestFirst = Parameter(
        flag: "best-first",
        "by merit, the success that is to be expected of them, and not by name"
    )
    private static let after = Parameter<String?>(
        option: "after",
        .text("CURSOR"),
        "goes on where an answer ended"
    )
    private static let failed = Parameter(flag: "failed", "it did not succeed")

    private static func limit(_ standard: Int) -> Parameter<Int> {
        Parameter(
            option: "limit",
            .int(in: 0...Int.max),
            "the most that are shown",
            default: standard
        )
    }
    private static let listLimit = limit(100)
    private static let searchLimit = limit(10)

    private var put: Command {
        Command(
            "\(noun) put",
            "Puts a \(noun), in the place of the one of its name",
            details: [
                "A name is one of its kind with its owner. The store is created when it is not "
                    + "there."
            ],
            parameters: [Self.name.declaration, Self.value.declaration]
                + StoreOption.declarations + [
                    Self.owner.declaration, Self.text.declaration, Self.type.declaration,
                    Self.tags.declaration, GivenOnce.key.declaration,
                    StoreOption.durability.declaration,
                ],
            examples: [
                "\(noun) put greeting '{\"steps\": [\"wave\", \"say hello\"]}' --owner ada "
                    + "--text \"How to greet people\" --type style --store notes.mneme"
            ]
        ) { invocation in
            let value = NamedValue(
                invocation[Self.name],
                try Self.given(invocation[Self.value]),
                text: invocation[Self.text],
                type: invocation[Self.type],
                tags: invocation[Self.tags]
            )
            try perform(.put([value]), invocation, creating: true) { _ in
                ["Put \(noun) \(value.name) of \(invocation[Self.owner])."]
            }
        }
    }

    private var get: Command {
        Command(
            "\(noun) get",
            "Shows \(several) by their names",
            parameters: [Self.names.declaration] + StoreOption.readingDeclarations
                + [Self.owner.declaration],
            examples: ["\(noun) get tea --owner ada --store notes.mneme"]
        ) { invocation in
            let names = try named(invocation, "show")
            try perform(.get(names), invocation) { response in
                guard case .records(let records) = response else { return [] }
                return zip(names, records).flatMap { name, record in
                    record.map { ValueLayout.lines($0) }
                        ?? ["\(name): there is none of this name with \(invocation[Self.owner])."]
                }
            }
        }
    }

    private var list: Command {
        Command(
            "\(noun) list",
            "Lists \(several) of an owner and those below it",
            parameters: StoreOption.readingDeclarations + [
                Self.owner.declaration, Self.prefix.declaration, Self.filter.declaration,
                Self.listLimit.declaration, Self.after.declaration,
            ] + (noun == "procedure" ? [Self.bestFirst.declaration] : []),
            examples: ["\(noun) list --owner ada --prefix te --store notes.mneme"]
        ) { invocation in
            let list = NamedList(
                prefix: invocation[Self.prefix] ?? "",
                where: try Self.filter(invocation),
                bestFirst: noun == "procedure" && invocation[Self.bestFirst],
                limit: invocation[Self.listLimit],
                after: invocation[Self.after]
            )
            try perform(.list(list), invocation) { response in
                guard case .found(let found) = response else { return [] }
                let next = found.next.map { ["There may be more: ask again with --after \($0)."] }
                return table(found, isScored: false) + (next ?? [])
            }
        }
    }

    private var search: Command {
        Command(
            "\(noun) search",
            "Finds \(several) by what they say and mean",
            parameters: [Self.question.declaration] + StoreOption.readingDeclarations + [
                Self.owner.declaration, Self.filter.declaration, Self.searchLimit.declaration,
            ],
            examples: [
                "\(noun) search \"How does Ada like her tea?\" --owner ada --store notes.mneme"
            ]
        ) { invocation in
            let search = NamedSearch(
                invocation[Self.question],
                where: try Self.filter(invocation),
                limit: invocation[Self.searchLimit]
            )
            try perform(.search(search), invocation) { response in
                guard case .found(let found) = response else { return [] }
                return table(found, isScored: true)
            }
        }
    }

    private var delete: Command {
        Command(
            "\(noun) delete",
            "Deletes \(several) by their names",
            parameters: [Self.names.declaration] + StoreOption.declarations + [
                Self.owner.declaration, Self.isDry.declaration,
                StoreOption.durability.declaration,
            ],
            examples: [
                "\(noun) delete tea --owner ada --dry-run --store notes.mneme",
                "\(noun) delete tea --owner ada --store notes.mneme",
            ]
        ) { invocation in
            let names = try named(invocation, "delete")
            if invocation[Self.isDry] {
                return try perform(.get(names), invocation) { response in
                    guard case .records(let records) = response else { return [] }
                    return zip(names, records).map { name, record in
                        let fate = record == nil ? "is not there" : "would go"
                        return "\(name) \(fate); nothing was changed."
                    }
                }
            }
            try perform(.delete(names), invocation) { response in
                guard case .deletedWhere(let deleted) = response else { return [] }
                guard deleted.count > 0 else { return ["Not there; nothing was deleted."] }
                return ["Deleted \(Figures.count(deleted.count, noun))."]
            }
        }
    }

    private var use: Command {
        Command(
            "\(noun) use",
            "Counts that a \(noun) was used, and whether it succeeded",
            details: [
                "list --best-first orders by merit: (successes + 1) / (uses + 2), so that nine of "
                    + "ten come before one of one."
            ],
            parameters: [Self.name.declaration] + StoreOption.declarations + [
                Self.owner.declaration, Self.failed.declaration, GivenOnce.key.declaration,
                StoreOption.durability.declaration,
            ],
            examples: [
                "\(noun) use tea --owner ada --store notes.mneme",
                "\(noun) use tea --owner ada --failed --store notes.mneme",
            ]
        ) { invocation in
            let name = invocation[Self.name]
            let succeeded = !invocation[Self.failed]
            try perform(.use(name: name, succeeded: succeeded), invocation) { _ in
                ["Counted that \(name) \(succeeded ? "succeeded" : "did not succeed")."]
            }
        }
    }

    /// Asks a store, and prints what it answers.
    private func perform(
        _ what: NamedCall.What,
        _ invocation: Invocation,
        creating: Bool = false,
        _ lines: (Response) -> [String]
    ) throws {
        let call = request(NamedCall(invocation[Self.owner], what))
        try StoreOption.with(invocation, creating: creating) { memory in
            let response = try memory.perform(
                what.takesOnce ? GivenOnce.request(call, invocation) : call,
                durability: what.isChange ? StoreOption.durability(invocation) : nil
            )
            Output(invocation).put(response) { lines(response) }
        }
    }

    private func named(
        _ invocation: Invocation,
        _ verb: String
    ) throws(CommandLineError) -> [String] {
        let names = invocation[Self.names]
        guard !names.isEmpty else { throw CommandLineError("Name the \(several) to \(verb).") }
        return names
    }

    /// What is nearly JSON is not taken as a text: it would be kept, and nobody would notice.
    private static func given(_ text: String) throws -> Value {
        let text = try GivenText.read(text)
        guard let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first) else {
            return .text(text)
        }
        do throws(MnemeError) {
            return try Value(json: text)
        } catch {
            throw CommandLineError(GivenJSON.placed(error.message, in: "VALUE"), code: error.code)
        }
    }

    private static func filter(_ invocation: Invocation) throws(CommandLineError) -> Filter? {
        guard let text = invocation[filter] else { return nil }
        return try GivenJSON.noun(text, as: "--where")
    }

    private func table(_ found: Found, isScored: Bool) -> [String] {
        guard !found.rows.isEmpty else { return ["There are no such \(several)."] }
        let hasMerit = noun == "procedure"
        var columns: [(String, TextTable.Alignment)] = [("name", .left), ("owner", .left)]
        if isScored { columns.insert(("score", .right), at: 0) }
        if hasMerit { columns += [("uses", .right), ("merit", .right)] }
        var table = TextTable(columns + [("type", .left), ("value", .left)])
        for row in found.rows {
            let record = row.record
            var cells = [record["name"], record["owner"]].map { $0.text?.shown ?? "" }
            if isScored {
                cells.insert(Figures.decimal(Double(row.score), digits: 3), at: 0)
            }
            if hasMerit {
                cells.append(Figures.count(Int(record["uses"].int ?? 0)))
                if case .float(let merit) = record["merit"] {
                    cells.append(Figures.decimal(merit, digits: 2))
                } else {
                    cells.append("")
                }
            }
            let value = ValueLayout.line(record["value"]).shown
            table.add(cells + [record["type"].text?.shown ?? "", value])
        }
        return table.lines()
    }
}
