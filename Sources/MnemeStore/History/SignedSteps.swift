// Who makes which changes of a batch: one signature for all of it, or for the steps of a
// transaction one for each of the requests that they came with.

internal import MnemeModel

/// Signatures by the steps of a batch.
struct SignedSteps: Sendable {
    /// From which step on each of them holds, ascending.
    private var parts: [(from: Int, signature: Signature)] = []

    /// Nobody's changes.
    init() {}

    /// One signature for a whole batch.
    ///
    /// - Throws: `.tooLarge` for one that is too long.
    init(_ signature: Signature) throws(MnemeError) {
        if signature.isEmpty { return }
        try signature.check()
        parts = [(0, signature)]
    }

    /// Has a signature hold from a step on, which is not below those before.
    mutating func add(_ signature: Signature, from step: Int) {
        if parts.isEmpty, signature.isEmpty { return }
        parts.append((step, signature))
    }

    /// The signature of a step.
    ///
    /// - Complexity: O(signatures).
    subscript(_ step: Int) -> Signature {
        parts.last { $0.from <= step }?.signature ?? Signature()
    }
}
