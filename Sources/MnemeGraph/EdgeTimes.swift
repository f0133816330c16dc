// When an edge was there. It is kept in microseconds, as instants are, of edges whose type keeps a
// history; of all others it is not known, and nobody asks.

/// The time from which on, and the one up to which, an edge was there.
@frozen
package struct EdgeTimes: Equatable, Sendable {
    /// Of an edge that was there from the first and has not ended.
    package static let always = EdgeTimes(linked: .min, ended: .max)

    /// When it was linked; the least number where it was there before the history began.
    package let linked: Int64
    /// When it ended; the greatest number where it has not.
    package let ended: Int64

    @inlinable
    package init(linked: Int64, ended: Int64) {
        self.linked = linked
        self.ended = ended
    }

    /// Reads columns; the end of an edge that lives is left out.
    init(linked: UInt64, ended: UInt64? = nil) {
        self.linked = linked == Adjacency.unstated ? .min : Int64(bitPattern: linked)
        self.ended = ended.map { Int64(bitPattern: $0) } ?? .max
    }

    /// Whether the edge was there at an instant.
    @inline(__always)
    package func hold(at instant: Int64) -> Bool { linked <= instant && instant < ended }
}
