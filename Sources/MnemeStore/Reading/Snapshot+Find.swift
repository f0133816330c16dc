// Answering `find`: nearest vectors (`Snapshot+Near.swift`), best matches
// (`StateReader+Match.swift`), or plain rows by an index. Filters are held against every row that
// would be in the answer, so that if k rows match, k come back.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Snapshot {
    /// Answers a question over one collection.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`, `.badFilter`, `.badVector`, `.badOwner`,
    ///   `.badRequest`, `.tooLarge`; `.corrupt`, `.disk` when something cannot be read.
    package func find(_ asked: Find) throws(MnemeError) -> Found {
        let begun = asked.isExplained ? clock.elapsed() : 0
        var found: Found
        if asked.edges != nil {
            found = try edges(asked)
        } else {
            let collection = try catalog.readable(asked.collection)
            let find = try checked(asked, collection)
            if find.knownAt != nil || find.budget != nil {
                found = try reading { state throws(StoreError) in
                    try state.within(find.budget, find, collection)
                }
            } else {
                found = try reading { state throws(StoreError) in try state.find(find, collection) }
            }
        }
        if asked.isExplained {
            found.explanation?.microseconds = Int(clock.elapsed() - begun)
        }
        return found
    }

    /// The question with its filter's values as the fields keep them.
    func checked(_ find: Find, _ collection: CollectionEntry) throws(MnemeError) -> Find {
        var checked = find
        if let instant = find.asOf {
            checked.filter = try collection.validity(at: instant, and: find.filter)
        }
        checked.filter = try collection.filter(checked.filter, seeing: find.sight)
        if let filter = checked.filter { checked.filter = try collection.checked(filter) }
        for order in find.order { try collection.checkOrder(order.field) }
        // No two records have one key.
        if let place = find.order.firstIndex(where: { $0.field == PseudoField.key }) {
            checked.order = Array(find.order[...place])
        }
        try collection.check(select: find.select)
        if let near = find.near {
            let entry = try collection.vector(near.field)
            try entry.check(near, of: collection.schema.name)
            guard !(near.minimum?.isNaN ?? false) else {
                throw MnemeError(.badRequest, "the least score is no number; leave it out")
            }
        }
        if let match = find.match { try collection.check(match) }
        try collection.check(find.highlight, of: find)
        guard find.near == nil || find.match == nil else {
            throw MnemeError(
                .badRequest,
                "a question has either \"near\" or \"match\"; ask twice, or use recall"
            )
        }
        if let budget = find.budget { try collection.check(budget) }
        if find.knownAt != nil { try find.checkKnown(collection) }
        guard find.after == nil || find.near == nil && find.match == nil else {
            throw MnemeError(
                .badRequest,
                "an answer by score has no cursors, and \"after\" is given; ask with a greater "
                    + "\"limit\", or for the rows behind the first ones with \"offset\", which of "
                    + "\"near\" holds together with \"exact\" alone"
            )
        }
        try find.checkBounds()
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
        if case .nobody = scope {
            do throws(MnemeError) { _ = try FindCursor(of: find) } catch { throw .refused(error) }
            var found = found([], isExact: true, plan: "no such owner")
            if find.isExplained { found.explanation = Explanation(way: found.plan) }
            return found
        }
        if let near = find.near { return try nearest(near, find, collection, scope) }
        if let match = find.match { return try matching(match, find, collection, scope) }
        return try rows(find, collection, scope)
    }

    func scope(_ owner: String?) throws(StoreError) -> OwnerScope {
        guard let owner else { return try narrowed(.all) }
        let numbers = try owners(in: owner)
        return try narrowed(numbers.isEmpty ? .nobody : .some(numbers))
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
        _ asked: OwnerScope
    ) throws(StoreError) -> Found {
        let way = try way(find, collection, asked)
        let plan = way.plan
        let shape = RowShape(collection, find.select)
        let keys = SortKeys(find.order, collection)
        var test = test(plan, plan.held.map { HeldFilter($0, collection) }, collection)
        var rows: [Found.Row] = []
        let passed = try eachRow(find, way, keys, &test) { (entry, reader) throws(StoreError) in
            rows.append(try reader.row(entry, collection, shape))
        }
        var last: FindCursor.Place?
        if plan.isOrdered {
            if passed.matched >= find.reach, let key = rows.last?.record.reference.key {
                last =
                    plan.isByKey
                    ? .row(find.order.isEmpty ? [] : [key.value], key)
                    : .entry(try way.entry(at: passed.lastKey))
            }
        } else if let place = passed.lastPlace {
            last = .row(place.values, place.key)
        }
        let entries = passed.visited == 1 ? "1 entry" : "\(passed.visited) entries"
        var found = found(rows, isExact: true, plan: "\(plan.summary); \(entries) visited")
        found.next = last.flatMap { cursor(find, $0) }
        if find.isExplained {
            var explanation = plan.explanation
            explanation.entries = passed.visited
            explanation.read = test.reader.openedCount
            explanation.matched = passed.matched
            found.explanation = explanation
        }
        return found
    }

    /// The cursor behind a row, nil of a question that is too large for one.
    func cursor(_ find: Find, _ place: FindCursor.Place) -> String? {
        guard let question = try? FindCursor.question(find) else { return nil }
        return try? FindCursor(question: question, place: place).text
    }

    /// The way to the answer of a plain question.
    func plan(
        _ find: Find,
        _ collection: CollectionEntry,
        _ ownerPath: String?,
        goesOn: Bool = false
    ) throws(StoreError) -> FindPlan {
        let count = state.roots.counts[collection.number] ?? 0
        return try FindPlan(
            find,
            collection,
            ownerPath: ownerPath,
            count: Int(count),
            unready: state.roots.building,
            goesOn: goesOn,
            estimate: estimate
        )
    }

    /// About how many entries a range of the tree has.
    func estimate(_ range: TreeRange) throws(StoreError) -> Int {
        try onTree { () throws(TreeError) in try state.tree.estimate(range, in: view) }
    }

    /// The path of the scope's only owner, for indexes that start with the owner.
    func singleOwnerPath(
        _ owner: String?,
        _ scope: OwnerScope
    ) throws(StoreError)
        -> String?
    {
        guard case .some(let numbers) = scope, numbers.count == 1, let number = numbers.first
        else { return nil }
        let path = try path(ofOwner: number)
        return path ?? owner
    }

    /// The rows of hits that came by score, in another order when one is asked for.
    func rows(
        _ hits: [(ordinal: UInt64, score: Float)],
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> [Found.Row] {
        var reader = reader(keeps: true)
        let shape = RowShape(collection, find.select)
        let keys = SortKeys(find.order, collection)
        let isOrdered = !find.order.isEmpty
        var rows: [Found.Row] = []
        rows.reserveCapacity(hits.count)
        var places: [RowPlace] = []
        var entries: [OrdinalEntry] = []
        entries.reserveCapacity(min(hits.count, RowsAhead.limit))
        while rows.count < hits.count {
            let some = rows.count..<min(rows.count + RowsAhead.limit, hits.count)
            for index in some { OrdinalTable.fetch(hits[index].ordinal, in: view) }
            entries.removeAll(keepingCapacity: true)
            for index in some {
                let ordinal = hits[index].ordinal
                guard let entry = try entry(ordinal) else {
                    throw .inconsistent("an index names ordinal \(ordinal), which is no record")
                }
                reader.fetch(entry)
                entries.append(entry)
            }
            for entry in entries {
                let score = hits[rows.count].score
                if shape.isKey, !isOrdered {
                    let reference = Reference(collection.schema.name, try reader.key(of: entry))
                    rows.append(Found.Row(record: Record(reference, fields: [:]), score: score))
                    continue
                }
                let row = try reader.row(entry, collection, shape, score: score)
                rows.append(row)
                if !isOrdered { continue }
                let key = row.record.reference.key
                places.append(RowPlace(values: try keys.values(&reader, entry, key), key: key))
            }
        }
        if !isOrdered { return rows }
        let order = rows.indices.sorted { left, right in
            let result = places[left].compare(places[right], find.order)
            return result == 0 ? rows[left].score > rows[right].score : result < 0
        }
        return order.map { rows[$0] }
    }
}

extension Find {
    /// How many rows are looked for to skip some and return the rest.
    var reach: Int {
        let (sum, isOver) = limit.addingReportingOverflow(offset)
        return isOver ? .max : sum
    }

    /// Refuses a negative limit or offset.
    ///
    /// - Throws: `.badRequest`.
    func checkBounds() throws(MnemeError) {
        for (name, bound) in [("limit", limit), ("offset", offset)] where bound < 0 {
            throw MnemeError(.badRequest, "\(name) is \(bound); give 0 or more")
        }
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

    /// Refuses to select what is not there or cannot be computed.
    ///
    /// - Throws: `.unknownField`, `.badRequest`, `.badExpression`.
    fileprivate func check(select: [Projection]?) throws(MnemeError) {
        guard let select, !select.isEmpty else { return }
        try select.check("select", schema.fields) { (name) throws(MnemeError) in
            if PseudoField.isOne(name) {
                _ = try pseudoType(of: name)
            } else {
                _ = try fieldNumber(name)
            }
        }
    }

    /// Refuses fields that are not there or have no order.
    func checkOrder(_ name: String) throws(MnemeError) {
        if PseudoField.isOne(name) {
            _ = try pseudoType(of: name)
            return
        }
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
        _ shape: RowShape,
        score: Float = 0
    ) throws(StoreError) -> Found.Row {
        try open(entry)
        return Found.Row(record: try shape.record(&self, entry, collection), score: score)
    }
}
