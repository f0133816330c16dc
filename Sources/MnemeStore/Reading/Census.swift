// What the log says there is, from its first frame on: worked out in memory, without an index, for
// holding the indexes against it.

internal import MnemeLog

/// What the log says there is.
struct Census {
    struct Version {
        var place: LogPlace
        var birth: UInt64
        var isEdge: Bool
    }
    private(set) var frames = 0
    private(set) var living: [UInt64: Version] = [:]
    private(set) var dead: Set<UInt64> = []
    private(set) var owners: [String: UInt32] = [:]
    private(set) var forks: [Fork] = []
    /// The edges that were ever linked to a living record: they end when it does.
    private var edges: [UInt64: [UInt64]] = [:]

    mutating func take(_ batch: ReplayedBatch) throws(StoreError) {
        for frame in batch.frames {
            frames += 1
            switch frame.content.type {
            case StoreFrameType.owner:
                guard let path = String(validating: frame.content.columns, as: UTF8.self) else {
                    throw .malformed(frame.place)
                }
                owners[path] = UInt32(truncatingIfNeeded: frame.content.owner)
            case StoreFrameType.put:
                guard let columns = try? PutColumns(frame.content.columns) else {
                    throw .malformed(frame.place)
                }
                living[columns.ordinal] = Version(
                    place: frame.place,
                    birth: frame.sequence,
                    isEdge: false
                )
            case StoreFrameType.link:
                let columns = try Self.columns(frame)
                living[columns.ordinal] = Version(
                    place: frame.place,
                    birth: frame.sequence,
                    isEdge: true
                )
                for node in Set([columns.from, columns.to]) {
                    edges[node, default: []].append(columns.ordinal)
                }
            case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase:
                let ordinal = try Self.columns(frame).ordinal
                end(ordinal)
                for edge in edges.removeValue(forKey: ordinal) ?? [] { end(edge) }
            case StoreFrameType.unlink, StoreFrameType.eraseEdge:
                end(try Self.columns(frame).ordinal)
            case StoreFrameType.fork:
                guard let fork = Fork(frame) else { throw .malformed(frame.place) }
                forks.append(fork)
            // What it names lives until its delete.
            case StoreFrameType.schema, StoreFrameType.summary, StoreFrameType.withdrawal: break
            default: throw .unexpected(frame)
            }
        }
    }

    private mutating func end(_ ordinal: UInt64) {
        living[ordinal] = nil
        dead.insert(ordinal)
    }

    private static func columns(_ frame: Frame) throws(StoreError) -> PlainColumns {
        guard let columns = try? PlainColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        return columns
    }
}
