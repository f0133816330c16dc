// What a workload draws of the ways in which records go together, are put aside, are replaced and
// are remembered.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

extension Workload {
    /// An operation on many records, or one that leaves more behind than records; nil where the
    /// state has nothing for it.
    mutating func life(_ state: ExpectedState) -> Operation? {
        switch dice.below(16) {
        case 0..<6: return deleteWhere(state).map { .deleteWhere($0, durability()) }
        case 6: return .purge(HarnessSchema.owners[dice.below(HarnessSchema.owners.count)])
        case 7..<11: return once(state)
        case 11, 12: return .audit(!state.lives.isAudited || dice.below(3) == 0)
        case 13 where !drops.isEmpty: return .drop(drops.removeFirst())
        // What is over goes in a sweep.
        case 14: return .upkeep([.sweep])
        default: return nil
        }
    }

    private func durability() -> Durability {
        dice.below(12) < syncedOfTwelve ? .synced : dice.below(2) == 0 ? .buffered : .none
    }

    private func deleteWhere(_ state: ExpectedState) -> DeleteWhere? {
        // Most of them where they are withdrawn.
        let names = state.schema.collections.map(\.name)
        let name = dice.below(2) == 0 ? "events" : names[dice.below(names.count)]
        guard let collection = state.collection(name) else { return nil }
        var delete = DeleteWhere(name, erases: dice.below(6) == 0)
        if collection.roles.owner != nil, dice.below(2) == 0 {
            delete.owner = HarnessSchema.owners[dice.below(HarnessSchema.owners.count)]
        }
        if collection.roles.time != nil, dice.below(2) == 0 {
            let start = time()
            if dice.below(2) == 0 { delete.from = start }
            if delete.from == nil || dice.below(2) == 0 {
                delete.to = Instant(microseconds: start.microseconds + 16 * Self.hour)
            }
        }
        let records = state.records(in: name)
        let fields = collection.fields.filter { $0.type.isIndexable }
        if !records.isEmpty,
            delete == DeleteWhere(name, erases: delete.erases) || dice.below(4) == 0
        {
            let field = fields[dice.below(fields.count)].name
            let value = records[dice.below(records.count)].record.fields[field] ?? .null
            delete.filter =
                dice.below(3) > 0 || value.isNull
                ? .eq(field, value) : .compare(field: field, .gte(value))
        }
        if delete == DeleteWhere(name, erases: delete.erases) { return nil }
        return delete
    }

    private func once(_ state: ExpectedState) -> Operation {
        let known = state.lives.once.keys.sorted()
        if !known.isEmpty, dice.below(2) == 0 {
            let key = known[dice.below(known.count)]
            // The same again, and now and then something else under the same key.
            let changes = state.lives.once[key]?.changes ?? []
            return .once(key, dice.below(5) == 0 ? batch(state) : changes, durability())
        }
        return .once("once \(dice.next())", batch(state), durability())
    }

    /// A change that puts aside, replaces, erases or changes a record in its place.
    func lifeChange(_ state: ExpectedState) -> Change? {
        let facts = state.records(in: "facts")
        let fact =
            facts.isEmpty
            ? Key.text("key\(dice.below(24))") : facts[dice.below(facts.count)].key
        guard state.collection("facts") != nil else { return nil }
        switch dice.below(8) {
        case 0...2:
            let kinds = Mark.Kind.allCases
            return .mark(Mark(kinds[dice.below(kinds.count)], Reference("facts", fact)))
        case 3, 4:
            let key = Key.text("key\(dice.below(40))")
            var fields: [String: Value] = ["weight": .int(Int64(dice.below(9)))]
            fields["owner"] = .text(HarnessSchema.owner(of: key))
            return .supersede(
                Supersede(
                    Reference("facts", fact),
                    by: dice.below(3) > 0 ? "replaces" : nil,
                    in: "facts",
                    key,
                    fields,
                    at: time()
                )
            )
        case 5: return anyReference(state).map { .erase($0) }
        default:
            let weight = Edit.set(FieldPath("weight"), .int(Int64(dice.below(9))))
            return .patch(Patch("facts", fact, [weight]))
        }
    }

    /// Makes fields fit what a collection is for.
    func settle(_ fields: inout [String: Value], _ collection: Collection, _ key: Key?) {
        if let key, HarnessSchema.remembering.contains(collection.name) {
            fields["owner"] = .text(HarnessSchema.owner(of: key))
        }
        for name in [collection.roles.deletedAt, collection.roles.archived] {
            if let name { fields.removeValue(forKey: name) }
        }
        if let until = collection.roles.validTo { fields.removeValue(forKey: until) }
        if let since = collection.roles.validFrom, fields[since] != nil {
            fields[since] = .instant(time())
        }
        if let role = collection.roles.time, fields[role] != nil {
            fields[role] = .instant(time())
        }
    }

    private static let hour: Microseconds = 3_600_000_000

    /// An instant of the last two days, or soon.
    private func time() -> Instant {
        Instant(microseconds: now + Int64(dice.below(8) - 6) * 8 * Self.hour)
    }
}
