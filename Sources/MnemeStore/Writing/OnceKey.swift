// What is done once: with a batch that has an idempotency key, the store keeps what it came to, in
// a collection of its own that nobody else sees, in the same commit. The same key with the same
// request answers that until the record expires.
//
// Sequences are not known before a batch is written. The record is the last change of its batch, so
// that its own sequence tells the commit's, one more, and versions are kept as how many changes
// before it they were made. Format: formats/store.md#done-once.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeTree

/// An idempotency key, and what is asked under it.
package struct OnceKey: Sendable {
    /// The store's own collection for them.
    static let collection = Collection(
        "$once",
        fields: [Field("request", .bytes), Field("answer", .bytes)]
    )
    /// The most characters of a key.
    private static let mostCharacters = 255

    /// As it is kept: under a permit with the permit's name before it, so that nobody is told what
    /// somebody else's came to.
    let key: String
    /// As it was given.
    let given: String
    /// 16 bytes that tell the request from every other.
    let request: [UInt8]

    /// The key of a request.
    ///
    /// What a transaction has made of the store is not looked at: a commit of one is the same as
    /// any other.
    ///
    /// - Throws: `badRequest` for a key that is none; `tooLarge` for a request that nests too
    ///   deeply.
    /// - Complexity: O(bytes of the request).
    package init(_ key: String, of request: Request) throws(MnemeError) {
        let kept = Reach.current.map { "\($0.permit.name)\n\(key)" } ?? key
        guard (1...Self.mostCharacters).contains(key.count),
            kept.utf8.count <= StoreKeys.textKeyLimit
        else {
            throw MnemeError(
                .badRequest,
                "idempotencyKey has \(key.count) characters in \(key.utf8.count) bytes; give 1 to "
                    + "\(Self.mostCharacters) characters, in at most "
                    + "\(StoreKeys.textKeyLimit - kept.utf8.count + key.utf8.count) bytes, such as "
                    + "a UUID"
            )
        }
        self.key = kept
        given = key
        let plain: [UInt8]
        if case .commitTransaction = request {
            plain = Array("commitTransaction".utf8)
        } else {
            do throws(CBORError) {
                plain = try request.spelling.cbor()
            } catch {
                throw MnemeError(
                    .tooLarge,
                    "a request with an idempotencyKey is nested too deeply or has too many parts; "
                        + "split it",
                    cause: "\(error)"
                )
            }
        }
        var bytes: [UInt8] = []
        for seed in [UInt64(0), 1] {
            let sum = Checksum.xxh3(plain, seed: seed)
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: sum >> shift))
            }
        }
        self.request = bytes
    }

    /// What a stored version says that the same request came to.
    ///
    /// `birth`: the version's sequence.
    ///
    /// - Throws: `.refused` with `keyReused` where it was another request; `.inconsistent` where it
    ///   says nothing.
    func answer(
        _ record: StoredRecord,
        _ collection: CollectionEntry,
        birth: UInt64
    ) throws(StoreError) -> Committed {
        var fields: [String: [UInt8]] = [:]
        for (number, value) in record.fields {
            if case .bytes(let bytes) = value, let name = collection.fieldNames[number] {
                fields[name] = bytes
            }
        }
        guard fields["request"] == request else {
            throw .refused(
                MnemeError(
                    .keyReused,
                    "the idempotencyKey \(quoted(given)) was given with another request before; "
                        + "give each request a key of its own, and repeat it as it was"
                )
            )
        }
        guard let bytes = fields["answer"], let value = try? Value(cbor: bytes),
            var committed = try? Committed(spelling: value)
        else {
            throw .inconsistent("what was done under an idempotency key cannot be read")
        }
        committed.sequence = birth + 1
        committed.versions = committed.versions.map { $0 == 0 ? 0 : birth - $0 }
        committed.isRepeated = true
        return committed
    }
}

extension OnceKey {
    /// What a stored version keeps, without its sequences; nil where it cannot be read.
    static func kept(_ record: StoredRecord, _ collection: CollectionEntry) -> Committed? {
        guard let number = collection.fieldNumbers["answer"],
            case .bytes(let bytes) = record[number], let value = try? Value(cbor: bytes)
        else { return nil }
        return try? Committed(spelling: value)
    }
}

/// What a batch comes to, to be kept under a key.
struct PreparedOnce: Sendable {
    let key: OnceKey
    let collection: CollectionEntry
    /// How long it is kept.
    let age: Microseconds
}

extension BatchPlanner {
    /// What the same came to before, nil where it was not done.
    ///
    /// - Throws: `.refused` with `keyReused`.
    func answer(_ once: OnceKey) throws(StoreError) -> Committed? {
        guard let collection = catalog.once,
            let ordinal = try reader.number(
                tree,
                StoreKeys.record(collection.number, .text(once.key))
            ),
            try reader.entry(ordinal).expiresAt > reader.instant
        else { return nil }
        let version = try reader.version(ordinal)
        return try once.answer(version.record, collection, birth: version.entry.birth)
    }

    /// Keeps what the batch comes to: the last of its changes.
    mutating func keep(_ once: PreparedOnce) throws(StoreError) {
        hasLater = true
        // One that has expired goes before it.
        _ = try ordinal(of: once.collection.number, .text(once.key.key))
        let place = plan.changes.count
        var answer = Committed(sequence: 0, outcomes: plan.outcomes, evicted: plan.evicted)
        if !plan.made.isEmpty {
            answer.versions = [UInt64](repeating: 0, count: plan.outcomes.count)
            for made in plan.made { answer.versions[made.outcome] = UInt64(place - made.by) }
        }
        var put: PreparedPut
        do throws(MnemeError) {
            put = try preparation.prepare(once, answer, at: reader.instant)
        } catch {
            throw .refused(error)
        }
        // So that it goes with everything else of the owner.
        put.ownerNumber = onlyOwner()
        try decide(put, tellsOutcome: false)
    }
}

extension ChangePreparation {
    /// The put that keeps an answer.
    fileprivate func prepare(
        _ once: PreparedOnce,
        _ answer: Committed,
        at now: Microseconds
    ) throws(MnemeError) -> PreparedPut {
        let bytes: [UInt8]
        do throws(CBORError) {
            bytes = try answer.spelling.cbor()
        } catch {
            throw MnemeError(
                .tooLarge,
                "what a request with an idempotencyKey returns is nested too deeply or has too "
                    + "many parts; return less",
                cause: "\(error)"
            )
        }
        let end = now.addingReportingOverflow(once.age)
        var put = PreparedPut(
            collection: once.collection,
            key: .text(once.key.key),
            mode: .replace,
            ownerPath: nil,
            expiresAt: end.overflow ? OrdinalEntry.never : end.partialValue,
            fields: [],
            vectors: [],
            body: [],
            plainCount: 0,
            prefixes: []
        )
        let fields = try once.collection.schema.checkInOrder(fields: [
            "request": .bytes(once.key.request), "answer": .bytes(bytes),
        ])
        try fill(&put, fields)
        return put
    }
}

extension Store {
    /// Changes that are prepared under a catalog, and what keeps what they come to under a key.
    func keeping(
        _ prepared: [PreparedChange],
        _ once: OnceKey?,
        _ known: Catalog
    ) throws(MnemeError) -> [PreparedChange] {
        guard let once else { return prepared }
        var catalog = known
        var changes: [PreparedChange] = []
        changes.reserveCapacity(prepared.count + 2)
        if let schema = known.lacking([], once: true) {
            catalog = try known.adding(schema)
            changes.append(.define(schema))
        }
        changes += prepared
        if let collection = catalog.once {
            let age = options.idempotencyAge
            changes.append(.keep(PreparedOnce(key: once, collection: collection, age: age)))
        }
        return changes
    }

    /// What a request came to before under its key, nil where it was not done.
    ///
    /// It is as durable then as this request asks for, also where an earlier one asked for less.
    ///
    /// - Throws: `keyReused`; as a read; where it must be synced still, as a commit.
    /// - Complexity: as a read, and one data sync where it must be synced still.
    package func repeated(
        _ once: OnceKey,
        _ durability: Durability
    ) throws(MnemeError) -> Committed? {
        guard let known = try repeated(once) else { return nil }
        if owesSync(known, durability) {
            try checkWritable()
            let outcome = queue.submit(.batch(syncing))
            noteWork()
            _ = try outcome.get()
        }
        return known
    }

    /// Whether a commit is not as durable yet as is asked for.
    func owesSync(_ known: Committed, _ durability: Durability) -> Bool {
        durability == .synced && log.durableSequence < known.sequence
    }

    /// A batch of no changes, which is settled when everything before it is durable.
    var syncing: WriterWork {
        WriterWork(
            changes: [],
            catalogVersion: newest.state.catalog.version,
            durability: .synced,
            prepareAgain: { _ in [] }
        )
    }

    /// What a request came to before under its key, nil where it was not done; it may not be
    /// durable yet.
    ///
    /// - Throws: `keyReused`; as a read.
    package func repeated(_ once: OnceKey) throws(MnemeError) -> Committed? {
        let snapshot = snapshot()
        guard let collection = snapshot.catalog.once else { return nil }
        return try snapshot.reading { state throws(StoreError) in
            guard let (ordinal, entry) = try state.version(collection, .text(once.key)) else {
                return nil
            }
            return try once.answer(try state.stored(ordinal), collection, birth: entry.birth)
        }
    }
}
