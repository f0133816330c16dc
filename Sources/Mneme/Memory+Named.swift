// Procedures and documents: values under names, in a collection each. A name is looked up by the
// unique index over owner and name, by the writer itself, so that two who put the same name at once
// make one record of it.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

/// Which named values are spoken of.
struct NamedValues {
    /// The collection.
    let collection: String
    /// What one of them is called.
    let noun: String
    /// Whether they are used, and whether that went well.
    let areUsed: Bool

    static let procedures = NamedValues(
        collection: MemoryLayout.procedures,
        noun: "procedure",
        areUsed: true
    )
    static let documents = NamedValues(
        collection: MemoryLayout.documents,
        noun: "document",
        areUsed: false
    )

    /// The change that puts a value, in the place of one of its name.
    func put(
        _ value: NamedValue,
        of owner: String,
        _ embedder: StaticEmbedder?
    ) throws(MnemeError) -> Change {
        guard !value.name.isEmpty else {
            throw MnemeError(.badRequest, "a \(noun) has a name that is not empty; give one")
        }
        guard !value.value.isNull else {
            throw MnemeError(
                .badRequest,
                "the \(noun) \"\(value.name)\" has no value; give one, or delete it by its name"
            )
        }
        let text = value.text ?? NamedText.text(of: value)
        func set(_ field: String, _ new: Value?) -> Edit {
            new.map { .set(FieldPath(field), $0) } ?? .unset(FieldPath(field))
        }
        let edits = [
            set("value", value.value), set("text", .text(text)),
            set("type", value.type.map(Value.text)),
            set("tags", value.tags.isEmpty ? nil : .array(value.tags.map(Value.text))),
            set(MemoryLayout.meaning, embedder?.embed(text).map(Value.vector)),
        ]
        return .patch(
            Patch(collection, by: name(value.name, of: owner), edits, orPut: [:])
        )
    }

    /// The change that counts a use.
    func use(_ name: String, of owner: String, succeeded: Bool, at now: Instant) -> Change {
        let edits: [Edit] = [
            .increment(FieldPath("uses"), .int(1)),
            .increment(FieldPath("successes"), .int(succeeded ? 1 : 0)),
            .set(FieldPath("lastUsedAt"), .instant(now)),
        ]
        return .patch(Patch(collection, by: self.name(name, of: owner), edits))
    }

    private func name(_ name: String, of owner: String) -> [String: Value] {
        ["owner": .text(owner), "name": .text(name)]
    }

    /// What holds for values of an owner's own with one of some names.
    func filter(_ names: [String], of owner: String) -> Filter {
        .and([
            .eq("owner", .text(owner)),
            .compare(field: "name", .isIn(names.map(Value.text))),
        ])
    }
}

extension Memory {
    /// Does what is asked of named values.
    func perform(
        _ call: NamedCall,
        _ values: NamedValues,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Response {
        switch call.what {
        case .put(let new):
            var changes: [Change] = []
            for value in new { changes.append(try values.put(value, of: call.owner, embedder)) }
            try define(own: values.collection)
            return .committed(try store.commit(changes, durability, once: once))
        case .use(let name, let succeeded):
            return .committed(try use(name, succeeded, call.owner, values, durability, once))
        case .delete(let names):
            guard try MemoryLayout.has(own: values.collection, schema) else {
                return .deletedWhere(
                    DeletedWhere(count: 0, sequence: store.snapshot().sequence)
                )
            }
            let delete = DeleteWhere(
                values.collection,
                owner: call.owner,
                where: values.filter(names, of: call.owner)
            )
            return .deletedWhere(try store.deleteWhere(delete, durability))
        case .get(let names): return .records(try read(names, call.owner, values))
        case .list(let list): return .found(try read(list, call.owner, values))
        case .search(let search): return .found(try read(search, call.owner, values))
        }
    }

    private func use(
        _ name: String,
        _ succeeded: Bool,
        _ owner: String,
        _ values: NamedValues,
        _ durability: Durability,
        _ once: OnceKey?
    ) throws(MnemeError) -> Committed {
        // It may have been deleted since.
        if let once, let known = try store.repeated(once, durability) { return known }
        guard values.areUsed else {
            throw MnemeError(
                .badRequest,
                "what is used, and succeeds or not, is a procedure; put \"\(name)\" as one"
            )
        }
        let missing = MnemeError(
            .notFound,
            "the owner \"\(owner)\" has no procedure \"\(name)\"; put it first"
        )
        guard try MemoryLayout.has(own: values.collection, schema) else { throw missing }
        let now = store.snapshot().instant
        let change = values.use(name, of: owner, succeeded: succeeded, at: now)
        do throws(MnemeError) {
            return try store.commit([change], durability, once: once)
        } catch {
            throw error.code == .notFound ? missing : error
        }
    }

    private func read(
        _ names: [String],
        _ owner: String,
        _ values: NamedValues
    ) throws(MnemeError) -> [Record?] {
        let snapshot = store.snapshot()
        guard try MemoryLayout.has(own: values.collection, snapshot.schema) else {
            return names.map { _ in nil }
        }
        let find = Find(
            values.collection,
            owner: owner,
            where: values.filter(names, of: owner),
            limit: names.count,
            select: try MemoryLayout.shown(own: values.collection)
        )
        var found: [Value: Record] = [:]
        for row in try snapshot.find(find).rows { found[row.record["name"]] = row.record }
        return names.map { found[.text($0)] }
    }

    private func read(
        _ list: NamedList,
        _ owner: String,
        _ values: NamedValues
    ) throws(MnemeError) -> Found {
        if list.isBestFirst, !values.areUsed {
            throw MnemeError(
                .badRequest,
                "documents are not used, so none is better than another; list them by their names"
            )
        }
        let snapshot = store.snapshot()
        guard try MemoryLayout.has(own: values.collection, snapshot.schema) else {
            return nothing(values, snapshot)
        }
        var parts: [Filter] = []
        if !list.prefix.isEmpty { parts.append(.compare(field: "name", .prefix(list.prefix))) }
        if let filter = list.filter { parts.append(filter) }
        return try snapshot.find(
            Find(
                values.collection,
                owner: owner,
                where: .and(parts),
                order: list.isBestFirst
                    ? [Order("merit", descending: true), Order("name")] : [Order("name")],
                limit: list.limit,
                after: list.after,
                select: try MemoryLayout.shown(own: values.collection)
            )
        )
    }

    private func read(
        _ search: NamedSearch,
        _ owner: String,
        _ values: NamedValues
    ) throws(MnemeError) -> Found {
        let snapshot = store.snapshot()
        guard try MemoryLayout.has(own: values.collection, snapshot.schema) else {
            return nothing(values, snapshot)
        }
        let recall = Recall(
            search.question,
            owner: owner,
            collection: values.collection,
            where: search.filter,
            hops: 0,
            limit: search.limit
        )
        var run = try RecallRun(recall, snapshot, embedder)
        let recalled = try run.run()
        return Found(
            rows: recalled.items.map { Found.Row(record: $0.record, score: Float($0.score)) },
            isExact: recalled.isExact,
            sequence: snapshot.sequence,
            plan: "recall"
        )
    }

    private func nothing(_ values: NamedValues, _ snapshot: Snapshot) -> Found {
        Found(
            rows: [],
            isExact: true,
            sequence: snapshot.sequence,
            plan: "no \(values.collection)"
        )
    }
}
