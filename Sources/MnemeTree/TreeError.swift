// What a tree refuses.

package import MnemePages

/// Why a tree could not do what it was asked.
package enum TreeError: Error, Equatable, Sendable {
    /// A key is longer than `Tree.keyLimit`.
    case keyTooLong(byteCount: Int)
    /// A value is longer than `Tree.valueLimit`.
    case valueTooLong(byteCount: Int)
    /// Bytes that are no key of `KeyWriter`, or not of the type that was asked for.
    case noSuchField(offset: Int)
    /// The pages are damaged or could not be read.
    case pages(PageError)
}

/// Runs `body` and wraps what it throws.
@inline(__always)
func wrapping<Result>(_ body: () throws(PageError) -> Result) throws(TreeError) -> Result {
    do throws(PageError) { return try body() } catch { throw .pages(error) }
}
