// mneme quotas: how much owners may have

internal import Mneme
internal import MnemeCommandLine

/// Shows and sets how much owners may have.
enum QuotasVerb {
    private static let collection = Parameter<[String]>(
        rest: "COLLECTION",
        .text("COLLECTION"),
        "the collection; all that have quotas where none is given"
    )
    private static let set = Parameter<String?>(
        option: "set",
        .text("JSON"),
        "the quotas of the collection from now on, an array as define takes it; [] takes them away"
    )
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells what --set would put in the place of what, and changes nothing"
    )

    static let command = Command(
        "quotas",
        "Shows how much owners may have of a collection, or sets it",
        details: [
            "What is there already stays, also where it is more than a quota that is set: the "
                + "quota holds for what comes. mneme usage tells what owners have."
        ],
        parameters: [collection.declaration] + StoreOption.declarations + [
            set.declaration, isDry.declaration,
        ],
        examples: [
            "quotas --store wordnet.mneme",
            "quotas notes --set '[{\"records\": 1024, \"owner\": \"ada\"}]' --dry-run "
                + "--store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let names = invocation[collection]
        guard names.count <= 1 else {
            throw CommandLineError("quotas takes one collection. Give the others by themselves.")
        }
        let given = invocation[set]
        try StoreOption.with(invocation) { memory in
            let schema = try memory.describe()
            guard let given else { return show(schema, names.first, invocation) }
            guard let name = names.first else {
                throw CommandLineError("--set needs to know of what: name the collection.")
            }
            guard let known = schema.collections.first(where: { $0.name == name }) else {
                throw MnemeError(
                    .unknownCollection,
                    "There is no collection \(quoted(name)). There are: "
                        + "\(listed(schema.collections.map(\.name)))."
                )
            }
            let text =
                "{\"collections\": [{\"name\": \(Value.text(name).json()), \"quotas\": "
                + "\(given)}]}"
            let change = try GivenJSON.noun(text, as: "--set", Schema.self)
            let before = TenancyLayout.quotas(known)
            let after = change.collections.first.map { TenancyLayout.quotas($0) } ?? []
            if !invocation[isDry] { try memory.define(change) }
            let object: Value = [
                "dryRun": .bool(invocation[isDry]), "collection": .text(name),
                "before": .array(before.map { .text($0) }),
                "after": .array(after.map { .text($0) }),
            ]
            Output(invocation).put(object) {
                let done = invocation[isDry] ? "This would be set; nothing was changed." : "Set."
                return lines("before", before) + lines("then", after) + [done]
            }
        }
    }

    private static func show(_ schema: Schema, _ name: String?, _ invocation: Invocation) {
        let found = schema.collections.filter { collection in
            name.map { collection.name == $0 } ?? !(collection.quotas ?? []).isEmpty
        }
        let rows = found.flatMap { collection in
            TenancyLayout.quotas(collection).map { quota -> Value in
                ["collection": .text(collection.name), "quota": .text(quota)]
            }
        }
        Output(invocation).put(["quotas": .array(rows)]) {
            let lines = found.flatMap { self.lines($0.name, TenancyLayout.quotas($0)) }
            return lines.isEmpty ? ["No collection has quotas: owners may have any amount."] : lines
        }
    }

    private static func lines(_ title: String, _ quotas: [String]) -> [String] {
        ["\(title):"] + (quotas.isEmpty ? ["  no quota"] : quotas.map { "  " + $0 })
    }
}
