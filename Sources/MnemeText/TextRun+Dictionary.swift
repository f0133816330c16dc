// The sorted terms of a run. Page: formats/text-run.md#dictionary.

/// Where a term's postings are.
struct PostingList: Equatable {
    /// How many documents have the term.
    let count: Int
    /// The offset of the first byte in the run.
    let start: Int
    /// The offset behind the last byte.
    let end: Int
}

extension TextRun {
    /// The offset behind the dictionary.
    private var dictionaryEnd: Int { layout.dictionary + layout.dictionaryByteCount }

    /// The postings of (field, stem), nil when the run does not have the term.
    ///
    /// - Complexity: O(log terms).
    func list(field: UInt16, stem: [UInt8]) -> PostingList? {
        let key = [UInt8(field >> 8), UInt8(field & 0xff)] + stem
        var low = 0
        var high = layout.dictionaryBlocks
        while low < high {
            let middle = (low + high) / 2
            if firstKey(ofBlock: middle, isAbove: key) { high = middle } else { low = middle + 1 }
        }
        return low == 0 ? nil : list(inBlock: low - 1, key)
    }

    /// Compares a block's first key.
    private func firstKey(ofBlock block: Int, isAbove key: [UInt8]) -> Bool {
        var offset = layout.dictionary + Int(bytes.word(layout.blockStarts + 4 * block))
        guard let length = bytes.variable(&offset, end: dictionaryEnd) else { return true }
        for index in 0..<min(length, key.count) {
            let other = bytes.byte(offset + index)
            if other != key[index] { return other > key[index] }
        }
        return length > key.count
    }

    /// Looks through one block.
    ///
    /// `matched` is how far the wanted key and the last one agree: while the last one is smaller, a
    /// key that shares more with it is smaller as well.
    private func list(inBlock block: Int, _ key: [UInt8]) -> PostingList? {
        let end = dictionaryEnd
        var offset = layout.dictionary + Int(bytes.word(layout.blockStarts + 4 * block))
        var start =
            layout.postings + Int(truncatingIfNeeded: bytes.long(layout.blockPostings + 8 * block))
        var matched = 0
        let first = block * RunLayout.dictionaryBlockCount
        for term in first..<min(first + RunLayout.dictionaryBlockCount, layout.termCount) {
            var shared = 0
            if term != first {
                guard let value = bytes.variable(&offset, end: end) else { return nil }
                shared = value
            }
            guard let length = bytes.variable(&offset, end: end), length <= end - offset else {
                return nil
            }
            let suffix = offset
            offset += length
            guard let count = bytes.variable(&offset, end: end),
                let byteCount = bytes.variable(&offset, end: end)
            else { return nil }
            if shared < matched { return nil }
            if shared == matched {
                var index = 0
                while index < length, matched < key.count,
                    bytes.byte(suffix + index) == key[matched]
                {
                    index += 1
                    matched += 1
                }
                if index == length, matched == key.count {
                    return checked(PostingListDraft(count, start, byteCount))
                }
                if matched == key.count { return nil }
                if index < length, bytes.byte(suffix + index) > key[matched] { return nil }
            }
            guard byteCount <= layout.postingsByteCount else { return nil }
            start += byteCount
        }
        return nil
    }

    /// A list whose bytes lie among the postings and whose count is possible.
    fileprivate func checked(_ draft: PostingListDraft) -> PostingList? {
        let limit = layout.postings + layout.postingsByteCount
        guard draft.start <= limit, draft.byteCount <= limit - draft.start,
            draft.count > 0, draft.count <= documentCount
        else { return nil }
        return PostingList(
            count: draft.count,
            start: draft.start,
            end: draft.start + draft.byteCount
        )
    }
}

/// A list as the dictionary says it.
private struct PostingListDraft {
    let count: Int
    let start: Int
    let byteCount: Int

    init(_ count: Int, _ start: Int, _ byteCount: Int) {
        self.count = count
        self.start = start
        self.byteCount = byteCount
    }
}

/// Walks over all terms of a run in their order.
struct TermWalk {
    /// Field (two bytes, high one first) and stem of the current term; empty behind the last.
    private(set) var key: [UInt8] = []
    /// The current term's postings, nil behind the last.
    private(set) var list: PostingList?
    private let run: TextRun
    private var term = 0
    private var offset: Int
    private var start: Int

    /// Stands at the first term.
    ///
    /// - Throws: `.malformed`.
    init(_ run: TextRun) throws(TextError) {
        self.run = run
        offset = run.layout.dictionary
        start = run.layout.postings
        try advance()
    }

    /// The field of the current term.
    var field: UInt16 { UInt16(key[0]) << 8 | UInt16(key[1]) }

    /// The first eight bytes of the key, in the order of keys.
    var head: UInt64 {
        var head: UInt64 = 0
        for index in 0..<8 { head = head << 8 | (index < key.count ? UInt64(key[index]) : 0) }
        return head
    }

    /// Goes to the next term.
    ///
    /// - Throws: `.malformed` where keys do not ascend, bytes end early, or the blocks of the
    ///   dictionary do not start where its index says.
    mutating func advance() throws(TextError) {
        let bytes = run.bytes
        let layout = run.layout
        let end = layout.dictionary + layout.dictionaryByteCount
        guard term < layout.termCount else {
            guard offset == end, start == layout.postings + layout.postingsByteCount else {
                throw .malformed(offset: offset)
            }
            key = []
            list = nil
            return
        }
        let place = offset
        var shared = 0
        let block = term / RunLayout.dictionaryBlockCount
        if term % RunLayout.dictionaryBlockCount == 0 {
            let first = bytes.long(layout.blockPostings + 8 * block)
            guard offset - layout.dictionary == Int(bytes.word(layout.blockStarts + 4 * block)),
                UInt64(start - layout.postings) == first
            else { throw .malformed(offset: place) }
        } else {
            guard let value = bytes.variable(&offset, end: end), value <= key.count else {
                throw .malformed(offset: place)
            }
            shared = value
        }
        guard let length = bytes.variable(&offset, end: end), length <= end - offset else {
            throw .malformed(offset: place)
        }
        let next = key[..<shared] + bytes.array(offset..<(offset + length))
        offset += length
        guard let count = bytes.variable(&offset, end: end),
            let byteCount = bytes.variable(&offset, end: end), next.count >= 2,
            term == 0 || key.lexicographicallyPrecedes(next),
            let list = run.checked(PostingListDraft(count, start, byteCount))
        else { throw .malformed(offset: place) }
        key = Array(next)
        self.list = list
        start = list.end
        term += 1
    }
}
