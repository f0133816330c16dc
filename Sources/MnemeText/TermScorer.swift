// One term in one field of one run: its postings and what they are worth.

internal import Glibc

/// BM25 with everything but the document put in: weight · tf / (tf + base + slope · length).
struct TermImpact {
    let weight: Float
    let base: Float
    let slope: Float

    /// The impact of a term.
    ///
    /// idf = log(1 + (N − df + ½) / (df + ½)) is never below zero (Robertson and Zaragoza 2009,
    /// with the 1 inside the logarithm that keeps common words above it).
    init(
        termWeight: Float,
        _ parameters: TextFieldParameters,
        _ field: FieldStatistics,
        documentFrequency: Int
    ) {
        let total = Double(max(field.documents, documentFrequency))
        let frequency = Double(documentFrequency)
        let idf = log1p((total - frequency + 0.5) / (frequency + 0.5))
        weight = termWeight * parameters.weight * Float(idf) * (parameters.k1 + 1)
        let average = field.averageLength
        base = parameters.k1 * (1 - parameters.b)
        slope = average > 0 ? parameters.k1 * parameters.b / average : 0
    }

    /// What a document with `length` words gets that has the term `frequency` times.
    @inline(__always)
    func score(_ frequency: UInt16, _ length: UInt16) -> Float {
        let count = Float(frequency)
        return weight * count / (count + (base + slope * Float(length)))
    }
}

/// A cursor that scores.
struct TermScorer {
    var cursor: PostingCursor
    /// The term's place in the query.
    let term: Int
    /// The field's place in the query.
    let field: Int
    /// The most that a document of the scope can get.
    private(set) var bound = 0.0

    private let lengths: Int
    private var impact: TermImpact
    private var firstBlock = 0
    private var blockBounds: [Double] = []
    private var shallow = 0

    /// Bounds are a little too high rather than an ulp too low.
    private static let slack = 1.000_001

    init(_ cursor: PostingCursor, term: Int, field: Int, lengths: Int) {
        self.cursor = cursor
        self.term = term
        self.field = field
        self.lengths = lengths
        impact = TermImpact(
            termWeight: 0,
            TextFieldParameters(0),
            FieldStatistics(),
            documentFrequency: 0
        )
    }

    /// Sets the impact and computes the bounds of the blocks that touch `span`.
    mutating func prepare(_ impact: TermImpact, span: Range<UInt32>) {
        self.impact = impact
        blockBounds.removeAll(keepingCapacity: true)
        bound = 0
        if cursor.hasDirectory, !cursor.isBroken {
            firstBlock = cursor.firstBlock(endingAtOrAfter: span.lowerBound, from: 0)
            var block = firstBlock
            while block < cursor.blockCount {
                let (frequency, length) = cursor.impact(ofBlock: block)
                blockBounds.append(Double(impact.score(frequency, length)) * Self.slack)
                bound = max(bound, blockBounds[block - firstBlock])
                if cursor.lastLocal(ofBlock: block) >= span.upperBound { break }
                block += 1
            }
        } else {
            for index in 0..<cursor.filled { bound = max(bound, score(index) * Self.slack) }
        }
        shallow = firstBlock
    }

    /// The most that a document in a window can get.
    ///
    /// - Precondition: windows come in ascending order.
    mutating func bound(in window: Range<UInt32>) -> Double {
        guard cursor.hasDirectory else {
            cursor.seek(window.lowerBound)
            return cursor.local < window.upperBound ? bound : 0
        }
        let end = firstBlock + blockBounds.count
        while shallow < end, cursor.lastLocal(ofBlock: shallow) < window.lowerBound { shallow += 1 }
        var result = 0.0
        var block = shallow
        while block < end {
            result = max(result, blockBounds[block - firstBlock])
            if cursor.lastLocal(ofBlock: block) >= window.upperBound - 1 { break }
            block += 1
        }
        return result
    }

    /// The bound of the cursor's block.
    var blockBound: Double {
        let index = cursor.block - firstBlock
        return cursor.hasDirectory && blockBounds.indices.contains(index)
            ? blockBounds[index] : bound
    }

    @inline(__always)
    private func score(_ index: Int) -> Double {
        let length = cursor.run.bytes.short(lengths + 2 * Int(cursor.locals[index]))
        return Double(impact.score(cursor.frequencies[index], length))
    }

    /// What the current document gets.
    ///
    /// - Precondition: there is a current document.
    @inline(__always)
    var score: Double { score(cursor.index) }

    /// What a document gets, zero when it does not have the term.
    ///
    /// - Precondition: documents come in ascending order.
    @inline(__always)
    mutating func score(of local: UInt32) -> Double {
        cursor.seek(local)
        return cursor.local == local ? score : 0
    }

    /// Adds the scores of all documents of a window.
    mutating func accumulate(_ window: Range<UInt32>, into accumulator: inout WindowAccumulator) {
        cursor.seek(window.lowerBound)
        while cursor.local < window.upperBound {
            accumulator.add(score, at: Int(cursor.local - window.lowerBound))
            cursor.advance()
        }
    }
}

/// Scores of a window of documents and which of them have any.
struct WindowAccumulator {
    /// Documents in a window: their scores stay in the nearest cache.
    static let count = 2_048

    private var scores: [Double] = []
    private var touched: [UInt64] = []

    /// Takes memory; small runs never need it.
    mutating func open() {
        if scores.isEmpty {
            scores = [Double](repeating: 0, count: Self.count)
            touched = [UInt64](repeating: 0, count: Self.count / 64)
        }
    }

    @inline(__always)
    mutating func add(_ score: Double, at index: Int) {
        scores[index] += score
        touched[index >> 6] |= 1 << UInt64(index & 63)
    }

    /// Hands out the touched documents of 64 and forgets them.
    @inline(__always)
    mutating func takeTouched(_ word: Int) -> UInt64 {
        let bits = touched[word]
        touched[word] = 0
        return bits
    }

    /// Hands out a document's score and forgets it.
    @inline(__always)
    mutating func takeScore(_ index: Int) -> Double {
        let score = scores[index]
        scores[index] = 0
        return score
    }
}
