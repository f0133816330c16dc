// What requests and their answers speak of: for the rows of questions and of what failed. Rows of
// changes are made of what the writer decided (`BatchPlanner+Audit.swift`).

package import MnemeModel

extension Request {
    /// What it names itself, each collection and type of edges once.
    ///
    /// - Complexity: O(what it names).
    var auditSubjects: [AuditSubject] {
        var subjects = AuditTally()
        func add(_ reference: Reference) {
            subjects.add(reference.collection, .none, reference.key.description)
        }
        switch self {
        case .once(_, let request), .inside(_, let request): return request.auditSubjects
        case .commit(let changes, _), .signed(_, let changes, _):
            for change in changes { change.add(to: &subjects) }
        case .get(let references): for reference in references { add(reference) }
        case .getBy(let get): for reference in get.references { add(reference) }
        case .history(let question): add(question.reference)
        case .find(let find):
            subjects.add(
                AuditSubject(
                    find.edges == nil ? find.collection : nil,
                    edge: find.edges,
                    owner: find.owner
                )
            )
        case .count(let count):
            subjects.add(
                AuditSubject(
                    count.edges == nil ? count.collection : nil,
                    edge: count.edges,
                    owner: count.owner
                )
            )
        case .walk(let walk): for reference in walk.from { add(reference) }
        case .path(let path):
            add(path.from)
            add(path.to)
        case .paths(let paths):
            add(paths.from)
            add(paths.to)
        case .openSession(let owner, _, _):
            subjects.add(AuditSubject(Self.sessions, owner: owner))
        case .appendToSession(let id, _), .endSession(let id, _, _):
            subjects.add(AuditSubject(Self.sessions, keys: [id]))
        case .sessionContext(let question):
            subjects.add(question.auditSubject)
        case .rehydrate(let question): subjects.add(question.auditSubject)
        case .episodes(let question):
            subjects.add(AuditSubject(Self.episodes, owner: question.owner))
        case .procedure(let call):
            subjects.add(AuditSubject(Self.procedures, owner: call.owner))
        case .document(let call):
            subjects.add(AuditSubject(Self.documents, owner: call.owner))
        case .remember(let memories):
            for memory in memories {
                subjects.add(memory.collection, .none, memory.key?.description, owner: memory.owner)
            }
        case .recall(let recall):
            subjects.add(AuditSubject(recall.collection, owner: recall.owner))
        case .relate(let links):
            for link in links { subjects.add(nil, edge: link.type, .none, nil) }
        case .forget(let forget):
            subjects.add(
                AuditSubject(
                    forget.collection,
                    keys: forget.keys.map(\.description),
                    owner: forget.owner
                )
            )
        case .watch(let watch):
            for name in watch.collections ?? [] {
                subjects.add(AuditSubject(name, owner: watch.owner))
            }
            for type in watch.edges ?? [] { subjects.add(AuditSubject(edge: type)) }
        case .pattern(let pattern):
            for (_, node) in pattern.nodes.sorted(by: { $0.key < $1.key }) {
                subjects.add(AuditSubject(node.collection, owner: node.owner ?? pattern.owner))
            }
        case .deleteWhere(let delete):
            subjects.add(AuditSubject(delete.collection, owner: delete.owner))
        case .usage(let question):
            subjects.add(AuditSubject(owner: question.owner))
        case .purge(let purge):
            subjects.add(AuditSubject(owner: purge.owner))
        case .checkVectors(let question):
            if let name = question.collection { subjects.add(AuditSubject(name)) }
            if let type = question.edges { subjects.add(AuditSubject(edge: type)) }
        case .claim(let claim): subjects.add(AuditSubject(claim.collection, owner: claim.owner))
        case .define(let schema, _):
            for collection in schema.collections { subjects.add(AuditSubject(collection.name)) }
            for type in schema.edgeTypes { subjects.add(AuditSubject(edge: type.name)) }
        case .drop(let drop):
            var subject = drop.auditSubject
            subject.effect = .none
            subjects.add(subject)
        case .switchVector(let change): subjects.add(AuditSubject(change.collection))
        case .touch(let touch):
            subjects.add(AuditSubject(touch.collection, keys: touch.keys.map(\.description)))
        case .supersede(let revision):
            let memory = revision.memory
            subjects.add(memory.collection, .none, revision.old.description, owner: memory.owner)
            subjects.add(memory.collection, .none, memory.key?.description, owner: memory.owner)
        case .pin(let pin):
            subjects.add(AuditSubject(pin.collection, keys: pin.keys.map(\.description)))
        case .why(let why): add(why.reference)
        case .upkeep(let upkeep):
            subjects.add(AuditSubject(upkeep.collection, owner: upkeep.owner))
        case .prune(let prune):
            subjects.add(AuditSubject(prune.collection, owner: prune.owner))
        case .schedule(let events):
            for event in events {
                subjects.add(event.collection, .none, event.key?.description, owner: event.owner)
            }
        case .dueEvents(let question):
            subjects.add(AuditSubject(question.collection, owner: question.owner))
        case .claimEvents(let claim):
            subjects.add(AuditSubject(claim.collection, owner: claim.owner))
        case .settleEvent(let settlement): add(settlement.reference)
        case .setScalar(let change):
            subjects.add(AuditSubject(Self.scalars, owner: change.owner))
        case .scalars(let question):
            subjects.add(AuditSubject(Self.scalars, owner: question.owner))
        case .runGraph(let run):
            for type in run.types ?? [] { subjects.add(AuditSubject(edge: type)) }
            if run.collection != nil || run.types == nil {
                subjects.add(AuditSubject(run.collection, owner: run.owner))
            }
        case .graphJob(let call):
            subjects.add(AuditSubject(keys: call.name.map { [$0] } ?? []))
        case .describe, .statistics, .verify, .checkpoint, .backup, .begin, .commitTransaction,
            .rollback, .audit:
            break
        }
        return subjects.all
    }

    /// The pattern that it asks for, inside a transaction too.
    fileprivate var askedPattern: Pattern? {
        switch self {
        case .pattern(let pattern): pattern
        case .inside(_, let request): request.askedPattern
        default: nil
        }
    }

    /// The collections of the memory layer.
    fileprivate static let memories = "memories"
    fileprivate static let sessions = "sessions"
    private static let episodes = "episodes"
    private static let procedures = "procedures"
    private static let documents = "documents"
    private static let scalars = "scalars"

    /// Whether it asks for rows of the audit itself.
    package var asksForAudit: Bool {
        switch self {
        case .find(let find): find.collection == AuditTrail.collection
        case .count(let count): count.collection == AuditTrail.collection
        case .audit(nil): true
        default: false
        }
    }
}

extension ContextQuestion {
    /// What it names: the session, or where the collection is another one, that.
    fileprivate var auditSubject: AuditSubject {
        collection == Request.memories
            ? AuditSubject(Request.sessions, keys: [id.description])
            : AuditSubject(collection, owner: owner)
    }
}

extension Rehydration {
    /// As of a `ContextQuestion`.
    fileprivate var auditSubject: AuditSubject {
        collection == Request.memories
            ? AuditSubject(Request.sessions, keys: [id.description])
            : AuditSubject(collection, owner: owner)
    }
}

extension Request {
    /// Whether it asks for records by other names than their keys.
    fileprivate var isOfNames: Bool {
        switch self {
        case .procedure, .document: true
        default: false
        }
    }
}

extension Drop {
    /// What it takes out.
    var auditSubject: AuditSubject {
        switch self {
        case .collection(let name): AuditSubject(name, .dropped)
        case .index(let name, _), .field(let name, _), .search(let name, _):
            AuditSubject(name, .dropped)
        case .edgeType(let name), .edgeIndex(let name, _): AuditSubject(edge: name, .dropped)
        }
    }
}

extension Change {
    fileprivate func add(to subjects: inout AuditTally) {
        switch self {
        case .put(let put): subjects.add(put.collection, .none, put.key?.description)
        case .patch(let patch): subjects.add(patch.collection, .none, patch.key.description)
        case .delete(let reference), .erase(let reference):
            subjects.add(reference.collection, .none, reference.key.description)
        case .mark(let mark):
            subjects.add(mark.reference.collection, .none, mark.reference.key.description)
        case .remove(let removal):
            subjects.add(removal.reference.collection, .none, removal.reference.key.description)
        case .supersede(let supersede):
            subjects.add(supersede.old.collection, .none, supersede.old.key.description)
            subjects.add(supersede.collection, .none, supersede.key?.description)
        case .link(let link): subjects.add(nil, edge: link.type, .none, nil)
        case .unlink(let number), .eraseEdge(let number):
            subjects.add(nil, .none, String(number))
        }
    }
}

extension Response {
    /// What an answer to a question hands out.
    ///
    /// Of keys that were asked for it is these, whether or not they are there.
    ///
    /// - Complexity: O(what it hands out).
    func auditSubjects(of request: Request) -> [AuditSubject] {
        var subjects = AuditTally()
        var asked = request.auditSubjects
        for place in asked.indices { asked[place].effect = .read }
        let owner = asked.first?.owner
        switch self {
        case .found(let found):
            for row in found.rows {
                let reference = row.record.reference
                subjects.add(reference.collection, .read, reference.key.description, owner: owner)
            }
            for edge in found.edges { subjects.add(nil, edge: edge.type, .read, String(edge.id)) }
        case .recalled(let recalled):
            for item in recalled.items {
                let reference = item.record.reference
                subjects.add(reference.collection, .read, reference.key.description, owner: owner)
            }
        case .context(let context):
            for record in context.entries + context.recalled.map(\.record) {
                let reference = record.reference
                subjects.add(reference.collection, .read, reference.key.description)
            }
        case .rehydrated(let rehydrated):
            for record in rehydrated.entries {
                let reference = record.reference
                subjects.add(reference.collection, .read, reference.key.description)
            }
        case .records(let records) where request.isOfNames:
            for case let record? in records {
                let reference = record.reference
                subjects.add(reference.collection, .read, reference.key.description, owner: owner)
            }
        case .provenance(let provenance):
            for record in [provenance.record] + provenance.steps.compactMap(\.record) {
                let reference = record.reference
                subjects.add(reference.collection, .read, reference.key.description)
            }
        case .candidates(let candidates):
            for reference in candidates.items.flatMap(\.records).map(\.reference) {
                subjects.add(reference.collection, .read, reference.key.description, owner: owner)
            }
        case .events(let events):
            for event in events.events {
                let reference = event.reference
                subjects.add(reference.collection, .read, reference.key.description, owner: owner)
            }
        case .graphJob(let jobs):
            for row in jobs.rows {
                subjects.add(row.reference.collection, .read, row.reference.key.description)
            }
        case .watched(let watched):
            for event in watched.events { event.add(to: &subjects) }
        case .walked(let walked):
            for stop in walked.stops {
                subjects.add(stop.reference.collection, .read, stop.reference.key.description)
            }
            if walked.stops.isEmpty, let first = asked.first {
                var counted = first
                counted.records = walked.count
                return [counted]
            }
        case .path(let edges): for edge in edges ?? [] { edge.add(to: &subjects) }
        case .paths(let found):
            for edge in Set(found.paths.flatMap(\.edges)).sorted(by: { $0.id < $1.id }) {
                edge.add(to: &subjects)
            }
        case .matched(let matched):
            if let pattern = request.askedPattern { matched.add(to: &subjects, of: pattern) }
        case .counted(let counted):
            for place in asked.indices { asked[place].records = counted.rows.count }
        default: break
        }
        return subjects.all.isEmpty ? asked : subjects.all
    }
}

extension Committed {
    /// What it hands out beside what it changed.
    ///
    /// - Complexity: O(outcomes).
    var handedOut: [AuditSubject] {
        var subjects = AuditTally()
        for outcome in outcomes {
            if let reference = outcome.record?.reference {
                subjects.add(reference.collection, .read, reference.key.description)
            }
            if let edge = outcome.edge {
                subjects.add(nil, edge: edge.type, .read, String(edge.id))
            }
        }
        return subjects.all
    }
}

extension Matched {
    /// Adds the records that its rows name, each once; of a node that they do not name, how many
    /// rows there are.
    fileprivate func add(to subjects: inout AuditTally, of pattern: Pattern) {
        for (name, node) in pattern.nodes.sorted(by: { $0.key < $1.key }) {
            let owner = node.owner ?? pattern.owner
            var isNamed = false
            for row in rows {
                let key: String?
                if let reference = row[name].flatMap({ try? Reference(spelling: $0) }) {
                    key = reference.key.description
                } else {
                    key = row["\(name).\(PseudoField.key)"].flatMap {
                        (try? Key(spelling: $0))?.description
                    }
                }
                guard let key else { continue }
                isNamed = true
                subjects.add(node.collection, .read, key, owner: owner, unlessThere: true)
            }
            if !isNamed {
                subjects.add(
                    AuditSubject(node.collection, .read, records: rows.count, owner: owner)
                )
            }
        }
    }
}

extension Watched.Event {
    fileprivate func add(to subjects: inout AuditTally) {
        switch what {
        case .put(let record, _):
            subjects.add(record.reference.collection, .read, record.reference.key.description)
        case .delete(let reference), .erase(let reference):
            subjects.add(reference.collection, .read, reference.key.description)
        case .link(let edge): subjects.add(nil, edge: edge.type, .read, String(edge.id))
        case .unlink(let gone): subjects.add(nil, edge: gone.type, .read, String(gone.id))
        case .define, .drop, .switchVector: break
        }
    }
}

extension Edge {
    /// Notes that it was read, and what it joins.
    fileprivate func add(to subjects: inout AuditTally) {
        subjects.add(nil, edge: type, .read, String(id))
        for end in [from, to] {
            subjects.add(end.collection, .read, end.key.description, unlessThere: true)
        }
    }
}
