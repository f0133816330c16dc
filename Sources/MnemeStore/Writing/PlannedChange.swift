// What the writer has decided to do: changes with every decision taken, ready to be written to the
// log and applied to the indexes. Replay makes the same from frames.

internal import MnemeBase
package import MnemeLog
package import MnemeModel
package import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// One change, decided.
enum PlannedChange: Sendable {
    case schema(PlannedDefinition)
    case owner(number: UInt32, path: String)
    case put(PlannedPut)
    case delete(PlannedDelete)
    case link(PlannedEdge)
    case unlink(PlannedEdge)
    case fork(Fork)
    case withdraw(PlannedWithdrawal)
}

/// A version that another one replaces or a delete ends.
struct OldVersion: Sendable {
    var entry: OrdinalEntry
    var record: StoredRecord
    /// Bytes that its frame takes.
    var frameBytes: Int
    /// What tells it from versions of other branches; nil of one whose frame is not written yet.
    var origin: VersionOrigin?
    /// When it was committed.
    var time: Microseconds = 0
    /// Bytes that count of it for its owner.
    var usageBytes = 0
}

/// A new version of a record.
struct PlannedPut: Sendable {
    var ordinal: UInt64
    var collection: CollectionEntry
    var record: StoredRecord
    var old: OldVersion?
    /// The body as it goes into the frame.
    var body: [UInt8]
    var plainCount: UInt32
    /// The keys in the collection's indexes, where they were made before.
    var prefixes: [IndexPrefix]? = nil
    /// The bytes of its digest, where they were.
    var digest: [UInt8]? = nil
}

/// The end of a record and of every edge that touches it.
struct PlannedDelete: Sendable {
    /// The bytes of its frame.
    static let frameSize = FrameContent(
        type: StoreFrameType.delete,
        columns: PlainColumns(ordinal: 0, previous: nil, kind: 0).bytes
    ).byteCount
    /// The most bytes of an erase frame, which is the longest that ends a record.
    static func largestFrameSize(forks: Int) -> Int {
        frameSize + ErasureColumns.size - 40 + forks * Fork.byteCount
    }

    var ordinal: UInt64
    var collection: CollectionEntry
    var old: OldVersion
    /// What its frame says of the record where it holds for backups too; nil of a mere delete.
    var erasure: ErasureMark?
}

/// An edge that comes or goes.
struct PlannedEdge: Sendable {
    var ordinal: UInt64
    var type: UInt16
    var from: UInt64
    var to: UInt64
    var owner: UInt32
    /// The properties as they go into the frame; of a link only.
    var body: [UInt8]
    var plainCount: UInt32
    /// Those of them that are vectors; of a link only.
    var vectors: [StoredVector] = []
    /// What its end says of its link where it holds for backups too; nil of a mere unlink.
    var erasure: EdgeOrigin?
}

extension PlannedChange {
    /// The record whose version comes or goes, nil for what has no versions.
    var recordOrdinal: UInt64? {
        switch self {
        case .put(let put): put.ordinal
        case .delete(let delete): delete.ordinal
        case .schema, .owner, .link, .unlink, .fork, .withdraw: nil
        }
    }

    /// The frame that stands for the change.
    func frame(schemaVersion: UInt32) throws(MnemeError) -> FrameContent {
        switch self {
        case .schema(let planned):
            let encoded = try SchemaCoding.encode(planned.definition)
            let (body, plainCount) = FrameBody.compress(encoded)
            return FrameContent(
                type: StoreFrameType.schema,
                schemaVersion: planned.catalog.version,
                body: body,
                plainCount: plainCount
            )
        case .owner(let number, let path):
            return FrameContent(
                type: StoreFrameType.owner,
                schemaVersion: schemaVersion,
                owner: UInt64(number),
                columns: Array(path.utf8)
            )
        case .put(let put):
            return put.frame(schemaVersion)
        case .delete(let delete):
            let columns = PlainColumns(
                ordinal: delete.ordinal,
                previous: LogPlace(bits: delete.old.entry.place),
                kind: delete.collection.number
            )
            return FrameContent(
                type: delete.erasure == nil ? StoreFrameType.delete : StoreFrameType.erase,
                schemaVersion: schemaVersion,
                owner: UInt64(delete.old.entry.owner),
                columns: delete.erasure.map { $0.columns(columns) } ?? columns.bytes
            )
        case .link(let edge):
            return edge.frame(StoreFrameType.link, schemaVersion)
        case .unlink(let edge):
            let type = edge.erasure == nil ? StoreFrameType.unlink : StoreFrameType.eraseEdge
            return edge.frame(type, schemaVersion)
        case .fork(let fork):
            return FrameContent(
                type: StoreFrameType.fork,
                schemaVersion: schemaVersion,
                columns: fork.columns
            )
        case .withdraw(let withdrawal): return withdrawal.frame(schemaVersion)
        }
    }
}

extension PlannedPut {
    func frame(_ schemaVersion: UInt32) -> FrameContent {
        let columns = PutColumns(
            ordinal: ordinal,
            previous: old.map { LogPlace(bits: $0.entry.place) },
            expiresAt: record.expiresAt,
            collection: collection.number,
            key: record.key,
            vectors: record.vectors.map { ($0.field, $0.element, $0.dimension) }
        )
        return FrameContent(
            type: StoreFrameType.put,
            schemaVersion: schemaVersion,
            owner: UInt64(record.owner),
            columns: columns.bytes(bodyCount: body.count),
            body: body,
            plainCount: plainCount,
            vectors: record.vectors.flatMap(\.bytes)
        )
    }
}

extension PlannedEdge {
    func frame(_ type: UInt8, _ schemaVersion: UInt32) -> FrameContent {
        let columns = PlainColumns(
            ordinal: ordinal,
            previous: nil,
            kind: self.type,
            from: from,
            to: to
        )
        guard type == StoreFrameType.link else {
            return FrameContent(
                type: type,
                schemaVersion: schemaVersion,
                owner: UInt64(owner),
                columns: erasure?.columns(columns) ?? columns.bytes
            )
        }
        return FrameContent(
            type: type,
            schemaVersion: schemaVersion,
            owner: UInt64(owner),
            columns: columns.bytes(bodyCount: body.count, vectors),
            body: body,
            plainCount: plainCount,
            vectors: vectors.flatMap(\.bytes)
        )
    }
}

/// What an ordinal stands for, in the table's flags.
enum OrdinalFlags {
    static let edge: UInt16 = 1
    /// A record whose newest version was archived when it was put, and counts as that.
    static let archived: UInt16 = 2
}

/// Reads frames back into what they stand for.
struct FrameDecoder {
    /// Bodies are never larger than this once they are plain.
    static let bodyLimit = 64 << 20

    /// Says what was defined after a frame was written; nothing is added where there is none.
    var catalog: Catalog?

    /// The version of a record that a put frame carries.
    func record(_ frame: Frame) throws(StoreError) -> (columns: PutColumns, record: StoredRecord) {
        guard frame.content.type == StoreFrameType.put else { throw .unexpected(frame) }
        guard let columns = try? PutColumns(frame.content.columns),
            let plain = FrameBody.plain(frame.content, limit: Self.bodyLimit),
            let stored = try? Value.decodeFields(plain)
        else { throw .malformed(frame.place) }
        var fields: [(number: UInt16, value: Value)] = stored.map { ($0.0, $0.1) }
        if let catalog, frame.content.schemaVersion < catalog.lateVersion,
            let completed = catalog.collection(number: columns.collection)?.completed(
                fields,
                vectors: columns.vectors.map(\.field),
                since: frame.content.schemaVersion
            )
        {
            fields = completed
        }
        let record = StoredRecord(
            key: columns.key,
            owner: UInt32(truncatingIfNeeded: frame.content.owner),
            expiresAt: columns.expiresAt,
            fields: fields,
            vectors: try vectors(frame, columns)
        )
        return (columns, record)
    }

    /// The vectors of a put frame.
    func vectors(_ frame: Frame, _ columns: PutColumns) throws(StoreError) -> [StoredVector] {
        var vectors: [StoredVector] = []
        var start = 0
        for vector in columns.vectors {
            let count = vector.dimension * vector.element.byteCount
            guard start + count <= frame.content.vectors.count else {
                throw .malformed(frame.place)
            }
            let bytes = Array(frame.content.vectors[start..<(start + count)])
            vectors.append(
                StoredVector(field: vector.field, element: vector.element, bytes: bytes)
            )
            start += count
        }
        return vectors
    }

    /// The vectors of a link frame.
    func edgeVectors(_ frame: Frame) throws(StoreError) -> [StoredVector] {
        if frame.content.vectors.isEmpty { return [] }
        guard let columns = try? PlainColumns.vectors(in: frame.content.columns.span),
            columns.last?.range.upperBound == frame.content.vectors.count
        else { throw .malformed(frame.place) }
        return columns.map { vector in
            StoredVector(
                field: vector.field,
                element: vector.element,
                bytes: Array(frame.content.vectors[vector.range])
            )
        }
    }

    /// What the edge of a link frame joins, and its properties by their names, vectors among them.
    func edge(
        _ frame: Frame,
        of type: EdgeTypeEntry
    ) throws(StoreError) -> (columns: PlainColumns, properties: [String: Value]) {
        let (columns, body) = try edge(frame)
        guard let properties = try? Value.decodeFields(body) else { throw .malformed(frame.place) }
        return (columns, type.named(properties, try edgeVectors(frame)))
    }

    /// The edge that a link frame, or one that ends it, carries.
    func edge(_ frame: Frame) throws(StoreError) -> (columns: PlainColumns, body: [UInt8]) {
        guard
            frame.content.type == StoreFrameType.link
                || StoreFrameType.endsEdge(frame.content.type)
        else { throw .unexpected(frame) }
        guard let columns = try? PlainColumns(frame.content.columns),
            let plain = FrameBody.plain(frame.content, limit: Self.bodyLimit)
        else { throw .malformed(frame.place) }
        return (columns, plain)
    }
}

/// What goes wrong inside the store; a door sees a `MnemeError`.
package enum StoreError: Error {
    case pages(PageError)
    case log(LogError)
    /// A whole frame whose content makes no sense.
    case malformed(LogPlace)
    /// An index does not agree with the log.
    case inconsistent(String)
    /// The state of the page file is of a version that is not gone on from any more; it is to be
    /// derived again.
    case olderState(version: UInt32)
    /// A rule of the request or the data.
    case refused(MnemeError)
    /// A batch takes longer than the thread has that decides it; another one does it.
    case long

    /// What a whole frame means that is of no type that belongs where it stands.
    static func unexpected(_ type: UInt8, at place: LogPlace) -> StoreError {
        type > StoreFrameType.last
            ? .log(.newerFrame(place: place, what: "type \(type)")) : .malformed(place)
    }

    /// What a whole frame means that is of no type that belongs where it stands.
    static func unexpected(_ frame: Frame) -> StoreError {
        unexpected(frame.content.type, at: frame.place)
    }

    init(_ error: TreeError) {
        switch error {
        case .pages(let error): self = .pages(error)
        default: self = .inconsistent("the tree refused a key: \(error)")
        }
    }

    init(_ error: VectorIndexError) {
        switch error {
        case .pages(let error): self = .pages(error)
        case .vector(let error): self = .inconsistent("a stored vector is refused: \(error)")
        }
    }
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func onPages<Result>(_ body: () throws(PageError) -> Result) throws(StoreError) -> Result {
    do throws(PageError) { return try body() } catch { throw .pages(error) }
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func onTree<Result>(_ body: () throws(TreeError) -> Result) throws(StoreError) -> Result {
    do throws(TreeError) { return try body() } catch { throw StoreError(error) }
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func onLog<Result>(_ body: () throws(LogError) -> Result) throws(StoreError) -> Result {
    do throws(LogError) { return try body() } catch { throw .log(error) }
}
