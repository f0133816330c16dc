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

    /// The most that a document of a block can get.
    func bound(_ block: BlockImpact) -> Float {
        let once = score(1, block.onceLength)
        return block.frequency > 1 ? max(once, score(block.frequency, block.moreLength)) : once
    }
}

/// A cursor that scores.
struct TermScorer {
    var cursor: PostingCursor
    /// The place in the query of the part that it belongs to.
    let part: Int
    /// Its place among all that the query looks for.
    let leaf: Int
    /// The most that a document of the scope can get.
    private(set) var bound = 0.0

    private let lengths: Int
    private var impact: TermImpact
    private var firstBlock = 0
    private var blockBounds: [Double] = []
    private var shallow = 0

    /// Bounds are a little too high rather than an ulp too low.
    private static let slack = 1.000_001

    init(_ cursor: PostingCursor, part: Int, leaf: Int, lengths: Int) {
        self.cursor = cursor
        self.part = part
        self.leaf = leaf
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
                let limit = impact.bound(cursor.impact(ofBlock: block))
                blockBounds.append(Double(limit) * Self.slack)
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
        while cursor.filled > 0 {
            let end = cursor.index(at: window.upperBound)
            for index in cursor.index..<end {
                let place = Int(truncatingIfNeeded: cursor.locals[index] &- window.lowerBound)
                accumulator.add(score(index), at: place)
            }
            cursor.index = end
            if end < cursor.filled { return }
            cursor.load(cursor.block + 1)
        }
    }

    /// Adds the scores of all documents of a window and notes that they have the part.
    mutating func mark(_ window: Range<UInt32>, in marks: inout WindowMarks) {
        cursor.seek(window.lowerBound)
        while cursor.filled > 0 {
            let end = cursor.index(at: window.upperBound)
            for index in cursor.index..<end {
                let place = Int(truncatingIfNeeded: cursor.locals[index] &- window.lowerBound)
                marks.add(score(index), part: part, at: place)
            }
            cursor.index = end
            if end < cursor.filled { return }
            cursor.load(cursor.block + 1)
        }
    }

    /// Goes forward to the next document before `end` that gets more than `bar`, and says what it
    /// gets.
    ///
    /// Blocks whose bound is too low are not decoded.
    mutating func find(above bar: Double, before end: UInt32) -> Double? {
        while cursor.filled > 0 {
            let last = cursor.index(at: end)
            if blockBound <= bar {
                // What stands at or behind `end` is for the next window, where less may be enough.
                cursor.index = last
                if last < cursor.filled { return nil }
                skipBlocks(upTo: bar, before: end)
                continue
            }
            var index = cursor.index
            while index < last {
                let score = score(index)
                if score > bar {
                    cursor.index = index
                    return score
                }
                index += 1
            }
            cursor.index = index
            if index < cursor.filled { return nil }
            cursor.load(cursor.block + 1)
        }
        return nil
    }

    /// Loads the first block behind the current one that matters: by its bound, or because it ends
    /// at or behind `end`.
    private mutating func skipBlocks(upTo bar: Double, before end: UInt32) {
        var block = cursor.block + 1
        while block < cursor.blockCount, blockBounds.indices.contains(block - firstBlock),
            blockBounds[block - firstBlock] <= bar, cursor.lastLocal(ofBlock: block) < end
        {
            block += 1
        }
        cursor.load(block)
    }
}

/// Scores of a window of documents and which of them have any.
struct WindowAccumulator {
    /// Documents in a window: their scores stay in the nearest cache.
    static let count = 4_096

    private var scores: [Double] = []
    private var touched: [UInt64] = []
    /// How far `next` has come: the words taken, and what is left of the last one.
    private var word = 0
    private var bits: UInt64 = 0

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

    /// Hands out the next touched document that has more than `bar`, and forgets it and all before.
    ///
    /// Must be called until it returns nil: then the window is empty again.
    mutating func next(above bar: Double) -> (index: Int, score: Double)? {
        while true {
            if let found = Self.take(&bits, (word &- 1) << 6, above: bar, &scores) { return found }
            if word == touched.count {
                word = 0
                return nil
            }
            bits = touched[word]
            touched[word] = 0
            word += 1
        }
    }

    @inline(__always)
    private static func take(
        _ bits: inout UInt64,
        _ base: Int,
        above bar: Double,
        _ scores: inout [Double]
    ) -> (index: Int, score: Double)? {
        if bits == 0 { return nil }
        var scores = scores.mutableSpan
        while bits != 0 {
            let index = base | bits.trailingZeroBitCount
            bits &= bits &- 1
            let score = scores[index]
            scores[index] = 0
            if score > bar { return (index, score) }
        }
        return nil
    }
}
