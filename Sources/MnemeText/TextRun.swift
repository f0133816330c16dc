// An immutable set of documents' postings. Opening checks the checksum and every number that later
// reading relies on; the contents of dictionary and postings are checked where they are read, so
// opening costs nothing per posting. Page: formats/text-run.md.

/// The postings of a set of documents, opened over bytes from memory or disk.
///
/// Documents are numbered locally from zero, sorted by (owner, ordinal, birth): each owner has one
/// contiguous range of local numbers.
package final class TextRun: Sendable {
    /// The run as it is stored.
    package let bytes: TextBytes
    let layout: RunLayout
    /// The numbers of the fields, ascending.
    package let fields: [UInt16]

    /// How many documents the run holds, dead ones included.
    package var documentCount: Int { layout.documentCount }
    /// How many (field, stem) pairs the run knows.
    package var termCount: Int { layout.termCount }
    /// The length of the run in bytes.
    package var byteCount: Int { bytes.count }

    /// Opens a run.
    ///
    /// `verifyingChecksum` may be false where the bytes were checked already.
    ///
    /// - Throws: `.malformed`, `.checksum`, `.unknownFormat`, `.unknownAnalysis`.
    /// - Complexity: O(bytes) for the checksum, else O(owners + terms / 16).
    package init(_ bytes: TextBytes, verifyingChecksum: Bool = true) throws(TextError) {
        self.bytes = bytes
        layout = try Self.readLayout(bytes, verifyingChecksum)
        var fields: [UInt16] = []
        for index in 0..<layout.fieldCount {
            let offset = layout.fields + 16 * index
            let field = bytes.short(offset)
            guard bytes.short(offset + 2) == 0, fields.last.map({ $0 < field }) ?? true else {
                throw .malformed(offset: offset)
            }
            fields.append(field)
        }
        self.fields = fields
        try checkOwners()
        try checkDictionaryIndex()
    }

    /// Opens a run over a copy of an array.
    ///
    /// - Throws: as the other initializer.
    package convenience init(_ array: [UInt8]) throws(TextError) {
        try self.init(TextBytes(array))
    }

    /// Bytes of a run's head.
    package static var headByteCount: Int { RunLayout.headerByteCount }

    /// How many documents a run has by its head, which nothing vouches for; nil where it is none.
    package static func documentCount(ofHead head: [UInt8]) -> Int? {
        let bytes = TextBytes(head)
        guard head.count >= RunLayout.headerByteCount, bytes.long(0) == RunLayout.magic,
            bytes.word(32) <= RunLayout.maximumDocumentCount
        else { return nil }
        return Int(bytes.word(32))
    }

    private static func readLayout(
        _ bytes: TextBytes,
        _ verifyingChecksum: Bool
    ) throws(TextError) -> RunLayout {
        guard bytes.count >= RunLayout.headerByteCount, bytes.long(0) == RunLayout.magic else {
            throw .malformed(offset: 0)
        }
        guard bytes.long(24) == UInt64(bytes.count) else { throw .malformed(offset: 24) }
        if verifyingChecksum, bytes.checksum(from: RunLayout.checksumStart) != bytes.long(8) {
            throw .checksum
        }
        let version = bytes.short(16)
        let hasPositions = version == RunLayout.version
        guard hasPositions || version == RunLayout.versionWithoutPositions,
            bytes.word(20) == (hasPositions ? RunLayout.positionsFlag : 0)
        else { throw .unknownFormat(version: version, flags: bytes.word(20)) }
        guard bytes.short(18) == TextAnalyzer.version else {
            throw .unknownAnalysis(version: bytes.short(18))
        }
        let limit = UInt64(bytes.count)
        guard bytes.long(48) <= limit, bytes.long(56) <= limit, bytes.word(40) <= 1 << 16,
            bytes.word(32) <= RunLayout.maximumDocumentCount,
            !hasPositions || bytes.long(RunLayout.headerByteCount) <= limit
        else { throw .malformed(offset: 32) }
        let layout = RunLayout(
            documentCount: Int(bytes.word(32)),
            ownerCount: Int(bytes.word(36)),
            fieldCount: Int(bytes.word(40)),
            termCount: Int(bytes.word(44)),
            dictionaryByteCount: Int(bytes.long(48)),
            postingsByteCount: Int(bytes.long(56)),
            positionsByteCount: hasPositions ? Int(bytes.long(RunLayout.headerByteCount)) : nil
        )
        guard layout.byteCount == bytes.count else { throw .malformed(offset: 32) }
        return layout
    }

    private func checkOwners() throws(TextError) {
        var owner = -1
        var first = -1
        for index in 0..<layout.ownerCount {
            let offset = layout.ownerFirsts + 4 * index
            let next = Int(bytes.word(layout.owners + 4 * index))
            guard next > owner else { throw .malformed(offset: layout.owners + 4 * index) }
            owner = next
            let start = Int(bytes.word(offset))
            guard index == 0 ? start == 0 : start > first else { throw .malformed(offset: offset) }
            first = start
        }
        let end = layout.ownerFirsts + 4 * layout.ownerCount
        guard Int(bytes.word(end)) == documentCount,
            layout.ownerCount == 0 ? documentCount == 0 : documentCount > first
        else { throw .malformed(offset: end) }
    }

    private func checkDictionaryIndex() throws(TextError) {
        var start = -1
        var postings = 0
        var positions = 0
        for block in 0..<layout.dictionaryBlocks {
            let offset = layout.blockStarts + 4 * block
            let next = Int(bytes.word(offset))
            guard block == 0 ? next == 0 : next > start, next < layout.dictionaryByteCount else {
                throw .malformed(offset: offset)
            }
            start = next
            let place = layout.blockPostings + 8 * block
            let first = bytes.long(place)
            guard first >= UInt64(postings), first <= UInt64(layout.postingsByteCount) else {
                throw .malformed(offset: place)
            }
            postings = Int(first)
            guard let positionsByteCount = layout.positionsByteCount else { continue }
            let other = layout.blockPositions + 8 * block
            let start = bytes.long(other)
            guard start >= UInt64(positions), start <= UInt64(positionsByteCount) else {
                throw .malformed(offset: other)
            }
            positions = Int(start)
        }
    }

    /// The column of a field, nil when no document of the run has it.
    func column(of field: UInt16) -> Int? {
        var low = 0
        var high = fields.count
        while low < high {
            let middle = (low + high) / 2
            if fields[middle] < field { low = middle + 1 } else { high = middle }
        }
        return low < fields.count && fields[low] == field ? low : nil
    }

    /// The place of an owner in the directory, or nil.
    func ownerIndex(_ owner: UInt32) -> Int? {
        var low = 0
        var high = layout.ownerCount
        while low < high {
            let middle = (low + high) / 2
            if bytes.word(layout.owners + 4 * middle) < owner {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < layout.ownerCount && bytes.word(layout.owners + 4 * low) == owner ? low : nil
    }

    /// The local numbers of the owner at a place of the directory.
    func locals(ofOwnerAt index: Int) -> Range<UInt32> {
        let offset = layout.ownerFirsts + 4 * index
        let first = bytes.word(offset)
        return first..<max(first, bytes.word(offset + 4))
    }

    /// The local numbers of an owner's documents, empty when it has none here.
    package func locals(of owner: UInt32) -> Range<UInt32> {
        ownerIndex(owner).map(locals(ofOwnerAt:)) ?? 0..<0
    }

    /// The owner of a document.
    package func owner(_ local: UInt32) -> UInt32 {
        var low = 0
        var high = layout.ownerCount
        while low + 1 < high {
            let middle = (low + high) / 2
            if bytes.word(layout.ownerFirsts + 4 * middle) <= local {
                low = middle
            } else {
                high = middle
            }
        }
        return bytes.word(layout.owners + 4 * low)
    }

    /// The record that a document is a version of.
    package func ordinal(_ local: UInt32) -> UInt64 { bytes.long(layout.ordinals + 8 * Int(local)) }

    /// The sequence at which a document was born.
    package func birth(_ local: UInt32) -> UInt64 { bytes.long(layout.births + 8 * Int(local)) }

    /// The local number of a document, nil when the run does not hold it.
    ///
    /// - Complexity: O(log documents of the owner).
    package func local(owner: UInt32, ordinal: UInt64, birth: UInt64) -> UInt32? {
        let range = locals(of: owner)
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if (self.ordinal(middle), self.birth(middle)) < (ordinal, birth) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < range.upperBound, self.ordinal(low) == ordinal, self.birth(low) == birth else {
            return nil
        }
        return low
    }

    /// The offset of a field's lengths.
    func lengths(ofColumn column: Int) -> Int {
        layout.lengths + 2 * column * layout.documentCount
    }

    /// How many words a document has in a field, at most 65,535.
    package func length(field: UInt16, _ local: UInt32) -> Int {
        guard let column = column(of: field), local < documentCount else { return 0 }
        return Int(bytes.short(lengths(ofColumn: column) + 2 * Int(local)))
    }
}
