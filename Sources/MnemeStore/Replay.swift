// Recovery's half of the one way to change state: frames of the log become decided changes again
// and go through the same editor.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Applies whole batches read from the log.
struct Replay {
    private let editor: StoreEditor
    private let frames: any FrameSource

    init(_ editor: StoreEditor, _ frames: any FrameSource) {
        self.editor = editor
        self.frames = frames
    }

    mutating func apply(_ batch: ReplayedBatch) throws(StoreError) {
        for frame in batch.frames {
            if let change = try change(frame) {
                try editor.apply(
                    change,
                    place: frame.place,
                    vectorOffset: frame.vectorOffset,
                    birth: frame.sequence
                )
            }
        }
        editor.reached(batch.sequence)
    }

    private func change(_ frame: Frame) throws(StoreError) -> PlannedChange? {
        switch frame.content.type {
        case StoreFrameType.schema: return try schema(frame)
        case StoreFrameType.owner:
            guard let path = String(validating: frame.content.columns, as: UTF8.self) else {
                throw .malformed(frame.place)
            }
            return .owner(number: UInt32(truncatingIfNeeded: frame.content.owner), path: path)
        case StoreFrameType.put: return try put(frame)
        case StoreFrameType.delete: return try delete(frame)
        case StoreFrameType.link, StoreFrameType.unlink: return try edge(frame)
        default: throw .unexpected(frame)
        }
    }

    private func schema(_ frame: Frame) throws(StoreError) -> PlannedChange {
        let next: Catalog
        guard let plain = FrameBody.plain(frame.content, limit: FrameDecoder.bodyLimit),
            let schema = try? SchemaCoding.decode(plain)
        else { throw .malformed(frame.place) }
        do throws(MnemeError) {
            next = try editor.catalog.adding(schema)
        } catch {
            throw .refused(error)
        }
        let backfill = Backfill(reader: reader, tree: Tree(root: editor.roots.tree))
        return .schema(next, schema, try backfill.keys(from: editor.catalog, to: next))
    }

    private func put(_ frame: Frame) throws(StoreError) -> PlannedChange {
        let (columns, record) = try FrameDecoder().record(frame)
        guard let collection = editor.catalog.collection(number: columns.collection) else {
            throw .malformed(frame.place)
        }
        let entry = try entry(columns.ordinal)
        let old: OldVersion? =
            entry == nil ? nil : try reader.version(columns.ordinal)
        return .put(
            PlannedPut(
                ordinal: columns.ordinal,
                collection: collection,
                record: record,
                old: old,
                body: frame.content.body,
                plainCount: frame.content.plainCount
            )
        )
    }

    private func delete(_ frame: Frame) throws(StoreError) -> PlannedChange {
        guard let columns = try? PlainColumns(frame.content.columns),
            let collection = editor.catalog.collection(number: columns.kind)
        else { throw .malformed(frame.place) }
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
        guard editor.catalog.edgeType(number: columns.kind) != nil else {
            throw .malformed(frame.place)
        }
        let edge = PlannedEdge(
            ordinal: columns.ordinal,
            type: columns.kind,
            from: columns.from,
            to: columns.to,
            owner: UInt32(truncatingIfNeeded: frame.content.owner),
            body: [],
            plainCount: 0
        )
        return frame.content.type == StoreFrameType.link ? .link(edge) : .unlink(edge)
    }

    private var reader: WriterReader {
        WriterReader(view: editor.view, frames: frames, catalog: editor.catalog, instant: 0)
    }

    private func entry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        let view = editor.view
        return try onPages { () throws(PageError) in try OrdinalTable.entry(ordinal, in: view) }
    }
}
