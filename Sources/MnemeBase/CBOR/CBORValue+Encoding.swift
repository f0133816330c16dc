// Trees to bytes: the deterministic encoding (RFC 8949 §4.2.1), so that equal values have equal
// bytes whatever order their maps were built in.

extension CBORValue {
    /// The one encoding of this value.
    ///
    /// - Throws: `.duplicateKey`, `.tooDeep` past the default limit (what a reader would refuse),
    ///   `.malformed` for a simple value of 20 to 31. Offsets are places in the output.
    package func encoded() throws(CBORError) -> [UInt8] {
        var writer = CBORWriter()
        try writer.put(self)
        return writer.bytes
    }
}

extension CBORWriter {
    /// Appends a tree.
    ///
    /// - Throws: as `CBORValue.encoded`; what was written before the error stays.
    package mutating func put(_ value: CBORValue) throws(CBORError) {
        try put(value, depth: CBORLimits().depth)
    }

    private mutating func put(_ value: CBORValue, depth: Int) throws(CBORError) {
        guard depth > 0 else { throw .tooDeep(offset: bytes.count) }
        switch value {
        case .null: putNull()
        case .undefined: putUndefined()
        case .bool(let value): put(value)
        case .unsigned(let value): put(value)
        case .negative(let value): putNegative(value)
        case .float(let value): put(value)
        case .text(let value): put(value)
        case .bytes(let value): put(value)
        case .array(let items):
            startArray(count: items.count)
            for item in items { try put(item, depth: depth - 1) }
        case .map(let entries): try put(entries, depth: depth)
        case .tagged(let tag, let item):
            putTag(tag)
            try put(item, depth: depth - 1)
        case .simple(let value):
            guard !(20...31).contains(value) else { throw .malformed(offset: bytes.count) }
            putHead(major: 7, argument: UInt64(value))
        }
    }

    /// Appends a map, its keys in ascending order of their encoded bytes.
    private mutating func put(_ entries: [CBOREntry], depth: Int) throws(CBORError) {
        let start = bytes.count
        startMap(count: entries.count)
        var keys = CBORWriter()
        var order: [(key: Range<Int>, index: Int)] = []
        order.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            let first = keys.bytes.count
            try keys.put(entry.key, depth: depth - 1)
            order.append((first..<keys.bytes.count, index))
        }
        let encoded = keys.bytes
        order.sort { encoded[$0.key].lexicographicallyPrecedes(encoded[$1.key]) }
        for (previous, next) in zip(order, order.dropFirst())
        where encoded[previous.key] == encoded[next.key] {
            throw .duplicateKey(offset: start)
        }
        for (key, index) in order {
            putEncoded(encoded[key])
            try put(entries[index].value, depth: depth - 1)
        }
    }
}
