// What becomes of the fields that a record is given, step by step as the page says it:
// formats/operations.md#rules-of-fields.

import MnemeModel

extension PlainModel {
    /// Defaults, fills, types, and then what can be worked out before numbers are given; `waiting`
    /// names the fields that get the next number.
    func prepared(
        _ given: [String: Value],
        _ collection: Collection,
        revises: Bool
    ) throws(Refusal) -> (fields: [String: Value], waiting: [String]) {
        var all = given
        for field in collection.fields {
            if field.generated != nil {
                if revises {
                    all.removeValue(forKey: field.name)
                } else if let value = given[field.name], !value.isNull {
                    throw Refusal(.wrongType)
                }
            }
        }
        for field in collection.fields {
            switch field.fill {
            case .changed: all.updateValue(time(field), forKey: field.name)
            case .now where !revises && given[field.name] == nil:
                all.updateValue(time(field), forKey: field.name)
            default:
                guard given[field.name] == nil else { continue }
                if revises {
                    if field.fill != nil || field.standard != nil {
                        all.updateValue(.null, forKey: field.name)
                    }
                } else if let standard = field.standard?.coerced(to: field.type) {
                    all.updateValue(standard, forKey: field.name)
                }
            }
        }
        var fields: [String: Value] = [:]
        var waiting: [String] = []
        for field in collection.fields {
            let value = all[field.name]
            if let value, !value.isNull {
                fields[field.name] = try typed(value, field)
                continue
            }
            if field.generated != nil { continue }
            if field.fill == .next, value == nil {
                waiting.append(field.name)
                continue
            }
            if field.isRequired {
                // What is misspelled is told first.
                let isKnown = all.keys.allSatisfy { collection.field($0) != nil }
                throw Refusal(isKnown ? .missingField : .unknownField)
            }
        }
        for name in all.keys where collection.field(name) == nil { throw Refusal(.unknownField) }
        if waiting.isEmpty { fields = try finished(fields, collection) }
        return (fields, waiting)
    }

    private func time(_ field: Field) -> Value {
        let instant = Instant(microseconds: now)
        return field.type == .date ? .date(instant.day) : .instant(instant)
    }

    private func typed(_ value: Value, _ field: Field) throws(Refusal) -> Value {
        if case .vector(let type) = field.type, case .array(let parts) = value {
            let numbers = parts.compactMap(\.number)
            guard numbers.count == parts.count else { throw Refusal(.wrongType) }
            guard numbers.count == type.dimension else { throw Refusal(.badVector) }
            return .vector(numbers.map { Float($0) })
        }
        guard let coerced = value.coerced(to: field.type) else { throw Refusal(.wrongType) }
        return coerced
    }

    /// Generated fields in their order, lengths, checks.
    private func finished(
        _ given: [String: Value],
        _ collection: Collection
    ) throws(Refusal) -> [String: Value] {
        var fields = given
        for field in collection.fields {
            guard let expression = field.generated else { continue }
            let known = fields
            let value = expression.evaluate { known[$0] ?? .null }
            if value.isNull {
                if field.isRequired { throw Refusal(.missingField) }
                fields.removeValue(forKey: field.name)
                continue
            }
            guard let coerced = value.coerced(to: field.type) else { throw Refusal(.wrongType) }
            fields[field.name] = coerced
        }
        for field in collection.fields {
            guard let limit = field.maximumLength, let value = fields[field.name] else { continue }
            let length: Int
            switch value {
            case .text(let text): length = text.count
            case .bytes(let bytes): length = bytes.count
            case .array(let elements): length = elements.count
            default: continue
            }
            if length > limit { throw Refusal(.tooLarge) }
        }
        let known = fields
        for check in collection.checks {
            if check.condition.evaluate({ known[$0] ?? .null }) == .bool(false) {
                throw Refusal(.checkFailed)
            }
        }
        return fields
    }

    /// The fields with the numbers that the store gives.
    mutating func numbered(
        _ prepared: (fields: [String: Value], waiting: [String]),
        _ collection: Collection
    ) throws(Refusal) -> [String: Value] {
        var fields = prepared.fields
        for name in prepared.waiting {
            fields[name] = .int(counters["\(collection.name).\(name)"] ?? 1)
        }
        if !prepared.waiting.isEmpty { fields = try finished(fields, collection) }
        for field in collection.fields where field.fill == .next {
            let counter = "\(collection.name).\(field.name)"
            guard let number = fields[field.name]?.int, number < .max else { continue }
            counters[counter] = max(counters[counter] ?? 1, number + 1)
        }
        return fields
    }
}
