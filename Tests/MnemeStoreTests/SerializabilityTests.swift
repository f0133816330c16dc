// Many transactions at once: whatever was committed is what one after another would have come to.
// Each notes what it asked, what it was told and what it changed; afterwards they are done again on
// a plain model in the order of their commits, and every answer must be the same there.

import Glibc
import MnemeBase
import MnemeLog
import MnemeModel
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct SerializabilityTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next(), RealRandomness().next()])
    func whatCommitsIsSerializable(seed: UInt64) throws {
        print("serializability: seed \(seed)")
        var options = StoreTests.options()
        options.worksInBackground = true
        options.snapshotAge = nil
        // However long a thread waits for its turn on a busy machine.
        options.transactionIdle = .max / 2
        options.logLimits.smallestSegment = 1 << 20
        // Every other time nothing is kept as soon as nobody needs it.
        if seed % 2 == 0 { options.transactionHistoryIdle = 0 }
        let store = try Store.open("serial", .create, options: options)
        try store.define(Script.schema)
        var changes: [Change] = []
        for number in 0..<6 { changes.append(Script.put(number, n: Int64(number), group: 0)) }
        let first = try store.commit(changes)
        let board = HistoryBoard()
        var gates: [Gate] = []
        var starts: [Gate] = []
        for thread in 0..<4 {
            let (gate, start) = (Gate(), Gate())
            gates.append(gate)
            starts.append(start)
            // Not behind everything else that the machine does.
            BackgroundThread.start(niceness: 0) {
                let random = SeededRandomness(seed: seed &* 31 &+ UInt64(thread))
                start.wait()
                do {
                    for _ in 0..<150 { try Script(store, random).run(board) }
                } catch {
                    board.note(fault: "thread \(thread): \(error)")
                }
                gate.open()
            }
        }
        // None of them has done everything before another is there.
        for start in starts { start.open() }
        for gate in gates { gate.wait() }
        let (histories, faults, lost) = board.all
        #expect(faults == [])
        print("serializability: \(histories.count) committed, \(lost) lost")
        // Most of them met somebody, and not everybody lost.
        #expect(lost > 0 && histories.count > 100)
        var model = SerialModel()
        for number in 0..<6 { model.items[Script.name(number)] = (Int64(number), 0) }
        var models = [(first.sequence, model)]
        let writers = histories.filter { !$0.isReader }.sorted { left, right in
            // A commit that changed nothing bears the sequence of the one before it.
            left.sequence != right.sequence
                ? left.sequence < right.sequence : !left.changesNothing && right.changesNothing
        }
        for history in writers {
            let before = model
            if let fault = model.replay(history) {
                Issue.record(
                    "seed \(seed): \(fault)\n\(Self.report(history, before, writers))"
                )
                return
            }
            models.append((history.sequence, model))
        }
        // Who only reads is right at the commit that it saw.
        for history in histories where history.isReader {
            var seen = models.last { $0.0 <= history.sequence }?.1 ?? model
            let before = seen
            if let fault = seen.replay(history) {
                Issue.record(
                    "seed \(seed), a reader: \(fault)\n\(Self.report(history, before, writers))"
                )
            }
        }
        let rows = try store.snapshot().find(Find("items", limit: .max)).rows
        let left = Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (row.record.reference.key.description, row.record["n"])
            }
        )
        #expect(left == model.items.mapValues { .int($0.n) })
        #expect(try store.verify().findings == [])
        #expect(store.openTransactions == 0 && store.transactions.gauge.byteCount == 0)
        try store.close()
    }

    /// All that says whether a transaction should have been committed: what it did, what there was
    /// when its turn came, and what others committed since it began.
    private static func report(
        _ history: SerialHistory,
        _ before: SerialModel,
        _ writers: [SerialHistory]
    ) -> String {
        var lines = ["it began at \(history.base) and was committed at \(history.sequence):"]
        lines += history.steps.map { "    \($0)" }
        lines.append("on \(before.items.sorted { $0.key < $1.key }), edges \(before.edges)")
        lines.append("committed since it began:")
        for other in writers
        where other.sequence > history.base && other.sequence <= history.sequence {
            lines.append("  \(other.sequence), begun at \(other.base): \(other.steps)")
        }
        return lines.joined(separator: "\n")
    }
}

/// One thing that a transaction did, and what it was told.
private enum SerialStep: Sendable {
    case got(String, Int64?)
    case found(group: Int64, [String])
    case ranged(from: Int64, [String])
    case counted(group: Int64, Int)
    case walked(from: String, [String])
    case put(String, n: Int64, group: Int64)
    case inserted(String, n: Int64, group: Int64)
    case refusedInsert(String)
    case raised(String)
    case deleted(String, Bool)
    case linked(String, String)
    case refusedLink(String, String)
}

private struct SerialHistory: Sendable {
    var steps: [SerialStep] = []
    /// The commit that it saw, and the one that it is.
    var base: UInt64 = 0
    var sequence: UInt64 = 0
    var isReader = true
    var changesNothing = true
}

private final class HistoryBoard: Sendable {
    private struct State {
        var histories: [SerialHistory] = []
        var faults: [String] = []
        var lost = 0
    }
    private let state = Mutex(State())

    func note(_ history: SerialHistory) { state.withLock { $0.histories.append(history) } }
    func note(fault: String) { state.withLock { $0.faults.append(fault) } }
    func noteLost() { state.withLock { $0.lost += 1 } }
    var all: ([SerialHistory], [String], Int) {
        state.withLock { ($0.histories, $0.faults, $0.lost) }
    }
}

/// One transaction of some steps.
private struct Script {
    static let schema = Schema(
        collections: [
            Collection(
                "items",
                fields: [Field("n", .int), Field("group", .int)],
                indexes: [Index("byGroup", on: ["group"]), Index("byN", on: ["n"])]
            )
        ],
        edgeTypes: [EdgeType("near")]
    )

    let store: Store
    let random: SeededRandomness

    init(_ store: Store, _ random: SeededRandomness) {
        self.store = store
        self.random = random
    }

    static func name(_ number: Int) -> String { "k\(number)" }
    static func reference(_ name: String) -> Reference { Reference("items", .text(name)) }
    static func put(
        _ number: Int,
        n: Int64,
        group: Int64,
        mode: Put.Mode = .replace
    ) -> Change {
        .put(
            Put(
                "items",
                .text(name(number)),
                ["n": .int(n), "group": .int(group)],
                mode: mode
            )
        )
    }

    func run(_ board: HistoryBoard) throws {
        let transaction = try store.begin()
        var history = SerialHistory(base: transaction.sequence)
        // What was read so far goes into what is written.
        var sum: Int64 = 1
        do {
            for _ in 0...(1 + random.below(5)) {
                let step = try step(transaction, &sum)
                history.steps.append(step)
                if random.below(4) == 0 { usleep(UInt32(random.below(400))) }
            }
            let committed = try transaction.commit(random.below(2) == 0 ? .synced : .buffered)
            history.sequence = committed.sequence
            history.isReader = committed.outcomes.isEmpty
            history.changesNothing = committed.outcomes.allSatisfy { $0 == .deleted(false) }
            board.note(history)
        } catch let error as MnemeError where error.code == .conflict {
            board.noteLost()
        }
    }

    private func names(_ found: Found) -> [String] {
        found.rows.map { row in
            "\(row.record.reference.key) \(row.record["n"]) \(row.record["group"])"
        }.sorted()
    }

    private func step(_ transaction: StoreTransaction, _ sum: inout Int64) throws -> SerialStep {
        let number = random.below(9)
        let name = Self.name(number)
        let group = Int64(random.below(3))
        switch random.below(14) {
        case 0..<3:
            let record = try transaction.get([Self.reference(name)])[0]
            guard case .int(let n) = record?["n"] else { return .got(name, nil) }
            sum &+= n
            return .got(name, n)
        case 3:
            let filter = Filter.compare(field: "group", .eq(.int(group)))
            let found = try transaction.find(Find("items", where: filter, limit: .max))
            sum &+= Int64(found.rows.count)
            return .found(group: group, names(found))
        case 4:
            let from = Int64(random.below(20))
            let filter = Filter.compare(field: "n", .gte(.int(from)))
            let found = try transaction.find(
                Find("items", where: filter, order: [Order("n")], limit: .max)
            )
            return .ranged(from: from, names(found))
        case 5:
            let filter = Filter.compare(field: "group", .eq(.int(group)))
            let find = Find("items", where: filter, limit: .max, select: [])
            let count = try transaction.find(find).rows.count
            sum &+= Int64(count)
            return .counted(group: group, count)
        case 6:
            let reached = try unless(.notFound) {
                try transaction.walk(Walk(from: [Self.reference(name)])).stops
            }
            guard let reached else { return .got(name, nil) }
            return .walked(from: name, reached.map(\.reference.key.description).sorted())
        case 7..<9:
            let n = abs(sum % 20)
            try transaction.change([Self.put(number, n: n, group: group)])
            return .put(name, n: n, group: group)
        case 9:
            let n = abs(sum % 20)
            let isIn = try unless(.duplicate) {
                try transaction.change([Self.put(number, n: n, group: group, mode: .insert)])
            }
            return isIn == nil ? .refusedInsert(name) : .inserted(name, n: n, group: group)
        case 10:
            let isIn = try unless(.notFound) {
                try transaction.change([
                    .patch(Patch("items", .text(name), [.increment("n", 1)]))
                ])
            }
            return isIn == nil ? .got(name, nil) : .raised(name)
        case 11:
            let outcome = try transaction.change([.delete(Self.reference(name))])
            return .deleted(name, outcome == [.deleted(true)])
        default:
            let other = Self.name(random.below(9))
            let isIn = try unless(.danglingEdge) {
                try transaction.change([
                    .link(Link("near", from: Self.reference(name), to: Self.reference(other)))
                ])
            }
            return isIn == nil ? .refusedLink(name, other) : .linked(name, other)
        }
    }

    /// What comes of it, nil where it is refused so.
    private func unless<Result>(
        _ code: MnemeError.Code,
        _ body: () throws -> Result
    ) throws -> Result? {
        do {
            return try body()
        } catch let error as MnemeError {
            if error.code == code { return nil }
            throw error
        }
    }
}

/// The same, one after another.
private struct SerialModel {
    var items: [String: (n: Int64, group: Int64)] = [:]
    var edges: [(String, String)] = []

    private func names(_ isIn: ((n: Int64, group: Int64)) -> Bool) -> [String] {
        items.filter { isIn($0.value) }.map { name, item in
            "\(name) \(Value.int(item.n)) \(Value.int(item.group))"
        }.sorted()
    }

    /// Does the steps of a transaction; what is not as it was told, nil when all is.
    mutating func replay(_ history: SerialHistory) -> String? {
        for step in history.steps {
            let isRight: Bool
            switch step {
            case .got(let name, let n): isRight = items[name]?.n == n
            case .found(let group, let told): isRight = names { $0.group == group } == told
            case .ranged(let from, let told): isRight = names { $0.n >= from } == told
            case .counted(let group, let count):
                isRight = items.values.count { $0.group == group } == count
            case .walked(let from, let told):
                let reached = Set(edges.filter { $0.0 == from && $0.1 != from }.map(\.1))
                isRight = items[from] != nil && reached.sorted() == told
            case .put(let name, let n, let group):
                items[name] = (n, group)
                isRight = true
            case .inserted(let name, let n, let group):
                isRight = items[name] == nil
                items[name] = (n, group)
            case .refusedInsert(let name): isRight = items[name] != nil
            case .raised(let name):
                isRight = items[name] != nil
                items[name]?.n += 1
            case .deleted(let name, let wasThere):
                isRight = (items[name] != nil) == wasThere
                items[name] = nil
                edges.removeAll { $0.0 == name || $0.1 == name }
            case .linked(let from, let to):
                isRight = items[from] != nil && items[to] != nil
                edges.append((from, to))
            case .refusedLink(let from, let to):
                isRight = items[from] == nil || items[to] == nil
            }
            if !isRight { return "\(step), with \(items) and \(edges)" }
        }
        return nil
    }
}
