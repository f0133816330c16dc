// The plain model of a store: arrays and dictionaries, and every rule written as naively as it can
// be said. It knows nothing of indexes, pages or plans: whatever is asked is worked out by looking
// at everything. Expressions alone are the engine's own.

import MnemeModel

/// What a request is refused with.
struct Refusal: Error, Equatable {
    let code: MnemeError.Code

    init(_ code: MnemeError.Code) { self.code = code }
}

/// What a store holds, and what it does with changes.
struct PlainModel {
    struct Item {
        var fields: [String: Value]
        var expiresAt: Int64
        /// Which change of the batch has put it, -1 of what was there before.
        var step = -1
        /// The change that made it so; nil where it is not known yet.
        var version: UInt64?
        /// Whether what it is was made by rules behind the change that put it.
        var isFollowed = false
        /// Whether the batch, or the transaction, has changed it: nobody knows its version then.
        var isOwn = false
        /// A number for life, in the order of the puts that made a record where there was none.
        var born = 0
        /// When a change made it what it is.
        var madeAt: Int64 = 0
        /// What counts of it, as it was put.
        var bytes = 0
    }
    /// The end of a record, or of what it was named by.
    struct Fall {
        let reference: Reference
        let fields: [String: Value]
        var remaining: [String: Value]?
        let overrules: Bool
        let isPut: Bool
        let step: Int
    }
    /// A version of a record that a change has made.
    struct Made {
        let reference: Reference
        /// Nil of the end of a record.
        let fields: [String: Value]?
        let expiresAt: Int64
        /// As of the item.
        let born: Int
        /// Whether it was made by rules behind a change.
        let isFollowed: Bool
    }
    struct Restriction {
        let collection: Collection
        let rule: ReferenceRule
        let name: [Value]
        let step: Int
    }

    var schema: Schema
    var items: [Reference: Item] = [:]
    /// By number.
    var edges: [Edge] = []
    /// The next int keys by collection, and the next numbers by `collection.field`.
    var counters: [String: Int64] = [:]
    var now: Int64
    /// The numbers that edges get, in their order.
    var edgeNumbers: [UInt64] = []
    /// The versions that changes have made, until somebody takes them.
    var made: [Made] = []
    /// The ends of the edges that changes have made.
    var links: [(from: Reference, to: Reference)] = []
    /// What gave way to quotas in the last batch, in order.
    var evicted: [Reference] = []
    /// Whether batches are held against quotas; in a transaction its commit is alone.
    var holdsQuotas = true
    private var lastBorn = 0
    /// Whether it is what was known at an instant, without vectors.
    var isPast = false

    // What one batch means for references.
    var step = 0
    var falls: [Fall] = []
    var restrictions: [Restriction] = []

    init(_ schema: Schema, now: Int64) {
        self.schema = schema
        self.now = now
    }

    // MARK: The schema

    func collection(_ name: String) throws(Refusal) -> Collection {
        guard let found = schema.collections.first(where: { $0.name == name }) else {
            throw Refusal(.unknownCollection)
        }
        return found
    }

    func edgeType(_ name: String) throws(Refusal) -> EdgeType {
        guard let found = schema.edgeTypes.first(where: { $0.name == name }) else {
            throw Refusal(.unknownEdgeType)
        }
        return found
    }

    /// The key as the collection has it.
    func key(_ key: Key, _ collection: Collection) throws(Refusal) -> Key {
        guard let coerced = key.coerced(to: collection.key), coerced != .text("") else {
            throw Refusal(.wrongType)
        }
        return coerced
    }

    func reference(_ reference: Reference) throws(Refusal) -> Reference {
        let collection = try collection(reference.collection)
        return Reference(collection.name, try key(reference.key, collection))
    }

    /// Everything of a collection, by key.
    func records(of collection: String) -> [(reference: Reference, item: Item)] {
        items.filter { $0.key.collection == collection }
            .map { (reference: $0.key, item: $0.value) }
            .sorted { Naive.order($0.reference.key.value, $1.reference.key.value) < 0 }
    }

    /// What is asked for by a name: a field's value, or a pseudo-field's.
    static func value(_ name: String, _ reference: Reference, _ item: Item) -> Value {
        switch name {
        case PseudoField.key: reference.key.value
        case PseudoField.version: .int(Int64(item.version ?? 0))
        default: item.fields[name] ?? .null
        }
    }

    // MARK: Batches

    /// Applies a batch whole, or not at all.
    mutating func commit(_ changes: [Change]) throws(Refusal) -> [Committed.Outcome] {
        var next = self
        let outcomes = try next.decide(changes)
        next.evicted = holdsQuotas ? try next.holdQuotas(since: self) : []
        self = next
        return outcomes
    }

    private mutating func decide(_ changes: [Change]) throws(Refusal) -> [Committed.Outcome] {
        for reference in items.keys { items[reference]?.step = -1 }
        falls = []
        restrictions = []
        for change in changes { try prepare(change) }
        var outcomes: [Committed.Outcome] = []
        for (step, change) in changes.enumerated() {
            self.step = step
            outcomes.append(try decide(change))
            try follow()
        }
        try settle()
        return outcomes
    }

    /// What can be refused without looking at any record.
    private func prepare(_ change: Change) throws(Refusal) {
        switch change {
        case .put(let put): try prepare(put)
        case .patch(let patch): try prepare(patch)
        case .supersede(let supersede): try prepare(supersede)
        case .mark(let mark): try prepare(mark)
        case .delete(let reference), .erase(let reference): _ = try self.reference(reference)
        case .remove(let removal):
            let collection = try collection(removal.reference.collection)
            if let filter = removal.condition { _ = try checked(filter, collection) }
            _ = try key(removal.reference.key, collection)
        case .link(let link): try prepare(link)
        case .unlink, .eraseEdge: break
        }
    }

    func prepare(_ put: Put) throws(Refusal) {
        let collection = try collection(put.collection)
        if let key = put.key { _ = try self.key(key, collection) }
        try checkTerms(of: put, collection)
        _ = try prepared(put.fields, collection, revises: false)
    }

    func checkTerms(of put: Put, _ collection: Collection) throws(Refusal) {
        let isHeld = put.version ?? 0 != 0 || put.condition != nil
        if isHeld, put.key == nil || put.mode == .insert { throw Refusal(.badRequest) }
        if let filter = put.condition { _ = try checked(filter, collection) }
    }

    func prepare(_ link: Link) throws(Refusal) {
        let type = try edgeType(link.type)
        if link.mode == .replace, !type.isUnique { throw Refusal(.badRequest) }
        for (end, wanted) in [(link.from, type.from), (link.to, type.to)] {
            let reference = try reference(end)
            if let wanted, wanted != reference.collection { throw Refusal(.wrongType) }
        }
        _ = try properties(link, type)
    }

    private func properties(_ link: Link, _ type: EdgeType) throws(Refusal) -> [String: Value] {
        let rules = Collection(type.name, fields: type.fields, checks: type.checks)
        let (fields, _) = try prepared(link.fields, rules, revises: false)
        return fields
    }

    private mutating func decide(_ change: Change) throws(Refusal) -> Committed.Outcome {
        switch change {
        case .put(let put): return try decide(put)
        case .patch(let patch): return try decide(patch)
        case .supersede(let supersede): return try decide(supersede)
        case .mark(let mark): return try decide(mark)
        case .delete(let given), .erase(let given):
            let reference = try reference(given)
            let isThere = items[reference] != nil
            end(reference, overrules: false)
            return .deleted(isThere)
        case .remove(let removal): return try decide(removal)
        case .link(let link): return try decide(link)
        case .unlink(let id), .eraseEdge(let id):
            guard let place = edges.firstIndex(where: { $0.id == id }) else {
                return .unlinked(false)
            }
            edges.remove(at: place)
            return .unlinked(true)
        }
    }

    // MARK: Puts and ends

    func hold(
        _ version: UInt64?,
        _ condition: Filter?,
        _ reference: Reference,
        _ collection: Collection
    ) throws(Refusal) {
        let standing = items[reference]
        if let version {
            let isSo = standing.map { !$0.isOwn && $0.step < 0 && $0.version == version }
            guard isSo ?? (version == 0) else { throw Refusal(.conditionFailed) }
        }
        guard let condition, let standing else { return }
        let filter = try checked(condition, collection)
        guard Naive.holds(filter, { PlainModel.value($0, reference, standing) }) else {
            throw Refusal(.conditionFailed)
        }
    }

    private mutating func decide(_ put: Put) throws(Refusal) -> Committed.Outcome {
        let collection = try collection(put.collection)
        let (reference, old) = try place(put, collection, revises: false)
        guard let returns = put.returns else { return .put(reference) }
        var told = Committed.Patched(reference: reference, isNew: old == nil)
        if returns == .new, let item = items[reference] {
            told.record = Record(reference, fields: item.fields)
        } else if returns == .old, let old {
            told.record = Record(reference, fields: old.fields)
        }
        return .putReturning(told)
    }

    /// Puts a record in its place.
    mutating func place(
        _ put: Put,
        _ collection: Collection,
        revises: Bool
    ) throws(Refusal) -> (Reference, old: Item?) {
        let prepared = try prepared(put.fields, collection, revises: revises)
        let fields = try numbered(prepared, collection)
        var key = Key.int(counters[collection.name] ?? 1)
        if let given = put.key { key = try self.key(given, collection) }
        if case .int(let number) = key, number < .max {
            counters[collection.name] = max(counters[collection.name] ?? 1, number + 1)
        }
        let reference = Reference(collection.name, key)
        let old = items[reference]
        if let old {
            if put.mode == .insert { throw Refusal(.duplicate) }
            if put.mode == .replaceOwned, let role = collection.roles.owner,
                old.fields[role] != fields[role]
            {
                throw Refusal(.duplicate)
            }
        }
        if !revises { try hold(put.version, put.condition, reference, collection) }
        try checkUnique(reference, fields, collection)
        if old == nil { lastBorn += 1 }
        let item = Item(
            fields: fields,
            expiresAt: put.expiresAt?.microseconds ?? .max,
            step: step,
            isOwn: true,
            born: old?.born ?? lastBorn,
            madeAt: now,
            bytes: Self.bytes(reference.key, fields, collection)
        )
        items[reference] = item
        note(reference, item, fields)
        if let old { noteRenaming(reference, old.fields, fields, overrules: false, isPut: true) }
        return (reference, old)
    }

    /// Whether another record has one of the places in unique indexes.
    func checkUnique(
        _ reference: Reference,
        _ fields: [String: Value],
        _ collection: Collection
    ) throws(Refusal) {
        for index in collection.indexes where index.isUnique {
            let own = Naive.places(fields, index, collection)
            if own.isEmpty { continue }
            for (other, item) in items
            where other.collection == collection.name && other != reference {
                guard own.isDisjoint(with: Naive.places(item.fields, index, collection)) else {
                    throw Refusal(.duplicate)
                }
            }
        }
    }

    private mutating func decide(_ removal: Removal) throws(Refusal) -> Committed.Outcome {
        let collection = try collection(removal.reference.collection)
        let reference = try reference(removal.reference)
        try hold(removal.version, removal.condition, reference, collection)
        guard let item = items[reference] else { return .deleted(false) }
        end(reference, overrules: false)
        if !removal.returnsRecord { return .deleted(true) }
        return .deletedReturning(Record(reference, fields: item.fields))
    }

    /// Notes a version that a change has made, nil of the end of a record.
    mutating func note(
        _ reference: Reference,
        _ item: Item,
        _ fields: [String: Value]?,
        isFollowed: Bool = false
    ) {
        made.append(
            Made(
                reference: reference,
                fields: fields,
                expiresAt: item.expiresAt,
                born: item.born,
                isFollowed: isFollowed
            )
        )
    }

    /// Ends a record, and the edges that touch it.
    mutating func end(_ reference: Reference, overrules: Bool) {
        guard let item = items.removeValue(forKey: reference) else { return }
        edges.removeAll { $0.from == reference || $0.to == reference }
        note(reference, item, [String: Value]?.none)
        falls.append(
            Fall(
                reference: reference,
                fields: item.fields,
                overrules: overrules,
                isPut: false,
                step: overrules ? 0 : step
            )
        )
    }

    mutating func decide(_ link: Link) throws(Refusal) -> Committed.Outcome {
        let type = try edgeType(link.type)
        let (from, to) = (try reference(link.from), try reference(link.to))
        guard items[from] != nil, items[to] != nil else { throw Refusal(.danglingEdge) }
        if from == to, !type.allowsLoops { throw Refusal(.checkFailed) }
        var old: Edge?
        if type.isUnique {
            let place = edges.firstIndex { edge in
                edge.type == type.name
                    && (edge.from == from && edge.to == to
                        || type.isUndirected && edge.from == to && edge.to == from)
            }
            if let place {
                if link.mode == .insert { throw Refusal(.duplicate) }
                old = edges.remove(at: place)
            }
        }
        let id = edgeNumbers.isEmpty ? 0 : edgeNumbers.removeFirst()
        let fields = try properties(link, type)
        let edge = Edge(id: id, type: type.name, from: from, to: to, fields: fields)
        edges.append(edge)
        links.append((from, to))
        switch link.returns {
        case nil: return .linked(id)
        case .new: return .linkedReturning(id, edge)
        case .old: return .linkedReturning(id, old)
        }
    }
}
