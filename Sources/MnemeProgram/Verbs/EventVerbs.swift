// mneme event schedule, due, claim, settle: what comes at a time

internal import Mneme
internal import MnemeCommandLine

/// What the verbs on events share.
private enum EventArguments {
    static let collection = Parameter(
        option: "collection",
        .text("NAME"),
        "the collection, one of your own with the roles of events, or events",
        default: "events"
    )
    static let owner = OwnerOption.scope
    static func lease(_ summary: String) -> Parameter<Int?> {
        Parameter<Int?>(option: "lease-seconds", .int(in: 0...2_592_000), summary)
    }
}

/// Puts an event that comes due.
enum EventScheduleVerb {
    private static let at = Parameter(
        argument: "AT",
        .instant("AT"),
        "when it is due, such as 2030-05-08T09:00:00Z"
    )
    private static let owner = Parameter<String?>(
        option: "owner",
        .text("OWNER"),
        "whose it is"
    )
    private static let key = Parameter<String?>(
        option: "key",
        .text("KEY"),
        "its key: an event of the same owner under it is scheduled anew; one is made where none "
            + "is given"
    )
    private static let payload = Parameter<String?>(
        option: "payload",
        .text("JSON"),
        "what it is about, an object"
    )
    private static let every = Parameter<String?>(
        option: "every",
        .text("RULE"),
        "how it comes again: hourly, daily, weekly, monthly, yearly, or a rule as JSON, such as "
            + "'{\"every\": \"month\", \"days\": [-1], \"zone\": \"Europe/Berlin\"}'"
    )
    private static let fields = Parameter<String?>(
        option: "fields",
        .text("JSON"),
        "the record's other fields, an object"
    )

    static let command = Command(
        "event schedule",
        "Puts an event that comes due at a time, once or again and again",
        details: [
            "What starts on the 31st comes on the last day of shorter months, and times of day "
                + "are by the clocks of the rule's zone. The store is created when it is not there."
        ],
        parameters: [at.declaration] + StoreOption.declarations + [
            owner.declaration, key.declaration, payload.declaration, every.declaration,
            fields.declaration, EventArguments.collection.declaration, GivenOnce.key.declaration,
            StoreOption.durability.declaration,
        ],
        examples: [
            "event schedule 2030-05-08T09:00:00Z --owner ada --payload '{\"ask\": \"how it "
                + "went\"}' --store notes.mneme",
            "event schedule 2030-01-31T09:00:00Z --owner ada --key rent --every monthly "
                + "--store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let collection = invocation[EventArguments.collection]
        let rule = try invocation[every].map { text throws -> Recurrence in
            do throws(MnemeError) {
                return try Recurrence(spelling: .text(text))
            } catch {
                throw CommandLineError(
                    GivenJSON.placed(error.message, in: "--every"),
                    code: error.code
                )
            }
        }
        try StoreOption.with(invocation, creating: true) { memory in
            let schedule = Schedule(
                at: invocation[at],
                owner: invocation[owner],
                key: try invocation[key].map {
                    try RecordArguments.reference(collection, $0, in: memory).key
                },
                payload: try invocation[payload].map {
                    .map(try GivenJSON.object($0, as: "--payload"))
                } ?? .null,
                recurrence: rule,
                fields: try invocation[fields].map { try GivenJSON.object($0, as: "--fields") }
                    ?? [:],
                in: collection
            )
            let response = try memory.perform(
                GivenOnce.request(.schedule([schedule]), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { EventLayout.lines(response) }
        }
    }
}

/// Shows which events are due.
enum EventDueVerb {
    private static let until = Parameter<Instant?>(
        option: "until",
        .instant(),
        "those that will be due by then; those that are due now where it is not given"
    )
    private static let limit = Parameter(
        option: "limit",
        .int(in: 1...10_000),
        "the most that are shown",
        default: 100
    )

    static let command = Command(
        "event due",
        "Shows which events are due, and changes nothing",
        parameters: StoreOption.readingDeclarations + [
            EventArguments.owner.declaration, until.declaration, limit.declaration,
            EventArguments.collection.declaration,
        ],
        examples: [
            "event due --store notes.mneme",
            "event due --owner ada --until 2040-01-01T00:00:00Z --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let question = DueQuestion(
            invocation[EventArguments.collection],
            owner: invocation[EventArguments.owner],
            until: invocation[until],
            limit: invocation[limit]
        )
        try StoreOption.with(invocation) { memory in
            let events = try memory.dueEvents(question)
            Output(invocation).put(.events(events)) { EventLayout.lines(.events(events)) }
        }
    }
}

/// Takes events that are due.
enum EventClaimVerb {
    private static let limit = Parameter(
        option: "limit",
        .int(in: 1...1000),
        "the most that are taken",
        default: 1
    )
    private static let lease = EventArguments.lease(
        "for how long they are the claimer's, 60 where it is not given; with 0 they are settled "
            + "at once"
    )

    static let command = Command(
        "event claim",
        "Takes events that are due, each for one claimer alone",
        details: [
            "Settle each by the lease that is shown. One that nobody settles is due again when "
                + "the lease is over, so that each is done at least once."
        ],
        parameters: StoreOption.declarations + [
            EventArguments.owner.declaration, limit.declaration, lease.declaration,
            EventArguments.collection.declaration, StoreOption.durability.declaration,
        ],
        examples: ["event claim --owner ada --lease-seconds 300 --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let claim = EventClaim(
            invocation[EventArguments.collection],
            owner: invocation[EventArguments.owner],
            limit: invocation[limit],
            leaseSeconds: invocation[lease]
        )
        try StoreOption.with(invocation) { memory in
            let response = try memory.perform(
                .claimEvents(claim),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { EventLayout.lines(response) }
        }
    }
}

/// Says what became of an event.
enum EventSettleVerb {
    private static let outcome = Parameter(
        option: "as",
        .word(Settlement.Outcome.self),
        "what became of it: done; cancelled, so that it does not come any more; released, so that "
            + "it is due again; or extended, to keep it longer",
        default: .done
    )
    private static let until = Parameter<Instant?>(
        option: "lease",
        .instant(),
        "the lease that the claim gave; all but cancelled need it"
    )
    private static let lease = EventArguments.lease(
        "of extended, for how long from now on; 60 where it is not given"
    )

    static let command = Command(
        "event settle",
        "Says what became of an event that was claimed, or cancels one",
        parameters: RecordArguments.declarations + StoreOption.declarations + [
            outcome.declaration, until.declaration, lease.declaration, GivenOnce.key.declaration,
            StoreOption.durability.declaration,
        ],
        examples: [
            "event settle events/party --lease 2040-01-01T00:00:00Z --store notes.mneme",
            "event settle events/rent --as cancelled --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        if invocation[outcome] != .cancelled, !invocation.has(until) {
            throw CommandLineError(
                "event settle needs --lease INSTANT, which event claim showed; without it an event "
                    + "can be --as cancelled alone."
            )
        }
        try StoreOption.with(invocation) { memory in
            let settlement = Settlement(
                try RecordArguments.reference(invocation, in: memory),
                invocation[outcome],
                lease: invocation[until],
                leaseSeconds: invocation[lease]
            )
            let response = try memory.perform(
                GivenOnce.request(.settleEvent(settlement), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { EventLayout.lines(response) }
        }
    }
}
