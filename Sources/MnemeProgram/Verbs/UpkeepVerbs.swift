// mneme upkeep, mneme prune: what somebody should judge, and what is too much

internal import Mneme
internal import MnemeCommandLine

/// Shows what somebody should judge.
enum UpkeepVerb {
    private static let kind = Parameter(
        argument: "KIND",
        .word(Upkeep.Kind.self),
        "duplicates, contradictions, fading or unlinked"
    )
    private static let owner = OwnerOption.scope
    private static let near = Parameter<Double?>(
        option: "near",
        .float(in: 0...1),
        "the cosine from which on two are near; 0.95 for duplicates, 0.8 for contradictions"
    )
    private static let below = Parameter(
        option: "below",
        .float(in: 0...1_000_000),
        "the strength below which one fades",
        default: 0.2
    )
    private static let limit = Parameter(
        option: "limit",
        .int(in: 1...1000),
        "the most that are shown",
        default: 50
    )
    private static let after = Parameter<String?>(
        option: "after",
        .text("KEY"),
        "goes on behind this key, as the page before says"
    )

    static let command = Command(
        "upkeep",
        "Shows memories that somebody should judge",
        details: [
            "duplicates are two memories of an owner that say nearly the same; contradictions two "
                + "that are near and say it in other words; fading those that hardly count any "
                + "more; unlinked those without an edge, a session and sources. Nothing is "
                + "changed: forget, supersede, pin and link do that."
        ],
        parameters: [kind.declaration] + StoreOption.readingDeclarations + [
            owner.declaration, FactArguments.collection.declaration, near.declaration,
            below.declaration, limit.declaration, after.declaration,
        ],
        examples: [
            "upkeep duplicates --owner ada --store notes.mneme",
            "upkeep fading --below 0.1 --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let collection = invocation[FactArguments.collection]
            let upkeep = Upkeep(
                invocation[kind],
                in: collection,
                owner: invocation[owner],
                near: invocation[near],
                below: invocation[below],
                limit: invocation[limit],
                after: try invocation[after].map {
                    try RecordArguments.reference(collection, $0, in: memory).key
                }
            )
            let candidates = try Tool.metered("upkeep", invocation) {
                try memory.upkeep(upkeep)
            }
            Output(invocation).put(.candidates(candidates)) { FactLayout.lines(candidates) }
        }
    }
}

/// Takes memories away until no more are left than there may be.
enum PruneVerb {
    private static let owner = OwnerOption.scope
    private static let records = Parameter<Int?>(
        option: "records",
        .int(in: 0...Int.max),
        "how many may be left"
    )
    private static let bytes = Parameter<Int?>(
        option: "bytes",
        .int(in: 0...Int.max),
        "how many bytes may be left"
    )
    private static let below = Parameter<Double?>(
        option: "below",
        .float(in: 0...1_000_000),
        "takes those away whose strength is below this"
    )
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells what would go, and changes nothing"
    )
    private static let erases = EraseOption.erases

    static let command = Command(
        "prune",
        "Takes away the weakest memories until no more are left than there may be",
        details: [
            "First goes what is not true any more, then the weakest; never what is pinned. Give "
                + "--records, --bytes or --below, one at least."
        ],
        parameters: StoreOption.declarations + [
            owner.declaration, FactArguments.collection.declaration, records.declaration,
            bytes.declaration, below.declaration, isDry.declaration, erases.declaration,
        ],
        examples: [
            "prune --owner ada --records 1 --dry-run --store notes.mneme",
            "prune --below 0.05 --collection memories --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard invocation.has(records) || invocation.has(bytes) || invocation.has(below) else {
            throw CommandLineError(
                "Say what may be left: --records N, --bytes N or --below STRENGTH."
            )
        }
        let prune = Prune(
            invocation[owner],
            in: invocation[FactArguments.collection],
            records: invocation[records],
            bytes: invocation[bytes],
            below: invocation[below],
            isDry: invocation[isDry],
            erases: invocation[erases]
        )
        try StoreOption.with(invocation, takesLong: true) { memory in
            let forgotten = try Tool.metered("prune", invocation) { try memory.prune(prune) }
            Output(invocation).put(.forgotten(forgotten)) {
                guard prune.erases, !prune.isDry else { return FactLayout.lines(forgotten) }
                return FactLayout.lines(forgotten)
                    + ErasureLayout.lines(erased: forgotten.count > 0, lacks: false)
            }
        }
    }
}
