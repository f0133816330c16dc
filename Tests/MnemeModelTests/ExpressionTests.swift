import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct ExpressionTests {
    @Test(arguments: 1...20) func whatIsSpelledIsReadBack(seed: UInt64) throws {
        let random = RandomExpression(seed: seed)
        for _ in 0..<100 {
            let expression = Expression(root: random.node())
            let text = expression.description
            guard text.utf8.count <= ExpressionLimit.byteCount else { continue }
            let read = try Expression(text)
            #expect(read == expression, "seed \(seed): \(text)")
            #expect(read.description == text, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20) func whatIsNoExpressionIsAnError(seed: UInt64) {
        let random = RandomExpression(seed: seed)
        for round in 0..<300 {
            let text: String
            switch round % 3 {
            case 0: text = random.soup()
            case 1: text = random.damaged(Expression(root: random.node(depth: 3)).description)
            default:
                let bytes = (0..<random.values.random.below(40)).map { _ in
                    UInt8(truncatingIfNeeded: random.values.random.next())
                }
                text = String(decoding: bytes, as: UTF8.self)
            }
            do {
                let expression = try Expression(text)
                #expect(
                    try Expression(expression.description) == expression,
                    "seed \(seed): \(text)"
                )
                _ = expression.evaluate { _ in random.values.value() }
            } catch {
                #expect(error.code == .badExpression, "seed \(seed): \(text)")
            }
        }
    }

    @Test func fieldsAreThoseNamedAtTheTop() throws {
        let text = "case when data.theme = 'x' and a in (b, 1) then lower(\"c d\") else e[0] end"
        #expect(try Expression(text).fields == ["data", "a", "b", "c d", "e"])
    }

    static let tooMuch: [(String, String)] = [
        (String(repeating: "(", count: 4000) + "1", "are open"),
        (String(repeating: "not ", count: 1000) + "a", "are open"),
        (String(repeating: "-", count: 4000) + "a", "are open"),
        (String(repeating: "case when ", count: 400), "are open"),
        (String(repeating: "lower(", count: 600), "are open"),
        (String(repeating: "a+", count: 1500) + "a", "1024 parts"),
        (String(repeating: "a or ", count: 800) + "a", "1024 parts"),
        (String(repeating: "a+", count: 64) + "a", "65 levels deep"),
        (String(repeating: "not ", count: 64) + "a", "65 levels deep"),
        ("'" + String(repeating: "é", count: 2048) + "'", "4098 bytes"),
        (String(repeating: "1=1 or ", count: 200) + String(repeating: "a", count: 2600), "spelled"),
        ("", "a value should be here"),
    ]

    @Test(arguments: tooMuch) func limitsAreHeld(text: String, part: String) {
        let failure = error { () throws(MnemeError) in try Expression(text) }
        #expect(failure?.code == .badExpression)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }

    @Test func whatJustFitsIsTaken() throws {
        let deep = try Expression(String(repeating: "not ", count: 63) + "a")
        #expect(deep.root.size == (64, 64))
        #expect(deep.holds { _ in true } == false)
        let wide = try Expression(String(repeating: "a or ", count: 510) + "a")
        #expect(wide.root.size == (512, 2))
        #expect(try Expression("((((((((((a))))))))))").root == .field("a", []))
        #expect(try Expression("-9223372036854775808").root == .literal(.int(.min)))
    }

    @Test func nestedSignsAndListsFitWhatTheTreeMayBe() throws {
        var node = ExpressionNode.field("a", [])
        for level in 1..<64 {
            node = level % 2 == 0 ? .negate(node) : .isIn(.literal(1), [node])
        }
        let expression = Expression(root: node)
        #expect(try Expression(expression.description) == expression)
        var sum = ExpressionNode.field("a", [])
        for _ in 1..<64 { sum = .arithmetic(.subtract, .literal(1), sum) }
        #expect(try Expression(Expression(root: sum).description).root == sum)
    }

    @Test func textsStayWithinTheirBound() throws {
        let big = Value.text(String(repeating: "x", count: 9 << 20))
        let joined = try Expression("a || a")
        #expect(joined.evaluate { _ in big } == .null)
        #expect(try Expression("length(a || '!')").evaluate { _ in big } == .int(9_437_185))
        // Each of these becomes three.
        let sharp = Value.text(String(repeating: "\u{390}", count: 4 << 20))
        #expect(try Expression("upper(a)").evaluate { _ in sharp } == .null)
    }

    @Test func equalTextsMakeEqualAnswers() throws {
        let composed: Value = "caf\u{e9}"
        let apart: Value = "cafe\u{301}"
        let texts = [
            "length(a)", "substring(a, 3)", "upper(a)", "a like 'caf_'", "a like 'caf\u{e9}'",
            "a = 'cafe\u{301}'", "contains(a, '\u{e9}')", "contains(a, 'e')", "a < 'cafz'",
        ]
        for text in texts {
            let expression = try Expression(text)
            let results = [composed, apart].map { value in expression.evaluate { _ in value } }
            #expect(results[0] == results[1], "\(text)")
            #expect(results[0] != .null, "\(text)")
        }
    }
}
