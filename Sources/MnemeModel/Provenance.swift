// Where a memory comes from: who said it, what it was made of, what it took the place of, and in
// which session it stands, up to where nothing further is known. formats/operations.md#why

/// Asks where a memory comes from.
public struct Why: Hashable, Sendable {
    /// The memory.
    public var reference: Reference
    /// How far it is asked, in steps; 1 … 64.
    public var depth: Int

    /// A question about a memory.
    public init(_ key: Key, in collection: String = "memories", depth: Int = 8) {
        reference = Reference(collection, key)
        self.depth = depth
    }
}

/// Where a memory comes from.
public struct Provenance: Hashable, Sendable {
    /// The memory, without its vectors.
    public var record: Record
    /// How it was used; nil where it never was.
    public var access: Access?
    /// What it comes from, the nearest first.
    public var steps: [Step]
    /// Whether that is all: nothing lies beyond the depth that was asked for.
    public var isWhole: Bool
    /// The commit that the answer is of.
    public var sequence: UInt64

    /// A provenance of its parts.
    public init(
        record: Record,
        access: Access? = nil,
        steps: [Step] = [],
        isWhole: Bool = true,
        sequence: UInt64
    ) {
        self.record = record
        self.access = access
        self.steps = steps
        self.isWhole = isWhole
        self.sequence = sequence
    }

    /// One step of the way.
    public struct Step: Hashable, Sendable {
        /// What was come to.
        public var reference: Reference
        /// What it is the source of.
        public var of: Reference
        /// By what: the field that names it, or the type of the edge to it.
        public var by: String
        /// How many steps from the memory that was asked about.
        public var depth: Int
        /// What was come to, without its vectors; nil where it is not there any more.
        public var record: Record?
        /// Why, where the edge that leads there says so.
        public var reason: String?

        /// A step of its parts.
        public init(
            _ reference: Reference,
            of source: Reference,
            by name: String,
            depth: Int,
            record: Record? = nil
        ) {
            self.reference = reference
            of = source
            by = name
            self.depth = depth
            self.record = record
        }
    }
}
