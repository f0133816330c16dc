// The entries of a session, by the roles of their collection: those of the memory layer's own, and
// those of any collection that says which field is a record's session and where it stands in it.

internal import MnemeModel
internal import MnemeStore

struct SessionEntries {
    let name: String
    /// The session of the memory layer; nil of a collection of somebody's own.
    let session: Session?
    private let snapshot: Snapshot
    private let owner: String?
    private let filter: Filter
    private let place: [String]
    private let hasLanes: Bool
    private let tokensField: String?
    private let fields: [Projection]
    /// So many entries are read at once.
    private static let pageCount = 64

    /// The entries of a session, of one lane or of all.
    ///
    /// - Throws: `.notFound`, `.unknownCollection`; `.badRequest` where the collection's roles do
    ///   not say what its sessions are.
    init(
        _ id: Key,
        lane: String? = nil,
        in name: String,
        owner: String?,
        tokensField: String? = nil,
        _ snapshot: Snapshot
    ) throws(MnemeError) {
        let collection = try snapshot.catalog.collection(name).schema
        let roles = collection.roles
        // Those of the memory layer have a position; elsewhere it may be that only some do.
        let place =
            name == MemoryLayout.memories
            ? ["position"] : [roles.position, roles.time].compactMap { $0 }
        guard let field = roles.session, !place.isEmpty else {
            throw MnemeError(
                .badRequest,
                "the collection \"\(name)\" has no roles that say what its sessions are; define "
                    + "the roles session, and position or time, for its fields"
            )
        }
        var parts = [Filter.eq(field, id.value)]
        var owner = owner
        session =
            name == MemoryLayout.memories
            ? try Self.session(id, of: owner, snapshot) : Session?.none
        if let session {
            owner = session.owner
            parts.append(.eq("owner", .text(session.owner)))
        }
        hasLanes = collection.field("lane")?.type == .text
        if let lane {
            guard hasLanes else {
                throw MnemeError(
                    .badRequest,
                    "the collection \"\(name)\" has no text field \"lane\"; leave the lane out"
                )
            }
            let named = Filter.eq("lane", .text(lane))
            parts.append(
                lane == EntryTraits.mainLane ? .or([.eq("lane", .null), named]) : named
            )
        }
        if let tokensField, collection.field(tokensField)?.type != .int {
            throw MnemeError(
                .badRequest,
                "the collection \"\(name)\" has no int field \"\(tokensField)\" to count tokens "
                    + "by; name one, or leave it out to have them estimated"
            )
        }
        self.name = name
        self.snapshot = snapshot
        self.owner = owner
        self.place = place
        self.tokensField = tokensField ?? (name == MemoryLayout.memories ? "tokens" : nil)
        filter = .and(parts)
        fields = collection.fields.compactMap { field in
            if case .vector = field.type { nil } else { .field(field.name) }
        }
    }

    /// The session of an id, if its owner may be meant.
    private static func session(
        _ id: Key,
        of owner: String?,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> Session? {
        let record = try snapshot.record(Reference(MemoryLayout.sessions, id))
        let session = record.map { SessionRecord.session($0) }
        if let session {
            guard let owner else { return session }
            if session.owner == owner || session.owner.hasPrefix(owner + "/") { return session }
        } else if owner != nil {
            // Memories may name a session that nobody opened.
            return nil
        }
        throw MnemeError(.notFound, "there is no session \(id); open one first")
    }

    /// How many there are.
    func count() throws(MnemeError) -> Int {
        let counted = try snapshot.count(Count(name, owner: owner, where: filter))
        return Int(clamping: counted.rows.first?["count"]?.int ?? 0)
    }

    /// How many each lane has.
    func lanes() throws(MnemeError) -> [String: Int] {
        var lanes: [String: Int] = [:]
        let groups: [Projection] = hasLanes ? ["lane"] : []
        let counted = try snapshot.count(Count(name, owner: owner, where: filter, by: groups))
        for row in counted.rows {
            let count = Int(clamping: row["count"]?.int ?? 0)
            let lane = row["lane"]?.text ?? EntryTraits.mainLane
            if count > 0 { lanes[lane, default: 0] += count }
        }
        return lanes
    }

    /// The newest that fit, newest first, and whether that is all of them.
    ///
    /// - Complexity: O(log records + entries that fit).
    func newest(
        within budget: Int
    ) throws(MnemeError) -> (entries: [Record], tokens: Int, isAll: Bool) {
        var entries: [Record] = []
        var spent = 0
        var after: String?
        repeat {
            let page = try page(limit: Self.pageCount, after: after, descending: true)
            for row in page.rows {
                let size = tokens(row.record)
                guard size <= budget - spent else { return (entries, spent, false) }
                spent += size
                entries.append(row.record)
            }
            after = page.next
        } while after != nil
        return (entries, spent, true)
    }

    /// Some of them in their order.
    func page(
        limit: Int,
        after: String?,
        descending: Bool = false
    ) throws(MnemeError) -> Found {
        try snapshot.find(
            Find(
                name,
                owner: owner,
                where: filter,
                order: place.map { Order($0, descending: descending) },
                limit: limit,
                after: after,
                select: fields
            )
        )
    }

    /// The tokens of an entry where it is sent: those that it says itself, else what its serialized
    /// form is estimated to have.
    private func tokens(_ entry: Record) -> Int {
        if let tokensField, let own = entry[tokensField].int, own >= 0 {
            return Int(clamping: own)
        }
        return Packing.tokens(entry)
    }
}
