// Files of requests: in order, all or none where that is asked, and what is wrong is named by its
// line, before anything is done where it can be known before.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct RunVerbTests {
    private func put(_ key: String, _ title: String = "x") -> String {
        "{\"commit\": {\"changes\": [{\"put\": {\"collection\": \"notes\", \"key\": \"\(key)\", "
            + "\"fields\": {\"title\": \"\(title)\"}}}]}}"
    }

    private let define =
        "{\"define\": {\"collections\": [{\"name\": \"notes\", \"fields\": "
        + "[{\"name\": \"title\", \"type\": \"text\"}]}]}}"
    private let count = "{\"count\": {\"collection\": \"notes\"}}"

    private func keys(_ place: BuiltProgram) throws -> [String] {
        let memory = try Memory.open(place.path("s"))
        defer { try? memory.close() }
        return try memory.find(Find("notes", limit: 100)).rows.map(
            \.record.reference.key.description
        )
    }

    @Test func aFileIsPerformedInItsOrder() throws {
        let place = try BuiltProgram()
        try place.write("\(define)\n\n  \(put("a"))\r\n\(put("b"))\n\(count)\n", to: "all.jsonl")
        let ended = try place.shell("mneme run all.jsonl --create --store s")
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5 && lines[0] == "1: {\"done\":{}}", "\(ended.output)")
        #expect(lines[3].hasPrefix("5: {\"counted\":") && lines[4] == "Performed 4 requests.")
        #expect(try keys(place) == ["a", "b"])
        // Again with nothing but the answers, of an array over several lines.
        try place.write("[\n  \(put("c", "a ] \\\" , b")),\n\n  \(count)\n]\n", to: "array.json")
        let array = try place.shell("mneme run array.json --store s --json")
        let answers = try array.output.split(separator: "\n").map { try Response(json: String($0)) }
        #expect(array.status == 0 && answers.count == 2, "\(array)")
        guard case .counted(let counted)? = answers.last else {
            Issue.record("\(array.output)")
            return
        }
        #expect(counted.rows == [["count": 3]])
    }

    @Test func whatIsMisspelledIsFoundBeforeAnythingIsDone() throws {
        let place = try BuiltProgram()
        for (text, part) in [
            ("\(define)\n{\"fnd\": {}}\n", "bad.json, line 2: "),
            ("\(define)\n\n{\"find\": \n", "bad.json, line 3, column "),
            ("[\(define),\n\n{\"find\": {\"colection\": \"a\"}}]", "bad.json, line 3: "),
            ("[\(define),\n}", "bad.json, line 2, column "),
        ] {
            try place.write(text, to: "bad.json")
            let ended = try place.shell("mneme run bad.json --create --store s")
            #expect(ended.status == 1 && ended.error.contains(part), "\(ended.error)")
            #expect(!FileManager.default.fileExists(atPath: place.path("s")), "\(text)")
        }
    }

    @Test func whatFailsIsNamedByItsLine() throws {
        let place = try BuiltProgram()
        let bad = "{\"find\": {\"collection\": \"nothing\"}}"
        try place.write("\(define)\n\(put("a"))\n\(bad)\n\(put("b"))\n", to: "some.jsonl")
        let some = try place.shell("mneme run some.jsonl --create --store s")
        #expect(some.status == 1)
        #expect(some.error.contains("some.jsonl, line 3: there is no collection \"nothing\""))
        #expect(some.error.contains("What the 2 requests before it did stays."), "\(some.error)")
        #expect(try keys(place) == ["a"])
        // All or none.
        try place.write("\(put("b"))\n\(count)\n\(bad)\n", to: "none.jsonl")
        let none = try place.shell("mneme run none.jsonl --transaction --store s")
        #expect(none.status == 1 && none.error.contains("none.jsonl, line 3: "))
        #expect(none.error.contains("Nothing was changed."), "\(none.error)")
        #expect(try keys(place) == ["a"])
        try place.write("\(put("b"))\n\(count)\n\(put("c"))\n", to: "whole.jsonl")
        let whole = try place.shell("mneme run whole.jsonl --transaction --store s")
        #expect(whole.status == 0 && whole.output.contains("2: {\"counted\":"), "\(whole)")
        #expect(try keys(place) == ["a", "b", "c"])
        // What belongs to a transaction, or to none, is refused in one.
        for (text, part) in [
            ("\"begin\"", "line 1: with --transaction"), (define, "only describe"),
        ] {
            try place.write(text, to: "other.json")
            let other = try place.shell("mneme run other.json --transaction --store s")
            #expect(other.status == 1 && other.error.contains(part), "\(other.error)")
        }
    }
}
