// What somebody meets who tries the program for the first time: what a store has, how to get on,
// and what a slip is answered with.

import Foundation
import Mneme
import Testing

@testable import MnemeProgram

@Suite struct NewcomerTests {
    private static let schema = """
        {"collections": [{"name": "entries", "fields": [
            {"name": "user", "type": "text", "required": true},
            {"name": "text", "type": "text", "searchable": {"language": "english", "b": 0.5},
                "maximumLength": 40},
            {"name": "at", "type": "instant", "fill": "now"},
            {"name": "until", "type": "instant"},
            {"name": "gone", "type": "instant"}, {"name": "shelved", "type": "bool"},
            {"name": "stars", "type": "int", "default": 3},
            {"name": "number", "type": "int", "fill": "next"},
            {"name": "tags", "type": {"array": "text"}, "maximumLength": 5},
            {"name": "short", "type": "text", "generated": "lower(text)"},
            {"name": "data", "type": "json"}],
          "indexes": [{"name": "byUser", "fields": ["user", {"field": "at", "descending": true}]},
            {"name": "byTime", "fields": ["at"]},
            {"name": "inside", "fields": [{"field": "data", "contains": true}]}],
          "checks": [{"name": "few", "condition": "stars between 1 and 5"}],
          "roles": {"owner": "user", "text": "text", "time": "at", "validFrom": "at",
            "validTo": "until", "deletedAt": "gone", "archived": "shelved"},
          "history": {"versions": 7, "days": 30}, "usage": true,
          "quotas": [{"records": 100, "evict": true}, {"owner": "acme", "bytes": 5000}],
          "retention": {"days": 365, "except": [{"owner": "acme", "days": 30}]}}],
         "edges": [{"name": "cites", "from": "entries", "fields": [
            {"name": "weight", "type": "float", "default": 0.5}],
            "indexes": [{"name": "byWeight", "fields": ["weight"]}]}]}
        """

    private static func place(records: Int = 12) throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(try Schema(json: schema))
        _ = try memory.commit(
            (0..<records).map { number in
                let name = number < 10 ? "e0\(number)" : "e\(number)"
                return .put(
                    Put("entries", .text(name), ["user": "ann", "text": .text("tea \(number)")])
                )
            }
        )
        try memory.close()
        return place
    }

    @Test func whatMatchedIsShown() throws {
        let place = try Self.place()
        let shown = try place.shell(
            "mneme find '{\"collection\": \"entries\", \"match\": {\"field\": \"text\", "
                + "\"query\": \"+tea +7\"}, \"highlight\": {}}' --store s"
        )
        #expect(shown.status == 0, "\(shown.error)")
        #expect(BuiltProgram.flat(shown.output).contains("text … **tea** **7**"), "\(shown.output)")
    }

    @Test func everythingThatIsDefinedIsDescribed() throws {
        let place = try Self.place(records: 0)
        let shown = try place.shell("mneme describe --store s")
        #expect(shown.status == 0, "\(shown.error)")
        let flat = BuiltProgram.flat(shown.output)
        for part in [
            "user text the owner, required",
            "text text the text, searchable (in english, b 0.5), at most 40 characters",
            "at instant the time, from when on it is true, filled with the instant of the first",
            "until instant up to when it is true", "gone instant since when it is deleted",
            "shelved bool true where it is archived", "stars int default 3",
            "number int filled with the next number", "tags array of text at most 5 elements",
            "short text always lower(text)", "index inside on data by what it contains",
            "check few: ", "history: the last 7 changes of each record, for 30 days",
            "usage: it is counted", "quota: each owner: at most 100 records; the weakest give way",
            "quota: acme and those below it: at most 5.0 kB; more is refused",
            "retention: records are kept 365 days from at on", "those of acme: 30 days from at on",
            "weight: float (default 0.5)", "index byWeight on weight, of cites",
        ] {
            #expect(flat.contains(part), "\(part): \(shown.output)")
        }
    }

    @Test func anAnswerSaysThatThereAreMore() throws {
        let place = try Self.place()
        let first = try place.shell("mneme find '{\"collection\": \"entries\"}' --store s")
        let text = BuiltProgram.flat(first.output)
        #expect(text.contains("10 records;") && text.contains("There may be more"), "\(text)")
        let behind = text.split(separator: "\"after\": \"").last
        let next = try #require(behind?.split(separator: "\"").first)
        let rest = try place.shell(
            "mneme find '{\"collection\": \"entries\", \"after\": \"\(next)\"}' --store s"
        )
        #expect(rest.output.contains("entries/e11") && rest.output.contains("2 records;"))
        #expect(!rest.output.contains("more"), "\(rest.output)")
        let ranked = try place.shell(
            "mneme find '{\"collection\": \"entries\", \"limit\": 5, \"match\": {\"field\": "
                + "\"text\", \"words\": \"tea\"}}' --store s"
        )
        #expect(BuiltProgram.flat(ranked.output).contains("\"offset\": 5"), "\(ranked.output)")
        let explained = try place.shell(
            "mneme find '{\"collection\": \"entries\", \"explain\": true, \"where\": {\"user\": "
                + "\"ann\", \"stars\": 3}}' --store s"
        )
        for part in [
            "How it was answered:", "way: all records by key", "held against each:",
            "considered: index byUser",
        ] {
            #expect(
                BuiltProgram.flat(explained.output).contains(part),
                "\(part): \(explained.output)"
            )
        }
    }

    /// The codes are those of the table, whichever way a request came.
    @Test func aRequestIsRefusedWithTheEnginesCode() throws {
        let place = try Self.place(records: 1)
        for (request, code) in [
            (
                "{\"find\": {\"collection\": \"entries\", \"where\": {\"stars\": "
                    + "{\"gtee\": 1}}}}", 107
            ),
            (
                "{\"count\": {\"collection\": \"entries\", \"by\": [{\"as\": \"x\", \"value\": "
                    + "\"lower(\"}]}}", 115
            ),
            ("{\"find\": {\"colection\": \"entries\"}}", 112), ("{'find': 1}", 112),
        ] {
            try place.write(request, to: "request.json")
            let ended = try place.shell("mneme perform \"$(cat request.json)\" --store s --json")
            #expect(ended.status == 2, "\(ended)")
            guard case .map(let members) = try Value(json: ended.error),
                case .map(let error)? = members["error"]
            else {
                Issue.record("\(ended)")
                continue
            }
            #expect(error["code"] == .int(Int64(code)), "\(request): \(ended.error)")
        }
        let quotes = try place.shell("mneme find \"{'collection': 'entries'}\" --store s")
        #expect(quotes.error.contains("double quotes"), "\(quotes.error)")
        let array = try place.shell(
            "mneme find '{\"collection\": \"entries\", \"where\": {\"tags\": \"zebra\"}}' --store s"
        )
        #expect(array.error.contains("{\"any\":[\"zebra\"]}"), "\(array.error)")
    }

    @Test func whatIsPutAsideIsSaidToBe() throws {
        let place = try Self.place(records: 2)
        let soft =
            "{\"commit\": {\"changes\": [{\"delete\": {\"reference\": \"entries/e00\", "
            + "\"soft\": true}}]}}"
        #expect(try place.shell("mneme perform '\(soft)' --store s").status == 0)
        var ended = try place.shell("mneme get entries e00 --store s")
        #expect(ended.status == 1, "\(ended)")
        let words = BuiltProgram.flat(ended.error)
        #expect(words.contains("is put aside") && words.contains("--deleted"), "\(words)")
        #expect(!words.contains("Check the key"), "\(words)")
        ended = try place.shell("mneme get entries/e00 --deleted --store s")
        #expect(ended.status == 0 && ended.output.contains("tea 0"), "\(ended)")
        // What is said to do does it.
        let advice = words.split(separator: "perform '").last
        let command = try #require(advice?.split(separator: "'").first)
        #expect(try place.shell("mneme perform '\(command)' --store s").status == 0)
        ended = try place.shell("mneme get entries/e00 --store s")
        #expect(ended.status == 0, "\(ended)")
        ended = try place.shell("mneme get entries/none --store s")
        #expect(ended.status == 1 && ended.error.contains("Check the key"), "\(ended)")
    }

    @Test func aRecordIsNamedInOneWordToo() throws {
        let place = try Self.place(records: 2)
        #expect(try place.shell("mneme get entries/e00 --store s").output.contains("tea 0"))
        #expect(try place.shell("mneme delete entries/e00 --store s").output == "Deleted.\n")
        #expect(try place.shell("mneme get entries e00 --store s").status == 1)
        #expect(try place.shell("mneme get entries e00 e01 --store s").status == 2)
        #expect(try place.shell("mneme get entries --store s").status == 2)
        // A collection that is not there is told of as the engine tells of it.
        let given = try place.shell("mneme get nots a --store s").error
        let asked = try place.shell("mneme find '{\"collection\": \"nots\"}' --store s").error
        #expect(given == asked && given.contains("there is no collection \"nots\""), "\(given)")
    }

    @Test func aSlipIsNamed() throws {
        let place = try Self.place(records: 1)
        try place.write(
            "{\"collections\": [{\"name\": \"days\", \"fields\": [{\"name\": \"day\", \"type\": "
                + "\"dat\"}]}]}",
            to: "bad.json"
        )
        try place.write(
            "{\"collections\": [{\"name\": \"memories\", \"key\": \"uuid\"}]}",
            to: "own.json"
        )
        try place.write(
            "{\"collections\": [{\"name\": \"entries\", \"fields\": [{\"name\": \"mood\", "
                + "\"type\": \"text\"}]}, {\"name\": \"more\"}]}",
            to: "more.json"
        )
        for (line, parts) in [
            (
                "put entries '{\"usr\": \"ann\"}' --store s",
                ["no field \"usr\"", "entries.user is required"]
            ),
            (
                "define bad.json --store s",
                ["collection \"days\", field \"day\": There is no field type"]
            ),
            ("define own.json --store none", ["the memory layer's own", "another name"]),
            ("remember x --owner ann --expires 2001-01-01T00:00:00Z --store s", ["is past"]),
            ("put entries '{}' --expires 2001-01-01T00:00:00Z --store s", ["is past"]),
            ("backup list nodir", ["nodir"]),
        ] {
            let ended = try place.shell("mneme \(line)")
            #expect(ended.status != 0, "\(line)")
            for part in parts {
                #expect(BuiltProgram.flat(ended.error).contains(part), "\(line): \(ended.error)")
            }
        }
        // What is refused leaves nothing behind.
        #expect(!FileManager.default.fileExists(atPath: place.path("none")))
        let defined = try place.shell("mneme define more.json --store s")
        #expect(defined.output == "Defined field mood of collection entries, collection more.\n")
    }

    @Test func aPurgeOfNobodySaysSo() throws {
        let place = try Self.place(records: 1)
        var ended = try place.shell("mneme purge --owner nobody --store s")
        #expect(ended.status == 0, "\(ended.error)")
        #expect(ended.output == "The owner nobody has nothing here; nothing was changed.\n")
        ended = try place.shell("mneme purge --owner ann --store s")
        #expect(ended.output.contains("mneme verify --store s --erased-owner ann"), "\(ended)")
        #expect(!ended.output.contains("DIRECTORY"))
    }
}
