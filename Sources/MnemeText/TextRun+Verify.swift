// The whole truth about a run: everything that opening leaves to the reader's own checks.

extension TextRun {
    /// Reads every document, term and posting and holds them against what the page demands.
    ///
    /// - Throws: `.malformed` with the offset of what is wrong.
    /// - Complexity: O(bytes).
    package func verify() throws(TextError) {
        try verifyDocuments()
        try verifyCounts()
        var walk = try TermWalk(self)
        while let list = walk.list {
            guard let column = column(of: walk.field) else { throw .malformed(offset: list.start) }
            try verify(list, lengths: lengths(ofColumn: column))
            try walk.advance()
        }
    }

    private func verifyDocuments() throws(TextError) {
        for owner in 0..<layout.ownerCount {
            for local in locals(ofOwnerAt: owner).dropFirst() {
                guard (ordinal(local - 1), birth(local - 1)) < (ordinal(local), birth(local)) else {
                    throw .malformed(offset: layout.ordinals + 8 * Int(local))
                }
            }
        }
    }

    /// Documents and words per owner and field, and per field.
    private func verifyCounts() throws(TextError) {
        for column in fields.indices {
            var total = FieldStatistics()
            for owner in 0..<layout.ownerCount {
                var counted = FieldStatistics()
                for local in locals(ofOwnerAt: owner) {
                    let length = Int(bytes.short(lengths(ofColumn: column) + 2 * Int(local)))
                    counted.documents += length > 0 ? 1 : 0
                    counted.words += length
                }
                var said = FieldStatistics()
                add(&said, ownerAt: owner, column: column)
                guard said == counted else {
                    let cell = owner * layout.fieldCount + column
                    throw .malformed(offset: layout.ownerDocuments + 4 * cell)
                }
                total.documents += counted.documents
                total.words += counted.words
            }
            var said = FieldStatistics()
            add(&said, column: column)
            guard said == total, total.documents > 0 else {
                throw .malformed(offset: layout.fields + 16 * column)
            }
        }
    }

    /// The postings of one term: how many there are, that they ascend, and the impacts of blocks.
    private func verify(_ list: PostingList, lengths: Int) throws(TextError) {
        var cursor = PostingCursor(self, list, limit: .max)
        var seen = 0
        var positions: [UInt32] = []
        for block in 0..<cursor.blockCount {
            if block > 0 { cursor.load(block) }
            var limits = BlockImpact()
            for index in 0..<cursor.filled {
                let length = bytes.short(lengths + 2 * Int(cursor.locals[index]))
                guard length > 0 else { throw .malformed(offset: list.start) }
                limits.frequency = max(limits.frequency, cursor.frequencies[index])
                if cursor.frequencies[index] == 1 {
                    limits.onceLength = min(limits.onceLength, length)
                } else {
                    limits.moreLength = min(limits.moreLength, length)
                }
            }
            if layout.positionsByteCount != nil {
                try verifyPositions(&cursor, block, &positions)
            }
            seen += cursor.filled
            guard !cursor.hasDirectory || cursor.impact(ofBlock: block) == limits else {
                throw .malformed(offset: list.start)
            }
        }
        guard !cursor.isBroken, seen == list.count else { throw .malformed(offset: list.start) }
    }
    /// The positions of a block's postings: that they begin where the directory says, ascend within
    /// their documents, and end where the next ones begin.
    private func verifyPositions(
        _ cursor: inout PostingCursor,
        _ block: Int,
        _ positions: inout [UInt32]
    ) throws(TextError) {
        let list = cursor.list
        for index in 0..<cursor.filled {
            cursor.index = index
            positions.removeAll(keepingCapacity: true)
            guard cursor.appendPositions(to: &positions) != .broken else {
                throw .malformed(offset: list.positions.lowerBound)
            }
        }
        guard cursor.filled > 0 else { return }
        let isLast = block == cursor.blockCount - 1
        let next =
            isLast
            ? list.positions.count : Int(bytes.word(list.positions.lowerBound + 4 * (block + 1)))
        let start =
            block == 0 && cursor.hasDirectory
            ? Int(bytes.word(list.positions.lowerBound)) : 4 * cursor.blockCount
        guard cursor.endOfPositions() == list.positions.lowerBound + next,
            start == 4 * cursor.blockCount
        else { throw .malformed(offset: list.positions.lowerBound) }
    }
}
