// The best k so far.

/// A heap of the k best documents, the worst of them on top.
///
/// Of equal scores the document that comes first by (owner, ordinal, birth) is better, wherever it
/// lies: what is found does not depend on how documents are spread over runs.
struct TopHits {
    /// A document in the heap.
    struct Entry {
        let score: Float
        let source: Int
        let local: UInt32
    }

    private(set) var entries: [Entry] = []
    private let limit: Int
    private let runs: [TextRun]

    /// A heap for `limit` documents of these runs.
    ///
    /// - Precondition: `limit > 0`.
    init(limit: Int, runs: [TextRun]) {
        self.limit = limit
        self.runs = runs
        entries.reserveCapacity(min(limit, 1_024))
    }

    /// A score that is needed to come in for a document that is at or behind `local` in `source`:
    /// scores at or below it are in vain.
    func bar(source: Int, local: UInt32) -> Double {
        guard entries.count == limit, let worst = entries.first else { return -.infinity }
        let isBehind =
            worst.source == source
            ? worst.local < local : precedes(worst, Entry(score: 0, source: source, local: local))
        return Double(isBehind ? worst.score : worst.score.nextDown)
    }

    /// Whether a document would come in.
    func takes(_ entry: Entry) -> Bool {
        guard entries.count == limit, let worst = entries.first else { return true }
        return isBetter(entry, worst)
    }

    /// Puts a document in, the worst out.
    mutating func insert(_ entry: Entry) {
        if entries.count < limit {
            entries.append(entry)
            rise(entries.count - 1)
        } else {
            entries[0] = entry
            sink()
        }
    }

    /// The documents, best first.
    func sorted() -> [Entry] { entries.sorted(by: isBetter) }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        if left.source == right.source { return left.local < right.local }
        let leftRun = runs[left.source]
        let rightRun = runs[right.source]
        let leftKey = (leftRun.owner(left.local), leftRun.ordinal(left.local))
        let rightKey = (rightRun.owner(right.local), rightRun.ordinal(right.local))
        if leftKey != rightKey { return leftKey < rightKey }
        let births = (leftRun.birth(left.local), rightRun.birth(right.local))
        return births.0 != births.1 ? births.0 < births.1 : left.source < right.source
    }

    private func isBetter(_ left: Entry, _ right: Entry) -> Bool {
        left.score != right.score ? left.score > right.score : precedes(left, right)
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard isBetter(entries[parent], entries[index]) else { return }
            entries.swapAt(parent, index)
            index = parent
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var worst = index
            let left = 2 * index + 1
            if left < entries.count, isBetter(entries[worst], entries[left]) { worst = left }
            let right = left + 1
            if right < entries.count, isBetter(entries[worst], entries[right]) { worst = right }
            if worst == index { return }
            entries.swapAt(worst, index)
            index = worst
        }
    }
}
