// The keys of edges in the indexes of their types, and their words in the text index: put in with
// the link. Whatever ends the edge reads its frame again, takes out the keys and counts the words'
// document as dead. Format: formats/store.md#keys.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeVectors

extension EdgeTypeEntry {
    /// The fields of an edge as its type's indexes have them: properties by number, and behind them
    /// the records that it joins.
    func indexedFields(
        _ properties: [(number: UInt16, value: Value)],
        from: UInt64,
        to: UInt64
    ) -> [(number: UInt16, value: Value)] {
        let count = UInt16(type.fields.count)
        return properties + [
            (count + 1, .int(Int64(truncatingIfNeeded: from))),
            (count + 2, .int(Int64(truncatingIfNeeded: to))),
        ]
    }
}

extension FrameDecoder {
    /// The fields of the edge of a link frame as its type's indexes have them.
    func indexedFields(
        _ frame: Frame,
        _ type: EdgeTypeEntry
    ) throws(StoreError) -> [(number: UInt16, value: Value)] {
        let (columns, body) = try edge(frame)
        guard columns.kind == type.number, let properties = try? Value.decodeFields(body) else {
            throw .malformed(frame.place)
        }
        return type.indexedFields(
            properties.map { ($0.0, $0.1) },
            from: columns.from,
            to: columns.to
        )
    }
}

extension StoreEditor {
    /// Puts a new edge into the indexes of its type, and its words into the text index.
    func addIndexes(of edge: PlannedEdge, _ birth: UInt64) throws(StoreError) {
        guard let type = catalog.edgeType(number: edge.type),
            type.indexed != nil || type.searched != nil
        else { return }
        let content = FrameContent(
            type: StoreFrameType.link,
            body: edge.body,
            plainCount: edge.plainCount
        )
        guard let plain = FrameBody.plain(content, limit: FrameDecoder.bodyLimit),
            let properties = try? Value.decodeFields(plain)
        else { throw .inconsistent("the properties of edge \(edge.ordinal) cannot be read") }
        let fields = type.indexedFields(
            properties.map { ($0.0, $0.1) },
            from: edge.from,
            to: edge.to
        )
        if let indexed = type.indexed {
            let value = StoreKeys.value(edge.ordinal)
            for prefix in StoreKeys.prefixes(indexed, fields) {
                try insert(StoreKeys.key(prefix.bytes, edge.ordinal), value: value)
            }
        }
        let words = type.words(fields)
        guard !words.isEmpty else { return }
        add(TextDocument(owner: edge.owner, ordinal: edge.ordinal, birth: birth, fields: words))
    }

    /// Puts the vectors of a new edge into their indexes.
    func addVectors(
        of edge: PlannedEdge,
        _ place: LogPlace,
        _ start: Int
    ) throws(StoreError) {
        guard !edge.vectors.isEmpty, let type = catalog.edgeType(number: edge.type) else { return }
        roots.put.vectors += edge.vectors.count
        var offset = start
        for vector in edge.vectors {
            if let entry = type.searched?.vector(numbered: vector.field),
                let index = try vectorIndex(entry)
            {
                do throws(VectorIndexError) {
                    try index.insert(
                        owner: edge.owner,
                        ordinal: edge.ordinal,
                        row: vector.bytes,
                        address: VectorAddress.bits(segment: place.segment, offset: offset),
                        in: editor
                    )
                } catch {
                    throw StoreError(error)
                }
            }
            offset += vector.bytes.count
        }
    }

    /// Takes an edge that ends out of the indexes of its type.
    ///
    /// - Returns: the bytes of its frame; nil where nobody had to read it.
    func removeIndexes(of edge: PlannedEdge) throws(StoreError) -> Int? {
        guard let type = catalog.edgeType(number: edge.type),
            type.indexed != nil || type.searched != nil
        else { return nil }
        let view = view
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(edge.ordinal, in: view)
        }
        guard let frames, let found else {
            throw .inconsistent("edge \(edge.ordinal) ends, and cannot be read")
        }
        let frame = try onLog { () throws(LogError) in
            try frames.frameForWriter(at: LogPlace(bits: found.place))
        }
        try found.check(frame.sequence)
        let fields = try FrameDecoder().indexedFields(frame, type)
        if let indexed = type.indexed {
            for prefix in StoreKeys.prefixes(indexed, fields) {
                try remove(StoreKeys.key(prefix.bytes, edge.ordinal))
            }
        }
        if !type.words(fields).isEmpty { roots.deadDocuments += 1 }
        for vector in try FrameDecoder().edgeVectors(frame) {
            guard let entry = type.searched?.vector(numbered: vector.field),
                let index = try vectorIndex(entry)
            else { continue }
            _ = try onPages { () throws(PageError) in
                try index.remove(owner: found.owner, ordinal: edge.ordinal, in: editor)
            }
        }
        return frame.content.byteCount
    }
}

extension EdgeTypeEntry {
    /// The words that an edge has in searched properties.
    func words(_ fields: [(number: UInt16, value: Value)]) -> [TextField] {
        searched?.words { number in fields.first { $0.number == number }?.value ?? .null } ?? []
    }
}
