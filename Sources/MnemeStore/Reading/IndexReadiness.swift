// What can be said of an index to somebody who would need it.

/// Whether an index can be asked.
package enum IndexReadiness: Sendable {
    case ready
    /// It is there, and not all of its entries are.
    case building
    case missing
}
