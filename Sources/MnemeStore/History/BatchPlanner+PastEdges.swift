// What a batch keeps of edges that end: behind each change that has been decided a row for every
// edge that goes with it, of the types that keep a history. Rows are puts of the batch like any
// other, so that they are there exactly if it is, and replay asks no rule.
//
// What is kept of all the edges of one record may be more than a batch has room for. Where the
// store itself ends the record, some of its edges end in batches before
// (BatchPlanner+EdgeParts.swift); anybody else is refused, and told what to do.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

extension HistoryKeeping {
    /// A row that the batch has made.
    struct PastRow {
        let ordinal: UInt64
        let collection: CollectionEntry
        let from: RecordName
        let to: RecordName
    }
}

extension BatchPlanner {
    /// Keeps an edge that was unlinked; of one that was erased nothing.
    mutating func keep(_ edge: PlannedEdge) throws(StoreError) {
        guard edge.erasure == nil else {
            keeping?.keptEdges.insert(edge.ordinal)
            return
        }
        try keep(edge, ended: reader.instant)
    }

    /// Keeps the edges of a record that ends; where it is erased, none of them, nor of those that
    /// had ended before.
    ///
    /// - Complexity: O(edges).
    mutating func keepEdges(of delete: PlannedDelete) throws(StoreError) {
        guard !catalog.pasts.isEmpty, !delete.collection.isHidden else { return }
        let node = delete.ordinal
        let adjacency = Adjacency(root: roots.adjacency)
        let living = try adjacency.living(of: node, in: reader.view)
        guard delete.erasure == nil else {
            for edge in living { keeping?.keptEdges.insert(edge.ordinal) }
            return try erasePast(of: RecordName(delete.collection.number, delete.old.record.key))
        }
        let expiresAt = delete.old.record.expiresAt
        let ended = min(reader.instant, max(expiresAt, delete.old.time))
        for edge in living where !dead.contains(edge.ordinal) {
            try keep(edge, ended: ended)
            guard keeping?.pastBytes ?? 0 <= following.byteLimit else {
                throw tooManyEdges(of: delete, living.count)
            }
        }
    }

    private func tooManyEdges(of delete: PlannedDelete, _ count: Int) -> StoreError {
        let kept =
            "\(count) edges end with "
            + "\(Reference(delete.collection.schema.name, delete.old.record.key)), and one batch "
            + "has no room for what the histories of their types keep of them; "
        if delete.old.record.expiresAt <= reader.instant {
            return refused(.busy, kept + "it has expired and is on its way out, try again later")
        }
        return refused(.tooLarge, kept + "unlink most of them first, in several batches")
    }

    private mutating func keep(
        _ edge: PlannedEdge,
        ended: Microseconds
    ) throws(StoreError) {
        guard let rows = catalog.pasts[edge.type], keeping?.isErasing == false,
            edges[edge.ordinal] == nil
        else { return }
        guard keeping?.keptEdges.insert(edge.ordinal).inserted ?? false else { return }
        let (from, to) = (try recordEnd(edge.from), try recordEnd(edge.to))
        // What is said of records whose collection is dropped goes with them.
        guard !catalog.isLeaving(from.name.collection), !catalog.isLeaving(to.name.collection)
        else { return }
        let adjacency = Adjacency(root: roots.adjacency)
        let entry = try onPages { () throws(PageError) in
            try adjacency.neighbour(
                of: edge.from,
                .out,
                type: edge.type,
                edge: edge.ordinal,
                in: reader.view
            )
        }
        guard let entry else {
            throw .inconsistent("edge \(edge.ordinal) is not in the lists of what it joins")
        }
        // It was gone when one of them was, whoever noticed.
        let ended = min(ended, from.gone, to.gone)
        guard entry.times.linked < ended else { return }
        let past = PastEdge(
            edge: edge.ordinal,
            type: edge.type,
            from: edge.from,
            to: edge.to,
            times: EdgeTimes(linked: entry.times.linked, ended: ended),
            properties: try reader.edgeParts(edge.ordinal).body,
            fromName: from.name,
            toName: to.name
        )
        let days = catalog.edgeType(number: edge.type)?.type.history?.days
        let row = try historyRow(
            past.fields(),
            key: .int(Int64(edge.ordinal)),
            of: "edge \(edge.ordinal)",
            rows,
            owner: try reader.entry(edge.ordinal).owner,
            from: ended,
            days: days,
            takeOrdinal()
        )
        plan.changes.append(.put(row))
        note(row)
        keeping?.pastBytes += versions[row.ordinal]?.frameBytes ?? 0
        keeping?.pastRows.append(
            HistoryKeeping.PastRow(
                ordinal: row.ordinal,
                collection: rows,
                from: past.fromName.record,
                to: past.toName.record
            )
        )
    }

    /// The name of a record that is there, or that the batch ends, and when it is gone at the
    /// latest; its fields are not looked at.
    private mutating func recordEnd(
        _ ordinal: UInt64
    ) throws(StoreError) -> (name: PastEdge.Name, gone: Microseconds) {
        let entry: OrdinalEntry
        let (key, time): (Key, Microseconds)
        if let known = versions[ordinal] {
            (entry, key, time) = (known.entry, known.record.key, known.time)
        } else {
            entry = try reader.entry(ordinal)
            let found = try reader.key(of: entry)
            if turn != nil { try spend(found.frameBytes) }
            (key, time) = (found.key, found.time)
        }
        let name = PastEdge.Name(collection: entry.collection, key: key, owner: entry.owner)
        return (name, max(entry.expiresAt, time))
    }

    /// Erases the rows of all edges that records of a name ever had, whichever life of it they were
    /// of.
    ///
    /// - Throws: `.refused` with `tooLarge` where they are more than a batch has room for.
    /// - Complexity: O(edges · log rows).
    mutating func erasePast(of name: RecordName) throws(StoreError) {
        for number in catalog.pastRows.sorted() {
            guard let rows = catalog.collection(number: number),
                let range = PastField.range(rows, name)
            else { continue }
            for row in try reader.numbers(tree, range) where !dead.contains(row) {
                // Another name may be found in the same place.
                guard let past = try PastEdge(version(row).record), past.joined(name) else {
                    continue
                }
                try end(row, rows, erases: true)
                keeping?.erasedRows += 1
                try expectRoom(toErase: name)
            }
        }
        for row in keeping?.pastRows ?? [] where row.from == name || row.to == name {
            if !dead.contains(row.ordinal) { try end(row.ordinal, row.collection, erases: true) }
        }
    }

    private func expectRoom(toErase name: RecordName) throws(StoreError) {
        let count = keeping?.erasedRows ?? 0
        guard count > following.byteLimit / endSize else { return }
        let collection = catalog.collection(number: name.collection)?.schema.name ?? ""
        throw refused(
            .tooLarge,
            "more is kept of edges that \(Reference(collection, name.key)) had than one batch has "
                + "room to erase; erase the record in a batch of its own, not in a transaction, "
                + "and it goes in several"
        )
    }

    /// Erases the row of an edge that has ended, where there is one.
    ///
    /// - Complexity: O(types with a history · log rows).
    mutating func erasePast(ofEdge edge: UInt64) throws(StoreError) {
        guard keeping != nil, let number = Int64(exactly: edge), number > 0 else { return }
        // What the batch itself has ended has its row first.
        try keepHistory()
        for collection in catalog.pastRows.sorted() {
            guard let rows = catalog.collection(number: collection),
                let row = try ordinal(of: collection, .int(number))
            else { continue }
            try end(row, rows, erases: true)
        }
    }

    /// Erases what is kept of the earlier lives of a record that is not there, and of their edges.
    mutating func eraseKept(_ collection: CollectionEntry, _ key: Key) throws(StoreError) {
        guard keeping != nil else { return }
        // What the batch itself has ended has its rows first.
        try keepHistory()
        if let rows = catalog.histories[collection.number] {
            try eraseRows(of: key, collection, rows)
        }
        try erasePast(of: RecordName(collection.number, key))
    }

    // MARK: The beginning of a history

    /// Notes from when on the histories of edges of a new catalog are whole.
    mutating func beginPasts(of next: Catalog) throws(StoreError) {
        for (number, rows) in next.pasts.sorted(by: { $0.key < $1.key }) {
            guard let rule = next.edgeType(number: number)?.type.history else { continue }
            let before = catalog.edgeType(number: number)?.type.history
            if before == rule { continue }
            var begin = reader.instant
            var (old, ordinal): (OldVersion?, UInt64?) = (nil, nil)
            let key = StoreKeys.record(rows.number, PastField.marker)
            if let before, let known = try reader.number(tree, key) {
                let marker = try version(known)
                if case .instant(let instant) = marker.record[PastField.ended] {
                    begin = instant.microseconds
                }
                // What was let go of does not come back with a longer time.
                if let days = before.days, rule.days.map({ $0 > days }) ?? true {
                    begin = max(begin, reader.instant - Int64(days) * 86_400_000_000)
                }
                (old, ordinal) = (marker, known)
            }
            let row = try historyRow(
                [(PastField.ended, .instant(Instant(microseconds: begin)))],
                key: PastField.marker,
                of: "an edge",
                rows,
                owner: 0,
                from: begin,
                old: old,
                ordinal ?? takeOrdinal()
            )
            plan.changes.append(.put(row))
        }
    }
}
