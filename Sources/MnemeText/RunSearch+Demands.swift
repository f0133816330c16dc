// The search in one run where documents must have parts of the query, or lack them: window by
// window it is noted which document has which part. Windows in which a required part has no
// document, or which cannot lift one over the bar, are not walked through.

extension RunSearch {
    /// Puts the run's best documents that are what the query demands into `top`.
    mutating func search(
        _ demands: SearchDemands,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        let present = Set(scorers.map(\.part))
        guard demands.required.allSatisfy(present.contains),
            demands.optional.count(where: present.contains) >= demands.minimum
        else { return }
        var marks = WindowMarks(parts: (present.max() ?? 0) + 1)
        for range in ranges {
            var next = range.lowerBound
            while let start = firstDocument(from: next, demands), start < range.upperBound {
                let length = min(UInt32(WindowMarks.count), range.upperBound - start)
                next = start + length
                search(start..<next, demands, &marks, &top, visible)
                if next == range.upperBound { break }
            }
        }
    }

    /// The first document at or behind `next` that may have all that is required, or where nothing
    /// is, any part that counts; nil behind the last.
    private mutating func firstDocument(from next: UInt32, _ demands: SearchDemands) -> UInt32? {
        func first(_ part: Int) -> UInt32 {
            var first = PostingCursor.end
            for place in scorers.indices where scorers[place].part == part {
                scorers[place].cursor.seek(next)
                first = min(first, scorers[place].cursor.local)
            }
            return first
        }
        let found =
            demands.required.isEmpty
            ? demands.optional.reduce(PostingCursor.end) { min($0, first($1)) }
            : demands.required.reduce(next) { max($0, first($1)) }
        return found == PostingCursor.end ? nil : found
    }

    private mutating func search(
        _ window: Range<UInt32>,
        _ demands: SearchDemands,
        _ marks: inout WindowMarks,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        let bar = top.bar(source: source, local: window.lowerBound)
        var bound = 0.0
        for place in scorers.indices { bound += scorers[place].bound(in: window) }
        if bound <= bar { return }
        for place in scorers.indices {
            scorers[place].mark(window, in: &marks)
        }
        marks.take(demands) { index, score in
            let local = window.lowerBound + UInt32(truncatingIfNeeded: index)
            let entry = TopHits.Entry(score: Float(score), source: source, local: local)
            guard top.takes(entry) else { return }
            if let visible, !visible(run.ordinal(local), run.birth(local)) { return }
            top.insert(entry)
        }
    }
}

/// The documents of a window: which part of the query each has, and their scores.
struct WindowMarks {
    /// Documents in a window.
    static let count = WindowAccumulator.count
    private static let words = count / 64

    private var scores = [Double](repeating: 0, count: Self.count)
    /// `[part, document]`, a bit each.
    private var marks: [UInt64]

    init(parts: Int) { marks = [UInt64](repeating: 0, count: parts * Self.words) }

    @inline(__always)
    mutating func add(_ score: Double, part: Int, at index: Int) {
        scores[index] += score
        marks[part * Self.words + index >> 6] |= 1 << UInt64(index & 63)
    }

    /// Hands out the documents that are what is demanded, in their order, and forgets all.
    mutating func take(_ demands: SearchDemands, _ body: (Int, Double) -> Void) {
        for word in 0..<Self.words {
            var wanted = candidates(demands, word)
            while wanted != 0 {
                let bit = wanted.trailingZeroBitCount
                wanted &= wanted &- 1
                if demands.minimum <= 1 || count(demands.optional, word, bit) >= demands.minimum {
                    body(word << 6 | bit, scores[word << 6 | bit])
                }
            }
        }
        for index in scores.indices { scores[index] = 0 }
        for index in marks.indices { marks[index] = 0 }
    }

    private func candidates(_ demands: SearchDemands, _ word: Int) -> UInt64 {
        var bits: UInt64 = 0
        if demands.required.isEmpty || demands.minimum > 0 {
            for part in demands.optional { bits |= mark(part, word) }
        } else {
            bits = .max
        }
        for part in demands.required { bits &= mark(part, word) }
        for part in demands.excluded { bits &= ~mark(part, word) }
        return bits
    }

    private func count(_ parts: [Int], _ word: Int, _ bit: Int) -> Int {
        parts.count { mark($0, word) >> UInt64(bit) & 1 == 1 }
    }

    /// A part that the run does not have has no marks.
    private func mark(_ part: Int, _ word: Int) -> UInt64 {
        let place = part * Self.words + word
        return place < marks.count ? marks[place] : 0
    }
}
