// Bugs that the tests of concurrent histories plant, to see whether they find them.

/// What a commit of a transaction is not held against, though it should be.
package struct TransactionFaults: Hashable, Sendable {
    /// Records that were read by their keys.
    package var forgetsRecords = false
    /// Questions with a filter.
    package var forgetsRanges = false
    /// Questions about all of a collection or an owner, such as those for what is nearest.
    package var forgetsScopes = false
    /// Edges that were found or walked.
    package var forgetsEdges = false
    /// What changes were told to have come to.
    package var forgetsOutcomes = false

    /// No bugs.
    package init() {}
}
