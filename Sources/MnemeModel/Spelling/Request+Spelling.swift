// A request is an object of one member, the verb: `{"find": {…}}`. A verb that needs nothing may
// stand alone: `"describe"`.

extension Request: Spelled {
    /// The verbs in the order of their documentation.
    package static let verbs = [
        "define", "drop", "switch", "describe", "commit", "get", "find", "walk", "path", "paths",
        "pattern", "session.open",
        "session.append",
        "session.end", "session.context", "session.rehydrate", "episodes", "procedure", "document",
        "remember", "recall", "relate", "forget", "statistics", "verify",
        "vectors.check", "graph.run", "graph.job",
        "checkpoint", "backup", "begin", "inside", "commitTransaction", "rollback", "count",
        "claim", "watch", "history", "audit", "usage", "purge", "deleteWhere",
        "touch", "supersede", "pin", "why", "upkeep", "prune",
        "event.schedule", "event.due", "event.claim", "event.settle", "scalar.set", "scalar.get",
    ]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if let once = try Request.once(spelling) {
            self = once
            return
        }
        let (verb, content) = try spelling.spelledChoice("A request", Request.verbs)
        switch verb {
        case "define": self = try Request.define(content)
        case "describe": self = try Request.bare(.describe, verb, content)
        case "commit": self = try Request.commit(content)
        case "get":
            let get = try Get(spelling: content)
            self = get.isPlain ? .get(get.references) : .getBy(get)
        case "claim": self = .claim(try Claim(spelling: content))
        case "find": self = .find(try Find(spelling: content))
        case "walk": self = .walk(try Walk(spelling: content))
        case "path": self = .path(try Path(spelling: content))
        case "paths": self = .paths(try Paths(spelling: content))
        case "session.open", "session.append", "session.end":
            self = try Request.session(verb, content)
        case "session.context": self = .sessionContext(try ContextQuestion(spelling: content))
        case "session.rehydrate": self = .rehydrate(try Rehydration(spelling: content))
        case "episodes": self = .episodes(try EpisodeQuestion(spelling: content))
        case "procedure": self = .procedure(try NamedCall(content, of: verb))
        case "document": self = .document(try NamedCall(content, of: verb))
        case "remember":
            // One memory needs no brackets.
            if case .map = content {
                self = .remember([try Remember(spelling: content)])
            } else {
                self = .remember(try content.spelledNouns("remember"))
            }
        case "recall": self = .recall(try Recall(spelling: content))
        case "relate": self = .relate(try content.spelledNouns("relate"))
        case "forget": self = .forget(try Forget(spelling: content))
        case "statistics": self = try Request.bare(.statistics, verb, content)
        case "verify": self = try Request.bare(.verify, verb, content)
        case "checkpoint": self = try Request.bare(.checkpoint, verb, content)
        case "backup": self = .backup(try Backup(spelling: content))
        case "drop": self = .drop(try Drop(spelling: content))
        case "switch": self = .switchVector(try VectorSwitch(spelling: content))
        case "begin": self = try Request.bare(.begin, verb, content)
        case "inside", "commitTransaction", "rollback":
            self = try Request.transaction(verb, content)
        case "count": self = .count(try Count(spelling: content))
        case "pattern": self = .pattern(try Pattern(spelling: content))
        case "deleteWhere": self = .deleteWhere(try DeleteWhere(spelling: content))
        case "history": self = .history(try VersionQuestion(spelling: content))
        case "audit": self = try Request.readAudit(content)
        case "watch": self = .watch(try Watch(spelling: content))
        case "usage": self = .usage(try UsageQuestion(spelling: content))
        case "purge": self = .purge(try Purge(spelling: content))
        case "vectors.check":
            self = .checkVectors(try VectorQuestion(spelling: content.isNull ? [:] : content))
        case "graph.run": self = .runGraph(try GraphRun(spelling: content))
        case "graph.job": self = .graphJob(try GraphJobCall(spelling: content))
        case "touch": self = .touch(try Touch(spelling: content))
        case "supersede": self = .supersede(try Revision(spelling: content))
        case "pin": self = .pin(try Pin(spelling: content))
        case "why": self = .why(try Why(spelling: content))
        case "upkeep": self = .upkeep(try Upkeep(spelling: content))
        case "prune": self = .prune(try Prune(spelling: content))
        case "event.schedule", "event.due", "event.claim", "event.settle", "scalar.set",
            "scalar.get":
            self = try Request.timed(verb, content)
        default: throw unknown("verb", verb, Request.verbs)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .define(let schema, let waits): Request.spell(schema, waits)
        case .drop(let drop): .word("drop", drop.spelling)
        case .switchVector(let change): .word("switch", change.spelling)
        case .describe: .word("describe", [:])
        case .commit(let changes, let durability): Request.spell(changes, durability)
        case .signed(let signature, let changes, let durability):
            Request.spell(changes, durability, signature)
        case .get(let references): .word("get", references.spelling)
        case .getBy(let get): .word("get", get.spelling)
        case .claim(let claim): .word("claim", claim.spelling)
        case .deleteWhere(let delete): .word("deleteWhere", delete.spelling)
        case .once(let key, let request): Request.spell(once: key, request)
        case .find(let find): .word("find", find.spelling)
        case .walk(let walk): .word("walk", walk.spelling)
        case .path(let path): .word("path", path.spelling)
        case .openSession(let owner, let minutes, let terms):
            Request.spellOpen(owner, minutes, terms)
        case .paths(let paths): .word("paths", paths.spelling)
        case .appendToSession(let id, let entries):
            .word("session.append", ["id": .text(id), "entries": entries.spelling])
        case .endSession(let id, let summary, let closing):
            Request.spellEnd(id, summary, closing)
        case .sessionContext(let question): .word("session.context", question.spelling)
        case .rehydrate(let question): .word("session.rehydrate", question.spelling)
        case .episodes(let question): .word("episodes", question.spelling)
        case .procedure(let call): .word("procedure", call.spelling)
        case .document(let call): .word("document", call.spelling)
        case .remember(let memories): .word("remember", memories.spelling)
        case .recall(let recall): .word("recall", recall.spelling)
        case .relate(let links): .word("relate", links.spelling)
        case .forget(let forget): .word("forget", forget.spelling)
        case .statistics: .word("statistics", [:])
        case .verify: .word("verify", [:])
        case .checkpoint: .word("checkpoint", [:])
        case .backup(let backup): .word("backup", backup.spelling)
        case .begin: .word("begin", [:])
        case .inside(let id, let request):
            .word("inside", ["transaction": Value(id), "request": request.spelling])
        case .commitTransaction(let id, let durability):
            Request.spellCommit(of: id, durability)
        case .rollback(let id): .word("rollback", ["transaction": Value(id)])
        case .count(let count): .word("count", count.spelling)
        case .pattern(let pattern): .word("pattern", pattern.spelling)
        case .history(let question): .word("history", question.spelling)
        case .audit(let setting): Request.spell(audit: setting)
        case .watch(let watch): .word("watch", watch.spelling)
        case .usage(let question): .word("usage", question.spelling)
        case .purge(let purge): .word("purge", purge.spelling)
        case .checkVectors(let question): .word("vectors.check", question.spelling)
        case .runGraph(let run): .word("graph.run", run.spelling)
        case .graphJob(let call): .word("graph.job", call.spelling)
        case .touch(let touch): .word("touch", touch.spelling)
        case .supersede(let revision): .word("supersede", revision.spelling)
        case .pin(let pin): .word("pin", pin.spelling)
        case .why(let why): .word("why", why.spelling)
        case .upkeep(let upkeep): .word("upkeep", upkeep.spelling)
        case .prune(let prune): .word("prune", prune.spelling)
        case .schedule(let events): .word("event.schedule", events.spelling)
        case .dueEvents(let question): .word("event.due", question.spelling)
        case .claimEvents(let claim): .word("event.claim", claim.spelling)
        case .settleEvent(let settlement): .word("event.settle", settlement.spelling)
        case .setScalar(let change): .word("scalar.set", change.spelling)
        case .scalars(let question): .word("scalar.get", question.spelling)
        }
    }

    /// A request without parameters.
    private static func bare(
        _ request: Request,
        _ verb: String,
        _ content: Value
    ) throws(MnemeError) -> Request {
        if !content.isNull { try SpelledMembers(content, of: verb).finish() }
        return request
    }

    private static func define(_ content: Value) throws(MnemeError) -> Request {
        guard case .map(var members) = content else {
            return .define(try Schema(spelling: content))
        }
        let waits = members.removeValue(forKey: "wait") ?? .null
        return .define(
            try Schema(spelling: .map(members)),
            waits: waits.isNull ? true : try waits.spelledBool("define.wait")
        )
    }

    private static func spell(_ schema: Schema, _ waits: Bool) -> Value {
        guard !waits, case .map(var members) = schema.spelling else {
            return .word("define", schema.spelling)
        }
        members["wait"] = .bool(false)
        return .word("define", .map(members))
    }

    private static func commit(_ content: Value) throws(MnemeError) -> Request {
        var members = try SpelledMembers(content, of: "commit")
        _ = try members.required("changes")
        let changes: [Change] = try members.nouns("changes")
        let durability: Durability = try members.optionalWord("durability") ?? .synced
        let signature = Signature(
            author: try members.optionalText("author"),
            reason: try members.optionalText("reason")
        )
        try members.finish()
        return signature.isEmpty
            ? .commit(changes, durability) : .signed(signature, changes, durability)
    }

    private static func spell(
        _ changes: [Change],
        _ durability: Durability,
        _ signature: Signature = Signature()
    ) -> Value {
        var spelling = Spelling()
        spelling.put("changes", changes.spelling)
        spelling.put("durability", durability, unless: .synced)
        spelling.put("author", signature.author)
        spelling.put("reason", signature.reason)
        return .word("commit", spelling.value)
    }

    private static func transaction(
        _ verb: String,
        _ content: Value
    ) throws(MnemeError) -> Request {
        var members = try SpelledMembers(content, of: verb)
        let id = try members.unsigned("transaction")
        let request: Request
        switch verb {
        case "inside": request = .inside(transaction: id, try members.noun("request"))
        case "commitTransaction":
            request = .commitTransaction(id, try members.optionalWord("durability") ?? .synced)
        default: request = .rollback(id)
        }
        try members.finish()
        return request
    }

    private static func spellCommit(of id: UInt64, _ durability: Durability) -> Value {
        var spelling = Spelling()
        spelling.put("transaction", Value(id))
        spelling.put("durability", durability, unless: .synced)
        return .word("commitTransaction", spelling.value)
    }
}
