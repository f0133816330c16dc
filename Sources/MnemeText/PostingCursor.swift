// Reads the postings of one term, block by block. What a block says is checked when it is decoded:
// a block whose numbers do not ascend to what its directory says ends the cursor, it never traps.
// Page: formats/text-run.md#postings.

/// The sizes of blocks of postings.
enum PostingBlock {
    /// Postings in a full block.
    static let count = 128
    /// Bytes of a block's entry in the directory of a list with at least one full block.
    static let entryByteCount = 16
}

/// The extremes of a block: the largest frequency, and the smallest length of the documents that
/// have the term once and of those that have it more often.
struct BlockImpact: Equatable {
    var frequency: UInt16 = 0
    var onceLength = UInt16.max
    var moreLength = UInt16.max
}

/// Steps forward through the documents that have a term.
package struct PostingCursor {
    /// Behind the last document.
    package static let end = UInt32.max

    /// The run that is read.
    package let run: TextRun
    /// How many documents have the term, over all owners.
    package let count: Int
    /// Whether a block was found that contradicts itself.
    package private(set) var isBroken = false

    let list: PostingList
    private let limit: UInt32
    let blockCount: Int
    /// Whether the postings were worked out: they are all there, as one block.
    private let isFound: Bool
    private(set) var block = -1
    var index = 0
    private(set) var filled = 0
    // Arrays, not inline ones: this compiler copies an inline array whole to read one element.
    private(set) var locals: [UInt32]
    private(set) var frequencies: [UInt16]
    /// How far the positions of the block were read: of which block, before which posting.
    var positionsBlock = -1
    var positionsIndex = 0
    var positionsOffset = 0

    /// A cursor before the first document at or behind `first`, which ends before `limit`.
    init(_ run: TextRun, _ list: PostingList, from first: UInt32 = 0, limit: UInt32) {
        self.run = run
        self.list = list
        self.limit = limit
        count = list.count
        isFound = false
        blockCount = (list.count + PostingBlock.count - 1) / PostingBlock.count
        locals = [UInt32](repeating: 0, count: min(list.count, PostingBlock.count))
        frequencies = [UInt16](repeating: 0, count: min(list.count, PostingBlock.count))
        if hasDirectory, blockCount * PostingBlock.entryByteCount > list.end - list.start {
            isBroken = true
        }
        seek(first)
    }

    /// A cursor over postings that were worked out.
    init(_ run: TextRun, _ found: FoundPostings) {
        self.run = run
        list = PostingList(count: found.locals.count, start: 0, end: 0, positions: 0..<0)
        limit = .max
        count = found.locals.count
        isFound = true
        blockCount = found.locals.isEmpty ? 0 : 1
        locals = found.locals
        frequencies = found.frequencies
        load(0)
    }

    /// Whether the list has a directory of blocks.
    var hasDirectory: Bool { count >= PostingBlock.count && !isFound }

    /// The local number of the current document, `end` behind the last.
    @inline(__always)
    package var local: UInt32 {
        guard index < filled else { return Self.end }
        let local = locals[index]
        return local < limit ? local : Self.end
    }

    /// How often the current document has the term, at most 65,535.
    ///
    /// - Precondition: there is a current document.
    package var frequency: UInt16 { frequencies[index] }

    /// The record of the current document, nil behind the last.
    package var ordinal: UInt64? {
        let local = local
        return local == Self.end ? nil : run.ordinal(local)
    }

    /// The position of the current document in the whole list.
    var position: Int {
        isBroken ? count : min(count, block * (isFound ? count : PostingBlock.count) + index)
    }

    /// Goes to the next document.
    @inline(__always)
    package mutating func advance() {
        index += 1
        if index >= filled, filled > 0 { load(block + 1) }
    }

    /// Goes forward to the first document at or behind `target`; stays when it is there already.
    package mutating func seek(_ target: UInt32) {
        if isBroken { return }
        if block < 0 || (filled > 0 && locals[filled - 1] < target) {
            var low = block + 1
            if hasDirectory { low = firstBlock(endingAtOrAfter: target, from: low) }
            load(low)
        }
        index = index(at: target)
        if index >= filled, filled > 0 { load(block + 1) }
    }

    /// The place in the block of the first document at or behind `target`, from the current one on.
    @inline(__always)
    func index(at target: UInt32) -> Int {
        if filled == 0 || locals[filled - 1] < target { return filled }
        var low = index
        var high = filled - 1
        while low < high {
            let middle = (low + high) / 2
            if locals[middle] < target { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Goes back to the start.
    mutating func rewind() {
        block = -1
        index = 0
        filled = 0
    }

    /// The first block, from `low` on, whose last document is at or behind `target`.
    func firstBlock(endingAtOrAfter target: UInt32, from low: Int) -> Int {
        var low = low
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if lastLocal(ofBlock: middle) < target { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func entry(_ block: Int) -> Int { list.start + PostingBlock.entryByteCount * block }

    /// The last document of a block, by the directory.
    ///
    /// - Precondition: `hasDirectory`.
    @inline(__always)
    func lastLocal(ofBlock block: Int) -> UInt32 { run.bytes.word(entry(block)) }

    /// What bounds the scores of a block, by the directory.
    ///
    /// - Precondition: `hasDirectory`.
    func impact(ofBlock block: Int) -> BlockImpact {
        BlockImpact(
            frequency: run.bytes.short(entry(block) + 8),
            onceLength: run.bytes.short(entry(block) + 10),
            moreLength: run.bytes.short(entry(block) + 14)
        )
    }

    /// Decodes a block and stands at its first document; behind the last block the cursor ends.
    mutating func load(_ next: Int) {
        index = 0
        filled = 0
        block = next
        guard next < blockCount, !isBroken else { return }
        if isFound {
            filled = count
            return
        }
        let wanted = min(PostingBlock.count, count - next * PostingBlock.count)
        let previous = next == 0 ? -1 : Int(lastLocal(ofBlock: next - 1))
        var last: Int?
        if !hasDirectory {
            last = readTail(at: list.start, wanted, previous)
        } else {
            let entry = entry(next)
            let offset = list.start + Int(run.bytes.word(entry + 4))
            if wanted < PostingBlock.count {
                last = readTail(at: offset, wanted, previous)
            } else {
                last = readPacked(at: offset, entry, previous)
            }
            if last != Int(lastLocal(ofBlock: next)) { last = nil }
        }
        guard let last, last < run.documentCount else {
            isBroken = true
            return
        }
        filled = wanted
    }

    private mutating func readPacked(at offset: Int, _ entry: Int, _ previous: Int) -> Int? {
        let steps = Int(run.bytes.byte(entry + 12))
        let width = Int(run.bytes.byte(entry + 13))
        guard steps <= 32, width <= 16, offset + 16 * (steps + width) <= list.end else {
            return nil
        }
        guard
            run.bytes.unpackCounts(at: offset + 16 * steps, width: width, into: &frequencies)
        else { return nil }
        return run.bytes.unpackSteps(at: offset, width: steps, after: previous, into: &locals)
    }

    private mutating func readTail(at offset: Int, _ wanted: Int, _ previous: Int) -> Int? {
        var offset = offset
        var local = previous
        for index in 0..<wanted {
            guard let value = run.bytes.variable(&offset, end: list.end),
                value >> 1 < Int(UInt32.max)
            else { return nil }
            local += 1 + value >> 1
            var frequency = 1
            if value & 1 == 0 {
                guard let more = run.bytes.variable(&offset, end: list.end) else { return nil }
                frequency = min(max(more, 1), Int(UInt16.max))
            }
            guard local < run.documentCount else { return nil }
            locals[index] = UInt32(truncatingIfNeeded: local)
            frequencies[index] = UInt16(truncatingIfNeeded: frequency)
        }
        return local
    }
}

extension TextRun {
    /// The documents of an owner that have a term, by ascending (ordinal, birth); nil when none of
    /// the run has it.
    ///
    /// - Complexity: O(log terms + log postings).
    package func postings(field: UInt16, stem: [UInt8], owner: UInt32) -> PostingCursor? {
        guard let list = list(field: field, stem: stem) else { return nil }
        let range = locals(of: owner)
        return PostingCursor(self, list, from: range.lowerBound, limit: range.upperBound)
    }
}
