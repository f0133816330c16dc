// Definitions and drops of the model.

import MnemeModel

extension PlainModel {
    /// Takes a definition, whose collections and types are whole ones, or what is new alone.
    mutating func define(_ added: Schema) throws(Refusal) {
        var next = self
        for collection in added.collections { try next.define(collection) }
        for type in added.edgeTypes {
            if let place = next.schema.edgeTypes.firstIndex(where: { $0.name == type.name }) {
                for index in type.indexes
                where !next.schema.edgeTypes[place].indexes.contains(index) {
                    next.schema.edgeTypes[place].indexes.append(index)
                }
            } else {
                next.schema.edgeTypes.append(type)
            }
        }
        self = next
    }

    private mutating func define(_ added: Collection) throws(Refusal) {
        guard let place = schema.collections.firstIndex(where: { $0.name == added.name })
        else { return schema.collections.append(added) }
        let old = schema.collections[place]
        var collection = old
        collection.fields += added.fields.filter { old.field($0.name) == nil }
        collection.indexes += added.indexes.filter { !old.indexes.contains($0) }
        schema.collections[place] = collection
        for (reference, item) in items where reference.collection == collection.name {
            var fields = item.fields
            for field in collection.fields where old.field(field.name) == nil {
                let known = fields
                var value: Value = .null
                if let standard = field.standard?.coerced(to: field.type) { value = standard }
                if let expression = field.generated {
                    value =
                        expression.evaluate { known[$0] ?? .null }.coerced(to: field.type)
                        ?? Value.null
                }
                if !value.isNull { fields[field.name] = value }
                if value.isNull, field.isRequired { throw Refusal(.missingField) }
            }
            items[reference]?.fields = fields
        }
        for (reference, item) in items where reference.collection == collection.name {
            try checkUnique(reference, item.fields, collection)
            for check in collection.checks where !old.checks.contains(check) {
                if check.condition.evaluate({ item.fields[$0] ?? .null }) == .bool(false) {
                    throw Refusal(.checkFailed)
                }
            }
        }
    }

    private func isNameable(
        _ index: Index,
        _ rule: ReferenceRule,
        _ collection: Collection
    ) -> Bool {
        guard index.isUnique, index.condition == nil,
            Set(index.fields.map(\.name)) == Set(rule.on)
        else { return false }
        return !index.fields.contains { part in
            if case .array? = collection.field(part.name)?.type { return true }
            return part.isFolded || part.path.goesInside
        }
    }

    mutating func drop(_ drop: Drop) throws(Refusal) {
        switch drop {
        case .index(let name, let index):
            let collection = try collection(name)
            guard let place = schema.collections.firstIndex(where: { $0.name == name }),
                let found = collection.indexes.firstIndex(where: { $0.name == index })
            else { throw Refusal(.notFound) }
            // Of several by which a reference may find what it names it takes the first.
            let isNeeded = rules(to: name).contains { _, rule in
                collection.indexes.firstIndex { isNameable($0, rule, collection) } == found
            }
            if isNeeded { throw Refusal(.schemaConflict) }
            schema.collections[place].indexes.remove(at: found)
        case .collection(let name):
            let collection = try collection(name)
            let isNeeded =
                rules(to: name).contains { $0.0.name != name }
                || schema.edgeTypes.contains { $0.from == name || $0.to == name }
            if isNeeded { throw Refusal(.schemaConflict) }
            schema.collections.removeAll { $0.name == collection.name }
            for reference in items.keys where reference.collection == name {
                items.removeValue(forKey: reference)
                edges.removeAll { $0.from == reference || $0.to == reference }
            }
            for counter in counters.keys
            where counter == name || counter.hasPrefix(name + ".") {
                counters.removeValue(forKey: counter)
            }
        case .edgeType(let name):
            _ = try edgeType(name)
            schema.edgeTypes.removeAll { $0.name == name }
            edges.removeAll { $0.type == name }
        case .field(let name, let field):
            _ = try collection(name)
            guard let place = schema.collections.firstIndex(where: { $0.name == name }),
                let found = schema.collections[place].fields.firstIndex(where: { $0.name == field })
            else { throw Refusal(.unknownField) }
            schema.collections[place].fields.remove(at: found)
            for reference in items.keys where reference.collection == name {
                items[reference]?.fields.removeValue(forKey: field)
            }
            counters.removeValue(forKey: name + "." + field)
        case .search(let name, let field):
            _ = try collection(name)
            guard let place = schema.collections.firstIndex(where: { $0.name == name }),
                let found = schema.collections[place].fields.firstIndex(where: {
                    $0.name == field && $0.isSearchable
                })
            else { throw Refusal(.unknownField) }
            schema.collections[place].fields[found].isSearchable = false
        case .edgeIndex(let name, let index):
            let type = try edgeType(name)
            guard let place = schema.edgeTypes.firstIndex(of: type),
                let found = type.indexes.firstIndex(where: { $0.name == index })
            else { throw Refusal(.notFound) }
            schema.edgeTypes[place].indexes.remove(at: found)
        }
    }
}
