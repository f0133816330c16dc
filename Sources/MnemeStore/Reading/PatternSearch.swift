// Searching for what fits a pattern: depth first, stage by stage, so that no more is held than one
// row and what leads on from its records. Whatever is looked at counts as work, and when that is
// used up the search ends. What leads on from a record is kept, as long as it is little
// (`PatternNeighbours.swift`); whether a record may stand for a node is found out once.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// What a search knows of one node.
struct PatternNodeState {
    let collection: CollectionEntry
    let find: Find
    let scope: OwnerScope
    let ownerPath: String?
    /// The records of its keys; nil where every record may be meant.
    let given: [UInt64]?
    let isGiven: Set<UInt64>
    let plan: FindPlan
    /// All of what must hold.
    var test: RecordTest
    /// Whether records may stand for it, as far as that was asked.
    var verdicts: [UInt64: Bool] = [:]
    /// What was read of the record that it stands for.
    var values: PatternValues
}

/// A record that a step leads to, and the edge that does; 0 where there is none.
struct PatternNeighbour {
    let node: UInt64
    let edge: UInt64
}

/// One search.
struct PatternSearch {
    let state: StateReader
    let pattern: CheckedPattern
    let plan: PatternPlan
    var nodes: [PatternNodeState]
    /// The record of each node, `.max` where it has none.
    private(set) var bound: [UInt64]
    /// The edge of each step that has a name.
    private(set) var edges: [UInt64]
    private(set) var work = 0
    /// Whether the work was used up.
    private(set) var isCut = false
    /// Whether nothing more is wanted.
    private(set) var isOver = false
    private var wanted = WantedCheck()
    /// Why nobody waits for the answer any more, where that is so.
    private var unwanted: StoreError?
    /// By stage: what was looked at, and how many rows there were behind it.
    private(set) var looked: [Int]
    private(set) var passed: [Int]
    var known: PatternKnowledge
    var rows: PatternRows

    /// Gets ready; the order of the search is chosen.
    init(_ pattern: CheckedPattern, _ state: StateReader) throws(StoreError) {
        self.state = state
        self.pattern = pattern
        rows = PatternRows(pattern)
        var nodes: [PatternNodeState] = []
        var candidates: [Int] = []
        for (place, node) in pattern.nodes.enumerated() {
            let made = try Self.nodeState(node, pattern.shape.fields[place], state)
            let total = state.state.roots.counts[node.collection.number] ?? 0
            candidates.append(min(made.given?.count ?? .max, made.plan.expected ?? total))
            nodes.append(made)
        }
        self.nodes = nodes
        plan = PatternPlan(pattern, candidates: candidates, state.state.roots.counts)
        bound = Array(repeating: .max, count: nodes.count)
        edges = Array(repeating: 0, count: pattern.named.count)
        looked = Array(repeating: 0, count: plan.stages.count)
        passed = looked
        known = try PatternKnowledge(pattern, plan, state)
    }

    private static func nodeState(
        _ node: CheckedPattern.Node,
        _ fields: [String],
        _ state: StateReader
    ) throws(StoreError) -> PatternNodeState {
        let find = node.find
        let scope = node.isNobodys ? OwnerScope.nobody : try state.scope(node.owner)
        let path = try state.singleOwnerPath(node.owner, scope)
        var given: [UInt64]?
        if let keys = node.keys {
            var ordinals: [UInt64] = []
            var seen: Set<UInt64> = []
            for key in keys {
                guard let (ordinal, _) = try state.version(node.collection, key),
                    seen.insert(ordinal).inserted
                else { continue }
                ordinals.append(ordinal)
            }
            given = ordinals
        }
        if case .nobody = scope { given = [] }
        return PatternNodeState(
            collection: node.collection,
            find: find,
            scope: scope,
            ownerPath: path,
            given: given,
            isGiven: Set(given ?? []),
            plan: try state.plan(find, node.collection, path),
            test: RecordTest(find.filter, node.collection, state.reader(keeps: false)),
            values: PatternValues(fields, node.collection)
        )
    }

    /// Searches.
    mutating func run() throws(StoreError) {
        if pattern.asked.limit == 0, !pattern.asked.isCountOnly { return }
        try run(0)
        if let unwanted { throw unwanted }
    }

    /// Counts what is looked at; false when there was too much.
    mutating func spend(_ count: Int, at stage: Int) -> Bool {
        looked[stage] += count
        work += count
        if work > pattern.asked.work { (isCut, isOver) = (true, true) }
        do throws(StoreError) {
            try wanted.passed(work, state)
        } catch {
            (unwanted, isOver) = (error, true)
        }
        return !isOver
    }

    private mutating func run(_ index: Int) throws(StoreError) {
        guard index < plan.stages.count else {
            if !(try rows.take(&nodes, bound, edges, state)) { isOver = true }
            return
        }
        switch plan.stages[index] {
        case .scan(let node): try scan(node, at: index)
        case .expand(let step, let from, let to):
            let place = pattern.steps[step].place
            for other in try neighbours(step, from: from, at: index) {
                guard spend(1, at: index) else { return }
                guard differs(other.node, at: to), try admits(other.node, at: to) else { continue }
                bound[to] = other.node
                if let place { edges[place] = other.edge }
                try goOn(behind: index)
                if isOver { return }
            }
            bound[to] = .max
        case .close(let step, let from, let to):
            let found = try joining(step, from: from, to: to, at: index)
            guard spend(1, at: index) else { return }
            for edge in found {
                if let place = pattern.steps[step].place { edges[place] = edge }
                try goOn(behind: index)
                if isOver { return }
            }
        }
    }

    private mutating func goOn(behind index: Int) throws(StoreError) {
        passed[index] += 1
        try run(index + 1)
    }

    private mutating func scan(_ node: Int, at index: Int) throws(StoreError) {
        if let given = nodes[node].given {
            for ordinal in given {
                guard spend(1, at: index) else { return }
                guard try admits(ordinal, at: node) else { continue }
                bound[node] = ordinal
                try goOn(behind: index)
                if isOver { return }
            }
            bound[node] = .max
            return
        }
        let plan = nodes[node].plan
        let number = nodes[node].collection.number
        var test = RecordTest(plan.held, nodes[node].collection, state.reader(keeps: false))
        var walk = try PlanWalk(plan, state)
        while let ordinal = try walk.next() {
            guard spend(1, at: index) else { return }
            guard let entry = try state.visibleEntry(ordinal), entry.collection == number,
                nodes[node].scope.contains(entry.owner), try test.passes(entry)
            else { continue }
            note(ordinal, at: node, true)
            bound[node] = ordinal
            try goOn(behind: index)
            if isOver { return }
        }
        bound[node] = .max
    }

    /// More verdicts than these are not kept.
    private static let mostVerdicts = 1 << 16

    mutating func note(_ ordinal: UInt64, at node: Int, _ verdict: Bool) {
        if nodes[node].verdicts.count < Self.mostVerdicts {
            nodes[node].verdicts[ordinal] = verdict
        }
    }

    /// Whether a record may stand for a node.
    private mutating func admits(
        _ ordinal: UInt64,
        at node: Int
    ) throws(StoreError) -> Bool {
        if nodes[node].given != nil, !nodes[node].isGiven.contains(ordinal) { return false }
        if let known = nodes[node].verdicts[ordinal] { return known }
        var verdict = false
        if let entry = try state.visibleEntry(ordinal),
            entry.collection == nodes[node].collection.number,
            entry.flags & OrdinalFlags.edge == 0, nodes[node].scope.contains(entry.owner)
        {
            verdict = try nodes[node].test.passes(entry)
        }
        note(ordinal, at: node, verdict)
        return verdict
    }

    private func differs(_ ordinal: UInt64, at node: Int) -> Bool {
        pattern.differs[node].allSatisfy { bound[$0] != ordinal }
    }
}
