// mneme supersede, pin, touch, why: single memories, what takes their place, where they come from

internal import Mneme
internal import MnemeCommandLine

/// What the verbs on memories by key share.
enum FactArguments {
    static let collection = Parameter(
        option: "collection",
        .text("NAME"),
        "the collection",
        default: "memories"
    )
    static let keys = Parameter<[String]>(rest: "KEY", .text("KEY"), "the keys of the memories")
    static let key = Parameter(argument: "KEY", .text("KEY"), "the memory's key")

    /// The keys that are given, in the kind that the collection has.
    ///
    /// - Throws: `CommandLineError` where none is; as `RecordArguments.reference`.
    static func keys(
        _ invocation: Invocation,
        in memory: any BlockingDoor
    ) throws -> [Key] {
        guard !invocation[keys].isEmpty else {
            throw CommandLineError("Name the memories: give at least one KEY.")
        }
        return try RecordArguments.keys(invocation[keys], of: invocation[collection], in: memory)
    }
}

/// Has a memory take another one's place as what is true.
enum SupersedeVerb {
    private static let text = Parameter(
        argument: "TEXT",
        .text("TEXT"),
        "what is true from then on; - reads it from standard input"
    )
    private static let owner = Parameter(
        required: "owner",
        .text("OWNER"),
        "whose both are"
    )
    private static let key = Parameter<String?>(
        option: "key",
        .text("KEY"),
        "the key of the new one; one is made where none is given"
    )
    private static let kind = Parameter(
        option: "kind",
        .word(MemoryKind.self),
        "what kind of memory the new one is",
        default: .semantic
    )
    private static let at = Parameter<Instant?>(
        option: "at",
        .instant(),
        "from when on it is true; now where it is not given"
    )
    private static let by = Parameter(
        option: "by",
        .text("TYPE"),
        "the type of the edge from the new one to the old",
        default: "SUPERSEDES"
    )
    private static let reason = Parameter<String?>(
        option: "reason",
        .text("TEXT"),
        "why, for the edge and for the history of a collection that keeps one"
    )

    static let command = Command(
        "supersede",
        "Ends what a memory says is true, and remembers what is true instead",
        details: [
            "The old one stays, and questions of that time find it: find with \"asOf\". What else "
                + "the owner has that is near to the new one is told, as it may contradict it."
        ],
        parameters: [FactArguments.key.declaration, text.declaration]
            + StoreOption.declarations + [
                owner.declaration, FactArguments.collection.declaration, key.declaration,
                kind.declaration, at.declaration, by.declaration, reason.declaration,
                GivenOnce.key.declaration, StoreOption.durability.declaration,
            ],
        examples: [
            "supersede tea \"Ada takes her tea with lemon now.\" --owner ada "
                + "--reason \"she said so\" --store notes.mneme"
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let collection = invocation[FactArguments.collection]
        let text = try GivenText.read(invocation[text])
        try StoreOption.with(invocation) { memory in
            func typed(_ key: String) throws -> Key {
                try RecordArguments.reference(collection, key, in: memory).key
            }
            var new = Remember(
                text,
                owner: invocation[owner],
                key: try invocation[key].map(typed),
                kind: invocation[kind]
            )
            new.collection = collection
            let revision = Revision(
                try typed(invocation[FactArguments.key]),
                new,
                at: invocation[at],
                by: invocation[by],
                reason: invocation[reason]
            )
            let response = try memory.perform(
                GivenOnce.request(.supersede(revision), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { RememberedLayout.lines(response, "True now:") }
        }
    }
}

/// Keeps memories from fading.
enum PinVerb {
    private static let off = Parameter(flag: "off", "lets them fade again")

    static let command = Command(
        "pin",
        "Keeps memories from fading, from being pruned and from giving way",
        details: ["Ends with status 1 where one of them is not there, and changes nothing then."],
        parameters: [FactArguments.keys.declaration] + StoreOption.declarations + [
            FactArguments.collection.declaration, off.declaration, GivenOnce.key.declaration,
            StoreOption.durability.declaration,
        ],
        examples: [
            "pin tea --store notes.mneme",
            "pin tea --off --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let pin = Pin(
                try FactArguments.keys(invocation, in: memory),
                in: invocation[FactArguments.collection],
                isPinned: !invocation[off]
            )
            let response = try memory.perform(
                GivenOnce.request(.pin(pin), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) {
                let count = Figures.count(pin.keys.count, "memory", "memories")
                return [pin.isPinned ? "Pinned \(count)." : "\(count) may fade again."]
            }
        }
    }
}

/// Says that memories were used.
enum TouchVerb {
    private static let reinforcement = Parameter(
        option: "reinforcement",
        .float(in: 0...1_000_000),
        "what this use adds: with the sum r a memory fades 1 + r times as slowly",
        default: 1
    )

    static let command = Command(
        "touch",
        "Says that memories were used, which has them fade more slowly",
        details: ["Ends with status 1 where one of them is not there; the others are touched."],
        parameters: [FactArguments.keys.declaration] + StoreOption.declarations + [
            FactArguments.collection.declaration, reinforcement.declaration,
            StoreOption.durability.declaration,
        ],
        examples: ["touch tea --reinforcement 2 --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let touch = Touch(
                try FactArguments.keys(invocation, in: memory),
                in: invocation[FactArguments.collection],
                reinforcement: invocation[reinforcement]
            )
            let response = try memory.perform(
                .touch(touch),
                durability: StoreOption.durability(invocation)
            )
            guard case .touched(let touched) = response else { return }
            let told = Array(zip(touch.keys, touched.accesses))
            Output(invocation).put(response) {
                told.compactMap { key, access in
                    guard let access else { return nil }
                    return "\(key) was used \(Figures.count(access.count, "time")); "
                        + "reinforcement \(Figures.decimal(access.reinforcement, digits: 2))."
                }
            }
            let missing = told.filter { $0.1 == nil }.map { $0.0.description }
            guard !missing.isEmpty else { return }
            throw Failure(
                "\(missing.joined(separator: ", ")): not there in \(touch.collection), and not "
                    + "touched. Check the collection and the key.",
                code: .notFound
            )
        }
    }
}

/// Says where a memory comes from.
enum WhyVerb {
    private static let depth = Parameter(
        option: "depth",
        .int(in: 1...64),
        "how many steps back are taken",
        default: 8
    )

    static let command = Command(
        "why",
        "Shows where a memory comes from",
        details: [
            "Its sources, what it took the place of or was derived from, and its session; then "
                + "where these come from."
        ],
        parameters: [FactArguments.key.declaration] + StoreOption.readingDeclarations + [
            FactArguments.collection.declaration, depth.declaration,
        ],
        examples: ["why lemon --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let reference = try RecordArguments.reference(
                invocation[FactArguments.collection],
                invocation[FactArguments.key],
                in: memory
            )
            let provenance = try memory.why(
                Why(reference.key, in: reference.collection, depth: invocation[depth])
            )
            Output(invocation).put(.provenance(provenance)) {
                FactLayout.lines(provenance)
            }
        }
    }
}
