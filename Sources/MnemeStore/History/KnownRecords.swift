// What records were at an instant. What has not changed since is read as it stands; what has is
// made again from the rows of the changes since, newest first.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What a record that has changed since was at an instant.
struct PastRecord {
    let key: Key
    let owner: UInt32
    let fields: [UInt16: Value]
}

extension StateReader {
    /// The same at an earlier instant: what had not expired by then is there.
    ///
    /// What it reads it reads from the log, which says when it was committed.
    func seen(at instant: Microseconds) -> StateReader {
        StateReader(
            state: state,
            log: log,
            cache: RecordCache(byteCount: 0),
            visibility: Visibility(sequence: visibility.sequence, instant: instant),
            opening: opening,
            reach: reach
        )
    }

    /// Refuses an instant that is before what a history has.
    ///
    /// - Throws: `.refused` with `.noHistory`, which names the earliest instant.
    func checkKept(
        _ instant: Microseconds,
        _ collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) {
        var earliest = Microseconds.min
        let marker = try onTree { () throws(TreeError) in
            try state.tree.value64(HistoryKeys(rows: rows).marker, in: view)
        }
        if let marker { earliest = try HistoryRow(stored(marker)).at }
        if let days = collection.schema.history?.days {
            earliest = max(earliest, visibility.instant - Int64(days) * 86_400_000_000)
        }
        guard instant < earliest else { return }
        throw Self.notKept(instant, collection, earliest: earliest)
    }

    private static func notKept(
        _ instant: Microseconds,
        _ collection: CollectionEntry,
        earliest: Microseconds
    ) -> StoreError {
        .refused(
            MnemeError(
                .noHistory,
                "what was known at \(Instant(microseconds: instant)) of collection "
                    + "\"\(collection.schema.name)\" is not kept any more, or was not yet; the "
                    + "earliest instant to ask for is \(Instant(microseconds: earliest))"
            )
        )
    }

    /// What one record was, made of the rows of its changes since, newest first; nil where it was
    /// not there.
    ///
    /// - Throws: `.refused` with `.noHistory` where that is not kept.
    func past(
        _ key: Key,
        at instant: Microseconds,
        _ changes: [HistoryRow],
        _ collection: CollectionEntry,
        _ rows: CollectionEntry
    ) throws(StoreError) -> PastRecord? {
        guard let first = changes.last else { return nil }
        guard let since = first.since, since <= instant else {
            // It came later. Whether one was there before it is known as long as that one's rows
            // are, or there was none.
            let made = first.kind == .created ? first.version : first.version - 1
            let isFirst = first.kind == .created || first.wasFirst
            if isFirst, made <= 1 { return nil }
            let range = HistoryKeys(rows: rows).versions(of: key, below: first.version)
            let hasOlder = try onTree { () throws(TreeError) in
                try state.tree.cursor(range, in: view).hasNext()
            }
            if isFirst, hasOlder { return nil }
            throw Self.notKept(instant, collection, earliest: first.since ?? first.at)
        }
        guard instant < first.until else { return nil }
        var fields: [UInt16: Value]? = try standing(collection, key)?.fields
        for row in changes {
            if row.endsLife { fields = [:] }
            if row.kind == .created {
                fields = nil
            } else {
                fields = fields.flatMap { row.difference.applied(to: $0) }
            }
        }
        guard let fields else {
            throw .inconsistent("the rows of \(key) do not fit what stands there")
        }
        return PastRecord(key: key, owner: first.owner, fields: fields)
    }

    /// The rows of changes of a record that were made after an instant, newest first.
    private func changes(
        of key: Key,
        after instant: Microseconds,
        _ rows: CollectionEntry
    ) throws(StoreError) -> [HistoryRow] {
        let range = HistoryKeys(rows: rows).versions(of: key)
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, reversed: true, in: view)
        }
        var changes: [HistoryRow] = []
        while try onTree({ () throws(TreeError) in try cursor.next() }) {
            let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
            guard let row = try row(ordinal) else { continue }
            guard row.at > instant else { break }
            changes.append(row)
        }
        return changes
    }

    /// A record as it was known at an instant, without vectors; nil where it was not there.
    ///
    /// - Complexity: O(its changes since).
    func known(
        _ key: Key,
        at asked: Microseconds,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Record? {
        let rows = try rows(of: collection)
        let instant = min(asked, visibility.instant)
        try checkKept(instant, collection, rows)
        let reference = Reference(collection.schema.name, key)
        let changes = try changes(of: key, after: instant, rows)
        guard try reachesPast(changes, of: key, collection) else { return nil }
        if changes.isEmpty {
            guard let standing = try standing(collection, key), standing.time <= instant,
                instant < standing.entry.expiresAt
            else { return nil }
            return Record(reference, fields: collection.named(standing.fields))
        }
        guard let past = try past(key, at: instant, changes, collection, rows) else { return nil }
        return Record(reference, fields: collection.named(past.fields))
    }
}

// MARK: Questions

/// A row of an answer, before it is known which are wanted.
private struct KnownMatch {
    enum Source {
        case standing(OrdinalEntry)
        case past([UInt16: Value])
    }
    let place: RowPlace
    let source: Source
}

extension Find {
    /// Refuses what cannot be asked of what was known at an instant.
    ///
    /// `counts`: what is selected is counted, so that a vector, which would be left out, is refused
    /// there too.
    ///
    /// - Throws: `.badRequest`.
    func checkKnown(
        _ collection: CollectionEntry,
        counts: Bool = false
    ) throws(MnemeError) {
        guard near == nil, match == nil, after == nil, !isExplained else {
            throw MnemeError(
                .badRequest,
                "what was known at an instant is found by filters and orders alone; leave "
                    + "\"near\", \"match\", \"after\" and \"explain\" out, or \"knownAt\""
            )
        }
        var names = filter?.fields ?? []
        names.formUnion(order.map(\.field))
        for part in select ?? [] { names.formUnion(part.fields) }
        guard !names.contains(PseudoField.version) else {
            throw MnemeError(
                .badRequest,
                "what was known at an instant has no versions; leave \"$version\" out, or "
                    + "\"knownAt\""
            )
        }
        let looked = counts ? names : filter?.fields ?? []
        if let vector = collection.vectors.first(where: { looked.contains($0.name) }) {
            throw MnemeError(
                .badRequest,
                "what was known at an instant has no vectors, and \"\(vector.name)\" of collection "
                    + "\"\(collection.schema.name)\" is one; leave it out, or \"knownAt\""
            )
        }
    }
}

extension StateReader {
    /// Answers a plain question that was checked, as the records were known at an instant.
    ///
    /// - Complexity: that of the question now, in order where it asks for one, and O(changes of the
    ///   collection since).
    func known(
        _ find: Find,
        _ collection: CollectionEntry,
        at asked: Microseconds
    ) throws(StoreError) -> Found {
        let rows = try rows(of: collection)
        let instant = min(asked, visibility.instant)
        try checkKept(instant, collection, rows)
        let scope = try scope(find.owner)
        if case .nobody = scope { return found([], isExact: true, plan: "no such owner") }
        let changes = try changes(of: collection, after: instant, rows)
        var matches: [KnownMatch] = []
        let filter = find.filter.map(FilterTest.init)
        for (key, rowsOfKey) in changes {
            guard try reachesPast(rowsOfKey, of: key, collection) else { continue }
            guard let past = try past(key, at: instant, rowsOfKey, collection, rows),
                scope.contains(past.owner)
            else { continue }
            func value(_ name: String) -> Value {
                if name == PseudoField.key { return key.value }
                return collection.fieldNumbers[name].flatMap { past.fields[$0] } ?? .null
            }
            if let filter, !filter.holds(value) { continue }
            let place = RowPlace(values: find.order.map { value($0.field) }, key: key)
            matches.append(KnownMatch(place: place, source: .past(past.fields)))
        }
        let plan = try plan(find, collection, try singleOwnerPath(find.owner, scope))
        let visited = try addStanding(find, collection, scope, plan, at: instant, &matches) {
            changes[$0] != nil
        }
        return found(
            try answer(matches, find, collection),
            isExact: true,
            plan: "\(plan.summary); \(visited) entries visited, \(changes.count) records changed "
                + "since"
        )
    }

    /// Adds what stands as it stood at an instant.
    private func addStanding(
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        _ plan: FindPlan,
        at instant: Microseconds,
        _ matches: inout [KnownMatch],
        hasChanged: (Key) -> Bool
    ) throws(StoreError) -> Int {
        let past = seen(at: instant)
        let keys = SortKeys(find.order, collection)
        var test = RecordTest(plan.held, collection, past.reader(keeps: false))
        // By key nothing comes twice, so that the first ones are enough.
        let most = plan.isByKey && plan.isOrdered ? find.reach : Int.max
        var count = 0
        var walk = try PlanWalk(plan, past)
        while count < most, let ordinal = try walk.next() {
            guard let entry = try past.visibleEntry(ordinal), scope.contains(entry.owner),
                try test.passes(entry)
            else { continue }
            try test.reader.open(entry)
            let key = try test.reader.key()
            guard try test.reader.time() <= instant, !hasChanged(key) else { continue }
            count += 1
            let place = RowPlace(values: try keys.values(&test.reader, entry, key), key: key)
            matches.append(KnownMatch(place: place, source: .standing(entry)))
        }
        return walk.visited
    }

    /// The rows of changes of a collection's records that were made after an instant, by record,
    /// newest first.
    private func changes(
        of collection: CollectionEntry,
        after instant: Microseconds,
        _ rows: CollectionEntry
    ) throws(StoreError) -> [Key: [HistoryRow]] {
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(
                HistoryKeys(rows: rows).changes(after: instant),
                reversed: true,
                in: view
            )
        }
        var changes: [Key: [HistoryRow]] = [:]
        while try onTree({ () throws(TreeError) in try cursor.next() }) {
            let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
            guard let row = try row(ordinal), let key = row.of else { continue }
            changes[key, default: []].append(row)
        }
        return changes
    }

    /// The rows that are wanted, in order.
    private func answer(
        _ matches: [KnownMatch],
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> [Found.Row] {
        let ordered = matches.sorted { $0.place.isOrdered(before: $1.place, find.order) }
        let shape = RowShape(collection, known: find.select)
        var reader = reader(keeps: false)
        var rows: [Found.Row] = []
        for match in ordered.dropFirst(find.offset).prefix(find.limit) {
            switch match.source {
            case .standing(let entry): rows.append(try reader.row(entry, collection, shape))
            case .past(let fields):
                let reference = Reference(collection.schema.name, match.place.key)
                let record = Record(reference, fields: collection.named(fields))
                rows.append(Found.Row(record: shape.record(of: record), score: 0))
            }
        }
        return rows
    }
}

extension TreeCursor {
    /// Whether there is an entry.
    fileprivate consuming func hasNext() throws(TreeError) -> Bool {
        var cursor = self
        return try cursor.next()
    }
}
