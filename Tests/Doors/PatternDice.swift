// Random records, edges and patterns over them.

package import MnemeBase
package import MnemeModel

/// Random records, edges and patterns.
package struct PatternDice {
    /// Where choices come from.
    package let random: SeededRandomness

    private func pick<T>(_ values: [T]) -> T { values[random.below(values.count)] }
    private func chance(_ percent: Int) -> Bool { random.below(100) < percent }

    /// Random choices by a seed.
    package init(seed: UInt64) { random = SeededRandomness(seed: seed) }

    /// Puts records and edges through a door; some records expire then, and some edges go.
    package func fill(_ door: any Door) async throws -> PatternModel {
        try await door.define(PatternModel.schema)
        var model = PatternModel()
        var changes: [Change] = []
        var expired: [Change] = []
        for reference in Self.people + Self.facts {
            let fields = reference.collection == "people" ? person(reference) : fact(model)
            changes.append(.put(Put(reference.collection, reference.key, fields)))
            if chance(15) {
                let past = Patch.Expiry.at(Instant(microseconds: 1))
                expired.append(
                    .patch(Patch(reference.collection, reference.key, [], expiry: past))
                )
            } else {
                model.records[reference] = fields
            }
        }
        _ = try await door.commit(changes)
        for _ in 0..<40 { try await link(door, &model) }
        _ = try await door.commit(expired)
        return model
    }

    private static let people = (0..<7).map { Reference("people", .text("p\($0)")) }
    private static let facts = (0..<9).map { Reference("facts", .int(Int64($0))) }

    private func person(_ reference: Reference) -> [String: Value] {
        var fields: [String: Value] = ["age": .int(Int64(random.below(4)))]
        if chance(80) { fields["team"] = .text(pick(["red", "blue"])) }
        if chance(80) { fields["mail"] = .text("mail of \(reference.key)") }
        return fields
    }

    private func fact(_ model: PatternModel) -> [String: Value] {
        var fields: [String: Value] = [
            "owner": .text(pick(["ann", "ann/work", "bob", "annie"])),
            "kind": .text(pick(["a", "b"])), "age": .int(Int64(random.below(4))),
        ]
        let living = Self.people.filter { model.records[$0] != nil }
        func someone() -> Reference? { living.isEmpty ? nil : pick(living) }
        if chance(70), let one = someone() { fields["about"] = one.key.value }
        if chance(70), let one = someone(), let mail = model.records[one]?["mail"] {
            fields["sender"] = mail
        }
        let cited = (0..<random.below(4)).compactMap { _ in someone()?.key.value }
        if chance(80) { fields["cited"] = .array(cited) }
        if chance(60) { fields["from"] = .instant(Instant(microseconds: pick([400, 600]))) }
        return fields
    }

    /// An edge between any two, which may go again.
    private func link(_ door: any Door, _ model: inout PatternModel) async throws {
        let type = pick(["cites", "cites", "knows", "holds"])
        let from = pick(type == "cites" ? Self.people + Self.facts : Self.people)
        let to = pick(
            type == "cites"
                ? Self.people + Self.facts : type == "knows" ? Self.people : Self.facts
        )
        let fields: [String: Value] = ["weight": .int(Int64(random.below(4)))]
        let change = Change.link(Link(type, from: from, to: to, fields: fields))
        guard let id = try await door.commit([change]).outcomes.first?.madeEdge else { return }
        if chance(10) {
            _ = try await door.commit([.unlink(id)])
        } else if model.records[from] != nil, model.records[to] != nil {
            model.lines.append(Edge(id: id, type: type, from: from, to: to, fields: fields))
        }
    }

    /// A pattern of at most `most` nodes.
    package func pattern(most: Int) -> Pattern {
        let count = 1 + random.below(most)
        let names = (0..<count).map { "n\($0)" }
        var nodes: [String: PatternNode] = [:]
        for name in names { nodes[name] = node() }
        var pattern = Pattern(nodes)
        for index in 1..<max(1, count) {
            pattern.steps.append(step(names[index], names[random.below(index)], nodes))
        }
        for _ in 0..<random.below(3) {
            pattern.steps.append(step(pick(names), pick(names), nodes))
        }
        for (place, step) in pattern.steps.enumerated() {
            if case .edges(_, _, _, 1) = step.way, chance(50) {
                pattern.steps[place].name = "e\(place)"
            }
        }
        if count > 1, chance(30) { pattern.different = [names] }
        let hasFacts = nodes.values.contains { $0.collection == "facts" }
        if hasFacts, chance(25) { pattern.owner = pick(["ann", "ann/work", "bob"]) }
        if chance(25) { pattern.asOf = PatternModel.instant }
        pattern.limit = .max
        pattern.isExplained = chance(30)
        return pattern
    }

    private func node() -> PatternNode {
        if chance(50) {
            var node = PatternNode("people")
            if chance(15) { node.keys = ["p1", "p2", "none", "p2"] }
            if chance(30) {
                node.filter = pick([
                    .eq("team", "red"), .compare(field: "age", .gte(2)),
                    .compare(field: "$key", .isIn(["p1", "p3"])),
                ])
            }
            return node
        }
        var node = PatternNode("facts")
        if chance(15) { node.keys = [3, 4, 99] }
        if chance(20) { node.owner = pick(["ann", "bob", "ann/work", "nobody"]) }
        if chance(30) {
            node.filter = pick([
                .eq("kind", "a"), .compare(field: "age", .lt(2)),
                .compare(field: "cited", .any(["p1", "p4"])),
            ])
        }
        return node
    }

    private func step(
        _ one: String,
        _ other: String,
        _ nodes: [String: PatternNode]
    ) -> PatternStep {
        let (from, to) = chance(50) ? (one, other) : (other, one)
        let (source, target) = (nodes[from]?.collection, nodes[to]?.collection)
        if source == "facts", target == "people", chance(60) {
            return PatternStep(from, to: to, .reference(pick(["about", "sender", "cited"])))
        }
        if from != to, chance(25) {
            let pairs: [String: String] =
                source == "people" && target == "people"
                ? pick([["team": "team"], ["age": "age", "team": "team"]])
                : source == "facts" && target == "people"
                    ? pick([["about": "$key"], ["sender": "mail"], ["age": "age"]])
                    : source == "people" && target == "facts"
                        ? pick([["$key": "about"], ["age": "age"]])
                        : pick([["kind": "kind"], ["$key": "age"]])
            return PatternStep(from, to: to, .equal(pairs))
        }
        let types: [String]? = pick([nil, ["cites"], ["knows"], ["cites", "holds"], ["cites"]])
        let filter: Filter? = chance(30) ? .compare(field: "weight", .gte(2)) : Filter?.none
        let hops = chance(20) ? 2 + random.below(3) : 1
        return PatternStep(
            from,
            to: to,
            .edges(types, pick([.out, .in, .both]), where: filter, hops: hops)
        )
    }
}
