// Reads an expression's text: formats/expressions.md#grammar. Operators by precedence climbing, so
// that a level of brackets costs few calls. How many may be open is bounded, and so is the number
// of nodes.

/// Reads one text.
struct ExpressionParser {
    let place: ExpressionPlace
    private let tokens: [ExpressionToken]
    private var position = 0
    private var nodeCount = 0
    private var nesting = 0

    /// - Throws: `badExpression` for a text that is too long or has no tokens.
    init(_ text: String) throws(MnemeError) {
        let byteCount = text.utf8.count
        guard byteCount <= ExpressionLimit.byteCount else {
            throw MnemeError(
                .badExpression,
                "The expression has \(byteCount) bytes; at most \(ExpressionLimit.byteCount) are "
                    + "allowed. Make it shorter."
            )
        }
        place = ExpressionPlace(bytes: Array(text.utf8))
        var lexer = ExpressionLexer(place)
        tokens = try lexer.tokens()
    }

    /// Reads the whole text.
    mutating func parse() throws(MnemeError) -> ExpressionNode {
        let root = try expression(.or)
        guard next.kind == .end else {
            throw fault("an operator or the end should be here.")
        }
        let depth = root.size.depth
        guard depth <= ExpressionLimit.depth else {
            throw MnemeError(
                .badExpression,
                "The expression is \(depth) levels deep; at most \(ExpressionLimit.depth) are "
                    + "allowed. Flatten it, or compute a part in a field of its own."
            )
        }
        return root
    }
}

// Tokens.
extension ExpressionParser {
    var next: ExpressionToken { tokens[position] }

    /// The token behind the next one; the end has nothing behind it.
    var second: ExpressionToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    /// Whether the next token is a word of the language.
    func isNext(_ word: ExpressionWord) -> Bool {
        next.kind == .word && next.text.lowercased() == word.rawValue
    }

    mutating func take(_ word: ExpressionWord) -> Bool {
        guard isNext(word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ word: ExpressionWord) throws(MnemeError) {
        guard take(word) else { throw fault("the word \(word.rawValue) should be here.") }
    }

    mutating func take(_ mark: String) -> Bool {
        guard next.kind == .mark, next.text == mark else { return false }
        advance()
        return true
    }

    mutating func expect(_ mark: String) throws(MnemeError) {
        guard take(mark) else { throw fault("\(mark) should be here.") }
    }

    /// An error at the next token or elsewhere.
    func fault(_ what: String, at start: Int? = nil) -> MnemeError {
        place.fault(what, at: start ?? next.start)
    }

    /// Counts a node that is about to be made.
    mutating func made(_ node: ExpressionNode) throws(MnemeError) -> ExpressionNode {
        nodeCount += 1
        guard nodeCount <= ExpressionLimit.nodes else {
            throw fault(
                "there are more than \(ExpressionLimit.nodes) parts. Make the expression shorter."
            )
        }
        return node
    }
}

// Operators.
extension ExpressionParser {
    /// Reads what holds together at least so tightly.
    mutating func expression(_ wanted: ExpressionPrecedence) throws(MnemeError) -> ExpressionNode {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= ExpressionLimit.nesting else {
            throw fault(
                "more than \(ExpressionLimit.nesting) brackets and operators are open. Flatten it."
            )
        }
        var left = try operand(wanted)
        while let precedence = infix, precedence >= wanted {
            left = try infix(precedence, behind: left)
        }
        return left
    }

    /// How tightly the operator that comes next holds; nil when none comes.
    private var infix: ExpressionPrecedence? {
        switch next.kind {
        case .mark:
            switch next.text {
            case "||": .join
            case "+", "-": .sum
            case "*", "/", "%": .product
            case "=", "<>", "<", "<=", ">", ">=": .comparison
            default: nil
            }
        case .word:
            switch ExpressionWord(rawValue: next.text.lowercased()) {
            case .or: .or
            case .and: .and
            case .is, .in, .between, .like, .not: .comparison
            default: nil
            }
        default: nil
        }
    }

    private mutating func infix(
        _ precedence: ExpressionPrecedence,
        behind left: ExpressionNode
    ) throws(MnemeError) -> ExpressionNode {
        switch precedence {
        case .or:
            advance()
            return try made(.either(left, try expression(.and)))
        case .and:
            advance()
            return try made(.both(left, try expression(.not)))
        case .join:
            advance()
            return try made(.joined(left, try expression(.sum)))
        case .comparison:
            let start = next.start
            let test = try comparison(of: left)
            guard infix != .comparison else {
                throw fault(
                    "comparisons do not follow each other. Put brackets around the one at column "
                        + "\(start + 1), or join the two by and."
                )
            }
            return test
        default:
            guard let operation = ExpressionArithmetic(rawValue: next.text) else {
                throw fault("an operator should be here.")
            }
            advance()
            return try made(.arithmetic(operation, left, try expression(operation.next)))
        }
    }

    private mutating func comparison(
        of left: ExpressionNode
    ) throws(MnemeError) -> ExpressionNode {
        if next.kind == .mark, let relation = ExpressionRelation(rawValue: next.text) {
            advance()
            return try made(.compare(relation, left, try expression(.join)))
        }
        if take(.is) {
            let isOpposite = take(.not)
            guard take(.null) else {
                throw fault("null or not null should be here. To compare with a value write =.")
            }
            return try turned(isOpposite, try made(.isNull(left)))
        }
        let isOpposite = take(.not)
        if take(.in) { return try turned(isOpposite, try membership(of: left)) }
        if take(.between) {
            let low = try expression(.join)
            try expect(.and)
            let high = try expression(.join)
            return try turned(isOpposite, try made(.between(left, low, high)))
        }
        guard take(.like) else { throw fault("in, between or like should be here.") }
        return try turned(isOpposite, try made(.like(left, try pattern())))
    }

    private mutating func turned(
        _ isOpposite: Bool,
        _ node: ExpressionNode
    ) throws(MnemeError) -> ExpressionNode {
        isOpposite ? try made(.not(node)) : node
    }

    private mutating func membership(
        of left: ExpressionNode
    ) throws(MnemeError) -> ExpressionNode {
        try expect("(")
        var values = [try expression(.or)]
        while take(",") { values.append(try expression(.or)) }
        try expect(")")
        return try made(.isIn(left, values))
    }

    private mutating func pattern() throws(MnemeError) -> LikePattern {
        guard next.kind == .text else {
            throw fault("a pattern in single quotes should be here, such as 'abc%'.")
        }
        guard let pattern = LikePattern(next.text) else {
            throw fault("the pattern ends in \\. Write \\\\ for the character itself.")
        }
        advance()
        return pattern
    }
}
