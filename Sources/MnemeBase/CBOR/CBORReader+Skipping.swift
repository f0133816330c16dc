// Steps over items, whatever they hold.

extension CBORReader {
    /// Steps over one item and everything in it, and says where it is.
    ///
    /// Its shape is checked; its texts, the order of its keys and the widths of its floats are not.
    ///
    /// - Throws: as `readHead`, and `.tooDeep`.
    /// - Complexity: O(*n*) for *n* items in it.
    package mutating func skipItem(depth: Int = CBORLimits().depth) throws(CBORError) -> Range<Int>
    {
        let start = position
        try skip(try readHead(), at: start, depth: depth)
        return start..<position
    }

    private mutating func skip(_ head: CBORHead, at start: Int, depth: Int) throws(CBORError) {
        guard depth > 0 else { throw .tooDeep(offset: start) }
        switch head.major {
        case 0, 1: return
        case 2, 3:
            if head.isIndefinite {
                while let chunk = try readChunk(major: head.major) { _ = chunk }
            } else {
                _ = try skip(count: head.argument, of: start)
            }
        case 4, 5:
            let isMap = head.major == 5
            if head.isIndefinite {
                while try !readIfBreak() {
                    _ = try skipItem(depth: depth - 1)
                    if isMap { _ = try skipItem(depth: depth - 1) }
                }
            } else {
                guard head.argument <= UInt64(isMap ? remaining / 2 : remaining) else {
                    throw .truncated(offset: start)
                }
                for _ in 0..<(head.argument * (isMap ? 2 : 1)) {
                    _ = try skipItem(depth: depth - 1)
                }
            }
        case 6: _ = try skipItem(depth: depth - 1)
        default: if head.isIndefinite { throw .malformed(offset: start) }
        }
    }

    /// Reads a break where it comes next, and says whether it did.
    mutating func readIfBreak() throws(CBORError) -> Bool {
        guard position < end else { throw .truncated(offset: position) }
        guard bytes[position] == 0xff else { return false }
        position += 1
        return true
    }

    /// Reads a chunk of a string of indefinite length; nil at its break.
    mutating func readChunk(major: UInt8) throws(CBORError) -> Range<Int>? {
        if try readIfBreak() { return nil }
        let start = position
        let head = try readHead()
        guard head.major == major, !head.isIndefinite else { throw .malformed(offset: start) }
        return try skip(count: head.argument, of: start)
    }
}
