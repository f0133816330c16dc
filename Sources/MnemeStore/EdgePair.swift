// Two records that a unique type of edges joins at most once. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemeTree

/// What a unique type of edges has one edge of.
struct EdgePair: Hashable {
    let type: UInt16
    let from: UInt64
    let to: UInt64

    /// The pair of two records' ordinals; nil where the type may join them any number of times.
    ///
    /// Of an undirected type it is the same either way.
    init?(_ type: EdgeTypeEntry?, from: UInt64, to: UInt64) {
        guard let type, type.type.isUnique else { return nil }
        let isTurned = type.type.isUndirected && to < from
        self.type = type.number
        self.from = isTurned ? to : from
        self.to = isTurned ? from : to
    }

    /// Where the number of the edge stands.
    var key: [UInt8] {
        var writer = KeyWriter(collection: type, index: 0)
        writer.put(ordinal: from)
        writer.put(ordinal: to)
        return writer.bytes
    }
}
