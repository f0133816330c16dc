// Chance: questions.

import MnemeBase
import MnemeModel

extension TreeDice {
    func filter(_ collection: Collection, _ depth: Int) -> Filter {
        if depth > 0, one(in: 3) {
            let parts = (0...below(2)).map { _ in filter(collection, depth - 1) }
            return pick([.and(parts), .or(parts), .not(parts[0])])
        }
        if one(in: 60) { return .eq("nothing", 1) }
        if one(in: 9) { return pseudo(collection) }
        let field = pick(collection.fields)
        switch field.type {
        case .vector: return .compare(field: field.name, .exists(one(in: 2)))
        case .json: return .compare(field: pick(paths(field) + [field.name]), onJSON(2))
        case .array(let element):
            let few = list(3) { value(element) }
            return .compare(
                field: field.name,
                pick([
                    .any(few), .all(few), .contains(value(element)), .contains(.array(few)),
                    .eq(value(field.type)), .exists(one(in: 2)), .ne(value(field.type)),
                    .eq(one(in: 9) ? .map([:]) : .null),
                ])
            )
        default: return .compare(field: field.name, onScalar { value(field.type) })
        }
    }

    private func onScalar(_ value: () -> Value) -> Comparison {
        if one(in: 60) { return pick([.any([value()]), .some(.eq("a", 1)), .eq(.map(["a": 1]))]) }
        let (a, b) = (value(), value())
        switch below(14) {
        case 0, 1, 2: return .eq(a)
        case 3: return .ne(a)
        case 4: return .gt(a)
        case 5: return .gte(a)
        case 6: return .lt(a)
        case 7: return .lte(a)
        case 8: return .isIn(list(4) { value() } + (one(in: 4) ? [.null] : []))
        case 9: return .notIn(list(4) { value() } + (one(in: 4) ? [.null] : []))
        case 10: return .exists(one(in: 2))
        case 11: return .within(a, b)
        case 12:
            guard case .text(let text) = a else { return .eq(.null) }
            return .prefix(String(text.prefix(1)))
        default:
            guard case .text(let text) = a else { return .ne(.null) }
            return .contains(.text(String(text.suffix(2))))
        }
    }

    private func onJSON(_ depth: Int) -> Comparison {
        let value = json(1)
        switch below(12) {
        case 0, 1, 2: return .eq(value)
        case 3: return .contains(json(2))
        case 4: return .any(list(3) { json(1) })
        case 5: return .all(list(2) { json(1) })
        case 6:
            let name = pick(["a", "b", "x", "y", "l.x"])
            if depth == 0 { return .exists(true) }
            let part = Filter.compare(field: name, onJSON(0))
            return .some(one(in: 2) ? part : .and([part, .compare(field: "x", onJSON(0))]))
        case 7: return .isIn(list(3) { json(1) })
        case 8: return .notIn(list(3) { json(1) })
        case 9:
            let low = pick([Value.int(1), .text("b"), .float(0.5)])
            return pick([.gt(low), .gte(low), .lt(low), .lte(low)])
        default: return onScalar { pick([.int(Int64(below(4))), .text("tea"), .text("a")]) }
        }
    }

    private func pseudo(_ collection: Collection) -> Filter {
        if one(in: 3) {
            return .compare(
                field: PseudoField.version,
                pick([.gt(.int(Int64(below(400)))), .lte(.int(Int64(below(900))))])
            )
        }
        return .compare(field: PseudoField.key, onScalar { key(collection.key).value })
    }

    func order(_ collection: Collection) -> [Order] {
        let names = collection.fields.map(\.name) + [PseudoField.key]
        return list(3) { pick(names) }.reduce(into: []) { orders, name in
            let type = collection.field(name)?.type
            var hasOrder = type != .json || one(in: 9)
            if case .vector? = type { hasOrder = false }
            if hasOrder, !orders.contains(where: { $0.field == name }) {
                orders.append(Order(name, descending: one(in: 2)))
            }
        }
    }

    func computed(_ collection: Collection) -> Projection {
        let texts = ["n + 1", "upper(t)", "coalesce(t, 'no')", "n > 2", "length(t)"]
        do {
            return .computed("made", try Expression(pick(texts)))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func find(_ model: PlainModel) -> Find {
        let collection = collection(model)
        var find = Find(one(in: 80) ? "nowhere" : collection.name)
        if !one(in: 4) { find.filter = filter(collection, 2) }
        find.order = order(collection)
        find.limit = pick([1, 3, 10, 1000])
        find.offset = one(in: 4) ? below(5) : 0
        if collection.roles.owner != nil ? one(in: 3) : one(in: 60) {
            find.owner = pick(Self.owners + ["eve"])
        }
        if one(in: 3) {
            var select = some(collection.fields, one: 3).map { Projection.field($0.name) }
            if one(in: 3) { select.append(.field(PseudoField.key)) }
            if one(in: 2) { select.append(computed(collection)) }
            find.select = select
        }
        if collection.knowsValidity, one(in: 3) { find.asOf = moment() }
        find.sight = sight(collection)
        if one(in: 6), let field = collection.fields.first(where: { $0.type.isVector }),
            case .vector(let vector) = value(field.type)
        {
            find.near = Near(field.name, vector, isExact: true)
            find.order = []
        }
        return find
    }

    func count(_ model: PlainModel) -> Count {
        if one(in: 6), !model.schema.edgeTypes.isEmpty { return edgeCount(model) }
        let collection = collection(model)
        var count = Count(collection.name)
        if collection.knowsValidity, one(in: 4) { count.asOf = moment() }
        count.sight = sight(collection)
        if !one(in: 3) { count.filter = filter(collection, 2) }
        if collection.roles.owner != nil, one(in: 3) { count.owner = pick(Self.owners) }
        let plain = collection.fields.filter { field in
            switch field.type {
            case .vector, .json, .array: false
            default: true
            }
        }
        count.groups = some(plain, one: 6).prefix(2).map { .field($0.name) }
        if one(in: 4) { count.groups.append(computed(collection)) }
        if one(in: 2) {
            count.values["c"] = Aggregate(.count)
            if let field = some(plain, one: 4).first {
                let function = pick([.count, .min, .max, .distinct] as [Aggregate.Function])
                count.values["f"] = Aggregate(function, of: .field(field.name))
            }
            let numbers = plain.filter { $0.type == .int || $0.type == .float }
            if !numbers.isEmpty, one(in: 2) {
                count.values["s"] = Aggregate(
                    pick([.sum, .avg]),
                    of: .field(pick(numbers).name)
                )
            }
            if one(in: 3) { count.having = .compare(field: "c", .gt(.int(Int64(below(3))))) }
            if one(in: 2) { count.order = [Order("c", descending: one(in: 2))] }
            if one(in: 3) { count.limit = 1 + below(3) }
        }
        return count
    }

    /// A read with more than keys.
    func get(_ model: PlainModel) -> Get {
        var get = plainGet(model)
        if one(in: 3) {
            get.sight = Sight(
                deleted: pick([nil, .include, .only]),
                archived: pick([nil, .include])
            )
        }
        return get
    }

    private func plainGet(_ model: PlainModel) -> Get {
        let references = list(3) { reference(model) }
        let knowing = references.filter { reference in
            model.schema.collections.contains {
                $0.name == reference.collection && $0.knowsValidity
            }
        }
        // Of what says nothing of times, nobody can be told what was true when.
        if one(in: 3) { return Get(knowing, versions: one(in: 2), asOf: moment()) }
        if one(in: 60) { return Get(references, asOf: moment()) }
        return Get(references, versions: true)
    }

    private func edgeFilter(_ model: PlainModel) -> Filter? {
        var parts: [Filter] = []
        if one(in: 2) { parts.append(.compare(field: "w", onScalar { value(.int) })) }
        if one(in: 4) { parts.append(.compare(field: "s", onScalar { value(.text) })) }
        for name in [PseudoField.from, PseudoField.to] where one(in: 4) {
            let few = (0...below(2)).map { _ in PlainModel.spelled(reference(model)) }
            parts.append(.compare(field: name, pick([.eq(few[0]), .isIn(few), .ne(few[0])])))
        }
        return parts.isEmpty ? Filter?.none : .and(parts)
    }

    private func edgeCount(_ model: PlainModel) -> Count {
        var count = Count(edges: pick(model.schema.edgeTypes).name, where: edgeFilter(model))
        count.groups = some(["w", "s"], one: 3).map { .field($0) }
        if one(in: 2) {
            count.values = [
                "c": Aggregate(.count), "s2": Aggregate(.sum, of: .field("w")),
                "to": Aggregate(.distinct, of: .field(PseudoField.to)),
            ]
            if one(in: 3) { count.having = .compare(field: "c", .gt(1)) }
        }
        return count
    }

    func edgeFind(_ model: PlainModel) -> Find? {
        guard !model.schema.edgeTypes.isEmpty else { return nil }
        let type = pick(model.schema.edgeTypes)
        let fields = Collection(type.name, fields: type.fields)
        var find = Find(edges: type.name, limit: pick([2, 10, 1000]))
        find.filter = edgeFilter(model)
        find.order = order(fields).filter { $0.field != PseudoField.key }
        find.offset = one(in: 5) ? below(3) : 0
        return find
    }

    func walk(_ model: PlainModel) -> Walk {
        let types = model.schema.edgeTypes.map(\.name)
        var walk = Walk(
            from: (0...below(2)).map { _ in reference(model) },
            types: one(in: 2) || types.isEmpty ? [String]?.none : some(types, one: 2),
            direction: pick([.out, .in, .both]),
            hops: below(4),
            limit: one(in: 4) ? 1 + below(4) : 1000,
            countOnly: one(in: 5)
        )
        walk.sight = walkSight()
        return walk
    }

    func path(_ model: PlainModel) -> Path {
        var path = Path(
            from: reference(model),
            to: reference(model),
            direction: pick([.out, .in, .both]),
            hops: pick([1, 3, 32])
        )
        path.sight = walkSight()
        return path
    }
}

extension Collection {
    /// Whether it is known what its records say is true when.
    var knowsValidity: Bool { roles.validFrom != nil || roles.validTo != nil }
}

extension FieldType {
    fileprivate var isVector: Bool { if case .vector = self { true } else { false } }
}
