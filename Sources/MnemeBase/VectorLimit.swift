// How long a vector may be: said once, for the schema that refuses it and the pages that hold its
// code. Format: formats/vector-codes.md#leaves.

/// The bounds of a vector field.
package enum VectorLimit {
    /// The most components.
    ///
    /// A leaf of 8,192 bytes holds three codes of so many, the least that a column tree works with.
    package static let dimension = 4096
    /// The components that a vector may have.
    package static let dimensions = 1...dimension
}
