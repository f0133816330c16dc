// Quotas of the model, in records and bytes: what a batch has come to is held against them, and
// what gives way is worked out by looking at everything. formats/operations.md#usage-and-quotas

import MnemeModel

/// What a quota is held against.
private struct Bounded: Hashable {
    let collection: String
    /// Among what the collection's quotas speak of.
    let chapter: Int
    /// The whole path; nil of nobody's, and where paths are taken together.
    var owner: String?
    /// The path below which all is taken together.
    var top: String?
    /// Of a quota per value.
    var value: Value?
}

/// How much there is of something.
private struct Amount {
    var count = 0
    var bytes = 0
}

extension PlainModel {
    /// The bytes that count of a record as it is put.
    static func bytes(
        _ key: Key,
        _ fields: [String: Value],
        _ collection: Collection
    ) -> Int {
        var bytes = 0
        switch key {
        case .text(let text): bytes = text.utf8.count
        case .int: bytes = 8
        case .uuid: bytes = 16
        }
        var body: [(UInt16, Value)] = []
        for (place, field) in collection.fields.enumerated() {
            guard let value = fields[field.name], !value.isNull else { continue }
            if case .vector(let components) = value {
                bytes += 4 * components.count
            } else {
                body.append((UInt16(place + 1), value))
            }
        }
        return bytes + ((try? Value.encodeFields(body))?.count ?? 0)
    }

    private func owner(_ fields: [String: Value], _ collection: Collection) -> String? {
        collection.roles.owner.flatMap { fields[$0]?.text }
    }

    /// A collection's quotas by what they speak of.
    private func chapters(_ collection: Collection) -> [[Quota]] {
        var chapters: [[Quota]] = []
        for quota in collection.quotas ?? [] {
            if let place = chapters.firstIndex(where: { $0[0].subject == quota.subject }) {
                chapters[place].append(quota)
            } else {
                chapters.append([quota])
            }
        }
        return chapters
    }

    /// The quota that counts for an owner: the one of the longest path.
    private func quota(of path: String, among quotas: [Quota]) -> Quota? {
        quotas.filter { quota in
            guard let above = quota.owner else { return true }
            return path == above || path.hasPrefix(above + "/")
        }
        .max { ($0.owner?.count ?? 0) < ($1.owner?.count ?? 0) }
    }

    /// What is to be held, in the order of what was put.
    private func scopes(since old: PlainModel) throws(Refusal) -> [Bounded] {
        var scopes: [Bounded] = []
        for one in made[old.made.count...] {
            guard let fields = one.fields, items[one.reference]?.born == one.born else { continue }
            let collection = try collection(one.reference.collection)
            for (place, quotas) in chapters(collection).enumerated() {
                let owner = owner(fields, collection)
                var scope = Bounded(collection: collection.name, chapter: place, owner: owner)
                if let depth = quotas[0].depth {
                    let parts = (owner ?? "").split(separator: "/")
                    guard parts.count >= depth else { continue }
                    scope.owner = String?.none
                    scope.top = parts.prefix(depth).joined(separator: "/")
                }
                if let field = quotas[0].field {
                    guard let value = fields[field], !value.isNull else { continue }
                    scope.value = value
                }
                if !scopes.contains(scope) { scopes.append(scope) }
            }
        }
        return scopes
    }

    /// Whether a record is bounded together with others.
    private func isWithin(
        _ scope: Bounded,
        _ quota: Quota,
        _ reference: Reference,
        _ item: Item
    ) -> Bool {
        guard let own = schema.collections.first(where: { $0.name == reference.collection }) else {
            return false
        }
        guard quota.isOverall ? own.isCounted : own.name == scope.collection else { return false }
        let owner = owner(item.fields, own)
        if let value = scope.value {
            return owner == scope.owner && item.fields[quota.field ?? ""] == value
        }
        guard let top = scope.top else { return owner == scope.owner }
        return owner == top || (owner ?? "").hasPrefix(top + "/")
    }

    private func amount(_ scope: Bounded, _ quota: Quota) -> Amount {
        var amount = Amount()
        for (reference, item) in items where isWithin(scope, quota, reference, item) {
            amount.count += 1
            amount.bytes += item.bytes
        }
        return amount
    }

    /// By how much a bound is passed of which there is more than before.
    private func excess(_ scope: Bounded, _ quota: Quota, since old: PlainModel) -> Amount {
        let (now, before) = (amount(scope, quota), old.amount(scope, quota))
        var excess = Amount()
        if let most = quota.records, now.count > before.count {
            excess.count = max(0, now.count - most)
        }
        if let most = quota.bytes, now.bytes > before.bytes {
            excess.bytes = max(0, now.bytes - most)
        }
        return excess
    }

    /// Holds what a batch has come to against quotas; returns what gives way, in order.
    ///
    /// `old`: what there was before.
    mutating func holdQuotas(since old: PlainModel) throws(Refusal) -> [Reference] {
        guard schema.collections.contains(where: { $0.quotas != nil }) else { return [] }
        var evicted: [Reference] = []
        // Whatever was put is before what gives way.
        step = .max
        for scope in try scopes(since: old) {
            let chapter = chapters(try collection(scope.collection))[scope.chapter]
            guard let quota = quota(of: scope.top ?? scope.owner ?? "", among: chapter) else {
                continue
            }
            let excess = excess(scope, quota, since: old)
            if excess.count == 0, excess.bytes == 0 { continue }
            if quota.evicts { evicted += try evict(excess, scope, quota, since: old) }
            let left = self.excess(scope, quota, since: old)
            if left.count > 0 || left.bytes > 0 { throw Refusal(.quotaExceeded) }
        }
        if !evicted.isEmpty { try settle() }
        return evicted
    }

    /// Ends the oldest of what there was, until so much of it is gone, but for what the batch
    /// itself has put or linked, and what others hold.
    private mutating func evict(
        _ excess: Amount,
        _ scope: Bounded,
        _ quota: Quota,
        since old: PlainModel
    ) throws(Refusal) -> [Reference] {
        let put = Set(made[old.made.count...].filter { $0.fields != nil }.map(\.born))
        var candidates: [(reference: Reference, item: Item)] = []
        for (reference, item) in old.items
        where reference.collection == scope.collection
            && old.isWithin(scope, quota, reference, item)
        {
            guard items[reference]?.born == item.born, !put.contains(item.born) else { continue }
            candidates.append((reference, item))
        }
        candidates.sort { one, other in
            one.item.madeAt != other.item.madeAt
                ? one.item.madeAt < other.item.madeAt : one.item.born < other.item.born
        }
        let standing = amount(scope, quota)
        var evicted: [Reference] = []
        for (reference, item) in candidates {
            let now = amount(scope, quota)
            let gone = (count: standing.count - now.count, bytes: standing.bytes - now.bytes)
            if gone.count >= excess.count, gone.bytes >= excess.bytes { break }
            // An earlier one may have taken it along.
            guard items[reference]?.born == item.born else { continue }
            guard let (next, ended) = without(reference, since: old) else { continue }
            self = next
            evicted += ended
        }
        return evicted
    }

    /// What there is once a record has given way with what follows it, in the order in which that
    /// goes; nil where it cannot.
    private func without(
        _ reference: Reference,
        since old: PlainModel
    ) -> (PlainModel, [Reference])? {
        var next = self
        next.restrictions = []
        next.end(reference, overrules: false)
        do throws(Refusal) {
            try next.follow()
            try next.settle()
        } catch {
            return nil
        }
        let put = Set(
            made[old.made.count...].filter { $0.fields != nil && !$0.isFollowed }.map(\.born)
        )
        let linked = links[old.links.count...].filter {
            items[$0.from] != nil && items[$0.to] != nil
        }
        var ended: [Reference] = []
        for one in next.made[made.count...] {
            if put.contains(one.born) { return nil }
            guard one.fields == nil else { continue }
            if linked.contains(where: { one.reference == $0.from || one.reference == $0.to }) {
                return nil
            }
            ended.append(one.reference)
        }
        next.restrictions = restrictions
        return (next, ended)
    }

    /// What is wrong with what owners are told to have; nil where nothing is.
    func fault(of usage: Usage, _ question: UsageQuestion) -> String? {
        for collection in schema.collections {
            guard collection.isCounted else {
                if usage.collections[collection.name] == nil { continue }
                return "\(collection.name) counts no usage"
            }
            var amount = Amount()
            for (reference, item) in items where reference.collection == collection.name {
                if let asked = question.owner {
                    let path = owner(item.fields, collection) ?? ""
                    guard path == asked || path.hasPrefix(asked + "/") else { continue }
                }
                amount.count += 1
                amount.bytes += item.bytes
            }
            let told = usage.collections[collection.name]
            let (count, bytes) = (told?.count ?? 0, told?.bytes ?? 0)
            if count != amount.count || bytes != amount.bytes {
                return "\(collection.name) has \(amount), told \(count) in \(bytes) bytes"
            }
        }
        return nil
    }
}

extension TreeDice {
    /// Quotas of a collection, and the indexes that find what they bound.
    func bound(_ collection: inout Collection) {
        guard one(in: 2) else { return }
        collection.countsUsage = true
        if one(in: 4) { return }
        let evicts = one(in: 2)
        var quotas: [Quota] = []
        switch below(4) {
        case 0: quotas.append(Quota(bytes: 40 + below(160), evicts: evicts))
        case 1:
            let quota = Quota(records: 1 + below(3), bytes: 80 + below(160), evicts: evicts)
            quotas.append(quota)
        default: quotas.append(Quota(records: 1 + below(2), evicts: evicts))
        }
        let isOwned = collection.roles.owner != nil
        if isOwned {
            collection.indexes.append(Index("byOwn", on: ["own"]))
            if one(in: 2) {
                quotas.append(Quota(owner: "ann", records: 1 + below(3), evicts: evicts))
            }
            if one(in: 4) { quotas.append(Quota(owner: "ann/work")) }
            if one(in: 3) {
                let depth = 1 + below(2)
                quotas.append(Quota(records: 2 + below(3), depth: depth, evicts: one(in: 2)))
            }
        }
        let fields = ["n", "t", "o", "b"].filter { collection.field($0) != nil }
        if one(in: 3) {
            let field = pick(fields)
            let parts = isOwned && one(in: 2) ? ["own", field] : [field]
            collection.indexes.append(Index("byPer", on: parts.map { IndexField($0) }))
            quotas.append(Quota(records: 1 + below(2), per: field, evicts: one(in: 2)))
        }
        if one(in: 3) {
            var quota = Quota(records: 3 + below(5), isOverall: true, evicts: one(in: 2))
            if one(in: 2) { (quota.records, quota.bytes) = (Int?.none, 200 + below(400)) }
            if isOwned, one(in: 2) { quota.depth = 1 }
            quotas.append(quota)
        }
        collection.quotas = quotas
    }
}

extension TreeRun {
    func askUsage(_ dice: TreeDice) throws {
        let owner = dice.one(in: 2) ? dice.pick(TreeDice.owners + ["eve"]) : String?.none
        let question = UsageQuestion(owner: owner)
        let told = perform(.usage(question))
        note(.usage(question))
        guard base.schema.collections.contains(where: { $0.countsUsage }) else {
            guard case .failure(let error) = told, error.code == .badRequest else {
                throw Difference("nothing counts, and usage is \(told)")
            }
            return
        }
        guard case .success(.usage(let usage)) = told else { throw Difference("usage: \(told)") }
        if let fault = base.fault(of: usage, question) { throw Difference("usage: \(fault)") }
    }
}
