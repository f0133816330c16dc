// Bytes to trees. Bytes may come from anywhere: depth, items and lengths are bounded before
// anything is allocated for them, and every refusal is a typed error.

extension CBORValue {
    /// Decodes bytes that hold exactly one item.
    ///
    /// - Throws: any `CBORError` but `.unexpected` and `.outOfRange`.
    package init(
        _ bytes: [UInt8],
        mode: CBORMode = .deterministic,
        limits: CBORLimits = CBORLimits()
    ) throws(CBORError) {
        try self.init(bytes, 0..<bytes.count, mode: mode, limits: limits)
    }

    /// Decodes a part of an array that holds exactly one item.
    ///
    /// - Precondition: the range lies inside the array.
    /// - Throws: any `CBORError` but `.unexpected` and `.outOfRange`.
    package init(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        mode: CBORMode = .deterministic,
        limits: CBORLimits = CBORLimits()
    ) throws(CBORError) {
        var reader = CBORReader(bytes, range, mode: mode)
        self = try reader.readValue(limits: limits)
        try reader.finish()
    }
}

extension CBORReader {
    /// Reads the next item with everything in it.
    ///
    /// - Throws: any `CBORError` but `.unexpected`, `.outOfRange` and `.trailing`.
    package mutating func readValue(
        limits: CBORLimits = CBORLimits()
    ) throws(CBORError)
        -> CBORValue
    {
        var itemsLeft = limits.itemCount
        return try readValue(depth: limits.depth, &itemsLeft)
    }

    private mutating func readValue(
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError)
        -> CBORValue
    {
        let start = position
        guard depth > 0 else { throw .tooDeep(offset: start) }
        try spendItem(&itemsLeft)
        let head = try readHead()
        switch head.major {
        case 0: return .unsigned(head.argument)
        case 1: return .negative(head.argument)
        case 2: return .bytes(try readBytes(head, at: start, &itemsLeft))
        case 3: return .text(try readText(head, at: start, &itemsLeft))
        case 4: return .array(try readArray(head, at: start, depth: depth, &itemsLeft))
        case 5: return .map(try readMap(head, at: start, depth: depth, &itemsLeft))
        case 6: return .tagged(head.argument, try readValue(depth: depth - 1, &itemsLeft))
        default: return try simple(head, at: start)
        }
    }

    private func spendItem(_ itemsLeft: inout Int) throws(CBORError) {
        guard itemsLeft > 0 else { throw .tooManyItems(offset: position) }
        itemsLeft -= 1
    }

    private func simple(_ head: CBORHead, at start: Int) throws(CBORError) -> CBORValue {
        switch head.information {
        case 20: .bool(false)
        case 21: .bool(true)
        case 22: .null
        case 23: .undefined
        case 25, 26, 27: .float(try float(head, at: start))
        case 31: throw .malformed(offset: start)
        default: .simple(UInt8(truncatingIfNeeded: head.argument))
        }
    }

    private mutating func readBytes(
        _ head: CBORHead,
        at start: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> [UInt8] {
        guard head.isIndefinite else {
            let range = try skip(count: head.argument, of: start)
            return Array(bytes[range])
        }
        var whole: [UInt8] = []
        while let chunk = try readChunk(major: 2) {
            try spendItem(&itemsLeft)
            whole.append(contentsOf: bytes[chunk])
        }
        return whole
    }

    private mutating func readText(
        _ head: CBORHead,
        at start: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> String {
        guard head.isIndefinite else {
            return try text(skip(count: head.argument, of: start), of: start)
        }
        // Each chunk is UTF-8 of its own: no character may lie across two (RFC 8949 §3.2.3).
        var whole = ""
        while let chunk = try readChunk(major: 3) {
            try spendItem(&itemsLeft)
            whole += try text(chunk, of: start)
        }
        return whole
    }

    private mutating func readArray(
        _ head: CBORHead,
        at start: Int,
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> [CBORValue] {
        var items: [CBORValue] = []
        if head.isIndefinite {
            while try !readIfBreak() { items.append(try readValue(depth: depth - 1, &itemsLeft)) }
            return items
        }
        guard head.argument <= UInt64(remaining) else { throw .truncated(offset: start) }
        guard head.argument <= UInt64(itemsLeft) else { throw .tooManyItems(offset: start) }
        items.reserveCapacity(Int(head.argument))
        for _ in 0..<head.argument { items.append(try readValue(depth: depth - 1, &itemsLeft)) }
        return items
    }

    private mutating func readMap(
        _ head: CBORHead,
        at start: Int,
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> [CBOREntry] {
        var entries: [CBOREntry] = []
        var previous: Range<Int>?
        if head.isIndefinite {
            while try !readIfBreak() {
                entries.append(try readEntry(after: &previous, depth: depth, &itemsLeft))
            }
        } else {
            guard head.argument <= UInt64(remaining / 2) else { throw .truncated(offset: start) }
            guard head.argument <= UInt64(itemsLeft / 2) else { throw .tooManyItems(offset: start) }
            entries.reserveCapacity(Int(head.argument))
            for _ in 0..<head.argument {
                entries.append(try readEntry(after: &previous, depth: depth, &itemsLeft))
            }
        }
        if mode == .lenient { try refuseDuplicates(entries, at: start) }
        return entries
    }

    /// Reads a key and its value.
    ///
    /// In deterministic bytes each key is greater than the one before, so order and uniqueness are
    /// one comparison.
    private mutating func readEntry(
        after previous: inout Range<Int>?,
        depth: Int,
        _ itemsLeft: inout Int
    ) throws(CBORError) -> CBOREntry {
        let start = position
        let key = try readValue(depth: depth - 1, &itemsLeft)
        let range = start..<position
        if mode == .deterministic, let previous {
            if bytes[previous] == bytes[range] { throw .duplicateKey(offset: start) }
            guard bytes[previous].lexicographicallyPrecedes(bytes[range]) else {
                throw .notDeterministic(offset: start)
            }
        }
        previous = range
        return CBOREntry(key, try readValue(depth: depth - 1, &itemsLeft))
    }

    /// In lenient bytes one key may be spelled in two ways, so their deterministic forms are
    /// compared.
    private func refuseDuplicates(_ entries: [CBOREntry], at start: Int) throws(CBORError) {
        var seen = Set<[UInt8]>(minimumCapacity: entries.count)
        for entry in entries where !seen.insert(try entry.key.encoded()).inserted {
            throw .duplicateKey(offset: start)
        }
    }
}
