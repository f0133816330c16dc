// Going through everything that a snapshot shows, a page at a time, for exports: records of a
// collection by key, edges by number. Each page is one read, so that nothing is held while a page
// is used; all of them are of one commit and one instant.

internal import MnemeGraph
package import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A page of a collection's records.
package struct RecordPage: Sendable {
    /// The records by key, and from when on each is not there any more.
    package var records: [(record: Record, expiresAt: Instant?)] = []
    /// Where the next page begins; nil after the last.
    package var next: [UInt8]?
}

/// A page of edges.
package struct EdgePage: Sendable {
    /// The edges by number.
    package var edges: [Edge] = []
    /// Where the next page begins; nil after the last.
    package var next: UInt64?
}

/// Which edges are meant, by the records at their ends.
package enum EdgeReach: Sendable {
    /// Both ends are among the records that are meant.
    case inside
    /// One end is.
    case touching
}

extension Snapshot {
    /// How many entries one read looks at, and about how many bytes it hands out.
    private static let pageEntries = 4096
    private static let pageBytes = 1 << 20

    /// A page of the records of a collection and scope, vectors included.
    ///
    /// `position` is nil for the first page, then what the page before says.
    /// - Throws: `.closed`, `.snapshotTooOld`; `.corrupt`, `.disk`.
    /// - Complexity: O(entries looked at + bytes handed out).
    package func page(
        of collection: CollectionEntry,
        _ scope: OwnerScope,
        from position: [UInt8]?
    ) throws(MnemeError) -> RecordPage {
        try reading { state throws(StoreError) in
            var range = StoreKeys.records(collection.number)
            if let position { range.lower = position }
            var page = RecordPage()
            var cursor = try onTree { () throws(TreeError) in
                try state.state.tree.cursor(range, in: state.view)
            }
            var reader = state.reader(keeps: false)
            var seen = 0
            var byteCount = 0
            while try onTree({ () throws(TreeError) in try cursor.next() }) {
                if seen == Self.pageEntries || byteCount >= Self.pageBytes {
                    page.next = try onTree { () throws(TreeError) in try cursor.key }
                    return page
                }
                seen += 1
                let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
                guard let entry = try state.visibleEntry(ordinal), scope.contains(entry.owner)
                else { continue }
                try reader.open(entry)
                byteCount += try reader.unpack().count
                for vector in try reader.vectors() { byteCount += vector.range.count }
                page.records.append(
                    (
                        try reader.record(collection, collection.everyField),
                        entry.expiresAt == OrdinalEntry.never
                            ? nil : Instant(microseconds: entry.expiresAt)
                    )
                )
            }
            return page
        }
    }

    /// A page of the edges whose ends are visible, by whether those are records of some collections
    /// and a scope.
    ///
    /// `collections` has the numbers of those that are meant, all when nil; `position` is 0 for the
    /// first page, then what the page before says.
    /// - Throws: as the other.
    /// - Complexity: O(ordinals looked at + bytes handed out).
    package func edgePage(
        collections: Set<UInt16>?,
        _ scope: OwnerScope,
        _ reach: EdgeReach,
        from position: UInt64
    ) throws(MnemeError) -> EdgePage {
        try reading { state throws(StoreError) in
            let end = try onPages { () throws(PageError) in
                try OrdinalTable.next(in: state.view)
            }
            var page = EdgePage()
            var ordinal = position
            var seen = 0
            while ordinal < end {
                if seen == Self.pageEntries || page.edges.count >= Self.pageEntries / 4 {
                    page.next = ordinal
                    return page
                }
                seen += 1
                defer { ordinal += 1 }
                guard let entry = try state.visibleEntry(ordinal),
                    entry.flags & OrdinalFlags.edge != 0
                else { continue }
                if let edge = try state.edge(ordinal, entry, collections, scope, reach) {
                    page.edges.append(edge)
                }
            }
            return page
        }
    }

    /// Whose records are meant by a path, of whatever collection; all without one.
    package func scope(of owner: String?) throws(MnemeError) -> OwnerScope {
        try reading { state throws(StoreError) in try state.scope(owner) }
    }

    /// The edges of a type from one record to some others; none where the first is not there.
    ///
    /// - Throws: `.unknownEdgeType`, `.unknownCollection`, `.wrongType`; as `page`.
    /// - Complexity: O(edges of the type that leave the record).
    package func edges(
        _ type: String,
        from: Reference,
        to: Set<Reference>
    ) throws(MnemeError) -> [Edge] {
        let number = try catalog.edgeType(type).number
        guard let start = try ordinal(from) else { return [] }
        var ends: Set<UInt64> = []
        for reference in to {
            if let end = try ordinal(reference) { ends.insert(end) }
        }
        return try reading { state throws(StoreError) in
            var found: [UInt64] = []
            try onPages { () throws(PageError) in
                try state.state.adjacency.forEach(of: start, .out, type: number, in: state.view) {
                    if ends.contains($0.node) { found.append($0.edge) }
                }
            }
            var edges: [Edge] = []
            for edge in found { edges.append(try state.edge(edge)) }
            return edges
        }
    }
}

extension StateReader {
    /// The edge of a visible entry where its ends are meant.
    fileprivate func edge(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry,
        _ collections: Set<UInt16>?,
        _ scope: OwnerScope,
        _ reach: EdgeReach
    ) throws(StoreError) -> Edge? {
        let (columns, _) = try FrameDecoder().edge(try frame(entry))
        guard let from = try visibleEntry(columns.from), let to = try visibleEntry(columns.to)
        else { return nil }
        func isMeant(_ end: OrdinalEntry) -> Bool {
            scope.contains(end.owner) && (collections?.contains(end.collection) ?? true)
        }
        switch reach {
        case .inside: guard isMeant(from) && isMeant(to) else { return nil }
        case .touching: guard isMeant(from) || isMeant(to) else { return nil }
        }
        return try edge(ordinal)
    }
}
