// Answering `count`: by the entries of an index alone where one has all that is asked, else by
// reading the records that a plan for `find` leads to.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Snapshot {
    /// Counts records of a collection, or edges of a type.
    ///
    /// - Throws: `.unknownCollection`, `.unknownEdgeType`, `.unknownField`, `.badFilter`,
    ///   `.badOwner`, `.badRequest`, `.badExpression`, `.tooLarge`; `.corrupt`, `.disk` when
    ///   something cannot be read.
    /// - Complexity: O(1) for all records of a collection where none expires; O(entries) where an
    ///   index has all that is asked, else O(records).
    package func count(_ asked: Count) throws(MnemeError) -> Counted {
        let begun = asked.isExplained ? clock.elapsed() : 0
        var counted: Counted
        if let type = asked.edges {
            let scope = try edgeScope(type)
            let count = try checked(asked, scope)
            counted = try reading { state throws(StoreError) in try state.count(count, scope) }
        } else {
            let collection = try catalog.readable(asked.collection)
            let count = try checked(asked, collection)
            counted = try reading { state throws(StoreError) in
                guard let instant = count.knownAt else { return try state.count(count, collection) }
                return try state.count(count, collection, knownAt: instant.microseconds)
            }
        }
        if asked.isExplained {
            counted.explanation?.microseconds = Int(clock.elapsed() - begun)
        }
        return counted
    }

    private func checked(
        _ count: Count,
        _ collection: CollectionEntry
    ) throws(MnemeError) -> Count {
        var checked = try count.checked(collection.schema.name, collection.schema.fields) {
            (name) throws(MnemeError) in
            try collection.filterType(of: name)
        }
        if let instant = count.asOf {
            checked.filter = try collection.validity(at: instant, and: count.filter)
        }
        checked.filter = try collection.filter(checked.filter, seeing: count.sight)
        if let filter = checked.filter { checked.filter = try collection.checked(filter) }
        try collection.check(owner: count.owner)
        if count.knownAt != nil { try checked.knownRows.checkKnown(collection, counts: true) }
        return checked
    }

    private func checked(_ count: Count, _ scope: EdgeScope) throws(MnemeError) -> Count {
        guard count.owner == nil else {
            throw MnemeError(
                .badRequest,
                "edges are counted whoever owns them, and an owner is given; filter by $from or $to"
            )
        }
        guard count.knownAt == nil, count.asOf == nil else {
            throw MnemeError(
                .badRequest,
                "edges are counted as they are now, and \"knownAt\" or \"asOf\" is given; leave it "
                    + "out and filter by the properties that say when an edge is valid, or count "
                    + "records"
            )
        }
        try EdgeScope.refuse(count.sight)
        var checked = try count.checked(scope.entry.type.name, scope.entry.type.fields) {
            (name) throws(MnemeError) in
            EdgeScope.isEnd(name) ? nil : try scope.filterType(of: name)
        }
        if let filter = count.filter { checked.filter = try scope.checked(filter, depth: 64) }
        return checked
    }
}

extension StateReader {
    /// Counts the edges of a type; the count was checked.
    fileprivate func count(_ count: Count, _ scope: EdgeScope) throws(StoreError) -> Counted {
        var figures = Figures(count)
        let way = try way(to: count.filter, scope)
        let (ends, visited) = try edges(way, scope)
        var reader = EdgeReader(self, scope)
        let test = count.filter.map(FilterTest.init)
        let names = (count.filter?.fields ?? []).union(count.names)
        var matched = 0
        var wanted = WantedCheck()
        for (passed, ends) in ends.enumerated() {
            try wanted.passed(passed, self)
            let values = try reader.values(names, of: ends)
            if let test, !test.holds({ values[$0] ?? .null }) { continue }
            matched += 1
            try figures.take { values[$0] ?? .null }
        }
        var explanation = Explanation(way: way.name)
        if count.isExplained {
            explanation = try self.explanation(of: way, count.filter, order: [], scope)
        }
        explanation.entries = visited
        explanation.read = reader.openedCount
        explanation.matched = matched
        explanation.isCovered = reader.openedCount == 0
        return try counted(figures, count, explanation)
    }

    /// Counts records of a collection; the count was checked.
    fileprivate func count(
        _ count: Count,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Counted {
        var figures = Figures(count)
        let scope = try scope(count.owner)
        if case .nobody = scope {
            return try counted(figures, count, Explanation(way: "no such owner"))
        }
        let total = state.roots.counts[collection.number] ?? 0
        if count.groups.isEmpty, count.isPlain, count.filter == nil, count.owner == nil,
            !mayHide
        {
            figures.add(Int(clamping: total), to: 0)
            var explanation = Explanation(way: "the number of records, which is kept")
            explanation.isCovered = true
            explanation.matched = Int(clamping: total)
            return try counted(figures, count, explanation)
        }
        let find = count.rows
        let path = try singleOwnerPath(count.owner, scope)
        let plan = try plan(find, collection, path)
        let expected = plan.expected ?? Int(clamping: total)
        if let covering = try covering(count, collection, path) {
            // Whatever is estimated: what the plan leads to has all of its records.
            let isWithin = plan.others == nil && plan.use.map(covering.use.isWithin) ?? true
            if isWithin || Double(covering.expected) * CoveringIndex.cost <= Double(expected) + 1 {
                return try self.count(count, covering, plan, scope)
            }
        }
        return try self.count(count, collection, plan, scope)
    }

    /// Counts records as they were known at an instant; the count was checked.
    ///
    /// - Complexity: that of finding all of them so.
    fileprivate func count(
        _ count: Count,
        _ collection: CollectionEntry,
        knownAt instant: Microseconds
    ) throws(StoreError) -> Counted {
        var figures = Figures(count)
        let found = try known(count.knownRows, collection, at: instant)
        for row in found.rows {
            let record = row.record
            try figures.take { name in
                name == PseudoField.key ? record.reference.key.value : record[name]
            }
        }
        do throws(MnemeError) {
            return Counted(rows: try figures.rows(count), sequence: sequence, plan: found.plan)
        } catch {
            throw .refused(error)
        }
    }

    /// Counts by reading records.
    private func count(
        _ count: Count,
        _ collection: CollectionEntry,
        _ plan: FindPlan,
        _ scope: OwnerScope
    ) throws(StoreError) -> Counted {
        var figures = Figures(count)
        let names = count.names
        let choice = FieldChoice(collection, Array(names))
        let asksKey = names.contains(PseudoField.key)
        var test = RecordTest(plan.held, collection, reader(keeps: false))
        var matched = 0
        var walk = try PlanWalk(plan, self)
        let isRead = asksKey || choice.count > 0
        let looked = isRead || plan.held != nil ? test.fieldNumbers : nil
        var ahead = RowsAhead()
        while try ahead.fill(&walk, self, scope, fields: looked) {
            for row in ahead.rows {
                let entry = row.entry
                test.reader.offer(row.version)
                guard try test.passes(entry) else { continue }
                matched += 1
                if isRead { try test.reader.open(entry) }
                let fields = try test.reader.fields(choice)
                let key = asksKey ? try test.reader.key().value : Value.null
                try figures.take { name in
                    switch name {
                    case PseudoField.key: key
                    case PseudoField.version: .int(Int64(clamping: entry.birth))
                    default: fields[name] ?? .null
                    }
                }
            }
        }
        var explanation = plan.explanation
        if explanation.way.isEmpty { explanation.way = plan.summary }
        explanation.isOrdered = false
        explanation.entries = walk.visited
        explanation.read = test.reader.openedCount
        explanation.matched = matched
        explanation.isCovered = test.reader.openedCount == 0
        return try counted(figures, count, explanation)
    }

    func counted(
        _ figures: Figures,
        _ count: Count,
        _ explanation: Explanation
    ) throws(StoreError) -> Counted {
        let rows: [[String: Value]]
        do throws(MnemeError) { rows = try figures.rows(count) } catch { throw .refused(error) }
        let entries = explanation.entries == 1 ? "1 entry" : "\(explanation.entries) entries"
        return Counted(
            rows: rows,
            sequence: sequence,
            plan: "\(explanation.way); \(entries) visited"
                + (explanation.isCovered ? ", no records read" : ""),
            explanation: count.isExplained ? explanation : Explanation?.none
        )
    }
}

extension Figures {
    /// Counts something into the group that it belongs to.
    fileprivate mutating func take(_ value: (String) -> Value) throws(StoreError) {
        do throws(MnemeError) {
            add(to: try place(value), value)
        } catch {
            throw .refused(error)
        }
    }
}
