// References as a dictionary: what rules make of batches, worked out by looking at every record.

import MnemeModel

/// The plain model of a store with references.
struct ReferenceModel {
    struct Item: Equatable {
        var fields: [String: Value]
        var expiresAt: Int64
        /// Which change of the batch has put it, -1 of what was there before.
        var step = -1
    }
    private struct Restriction {
        let collection: Collection
        let rule: ReferenceRule
        let name: [Value]
        let step: Int
    }

    let schema: Schema
    var items: [Reference: Item] = [:]
    var now: Int64 = 0
    private var restrictions: [Restriction] = []

    init(_ schema: Schema) { self.schema = schema }

    /// What is visible.
    var visible: [Reference: [String: Value]] {
        items.filter { $0.value.expiresAt > now }.mapValues(\.fields)
    }

    /// Applies a batch whole; what it is refused with otherwise.
    mutating func apply(_ changes: [Change]) -> MnemeError.Code? {
        var next = self
        for key in next.items.keys { next.items[key]?.step = -1 }
        next.restrictions = []
        for (step, change) in changes.enumerated() {
            switch change {
            case .put(let put):
                if let code = next.put(put, step) { return code }
            case .delete(let reference), .erase(let reference):
                if next.items[reference] != nil {
                    next.end(reference, step, overrules: false)
                }
            case .patch, .remove, .mark, .supersede:
                preconditionFailure("no test makes patches of this model")
            case .link, .unlink, .eraseEdge: break
            }
        }
        if let code = next.settle() { return code }
        self = next
        return nil
    }

    /// Ends what has expired.
    mutating func sweep() {
        for key in items.keys { items[key]?.step = -1 }
        for (reference, item) in items where item.expiresAt <= now && items[reference] != nil {
            end(reference, 0, overrules: true)
        }
    }

    private func collection(_ name: String) -> Collection? {
        schema.collections.first { $0.name == name }
    }

    private mutating func put(_ put: Put, _ step: Int) -> MnemeError.Code? {
        guard let key = put.key, let collection = collection(put.collection) else {
            return .wrongType
        }
        let reference = Reference(put.collection, key)
        if put.mode == .insert, items[reference] != nil { return .duplicate }
        let fields = put.fields.filter { !$0.value.isNull }
        for index in collection.indexes where index.isUnique {
            let names = index.fields.map(\.name)
            let values = names.map { fields[$0] ?? .null }
            let isTaken = items.contains { other in
                other.key.collection == put.collection && other.key != reference
                    && names.map { other.value.fields[$0] ?? .null } == values
            }
            if isTaken { return .duplicate }
        }
        let old = items[reference]
        items[reference] = Item(
            fields: fields,
            expiresAt: put.expiresAt?.microseconds ?? .max,
            step: step
        )
        guard let old else { return nil }
        for (referring, rule) in rules(to: put.collection) where !rule.on.isEmpty {
            let before = name(of: reference, old.fields, rule)
            guard let before, before != name(of: reference, fields, rule) else { continue }
            restrictions.append(
                Restriction(collection: referring, rule: rule, name: before, step: step)
            )
        }
        return nil
    }

    private func rules(to collection: String) -> [(Collection, ReferenceRule)] {
        schema.collections.flatMap { referring in
            referring.references.filter { $0.to == collection }.map { (referring, $0) }
        }
    }

    /// What names a record by a rule.
    private func name(
        of reference: Reference,
        _ fields: [String: Value],
        _ rule: ReferenceRule
    ) -> [Value]? {
        if rule.on.isEmpty { return [reference.key.value] }
        let values = rule.on.map { fields[$0] ?? .null }
        return values.contains(.null) ? nil : values
    }

    /// What a record names by a rule.
    private func names(
        _ reference: Reference,
        _ fields: [String: Value],
        _ rule: ReferenceRule
    ) -> [[Value]] {
        var names: [[Value]] = [[]]
        for field in rule.fields {
            switch field == PseudoField.key ? reference.key.value : fields[field] ?? .null {
            case .null: return []
            case .array(let elements):
                names = names.flatMap { name in elements.map { name + [$0] } }
            case let value: names = names.map { $0 + [value] }
            }
        }
        return names
    }

    private func referrers(
        _ collection: Collection,
        _ rule: ReferenceRule,
        _ name: [Value],
        before step: Int
    ) -> [Reference] {
        items.filter {
            $0.key.collection == collection.name && $0.value.step < step
                && names($0.key, $0.value.fields, rule).contains(name)
        }
        .map(\.key)
    }

    private mutating func end(_ reference: Reference, _ step: Int, overrules: Bool) {
        guard let item = items.removeValue(forKey: reference) else { return }
        for (collection, rule) in rules(to: reference.collection) {
            guard let name = name(of: reference, item.fields, rule) else { continue }
            if rule.onDelete == .restrict, !overrules {
                restrictions.append(
                    Restriction(collection: collection, rule: rule, name: name, step: step)
                )
                continue
            }
            for referrer in referrers(collection, rule, name, before: step) {
                takeOut(name, of: referrer, collection, rule, step, overrules)
            }
        }
    }

    private mutating func takeOut(
        _ name: [Value],
        of referrer: Reference,
        _ collection: Collection,
        _ rule: ReferenceRule,
        _ step: Int,
        _ overrules: Bool
    ) {
        let arrays = rule.fields.filter {
            if case .array = collection.field($0)?.type { true } else { false }
        }
        let isRequired = rule.fields.contains {
            $0 == PseudoField.key || collection.field($0)?.isRequired ?? false
        }
        if rule.onDelete == .cascade || arrays.isEmpty && isRequired {
            return end(referrer, step, overrules: overrules)
        }
        guard let array = arrays.first, let place = rule.fields.firstIndex(of: array) else {
            for field in rule.fields { items[referrer]?.fields.removeValue(forKey: field) }
            return
        }
        guard case .array(let elements) = items[referrer]?.fields[array] else { return }
        items[referrer]?.fields[array] = .array(elements.filter { $0 != name[place] })
    }

    private func isThere(_ name: [Value], _ rule: ReferenceRule) -> Bool {
        items.contains {
            $0.key.collection == rule.to && self.name(of: $0.key, $0.value.fields, rule) == name
        }
    }

    private func settle() -> MnemeError.Code? {
        for one in restrictions where !isThere(one.name, one.rule) {
            let left = referrers(one.collection, one.rule, one.name, before: one.step)
            if !left.isEmpty { return .referenced }
        }
        for (reference, item) in items where item.step >= 0 {
            for rule in collection(reference.collection)?.references ?? [] {
                for name in names(reference, item.fields, rule) where !isThere(name, rule) {
                    return .missingReference
                }
            }
        }
        return nil
    }
}
