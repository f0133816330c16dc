// Where the words of a posting stand. Positions are read posting by posting; a block begins where
// the directory of the positions says. Page: formats/text-run.md#positions.

/// What there is to be read of a posting's positions.
enum PositionsFound {
    case known
    /// The document is from a run without positions.
    case unknown
    /// The bytes are not what the page demands.
    case broken
}

extension PostingCursor {
    /// Appends the positions of the current document, ascending, as many as its frequency.
    ///
    /// - Precondition: there is a current document.
    /// - Complexity: O(positions of the block's documents that were passed over).
    mutating func appendPositions(to positions: inout [UInt32]) -> PositionsFound {
        guard run.layout.positionsByteCount != nil else { return .unknown }
        guard startPositions() else { return .broken }
        let bytes = run.bytes
        let end = list.positions.upperBound
        while positionsIndex < index {
            guard skipPositions() else { return .broken }
        }
        var offset = positionsOffset
        guard let first = bytes.variable(&offset, end: end) else { return .broken }
        if first == 0 { return .unknown }
        var position = first - 1
        for number in 0..<frequency {
            if number > 0 {
                guard let step = bytes.variable(&offset, end: end), step <= Int(UInt32.max) else {
                    return .broken
                }
                position += 1 + step
            }
            guard position <= PositionLimit.last else { return .broken }
            positions.append(UInt32(truncatingIfNeeded: position))
        }
        return .known
    }

    /// Stands at the first posting of the block, or where it was in it.
    private mutating func startPositions() -> Bool {
        if positionsBlock == block, positionsIndex <= index { return true }
        positionsBlock = block
        positionsIndex = 0
        positionsOffset = list.positions.lowerBound
        guard hasDirectory else { return true }
        guard list.positions.count >= 4 * blockCount else { return false }
        positionsOffset += Int(run.bytes.word(list.positions.lowerBound + 4 * block))
        return positionsOffset <= list.positions.upperBound
    }

    /// Passes over the positions of one posting.
    private mutating func skipPositions() -> Bool {
        let bytes = run.bytes
        let end = list.positions.upperBound
        guard let first = bytes.variable(&positionsOffset, end: end) else { return false }
        if first > 0 {
            for _ in 1..<max(1, Int(frequencies[positionsIndex])) {
                guard bytes.variable(&positionsOffset, end: end) != nil else { return false }
            }
        }
        positionsIndex += 1
        return true
    }

    /// The offset behind the positions of the block's postings, for those who hold it against what
    /// the directory says; nil where they end early.
    mutating func endOfPositions() -> Int? {
        guard startPositions() else { return nil }
        while positionsIndex < filled {
            guard skipPositions() else { return nil }
        }
        return positionsOffset
    }
}

/// How far positions go.
enum PositionLimit {
    static let last = Int(Int32.max)
}
