import MnemeBase

@testable import MnemeModel

/// Makes trees in normal form, and the text of things that are nearly expressions.
struct RandomExpression {
    let values: RandomValue

    init(seed: UInt64) { values = RandomValue(seed: seed, hasNaN: false) }

    private func below(_ bound: Int) -> Int { values.random.below(bound) }

    static let names = [
        "a", "b", "importance", "and", "Null", "end", "date", "lower", "x y", "\"é",
    ]

    func name() -> String { Self.names[below(Self.names.count)] }

    func node(depth: Int = 5) -> ExpressionNode {
        guard depth > 0, below(6) > 0 else { return leaf() }
        let next = depth - 1
        switch below(13) {
        case 0: return .either(node(depth: next), node(depth: next))
        case 1: return .both(node(depth: next), node(depth: next))
        case 2: return .joined(node(depth: next), node(depth: next))
        case 3: return .not(node(depth: next))
        case 4:
            let relations = ExpressionRelation.allCases
            let relation = relations[below(relations.count)]
            return .compare(relation, node(depth: next), node(depth: next))
        case 5: return .isNull(node(depth: next))
        case 6: return .isIn(node(depth: next), some(depth: next))
        case 7: return .between(node(depth: next), node(depth: next), node(depth: next))
        case 8: return .like(node(depth: next), pattern())
        case 9:
            let operations = ExpressionArithmetic.allCases
            let operation = operations[below(operations.count)]
            return .arithmetic(operation, node(depth: next), node(depth: next))
        case 10: return .negate(node(depth: next))
        case 11:
            let branches = (0...below(2)).map { _ in
                ExpressionBranch(when: node(depth: next), then: node(depth: next))
            }
            return .choice(branches, otherwise: below(2) == 0 ? nil : node(depth: next))
        default: return call(depth: next)
        }
    }

    private func some(depth: Int) -> [ExpressionNode] {
        (0...below(3)).map { _ in node(depth: depth) }
    }

    private func call(depth: Int) -> ExpressionNode {
        let functions = ExpressionFunction.allCases
        let function = functions[below(functions.count)]
        let counts = function.argumentCounts
        let count = min(counts.lowerBound + below(3), counts.upperBound)
        var arguments = (0..<count).map { _ in node(depth: depth) }
        if function.takesZone, count == 2 {
            let zones: [Value] = ["UTC", "+02:00", "-11:30", "Europe/Berlin", "Nowhere/At_all"]
            arguments[1] = below(6) == 0 ? field() : .literal(zones[below(zones.count)])
        }
        return .call(function, arguments)
    }

    func pattern() -> LikePattern {
        let pieces = ["%", "_", "a", "\\%", "\\\\", "é", "'", "\u{1f600}", "\r\n", "ab"]
        let text = (0..<below(6)).map { _ in pieces[below(pieces.count)] }.joined()
        return LikePattern(text) ?? .anything
    }

    func leaf() -> ExpressionNode { below(2) == 0 ? .literal(literal()) : field() }

    private func field() -> ExpressionNode {
        let steps: [ExpressionStep] = (0..<max(0, below(5) - 2)).map { _ in
            below(2) == 0 ? .member(name()) : .element(values.int())
        }
        return .field(name(), steps)
    }

    func literal() -> Value {
        switch below(9) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .int(values.int())
        case 3:
            let float = values.float()
            return .float(float.isFinite ? float : 0.5)
        case 4: return .text(values.text())
        case 5: return .int(Int64(below(5)) - 2)
        case 6: return .instant(Instant(microseconds: values.int() % 60_000_000_000_000_000))
        case 7: return .date(Day(number: Int32(below(2_900_000)) - 700_000))
        default:
            return .uuid(UniqueID(high: values.random.next(), low: values.random.next()))
        }
    }

    /// Words, marks and literals in no order.
    func soup() -> String {
        let pieces = [
            "and", "or", "not", "is", "null", "in", "between", "like", "case", "when", "then",
            "else", "end", "true", "a", "\"b\"", "'c'", "'%'", "1", "2.5", "9e9", "(", ")", "(",
            ")", ",", ".", "[", "]", "=", "<>", "<", ">=", "+", "-", "*", "/", "%", "||", "lower",
            "min(", "coalesce(", "date", "instant '2023-05-08T13:56:00Z'", "x.y", "t[0]", "\u{e9}",
        ]
        let glue = below(4) == 0 ? "" : " "
        return (0..<below(16)).map { _ in pieces[below(pieces.count)] }.joined(separator: glue)
    }

    /// A text with some of its bytes lost, doubled or changed.
    func damaged(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...below(3) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(4) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2: bytes[place] = UInt8(truncatingIfNeeded: values.random.next())
            default: bytes.removeSubrange(place..<min(place + below(8), bytes.count))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension LikePattern {
    /// The pattern of every text.
    static let anything: LikePattern = {
        guard let pattern = LikePattern("%") else { fatalError("a pattern is none") }
        return pattern
    }()
}
