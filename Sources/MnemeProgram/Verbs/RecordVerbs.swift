// mneme put, get, delete

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// What the verbs on one record share.
enum RecordArguments {
    static let collection = Parameter(
        argument: "COLLECTION",
        .text("COLLECTION"),
        "the collection's name"
    )
    private static let place = Parameter(
        argument: "COLLECTION",
        .text("COLLECTION"),
        "the collection's name, or COLLECTION/KEY in one word"
    )
    private static let key = Parameter<[String]>(
        rest: "KEY",
        .text("KEY"),
        "the record's key, where it is not given with the collection"
    )

    /// What names one record, in one word or in two.
    static let declarations = [place.declaration, key.declaration]

    /// The record that the command line names.
    ///
    /// - Throws: `CommandLineError` for more words than two; as the others.
    static func reference(
        _ invocation: Invocation,
        in memory: any BlockingDoor
    ) throws -> Reference {
        let keys = invocation[key]
        guard let key = keys.first else { return try reference(invocation[place], in: memory) }
        guard keys.count == 1 else {
            throw CommandLineError(
                "One record is named by its collection and its key, and more is given: "
                    + "\(listed(keys.dropFirst().map(quoted))). Put a key with blanks in quotes."
            )
        }
        return try reference(invocation[place], key, in: memory)
    }

    /// The record that collection and key name; the key in the kind that the collection has.
    ///
    /// Of a collection that is not there the engine says so.
    ///
    /// - Throws: `MnemeError` as `BlockingDoor.perform`; `wrongType`.
    static func reference(
        _ collection: String,
        _ key: String,
        in memory: any BlockingDoor
    ) throws -> Reference {
        Reference(collection, try typed(key, try kind(of: collection, in: memory), collection))
    }

    /// Keys of a collection, each in the kind that it has; the store is asked once for all of them.
    ///
    /// - Throws: as `reference`.
    static func keys(
        _ texts: [String],
        of collection: String,
        in memory: any BlockingDoor
    ) throws -> [Key] {
        if texts.isEmpty { return [] }
        let kind = try kind(of: collection, in: memory)
        return try texts.map { try typed($0, kind, collection) }
    }

    /// The kind of a collection's keys; nil where it is not there.
    private static func kind(
        of collection: String,
        in memory: any BlockingDoor
    ) throws -> KeyType? {
        try memory.describe().collections.first { $0.name == collection }?.key
    }

    private static func typed(_ key: String, _ kind: KeyType?, _ collection: String) throws -> Key {
        guard let kind else { return .text(key) }
        guard let typed = Key.text(key).coerced(to: kind) else {
            throw MnemeError(
                .wrongType,
                "The keys of \(collection) are of the kind \(kind.rawValue), and \"\(key)\" is "
                    + "none. " + (kind == .int ? "Give a whole number." : "Give a UUID.")
            )
        }
        return typed
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

/// When what is put is not there any more.
enum GivenExpiry {
    /// Refuses an instant that is past: what expires at once would seem to have been put.
    static func check(_ instant: Instant?) throws(CommandLineError) {
        guard let instant, instant.microseconds <= RealClock().now() else { return }
        throw CommandLineError(
            "--expires: \(instant) is past, and what is put with it would not be there. Give an "
                + "instant that is still to come."
        )
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
        try GivenExpiry.check(invocation[expires])
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
    private static let deleted = Parameter(
        flag: "deleted",
        "shows it also where it is deleted softly"
    )
    private static let archived = Parameter(flag: "archived", "shows it also where it is archived")

    static let command = Command(
        "get",
        "Reads a record by its key",
        details: [
            "A record that is deleted softly, or archived, is put aside: it is shown only where "
                + "that is asked."
        ],
        parameters: RecordArguments.declarations + StoreOption.readingDeclarations + [
            deleted.declaration, archived.declaration,
        ],
        examples: [
            "get notes tea --store notes.mneme", "get notes/tea --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let reference = try RecordArguments.reference(invocation, in: memory)
            let sight = Sight(
                deleted: invocation[deleted] ? .include : nil,
                archived: invocation[archived] ? .include : nil
            )
            guard let record = try record(reference, sight, in: memory) else {
                if sight != seesAll, try isPutAside(reference, in: memory) {
                    throw putAside(reference)
                }
                throw MnemeError(
                    .notFound,
                    "There is no record \(reference). Check the key: find '{\"collection\": "
                        + "\"\(reference.collection)\"}' lists those that there are."
                )
            }
            Output(invocation).put(.records([record])) { ValueLayout.lines(record) }
        }
    }

    private static let seesAll = Sight(deleted: .include, archived: .include)

    private static func record(
        _ reference: Reference,
        _ sight: Sight,
        in memory: any BlockingDoor
    ) throws -> Record? {
        if sight == Sight() { return try memory.get(reference) }
        var get = Get([reference])
        get.sight = sight
        guard case .records(let records) = try memory.perform(.getBy(get), durability: nil) else {
            return nil
        }
        return records.first ?? nil
    }

    /// Whether a record is there and is left out of answers; of collections that have marks alone.
    private static func isPutAside(
        _ reference: Reference,
        in memory: any BlockingDoor
    ) throws -> Bool {
        let schema = try memory.describe()
        guard
            let roles = schema.collections.first(where: { $0.name == reference.collection })?.roles,
            [roles.deletedAt, roles.active, roles.archivedAt, roles.archived]
                .contains(where: { $0 != nil })
        else { return false }
        return try record(reference, seesAll, in: memory) != nil
    }

    private static func putAside(_ reference: Reference) -> MnemeError {
        let spelled = reference.spelling.json()
        return MnemeError(
            .notFound,
            "The record \(reference) is put aside: it is deleted softly, or archived. --deleted or "
                + "--archived shows it; perform '{\"commit\": {\"changes\": [{\"restore\": "
                + "\(spelled)}]}}' brings back what is deleted, \"unarchive\" in its place what is "
                + "archived."
        )
    }
}

/// Deletes one record.
enum DeleteVerb {
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells whether it would go, or why not, and changes nothing"
    )
    private static let erases = EraseOption.erases

    static let command = Command(
        "delete",
        "Deletes a record and its edges",
        details: ErasureLayout.details,
        parameters: RecordArguments.declarations + StoreOption.declarations + [
            erases.declaration, isDry.declaration, StoreOption.commitDurability.declaration,
        ],
        examples: [
            "delete notes tea --store notes.mneme",
            "delete notes tea --dry-run --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { memory in
            let reference = try RecordArguments.reference(invocation, in: memory)
            if invocation[isDry] {
                let transaction = try memory.begin()
                let outcomes = try transaction.change([.delete(reference)])
                try transaction.rollback()
                let isThere = outcomes == [.deleted(true)]
                return Output(invocation).put(["dryRun": true, "deleted": .bool(isThere)]) {
                    [
                        isThere
                            ? "\(reference) would go, with its edges; nothing was changed."
                            : "\(reference) is not there; nothing was changed."
                    ]
                }
            }
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
            case .superseded(let superseded):
                "Put \(superseded.reference)."
                    + (superseded.edge.map { " Linked by edge \($0)." } ?? "")
            }
        }
    }
}
