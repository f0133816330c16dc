// The walk with a test. It goes through all nodes, and only those that pass come among its results:
// where few pass it goes on until there are enough of them, and where it has come past more codes
// than it may, it gives up. So it finds with any share of nodes that pass what the plain walk finds
// with the same beam, at a cost that grows as the share shrinks.

internal import CKernels

extension GraphNodes {
    /// Fills `scratch` with what is nearest to a query by its code and passes.
    ///
    /// Afterwards `scratch.filled` keys are there, best first, at most `results`. `passes` is asked
    /// once of each node that would be among them.
    /// - Returns: nil where more than `most` codes would have been scored.
    /// - Complexity: about that of a plain walk whose beam is wider by the share that passes.
    func walk(
        to query: UnsafePointer<mneme_code_query>,
        results: Int,
        from entries: [UInt32],
        atMost most: Int,
        _ scratch: GraphScratch,
        passes: (UInt32) throws(Failure) -> Bool
    ) throws(Failure) -> GraphWalkCount? {
        var done = GraphWalkCount()
        scratch.begin(count: count, beam: results)
        var open = GraphHeap()
        swap(&open, &scratch.open)
        defer { swap(&open, &scratch.open) }
        open.removeAll()
        var batch = GraphBatch(scratch, beam: results)
        let marks = unsafe batch.marks
        let generation = batch.generation
        var start = 0
        while start < entries.count {
            let end = min(start + GraphScratch.batch, entries.count)
            var taken = 0
            for index in start..<end where entries[index] < count {
                let node = entries[index]
                guard unsafe marks[Int(node)] != generation else { continue }
                unsafe marks[Int(node)] = generation
                unsafe batch.nodes[taken] = node
                taken += 1
            }
            try unsafe take(taken, query, &batch, &open, &done, passes)
            start = end
        }
        while let key = open.pop() {
            // What is no better than the worst of all results leads to nothing better.
            if GraphScratch.score(key) <= batch.worst { break }
            if done.scored > most { return nil }
            let links = try unsafe links(GraphScratch.node(key))
            var fresh = 0
            for index in 0..<GraphShape.degree {
                let node = unsafe links[index]
                if node >= count { break }
                let isFresh = unsafe marks[Int(node)] != generation
                unsafe marks[Int(node)] = generation
                unsafe batch.nodes[fresh] = node
                fresh &+= isFresh ? 1 : 0
            }
            done.followed &+= 1
            try unsafe take(fresh, query, &batch, &open, &done, passes)
        }
        scratch.filled = batch.filled
        return done
    }

    /// Scores the nodes of the batch, notes those that the walk may go on from, and takes those in
    /// that pass.
    @inline(__always)
    private func take(
        _ taken: Int,
        _ query: UnsafePointer<mneme_code_query>,
        _ batch: inout GraphBatch,
        _ open: inout GraphHeap,
        _ done: inout GraphWalkCount,
        _ passes: (UInt32) throws(Failure) -> Bool
    ) throws(Failure) {
        done.scored &+= taken
        try fetch(taken, &batch)
        unsafe batch.score(query, taken)
        let worst = batch.worst
        var passed = 0
        for index in 0..<taken {
            let (node, score) = unsafe (batch.nodes[index], batch.scores[index])
            guard score > worst else { continue }
            open.push(GraphScratch.key(score, node))
            guard try passes(node) else { continue }
            unsafe batch.nodes[passed] = node
            unsafe batch.scores[passed] = score
            passed &+= 1
        }
        _ = batch.insert(passed)
    }
}
