// Recovery's half of the one way to change state: frames of the log become decided changes again
// and go through the same editor. A whole frame may still say what no writer does: what the format
// demands of ordinals, owners and what an edge joins is held against the state before anything is
// applied, so that the editor meets the same as from the writer. Format: formats/store.md#frames.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// Applies whole batches read from the log.
struct Replay {
    let editor: StoreEditor
    private let frames: any FrameSource
    /// Whether frames went before that these follow from: the log has cold segments, and is read
    /// from its beginning.
    let isSparse: Bool
    /// As of `StoreOptions`.
    private let recordsAtOnce: Int

    init(
        _ editor: StoreEditor,
        _ frames: any FrameSource,
        recordsAtOnce: Int,
        isSparse: Bool = false
    ) {
        self.editor = editor
        self.frames = frames
        self.isSparse = isSparse
        self.recordsAtOnce = recordsAtOnce
    }

    mutating func apply(_ batch: ReplayedBatch) throws(StoreError) {
        for frame in batch.frames {
            // What a cold segment holds at once was committed at several times.
            editor.time = frame.time
            if frame.content.type == StoreFrameType.summary {
                try summary(frame)
                continue
            }
            editor.notePassing(frame.content, at: frame.place)
            if isSparse, try isGone(frame) { continue }
            if let change = try change(frame) {
                try editor.apply(
                    change,
                    place: frame.place,
                    vectorOffset: frame.vectorOffset,
                    birth: frame.sequence
                )
            }
        }
        // What cold segments hold comes without commits.
        let segment = batch.end.place.segment
        if !SegmentNumber.isCold(segment) { editor.addPassing(SegmentSize.commit, of: segment) }
        editor.reached(batch.sequence)
    }

    private func change(_ frame: Frame) throws(StoreError) -> PlannedChange? {
        switch frame.content.type {
        case StoreFrameType.schema: return try schema(frame)
        case StoreFrameType.owner:
            guard let path = String(validating: frame.content.columns, as: UTF8.self) else {
                throw .malformed(frame.place)
            }
            let known = try reader.number(Tree(root: editor.roots.tree), StoreKeys.owner(path))
            guard known == nil, frame.content.owner == UInt64(editor.roots.nextOwner) else {
                throw .malformed(frame.place)
            }
            return .owner(number: editor.roots.nextOwner, path: path)
        case StoreFrameType.put: return try put(frame)
        case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase:
            return try delete(frame)
        case StoreFrameType.link, StoreFrameType.unlink, StoreFrameType.eraseEdge:
            return try edge(frame)
        case StoreFrameType.fork:
            guard let fork = Fork(frame), fork.follows(editor.roots.forks.last) else {
                throw .malformed(frame.place)
            }
            return .fork(fork)
        case StoreFrameType.withdrawal: return try withdrawal(frame)
        default: throw .unexpected(frame)
        }
    }

    /// Takes up what frames that are gone had used.
    private func summary(_ frame: Frame) throws(StoreError) {
        guard isSparse, let summary = SegmentSummary(frame.content.body) else {
            throw .malformed(frame.place)
        }
        try editor.raise(nextOrdinal: summary.nextOrdinal, nextKeys: summary.nextKeys)
    }

    /// Whether a frame ends what has no entry, as its put or link is gone.
    ///
    /// The edges of a record, which the frame ends with it, may be there.
    private func isGone(_ frame: Frame) throws(StoreError) -> Bool {
        let type = frame.content.type
        guard StoreFrameType.endsRecord(type) || StoreFrameType.endsEdge(type) else {
            return false
        }
        guard let columns = try? PlainColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        if try entry(columns.ordinal) != nil { return false }
        try editor.raise(nextOrdinal: columns.ordinal &+ 1, nextKeys: [:])
        if StoreFrameType.endsRecord(type) {
            try editor.endEdges(of: columns.ordinal, frame.sequence)
        }
        return true
    }

    func entry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        guard ordinal < OrdinalTable.limit else { return nil }
        let view = editor.view
        return try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
    }

    private func schema(_ frame: Frame) throws(StoreError) -> PlannedChange {
        let next: Catalog
        let definition: Definition
        guard let plain = FrameBody.plain(frame.content, limit: FrameDecoder.bodyLimit) else {
            throw .malformed(frame.place)
        }
        do throws(MnemeError) {
            definition = try SchemaCoding.decode(plain)
        } catch {
            guard error.code == .newerFormat else { throw .malformed(frame.place) }
            throw .log(.newerFrame(place: frame.place, what: "a schema: \(error.cause ?? "")"))
        }
        do throws(MnemeError) {
            next = try editor.catalog.adding(definition)
        } catch {
            throw .refused(error)
        }
        return .schema(try planned(next, definition))
    }

    /// What a definition comes to: how the writer went about its indexes nobody has noted down.
    ///
    /// What is small and holds all the same is built at once; everything else goes on behind from
    /// its beginning, and the work behind finds whether it holds.
    private func planned(
        _ next: Catalog,
        _ definition: Definition
    ) throws(StoreError) -> PlannedDefinition {
        let before = editor.catalog
        let backfill = Backfill(
            reader: reader.under(next),
            tree: Tree(root: editor.roots.tree)
        )
        var planned = PlannedDefinition(catalog: next, definition: definition)
        // By an index that references go by, they do from here on.
        let needed = next.indexesNeeded(since: before)
        for (number, progress) in editor.roots.building where needed.contains(number) {
            guard let collection = next.collection(number: progress.collection) else { continue }
            planned.keys += try backfill.keys(of: collection, [number])
            planned.ready.append(number)
        }
        for (collection, indexes) in next.newIndexes(since: before) {
            let isSmall = editor.roots.counts[collection.number] ?? 0 <= recordsAtOnce
            for index in indexes where !needed.contains(index.number) {
                if isSmall {
                    let keys = try backfill.keys(of: collection, [index.number])
                    if try backfill.holds(keys, next) { continue }
                }
                planned.behind.append(
                    IndexName(collection: collection.number, index: index.number)
                )
            }
        }
        for name in next.newEdgeIndexes(since: before)
        where editor.roots.counts[name.collection] ?? 0 > 0 {
            planned.behind.append(name)
        }
        planned.keys += try backfill.keys(from: before, to: next, behind: planned.behind)
        return planned
    }

    private func put(_ frame: Frame) throws(StoreError) -> PlannedChange {
        let (columns, record) = try FrameDecoder(catalog: editor.catalog).record(frame)
        guard let collection = editor.catalog.collection(number: columns.collection),
            collection.schema.key.holds(columns.key),
            frame.content.owner < UInt64(editor.roots.nextOwner)
        else { throw .malformed(frame.place) }
        return .put(
            PlannedPut(
                ordinal: columns.ordinal,
                collection: collection,
                record: record,
                old: try replaced(by: columns, frame),
                body: frame.content.body,
                plainCount: frame.content.plainCount
            )
        )
    }

    /// The version that a put replaces, nil for a new record: then the editor finds no such key.
    private func replaced(
        by columns: PutColumns,
        _ frame: Frame
    ) throws(StoreError)
        -> OldVersion?
    {
        if try isNew(columns.ordinal) { return nil }
        try expectLiving(columns.ordinal, columns.collection, frame)
        let old = try reader.version(columns.ordinal)
        guard old.record.key == columns.key else { throw .malformed(frame.place) }
        return old
    }

    private func delete(_ frame: Frame) throws(StoreError) -> PlannedChange {
        guard let columns = try? PlainColumns(frame.content.columns),
            let collection = editor.catalog.collection(number: columns.kind)
        else { throw .malformed(frame.place) }
        try expectLiving(columns.ordinal, columns.kind, frame)
        return .delete(
            PlannedDelete(
                ordinal: columns.ordinal,
                collection: collection,
                old: try reader.version(columns.ordinal)
            )
        )
    }

    private func edge(_ frame: Frame) throws(StoreError) -> PlannedChange {
        let columns = try FrameDecoder().edge(frame).columns
        guard let type = editor.catalog.edgeType(number: columns.kind) else {
            throw .malformed(frame.place)
        }
        let isLink = frame.content.type == StoreFrameType.link
        if isLink {
            guard try isNew(columns.ordinal),
                frame.content.owner < UInt64(editor.roots.nextOwner)
            else { throw .malformed(frame.place) }
            for node in [columns.from, columns.to] {
                // Its put may come later.
                if isSparse, try entry(node) == nil { continue }
                try expectLiving(node, nil, frame)
            }
            if let pair = EdgePair(type, from: columns.from, to: columns.to) {
                let tree = Tree(root: editor.roots.tree)
                let known = try reader.number(tree, pair.key)
                guard known == nil else { throw .malformed(frame.place) }
            }
        } else {
            try expectLiving(columns.ordinal, columns.kind, frame, isEdge: true)
            let linked = try reader.edge(columns.ordinal)
            guard linked?.from == columns.from, linked?.to == columns.to else {
                throw .malformed(frame.place)
            }
            let isErase = frame.content.type == StoreFrameType.eraseEdge
            if isErase, frame.content.columns.count != EdgeOrigin.columnsSize {
                throw .malformed(frame.place)
            }
        }
        let edge = PlannedEdge(
            ordinal: columns.ordinal,
            type: columns.kind,
            from: columns.from,
            to: columns.to,
            owner: UInt32(truncatingIfNeeded: frame.content.owner),
            body: isLink ? frame.content.body : [],
            plainCount: isLink ? frame.content.plainCount : 0,
            vectors: isLink ? try vectors(of: type, frame) : []
        )
        return isLink ? .link(edge) : .unlink(edge)
    }

    /// The vectors of a link, which are of properties of its type.
    private func vectors(
        of type: EdgeTypeEntry,
        _ frame: Frame
    ) throws(StoreError) -> [StoredVector] {
        let vectors = try FrameDecoder().edgeVectors(frame)
        for vector in vectors {
            guard let entry = type.searched?.vector(numbered: vector.field),
                vector.element == entry.type.element,
                vector.bytes.count == entry.coder.shape.rowByteCount
            else { throw .malformed(frame.place) }
        }
        return vectors
    }

    /// Whether an ordinal is the one that a new record or edge takes.
    private func isNew(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard ordinal > 0, ordinal < OrdinalTable.limit else { return false }
        if isSparse { return try entry(ordinal) == nil }
        return ordinal == editor.roots.nextOrdinal
    }

    /// Expects a record, or an edge, that lives and is of this collection or type; of any when nil.
    ///
    /// - Throws: `.malformed` of the frame that names it.
    private func expectLiving(
        _ ordinal: UInt64,
        _ kind: UInt16?,
        _ frame: Frame,
        isEdge: Bool = false
    ) throws(StoreError) {
        let view = editor.view
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
        guard let entry = found, entry.death == OrdinalEntry.forever,
            (entry.flags & OrdinalFlags.edge != 0) == isEdge,
            kind == nil || kind == entry.collection
        else { throw .malformed(frame.place) }
    }

    private var reader: WriterReader {
        WriterReader(view: editor.view, frames: frames, catalog: editor.catalog, instant: 0)
    }
}

extension KeyType {
    /// Whether a key is of this type.
    fileprivate func holds(_ key: Key) -> Bool {
        switch key {
        case .text: self == .text
        case .int: self == .int
        case .uuid: self == .uuid
        }
    }
}
