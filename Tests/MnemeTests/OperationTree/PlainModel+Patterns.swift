// Patterns of the model: every record in the place of every node, and each of the steps held
// against it. formats/operations.md#pattern

import MnemeModel

/// What a row of a pattern stands for.
private struct PlainRow {
    var nodes: [String: Reference] = [:]
    /// The edges of the steps that have names.
    var edges: [String: Edge] = [:]
}

extension PlainModel {
    /// What all edge types of the dice have.
    private static let properties = Collection(
        "edges",
        fields: [Field("w", .int), Field("s", .text)]
    )

    /// What is wrong with an answer; nil where nothing is.
    func fault(of matched: Matched, _ pattern: Pattern) throws(Refusal) -> String? {
        guard matched.isComplete else { return "not complete" }
        var rows: [(row: [String: Value], place: [Value])] = []
        for row in try self.rows(of: pattern) {
            rows.append((selected(row, pattern), pattern.order.map { value($0.field, of: row) }))
        }
        func order(_ a: [Value], _ b: [Value]) -> Int {
            for (index, part) in pattern.order.enumerated() {
                let result = Naive.order(a[index], b[index])
                if result != 0 { return part.isDescending ? -result : result }
            }
            return 0
        }
        if pattern.isDistinct {
            // Of those that have the same the first one counts.
            var first: [[String: Value]: [Value]] = [:]
            for (row, place) in rows {
                if let known = first[row], order(known, place) <= 0 { continue }
                first[row] = place
            }
            rows = first.map { ($0.key, $0.value) }
        }
        if pattern.isCountOnly {
            return matched.count == rows.count && matched.rows.isEmpty
                ? nil : "\(matched.count) counted, wanted \(rows.count)"
        }
        let places = rows.map(\.place).sorted { order($0, $1) < 0 }
            .dropFirst(pattern.offset).prefix(pattern.limit)
        guard matched.rows.count == places.count, matched.count == places.count else {
            return "\(matched.rows.count) rows, wanted \(places.count) of \(rows.count)"
        }
        for (told, place) in zip(matched.rows, places) {
            let found = rows.firstIndex { $0.row == told && order($0.place, place) == 0 }
            guard let found else {
                return "row \(told), which is none, came too often, or not in its place"
            }
            rows.remove(at: found)
        }
        return nil
    }

    /// What a pattern is refused for.
    func check(_ pattern: Pattern) throws(Refusal) { _ = try rows(of: pattern) }

    private func selected(_ row: PlainRow, _ pattern: Pattern) -> [String: Value] {
        let names =
            pattern.select
            ?? pattern.nodes.keys.sorted() + pattern.steps.compactMap(\.name)
        var selected: [String: Value] = [:]
        for name in names {
            let value = value(name, of: row)
            if !value.isNull { selected[name] = value }
        }
        return selected
    }

    private func value(_ name: String, of row: PlainRow) -> Value {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        if let reference = row.nodes[parts[0]] {
            guard parts.count > 1, let item = items[reference] else { return reference.spelling }
            return PlainModel.value(parts[1], reference, item)
        }
        guard let edge = row.edges[parts[0]] else { return .null }
        switch parts.count > 1 ? parts[1] : PseudoField.id {
        case PseudoField.id: return .int(Int64(edge.id))
        case PseudoField.from: return edge.from.spelling
        case PseudoField.to: return edge.to.spelling
        case let field: return edge.fields[field] ?? .null
        }
    }

    /// All rows of a pattern, in no order.
    private func rows(of pattern: Pattern) throws(Refusal) -> [PlainRow] {
        let names = pattern.nodes.keys.sorted()
        var known: [(name: String, references: [Reference])] = []
        for name in names {
            guard let node = pattern.nodes[name] else { continue }
            known.append((name, try candidates(node, pattern)))
        }
        var hasOwners = false
        for node in pattern.nodes.values {
            if try collection(node.collection).roles.owner != nil { hasOwners = true }
        }
        if pattern.owner != nil, !hasOwners { throw Refusal(.badOwner) }
        for step in pattern.steps {
            guard case .edges(let types, _, let filter, _) = step.way else { continue }
            for type in types ?? [] { _ = try edgeType(type) }
            if let filter { _ = try checked(filter, PlainModel.properties) }
        }
        var rows: [PlainRow] = [PlainRow()]
        var bound: Set<String> = []
        for (name, references) in known {
            bound.insert(name)
            let steps = pattern.steps.filter { step in
                bound.isSuperset(of: [step.from, step.to]) && [step.from, step.to].contains(name)
            }
            var next: [PlainRow] = []
            for row in rows {
                for reference in references where isFree(reference, name, row, pattern) {
                    var row = row
                    row.nodes[name] = reference
                    var joined = [row]
                    for step in steps {
                        var wider: [PlainRow] = []
                        for row in joined { wider += try join(row, step, pattern) }
                        joined = wider
                    }
                    next += joined
                }
            }
            rows = next
        }
        return rows
    }

    private func isFree(
        _ reference: Reference,
        _ name: String,
        _ row: PlainRow,
        _ pattern: Pattern
    ) -> Bool {
        for list in pattern.different where list.contains(name) {
            for other in list where other != name && row.nodes[other] == reference { return false }
        }
        return true
    }

    private func candidates(
        _ node: PatternNode,
        _ pattern: Pattern
    ) throws(Refusal) -> [Reference] {
        let collection = try collection(node.collection)
        var keys: [Key]?
        if let given = node.keys {
            var coerced: [Key] = []
            for key in given { coerced.append(try self.key(key, collection)) }
            keys = coerced
        }
        var found = try matching(
            node.collection,
            node.owner,
            node.filter,
            asOf: collection.knowsValidity ? pattern.asOf : Instant?.none
        )
        if let owner = pattern.owner, collection.roles.owner != nil {
            let owned = try matching(node.collection, owner, Filter?.none).map(\.reference)
            found.removeAll { !owned.contains($0.reference) }
        }
        if let keys { found.removeAll { !keys.contains($0.reference.key) } }
        return found.map(\.reference)
    }

    /// The row where a step joins its records: once, or for each edge of a step with a name.
    private func join(
        _ row: PlainRow,
        _ step: PatternStep,
        _ pattern: Pattern
    ) throws(Refusal) -> [PlainRow] {
        guard let from = row.nodes[step.from], let to = row.nodes[step.to],
            let left = items[from], let right = items[to]
        else { return [] }
        switch step.way {
        case .edges(let types, let direction, let filter, let hops):
            var test: Filter?
            if let filter { test = try checked(filter, PlainModel.properties) }
            let all = edges.filter { edge in
                (types?.contains(edge.type) ?? true)
                    && (test.map { Naive.holds($0) { edge.fields[$0] ?? .null } } ?? true)
            }
            guard hops == 1 else {
                return reach(from, all, direction, hops, pattern).contains(to) ? [row] : []
            }
            let joining = all.filter { neighbours(from, $0, direction).contains(to) }
            guard let name = step.name else { return joining.isEmpty ? [] : [row] }
            return joining.map { edge in
                var row = row
                row.edges[name] = edge
                return row
            }
        case .reference(let name):
            let collection = try collection(from.collection)
            guard
                let rule = collection.references.first(where: {
                    $0.name == name && $0.to == to.collection
                }
                ), let target = self.name(of: to, right.fields, rule)
            else { return [] }
            return names(left.fields, rule).contains(target) ? [row] : []
        case .equal(let pairs):
            for (one, other) in pairs {
                let value = PlainModel.value(one, from, left)
                guard !value.isNull, Naive.same(value, PlainModel.value(other, to, right)) else {
                    return []
                }
            }
            return [row]
        }
    }

    /// Where an edge leads from a record; a loop leads back.
    private func neighbours(
        _ node: Reference,
        _ edge: Edge,
        _ direction: Direction
    ) -> [Reference] {
        let isBoth =
            direction == .both
            || schema.edgeTypes.first { $0.name == edge.type }?.isUndirected ?? false
        var ends: [Reference] = []
        if edge.from == node, isBoth || direction == .out { ends.append(edge.to) }
        if edge.to == node, isBoth || direction == .in { ends.append(edge.from) }
        return ends
    }

    /// What 1 to so many edges lead to, through what the pattern may pass through.
    private func reach(
        _ from: Reference,
        _ all: [Edge],
        _ direction: Direction,
        _ hops: Int,
        _ pattern: Pattern
    ) -> Set<Reference> {
        var reached: Set<Reference> = []
        var wave: Set<Reference> = [from]
        for _ in 0..<hops {
            var next: Set<Reference> = []
            for node in wave {
                for edge in all { next.formUnion(neighbours(node, edge, direction)) }
            }
            wave = next.filter { isPassable($0, pattern) }
            reached.formUnion(wave)
        }
        return reached
    }

    private func isPassable(_ reference: Reference, _ pattern: Pattern) -> Bool {
        guard sees(reference, Sight()), let item = items[reference],
            let collection = schema.collections.first(where: { $0.name == reference.collection })
        else { return false }
        if let instant = pattern.asOf, !PlainModel.isTrue(item, at: instant, collection) {
            return false
        }
        guard let owner = pattern.owner, let role = collection.roles.owner else { return true }
        let path = item.fields[role]?.text ?? ""
        return path == owner || path.hasPrefix(owner + "/")
    }
}
