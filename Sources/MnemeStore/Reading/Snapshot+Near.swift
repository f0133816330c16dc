// The nearest records. First it is looked how many can be in the answer at all: an index may say it
// of the question's filter, and list them. Then the vector index says how it is found in the least
// time: by a scan of the scope's codes, by the codes of those that are listed, or by a walk. What
// is found is held against what is visible and the filter, and rescored from rows in the log.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
package import MnemeRecall
internal import MnemeVectors

extension Snapshot {
    /// The exact scores of records under a vector field, in order; nil where a record has none.
    package func scores(
        _ ordinals: [UInt64],
        field: String,
        _ vector: [Float],
        _ collection: CollectionEntry
    ) throws(MnemeError) -> [Float?] {
        let entry = try collection.vector(field)
        return try reading { state throws(StoreError) in
            try state.scores(ordinals, entry, vector, of: collection.schema.name)
        }
    }
}

extension Snapshot {
    /// The scores of the records of a timeline under a vector field by their codes.
    ///
    /// They are a little off; not a number where a record has no vector.
    ///
    /// - Throws: as `scores`.
    package func codeScores(
        _ timeline: Timeline,
        field: String,
        _ vector: [Float],
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(MnemeError) -> [Float] {
        let entry = try collection.vector(field)
        return try reading { state throws(StoreError) in
            guard case .some(let owners) = scope, owners.count == 1 else {
                return try state.codeScores(timeline, entry, vector, collection.schema.name)
            }
            return try state.codeScores(
                timeline,
                entry,
                vector,
                of: owners[0],
                collection.schema.name
            )
        }
    }
}

extension StateReader {
    fileprivate func codeScores(
        _ timeline: Timeline,
        _ entry: VectorEntry,
        _ vector: [Float],
        of owner: UInt32,
        _ collection: String
    ) throws(StoreError) -> [Float] {
        let index = try vectorIndex(entry)
        let query: PreparedQuery
        do throws(VectorIndexError) {
            query = try Self.prepare(vector, entry)
        } catch {
            throw Self.vectorFailure(error, entry.name, collection)
        }
        var scores = [Float](repeating: .nan, count: timeline.count)
        // Both are in the order of ordinals.
        var next = 0
        do throws(PageError) {
            try index.codeScores(of: owner, to: query, in: view) { ordinal, score in
                while next < timeline.count {
                    let known = timeline.byOrdinal(next)
                    if known.ordinal > ordinal { return }
                    next += 1
                    if known.ordinal == ordinal {
                        scores[known.place] = score
                        return
                    }
                }
            }
        } catch {
            throw .pages(error)
        }
        return scores
    }

    /// Of records of many owners, looked up one by one.
    fileprivate func codeScores(
        _ timeline: Timeline,
        _ entry: VectorEntry,
        _ vector: [Float],
        _ collection: String
    ) throws(StoreError) -> [Float] {
        let index = try vectorIndex(entry)
        var entries: [(owner: UInt32, ordinal: UInt64)] = []
        entries.reserveCapacity(timeline.count)
        for known in timeline.entries {
            entries.append((try self.entry(known.ordinal)?.owner ?? 0, known.ordinal))
        }
        do throws(VectorIndexError) {
            let query = try Self.prepare(vector, entry)
            do throws(PageError) {
                return try index.codeScores(of: entries, to: query, in: view)
            } catch {
                throw .pages(error)
            }
        } catch {
            throw Self.vectorFailure(error, entry.name, collection)
        }
    }

    /// Answers a question for what is near.
    func nearest(
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
            filter: find.filter,
            explains: find.isExplained
        )
        var hits = answer.hits
        if find.offset > 0 { hits.removeFirst(min(find.offset, hits.count)) }
        if let minimum = near.minimum { hits.removeAll { $0.score < minimum } }
        var found = found(
            try rows(hits, find, collection),
            isExact: answer.isExact,
            plan: answer.plan(near)
        )
        if find.isExplained { found.explanation = answer.explanation(near, find) }
        return found
    }

    /// The nearest visible records that pass a filter.
    ///
    /// `way`: the one that is to be gone where it can be; nil for the one that costs least.
    func nearest(
        _ near: Near,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?,
        by way: NearestTier? = nil,
        explains: Bool = false
    ) throws(StoreError) -> NearestRecords {
        let search = try NearSearch(near, collection, scope, limit: limit, self)
        let survivors = try survivors(filter, collection, scope, explains: explains)
        // Codes go with their records; but for a filter, only time takes a record out of sight.
        let hides = mayHide
        let selection =
            survivors?.selection(hides: hides)
            ?? NearestSelection(filter != nil ? .record : hides ? .ordinal : .none)
        var choice = try search.choice(selection, by: way, explains: explains)
        var test = NearTest(filter, collection, self, looks: filter != nil || hides)
        var result = NearestRecords(choice, note: search.note)
        if choice.tier == .walk, let answer = try search.walk(choice, test) {
            result.take(answer, test)
            return result
        }
        choice.tier = choice.fallback
        guard let survivors, choice.tier == .survivors || choice.marks else {
            result.take(try search.scan(choice, test), test)
            return result
        }
        let held = survivors.plan.held
        test = NearTest(held, collection, self, looks: held != nil || hides)
        result.survivors = survivors
        if choice.tier == .survivors {
            result.take(try search.gather(try list(survivors, scope), test), test)
        } else {
            test.members = try members(survivors)
            result.take(try search.scan(choice, test), test)
        }
        return result
    }

    /// The index of a vector field.
    func vectorIndex(_ entry: VectorEntry) throws(StoreError) -> VectorIndex {
        guard let head = state.roots.vectors[entry.number] else {
            throw .inconsistent("vector field \(entry.name) has no index")
        }
        return try onPages { () throws(PageError) in
            try VectorIndex.open(entry.coder, head, in: view)
        }
    }

    static func prepare(
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

    static func vectorFailure(
        _ error: VectorIndexError,
        _ field: String,
        _ collection: String
    ) -> StoreError {
        if case .vector = error {
            return .refused(MnemeError(error, field: field, of: collection))
        }
        return StoreError(error)
    }

    /// The exact scores of records under a vector field, in order; nil where a record has none.
    fileprivate func scores(
        _ ordinals: [UInt64],
        _ entry: VectorEntry,
        _ vector: [Float],
        of collection: String
    ) throws(StoreError) -> [Float?] {
        let index = try vectorIndex(entry)
        let source = MappedVectors(
            log: log,
            view: view,
            rowBytes: entry.coder.shape.rowByteCount
        )
        var entries: [(owner: UInt32, ordinal: UInt64)] = []
        for ordinal in ordinals {
            entries.append((try self.entry(ordinal)?.owner ?? 0, ordinal))
        }
        do throws(VectorIndexError) {
            let query = try Self.prepare(vector, entry)
            return try index.scores(of: entries, to: query, view: view, source: source)
        } catch {
            throw source.failure ?? Self.vectorFailure(error, entry.name, collection)
        }
    }
}
