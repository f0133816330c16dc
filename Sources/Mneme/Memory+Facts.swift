// Facts that live: used, revised, pinned, asked where they come from, judged and pruned. Each works
// on any collection that has the roles it needs.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Does what a request asks of facts.
    func perform(
        ofFacts request: Request,
        _ durability: Durability
    ) throws(MnemeError) -> Response {
        switch request {
        case .touch(let touch): return .touched(try store.touch(touch, durability))
        case .supersede(let revision):
            return .remembered(try superseding(revision, durability))
        case .pin(let pin): return .committed(try pinning(pin, durability))
        case .why(let why): return .provenance(try provenance(why))
        case .upkeep(let upkeep): return .candidates(try candidates(upkeep))
        case .prune(let prune): return .forgotten(try pruning(prune, durability))
        default:
            throw MnemeError(.badRequest, "\(request.verb) is not asked of facts; report this")
        }
    }

    /// Writes the use of what recalls have answered with, which happens some seconds later anyhow.
    ///
    /// - Throws: what a commit throws; what was to be written is dropped then.
    public func flushTouches() throws(MnemeError) { try store.flushTouches() }

    // MARK: Supersede

    func superseding(
        _ revision: Revision,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Remembered {
        let snapshot = store.snapshot()
        // What it ended has an end since, which the snapshot may see.
        if let once, let known = try store.repeated(once, durability) {
            return try superseded(revision, known)
        }
        var memory = revision.memory
        let at = revision.at ?? memory.validFrom ?? snapshot.instant
        memory.validFrom = at
        try RememberCheck.check([memory])
        memory.validFrom = nil
        let collection = try snapshot.catalog.collection(memory.collection)
        let old = Reference(memory.collection, revision.old)
        for (name, role) in [
            ("validFrom", collection.schema.roles.validFrom),
            ("validTo", collection.schema.roles.validTo),
        ] where role == nil {
            throw MemoryLayout.missing(name, collection.schema)
        }
        // Nothing is said of whose it is.
        guard let standing = try snapshot.record(old),
            collection.schema.roles.owner == nil
                || standing[collection.schema.roles.owner].text ?? "" == memory.owner
        else {
            throw MnemeError(
                .notFound,
                "the owner \(memory.owner) has no \(old) to supersede; remember the new memory by "
                    + "itself"
            )
        }
        let plan = plan(snapshot)
        let key = memory.key ?? (collection.schema.key == .text ? plan.newKey() : nil)
        var change = Supersede(
            old,
            by: revision.by,
            in: memory.collection,
            key,
            try plan.fields(memory),
            at: at
        )
        // A type that is not there yet gets a text for the reason, as no field comes to one later.
        let known = snapshot.catalog.edgeTypes.first { $0.type.name == revision.by }?.type
        let type = known ?? EdgeType(revision.by, fields: [Field(MemoryLayout.reason, .text)])
        if let reason = revision.reason,
            type.fields.contains(where: { $0.name == MemoryLayout.reason && $0.type == .text })
        {
            change.edgeFields[MemoryLayout.reason] = .text(reason)
        }
        var changes = [Change.supersede(change)]
        if let key { changes += plan.links(of: memory, key) }
        let committed = try store.commit(
            changes,
            durability,
            defining: memory.links.map(\.type),
            whole: [type],
            signature: Signature(author: memory.source.agent, reason: revision.reason),
            once: once
        )
        return try superseded(revision, committed)
    }

    /// What a supersede came to, and what is near to the new memory now.
    private func superseded(
        _ revision: Revision,
        _ committed: Committed
    ) throws(MnemeError) -> Remembered {
        guard case .superseded(let superseded)? = committed.outcomes.first else {
            throw MnemeError.unexpected("a supersede")
        }
        var remembered = Remembered(
            keys: [superseded.reference.key],
            sequence: committed.sequence,
            isRepeated: committed.isRepeated,
            evicted: committed.evicted
        )
        remembered.outcomes = [.superseded]
        remembered.similar = [
            try others(than: [revision.old, superseded.reference.key], like: revision.memory)
        ]
        return remembered
    }

    /// What else the owner has about the same, which may contradict what is true now.
    private func others(
        than own: Set<Key>,
        like memory: Remember
    ) throws(MnemeError) -> [Remembered.Similar] {
        let snapshot = store.snapshot()
        let resemblance = Resemblance(
            snapshot: snapshot,
            collection: try snapshot.catalog.collection(memory.collection),
            embedder: embedder
        )
        guard let (field, vector) = resemblance.question(memory, plan(snapshot)) else { return [] }
        return try resemblance.hits(
            field,
            vector,
            owner: memory.owner,
            least: CandidateSearch.nearEnough,
            without: own
        ).map { Remembered.Similar($0.record.reference.key, score: $0.score) }
    }

    // MARK: Pin

    func pinning(
        _ pin: Pin,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Committed {
        let schema = try store.snapshot().catalog.collection(pin.collection).schema
        guard let field = schema.roles.pinned else { throw MemoryLayout.missing("pinned", schema) }
        guard !pin.keys.isEmpty else {
            throw MnemeError(.badRequest, "pin needs to know what: give keys")
        }
        let changes = pin.keys.map { key in
            Change.patch(
                Patch(pin.collection, key, [.set(FieldPath(field), .bool(pin.isPinned))])
            )
        }
        return try store.commit(changes, durability, once: once)
    }
}
