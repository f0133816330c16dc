// What a search for the remains of a deleted record came to.

/// Whether anything of a record is left in the files of a store.
public struct ErasureProof: Hashable, Sendable {
    /// The record.
    public var reference: Reference
    /// Frames of the log that were read.
    public var frames = 0
    /// Whether the record is there, not deleted at all.
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
}
