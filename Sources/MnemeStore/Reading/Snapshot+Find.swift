// Answering `find`: nearest vectors (`Snapshot+Near.swift`), best matches (`Snapshot+Match.swift`),
// or plain rows by an index. Filters are held against every row that would be in the answer, so
// that if k rows match, k come back.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

extension Snapshot {
    /// Answers a question over one collection.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badFilter`, `.badVector`, `.badOwner`,
    ///   `.badRequest`, `.tooLarge`; `.corrupt`, `.disk` when something cannot be read.
    package func find(_ asked: Find) throws(MnemeError) -> Found {
        let collection = try state.catalog.collection(asked.collection)
        let find = try checked(asked, collection)
        return try reading { () throws(StoreError) in
            let scope = try scope(find.owner)
            if case .nobody = scope { return found([], isExact: true, plan: "no such owner") }
            if let near = find.near { return try nearest(near, find, collection, scope) }
            if let match = find.match { return try matching(match, find, collection, scope) }
            return try rows(find, collection, scope)
        }
    }

    /// The question with its filter's values as the fields keep them.
    private func checked(_ find: Find, _ collection: CollectionEntry) throws(MnemeError) -> Find {
        var checked = find
        if let filter = find.filter { checked.filter = try collection.checked(filter) }
        for order in find.order { try collection.checkOrder(order.field) }
        for field in find.select ?? [] { _ = try collection.fieldNumber(field) }
        if let near = find.near {
            let entry = try collection.vector(near.field)
            do throws(VectorIndexError) {
                _ = try Self.prepare(near.vector, entry)
            } catch {
                throw MnemeError(error)
            }
            guard !(near.minimum?.isNaN ?? false) else {
                throw MnemeError(.badRequest, "the least score is no number; leave it out")
            }
        }
        if let match = find.match { _ = try collection.text(match.field) }
        guard find.near == nil || find.match == nil else {
            throw MnemeError(
                .badRequest,
                "a question has either \"near\" or \"match\"; ask twice, or use recall"
            )
        }
        guard find.limit >= 0, find.offset >= 0 else {
            throw MnemeError(
                .badRequest,
                "limit \(find.limit) or offset \(find.offset) is negative; give 0 or more"
            )
        }
        try collection.check(owner: find.owner)
        return checked
    }

    func scope(_ owner: String?) throws(StoreError) -> OwnerScope {
        guard let owner else { return .all }
        let numbers = try owners(in: owner)
        return numbers.isEmpty ? .nobody : .some(numbers)
    }

    func found(_ rows: [Found.Row], isExact: Bool, plan: String) -> Found {
        Found(rows: rows, isExact: isExact, sequence: sequence, plan: plan)
    }

    /// Whether a record is there and its fields pass the filter.
    func passes(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        _ filter: Filter?
    ) throws(StoreError) -> Bool {
        guard let entry = try visibleEntry(ordinal), entry.collection == collection.number,
            entry.flags & OrdinalFlags.edge == 0
        else { return false }
        guard let filter else { return true }
        return collection.holds(filter, try stored(ordinal))
    }

    private func rows(
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> Found {
        let plan = FindPlan(find, collection, ownerPath: try singleOwnerPath(find.owner, scope))
        let wanted = find.reach
        var matches: [(ordinal: UInt64, record: StoredRecord)] = []
        var visited = 0
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(plan.range, reversed: plan.isReversed, in: view)
        }
        while try onTree({ () throws(TreeError) in try cursor.next() }) {
            if plan.isOrdered, matches.count >= wanted { break }
            visited += 1
            let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
            guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner) else {
                continue
            }
            let record = try stored(ordinal)
            if let filter = find.filter, !collection.holds(filter, record) { continue }
            matches.append((ordinal, record))
        }
        if !plan.isOrdered {
            matches.sort { collection.isOrdered($0.record, before: $1.record, find.order) }
        }
        let rows = matches.dropFirst(find.offset).prefix(find.limit).map {
            Found.Row(record: project(collection.record($0.record), find.select), score: 0)
        }
        return found(rows, isExact: true, plan: "\(plan.summary); \(visited) entries visited")
    }

    /// The path of the scope's only owner, for indexes that start with the owner.
    private func singleOwnerPath(
        _ owner: String?,
        _ scope: OwnerScope
    ) throws(StoreError)
        -> String?
    {
        guard let owner, case .some(let numbers) = scope, numbers.count == 1,
            let number = numbers.first
        else { return nil }
        let bytes = try onTree { () throws(TreeError) in
            try state.tree.value(StoreKeys.ownerName(number), in: view)
        }
        return bytes.flatMap { String(validating: $0, as: UTF8.self) } ?? owner
    }

    func row(
        _ ordinal: UInt64,
        _ score: Float,
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Found.Row {
        if find.select?.isEmpty ?? false, find.order.isEmpty {
            guard let entry = try entry(ordinal) else {
                throw .inconsistent("an index names ordinal \(ordinal), which is no record")
            }
            let reference = Reference(collection.schema.name, try key(entry))
            return Found.Row(record: Record(reference, fields: [:]), score: score)
        }
        return Found.Row(
            record: project(
                try record(ordinal, collection),
                find.order.isEmpty ? find.select : nil
            ),
            score: score
        )
    }

    /// Rows that came by score, in another order when one is asked for.
    func sorted(_ rows: [Found.Row], _ find: Find) throws(StoreError) -> [Found.Row] {
        guard !find.order.isEmpty else { return rows }
        let ordered = rows.sorted { left, right in
            for order in find.order {
                let result = Value.compare(left.record[order.field], right.record[order.field])
                if result != 0 { return (result < 0) != order.isDescending }
            }
            return left.score > right.score
        }
        return ordered.map { Found.Row(record: project($0.record, find.select), score: $0.score) }
    }

    private func project(_ record: Record, _ select: [String]?) -> Record {
        guard let select else { return record }
        return Record(record.reference, fields: record.fields.filter { select.contains($0.key) })
    }
}

extension Find {
    /// How many rows are looked for to skip some and return the rest.
    var reach: Int {
        let (sum, isOver) = limit.addingReportingOverflow(offset)
        return isOver ? .max : sum
    }
}

extension CollectionEntry {
    /// Refuses an owner that is no path, or where there are no owners.
    ///
    /// - Throws: `.badOwner`.
    func check(owner: String?) throws(MnemeError) {
        guard let owner else { return }
        guard ownerField != nil else {
            throw MnemeError(
                .badOwner,
                "collection \"\(schema.name)\" has no owner role; leave the owner out"
            )
        }
        if let fault = Owner.fault(in: owner) {
            throw MnemeError(.badOwner, "the owner \(quoted(owner)) \(fault)")
        }
    }

    /// Refuses fields that are not there or have no order.
    fileprivate func checkOrder(_ name: String) throws(MnemeError) {
        _ = try fieldNumber(name)
        switch schema.field(name)?.type {
        case .vector, .json:
            throw MnemeError(
                .badRequest,
                "field \"\(name)\" of collection \"\(schema.name)\" has no order; order by another "
                    + "field, or by nearness with \"near\""
            )
        default: return
        }
    }

    /// Whether a stored version passes a filter.
    func holds(_ filter: Filter, _ record: StoredRecord) -> Bool {
        filter.holds { name in
            guard let number = fieldNumbers[name] else { return .null }
            if let vector = record.vectors.first(where: { $0.field == number }) {
                return .vector(vector.components)
            }
            return record[number]
        }
    }

    /// The order asked for; by key among equals, which an index does not promise.
    func isOrdered(_ left: StoredRecord, before right: StoredRecord, _ order: [Order]) -> Bool {
        for part in order {
            guard let number = fieldNumbers[part.field] else { continue }
            let result = Value.compare(left[number], right[number])
            if result != 0 { return (result < 0) != part.isDescending }
        }
        return Value.compare(left.key.value, right.key.value) < 0
    }
}
