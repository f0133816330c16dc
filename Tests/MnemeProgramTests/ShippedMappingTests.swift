// The mappings in formats/imports, each run on a source as the service that it names has it.

import Foundation
import Mneme
import Testing

@testable import MnemeProgram

@Suite struct ShippedMappingTests {
    private static let formats = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "formats")

    private static func memory() throws -> Memory {
        let memory = try Memory.inMemory()
        let schema = formats.appending(path: "schemas/memory-orchestrator.json")
        try memory.define(Schema(json: String(contentsOf: schema, encoding: .utf8)))
        return memory
    }

    private static func run(
        _ name: String,
        _ path: String,
        into memory: Memory
    ) throws -> ImportCounts {
        let mapping = try Mapping(reading: formats.appending(path: "imports/" + name).path)
        var rows = MappedImport(mapping, from: path)
        try rows.run(into: memory)
        return rows.counts
    }

    private static func sessions(_ place: BuiltProgram) throws -> String {
        let file = try SQLiteFile(place.path("sessions.db"))
        try file.run(
            """
            CREATE TABLE sessions (session_id TEXT PRIMARY KEY, conversation_history TEXT,
                session_data TEXT, session_summary TEXT, created_at TEXT, last_interaction TEXT);
            INSERT INTO sessions VALUES
                ('s1', '[{"role": "user", "text": "Is there tea?",
                        "timestamp": "2024-01-02T03:04:05"},
                    {"role": "bot", "text": "Green tea."}, {"role": "user", "text": "Good."}]',
                 '{"device": "kitchen"}', 'About tea.',
                 '2024-01-02 03:04:00', '2024-01-02 03:05:00'),
                ('s2', NULL, NULL, NULL, '2024-02-02 00:00:00', '2024-02-03 00:00:00');
            """
        )
        return place.path("sessions.db")
    }

    private static func contexts(_ place: BuiltProgram) throws -> String {
        let vector = "[" + (0..<1536).map { $0 == 3 ? "0.5" : "0" }.joined(separator: ",") + "]"
        try place.write(
            """
            SET client_encoding = 'UTF8';

            COPY public.contextual_memory (context_id, session_id, context_data, embedding, \
            created_at, expires_at, source_agent, tags) FROM stdin;
            c1\ts1\t{"text": "She said \\\\"yes\\\\""}\t\(vector)\t\
            2024-03-01 10:00:00.25+00\t2999-01-01 00:00:00\tplanner\t{tea,"green tea"}
            c2\ts9\t{"n": 1}\t\\N\t2024-03-02 10:00:00\t\\N\t\\N\t\\N
            c3\t\\N\t{"text": "over"}\t\\N\t2020-03-02 10:00:00\t2020-04-01 00:00:00\tplanner\t{old}
            \\.

            """,
            to: "contexts.sql"
        )
        return place.path("contexts.sql")
    }

    @Test func aSessionMemoryBecomesSessionsAndTurns() throws {
        let place = try BuiltProgram()
        let path = try Self.sessions(place)
        let memory = try Self.memory()
        let counts = try Self.run("session-memory-agent.json", path, into: memory)
        #expect(counts.rows == 2)
        #expect(counts.records == ["agent_sessions": 2, "memory_entries": 3])
        #expect(counts.edges == ["in_session": 3])
        let session = try memory.get(Reference("agent_sessions", "s1"))
        #expect(session?["metadata"] == ["device": "kitchen"])
        #expect(session?["summary"] == "About tea.")
        #expect(session?["updated_at"] == .instant(Instant("2024-01-02T03:05:00Z")!))
        let turn = try memory.get(Reference("memory_entries", "s1:0"))
        #expect(turn?["text_content"] == "Is there tea?" && turn?["position"] == 0)
        #expect(turn?["created_at"] == .instant(Instant("2024-01-02T03:04:05Z")!))
        #expect(turn?["memory_type"] == "conversation" && turn?["priority"] == 5)
        let second = try memory.get(Reference("memory_entries", "s1:1"))
        #expect(second?["created_at"] == .instant(Instant("2024-01-02T03:04:00Z")!))
        #expect(second?["content"] == ["role": "bot", "text": "Green tea."])
        let walked = try memory.walk(
            Walk(from: [Reference("agent_sessions", "s1")], types: ["in_session"], direction: .in)
        )
        #expect(walked.count == 3)
        let found = try memory.find(
            Find("memory_entries", match: Match("text_content", "green tea"))
        )
        #expect(found.rows.first?.record.reference.key == "s1:1")
        let before = try MappedImportTests.all(memory)
        let again = try Self.run("session-memory-agent.json", path, into: memory)
        #expect(again.kept == 3 && again.edges.isEmpty)
        let after = try MappedImportTests.all(memory)
        #expect(before.records == after.records && before.edges == after.edges)
    }

    @Test func aContextualMemoryBecomesMemoriesTagsAndVectors() throws {
        let place = try BuiltProgram()
        let memory = try Self.memory()
        _ = try Self.run("session-memory-agent.json", try Self.sessions(place), into: memory)
        let path = try Self.contexts(place)
        let counts = try Self.run("contextual-memory.json", path, into: memory)
        #expect(counts.rows == 3)
        #expect(
            counts.records == ["agent_sessions": 2, "memory_entries": 3, "memory_tags": 2]
        )
        let context = try memory.get(Reference("memory_entries", "c1"))
        #expect(context?["content"] == ["text": "She said \"yes\""])
        #expect(context?["text_content"] == "She said \"yes\"")
        #expect(context?["embedding_model"] == "unknown")
        let plain = try memory.get(Reference("memory_entries", "c2"))
        #expect(plain?["content"] == ["n": 1] && plain?["embedding_model"] == .some(.null))
        #expect(context?["created_at"] == .instant(Instant("2024-03-01T10:00:00.25Z")!))
        #expect(try memory.get(Reference("memory_tags", "c1:green tea"))?["tag"] == "green tea")
        // What has expired there is not made here.
        #expect(try memory.get(Reference("memory_entries", "c3")) == nil)
        #expect(try memory.get(Reference("memory_tags", "c3:old")) == nil)
        // A session that was there keeps what it had.
        let known = try memory.get(Reference("agent_sessions", "s1"))
        #expect(known?["summary"] == "About tea." && known?["session_type"] == "conversation")
        #expect(try memory.get(Reference("agent_sessions", "s9"))?["session_type"] == "context")
        var question = [Float](repeating: 0, count: 1536)
        question[3] = 1
        let near = try memory.find(Find("memory_entries", near: Near("embedding", question)))
        #expect(near.rows.map(\.record.reference.key) == ["c1"])
        #expect(abs((near.rows.first?.score ?? 0) - 1) < 1e-5)
        let before = try MappedImportTests.all(memory).records
        _ = try Self.run("contextual-memory.json", path, into: memory)
        _ = try Self.run("session-memory-agent.json", place.path("sessions.db"), into: memory)
        #expect(try MappedImportTests.all(memory).records == before)
    }

    @Test func aJarvisMemoryBecomesProfilesEntitiesAndStates() throws {
        let place = try BuiltProgram()
        let memory = try Self.memory()
        try place.write(
            """
            {"user_id": "ann", "preferences": {"tea": "green"}, \
            "entity_knowledge": {"Bob": {"text": "a brother"}, "Eve": {"age": 9}}, \
            "interaction_history": [{"text": "Set a timer", \
            "timestamp": "2024-05-05T00:00:00Z"}, {"text": "Stop"}], \
            "skill_states": {"timer": {"on": true}, "lamp": {"on": false}}}
            {"user_id": "ben", "preferences": null, "entity_knowledge": {}, \
            "interaction_history": [], "skill_states": {}}

            """,
            to: "jarvis.jsonl"
        )
        var made: [Record]?
        for _ in 0..<2 {
            let counts = try Self.run(
                "jarvis-memory.json",
                place.path("jarvis.jsonl"),
                into: memory
            )
            #expect(counts.rows == 2)
            #expect(
                counts.records == ["user_profiles": 2, "memory_entries": 4, "agent_states": 2]
            )
            let statistics = try memory.statistics().records
            #expect(statistics["memory_entries"] == 4 && statistics["agent_states"] == 2)
            let records = try MappedImportTests.all(memory).records
            if let made { #expect(records == made) }
            made = records
        }
        #expect(
            try memory.get(Reference("user_profiles", "ann"))?["preferences"] == ["tea": "green"]
        )
        let entity = try memory.get(Reference("memory_entries", "ann:entity:Bob"))
        #expect(
            entity?["content"] == [
                "entity": "Bob", "knowledge": ["text": "a brother"], "text": "Bob: a brother",
            ]
        )
        #expect(entity?["text_content"] == "Bob: a brother" && entity?["memory_type"] == "entity")
        let interaction = try memory.get(Reference("memory_entries", "ann:interaction:0"))
        #expect(interaction?["created_at"] == .instant(Instant("2024-05-05T00:00:00Z")!))
        #expect(interaction?["memory_type"] == "interaction")
        let state = try memory.get(Reference("agent_states", "ann:timer"))
        #expect(state?["agent_id"] == "timer" && state?["state_data"] == ["on": true])
    }
}
