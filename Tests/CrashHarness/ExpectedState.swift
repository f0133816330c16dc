// The oracle's idea of a store: plain dictionaries, and the rules of batches in the plainest words.
// It shares the checks of single records with the vocabulary (MnemeModel) and nothing with the
// store.

package import MnemeBase
package import MnemeModel

/// A record as it should be.
package struct ExpectedRecord: Equatable, Sendable {
    /// The fields without nulls, coerced to their types.
    package var fields: [String: Value]
    /// The instant from which it is not there any more.
    package var expiresAt: Microseconds?
    /// Its number: of two, the higher one came later.
    var ordinal: UInt64 = 0
}

/// Why a batch should be refused.
package struct Refusal: Error, Equatable, Sendable {
    /// The code that the store should answer with.
    package var code: MnemeError.Code
}

/// What a store should hold after some commit.
package struct ExpectedState: Equatable, Sendable {
    /// What is defined.
    package internal(set) var schema = Schema()
    /// Every record that was put and not deleted; also what has expired since.
    package internal(set) var records: [Reference: ExpectedRecord] = [:]
    /// Every edge by its number.
    package internal(set) var edges: [UInt64: Edge] = [:]
    /// Keys that were there once, newest last.
    package private(set) var gone: [Reference] = []
    /// Owners that ever had something.
    package private(set) var owners: Set<String> = []
    /// What is kept of records that were replaced or are gone, and of who did what.
    var lives = Lives()
    /// The number that the next record or edge gets.
    var nextOrdinal: UInt64 = 1
    private var nextKeys: [String: Int64] = [:]

    /// A new store's.
    package init() {}

    /// The collection of a name.
    package func collection(_ name: String) -> Collection? {
        schema.collections.first { $0.name == name }
    }

    func edgeType(_ name: String) -> EdgeType? { schema.edgeTypes.first { $0.name == name } }

    /// The records of a collection by key.
    package func records(in collection: String) -> [(key: Key, record: ExpectedRecord)] {
        records.filter { $0.key.collection == collection }
            .map { ($0.key.key, $0.value) }
            .sorted { Value.compare($0.key.value, $1.key.value) < 0 }
    }

    /// Takes away what is not there any more at an instant, with its edges.
    package mutating func expire(at now: Microseconds) {
        let expired = records.filter { $0.value.expiresAt.map { $0 <= now } ?? false }.keys
        // Sorted, so that a seed means the same in every process.
        for reference in expired.sorted(by: { $0.description < $1.description }) {
            end(reference)
        }
    }

    mutating func end(_ reference: Reference, erasing: Bool = false) {
        noteEnd(of: reference, erasing: erasing)
        records[reference] = nil
        if gone.count >= 32 { gone.removeFirst() }
        gone.append(reference)
        for (id, edge) in edges where edge.from == reference || edge.to == reference {
            if !erasing { noteEnd(ofEdge: id) }
            edges[id] = nil
            lives.edgeOwners[id] = nil
        }
        if erasing { forgetTies(of: reference) }
    }
}

// MARK: - Batches

extension ExpectedState {
    /// Applies a batch at an instant.
    ///
    /// `randomness`: gives the same numbers as the store's, for generated keys.
    /// - Returns: what the store should answer.
    /// - Throws: the refusal that the store should answer with; the state is then as it was.
    package mutating func apply(
        _ changes: [Change],
        at now: Microseconds,
        randomness: some Randomness
    ) throws(Refusal) -> [Committed.Outcome] {
        var prepared: [Change] = []
        for change in changes { prepared.append(try prepare(change, now, randomness)) }
        var next = self
        next.lives.now = now
        next.lives.evicted = []
        next.expire(at: now)
        let before = next.records
        var outcomes: [Committed.Outcome] = []
        for change in prepared {
            outcomes.append(try next.decide(change))
            next.takeRows()
        }
        try next.holdQuotas(of: outcomes, before: before)
        next.takeRows()
        self = next
        return outcomes
    }

    /// What can be said of a change without the data, with keys and fields as they are kept.
    private func prepare(
        _ change: Change,
        _ now: Microseconds,
        _ randomness: some Randomness
    )
        throws(Refusal) -> Change
    {
        switch change {
        case .put(var put):
            guard let collection = collection(put.collection) else {
                throw Refusal(code: .unknownCollection)
            }
            // The key comes first, as in the store: it is drawn where the fields are refused too.
            if let key = put.key {
                put.key = try kept(key, collection)
            } else if collection.key != .int {
                let id = UniqueID(
                    milliseconds: now / 1000,
                    random: (randomness.next(), randomness.next())
                )
                put.key = collection.key == .uuid ? .uuid(id) : .text(id.description)
            }
            put.fields = try kept(put.fields, collection)
            if let seconds = put.expiresIn {
                put.expiresAt = Instant(microseconds: now + Int64(seconds) * 1_000_000)
                put.expiresIn = nil
            }
            return .put(put)
        case .patch(var patch):
            let reference = try kept(Reference(patch.collection, patch.key))
            patch.key = reference.key
            return .patch(patch)
        case .delete(let reference): return .delete(try kept(reference))
        case .erase(let reference): return .erase(try kept(reference))
        case .remove: preconditionFailure("no workload removes under conditions")
        case .link(var link):
            guard let type = edgeType(link.type) else { throw Refusal(code: .unknownEdgeType) }
            for (end, wanted) in [(link.from, type.from), (link.to, type.to)] {
                _ = try kept(end)
                if let wanted, wanted != end.collection { throw Refusal(code: .wrongType) }
            }
            link.fields = try checked { () throws(MnemeError) in
                try type.check(fields: link.fields)
            }
            return .link(link)
        case .unlink, .eraseEdge: return change
        case .supersede(var supersede):
            supersede.old = try kept(supersede.old)
            guard let collection = collection(supersede.collection) else {
                throw Refusal(code: .unknownCollection)
            }
            if let role = collection.roles.validFrom {
                supersede.fields[role] = .instant(supersede.at)
            }
            supersede.fields = try kept(supersede.fields, collection)
            return .supersede(supersede)
        case .mark(var mark):
            mark.reference = try kept(mark.reference)
            return .mark(mark)
        }
    }

    func checked<Result>(
        _ body: () throws(MnemeError) -> Result
    ) throws(Refusal)
        -> Result
    {
        do throws(MnemeError) { return try body() } catch { throw Refusal(code: error.code) }
    }

    /// Fields as the store keeps them.
    func kept(
        _ given: [String: Value],
        _ collection: Collection
    ) throws(Refusal) -> [String: Value] {
        var fields = try checked { () throws(MnemeError) in try collection.check(fields: given) }
        for field in collection.fields {
            if case .vector(let type) = field.type, type.element == .float16,
                case .vector(let components)? = fields[field.name]
            {
                fields[field.name] = .vector(components.map { Float(Float16($0)) })
            }
        }
        return fields
    }

    private func kept(_ reference: Reference) throws(Refusal) -> Reference {
        guard let collection = collection(reference.collection) else {
            throw Refusal(code: .unknownCollection)
        }
        return Reference(reference.collection, try kept(reference.key, collection))
    }

    private func kept(_ key: Key, _ collection: Collection) throws(Refusal) -> Key {
        guard let key = key.coerced(to: collection.key) else { throw Refusal(code: .wrongType) }
        if case .text(let text) = key, text.isEmpty { throw Refusal(code: .wrongType) }
        return key
    }

    private mutating func decide(_ change: Change) throws(Refusal) -> Committed.Outcome {
        switch change {
        case .put(let put): return .put(try decide(put))
        case .patch(let patch): return .patched(try decide(patch))
        case .delete(let reference), .erase(let reference):
            let isThere = records[reference] != nil
            if isThere {
                if case .erase = change { end(reference, erasing: true) } else { end(reference) }
            } else if case .erase = change {
                // What is kept of records that had the key before goes too.
                lives.histories[reference] = nil
                forgetTies(of: reference)
            }
            return .deleted(isThere)
        case .remove: preconditionFailure("no workload removes under conditions")
        case .link(let link): return .linked(try decide(link))
        case .unlink(let id):
            noteEnd(ofEdge: id)
            lives.edgeOwners[id] = nil
            return .unlinked(edges.removeValue(forKey: id) != nil)
        case .eraseEdge(let id):
            lives.ties[id] = nil
            lives.edgeOwners[id] = nil
            return .unlinked(edges.removeValue(forKey: id) != nil)
        case .supersede(let supersede): return try decide(supersede)
        case .mark(let mark): return try decide(mark)
        }
    }

    mutating func decide(_ link: Link) throws(Refusal) -> UInt64 {
        guard let from = records[link.from], records[link.to] != nil else {
            throw Refusal(code: .danglingEdge)
        }
        let id = nextOrdinal
        nextOrdinal += 1
        edges[id] = Edge(
            id: id,
            type: link.type,
            from: link.from,
            to: link.to,
            fields: link.fields
        )
        noteLink(id, from: link.from, from)
        if let edge = edges[id] {
            noteTie(id, edge, owner: lives.edgeOwners[id], linked: lives.now)
        }
        return id
    }

    mutating func decide(_ patch: Patch) throws(Refusal) -> Committed.Patched {
        guard let collection = collection(patch.collection) else {
            throw Refusal(code: .unknownCollection)
        }
        let reference = Reference(patch.collection, patch.key)
        let standing = records[reference]
        guard var fields = standing?.fields ?? patch.orPut else { throw Refusal(code: .notFound) }
        if standing != nil, let condition = patch.condition,
            !condition.holds({ fields[$0] ?? .null })
        {
            throw Refusal(code: .conditionFailed)
        }
        fields = try checked { () throws(MnemeError) in
            for edit in patch.edits { try edit.apply(to: &fields, of: patch.collection) }
            return fields
        }
        var put = Put(patch.collection, patch.key, try kept(fields, collection))
        switch patch.expiry {
        case .kept: put.expiresAt = standing?.expiresAt.map { Instant(microseconds: $0) }
        case .at(let end): put.expiresAt = end
        case .never: break
        case .after(let seconds):
            put.expiresAt = Instant(microseconds: lives.now + Int64(seconds) * 1_000_000)
        }
        _ = try decide(put)
        return Committed.Patched(
            reference: reference,
            isNew: standing == nil,
            record: patch.returnsRecord ? Record(reference, fields: put.fields) : nil
        )
    }

    mutating func decide(_ put: Put) throws(Refusal) -> Reference {
        guard let collection = collection(put.collection) else {
            throw Refusal(code: .unknownCollection)
        }
        let key = put.key ?? .int(nextKeys[put.collection] ?? 1)
        let reference = Reference(put.collection, key)
        if let standing = records[reference] {
            let role = collection.roles.owner
            let isOwn = role.map { standing.fields[$0] == put.fields[$0] } ?? true
            switch put.mode {
            case .replace: break
            case .insert: throw Refusal(code: .duplicate)
            case .replaceOwned: if !isOwn { throw Refusal(code: .duplicate) }
            }
        }
        for index in collection.indexes where index.isUnique {
            let values = index.fields.map { put.fields[$0.name] ?? .null }
            for (other, record) in records
            where other.collection == put.collection && other != reference {
                if index.fields.map({ record.fields[$0.name] ?? .null }) == values {
                    throw Refusal(code: .duplicate)
                }
            }
        }
        let standing = records[reference]
        if standing == nil { nextOrdinal += 1 }
        records[reference] = ExpectedRecord(
            fields: put.fields,
            expiresAt: put.expiresAt?.microseconds,
            ordinal: standing?.ordinal ?? nextOrdinal - 1
        )
        notePut(of: reference, isNew: standing == nil)
        if case .int(let number) = key {
            nextKeys[put.collection] = max(nextKeys[put.collection] ?? 1, number + 1)
        }
        if let role = collection.roles.owner, case .text(let owner)? = put.fields[role] {
            owners.insert(owner)
        }
        return reference
    }
}

// MARK: - Definitions

extension ExpectedState {
    /// Adds to the schema at an instant.
    ///
    /// - Throws: the refusal that the store should answer with; the state is then as it was.
    package mutating func define(_ added: Schema, at now: Microseconds) throws(Refusal) {
        var next = self
        next.expire(at: now)
        for collection in added.collections { try next.define(collection) }
        for type in added.edgeTypes { try next.define(type, at: now) }
        self = next
    }

    private mutating func define(_ newer: EdgeType, at now: Microseconds) throws(Refusal) {
        guard let place = schema.edgeTypes.firstIndex(where: { $0.name == newer.name }) else {
            schema.edgeTypes.append(newer)
            return
        }
        var known = schema.edgeTypes[place]
        let begins = known.history == nil && newer.history != nil
        known.history = newer.history ?? known.history
        if known != newer { throw Refusal(code: .schemaConflict) }
        schema.edgeTypes[place] = known
        if begins { beginTies(of: newer.name, at: now) }
    }

    private mutating func define(_ newer: Collection) throws(Refusal) {
        guard let place = schema.collections.firstIndex(where: { $0.name == newer.name }) else {
            schema.collections.append(newer)
            return
        }
        var known = schema.collections[place]
        guard known.key == newer.key, known.roles.owner == newer.roles.owner else {
            throw Refusal(code: .schemaConflict)
        }
        for field in newer.fields {
            if let place = known.fields.firstIndex(where: { $0.name == field.name }) {
                var searched = known.fields[place]
                searched.isSearchable = searched.isSearchable || field.isSearchable
                if searched != field { throw Refusal(code: .schemaConflict) }
                known.fields[place] = searched
            } else if field.isRequired {
                throw Refusal(code: .schemaConflict)
            } else {
                known.fields.append(field)
            }
        }
        for index in newer.indexes {
            if let other = known.indexes.first(where: { $0.name == index.name }) {
                if other != index { throw Refusal(code: .schemaConflict) }
                continue
            }
            if index.isUnique {
                let values = records(in: newer.name).map { _, record in
                    index.fields.map { record.fields[$0.name] ?? .null }
                }
                if Set(values).count < values.count { throw Refusal(code: .duplicate) }
            }
            known.indexes.append(index)
        }
        known.roles = newer.roles
        known.countsUsage = known.countsUsage || newer.countsUsage
        schema.collections[place] = known
    }
}
