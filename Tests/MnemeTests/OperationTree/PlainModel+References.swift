// References of the model: who names whom is found by looking at every record.

import MnemeModel

extension PlainModel {
    func rules(to collection: String) -> [(Collection, ReferenceRule)] {
        schema.collections.flatMap { referring in
            referring.references.filter { $0.to == collection }.map { (referring, $0) }
        }
    }

    /// What names a record by a rule; nil where nothing does.
    func name(
        of reference: Reference,
        _ fields: [String: Value],
        _ rule: ReferenceRule
    ) -> [Value]? {
        if rule.on.isEmpty { return [reference.key.value] }
        let values = rule.on.map { fields[$0] ?? .null }
        return values.contains(.null) ? nil : values
    }

    /// What a record names by a rule.
    func names(_ fields: [String: Value], _ rule: ReferenceRule) -> [[Value]] {
        var names: [[Value]] = [[]]
        for field in rule.fields {
            switch fields[field] ?? .null {
            case .null: return []
            case .array(let elements):
                names = names.flatMap { name in elements.map { name + [$0] } }
            case let value: names = names.map { $0 + [value] }
            }
        }
        return names
    }

    func referrers(
        _ collection: Collection,
        _ rule: ReferenceRule,
        _ name: [Value],
        before step: Int
    ) -> [Reference] {
        records(of: collection.name)
            .filter { $0.item.step < step && names($0.item.fields, rule).contains(name) }
            .map(\.reference)
    }

    private func isThere(_ name: [Value], _ rule: ReferenceRule) -> Bool {
        items.contains {
            $0.key.collection == rule.to && self.name(of: $0.key, $0.value.fields, rule) == name
        }
    }

    /// Notes that a record that is put has other values where rules name it.
    mutating func noteRenaming(
        _ reference: Reference,
        _ old: [String: Value],
        _ new: [String: Value],
        overrules: Bool,
        isPut: Bool
    ) {
        falls.append(
            Fall(
                reference: reference,
                fields: old,
                remaining: new,
                overrules: overrules,
                isPut: isPut,
                step: overrules ? 0 : step
            )
        )
    }

    /// Does what follows from records that have ended.
    mutating func follow() throws(Refusal) {
        while !falls.isEmpty {
            let fall = falls.removeFirst()
            for (collection, rule) in rules(to: fall.reference.collection) {
                guard let name = name(of: fall.reference, fall.fields, rule) else { continue }
                if let remaining = fall.remaining,
                    self.name(of: fall.reference, remaining, rule) == name
                {
                    continue
                }
                if fall.isPut || rule.onDelete == .restrict && !fall.overrules {
                    restrictions.append(
                        Restriction(collection: collection, rule: rule, name: name, step: fall.step)
                    )
                    continue
                }
                for referrer in referrers(collection, rule, name, before: fall.step)
                where items[referrer] != nil {
                    if rule.onDelete == .cascade {
                        end(referrer, overrules: fall.overrules)
                    } else {
                        try takeOut(name, of: referrer, collection, rule, fall)
                    }
                }
            }
        }
    }

    private mutating func takeOut(
        _ name: [Value],
        of referrer: Reference,
        _ collection: Collection,
        _ rule: ReferenceRule,
        _ fall: Fall
    ) throws(Refusal) {
        guard let old = items[referrer] else { return }
        var fields = old.fields
        let array = rule.fields.firstIndex { fieldIsArray($0, collection) }
        if let array {
            guard case .array(let elements)? = fields[rule.fields[array]] else { return }
            fields[rule.fields[array]] = .array(elements.filter { $0 != name[array] })
        } else {
            let isFixed = rule.fields.contains { name in
                guard let field = collection.field(name) else { return true }
                return field.isRequired || field.generated != nil
            }
            if isFixed { return end(referrer, overrules: true) }
            for field in rule.fields { fields.removeValue(forKey: field) }
        }
        do throws(Refusal) {
            let new = try numbered(
                try prepared(fields, collection, revises: true),
                collection
            )
            try checkUnique(referrer, new, collection)
            items[referrer]?.fields = new
            items[referrer]?.madeAt = now
            items[referrer]?.bytes = Self.bytes(referrer.key, new, collection)
            // What has expired too ends in the same sweep, and was nothing else before.
            if old.expiresAt > now {
                note(referrer, old, new, isFollowed: true)
            }
            items[referrer]?.isFollowed = true
            items[referrer]?.isOwn = true
            items[referrer]?.version = UInt64?.none
            noteRenaming(referrer, old.fields, new, overrules: fall.overrules, isPut: false)
        } catch {
            guard fall.overrules else { throw error }
            end(referrer, overrules: true)
        }
    }

    private func fieldIsArray(_ name: String, _ collection: Collection) -> Bool {
        if case .array? = collection.field(name)?.type { true } else { false }
    }

    /// Holds the rules against what the batch comes to.
    func settle() throws(Refusal) {
        for one in restrictions where !isThere(one.name, one.rule) {
            let left = referrers(one.collection, one.rule, one.name, before: one.step)
            if !left.isEmpty { throw Refusal(.referenced) }
        }
        for (reference, item) in items where item.step >= 0 {
            guard
                let collection = schema.collections.first(where: { $0.name == reference.collection }
                )
            else { continue }
            for rule in collection.references {
                for name in names(item.fields, rule) where !isThere(name, rule) {
                    throw Refusal(.missingReference)
                }
            }
        }
    }

    /// Ends what has expired, and what follows it.
    mutating func sweep() throws(Refusal) {
        for reference in items.keys { items[reference]?.step = -1 }
        step = 0
        let expired = items.filter { $0.value.expiresAt <= now }.keys
            .sorted { $0.description < $1.description }
        for reference in expired {
            end(reference, overrules: true)
            try follow()
        }
    }
}
