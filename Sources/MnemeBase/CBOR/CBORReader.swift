// Reads CBOR item by item, without a tree: what records, edges and messages are decoded with. The
// typed readers take definite lengths only; `CBORValue` reads everything that is well-formed.
// Nothing is allocated before the bytes for it were seen.

/// The first bytes of an item.
@usableFromInline package struct CBORHead: Sendable {
    /// The major type, 0 to 7.
    @usableFromInline package let major: UInt8
    /// The low five bits of the first byte; 31 for an indefinite length or a break.
    @usableFromInline package let information: UInt8
    /// The number in or after the first byte: a value, a length, a tag or the bits of a float.
    @usableFromInline package let argument: UInt64

    @inlinable init(major: UInt8, information: UInt8, argument: UInt64) {
        self.major = major
        self.information = information
        self.argument = argument
    }

    /// Whether the length is indefinite (or this is a break).
    @inlinable package var isIndefinite: Bool { information == 31 }
}

/// What the next item is.
@usableFromInline package enum CBORKind: Sendable {
    case unsigned, negative, bytes, text, array, map, tag, bool, null, undefined, float, simple
}

/// A cursor over encoded bytes.
///
/// After an error its place says nothing.
@usableFromInline package struct CBORReader: Sendable {
    /// What is read.
    @usableFromInline package let bytes: [UInt8]
    @usableFromInline var position: Int
    /// The place after the last byte.
    @usableFromInline package let end: Int
    /// What is accepted.
    @usableFromInline package let mode: CBORMode

    /// A reader of the whole array.
    @inlinable package init(_ bytes: [UInt8], mode: CBORMode = .deterministic) {
        self.bytes = bytes
        position = 0
        end = bytes.count
        self.mode = mode
    }

    /// A reader of a part of the array.
    ///
    /// - Precondition: the range lies inside the array.
    @inlinable package init(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        mode: CBORMode = .deterministic
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        self.mode = mode
    }

    /// The place of the next byte.
    @inlinable package var offset: Int { position }

    /// How many bytes are left.
    @inlinable package var remaining: Int { end - position }

    /// Whether everything was read.
    @inlinable package var isAtEnd: Bool { position == end }

    /// Makes sure that everything was read.
    ///
    /// - Throws: `.trailing`.
    @inlinable package func finish() throws(CBORError) {
        if position != end { throw .trailing(offset: position) }
    }

    /// Reads a head.
    ///
    /// A break comes as major type 7 with indefinite length.
    ///
    /// - Throws: `.truncated`, `.malformed`, and `.notDeterministic` for a longer head than needed.
    @inlinable package mutating func readHead() throws(CBORError) -> CBORHead {
        guard position < end else { throw .truncated(offset: position) }
        let initial = bytes[position]
        let information = initial & 0x1f
        guard information < 24 else { return try readLongHead() }
        position += 1
        return CBORHead(
            major: initial >> 5,
            information: information,
            argument: UInt64(information)
        )
    }

    @usableFromInline mutating func readLongHead() throws(CBORError) -> CBORHead {
        let start = position
        let major = bytes[start] >> 5
        let information = bytes[start] & 0x1f
        position += 1
        guard information < 28 else {
            guard information == 31, major >= 2, major != 6 else {
                throw .malformed(offset: start)
            }
            if mode == .deterministic, major != 7 { throw .notDeterministic(offset: start) }
            return CBORHead(major: major, information: information, argument: 0)
        }
        let size = 1 << (Int(information) - 24)
        guard remaining >= size else { throw .truncated(offset: start) }
        var argument: UInt64 = 0
        for _ in 0..<size {
            argument = argument << 8 | UInt64(bytes[position])
            position += 1
        }
        if major == 7 {
            // Simple values below 32 have no second byte; the bits of floats have any value.
            if size == 1, argument < 32 { throw .malformed(offset: start) }
        } else if mode == .deterministic {
            let shorter: UInt64 = size == 1 ? 23 : (1 << UInt64(size * 4)) - 1
            if argument <= shorter { throw .notDeterministic(offset: start) }
        }
        return CBORHead(major: major, information: information, argument: argument)
    }

    /// Says what comes next without reading it; nil at the end and where no item can begin.
    package var nextKind: CBORKind? {
        guard position < end else { return nil }
        let initial = bytes[position]
        switch initial >> 5 {
        case 0: return .unsigned
        case 1: return .negative
        case 2: return .bytes
        case 3: return .text
        case 4: return .array
        case 5: return .map
        case 6: return .tag
        default:
            switch initial & 0x1f {
            case 20, 21: return .bool
            case 22: return .null
            case 23: return .undefined
            case 25, 26, 27: return .float
            case 28...31: return nil
            default: return .simple
            }
        }
    }
}
