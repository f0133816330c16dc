// The nearest records: a scan of codes in the question's scope, filtered by what is visible and by
// the question's filter, rescored from rows in the log.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
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

extension StateReader {
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
            filter: find.filter
        )
        let hits = answer.hits.dropFirst(find.offset).filter { hit in
            near.minimum.map { hit.score >= $0 } ?? true
        }
        var found = found(
            try rows(hits, find, collection),
            isExact: answer.isExact,
            plan: "nearest by \(near.field), \(answer.scanned) codes "
                + (answer.isWalked ? "on a walk" : "scanned")
                + (answer.note.map { ", \($0)" } ?? "")
        )
        if find.isExplained {
            var explanation = Explanation.ranked(
                "nearest by \(near.field)",
                find,
                matched: answer.hits.count
            )
            explanation.entries = answer.scanned
            found.explanation = explanation
        }
        return found
    }

    /// The nearest visible records that pass a filter.
    func nearest(
        _ near: Near,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?
    ) throws(StoreError) -> NearestRecords {
        let entry: VectorEntry
        do throws(MnemeError) {
            entry = try collection.vector(near.field)
            try entry.check(near, of: collection.schema.name)
        } catch {
            throw .refused(error)
        }
        let index = try vectorIndex(entry)
        let plan = try plan(
            near,
            entry,
            index,
            scope.vectors,
            limit: limit,
            count: try onPages { () throws(PageError) in try index.tree.count(in: view) }
        )
        let source = MappedVectors(
            log: log,
            view: view,
            rowBytes: entry.coder.shape.rowByteCount
        )
        // Codes go with their records; but for a filter, only time takes a record out of sight.
        let mayHide = filter != nil || state.roots.mayHide
        var failure: StoreError?
        var test = RecordTest(filter, collection, reader(keeps: false))
        let result: NearestRecords
        do throws(VectorIndexError) {
            let query = try Self.prepare(near.vector, entry)
            if !near.isExact { note(near, entry, index, scope.vectors) }
            let answer = try index.nearest(
                to: query,
                in: scope.vectors,
                limits: plan.limits,
                view: view,
                source: source
            ) { ordinal in
                guard mayHide else { return true }
                do throws(StoreError) {
                    return try passes(ordinal, &test)
                } catch {
                    failure = failure ?? error
                    return false
                }
            }
            result = NearestRecords(
                hits: answer.hits.map { ($0.ordinal, $0.score) },
                isExact: answer.isExact,
                scanned: answer.scannedCount,
                isWalked: answer.tier == .graph,
                note: plan.note
            )
        } catch {
            throw source.failure ?? Self.vectorFailure(error, near.field, collection.schema.name)
        }
        if let failure { throw failure }
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

    private static func vectorFailure(
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

/// Nearest records by ordinal.
package struct NearestRecords: Sendable {
    /// Best first.
    package let hits: [(ordinal: UInt64, score: Float)]
    package let isExact: Bool
    /// How many codes were scored.
    package let scanned: Int
    /// Whether that was on a walk through the graph.
    package let isWalked: Bool
    /// What a recall that was asked for came to, for people; nil where none was.
    package let note: String?
}
