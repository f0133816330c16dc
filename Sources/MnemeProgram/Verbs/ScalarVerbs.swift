// mneme scalar set, scalar get: numbers that move toward where they rest

internal import Mneme
internal import MnemeCommandLine

/// Sets or moves a scalar.
enum ScalarSetVerb {
    private static let owner = Parameter(required: "owner", .text("OWNER"), "whose it is")
    private static let name = Parameter(
        argument: "NAME",
        .text("NAME"),
        "its name, such as mood.valence"
    )
    private static func number(_ option: String, _ summary: String) -> Parameter<Double?> {
        Parameter<Double?>(
            option: option,
            .float(in: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude),
            summary
        )
    }
    private static let value = number("value", "what it is set to")
    private static let by = number("by", "by how much it is moved, as far as its bounds")
    private static let rest = number("rest", "where it rests; 0 at first")
    private static let decay = Parameter<Double?>(
        option: "decay",
        .float(in: 0...1),
        "the part of its distance from the rest that it loses in an hour; 0 at first"
    )
    private static let minimum = number("minimum", "its lower bound; none at first")
    private static let maximum = number("maximum", "its upper bound; none at first")
    private static let trigger = Parameter<String?>(
        option: "trigger",
        .text("WORD"),
        "a word for what moved it"
    )
    private static let reason = Parameter<String?>(
        option: "reason",
        .text("TEXT"),
        "why, for people"
    )

    static let command = Command(
        "scalar set",
        "Sets or moves a number of an owner's, such as a mood",
        details: [
            "It moves toward where it rests when nothing moves it, by itself. What is not given "
                + "of its settings stays. The store is created when it is not there."
        ],
        parameters: [name.declaration] + StoreOption.declarations + [
            owner.declaration, value.declaration, by.declaration, rest.declaration,
            decay.declaration, minimum.declaration, maximum.declaration, trigger.declaration,
            reason.declaration, GivenOnce.key.declaration, StoreOption.durability.declaration,
        ],
        examples: [
            "scalar set mood.valence --owner ada --value 0.5 --decay 0.05 --minimum=-1 "
                + "--maximum 1 --store notes.mneme",
            "scalar set mood.joy --owner ada --by 0.25 --trigger joke --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let change = ScalarChange(
            invocation[name],
            owner: invocation[owner],
            value: invocation[value],
            by: invocation[by],
            rest: invocation[rest],
            decay: invocation[decay],
            minimum: invocation[minimum],
            maximum: invocation[maximum],
            trigger: invocation[trigger],
            reason: invocation[reason]
        )
        try StoreOption.with(invocation, creating: true) { memory in
            let response = try memory.perform(
                GivenOnce.request(.setScalar(change), invocation),
                durability: StoreOption.durability(invocation)
            )
            Output(invocation).put(response) { ScalarLayout.lines(response) }
        }
    }
}

/// Shows what scalars are, or were.
enum ScalarGetVerb {
    private static let owner = Parameter(required: "owner", .text("OWNER"), "whose they are")
    private static let name = Parameter<String?>(
        option: "name",
        .text("NAME"),
        "this one alone"
    )
    private static let asOf = Parameter<Instant?>(
        option: "as-of",
        .instant(),
        "what they were then, or will be if nothing moves them"
    )
    private static let history = Parameter(
        option: "history",
        .int(in: 0...1000),
        "how many of their last changes are shown",
        default: 0
    )

    static let command = Command(
        "scalar get",
        "Shows what the numbers of an owner are, and how they came there",
        parameters: StoreOption.readingDeclarations + [
            owner.declaration, name.declaration, asOf.declaration, history.declaration,
        ],
        examples: [
            "scalar get --owner ada --store notes.mneme",
            "scalar get --owner ada --name mood.joy --history 5 --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let question = ScalarQuestion(
            owner: invocation[owner],
            name: invocation[name],
            asOf: invocation[asOf],
            history: invocation[history]
        )
        try StoreOption.with(invocation) { memory in
            let scalars = try memory.scalars(question)
            Output(invocation).put(.scalars(scalars)) { ScalarLayout.lines(.scalars(scalars)) }
        }
    }
}

/// Sets scalars in a table.
private enum ScalarLayout {
    static func lines(_ response: Response) -> [String] {
        guard case .scalars(let scalars) = response else { return [] }
        guard !scalars.scalars.isEmpty else { return ["The owner has no such scalar."] }
        var table = TextTable([
            ("name", .left), ("value", .right), ("rest", .right), ("decay", .right),
            ("bounds", .left), ("changed", .left), ("by", .left),
        ])
        for scalar in scalars.scalars {
            table.add([
                scalar.name, number(scalar.value), number(scalar.rest), number(scalar.decay),
                bounds(scalar), scalar.last.at.description, (scalar.last.trigger ?? "").shown,
            ])
        }
        return table.lines() + scalars.scalars.flatMap { changes($0) }
    }

    private static func bounds(_ scalar: Scalar) -> String {
        guard scalar.minimum != nil || scalar.maximum != nil else { return "none" }
        return (scalar.minimum.map { number($0) } ?? "") + " … "
            + (scalar.maximum.map { number($0) } ?? "")
    }

    private static func changes(_ scalar: Scalar) -> [String] {
        guard !scalar.history.isEmpty else { return [] }
        var table = TextTable(
            [
                ("change", .right), ("at", .left), ("before", .right), ("value", .right),
                ("trigger", .left), ("reason", .left),
            ],
            indent: 2
        )
        for change in scalar.history {
            table.add([
                Figures.count(Int(change.number)), change.at.description, number(change.before),
                number(change.value), (change.trigger ?? "").shown, (change.reason ?? "").shown,
            ])
        }
        return ["", "\(scalar.name):"] + table.lines()
    }

    private static func number(_ number: Double) -> String { Figures.decimal(number, digits: 4) }
}
