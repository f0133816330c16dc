// Chance: changes of what a model holds, sense and nonsense.

import MnemeBase
import MnemeModel

extension TreeDice {
    func collection(_ model: PlainModel) -> Collection { pick(model.schema.collections) }

    /// The key of a record that is there, mostly.
    func key(_ collection: Collection, _ model: PlainModel) -> Key {
        let known = model.records(of: collection.name)
        return known.isEmpty || one(in: 3) ? key(collection.key) : pick(known).reference.key
    }

    func reference(_ model: PlainModel) -> Reference {
        let collection = collection(model)
        return Reference(collection.name, key(collection, model))
    }

    /// A value for a field, right as a rule.
    func value(_ field: Field, _ collection: Collection, _ model: PlainModel) -> Value {
        if one(in: 90) { return pick([.text("wrong"), .map(["a": 1]), .bool(true), .int(7)]) }
        if let mark = mark(field) { return mark }
        if field.name == "own" { return .text(pick(Self.owners)) }
        if field.name == "e" || field.name == "re" { return .text(pick(["e0", "e1", "e2", "e3"])) }
        guard let rule = collection.references.first(where: { $0.fields == [field.name] }),
            let to = model.schema.collections.first(where: { $0.name == rule.to })
        else { return value(field.type) }
        if case .array = field.type { return .array(list(3) { key(to, model).value }) }
        return key(to, model).value
    }

    func fields(_ collection: Collection, _ model: PlainModel) -> [String: Value] {
        var fields: [String: Value] = [:]
        for field in collection.fields {
            if field.generated != nil, !one(in: 40) { continue }
            if field.fill != nil, !one(in: 6) { continue }
            guard field.isRequired || one(in: 2) else { continue }
            if field.isRequired, one(in: 30) { continue }
            let value = one(in: 15) && !field.isRequired ? .null : value(field, collection, model)
            fields.updateValue(value, forKey: field.name)
        }
        if one(in: 50) { fields["nothing"] = 1 }
        return fields
    }

    func version(_ reference: Reference, _ model: PlainModel) -> UInt64? {
        if !one(in: 8) { return nil }
        if one(in: 4) { return UInt64(below(3)) }
        return model.items[reference]?.version ?? 0
    }

    func condition(_ collection: Collection, _ model: PlainModel) -> Filter? {
        one(in: 8) ? filter(collection, 1) : Filter?.none
    }

    func expiry(_ model: PlainModel) -> Instant? {
        one(in: 8) ? Instant(microseconds: model.now + Int64(1 + below(9)) * 1_000_000) : nil
    }

    func change(_ model: PlainModel) -> Change {
        let collection = collection(model)
        let key = key(collection, model)
        let reference = Reference(collection.name, key)
        if one(in: collection.roles.validTo == nil ? 300 : 12) {
            return .supersede(supersede(collection, reference, model))
        }
        if one(in: PlainModel.everything(collection).isStandard ? 200 : 6) {
            return .mark(mark(reference, collection, model))
        }
        if one(in: 80) { return .delete(Reference("nowhere", "a")) }
        if one(in: 80) { return .delete(Reference(collection.name, .text("wrong key"))) }
        switch below(20) {
        case 0..<8:
            var put = Put(collection.name, one(in: 10) ? nil : key, fields(collection, model))
            put.mode = one(in: 8) ? pick([.insert, .replaceOwned]) : .replace
            put.expiresAt = expiry(model)
            put.version = version(reference, model)
            put.condition = condition(collection, model)
            put.returns = one(in: 5) ? pick(Returns.allCases) : Returns?.none
            return .put(put)
        case 8..<13: return .patch(patch(collection, key, model))
        case 13: return one(in: 3) ? .erase(reference) : .delete(reference)
        case 14:
            return .remove(
                Removal(
                    reference,
                    erases: one(in: 4),
                    version: version(reference, model),
                    if: condition(collection, model),
                    returnsRecord: one(in: 2)
                )
            )
        case 15..<19:
            let name =
                model.schema.edgeTypes.isEmpty || one(in: 40)
                ? "none" : pick(model.schema.edgeTypes).name
            var fields: [String: Value] = [:]
            if one(in: 2) { fields["w"] = .int(Int64(below(8))) }
            if one(in: 4) { fields["s"] = .text(pick(Self.texts)) }
            return .link(
                Link(
                    name,
                    from: reference,
                    to: one(in: 5) ? reference : self.reference(model),
                    fields: fields,
                    mode: one(in: 3) ? .replace : .insert,
                    returns: one(in: 4) ? pick(Returns.allCases) : Returns?.none
                )
            )
        default:
            return .unlink(model.edges.isEmpty || one(in: 5) ? 999_999 : pick(model.edges).id)
        }
    }

    /// An instant at which something may begin or end to be true.
    func moment() -> Instant {
        Instant(microseconds: Self.start + Int64(below(7) - 3) * 500_000)
    }

    private func supersede(
        _ collection: Collection,
        _ old: Reference,
        _ model: PlainModel
    ) -> Supersede {
        let others = model.schema.collections.filter { $0.roles.validFrom != nil }
        let new = others.isEmpty || one(in: 9) ? collection : pick(others)
        var fields = fields(new, model)
        if let from = new.roles.validFrom, !one(in: 20) { fields.removeValue(forKey: from) }
        if !one(in: 9) { fields.removeValue(forKey: "vt") }
        let types = model.schema.edgeTypes
        return Supersede(
            old,
            by: one(in: 3) && !types.isEmpty ? pick(types).name : String?.none,
            in: new.name,
            key(new.key),
            fields,
            at: moment()
        )
    }

    func patch(_ collection: Collection, _ key: Key, _ model: PlainModel) -> Patch {
        let reference = Reference(collection.name, key)
        return Patch(
            collection.name,
            key,
            list(3) { edit(collection, model) },
            if: condition(collection, model),
            orPut: one(in: 4) ? fields(collection, model) : [String: Value]?.none,
            expiry: expiry(model).map { .at($0) } ?? (one(in: 9) ? .never : .kept),
            version: version(reference, model),
            returns: one(in: 4) ? pick(Returns.allCases) : Returns?.none
        )
    }

    func edit(_ collection: Collection, _ model: PlainModel) -> Edit {
        let field = pick(collection.fields)
        var path = FieldPath(field.name)
        func values() -> [Value] {
            if case .array(let element) = field.type {
                if case .array(let given) = value(field, collection, model) { return given }
                return list(3) { value(element) }
            }
            return list(3) { json(1) }
        }
        if field.type == .json, !one(in: 5) {
            path = FieldPath(pick(paths(field, ["l.0", "l.1.x"])))
        }
        let isList = if case .array = field.type { true } else { field.type == .json }
        let isNumber = field.type == .int || field.type == .float || field.type == .json
        switch below(12) {
        case 0, 1, 2: return .set(path, path.goesInside ? json(2) : value(field, collection, model))
        case 3: return .unset(path)
        case 4: return .fill(path, path.goesInside ? json(1) : value(field, collection, model))
        case 5, 6:
            if !isNumber, !one(in: 9) { return .unset(path) }
            return .increment(path, one(in: 3) ? .float(0.5) : .int(Int64(below(3))))
        case 7 where isList:
            return .append(path, values(), limit: one(in: 2) ? below(4) : Int?.none)
        case 8 where isList:
            return .prepend(path, values(), limit: one(in: 2) ? below(4) : Int?.none)
        case 9 where isList: return .addToSet(path, values())
        case 10 where isList: return .remove(path, values())
        case 11 where field.type == .json:
            guard case .map(let members) = json(2) else { return .unset(path) }
            return .merge(path, members)
        default: return .set(path, path.goesInside ? json(2) : value(field, collection, model))
        }
    }
}
