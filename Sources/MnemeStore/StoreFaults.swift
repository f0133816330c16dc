// Bugs on purpose in the store's own bookkeeping, for the tests of the crash harness.

/// Bugs on purpose; none but in the crash harness's tests of itself.
package struct StoreFaults: Sendable {
    /// What was withdrawn and not swept when a checkpoint was written is forgotten by whoever opens
    /// the store by it.
    package var forgetsWithdrawals = false
    /// What owners have is not counted where the log is replayed.
    package var replaysNoUsage = false

    /// No bug.
    package init() {}
}
