// What a search for the remains of a deleted record, of an erased edge, or of a purged owner, came
// to.

/// Whether anything of a record, an edge or an owner is left in the files of a store.
public struct ErasureProof: Hashable, Sendable {
    /// The record; nil of anything else.
    public var reference: Reference?
    /// The edge's number; nil of anything else.
    public var edge: UInt64?
    /// The owner; nil of anything else.
    public var owner: String?
    /// Frames of the log that were read.
    public var frames = 0
    /// Whether the record, the edge or what is kept of it, or anything of the owner, is there, not
    /// deleted at all.
    public var isAlive = false
    /// Where the files carry it, and where bytes that nothing uses are not zero.
    public var findings: [String] = []
    /// Which pages do not read back, so that nobody can tell what stands in them.
    public var damage: [String] = []
    /// What was deleted or replaced, of this record or others, and has not been taken out of the
    /// files yet.
    public var waiting: [String] = []

    /// Nothing of it is left.
    public var isErased: Bool {
        !isAlive && findings.isEmpty && damage.isEmpty && waiting.isEmpty
    }

    /// A proof of nothing yet.
    public init(reference: Reference) { self.reference = reference }

    /// A proof of nothing yet, of an edge.
    public init(edge: UInt64) { self.edge = edge }

    /// A proof of nothing yet, of an owner.
    public init(owner: String) { self.owner = owner }
}
