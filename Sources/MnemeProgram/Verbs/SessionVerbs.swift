// mneme session open, append, end: what changes a session

internal import Mneme
internal import MnemeCommandLine

/// What the verbs on one session share.
enum SessionArguments {
    static let id = Parameter(
        argument: "SESSION",
        .text("SESSION"),
        "the session's id, which session open tells, or was given"
    )
}

/// Gets an owner's session that is going on, or starts one.
enum SessionOpenVerb {
    private static let owner = Parameter(
        required: "owner",
        .text("OWNER"),
        "whose session it is, a path such as user/project"
    )
    private static let id = Parameter<String?>(
        option: "id",
        .text("ID"),
        "the id of the session where it is started; one is made where none is given"
    )
    private static let idle = Parameter(
        option: "idle",
        .int("MINUTES", in: 1...Int.max),
        "after how many minutes without an entry the one that is going on ends, and another starts",
        default: 60
    )
    private static let parent = Parameter<String?>(
        option: "parent",
        .text("SESSION"),
        "the session that it goes on from, of the same owner or of one above"
    )
    private static let agent = Parameter<String?>(
        option: "agent",
        .text("AGENT"),
        "who runs it"
    )
    private static let rest = Parameter<Int?>(
        option: "seconds-after-end",
        .int(in: 0...Int.max),
        "for how long after its end there is still what goes with it; for good where it is not "
            + "given"
    )
    private static let data = Parameter<String?>(
        option: "data",
        .text("JSON"),
        "anything else that is kept with it"
    )

    static let command = Command(
        "session open",
        "Gets the session of an owner that is going on, or starts one",
        details: [
            "An owner has one session at a time, and one more for each parent that it goes on "
                + "from. The terms of one that is going on stay what they were; with --id it has "
                + "to be the one of this id. The store is created when it is not there.",
            "With --json the answer has the id for programs.",
        ],
        parameters: StoreOption.declarations + [
            owner.declaration, id.declaration, idle.declaration, parent.declaration,
            agent.declaration, rest.declaration, data.declaration,
            StoreOption.durability.declaration,
        ],
        examples: [
            "session open --owner ada --id talk --idle 30 --store notes.mneme",
            "session open --owner ada/planning --parent talk --agent planner --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let terms = SessionTerms(
            parent: invocation[parent],
            agent: invocation[agent],
            secondsAfterEnd: invocation[rest],
            data: try invocation[data].map { .map(try GivenJSON.object($0, as: "--data")) }
                ?? .null,
            id: invocation[id]
        )
        let request = Request.openSession(
            owner: invocation[owner],
            idleMinutes: invocation[idle],
            terms
        )
        try StoreOption.with(invocation, creating: true) { memory in
            let response = try memory.perform(
                request,
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) {
                guard case .session(let session) = response else { return [] }
                return SessionLayout.lines(session)
            }
        }
    }
}

/// Adds an entry to a session.
enum SessionAppendVerb {
    private static let text = Parameter(
        argument: "TEXT",
        .text("TEXT"),
        "what was said; - reads it from standard input"
    )
    private static let speaker = Parameter<String?>(
        option: "speaker",
        .text("SPEAKER"),
        "who said it"
    )
    private static let kind = Parameter(
        option: "kind",
        .word(MemoryKind.self),
        "what kind of memory it is; what is kept for the session alone is working",
        default: .working
    )
    private static let lane = Parameter<String?>(
        option: "lane",
        .text("LANE"),
        "the part of the session that it is of, such as planning; main where it is not given"
    )
    private static let agent = Parameter<String?>(option: "agent", .text("AGENT"), "who made it")
    private static let tokens = Parameter<Int?>(
        option: "tokens",
        .int(in: 0...Int.max),
        "what it takes where it is sent, as your tokenizer counts"
    )
    private static let key = Parameter<String?>(
        option: "key",
        .text("KEY"),
        "its key; one is made where none is given"
    )
    private static let time = Parameter<Instant?>(
        option: "time",
        .instant(),
        "when it was said; now where it is not given"
    )

    static let command = Command(
        "session append",
        "Adds an entry to a session",
        details: [
            "Entries keep their order, and are memories like others: recall finds them, forget "
                + "forgets them. A session that has ended takes no more."
        ],
        parameters: [SessionArguments.id.declaration, text.declaration]
            + StoreOption.declarations + [
                speaker.declaration, kind.declaration, lane.declaration, agent.declaration,
                tokens.declaration, key.declaration, time.declaration,
                GivenOnce.key.declaration, StoreOption.durability.declaration,
            ],
        examples: [
            "session append talk \"Shall we have tea?\" --speaker ada --store notes.mneme",
            "session append talk - --lane planning --store notes.mneme < letter.txt",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var entry = Remember(
            try GivenText.read(invocation[text]),
            owner: "",
            key: invocation[key].map(Key.text),
            kind: invocation[kind],
            time: invocation[time],
            speaker: invocation[speaker]
        )
        entry.entry = EntryTraits(
            lane: invocation[lane],
            agent: invocation[agent],
            tokens: invocation[tokens].map(Int64.init)
        )
        let request = Request.appendToSession(
            id: invocation[SessionArguments.id],
            entries: [entry]
        )
        try StoreOption.with(invocation) { memory in
            let response = try memory.perform(
                GivenOnce.request(request, invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { RememberedLayout.lines(response, "Added as") }
        }
    }
}

/// Ends a session.
enum SessionEndVerb {
    private static let summary = Parameter<String?>(
        option: "summary",
        .text("TEXT"),
        "what it was about"
    )
    private static let flushes = Parameter(
        flag: "flush",
        "has its working entries become episodic, and an episode be left"
    )
    private static let facts = Parameter<[String]>(
        repeated: "fact",
        .text("TEXT"),
        "something to remember of it for good, as a semantic memory of its owner"
    )
    private static let changes = Parameter<String?>(
        option: "changes",
        .text("JSON"),
        "changes to make in the same commit, an array as that of commit"
    )

    static let command = Command(
        "session end",
        "Ends a session, and keeps what is to stay of it",
        details: [
            "All that is said here is done in one commit, or nothing of it. Without --flush its "
                + "working entries go with the session, --seconds-after-end of its opening later.",
            "Ending it twice changes nothing; one that ended by itself may be flushed afterwards.",
        ],
        parameters: [SessionArguments.id.declaration] + StoreOption.declarations + [
            summary.declaration, flushes.declaration, facts.declaration, changes.declaration,
            GivenOnce.key.declaration, StoreOption.durability.declaration,
        ],
        examples: [
            "session end talk --flush --summary \"About tea.\" --fact \"Ada likes tea.\" "
                + "--store notes.mneme",
            "session end talk --changes '[{\"patch\": {\"collection\": \"notes\", \"key\": "
                + "\"tea\", \"edits\": [{\"increment\": {\"stars\": 1}}]}}]' --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        var closing = SessionClosing(flushes: invocation[flushes])
        // Whose they are is what the session says.
        closing.facts = invocation[facts].map { Remember($0, owner: "", kind: .semantic) }
        if let text = invocation[changes] {
            closing.changes = try GivenJSON.nouns(text, as: "--changes")
        }
        let request = Request.endSession(
            id: invocation[SessionArguments.id],
            summary: invocation[summary],
            closing
        )
        try StoreOption.with(invocation) { memory in
            let response = try memory.perform(
                GivenOnce.request(request, invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) {
                guard case .session(let session) = response else { return [] }
                return SessionLayout.lines(session)
            }
        }
    }
}
