// The typed readers.

extension CBORReader {
    /// Reads null where it comes next, and says whether it did.
    @inlinable package mutating func readIfNull() -> Bool {
        guard position < end, bytes[position] == 0xf6 else { return false }
        position += 1
        return true
    }

    /// Reads a truth value.
    ///
    /// - Throws: `.unexpected` for another type, and what `readHead` throws, as all readers here.
    @inlinable package mutating func readBool() throws(CBORError) -> Bool {
        guard position < end else { throw .truncated(offset: position) }
        let initial = bytes[position]
        guard initial == 0xf4 || initial == 0xf5 else { throw .unexpected(offset: position) }
        position += 1
        return initial == 0xf5
    }

    /// Reads an integer of zero or more.
    @inlinable package mutating func readUnsigned() throws(CBORError) -> UInt64 {
        try readArgument(major: 0)
    }

    /// Reads an integer.
    ///
    /// - Throws: also `.outOfRange` where it needs more than 64 signed bits.
    @inlinable package mutating func readInteger() throws(CBORError) -> Int64 {
        let start = position
        let head = try readHead()
        guard head.major <= 1 else { throw .unexpected(offset: start) }
        guard head.argument <= UInt64(Int64.max) else { throw .outOfRange(offset: start) }
        let value = Int64(head.argument)
        return head.major == 0 ? value : ~value
    }

    /// Reads a float of any width.
    package mutating func readFloat() throws(CBORError) -> Double {
        let start = position
        let head = try readHead()
        guard head.major == 7, 25...27 ~= head.information else {
            throw .unexpected(offset: start)
        }
        return try float(head, at: start)
    }

    /// The value of a float's head.
    func float(_ head: CBORHead, at start: Int) throws(CBORError) -> Double {
        let value = CBORFloat.value(information: head.information, argument: head.argument)
        if mode == .deterministic {
            let shortest = CBORFloat.shortest(value)
            guard shortest.information == head.information, shortest.argument == head.argument
            else { throw .notDeterministic(offset: start) }
        }
        return value
    }

    /// Reads a text of definite length.
    ///
    /// - Throws: also `.invalidText`.
    package mutating func readText() throws(CBORError) -> String {
        let start = position
        return try text(readRange(major: 3), of: start)
    }

    /// Steps over a text of definite length and says where its UTF-8, not yet validated, is.
    @inlinable package mutating func readTextRange() throws(CBORError) -> Range<Int> {
        try readRange(major: 3)
    }

    /// Reads a byte string of definite length.
    package mutating func readBytes() throws(CBORError) -> [UInt8] {
        let range = try readRange(major: 2)
        return Array(bytes[range])
    }

    /// Steps over a byte string of definite length and says where its bytes are.
    @inlinable package mutating func readBytesRange() throws(CBORError) -> Range<Int> {
        try readRange(major: 2)
    }

    /// Reads the head of an array of definite length: how many items follow, never more than there
    /// are bytes left.
    @inlinable package mutating func startArray() throws(CBORError) -> Int {
        let start = position
        let argument = try readArgument(major: 4)
        guard argument <= UInt64(remaining) else { throw .truncated(offset: start) }
        return Int(argument)
    }

    /// Reads the head of a map of definite length: how many keys with values follow.
    ///
    /// Order and uniqueness of the keys are the caller's to check.
    @inlinable package mutating func startMap() throws(CBORError) -> Int {
        let start = position
        let argument = try readArgument(major: 5)
        guard argument <= UInt64(remaining / 2) else { throw .truncated(offset: start) }
        return Int(argument)
    }

    /// Reads a tag; the item that it is for follows.
    @inlinable package mutating func readTag() throws(CBORError) -> UInt64 {
        try readArgument(major: 6)
    }

    /// Reads the head of a definite item of one major type.
    @inlinable mutating func readArgument(major: UInt8) throws(CBORError) -> UInt64 {
        let start = position
        let head = try readHead()
        guard head.major == major, !head.isIndefinite else { throw .unexpected(offset: start) }
        return head.argument
    }

    /// Reads the head of a string and steps over its bytes.
    @inlinable mutating func readRange(major: UInt8) throws(CBORError) -> Range<Int> {
        let start = position
        return try skip(count: readArgument(major: major), of: start)
    }

    /// Steps over `count` bytes that belong to the item at `start`.
    @inlinable mutating func skip(count: UInt64, of start: Int) throws(CBORError) -> Range<Int> {
        guard count <= UInt64(remaining) else { throw .truncated(offset: start) }
        let first = position
        position += Int(count)
        return first..<position
    }

    /// Validates UTF-8 and copies it into a string.
    func text(_ range: Range<Int>, of start: Int) throws(CBORError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw .invalidText(offset: start)
        }
    }
}
