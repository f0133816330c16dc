// Requests: the one vocabulary, executed. The typed methods below are for programs in this process;
// other doors send the same requests.

public import MnemeModel
internal import MnemeStore

extension Memory: BlockingDoor {
    /// Does what a request asks.
    ///
    /// `durability`: of changes that the request does not speak for itself; the options'
    /// when nil.
    /// - Returns: the response of the request's kind.
    /// - Throws: `MnemeError`; a request that throws has changed nothing, unless the code is
    ///   `outcomeUnknown`.
    public func perform(
        _ request: Request,
        durability: Durability? = nil
    )
        throws(MnemeError) -> Response
    {
        try perform(request, durability: durability, for: asker)
    }

    /// Does what a request asks, when it was kept who asks, or that is not wanted.
    func execute(
        _ request: Request,
        _ durability: Durability?,
        for asker: Asker
    ) throws(MnemeError) -> Response {
        try store.checkOpen()
        let durability = durability ?? options.durability
        switch request {
        case .define(let schema, let waits):
            try perform(defining: schema, waits: waits, durability)
            return .done
        case .drop(let drop):
            try perform(dropping: drop, durability)
            return .done
        case .switchVector(let change):
            try perform(switching: change, durability)
            return .done
        case .describe: return .schema(store.snapshot().describedSchema)
        case .commit(let changes, let durability):
            return .committed(try store.commit(changes, durability))
        case .signed(let signature, let changes, let durability):
            return .committed(try store.commit(changes, durability, signature: signature))
        case .getBy(let get): return .records(try store.snapshot().records(get))
        case .history(let question):
            return .history(try store.snapshot().history(question))
        case .get(let references): return .records(try get(references))
        case .find(let find): return .found(try store.snapshot().find(find))
        case .count(let count): return .counted(try store.snapshot().count(count))
        case .walk(let walk): return .walked(try store.snapshot().walk(walk))
        case .path(let path): return .path(try self.path(path))
        case .paths(let paths): return .paths(try self.paths(paths))
        case .pattern(let pattern): return .matched(try self.pattern(pattern))
        case .openSession(let owner, let minutes, let terms):
            return .session(try openSession(owner, idleMinutes: minutes, terms, durability))
        case .appendToSession(let id, let entries):
            return .remembered(
                Remembered(try appending(entries, to: id, durability), count: entries.count)
            )
        case .endSession(let id, let summary, let closing):
            return .session(try endSession(id, summary, closing, durability))
        case .sessionContext(let question): return .context(try readContext(question))
        case .rehydrate(let question): return .rehydrated(try readSession(question))
        case .episodes(let question): return .found(try findEpisodes(question))
        case .procedure(let call):
            return try perform(call, NamedValues.procedures, durability)
        case .document(let call): return try perform(call, NamedValues.documents, durability)
        case .remember(let memories):
            return .remembered(try remembering(memories, durability))
        case .recall(let recall): return .recalled(try self.recall(recall))
        case .relate(let links): return .committed(try relating(links, durability))
        case .forget(let forget):
            return .forgotten(try forgetting(forget, durability))
        case .statistics: return .statistics(try store.statistics())
        case .verify: return .verified(try store.verify())
        case .checkpoint:
            try store.checkpointNow()
            return .done
        case .backup(let backup): return .backedUp(try perform(backup))
        case .begin, .inside, .commitTransaction, .rollback, .once(_, .commitTransaction):
            return try perform(request, in: transactions)
        case .watch(let watch): return .watched(try store.watch(watch))
        case .usage(let question): return .usage(try usage(question))
        case .purge(let purge): return .purged(try store.purge(purge, durability))
        case .checkVectors(let question):
            return .vectorsChecked(try store.checkVectors(question))
        case .runGraph(let run):
            let job = try store.runGraphJob(run, durability)
            return .graphJob(GraphJobs(jobs: [job], sequence: store.snapshot().sequence))
        case .graphJob(let call):
            return .graphJob(try store.graphJobs(call, durability))
        case .touch, .supersede, .pin, .why, .upkeep, .prune:
            return try perform(ofFacts: request, durability)
        case .schedule(let events): return .events(try scheduling(events, durability))
        case .dueEvents(let question): return .events(try due(question))
        case .claimEvents(let claim): return .events(try claiming(claim, durability))
        case .settleEvent(let settlement): return .events(try settling(settlement, durability))
        case .setScalar(let change): return .scalars(try setting(change, durability))
        case .scalars(let question): return .scalars(try scalars(question))
        case .claim(let claim): return .claimed(try store.claim(claim, durability))
        case .deleteWhere(let delete):
            return .deletedWhere(try store.deleteWhere(delete, durability))
        case .once(let key, let request): return try perform(request, once: key, durability)
        case .audit(let setting):
            guard let setting else { return .audited(try store.auditStatus()) }
            return .audited(try store.setAudit(setting, for: asker, durability))
        }
    }

    /// Adds collections, edge types, fields and indexes.
    ///
    /// An index that comes to a collection with many records is built behind: `waits` until it is
    /// ready. Without that it is defined when this returns, and used from when it is ready;
    /// `statistics` says how far it is.
    /// - Throws: `.badSchema`, `.schemaConflict`; `.duplicate` and `.tooLarge` where records that
    ///   are there refuse an index, which is not defined then.
    public func define(_ schema: Schema, waits: Bool = true) throws(MnemeError) {
        if isAudited { return try door.define(schema, waits: waits) }
        try perform(defining: schema, waits: waits, options.durability)
    }

    private func perform(
        defining schema: Schema,
        waits: Bool,
        _ durability: Durability
    ) throws(MnemeError) {
        try MemoryLayout.check(schema, standing: store.snapshot().schema)
        try store.define(schema, durability, waits: waits)
    }

    /// Takes out what is defined.
    ///
    /// - Throws: `.unknownCollection`, `.unknownEdgeType`, `.notFound` of an index that is not
    ///   there; `.schemaConflict` where something that stays needs it.
    public func drop(_ drop: Drop) throws(MnemeError) {
        if isAudited { return try door.drop(drop) }
        try perform(dropping: drop, options.durability)
    }

    private func perform(dropping drop: Drop, _ durability: Durability) throws(MnemeError) {
        if MemoryLayout.needs(drop) {
            throw MnemeError(
                .schemaConflict,
                "what remembers and recalls needs this; define collections of your own, which "
                    + "can be dropped"
            )
        }
        try store.drop(drop, durability)
    }

    /// Gives a vector field's name to another vector field, in one commit.
    ///
    /// - Throws: as `Door.switchVector`; `.schemaConflict` for the vectors that `remember` makes.
    public func switchVector(_ change: VectorSwitch) throws(MnemeError) {
        if isAudited { return try door.switchVector(change) }
        try perform(switching: change, options.durability)
    }

    private func perform(
        switching change: VectorSwitch,
        _ durability: Durability
    ) throws(MnemeError) {
        if MemoryLayout.needs(change) {
            throw MnemeError(
                .schemaConflict,
                "the vectors of \"\(MemoryLayout.meaning)\" of collection "
                    + "\"\(MemoryLayout.memories)\" are those that remember makes of the texts "
                    + "itself, and nothing takes their place; put those of a model of your own "
                    + "into a field of your own, by which recall asks when it is given its vectors"
            )
        }
        try store.switchVector(change, durability)
    }

    /// What is defined.
    public var schema: Schema { store.snapshot().schema }

    /// Applies changes, all or none.
    ///
    /// A put of a record into the collection `memories` is a put like any other: no vector is made
    /// of its text, and nothing stands for what is left out, neither kind nor time nor importance.
    /// `remember` does both.
    public func commit(
        _ changes: [Change],
        _ durability: Durability = .synced
    )
        throws(MnemeError) -> Committed
    {
        if isAudited { return try door.commit(changes, durability) }
        return try store.commit(changes, durability)
    }

    /// Reads a record, nil when it is not there.
    public func get(_ reference: Reference) throws(MnemeError) -> Record? {
        if isAudited { return try door.get(reference) }
        return try store.snapshot().record(reference)
    }

    /// Reads records of one commit; nil in the place of those that are not there.
    public func get(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        if isAudited { return try door.get(references) }
        let snapshot = store.snapshot()
        var records: [Record?] = []
        records.reserveCapacity(references.count)
        for reference in references { records.append(try snapshot.record(reference)) }
        return records
    }

    /// Reads records of one commit with their versions; nil in the place of those that are not
    /// there.
    public func getVersions(_ references: [Reference]) throws(MnemeError) -> [Record?] {
        if isAudited { return try door.get(Get(references, versions: true)) }
        let snapshot = store.snapshot()
        var records: [Record?] = []
        records.reserveCapacity(references.count)
        for reference in references { records.append(try snapshot.versionedRecord(reference)) }
        return records
    }

    /// Searches one collection.
    public func find(_ find: Find) throws(MnemeError) -> Found {
        if isAudited { return try door.find(find) }
        return try store.snapshot().find(find)
    }

    /// Counts records or edges, by groups.
    public func count(_ count: Count) throws(MnemeError) -> Counted {
        if isAudited { return try door.count(count) }
        return try store.snapshot().count(count)
    }

    /// Follows edges.
    public func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        if isAudited { return try door.walk(walk) }
        return try store.snapshot().walk(walk)
    }

    /// Finds a shortest path: its edges in order, nil when there is none.
    public func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        if isAudited { return try door.path(path) }
        return try store.snapshot().path(path)
    }

    /// Finds all shortest paths between two records, or the cheapest.
    ///
    /// - Throws: as `path`; `.badPath` where an edge has a cost or a strength that is none.
    public func paths(_ paths: Paths) throws(MnemeError) -> FoundPaths {
        if isAudited { return try door.paths(paths) }
        return try store.snapshot().paths(paths)
    }

    /// Looks for records that stand to each other as a pattern says.
    public func pattern(_ pattern: Pattern) throws(MnemeError) -> Matched {
        if isAudited { return try door.pattern(pattern) }
        return try store.snapshot().pattern(pattern)
    }

    /// Links memories or other records, all or none, and returns the edges' numbers.
    ///
    /// An edge type that is not defined yet is defined with them, or not at all.
    public func relate(_ links: [Link]) throws(MnemeError) -> [UInt64] {
        if isAudited { return try door.relate(links) }
        return try relating(links, options.durability).outcomes.compactMap(\.madeEdge)
    }

    private func relating(
        _ links: [Link],
        _ durability: Durability
    ) throws(MnemeError)
        -> Committed
    {
        try store.commit(links.map { .link($0) }, durability, defining: links.map(\.type))
    }

    /// Counts and sizes.
    public func statistics() throws(MnemeError) -> Statistics {
        if isAudited { return try door.statistics() }
        return try store.statistics()
    }

    /// Holds every index against the log.
    ///
    /// - Parameter progress: called now and then with how far it has come.
    /// - Returns: what was compared and what does not agree.
    /// - Throws: `.damagedLog` or `.disk` when the log itself cannot be read.
    public func verify(
        progress: VerifyWatch = { _, _, _ in }
    ) throws(MnemeError) -> Verification {
        guard isAudited else { return try store.verify(progress: progress) }
        return try audited(.verify, asker) { () throws(MnemeError) in
            try store.verify(progress: progress)
        } telling: {
            .verified($0)
        }
    }

    /// Writes a checkpoint now.
    public func checkpoint() throws(MnemeError) {
        if isAudited { return try door.checkpoint() }
        try store.checkpointNow()
    }

    /// Waits until every vector of fields that have a graph is in it, and works on it meanwhile.
    ///
    /// Nobody has to: what is not in the graph yet is found by a scan.
    /// - Throws: `MnemeError` when the page file refuses.
    public func settleGraphs() throws(MnemeError) { try store.settleGraphs() }
}
