// What walks do with copies: they are set aside on the way, and put in at the end, best first, as
// long as they beat what the beam has. From a copy only copies are gone on to, as nothing else
// hangs below it.

internal import CKernels

extension GraphNodes {
    /// Sets copies of a node that were scored aside, of the places of the batch from `start` on;
    /// how many of the batch are left.
    ///
    /// The node's first link is not set aside: it is the way up to the root of the copies.
    func setAside(
        copiesOf own: GraphCode,
        from start: Int,
        _ taken: Int,
        _ batch: inout GraphBatch,
        _ scratch: GraphScratch
    ) -> Int {
        var kept = 0
        for index in 0..<taken {
            if isLike(own, index, batch) {
                scratch.metCopies = true
                if index >= start {
                    scratch.aside.push(batch.key(index))
                    continue
                }
            }
            unsafe batch.nodes[kept] = batch.nodes[index]
            unsafe batch.scores[kept] = batch.scores[index]
            kept += 1
        }
        return kept
    }

    /// Whether what stands at a place of the batch is a copy of a node.
    private func isLike(_ own: GraphCode, _ index: Int, _ batch: borrowing GraphBatch) -> Bool {
        let other = unsafe GraphCode(
            batch.codes[index],
            scale: batch.scales + index,
            bias: batch.biases + index
        )
        return other.isCopy(of: own, shape.codeByteCount)
    }

    /// Scores the copies that hang below one and were not seen yet; what stands in the batch then.
    func gather(
        below copy: UInt32,
        _ query: UnsafePointer<mneme_code_query>,
        _ batch: inout GraphBatch
    ) throws(Failure) -> Int {
        let own = try code(copy)
        let links = try unsafe links(copy)
        var met = 0
        for index in 0..<GraphShape.degree {
            let node = unsafe links[index]
            if node >= count { break }
            guard unsafe batch.marks[Int(node)] != batch.generation,
                try code(node).isCopy(of: own, shape.codeByteCount)
            else { continue }
            unsafe batch.marks[Int(node)] = batch.generation
            unsafe batch.nodes[met] = node
            met += 1
        }
        try fetch(met, &batch)
        unsafe batch.score(query, met)
        return met
    }

    /// Puts the best of the copies that were set aside into the beam, and of those below them.
    func putCopies(
        _ query: UnsafePointer<mneme_code_query>,
        _ batch: inout GraphBatch,
        _ scratch: GraphScratch,
        _ done: inout GraphWalkCount
    ) throws(Failure) {
        while let key = scratch.aside.pop() {
            if GraphScratch.score(key) <= batch.worst { break }
            unsafe batch.nodes[0] = GraphScratch.node(key)
            unsafe batch.scores[0] = GraphScratch.score(key)
            _ = batch.insert(1)
            let met = try unsafe gather(below: GraphScratch.node(key), query, &batch)
            done.followed &+= 1
            done.scored &+= met
            for index in 0..<met { scratch.aside.push(batch.key(index)) }
        }
    }
}

extension GraphBatch {
    /// The key of what stands at a place of the batch.
    func key(_ index: Int) -> UInt64 {
        unsafe GraphScratch.key(scores[index], nodes[index])
    }
}
