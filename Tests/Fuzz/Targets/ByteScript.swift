// Changes to bytes that are true otherwise, as an input: what is guarded by checksums is reached by
// changing it and making the checksums match again. Any bytes are a script.

/// A list of changes, each in five bytes: which part of the bytes, how, at which offset of the part
/// (two, little-endian, modulo its length), and a value.
struct ByteScript {
    /// Bytes of a change.
    static let step = 5

    private let bytes: ArraySlice<UInt8>

    /// The script that stands in some bytes; what is left over at the end means nothing.
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// A change that stores a value of one byte.
    static func store(_ value: UInt8, part: UInt8, at offset: UInt16) -> [UInt8] {
        [part, 0, UInt8(truncatingIfNeeded: offset), UInt8(offset >> 8), value]
    }

    /// Makes the changes; parts are counted modulo how many there are.
    ///
    /// - Precondition: there is a part, and none is empty.
    func apply(to target: inout [UInt8], _ parts: [Range<Int>]) {
        var place = bytes.startIndex
        while place + Self.step <= bytes.endIndex {
            let part = parts[Int(bytes[place]) % parts.count]
            let offset = Int(bytes[place + 2]) | Int(bytes[place + 3]) << 8
            let start = part.lowerBound + offset % part.count
            change(&target, start..<part.upperBound, bytes[place + 1], bytes[place + 4])
            place += Self.step
        }
    }

    /// The low two bits of `how` are the width as a power of two, the third has the value count as
    /// signed, the fourth has it added, the fifth has it take the place of every byte up to the end
    /// of the part.
    private func change(
        _ target: inout [UInt8],
        _ range: Range<Int>,
        _ how: UInt8,
        _ value: UInt8
    ) {
        if how & 16 != 0 {
            for place in range { target[place] = value }
            return
        }
        let isSigned = how & 4 != 0 && value >= 0x80
        var number = isSigned ? UInt64.max << 8 | UInt64(value) : UInt64(value)
        let places = range.prefix(1 << Int(how & 3))
        if how & 8 != 0 {
            var old: UInt64 = 0
            for (index, place) in places.enumerated() {
                old |= UInt64(target[place]) << UInt64(8 * index)
            }
            number &+= old
        }
        for (index, place) in places.enumerated() {
            target[place] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
    }
}

extension [UInt8] {
    /// The number of eight bytes from a place on.
    func long(_ place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) }
    }

    /// The number of four bytes from a place on.
    func word(_ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << UInt32(8 * $1) }
    }

    /// Writes a number of eight bytes.
    mutating func put(_ number: UInt64, at place: Int) {
        for index in 0..<8 {
            self[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
    }
}
