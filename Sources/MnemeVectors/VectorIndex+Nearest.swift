// The nearest: by the way that was chosen, and where a walk comes to too little, by the one that
// always comes to enough.

package import MnemePages

extension VectorIndex {
    /// The entries nearest to a query, best first.
    ///
    /// `accept` says of ordinals whether they may be in the answer. It is called only for entries
    /// that would be among the best, at most once for each in one round. If `limits.count` entries
    /// of the scope are accepted, as many come back, whatever was chosen.
    ///
    /// `choice`: how, of `choice(_:in:of:by:explains:view:)`; made here where it is nil. `avoided`:
    /// a node of the graph that walks go around.
    /// - Throws: what `source` throws; as `ColumnTree.cursor`.
    /// - Complexity: O(entries of the scope · dimension) of a scan.
    package func nearest(
        to query: borrowing PreparedQuery,
        in scope: VectorScope,
        limits: NearestLimits,
        by choice: NearestChoice? = nil,
        without avoided: UInt32? = nil,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer {
        if limits.count == 0 { return .none }
        let chosen: NearestChoice
        if let choice {
            chosen = choice
        } else {
            chosen = try self.choice(limits, in: scope, of: NearestSelection(.ordinal), view: view)
        }
        if chosen.tier == .walk {
            let found = try walk(
                to: query,
                in: scope,
                limits,
                chosen,
                without: avoided,
                view: view,
                source: source,
                accept: accept
            )
            if let found { return found }
        }
        let most = limits.wantsMany ? try count(of: scope, view) : Int.max
        var asked = limits.among(most)
        var deeper: DeeperRound?
        while true {
            var search = ScanSearch(limits: asked, after: deeper)
            do throws(PageError) {
                try scan(scope, of: tree, &search, query, view, accept)
            } catch {
                throw .pages(error)
            }
            let answer = try finish(search, query, source)
            guard let left = answer.deeper else { return answer }
            let next = asked.next(asked.kept, of: try count(of: scope, view))
            if next <= asked.kept { return answer }
            (asked, deeper) = (asked.keeping(next), left)
        }
    }

    /// The nearest of those that are listed; otherwise as the other.
    ///
    /// - Complexity: O(listed · (log count + dimension)).
    package func nearest(
        to query: borrowing PreparedQuery,
        among list: NearestList,
        limits: NearestLimits,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer {
        if limits.count == 0 { return .none }
        var asked = limits.among(list.count)
        var deeper: DeeperRound?
        while true {
            var search = ScanSearch(limits: asked, after: deeper)
            do throws(PageError) {
                try gather(list, &search, query, view, accept)
            } catch {
                throw .pages(error)
            }
            let answer = try finish(search, query, source)
            guard let left = answer.deeper else { return answer }
            let next = asked.next(asked.kept, of: list.count)
            if next <= asked.kept { return answer }
            (asked, deeper) = (asked.keeping(next), left)
        }
    }

    /// How many entries a scope has.
    ///
    /// - Complexity: O(1) of all, else O(leaves).
    private func count(
        of scope: VectorScope,
        _ view: PageView
    ) throws(VectorIndexError) -> Int {
        do throws(PageError) {
            switch scope {
            case .all: return try tree.count(in: view)
            case .owner(let owner): return try count(of: owner, view)
            case .owners(let owners):
                var sum = 0
                for owner in owners { sum += try count(of: owner, view) }
                return sum
            }
        } catch {
            throw .pages(error)
        }
    }

    private func count(of owner: UInt32, _ view: PageView) throws(PageError) -> Int {
        var sum = 0
        var cursor = try tree.cursor(high: UInt64(owner), in: view)
        while let run = try cursor.nextRun() { sum += run.range.count }
        return sum
    }
}

extension NearestAnswer {
    /// That to a question for nobody.
    static let none = NearestAnswer(
        hits: [],
        scannedCount: 0,
        isExact: true,
        tier: .scan,
        deeper: nil
    )
}
