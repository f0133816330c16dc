// mneme remember

internal import Mneme
internal import MnemeCommandLine

/// Remembers one text.
enum RememberVerb {
    private static let text = Parameter(
        argument: "TEXT",
        .text("TEXT"),
        "what is remembered; - reads it from standard input"
    )
    private static let owner = OwnerOption.its
    private static let key = Parameter<String?>(
        option: "key",
        .text("KEY"),
        "its key; one is made where none is given"
    )
    private static let kind = Parameter(
        option: "kind",
        .word(MemoryKind.self),
        "what kind of memory it is",
        default: .episodic
    )
    private static let time = Parameter<Instant?>(
        option: "time",
        .instant(),
        "when it happened; now where it is not given"
    )
    private static let importance = Parameter(
        option: "importance",
        .float(in: 0...1),
        "how important it is",
        default: 0.5
    )
    private static let pinned = Parameter(flag: "pinned", "it never fades")
    private static let session = Parameter<String?>(
        option: "session",
        .text("SESSION"),
        "the session that it belongs to"
    )
    private static let position = Parameter<Int?>(
        option: "position",
        .int(in: Int.min...Int.max),
        "where it stands in its session"
    )
    private static let speaker = Parameter<String?>(
        option: "speaker",
        .text("SPEAKER"),
        "who said it"
    )
    private static let tags = Parameter<[String]>(
        repeated: "tag",
        .text("TAG"),
        "a word to find it by"
    )
    private static let data = Parameter<String?>(
        option: "data",
        .text("JSON"),
        "anything else that is kept with it"
    )

    private static let links = Parameter<[KeyedText]>(
        repeated: "link",
        .pair("TYPE", "KEY"),
        "an edge of this type to the memory of this key"
    )
    private static let expires = Parameter<Instant?>(
        option: "expires",
        .instant("INSTANT"),
        "when it is not there any more"
    )
    private static let insert = Parameter(
        flag: "insert",
        "is refused where the key is taken, instead of replacing the memory"
    )

    static let command = Command(
        "remember",
        "Remembers a text",
        details: [
            "The text is embedded and its words are indexed, so that recall finds it by meaning "
                + "and by word. The store is created when it is not there.",
            "Keys of memories are one namespace, whoever owns them.",
        ],
        parameters: [text.declaration] + StoreOption.declarations + [
            owner.declaration, key.declaration, kind.declaration, time.declaration,
            importance.declaration, pinned.declaration, session.declaration, position.declaration,
            speaker.declaration, tags.declaration, data.declaration, links.declaration,
            expires.declaration, insert.declaration, GivenOnce.key.declaration,
            StoreOption.durability.declaration,
        ],
        examples: [
            "remember \"Ada takes her tea without milk.\" --owner ada --store notes.mneme",
            "remember - --owner ada --key letter --link mentions=tea --store notes.mneme "
                + "< letter.txt",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try GivenExpiry.check(invocation[expires])
        let remember = Remember(
            try GivenText.read(invocation[text]),
            owner: invocation[owner],
            key: invocation[key].map(Key.text),
            kind: invocation[kind],
            time: invocation[time],
            importance: invocation[importance],
            isPinned: invocation[pinned],
            session: invocation[session],
            position: invocation[position].map(Int64.init),
            speaker: invocation[speaker],
            tags: invocation[tags],
            data: try invocation[data].map { .map(try GivenJSON.object($0, as: "--data")) }
                ?? .null,
            links: invocation[links].map { MemoryLink($0.name, to: .text($0.text)) },
            expiresAt: invocation[expires],
            mode: invocation[insert] ? .insert : .replaceOwned
        )
        try StoreOption.with(invocation, creating: true) { memory in
            let response = try memory.perform(
                GivenOnce.request(.remember([remember]), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { RememberedLayout.lines(response, "Remembered as") }
        }
    }
}
