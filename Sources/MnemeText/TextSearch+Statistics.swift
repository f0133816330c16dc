// How many documents there are, how many have a word, how long they are.

/// What BM25 needs to know of one field.
package struct FieldStatistics: Equatable, Sendable {
    /// Documents with at least one word in the field.
    package var documents = 0
    /// Words in the field, over all documents.
    package var words = 0

    /// Words a document, zero without documents.
    package var averageLength: Float { documents == 0 ? 0 : Float(words) / Float(documents) }
}

extension TextSearch {
    /// The statistics of one owner's documents over several runs, or of everyone's: of the field,
    /// and for every stem the number of documents that have it.
    ///
    /// Dead documents count until a merge drops them.
    ///
    /// - Complexity: O(runs × stems × log terms).
    package static func termStatistics(
        _ runs: [TextRun],
        owner: UInt32?,
        field: UInt16,
        stems: [[UInt8]]
    ) -> (field: FieldStatistics, documentFrequencies: [Int]) {
        var total = FieldStatistics()
        var frequencies = [Int](repeating: 0, count: stems.count)
        for run in runs {
            guard let column = run.column(of: field) else { continue }
            guard let owner else {
                run.add(&total, column: column)
                for (number, stem) in stems.enumerated() {
                    frequencies[number] += run.list(field: field, stem: stem)?.count ?? 0
                }
                continue
            }
            guard let index = run.ownerIndex(owner) else { continue }
            run.add(&total, ownerAt: index, column: column)
            let range = run.locals(ofOwnerAt: index)
            for (number, stem) in stems.enumerated() {
                guard let list = run.list(field: field, stem: stem) else { continue }
                var cursor = PostingCursor(run, list, from: range.lowerBound, limit: .max)
                frequencies[number] += cursor.count(in: [range])
            }
        }
        return (total, frequencies)
    }
}

extension TextRun {
    /// Adds an owner's counts in a field.
    func add(_ total: inout FieldStatistics, ownerAt index: Int, column: Int) {
        let cell = index * layout.fieldCount + column
        total.documents &+= Int(bytes.word(layout.ownerDocuments + 4 * cell))
        total.words &+= Int(truncatingIfNeeded: bytes.long(layout.ownerLengths + 8 * cell))
    }

    /// Adds everyone's counts in a field.
    func add(_ total: inout FieldStatistics, column: Int) {
        let offset = layout.fields + 16 * column
        total.documents &+= Int(bytes.word(offset + 4))
        total.words &+= Int(truncatingIfNeeded: bytes.long(offset + 8))
    }

    /// The places in the directory of the owners of a scope; nil for everyone.
    func ownerIndices(_ scope: TextScope) -> [Int]? {
        switch scope {
        case .all: nil
        case .owner(let owner): ownerIndex(owner).map { [$0] } ?? []
        case .owners(let owners): owners.compactMap(ownerIndex)
        }
    }

    /// The local numbers of the owners at some places, neighbours joined.
    func ranges(_ indices: [Int]?) -> [Range<UInt32>] {
        guard let indices else { return [0..<UInt32(documentCount)] }
        var ranges: [Range<UInt32>] = []
        for index in indices {
            let next = locals(ofOwnerAt: index)
            if let last = ranges.last, last.upperBound >= next.lowerBound {
                ranges[ranges.count - 1] =
                    last.lowerBound..<max(last.upperBound, next.upperBound)
            } else {
                ranges.append(next)
            }
        }
        return ranges
    }
}

extension PostingCursor {
    /// How many documents of some ascending ranges have the term; stands at the start of the first
    /// range afterwards.
    ///
    /// - Precondition: the cursor has no limit.
    mutating func count(in ranges: [Range<UInt32>]) -> Int {
        var total = 0
        for range in ranges {
            seek(range.lowerBound)
            let first = position
            seek(range.upperBound)
            total += position - first
        }
        if let first = ranges.first, !isBroken {
            rewind()
            seek(first.lowerBound)
        }
        return total
    }
}
