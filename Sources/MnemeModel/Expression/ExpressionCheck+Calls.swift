// What functions take and give, in kinds.

extension ExpressionCheck {
    /// The kinds that a call may give.
    mutating func call(
        _ function: ExpressionFunction,
        _ arguments: [ExpressionNode],
        _ id: Int
    ) throws(ExpressionFault) -> ValueKinds {
        switch function {
        case .coalesce:
            var result: ValueKinds = []
            for argument in arguments { result.formUnion(try kinds(of: argument)) }
            return result
        case .min, .max: return try outermost(function, arguments, id)
        case .nullif: return try nullif(arguments, id)
        case .contains: return try contains(arguments)
        default: break
        }
        var first: ValueKinds = []
        for (place, argument) in arguments.enumerated() {
            let wanted = function.kinds(ofArgument: place, of: arguments.count)
            let kinds = try kinds(of: argument, taking: wanted, for: function.rawValue)
            if place == 0 { first = kinds }
        }
        return function.result(of: first)
    }

    private mutating func outermost(
        _ function: ExpressionFunction,
        _ arguments: [ExpressionNode],
        _ id: Int
    ) throws(ExpressionFault) -> ValueKinds {
        var common = ValueKinds.ordered
        var all: ValueKinds = []
        for argument in arguments {
            let node = visited
            let kinds = try kinds(of: argument, taking: .ordered, for: function.rawValue)
            if kinds.isEmpty { continue }
            common.formIntersection(kinds.widened)
            guard !common.isEmpty else {
                throw ExpressionFault(
                    node: node,
                    message: "\(function.rawValue) compares its arguments, and "
                        + "\(kinds.described) has no order in common with those before. "
                        + ExpressionCheck.advice(for: all)
                )
            }
            all.formUnion(kinds)
        }
        return all.intersection(common)
    }

    private mutating func nullif(
        _ arguments: [ExpressionNode],
        _ id: Int
    ) throws(ExpressionFault) -> ValueKinds {
        var results: [ValueKinds] = []
        for argument in arguments { results.append(try kinds(of: argument)) }
        guard let value = results.first, let other = results.last else { return [] }
        guard value.isEmpty || other.isEmpty || !value.widened.isDisjoint(with: other) else {
            throw ExpressionFault(
                node: id,
                message: "nullif compares \(value.described) with \(other.described), which are "
                    + "never equal. \(ExpressionCheck.advice(for: value))"
            )
        }
        return value
    }

    private mutating func contains(
        _ arguments: [ExpressionNode]
    ) throws(ExpressionFault) -> ValueKinds {
        guard arguments.count == 2 else { return .bool }
        let kinds = try kinds(
            of: arguments[0],
            taking: [.text, .array, .object],
            for: "contains"
        )
        let id = visited
        let part = try self.kinds(of: arguments[1])
        let inside = self.kinds(inside: arguments[0], of: kinds)
        guard kinds.isEmpty || part.isEmpty || !part.isDisjoint(with: inside) else {
            throw ExpressionFault(
                node: id,
                message: "\(kinds.described) of this field never contains \(part.described). "
                    + ExpressionCheck.advice(for: inside)
            )
        }
        return .bool
    }
}

extension ExpressionFunction {
    /// What it takes in a place.
    fileprivate func kinds(ofArgument place: Int, of count: Int) -> ValueKinds {
        switch self {
        case .lower, .upper, .trim: .text
        case .substring: place == 0 ? .text : .int
        case .length: [.text, .bytes, .array, .object]
        case .abs, .round, .floor, .ceil: .numbers
        case .text: [.bool, .int, .float, .text, .uuid, .instant, .date]
        case .int: [.bool, .int, .float, .text]
        case .float: [.int, .float, .text]
        case .bool: [.bool, .int, .text]
        case .uuid: [.uuid, .text]
        case .instant: [.instant, .date, .text]
        case .date: place == 1 ? .text : count == 2 ? .instant : [.instant, .date, .text]
        case .year, .month, .day, .hour, .minute, .second, .weekday:
            place == 1 ? .text : count == 2 ? .instant : [.instant, .date]
        case .has: place == 0 ? .object : .text
        case .kind, .coalesce, .nullif, .min, .max, .contains: ValueKinds(rawValue: .max)
        }
    }

    /// What it gives, by the kinds of its first argument.
    fileprivate func result(of first: ValueKinds) -> ValueKinds {
        switch self {
        case .lower, .upper, .trim, .substring, .text, .kind: .text
        case .length, .int, .year, .month, .day, .hour, .minute, .second, .weekday: .int
        case .abs, .round, .floor, .ceil: first.intersection(.numbers)
        case .float: .float
        case .bool, .has, .contains: .bool
        case .instant: .instant
        case .date: .date
        case .uuid: .uuid
        case .coalesce, .nullif, .min, .max: first
        }
    }
}
