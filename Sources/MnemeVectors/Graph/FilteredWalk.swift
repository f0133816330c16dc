// The walk with a test. It goes through all nodes, and only those that pass come among its results:
// where few pass it goes on until there are enough of them, and where it has come past more codes
// than it may, it gives up. So it finds with any share of nodes that pass what the plain walk finds
// with the same beam, at a cost that grows as the share shrinks.
//
// Copies of what it came to (`GraphCopies.swift`) are gone through beside all else, one for each
// node whose links are followed: so they are found where they pass, and however many they are, as
// many other nodes are looked at as there are to be results.

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
            // What is no better than the worst of all results leads to nothing better, unless all
            // of them may be copies of one another.
            let isDone = !scratch.metCopies || done.followed >= results
            if isDone, GraphScratch.score(key) <= batch.worst { break }
            if done.scored > most { return nil }
            let own = try code(GraphScratch.node(key))
            let links = try unsafe links(GraphScratch.node(key))
            let isUp = unsafe batch.isNew(links[0], count)
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
            done.scored &+= fresh
            try fetch(fresh, &batch)
            unsafe batch.score(query, fresh)
            if batch.hasLike(own, fresh) {
                fresh = setAside(copiesOf: own, from: isUp ? 1 : 0, fresh, &batch, scratch)
            }
            let isAll = scratch.metCopies && done.followed < results
            try take(scored: fresh, all: isAll, &batch, &open, passes)
            if !scratch.aside.isEmpty { try unsafe takeCopy(query, &batch, scratch, &done, passes) }
        }
        while !scratch.aside.isEmpty, done.scored <= most {
            try unsafe takeCopy(query, &batch, scratch, &done, passes)
        }
        if !scratch.aside.isEmpty { return nil }
        scratch.filled = batch.filled
        return done
    }

    /// Takes the best copy that was set aside in if it passes, and sets those below it aside; where
    /// it is no better than the worst of all results, all are forgotten.
    private func takeCopy(
        _ query: UnsafePointer<mneme_code_query>,
        _ batch: inout GraphBatch,
        _ scratch: GraphScratch,
        _ done: inout GraphWalkCount,
        _ passes: (UInt32) throws(Failure) -> Bool
    ) throws(Failure) {
        guard let key = scratch.aside.pop() else { return }
        let node = GraphScratch.node(key)
        if GraphScratch.score(key) <= batch.worst { return scratch.aside.removeAll() }
        let met = try unsafe gather(below: node, query, &batch)
        done.scored &+= met
        for index in 0..<met { scratch.aside.push(batch.key(index)) }
        guard try passes(node) else { return }
        unsafe batch.nodes[0] = node
        unsafe batch.scores[0] = GraphScratch.score(key)
        _ = batch.insert(1)
    }

    /// Scores the nodes of the batch and takes them in.
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
        try take(scored: taken, all: false, &batch, &open, passes)
    }

    /// Notes those nodes of the batch that the walk may go on from, and takes those in that pass.
    ///
    /// `all`: it may go on from those too that are worse than all results.
    @inline(__always)
    private func take(
        scored taken: Int,
        all: Bool,
        _ batch: inout GraphBatch,
        _ open: inout GraphHeap,
        _ passes: (UInt32) throws(Failure) -> Bool
    ) throws(Failure) {
        let worst = batch.worst
        var passed = 0
        for index in 0..<taken {
            let (node, score) = unsafe (batch.nodes[index], batch.scores[index])
            guard score > worst || all else { continue }
            open.push(GraphScratch.key(score, node))
            guard score > worst, try passes(node) else { continue }
            unsafe batch.nodes[passed] = node
            unsafe batch.scores[passed] = score
            passed &+= 1
        }
        _ = batch.insert(passed)
    }
}
