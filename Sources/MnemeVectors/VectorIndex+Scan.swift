// Codes that are scored where they stand: all of a scope, leaf by leaf, or those of a list.

internal import CKernels
internal import MnemePages

extension VectorIndex {
    /// Scores all codes of a scope, of the tree of all codes or of that of the fresh ones.
    func scan(
        _ scope: VectorScope,
        of tree: ColumnTree,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ view: PageView,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        let layout = LeafLayout(tree.shape)
        switch scope {
        case .all:
            var cursor = try tree.cursor(in: view)
            try scan(&cursor, layout, &search, query, accept)
        case .owner(let owner):
            var cursor = try tree.cursor(high: UInt64(owner), in: view)
            try scan(&cursor, layout, &search, query, accept)
        case .owners(let owners):
            for owner in owners {
                var cursor = try tree.cursor(high: UInt64(owner), in: view)
                try scan(&cursor, layout, &search, query, accept)
            }
        }
    }

    /// Scores the codes of a list.
    func gather(
        _ list: NearestList,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ view: PageView,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        search.tier = .survivors
        let layout = LeafLayout(tree.shape)
        let codeByteCount = tree.shape.size(Self.code)
        var lookup = ColumnLookup(tree, in: view)
        var codes = GatheredCodes()
        var done = 0
        while done < list.count {
            let end = min(done + GatheredCodes.most, list.count)
            try lookup.find(list.keys[done..<end])
            for run in lookup.runs {
                if let run { unsafe mneme_prefetch(layout.block(run).codes, codeByteCount) }
            }
            codes.removeAll()
            for run in lookup.runs { if let run { codes.add(layout.block(run)) } }
            search.gather(codes, for: query, accept: accept)
            done = end
        }
    }

    private func scan(
        _ cursor: inout ColumnCursor,
        _ layout: LeafLayout,
        _ search: inout ScanSearch,
        _ query: borrowing PreparedQuery,
        _ accept: (UInt64) -> Bool
    ) throws(PageError) {
        guard var leaf = try cursor.nextRun() else { return }
        while let next = try cursor.nextRun() {
            search.scan(layout.block(leaf), before: layout.block(next), for: query, accept: accept)
            leaf = next
        }
        search.scan(layout.block(leaf), for: query, accept: accept)
    }

    /// Scores the best at full precision.
    func finish(
        _ search: consuming ScanSearch,
        _ query: borrowing PreparedQuery,
        _ source: some VectorSource
    ) throws(VectorIndexError) -> NearestAnswer {
        do throws(VectorError) {
            return try search.finish(for: query, from: source)
        } catch {
            throw .vector(error)
        }
    }

    /// Where the columns stand in the leaves of an index.
    struct LeafLayout {
        private let codes: Int
        private let codeByteCount: Int
        private let scales: Int
        private let biases: Int
        private let addresses: Int

        init(_ shape: ColumnShape) {
            codes = shape.offset(VectorIndex.code, 0)
            codeByteCount = shape.size(VectorIndex.code)
            scales = shape.offset(VectorIndex.scale, 0)
            biases = shape.offset(VectorIndex.bias, 0)
            addresses = shape.offset(VectorIndex.address, 0)
        }

        /// A leaf's entries as a block.
        ///
        /// SAFETY: the columns hold as many values as the block counts, and the page outlives the
        /// scan.
        func block(_ leaf: ColumnRun) -> CodeBlock {
            let first = leaf.range.lowerBound
            let base = unsafe leaf.page.base
            return unsafe CodeBlock(
                codes: (base + codes + first * codeByteCount).assumingMemoryBound(to: UInt8.self),
                scales: (base + scales).assumingMemoryBound(to: Float.self) + first,
                biases: (base + biases).assumingMemoryBound(to: Float.self) + first,
                addresses: (base + addresses).assumingMemoryBound(to: UInt64.self) + first,
                ordinals: leaf.keyPointer.assumingMemoryBound(to: UInt64.self) + 1,
                ordinalStride: 2,
                count: leaf.range.count
            )
        }
    }
}
