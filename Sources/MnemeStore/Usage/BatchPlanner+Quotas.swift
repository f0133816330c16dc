// Holding a batch against quotas. It is done when everything else of the batch is decided, on what
// the batch comes to: in the writer, where every batch before it has been counted, so that no two
// pass a bound together. What would be too much is refused, or records give way, as changes of the
// same batch.
//
// Only what makes it more is held: who has too much already, as a quota was lowered, may still put
// less in the place of more.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a quota is held against.
struct QuotaScope: Hashable {
    let collection: UInt16
    /// Among the chapters of the collection's quotas.
    let chapter: Int
    /// 0 where owners are taken together.
    var owner: UInt32
    /// The path below which owners are taken together, in normal form; nil where it is one owner.
    var top: String?
    /// Of a quota per value of a field.
    var value: Value?
}

/// How much there is of what a quota bounds, and how much of that the batch makes.
private struct QuotaUse {
    var used = UsageAmount.zero
    var added = UsageAmount.zero

    /// By how much a quota is passed; nothing where it holds.
    func excess(over quota: Quota) -> UsageAmount {
        var excess = UsageAmount.zero
        if let most = quota.records, added.count > 0 { excess.count = max(0, used.count - most) }
        if let most = quota.bytes, added.bytes > 0 { excess.bytes = max(0, used.bytes - most) }
        return excess
    }
}

/// What the changes of a batch make of what owners have, as far as they were looked at.
struct QuotaChanges {
    fileprivate var next = 0
    fileprivate(set) var added: [UsageKey: UsageAmount] = [:]
    /// Edges that end.
    fileprivate var ended: Set<UInt64> = []
    /// The newest version that the batch makes of each record that it puts.
    fileprivate(set) var puts: [UInt64: PlannedPut] = [:]
}

extension BatchPlanner {
    /// Holds the batch against the quotas of the collections that it puts into.
    ///
    /// - Throws: `.refused` with `quotaExceeded`.
    /// - Complexity: O(changes) where they hold; where records give way, O(records of the owner in
    ///   the collection); per value of a field, O(records of the value).
    mutating func holdQuotas() throws(StoreError) {
        guard catalog.hasQuotas, holdsQuotas, following.isChecking else { return }
        var changes = QuotaChanges()
        try look(at: &changes)
        let before = plan.changes.count
        for scope in try quotaScopes() { try hold(scope, &changes) }
        guard plan.changes.count > before else { return }
        try settleReferences()
        try keepHistory()
    }

    /// What is to be held, in the order of the puts.
    private func quotaScopes() throws(StoreError) -> [QuotaScope] {
        var scopes: [QuotaScope] = []
        var seen: Set<QuotaScope> = []
        for change in plan.changes {
            guard case .put(let put) = change, let book = put.collection.quotas,
                !dead.contains(put.ordinal)
            else { continue }
            for (place, chapter) in book.chapters.enumerated() {
                var scope = QuotaScope(
                    collection: put.collection.number,
                    chapter: place,
                    owner: put.record.owner
                )
                if let depth = chapter.subject.depth {
                    guard let top = try path(of: put.record.owner)?.top(depth) else { continue }
                    scope.owner = 0
                    scope.top = top
                }
                if let field = chapter.field {
                    let value = put.record[field.number]
                    if value.isNull { continue }
                    scope.value = value
                }
                if seen.insert(scope).inserted { scopes.append(scope) }
            }
        }
        return scopes
    }

    private mutating func hold(
        _ scope: QuotaScope,
        _ changes: inout QuotaChanges
    ) throws(StoreError) {
        // What is counted by going through it, and what gives way.
        if turn != nil, scope.value != nil || scope.top != nil { throw .long }
        guard let collection = catalog.collection(number: scope.collection),
            let chapter = collection.quotas?.chapters[scope.chapter],
            let quota = chapter.quota(of: try normalizedPath(of: scope)),
            var use = try measure(scope, collection, chapter, changes),
            use.excess(over: quota) != .zero
        else { return }
        if turn != nil { throw .long }
        if try endExpired(scope, chapter) {
            try follow()
            try look(at: &changes)
            if let less = try measure(scope, collection, chapter, changes) { use = less }
        }
        var excess = use.excess(over: quota)
        if quota.evicts, excess != .zero {
            try evict(scope, collection, chapter, excess, changes)
            try follow()
            try look(at: &changes)
            if let less = try measure(scope, collection, chapter, changes) { use = less }
            excess = use.excess(over: quota)
        }
        if excess != .zero { throw exceeded(scope, collection, quota, use, excess) }
    }

    // MARK: Counting

    /// Looks at the changes that were not looked at yet.
    private func look(at changes: inout QuotaChanges) throws(StoreError) {
        while changes.next < plan.changes.count {
            let change = plan.changes[changes.next]
            changes.next += 1
            switch change {
            case .put(let put):
                changes.puts[put.ordinal] = put
                guard catalog.counted.contains(put.collection.number) else { continue }
                let number = put.collection.number
                if let old = put.old {
                    changes.added[UsageKey(number, old.entry.owner), default: .zero] -= old.usage
                }
                changes.added[UsageKey(number, put.record.owner), default: .zero] += put.usage
            case .delete(let delete):
                changes.puts.removeValue(forKey: delete.ordinal)
                let number = delete.collection.number
                if catalog.counted.contains(number) {
                    let key = UsageKey(number, delete.old.entry.owner)
                    changes.added[key, default: .zero] -= delete.old.usage
                }
                try lookAtEdges(of: delete.ordinal, &changes)
            case .link(let edge):
                guard catalog.counted.contains(edge.type) else { continue }
                changes.added[UsageKey(edge.type, edge.owner), default: .zero] += edge.usage
            case .unlink(let edge): try lookAtEnd(of: edge.ordinal, edge.type, &changes)
            case .schema, .owner, .fork, .withdraw: break
            }
        }
    }

    private func lookAtEnd(
        of edge: UInt64,
        _ type: UInt16,
        _ changes: inout QuotaChanges
    ) throws(StoreError) {
        guard catalog.counted.contains(type), changes.ended.insert(edge).inserted else { return }
        if let made = edges[edge] {
            changes.added[UsageKey(type, made.owner), default: .zero] -= made.usage
            return
        }
        let bytes = try reader.edgeUsageBytes(edge)
        let owner = try reader.entry(edge).owner
        changes.added[UsageKey(type, owner), default: .zero] -= UsageAmount(count: 1, bytes: bytes)
    }

    /// The edges of a record end with it.
    private func lookAtEdges(
        of node: UInt64,
        _ changes: inout QuotaChanges
    ) throws(StoreError) {
        guard catalog.countsEdges else { return }
        var found: [(edge: UInt64, type: UInt16)] = []
        let adjacency = Adjacency(root: roots.adjacency)
        try onPages { () throws(PageError) in
            for side in [EdgeSide.out, .arriving] {
                try adjacency.forEach(of: node, side, in: reader.view) { neighbour in
                    found.append((neighbour.edge, neighbour.type))
                }
            }
        }
        for edge in edges.values where edge.from == node || edge.to == node {
            found.append((edge.ordinal, edge.type))
        }
        for (edge, type) in found { try lookAtEnd(of: edge, type, &changes) }
    }

    /// What there is of a scope; nil while what was there before is being counted.
    private func measure(
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ chapter: QuotaBook.Chapter,
        _ changes: QuotaChanges
    ) throws(StoreError) -> QuotaUse? {
        if scope.value != nil { return try measureValue(scope, collection, chapter, changes) }
        var use = QuotaUse()
        let numbers = chapter.subject.isOverall ? Array(catalog.counted) : [scope.collection]
        for number in numbers {
            if roots.building[UsageKey.build(number)] != nil { return nil }
            let isRecords = catalog.collection(number: number) != nil
            let added: UsageAmount
            var used: UsageAmount
            if let top = scope.top {
                added = try self.added(number, below: top, changes)
                used = try usage.amount(of: number, below: top, tree, reader.view)
            } else {
                let key = UsageKey(number, scope.owner)
                added = changes.added[key] ?? .zero
                used = try usage.amount(key, tree, reader.view)
            }
            used += added
            // Edges have bytes, and are no records.
            use.used += isRecords ? used : UsageAmount(count: 0, bytes: used.bytes)
            use.added += isRecords ? added : UsageAmount(count: 0, bytes: added.bytes)
        }
        return use
    }

    private func measureValue(
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ chapter: QuotaBook.Chapter,
        _ changes: QuotaChanges
    ) throws(StoreError) -> QuotaUse? {
        guard let field = chapter.field, let value = scope.value,
            let standing = try records(scope, collection, chapter)
        else { return nil }
        var use = QuotaUse()
        for ordinal in standing where !dead.contains(ordinal) && changes.puts[ordinal] == nil {
            use.used.count += 1
        }
        for put in changes.puts.values
        where put.collection.number == scope.collection && put.record.owner == scope.owner
            && SameValue(put.record[field.number]) == SameValue(value)
        {
            use.used.count += 1
        }
        use.added.count = use.used.count - standing.count
        return use
    }

    /// The records of a scope before the batch; nil where the index does not have them all yet.
    func records(
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ chapter: QuotaBook.Chapter
    ) throws(StoreError) -> [UInt64]? {
        if let top = scope.top { return try records(below: top, scope, collection, chapter) }
        let owner = try path(of: scope.owner)
        var place = collection.quotas?.owners
        if let field = chapter.field { place = field.index }
        guard let place, owner != nil || chapter.field != nil else {
            // Nobody's, in a collection without owners.
            return try ordinals(StoreKeys.records(collection.number), of: scope)
        }
        let index = collection.indexes[place]
        if roots.building[index.number] != nil { return nil }
        var writer = KeyWriter(collection: collection.number, index: index.number)
        for part in index.parts {
            if let value = scope.value, part.field == chapter.field?.number {
                writer.put(value, descending: part.isDescending)
                break
            }
            guard part.field == collection.ownerNumber else { break }
            var path = Value.null
            if let owner { path = .text(owner) }
            writer.put(path, descending: part.isDescending)
            if scope.value == nil { break }
        }
        return try ordinals(.prefix(writer.bytes), of: scope)
    }

    private func ordinals(
        _ range: TreeRange,
        of scope: QuotaScope
    ) throws(StoreError) -> [UInt64] {
        var found: [UInt64] = []
        try onTree { () throws(TreeError) in
            var cursor = try tree.cursor(range, in: reader.view)
            while try cursor.next() { found.append(try cursor.value64) }
        }
        var ordinals: [UInt64] = []
        for ordinal in found where try reader.entry(ordinal).owner == scope.owner {
            ordinals.append(ordinal)
        }
        return ordinals
    }

    /// The path of an owner; nil of nobody.
    func path(of owner: UInt32) throws(StoreError) -> String? {
        if owner == 0 { return nil }
        if let made = newOwners[owner] { return made }
        let found = try onTree { () throws(TreeError) in
            try tree.value(StoreKeys.ownerName(owner), in: reader.view)
        }
        return found.flatMap { String(validating: $0, as: UTF8.self) }
    }

    // MARK: Refusing

    private func exceeded(
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ quota: Quota,
        _ use: QuotaUse,
        _ excess: UsageAmount
    ) -> StoreError {
        let isCount = excess.count > 0
        let unit = isCount ? "records" : "bytes"
        let most = (isCount ? quota.records : quota.bytes) ?? 0
        let (used, added) =
            isCount ? (use.used.count, use.added.count) : (use.used.bytes, use.added.bytes)
        var whose = "what has no owner"
        if let top = scope.top {
            whose = "owner \(quoted(top)) and all below it"
        } else if let path = try? path(of: scope.owner) {
            whose = "owner \(quoted(path))"
        }
        let name = quoted(collection.schema.name)
        var place = quota.isOverall ? "all that is counted" : "collection \(name)"
        if let field = quota.field, let value = scope.value {
            place += " with \(quoted(field)) \(value.shown)"
        }
        let rule = quota.owner.map { "the quota of \(quoted($0))" } ?? "the quota of all owners"
        return refused(
            .quotaExceeded,
            "\(whose) may have \(most) \(unit) in \(place) by \(rule), has \(used - added), and "
                + "this would add \(added). "
                + (quota.evicts
                    ? "Not enough of it may give way, as the rest is pinned, held by references, "
                        + "put, named or linked by this very commit, or would take such along. "
                    : "")
                + "Delete or forget some of it first, or define \(name) again with another quota"
        )
    }
}
