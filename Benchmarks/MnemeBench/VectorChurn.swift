// Every vector of a store of `mneme-bench vectors` replaced by another one of the same file, so
// that the same vectors are there afterwards, under other keys.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Vectors that change places.
struct VectorChurn {
    private let base: ArrayFile
    /// The row that each key gets.
    private let rows: [Int]
    /// The key of each row then.
    private let keys: [Int]
    /// The order in which keys get theirs.
    private let order: [Int]

    /// A change of places that comes by chance.
    init(_ base: ArrayFile, seed: UInt64) {
        self.base = base
        let chance = SeededRandomness(seed: seed)
        let all = Array(0..<base.rowCount)
        rows = Self.shuffled(all, chance)
        order = Self.shuffled(all, chance)
        var keys = all
        for (key, row) in rows.enumerated() { keys[row] = key }
        self.keys = keys
    }

    private static func shuffled(_ numbers: [Int], _ chance: SeededRandomness) -> [Int] {
        var numbers = numbers
        for place in numbers.indices.reversed() {
            numbers.swapAt(place, chance.below(place + 1))
        }
        return numbers
    }

    /// Rows by the keys that they have afterwards.
    func keys(_ before: Set<Key>) -> Set<Key> {
        Set(
            before.map { key in
                guard case .int(let row) = key else { return key }
                return .int(Int64(keys[Int(row)]))
            }
        )
    }

    /// Replaces everything, `batch` vectors a commit and a question after every twentieth, and
    /// waits until the graph has it all.
    func run(
        _ memory: Memory,
        between questions: [Find],
        batch: Int
    ) throws -> [(String, Figure)] {
        var meter = ProgressMeter("churn", unit: "vectors", total: order.count)
        defer { meter.finish() }
        var asked = 0
        var latencies = Latencies()
        let start = Ticks.now()
        for first in stride(from: 0, to: order.count, by: batch) {
            let some = order[first..<min(first + batch, order.count)]
            let changes = try some.map { (key) throws(Failure) -> Change in
                let vector = try base.floats(rows: rows[key]..<rows[key] + 1)
                return .put(Put("vectors", .int(Int64(key)), ["vector": .vector(vector)]))
            }
            _ = try memory.commit(changes)
            for _ in 0..<(questions.isEmpty ? 0 : some.count / 20) {
                try latencies.time { _ = try memory.find(questions[asked % questions.count]) }
                asked += 1
            }
            meter.advance(to: first + some.count)
        }
        let seconds = Double(Ticks.now() - start) * 1e-9
        try memory.settleGraphs()
        let ready = Double(Ticks.now() - start) * 1e-9
        let percentiles = latencies.microseconds(50, 99)
        try memory.checkpoint()
        return [
            ("count", .count(order.count)), ("seconds", .seconds(seconds)),
            ("secondsUntilGraphReady", .seconds(ready)), ("questions", .count(asked)),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
        ]
    }

    /// How many vectors a search for themselves does not find, nor one that is as near.
    func notFound(_ memory: Memory, _ metric: VectorMetric, beam: Int?) throws -> Int {
        var meter = ProgressMeter("vectors looked for", unit: "vectors", total: rows.count)
        defer { meter.finish() }
        var missing = 0
        for (key, row) in rows.enumerated() {
            let vector = try base.floats(rows: row..<row + 1)
            let near = Near("vector", vector, beam: beam)
            let found = try memory.find(Find("vectors", near: near, limit: 1, select: []))
            let own: Float =
                switch metric {
                case .cosine: 1
                case .dot: vector.reduce(0) { $0 + $1 * $1 }
                case .l2: 0
                }
            if key % 100 == 99 { meter.advance(to: key + 1) }
            if let best = found.rows.first,
                best.record.reference.key == .int(Int64(key))
                    || best.score >= own - 1e-4 * (1 + own)
            {
                continue
            }
            missing += 1
        }
        return missing
    }
}
