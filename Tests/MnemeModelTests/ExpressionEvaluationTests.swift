import MnemeBase
import Testing

@testable import MnemeModel

/// Trees of operators against an evaluator that goes about it otherwise: truth as a number between
/// 0 and 1, ints in 128 bits, comparisons as filters make them, patterns by trying every cut.
@Suite struct ExpressionEvaluationTests {
    private static let record: [String: Value] = [
        "zero": 0, "one": 1, "half": 0.5, "big": .int(.max), "small": .int(.min), "yes": true,
        "no": false, "word": "tea", "name": "Tea time", "none": nil, "huge": .float(1e308),
        "nan": .float(.nan), "list": [1, 2.5, "tea", nil],
        "when": .instant(Instant(microseconds: -1)),
        "day": .date(Day(number: 19_782)), "raw": .bytes([1, 2]), "map": ["a": 1],
    ]

    @Test(arguments: 1...20) func operatorsAgreeWithThePlainEvaluator(seed: UInt64) {
        let random = SeededRandomness(seed: seed)
        var known = 0
        for _ in 0..<500 {
            let node = tree(random, depth: 4)
            let value = node.evaluate { Self.record[$0] ?? .null }
            let wanted = plain(node)
            if !value.isNull { known += 1 }
            #expect(value.isSame(wanted), "seed \(seed): \(Expression(root: node))")
            let holds = Expression(root: node).holds { Self.record[$0] ?? .null }
            #expect(holds == truth(wanted).flatMap { $0 == 0.5 ? nil : $0 == 1 }, "seed \(seed)")
        }
        #expect(known > 100)
    }

    private func tree(_ random: SeededRandomness, depth: Int) -> ExpressionNode {
        guard depth > 0, random.below(5) > 0 else {
            let names = Self.record.keys.sorted()
            return .field(names[random.below(names.count)], [])
        }
        func next() -> ExpressionNode { tree(random, depth: depth - 1) }
        switch random.below(9) {
        case 0: return .either(next(), next())
        case 1: return .both(next(), next())
        case 2: return .not(next())
        case 3: return .compare(pick(ExpressionRelation.allCases, random), next(), next())
        case 4: return .arithmetic(pick(ExpressionArithmetic.allCases, random), next(), next())
        case 5: return .isIn(next(), [next(), next()])
        case 6: return .between(next(), next(), next())
        case 7: return .isNull(next())
        default:
            let branch = ExpressionBranch(when: next(), then: next())
            return .choice([branch], otherwise: random.below(2) == 0 ? nil : next())
        }
    }

    private func pick<T>(_ all: [T], _ random: SeededRandomness) -> T {
        all[random.below(all.count)]
    }

    /// 0 for false, 1 for true, a half for what is not known; nil for nothing else.
    private func truth(_ value: Value) -> Double? {
        if case .bool(let bool) = value { bool ? 1 : 0 } else { 0.5 }
    }

    private func value(_ truth: Double) -> Value { truth == 0.5 ? .null : .bool(truth == 1) }

    private func plain(_ node: ExpressionNode) -> Value {
        switch node {
        case .field(let name, _):
            let value = Self.record[name] ?? .null
            if case .float(let float) = value, float.isNaN { return .null }
            return value
        case .or(let parts): return value(parts.map { truth(plain($0)) ?? 0.5 }.max() ?? 0)
        case .and(let parts): return value(parts.map { truth(plain($0)) ?? 0.5 }.min() ?? 1)
        case .not(let part): return value(1 - (truth(plain(part)) ?? 0.5))
        case .isNull(let part): return .bool(plain(part) == .null)
        case .compare(let relation, let left, let right):
            return compare(relation, plain(left), plain(right))
        case .isIn(let part, let others):
            let results = others.map { compare(.equal, plain(part), plain($0)) }
            return value(results.map { truth($0) ?? 0.5 }.max() ?? 0)
        case .between(let part, let low, let high):
            let a = compare(.greaterOrEqual, plain(part), plain(low))
            let b = compare(.lessOrEqual, plain(part), plain(high))
            return value(min(truth(a) ?? 0.5, truth(b) ?? 0.5))
        case .choice(let branches, let otherwise):
            for branch in branches where plain(branch.condition) == true {
                return plain(branch.value)
            }
            return otherwise.map(plain) ?? .null
        case .arithmetic(let operation, let left, let right):
            return compute(operation, plain(left), plain(right))
        default: return .text("not made here")
        }
    }

    private func compare(_ relation: ExpressionRelation, _ a: Value, _ b: Value) -> Value {
        if a == .null || b == .null { return .null }
        let test: Comparison =
            switch relation {
            case .equal: .eq(b)
            case .unequal: .ne(b)
            case .less: .lt(b)
            case .lessOrEqual: .lte(b)
            case .greater: .gt(b)
            case .greaterOrEqual: .gte(b)
            }
        if relation.isOrder {
            let isSame = a.kind == b.kind || (a.number != nil && b.number != nil)
            guard isSame, !["array", "map", "vector"].contains(a.kind) else { return .null }
        }
        return .bool(test.holds(for: a))
    }

    private func compute(_ operation: ExpressionArithmetic, _ a: Value, _ b: Value) -> Value {
        if let a = a.int.map({ Int128($0) }), let b = b.int.map({ Int128($0) }) {
            if b == 0, operation == .divide || operation == .remainder { return .null }
            let result: Int128 =
                switch operation {
                case .add: a + b
                case .subtract: a - b
                case .multiply: a * b
                case .divide: a / b
                case .remainder: a % b
                }
            return Int64(exactly: result).map(Value.int) ?? .null
        }
        guard let a = a.number, let b = b.number else { return .null }
        let result =
            switch operation {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            case .remainder: a - b * (a / b).rounded(.towardZero)
            }
        // The remainder of numbers far apart is rounded here and not there.
        if operation == .remainder, abs(a) > 1e15 || abs(b) > 1e15 {
            let exact = a.truncatingRemainder(dividingBy: b)
            return exact.isFinite ? .float(exact) : .null
        }
        return result.isFinite ? .float(result) : .null
    }

    @Test(arguments: 1...10) func patternsAgreeWithTryingEveryCut(seed: UInt64) {
        let random = RandomExpression(seed: seed)
        let pieces = ["a", "b", "ab", "é", "e\u{301}", "%", "'", "\u{1f600}", "\r\n", "\\"]
        var matched = 0
        for _ in 0..<500 {
            let text = (0..<random.values.random.below(6)).map { _ in
                pieces[random.values.random.below(pieces.count)]
            }.joined()
            let pattern = random.pattern()
            let isMatch = pattern.matches(text)
            if isMatch { matched += 1 }
            #expect(
                isMatch == fits(Array(text)[...], Array(pattern.text)[...]),
                "seed \(seed): \(text.debugDescription) like \(pattern.text.debugDescription)"
            )
            if isMatch { #expect(text.starts(with: pattern.prefix), "seed \(seed)") }
        }
        #expect(matched > 5)
    }

    private func fits(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "%": return (0...text.count).contains { fits(text.dropFirst($0), rest) }
        case "_": return !text.isEmpty && fits(text.dropFirst(), rest)
        case "\\": return text.first == rest.first && fits(text.dropFirst(), rest.dropFirst())
        default: return text.first == first && fits(text.dropFirst(), rest)
        }
    }

    /// Whatever is looked up, an expression gives a value and no float that is none.
    @Test(arguments: 1...20) func evaluationIsTotal(seed: UInt64) {
        let random = RandomExpression(seed: seed)
        let nasty = RandomValue(seed: seed)
        for _ in 0..<200 {
            let expression = Expression(root: random.node(depth: 6))
            let value = expression.evaluate { _ in nasty.value() }
            if case .float(let float) = value {
                #expect(!float.isNaN, "seed \(seed): \(expression)")
            }
        }
    }
}
