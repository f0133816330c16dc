// Whether an expression makes sense over the fields of a collection: formats/expressions.md#check.
// What it says of kinds is what can be said before any record is there: json may hold anything that
// JSON can say.

extension Expression {
    /// Checks it against fields and says which kinds of values it may give, beside null.
    ///
    /// - Parameters:
    ///   - fields: those that it may name.
    ///   - place: where it stands, for messages: `collection "notes", check "positive"`.
    ///   - type: what it should give, anything when nil; a check gives a bool.
    /// - Returns: the kinds; empty where it is always null.
    /// - Throws: `badExpression` with the column in the canonical spelling: for fields that are not
    ///   there, comparisons that never hold, arguments of the wrong kind, a result that the type
    ///   does not take.
    /// - Complexity: O(*n* + *m*) in nodes and fields.
    @discardableResult
    package func check(
        in fields: [Field],
        place: String,
        wanting type: FieldType?
    ) throws(MnemeError) -> ValueKinds {
        var check = ExpressionCheck(fields)
        do {
            let kinds = try check.kinds(of: root)
            if let type { try check.check(kinds, fit: type) }
            return kinds
        } catch {
            var writer = ExpressionWriter()
            writer.write(root, at: .or)
            let start = error.node < writer.starts.count ? writer.starts[error.node] : 0
            let found = ExpressionPlace(bytes: Array(writer.text.utf8)).describe(start)
            throw MnemeError(.badExpression, "\(place), \(found): \(error.message)")
        }
    }
}

/// Which node is wrong, counted as they are spelled, and why.
struct ExpressionFault: Error {
    let node: Int
    let message: String
}

/// Finds the kinds of nodes; visits each once, in the order in which they are spelled.
struct ExpressionCheck {
    private let types: [String: FieldType]
    private let names: [String]
    /// How many nodes were visited; the number of the next one.
    private(set) var visited = 0

    init(_ fields: [Field]) {
        types = Dictionary(fields.map { ($0.name, $0.type) }) { first, _ in first }
        names = fields.map(\.name)
    }

    /// The kinds of values that a node may give.
    mutating func kinds(of node: ExpressionNode) throws(ExpressionFault) -> ValueKinds {
        let id = visited
        visited += 1
        switch node {
        case .literal(let value): return ValueKinds(of: value)
        case .field(let name, let steps):
            let kinds = try field(name, steps, id)
            guard kinds != .vector else {
                throw ExpressionFault(
                    node: id,
                    message: "\(quoted(name)) is a vector; of a vector can only be asked whether "
                        + "it is null. Use another field."
                )
            }
            return kinds
        case .or(let parts), .and(let parts): return try conditions(parts)
        case .not(let part): return try conditions([part])
        case .compare(let relation, let left, let right):
            return try comparison(relation, left, right)
        case .isNull(let part): return try isNull(part)
        case .isIn(let part, let others): return try membership(part, others)
        case .between(let part, let low, let high):
            let kinds = try self.kinds(of: part)
            try check(low, against: kinds, isOrder: true, what: "between")
            try check(high, against: kinds, isOrder: true, what: "between")
            return .bool
        case .like(let part, _):
            _ = try kinds(of: part, taking: .text, for: "like")
            return .bool
        case .arithmetic(let operation, let left, let right):
            return try arithmetic(operation, left, right)
        case .negate(let part):
            return try kinds(of: part, taking: .numbers, for: "-").intersection(.numbers)
        case .join(let parts):
            for part in parts { _ = try kinds(of: part, taking: .text, for: "||") }
            return .text
        case .choice(let branches, let otherwise): return try choice(branches, otherwise)
        case .call(let function, let arguments): return try call(function, arguments, id)
        }
    }

    /// The kinds of a node that should be able to give some of those.
    mutating func kinds(
        of node: ExpressionNode,
        taking wanted: ValueKinds,
        for what: String
    ) throws(ExpressionFault) -> ValueKinds {
        let id = visited
        let kinds = try kinds(of: node)
        guard kinds.isEmpty || !kinds.isDisjoint(with: wanted) else {
            throw ExpressionFault(
                node: id,
                message: "\(what) takes \(wanted.described), and this is \(kinds.described). "
                    + ExpressionCheck.advice(for: wanted)
            )
        }
        return kinds
    }

    /// Whether a result suits a field.
    func check(_ kinds: ValueKinds, fit type: FieldType) throws(ExpressionFault) {
        guard !kinds.isEmpty else {
            throw ExpressionFault(
                node: 0,
                message: "it gives nothing but null. Write what it should compute."
            )
        }
        let taken = ValueKinds(takenBy: type)
        let isJSON = kinds.isSuperset(of: .json) && !taken.isEmpty
        guard kinds.isSubset(of: taken) || isJSON else {
            throw ExpressionFault(
                node: 0,
                message: "it gives \(kinds.described) where \(type.named) is wanted. "
                    + ExpressionCheck.advice(for: taken)
            )
        }
    }

    /// Which function makes such a value.
    static func advice(for wanted: ValueKinds) -> String {
        let convertible: [(ValueKinds, String)] = [
            (.text, "text"), (.float, "float"), (.int, "int"), (.bool, "bool"),
            (.instant, "instant"), (.date, "date"), (.uuid, "uuid"),
        ]
        for (kind, function) in convertible where wanted.contains(kind) {
            return "Use another value, or convert it with \(function)(…)."
        }
        return "Use another value."
    }
}

// Fields.
extension ExpressionCheck {
    private func field(
        _ name: String,
        _ steps: [ExpressionStep],
        _ id: Int
    ) throws(ExpressionFault) -> ValueKinds {
        guard var type = types[name] else {
            throw ExpressionFault(
                node: id,
                message: "there is no field \(quoted(name)). Those that there are: "
                    + "\(listed(names)). A text stands in 'single quotes'."
            )
        }
        for step in steps {
            switch (step, type) {
            case (_, .json): break
            case (.element, .array(let element)): type = element
            default:
                throw ExpressionFault(
                    node: id,
                    message: "\(quoted(name)) is \(type.named) field, and the way into it does not "
                        + "exist. Members are in json fields, elements in json and array fields."
                )
            }
        }
        return ValueKinds(in: type)
    }

    private mutating func isNull(_ part: ExpressionNode) throws(ExpressionFault) -> ValueKinds {
        if case .field(let name, let steps) = part {
            let id = visited
            visited += 1
            _ = try field(name, steps, id)
        } else {
            _ = try kinds(of: part)
        }
        return .bool
    }

    /// What may lie in an array or a text, or in an object; everything where it is not known.
    func kinds(inside container: ExpressionNode, of kinds: ValueKinds) -> ValueKinds {
        var inside: ValueKinds = []
        if kinds.contains(.text) { inside.insert(.text) }
        if kinds.contains(.object) { inside.insert(.object) }
        if kinds.contains(.array) {
            if case .field(let name, let steps) = container, steps.isEmpty,
                case .array(let element)? = types[name]
            {
                inside.formUnion(ValueKinds(in: element).widened.union(.array))
            } else {
                inside.formUnion(ValueKinds(rawValue: .max))
            }
        }
        return inside
    }
}

// Operators.
extension ExpressionCheck {
    private mutating func conditions(
        _ parts: [ExpressionNode]
    ) throws(ExpressionFault) -> ValueKinds {
        for part in parts { _ = try kinds(of: part, taking: .bool, for: "a condition") }
        return .bool
    }

    private mutating func comparison(
        _ relation: ExpressionRelation,
        _ left: ExpressionNode,
        _ right: ExpressionNode
    ) throws(ExpressionFault) -> ValueKinds {
        let id = visited
        let kinds = try self.kinds(of: left)
        if case .literal(.null) = left { throw ExpressionCheck.comparesNull(id) }
        try check(right, against: kinds, isOrder: relation.isOrder, what: relation.rawValue)
        return .bool
    }

    private mutating func membership(
        _ part: ExpressionNode,
        _ others: [ExpressionNode]
    ) throws(ExpressionFault) -> ValueKinds {
        let kinds = try self.kinds(of: part)
        for other in others { try check(other, against: kinds, isOrder: false, what: "in") }
        return .bool
    }

    /// Checks what is held against a value of some kinds.
    private mutating func check(
        _ other: ExpressionNode,
        against kinds: ValueKinds,
        isOrder: Bool,
        what: String
    ) throws(ExpressionFault) {
        let id = visited
        let others = try self.kinds(of: other)
        if case .literal(.null) = other { throw ExpressionCheck.comparesNull(id) }
        guard !kinds.isEmpty, !others.isEmpty else { return }
        let common = kinds.widened.intersection(others.widened)
        guard !common.isEmpty else {
            throw ExpressionFault(
                node: id,
                message: "\(what) never holds between \(kinds.described) and "
                    + "\(others.described). \(ExpressionCheck.advice(for: kinds))"
            )
        }
        guard !isOrder || !common.isDisjoint(with: .ordered) else {
            throw ExpressionFault(
                node: id,
                message: "\(what) asks for an order, and \(common.described) has none. Compare "
                    + "by = or use a part of it."
            )
        }
    }

    private static func comparesNull(_ node: Int) -> ExpressionFault {
        ExpressionFault(
            node: node,
            message: "nothing compares with null. Write is null or is not null."
        )
    }

    private mutating func arithmetic(
        _ operation: ExpressionArithmetic,
        _ left: ExpressionNode,
        _ right: ExpressionNode
    ) throws(ExpressionFault) -> ValueKinds {
        let name = operation.rawValue
        let a = try kinds(of: left, taking: .numbers, for: name).intersection(.numbers)
        let b = try kinds(of: right, taking: .numbers, for: name).intersection(.numbers)
        if a.isEmpty || b.isEmpty { return [] }
        if a == .float || b == .float { return .float }
        return a.union(b)
    }

    private mutating func choice(
        _ branches: [ExpressionBranch],
        _ otherwise: ExpressionNode?
    ) throws(ExpressionFault) -> ValueKinds {
        var result: ValueKinds = []
        for branch in branches {
            _ = try kinds(of: branch.condition, taking: .bool, for: "a condition")
            result.formUnion(try kinds(of: branch.value))
        }
        if let otherwise { result.formUnion(try kinds(of: otherwise)) }
        return result
    }
}
