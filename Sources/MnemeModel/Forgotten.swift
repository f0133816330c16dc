// What forgetting and pruning came to.

/// What was forgotten.
public struct Forgotten: Hashable, Sendable {
    /// How many records.
    public var count: Int
    /// How many of them went because everything that they were made of did.
    public var derived: Int
    /// Their bytes, as `usage` counts them; nil where they were not counted.
    public var bytes: Int?
    /// The first of them, at most 100; empty where they are not told.
    public var references: [Reference]
    /// Whether nothing went.
    public var isDry: Bool
    /// The newest commit then.
    public var sequence: UInt64

    /// What was forgotten, of its parts.
    public init(
        count: Int,
        derived: Int = 0,
        bytes: Int? = nil,
        references: [Reference] = [],
        isDry: Bool = false,
        sequence: UInt64
    ) {
        self.count = count
        self.derived = derived
        self.bytes = bytes
        self.references = references
        self.isDry = isDry
        self.sequence = sequence
    }
}
