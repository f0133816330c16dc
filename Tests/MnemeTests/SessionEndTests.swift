// The end of a session: what becomes of its entries by layer and kind, the episode, and that all of
// it is done or nothing.

import Mneme
import MnemeModel
import Testing

@Suite struct SessionEndTests {
    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    private func working(_ text: String, key: Key, lane: String? = nil) -> Remember {
        var entry = Remember(text, owner: "", key: key, kind: .working)
        entry.entry = EntryTraits(lane: lane, agent: "a-\(lane ?? "main")", tokens: 4)
        return entry
    }

    private func kinds(_ memory: Memory, _ keys: [Key]) throws -> [Value] {
        try memory.get(keys.map { Reference("memories", $0) }).map { $0?["kind"] ?? "gone" }
    }

    private func setLayers(_ key: Key, _ layers: [Value]) -> Change {
        .patch(Patch("memories", key, [.set(FieldPath("layers"), .array(layers))]))
    }

    @Test func aFlushArchivesAndLeavesAnEpisode() throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(collections: [Collection("people", fields: [Field("calls", .int)])])
        )
        _ = try memory.commit([.put(Put("people", "ann", ["calls": 46]))])
        let terms = SessionTerms(agent: "brad", data: ["channel": 7])
        let session = try memory.openSession(owner: "ann/brad", on: terms)
        var said = Remember("said long ago", owner: "", key: "said")
        said.kind = .episodic
        _ = try memory.append(
            to: session.id,
            [
                working("Sarah took the credit", key: "one"),
                working("Plan the talk", key: "two", lane: "planning"), said,
            ]
        )
        _ = try memory.commit([
            setLayers("one", ["session"]), setLayers("two", ["session", "project"]),
        ])
        let ended = try memory.endSession(
            session.id,
            summary: "A conflict at work with Sarah.",
            SessionClosing(
                flushes: true,
                facts: [
                    Remember("Sarah is Alice's colleague", owner: "", kind: .semantic),
                    Remember("Ann has two cats", owner: "ann", key: "cats"),
                ],
                changes: [
                    .patch(Patch("people", "ann", [.increment(FieldPath("calls"), 1)]))
                ]
            )
        )
        #expect(ended.flushed == 2 && ended.facts.count == 2 && ended.facts.last == "cats")
        #expect(ended.episode == Reference("episodes", .text(session.id)))
        #expect(try kinds(memory, ["one", "two", "said"]) == ["episodic", "episodic", "episodic"])
        let layers = try memory.get(["one", "two"].map { Reference("memories", $0) })
        #expect(layers.map { $0?["layers"] } == [.null, ["project"]])
        #expect(try memory.get(Reference("people", "ann"))?["calls"] == 47)
        let fact = try #require(try memory.get(Reference("memories", ended.facts[0])))
        #expect(fact["owner"] == "ann/brad" && fact["session"] == .null)
        let reference = try #require(ended.episode)
        let episode = try #require(try memory.get(reference))
        #expect(episode["entryCount"] == 3 && episode["laneCount"] == 2)
        #expect(episode["tokens"] == 8 && episode["data"] == ["channel": 7])
        #expect(episode["agents"] == ["a-main", "a-planning", "brad"])
        #expect(episode["startedAt"] == .instant(session.startedAt))
        #expect(episode["endedAt"] == ended.endedAt.map { .instant($0) })
        let seconds =
            (ended.endedAt ?? session.startedAt).microseconds
            - session.startedAt.microseconds
        #expect(episode["durationSeconds"] == .float(Double(seconds) / 1_000_000))
        #expect(try memory.session(session.id).episode == ended.episode)
        #expect(try memory.verify().findings == [])
    }

    /// One fact that is refused, and nothing has happened.
    @Test func anEndIsWholeOrNotAtAll() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember([Remember("bob's", owner: "bob", key: "taken")])
        let session = try memory.openSession(owner: "ann")
        _ = try memory.append(to: session.id, [working("one", key: "one")])
        let refused: [(MnemeError.Code, SessionClosing)] = [
            (
                .duplicate,
                SessionClosing(flushes: true, facts: [Remember("x", owner: "", key: "taken")])
            ),
            (
                .badRequest,
                SessionClosing(flushes: true, facts: [Remember("x", owner: "", importance: 2)])
            ),
            (
                .notFound,
                SessionClosing(flushes: true, changes: [.patch(Patch("memories", "none"))])
            ),
            (
                .unknownCollection,
                SessionClosing(changes: [.delete(Reference("none", "x"))])
            ),
        ]
        for (wanted, closing) in refused {
            let got = code { _ = try memory.endSession(session.id, summary: "s", closing) }
            #expect(got == wanted, "\(closing)")
            #expect(try kinds(memory, ["one"]) == ["working"])
            let standing = try memory.session(session.id)
            #expect(standing.endedAt == nil && standing.summary == nil)
            #expect(standing.episode == nil)
            #expect(try memory.episodes(EpisodeQuestion()).rows.isEmpty)
        }
        #expect(try memory.append(to: session.id, [working("two", key: "two")]).count == 1)
    }

    @Test func whatHasEndedTakesNothingMore() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(owner: "ann")
        _ = try memory.append(to: session.id, [working("one", key: "one")])
        let first = try memory.endSession(session.id)
        #expect(first.endedAt != nil && first.episode == nil)
        #expect(try kinds(memory, ["one"]) == ["working"])
        #expect(code { _ = try memory.append(to: session.id, []) } == .sessionEnded)
        let late = SessionClosing(facts: [Remember("late", owner: "")])
        #expect(code { _ = try memory.endSession(session.id, late) } == .sessionEnded)
        // It can be flushed afterwards, once.
        let flushed = try memory.endSession(
            session.id,
            summary: "s",
            SessionClosing(flushes: true)
        )
        #expect(flushed.flushed == 1 && flushed.endedAt == first.endedAt)
        let again = try memory.endSession(
            session.id,
            summary: "t",
            SessionClosing(flushes: true)
        )
        #expect(again.flushed == nil && again.summary == "s" && again.episode != nil)
        let more = SessionClosing(flushes: true, changes: [.delete(Reference("memories", "one"))])
        #expect(code { _ = try memory.endSession(session.id, more) } == .sessionEnded)
        #expect(try memory.find(Find("memories")).rows.count == 1)
    }

    /// What goes with a session goes when its terms say; the rest stays.
    @Test func layersEndAsTheyShould() throws {
        let memory = try Memory.inMemory()
        let terms = SessionTerms(secondsAfterEnd: 0)
        for flushes in [false, true] {
            let prefix = flushes ? "f-" : "n-"
            func key(_ name: String) -> Key { .text(prefix + name) }
            let session = try memory.openSession(owner: "ann \(flushes)", on: terms)
            let names = ["working", "layer", "both", "global", "none", "pinned"]
            _ = try memory.append(
                to: session.id,
                names.map { name in
                    var entry = working(name, key: key(name))
                    if name != "working", name != "pinned" { entry.kind = .semantic }
                    entry.isPinned = name == "pinned"
                    return entry
                }
            )
            _ = try memory.commit([
                setLayers(key("layer"), ["session"]),
                setLayers(key("both"), ["session", "temporal"]),
                setLayers(key("global"), ["global"]),
            ])
            let recalled = try memory.recall(
                Recall(
                    "global",
                    owner: "ann \(flushes)",
                    where: .compare(field: "layers", .any(["global", "project"]))
                )
            )
            #expect(recalled.items.map(\.record.reference.key) == [key("global")])
            _ = try memory.endSession(session.id, SessionClosing(flushes: flushes))
            let left = try memory.get(names.map { Reference("memories", key($0)) })
            let isThere = left.map { $0 != nil }
            #expect(isThere == [flushes, false, true, true, true, true], "\(flushes)")
        }
        #expect(code { _ = try memory.openSession(owner: "eve", on: Self.negative) } == .badRequest)
        #expect(try memory.verify().findings == [])
    }

    private static let negative = SessionTerms(secondsAfterEnd: -1)

    /// An end that comes earlier than the session's stays the end.
    @Test func anEarlierEndIsKept() throws {
        let memory = try Memory.inMemory()
        let session = try memory.openSession(
            owner: "ann",
            on: SessionTerms(secondsAfterEnd: 1 << 40)
        )
        let soon = Instant(microseconds: 4_000_000_000_000_000)
        var short = working("short", key: "short")
        short.expiresAt = soon
        _ = try memory.append(to: session.id, [short, working("long", key: "long")])
        _ = try memory.endSession(session.id)
        let store = memory
        #expect(try store.find(Find("memories")).rows.count == 2)
        // Far beyond what an instant can say, nothing ends.
        let endless = try memory.openSession(
            owner: "ann",
            on: SessionTerms(secondsAfterEnd: .max)
        )
        _ = try memory.append(to: endless.id, [working("endless", key: "endless")])
        #expect(try memory.endSession(endless.id).endedAt != nil)
        #expect(try kinds(memory, ["endless"]) == ["working"])
    }

    /// An idle session ends as another one starts, at its last entry; clocks that were set back
    /// end nothing, and no session ends before it began.
    @Test func idleSessionsAndClocksSetBack() throws {
        let memory = try Memory.inMemory()
        func put(_ lastAt: Int64) -> Change {
            .put(
                Put(
                    "sessions",
                    "s",
                    [
                        "owner": "ann", "slot": "open", "entryCount": 0, "secondsAfterEnd": 0,
                        "startedAt": .instant(Instant(microseconds: lastAt)),
                        "lastAt": .instant(Instant(microseconds: lastAt)),
                    ]
                )
            )
        }
        let future: Int64 = 1 << 52
        _ = try memory.commit([put(future)])
        let open = try memory.openSession(owner: "ann")
        #expect(open.id == "s" && open.replaced == nil)
        let ended = try memory.endSession("s", SessionClosing(flushes: true))
        #expect(ended.endedAt == Instant(microseconds: future))
        let episode = try #require(try memory.get(Reference("episodes", "s")))
        #expect(episode["durationSeconds"] == 0.0 && episode["entryCount"] == 0)
        _ = try memory.commit([put(1_000_000)])
        _ = try memory.remember([
            Remember("w", owner: "ann", key: "w", kind: .working, session: "s", position: 1)
        ])
        let next = try memory.openSession(owner: "ann")
        #expect(next.isNew && next.replaced == "s")
        #expect(try memory.session("s").endedAt == Instant(microseconds: 1_000_000))
        // Its working entries went with it.
        #expect(try memory.get(Reference("memories", "w")) == nil)
    }
}
