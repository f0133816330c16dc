// Sessions: lanes, parents, what a prompt needs of them, what becomes of them when they end.

import Foundation
import Mneme
import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@Suite struct SessionTests {
    private func entry(
        _ text: String,
        key: Key? = nil,
        kind: MemoryKind = .working,
        lane: String? = nil,
        tokens: Int64? = nil,
        agent: String? = nil
    ) -> Remember {
        var entry = Remember(text, owner: "", key: key, kind: kind)
        entry.entry = EntryTraits(lane: lane, agent: agent, tokens: tokens)
        return entry
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    private func texts(_ records: [Record]) -> [String] { records.map { $0["text"].text ?? "" } }

    @Test func aSessionComesBackAsItWas() throws {
        let memory = try Memory.inMemory()
        let terms = SessionTerms(agent: "planner", data: ["channel": 7])
        let session = try memory.openSession(owner: "ann", on: terms)
        #expect(session.isNew && session.terms == terms)
        _ = try memory.append(
            to: session.id,
            [
                entry("one", lane: "planning", tokens: 3, agent: "a"),
                entry("two", key: "two"), entry("three", lane: "main"),
                entry("four", lane: "planning"),
            ]
        )
        let whole = try memory.rehydrate(Rehydration(.text(session.id)))
        #expect(texts(whole.entries) == ["one", "two", "three", "four"])
        #expect(whole.entries.map { $0["position"] } == [1, 2, 3, 4])
        #expect(whole.entries[0]["agent"] == "a" && whole.entries[0]["tokens"] == 3)
        #expect(whole.lanes == ["main": 2, "planning": 2] && whole.missing == 0)
        #expect(whole.entries.allSatisfy { $0["meaning"] == .null })
        #expect(whole.session?.terms == terms)
        // In pages it is the same.
        var paged: [Record] = []
        var after: String?
        repeat {
            let question = Rehydration(.text(session.id), limit: 3, after: after)
            let page = try memory.rehydrate(question)
            paged += page.entries
            after = page.next
        } while after != nil
        #expect(paged == whole.entries)
        _ = try memory.forget(Forget(keys: ["two"]))
        let lacking = try memory.rehydrate(Rehydration(.text(session.id), summaryOnly: true))
        #expect(lacking.missing == 1 && lacking.entries.isEmpty)
        #expect(lacking.lanes == ["main": 1, "planning": 2])
        #expect(code { _ = try memory.rehydrate(Rehydration("none")) } == .notFound)
        #expect(code { _ = try memory.rehydrate(Rehydration("none", limit: 0)) } == .badRequest)
    }

    /// Whatever the budget, a context has the newest entries that fit, and no more would.
    @Test func aContextIsTheNewestThatFit() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        let sizes: [Int64] = (0..<200).map { Int64(($0 * 7919) % 13) }
        _ = try memory.append(
            to: session.id,
            sizes.enumerated().map { index, size in
                entry("entry \(index)", lane: index % 3 == 0 ? "third" : nil, tokens: size)
            }
        )
        for budget in [0, 1, 12, 50, 333, 100_000] {
            for lane in [nil, "third", "main"] {
                let question = ContextQuestion(.text(session.id), tokens: budget, lane: lane)
                let context = try memory.context(question)
                let wanted = sizes.indices.filter { index in
                    lane == nil || (index % 3 == 0) == (lane == "third")
                }
                var left = Int64(budget)
                let fitting = wanted.reversed().prefix { index in
                    left -= sizes[index]
                    return left >= 0
                }
                #expect(texts(context.entries) == fitting.reversed().map { "entry \($0)" })
                #expect(context.leftOut == wanted.count - fitting.count)
                #expect(context.tokens == Int(fitting.reduce(0) { $0 + sizes[$1] }))
            }
        }
        let numbers: [(Int, Int?, Int)] = [(-1, nil, 1), (10, 11, 1), (10, -1, 1), (10, nil, -1)]
        for (tokens, recall, limit) in numbers {
            let question = ContextQuestion(
                .text(session.id),
                tokens: tokens,
                question: "what",
                recallTokens: recall,
                limit: limit
            )
            #expect(code { _ = try memory.context(question) } == .badRequest)
        }
        let aimless = ContextQuestion(.text(session.id), tokens: 10, recallTokens: 5)
        #expect(code { _ = try memory.context(aimless) } == .badRequest)
    }

    @Test func aContextCountsWhatIsSentAndRecallsTheRest() throws {
        let memory = try Memory.inMemory()
        try memory.remember("Ann keeps bees behind the old mill", owner: "ann")
        try memory.remember("Bob keeps bees on the roof", owner: "bob")
        let session = try memory.openSession(owner: "ann")
        for number in 0..<40 {
            _ = try memory.append(to: session.id, [entry("We talked about trains, \(number)")])
        }
        _ = try memory.append(to: session.id, [entry("Where are the bees?", key: "last")])
        let plain = try memory.context(ContextQuestion(.text(session.id), tokens: 900))
        let sum = plain.entries.reduce(0) { $0 + ($1.spelling.json().utf8.count + 3) / 4 }
        #expect(plain.tokens == sum && sum <= 900 && plain.recalled.isEmpty)
        #expect(plain.leftOut == 41 - plain.entries.count && plain.leftOut > 0)
        let asked = try memory.context(
            ContextQuestion(.text(session.id), tokens: 900, question: "Who keeps bees?")
        )
        #expect(asked.entries.last?.reference.key == "last")
        #expect(asked.entries.count < plain.entries.count)
        let recalled = asked.recalled.map(\.record)
        #expect(texts(recalled).first == "Ann keeps bees behind the old mill")
        #expect(recalled.allSatisfy { $0["owner"] == "ann" })
        #expect(Set(recalled.map(\.reference)).isDisjoint(with: asked.entries.map(\.reference)))
        let all = asked.entries + recalled
        let sent = all.reduce(0) { $0 + ($1.spelling.json().utf8.count + 3) / 4 }
        #expect(asked.tokens == sent && sent <= 900)
    }

    @Test func aSessionGoesOnFromAnother() throws {
        let memory = try Memory.inMemory()
        let main = try memory.openSession(owner: "ann")
        _ = try memory.append(to: main.id, [entry("old", tokens: 10), entry("older", tokens: 10)])
        let terms = SessionTerms(parent: main.id)
        let child = try memory.openSession(owner: "ann/task", on: terms)
        let sibling = try memory.openSession(owner: "ann", on: terms)
        // One of each kind at a time.
        #expect(Set([main.id, child.id, sibling.id]).count == 3)
        #expect(try memory.openSession(owner: "ann").id == main.id)
        #expect(try memory.openSession(owner: "ann", on: terms).id == sibling.id)
        _ = try memory.append(to: child.id, [entry("new", tokens: 10)])
        func context(_ tokens: Int, _ parents: Bool) throws -> [String] {
            texts(
                try memory.context(
                    ContextQuestion(.text(child.id), tokens: tokens, withParents: parents)
                ).entries
            )
        }
        #expect(try context(100, false) == ["new"])
        #expect(try context(100, true) == ["old", "older", "new"])
        #expect(try context(25, true) == ["older", "new"])
        #expect(try context(5, true) == [])
        let stranger = SessionTerms(parent: main.id)
        #expect(code { _ = try memory.openSession(owner: "bob", on: stranger) } == .badRequest)
        let nobody = SessionTerms(parent: "none")
        #expect(code { _ = try memory.openSession(owner: "ann", on: nobody) } == .notFound)
    }

    /// Records of sessions are anybody's to put: parents in a circle, and those of others.
    @Test func parentsInACircleEnd() throws {
        let memory = try Memory.inMemory()
        func put(_ id: String, _ owner: String, parent: String) -> Change {
            let now = Value.instant(Instant(microseconds: 0))
            return .put(
                Put(
                    "sessions",
                    .text(id),
                    [
                        "owner": .text(owner), "slot": .text(id), "startedAt": now,
                        "lastAt": now, "entryCount": 0, "parent": .text(parent),
                    ]
                )
            )
        }
        _ = try memory.commit([
            put("a", "ann", parent: "b"), put("b", "ann", parent: "a"),
            put("self", "ann", parent: "self"), put("thief", "bob", parent: "a"),
            put("lost", "bob", parent: "none"),
        ])
        for id in ["a", "b", "self", "thief", "lost"] {
            _ = try memory.append(to: id, [entry("in \(id)", tokens: 1)])
        }
        func context(_ id: String) throws -> [String] {
            texts(try memory.context(ContextQuestion(.text(id), withParents: true)).entries)
        }
        #expect(try context("a") == ["in b", "in a"])
        #expect(try context("b") == ["in a", "in b"])
        #expect(try context("self") == ["in self"])
        // Another owner's entries are not come by through his session's name.
        #expect(try context("thief") == ["in thief"])
        #expect(try context("lost") == ["in lost"])
    }

    @Test func entriesOfOthersAreNotInASession() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        _ = try memory.append(to: session.id, [entry("mine")])
        _ = try memory.remember([
            Remember("not hers", owner: "bob", session: session.id, position: 2),
            Remember("below", owner: "ann/x", session: session.id, position: 3),
        ])
        let id = Key.text(session.id)
        #expect(texts(try memory.context(ContextQuestion(id)).entries) == ["mine"])
        #expect(texts(try memory.rehydrate(Rehydration(id)).entries) == ["mine"])
        #expect(code { _ = try memory.context(ContextQuestion(id, owner: "bob")) } == .notFound)
        let above = try memory.openSession(owner: "eve/work")
        let question = ContextQuestion(.text(above.id), owner: "eve")
        #expect(try memory.context(question).entries.isEmpty)
    }

    /// A collection of one's own with roles: messages of a conversation, by a number.
    @Test func itWorksOnAnyCollectionWithRoles() throws {
        let memory = try Memory.inMemory()
        var roles = Roles()
        roles.session = "conversation"
        roles.time = "at"
        roles.text = "content"
        roles.owner = "user"
        let messages = Collection(
            "messages",
            fields: [
                Field("conversation", .text, isRequired: true), Field("at", .instant),
                Field("user", .text, isRequired: true),
                Field("content", .text, isSearchable: true), Field("count", .int),
            ],
            indexes: [Index("byConversation", on: ["conversation", "at"])],
            roles: roles
        )
        let plain = Collection("plain", fields: [Field("content", .text)])
        try memory.define(Schema(collections: [messages, plain]))
        _ = try memory.commit(
            (0..<20).map { number in
                .put(
                    Put(
                        "messages",
                        .text("m\(number)"),
                        [
                            "conversation": number % 2 == 0 ? "c1" : "c2", "user": "ann",
                            "at": .instant(Instant(microseconds: Int64(number) * 1_000_000)),
                            "content": .text("message \(number)"), "count": 10,
                        ]
                    )
                )
            }
        )
        let context = try memory.context(
            ContextQuestion(
                "c1",
                tokens: 90,
                question: "message 1",
                recallTokens: 60,
                collection: "messages",
                owner: "ann",
                tokensField: "count"
            )
        )
        #expect(context.entries.map(\.reference.key) == ["m14", "m16", "m18"])
        #expect(context.leftOut == 7)
        #expect(context.recalled.allSatisfy { $0.record.reference.collection == "messages" })
        let whole = try memory.rehydrate(Rehydration("c2", collection: "messages"))
        #expect(whole.entries.count == 10 && whole.session == nil && whole.lanes == ["main": 10])
        for wrong in [
            ContextQuestion("c1", collection: "plain"),
            ContextQuestion("c1", lane: "x", collection: "messages"),
            ContextQuestion("c1", withParents: true, collection: "messages"),
            ContextQuestion("c1", collection: "messages", tokensField: "content"),
        ] { #expect(code { _ = try memory.context(wrong) } == .badRequest, "\(wrong)") }
    }

    /// A store whose layer has fewer fields gets the rest when it is opened to write.
    @Test func olderStoresGetTheNewFields() throws {
        var old = try Memory.inMemory().schema
        for (name, fields) in [
            ("memories", ["lane", "agent", "tokens", "layers"]),
            ("sessions", ["parent", "agent", "secondsAfterEnd", "data", "flushed"]),
        ] {
            let place = try #require(old.collections.firstIndex { $0.name == name })
            #expect(old.collections[place].fields.map(\.name).filter(fields.contains) == fields)
            old.collections[place].fields.removeAll { fields.contains($0.name) }
        }
        let directory = "/tmp/mneme-older-\(RealRandomness().next())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory, .create)
        try store.define(old)
        _ = try store.commit([
            .put(
                Put(
                    "memories",
                    "m",
                    [
                        "text": "before", "owner": "ann", "kind": "episodic",
                        "time": .instant(Instant(microseconds: 0)), "session": "s",
                    ]
                )
            )
        ])
        try store.close()
        let memory = try Memory.open(directory)
        #expect(Set(memory.schema.collections.map(\.name)) == ["memories", "sessions"])
        let known = memory.schema.collections.first { $0.name == "memories" }
        #expect(known?.field("lane")?.type == .text && known?.field("layers") != nil)
        let opened = try memory.openSession(owner: "ann", on: SessionTerms(agent: "a"))
        _ = try memory.append(to: opened.id, [entry("after", lane: "x")])
        let before = try memory.rehydrate(Rehydration("s", owner: "ann"))
        #expect(before.entries.map(\.reference.key) == ["m"] && before.lanes == ["main": 1])
        #expect(try memory.verify().findings == [])
        try memory.close()
    }
}
