import Foundation
import Testing

@testable import MnemeModel

/// The examples of formats/expressions.md against the code.
@Suite struct ExpressionPageTests {
    /// The fields that the page's examples speak of.
    static let fields = [
        Field("importance", .float), Field("count", .int), Field("pinned", .bool),
        Field("title", .text), Field("state", .oneOf(["open", "done"])), Field("missing", .text),
        Field("tags", .array(.text)), Field("sizes", .array(.int)), Field("at", .instant),
        Field("day", .date), Field("id", .uuid), Field("raw", .bytes), Field("data", .json),
        Field("meaning", .vector(VectorType(dimension: 2))),
    ]

    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "formats/expressions.md")
        page = try String(contentsOf: path, encoding: .utf8)
    }

    private func block(_ mark: String) throws -> String {
        let parts = page.components(separatedBy: "\n```\(mark)\n")
        try #require(parts.count == 2, "the page has one block \(mark)")
        return parts[1].components(separatedBy: "\n```")[0]
    }

    private func pairs(_ mark: String) throws -> [(text: String, result: String)] {
        try block(mark).split(separator: "\n").map { line in
            let sides = line.components(separatedBy: " => ")
            try #require(sides.count == 2, "\(line)")
            return (sides[0], sides[1])
        }
    }

    @Test func everyExampleGivesWhatThePageSays() throws {
        guard case .map(let record) = try Value(json: try block("json record")) else {
            Issue.record("the record is no object")
            return
        }
        let pairs = try pairs("examples")
        #expect(pairs.count > 100)
        for (text, result) in pairs {
            let expression = try Expression(text)
            let kinds = try expression.check(in: Self.fields, place: text, wanting: nil)
            let value = expression.evaluate { record[$0] ?? .null }
            let wanted = try Value(json: result)
            #expect(value.isSame(wanted), "\(text) gives \(value.shown)")
            #expect(kinds.isSuperset(of: ValueKinds(of: value)), "\(text) gives \(kinds.described)")
            #expect(try Expression(expression.description) == expression, "\(text)")
        }
    }

    @Test func everyFunctionHasAnExampleAndARow() throws {
        let examples = try block("examples")
        for function in ExpressionFunction.allCases {
            #expect(examples.contains("\(function.rawValue)("), "\(function)")
            #expect(page.contains("`\(function.rawValue)("), "\(function)")
        }
    }

    @Test func theWordsAreThoseOfThePage() throws {
        for word in ExpressionWord.allCases {
            #expect(page.contains("`\(word.rawValue)`"), "\(word)")
        }
    }

    @Test func theCanonicalSpellingIsThatOfThePage() throws {
        let pairs = try pairs("canonical")
        #expect(pairs.count > 10)
        for (text, result) in pairs {
            let expression = try Expression(text)
            #expect(expression.description == result)
            #expect(try Expression(result) == expression)
        }
    }

    @Test func whatThePageRefusesIsRefused() throws {
        let pairs = try pairs("refused")
        #expect(pairs.count > 25)
        for (text, part) in pairs {
            let failure = error { () throws(MnemeError) in
                try Expression(text).check(in: Self.fields, place: "here", wanting: nil)
            }
            #expect(failure?.code == .badExpression, "\(text)")
            #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? text)")
            #expect(failure?.message.contains("column ") ?? false, "\(failure?.message ?? text)")
        }
    }
}
