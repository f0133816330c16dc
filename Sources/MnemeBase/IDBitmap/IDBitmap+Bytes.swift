// A set as bytes, in frames and states. Format: formats/store.md#sets.

extension IDBitmap {
    private static let keyLimit: UInt64 = 1 << 48

    /// How many bytes `put` appends.
    ///
    /// - Complexity: O(chunks).
    package var byteCount: Int {
        chunks.reduce(4) { sum, chunk in
            sum + 12 + (chunk.isArray ? 2 * chunk.count : 8 * IDChunk.wordCount)
        }
    }

    /// Appends the set.
    ///
    /// - Complexity: O(bytes).
    package func put(into writer: inout ByteWriter) {
        writer.put(UInt32(chunks.count))
        for (key, chunk) in zip(keys, chunks) {
            writer.put(key)
            writer.put(UInt32(chunk.count))
            if chunk.isArray {
                for value in chunk.values { writer.put(value) }
            } else {
                for word in chunk.words { writer.put(word) }
            }
        }
    }

    /// Reads a set as `put` has appended it.
    ///
    /// - Throws: `.truncated` where bytes are missing, `.malformed` where they do not follow the
    ///   page: keys and members ascend, no chunk is empty, and its shape follows from its count.
    /// - Complexity: O(bytes).
    package init(_ reader: inout ByteReader) throws(BytesError) {
        self.init()
        for _ in 0..<(try reader.get(UInt32.self)) {
            let start = reader.offset
            let key: UInt64 = try reader.get()
            let count = Int(try reader.get(UInt32.self))
            guard key < Self.keyLimit, keys.last.map({ $0 < key }) ?? true,
                1...65_536 ~= count
            else { throw .malformed(offset: start) }
            let chunk =
                count <= IDChunk.arrayLimit
                ? try Self.array(count, &reader) : try Self.words(count, &reader)
            append(key, chunk)
        }
    }

    private static func array(
        _ count: Int,
        _ reader: inout ByteReader
    ) throws(BytesError) -> IDChunk {
        var values: [UInt16] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            let start = reader.offset
            let value: UInt16 = try reader.get()
            if let last = values.last, last >= value { throw .malformed(offset: start) }
            values.append(value)
        }
        return IDChunk(sorted: values)
    }

    private static func words(
        _ count: Int,
        _ reader: inout ByteReader
    ) throws(BytesError) -> IDChunk {
        let start = reader.offset
        var words: [UInt64] = []
        words.reserveCapacity(IDChunk.wordCount)
        var found = 0
        for _ in 0..<IDChunk.wordCount {
            let word: UInt64 = try reader.get()
            found += word.nonzeroBitCount
            words.append(word)
        }
        guard found == count else { throw .malformed(offset: start) }
        return IDChunk(words: words, count: count)
    }
}
