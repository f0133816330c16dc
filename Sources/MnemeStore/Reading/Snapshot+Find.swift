// Answering `find`: nearest vectors (`Snapshot+Near.swift`), best matches
// (`StateReader+Match.swift`), or plain rows by an index. Filters are held against every row that
// would be in the answer, so that if k rows match, k come back.

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
        let collection = try catalog.collection(asked.collection)
        let find = try checked(asked, collection)
        return try reading { state throws(StoreError) in try state.find(find, collection) }
    }

    /// The question with its filter's values as the fields keep them.
    func checked(_ find: Find, _ collection: CollectionEntry) throws(MnemeError) -> Find {
        var checked = find
        if let filter = find.filter { checked.filter = try collection.checked(filter) }
        for order in find.order { try collection.checkOrder(order.field) }
        for field in find.select ?? [] { _ = try collection.fieldNumber(field) }
        if let near = find.near {
            let entry = try collection.vector(near.field)
            do throws(VectorIndexError) {
                _ = try StateReader.prepare(near.vector, entry)
            } catch {
                throw MnemeError(error)
            }
            guard !(near.minimum?.isNaN ?? false) else {
                throw MnemeError(.badRequest, "the least score is no number; leave it out")
            }
        }
        if let match = find.match { try collection.check(match) }
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
}

extension StateReader {
    /// Answers a question that was checked.
    func find(
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Found {
        let scope = try scope(find.owner)
        if case .nobody = scope { return found([], isExact: true, plan: "no such owner") }
        if let near = find.near { return try nearest(near, find, collection, scope) }
        if let match = find.match { return try matching(match, find, collection, scope) }
        return try rows(find, collection, scope)
    }

    func scope(_ owner: String?) throws(StoreError) -> OwnerScope {
        guard let owner else { return .all }
        let numbers = try owners(in: owner)
        return numbers.isEmpty ? .nobody : .some(numbers)
    }

    func found(_ rows: [Found.Row], isExact: Bool, plan: String) -> Found {
        Found(rows: rows, isExact: isExact, sequence: sequence, plan: plan)
    }

    /// Whether a record is there and its fields pass a test.
    func passes(_ ordinal: UInt64, _ test: inout RecordTest) throws(StoreError) -> Bool {
        guard let entry = try visibleEntry(ordinal), entry.collection == test.collection.number,
            entry.flags & OrdinalFlags.edge == 0
        else { return false }
        return try test.passes(entry)
    }

    private func rows(
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> Found {
        let plan = try plan(find, collection, try singleOwnerPath(find.owner, scope))
        let wanted = find.reach
        let choice = collection.choice(find.select)
        let order = find.order.compactMap { collection.fieldNumbers[$0.field] }
        let filter = plan.isFiltered ? nil : find.filter
        let keeps = filter == nil && plan.isOrdered
        var test = RecordTest(filter, collection, reader(keeps: keeps))
        var rows: [Found.Row] = []
        var matches = BestMatches(find)
        var passed = 0
        var walk = try PlanWalk(plan, self)
        while !plan.isOrdered || passed < wanted, let ordinal = try walk.next() {
            guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner),
                try test.passes(entry)
            else { continue }
            passed += 1
            if !plan.isOrdered {
                matches.add(try test.reader.match(entry, order))
            } else if passed > find.offset {
                rows.append(try test.reader.row(entry, collection, choice))
            }
        }
        if !plan.isOrdered {
            for match in matches.inOrder().dropFirst(find.offset).prefix(find.limit) {
                rows.append(try test.reader.row(match.entry, collection, choice))
            }
        }
        let entries = walk.visited == 1 ? "1 entry" : "\(walk.visited) entries"
        return found(rows, isExact: true, plan: "\(plan.summary); \(entries) visited")
    }

    /// The way to the answer of a plain question.
    func plan(
        _ find: Find,
        _ collection: CollectionEntry,
        _ ownerPath: String?
    ) throws(StoreError) -> FindPlan {
        let count = state.roots.counts[collection.number] ?? 0
        return try FindPlan(
            find,
            collection,
            ownerPath: ownerPath,
            count: Int(count),
            unready: state.roots.building
        ) { (range) throws(StoreError) in
            try onTree { () throws(TreeError) in try state.tree.estimate(range, in: view) }
        }
    }

    /// The path of the scope's only owner, for indexes that start with the owner.
    func singleOwnerPath(
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

    /// The rows of hits that came by score, in another order when one is asked for.
    func rows(
        _ hits: [(ordinal: UInt64, score: Float)],
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> [Found.Row] {
        var reader = reader(keeps: true)
        let order = find.order.map(\.field)
        let choice = collection.choice(find.select.map { $0 + order })
        var rows: [Found.Row] = []
        rows.reserveCapacity(hits.count)
        for hit in hits {
            guard let entry = try entry(hit.ordinal) else {
                throw .inconsistent("an index names ordinal \(hit.ordinal), which is no record")
            }
            rows.append(try reader.row(entry, collection, choice, score: hit.score))
        }
        return order.isEmpty ? rows : sorted(rows, find)
    }

    private func sorted(_ rows: [Found.Row], _ find: Find) -> [Found.Row] {
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
    func checkOrder(_ name: String) throws(MnemeError) {
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
}

extension RecordReader {
    /// The row of a version.
    mutating func row(
        _ entry: OrdinalEntry,
        _ collection: CollectionEntry,
        _ choice: FieldChoice,
        score: Float = 0
    ) throws(StoreError) -> Found.Row {
        try open(entry)
        return Found.Row(record: try record(collection, choice), score: score)
    }

    /// A version with the fields that put it in order.
    fileprivate mutating func match(
        _ entry: OrdinalEntry,
        _ order: [UInt16]
    ) throws(StoreError) -> OrderedMatch {
        try open(entry)
        return OrderedMatch(entry: entry, key: try key(), values: try values(order))
    }
}
