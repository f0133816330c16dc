// Patches: edits made one after another to what is there, and then a put.

import MnemeModel

extension PlainModel {
    func prepare(_ patch: Patch) throws(Refusal) {
        let collection = try collection(patch.collection)
        for edit in patch.edits {
            guard let field = collection.field(edit.path.field) else {
                throw Refusal(.unknownField)
            }
            if field.generated != nil { throw Refusal(.wrongType) }
            if edit.path.goesInside, field.type != .json { throw Refusal(.wrongType) }
            switch edit {
            case .append(_, let values, _), .prepend(_, let values, _), .addToSet(_, let values),
                .remove(_, let values):
                if case .array(let element) = field.type {
                    for value in values {
                        guard let coerced = value.coerced(to: element), !coerced.isNull else {
                            throw Refusal(.wrongType)
                        }
                    }
                }
            case .increment(_, let by):
                if field.type == .int, by.int == nil { throw Refusal(.wrongType) }
            default: break
            }
        }
        for (place, edit) in patch.edits.enumerated() {
            for other in patch.edits[(place + 1)...] {
                let (a, b) = (parts(edit.path), parts(other.path))
                if a.starts(with: b) || b.starts(with: a) { throw Refusal(.badRequest) }
            }
        }
        for name in (patch.orPut ?? [:]).keys where collection.field(name) == nil {
            throw Refusal(.unknownField)
        }
        if let filter = patch.condition { _ = try checked(filter, collection) }
        _ = try key(patch.key, collection)
    }

    private func parts(_ path: FieldPath) -> [String] { [path.field] + path.members }

    mutating func decide(_ patch: Patch) throws(Refusal) -> Committed.Outcome {
        let collection = try collection(patch.collection)
        let reference = try reference(Reference(patch.collection, patch.key))
        let old = items[reference]
        if let version = patch.version { try hold(version, nil, reference, collection) }
        guard var fields = old?.fields ?? patch.orPut else { throw Refusal(.notFound) }
        if old != nil, let condition = patch.condition {
            try hold(nil, condition, reference, collection)
        }
        var expiresAt = old?.expiresAt ?? .max
        switch patch.expiry {
        case .kept: break
        case .after: preconditionFailure("the dice know no ends from now")
        case .at(let end): expiresAt = end.microseconds
        case .never: expiresAt = .max
        }
        for edit in patch.edits { try PlainEdit(edit, collection).apply(to: &fields) }
        let put = Put(
            collection.name,
            reference.key,
            fields,
            expiresAt: expiresAt == .max ? nil : Instant(microseconds: expiresAt)
        )
        // What a patch would be refused for as a put is looked at before the put takes its place.
        _ = try place(put, collection, revises: old != nil)
        var told = Committed.Patched(reference: reference, isNew: old == nil)
        if patch.returns == .new, let item = items[reference] {
            told.record = Record(reference, fields: item.fields)
        } else if patch.returns == .old, let old {
            told.record = Record(reference, fields: old.fields)
        }
        return .patched(told)
    }
}

/// One edit, made by hand.
struct PlainEdit {
    private let edit: Edit
    /// The type of what a list at the top of the field holds; nil inside of json.
    private let element: FieldType?

    init(_ edit: Edit, _ collection: Collection) {
        self.edit = edit
        if case .array(let element)? = collection.field(edit.path.field)?.type {
            self.element = element
        } else {
            element = .json
        }
    }

    func apply(to fields: inout [String: Value]) throws(Refusal) {
        let path = edit.path
        let new = try changed(fields[path.field], path.members)
        if let new, !new.isNull {
            fields[path.field] = new
        } else {
            fields.removeValue(forKey: path.field)
        }
    }

    /// What becomes of a part; nil where nothing is left of it.
    private func changed(_ part: Value?, _ way: [String]) throws(Refusal) -> Value? {
        guard let name = way.first else { return try made(of: part ?? .null) }
        let rest = Array(way.dropFirst())
        switch part {
        case nil, .null:
            guard let inner = try changed(Value?.none, rest) else { return part }
            return .map([name: inner])
        case .map(var members):
            let inner = try changed(members[name], rest)
            members.removeValue(forKey: name)
            if let inner { members[name] = inner }
            return .map(members)
        case .array(var elements):
            guard let place = Int(name), elements.indices.contains(place) else {
                throw Refusal(.wrongType)
            }
            let inner = try changed(elements[place], rest)
            elements.remove(at: place)
            if let inner { elements.insert(inner, at: place) }
            return .array(elements)
        default: throw Refusal(.wrongType)
        }
    }

    private func list(_ part: Value) throws(Refusal) -> [Value] {
        if part.isNull { return [] }
        guard case .array(let elements) = part else { throw Refusal(.wrongType) }
        return elements
    }

    private func coerced(_ values: [Value]) -> [Value] {
        guard let element else { return values }
        return values.map { $0.coerced(to: element) ?? $0 }
    }

    private func made(of part: Value) throws(Refusal) -> Value? {
        switch edit {
        case .set(_, let value): return value
        case .unset: return nil
        case .fill(_, let value): return part.isNull ? value : part
        case .increment(_, let by): return try sum(part, by)
        case .append(_, let values, let limit):
            let all = try list(part) + coerced(values)
            guard let limit else { return .array(all) }
            return .array(Array(all.dropFirst(max(0, all.count - limit))))
        case .prepend(_, let values, let limit):
            let all = coerced(values) + (try list(part))
            guard let limit else { return .array(all) }
            return .array(Array(all.prefix(limit)))
        case .addToSet(_, let values):
            var all = try list(part)
            for value in coerced(values) where !all.contains(value) { all.append(value) }
            return .array(all)
        case .remove(_, let values):
            if part.isNull { return nil }
            let gone = coerced(values)
            return .array(try list(part).filter { !gone.contains($0) })
        case .merge(_, let members):
            switch part {
            case .null: return merged([:], members)
            case .map(let old): return merged(old, members)
            default: throw Refusal(.wrongType)
            }
        }
    }

    private func sum(_ part: Value, _ by: Value) throws(Refusal) -> Value {
        guard let step = by.number else { throw Refusal(.wrongType) }
        if part.isNull { return by }
        guard let number = part.number else { throw Refusal(.wrongType) }
        if let a = part.int, let b = by.int { return .int(a + b) }
        return .float(number + step)
    }

    private func merged(_ old: [String: Value], _ members: [String: Value]) -> Value {
        var all = old
        for (name, value) in members {
            if value.isNull {
                all.removeValue(forKey: name)
            } else if case .map(let inner) = value {
                var below: [String: Value] = [:]
                if case .map(let known)? = all[name] { below = known }
                all[name] = merged(below, inner)
            } else {
                all[name] = value
            }
        }
        return .map(all)
    }
}
