// Quotas of the model, in records: what a batch has come to is held against them, and what gives
// way is worked out by looking at everything. formats/operations.md#usage-and-quotas

import MnemeModel

extension PlainModel {
    private func owner(_ fields: [String: Value], _ collection: Collection) -> String? {
        collection.roles.owner.flatMap { fields[$0]?.text }
    }

    /// The quota that counts for an owner: the one of the longest path.
    private func quota(of owner: String?, _ collection: Collection) -> Quota? {
        let path = owner ?? ""
        return (collection.quotas ?? [])
            .filter { quota in
                guard let above = quota.owner else { return true }
                return path == above || path.hasPrefix(above + "/")
            }
            .max { ($0.owner?.count ?? 0) < ($1.owner?.count ?? 0) }
    }

    /// What an owner, by the whole path, has in a collection.
    private func owned(_ owner: String?, _ collection: Collection) -> [Reference] {
        items.filter { reference, item in
            reference.collection == collection.name && self.owner(item.fields, collection) == owner
        }
        .map(\.key)
    }

    /// Holds what a batch has come to against quotas; returns what gives way, in order.
    ///
    /// `old`: what there was before.
    mutating func holdQuotas(since old: PlainModel) throws(Refusal) -> [Reference] {
        guard schema.collections.contains(where: { $0.quotas != nil }) else { return [] }
        var evicted: [Reference] = []
        var seen: Set<[String]> = []
        for one in made[old.made.count...] {
            guard let fields = one.fields, items[one.reference]?.born == one.born else { continue }
            let collection = try collection(one.reference.collection)
            let owner = owner(fields, collection)
            let isNew = seen.insert([collection.name] + (owner.map { [$0] } ?? [])).inserted
            guard isNew, let quota = quota(of: owner, collection), let most = quota.records else {
                continue
            }
            let before = old.owned(owner, collection)
            func excess(_ now: PlainModel) -> Int {
                let used = now.owned(owner, collection).count
                return used > before.count ? max(0, used - most) : 0
            }
            guard excess(self) > 0 else { continue }
            if quota.evicts {
                evicted += try evict(excess(self), before, collection, since: old)
            }
            if excess(self) > 0 { throw Refusal(.quotaExceeded) }
        }
        if !evicted.isEmpty { try settle() }
        return evicted
    }

    /// Ends the oldest of what an owner had, but for what the batch itself has put, and what others
    /// hold.
    private mutating func evict(
        _ count: Int,
        _ before: [Reference],
        _ collection: Collection,
        since old: PlainModel
    ) throws(Refusal) -> [Reference] {
        var candidates: [(reference: Reference, item: Item)] = []
        let put = Set(made[old.made.count...].filter { $0.fields != nil }.map(\.born))
        for reference in before {
            guard let item = old.items[reference], items[reference]?.born == item.born,
                !put.contains(item.born)
            else { continue }
            candidates.append((reference, item))
        }
        candidates.sort { one, other in
            one.item.madeAt != other.item.madeAt
                ? one.item.madeAt < other.item.madeAt : one.item.born < other.item.born
        }
        var evicted: [Reference] = []
        for (reference, item) in candidates where evicted.count < count {
            // An earlier one may have taken it along.
            guard items[reference]?.born == item.born, !isHeld(reference, item) else { continue }
            end(reference, overrules: false)
            evicted.append(reference)
            try follow()
        }
        return evicted
    }

    /// Whether others name a record by a rule that would refuse its end.
    private func isHeld(_ reference: Reference, _ item: Item) -> Bool {
        for (collection, rule) in rules(to: reference.collection) where rule.onDelete == .restrict {
            guard let name = name(of: reference, item.fields, rule) else { continue }
            if !referrers(collection, rule, name, before: .max).isEmpty { return true }
        }
        return false
    }

    /// What is wrong with what owners are told to have; nil where nothing is.
    func fault(of usage: Usage, _ question: UsageQuestion) -> String? {
        for collection in schema.collections {
            guard collection.quotas != nil || collection.countsUsage else {
                if usage.collections[collection.name] == nil { continue }
                return "\(collection.name) counts no usage"
            }
            let count = items.count { reference, item in
                guard reference.collection == collection.name else { return false }
                guard let asked = question.owner else { return true }
                let path = owner(item.fields, collection) ?? ""
                return path == asked || path.hasPrefix(asked + "/")
            }
            let told = usage.collections[collection.name]?.count ?? 0
            if told != count { return "\(collection.name) has \(count), told \(told)" }
        }
        return nil
    }
}

extension TreeDice {
    /// Quotas of a collection, and the index that finds what gives way.
    func bound(_ collection: inout Collection) {
        guard one(in: 2) else { return }
        collection.countsUsage = true
        if one(in: 4) { return }
        let evicts = one(in: 2)
        var quotas = [Quota(records: 1 + below(2), evicts: evicts)]
        if collection.roles.owner != nil {
            collection.indexes.append(Index("byOwn", on: ["own"]))
            if one(in: 2) {
                quotas.append(Quota(owner: "ann", records: 1 + below(3), evicts: evicts))
            }
            if one(in: 4) { quotas.append(Quota(owner: "ann/work")) }
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
