// What outcomes say of records that were put and of edges. The numbers of edges inside a
// transaction are not those that they get.

extension Committed.Outcome {
    /// The number of the edge that a link has made; nil of other outcomes.
    package var madeEdge: UInt64? {
        switch self {
        case .linked(let edge), .linkedReturning(let edge, _): edge
        default: nil
        }
    }

    /// The record that a put has made; nil of other outcomes.
    package var putReference: Reference? {
        switch self {
        case .put(let reference): reference
        case .putReturning(let put): put.reference
        default: nil
        }
    }

    /// Whether it says the same as another one, whatever numbers edges have.
    package func isSame(as other: Committed.Outcome) -> Bool {
        switch (self, other) {
        case (.linked, .linked): return true
        case (.linkedReturning(_, var edge), .linkedReturning(_, var other)):
            edge?.id = 0
            other?.id = 0
            return edge == other
        default: return self == other
        }
    }
}
