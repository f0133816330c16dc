// What a pattern means, said as plainly as can be: every record in the place of every node, and
// each of the steps held against it. The patterns themselves are made in
// `PatternDice.swift`.

package import MnemeModel

/// Records and edges in plain lists.
package struct PatternModel {
    /// Those that are there.
    package var records: [Reference: [String: Value]] = [:]
    /// Those between records that are there.
    package var lines: [Edge] = []

    /// Nothing.
    package init() {}

    /// When patterns ask for what was true.
    package static let instant = Instant(microseconds: 500)

    /// People, facts about them and edges of three kinds.
    package static let schema: Schema = {
        var owned = Roles()
        owned.owner = "owner"
        owned.validFrom = "from"
        let weight = Field("weight", .int)
        return Schema(
            collections: [
                Collection(
                    "people",
                    fields: [
                        Field("team", .text), Field("age", .int), Field("mail", .text),
                    ],
                    indexes: [
                        Index("byMail", on: ["mail"], isUnique: true, hasDistinctNulls: true),
                        Index("byTeam", on: ["team", "age"]),
                    ]
                ),
                Collection(
                    "facts",
                    key: .int,
                    fields: [
                        Field("owner", .text), Field("kind", .text), Field("age", .int),
                        Field("about", .text), Field("sender", .text),
                        Field("cited", .array(.text)), Field("from", .instant),
                    ],
                    indexes: [Index("byKind", on: ["owner", "kind"])],
                    references: [
                        ReferenceRule("about", ["about"], to: "people", onDelete: .setNull),
                        ReferenceRule(
                            "sender",
                            ["sender"],
                            to: "people",
                            on: ["mail"],
                            onDelete: .setNull
                        ),
                        ReferenceRule("cited", ["cited"], to: "people", onDelete: .setNull),
                    ],
                    roles: owned
                ),
            ],
            edgeTypes: [
                EdgeType("cites", fields: [weight]),
                EdgeType(
                    "knows",
                    from: "people",
                    to: "people",
                    fields: [weight],
                    isUndirected: true
                ),
                EdgeType("holds", from: "people", to: "facts", fields: [weight]),
            ]
        )
    }()

    /// How a row of an answer is written down.
    package typealias Row = [String: Value]

    /// The rows of a pattern, in no order.
    ///
    /// - Complexity: O(recordsⁿ) for *n* nodes.
    package func rows(_ pattern: Pattern) -> [Row] {
        let names = pattern.nodes.keys.sorted()
        var rows: [Row] = []
        var chosen: [String: Reference] = [:]
        func choose(_ index: Int) {
            guard index < names.count else {
                rows += self.rows(of: chosen, pattern)
                return
            }
            guard let node = pattern.nodes[names[index]] else { return }
            for reference in records.keys where isMeant(reference, node, pattern) {
                let isFree = pattern.different.allSatisfy { list in
                    !list.contains(names[index])
                        || !list.contains { $0 != names[index] && chosen[$0] == reference }
                }
                guard isFree else { continue }
                chosen[names[index]] = reference
                choose(index + 1)
                chosen[names[index]] = nil
            }
        }
        choose(0)
        return rows
    }

    private func isMeant(
        _ reference: Reference,
        _ node: PatternNode,
        _ pattern: Pattern
    ) -> Bool {
        guard reference.collection == node.collection, isPassable(reference, pattern) else {
            return false
        }
        if let keys = node.keys, !keys.contains(reference.key) { return false }
        if let owner = node.owner, !isOwned(reference, owner) { return false }
        return node.filter?.holds { value(reference, $0) } ?? true
    }

    private func isOwned(_ reference: Reference, _ owner: String) -> Bool {
        guard case .text(let own)? = records[reference]?["owner"] else { return false }
        return own == owner || own.hasPrefix(owner + "/")
    }

    /// What holds of every record of a pattern.
    private func isPassable(_ reference: Reference, _ pattern: Pattern) -> Bool {
        guard reference.collection == "facts" else { return true }
        if let owner = pattern.owner, !isOwned(reference, owner) { return false }
        guard let instant = pattern.asOf, case .instant(let from)? = records[reference]?["from"]
        else { return true }
        return from <= instant
    }

    /// What a record has under a name.
    package func value(_ reference: Reference, _ name: String) -> Value {
        if name == PseudoField.key { return reference.key.value }
        return records[reference]?[name] ?? .null
    }

    /// The rows of one choice: one for each choice of edges for steps with names.
    private func rows(of chosen: [String: Reference], _ pattern: Pattern) -> [Row] {
        var rows: [Row] = [chosen.mapValues(\.spelling)]
        for step in pattern.steps {
            guard let from = chosen[step.from], let to = chosen[step.to] else { return [] }
            switch step.way {
            case .edges(let types, let direction, let filter, let hops):
                func follows(_ line: Edge) -> Bool {
                    (types?.contains(line.type) ?? true)
                        && filter?.holds { line.fields[$0] ?? .null } ?? true
                }
                let lines = lines.filter(follows)
                if hops > 1 {
                    if !reach(from, direction, lines, hops, pattern).contains(to) { return [] }
                } else {
                    let found = lines.filter { joins($0, from, to, direction) }
                    if found.isEmpty { return [] }
                    guard let name = step.name else { continue }
                    rows = rows.flatMap { row in
                        found.map { line in
                            var row = row
                            row[name] = .int(Int64(line.id))
                            return row
                        }
                    }
                }
            case .reference(let rule):
                if !names(from, rule, to) { return [] }
            case .equal(let pairs):
                let areEqual = pairs.allSatisfy { left, right in
                    let (a, b) = (value(from, left), value(to, right))
                    return !a.isNull && a == b
                }
                if !areEqual { return [] }
            }
        }
        return rows
    }

    private func joins(
        _ line: Edge,
        _ from: Reference,
        _ to: Reference,
        _ direction: Direction
    ) -> Bool {
        let isBoth = direction == .both || line.type == "knows"
        let isAlong = line.from == from && line.to == to
        let isAgainst = line.from == to && line.to == from
        return isAlong && (isBoth || direction == .out)
            || isAgainst && (isBoth || direction == .in)
    }

    private func names(_ from: Reference, _ rule: String, _ to: Reference) -> Bool {
        switch rule {
        case "about": return value(from, "about") == to.key.value
        case "sender":
            let mail = value(from, "sender")
            return !mail.isNull && mail == value(to, "mail")
        default:
            guard case .array(let cited) = value(from, "cited") else { return false }
            return cited.contains(to.key.value)
        }
    }

    private func reach(
        _ from: Reference,
        _ direction: Direction,
        _ lines: [Edge],
        _ hops: Int,
        _ pattern: Pattern
    ) -> Set<Reference> {
        var reached: Set<Reference> = []
        var wave: Set<Reference> = [from]
        for _ in 0..<hops {
            var next: Set<Reference> = []
            for node in wave {
                for line in lines {
                    for other in [line.from, line.to]
                    where joins(line, node, other, direction) && isPassable(other, pattern) {
                        next.insert(other)
                    }
                }
            }
            reached.formUnion(next)
            wave = next
        }
        return reached
    }
}
