// Episodes: found by their summaries, by what was said in them, and by time.

import Mneme
import MnemeModel
import Testing

@Suite struct EpisodeTests {
    private func instant(day: Int64) -> Instant {
        Instant(microseconds: 1_700_000_000_000_000 + day * 86_400_000_000)
    }

    /// A flushed session whose entries were said on a day, two an hour apart.
    private func session(
        _ memory: Memory,
        _ owner: String,
        day: Int64,
        _ texts: [String],
        summary: String?,
        agent: String? = nil
    ) throws -> Key {
        let session = try memory.openSession(owner: owner, on: SessionTerms(agent: agent))
        _ = try memory.append(
            to: session.id,
            texts.enumerated().map { index, text in
                var entry = Remember(text, owner: "", kind: .working)
                entry.time = Instant(
                    microseconds: instant(day: day).microseconds + Int64(index) * 3_600_000_000
                )
                return entry
            }
        )
        _ = try memory.endSession(
            session.id,
            summary: summary,
            SessionClosing(flushes: true)
        )
        return .text(session.id)
    }

    @Test func theyAreFoundByMeaningAndWordsAndTime() throws {
        let memory = try Memory.inMemory()
        #expect(try memory.episodes(EpisodeQuestion("anything")).rows.isEmpty)
        let work = try session(
            memory,
            "alice/brad",
            day: 1,
            ["My boss took the credit", "Talk to him first", "I will"],
            summary: "Alice had a conflict at the office.",
            agent: "brad"
        )
        let bees = try session(
            memory,
            "alice/brad",
            day: 30,
            ["The bees swarmed yesterday", "Behind the old mill"],
            summary: nil
        )
        let other = try session(
            memory,
            "bob",
            day: 2,
            ["The bees are mine"],
            summary: "Bob spoke of his bees."
        )
        func keys(_ question: EpisodeQuestion) throws -> [Key] {
            try memory.episodes(question).rows.map(\.record.reference.key)
        }
        #expect(try keys(EpisodeQuestion(owner: "alice")) == [bees, work])
        #expect(try keys(EpisodeQuestion(owner: "alice", limit: 1)) == [bees])
        let first = try memory.episodes(EpisodeQuestion(limit: 1))
        let after = try #require(first.next)
        #expect(try keys(EpisodeQuestion(limit: 5, after: after)) == [other, work])
        // By the summary, and by an entry alone.
        #expect(try keys(EpisodeQuestion("conflict office", owner: "alice")).first == work)
        #expect(try keys(EpisodeQuestion("swarmed bees", owner: "alice")).first == bees)
        #expect(try keys(EpisodeQuestion("bees", owner: "bob")) == [other])
        let rows = try memory.episodes(EpisodeQuestion("swarmed bees", owner: "alice")).rows
        #expect(rows.map(\.score) == rows.map(\.score).sorted(by: >))
        #expect(rows[0].score > 0 && rows[0].record["entryCount"] == 2)
        // What was told afterwards took from its first word to its last.
        #expect(rows[0].record["durationSeconds"] == 3600.0)
        #expect(rows[0].record["startedAt"] == .instant(instant(day: 30)))
        #expect(rows[0].record["meaning"] == .null)
        // By time, agent and filter, with and without a question.
        for words in ["", "bees"] {
            var question = EpisodeQuestion(words, owner: "alice", from: instant(day: 20))
            #expect(try keys(question) == [bees])
            question = EpisodeQuestion(words, owner: "alice", to: instant(day: 20))
            #expect(try keys(question).allSatisfy { $0 == work })
            question = EpisodeQuestion(words, agent: "brad")
            #expect(try keys(question).allSatisfy { $0 == work })
            question = EpisodeQuestion(words, where: .eq("entryCount", 1))
            #expect(try keys(question) == [other])
        }
        // What is forgotten of an episode does not find it any more.
        _ = try memory.forget(Forget(owner: "alice", where: .eq("session", bees.value)))
        #expect(try !keys(EpisodeQuestion("swarmed", owner: "alice")).contains(bees))
        #expect(try memory.verify().findings == [])
    }

    @Test func whatCannotBeAskedIsSaid() throws {
        let memory = try Memory.inMemory()
        func code(_ question: EpisodeQuestion) -> MnemeError.Code? {
            do { _ = try memory.episodes(question) } catch { return error.code }
            return nil
        }
        #expect(code(EpisodeQuestion(limit: -1)) == .badRequest)
        #expect(code(EpisodeQuestion("x", after: "AAEB")) == .badCursor)
        _ = try session(memory, "ann", day: 1, ["x"], summary: nil)
        #expect(code(EpisodeQuestion(where: .eq("none", 1))) == .unknownField)
    }

    /// Somebody's own collection of the name stays what it is.
    @Test func ownCollectionsOfTheNameStay() throws {
        let memory = try Memory.inMemory()
        let own = Collection("episodes", fields: [Field("season", .int)])
        try memory.define(Schema(collections: [own]))
        let session = try memory.openSession(owner: "ann")
        for body in [
            { () throws in _ = try memory.episodes(EpisodeQuestion()) },
            { () throws in
                _ = try memory.endSession(session.id, SessionClosing(flushes: true))
            },
        ] {
            do {
                try body()
                Issue.record("it was answered")
            } catch let error as MnemeError {
                #expect(error.code == .schemaConflict)
            }
        }
        #expect(try memory.endSession(session.id).endedAt != nil)
        #expect(try memory.find(Find("episodes")).rows.isEmpty)
    }
}
