// The rules by which records go together, are put aside, replaced, counted and remembered, in the
// plainest words; and what is remembered of them.

internal import MnemeBase
internal import MnemeModel

/// What a store keeps beside its records and edges.
struct Lives: Equatable, Sendable {
    /// A version of a record, or its end.
    struct Event: Equatable, Sendable {
        var at: Microseconds
        var kind: History.Kind
        /// Nil of an end.
        var fields: [String: Value]?
    }

    /// What was done under an idempotency key.
    struct Done: Equatable, Sendable {
        var changes: [Change]
        var outcomes: [Committed.Outcome]
    }

    /// Of records whose history is kept, oldest first; a version's number is its place, from 1.
    var histories: [Reference: [Event]] = [:]
    var once: [String: Done] = [:]
    /// Whether changes are kept by the audit.
    var isAudited = false
    /// The requests of which the audit has rows.
    var audited: Set<UInt32> = []
    /// Owners of whom everything was purged, and who had nothing since.
    var purged: Set<String> = []
    /// Whose the edges are, of those that are somebody's.
    var edgeOwners: [UInt64: String] = [:]
    /// Since when it is kept which edges there were, by types.
    var pasts: [String: Microseconds] = [:]
    /// The edges of these, by number.
    var ties: [UInt64: Tie] = [:]
    /// What gave way in the newest batch, in order.
    var evicted: [Reference] = []
    /// The instant of the batch that is decided.
    var now: Microseconds = 0
    /// Rows of histories that the change has made which is decided.
    var rows: UInt64 = 0
}

extension ExpectedState {
    /// Whether a path is an owner or below it.
    static func isBelow(_ path: String, _ owner: String) -> Bool {
        path == owner || path.hasPrefix(owner + "/")
    }

    /// Whose a record is.
    func owner(of reference: Reference, _ record: ExpectedRecord) -> String? {
        guard let role = collection(reference.collection)?.roles.owner,
            case .text(let path)? = record.fields[role]
        else { return nil }
        return path
    }

    // MARK: Histories

    private func keepsHistory(_ reference: Reference) -> Bool {
        collection(reference.collection)?.history != nil
    }

    func notePurgedNoMore(_ owner: String) -> Set<String> {
        lives.purged.filter { !Self.isBelow(owner, $0) }
    }

    mutating func notePut(of reference: Reference, isNew: Bool) {
        guard let record = records[reference] else { return }
        if let owner = owner(of: reference, record) { lives.purged = notePurgedNoMore(owner) }
        guard let rule = collection(reference.collection)?.history else { return }
        // That it was made is known without a row; that it was made again is counted.
        let isAgain = rule.versions != nil && lives.histories[reference] != nil
        if !isNew || isAgain { lives.rows += 1 }
        lives.histories[reference, default: []].append(
            Lives.Event(at: lives.now, kind: isNew ? .created : .updated, fields: record.fields)
        )
    }

    mutating func noteEnd(of reference: Reference, erasing: Bool) {
        guard keepsHistory(reference), records[reference] != nil else { return }
        if erasing {
            lives.histories[reference] = nil
            return
        }
        lives.histories[reference, default: []].append(
            Lives.Event(at: lives.now, kind: .deleted, fields: nil)
        )
        lives.rows += 1
    }

    mutating func noteLink(_ id: UInt64, from reference: Reference, _ record: ExpectedRecord) {
        guard let owner = owner(of: reference, record) else { return }
        lives.edgeOwners[id] = owner
        lives.purged = notePurgedNoMore(owner)
    }

    /// Rows of histories have numbers as records have.
    mutating func takeRows() {
        nextOrdinal += lives.rows
        lives.rows = 0
    }

    // MARK: Put aside

    /// Whether a record is put aside.
    func isAside(_ reference: Reference, _ record: ExpectedRecord) -> Bool {
        guard let collection = collection(reference.collection) else { return false }
        func value(_ name: String) -> Value { record.fields[name] ?? .null }
        return MarkFields.deleted(collection)?.isHeld(value) ?? false
            || MarkFields.archived(collection)?.isHeld(value) ?? false
    }

    /// What is seen by who does not ask for what is put aside.
    func shown() -> ExpectedState {
        let aside = Set(records.filter { isAside($0.key, $0.value) }.keys)
        if aside.isEmpty { return self }
        var state = self
        state.records = records.filter { !aside.contains($0.key) }
        state.edges = edges.filter {
            !aside.contains($0.value.from) && !aside.contains($0.value.to)
        }
        return state
    }

    mutating func decide(_ mark: Mark) throws(Refusal) -> Committed.Outcome {
        guard let collection = collection(mark.reference.collection) else {
            throw Refusal(code: .unknownCollection)
        }
        let isOfDeleted = mark.kind == .delete || mark.kind == .restore
        let marks = isOfDeleted ? MarkFields.deleted(collection) : MarkFields.archived(collection)
        guard let marks else { throw Refusal(code: .badRequest) }
        guard let standing = records[mark.reference] else {
            if mark.kind == .delete { return .deleted(false) }
            throw Refusal(code: .notFound)
        }
        let sets = mark.kind == .delete || mark.kind == .archive
        if marks.isHeld({ standing.fields[$0] ?? .null }) != sets {
            let edits = marks.edits(setting: sets, at: Instant(microseconds: lives.now))
            _ = try decide(Patch(mark.reference.collection, mark.reference.key, edits))
            if mark.kind == .delete { return .deleted(true) }
        } else if mark.kind == .delete {
            return .deleted(false)
        }
        return .patched(Committed.Patched(reference: mark.reference, isNew: false))
    }

    mutating func decide(_ supersede: Supersede) throws(Refusal) -> Committed.Outcome {
        let old = supersede.old
        guard let roles = collection(old.collection)?.roles, let until = roles.validTo else {
            throw Refusal(code: .badRequest)
        }
        guard let standing = records[old] else { throw Refusal(code: .notFound) }
        if standing.fields[until] != nil { throw Refusal(code: .conditionFailed) }
        if let since = roles.validFrom, case .instant(let begin)? = standing.fields[since],
            begin > supersede.at
        {
            throw Refusal(code: .conditionFailed)
        }
        let end = Edit.set(FieldPath(until), .instant(supersede.at))
        _ = try decide(Patch(old.collection, old.key, [end]))
        let new = try decide(
            Put(supersede.collection, supersede.key, supersede.fields, mode: .insert)
        )
        var superseded = Committed.Superseded(reference: new)
        if let type = supersede.by { superseded.edge = try decide(Link(type, from: new, to: old)) }
        return .superseded(superseded)
    }

    // MARK: Many at once

    /// Deletes what a condition holds for, at an instant.
    ///
    /// - Returns: how many records that are.
    mutating func delete(_ delete: DeleteWhere, at now: Microseconds) -> Int {
        lives.now = now
        expire(at: now)
        guard let collection = collection(delete.collection) else { return 0 }
        let gone = records.filter { reference, record in
            reference.collection == delete.collection && holds(delete, collection, record)
        }
        for reference in gone.keys.sorted(by: { $0.description < $1.description }) {
            end(reference, erasing: delete.erases)
        }
        takeRows()
        return gone.count
    }

    private func holds(
        _ delete: DeleteWhere,
        _ collection: Collection,
        _ record: ExpectedRecord
    ) -> Bool {
        if !Audit.belongs(record, to: delete.owner, collection) { return false }
        if delete.from != nil || delete.to != nil {
            guard let field = delete.field ?? collection.roles.time,
                case .instant(let time)? = record.fields[field]
            else { return false }
            if let from = delete.from, time < from { return false }
            if let to = delete.to, time >= to { return false }
        }
        return delete.filter?.holds { record.fields[$0] ?? .null } ?? true
    }

    /// Deletes what is not kept any longer at an instant; whether there was any.
    mutating func retain(at now: Microseconds) -> Bool {
        lives.now = now
        expire(at: now)
        var isChanged = false
        for collection in schema.collections {
            guard let rule = collection.retention, let days = rule.days,
                let field = rule.field ?? collection.roles.time
            else { continue }
            let end = Instant(microseconds: now - Int64(days) * 86_400_000_000)
            for (key, record) in records(in: collection.name) {
                guard case .instant(let time)? = record.fields[field], time < end else { continue }
                self.end(Reference(collection.name, key))
                isChanged = true
            }
        }
        return isChanged
    }

    /// Erases everything of an owner and those below it.
    mutating func purge(_ owner: String, at now: Microseconds) {
        lives.now = now
        expire(at: now)
        let mine = records.filter { reference, record in
            self.owner(of: reference, record).map { Self.isBelow($0, owner) } ?? false
        }
        for reference in mine.keys.sorted(by: { $0.description < $1.description }) {
            end(reference, erasing: true)
        }
        purgeTies(of: owner)
        for (id, whose) in lives.edgeOwners where Self.isBelow(whose, owner) {
            edges[id] = nil
            lives.edgeOwners[id] = nil
        }
        lives.histories = lives.histories.filter { reference, _ in
            !Self.isBelow(HarnessSchema.owner(of: reference.key), owner)
        }
        // Which of the answers are the owner's is not worked out here: no key is given again.
        lives.once = [:]
        lives.purged.insert(owner)
    }

    // MARK: Quotas

    /// Holds a batch against quotas, in the order of its puts.
    mutating func holdQuotas(
        of outcomes: [Committed.Outcome],
        before: [Reference: ExpectedRecord]
    ) throws(Refusal) {
        let put = outcomes.compactMap(\.reference)
        // What the batch itself links stays too.
        let linked = outcomes.compactMap { outcome -> Edge? in
            if case .linked(let number) = outcome { edges[number] } else { nil }
        }.flatMap { [$0.from, $0.to] }
        var seen: Set<String> = []
        for reference in put {
            guard let collection = collection(reference.collection), collection.quotas != nil,
                let record = records[reference]
            else { continue }
            let owner = owner(of: reference, record)
            guard seen.insert("\(collection.name) \(owner ?? "")").inserted else { continue }
            try hold(collection, owner, Set(put + linked), before)
        }
    }

    private mutating func hold(
        _ collection: Collection,
        _ owner: String?,
        _ staying: Set<Reference>,
        _ before: [Reference: ExpectedRecord]
    ) throws(Refusal) {
        let quotas = (collection.quotas ?? []).filter { quota in
            quota.owner.map { Self.isBelow(owner ?? "", $0) } ?? true
        }
        let quota = quotas.max { ($0.owner?.count ?? -1) < ($1.owner?.count ?? -1) }
        guard let quota, let most = quota.records else { return }
        func count(_ records: [Reference: ExpectedRecord]) -> Int {
            records.count { reference, record in
                reference.collection == collection.name
                    && self.owner(of: reference, record) == owner
            }
        }
        func excess() -> Int {
            let used = count(records)
            return used > count(before) ? max(0, used - most) : 0
        }
        if quota.evicts {
            let surplus = excess()
            giveWay(collection, owner, staying, surplus)
        }
        if excess() > 0 { throw Refusal(code: .quotaExceeded) }
    }

    /// The oldest of an owner give way, but for those that stay.
    private mutating func giveWay(
        _ collection: Collection,
        _ owner: String?,
        _ staying: Set<Reference>,
        _ excess: Int
    ) {
        func time(_ record: ExpectedRecord) -> Instant {
            guard let role = collection.roles.time, case .instant(let time)? = record.fields[role]
            else { return Instant(microseconds: 0) }
            return time
        }
        let standing = records.filter { reference, record in
            reference.collection == collection.name && !staying.contains(reference)
                && self.owner(of: reference, record) == owner
        }
        let oldest = standing.sorted {
            (time($0.value), $0.value.ordinal) < (time($1.value), $1.value.ordinal)
        }
        for (reference, _) in oldest.prefix(excess) {
            end(reference)
            lives.evicted.append(reference)
        }
    }

    // MARK: Definitions

    /// Takes out what is defined.
    ///
    /// - Throws: the refusal that the store should answer with; the state is then as it was.
    mutating func drop(_ drop: Drop) throws(Refusal) {
        switch drop {
        case .field(let name, let field):
            guard let place = schema.collections.firstIndex(where: { $0.name == name }) else {
                throw Refusal(code: .unknownCollection)
            }
            guard schema.collections[place].field(field) != nil else {
                throw Refusal(code: .unknownField)
            }
            schema.collections[place].fields.removeAll { $0.name == field }
            for reference in records.keys where reference.collection == name {
                records[reference]?.fields.removeValue(forKey: field)
            }
        case .index(let name, let index):
            guard let place = schema.collections.firstIndex(where: { $0.name == name }) else {
                throw Refusal(code: .unknownCollection)
            }
            guard schema.collections[place].indexes.contains(where: { $0.name == index }) else {
                throw Refusal(code: .notFound)
            }
            schema.collections[place].indexes.removeAll { $0.name == index }
        case .search(let name, let field):
            guard let place = schema.collections.firstIndex(where: { $0.name == name }) else {
                throw Refusal(code: .unknownCollection)
            }
            let fields = schema.collections[place].fields
            guard let own = fields.firstIndex(where: { $0.name == field }) else {
                throw Refusal(code: .unknownField)
            }
            guard fields[own].isSearchable else { throw Refusal(code: .notFound) }
            schema.collections[place].fields[own].isSearchable = false
        case .collection, .edgeType, .edgeIndex:
            preconditionFailure("no workload drops \(drop)")
        }
    }
}

extension Committed.Outcome {
    /// The record that was put.
    fileprivate var reference: Reference? {
        switch self {
        case .put(let reference): reference
        case .patched(let patched): patched.reference
        case .superseded(let superseded): superseded.reference
        default: nil
        }
    }
}

extension HarnessSchema {
    /// Whose a record with a history is: always the same one's, by its key.
    static func owner(of key: Key) -> String {
        let digits = key.description.utf8.filter { (48...57).contains($0) }
        let number = digits.reduce(0) { ($0 * 10 + Int($1 - 48)) % 1000 }
        return owners[number % owners.count]
    }
}
