// What can be wrong with CBOR, and how much of it is taken: formats/cbor.md.

/// Why CBOR could not be read or written.
///
/// Offsets count from the first byte of the array.
@usableFromInline package enum CBORError: Error, Equatable, Sendable {
    /// The bytes end before the item does, or a length promises more than there is.
    case truncated(offset: Int)
    /// No CBOR: a reserved head, a stray break, a foreign chunk, a simple value without encoding.
    case malformed(offset: Int)
    /// Well-formed, but not the one deterministic encoding of its value.
    case notDeterministic(offset: Int)
    /// A text that is not UTF-8.
    case invalidText(offset: Int)
    /// A key that its map already has.
    case duplicateKey(offset: Int)
    /// More items inside each other than `CBORLimits.depth`.
    case tooDeep(offset: Int)
    /// More items in all than `CBORLimits.itemCount`.
    case tooManyItems(offset: Int)
    /// An item of another type than was asked for.
    case unexpected(offset: Int)
    /// A number that the type asked for cannot hold.
    case outOfRange(offset: Int)
    /// More bytes after the item than there should be.
    case trailing(offset: Int)
}

/// What a reader accepts.
@usableFromInline package enum CBORMode: Sendable {
    /// Only the deterministic encoding (RFC 8949 §4.2.1): what Mneme stores.
    case deterministic
    /// Anything well-formed: longer heads and floats, indefinite lengths, keys in any order.
    case lenient
}

/// How much one decoded tree may take, whatever its bytes say.
package struct CBORLimits: Sendable {
    /// How many items may lie inside each other; the outermost counts as one.
    package var depth: Int
    /// How many items there may be in all, keys and chunks included.
    package var itemCount: Int

    /// A depth of 128 and 1,048,576 items unless told otherwise.
    package init(depth: Int = 128, itemCount: Int = 1 << 20) {
        self.depth = depth
        self.itemCount = itemCount
    }
}
