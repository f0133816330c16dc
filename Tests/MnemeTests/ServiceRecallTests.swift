// Recall over the tables of five services as they are, by the roles of their fields: the right rows
// of the right owner, and why.

import Foundation
import Mneme
import Testing

@Suite struct ServiceRecallTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "formats/schemas")

    /// A store with a service's schema and some of its rows.
    private func service(_ name: String, _ puts: String) throws -> Memory {
        let memory = try Memory.inMemory()
        let url = Self.directory.appending(path: name + ".json")
        try memory.define(Schema(json: String(contentsOf: url, encoding: .utf8)))
        let request = try Request(json: #"{"commit": {"changes": [\#(puts)]}}"#)
        _ = try memory.perform(request)
        return memory
    }

    private func put(_ collection: String, _ key: String, _ fields: String) -> String {
        #"{"put": {"collection": "\#(collection)", "key": \#(key), "fields": {\#(fields)}}}"#
    }

    /// Asks, and holds the answer against what is to come first, and against what every answer is.
    private func expect(
        _ best: Key,
        for question: String,
        of owner: String?,
        in collection: String,
        _ memory: Memory,
        where isTheirs: (Record) -> Bool,
        _ change: (inout Recall) -> Void = { _ in }
    ) throws -> Recalled {
        var recall = Recall(question, owner: owner, collection: collection)
        recall.touches = false
        change(&recall)
        let recalled = try memory.recall(recall)
        #expect(recalled.items.first?.record.reference.key == best, "\(question)")
        for item in recalled.items {
            #expect(isTheirs(item.record), "\(item.record)")
            #expect(!item.parts.isEmpty)
            #expect(abs(item.parts.reduce(0) { $0 + $1.value } - item.score) < 1e-4)
        }
        return recalled
    }

    /// Has the collection go along its sessions.
    private func addRecallList(_ collection: String, _ fields: [String], _ memory: Memory) throws {
        try memory.define(
            Schema(collections: [
                Collection(
                    collection,
                    fields: [],
                    indexes: [Index("recall", on: fields.map { IndexField($0) })]
                )
            ])
        )
    }

    @Test func soulstream() throws {
        func chip(
            _ key: Int,
            _ user: Int,
            _ character: Int,
            _ summary: String,
            _ more: String
        ) -> String {
            put(
                "memory_chips",
                "\(key)",
                #""user_id": \#(user), "character_id": \#(character), "#
                    + #""owner": "\#(user)/\#(character)", "summary": "\#(summary)", \#(more)"#
            )
        }
        let old = #""created_at": "2020-01-01T00:00:00Z""#
        let memory = try service(
            "soulstream",
            [
                put("users", "1", #""username": "ann""#), put("users", "2", #""username": "ben""#),
                put("characters", "1", #""user_id": 1, "name": "Luna""#),
                put("characters", "2", #""user_id": 1, "name": "Sol""#),
                put("characters", "3", #""user_id": 2, "name": "Luna""#),
                chip(1, 1, 1, "Ann misses the sea.", old),
                chip(2, 1, 1, "Ann grew up by the sea.", old + #", "is_pinned": true"#),
                chip(3, 1, 1, "Ann plays chess.", old), chip(4, 1, 2, "Ann told Sol of it.", old),
                chip(5, 2, 3, "Ben fears the sea.", old),
            ].joined(separator: ", ")
        )
        func chips(_ key: Key) -> Reference { Reference("memory_chips", key) }
        _ = try memory.relate([Link("theme_match", from: chips(4), to: chips(2))])
        let isAnns: (Record) -> Bool = { $0["user_id"] == 1 }
        let sea = try expect(
            2,
            for: "Who grew up near the sea?",
            of: "1",
            in: "memory_chips",
            memory,
            where: isAnns
        )
        // What is linked to it is found by that, and says so.
        let linked = try #require(sea.items.first { $0.record.reference.key == 4 })
        #expect(linked.path.map(\.type) == ["theme_match"])
        #expect(sea.items[0].parts.contains { $0.signal == .recency && $0.strength == 1 })
        let luna = try expect(
            1,
            for: "misses",
            of: "1/1",
            in: "memory_chips",
            memory,
            where: { $0["character_id"] == 1 }
        )
        // Nothing else has the word, and no vectors say that it is near.
        #expect(luna.items.map(\.record.reference.key) == [1])
        try addRecallList("memory_chips", ["owner", "created_at"], memory)
        let along = try expect(
            3,
            for: "chess",
            of: "1/1",
            in: "memory_chips",
            memory,
            where: { $0["character_id"] == 1 }
        )
        #expect(along.items.count == 3)
        #expect(along.items[0].parts.contains { $0.signal == .window && $0.strength == 1 })
    }

    @Test func loyalCompanion() throws {
        func fact(_ key: Int, _ user: Int, _ content: String, _ more: String = "") -> String {
            put(
                "user_facts",
                "\(key)",
                #""user_id": \#(user), "owner": "\#(user)", "fact_type": "hobby", "#
                    + #""fact_content": "\#(content)", "learned_at": "2025-01-01"\#(more)"#
            )
        }
        let memory = try service(
            "loyal-companion",
            [
                put("users", "1", #""discord_id": 11, "discord_username": "ann""#),
                put("users", "2", #""discord_id": 12, "discord_username": "ben""#),
                fact(1, 1, "Plays chess on Sundays.", #", "importance": 0.9"#),
                fact(2, 1, "Keeps two cats."),
                fact(3, 1, "Played chess in a club.", #", "is_active": false"#),
                fact(4, 2, "Hates chess."),
            ].joined(separator: ", ")
        )
        let isAnns: (Record) -> Bool = { $0["owner"] == "1" && $0["is_active"] != false }
        let chess = try expect(
            1,
            for: "Who plays chess?",
            of: "1",
            in: "user_facts",
            memory,
            where: isAnns
        )
        #expect(chess.items[0].parts.contains { $0.signal == .importance && $0.raw == 0.9 })
        try addRecallList("user_facts", ["owner", "learned_at"], memory)
        let cats = try expect(2, for: "cats", of: "1", in: "user_facts", memory, where: isAnns)
        #expect(cats.items.count == 2)
        // What is put aside is there for those who ask for it.
        let all = try expect(
            3,
            for: "chess club",
            of: "1",
            in: "user_facts",
            memory,
            where: { $0["owner"] == "1" },
            { $0.sight.deleted = .include }
        )
        #expect(all.items.count == 3)
    }

    @Test func layeredMemory() throws {
        func item(_ key: String, _ user: String, _ content: String, _ more: String) -> String {
            put(
                "memory_items",
                #""\#(key)""#,
                #""user_id": "\#(user)", "title": "Note", "content": "\#(content)", "#
                    + #""memory_type": "decision", "created_at": "2025-01-01T10:00:00Z", \#(more)"#
            )
        }
        let memory = try service(
            "layered-memory",
            [
                put("users", #""dev""#, #""username": "dev""#),
                put("users", #""eve""#, #""username": "eve""#),
                put("work_sessions", #""s1""#, #""user_id": "dev", "name": "Monday""#),
                item("log", "dev", "The log is the only truth.", #""layer_project": true"#),
                item(
                    "pages",
                    "dev",
                    "Pages are derived from it.",
                    #""session_id": "s1", "decay_rate": 0.0, "layer_global": true"#
                ),
                item("tabs", "dev", "Indent by four blanks.", #""layer_session": true"#),
                item("eves", "eve", "The log goes to the cloud.", #""layer_global": true"#),
            ].joined(separator: ", ")
        )
        let isDevs: (Record) -> Bool = { $0["user_id"] == "dev" }
        _ = try expect(
            "log",
            for: "What is the log?",
            of: "dev",
            in: "memory_items",
            memory,
            where: isDevs
        )
        try addRecallList("memory_items", ["user_id", "session_id", "created_at"], memory)
        let pages = try expect(
            "pages",
            for: "derived pages",
            of: "dev",
            in: "memory_items",
            memory,
            where: isDevs
        )
        #expect(pages.items.count == 3)
        // Its layers are fields of their own.
        let chosen = try expect(
            "log",
            for: "truth",
            of: "dev",
            in: "memory_items",
            memory,
            where: { $0["layer_session"] != true && $0["user_id"] == "dev" },
            { $0.filter = .or([.eq("layer_project", true), .eq("layer_global", true)]) }
        )
        #expect(chosen.items.count == 2)
    }

    @Test func memoryOrchestrator() throws {
        func entry(_ key: String, _ position: Int, _ text: String, _ more: String = "") -> String {
            put(
                "memory_entries",
                #""\#(key)""#,
                #""session_id": "s1", "position": \#(position), "memory_type": "conversation", "#
                    + #""content": {"text": "\#(text)"}, "created_at": "2025-01-01T10:00:00Z", "#
                    + #""updated_at": "2025-01-01T10:00:00Z"\#(more)"#
            )
        }
        let memory = try service(
            "memory-orchestrator",
            [
                put("agent_sessions", #""s1""#, #""session_type": "chat""#),
                entry("e1", 1, "Where does the train to Lyon leave?"),
                entry("e2", 2, "From the old station, at nine."),
                entry("e3", 3, "From nowhere.", #", "is_active": false"#),
                entry("e4", 4, "And what is for dinner?"), entry("e5", 5, "Soup, as always."),
            ].joined(separator: ", ")
        )
        let isThere: (Record) -> Bool = { $0["is_active"] != false }
        _ = try expect(
            "e1",
            for: "train to Lyon",
            of: nil,
            in: "memory_entries",
            memory,
            where: isThere
        )
        // Nothing that the answer says is asked for; it comes first as it stands behind a question
        // that says all of it.
        try addRecallList("memory_entries", ["session_id", "position"], memory)
        let along = try expect(
            "e2",
            for: "train to Lyon",
            of: nil,
            in: "memory_entries",
            memory,
            where: isThere
        )
        #expect(along.items.count == 4)
        #expect(along.items[1].record.reference.key == "e1")
        #expect(along.items[0].parts.contains { $0.signal == .reply && $0.value > 0 })
    }

    /// Its single facts are the memory layer's own.
    @Test func callMeBack() throws {
        let memory = try service(
            "call-me-back",
            [
                put("users", #""alice""#, ""), put("users", #""bob""#, ""),
                put("personas", #""brad""#, #""name": "Brad""#),
            ].joined(separator: ", ")
        )
        _ = try memory.remember([
            Remember("Alice works as a nurse.", owner: "alice/brad", key: "job", kind: .semantic),
            Remember("Alice has a sister, Mia.", owner: "alice/brad", key: "kin", kind: .semantic),
            Remember("Alice told Cleo a secret.", owner: "alice/cleo", key: "cleo"),
            Remember("Bob works at night.", owner: "bob/brad", key: "bob"),
        ])
        let job = try expect(
            "job",
            for: "What does she work as?",
            of: "alice/brad",
            in: "memories",
            memory,
            where: { $0["owner"] == "alice/brad" }
        )
        #expect(job.items.count == 2)
        let all = try expect(
            "kin",
            for: "sister Mia",
            of: "alice",
            in: "memories",
            memory,
            where: { $0["owner"].text?.hasPrefix("alice/") == true }
        )
        #expect(all.items.count == 3)
    }
}
