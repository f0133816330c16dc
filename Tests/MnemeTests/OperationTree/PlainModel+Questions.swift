// Questions of the model. Where the engine may choose (which of equal rows comes first, which of
// several shortest ways), its answer is held against what holds of every right one.

import MnemeModel

extension PlainModel {
    /// The records in an owner's scope for which a filter holds, by key; all of them where the
    /// sight is nil, put aside or not.
    func matching(
        _ name: String,
        _ owner: String?,
        _ filter: Filter?,
        asOf instant: Instant? = nil,
        seeing sight: Sight? = Sight()
    ) throws(Refusal) -> [(reference: Reference, item: Item)] {
        let collection = try collection(name)
        try check(asOf: instant, collection)
        let seen = sight ?? PlainModel.everything(collection)
        try check(seen, collection)
        var test: Filter?
        if let filter { test = try checked(filter, collection) }
        try check(owner: owner, collection)
        return records(of: name).filter { reference, item in
            guard PlainModel.sees(item, collection, seen) else { return false }
            if let instant, !PlainModel.isTrue(item, at: instant, collection) { return false }
            if let owner, let role = collection.roles.owner {
                let path = item.fields[role]?.text ?? ""
                guard path == owner || path.hasPrefix(owner + "/") else { return false }
            }
            guard let test else { return true }
            return Naive.holds(test) { PlainModel.value($0, reference, item) }
        }
    }

    private func check(owner: String?, _ collection: Collection) throws(Refusal) {
        guard let owner else { return }
        if collection.roles.owner == nil || owner.isEmpty { throw Refusal(.badOwner) }
    }

    func check(_ find: Find) throws(Refusal) {
        let collection = try collection(find.collection)
        try check(asOf: find.asOf, collection)
        try check(find.sight, collection)
        if let filter = find.filter { _ = try checked(filter, collection) }
        for order in find.order {
            switch try type(of: order.field, collection) {
            case .json, .vector: throw Refusal(.badRequest)
            default: break
            }
        }
        for part in find.select ?? [] {
            for name in part.fields { _ = try type(of: name, collection) }
        }
        try checkPast(find.filter?.fields ?? [], collection)
    }

    /// What was known at an instant has no vectors.
    private func checkPast(_ names: Set<String>, _ collection: Collection) throws(Refusal) {
        guard isPast else { return }
        for name in names {
            if case .vector? = collection.field(name)?.type { throw Refusal(.badRequest) }
        }
    }

    /// What is wrong with an answer; nil where nothing is.
    func fault(of found: Found, _ find: Find) throws(Refusal) -> String? {
        try check(find)
        let all = try matching(
            find.collection,
            find.owner,
            find.filter,
            asOf: find.asOf,
            seeing: find.sight
        )
        let rows = found.rows.map(\.record.reference)
        var isRanked = false
        if let near = find.near {
            isRanked = true
            if let fault = fault(of: rows, all, nearest: near, find) { return fault }
        } else if let fault = fault(of: rows, all, find) {
            return fault
        }
        for row in found.rows {
            guard let item = items[row.record.reference] else { return "an unknown record" }
            let fields = selected(find.select, row.record.reference, item)
            guard fields == row.record.fields, row.record.version == nil,
                isRanked || row.score == 0
            else {
                return "row \(row.record), and it is \(fields)"
            }
        }
        return nil
    }

    func selected(
        _ select: [Projection]?,
        _ reference: Reference,
        _ item: Item
    ) -> [String: Value] {
        guard let select else { return item.fields }
        var fields: [String: Value] = [:]
        for part in select {
            let value: Value
            switch part {
            case .field(let name): value = PlainModel.value(name, reference, item)
            case .computed(_, let expression):
                value = expression.evaluate { PlainModel.value($0, reference, item) }
            }
            if !value.isNull { fields[part.name] = value }
        }
        return fields
    }

    /// Whether these records are a right answer: in order, none left out, none twice.
    func fault(
        of rows: [Reference],
        _ all: [(reference: Reference, item: Item)],
        _ find: Find
    ) -> String? {
        func place(_ reference: Reference, _ item: Item) -> [Value] {
            find.order.map { PlainModel.value($0.field, reference, item) }
        }
        func order(_ a: [Value], _ b: [Value]) -> Int {
            for (index, part) in find.order.enumerated() {
                let result = Naive.order(a[index], b[index])
                if result != 0 { return part.isDescending ? -result : result }
            }
            return 0
        }
        var places: [[Value]] = []
        for (reference, item) in all { places.append(place(reference, item)) }
        let sorted = places.sorted { order($0, $1) < 0 }.dropFirst(find.offset).prefix(find.limit)
        let known = Dictionary(uniqueKeysWithValues: all.map { ($0.reference, $0.item) })
        let wanted =
            find.order.isEmpty
            ? all.map(\.reference).dropFirst(find.offset).prefix(find.limit) : []
        guard Set(rows).count == rows.count else { return "a record twice" }
        guard rows.count == sorted.count else {
            return "\(rows.count) rows, and there are \(sorted.count): "
                + "\(rows) of \(all.map(\.reference))"
        }
        if find.order.isEmpty, rows != Array(wanted) { return "rows \(rows), wanted \(wanted)" }
        for (reference, values) in zip(rows, sorted) {
            guard let item = known[reference] else { return "\(reference), which does not match" }
            guard order(place(reference, item), values) == 0 else {
                return "\(reference) in the place of what has \(values)"
            }
        }
        return nil
    }

    /// Whether these records are the nearest ones by l2, none of them twice.
    private func fault(
        of rows: [Reference],
        _ all: [(reference: Reference, item: Item)],
        nearest near: Near,
        _ find: Find
    ) -> String? {
        var distances: [Reference: Double] = [:]
        for (reference, item) in all {
            guard case .vector(let vector)? = item.fields[near.field] else { continue }
            distances[reference] = zip(vector, near.vector).reduce(0) { sum, pair in
                sum + Double(pair.0 - pair.1) * Double(pair.0 - pair.1)
            }
        }
        guard Set(rows).count == rows.count else { return "a record twice" }
        let wanted = distances.values.sorted().dropFirst(find.offset).prefix(find.limit)
        guard rows.map({ distances[$0] }) == wanted.map({ Double?.some($0) }) else {
            return "nearest \(rows), wanted those at \(Array(wanted)) of \(distances)"
        }
        return nil
    }

    // MARK: Counts

    /// Everything that a count is about, each as what its fields are.
    private func members(of count: Count) throws(Refusal) -> [(String) -> Value] {
        if let name = count.edges {
            let type = try edgeType(name)
            let fields = Collection(type.name, fields: type.fields)
            var test: Filter?
            if let filter = count.filter { test = try checkedEnds(filter, fields) }
            return edges.filter { edge in
                edge.type == name && test.map { Naive.holds($0) { value($0, edge) } } ?? true
            }
            .map { edge in { value($0, edge) } }
        }
        let collection = try collection(count.collection)
        for part in count.groups {
            for name in part.fields { _ = try type(of: name, collection) }
        }
        let all = try matching(
            count.collection,
            count.owner,
            count.filter,
            asOf: count.asOf,
            seeing: count.sight
        )
        try checkPast(count.filter?.fields ?? [], collection)
        return all.map { reference, item in { PlainModel.value($0, reference, item) } }
    }

    func rows(of count: Count) throws(Refusal) -> [[String: Value]] {
        var groups: [(key: [Value], members: [(String) -> Value])] = []
        let members = try members(of: count)
        if count.groups.isEmpty { groups.append(([], [])) }
        for one in members {
            let key = count.groups.map { part in
                switch part {
                case .field(let name): Naive.plain(one(name))
                case .computed(_, let expression): Naive.plain(expression.evaluate(one))
                }
            }
            if let place = groups.firstIndex(where: { $0.key == key }) {
                groups[place].members.append(one)
            } else {
                groups.append((key, [one]))
            }
        }
        groups.sort { left, right in
            for (a, b) in zip(left.key, right.key) where Naive.order(a, b) != 0 {
                return Naive.order(a, b) < 0
            }
            return false
        }
        var rows: [[String: Value]] = []
        for (key, members) in groups {
            var row: [String: Value] = [:]
            for (part, value) in zip(count.groups, key) where !value.isNull {
                row[part.name] = value
            }
            for (name, aggregate) in count.values.isEmpty
                ? ["count": Aggregate(.count)] : count.values
            {
                let value = figure(aggregate, members)
                if !value.isNull { row[name] = value }
            }
            if let having = count.having, !Naive.holds(having, { row[$0] ?? .null }) { continue }
            rows.append(row)
        }
        // Sorted in a way that leaves equals where they are.
        for order in count.order.reversed() {
            rows = rows.enumerated().sorted { left, right in
                let result = Naive.order(
                    left.element[order.field] ?? .null,
                    right.element[order.field] ?? .null
                )
                if result == 0 { return left.offset < right.offset }
                return (result < 0) != order.isDescending
            }
            .map(\.element)
        }
        return Array(rows.prefix(count.limit ?? .max))
    }

    private func figure(_ aggregate: Aggregate, _ members: [(String) -> Value]) -> Value {
        var values: [Value] = []
        for value in members {
            switch aggregate.operand {
            case nil: values.append(true)
            case .field(let name)?: values.append(value(name))
            case .computed(let expression)?: values.append(expression.evaluate(value))
            }
        }
        values.removeAll { $0.isNull }
        let numbers = values.compactMap(\.number)
        switch aggregate.function {
        case .count: return .int(Int64(values.count))
        case .distinct: return .int(Int64(Set(values.map(Naive.plain)).count))
        case .min: return values.min { Naive.order($0, $1) < 0 } ?? .null
        case .max: return values.max { Naive.order($0, $1) < 0 } ?? .null
        case .sum: return numbers.isEmpty ? .null : Naive.plain(.float(numbers.reduce(0, +)))
        case .avg:
            return numbers.isEmpty
                ? .null : Naive.plain(.float(numbers.reduce(0, +) / Double(numbers.count)))
        }
    }
}
