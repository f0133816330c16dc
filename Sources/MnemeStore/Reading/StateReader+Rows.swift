// Going through the answer of a plain question: entries as its plan leads to them, those that pass
// in their order. What becomes of each is the asker's.

internal import MnemeModel
internal import MnemePages

/// What going through an answer came to.
struct RowsPassed {
    /// How many entries were gone through.
    var visited = 0
    /// How many records passed, those that were skipped included.
    var matched = 0
    /// The key of the entry on which an answer ended that may go on; empty of others.
    var lastKey: [UInt8] = []
    /// The place of the last row where rows were sorted, and there are more.
    var lastPlace: RowPlace?
}

extension StateReader {
    /// The most records that one question leaves in the cache, of those that it looks at.
    ///
    /// Whoever stops along an index looks at much the same ones the next time.
    private static let keptRows = 2048

    /// A test of what a plan leaves to be held, with a reader for the answer's rows.
    func test(
        _ plan: FindPlan,
        _ held: HeldFilter?,
        _ collection: CollectionEntry
    ) -> RecordTest {
        let isShort = plan.isOrdered || plan.expected ?? .max <= Self.keptRows
        return RecordTest(held, collection, reader(keeping: isShort ? Self.keptRows : 0))
    }

    /// Hands out the versions that a plain question finds, in its order.
    ///
    /// - Complexity: O(entries of the way), and O(*m* log *m*) for *m* rows that are sorted.
    func eachRow(
        _ find: Find,
        _ way: FindWay,
        _ keys: SortKeys,
        _ test: inout RecordTest,
        _ take: (OrdinalEntry, inout RecordReader) throws(StoreError) -> Void
    ) throws(StoreError) -> RowsPassed {
        if way.plan.isOrdered { return try eachRowInOrder(find, way, &test, take) }
        let wanted = find.reach
        var passed = RowsPassed()
        var matches = BestMatches(find, behind: way.behind)
        let fields = test.fieldNumbers + keys.fieldNumbers
        var walk = try PlanWalk(way.plan, self)
        var ahead = RowsAhead()
        while try ahead.fill(&walk, self, way.scope, fields: fields) {
            for row in ahead.rows {
                test.reader.offer(row.version)
                guard try test.passes(row.entry) else { continue }
                matches.add(try test.reader.match(row.entry, keys))
            }
        }
        passed.visited = walk.visited
        passed.matched = matches.count
        let page = matches.first(wanted).dropFirst(find.offset)
        if page.count <= Self.keptRows { test.reader.keep(page.count) }
        for match in page { try take(match.entry, &test.reader) }
        if matches.count > wanted { passed.lastPlace = page.last?.place }
        return passed
    }

    /// The same where entries come in the order of the answer: until enough have passed.
    private func eachRowInOrder(
        _ find: Find,
        _ way: FindWay,
        _ test: inout RecordTest,
        _ take: (OrdinalEntry, inout RecordReader) throws(StoreError) -> Void
    ) throws(StoreError) -> RowsPassed {
        let wanted = find.reach
        var passed = RowsPassed()
        var walk = try PlanWalk(way.plan, self)
        while passed.matched < wanted, let ordinal = try walk.next() {
            guard let entry = try visibleEntry(ordinal), way.scope.contains(entry.owner),
                try test.passes(entry)
            else { continue }
            passed.matched += 1
            if passed.matched > find.offset { try take(entry, &test.reader) }
        }
        passed.visited = walk.visited
        if passed.matched >= wanted, !way.plan.isByKey { passed.lastKey = try walk.key }
        return passed
    }
}

extension RecordReader {
    /// A version with what puts it in order.
    fileprivate mutating func match(
        _ entry: OrdinalEntry,
        _ keys: SortKeys
    ) throws(StoreError) -> OrderedMatch {
        try open(entry)
        let key = try key()
        let values = try keys.values(&self, entry, key)
        return OrderedMatch(entry, RowPlace(values: values, key: key), keys.order)
    }
}
