// What the program prints, where, and with which status it ends.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ProgramRunTests {
    private func place() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        fields: [Field("title", .text), Field("state", .oneOf(["open", "done"]))]
                    )
                ],
                edgeTypes: [EdgeType("cites")]
            )
        )
        let keys: [Key] = ["tea", "milk", "cow"]
        _ = try memory.commit(keys.map { .put(Put("notes", $0, ["title": "x"])) })
        _ = try memory.remember([Remember("Ada drinks tea", owner: "ada", key: "tea")])
        try memory.close()
        return place
    }

    @Test func lostOutputIsAnError() throws {
        let place = try place()
        for line in ["mneme stats --store s", "mneme --help", "mneme get notes tea --store s"] {
            let full = try place.shell("\(line) > /dev/full")
            #expect(full.status == 1, "\(line)")
            #expect(
                full.error
                    == "mneme: Standard output cannot be written: No space left on device "
                    + "(error 28).\n"
            )
        }
        let json = try place.shell("mneme stats --store s --json > /dev/full")
        let error = try Value(json: json.error)
        guard case .map(let members) = error, let spelled = members["error"] else {
            Issue.record("\(json.error)")
            return
        }
        #expect(try MnemeError(spelling: spelled).code == .disk)
    }

    @Test func aReaderThatWentAwayIsNoError() throws {
        let place = try place()
        let head = try place.shell("mneme --help | head -1")
        #expect(head.status == 0 && head.error.isEmpty)
        #expect(head.output == "usage: mneme VERB [ARGUMENT …] [OPTION …]\n")
        // Also where the signal is ignored.
        let ignored = try place.shell(
            "trap '' PIPE; { sleep 0.2; mneme stats --store s; echo $? > status; } | true; "
                + "cat status"
        )
        #expect(ignored.output == "1\n" && ignored.error.isEmpty, "\(ignored)")
    }

    @Test func wrongUseIsSpelledInJSONToo() throws {
        let place = try place()
        for line in [
            "mneme stats --json", "mneme recall tea --store s --limit 0 --json",
            "mneme find 17 --store s --json", "mneme nonsense --json",
        ] {
            let ended = try place.shell(line)
            #expect(ended.status == 2 && ended.output.isEmpty, "\(line)")
            guard case .map(let members) = try Value(json: ended.error),
                case .map(let error)? = members["error"]
            else {
                Issue.record("\(line): \(ended.error)")
                continue
            }
            #expect(error["code"] == 112 && error["action"] == "fixInput", "\(line)")
            #expect(error["message"]?.text?.isEmpty == false, "\(line)")
        }
        let missing = try place.shell("mneme stats --json --store nowhere")
        #expect(missing.status == 1 && missing.error.contains("\"code\":"))
        #expect(try place.shell("mneme forget -- --json").error.hasPrefix("mneme: "))
    }

    @Test func messagesSayWhatIsWrong() throws {
        let place = try place()
        try place.write("{\n  \"collections\": [}\n", to: "bad.json")
        for (line, part) in [
            ("find '{' --store s", "mneme: JSON, line 1, column 2: "),
            ("recall x --where '{' --store s", "mneme: --where, line 1, column 2: "),
            ("define bad.json --store s", "mneme: bad.json, line 2, column 19: "),
            ("find '{\"colection\": \"notes\"}' --store s", "Given: \"colection\"."),
            (
                "walk '{\"from\": [], \"form\": 1}' --store s",
                "It may have: from, types, direction, where, hops, limit, countOnly, deleted"
            ),
            (
                "find '{\"collection\": \"notes\", \"match\": {\"field\": \"title\", \"words\": "
                    + "\"a\"}}' --store s",
                "searchable are: none"
            ),
            (
                "put memories '{\"text\": \"a\", \"owner\": \"b\"}' --store s",
                "memories.kind is required and was not given. Give one of \"working\", "
            ),
            (
                "put notes '{\"state\": \"gone\"}' --store s",
                "notes.state takes a word of its list and got text \"gone\". Give one of \"open\""
            ),
            (
                "find '{\"collection\": \"memories\", \"near\": {\"field\": \"meaning\", "
                    + "\"vector\": [1, 2]}}' --store s",
                "memories.meaning takes a vector of 256 components and got 2."
            ),
            ("forget --store s", "Name what to forget: a KEY, --owner or --where."),
            ("forget --where '{}' --store s", "a filter that is not empty"),
            ("import jsonl /tmp --owned-by a --store s", "/tmp is a directory. Name a file."),
        ] {
            let ended = try place.shell("mneme \(line)")
            #expect(ended.status != 0, "\(line)")
            #expect(ended.error.contains(part), "\(line): \(ended.error)")
        }
        let help = try place.shell("mneme recall --help")
        let flat = BuiltProgram.flat(help.output)
        let signals = Signal.allCases.map(\.rawValue).joined(separator: ",")
        #expect(flat.contains("(default: \(signals))"))
    }

    @Test func edgesAreShownWithCollectionsAndNumbers() throws {
        let place = try place()
        let walk = "mneme walk '{\"from\": [\"notes/tea\"], \"hops\": 2}' --store s"
        let path =
            "mneme path '{\"from\": \"notes/cow\", \"to\": \"notes/tea\", \"direction\": "
            + "\"both\"}' --store s"
        let linked = try place.shell(
            "mneme link cites notes/tea notes/milk --store s; "
                + "mneme link cites notes/milk notes/cow --store s"
        )
        let numbers = linked.output.split(whereSeparator: { !$0.isNumber })
        try #require(numbers.count == 2)
        let (first, second) = (numbers[0], numbers[1])
        #expect(
            try place.shell(walk).output == """
                2 records
                  notes/tea —cites (\(first))→ notes/milk
                  notes/tea —cites (\(first))→ notes/milk —cites (\(second))→ notes/cow

                """
        )
        #expect(
            try place.shell(path).output
                == "2 edges: notes/cow ←cites (\(second))— notes/milk ←cites (\(first))— "
                + "notes/tea\n"
        )
    }

    @Test func longTextsAreCutForPeople() throws {
        let place = try place()
        let long = (0..<200).map { "word\($0)" }.joined(separator: " ")
        try place.write(long + "\n", to: "long.txt")
        let put = try place.shell("mneme remember - --owner bob --key long --store s < long.txt")
        #expect(put.output == "Remembered as long.\n", "\(put.error)")
        for line in [
            "mneme recall word7 --owner bob --store s",
            "mneme find '{\"collection\": \"memories\", \"owner\": \"bob\"}' --store s",
        ] {
            let shown = try place.shell(line).output
            #expect(shown.contains("word1 ") && shown.contains("…"), "\(shown)")
            #expect(!shown.contains("word199"), "\(shown)")
            #expect(try place.shell("\(line) --json").output.contains(long))
        }
        #expect(try place.shell("mneme get memories long --store s").output.contains("word199"))
    }

    @Test func whatWasLeftOutIsShown() throws {
        let place = try place()
        let plain = try place.shell("mneme recall tea --tokens 1 --store s").output
        #expect(
            plain == "Nothing was recalled.\nWhat came near was left out; --explain says why.\n"
        )
        let explained = try place.shell("mneme recall tea --tokens 1 --explain --store s").output
        #expect(explained.contains("Nothing was recalled.\n\nleft out, no tokens left: tea ("))
    }

    @Test func rememberTakesLinksExpiryAndStandardInput() throws {
        let place = try place()
        let line =
            "printf 'two\\nlines\\n' | mneme remember - --owner ada --key a --link mentions=tea "
            + "--link 'is_like=tea' --expires 2100-01-01T00:00:00Z --store s"
        let ended = try place.shell(line)
        #expect(ended.status == 0, "\(ended.error)")
        let memory = try Memory.open(place.path("s"))
        let record = try #require(try memory.get(Reference("memories", "a")))
        #expect(record["text"] == "two\nlines")
        let stops = try memory.walk(Walk(from: [record.reference])).stops
        #expect(stops.map(\.reference.key) == ["tea"])
        #expect(memory.schema.edgeTypes.map(\.name).sorted() == ["cites", "is_like", "mentions"])
        try memory.close()

        let taken = try place.shell("mneme remember b --owner ada --key a --insert --store s")
        #expect(taken.status == 1 && taken.error.contains("has a record with key a already"))
        #expect(try place.shell("mneme get memories a --store s").output.contains("two"))
        #expect(
            try place.shell("mneme remember b --owner ada --key b --insert --store s").status == 0
        )
        let past = "mneme remember c --owner ada --key c --expires 2001-01-01T00:00:00Z --store s"
        #expect(try place.shell("\(past); mneme get memories c --store s").status == 1)
        for (line, part) in [
            ("mneme remember - --owner ada --store s", "Standard input is empty."),
            ("printf '\\377' | mneme remember - --owner ada --store s", "no text in UTF-8"),
            ("mneme remember x --owner ada --link tea --store s", "--link takes TYPE=KEY"),
        ] {
            let ended = try place.shell(line)
            #expect(ended.status != 0 && ended.error.contains(part), "\(line): \(ended.error)")
        }
    }
}
