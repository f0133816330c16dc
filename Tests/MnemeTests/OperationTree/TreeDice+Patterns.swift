// Chance: patterns, and records that are put aside.

import MnemeModel

extension TreeDice {
    // MARK: Put aside

    /// Fields with roles by which records are put aside.
    func addMarks(_ fields: inout [Field], _ roles: inout Roles) {
        guard one(in: 3) else { return }
        if !one(in: 3) {
            fields.append(Field("da", .instant))
            roles.deletedAt = "da"
        }
        if one(in: 3) {
            let standard: Value? = one(in: 2) ? .bool(true) : Value?.none
            fields.append(Field("ac", .bool, isRequired: one(in: 2), standard: standard))
            roles.active = "ac"
        }
        if one(in: 3) {
            fields.append(Field("aa", .instant))
            roles.archivedAt = "aa"
        }
        if one(in: 3) {
            fields.append(Field("ar", .bool))
            roles.archived = "ar"
        }
    }

    /// What a field that puts records aside is given; nil for other fields.
    func mark(_ field: Field) -> Value? {
        switch field.name {
        case "ac": .bool(!one(in: 4))
        case "ar": .bool(one(in: 4))
        case "da", "aa": one(in: 4) ? value(.instant) : .null
        default: Value?.none
        }
    }

    func mark(_ reference: Reference, _ collection: Collection, _ model: PlainModel) -> Mark {
        let condition = one(in: 8) ? filter(collection, 1) : Filter?.none
        return Mark(
            pick(Mark.Kind.allCases),
            reference,
            version: version(reference, model),
            if: condition,
            returns: one(in: 3) ? pick(Returns.allCases) : Returns?.none
        )
    }

    /// What is put aside, asked for as a rule where there may be such.
    func sight(_ collection: Collection) -> Sight {
        let all = PlainModel.everything(collection)
        func wanted(_ has: Bool) -> Marked? {
            guard has ? one(in: 2) : one(in: 150) else { return Marked?.none }
            return one(in: 2) ? .include : .only
        }
        return Sight(
            deleted: wanted(all.deleted != nil),
            archived: wanted(all.archived != nil)
        )
    }

    /// What a walk sees besides all else.
    func walkSight() -> Sight {
        if one(in: 60) { return Sight(deleted: .only) }
        return Sight(
            deleted: one(in: 3) ? .include : Marked?.none,
            archived: one(in: 3) ? .include : Marked?.none
        )
    }

    // MARK: Patterns

    /// A pattern of one to three nodes.
    func pattern(_ model: PlainModel) -> Pattern {
        let names = Array(["a", "b", "c"].prefix(1 + below(3)))
        var collections = [collection(model)]
        var steps: [PatternStep] = []
        for place in names.indices.dropFirst() {
            let other = below(place)
            let (step, collection) = step(
                (names[other], collections[other]),
                names[place],
                model
            )
            steps.append(step)
            collections.append(collection)
        }
        if one(in: 4) {
            steps.append(PatternStep(pick(names), to: pick(names), edges(model)))
        }
        for place in steps.indices {
            if case .edges(_, _, _, hops: 1) = steps[place].way, one(in: 2) {
                steps[place].name = "s\(place)"
            }
        }
        var nodes: [String: PatternNode] = [:]
        for (name, collection) in zip(names, collections) {
            nodes[name] = node(collection)
        }
        var pattern = Pattern(nodes, steps)
        if names.count > 1, one(in: 3) { pattern.different = [names] }
        if collections.contains(where: { $0.roles.owner != nil }) ? one(in: 4) : one(in: 60) {
            pattern.owner = pick(Self.owners)
        }
        if one(in: 4) { pattern.asOf = moment() }
        shape(&pattern, names, collections)
        return pattern
    }

    private func node(_ collection: Collection) -> PatternNode {
        var node = PatternNode(collection.name)
        if one(in: 6) { node.keys = list(3) { key(collection.key) } }
        if one(in: 3) { node.filter = filter(collection, 1) }
        if collection.roles.owner != nil, one(in: 6) { node.owner = pick(Self.owners + ["eve"]) }
        return node
    }

    /// A step from a node that is there to a new one, or the other way.
    private func step(
        _ known: (name: String, collection: Collection),
        _ name: String,
        _ model: PlainModel
    ) -> (PatternStep, Collection) {
        let rules = known.collection.references.compactMap { rule in
            model.schema.collections.first { $0.name == rule.to }.map { (rule.name, $0) }
        }
        if !rules.isEmpty, one(in: 3) {
            let (rule, target) = pick(rules)
            return (PatternStep(known.name, to: name, .reference(rule)), target)
        }
        let referring = model.rules(to: known.collection.name)
        if !referring.isEmpty, one(in: 3) {
            let (collection, rule) = pick(referring)
            return (PatternStep(name, to: known.name, .reference(rule.name)), collection)
        }
        let collection = collection(model)
        let shared = ["n", "t", "e", "b", "o"].filter { field in
            let type = known.collection.field(field)?.type
            return type != nil && type == collection.field(field)?.type
        }
        if !shared.isEmpty, one(in: 3) {
            let fields = some(shared, one: 2) + [pick(shared)]
            let pairs = Dictionary(fields.map { ($0, $0) }) { first, _ in first }
            return (PatternStep(known.name, to: name, .equal(pairs)), collection)
        }
        let (from, to) = one(in: 2) ? (known.name, name) : (name, known.name)
        return (PatternStep(from, to: to, edges(model)), collection)
    }

    private func edges(_ model: PlainModel) -> PatternStep.Way {
        let types = model.schema.edgeTypes.map(\.name)
        return .edges(
            one(in: 2) || types.isEmpty ? [String]?.none : some(types, one: 2),
            pick([.out, .in, .both]),
            where: one(in: 3) ? .compare(field: "w", .gte(.int(Int64(below(4))))) : Filter?.none,
            hops: one(in: 4) ? 2 + below(2) : 1
        )
    }

    /// What rows have, and their order.
    private func shape(
        _ pattern: inout Pattern,
        _ names: [String],
        _ collections: [Collection]
    ) {
        let steps = pattern.steps.compactMap(\.name)
        var parts: [String] = names + steps
        var orders: [Order] = []
        for (name, collection) in zip(names, collections) {
            parts.append(name + "." + PseudoField.key)
            for field in collection.fields {
                if case .vector = field.type { continue }
                parts.append(name + "." + field.name)
            }
            for one in order(collection) where collection.field(one.field)?.type != .json {
                orders.append(Order(name + "." + one.field, descending: one.isDescending))
            }
        }
        for step in steps {
            parts += [step + ".$id", step + ".w", step + ".$from", step + ".s"]
            orders.append(Order(step + ".w", descending: one(in: 2)))
        }
        if one(in: 2) {
            pattern.select = list(4) { pick(parts) }
            pattern.isDistinct = one(in: 2)
        }
        if one(in: 2) { pattern.order = some(orders, one: 2) }
        pattern.limit = pick([1, 5, 1000])
        pattern.offset = one(in: 4) ? below(4) : 0
        pattern.isCountOnly = one(in: 6)
    }
}

extension Pattern {
    /// The same without what tells of numbers of edges, which are others inside a transaction.
    var unnamed: Pattern {
        var pattern = self
        let named = Set(steps.compactMap(\.name))
        for place in steps.indices { pattern.steps[place].name = String?.none }
        func speaks(_ part: String) -> Bool { named.contains(String(part.prefix { $0 != "." })) }
        pattern.select = select?.filter { !speaks($0) }
        pattern.order.removeAll { speaks($0.field) }
        return pattern
    }
}
