// What an edit makes of a record's fields. Pure: the writer holds what comes out against the schema
// as it does for any put.

extension Edit {
    /// Makes the edit to fields by name.
    ///
    /// - Throws: `wrongType` where what stands there is not what the edit is for, `tooLarge` for a
    ///   number beyond its kind; the message names collection and path.
    /// - Complexity: O(size of the field); O(*n* · *m*) for sets of *n* elements and *m* new ones.
    package func apply(
        to fields: inout [String: Value],
        of collection: String
    ) throws(MnemeError) {
        let place = "\(collection).\(path)"
        let new = try Self.changed(fields[path.field], path.members[...], place) {
            part throws(MnemeError) in try value(of: part, place)
        }
        if let new, !new.isNull {
            fields[path.field] = new
        } else {
            fields.removeValue(forKey: path.field)
        }
    }

    /// What a value is once the part at the end of the members was changed; nil for none, before
    /// and after.
    private static func changed(
        _ value: Value?,
        _ members: ArraySlice<String>,
        _ place: String,
        _ change: (Value?) throws(MnemeError) -> Value?
    ) throws(MnemeError) -> Value? {
        guard let name = members.first else { return try change(value) }
        let rest = members.dropFirst()
        switch value {
        case nil, .null:
            guard let part = try changed(nil, rest, place, change) else { return value }
            return .map([name: part])
        case .map(var map):
            if let part = try changed(map[name], rest, place, change) {
                map[name] = part
            } else {
                map.removeValue(forKey: name)
            }
            return .map(map)
        case .array(var elements):
            guard let index = Int(name), elements.indices.contains(index) else {
                throw MnemeError(
                    .wrongType,
                    "\(place): there is an array of \(elements.count) before \"\(name)\", which is "
                        + "not the number of one of its elements. Name one from 0 on, or append."
                )
            }
            if let part = try changed(elements[index], rest, place, change) {
                elements[index] = part
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        case let value?:
            throw MnemeError(
                .wrongType,
                "\(place): there is \(value.shown) before \"\(name)\", which has no members. Set "
                    + "the whole of it to an object first."
            )
        }
    }

    /// What becomes of the value at the path's end; nil for none.
    private func value(of old: Value?, _ place: String) throws(MnemeError) -> Value? {
        let old = old ?? .null
        switch self {
        case .set(_, let value): return value
        case .unset: return nil
        case .fill(_, let value): return old.isNull ? value : old
        case .increment(_, let step): return try sum(old, step, place)
        case .append(_, let values, let limit):
            let all = try elements(old, place) + values
            return .array(limit.map { Array(all.suffix(max(0, $0))) } ?? all)
        case .prepend(_, let values, let limit):
            let all = values + (try elements(old, place))
            return .array(limit.map { Array(all.prefix(max(0, $0))) } ?? all)
        case .addToSet(_, let values):
            var all = try elements(old, place)
            var known = Set(all)
            for value in values where known.insert(value).inserted { all.append(value) }
            return .array(all)
        case .remove(_, let values):
            if old.isNull { return nil }
            let gone = Set(values)
            return .array(try elements(old, place).filter { !gone.contains($0) })
        case .merge(_, let members):
            switch old {
            case .null, .map: return Value.merged(old, members)
            default: throw wrong(old, "an object", "Set it to an object first.", place)
            }
        }
    }

    private func elements(_ value: Value, _ place: String) throws(MnemeError) -> [Value] {
        switch value {
        case .null: return []
        case .array(let elements): return elements
        default: throw wrong(value, "an array", "Set it to an array first.", place)
        }
    }

    private func sum(_ old: Value, _ step: Value, _ place: String) throws(MnemeError) -> Value {
        switch (old, step) {
        case (.null, .int), (.null, .float): return step
        case (.int(let number), .int(let step)):
            let (sum, isOver) = number.addingReportingOverflow(step)
            guard !isOver else {
                throw MnemeError(
                    .tooLarge,
                    "\(place) is \(number), and \(step) more is beyond the whole numbers of 64 "
                        + "bits. Use a smaller step."
                )
            }
            return .int(sum)
        default:
            guard let number = old.number else {
                throw wrong(old, "a number", "Set it to a number first.", place)
            }
            guard let step = step.number else {
                throw MnemeError(
                    .wrongType,
                    "\(place) is incremented by a number, and \(step.shown) is none. Give a number."
                )
            }
            return .float(number + step)
        }
    }

    private func wrong(
        _ value: Value,
        _ wanted: String,
        _ advice: String,
        _ place: String
    ) -> MnemeError {
        MnemeError(.wrongType, "\(place) is \(value.shown), not \(wanted). \(advice)")
    }
}

extension Value {
    /// A JSON merge patch: RFC 7386.
    fileprivate static func merged(_ old: Value, _ members: [String: Value]) -> Value {
        var map: [String: Value] = [:]
        if case .map(let old) = old { map = old }
        for (name, value) in members {
            switch value {
            case .null: map.removeValue(forKey: name)
            case .map(let inner): map[name] = merged(map[name] ?? .null, inner)
            default: map[name] = value
            }
        }
        return .map(map)
    }
}
