// The edges of a type that are nearest to a vector: as records are found, in a vector index of the
// property's own. What is seen of them is what a match over edges sees. How many survive a filter
// no index is asked: the properties are read on the way.

internal import MnemeModel
internal import MnemeVectors

extension StateReader {
    /// Answers a question for the edges that are nearest to a vector, which was checked.
    func nearestEdges(
        _ near: Near,
        _ find: Find,
        _ scope: EdgeScope,
        _ searched: CollectionEntry
    ) throws(StoreError) -> Found {
        let owners = try self.scope(find.owner)
        if case .nobody = owners { return nobodys(find) }
        let search = try NearSearch(near, searched, owners, limit: find.reach, self)
        let sight = EdgeSight(find.filter, owners, self)
        var choice = try search.choice(
            NearestSelection(sight.looks ? .record : .none),
            by: nil,
            explains: find.isExplained
        )
        let test = NearTest(sight, scope, searched, self)
        var result = NearestRecords(choice, note: search.note)
        if choice.tier == .walk, let answer = try search.walk(choice, test) {
            result.take(answer, test)
        } else {
            choice.tier = choice.fallback
            result.take(try search.scan(choice, test), test)
        }
        var hits = Array(result.hits.dropFirst(find.offset))
        if let minimum = near.minimum { hits.removeAll { $0.score < minimum } }
        var reader = EdgeReader(self, scope, keeps: true)
        var found = found([], isExact: result.isExact, plan: result.plan(near))
        try add(hits, find, to: &found, &reader) { _ in [:] }
        if find.isExplained { found.explanation = result.explanation(near, find) }
        return found
    }
}
