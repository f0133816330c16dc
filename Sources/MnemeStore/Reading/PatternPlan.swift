// Choosing the order in which a pattern is searched: where it begins, and along which step it goes
// on. From every node it is tried on paper, always along the step that should lead to the fewest
// rows next, with what the store has counted: records, edges by type, entries of indexes. The way
// on which the fewest rows have to be looked at is taken. Every order finds the same rows.

internal import MnemeGraph
internal import MnemeModel

/// The order of a search.
struct PatternPlan {
    /// What is done for each row of the stage before.
    enum Stage {
        /// Goes through all records that a node may be.
        case scan(Int)
        /// Goes along a step from a node that has a record to one that has none.
        case expand(step: Int, from: Int, to: Int)
        /// Holds a step against two nodes that have records; the first one had its before.
        case close(step: Int, from: Int, to: Int)
    }

    private(set) var stages: [Stage] = []
    /// How many rows each should leave.
    private(set) var expected: [Double] = []
    /// What it should cost, in records that are looked at.
    private var cost = 0.0

    /// Chooses.
    ///
    /// `candidates`: about how many records each node may be.
    init(_ pattern: CheckedPattern, candidates: [Int], _ counts: [UInt16: Int]) {
        let figures = PatternFigures(pattern, candidates: candidates, counts)
        var best: PatternPlan?
        for start in pattern.nodes.indices {
            let plan = PatternPlan(from: start, pattern, figures)
            guard let known = best else {
                best = plan
                continue
            }
            if plan.cost < known.cost { best = plan }
        }
        if let best { self = best }
    }

    private init(from start: Int, _ pattern: CheckedPattern, _ figures: PatternFigures) {
        var order = [start]
        var rows = figures.candidates[start]
        var open = Set(pattern.steps.indices)
        cost = rows
        stages.append(.scan(start))
        expected.append(rows)
        while true {
            // What can be held against the row is, before it grows.
            for index in open.sorted() {
                let step = pattern.steps[index]
                guard let first = order.firstIndex(of: step.from),
                    let second = order.firstIndex(of: step.to)
                else { continue }
                open.remove(index)
                let isForward = first <= second
                let (from, to) = isForward ? (step.from, step.to) : (step.to, step.from)
                stages.append(.close(step: index, from: from, to: to))
                cost += rows
                rows *= figures.share(step, isForward: isForward)
                expected.append(rows)
            }
            var best: (step: Int, from: Int, to: Int, rows: Double, cost: Double)?
            for index in open.sorted() {
                let step = pattern.steps[index]
                let isForward = order.contains(step.from)
                guard isForward || order.contains(step.to) else { continue }
                let to = isForward ? step.to : step.from
                let fan = figures.fan(step, isForward: isForward)
                let next = rows * fan.width * figures.selectivity(to)
                let price = rows * (1 + fan.looked)
                if let known = best, (known.rows, known.cost) <= (next, price) { continue }
                best = (index, isForward ? step.from : step.to, to, next, price)
            }
            guard let next = best else { return }
            open.remove(next.step)
            order.append(next.to)
            stages.append(.expand(step: next.step, from: next.from, to: next.to))
            cost += next.cost
            rows = next.rows
            expected.append(rows)
        }
    }
}

/// What is known of a pattern's parts before it is searched.
private struct PatternFigures {
    let pattern: CheckedPattern
    /// How many records each node may be.
    let candidates: [Double]
    /// How many records its collection has, at least 1.
    private let totals: [Double]
    private let counts: [UInt16: Int]

    /// An array names so many records, for want of a figure.
    private static let named = 4.0

    init(_ pattern: CheckedPattern, candidates: [Int], _ counts: [UInt16: Int]) {
        self.pattern = pattern
        self.counts = counts
        self.candidates = candidates.map(Double.init)
        totals = pattern.nodes.map { node in
            max(1, Double(counts[node.collection.number] ?? 0))
        }
    }

    /// Which part of a collection's records a node may be.
    func selectivity(_ node: Int) -> Double { min(1, candidates[node] / totals[node]) }

    /// Which part of the pairs of two nodes' records a step joins.
    func share(_ step: CheckedPattern.Step, isForward: Bool) -> Double {
        let to = isForward ? step.to : step.from
        return min(1, fan(step, isForward: isForward).width / totals[to])
    }

    /// To how many records a step leads from one, and how many are looked at for that.
    func fan(
        _ step: CheckedPattern.Step,
        isForward: Bool
    ) -> (width: Double, looked: Double) {
        let (from, to) = isForward ? (step.from, step.to) : (step.to, step.from)
        switch step.way {
        case .edges(let edges): return fan(edges, from, to, isForward: isForward)
        case .reference(let reference):
            let width = reference.arrayPlace == nil ? 1 : Self.named
            guard !isForward else { return (width, width) }
            let naming = totals[from] > 0 ? totals[to] * width / totals[from] : 1
            return (naming, naming)
        case .equal(let pairs):
            let names = pairs.map { isForward ? $0.to : $0.from }
            return equal(names, to)
        }
    }

    private func fan(
        _ edges: CheckedPattern.Edges,
        _ from: Int,
        _ to: Int,
        isForward: Bool
    ) -> (width: Double, looked: Double) {
        let choice = isForward ? edges.forward : edges.backward
        let name = pattern.nodes[from].collection.schema.name
        var width = 0.0
        for entry in pattern.catalog.edgeTypes {
            let count = Double(counts[entry.number] ?? 0)
            if choice.follows(entry.number, on: .out), entry.type.from.map({ $0 == name }) ?? true {
                width += count
            }
            let arrives = entry.type.to.map { $0 == name } ?? true
            if choice.follows(entry.number, on: .arriving), arrives { width += count }
        }
        width /= totals[from]
        guard edges.hops > 1 else { return (width, width) }
        var (reached, wave) = (0.0, 1.0)
        for _ in 0..<edges.hops {
            wave *= width
            reached += wave
        }
        return (min(reached, totals[to]), reached)
    }

    /// An index over one of the fields should leave few; without one all records are looked at.
    private func equal(_ names: [String], _ to: Int) -> (width: Double, looked: Double) {
        let total = totals[to]
        if names.contains(PseudoField.key) { return (1, 1) }
        var best: Double?
        for entry in pattern.nodes[to].collection.indexes where entry.index.condition == nil {
            let fixed = entry.index.fields.prefix { names.contains($0.name) }.count
            guard fixed > 0 else { continue }
            let isWhole = entry.index.isUnique && fixed == entry.index.fields.count
            let width = isWhole ? 1 : total.squareRoot() / Double(fixed)
            best = min(best ?? width, width)
        }
        guard let best else { return (total.squareRoot(), total) }
        return (best, best)
    }
}
