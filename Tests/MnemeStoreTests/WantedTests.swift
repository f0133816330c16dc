// Reads that nobody waits for any more: whatever goes through many entries ends soon, what is short
// never asks, and an answer that is wanted is as ever.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct WantedTests {
    private static let count = 3000

    private static func item(_ number: Int) -> Reference { Reference("items", .int(Int64(number))) }

    /// Records, each joined with the first one by an edge from there.
    private static func store() throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "items",
                        key: .int,
                        fields: [Field("n", .int), Field("m", .int)],
                        indexes: [Index("byN", on: ["n"])]
                    )
                ],
                edgeTypes: [EdgeType("joins", fields: [Field("w", .int)])]
            )
        )
        for first in stride(from: 0, to: count, by: 500) {
            let part = first..<(first + 500)
            _ = try store.commit(
                part.map { number in
                    let fields: [String: Value] = [
                        "n": .int(Int64(number / 3)), "m": .int(Int64(-number)),
                    ]
                    return .put(Put("items", .int(Int64(number)), fields))
                }
            )
            _ = try store.commit(
                part.filter { $0 > 0 }.map {
                    .link(Link("joins", from: item(0), to: item($0), fields: ["w": 1]))
                }
            )
        }
        // Walked to by nobody.
        _ = try store.commit([.put(Put("items", -1, [:]))])
        return store
    }

    private static let reads: [(name: String, read: @Sendable (Store) throws -> Void)] = [
        (
            "find, sorted",
            {
                let find = Find("items", order: [Order("m")], limit: 10)
                _ = try $0.snapshot().find(find)
            }
        ),
        (
            "find, in order",
            { _ = try $0.snapshot().find(Find("items", order: [Order("n")], limit: .max)) }
        ),
        (
            "find, held",
            {
                let filter = Filter.and([
                    .compare(field: "n", .gte(0)), .compare(field: "m", .lt(-2990)),
                ])
                _ = try $0.snapshot().find(Find("items", where: filter, limit: 10))
            }
        ),
        ("count by records", { _ = try $0.snapshot().count(Count("items", by: ["m"])) }),
        ("count by entries", { _ = try $0.snapshot().count(Count("items", by: ["n"])) }),
        (
            "find edges",
            {
                let find = Find(edges: "joins", where: .compare(field: "w", .gte(2)), limit: 10)
                _ = try $0.snapshot().find(find)
            }
        ),
        (
            "count edges",
            {
                let count = Count(edges: "joins", where: .compare(field: "w", .gte(2)))
                _ = try $0.snapshot().count(count)
            }
        ),
        (
            "pattern",
            {
                let nodes = ["a": PatternNode("items"), "b": PatternNode("items")]
                let steps = [PatternStep("a", to: "b", .edges(["joins"], .both))]
                _ = try $0.snapshot().pattern(Pattern(nodes, steps, countOnly: true))
            }
        ),
        (
            "walk",
            { _ = try $0.snapshot().walk(Walk(from: [WantedTests.item(0)], hops: 2, limit: .max)) }
        ),
        (
            "path",
            {
                let path = try $0.snapshot().path(
                    from: WantedTests.item(1),
                    to: WantedTests.item(-1),
                    types: nil,
                    direction: .both,
                    hops: 9
                )
                #expect(path == nil)
            }
        ),
    ]

    /// How often it was asked whether the answer is wanted, and how the read ended.
    private func asked(
        _ read: () throws -> Void,
        _ isWanted: @escaping @Sendable () -> Bool
    ) -> (count: Int, code: MnemeError.Code?) {
        let count = Mutex(0)
        let ask = { @Sendable in
            count.withLock { $0 += 1 }
            return isWanted()
        }
        var code: MnemeError.Code?
        do {
            try Wanted.$asker.withValue(WaitingAsker(ask)) { try read() }
        } catch {
            code = (error as? MnemeError)?.code
            #expect(code != nil, "\(error)")
        }
        return (count.withLock { $0 }, code)
    }

    @Test func whatNobodyWantsEndsSoon() throws {
        let store = try Self.store()
        for (name, read) in Self.reads {
            let whole = asked({ try read(store) }) { true }
            #expect(whole.code == nil && whole.count > 3, "\(name): \(whole)")
            let cut = asked({ try read(store) }) { false }
            #expect(cut.code == .cancelled && cut.count == 1, "\(name): \(cut)")
        }
        // It holds around the read alone.
        for (_, read) in Self.reads { try read(store) }
    }

    @Test func whatReadsAStoreThatIsClosedEndsSoon() throws {
        for (name, read) in Self.reads {
            let store = try Self.store()
            let cut = asked({ try read(store) }) {
                try? store.close()
                return true
            }
            #expect(cut.code == .closed && cut.count == 1, "\(name): \(cut)")
        }
    }

    @Test func whatIsShortNeverAsks() throws {
        let store = try Self.store()
        let short = asked({
            let snapshot = store.snapshot()
            let first = try snapshot.find(Find("items", order: [Order("n")], limit: 20))
            let equal = try snapshot.find(Find("items", where: .eq("n", 5)))
            let walk = Walk(from: [Self.item(9)], direction: .in, hops: 1)
            let walked = try snapshot.walk(walk)
            let counted = try snapshot.count(Count("items"))
            let record = try snapshot.record(Self.item(7))
            #expect(record != nil && first.rows.count == 20 && equal.rows.count == 3)
            #expect(walked.stops.count == 1 && counted.rows == [["count": 3001]])
        }) { false }
        #expect(short.count == 0 && short.code == nil)
    }
}
