// What the room refuses.

/// Why a vector, a query or a stored row was not taken.
@usableFromInline package enum VectorError: Error, Equatable, Sendable {
    /// A dimension outside `VectorLimit.dimensions`.
    case badDimension(Int)
    /// The vector has another number of elements, or the row another number of bytes.
    case wrongLength(expected: Int, found: Int)
    /// The first element that is NaN or infinite.
    case notFinite(index: Int)
    /// Every element is zero; the cosine is not defined.
    case zeroVector
    /// The sum of squares exceeds 2^120 under a metric that depends on it.
    case tooLarge
    /// The first element that float16 cannot hold (beyond ±65,504).
    case elementOverflow(index: Int)
    /// The full vector at this address could not be had, or holds no numbers.
    case unreadable(address: UInt64)
}

extension VectorError: CustomStringConvertible {
    /// What is wrong, for people.
    @usableFromInline package var description: String {
        switch self {
        case .badDimension(let dimension): "a dimension of \(dimension)"
        case .wrongLength(let expected, let found):
            "a length of \(found) where \(expected) is needed"
        case .notFinite(let index): "component \(index) is not finite"
        case .zeroVector: "every component is 0"
        case .tooLarge: "the vector is too long"
        case .elementOverflow(let index): "component \(index) is beyond what float16 holds"
        case .unreadable(let address): "the full vector at \(address) could not be read"
        }
    }
}
