// Writes deterministic CBOR item by item, without a tree. Heads and floats come out in their
// shortest form by themselves; that a container gets as many items as it announced, and a map its
// keys in ascending order of their encoded bytes, is the caller's part.

/// Appends CBOR to an array.
@usableFromInline package struct CBORWriter: Sendable {
    /// What was written so far.
    @usableFromInline package var bytes: [UInt8]

    /// An empty writer.
    @inlinable package init() { bytes = [] }

    /// An empty writer with room for `capacity` bytes.
    @inlinable package init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// A writer that goes on after `bytes`.
    @inlinable package init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

    /// Appends a head: the major type (0 to 7) and its argument in the shortest form.
    @inlinable package mutating func putHead(major: UInt8, argument: UInt64) {
        if argument < 24 {
            bytes.append(major << 5 | UInt8(truncatingIfNeeded: argument))
        } else if argument <= 0xff {
            bytes.append(major << 5 | 24)
            bytes.append(UInt8(truncatingIfNeeded: argument))
        } else {
            putLongHead(major: major, argument: argument)
        }
    }

    @usableFromInline mutating func putLongHead(major: UInt8, argument: UInt64) {
        let information: UInt8 = argument <= 0xffff ? 25 : argument <= 0xffff_ffff ? 26 : 27
        putHead(major: major, information: information, argument: argument)
    }

    /// Appends a head of 2, 4 or 8 bytes of argument, for additional information 25, 26 or 27.
    mutating func putHead(major: UInt8, information: UInt8, argument: UInt64) {
        bytes.append(major << 5 | information)
        var shift = 8 << (Int(information) - 24)
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: argument >> UInt64(shift)))
        }
    }

    /// Appends null.
    @inlinable package mutating func putNull() { bytes.append(0xf6) }

    /// Appends undefined.
    @inlinable package mutating func putUndefined() { bytes.append(0xf7) }

    /// Appends a truth value.
    @inlinable package mutating func put(_ value: Bool) { bytes.append(value ? 0xf5 : 0xf4) }

    /// Appends an integer of zero or more.
    @inlinable package mutating func put(_ value: UInt64) { putHead(major: 0, argument: value) }

    /// Appends the integer −1 − `value`.
    @inlinable package mutating func putNegative(_ value: UInt64) {
        putHead(major: 1, argument: value)
    }

    /// Appends an integer.
    @inlinable package mutating func put(_ value: Int64) {
        if value >= 0 {
            putHead(major: 0, argument: UInt64(value))
        } else {
            putHead(major: 1, argument: UInt64(bitPattern: ~value))
        }
    }

    /// Appends a float in the shortest width that holds it; every not-a-number as 0x7e00.
    package mutating func put(_ value: Double) {
        let (information, argument) = CBORFloat.shortest(value)
        putHead(major: 7, information: information, argument: argument)
    }

    /// Appends a text.
    package mutating func put(_ value: String) {
        var value = value
        value.makeContiguousUTF8()
        let utf8 = value.utf8
        putHead(major: 3, argument: UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// Appends a byte string.
    package mutating func put(_ value: [UInt8]) {
        putHead(major: 2, argument: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Begins an array of `count` items, which follow.
    ///
    /// - Precondition: `count >= 0`.
    @inlinable package mutating func startArray(count: Int) {
        putHead(major: 4, argument: UInt64(count))
    }

    /// Begins a map of `count` keys, each followed by its value.
    ///
    /// - Precondition: `count >= 0`.
    @inlinable package mutating func startMap(count: Int) {
        putHead(major: 5, argument: UInt64(count))
    }

    /// Appends a tag; the item that it is for follows.
    @inlinable package mutating func putTag(_ tag: UInt64) { putHead(major: 6, argument: tag) }

    /// Appends bytes that are CBOR already.
    package mutating func putEncoded(_ other: ArraySlice<UInt8>) {
        bytes.append(contentsOf: other)
    }
}
