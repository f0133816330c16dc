import MnemeBase

@testable import MnemeModel

/// Makes requests and responses of every kind, without NaN so that they can be compared.
struct RandomNoun {
    let values: RandomValue
    var random: SeededRandomness { values.random }

    init(seed: UInt64) { values = RandomValue(seed: seed, hasNaN: false) }

    func flag() -> Bool { random.below(2) == 0 }
    func maybe<T>(_ make: () -> T) -> T? { flag() ? make() : nil }
    func some<T>(_ make: () -> T) -> [T] { (0..<random.below(3)).map { _ in make() } }
    func word<Word: CaseIterable>(_ type: Word.Type = Word.self) -> Word {
        let all = Array(Word.allCases)
        return all[random.below(all.count)]
    }
    func name() -> String { ["notes", "books", "at", "in", "eq", "a/b", "", "é"][random.below(8)] }
    func instant() -> Instant { Instant(microseconds: values.int()) }
    func count() -> Int { Int(values.int()) }
    func uuid() -> UniqueID { UniqueID(high: random.next(), low: random.next()) }
    func sequence() -> UInt64 { UInt64(random.next() >> 1) }
    func fields() -> [String: Value] { values.members(depth: 2) }
    func vector() -> [Float] { some { values.single() } }
    func edge() -> Edge {
        Edge(id: sequence(), type: name(), from: reference(), to: reference(), fields: fields())
    }
    func record() -> Record {
        Record(reference(), fields: fields(), version: maybe(sequence))
    }
    /// Of all outcomes, or of puts alone.
    func committed() -> Committed {
        let every: [Committed.Outcome] = [
            .put(reference()), .deleted(flag()), .linked(sequence()), .unlinked(flag()),
            .putReturning(patched()), .patched(patched()), .deletedReturning(record()),
            .linkedReturning(sequence(), maybe(edge)),
            .superseded(.init(reference: reference(), edge: maybe(sequence))),
        ]
        return Committed(
            sequence: sequence(),
            outcomes: flag() ? every : some { .put(reference()) },
            versions: some(sequence),
            isRepeated: flag(),
            evicted: flag() ? some(reference) : []
        )
    }
    func patched() -> Committed.Patched {
        Committed.Patched(reference: reference(), isNew: flag(), record: maybe(record))
    }
    func reference() -> Reference { Reference(name(), key()) }

    func key() -> Key {
        switch random.below(3) {
        case 0: .text(values.text())
        case 1: .int(values.int())
        default: .uuid(UniqueID(high: random.next(), low: random.next()))
        }
    }

    func type(depth: Int = 1) -> FieldType {
        let plain: [FieldType] = [
            .bool, .int, .float, .text, .bytes, .uuid, .instant, .date, .json,
            .oneOf(some(values.text)),
            .vector(
                VectorType(
                    dimension: random.below(5000),
                    element: word(),
                    metric: word(),
                    model: maybe(name),
                    recall: maybe { 0.75 }
                )
            ),
        ]
        return depth > 0 && flag()
            ? .array(type(depth: depth - 1)) : plain[random.below(plain.count)]
    }

    func field() -> Field {
        let isSearchable = flag()
        return Field(
            name(),
            type(),
            isRequired: flag(),
            isSearchable: isSearchable,
            maximumLength: maybe(count),
            standard: maybe { values.value() }.flatMap { $0.isNull ? Value?.none : $0 },
            fill: maybe { word() },
            generated: maybe(expression),
            search: isSearchable
                ? SearchRules(language: maybe(name), k1: maybe { 0.75 }, b: maybe { 0.5 })
                : SearchRules()
        )
    }

    func expression() -> Expression {
        let trees = RandomExpression(seed: random.next())
        while true {
            let expression = Expression(root: trees.node(depth: 2))
            if expression.description.utf8.count <= ExpressionLimit.byteCount { return expression }
        }
    }

    func checks() -> [Check] { some { Check(name(), expression()) } }

    func schema() -> Schema {
        var roles = Roles()
        roles.owner = maybe(name)
        roles.text = maybe(name)
        roles.time = maybe(name)
        roles.importance = maybe(name)
        roles.decayRate = maybe(name)
        roles.pinned = maybe(name)
        roles.session = maybe(name)
        roles.position = maybe(name)
        roles.speaker = maybe(name)
        roles.confidence = maybe(name)
        roles.sources = maybe(name)
        roles.validFrom = maybe(name)
        roles.validTo = maybe(name)
        roles.deletedAt = maybe(name)
        roles.active = maybe(name)
        roles.archivedAt = maybe(name)
        roles.archived = maybe(name)
        roles.triggerAt = maybe(name)
        roles.status = maybe(name)
        roles.payload = maybe(name)
        roles.recurrence = maybe(name)
        roles.occurrence = maybe(name)
        roles.claimedAt = maybe(name)
        roles.leaseUntil = maybe(name)
        return Schema(
            collections: some {
                Collection(
                    name(),
                    key: word(),
                    fields: some(field),
                    indexes: some(index),
                    checks: checks(),
                    references: some {
                        ReferenceRule(
                            name(),
                            some(name),
                            to: name(),
                            on: some(name),
                            onDelete: word()
                        )
                    },
                    roles: roles,
                    history: maybe(historyRule),
                    countsUsage: flag(),
                    quotas: maybe { some(quota) },
                    retention: maybe(retention),
                    recall: maybe(recallRule)
                )
            },
            edgeTypes: some(edgeType)
        )
    }

    func quota() -> Quota {
        Quota(
            owner: maybe(name),
            records: maybe(count),
            bytes: maybe(count),
            per: maybe(name),
            depth: maybe(count),
            isOverall: flag(),
            evicts: flag()
        )
    }

    func amounts() -> [String: Usage.Amount] {
        var amounts: [String: Usage.Amount] = [:]
        for name in some(name) { amounts[name] = Usage.Amount(count: count(), bytes: count()) }
        return amounts
    }

    func filter(depth: Int = 3) -> Filter {
        switch random.below(depth > 0 ? 6 : 3) {
        case 3: .and(some { filter(depth: depth - 1) })
        case 4: .or(some { filter(depth: depth - 1) })
        case 5: .not(filter(depth: depth - 1))
        default: .compare(field: name(), comparison())
        }
    }

    func comparison() -> Comparison {
        let value = values.value(depth: 2)
        let list = some { values.value(depth: 1) }
        let all: [Comparison] = [
            .eq(value), .ne(value), .gt(value), .gte(value), .lt(value), .lte(value),
            .isIn(list), .notIn(list), .any(list), .all(list), .prefix(values.text()),
            .exists(flag()), .contains(value), .within(value, values.value(depth: 1)),
            .some(.compare(field: name(), .eq(value))),
        ]
        return all[random.below(all.count)]
    }

    private func superseding() -> Supersede {
        var change = Supersede(
            reference(),
            by: maybe(name),
            in: name(),
            maybe(key),
            fields(),
            at: instant()
        )
        change.edgeFields = fields()
        return change
    }

    func change() -> Change {
        switch random.below(6) {
        case 5:
            .supersede(superseding())
        case 4: .patch(patch())
        case 0:
            .put(put())
        case 1: flag() ? removal() : flag() ? .delete(reference()) : .erase(reference())
        case 2: .link(link())
        default: flag() ? .unlink(sequence()) : .eraseEdge(sequence())
        }
    }

    private func put() -> Put {
        var put = Put(
            name(),
            maybe(key),
            fields(),
            mode: word(),
            expiresAt: maybe(instant),
            version: maybe(sequence),
            if: maybe { filter() },
            returns: maybe { word() }
        )
        put.isCopy = flag()
        put.models = models()
        return put
    }

    func patch() -> Patch {
        let expiries: [Patch.Expiry] = [
            .kept, .at(instant()), .never, .after(seconds: random.below(99)),
        ]
        if random.below(4) == 0 {
            return Patch(
                name(),
                by: [name() + "x": values.value(depth: 1)],
                some(edit),
                orPut: maybe(fields),
                returns: maybe { word() }
            )
        }
        return Patch(
            name(),
            key(),
            some(edit),
            if: maybe { filter() },
            orPut: maybe(fields),
            expiry: expiries[random.below(4)],
            version: maybe(sequence),
            returns: maybe { word() }
        )
    }

    func removal() -> Change {
        .remove(
            Removal(
                reference(),
                erases: flag(),
                version: maybe(sequence),
                if: maybe { filter() },
                returnsRecord: flag()
            )
        )
    }

    func claim() -> Claim {
        let expiries: [Patch.Expiry] = [
            .kept, .at(instant()), .never, .after(seconds: random.below(99)),
        ]
        return Claim(
            name(),
            owner: maybe(name),
            where: maybe { filter() },
            order: some { Order(name(), descending: flag()) },
            limit: maybe(count) ?? 1,
            edits: some(edit),
            expiry: expiries[random.below(4)],
            returns: maybe { word() }
        )
    }

    /// Now and then done once, where it can be.
    func once(_ request: Request) -> Request {
        switch request {
        case .commit, .remember, .relate, .appendToSession, .claim, .commitTransaction,
            .endSession, .procedure, .document, .supersede, .pin, .schedule, .settleEvent,
            .setScalar:
            flag() ? .once(key: name() + "k", request) : request
        default: request
        }
    }

    func edit() -> Edit {
        let path = FieldPath(flag() ? name() : name() + "." + name())
        let list = some { values.value(depth: 1) }
        let limit = maybe { random.below(9) }
        let all: [Edit] = [
            .set(path, values.value(depth: 1)), .unset(path), .fill(path, values.value(depth: 1)),
            .increment(path, .int(3)), .increment(path, .float(0.5)),
            .append(path, list, limit: limit), .prepend(path, list, limit: limit),
            .addToSet(path, list), .remove(path, list), .merge(path, fields()),
        ]
        return all[random.below(all.count)]
    }

    func watch() -> Watch {
        Watch(
            after: maybe(sequence),
            collections: maybe { some(name) },
            edges: maybe { some(name) },
            owner: maybe(name),
            limit: maybe(count) ?? 1000,
            waitMilliseconds: maybe(count) ?? 0
        )
    }

    func event() -> Watched.Event {
        let gone = Watched.Unlinked(
            id: sequence(),
            type: name(),
            from: reference(),
            to: reference(),
            isErased: flag()
        )
        let all: [Watched.What] = [
            .put(record(), isNew: flag()), .delete(reference()), .erase(reference()),
            .link(edge()), .unlink(gone), .define(schema()), .drop(.collection(name())),
            .switchVector(vectorSwitch()),
        ]
        return Watched.Event(
            sequence: sequence(),
            commit: sequence(),
            time: instant(),
            what: all[random.below(all.count)]
        )
    }

    func link() -> Link {
        var link = Link(
            name(),
            from: reference(),
            to: reference(),
            fields: fields(),
            mode: word(),
            returns: maybe { word() }
        )
        link.isCopy = flag()
        return link
    }

    func remember() -> Remember {
        var memory = plainMemory()
        memory.entry = EntryTraits(
            lane: maybe(name),
            agent: maybe(name),
            tokens: maybe(values.int)
        )
        addFacts(to: &memory)
        return memory
    }

    private func plainMemory() -> Remember {
        Remember(
            values.text(),
            owner: name(),
            key: maybe(key),
            kind: word(),
            time: maybe(instant),
            importance: maybe(values.float) ?? 0.5,
            decayRate: maybe(values.float) ?? 0.1,
            isPinned: flag(),
            session: maybe(name),
            position: maybe(values.int),
            speaker: maybe(name),
            tags: some(values.text),
            data: values.value(),
            vectors: maybe { ["v": vector()] } ?? [:],
            links: some { MemoryLink(name(), to: key()) },
            expiresAt: maybe(instant),
            mode: word()
        )
    }

    func find() -> Find {
        var find = plainFind()
        find.budget = maybe { Budget(name(), most: count()) }
        find.highlight = maybe(highlight)
        find.match = find.match.map(demanding)
        return find
    }

    private func highlight() -> Highlight {
        var highlight = Highlight()
        highlight.fields = maybe { some(name) }
        if flag() { highlight.before = values.text() }
        if flag() { highlight.after = values.text() }
        highlight.length = maybe(count) ?? highlight.length
        highlight.count = maybe(count) ?? highlight.count
        return highlight
    }

    private func demanding(_ plain: Match) -> Match {
        var match = plain
        match.combination = word()
        match.minimum = maybe(count)
        match.query = maybe(values.text)
        func clauses() -> [MatchClause] {
            some { MatchClause(word(), values.text(), in: maybe(name)) }
        }
        (match.must, match.should, match.not) = (clauses(), clauses(), clauses())
        match.statistics = word()
        return match
    }

    private func plainFind() -> Find {
        Find(
            name(),
            owner: maybe(name),
            where: maybe { filter() },
            near: maybe {
                Near(
                    name(),
                    vector(),
                    minimum: maybe(values.single),
                    isExact: flag(),
                    beam: maybe(count),
                    model: maybe(name),
                    recall: maybe { 0.875 }
                )
            },
            match: maybe {
                flag()
                    ? Match(name(), values.text())
                    : Match(
                        fields: Dictionary([(name(), 1), (name(), 2.5), (name(), 0.25)]) { $1 },
                        values.text()
                    )
            },
            order: some { Order(name(), descending: flag()) },
            limit: maybe(count) ?? 10,
            offset: maybe(count) ?? 0,
            after: maybe(values.text),
            select: maybe { some(projection) },
            explained: flag(),
            knownAt: maybe(instant),
            asOf: maybe(instant)
        )
    }

    func signature() -> Signature { Signature(author: values.text(), reason: maybe(values.text)) }

    func history() -> History {
        History(
            versions: some {
                History.Version(
                    number: sequence(),
                    at: instant(),
                    kind: word(),
                    signature: Signature(author: maybe(values.text), reason: maybe(values.text)),
                    changes: [name(): .init(old: values.value(), new: values.value())],
                    record: maybe(record)
                )
            },
            isComplete: flag(),
            sequence: sequence()
        )
    }

    func vectorSwitch() -> VectorSwitch {
        VectorSwitch(name(), name(), to: name(), keepingOldAs: name(), isPartial: flag())
    }

    private func models() -> [String: String] { flag() ? [name(): name()] : [:] }

    func requests() -> [Request] { every().map(once) }

    private func every() -> [Request] {
        [
            .define(schema(), waits: flag()),
            .drop(
                flag()
                    ? .index(collection: name(), name: name())
                    : flag()
                        ? .edgeIndex(type: name(), name: name())
                        : flag()
                            ? .field(collection: name(), name: name())
                            : .search(collection: name(), name: name())
            ), .switchVector(vectorSwitch()), .describe, .commit(some(change), word()),
            .get(some(reference)),
            .find(flag() ? find() : edgeFind()),
            .walk(walk()), .path(path()), .paths(paths()),
            .pattern(pattern()),
            .openSession(owner: name(), idleMinutes: count(), openingTerms()),
            .appendToSession(id: name(), entries: some(remember)),
            .endSession(id: name(), summary: maybe(values.text), closing()),
            .sessionContext(contextQuestion()), .rehydrate(rehydration()),
            .episodes(episodeQuestion()), .procedure(named()), .document(named()),
            .remember(some(remember)),
            .recall(recall()), .relate(some(link)),
            .forget(forget()),
            .statistics, .verify,
            .checkVectors(vectorQuestion()),
            .runGraph(graphRun()),
            .graphJob(
                GraphJobCall(word(), maybe(name), offset: count(), limit: count())
            ),
            .checkpoint,
            .backup(
                Backup(
                    name(),
                    base: maybe(name),
                    copies: flag(),
                    bytesPerSecond: maybe(count)
                )
            ),
            .begin,
            .inside(
                transaction: sequence(),
                flag() ? .find(find()) : .count(figures())
            ),
            .commitTransaction(sequence(), word()), .rollback(sequence()),
            .count(figures()),
            .claim(claim()), .watch(watch()),
            .history(
                VersionQuestion(
                    reference(),
                    limit: count(),
                    before: maybe(sequence),
                    records: flag()
                )
            ),
            .audit(maybe(auditSetting)),
            .usage(UsageQuestion(owner: maybe(name), of: some(name))),
            .purge(Purge(name(), isDry: flag())),
            .deleteWhere(deletion()),
        ] + factRequests() + timedRequests()
    }

    /// Requests of verbs that others have too.
    func rarerRequests() -> [Request] {
        [
            .signed(signature(), some(change), word()),
            .getBy(Get(some(reference), knownAt: instant(), asOf: maybe(instant))),
            .getBy(Get(some(reference), versions: true, asOf: maybe(instant))),
            .once(key: name(), .signed(signature(), some(change), word())),
        ] + markRequests()
    }

    func auditRule() -> AuditRule {
        AuditRule(writes: flag(), reads: flag(), failures: flag(), sample: count())
    }

    func auditSetting() -> AuditSetting {
        AuditSetting(
            auditRule(),
            collections: flag() ? [name(): auditRule()] : [:],
            days: maybe(count),
            rows: maybe(count),
            buffer: count(),
            strict: flag()
        )
    }

    private func deletion() -> DeleteWhere {
        DeleteWhere(
            name(),
            owner: maybe(name),
            from: maybe(instant),
            to: maybe(instant),
            field: maybe(name),
            where: maybe { filter() },
            erases: flag()
        )
    }

    private func retention() -> RetentionRule {
        RetentionRule(
            days: maybe(count),
            field: maybe(name),
            exceptions: some {
                RetentionRule.Exception(
                    owner: maybe(name),
                    where: maybe { filter() },
                    days: maybe(count)
                )
            }
        )
    }
}
