// What this room refuses.

/// Why token counts cannot be read or changed.
package enum EmbedError: Error, Equatable, Sendable {
    /// Encoded counts end early, say what no counts say, or are of an unknown version.
    case malformed(offset: Int)
    /// A memory is taken away whose tokens were never counted. Nothing was changed.
    case notCounted
}
