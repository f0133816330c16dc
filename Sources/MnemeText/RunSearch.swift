// The search in one run: windows of documents, best bounds first (MaxScore, Turtle and Flood 1995,
// over block bounds as in Ding and Suel 2011). Terms that together cannot lift a document over the
// bar are not walked through; they are asked only for documents that others have lifted near it.
//
// Scores are summed in Double from Float parts, which is exact for parts of like size: a document's
// score does not depend on the order in which its terms were met.

/// The terms of a query in one run.
struct RunSearch {
    let source: Int
    let run: TextRun
    /// Ascending local numbers of the documents in the scope.
    let ranges: [Range<UInt32>]
    var scorers: [TermScorer] = []

    private var bounds: [Double] = []
    /// Places of scorers, by ascending bound: over the whole scope, and in the current window.
    private var scopeOrder: [Int] = []
    private var windowOrder: [Int] = []
    private var accumulator = WindowAccumulator()

    init(source: Int, run: TextRun, ranges: [Range<UInt32>]) {
        self.source = source
        self.run = run
        self.ranges = ranges
    }

    /// All local numbers from the first to the last of the scope.
    var span: Range<UInt32> {
        guard let first = ranges.first, let last = ranges.last else { return 0..<0 }
        return first.lowerBound..<last.upperBound
    }

    /// Puts the run's best documents into `top`.
    mutating func search(_ top: inout TopHits, _ visible: ((UInt64, UInt64) -> Bool)?) {
        bounds.reserveCapacity(scorers.count)
        for place in scorers.indices {
            bounds.append(scorers[place].bound)
            windowOrder.append(place)
        }
        sortWindowOrder()
        scopeOrder = windowOrder
        for range in ranges { search(range, &top, visible) }
    }

    private mutating func search(
        _ range: Range<UInt32>,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        var next = range.lowerBound
        while next < range.upperBound {
            let bar = top.bar(source: source, local: next)
            let start = firstDocument(from: next, bar)
            guard start < range.upperBound else { return }
            let length = min(UInt32(WindowAccumulator.count), range.upperBound - start)
            next = start + length
            search(window: start..<next, &top, visible)
        }
    }

    /// The first document at or behind `next` that the terms needed to pass the bar may have.
    private mutating func firstDocument(from next: UInt32, _ bar: Double) -> UInt32 {
        var sum = 0.0
        var first = UInt32.max
        for place in scopeOrder {
            sum += scorers[place].bound
            if sum <= bar { continue }
            if scorers[place].cursor.local < next { return next }
            first = min(first, scorers[place].cursor.local)
        }
        return first
    }

    private mutating func search(
        window: Range<UInt32>,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        let bar = top.bar(source: source, local: window.lowerBound)
        for place in scorers.indices { bounds[place] = scorers[place].bound(in: window) }
        sortWindowOrder()
        var sum = 0.0
        var needed = 0
        while needed < windowOrder.count, sum + bounds[windowOrder[needed]] <= bar {
            sum += bounds[windowOrder[needed]]
            needed += 1
        }
        // Terms that have nothing here are no reason for an accumulator.
        while needed < windowOrder.count, bounds[windowOrder[needed]] == 0 { needed += 1 }
        if needed == windowOrder.count { return }
        if needed == windowOrder.count - 1 {
            walk(window, rest: needed, sum, &top, visible)
        } else {
            accumulate(window, from: needed, sum, &top, visible)
        }
    }

    private mutating func sortWindowOrder() {
        for index in windowOrder.indices.dropFirst() {
            var place = index
            while place > 0, bounds[windowOrder[place]] < bounds[windowOrder[place - 1]] {
                windowOrder.swapAt(place, place - 1)
                place -= 1
            }
        }
    }

    /// One term is needed: its documents are walked through, block by block.
    private mutating func walk(
        _ window: Range<UInt32>,
        rest: Int,
        _ sum: Double,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        let lead = windowOrder[rest]
        scorers[lead].cursor.seek(window.lowerBound)
        var bar = top.bar(source: source, local: window.lowerBound)
        while let score = scorers[lead].find(above: bar - sum, before: window.upperBound) {
            let local = scorers[lead].cursor.local
            offer(local, score, rest: rest, sum, bar, &top, visible)
            bar = top.bar(source: source, local: local)
            scorers[lead].cursor.advance()
        }
    }

    /// Several terms are needed: their scores are summed up for the whole window.
    private mutating func accumulate(
        _ window: Range<UInt32>,
        from needed: Int,
        _ sum: Double,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        accumulator.open()
        for place in windowOrder[needed...] {
            scorers[place].accumulate(window, into: &accumulator)
        }
        var bar = top.bar(source: source, local: window.lowerBound)
        while let (index, score) = accumulator.next(above: bar - sum) {
            let local = window.lowerBound + UInt32(truncatingIfNeeded: index)
            offer(local, score, rest: needed, sum, bar, &top, visible)
            bar = top.bar(source: source, local: local)
        }
    }

    /// Asks the terms that were left out and puts the document in if it is good enough and visible.
    private mutating func offer(
        _ local: UInt32,
        _ partial: Double,
        rest: Int,
        _ sum: Double,
        _ bar: Double,
        _ top: inout TopHits,
        _ visible: ((UInt64, UInt64) -> Bool)?
    ) {
        var score = partial
        var left = sum
        var place = rest
        while place > 0 {
            place -= 1
            let other = windowOrder[place]
            if bounds[other] == 0 { continue }
            guard score + left > bar else { return }
            left -= bounds[other]
            score += scorers[other].score(of: local)
        }
        let entry = TopHits.Entry(score: Float(score), source: source, local: local)
        guard score > 0, top.takes(entry) else { return }
        if let visible, !visible(run.ordinal(local), run.birth(local)) { return }
        top.insert(entry)
    }

    /// What each part of the query gives to some documents, `[document, part]`.
    ///
    /// - Precondition: the documents ascend.
    mutating func parts(of locals: [UInt32], count: Int) -> [[Float]] {
        var sums = [[Double]](repeating: [Double](repeating: 0, count: count), count: locals.count)
        for place in scorers.indices {
            scorers[place].cursor.rewind()
            for (index, local) in locals.enumerated() {
                sums[index][scorers[place].part] += scorers[place].score(of: local)
            }
        }
        return sums.map { $0.map { Float($0) } }
    }
}
