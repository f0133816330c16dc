// Collects documents and turns them into a run.

/// Makes a run out of documents that come in any order.
package struct TextRunBuilder {
    /// How many documents were added.
    package var documentCount: Int { keys.count }

    private let analyzer: TextAnalyzer
    private var keys: [DocumentKey] = []
    private var lengths: [FieldLength] = []
    private var terms = ByteTable()
    /// Per term: the document that had it last and the place of that posting.
    private var lastDocument: [UInt32] = []
    private var lastPosting: [UInt32] = []
    /// One posting a (document, term), by document as added.
    private var postingTerms: [UInt32] = []
    private var postingFrequencies: [UInt16] = []
    /// One entry a word, by document as added.
    private var wordPostings: [UInt32] = []
    private var wordPositions: [UInt32] = []

    /// A builder that cuts its texts with `analyzer`.
    package init(analyzer: TextAnalyzer) { self.analyzer = analyzer }

    /// Adds a document.
    ///
    /// Of two with the same (owner, ordinal, birth) the first is kept.
    ///
    /// - Throws: `.noStemmer`; the builder is then as it was.
    package mutating func add(_ document: TextDocument) throws(TextError) {
        for field in document.fields {
            try analyzer.prepare(field.language)
        }
        let number = UInt32(keys.count)
        keys.append(
            DocumentKey(
                owner: document.owner,
                ordinal: document.ordinal,
                birth: document.birth,
                number: number,
                firstPosting: postingTerms.count,
                firstLength: lengths.count
            )
        )
        let firstLength = lengths.count
        for field in document.fields {
            try analyzer.withWords(
                of: field.text,
                language: field.language,
                isQuestion: false
            ) { lexicon in
                // No phrase goes from one text to the next.
                var position = lengths[firstLength...].reduce(0) { base, length in
                    length.field == field.number ? base + length.count + 1 : base
                }
                for token in lexicon.tokens {
                    count(token, lexicon, field.number, number)
                    wordPositions.append(UInt32(truncatingIfNeeded: position))
                    position += 1
                }
                lengths.append(
                    FieldLength(field: field.number, count: lexicon.tokens.count)
                )
            }
        }
    }

    private mutating func count(
        _ token: UInt32,
        _ lexicon: Lexicon,
        _ field: UInt16,
        _ document: UInt32
    ) {
        let (term, added) = lexicon.withStem(token) { stem, hash in
            terms.intern(stem, tag: field, hash: hash)
        }
        if added {
            lastDocument.append(.max)
            lastPosting.append(0)
        }
        if lastDocument[term] == document {
            let posting = Int(lastPosting[term])
            let frequency = postingFrequencies[posting]
            postingFrequencies[posting] = frequency == .max ? frequency : frequency + 1
            wordPostings.append(lastPosting[term])
        } else {
            lastDocument[term] = document
            lastPosting[term] = UInt32(postingTerms.count)
            wordPostings.append(lastPosting[term])
            postingTerms.append(UInt32(term))
            postingFrequencies.append(1)
        }
    }

    /// The run of all documents added.
    ///
    /// - Throws: `.tooLarge`.
    /// - Complexity: O(postings + terms × log terms + documents × log documents).
    package consuming func finish() throws(TextError) -> TextRun {
        var sorted = keys.sorted()
        sorted = sorted.enumerated().filter { index, key in
            index == 0 || !key.isSameDocument(as: sorted[index - 1])
        }.map(\.element)
        let columns = columns(sorted)
        // Postings by term, within a term by local number: counted, then placed.
        var ends = [Int](repeating: 0, count: terms.count + 1)
        for key in sorted {
            for posting in postings(of: key) { ends[Int(postingTerms[posting]) + 1] += 1 }
        }
        for term in 0..<terms.count { ends[term + 1] += ends[term] }
        var places = ends
        var list = [UInt64](repeating: 0, count: ends[terms.count])
        for (local, key) in sorted.enumerated() {
            for posting in postings(of: key) {
                let term = Int(postingTerms[posting])
                list[places[term]] = PackedPosting.pack(
                    local: UInt32(local),
                    number: posting
                )
                places[term] += 1
            }
        }
        let details = details()
        var writer = RunWriter(documents: columns)
        for term in sortedTerms() {
            writer.add(
                field: terms.tag(term),
                stem: terms.bytes(term),
                list,
                ends[term]..<ends[term + 1],
                details
            )
        }
        return try TextRun(TextBytes(try writer.finish()), verifyingChecksum: false)
    }

    /// The positions of all words, by posting; those beyond the greatest frequency are left out.
    private func details() -> PostingDetails {
        var details = PostingDetails()
        details.frequencies = postingFrequencies
        details.starts.reserveCapacity(postingFrequencies.count + 1)
        var end = 0
        for frequency in postingFrequencies {
            end += Int(frequency)
            details.starts.append(end)
        }
        details.positions = [UInt32](repeating: 0, count: end)
        var places = details.starts
        for (word, posting) in wordPostings.enumerated() {
            let place = places[Int(posting)]
            guard place < details.starts[Int(posting) + 1] else { continue }
            details.positions[place] = wordPositions[word]
            places[Int(posting)] = place + 1
        }
        return details
    }

    private func postings(of key: DocumentKey) -> Range<Int> {
        let next = Int(key.number) + 1
        return key.firstPosting..<(next < keys.count ? keys[next].firstPosting : postingTerms.count)
    }

    private func columns(_ sorted: [DocumentKey]) -> DocumentColumns {
        var columns = DocumentColumns()
        columns.owners = sorted.map(\.owner)
        columns.ordinals = sorted.map(\.ordinal)
        columns.births = sorted.map(\.birth)
        columns.fields = Set(lengths.lazy.filter { $0.count > 0 }.map(\.field)).sorted()
        columns.lengths = [UInt16](repeating: 0, count: columns.fields.count * sorted.count)
        for (local, key) in sorted.enumerated() {
            let next = Int(key.number) + 1
            let end = next < keys.count ? keys[next].firstLength : lengths.count
            for length in lengths[key.firstLength..<end] {
                guard let column = columns.fields.firstIndex(of: length.field) else { continue }
                let cell = column * sorted.count + local
                columns.lengths[cell] = UInt16(
                    clamping: Int(columns.lengths[cell]) + length.count
                )
            }
        }
        return columns
    }

    private func sortedTerms() -> [Int] {
        let heads = (0..<terms.count).map { term in
            TermHead(field: terms.tag(term), head: terms.head(term), number: term)
        }
        return heads.sorted { left, right in
            if left.field != right.field { return left.field < right.field }
            if left.head != right.head { return left.head < right.head }
            return terms.precedes(left.number, right.number)
        }.map(\.number)
    }
}

/// A document and where its postings and lengths begin.
private struct DocumentKey: Comparable {
    let owner: UInt32
    let ordinal: UInt64
    let birth: UInt64
    let number: UInt32
    let firstPosting: Int
    let firstLength: Int

    static func < (left: DocumentKey, right: DocumentKey) -> Bool {
        (left.owner, left.ordinal, left.birth, left.number)
            < (right.owner, right.ordinal, right.birth, right.number)
    }

    func isSameDocument(as other: DocumentKey) -> Bool {
        (owner, ordinal, birth) == (other.owner, other.ordinal, other.birth)
    }
}

/// How many words a document has in a field.
private struct FieldLength {
    let field: UInt16
    let count: Int
}

/// A term by what sorts it.
private struct TermHead {
    let field: UInt16
    let head: UInt64
    let number: Int
}
