// Answering `find`: nearest vectors, best matches, or plain rows by an index. Filters are held
// against every row that would be in the answer, so that if k rows match, k come back.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeText
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

    private func found(_ rows: [Found.Row], isExact: Bool, plan: String) -> Found {
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

    // MARK: Near and match

    private func nearest(
        _ near: Near,
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> Found {
        let answer = try nearest(
            near,
            collection,
            scope,
            limit: find.reach,
            filter: find.filter
        )
        var rows: [Found.Row] = []
        for hit in answer.hits.dropFirst(find.offset)
        where near.minimum.map({ hit.score >= $0 }) ?? true {
            rows.append(try row(hit.ordinal, hit.score, find, collection))
        }
        return found(
            try sorted(rows, find),
            isExact: answer.isExact,
            plan: "nearest by \(near.field), \(answer.scanned) codes scanned"
        )
    }

    /// The nearest visible records that pass a filter.
    package func nearest(
        _ near: Near,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?
    ) throws(StoreError) -> NearestRecords {
        let entry: VectorEntry
        do throws(MnemeError) {
            entry = try collection.vector(near.field)
        } catch {
            throw .refused(error)
        }
        guard let root = state.roots.vectors[entry.number] else {
            throw .inconsistent("vector field \(near.field) has no index")
        }
        let index = VectorIndex(coder: entry.coder, root: root)
        let source = MappedVectors(log: log, rowBytes: entry.coder.shape.rowByteCount)
        // Codes go with their records; but for a filter, only time takes a record out of sight.
        let mayHide = filter != nil || state.roots.hasExpiring
        var failure: StoreError?
        let result: NearestRecords
        do throws(VectorIndexError) {
            let query = try Self.prepare(near.vector, entry)
            // Nobody gets more than there is.
            let most = min(try count(index), NearestLimits.most)
            let limits =
                near.isExact
                ? NearestLimits(count: min(limit, most), rescored: most)
                : NearestLimits(count: min(limit, most))
            let answer = try index.nearest(
                to: query,
                in: scope.vectors,
                limits: limits,
                view: view,
                source: source
            ) { ordinal in
                guard mayHide else { return true }
                do throws(StoreError) {
                    return try passes(ordinal, collection, filter)
                } catch {
                    failure = failure ?? error
                    return false
                }
            }
            result = NearestRecords(
                hits: answer.hits.map { ($0.ordinal, $0.score) },
                isExact: answer.isExact,
                scanned: answer.scannedCount
            )
        } catch {
            throw Self.vectorFailure(error)
        }
        if let failure { throw failure }
        return result
    }

    private func count(_ index: VectorIndex) throws(VectorIndexError) -> Int {
        do throws(PageError) { return try index.tree.count(in: view) } catch { throw .pages(error) }
    }

    private static func prepare(
        _ vector: [Float],
        _ entry: VectorEntry
    )
        throws(VectorIndexError) -> PreparedQuery
    {
        do throws(VectorError) {
            return try entry.coder.prepare(vector)
        } catch {
            throw .vector(error)
        }
    }

    private static func vectorFailure(_ error: VectorIndexError) -> StoreError {
        if case .vector = error { return .refused(MnemeError(error)) }
        return StoreError(error)
    }

    /// The exact scores of records under a vector field, in order; nil where a record has none.
    package func scores(
        _ ordinals: [UInt64],
        field: String,
        _ vector: [Float],
        _ collection: CollectionEntry
    ) throws(MnemeError) -> [Float?] {
        let entry = try collection.vector(field)
        return try reading { () throws(StoreError) in
            guard let root = state.roots.vectors[entry.number] else {
                throw .inconsistent("vector field \(field) has no index")
            }
            let index = VectorIndex(coder: entry.coder, root: root)
            let source = MappedVectors(log: log, rowBytes: entry.coder.shape.rowByteCount)
            var entries: [(owner: UInt32, ordinal: UInt64)] = []
            for ordinal in ordinals {
                entries.append((try self.entry(ordinal)?.owner ?? 0, ordinal))
            }
            do throws(VectorIndexError) {
                let query = try Self.prepare(vector, entry)
                return try index.scores(of: entries, to: query, view: view, source: source)
            } catch {
                throw Self.vectorFailure(error)
            }
        }
    }

    private func matching(
        _ match: Match,
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> Found {
        let hits = try matching(
            match,
            collection,
            scope,
            limit: find.reach,
            filter: find.filter
        )
        var rows: [Found.Row] = []
        for hit in hits.dropFirst(find.offset) {
            rows.append(try row(hit.ordinal, hit.score, find, collection))
        }
        return found(
            try sorted(rows, find),
            isExact: true,
            plan: "words in \(match.field), \(state.runs.count) runs"
        )
    }

    /// The best matching visible records that pass a filter.
    package func matching(
        _ match: Match,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?,
        parameters: TextParameters = TextParameters()
    ) throws(StoreError) -> [(ordinal: UInt64, score: Float)] {
        guard let text = collection.texts.first(where: { $0.name == match.field }) else {
            return []
        }
        let terms = try Self.terms(match.words)
        let query = TextQuery(
            terms: terms,
            fields: [TextFieldParameters(text.number, k1: parameters.k1, b: parameters.b)],
            scope: scope.texts,
            limit: limit
        )
        let mayHide = state.roots.deadDocuments > 0 || state.roots.hasExpiring || filter != nil
        let sources = state.runs.map { TextSource($0.run, mayHideDocuments: mayHide) }
        var failure: StoreError?
        let hits = TextSearch.search(query, in: sources) { ordinal, birth in
            do throws(StoreError) {
                guard let entry = try visibleEntry(ordinal), entry.birth == birth else {
                    return false
                }
                return filter == nil ? true : try passes(ordinal, collection, filter)
            } catch {
                failure = failure ?? error
                return false
            }
        }
        if let failure { throw failure }
        return hits.map { ($0.ordinal, $0.score) }
    }

    /// The most bytes of a question's words, and the most different words.
    private static let questionLimit = (bytes: 1 << 20, terms: 4096)

    private static func terms(_ words: String) throws(StoreError) -> [TextTerm] {
        let limit = questionLimit
        let terms: [TextTerm]
        do throws(TextError) {
            terms = words.utf8.count <= limit.bytes ? try Analyzers.shared.question(words) : []
        } catch {
            throw .inconsistent("the text index has no stemmer: \(error)")
        }
        guard words.utf8.count <= limit.bytes, terms.count <= limit.terms else {
            throw .refused(
                MnemeError(
                    .tooLarge,
                    "a question has at most \(limit.bytes) bytes and \(limit.terms) different "
                        + "words; shorten it, or match its parts one by one"
                )
            )
        }
        return terms
    }

    // MARK: Rows

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

    private func row(
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
    private func sorted(_ rows: [Found.Row], _ find: Find) throws(StoreError) -> [Found.Row] {
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

/// Whose records are meant.
package enum OwnerScope: Sendable {
    case all
    /// Numbers of owners, ascending.
    case some([UInt32])
    case nobody

    func contains(_ owner: UInt32) -> Bool {
        switch self {
        case .all: true
        case .some(let numbers): Self.holds(numbers, owner)
        case .nobody: false
        }
    }

    private static func holds(_ numbers: [UInt32], _ owner: UInt32) -> Bool {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < owner { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == owner
    }

    var vectors: VectorScope {
        switch self {
        case .all: .all
        case .some(let numbers): numbers.count == 1 ? .owner(numbers[0]) : .owners(numbers)
        case .nobody: .owners([])
        }
    }

    var texts: TextScope {
        switch self {
        case .all: .all
        case .some(let numbers): numbers.count == 1 ? .owner(numbers[0]) : .owners(numbers)
        case .nobody: .owners([])
        }
    }
}

/// Nearest records by ordinal.
package struct NearestRecords: Sendable {
    /// Best first.
    package let hits: [(ordinal: UInt64, score: Float)]
    package let isExact: Bool
    package let scanned: Int
}

/// How words count; the defaults suit short memories.
package struct TextParameters: Sendable {
    package var k1: Float = 0.9
    package var b: Float = 0.4

    /// The defaults, or others.
    package init(k1: Float = 0.9, b: Float = 0.4) {
        self.k1 = k1
        self.b = b
    }
}

extension Find {
    /// How many rows are looked for to skip some and return the rest.
    fileprivate var reach: Int {
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
