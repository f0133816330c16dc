// What a mapping says is what is done, and what it says wrong is named.

import Foundation
import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct MappingTests {
    private static func derivation(_ json: String) throws -> Derivation {
        try Derivation(
            Value(json: json),
            "v",
            lookups: ["moods": ["1": "glad", "true": "yes"]]
        )
    }

    private static func value(_ json: String, of row: [String: Value]) throws -> Value {
        var scope = RowScope(SourceRow(number: 7, place: "line 7", members: row), named: [:])
        return try derivation(json).value(&scope)
    }

    private static func message<Result>(_ body: () throws -> Result) -> String {
        do {
            return "nothing is wrong: \(try body())"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        arguments: [
            (#""a""#, "tea"), (#""deep.b.1.c""#, 5), (#""deep.b.9.c""#, nil), (#""none.x""#, nil),
            (#""dotted.name""#, "whole"), (#""@number""#, 7), (#"{"from": "one"}"#, 1),
            (#"{"constant": {"x": 1}}"#, ["x": 1]), (#"{"template": "{a}:{one}{{}}"}"#, "tea:1{}"),
            (#"{"template": "{a}:{nothing}"}"#, nil),
            (#"{"template": "{nothing}", "default": "none"}"#, "none"),
            (#"{"join": ["a", "nothing", "one"], "with": "-"}"#, "tea-1"),
            (#"{"join": ["nothing"]}"#, nil), (#"{"owner": ["a", {"constant": "b"}]}"#, "tea/b"),
            (#"{"list": ["a", "nothing", "one"]}"#, ["tea", 1]),
            (#"{"object": {"x": "a", "y": "nothing"}}"#, ["x": "tea"]),
            (#"{"first": ["nothing", "one", "a"]}"#, 1),
            (#"{"from": "words", "split": ","}"#, ["x", "y z"]),
            (#"{"from": "digits", "split": ";", "as": "int"}"#, [1, 2]),
            (#"{"from": "one", "lookup": "moods"}"#, "glad"),
            (#"{"from": "a", "lookup": "moods", "default": "?"}"#, "?"),
            (#"{"from": "a", "lookup": {"tea": 3}}"#, 3),
            (#"{"from": "seconds", "as": "seconds"}"#, .instant(Instant(microseconds: 1_500_000))),
            (
                #"{"from": "epoch", "as": "milliseconds"}"#,
                .instant(Instant(microseconds: 1_700_000_000_123_000))
            ),
            (#"{"from": "json", "as": "json"}"#, ["k": [1]]),
            (#"{"from": "yes", "as": "bool"}"#, true), (#"{"from": "one", "as": "bool"}"#, true),
            (#"{"from": "postgres", "as": "array"}"#, ["tea", "a \"b\"", "c,d"]),
            (#"{"from": "hexed", "as": "bytes"}"#, .bytes([0, 255])),
            (#"{"from": "base", "as": "bytes"}"#, .bytes([0, 1, 255])),
            (#"{"from": "pg", "as": "vector"}"#, .vector([1, -2.5, 3])),
            (#"{"from": "floats", "as": "float32"}"#, .vector([1, -2])),
            (#"{"from": "day", "as": "instant"}"#, .instant(Instant("2024-02-29T00:00:00Z")!)),
            (#"{"from": "zone", "as": "instant"}"#, .instant(Instant("2024-02-29T10:00:00Z")!)),
            (#"{"from": "one", "as": "text"}"#, "1"), (#"{"from": "float", "as": "int"}"#, 3),
        ] as [(String, Value?)]
    )
    func valuesAreMadeAsTheMappingSays(_ json: String, _ wanted: Value?) throws {
        let row: [String: Value] = [
            "a": "tea", "one": 1, "deep": ["b": [0, ["c": 5]]], "dotted.name": "whole",
            "nothing": .null, "words": " x, y z,,", "digits": "1; 2", "seconds": 1.5,
            "epoch": "1700000000123", "json": #"{"k": [1]}"#, "yes": "T",
            "postgres": #"{tea,"a \"b\"",NULL,"c,d"}"#, "hexed": "\\x00fF", "base": "AAH/",
            "pg": "[1,-2.5,3]", "floats": .bytes([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]),
            "day": "2024-02-29", "zone": "2024-02-29 12:00:00+02", "float": 3.0,
        ]
        #expect(try Self.value(json, of: row) == wanted ?? .null)
    }

    @Test(arguments: [
        (#""a.b""#, "goes into a, which is text"), (#""list.x""#, "no number of an element"),
        (#"{"from": "none", "required": true}"#, "v is required"),
        (#"{"template": "{list}"}"#, "cannot stand inside a text"),
        (#"{"owner": ["a", "slash"]}"#, "has no / in it"),
        (#"{"owner": ["none"]}"#, "a text that is not empty"),
        (#"{"from": "a", "lookup": "moods"}"#, "the lookup has nothing for text \"x\""),
        (#"{"from": "a", "as": "int"}"#, "a whole number should be here"),
        (#"{"from": "a", "as": "bool"}"#, "true or false"),
        (#"{"from": "a", "as": "json"}"#, "is no JSON"),
        (#"{"from": "a", "as": "uuid"}"#, "a UUID"),
        (#"{"from": "huge", "as": "seconds"}"#, "seconds since 1970"),
        (#"{"from": "nan", "as": "float32"}"#, "component 1 of the vector is nan"),
        (#"{"from": "odd", "as": "float32"}"#, "bytes of float32"),
        (#"{"from": "a", "as": "vector"}"#, "is no vector such as [1,2,3]"),
        (#"{"from": "list", "as": "vector"}"#, "numbers: [1, 2, 3]"),
    ])
    func valuesThatCannotBeMadeAreNamed(_ json: String, _ words: String) {
        let row: [String: Value] = [
            "a": "x", "list": ["p", "q"], "slash": "x/y", "huge": 1e300,
            "nan": .bytes([0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f]), "odd": .bytes([1, 2, 3]),
        ]
        let message = Self.message { try Self.value(json, of: row) }
        #expect(message.contains(words), "\(json): \(message)")
    }

    private static let source = #""source": {"format": "csv"}"#
    private static let rule = #"{"collection": "n", "key": "id"}"#

    @Test(arguments: [
        ("{\(source)}", "needs the member \"rules\""),
        ("{\(source), \"rules\": []}", "at least one rule"),
        ("{\"rules\": [\(rule)]}", "needs the member \"source\""),
        (
            "{\(source), \"rules\": [\(rule)], \"rule\": 1}",
            "no member \"rule\". It may have: about"
        ),
        ("{\"source\": {\"format\": \"xml\"}, \"rules\": [\(rule)]}", "one of jsonl, csv, sqlite"),
        (
            "{\"source\": {\"format\": \"csv\", \"query\": \"x\"}, \"rules\": [\(rule)]}",
            "csv takes no \"query\""
        ),
        (
            "{\"source\": {\"format\": \"csv\", \"encoding\": \"latin1\"}, \"rules\": [\(rule)]}",
            "Convert the source to UTF-8"
        ),
        (
            "{\"source\": {\"format\": \"csv\", \"delimiter\": \"ab\"}, \"rules\": [\(rule)]}",
            "one ASCII character"
        ),
        ("{\(source), \"rules\": [{\"collection\": \"n\"}]}", "rules[0] needs the member \"key\""),
        ("{\(source), \"rules\": [{\"key\": \"id\"}]}", "one of \"collection\" and \"edge\""),
        (
            "{\(source), \"rules\": [{\"edge\": \"e\", \"from\": {\"collection\": \"n\", \"key\": "
                + "\"a\"}}]}",
            "needs the member \"to\""
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": {\"form\": \"id\"}}]}",
            "rules[0].key has no member \"form\""
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": {\"from\": \"a\", \"list\": "
                + "[]}}]}",
            "in 2 ways"
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": {\"template\": \"{a\"}}]}",
            "a brace alone"
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": {\"from\": \"a\", \"as\": "
                + "\"number\"}}]}",
            "one of text, int"
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": {\"from\": \"a\", "
                + "\"lookup\": \"x\"}}]}",
            "no lookup \"x\""
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": \"@index\"}]}",
            "has no \"each\""
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": \"@row\"}]}",
            "there is no @row"
        ),
        (
            "{\(source), \"rules\": [{\"collection\": \"n\", \"key\": \"a\", \"skip\": {\"a\": "
                + "{\"eqq\": 1}}}]}",
            "no operator \"eqq\""
        ),
        (
            "{\(source), \"values\": {\"a\": \"b.x\", \"b\": {\"template\": \"{c}\"}, \"c\": "
                + "\"a\"}, \"rules\": [\(rule)]}",
            "values.a is made of itself: a → b → c → a"
        ),
        ("{\(source), \"values\": {\"a\": \"a\"}, \"rules\": [\(rule)]}", "made of itself: a → a"),
        (
            "{\(source), \"values\": {\"a\": \"@element\"}, \"rules\": [\(rule)]}",
            "@element is known in rules alone"
        ),
    ])
    func whatIsWrongInAMappingIsNamed(_ json: String, _ words: String) throws {
        let spelling = try Value(json: json)
        let message = Self.message { try Mapping(spelling) }
        #expect(message.contains(words), "\(json): \(message)")
    }

    /// The blocks of the page that are marked with a word.
    static func blocks(_ mark: String) throws -> [String] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "formats/import.md")
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
        return stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
            .filter { $0.hasPrefix("json \(mark)\n") }.map { String($0.dropFirst(6 + mark.count)) }
    }

    @Test func theMappingOfThePageIsOne() throws {
        let blocks = try Self.blocks("mapping")
        #expect(blocks.count == 1)
        for block in blocks {
            let mapping = try Mapping(try Value(json: block))
            #expect(mapping.rules.map(\.makesEdges) == [false, true])
        }
    }
}
