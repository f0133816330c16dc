// Threads that commit and read at once, on real files: what a thread was told is there is there for
// every thread's next snapshot, and nothing is counted twice or lost.

import Glibc
import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct ConcurrencyTests {
    @Test func threadsSeeWhatWasAcknowledged() throws {
        let path = "/tmp/mneme-threads-\(RealRandomness().next())"
        defer { Kinds.remove(path) }
        var options = StoreOptions()
        options.replayBudget = 100
        let store = try Store.open(path, .create, options: options)
        try store.define(Kinds.schema)
        let board = Board()
        var waiting: [Gate] = []
        for number in 0..<6 {
            let gate = Gate()
            waiting.append(gate)
            BackgroundThread.start(niceness: 0) {
                do {
                    if number < 4 {
                        try Self.write(store, board, number)
                    } else {
                        try Self.read(store, board)
                    }
                } catch {
                    board.note("thread \(number): \(error)")
                }
                if number < 4 { board.writerEnds() }
                gate.open()
            }
        }
        for gate in waiting { gate.wait() }
        #expect(board.faults == [])
        let expected = board.acknowledged
        for reopens in [false, true] {
            let store = reopens ? try Self.reopened(store, path) : store
            let rows = try store.snapshot().find(Find("things", limit: .max)).rows
            let keys = Set(rows.map(\.record.reference.key.description))
            #expect(keys.filter { !$0.hasPrefix("u") } == expected)
            // One thread of four won each of the names.
            #expect(keys.count { $0.hasPrefix("u") } == 30)
            #expect(Set(rows.compactMap { $0.record["name"].text }).count == rows.count)
            #expect(try store.statistics().records["things"] == rows.count)
            #expect(try store.verify().findings == [])
        }
    }

    private static func reopened(_ store: Store, _ path: String) throws -> Store {
        try store.close()
        return try Store.open(path, .open)
    }

    private static func write(_ store: Store, _ board: Board, _ number: Int) throws {
        for step in 0..<60 {
            let key = "t\(number)x\(step)"
            let durability: Durability = step % 3 == 0 ? .synced : .buffered
            _ = try store.commit(
                [
                    Kinds.put(key, ["count": .int(Int64(step)), "body": "words of a thread"]),
                    Kinds.put(key + "y", ["near": .vector([1, Float(step), 0])]),
                    .link(Link("joins", from: Kinds.thing(key), to: Kinds.thing(key + "y"))),
                ],
                durability
            )
            board.acknowledge([key, key + "y"])
            if step % 10 == 9 {
                board.forget(key)
                _ = try store.commit([.delete(Kinds.thing(key))], durability)
            }
            if step % 2 == 0 {
                do throws(MnemeError) {
                    _ = try store.commit([
                        Kinds.put("u\(number)x\(step)", ["name": .text("name\(step)")])
                    ])
                } catch {
                    if error.code != .duplicate { throw error }
                }
            }
        }
    }

    private static func read(_ store: Store, _ board: Board) throws {
        while !board.isOver {
            let told = board.acknowledged
            let snapshot = store.snapshot()
            let forgotten = board.forgotten
            let rows = try snapshot.find(Find("things", limit: .max, select: [])).rows
            let keys = Set(rows.map(\.record.reference.key.description))
            let missing = told.subtracting(keys).subtracting(forgotten)
            if !missing.isEmpty { board.note("missing: \(missing.sorted())") }
            let words = try snapshot.find(
                Find("things", match: Match("body", "thread"), limit: .max)
            )
            let near = try snapshot.find(
                Find("things", near: Near("near", [1, 0, 0]), limit: .max)
            )
            let plain = keys.filter { $0.hasPrefix("t") }
            let joined = plain.filter { $0.hasSuffix("y") }
            if words.rows.count != plain.count - joined.count { board.note("words differ") }
            if near.rows.count != joined.count { board.note("vectors differ") }
        }
    }
}

/// What threads tell each other.
private final class Board: Sendable {
    private struct State {
        var acknowledged: Set<String> = []
        var forgotten: Set<String> = []
        var faults: [String] = []
        var writers = 4
    }
    private let state = Mutex(State())

    var acknowledged: Set<String> { state.withLock { $0.acknowledged } }
    var forgotten: Set<String> { state.withLock { $0.forgotten } }
    var faults: [String] { state.withLock { $0.faults } }
    var isOver: Bool { state.withLock { $0.writers == 0 || $0.faults.count > 5 } }

    func acknowledge(_ keys: [String]) { state.withLock { $0.acknowledged.formUnion(keys) } }

    /// A key is forgotten before it is deleted, so that nobody misses it.
    func forget(_ key: String) {
        state.withLock {
            $0.acknowledged.remove(key)
            $0.forgotten.insert(key)
        }
    }

    func note(_ fault: String) { state.withLock { $0.faults.append(fault) } }
    func writerEnds() { state.withLock { $0.writers -= 1 } }
}
