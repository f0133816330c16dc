// A search by the graph: a walk, and a scan of what is not in the graph yet. Where few are turned
// away the walk is a plain one, and what it came to is taken in order of its codes' scores; where
// too little is left, it is made again, wider, as long as that is cheaper than the other ways.
// Where many are turned away, and to say so is cheap, the walk tests on its way.

internal import CKernels
package import MnemePages

extension VectorIndex {
    /// The nearest by the graph; nil where it cannot say enough, and another way is to be gone.
    ///
    /// - Throws: as `nearest`.
    package func walk(
        to query: borrowing PreparedQuery,
        in scope: VectorScope,
        _ limits: NearestLimits,
        _ choice: NearestChoice,
        without avoided: UInt32? = nil,
        view: PageView,
        source: some VectorSource,
        accept: (UInt64) -> Bool
    ) throws(VectorIndexError) -> NearestAnswer? {
        guard let fresh, nodeCount > 0, choice.beam > 0 else { return nil }
        let scratch = GraphScratches.shared.take()
        defer { GraphScratches.shared.give(scratch) }
        var beam = choice.beam
        var kept = max(limits.kept, beam / GraphChoice.keptShare)
        var walked: GraphWalkCount?
        while true {
            var search = ScanSearch(limits: limits.keeping(kept))
            do throws(PageError) {
                let head = try graph(in: view)
                let filter = try filter(head, scope, view)
                let hopeful = unsafe query.hopeful(limits.sureness)
                if walked == nil {
                    walked = try unsafe walk(
                        to: hopeful.query,
                        choice,
                        beam,
                        head,
                        filter,
                        avoided,
                        scratch,
                        accept
                    )
                }
                guard let done = walked else { return nil }
                search.walked(past: done.scored)
                let passed = try unsafe take(
                    scratch,
                    filter,
                    choice,
                    kept,
                    hopeful.margin,
                    &search,
                    accept
                )
                // Where the beam is not full there is no more to come to.
                if scratch.filled == beam, let wider = choice.beam(after: beam, passed, limits) {
                    guard wider <= GraphChoice.widest,
                        GraphChoice.scores(beam: Double(wider)) < Double(choice.most)
                    else { return nil }
                    (beam, kept) = (wider, max(limits.kept, wider / GraphChoice.keptShare))
                    walked = nil
                    continue
                }
                // A walk with a test ends where it came past everything; whether nobody is left out
                // the other ways say.
                if passed.count < limits.count { return nil }
                try scan(scope, of: fresh, &search, query, view, accept)
            } catch {
                throw .pages(error)
            }
            let answer = try finish(search, query, source)
            guard answer.deeper != nil else { return answer }
            if kept < scratch.filled {
                kept = scratch.filled
                continue
            }
            // Codes do not tell these apart. Who asked for a beam has what it came to.
            guard limits.isGuess else { return answer }
            // Copies of a few may fill a beam, and a wider one has others too.
            guard scratch.filled == beam, let wider = choice.beam(beyond: beam) else { return nil }
            (beam, kept) = (wider, wider)
            walked = nil
        }
    }

    private func filter(
        _ head: GraphHead,
        _ scope: VectorScope,
        _ view: PageView
    ) throws(PageError) -> NodeFilter {
        NodeFilter(
            nodes: paged(head, view),
            gone: try goneCount(in: view) > 0 ? gone : nil,
            scope: scope,
            view: view
        )
    }

    /// Fills the beam; nil where it would come past too many codes.
    private func walk(
        to query: mneme_code_query,
        _ choice: NearestChoice,
        _ beam: Int,
        _ head: GraphHead,
        _ filter: NodeFilter,
        _ avoided: UInt32?,
        _ scratch: GraphScratch,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) -> GraphWalkCount? {
        try unsafe withUnsafePointer(to: query) {
            (pointer) throws(PageError) -> GraphWalkCount? in
            guard choice.testsOnWay else {
                return try unsafe filter.nodes.walk(
                    to: pointer,
                    beam: beam,
                    from: head.entries,
                    without: avoided,
                    scratch
                )
            }
            return try unsafe filter.nodes.walk(
                to: pointer,
                results: beam,
                from: head.entries,
                atMost: choice.most,
                scratch
            ) { (node) throws(PageError) -> Bool in
                guard let subject = try filter.subject(node) else { return false }
                return accept(subject.ordinal)
            }
        }
    }

    /// Takes the best of what a walk came to, as far as it is there and accepted: how many, of how
    /// many that were looked at.
    private func take(
        _ scratch: GraphScratch,
        _ filter: NodeFilter,
        _ choice: NearestChoice,
        _ limit: Int,
        _ margin: Float,
        _ search: inout ScanSearch,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) -> (count: Int, of: Int) {
        for place in 0..<min(scratch.filled, limit) {
            try filter.nodes.fetchSubject(GraphScratch.node(unsafe scratch.keys[place]))
        }
        var taken = 0
        var place = 0
        while place < scratch.filled, taken < limit {
            let key = unsafe scratch.keys[place]
            place += 1
            let node = GraphScratch.node(key)
            let subject: GraphSubject
            if choice.testsOnWay {
                subject = try filter.nodes.subject(node)
            } else {
                guard let found = try filter.subject(node), accept(found.ordinal) else { continue }
                subject = found
            }
            search.offer(
                score: GraphScratch.score(key),
                ordinal: subject.ordinal,
                address: subject.address,
                margin: margin > 0 ? try unsafe margin * filter.nodes.code(node).scale.pointee : 0
            )
            taken += 1
        }
        return (taken, place)
    }
}

extension NearestChoice {
    /// How wide the next walk has to be, where too little of what one came to passed; nil where
    /// enough did.
    ///
    /// A beam means so many that pass: how many do is known for sure only afterwards.
    fileprivate func beam(
        after beam: Int,
        _ passed: (count: Int, of: Int),
        _ limits: NearestLimits
    ) -> Int? {
        if testsOnWay { return nil }
        let share = Double(max(passed.count, 1)) / Double(max(passed.of, 1))
        let wanted = Double(GraphChoice.beam(for: limits)) / share
        if passed.count >= limits.count, Double(beam) >= 0.6 * wanted { return nil }
        let least = passed.count < limits.count ? 4 * Double(beam) : 0
        return Int(min(max(1.2 * wanted, least), Double(GraphChoice.widest + 1)))
    }

    /// A much wider beam, where a walk with it still costs less than the other ways; else nil.
    fileprivate func beam(beyond beam: Int) -> Int? {
        let wider = 4 * beam
        guard !testsOnWay, wider <= GraphChoice.widest,
            GraphChoice.scores(beam: Double(wider)) < Double(most)
        else { return nil }
        return wider
    }
}

/// Which nodes are of a scope, and there.
private struct NodeFilter {
    let nodes: PagedGraph
    /// Nodes whose vectors are gone; nil where none is.
    let gone: ColumnTree?
    let scope: VectorScope
    let view: PageView

    /// What a node stands for; nil where it is another's, or not there.
    @inline(__always)
    func subject(_ node: UInt32) throws(PageError) -> GraphSubject? {
        let subject = try nodes.subject(node)
        guard subject.owner != GraphShape.none, scope.contains(subject.owner) else { return nil }
        if let gone, try gone.find(UInt64(node), 0, in: view) != nil { return nil }
        return subject
    }
}
