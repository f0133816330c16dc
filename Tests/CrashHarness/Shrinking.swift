// Making a failing run small: processes, operations and changes are taken out as long as what is
// left still fails with the same. Where an ending has another outcome without them, some more
// outcomes are tried.

internal import MnemeBase
internal import MnemeModel

/// What is left of a script: which phases, which operations of each, which changes of each.
package struct Selection: Sendable, Hashable {
    struct Pick: Sendable, Hashable {
        /// The operation's number.
        var number: Int
        /// The changes of its commit; nil for all of them, or where there is none.
        var changes: [Int]?
    }

    struct Part: Sendable, Hashable {
        /// The phase's place in the script.
        var phase: Int
        var picks: [Pick]
        /// The places of its damage in the phase's list.
        var damage: [Int] = []
        var ending: EndingPoint?
    }

    var parts: [Part]

    /// All of a script.
    init(_ script: Script) {
        parts = script.phases.enumerated().map { index, phase in
            Part(
                phase: index,
                picks: phase.operations.map { Pick(number: $0.number) },
                damage: Array(phase.damage.indices),
                ending: phase.ending
            )
        }
    }

    init(parts: [Part]) { self.parts = parts }

    var count: Int { parts.reduce(0) { $0 + $1.picks.count } }
}

extension Script {
    /// What a selection leaves of it; nil when it names what is not there.
    package func selecting(_ selection: Selection) -> Script? {
        var next = self
        next.phases = []
        for part in selection.parts {
            guard phases.indices.contains(part.phase) else { return nil }
            var phase = phases[part.phase]
            let known = phase.operations
            phase.operations = []
            for pick in part.picks {
                guard let scripted = known.first(where: { $0.number == pick.number }),
                    let reduced = scripted.operation.keeping(pick.changes)
                else { return nil }
                phase.operations.append(
                    ScriptedOperation(number: pick.number, operation: reduced)
                )
            }
            guard part.damage.allSatisfy(phase.damage.indices.contains) else { return nil }
            phase.damage = part.damage.map { phase.damage[$0] }
            phase.ending = part.ending
            next.phases.append(phase)
        }
        return next
    }
}

extension Operation {
    /// The changes of its commit, nil where there is none.
    var changes: [Change]? {
        switch self {
        case .commit(let changes, _), .interrupted(_, let changes, _), .once(_, let changes, _):
            changes
        default: nil
        }
    }

    /// With these changes of its commit alone; nil when they are not there.
    func keeping(_ places: [Int]?) -> Operation? {
        guard let places else { return self }
        guard let changes, places.allSatisfy(changes.indices.contains) else { return nil }
        let rest = places.map { changes[$0] }
        switch self {
        case .commit(_, let durability): return .commit(rest, durability)
        case .once(let key, _, let durability): return .once(key, rest, durability)
        case .interrupted(let after, _, let durability):
            return .interrupted(after: after, rest, durability)
        default: return nil
        }
    }
}

/// Takes out of a failing script what it fails without.
package struct Shrinking {
    private let script: Script
    private let stage: ScriptStage
    /// Scripts that may still be carried out.
    private var budget: Int
    /// Outcomes of the endings that are tried for each.
    private let outcomes: Int
    /// What is left.
    package private(set) var selection: Selection
    /// What the whole script fails with.
    ///
    /// What is left fails with the same: an operation that makes no sense without another one,
    /// which was taken out, fails too, and says nothing.
    private var kind: String?

    /// A script that fails on a stage.
    package init(_ script: Script, _ stage: ScriptStage, budget: Int = 3000, outcomes: Int = 6) {
        self.script = script
        self.stage = stage
        self.budget = budget
        self.outcomes = outcomes
        selection = Selection(script)
    }

    /// Makes it small.
    ///
    /// - Returns: what the smallest script fails with; nil when the whole one does not fail again.
    package mutating func shrink() -> HarnessFailure? {
        guard attempt(selection) else { return nil }
        var before = Int.max
        while selection.count + selection.parts.count < before, budget > 0 {
            before = selection.count + selection.parts.count
            dropPhases()
            for part in selection.parts.indices { dropOperations(part) }
        }
        for part in selection.parts.indices {
            dropChanges(part)
            for place in selection.parts[part].damage {
                var fewer = selection
                fewer.parts[part].damage.removeAll { $0 == place }
                _ = attempt(fewer)
            }
            simplifyEnding(part)
        }
        return failure(selection)
    }

    private mutating func dropPhases() {
        for place in selection.parts.indices.reversed() where selection.parts.count > 1 {
            var fewer = selection
            fewer.parts.remove(at: place)
            // The last process is the one that reads back.
            fewer.parts[fewer.parts.count - 1].ending = nil
            _ = attempt(fewer)
        }
    }

    /// Halves, quarters and so on down to single operations.
    private mutating func dropOperations(_ part: Int) {
        var size = max(1, selection.parts[part].picks.count / 2)
        while true {
            var start = 0
            while start < selection.parts[part].picks.count {
                var fewer = selection
                let end = min(start + size, fewer.parts[part].picks.count)
                fewer.parts[part].picks.removeSubrange(start..<end)
                if !attempt(fewer) { start += size }
            }
            if size == 1 { return }
            size /= 2
        }
    }

    private mutating func dropChanges(_ part: Int) {
        for index in selection.parts[part].picks.indices {
            let pick = selection.parts[part].picks[index]
            guard
                let operation = script.phases[selection.parts[part].phase].operations
                    .first(where: { $0.number == pick.number })?.operation,
                var places = operation.changes.map({ Array($0.indices) })
            else { continue }
            for place in places.reversed() where places.count > 1 {
                var fewer = selection
                fewer.parts[part].picks[index].changes = places.filter { $0 != place }
                if attempt(fewer) { places.removeAll { $0 == place } }
            }
        }
    }

    private mutating func simplifyEnding(_ part: Int) {
        for kind in [Ending.kill, .powerCutDroppingAll] {
            guard let ending = selection.parts[part].ending, ending.kind != kind,
                ending.kind != .close
            else { return }
            var simpler = selection
            simpler.parts[part].ending?.kind = kind
            if attempt(simpler) { return }
        }
    }

    /// Takes a smaller selection over if some outcome of it fails as the whole does.
    private mutating func attempt(_ smaller: Selection) -> Bool {
        for outcome in 0..<UInt64(outcomes) where budget > 0 {
            var candidate = smaller
            var isChance = false
            for part in candidate.parts.indices {
                guard let ending = candidate.parts[part].ending, ending.kind == .powerCut else {
                    continue
                }
                isChance = true
                candidate.parts[part].ending?.seed = ending.seed &+ outcome &* 0x9e37_79b9
            }
            if outcome > 0, !isChance { return false }
            budget -= 1
            if let found = failure(candidate), found.kind == kind ?? found.kind {
                kind = found.kind
                selection = candidate
                return true
            }
        }
        return false
    }

    private func failure(_ selection: Selection) -> HarnessFailure? {
        guard let script = script.selecting(selection) else { return nil }
        do throws(HarnessFailure) {
            try stage.run(script)
            return nil
        } catch {
            return error
        }
    }
}
