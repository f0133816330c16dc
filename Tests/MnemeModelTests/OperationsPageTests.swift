import Foundation
import MnemeBase
import Testing

@testable import MnemeModel

/// The examples of formats/operations.md and formats/values.md against the code.
@Suite struct OperationsPageTests {
    /// The text of a page's second-level section, without its title.
    private func section(_ title: String, of page: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "formats/" + page), encoding: .utf8)
        let rest = try #require(text.components(separatedBy: "\n## \(title)\n").dropFirst().first)
        return rest.components(separatedBy: "\n## ")[0]
    }

    private func blocks(_ mark: String, in text: String) -> [String] {
        text.components(separatedBy: "```\(mark)\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
    }

    /// Third-level sections by title.
    private func parts(of section: String) -> [(title: String, text: String)] {
        section.components(separatedBy: "\n### ").dropFirst().map { part in
            let lines = part.split(separator: "\n", maxSplits: 1)
            return (String(lines[0]), String(lines[1]))
        }
    }

    /// An example is read, and what is written for it is the example.
    private func check<Noun: Spelled>(_ example: String, _ type: Noun.Type) throws -> Value {
        let value = try Value(json: example)
        let written = try Noun(spelling: value).spelling
        #expect(written == value, "\(written.json()) is not \(value.json())")
        return value
    }

    @Test func everyRequestHasAnExample() throws {
        let parts = parts(of: try section("Requests", of: "operations.md"))
        #expect(parts.map(\.title) == Request.verbs)
        for (title, text) in parts {
            let examples = blocks("json", in: text)
            #expect(examples.count == 1, "\(title)")
            for example in examples {
                guard case .map(let members) = try check(example, Request.self) else { continue }
                #expect(Array(members.keys) == [title])
            }
            for example in blocks("json short", in: text) { _ = try Request(json: example) }
        }
    }

    @Test func everyResponseHasAnExample() throws {
        let parts = parts(of: try section("Responses", of: "operations.md"))
        #expect(parts.map(\.title) == Response.words)
        for (title, text) in parts {
            let examples = blocks("json", in: text)
            #expect(examples.count == 1, "\(title)")
            for example in examples {
                guard case .map(let members) = try check(example, Response.self) else { continue }
                #expect(Array(members.keys) == [title])
            }
        }
    }

    @Test func everyOperatorIsInTheTableAndInAnExample() throws {
        let text = try section("Filters", of: "operations.md")
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.flatMap { row in
            row.split(separator: "|")[0].split(separator: "`").filter {
                $0.allSatisfy(\.isLetter)
            }
        }
        #expect(named.map(String.init) == Comparison.operators)
        let examples = blocks("json", in: text)
        for example in examples { _ = try check(example, Request.self) }
        let short = blocks("json short", in: text)
        for example in short { _ = try Request(json: example) }
        let all = (examples + short).joined()
        for name in Comparison.operators { #expect(all.contains("\"\(name)\":"), "\(name)") }
    }

    @Test func theErrorIsAnError() throws {
        let examples = blocks("json", in: try section("Errors", of: "operations.md"))
        #expect(examples.count == 1)
        for example in examples { _ = try check(example, MnemeError.self) }
    }

    @Test func everyCodeIsInTheTable() throws {
        let rows = try section("Errors", of: "operations.md").split(separator: "\n")
            .filter { $0.hasPrefix("| ") && $0.contains("`") }
            .map { row in
                row.split(separator: "|").prefix(3).map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
                }
            }
        let codes = MnemeError.Code.allCases.sorted { $0.rawValue < $1.rawValue }
        #expect(rows == codes.map { ["\($0.rawValue)", "\($0)", $0.action.rawValue] })
    }

    @Test func theBytesOfValuesAreThoseOfThePage() throws {
        let rows = try section("CBOR", of: "values.md").components(separatedBy: "### Examples")[1]
            .split(separator: "\n").filter { $0.contains("`") }
        let values: [Value] = [
            -1, 0.1, "aé", .uuid(ValueCoercionTests.uuid),
            .instant(Instant(microseconds: 1_683_554_160_000_000)),
            .instant(Instant(microseconds: -1)), .date(Day(number: 19_782)), ["bb": 1, "a": 3],
            .vector([1.5, -2]),
        ]
        #expect(rows.count == values.count)
        for (row, value) in zip(rows, values) {
            let hex = try #require(row.split(separator: "`").dropFirst().first)
            #expect(try value.cbor() == bytes(String(hex)), "\(row)")
        }
        let fields = try section("Fields", of: "values.md").components(separatedBy: "Example")[1]
        let hex = try #require(fields.split(separator: "`").dropFirst().first)
        #expect(try Value.encodeFields([(0, 1), (24, true), (300, "x")]) == bytes(String(hex)))
    }

    @Test func theJSONOfValuesIsThatOfThePage() throws {
        let rows = try section("JSON", of: "values.md").split(separator: "\n")
            .filter { $0.contains("| `{") }
        #expect(rows.count == 6)
        for row in rows {
            let kind = row.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)
            let text = try #require(row.split(separator: "`").dropFirst().first)
            let value = try Value(json: String(text))
            #expect(value.kind == kind)
            #expect(value.json(pretty: true) == text)
        }
    }
}
