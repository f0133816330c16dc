// A record's fields as the store keeps them: a CBOR map from field numbers to values, ascending,
// so that renaming a field touches no record: formats/values.md#fields.

package import MnemeBase

extension Value {
    /// The encoding of fields by number, in any order.
    ///
    /// - Throws: `.duplicateKey` for a number given twice, `.tooDeep`, `.tooManyItems`.
    /// - Complexity: O(*n*) in the size, and O(*m* log *m*) for *m* fields out of order.
    package static func encodeFields(
        _ fields: [(UInt16, Value)]
    ) throws(CBORError) -> [UInt8] {
        var writer = CBORWriter(capacity: 16 + fields.count * 24)
        try writer.putFields(fields)
        return writer.bytes
    }

    /// The fields of an encoding, ascending by number.
    ///
    /// - Throws: as `Value.init(cbor:)`; `.outOfRange` for numbers beyond 65,535.
    package static func decodeFields(
        _ bytes: [UInt8]
    ) throws(CBORError) -> [(UInt16, Value)] {
        var reader = CBORReader(bytes)
        let fields = try reader.readFields()
        try reader.finish()
        return fields
    }
}

extension CBORWriter {
    /// Appends fields by number.
    ///
    /// - Throws: as `Value.encodeFields`.
    package mutating func putFields(_ fields: [(UInt16, Value)]) throws(CBORError) {
        startMap(count: fields.count)
        let isAscending = (1..<max(1, fields.count)).allSatisfy { fields[$0 - 1].0 < fields[$0].0 }
        let sorted = isAscending ? fields : fields.sorted { $0.0 < $1.0 }
        var previous = -1
        var itemsLeft = Value.maximumItemCount
        for (number, value) in sorted {
            guard Int(number) != previous else { throw .duplicateKey(offset: bytes.count) }
            previous = Int(number)
            put(UInt64(number))
            try put(value, depth: Value.maximumDepth, &itemsLeft)
        }
    }
}

extension CBORReader {
    /// Reads fields by number.
    ///
    /// - Throws: as `Value.decodeFields`, without `.trailing`.
    package mutating func readFields() throws(CBORError) -> [(UInt16, Value)] {
        let count = try startMap()
        var fields: [(UInt16, Value)] = []
        fields.reserveCapacity(min(count, 1024))
        var itemsLeft = Value.maximumItemCount
        for _ in 0..<count {
            let number = try readFieldNumber(after: fields.last?.0)
            let value = try readFieldValue(depth: Value.maximumDepth, &itemsLeft)
            fields.append((number, value))
        }
        return fields
    }

    /// Reads one field of an encoding and steps over the others; nil when it is not there.
    ///
    /// - Throws: as `Value.decodeFields`; the bytes after the field are not looked at.
    package mutating func readField(_ wanted: UInt16) throws(CBORError) -> Value? {
        var previous: UInt16?
        for _ in 0..<(try startMap()) {
            let number = try readFieldNumber(after: previous)
            if number == wanted { return try readFieldValue() }
            if number > wanted { return nil }
            previous = number
            _ = try skipItem()
        }
        return nil
    }

    /// Reads the number of the next field.
    ///
    /// - Throws: as `Value.decodeFields`.
    package mutating func readFieldNumber(after previous: UInt16?) throws(CBORError) -> UInt16 {
        let start = offset
        guard let number = UInt16(exactly: try readUnsigned()) else {
            throw .outOfRange(offset: start)
        }
        guard let previous else { return number }
        if number == previous { throw .duplicateKey(offset: start) }
        guard number > previous else { throw .notDeterministic(offset: start) }
        return number
    }
}
