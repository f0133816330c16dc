// One search of a vector index by a question: its query, its index and its rows, and the test that
// records are held against on the way.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A question for what is near, made ready.
struct NearSearch: ~Copyable {
    private let reader: StateReader
    private let field: String
    private let collection: String
    private let scope: VectorScope
    private let index: VectorIndex
    private let source: MappedVectors
    private let query: PreparedQuery
    private let limits: NearestLimits
    /// What a recall that was asked for came to, for people; nil where none was.
    let note: String?

    /// Checks a question.
    ///
    /// - Throws: `.refused` for a beam or a recall beyond its bounds, a field without vectors, or a
    ///   vector that is none of its.
    init(
        _ near: Near,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        _ reader: StateReader
    ) throws(StoreError) {
        let entry: VectorEntry
        do throws(MnemeError) {
            entry = try collection.vector(near.field)
            try entry.check(near, of: collection.schema.name)
        } catch {
            throw .refused(error)
        }
        let index = try reader.vectorIndex(entry)
        let plan = try reader.plan(
            near,
            entry,
            index,
            scope.vectors,
            limit: limit,
            count: try onPages { () throws(PageError) in try index.tree.count(in: reader.view) }
        )
        let prepared = try Self.prepare(near, entry, collection)
        if !near.isExact { reader.note(near, entry, index, scope.vectors) }
        query = prepared
        (limits, note) = (plan.limits, plan.note)
        source = MappedVectors(
            log: reader.log,
            view: reader.view,
            rowBytes: entry.coder.shape.rowByteCount
        )
        self.reader = reader
        self.index = index
        self.collection = collection.schema.name
        self.scope = scope.vectors
        field = near.field
    }

    private static func prepare(
        _ near: Near,
        _ entry: VectorEntry,
        _ collection: CollectionEntry
    ) throws(StoreError) -> PreparedQuery {
        do throws(VectorIndexError) {
            return try StateReader.prepare(near.vector, entry)
        } catch {
            throw StateReader.vectorFailure(error, near.field, collection.schema.name)
        }
    }

    /// How to search, where so much is known of who may be in the answer.
    func choice(
        _ selection: NearestSelection,
        by way: NearestTier?,
        explains: Bool
    ) throws(StoreError) -> NearestChoice {
        do throws(VectorIndexError) {
            return try index.choice(
                limits,
                in: scope,
                of: selection,
                by: way,
                explains: explains,
                view: reader.view
            )
        } catch {
            throw failure(error)
        }
    }

    /// By the graph; nil where it comes to too little.
    func walk(
        _ choice: NearestChoice,
        _ test: NearTest
    ) throws(StoreError) -> NearestAnswer? {
        if limits.count == 0 { return nil }
        let answer: NearestAnswer?
        do throws(VectorIndexError) {
            answer = try index.walk(
                to: query,
                in: scope,
                limits,
                choice,
                view: reader.view,
                source: source
            ) { test.accepts($0) }
        } catch {
            throw failure(error)
        }
        try test.check()
        return answer
    }

    /// By a scan of the scope.
    func scan(_ choice: NearestChoice, _ test: NearTest) throws(StoreError) -> NearestAnswer {
        let answer: NearestAnswer
        do throws(VectorIndexError) {
            answer = try index.nearest(
                to: query,
                in: scope,
                limits: limits,
                by: choice,
                view: reader.view,
                source: source
            ) { test.accepts($0) }
        } catch {
            throw failure(error)
        }
        try test.check()
        return answer
    }

    /// By those that were listed.
    func gather(_ list: NearestList, _ test: NearTest) throws(StoreError) -> NearestAnswer {
        let answer: NearestAnswer
        do throws(VectorIndexError) {
            answer = try index.nearest(
                to: query,
                among: list,
                limits: limits,
                view: reader.view,
                source: source
            ) { test.accepts($0) }
        } catch {
            throw failure(error)
        }
        try test.check()
        return answer
    }

    private func failure(_ error: VectorIndexError) -> StoreError {
        source.failure ?? StateReader.vectorFailure(error, field, collection)
    }
}

/// What records, or edges, are held against that may be in an answer by nearness.
final class NearTest {
    /// Those of an index that the answer is among; nil where it is among all.
    var members: OrdinalSet?
    private let reader: StateReader
    private let looks: Bool
    private var test: RecordTest
    /// Of edges: who of them is seen, in the place of the test.
    private let sight: EdgeSight?
    private var edges: EdgeReader?
    private var failure: StoreError?

    /// `looks`: records are looked up; else all that are members pass.
    init(
        _ filter: Filter?,
        _ collection: CollectionEntry,
        _ reader: StateReader,
        looks: Bool
    ) {
        self.reader = reader
        self.looks = looks
        test = RecordTest(filter, collection, reader.reader(keeps: false))
        (sight, edges) = (nil, nil)
    }

    /// The same of edges of a type.
    init(
        _ sight: EdgeSight,
        _ scope: EdgeScope,
        _ searched: CollectionEntry,
        _ reader: StateReader
    ) {
        self.reader = reader
        looks = sight.looks
        test = RecordTest(Filter?.none, searched, reader.reader(keeps: false))
        (self.sight, edges) = (sight, EdgeReader(reader, scope))
    }

    /// How many records or edges were read.
    var readCount: Int { edges?.openedCount ?? test.reader.openedCount }

    /// Whether a record may be in the answer; none may behind a failure, which `check` tells.
    func accepts(_ ordinal: UInt64) -> Bool {
        if let members, !members.contains(ordinal) { return false }
        guard looks else { return true }
        do throws(StoreError) {
            guard let sight, var edges else { return try reader.passes(ordinal, &test) }
            self.edges = nil
            defer { self.edges = edges }
            guard try reader.visibleEntry(ordinal) != nil else { return false }
            return try sight.sees(ordinal, &edges)
        } catch {
            failure = failure ?? error
            return false
        }
    }

    /// - Throws: what a look at a record failed with.
    func check() throws(StoreError) {
        if let failure { throw failure }
    }
}
