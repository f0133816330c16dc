// The operations of a world that can be the last one before the power goes.

/// One numbered operation.
package struct Step: Sendable, Hashable {
    /// What was done.
    package enum Kind: String, Sendable {
        case write
        case sync
        case truncate
        case create
        case createDirectory
        case rename
        case link
        case remove
        case syncDirectory
    }

    /// What was done.
    package let kind: Kind
    /// The file or directory; of a rename the old name.
    package let path: String
    /// The place of a write, the new length of a truncation, or 0.
    package let offset: UInt64
    /// The bytes of a write, or 0.
    package let count: Int
}

/// How many operations a world has seen since it began.
package struct StepCounts: Sendable, Hashable {
    /// Steps of every kind.
    package var steps = 0
    /// Writes.
    package var writes = 0
    /// Data syncs.
    package var syncs = 0
    /// Directory syncs.
    package var directorySyncs = 0
    /// Reads, which are no steps.
    package var reads = 0
}
