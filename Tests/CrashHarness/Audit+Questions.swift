// Orders, filters, words and vectors, each against a plain scan of what the oracle expects.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

extension Audit {
    // MARK: Orders and filters

    /// Each index in its own order, backwards too.
    func checkOrders(_ state: ExpectedState, _ dice: SeededRandomness) throws(HarnessFailure) {
        for collection in state.schema.collections {
            let records = state.records(in: collection.name)
            for index in collection.indexes {
                if index.fields.contains(where: { isArray($0.name, collection) }) { continue }
                for isReversed in [false, true] {
                    try each { () throws(HarnessFailure) in
                        let order = index.fields.map {
                            Order($0.name, descending: $0.isDescending != isReversed)
                        }
                        let find = Find(collection.name, order: order, limit: limit(state))
                        let what = "\(collection.name) by \(index.name)"
                        let found = try rows(find).map(\.record)
                        try expect(what, found.map(\.reference.key), records.map(\.key))
                        for (first, second) in zip(found, found.dropFirst())
                        where compare(first, second, order) > 0 {
                            throw HarnessFailure(
                                "\(what): \(first.reference) before \(second.reference)"
                            )
                        }
                        var few = find
                        few.limit = 1 + dice.below(4)
                        let start = try rows(few).map(\.record)
                        // Of those that are alike any may come first.
                        let isStart = zip(start, found).allSatisfy { compare($0, $1, order) == 0 }
                        if !isStart || start.count != min(few.limit, found.count) {
                            throw HarnessFailure("\(what): the first \(few.limit) are others")
                        }
                    }
                }
            }
        }
    }

    private func isArray(_ name: String, _ collection: Collection) -> Bool {
        if case .array? = collection.field(name)?.type { true } else { false }
    }

    private func compare(_ left: Record, _ right: Record, _ order: [Order]) -> Int {
        for part in order {
            let result = Value.compare(left[part.field], right[part.field])
            if result != 0 { return part.isDescending ? -result : result }
        }
        return 0
    }

    /// Filters over fields with values that are there.
    func checkFilters(_ state: ExpectedState, _ dice: SeededRandomness) throws(HarnessFailure) {
        for collection in state.schema.collections {
            let records = state.records(in: collection.name)
            guard !records.isEmpty else { continue }
            let fields = collection.fields.filter { $0.type.isIndexable }
            for _ in 0..<3 {
                try each { () throws(HarnessFailure) in
                    let field = fields[dice.below(fields.count)].name
                    let value = records[dice.below(records.count)].record.fields[field] ?? .null
                    let other = fields[dice.below(fields.count)].name
                    let bound = records[dice.below(records.count)].record.fields[other] ?? .null
                    // Nothing comes before or after null.
                    let filter: Filter =
                        switch bound.isNull ? 0 : dice.below(4) {
                        case 0: .eq(field, value)
                        case 1: .and([.eq(field, value), .compare(field: other, .gte(bound))])
                        case 2: .and([.eq(field, value), .compare(field: other, .lt(bound))])
                        default: .or([.eq(field, value), .compare(field: other, .lte(bound))])
                        }
                    let found = try rows(
                        Find(collection.name, where: filter, limit: limit(state))
                    )
                    let wanted = records.filter { _, record in
                        filter.holds { record.fields[$0] ?? .null }
                    }
                    try expect(
                        "\(collection.name) where \(filter.json())",
                        found.map(\.record.reference.key),
                        wanted.map(\.key)
                    )
                }
            }
        }
    }

    // MARK: Words

    func checkWords(_ state: ExpectedState, _ dice: SeededRandomness) throws(HarnessFailure) {
        let all = HarnessSchema.words
        for collection in state.schema.collections {
            let records = state.records(in: collection.name)
            for field in collection.fields where field.isSearchable {
                // Of words that are still being indexed nobody is answered.
                if isBuilding(field, collection) { continue }
                for _ in 0..<3 {
                    try each { () throws(HarnessFailure) in
                        let words = [all[dice.below(all.count)], all[dice.below(all.count)]]
                        let owner =
                            collection.roles.owner != nil && dice.below(3) == 0
                            ? HarnessSchema.owners[dice.below(HarnessSchema.owners.count)] : nil
                        let wanted = records.filter { _, record in
                            guard case .text(let text)? = record.fields[field.name] else {
                                return false
                            }
                            return Self.belongs(record, to: owner, collection)
                                && text.split(separator: " ").contains {
                                    words.contains(String($0))
                                }
                        }
                        let found = try rows(
                            Find(
                                collection.name,
                                owner: owner,
                                match: Match(field.name, words.joined(separator: " ")),
                                limit: limit(state)
                            )
                        )
                        try expect(
                            "\(words) in \(collection.name).\(field.name) of \(owner ?? "anybody")",
                            found.map(\.record.reference.key),
                            wanted.map(\.key)
                        )
                    }
                }
            }
        }
    }

    private func isBuilding(_ field: Field, _ collection: Collection) -> Bool {
        let find = Find(collection.name, match: Match(field.name, "alder"), limit: 1)
        do throws(MnemeError) { _ = try snapshot.find(find) } catch {
            return error.code == .badRequest
        }
        return false
    }

    static func belongs(
        _ record: ExpectedRecord,
        to owner: String?,
        _ collection: Collection
    ) -> Bool {
        guard let owner else { return true }
        guard let role = collection.roles.owner, case .text(let path)? = record.fields[role] else {
            return false
        }
        return path == owner || path.hasPrefix(owner + "/")
    }

    // MARK: Vectors

    func checkVectors(_ state: ExpectedState, _ dice: SeededRandomness) throws(HarnessFailure) {
        for collection in state.schema.collections {
            for field in collection.fields {
                guard case .vector(let type) = field.type else { continue }
                let question = (0..<type.dimension).map { _ in Float(dice.below(15) + 1) / 8 - 1.01
                }
                let owner =
                    collection.roles.owner != nil && dice.below(2) == 0
                    ? HarnessSchema.owners[dice.below(HarnessSchema.owners.count)] : nil
                var scores: [Key: Float] = [:]
                for (key, record) in state.records(in: collection.name)
                where Self.belongs(record, to: owner, collection) {
                    guard case .vector(let vector)? = record.fields[field.name] else { continue }
                    scores[key] = Self.score(question, vector, type.metric)
                }
                // A walk is asked for by its beam, where there is a graph.
                let asked: [(Int, Bool, Int?)] = [
                    (3, true, nil), (limit(state), true, nil), (3, false, nil), (3, false, 16),
                ]
                for (limit, isExact, beam) in asked {
                    try each { () throws(HarnessFailure) in
                        let near = Near(field.name, question, isExact: isExact, beam: beam)
                        let found = try rows(
                            Find(collection.name, owner: owner, near: near, limit: limit)
                        )
                        try compare(
                            found,
                            scores,
                            isExact ? limit : nil,
                            "nearest by \(collection.name).\(field.name)"
                        )
                    }
                }
            }
        }
    }

    /// Holds hits against the scores of everything that lives; for a nil limit they need not be the
    /// best, and must be three of those that live all the same.
    private func compare(
        _ found: [Found.Row],
        _ scores: [Key: Float],
        _ limit: Int?,
        _ what: String
    ) throws(HarnessFailure) {
        let best = scores.values.sorted(by: >).prefix(limit ?? 3)
        guard found.count == best.count else {
            throw HarnessFailure("\(what): \(found.count) found, expected \(best.count)")
        }
        guard Set(found.map(\.record.reference.key)).count == found.count else {
            throw HarnessFailure("\(what): a record twice")
        }
        for (row, wanted) in zip(found, best) {
            let key = row.record.reference.key
            guard let own = scores[key] else {
                throw HarnessFailure("\(what): \(key) should not be there")
            }
            for score in limit == nil ? [own] : [own, wanted]
            where abs(row.score - score) > 1e-3 * (1 + abs(score)) {
                throw HarnessFailure("\(what): \(key) scores \(row.score), expected \(score)")
            }
        }
    }

    private static func score(_ a: [Float], _ b: [Float], _ metric: VectorMetric) -> Float {
        let product = zip(a, b).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        func squares(_ vector: [Float]) -> Float { vector.reduce(0) { $0 + $1 * $1 } }
        switch metric {
        case .dot: return product
        case .cosine: return product / (squares(a) * squares(b)).squareRoot()
        case .l2: return -zip(a, b).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
    }
}
