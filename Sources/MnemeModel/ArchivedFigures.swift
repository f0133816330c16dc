// How much of a store is archived, and how much of that lies among what is cold.

/// How many records are marked as archived, and their bytes.
///
/// Format: formats/operations.md#put-aside
public struct ArchivedFigures: Hashable, Sendable {
    /// How many there are.
    public var records: Int
    /// Bytes of their keys, fields and vectors, before anything is compressed.
    public var bytes: Int
    /// How many of them stand in cold segments, where they take the least room.
    public var coldRecords: Int
    /// Of the bytes, those of the records in cold segments.
    public var coldBytes: Int

    /// Figures of their parts.
    public init(records: Int, bytes: Int, coldRecords: Int, coldBytes: Int) {
        self.records = records
        self.bytes = bytes
        self.coldRecords = coldRecords
        self.coldBytes = coldBytes
    }
}
