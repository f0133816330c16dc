// What a checkpoint's state says is held against what it goes with when it is opened: its checksum
// says that it was written so, not that it was right, and later arithmetic trusts it. Every check
// costs a few look-ups, whatever the store's size. Format: formats/store.md#state.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

extension StateImage {
    /// Incarnations are below this; the log counts them on.
    private static let incarnationLimit: UInt64 = 1 << 63

    /// Holds where replay begins, the sequence and the openings against the log.
    ///
    /// - Throws: `.inconsistent`, `.log`.
    /// - Complexity: O(1) but for openings that wrote nothing and stand last in the log.
    func check(_ recovery: LogRecovery) throws(StoreError) {
        let position = position
        let end = try onLog { () throws(LogError) in try recovery.end(at: position) }
        guard let end else { throw Self.wrong("replay begins where no batch ends") }
        guard sequence == end.commit ?? sequence, sequence < position.sequence else {
            throw Self.wrong("sequence \(sequence) is not that of the newest commit")
        }
        guard incarnation >= end.incarnation, incarnation < Self.incarnationLimit,
            epoch >= end.epoch
        else { throw Self.wrong("it was written before the log that it shows") }
    }

    /// Holds the roots, the counts and the runs against pages, catalog and the runs themselves.
    ///
    /// - Throws: `.inconsistent`, `.pages`.
    /// - Complexity: O(collections · log keys + runs).
    func check(_ state: StoreState) throws(StoreError) {
        try checkRoots(state)
        try checkNumbers(state)
        try checkCounts(state)
        try checkBuilds(state.catalog)
        try checkRuns(state)
    }

    private func checkRoots(_ state: StoreState) throws(StoreError) {
        let view = state.root.view
        var trees = [ColumnTree(root: roots.adjacency, shape: Adjacency.shape)]
        var pages = [roots.tree, roots.adjacency]
        var segments: [UInt32] = []
        let fields = state.catalog.everySearched.flatMap(\.vectors)
        for field in fields {
            guard let head = roots.vectors[field.number] else {
                throw Self.wrong("vector field \(field.name) has no codes")
            }
            let (index, graph) = try onPages { () throws(PageError) -> (VectorIndex, GraphHead) in
                let index = try VectorIndex.open(field.coder, head, in: view)
                return (index, try index.graph(in: view))
            }
            trees += index.trees
            pages += [head] + index.trees.map(\.root)
            segments += graph.codeSegments + graph.linkSegments
        }
        guard roots.vectors.count == fields.count, Set(pages).count == pages.count else {
            throw Self.wrong("two trees have one root")
        }
        guard Set(segments).count == segments.count else {
            throw Self.wrong("two arrays have one segment")
        }
        for tree in trees {
            let found = try onPages { () throws(PageError) in
                try ColumnTree.open(tree.root, in: view)
            }
            guard found.shape == tree.shape else {
                throw Self.wrong("page \(tree.root.number) is the root of another tree")
            }
        }
    }

    /// The next ordinal, owner and keys: what is in use lies right before them.
    private func checkNumbers(_ state: StoreState) throws(StoreError) {
        let view = state.root.view
        let nextOrdinal = try onPages { () throws(PageError) in try OrdinalTable.next(in: view) }
        // A table that was derived from cold segments lacks what had ended when they were written.
        let isSparse = !roots.cold.isEmpty && roots.nextOrdinal <= OrdinalTable.limit
        guard roots.nextOrdinal == nextOrdinal || isSparse && roots.nextOrdinal > nextOrdinal else {
            throw Self.wrong("the next ordinal is \(nextOrdinal), not \(roots.nextOrdinal)")
        }
        func isOwner(_ number: UInt32) throws(StoreError) -> Bool {
            try onTree { () throws(TreeError) in
                try state.tree.holds(StoreKeys.ownerName(number), in: view)
            }
        }
        let next = roots.nextOwner
        let isLastThere = try next == 1 ? true : isOwner(next &- 1)
        guard next > 0, isLastThere, try !isOwner(next) else {
            throw Self.wrong("the next owner is not \(next)")
        }
        let expiring = try onTree { () throws(TreeError) -> Bool in
            var cursor = try state.tree.cursor(StoreKeys.expired(at: .max), in: view)
            return try cursor.next()
        }
        guard roots.hasExpiring || !expiring else {
            throw Self.wrong("something expires, and it says that nothing does")
        }
        let counters = Set(state.catalog.everyCollection.flatMap { $0.counters.map(\.number) })
        for (number, key) in roots.nextKeys {
            if key > 0, counters.contains(number) { continue }
            guard let collection = state.catalog.collection(number: number),
                collection.schema.key == .int, key > 0
            else { throw Self.wrong("number \(number) has no key \(key)") }
            let isTaken = try onTree { () throws(TreeError) -> Bool in
                let taken = TreeRange(
                    from: StoreKeys.record(number, .int(key)),
                    to: StoreKeys.record(number, .int(.max))
                )
                var cursor = try state.tree.cursor(taken, in: view)
                return try cursor.next()
            }
            // The greatest key of all, behind the range, is given and never generated.
            guard !isTaken else {
                throw Self.wrong("key \(key) of number \(number) is in use")
            }
        }
    }

    private func checkCounts(_ state: StoreState) throws(StoreError) {
        var (all, edges) = (0, 0)
        let limit = Int(clamping: roots.nextOrdinal)
        for (number, count) in roots.counts {
            let isEdge = state.catalog.edgeType(number: number) != nil
            guard isEdge || state.catalog.collection(number: number) != nil, count >= 0,
                count < limit
            else { throw Self.wrong("number \(number) cannot have \(count)") }
            all += count
            edges += isEdge ? count : 0
        }
        let entries = try onPages { () throws(PageError) in
            try state.adjacency.tree.count(in: state.root.view)
        }
        edges += try pastEdges(state)
        guard all < limit, edges.multipliedReportingOverflow(by: 2) == (entries, false) else {
            throw Self.wrong("its counts are not what the store has")
        }
    }

    /// How many edges that have ended are kept.
    private func pastEdges(_ state: StoreState) throws(StoreError) -> Int {
        var count = 0
        for number in state.catalog.pastRows {
            count += roots.counts[number] ?? 0
            let marker = try onTree { () throws(TreeError) in
                let key = StoreKeys.record(number, PastField.marker)
                return try state.tree.value64(key, in: state.root.view)
            }
            if marker != nil { count -= 1 }
        }
        return count
    }

    private func checkRuns(_ state: StoreState) throws(StoreError) {
        var last: UInt64 = 0
        var documents = 0
        for run in state.runs {
            guard run.births.lowerBound > last, run.births.upperBound <= sequence else {
                throw Self.wrong("a text run has documents of no commit before it")
            }
            last = run.births.upperBound
            documents += run.documentCount
        }
        guard 0...documents ~= roots.deadDocuments else {
            throw Self.wrong("\(roots.deadDocuments) documents of \(documents) are dead")
        }
    }

    private static func wrong(_ what: String) -> StoreError {
        .inconsistent("the checkpoint's state contradicts the store: \(what)")
    }
}
