// The sorted terms of a run. Page: formats/text-run.md#dictionary.

/// Where a term's postings are.
struct PostingList: Equatable {
    /// How many documents have the term.
    let count: Int
    /// The offset of the first byte in the run.
    let start: Int
    /// The offset behind the last byte.
    let end: Int
    /// Where the positions lie in the run; empty where it has none.
    let positions: Range<Int>
}

extension TextRun {
    /// The offset behind the dictionary.
    fileprivate var dictionaryEnd: Int { layout.dictionary + layout.dictionaryByteCount }

    /// The postings of (field, stem), nil when the run does not have the term.
    ///
    /// - Complexity: O(log terms).
    func list(field: UInt16, stem: [UInt8]) -> PostingList? {
        let key = Self.key(field: field, stem)
        let block = firstBlock(above: key)
        return block == 0 ? nil : list(inBlock: block - 1, key)
    }

    /// A term as the dictionary sorts it.
    static func key(field: UInt16, _ stem: [UInt8]) -> [UInt8] {
        [UInt8(field >> 8), UInt8(field & 0xff)] + stem
    }

    /// The first block of the dictionary whose first key is above `key`.
    fileprivate func firstBlock(above key: [UInt8]) -> Int {
        var low = 0
        var high = layout.dictionaryBlocks
        while low < high {
            let middle = (low + high) / 2
            if firstKey(ofBlock: middle, isAbove: key) { high = middle } else { low = middle + 1 }
        }
        return low
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
        var positions = firstPositions(ofBlock: block)
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
            guard let draft = draft(&offset, start, positions) else { return nil }
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
                    return checked(draft)
                }
                if matched == key.count { return nil }
                if index < length, bytes.byte(suffix + index) > key[matched] { return nil }
            }
            guard draft.byteCount <= layout.postingsByteCount,
                draft.positionsByteCount <= layout.positionsByteCount ?? 0
            else { return nil }
            start += draft.byteCount
            positions += draft.positionsByteCount
        }
        return nil
    }

    /// The offset of the positions of a block's first term; the end of the postings where the run
    /// has none.
    fileprivate func firstPositions(ofBlock block: Int) -> Int {
        guard layout.positionsByteCount != nil else { return layout.positions }
        let place = layout.blockPositions + 8 * block
        return layout.positions + Int(truncatingIfNeeded: bytes.long(place))
    }

    /// Reads what the dictionary says of a term behind its key; nil where it ends early.
    fileprivate func draft(
        _ offset: inout Int,
        _ start: Int,
        _ positions: Int
    ) -> PostingListDraft? {
        let end = dictionaryEnd
        guard let count = bytes.variable(&offset, end: end),
            let byteCount = bytes.variable(&offset, end: end)
        else { return nil }
        var positionsByteCount = 0
        if layout.positionsByteCount != nil {
            guard let value = bytes.variable(&offset, end: end) else { return nil }
            positionsByteCount = value
        }
        return PostingListDraft(
            count: count,
            start: start,
            byteCount: byteCount,
            positions: positions,
            positionsByteCount: positionsByteCount
        )
    }

    /// A list whose bytes lie among the postings and whose count is possible.
    fileprivate func checked(_ draft: PostingListDraft) -> PostingList? {
        let limit = layout.postings + layout.postingsByteCount
        guard draft.start <= limit, draft.byteCount <= limit - draft.start,
            draft.count > 0, draft.count <= documentCount
        else { return nil }
        let last = layout.positions + (layout.positionsByteCount ?? 0)
        guard draft.positions <= last, draft.positionsByteCount <= last - draft.positions else {
            return nil
        }
        return PostingList(
            count: draft.count,
            start: draft.start,
            end: draft.start + draft.byteCount,
            positions: draft.positions..<(draft.positions + draft.positionsByteCount)
        )
    }
}

/// A list as the dictionary says it.
private struct PostingListDraft {
    let count: Int
    let start: Int
    let byteCount: Int
    let positions: Int
    let positionsByteCount: Int
}

/// Walks over all terms of a run in their order.
struct TermWalk {
    /// Field (two bytes, high one first) and stem of the current term; empty behind the last.
    private(set) var key: [UInt8] = []
    /// The current term's postings, nil behind the last.
    private(set) var list: PostingList?
    private let run: TextRun
    private var term = 0
    private var isFirst = true
    private var offset: Int
    private var start: Int
    private var positions: Int

    /// Stands at the first term.
    ///
    /// - Throws: `.malformed`.
    init(_ run: TextRun) throws(TextError) {
        self.run = run
        offset = run.layout.dictionary
        start = run.layout.postings
        positions = run.layout.positions
        try advance()
    }

    /// Stands at the first term whose key is not below `key`.
    ///
    /// - Throws: `.malformed`.
    /// - Complexity: O(log terms).
    init(_ run: TextRun, from key: [UInt8]) throws(TextError) {
        self.run = run
        let block = max(0, run.firstBlock(above: key) - 1)
        term = block * RunLayout.dictionaryBlockCount
        offset = run.layout.dictionary
        start = run.layout.postings
        positions = run.layout.positions
        if run.layout.dictionaryBlocks > 0 {
            let layout = run.layout
            offset += Int(run.bytes.word(layout.blockStarts + 4 * block))
            start += Int(truncatingIfNeeded: run.bytes.long(layout.blockPostings + 8 * block))
            positions = run.firstPositions(ofBlock: block)
        }
        isFirst = true
        try advance()
        while list != nil, self.key.lexicographicallyPrecedes(key) { try advance() }
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
            guard offset == end, start == layout.postings + layout.postingsByteCount,
                positions == layout.positions + (layout.positionsByteCount ?? 0)
            else { throw .malformed(offset: offset) }
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
                UInt64(start - layout.postings) == first,
                positions == run.firstPositions(ofBlock: block)
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
        guard let draft = run.draft(&offset, start, positions), next.count >= 2,
            isFirst || key.lexicographicallyPrecedes(next), let list = run.checked(draft)
        else { throw .malformed(offset: place) }
        isFirst = false
        key = Array(next)
        self.list = list
        start = list.end
        positions = list.positions.upperBound
        term += 1
    }
}
