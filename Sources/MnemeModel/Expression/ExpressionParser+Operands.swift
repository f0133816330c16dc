// Reads what stands between operators: literals, fields, calls, brackets, case.

extension ExpressionParser {
    /// Reads an operand, with `not` or a sign before it.
    mutating func operand(_ wanted: ExpressionPrecedence) throws(MnemeError) -> ExpressionNode {
        switch next.kind {
        case .mark:
            if take("(") {
                let inner = try expression(.or)
                try expect(")")
                return inner
            }
            guard take("-") else { throw missing() }
            if next.kind == .whole || next.kind == .fraction { return try number(isNegative: true) }
            return try made(.negate(try expression(.sign)))
        case .whole, .fraction: return try number(isNegative: false)
        case .text:
            let text = next.text
            advance()
            return try made(.literal(.text(text)))
        case .name: return try field()
        case .word: return try word(wanted)
        case .end: throw missing()
        }
    }

    private func missing() -> MnemeError {
        fault("a value should be here: a literal, a field, a function or brackets.")
    }

    private mutating func word(
        _ wanted: ExpressionPrecedence
    ) throws(MnemeError) -> ExpressionNode {
        if let word = ExpressionWord(rawValue: next.text.lowercased()) {
            switch word {
            case .null, .true, .false:
                advance()
                return try made(.literal(word == .null ? .null : .bool(word == .true)))
            case .not:
                guard wanted <= .not else {
                    throw fault("not binds more loosely than what stands before. Bracket it.")
                }
                advance()
                return try made(.not(try expression(.not)))
            case .case: return try choice()
            default:
                throw fault(
                    "a value should be here, and \(word.rawValue) is a word of the language. "
                        + "A field of this name is written \"\(next.text)\"."
                )
            }
        }
        if second.kind == .text, let literal = try typedLiteral() { return literal }
        if second.kind == .mark, second.text == "(" { return try call() }
        return try field()
    }

    private mutating func number(isNegative: Bool) throws(MnemeError) -> ExpressionNode {
        let digits = (isNegative ? "-" : "") + next.text
        if next.kind == .whole {
            guard let int = Int64(digits) else {
                throw fault(
                    "the number is beyond 64 bits. Write it as a float, with a point or exponent."
                )
            }
            advance()
            return try made(.literal(.int(int)))
        }
        guard let float = Double(digits), float.isFinite else {
            throw fault("the number is beyond what a float holds. Write a smaller one.")
        }
        advance()
        return try made(.literal(.float(float)))
    }

    /// Reads `instant '…'`, `date '…'` or `uuid '…'`; nil when it is another word.
    private mutating func typedLiteral() throws(MnemeError) -> ExpressionNode? {
        let text = second.text
        let value: Value
        switch next.text.lowercased() {
        case "instant":
            guard let instant = Instant(text), instant.hasPlainYear else {
                throw fault("this is no instant. Write it such as instant '2023-05-08T13:56:00Z'.")
            }
            value = .instant(instant)
        case "date":
            guard let day = Day(text) else {
                throw fault("this is no day. Write it such as date '2024-02-29'.")
            }
            value = .date(day)
        case "uuid":
            guard let id = UniqueID(text) else {
                throw fault("this is no uuid. Write it as 32 hexadecimal digits, with hyphens.")
            }
            value = .uuid(id)
        default: return nil
        }
        advance()
        advance()
        return try made(.literal(value))
    }

    /// Reads a field and the way into it.
    private mutating func field() throws(MnemeError) -> ExpressionNode {
        let name = next.text
        advance()
        var steps: [ExpressionStep] = []
        while true {
            if take(".") {
                guard next.kind == .word || next.kind == .name else {
                    throw fault("a member's name should be here. An element is written [0].")
                }
                steps.append(.member(next.text))
                advance()
            } else if take("[") {
                let isNegative = take("-")
                guard next.kind == .whole, let index = Int64((isNegative ? "-" : "") + next.text)
                else { throw fault("a whole number should be here: the place of an element.") }
                advance()
                try expect("]")
                steps.append(.element(index))
            } else {
                return try made(.field(name, steps))
            }
        }
    }

    private mutating func choice() throws(MnemeError) -> ExpressionNode {
        try expect(.case)
        guard isNext(.when) else {
            throw fault("when should be here: case takes conditions, each behind a when.")
        }
        var branches: [ExpressionBranch] = []
        while take(.when) {
            let condition = try expression(.or)
            try expect(.then)
            branches.append(ExpressionBranch(when: condition, then: try expression(.or)))
        }
        var otherwise: ExpressionNode?
        if take(.else) { otherwise = try expression(.or) }
        guard take(.end) else { throw fault("when, else or end should be here.") }
        return try made(.choice(branches, otherwise: otherwise))
    }

    private mutating func call() throws(MnemeError) -> ExpressionNode {
        let start = next.start
        guard let function = ExpressionFunction(rawValue: next.text.lowercased()) else {
            let known = ExpressionFunction.allCases.map(\.rawValue).sorted()
            throw fault(
                "there is no function \(quoted(next.text)). Those that there are: \(listed(known))."
            )
        }
        advance()
        advance()
        var arguments: [ExpressionNode] = []
        var starts: [Int] = []
        if !take(")") {
            repeat {
                starts.append(next.start)
                arguments.append(try expression(.or))
            } while take(",")
            try expect(")")
        }
        guard function.argumentCounts.contains(arguments.count) else {
            throw fault(
                "\(function.rawValue) was given \(arguments.count) arguments. Write "
                    + "\(function.signature).",
                at: start
            )
        }
        if function.takesZone, arguments.count == 2 {
            try checkZone(arguments[1], at: starts[1])
        }
        return try made(.call(function, arguments))
    }

    /// Refuses a zone that is written out and could be none.
    ///
    /// Whether there is such a zone is asked when the expression is defined, so that what is
    /// defined is read on any machine.
    private func checkZone(_ zone: ExpressionNode, at start: Int) throws(MnemeError) {
        guard case .literal(let value) = zone else { return }
        if let name = value.text, ZoneOffset.microseconds(name) != nil || Zones.isName(name) {
            return
        }
        throw fault(
            "a zone is a name such as 'Europe/Berlin', 'UTC' or a distance such as '+02:00'.",
            at: start
        )
    }
}

extension Instant {
    /// Whether its year has four digits, so that its text can be read back.
    var hasPlainYear: Bool { (0...9999).contains(day.civil.year) }
}

extension Day {
    /// Whether its year has four digits, so that its text can be read back.
    var hasPlainYear: Bool { (0...9999).contains(civil.year) }
}
