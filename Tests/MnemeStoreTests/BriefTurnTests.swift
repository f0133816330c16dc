// What a thread that others wait for writes itself, and what it leaves to the log thread.

import Glibc
import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct BriefTurnTests {
    private static let schema = Schema(
        collections: [
            Collection("hubs", fields: [Field("text", .text), Field("count", .int)]),
            Collection(
                "spokes",
                key: .int,
                fields: [Field("hub", .text), Field("soft", .text)],
                references: [
                    ReferenceRule("hub", ["hub"], to: "hubs", onDelete: .cascade),
                    ReferenceRule("soft", ["soft"], to: "hubs", onDelete: .setNull),
                ]
            ),
        ],
        edgeTypes: [EdgeType("joins")]
    )

    private static func hub(_ key: String) -> Reference { Reference("hubs", .text(key)) }

    private static func store() throws -> Store {
        let store = try Store.open("store", options: Kinds.options())
        try store.define(schema)
        let great = String(repeating: "great ", count: 100_000)
        var changes: [Change] = [
            .put(Put("hubs", "great", ["text": .text(great)]))
        ]
        for key in ["cascade", "setNull", "edges", "few", "alone"] {
            changes.append(.put(Put("hubs", .text(key), ["count": 0])))
        }
        for number in 0..<1000 {
            changes.append(.put(Put("spokes", .int(Int64(number)), ["hub": "cascade"])))
            changes.append(.put(Put("spokes", .int(Int64(1000 + number)), ["soft": "setNull"])))
            changes.append(.link(Link("joins", from: hub("edges"), to: hub("alone"))))
        }
        for number in 0..<5 {
            changes.append(.put(Put("spokes", .int(Int64(5000 + number)), ["hub": "few"])))
            changes.append(.link(Link("joins", from: hub("few"), to: hub("great"))))
        }
        _ = try store.commit(changes)
        return store
    }

    /// Whether a change is written by the thread that leads.
    private func isWritten(_ change: Change, in store: Store) throws -> Bool {
        let (done, leader) = (Gate(), pthread_self())
        let told = Mutex<(isLeaders: Bool, outcome: Result<Committed, MnemeError>)?>(nil)
        try store.gather([change], .synced) { outcome in
            let isLeaders = pthread_equal(pthread_self(), leader) != 0
            told.withLock { $0 = (isLeaders, outcome) }
            done.open()
        }
        store.leadCommits()
        done.wait()
        let result = try #require(told.withLock { $0 })
        _ = try result.outcome.get()
        return result.isLeaders
    }

    @Test func whatIsShortIsWrittenAtOnce() throws {
        let store = try Self.store()
        let changes: [Change] = [
            .put(Put("hubs", "new", ["text": "one"])), .put(Put("hubs", "new", ["text": "two"])),
            .patch(Patch("hubs", "few", [.increment("count", 1)])),
            .link(Link("joins", from: Self.hub("new"), to: Self.hub("great"))),
            .delete(Self.hub("new")), .delete(Self.hub("few")),
        ]
        for change in changes { #expect(try isWritten(change, in: store), "\(change)") }
        #expect(try store.snapshot().count(Count("spokes")).rows == [["count": 2000]])
    }

    @Test func whatMayTakeLongIsLeftToTheLogThread() throws {
        let store = try Self.store()
        let changes: [Change] = [
            .patch(Patch("hubs", "great", [.set("count", 1)])),
            .put(Put("hubs", "great", ["count": 2])), .delete(Self.hub("cascade")),
            .delete(Self.hub("setNull")), .delete(Self.hub("edges")),
        ]
        for change in changes {
            #expect(try !isWritten(change, in: store), "\(change)")
            // And what comes behind it is not.
            #expect(try isWritten(.put(Put("hubs", "next", ["count": 1])), in: store))
        }
        #expect(try store.snapshot().count(Count("spokes")).rows == [["count": 1005]])
        #expect(try store.snapshot().find(Find(edges: "joins")).edges.count == 5)
        #expect(try store.verify().findings == [])
    }
}
