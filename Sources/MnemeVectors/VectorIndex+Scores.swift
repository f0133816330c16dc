// Scores of vectors that somebody else has found: exactly, or of all of an owner's by their codes.

internal import CKernels
package import MnemePages

extension VectorIndex {
    /// The address of a vector, nil when it is not there.
    ///
    /// - Throws: as `ColumnTree.find`.
    package func address(
        owner: UInt32,
        ordinal: UInt64,
        in view: PageView
    )
        throws(PageError) -> UInt64?
    {
        try tree.find(UInt64(owner), ordinal, in: view)?.load64(Self.address)
    }

    /// The scores of an owner's entries by their codes, by ordinal.
    ///
    /// Under cosine they are off by about 0.1 / √dimension.
    ///
    /// - Throws: as `ColumnTree.cursor`.
    /// - Complexity: O(entries · dimension); about 5 ns an entry at 384 dimensions.
    package func codeScores(
        of owner: UInt32,
        to query: borrowing PreparedQuery,
        in view: PageView,
        each: (_ ordinal: UInt64, _ score: Float) -> Void
    ) throws(PageError) {
        let layout = LeafLayout(tree.shape)
        var scores: [Float] = []
        var cursor = try tree.cursor(high: UInt64(owner), in: view)
        while let leaf = try cursor.nextRun() {
            let block = layout.block(leaf)
            if scores.count < block.count + Self.scoreSlack {
                scores = [Float](repeating: 0, count: block.count + Self.scoreSlack)
            }
            // SAFETY: there is room for the block's scores and what the kernel asks for beside.
            unsafe scores.withUnsafeMutableBufferPointer { room in
                guard let room = room.baseAddress else { return }
                unsafe withUnsafePointer(to: query.codeQuery) { codeQuery in
                    unsafe Kernels.chosen.codes_score(
                        codeQuery,
                        block.codes,
                        block.scales,
                        block.biases,
                        block.count,
                        room
                    )
                }
            }
            for place in 0..<block.count {
                each(unsafe block.ordinals[place * block.ordinalStride], scores[place])
            }
        }
    }

    private static let scoreSlack = 16

    /// The scores of given entries by their codes, in their order; not a number for one that has no
    /// vector.
    ///
    /// They are off as those of an owner.
    ///
    /// - Throws: as `ColumnTree.find`.
    /// - Complexity: O(entries · (log count + dimension)); an entry costs about as much as those
    ///   lines of memory that it stands on.
    package func codeScores(
        of entries: [(owner: UInt32, ordinal: UInt64)],
        to query: borrowing PreparedQuery,
        in view: PageView
    ) throws(PageError) -> [Float] {
        var scores = [Float](repeating: .nan, count: entries.count)
        let layout = LeafLayout(tree.shape)
        let codeByteCount = tree.shape.size(Self.code)
        var lookup = ColumnLookup(tree, in: view)
        var codes = GatheredCodes()
        var done = 0
        while done < entries.count {
            let part = entries[done..<min(done + GatheredCodes.most, entries.count)]
            let keys = part.map { ColumnKey(UInt64($0.owner), $0.ordinal) }
            try lookup.find(keys[...])
            for run in lookup.runs {
                if let run { unsafe mneme_prefetch(layout.block(run).codes, codeByteCount) }
            }
            codes.removeAll()
            for run in lookup.runs { if let run { codes.add(layout.block(run)) } }
            var next = 0
            codes.forEachScore(by: query) { score in
                while lookup.runs[next] == nil { next += 1 }
                scores[done + next] = score
                next += 1
            }
            done += part.count
        }
        return scores
    }

    /// The exact scores of given entries, in their order; nil for one that has no vector.
    ///
    /// - Throws: as `nearest`.
    /// - Complexity: O(entries · (log count + dimension)).
    package func scores(
        of entries: [(owner: UInt32, ordinal: UInt64)],
        to query: borrowing PreparedQuery,
        view: PageView,
        source: some VectorSource
    ) throws(VectorIndexError) -> [Float?] {
        var addresses: [UInt64] = []
        var ordinals: [UInt64] = []
        var places: [Int] = []
        do throws(PageError) {
            for (place, entry) in entries.enumerated() {
                if let found = try address(owner: entry.owner, ordinal: entry.ordinal, in: view) {
                    addresses.append(found)
                    ordinals.append(entry.ordinal)
                    places.append(place)
                }
            }
        } catch {
            throw .pages(error)
        }
        var scores = [Float?](repeating: nil, count: entries.count)
        do throws(VectorError) {
            let exact = try query.scores(at: addresses, of: ordinals, from: source)
            for (place, score) in zip(places, exact) { scores[place] = score }
        } catch {
            throw .vector(error)
        }
        return scores
    }
}

extension PreparedQuery {
    /// The exact scores of the rows at the addresses.
    ///
    /// - Throws: what the source throws.
    func scores(
        at addresses: [UInt64],
        of ordinals: [UInt64],
        from source: some VectorSource
    ) throws(VectorError)
        -> [Float]
    {
        let count = addresses.count
        guard count > 0 else { return [] }
        let room = AlignedBytes(byteCount: count * 32)
        let rows = unsafe room.part(at: 0, of: UnsafeRawPointer.self)
        let copied = unsafe room.part(at: count * 8, of: UInt64.self)
        let exact = unsafe room.part(at: count * 16, of: Float.self)
        let norms = unsafe room.part(at: count * 20, of: Float.self)
        let owned = unsafe room.part(at: count * 24, of: UInt64.self)
        for (index, address) in addresses.enumerated() { unsafe copied[index] = address }
        for (index, ordinal) in ordinals.enumerated() { unsafe owned[index] = ordinal }
        try unsafe source.resolve(
            UnsafeBufferPointer(start: copied, count: count),
            of: owned,
            into: rows
        )
        unsafe score(rows: rows, count: count, into: exact, norms: norms)
        return (0..<count).map { unsafe exact[$0] }
    }
}
