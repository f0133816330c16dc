// The tree of an expression: formats/expressions.md#grammar. Whoever plans or checks looks into it.
// A tree that was read is in normal form: no `or`, `and` or `||` lies directly in one of its own
// kind, each of them has two parts or more, and every call has as many arguments as its function
// takes.

/// A part of an expression.
package indirect enum ExpressionNode: Hashable, Sendable {
    /// Null, a bool, an int, a finite float, a text, an instant, a date or a uuid.
    case literal(Value)
    /// A field and the way into it.
    case field(String, [ExpressionStep])
    /// One of them holds.
    case or([ExpressionNode])
    /// All of them hold.
    case and([ExpressionNode])
    /// It does not hold.
    case not(ExpressionNode)
    /// Two values held against each other.
    case compare(ExpressionRelation, ExpressionNode, ExpressionNode)
    /// There is no value.
    case isNull(ExpressionNode)
    /// Equal to one of them.
    case isIn(ExpressionNode, [ExpressionNode])
    /// Between the two, ends included.
    case between(ExpressionNode, ExpressionNode, ExpressionNode)
    /// A text of this pattern.
    case like(ExpressionNode, LikePattern)
    /// Two numbers make one.
    case arithmetic(ExpressionArithmetic, ExpressionNode, ExpressionNode)
    /// The number with its sign turned.
    case negate(ExpressionNode)
    /// Texts, one behind the other.
    case join([ExpressionNode])
    /// The value of the first branch whose condition holds, or else the last one.
    case choice([ExpressionBranch], otherwise: ExpressionNode?)
    /// What a function makes of its arguments.
    case call(ExpressionFunction, [ExpressionNode])
}

/// A step into an array or an object.
package enum ExpressionStep: Hashable, Sendable {
    /// The member of this name.
    case member(String)
    /// The element at this place; from 0, negative from the end.
    case element(Int64)
}

/// A condition and the value that goes with it.
package struct ExpressionBranch: Hashable, Sendable {
    /// The condition.
    package var condition: ExpressionNode
    /// The value where it holds.
    package var value: ExpressionNode

    /// A branch of its parts.
    package init(when condition: ExpressionNode, then value: ExpressionNode) {
        self.condition = condition
        self.value = value
    }
}

/// How two values are held against each other.
package enum ExpressionRelation: String, Hashable, Sendable, CaseIterable {
    case equal = "="
    case unequal = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// Whether it is about order and not about equality alone.
    package var isOrder: Bool { self != .equal && self != .unequal }

    /// Whether it holds where a comparison came out negative, zero or positive.
    func holds(_ result: Int) -> Bool {
        switch self {
        case .equal: result == 0
        case .unequal: result != 0
        case .less: result < 0
        case .lessOrEqual: result <= 0
        case .greater: result > 0
        case .greaterOrEqual: result >= 0
        }
    }
}

/// How two numbers make one.
package enum ExpressionArithmetic: String, Hashable, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}

/// How tightly parts hold together, the loosest first.
enum ExpressionPrecedence: Int, Comparable {
    case or, and, not, comparison, join, sum, product, sign, primary

    static func < (left: ExpressionPrecedence, right: ExpressionPrecedence) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension ExpressionArithmetic {
    var precedence: ExpressionPrecedence {
        switch self {
        case .add, .subtract: .sum
        case .multiply, .divide, .remainder: .product
        }
    }

    /// The precedence that its right side needs, as it takes its left side first.
    var next: ExpressionPrecedence { precedence == .sum ? .product : .sign }
}

extension ExpressionNode {
    /// How tightly it holds together as it is spelled.
    var precedence: ExpressionPrecedence {
        switch self {
        case .or: .or
        case .and: .and
        case .not(let part): part.isTurnedInside ? .comparison : .not
        case .compare, .isNull, .isIn, .between, .like: .comparison
        case .join: .join
        case .arithmetic(let operation, _, _): operation.precedence
        case .negate: .sign
        case .literal, .field, .choice, .call: .primary
        }
    }

    /// Whether its opposite is spelled with `not` inside: `is not null`, `not in`.
    var isTurnedInside: Bool {
        switch self {
        case .isNull, .isIn, .between, .like: true
        default: false
        }
    }

    /// Both by `or`, in normal form.
    package static func either(_ left: ExpressionNode, _ right: ExpressionNode) -> ExpressionNode {
        .or(left.orParts + right.orParts)
    }

    /// Both by `and`, in normal form.
    package static func both(_ left: ExpressionNode, _ right: ExpressionNode) -> ExpressionNode {
        .and(left.andParts + right.andParts)
    }

    /// Both by `||`, in normal form.
    package static func joined(_ left: ExpressionNode, _ right: ExpressionNode) -> ExpressionNode {
        .join(left.joinParts + right.joinParts)
    }

    private var orParts: [ExpressionNode] {
        if case .or(let parts) = self { parts } else { [self] }
    }

    private var andParts: [ExpressionNode] {
        if case .and(let parts) = self { parts } else { [self] }
    }

    private var joinParts: [ExpressionNode] {
        if case .join(let parts) = self { parts } else { [self] }
    }

    /// The parts directly below, in the order in which they are spelled.
    package var parts: [ExpressionNode] {
        switch self {
        case .literal, .field: []
        case .or(let parts), .and(let parts), .join(let parts), .call(_, let parts): parts
        case .not(let part), .isNull(let part), .like(let part, _), .negate(let part): [part]
        case .compare(_, let left, let right), .arithmetic(_, let left, let right): [left, right]
        case .isIn(let part, let others): [part] + others
        case .between(let part, let low, let high): [part, low, high]
        case .choice(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.value] } + (otherwise.map { [$0] } ?? [])
        }
    }

    /// How many nodes there are, and how many lie on the longest way down, this one included.
    package var size: (count: Int, depth: Int) {
        var count = 1
        var depth = 0
        for part in parts {
            let size = part.size
            count += size.count
            depth = max(depth, size.depth)
        }
        return (count, depth + 1)
    }

    /// Adds the fields that are named.
    func addFields(to names: inout Set<String>) {
        if case .field(let name, _) = self { names.insert(name) }
        for part in parts { part.addFields(to: &names) }
    }
}
