// What an expression gives: formats/expressions.md#values. Total: wrong kinds, overflow and places
// that are not there give null. Each kind of node has a function of its own, which keeps the stack
// small: a tree is up to 64 levels deep.

extension ExpressionNode {
    /// The value for fields that are looked up by name.
    func evaluate(_ value: (String) -> Value) -> Value {
        switch self {
        case .literal(let literal): literal
        case .field(let name, let steps): ExpressionNode.step(into: value(name), by: steps)
        case .or, .and, .not, .compare, .isNull, .isIn, .between, .like:
            holds(value).map(Value.bool) ?? .null
        case .arithmetic(let operation, let left, let right):
            operation.result(of: left.evaluate(value), and: right.evaluate(value))
        case .negate(let part):
            ExpressionArithmetic.subtract.result(of: .int(0), and: part.evaluate(value))
        case .join(let parts): ExpressionNode.join(parts, value)
        case .choice(let branches, let otherwise):
            ExpressionNode.choose(branches, otherwise, value)
        case .call(let function, let arguments): function.call(arguments, value)
        }
    }

    /// Whether it holds; nil when that is not known.
    func holds(_ value: (String) -> Value) -> Bool? {
        switch self {
        case .or(let parts): ExpressionNode.any(parts, value)
        case .and(let parts): ExpressionNode.all(parts, value)
        case .not(let part): part.holds(value).map { !$0 }
        case .compare(let relation, let left, let right):
            relation.holds(left.evaluate(value), right.evaluate(value))
        case .isNull(let part): part.evaluate(value).isNothing
        case .isIn(let part, let others): ExpressionNode.isOne(part.evaluate(value), others, value)
        case .between(let part, let low, let high):
            ExpressionNode.lies(part.evaluate(value), low, high, value)
        case .like(let part, let pattern): part.evaluate(value).text.map { pattern.matches($0) }
        case .literal, .field, .arithmetic, .negate, .join, .choice, .call:
            ExpressionNode.truth(of: evaluate(value))
        }
    }

    private static func truth(of value: Value) -> Bool? {
        if case .bool(let truth) = value { truth } else { nil }
    }

    private static func any(_ parts: [ExpressionNode], _ value: (String) -> Value) -> Bool? {
        var result: Bool? = false
        for part in parts {
            let truth = part.holds(value)
            if truth == true { return true }
            if truth == nil { result = nil }
        }
        return result
    }

    private static func all(_ parts: [ExpressionNode], _ value: (String) -> Value) -> Bool? {
        var result: Bool? = true
        for part in parts {
            let truth = part.holds(value)
            if truth == false { return false }
            if truth == nil { result = nil }
        }
        return result
    }

    private static func isOne(
        _ wanted: Value,
        _ others: [ExpressionNode],
        _ value: (String) -> Value
    ) -> Bool? {
        if wanted.isNothing { return nil }
        var result: Bool? = false
        for other in others {
            let truth = ExpressionRelation.equal.holds(wanted, other.evaluate(value))
            if truth == true { return true }
            if truth == nil { result = nil }
        }
        return result
    }

    /// As `part >= low and part <= high`.
    private static func lies(
        _ part: Value,
        _ low: ExpressionNode,
        _ high: ExpressionNode,
        _ value: (String) -> Value
    ) -> Bool? {
        let isAbove = ExpressionRelation.greaterOrEqual.holds(part, low.evaluate(value))
        if isAbove == false { return false }
        let isBelow = ExpressionRelation.lessOrEqual.holds(part, high.evaluate(value))
        return isAbove == nil && isBelow != false ? nil : isBelow
    }

    /// What lies at the end of the way; a float that is no number counts as no value.
    private static func step(into value: Value, by steps: [ExpressionStep]) -> Value {
        var value = value
        for step in steps {
            switch (step, value) {
            case (.member(let name), .map(let members)): value = members[name] ?? .null
            case (.element(let index), .array(let elements)):
                let place = index < 0 ? index + Int64(elements.count) : index
                guard place >= 0, place < elements.count else { return .null }
                value = elements[Int(place)]
            default: return .null
            }
        }
        if case .float(let float) = value, float.isNaN { return .null }
        return value
    }

    private static func join(_ parts: [ExpressionNode], _ value: (String) -> Value) -> Value {
        var joined = ""
        for part in parts {
            guard case .text(let text) = part.evaluate(value),
                joined.utf8.count + text.utf8.count <= ExpressionLimit.resultByteCount
            else { return .null }
            joined += text
        }
        return .text(joined)
    }

    private static func choose(
        _ branches: [ExpressionBranch],
        _ otherwise: ExpressionNode?,
        _ value: (String) -> Value
    ) -> Value {
        for branch in branches where branch.condition.holds(value) == true {
            return branch.value.evaluate(value)
        }
        guard let otherwise else { return .null }
        return otherwise.evaluate(value)
    }
}

extension ExpressionRelation {
    /// Whether it holds between two values; nil when one is null, or when they have no order in
    /// common and order is asked.
    func holds(_ left: Value, _ right: Value) -> Bool? {
        switch (left, right) {
        case (.null, _), (_, .null): return nil
        case (.int(let a), .int(let b)): return holds(a < b ? -1 : (a > b ? 1 : 0))
        case (.int, .float), (.float, .int), (.float, .float):
            return holds(Value.compare(left, right))
        case (.bool, .bool), (.text, .text), (.bytes, .bytes), (.uuid, .uuid),
            (.instant, .instant), (.date, .date):
            return holds(isOrder ? Value.compare(left, right) : (left == right ? 0 : 1))
        default: return isOrder ? nil : holds(left == right ? 0 : 1)
        }
    }
}

extension Value {
    /// As `isNull`, without comparing.
    var isNothing: Bool { if case .null = self { true } else { false } }
}

extension ExpressionArithmetic {
    /// The number; null for anything but numbers, and where none comes out.
    func result(of left: Value, and right: Value) -> Value {
        if case .int(let a) = left, case .int(let b) = right { return result(a, b) }
        guard let a = left.number, let b = right.number else { return .null }
        let result: Double =
            switch self {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            case .remainder: a.truncatingRemainder(dividingBy: b)
            }
        return .finite(result)
    }

    private func result(_ a: Int64, _ b: Int64) -> Value {
        let (result, isOut): (Int64, Bool) =
            switch self {
            case .add: a.addingReportingOverflow(b)
            case .subtract: a.subtractingReportingOverflow(b)
            case .multiply: a.multipliedReportingOverflow(by: b)
            case .divide: a.dividedReportingOverflow(by: b)
            // Of any number by -1 nothing remains, though the quotient may overflow.
            case .remainder: b == -1 ? (0, false) : a.remainderReportingOverflow(dividingBy: b)
            }
        return isOut ? .null : .int(result)
    }
}

extension Value {
    /// The float; null when it is infinite or no number.
    static func finite(_ float: Double) -> Value { float.isFinite ? .float(float) : .null }
}
