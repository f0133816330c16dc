// The scores of the records of a timeline: what each signal came to, what it weighs, and the sum.
// Pure.

internal import MnemeModel
internal import MnemeRecall

/// Scores by place in a timeline.
struct TimelineScores {
    /// What a signal came to, for each record.
    private struct Row {
        let signal: Signal
        var weight: Double
        var raw: [Float]
        var strengths: [Float]
    }

    let timeline: Timeline
    private let now: Instant
    private var rows: [Row] = []
    /// How the signals are put together.
    private let fusion: RecallFusion
    private(set) var total: [Double]
    /// The sum of the weights that speak for a record.
    private var most = 0.0
    private var divisor = 1.0
    /// In which walk a record was reached and where in it, by its place.
    private(set) var steps: [Int: (walk: Int, step: Int)] = [:]

    init(_ timeline: Timeline, _ now: Instant, fusion: RecallFusion = .weighted) {
        self.timeline = timeline
        self.fusion = fusion
        self.now = now
        total = [Double](repeating: 0, count: timeline.count)
    }

    /// Adds a signal; of one that is there already the better strength of each record.
    mutating func add(_ signal: Signal, _ weight: Double, _ strengths: [Float], raw: [Float]) {
        guard let known = rows.firstIndex(where: { $0.signal == signal }) else {
            if weight != 0 {
                rows.append(Row(signal: signal, weight: weight, raw: raw, strengths: strengths))
            }
            return
        }
        for index in strengths.indices where strengths[index] > rows[known].strengths[index] {
            rows[known].strengths[index] = strengths[index]
            rows[known].raw[index] = raw[index]
        }
    }

    /// Adds how long ago each record was; nothing where no time is known of any.
    ///
    /// `accesses`: how each was used; nil where none ever was.
    mutating func addRecency(_ weight: Double, _ accesses: [Access?]?) {
        guard timeline.hasTimes else { return }
        var (raw, strengths): ([Float], [Float]) = ([], [])
        raw.reserveCapacity(timeline.count)
        strengths.reserveCapacity(timeline.count)
        for (place, entry) in timeline.entries.enumerated() {
            let recency = Strength.recency(
                since: entry.time,
                now: now,
                accesses?[place],
                rate: entry.decayRate.map { Double($0) },
                isPinned: entry.marks.contains(.pinned)
            )
            raw.append(Float(recency.days))
            strengths.append(Float(recency.strength))
        }
        add(.recency, weight, strengths, raw: raw)
    }

    /// Adds how important each record was said to be, and how sure.
    mutating func addImportance(_ weight: Double) {
        guard timeline.hasImportances else { return }
        let raw = timeline.entries.map { $0.importance ?? 0.5 }
        let strengths = timeline.entries.map { entry in
            min(max((entry.importance ?? 0.5) * (entry.confidence ?? 1), 0), 1)
        }
        add(.importance, weight, strengths, raw: raw)
    }

    /// Adds everything up.
    ///
    /// Where weights are shared, those of signals that speak for any record come to 1.
    mutating func finish(sharesWeights: Bool) {
        if fusion != .weighted {
            for row in rows.indices { rows[row].strengths = fusion.strengths(rows[row].strengths) }
        }
        most = rows.reduce(0) { sum, row in
            row.weight > 0 && row.strengths.contains { $0 > 0 } ? sum + row.weight : sum
        }
        if sharesWeights, most > 0 {
            divisor = most
            for row in rows.indices { rows[row].weight /= divisor }
            most = 1
        }
        for row in rows {
            for index in total.indices {
                total[index] += row.weight * Double(row.strengths[index])
            }
        }
    }

    /// Takes another strength of a record in the place of one that was rough.
    mutating func correct(_ signal: Signal, _ index: Int, _ strength: Float, raw: Float) {
        guard let row = rows.firstIndex(where: { $0.signal == signal }) else { return }
        total[index] += rows[row].weight * Double(strength - rows[row].strengths[index])
        rows[row].strengths[index] = strength
        rows[row].raw[index] = raw
    }

    /// Adds what edges brought: of each record the strongest.
    mutating func addReached(
        _ weight: Double,
        _ found: [(index: Int, hops: Int, strength: Double, step: (walk: Int, step: Int))]
    ) {
        let nothing = [Float](repeating: 0, count: timeline.count)
        var row = Row(signal: .graph, weight: weight / divisor, raw: nothing, strengths: nothing)
        for one in found where Float(one.strength) > row.strengths[one.index] {
            row.strengths[one.index] = Float(one.strength)
            row.raw[one.index] = Float(one.hops)
            steps[one.index] = one.step
        }
        if fusion != .weighted { row.strengths = fusion.strengths(row.strengths) }
        for index in steps.keys { total[index] += row.weight * Double(row.strengths[index]) }
        rows.append(row)
    }

    /// How much of what could speak for a record does, 0 … 1.
    func share(_ index: Int) -> Double { most > 0 ? min(max(total[index] / most, 0), 1) : 0 }

    /// The best cosine of a record, −1 where no vector was asked for.
    func bestCosine(_ index: Int) -> Double {
        let cosines = rows.filter { [.vector, .meaning].contains($0.signal) }.map { $0.raw[index] }
        return Double(cosines.max() ?? -1)
    }

    /// The records, the best first; among equals what came first into the store.
    ///
    /// Past `count`, which is not negative, the others are sorted when somebody comes so far.
    func inOrder(atFirst count: Int) -> some Sequence<Int> {
        let first = best(min(count + Self.beyond, 64))
        var place = 0
        var all: [Int] = []
        return AnyIterator {
            defer { place += 1 }
            if place < first.count { return first[place] }
            if all.isEmpty { all = total.indices.sorted(by: isBetter) }
            return place < all.count ? all[place] : nil
        }
    }

    /// The best few.
    ///
    /// - Complexity: O(records · log count).
    func best(_ count: Int) -> [Int] {
        var best: [Int] = []
        for index in total.indices {
            if best.count == count, let last = best.last, !isBetter(index, last) { continue }
            let place = best.firstIndex { isBetter(index, $0) } ?? best.count
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }

    private func isBetter(_ left: Int, _ right: Int) -> Bool {
        total[left] != total[right]
            ? total[left] > total[right]
            : timeline.entries[left].ordinal < timeline.entries[right].ordinal
    }

    /// So many more are looked at than are wanted: what is left out is named, and one is looked at
    /// to see that it is enough.
    private static let beyond = 11

    private static let listed: Set<Signal> = [.vector, .meaning, .window, .text, .time, .graph]

    /// The parts of a record's score, in the order of the signals.
    func parts(_ index: Int) -> [Recalled.Part] {
        rows.compactMap { row in
            let strength = row.strengths[index]
            guard strength != 0 || [.vector, .meaning, .window].contains(row.signal) else {
                return nil
            }
            // What is a yes or no, or known without the question, makes no list.
            let isListed = strength > 0 && Self.listed.contains(row.signal)
            return Recalled.Part(
                signal: row.signal,
                raw: Double(row.raw[index]),
                strength: Double(strength),
                weight: row.weight,
                rank: isListed ? row.strengths.count { $0 > strength } + 1 : 0
            )
        }
    }
}
