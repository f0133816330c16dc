// What a filter is refused for, and the values that it compares with as the fields have them.

import MnemeModel

extension PlainModel {
    func type(of name: String, _ collection: Collection) throws(Refusal) -> FieldType {
        switch name {
        case PseudoField.version: return .int
        case PseudoField.key:
            return collection.key == .text ? .text : collection.key == .int ? .int : .uuid
        default:
            guard let field = collection.field(name) else { throw Refusal(.unknownField) }
            return field.type
        }
    }

    func checked(_ filter: Filter, _ collection: Collection) throws(Refusal) -> Filter {
        switch filter {
        case .and(let parts): return .and(try each(parts, collection))
        case .or(let parts): return .or(try each(parts, collection))
        case .not(let part): return .not(try checked(part, collection))
        case .compare(let name, let comparison):
            let path = FieldPath(name)
            let type = try type(of: path.field, collection)
            if path.goesInside, type != .json { throw Refusal(.badFilter) }
            return .compare(field: name, try checked(comparison, type))
        }
    }

    private func each(_ parts: [Filter], _ collection: Collection) throws(Refusal) -> [Filter] {
        var result: [Filter] = []
        for part in parts { result.append(try checked(part, collection)) }
        return result
    }

    private func checked(_ comparison: Comparison, _ type: FieldType) throws(Refusal) -> Comparison
    {
        var isText = type == .text
        if case .oneOf = type { isText = true }
        var element: FieldType?
        if case .array(let of) = type { element = of }
        switch comparison {
        case .eq(let value): return .eq(try fitting(value, type))
        case .ne(let value): return .ne(try fitting(value, type))
        case .isIn(let values): return .isIn(try fitting(values, type))
        case .notIn(let values): return .notIn(try fitting(values, type))
        case .gt(let value): return .gt(try bound(value, type))
        case .gte(let value): return .gte(try bound(value, type))
        case .lt(let value): return .lt(try bound(value, type))
        case .lte(let value): return .lte(try bound(value, type))
        case .within(let low, let high):
            return .within(try bound(low, type), try bound(high, type))
        case .any(let values):
            guard element != nil || type == .json else { throw Refusal(.badFilter) }
            return .any(try fitting(values, element ?? .json))
        case .all(let values):
            guard element != nil || type == .json else { throw Refusal(.badFilter) }
            return .all(try fitting(values, element ?? .json))
        case .prefix, .exists:
            if case .prefix = comparison, !isText, type != .json { throw Refusal(.badFilter) }
            return comparison
        case .contains(let part):
            if type == .json { return .contains(try fitting(part, type)) }
            if let element {
                if case .array(let parts) = part {
                    return .contains(.array(try fitting(parts, element)))
                }
                return .contains(try fitting(part, element))
            }
            guard isText, part.text != nil else { throw Refusal(.badFilter) }
            return comparison
        case .some:
            guard type == .json else { throw Refusal(.badFilter) }
            return comparison
        }
    }

    private func bound(_ value: Value, _ type: FieldType) throws(Refusal) -> Value {
        if case .vector = type { throw Refusal(.badFilter) }
        if value.isNull { throw Refusal(.badFilter) }
        if case .oneOf = type, value.text != nil { return value }
        return try fitting(value, type)
    }

    private func fitting(_ values: [Value], _ type: FieldType) throws(Refusal) -> [Value] {
        var result: [Value] = []
        for value in values { result.append(try fitting(value, type)) }
        return result
    }

    private func fitting(_ value: Value, _ type: FieldType) throws(Refusal) -> Value {
        if type == .int, case .float = value { return value }
        guard let coerced = value.coerced(to: type) else { throw Refusal(.badFilter) }
        return coerced
    }
}
