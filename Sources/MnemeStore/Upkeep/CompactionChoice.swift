// Which segments compaction writes again next, as a pure function of what is known of all. In this
// order: those of which much is not needed, or some for too long; where deletes take too much of
// the log, those that hold them or stand in the way of their going; those that are to be packed;
// small ones together.
//
// A delete goes when nothing is left before it that it ends. Where older segments may still hold
// such, they are written again first, from the first on: each is judged as of a commit behind the
// delete then, and never stands in its way again. All deletes that were there go that way before a
// segment is written again for the sake of newer ones; so a byte of deletes costs at most
// 4 / `share` bytes that are written, and there is always an end. Format:
// formats/store.md#compaction.

internal import MnemeBase
internal import MnemeLog

/// A segment that could be written again.
struct CompactionCandidate {
    var segments: ClosedRange<UInt64>
    /// The commit as of which a cold one was judged; nil of another.
    ///
    /// It holds nothing that a delete up to then could end.
    var asOf: UInt64?
    /// Whether it has no frame: such a one is written again with others only.
    var isEmpty = false
    /// Bytes of its file.
    var byteCount: Int
    /// What is not needed of it.
    var dead: DeadBytes?
    /// Whether that is due to go, whatever it is worth.
    var isDue = false
    /// Bytes of its deletes and unlinks, and of its commits.
    var passing = 0
    /// Whether it is written again for the sake of taking less room, whatever is not needed of it.
    var isToPack = false

    var isCold: Bool { asOf != nil }
    /// Of its bytes, those that it does not need.
    ///
    /// Deletes are among them until they were judged.
    var share: Double { share(of: (dead.map { Int(clamping: $0.byteCount) } ?? 0) + unjudged) }
    private var unjudged: Int { isCold ? 0 : passing }
    /// Bytes of deletes that it had to keep as it was written again.
    var keptBytes: Int { passing - unjudged }
    /// Of its bytes, those.
    var keptShare: Double { share(of: keptBytes) }
    /// The most that is left of it behind the header; of a bare one, nothing worth counting.
    var contentBytes: Int {
        isBare ? 0 : max(0, byteCount - SegmentSize.header - Int(clamping: dead?.byteCount ?? 0))
    }
    /// Whether hardly anything is in it.
    var isBare: Bool { isEmpty || isCold && byteCount <= 2 * SegmentSize.header }

    private func share(of bytes: Int) -> Double { Double(bytes) / Double(max(byteCount, 1)) }
}

/// The choice among all sealed segments.
struct CompactionChoice {
    /// In order.
    let candidates: [CompactionCandidate]
    /// A segment is worth it when so much of it is not needed; half as much of the log may be
    /// deletes that were kept.
    let share: Double
    let largestSegment: Int
    /// Bytes of deletes that are kept in peace, however small the log is.
    let fewBytes: Int
    /// The last sequence of a candidate; nil where it cannot be read.
    let lastSequence: (CompactionCandidate) -> UInt64?

    /// Neighbours that are merged, at least.
    private static let fewest = 4

    /// The segments to write again next, which are neighbours; nil where there are none.
    ///
    /// - Complexity: O(candidates · segments that one of the largest holds).
    func next() -> ClosedRange<UInt64>? {
        (worthwhile ?? sweep ?? loose ?? small).map { range in
            candidates[range.lowerBound].segments
                .lowerBound...candidates[range.upperBound].segments.upperBound
        }
    }

    /// Those of which enough is not needed, or what is due.
    private var worthwhile: ClosedRange<Int>? {
        let due = candidates.indices.filter { index in
            candidates[index].share >= share || candidates[index].isDue
        }
        guard let first = due.max(by: { candidates[$0].share < candidates[$1].share }) else {
            return nil
        }
        return grown(first) { _ in false }
    }

    /// Those that deletes were kept in and are to go from, or that are in the way of that.
    private var sweep: ClosedRange<Int>? {
        let all = candidates.reduce(0) { $0 + $1.byteCount }
        let kept = candidates.reduce(0) { $0 + $1.keptBytes }
        guard kept > fewBytes, Double(kept) > share / 2 * Double(all),
            // There is one, as all of them together have twice as much.
            let target = candidates.firstIndex(where: { $0.keptShare > share / 4 }),
            follow(0...target), candidates[0].segments.lowerBound == 1,
            let last = lastSequence(candidates[target])
        else { return nil }
        func isInTheWay(_ index: Int) -> Bool {
            index < target && !candidates[index].isEmpty && (candidates[index].asOf ?? 0) < last
        }
        return grown(candidates.indices.first(where: isInTheWay) ?? target, isInTheWay)
    }

    /// Those that are to be packed.
    private var loose: ClosedRange<Int>? {
        candidates.firstIndex(where: \.isToPack).map { first in
            grown(first) { candidates[$0].isToPack }
        }
    }

    /// Small cold ones, of which none has more than the others: so each byte is merged once for
    /// each time that what it stands in doubles.
    private var small: ClosedRange<Int>? {
        for first in candidates.indices where candidates[first].isCold {
            var (sum, most) = (0, 0)
            var found: ClosedRange<Int>?
            for index in first..<candidates.endIndex {
                let candidate = candidates[index]
                sum += candidate.contentBytes
                most = max(most, candidate.contentBytes)
                guard candidate.isCold, sum + SegmentSize.header <= largestSegment,
                    index == first || follow((index - 1)...index)
                else { break }
                if index - first + 1 >= Self.fewest, 2 * most <= sum { found = first...index }
            }
            if let found { return found }
        }
        return nil
    }

    /// Whether candidates follow each other without a gap.
    private func follow(_ range: ClosedRange<Int>) -> Bool {
        range.dropFirst().allSatisfy { index in
            candidates[index].segments.lowerBound == candidates[index - 1].segments.upperBound + 1
        }
    }

    /// A candidate with its neighbours that are worth it, as long as one segment holds all.
    private func grown(_ first: Int, _ isWanted: (Int) -> Bool) -> ClosedRange<Int> {
        var range = first...first
        var live = SegmentSize.header + candidates[first].contentBytes
        func takes(_ index: Int, beside other: Int) -> Bool {
            guard candidates.indices.contains(index) else { return false }
            let candidate = candidates[index]
            guard
                candidate.share >= share / 2 || candidate.isBare || isWanted(index),
                live + candidate.contentBytes <= largestSegment,
                follow(min(index, other)...max(index, other))
            else { return false }
            live += candidate.contentBytes
            return true
        }
        while takes(range.upperBound + 1, beside: range.upperBound) {
            range = range.lowerBound...(range.upperBound + 1)
        }
        while takes(range.lowerBound - 1, beside: range.lowerBound) {
            range = (range.lowerBound - 1)...range.upperBound
        }
        return range
    }
}
