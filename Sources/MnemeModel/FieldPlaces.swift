// Where the fields of an unpacked body stand: formats/values.md#fields. Numbers ascend and none
// comes twice.

package import MnemeBase

/// Where the values of a body's fields stand, ascending by number.
package struct FieldPlaces: Sendable {
    private var parts: [(number: UInt16, start: UInt32, end: UInt32)] = []

    /// Those of no body.
    package init() {}

    /// Those of a body.
    ///
    /// - Throws: as `find`.
    package init(_ body: [UInt8]) throws(CBORError) { try find(in: body, body.indices) }

    /// How many there are.
    package var count: Int { parts.count }

    /// Bytes that they take in memory, beside the head of an array.
    var byteCount: Int { parts.count * 12 }
    /// Where they stand in memory, 0 of none.
    var address: UInt { Prefetch.address(of: parts) }

    /// Finds the fields of a part of an array, and forgets those of before.
    ///
    /// - Throws: what is wrong with the bytes.
    /// - Complexity: O(items of the body).
    package mutating func find(in bytes: [UInt8], _ range: Range<Int>) throws(CBORError) {
        parts.removeAll(keepingCapacity: true)
        var reader = CBORReader(bytes, range)
        let count = try reader.startMap()
        parts.reserveCapacity(min(count, 1024))
        for _ in 0..<count {
            let number = try reader.readFieldNumber(after: parts.last?.number)
            let start = reader.offset
            _ = try reader.skipItem()
            guard let end = UInt32(exactly: reader.offset) else { throw .truncated(offset: start) }
            parts.append((number, UInt32(start), end))
        }
        try reader.finish()
    }

    /// Where the value of a field stands, nil where the body has none.
    ///
    /// - Complexity: O(fields that are missing before it).
    @inline(__always)
    package func range(of number: UInt16) -> Range<Int>? {
        // As numbers ascend, no field stands behind its number.
        var place = min(Int(number), parts.count - 1)
        while place >= 0 {
            let part = parts[place]
            if part.number == number { return Int(part.start)..<Int(part.end) }
            if part.number < number { return nil }
            place -= 1
        }
        return nil
    }
}
