// How much there is of everything, held against what the census has; and the structures by
// themselves.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

extension CensusComparison {
    mutating func compareTotals() throws(StoreError) {
        try compareUsage()
        let state = reader.state
        for (index, collection) in state.roots.leaving {
            treeKeys += try reader.entryCount(ofIndex: index, collection)
        }
        let keys = try onTree { () throws(TreeError) in try state.tree.count(in: reader.view) }
        if keys != treeKeys { note("the tree has \(keys) keys, the log makes \(treeKeys)") }
        let entries = try onPages { () throws(PageError) in
            try state.adjacency.tree.count(in: reader.view)
        }
        let expected = (edges + pastEdges) * 2
        if entries != expected {
            note("the adjacency has \(entries) entries, the log makes \(expected)")
        }
        for (number, count) in state.roots.counts where count != counts[number] ?? 0 {
            note("\(count) are counted of number \(number), the log makes \(counts[number] ?? 0)")
        }
        for (_, entry, _) in state.vectorHeads {
            let index = try reader.vectorIndex(entry)
            let count = try onPages { () throws(PageError) in
                try index.tree.count(in: reader.view)
            }
            let expected = vectorEntries[entry.number] ?? 0
            if count != expected {
                note(
                    "vector index \(entry.name) has \(count) entries, the log makes "
                        + "\(expected)"
                )
            }
        }
    }

    /// A search asks nothing of documents as long as none is counted dead.
    private mutating func compareDeadDocuments() throws(StoreError) {
        var dead = 0
        let (catalog, leaving) = (reader.state.catalog, reader.state.roots.leaving)
        var found: Set<UInt64> = []
        for stored in reader.state.runs {
            guard let run = try? stored.run else { continue }
            for field in run.fields
            where catalog.droppedTexts.contains(field) && leaving[field] == nil {
                note("the text index has words of number \(field), which is not searched any more")
            }
            for local in 0..<UInt32(clamping: run.documentCount) {
                let entry = try reader.entry(run.ordinal(local))
                let isAlive =
                    entry?.birth == run.birth(local)
                    && entry?.death == OrdinalEntry.forever
                if !isAlive { dead += 1 }
                if isAlive, !found.insert(run.ordinal(local)).inserted {
                    note("ordinal \(run.ordinal(local)) has two documents in the text index")
                }
                if !stored.births.contains(run.birth(local)) {
                    note("ordinal \(run.ordinal(local)) has a document in a run of other times")
                }
            }
        }
        // Where words came or went without their records' puts nobody counts them.
        if catalog.hasLooseTexts { return }
        let counted = reader.state.roots.deadDocuments
        if counted != dead { note("\(counted) documents are counted dead, \(dead) are") }
    }

    mutating func countUsage(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    ) throws(StoreError) {
        let state = reader.state
        guard state.catalog.counted.contains(entry.collection),
            !state.roots.mayLackUsage(entry.collection, ordinal)
        else { return }
        let frame = try reader.frame(entry)
        let bytes = try frame.content.usageBytes(at: frame.place)
        usage[UsageKey(entry.collection, entry.owner), default: .zero] +=
            UsageAmount(count: 1, bytes: bytes)
    }

    /// What owners have has to be what is there of theirs.
    private mutating func compareUsage() throws(StoreError) {
        let state = reader.state
        treeKeys += usage.count
        for (key, amount) in usage {
            let found = try onTree { () throws(TreeError) in
                try state.tree.value(key.bytes, in: reader.view)
            }
            let told: UsageAmount
            if let found { told = try UsageAmount(found) } else { told = .zero }
            guard told != amount else { continue }
            let name = state.catalog.name(of: key.number) ?? "number \(key.number)"
            note(
                "owner \(key.owner) is told to have \(told.count) of \(name) in \(told.bytes) "
                    + "bytes, the log makes \(amount.count) in \(amount.bytes)"
            )
        }
    }

    /// Holds a vector index against itself: its trees, and its graph where it has one.
    private mutating func checkVectors(_ name: String, _ field: VectorEntry, _ head: PageID) {
        let root = reader.state.root
        do throws(StoreError) {
            let found = try onPages { () throws(PageError) -> [String] in
                let index = try VectorIndex.open(field.coder, head, in: root.view)
                try index.checkStructure(root)
                return try index.findings(in: root)
            }
            for finding in found { note("vector index \(name): \(finding)") }
        } catch {
            note("vector index \(name): \(MnemeError(error))")
        }
    }

    mutating func checkStructures() throws(StoreError) {
        try compareDeadDocuments()
        let state = reader.state
        do throws(StoreError) {
            try onTree { () throws(TreeError) in try state.tree.checkStructure(reader.view) }
            try onPages { () throws(PageError) in
                try state.adjacency.tree.checkStructure(reader.view)
            }
        } catch {
            note("\(MnemeError(error))")
        }
        for (name, field, head) in state.vectorHeads { checkVectors(name, field, head) }
        for (index, stored) in state.runs.enumerated() {
            do throws(StoreError) {
                let run = try stored.run
                do throws(TextError) { try run.verify() } catch {
                    note("text run \(index) is damaged: \(error)")
                }
            } catch {
                note("text run \(index) is damaged: \(MnemeError(error))")
            }
        }
    }
}
