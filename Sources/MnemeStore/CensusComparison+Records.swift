// What a record has in indexes, held against the record.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeRecall
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

extension CensusComparison {
    mutating func compareRecord(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    )
        throws(StoreError)
    {
        let record = try reader.stored(ordinal)
        let state = reader.state
        guard let collection = state.catalog.collection(number: entry.collection) else {
            note("ordinal \(ordinal) belongs to no collection")
            return
        }
        let isWithdrawn = state.roots.withdrawn.contains(ordinal)
        let expiresAt = isWithdrawn ? OrdinalEntry.withdrawn : record.expiresAt
        if entry.owner != record.owner || entry.expiresAt != expiresAt {
            note("the ordinal table has another owner or expiry of \(ordinal) than the log")
        }
        var keys = StoreKeys.indexes(collection, record, ordinal)
        keys.append(StoreKeys.record(collection.number, record.key))
        for key in keys {
            let found = try onTree { () throws(TreeError) in
                try state.tree.value64(key, in: reader.view)
            }
            if found == nil, state.roots.mayLack(key, ordinal) { continue }
            treeKeys += 1
            if found != ordinal {
                note("\(collection.schema.name)/\(record.key) lacks an index key")
            }
        }
        try comparePast(ordinal, record, collection)
        try compareDigest(ordinal, record, collection)
        try compareReferences(ordinal, record, collection, until: expiresAt)
        try compareVectors(ordinal, record, collection)
        try compareText(ordinal, entry, record, collection)
    }

    /// What a row keeps of an edge has to be in the past of both its ends.
    private mutating func comparePast(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        guard reader.state.catalog.pastRows.contains(collection.number),
            let past = try PastEdge(record)
        else { return }
        pastEdges += 1
        for (node, side, other) in [
            (past.from, EdgeSide.out, past.to), (past.to, .arriving, past.from),
        ] {
            let found = try onPages { () throws(PageError) in
                try reader.state.adjacency.pastNeighbour(
                    of: node,
                    side,
                    type: past.type,
                    edge: past.edge,
                    in: reader.view
                )
            }
            if found?.node != other || found?.times != past.times {
                note("edge \(past.edge) is missing in the past of \(node)")
            }
        }
    }

    /// The digest of a record has to be what is made of it; an older program may have left none.
    private mutating func compareDigest(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        guard let list = collection.recallList else { return }
        var prefixes: [IndexPrefix] = []
        StoreKeys.append(collection, list.place, collection.indexed(record), to: &prefixes)
        for prefix in prefixes {
            let key = StoreKeys.key(prefix.bytes, ordinal)
            let found = try onTree { () throws(TreeError) in
                try reader.state.tree.value(key, in: reader.view)
            }
            guard let found, Digest(found, from: 8) != nil else { continue }
            if found != StoreKeys.value(collection, list.number, ordinal, record) {
                note("\(collection.schema.name)/\(record.key) has another digest than its fields")
            }
        }
    }

    /// The number under a key of the tree.
    func value(under key: [UInt8]) throws(StoreError) -> UInt64? {
        let state = reader.state
        return try onTree { () throws(TreeError) in try state.tree.value64(key, in: reader.view) }
    }

    /// What a record names has to be there, and to lead to it; one that has expired names nothing.
    private mutating func compareReferences(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry,
        until expiresAt: Int64
    ) throws(StoreError) {
        for reference in collection.references {
            for name in reference.names(in: record) {
                treeKeys += 1
                let prefix = reference.prefix(name, collection: collection.number)
                if try value(under: StoreKeys.key(prefix, ordinal)) != ordinal {
                    note(
                        "\(collection.schema.name)/\(record.key) lacks an entry of its reference "
                            + "\"\(reference.rule.name)\""
                    )
                }
                guard expiresAt > reader.visibility.instant,
                    !reader.state.catalog.isLeaving(collection.number)
                else { continue }
                if try reader.holder(of: name, reference) == nil {
                    note(
                        "\(collection.schema.name)/\(record.key) names \(name.shown) of "
                            + "\"\(reference.rule.to)\" by its reference "
                            + "\"\(reference.rule.name)\", which is not there"
                    )
                }
            }
        }
    }

    mutating func compareVectors(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        // Of a field that was dropped the frame has one still.
        for vector in record.vectors where collection.fieldNames[vector.field] != nil {
            guard let entry = collection.vector(numbered: vector.field),
                reader.state.roots.vectors[entry.number] != nil
            else {
                note("a vector of \(ordinal) has no index")
                continue
            }
            vectorEntries[entry.number, default: 0] += 1
            let index = try reader.vectorIndex(entry)
            let address = try onPages { () throws(PageError) in
                try index.address(owner: record.owner, ordinal: ordinal, in: reader.view)
            }
            let bytes = address.flatMap { address in
                Self.row(address, vector.bytes.count, of: ordinal, reader)
            }
            if bytes != vector.bytes { note("the vector index has another vector of \(ordinal)") }
        }
    }

    /// The bytes of a row at an address; those of an encrypted log are deciphered.
    private static func row(
        _ address: UInt64,
        _ count: Int,
        of ordinal: UInt64,
        _ reader: StateReader
    ) -> [UInt8]? {
        let (segment, offset) = (VectorAddress.segment(address), VectorAddress.offset(address))
        guard reader.log.isEncrypted else {
            return try? reader.log.mapping(of: segment)?.copy(at: offset, count: count)
        }
        guard let entry = (try? OrdinalTable.entry(ordinal, in: reader.view)) ?? nil else {
            return nil
        }
        let place = LogPlace(bits: entry.place)
        guard place.segment == segment, let frame = try? reader.log.frame(at: place),
            frame.vectorOffset <= offset
        else { return nil }
        let first = offset - frame.vectorOffset
        guard first + count <= frame.content.vectors.count else { return nil }
        return Array(frame.content.vectors[first..<(first + count)])
    }

    /// The words of a version, or of an edge as a record of `collection`, have to be in a run.
    mutating func compareText(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        for text in collection.texts {
            guard let number = collection.fieldNumbers[text.name],
                let words = record[number].text,
                reader.state.roots.building[text.number]?.mayLack(entry.birth) != true
            else { continue }
            // What is damaged is noted by `checkStructures`.
            let runs = reader.state.runs.filter { $0.births.contains(entry.birth) }
                .compactMap { try? $0.run }
            let stems = (try? Analyzers.shared.stems(words, text.language)) ?? []
            for stem in Set(stems) {
                let isThere = runs.contains { run in
                    guard
                        var cursor = run.postings(
                            field: text.number,
                            stem: stem,
                            owner: record.owner
                        )
                    else { return false }
                    guard
                        let local = run.local(
                            owner: record.owner,
                            ordinal: ordinal,
                            birth: entry.birth
                        )
                    else { return false }
                    cursor.seek(local)
                    return cursor.local == local
                }
                if !isThere {
                    note("the text index lacks a word of \(collection.schema.name)/\(record.key)")
                    return
                }
            }
        }
    }
}
