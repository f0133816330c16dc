// mneme import jsonl

internal import Mneme
internal import MnemeCommandLine

/// Imports a file of JSON objects, one a line.
enum ImportLinesVerb {
    private static let file = Parameter(
        argument: "FILE",
        .text("FILE"),
        "a file of JSON objects, one a line"
    )
    private static let text = Parameter(
        option: "text",
        .text("MEMBER"),
        "the member with the text",
        default: "text"
    )
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("MEMBER"),
        "the member with the owner"
    )
    private static let ownedBy = Parameter<String?>(
        option: "owned-by",
        .text("OWNER"),
        "the owner of all of them, instead of --owner"
    )
    private static let key = member("key", "the key; keys are made where it is not given")
    private static let time = member("time", "the instant when it happened")
    private static let session = member("session", "the session")
    private static let position = member("position", "the place in the session, a whole number")
    private static let speaker = member("speaker", "the speaker")
    private static let importance = member("importance", "the importance, from 0 to 1")
    private static let tags = member("tags", "the tags, an array of texts")
    private static let vectors = Parameter<String?>(
        option: "vectors",
        .text("FILE.npy"),
        "your own vectors, a row for each line"
    )
    private static let vectorField = Parameter(
        option: "vector-field",
        .text("NAME"),
        "the field that they are kept in",
        default: "given"
    )
    private static let collection = Parameter<String?>(
        option: "collection",
        .text("NAME"),
        "puts records of this collection instead of memories: members are its fields"
    )

    private static func member(_ name: String, _ what: String) -> Parameter<String?> {
        Parameter(option: name, .text("MEMBER"), "the member with \(what)")
    }

    static let command = Command(
        "import jsonl",
        "Imports a file of JSON objects, one a line",
        details: [
            "Each object becomes a memory; the options say which member holds what. Members that "
                + "are not named are kept as the memory's data. The store is created when it is "
                + "not there.",
            "With --collection each object becomes a record of a collection that was defined "
                + "before; --key names the member with its key, all others are fields. Such "
                + "records are synced where --durability is not given, also on a server.",
            "A line that is wrong ends the import and is named; the lines before it are imported "
                + "and stay. A member that an option names, and that none of the first thousand "
                + "objects has, is refused before anything is imported.",
        ],
        parameters: [file.declaration] + StoreOption.declarations + [
            text.declaration, owner.declaration, ownedBy.declaration, key.declaration,
            time.declaration, session.declaration, position.declaration, speaker.declaration,
            importance.declaration, tags.declaration, vectors.declaration, vectorField.declaration,
            collection.declaration, StoreOption.durability.declaration,
        ],
        examples: [
            "import jsonl talk.jsonl --owner user --time at --key id --store notes.mneme",
            "import jsonl notes.jsonl --collection notes --key id --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let target = try target(invocation)
        let file = try InputFile(invocation[file])
        if case .memories(let mapping, _) = target { try mapping.check(against: file) }
        let total = try LineImport.count(file)
        let array = try invocation[vectors].map { try ArrayFile($0) }
        if let array, array.rowCount != total {
            throw Failure(
                "\(invocation[vectors] ?? "") has \(Figures.count(array.rowCount, "row")), and "
                    + "\(file.path) has \(Figures.count(total, "line"))."
            )
        }
        let watch = Stopwatch()
        try StoreOption.with(invocation, creating: !invocation.has(collection), takesLong: true) {
            memory in
            var meter = Tool.meter("import", unit: "objects", total: total, invocation)
            var lines = LineImport(file.path, as: target, vectors: array)
            defer { meter.finish() }
            try lines.run(file, into: memory, StoreOption.durability(invocation)) {
                meter.advance(to: $0)
            }
            let seconds = watch.seconds
            let count = lines.count
            meter.finish()
            Output(invocation).put(
                ["imported": ["objects": .int(Int64(count)), "seconds": .float(seconds)]]
            ) { ["Imported \(Figures.count(count, "object")) in \(Figures.seconds(seconds))."] }
        }
    }

    private static func target(_ invocation: Invocation) throws(CommandLineError) -> LineTarget {
        if let name = invocation[collection] {
            let isMapped =
                [owner, ownedBy, time, session, position, speaker, importance, tags, vectors]
                .contains { invocation.has($0) } || invocation.has(text)
            guard !isMapped else {
                throw CommandLineError(
                    "With --collection only --key is mapped; all other members are fields."
                )
            }
            return .records(name, key: invocation[key])
        }
        let source: FieldMapping.Owner
        switch (invocation[owner], invocation[ownedBy]) {
        case (let member?, nil): source = .member(member)
        case (nil, let path?): source = .constant(path)
        default:
            throw CommandLineError(
                "Say whose the memories are: --owner MEMBER or --owned-by OWNER, one of both."
            )
        }
        let mapping = FieldMapping(
            text: invocation[text],
            owner: source,
            key: invocation[key],
            time: invocation[time],
            session: invocation[session],
            position: invocation[position],
            speaker: invocation[speaker],
            importance: invocation[importance],
            tags: invocation[tags]
        )
        return .memories(
            mapping,
            vectors: invocation.has(vectors) ? invocation[vectorField] : nil
        )
    }
}
