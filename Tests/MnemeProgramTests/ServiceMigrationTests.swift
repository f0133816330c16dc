// Migrations of two services, made by the program from their schemas in formats/schemas.

import Foundation
import MnemeModel
import Testing

@Suite struct ServiceMigrationTests {
    private static let schemas = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "formats/schemas")

    /// A directory with a service's schema as the first migration, and these behind it.
    private static func place(_ service: String, _ files: [String: String]) throws -> BuiltProgram {
        let place = try BuiltProgram()
        let file = schemas.appending(path: service + ".json")
        let schema = try String(contentsOf: file, encoding: .utf8)
        try place.write("{\"up\": [{\"define\": \(schema)}]}", to: "m/001-initial_schema.json")
        for (name, text) in files { try place.write(text, to: "m/" + name) }
        return place
    }

    /// What a request to the store of a place is answered.
    private static func answer(_ place: BuiltProgram, _ request: String) throws -> Value {
        try place.write(request, to: "request.json")
        let ended = try place.shell("mneme perform \"$(cat request.json)\" --store s --json")
        try #require(ended.status == 0, "\(ended.error)")
        return try Value(json: ended.output)
    }

    /// The members of the rows of an answer's records, in their order.
    private static func rows(_ answer: Value) throws -> [[String: Value]] {
        guard case .map(let answer) = answer, case .map(let found)? = answer["found"],
            case .array(let rows)? = found["rows"]
        else {
            Issue.record("no rows: \(answer)")
            return []
        }
        return rows.compactMap { row in
            guard case .map(let row) = row, case .map(let record)? = row["record"],
                case .map(let fields)? = record["fields"]
            else { return nil }
            return fields
        }
    }

    /// What `migrate status` says of each: its name, its state and its steps.
    private static func stand(_ place: BuiltProgram) throws -> [String] {
        let ended = try place.shell("mneme migrate status m --store s --json")
        guard case .map(let status) = try Value(json: ended.output),
            case .array(let rows)? = status["migrations"]
        else {
            Issue.record("no migrations: \(ended.output)")
            return []
        }
        return rows.map { row in
            guard case .map(let row) = row else { return "none" }
            return ["name", "state", "steps"].map { name in
                if case .text(let text)? = row[name] { text } else { "none" }
            }.joined(separator: " ")
        }
    }

    /// Loyal Companion: to the newest version, one back, and to the newest again.
    @Test func aCompanionGoesUpAndDown() throws {
        let place = try Self.place(
            "loyal-companion",
            [
                "002-global_rows.json": """
                {"up": [{"commit": {"changes": [
                    {"put": {"collection": "bot_states", "key": 1, "fields": {}, "mode": "insert"}},
                    {"put": {"collection": "bot_opinions", "key": 1, "fields": {"topic": "tea"}}}
                 ]}}],
                 "down": [{"commit": {"changes": [
                    {"delete": "bot_opinions/1"}, {"delete": "bot_states/1"}]}}]}
                """,
                "003-trust.json": """
                {"up": [
                    {"define": {"collections": [{"name": "bot_states", "key": "int",
                        "fields": [{"name": "trust", "type": "float"}]}]}},
                    {"commit": {"changes": [
                        {"patch": {"collection": "bot_states", "key": 1, "set": {"trust": 0.5}}},
                        {"patch": {"collection": "bot_opinions", "key": 1,
                            "increment": {"discussion_count": 1}}}]}}],
                 "down": [{"commit": {"changes": [
                    {"patch": {"collection": "bot_states", "key": 1, "unset": ["trust"]}},
                    {"patch": {"collection": "bot_opinions", "key": 1,
                        "increment": {"discussion_count": -1}}}]}}]}
                """,
            ]
        )
        let trust = #"{"find": {"collection": "bot_states", "select": ["trust"]}}"#
        let counts = #"{"find": {"collection": "bot_opinions", "select": ["discussion_count"]}}"#

        var ended = try place.shell("mneme migrate m --store s")
        #expect(
            ended.output == "Applied 1-initial_schema.\nApplied 2-global_rows.\nApplied 3-trust.\n",
            "\(ended.error)"
        )
        let applied = [
            "initial_schema applied 1/1", "global_rows applied 1/1", "trust applied 2/2",
        ]
        #expect(try Self.stand(place) == applied)
        #expect(try Self.rows(Self.answer(place, trust)) == [["trust": 0.5]])
        #expect(try Self.rows(Self.answer(place, counts)) == [["discussion_count": 1]])

        ended = try place.shell("mneme migrate down m --store s")
        #expect(ended.output == "Undid 3-trust.\n", "\(ended.error)")
        #expect(try Self.stand(place) == applied.prefix(2) + ["trust pending 0/2"])
        #expect(try Self.rows(Self.answer(place, trust)) == [[:]])
        #expect(try Self.rows(Self.answer(place, counts)) == [["discussion_count": 0]])

        ended = try place.shell("mneme migrate m --store s")
        #expect(ended.output == "Applied 3-trust.\n", "\(ended.error)")
        #expect(try Self.stand(place) == applied)
        #expect(try Self.rows(Self.answer(place, counts)) == [["discussion_count": 1]])

        // The schema has nothing that undoes it, and nothing of what is behind it is undone then.
        ended = try place.shell("mneme migrate down m --store s --to 0")
        #expect(ended.status == 1)
        #expect(ended.error.contains("1-initial_schema cannot be undone"), "\(ended.error)")
        #expect(try Self.stand(place) == applied)
    }

    /// Layered Memory: what was applied is noted in the store with the checksum of its file, and a
    /// file that was changed since is found.
    @Test func aChangedMigrationIsFoundByItsChecksum() throws {
        let text = """
            {"up": [{"define": {"collections": [{"name": "patterns",
                "fields": [{"name": "detected_at", "type": "instant"}]}]}}]}
            """
        let place = try Self.place("layered-memory", ["003-add_pattern_detection.json": text])
        var ended = try place.shell("mneme migrate m --store s")
        #expect(
            ended.output == "Applied 1-initial_schema.\nApplied 3-add_pattern_detection.\n",
            "\(ended.error)"
        )
        let noted = try Self.rows(
            Self.answer(
                place,
                #"{"find": {"collection": "migrations", "select": ["name", "state", "checksum"]}}"#
            )
        )
        #expect(noted.map { $0["name"] } == ["initial_schema", "add_pattern_detection"])
        #expect(noted.map { $0["state"] } == ["applied", "applied"])
        let checksums = noted.map { $0["checksum"]?.json() ?? "" }
        #expect(checksums.allSatisfy { $0.wholeMatch(of: /"[0-9a-f]{16}"/) != nil }, "\(checksums)")
        #expect(Set(checksums).count == 2)

        try place.write(
            text.replacing("detected_at", with: "found_at"),
            to: "m/003-add_pattern_detection.json"
        )
        ended = try place.shell("mneme migrate status m --store s")
        #expect(ended.status == 1)
        #expect(ended.error.contains("3-add_pattern_detection"), "\(ended.error)")
        ended = try place.shell("mneme migrate m --store s")
        #expect(ended.status == 1)
        #expect(ended.error.contains("was changed since it was applied"), "\(ended.error)")
        let fields = try Self.answer(place, #"{"describe": {}}"#).json()
        #expect(fields.contains("detected_at"))
        #expect(!fields.contains("found_at"))
    }
}
