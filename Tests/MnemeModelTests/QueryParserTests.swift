import Testing

@testable import MnemeModel

@Suite struct QueryParserTests {
    private func spelled(_ query: String) throws -> [String] {
        try QueryParser.parts(of: query).map { part in
            let sign =
                switch part.sign {
                case .must: "+"
                case .should: ""
                case .not: "-"
                }
            let field = part.clause.field.map { $0 + ":" } ?? ""
            return "\(part.place) \(sign)\(field)\(part.clause.kind) \(part.clause.text)"
        }
    }

    @Test func takesApartWhatPeopleType() throws {
        #expect(
            try spelled("+tea -\"green tea\" lemon* title:cake -body:\"a b\"") == [
                "1 +word tea", "6 -phrase green tea", "19 prefix lemon", "26 title:word cake",
                "37 -body:phrase a b",
            ]
        )
        #expect(try spelled("  ").isEmpty)
        #expect(
            try spelled("well-known c++ a+b") == [
                "1 word well-known", "12 word c++", "16 word a+b",
            ]
        )
        #expect(
            try spelled(#"\+tea 4\* "say \"hi\"" at\:home"#) == [
                "1 word +tea", "7 word 4*", #"11 phrase say "hi""#, "24 word at:home",
            ]
        )
    }

    @Test(
        arguments: [
            ("tea \"green", 5), ("tea +", 5), ("- tea", 1), ("*", 1), ("a*b", 2), ("title:", 1),
            ("\"a b\"*", 6), ("a title: b", 3),
        ]
    )
    func saysWhereAQueryIsWrong(query: String, place: Int) throws {
        let error = #expect(throws: MnemeError.self) { try QueryParser.parts(of: query) }
        #expect(error?.code == .badQuery)
        #expect(error?.message.hasPrefix("query, character \(place):") == true, "\(query)")
    }
}
