import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct ExpressionCheckTests {
    static let fields = ExpressionPageTests.fields

    static let fitting: [(String, FieldType?, ValueKinds)] = [
        ("importance between 0 and 1", .bool, .bool), ("data.flag", .bool, .json),
        ("lower(title)", .text, .text), ("count + 1", .int, .int), ("count + 1", .float, .int),
        ("count + importance", .float, .float), ("count * data.x", .float, .numbers),
        ("count", .json, .int), ("coalesce(at, day)", .instant, [.instant, .date]),
        ("case when pinned then 'open' end", .oneOf(["open", "done"]), .text),
        ("data.theme", .array(.text), .json), ("tags", .array(.text), .array),
        ("tags[0]", .text, .text), ("min(count, importance)", .float, .numbers),
        ("min(count, data.x)", nil, .numbers), ("id", .uuid, .uuid), ("raw", .bytes, .bytes),
        ("meaning is null or meaning is not null", .bool, .bool), ("null", nil, []),
        ("contains(tags, 'a') and contains(data, 5)", .bool, .bool), ("-count", .int, .int),
        ("nullif(title, '')", .text, .text), ("missing = 'x'", .bool, .bool),
    ]

    @Test(arguments: fitting) func whatFitsPasses(
        text: String,
        type: FieldType?,
        kinds: ValueKinds
    ) throws {
        let expression = try Expression(text)
        #expect(try expression.check(in: Self.fields, place: "here", wanting: type) == kinds)
    }

    static let refused: [(String, FieldType?, String)] = [
        ("count", .bool, "here, column 1, at \"count\": it gives an int where a bool is wanted"),
        ("null", .bool, "nothing but null"),
        ("case when pinned then 1 else 'x' end", .int, "an int or a text where an int"),
        ("importance", .int, "convert it with int(…)"), ("at", .date, "date(…)"),
        ("tags", .vector(VectorType(dimension: 2)), "where a vector of 2 is wanted"),
        ("a and (b or title = 5)", nil, "column 1, at \"a and"),
        ("pinned and (pinned or title = 5)", nil, "column 31, at \"5)\""),
        ("pinned and title not in ('a', 7)", nil, "column 31, at \"7)\""),
        ("case when pinned then 1 else count || 'x' end", nil, "column 30, at \"count ||"),
        ("-(-(title))", nil, "column 4, at \"title)\""),
        ("not title is not null and lower(day) = ''", nil, "column 33, at \"day)"),
        ("at = '2023-05-08'", nil, "convert it with instant(…)"),
        ("id = 'x'", nil, "convert it with uuid(…)"), ("data.at < at", nil, "never holds"),
        ("tags > tags", nil, "has none"), ("null = 1", nil, "is null or is not null"),
        ("kind(meaning)", nil, "is a vector"), ("meaning[0] is null", nil, "does not exist"),
        ("tags[0][0]", nil, "does not exist"), ("sizes.x", nil, "does not exist"),
        ("date(day, 'UTC')", nil, "date takes an instant"), ("has(tags, 'x')", nil, "an object"),
        ("substring(title, 'a')", nil, "substring takes an int"), ("year(title)", nil, "instant"),
        ("nullif(title, 5)", nil, "never equal"), ("text(raw)", nil, "text takes"),
        ("title like 'x' and count like 'x'", nil, "column 20, at \"count like"),
    ]

    @Test(arguments: refused) func whatMakesNoSenseIsRefused(
        text: String,
        type: FieldType?,
        part: String
    ) {
        let failure = error { () throws(MnemeError) in
            try Expression(text).check(in: Self.fields, place: "here", wanting: type)
        }
        #expect(failure?.code == .badExpression)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }

    /// What passes gives no other kinds than was said, and what may be a bool only is one or null.
    @Test(arguments: 1...30) func theKindsAreKept(seed: UInt64) {
        let random = RandomExpression(seed: seed)
        let types: [FieldType] = [
            .bool, .int, .float, .text, .bytes, .uuid, .instant, .date, .json, .array(.text),
            .array(.int),
        ]
        var passed = 0
        for _ in 0..<300 {
            let fields = RandomExpression.names.map { name in
                Field(name, types[random.values.random.below(types.count)])
            }
            let record: [String: Value] = Dictionary(
                uniqueKeysWithValues: fields.map { ($0.name, value(of: $0.type, random.values)) }
            )
            let expression = Expression(root: random.node(depth: 3))
            guard
                let kinds = try? expression.check(in: fields, place: "here", wanting: nil)
            else { continue }
            passed += 1
            let result = expression.evaluate { record[$0] ?? Value.null }
            #expect(kinds.isSuperset(of: ValueKinds(of: result)), "seed \(seed): \(expression)")
        }
        #expect(passed > 30)
    }

    private func value(of type: FieldType, _ random: RandomValue) -> Value {
        for _ in 0..<200 {
            let value = random.value(depth: 2)
            if let kept = value.coerced(to: type) { return kept }
        }
        return .null
    }
}
