// Which edge an erase frame of edges names. An edge has one frame for life, its link: the sequence
// and the incarnation of that, and what it joins, tell it from what another branch has under the
// same ordinal. Format: formats/store.md#erase-of-an-edge.

internal import MnemeBase
internal import MnemeLog

/// What tells an edge from those of other branches.
struct EdgeOrigin: Hashable, Sendable {
    /// Of its link frame.
    var sequence: UInt64
    /// Of its link frame.
    var incarnation: UInt64

    /// Bytes of the columns of a frame that erases an edge.
    static let columnsSize = 56

    /// The columns of the frame, those of an unlink among them.
    func columns(_ unlink: PlainColumns) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.columnsSize)
        writer.put(unlink.bytes)
        writer.put(sequence)
        writer.put(incarnation)
        return writer.bytes
    }
}

/// The edge that an erase frame names.
struct EdgeErasure: Hashable, Sendable {
    let ordinal: UInt64
    let type: UInt16
    let from: UInt64
    let to: UInt64
    let origin: EdgeOrigin

    /// Of a frame's columns; nil where they are those of no erase of an edge.
    init?(_ columns: [UInt8], type: UInt8) {
        guard type == StoreFrameType.eraseEdge, let plain = try? PlainColumns(columns) else {
            return nil
        }
        (ordinal, self.type, from, to) = (plain.ordinal, plain.kind, plain.from, plain.to)
        var reader = ByteReader(columns)
        for _ in 0..<5 { guard (try? reader.get(UInt64.self)) != nil else { return nil } }
        guard let sequence = try? reader.get(UInt64.self),
            let incarnation = try? reader.get(UInt64.self)
        else { return nil }
        origin = EdgeOrigin(sequence: sequence, incarnation: incarnation)
    }

    /// Whether a link is the one that was erased.
    func names(_ link: PlainColumns, _ linked: EdgeOrigin) -> Bool {
        link.ordinal == ordinal && link.kind == type && link.from == from && link.to == to
            && linked == origin
    }
}
