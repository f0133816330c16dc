// A commit that has more to tell than an answer holds: it is told in parts, and who watches comes
// past it.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct WatchPartsTests {
    private static func store(_ disk: any Disk, partBytes: Int?) throws -> Store {
        var options = Kinds.options(disk)
        if let partBytes { options.watchPartBytes = partBytes }
        return try Store.open("store", .openOrCreate, options: options)
    }

    /// Fills a store: one great commit of records that pack well, edges and ends, and one behind.
    private static func fill(_ store: Store) throws -> UInt64 {
        try store.define(Kinds.schema)
        _ = try store.commit([Kinds.put("a"), Kinds.put("b"), Kinds.put("c")])
        let joins = Change.link(Link("joins", from: Kinds.thing("a"), to: Kinds.thing("b")))
        let edge = try store.commit([joins]).outcomes.first?.madeEdge
        let start = store.snapshot().sequence
        var changes: [Change] = []
        for number in 0..<12 {
            let text = Value.text(String(repeating: "x", count: 10_000 + number))
            changes.append(Kinds.put("k\(number)", ["free": text]))
            changes.append(
                .link(Link("joins", from: Kinds.thing("k\(number)"), to: Kinds.thing("b")))
            )
        }
        changes += [.unlink(try #require(edge)), .delete(Kinds.thing("c"))]
        _ = try store.commit(changes)
        _ = try store.commit([Kinds.put("later")])
        return start
    }

    @Test func whoWatchesComesPastAGreatCommit() throws {
        let disk = MemoryDisk()
        var store = try Self.store(disk, partBytes: nil)
        let start = try Self.fill(store)
        let all = try store.watch(Watch(after: start))
        #expect(all.events.count == 27 && all.next == all.sequence)
        try store.close()
        for partBytes in [0, 5_000, 25_000, 100_000] {
            store = try Self.store(disk, partBytes: partBytes)
            for limit in [1, 1000] {
                var (met, after, answers): ([Watched.Event], UInt64, Int) = ([], start, 0)
                while after < all.next {
                    let answer = try store.watch(Watch(after: after, limit: limit))
                    #expect(answer.next > after)
                    #expect(answer.events.reduce(0) { $0 + size($1) } < partBytes + 12_000)
                    met += answer.events
                    after = answer.next
                    answers += 1
                }
                #expect(met == all.events, "\(partBytes), \(limit)")
                #expect(answers > 120_000 / (partBytes + 12_000), "\(partBytes), \(limit)")
            }
            // Who is told none of it comes past it too.
            let narrow = try store.watch(Watch(after: start, collections: ["ids"], edges: []))
            #expect(narrow.events.isEmpty && narrow.next == all.next)
            // Also one who waits.
            var follower = WatchFollower()
            while follower.after < all.next {
                _ = try follower.step(store, limit: 1, waiting: 1000)
            }
            #expect(follower.records.count == 15 && follower.edges.count == 12)
            try store.close()
        }
    }

    private func size(_ event: Watched.Event) -> Int {
        if case .put(let record, _) = event.what { record["free"].text?.utf8.count ?? 0 } else { 0 }
    }

    @Test func partsGoOnInsideTheCommit() throws {
        let store = try Self.store(MemoryDisk(), partBytes: 5_000)
        let start = try Self.fill(store)
        let first = try store.watch(Watch(after: start))
        let second = try store.watch(Watch(after: first.next))
        #expect(
            first.next < second.next && first.events.last?.commit == second.events.first?.commit
        )
        #expect(first.events.last.map { $0.sequence < $0.commit } == true)
        #expect(second.events.first.map { $0.sequence > first.next } == true)
    }
}
