// A state held against a census of the log: every version and every edge that the log makes has to
// be where the state says it is, and nothing else.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Holds a state against a census.
struct CensusComparison {
    let census: Census
    let reader: StateReader
    var findings: [String] = []
    var treeKeys = 0
    var vectorEntries: [UInt16: Int] = [:]
    var edges = 0
    /// Edges that have ended and are kept.
    var pastEdges = 0
    /// Living records by collection and edges by type.
    var counts: [UInt16: Int] = [:]
    /// What owners have.
    var usage: [UsageKey: UsageAmount] = [:]

    init(census: Census, reader: StateReader) {
        self.census = census
        self.reader = reader
    }

    mutating func run(_ progress: VerifyWatch) throws(StoreError) -> Verification {
        let living = census.living.sorted { $0.key < $1.key }
        for (index, (ordinal, version)) in living.enumerated() {
            if index % 256 == 0 { progress(.compare, index, living.count) }
            try compare(ordinal, version)
            if findings.count > 100 { break }
        }
        for ordinal in census.dead.sorted() {
            let entry = try reader.entry(ordinal)
            if let entry, entry.death == OrdinalEntry.forever {
                note("ordinal \(ordinal) was deleted, and the ordinal table has it alive")
            }
        }
        for (path, number) in census.owners { try compare(owner: path, number) }
        if census.forks != reader.state.roots.forks {
            note("the state says otherwise than the log of the restores that it comes from")
        }
        for ordinal in reader.state.roots.withdrawn where census.living[ordinal] == nil {
            note("ordinal \(ordinal) was withdrawn and deleted, and the state still has it")
        }
        if findings.count <= 100 { try compareTotals() }
        try checkStructures()
        return Verification(
            frames: census.frames,
            records: census.living.count - edges,
            edges: edges,
            findings: findings
        )
    }

    mutating func note(_ finding: String) { findings.append(finding) }

    private mutating func compare(owner path: String, _ number: UInt32) throws(StoreError) {
        treeKeys += 2
        let state = reader.state
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.owner(path), in: reader.view)
        }
        if found != UInt64(number) { note("owner \(path) is not in the tree under its number") }
    }

    private mutating func compare(
        _ ordinal: UInt64,
        _ version: Census.Version
    )
        throws(StoreError)
    {
        guard let entry = try reader.entry(ordinal) else {
            note("ordinal \(ordinal) is in the log, and not in the ordinal table")
            return
        }
        var isThere = entry.place == version.place.bits
        if !isThere { isThere = try isCopy(entry) }
        if !isThere || entry.birth != version.birth || entry.death != OrdinalEntry.forever {
            note("the ordinal table says otherwise of \(ordinal) than the log")
            return
        }
        counts[entry.collection, default: 0] += 1
        try countUsage(ordinal, entry)
        if version.isEdge {
            edges += 1
            try compareEdge(ordinal, entry)
        } else {
            try compareRecord(ordinal, entry)
        }
    }

    /// Whether a place is that of a copy, in a cold segment that is not complete yet.
    private func isCopy(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        let place = LogPlace(bits: entry.place)
        guard SegmentNumber.isCold(place.segment) else { return false }
        let frame = try onLog { () throws(LogError) in try reader.log.frame(at: place) }
        return frame.sequence == entry.birth
    }

    private mutating func compareEdge(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    )
        throws(StoreError)
    {
        let frame = try reader.frame(entry)
        let columns = try FrameDecoder().edge(frame).columns
        var linked: Set<Int64> = []
        for (node, side, other) in [
            (columns.from, EdgeSide.out, columns.to), (columns.to, .arriving, columns.from),
        ] {
            let found = try onPages { () throws(PageError) in
                try reader.state.adjacency.neighbour(
                    of: node,
                    side,
                    type: columns.kind,
                    edge: ordinal,
                    in: reader.view
                )
            }
            if found?.node != other {
                note("edge \(ordinal) is missing in the adjacency of \(node)")
            } else if let time = found?.times.linked {
                linked.insert(time)
            }
            if census.living[node] == nil {
                note("edge \(ordinal) hangs on \(node), which is gone")
            }
        }
        // Where it is not said, the type kept no history when the edge was linked.
        if linked.count > 1 || !linked.isSubset(of: [EdgeTimes.always.linked, frame.time]) {
            note("the adjacency says otherwise of when edge \(ordinal) was linked than the log")
        }
        let type = reader.state.catalog.edgeType(number: columns.kind)
        if let pair = EdgePair(type, from: columns.from, to: columns.to) {
            treeKeys += 1
            if try value(under: pair.key) != ordinal {
                note("edge \(ordinal) is not the one of its type between what it joins")
            }
        }
        guard let type, type.indexed != nil || type.searched != nil else { return }
        let fields = try FrameDecoder().indexedFields(frame, type)
        if let searched = type.searched {
            let edge = StoredRecord(
                key: .int(Int64(clamping: ordinal)),
                owner: entry.owner,
                expiresAt: entry.expiresAt,
                fields: fields,
                vectors: try FrameDecoder().edgeVectors(frame)
            )
            try compareVectors(ordinal, edge, searched)
            try compareText(ordinal, entry, edge, searched)
        }
        guard let indexed = type.indexed else { return }
        for prefix in StoreKeys.prefixes(indexed, fields) {
            let key = StoreKeys.key(prefix.bytes, ordinal)
            let found = try value(under: key)
            if found == nil, reader.state.roots.mayLack(key, ordinal) { continue }
            treeKeys += 1
            if found != ordinal { note("edge \(ordinal) lacks a key of an index of its type") }
        }
    }
}
