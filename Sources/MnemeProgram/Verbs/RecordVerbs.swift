// mneme put, get, delete

internal import Mneme
internal import MnemeCommandLine

/// What the verbs on one record share.
enum RecordArguments {
    static let collection = Parameter(
        argument: "COLLECTION",
        .text("COLLECTION"),
        "the collection's name"
    )
    static let key = Parameter(argument: "KEY", .text("KEY"), "the record's key")

    /// The record that collection and key name; the key in the kind that the collection has.
    ///
    /// - Throws: `MnemeError` as `BlockingDoor.perform`; `unknownCollection`, `wrongType`.
    static func reference(
        _ collection: String,
        _ key: String,
        in memory: any BlockingDoor
    ) throws -> Reference {
        let schema = try memory.describe()
        guard let known = schema.collections.first(where: { $0.name == collection }) else {
            let names = schema.collections.map(\.name).joined(separator: ", ")
            throw MnemeError(
                .unknownCollection,
                "There is no collection \(collection). "
                    + (names.isEmpty
                        ? "None is defined yet; define one: mneme define --help."
                        : "The collections are \(names); mneme define --help says how to add one.")
            )
        }
        guard let typed = Key.text(key).coerced(to: known.key) else {
            throw MnemeError(
                .wrongType,
                "The keys of \(collection) are of the kind \(known.key.rawValue), and \"\(key)\" "
                    + "is none. "
                    + (known.key == .int ? "Give a whole number." : "Give a UUID.")
            )
        }
        return Reference(collection, typed)
    }

    /// As the other, of one text: `collection/key`.
    static func reference(_ text: String, in memory: any BlockingDoor) throws -> Reference {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw CommandLineError(
                "A record is named COLLECTION/KEY, and \"\(text)\" is not. Put its collection and "
                    + "a slash before the key."
            )
        }
        return try reference(String(parts[0]), String(parts[1]), in: memory)
    }
}

/// Puts one record.
enum PutVerb {
    private static let fields = Parameter(
        argument: "JSON",
        .text("JSON"),
        "the fields, an object"
    )
    private static let key = Parameter<String?>(
        option: "key",
        .text("KEY"),
        "its key; one is made where none is given"
    )
    private static let insert = Parameter(
        flag: "insert",
        "is refused where the key is taken, instead of replacing the record"
    )
    private static let expires = Parameter<Instant?>(
        option: "expires",
        .instant(),
        "when it is not there any more"
    )

    static let command = Command(
        "put",
        "Puts a record",
        parameters: [RecordArguments.collection.declaration, fields.declaration]
            + StoreOption.declarations + [
                key.declaration, insert.declaration, expires.declaration,
                StoreOption.commitDurability.declaration,
            ],
        examples: ["put notes '{\"title\": \"Tea\", \"stars\": 4}' --key tea --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let collection = invocation[RecordArguments.collection]
        let members = try GivenJSON.object(invocation[fields], as: "JSON")
        try StoreOption.with(invocation) { memory in
            let key = try invocation[key].map {
                try RecordArguments.reference(collection, $0, in: memory).key
            }
            let put = Put(
                collection,
                key,
                members,
                mode: invocation[insert] ? .insert : .replace,
                expiresAt: invocation[expires]
            )
            let committed = try memory.commit(
                [.put(put)],
                invocation[StoreOption.commitDurability]
            )
            Output(invocation).put(.committed(committed)) { CommittedLayout.lines(committed) }
        }
    }
}

/// Reads one record.
enum GetVerb {
    static let command = Command(
        "get",
        "Reads a record by its key",
        parameters: [RecordArguments.collection.declaration, RecordArguments.key.declaration]
            + StoreOption.readingDeclarations,
        examples: ["get notes tea --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let reference = try RecordArguments.reference(
                invocation[RecordArguments.collection],
                invocation[RecordArguments.key],
                in: memory
            )
            guard let record = try memory.get(reference) else {
                throw MnemeError(
                    .notFound,
                    "There is no record \(reference). Check the key: find '{\"collection\": "
                        + "\"\(reference.collection)\"}' lists those that there are."
                )
            }
            Output(invocation).put(.records([record])) { ValueLayout.lines(record) }
        }
    }
}

/// Deletes one record.
enum DeleteVerb {
    private static let erases = Parameter(
        flag: "erase",
        "also for restores of earlier backups; make a backup afterwards, which tells them"
    )

    static let command = Command(
        "delete",
        "Deletes a record and its edges",
        details: ErasureLayout.details,
        parameters: [RecordArguments.collection.declaration, RecordArguments.key.declaration]
            + StoreOption.declarations + [
                erases.declaration, StoreOption.commitDurability.declaration,
            ],
        examples: ["delete notes tea --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let reference = try RecordArguments.reference(
                invocation[RecordArguments.collection],
                invocation[RecordArguments.key],
                in: memory
            )
            let committed = try memory.commit(
                [invocation[erases] ? .erase(reference) : .delete(reference)],
                invocation[StoreOption.commitDurability]
            )
            Output(invocation).put(.committed(committed)) {
                let lines = CommittedLayout.lines(committed)
                guard invocation[erases] else { return lines }
                let erased = committed.outcomes == [.deleted(true)]
                return lines + ErasureLayout.lines(erased: erased, lacks: !erased)
            }
        }
    }
}

/// What is said of an erasure to whoever asked for it.
enum ErasureLayout {
    static let details = [
        "With --erase, restores of backups that were made before leave it out too, as soon as they "
            + "know of it: once a later backup stands beside them, or with `restore --ledger` and "
            + "the store. So make a backup afterwards.",
        "What was deleted before without --erase is not there any more, and backups that were made "
            + "before that keep it until they are removed.",
        "Out of the store's own files it goes within seven days, or at once with compact. The "
            + "names of owners stay: the log keeps each path that was ever given, also when "
            + "nothing of that owner is left. Do not put into one what must be erased.",
    ]

    /// `erased`: whether anything was; `lacks`: whether something was asked for that is not there.
    static func lines(erased: Bool, lacks: Bool) -> [String] {
        var lines: [String] = []
        if erased {
            lines.append(
                "Make a backup beside the earlier ones now: restores of those learn of it from "
                    + "that one, or from this store with --ledger."
            )
        }
        if lacks {
            lines.append(
                "What is not there cannot be erased: if it was deleted before, backups made "
                    + "before that keep it."
            )
        }
        return lines
    }
}

/// Sets what a commit did in lines.
enum CommittedLayout {
    static func lines(_ committed: Committed) -> [String] {
        committed.outcomes.map { outcome in
            switch outcome {
            case .put(let reference): "Put \(reference)."
            case .putReturning(let put): "Put \(put.reference)."
            case .patched(let patched):
                patched.isNew ? "Put \(patched.reference)." : "Changed \(patched.reference)."
            case .deleted(let was): was ? "Deleted." : "It was not there."
            case .deletedReturning(let record): "Deleted \(record.reference)."
            case .linked(let number): "Linked by edge \(number)."
            case .linkedReturning(let number, _): "Linked by edge \(number)."
            case .unlinked(let was): was ? "Unlinked." : "The edge was not there."
            }
        }
    }
}
