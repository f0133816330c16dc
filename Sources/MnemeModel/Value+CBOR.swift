// Values as CBOR, one deterministic encoding each: formats/values.md.

package import MnemeBase

/// Tags of kinds that plain CBOR does not have.
enum ValueTag {
    /// A UUID's 16 bytes (registered for RFC 9562 UUIDs).
    static let uuid: UInt64 = 37
    /// Days since 1970-01-01 (RFC 8943).
    static let day: UInt64 = 100
    /// Seconds and microseconds since 1970-01-01T00:00:00Z (extended time, RFC 9581).
    static let instant: UInt64 = 1001
    /// A float32 array, little-endian (RFC 8746).
    static let vector: UInt64 = Float.typedArrayTag
}

extension Value {
    /// How many values may lie inside each other; the outermost counts as one.
    package static let maximumDepth = 128

    /// How many values and names one encoding may hold, so that a few bytes cannot ask for much
    /// memory.
    package static let maximumItemCount = 1 << 21

    /// The one encoding of this value, in which all NaNs are one.
    ///
    /// - Throws: `.tooDeep` past `maximumDepth`, `.tooManyItems` past `maximumItemCount`.
    /// - Complexity: O(*n*) in the size, O(*m* log *m*) for *m* members of a map.
    package func cbor() throws(CBORError) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        try writer.put(self)
        return writer.bytes
    }

    /// Decodes bytes that hold exactly one value.
    ///
    /// - Throws: `.unexpected` for well-formed CBOR that is no value, else what is wrong with the
    ///   bytes. Other encodings than the deterministic one are refused.
    package init(cbor bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try reader.readFieldValue()
        try reader.finish()
    }
}

extension CBORWriter {
    /// Appends a value.
    ///
    /// - Throws: `.tooDeep`, `.tooManyItems`; what was written before the error stays.
    package mutating func put(_ value: Value) throws(CBORError) {
        var itemsLeft = Value.maximumItemCount
        try put(value, depth: Value.maximumDepth, &itemsLeft)
    }

    /// Appends a value that is part of something greater.
    package mutating func put(_ value: Value, depth: Int, _ itemsLeft: inout Int) throws(CBORError)
    {
        guard depth > 0 else { throw .tooDeep(offset: bytes.count) }
        guard itemsLeft > 0 else { throw .tooManyItems(offset: bytes.count) }
        itemsLeft -= 1
        switch value {
        case .null: putNull()
        case .bool(let value): put(value)
        case .int(let value): put(value)
        case .float(let value): put(value)
        case .text(let text): put(text)
        case .bytes(let bytes): put(bytes)
        case .uuid(let id): put(id)
        case .instant(let instant): put(instant)
        case .date(let day):
            putTag(ValueTag.day)
            put(Int64(day.number))
        case .array(let values):
            startArray(count: values.count)
            for value in values { try put(value, depth: depth - 1, &itemsLeft) }
        case .map(let members): try put(members, depth: depth, &itemsLeft)
        case .vector(let vector): put(typedArray: vector)
        }
    }

    private mutating func put(_ id: UniqueID) {
        putTag(ValueTag.uuid)
        putHead(major: 2, argument: 16)
        for half in [id.high, id.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> shift))
            }
        }
    }

    private mutating func put(_ instant: Instant) {
        let (quotient, remainder) = instant.microseconds.quotientAndRemainder(
            dividingBy: 1_000_000
        )
        let seconds = remainder < 0 ? quotient - 1 : quotient
        let microseconds = remainder < 0 ? remainder + 1_000_000 : remainder
        putTag(ValueTag.instant)
        startMap(count: microseconds == 0 ? 1 : 2)
        put(Int64(1))
        put(seconds)
        guard microseconds != 0 else { return }
        put(Int64(-6))
        put(microseconds)
    }

    /// Appends a map, its keys in the order of their encoded bytes: shorter ones first.
    private mutating func put(
        _ members: [String: Value],
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) {
        itemsLeft -= members.count
        startMap(count: members.count)
        let sorted = members.sorted { left, right in
            let (a, b) = (left.key.utf8, right.key.utf8)
            return a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
        }
        for (name, value) in sorted {
            put(name)
            try put(value, depth: depth - 1, &itemsLeft)
        }
    }
}

extension CBORReader {
    /// Reads the next value with everything in it.
    ///
    /// - Throws: as `Value.init(cbor:)`, without `.trailing`.
    package mutating func readFieldValue() throws(CBORError) -> Value {
        var itemsLeft = Value.maximumItemCount
        return try readFieldValue(depth: Value.maximumDepth, &itemsLeft)
    }

    /// Reads a value that is part of something greater.
    package mutating func readFieldValue(
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> Value {
        let start = offset
        guard depth > 0 else { throw .tooDeep(offset: start) }
        guard itemsLeft > 0 else { throw .tooManyItems(offset: start) }
        itemsLeft -= 1
        guard start < end else { throw .truncated(offset: start) }
        let initial = bytes[start]
        switch initial >> 5 {
        case 0, 1: return .int(try readInteger())
        case 2: return .bytes(try readBytes())
        case 3: return .text(try readText())
        case 4: return .array(try readElements(depth: depth, &itemsLeft))
        case 5: return .map(try readMembers(depth: depth, &itemsLeft))
        case 6: return try readTagged()
        default:
            switch initial {
            case 0xf4, 0xf5: return .bool(try readBool())
            case 0xf6:
                _ = readIfNull()
                return .null
            default: return .float(try readFloat())
            }
        }
    }

    private mutating func readElements(
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> [Value] {
        let count = try startArray()
        var values: [Value] = []
        // A value takes many times the room of its encoding, so room is made as bytes are seen.
        values.reserveCapacity(min(count, 1024))
        for _ in 0..<count { values.append(try readFieldValue(depth: depth - 1, &itemsLeft)) }
        return values
    }

    private mutating func readMembers(
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> [String: Value] {
        let count = try startMap()
        itemsLeft -= count
        var members = [String: Value](minimumCapacity: min(count, 1024))
        var previous = 0..<0
        for _ in 0..<count {
            let start = offset
            let name = try readText()
            let range = start..<offset
            if !previous.isEmpty {
                let order = order(previous, range)
                guard order < 0 else {
                    throw order == 0
                        ? .duplicateKey(offset: start) : .notDeterministic(offset: start)
                }
            }
            previous = range
            // Different bytes can still be one name: é as one scalar and as two.
            let value = try readFieldValue(depth: depth - 1, &itemsLeft)
            guard members.updateValue(value, forKey: name) == nil else {
                throw .duplicateKey(offset: start)
            }
        }
        return members
    }

    /// Negative, zero or positive as the bytes of one range come before, with or after another's.
    private func order(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        for offset in 0..<min(left.count, right.count) {
            let (a, b) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if a != b { return a < b ? -1 : 1 }
        }
        return left.count - right.count
    }

    private mutating func readTagged() throws(CBORError) -> Value {
        let start = offset
        var ahead = self
        let tag = try ahead.readTag()
        switch tag {
        case ValueTag.vector: return .vector(try readTypedArray(of: Float.self))
        case ValueTag.uuid:
            self = ahead
            return .uuid(try readUniqueID())
        case ValueTag.day:
            self = ahead
            guard let number = Int32(exactly: try readInteger()) else {
                throw .outOfRange(offset: start)
            }
            return .date(Day(number: number))
        case ValueTag.instant:
            self = ahead
            return .instant(try readInstant())
        default: throw .unexpected(offset: start)
        }
    }

    private mutating func readUniqueID() throws(CBORError) -> UniqueID {
        let start = offset
        let range = try readBytesRange()
        guard range.count == 16 else { throw .malformed(offset: start) }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(bytes[range.lowerBound + index])
            halves.1 = halves.1 << 8 | UInt64(bytes[range.lowerBound + 8 + index])
        }
        return UniqueID(high: halves.0, low: halves.1)
    }

    private mutating func readInstant() throws(CBORError) -> Instant {
        let start = offset
        let count = try startMap()
        guard count == 1 || count == 2, try readInteger() == 1 else {
            throw .malformed(offset: start)
        }
        let seconds = try readInteger()
        var microseconds: Int64 = 0
        if count == 2 {
            guard try readInteger() == -6 else { throw .malformed(offset: start) }
            microseconds = try readInteger()
            guard (1..<1_000_000).contains(microseconds) else { throw .malformed(offset: start) }
        }
        let total = Int128(seconds) * 1_000_000 + Int128(microseconds)
        guard let total = Int64(exactly: total) else { throw .outOfRange(offset: start) }
        return Instant(microseconds: total)
    }
}
