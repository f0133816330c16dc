// Little-endian cursors over arrays of bytes: how every format but CBOR is written and read.

/// Why bytes could not be read.
@usableFromInline package enum BytesError: Error, Equatable, Sendable {
    /// The bytes end before the value does.
    case truncated(offset: Int)
    /// The bytes say something that the format does not allow.
    case malformed(offset: Int)
}

/// Appends little-endian values to an array.
@usableFromInline package struct ByteWriter: Sendable {
    /// What was written so far.
    @usableFromInline package var bytes: [UInt8] = []

    /// An empty writer.
    @inlinable package init() {}

    /// An empty writer with room for `capacity` bytes.
    @inlinable package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Appends an integer, lowest byte first.
    @inlinable package mutating func put<Integer: FixedWidthInteger>(_ value: Integer) {
        let ordered = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: ordered) { source in
            unsafe bytes.append(contentsOf: source)
        }
    }

    /// Appends a float's bits.
    @inlinable package mutating func put(_ value: Float) { put(value.bitPattern) }

    /// Appends raw bytes.
    @inlinable package mutating func put(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Appends an unsigned LEB128 number.
    @inlinable package mutating func putVariable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Writes an integer over what stands at `offset`.
    ///
    /// - Precondition: the bytes are there.
    @inlinable
    package mutating func overwrite<Integer: FixedWidthInteger>(
        _ value: Integer,
        at offset: Int
    ) {
        for index in 0..<(Integer.bitWidth / 8) {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> Integer(index * 8))
        }
    }

    /// Appends zeros up to a multiple of `alignment`.
    @inlinable package mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }
}

/// Reads little-endian values from an array, never past its end.
@usableFromInline package struct ByteReader: Sendable {
    /// What is read.
    @usableFromInline package let bytes: [UInt8]
    /// The place of the next byte.
    @usableFromInline package var offset: Int
    /// The place after the last byte.
    @usableFromInline package let end: Int

    /// A reader of the whole array.
    @inlinable package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    /// A reader of a part of the array.
    ///
    /// - Precondition: the range lies inside the array.
    @inlinable package init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes are left.
    @inlinable package var remaining: Int { end - offset }

    /// Reads an integer, lowest byte first.
    @inlinable
    package mutating func get<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Integer.self
    )
        throws(BytesError) -> Integer
    {
        let size = Integer.bitWidth / 8
        guard remaining >= size else { throw .truncated(offset: offset) }
        var value: Integer = 0
        for index in 0..<size {
            value |= Integer(truncatingIfNeeded: bytes[offset + index]) << Integer(index * 8)
        }
        offset += size
        return value
    }

    /// Reads `count` raw bytes.
    @inlinable package mutating func get(count: Int) throws(BytesError) -> [UInt8] {
        let range = try skip(count)
        return Array(bytes[range])
    }

    /// Reads a float's bits.
    @inlinable package mutating func getFloat() throws(BytesError) -> Float {
        Float(bitPattern: try get(UInt32.self))
    }

    /// Reads an unsigned LEB128 number of at most 64 bits in its shortest form.
    @inlinable package mutating func getVariable() throws(BytesError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte: UInt8 = try get()
            guard shift < 63 || (shift == 63 && byte <= 1) else { throw .malformed(offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { throw .malformed(offset: start) }
                return value
            }
            shift += 7
        }
    }

    /// Steps over `count` bytes and says where they are.
    @inlinable package mutating func skip(_ count: Int) throws(BytesError) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .truncated(offset: offset) }
        defer { offset += count }
        return offset..<(offset + count)
    }
}

extension [UInt8] {
    /// Appends a copy of bytes.
    package mutating func append(copying bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Appends a copy of bytes.
    package mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension [UInt8] {
    /// Copies a range of other bytes over those from `start` on.
    ///
    /// - Precondition: they are there, and the range lies inside the others.
    package mutating func overwrite(from start: Int, with other: [UInt8], _ range: Range<Int>) {
        precondition(start >= 0 && start + range.count <= count)
        precondition(range.lowerBound >= 0 && range.upperBound <= other.count)
        unsafe withUnsafeMutableBytes { target in
            unsafe other.withUnsafeBytes { source in
                guard let to = target.baseAddress, let from = source.baseAddress else { return }
                unsafe (to + start).copyMemory(
                    from: from + range.lowerBound,
                    byteCount: range.count
                )
            }
        }
    }
}
