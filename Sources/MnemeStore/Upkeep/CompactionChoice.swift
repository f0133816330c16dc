// Which segments compaction writes again next, as a pure function of what is known of all. In this
// order: those of which much is not needed, or some for too long; where deletes take too much of
// the log, those that hold them or stand in the way of their going; small ones together.
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
    var isCold: Bool
    /// Bytes of its file.
    var byteCount: Int
    /// What is not needed of it.
    var dead: DeadBytes?
    /// How many deletes and unlinks it holds.
    var ends = 0
    /// Up to which sequence nothing is left in it that a delete could end.
    var settles: UInt64 = .max

    /// Of its bytes, those that are not needed.
    var share: Double { Double(dead?.byteCount ?? 0) / Double(max(byteCount, 1)) }
    var liveBytes: Int { max(0, byteCount - Int(clamping: dead?.byteCount ?? 0)) }
    /// Bytes of its deletes and unlinks.
    var endBytes: Int { ends * PlannedDelete.frameSize }
    /// Of its bytes, those of deletes and unlinks.
    var endShare: Double { Double(endBytes) / Double(max(byteCount, 1)) }
    /// Bytes of its file behind the header.
    var contentBytes: Int { byteCount - SegmentSize.header }
    /// Whether hardly anything is in it.
    var isBare: Bool { isCold && byteCount <= 2 * SegmentSize.header }
}

/// The choice among all sealed segments.
struct CompactionChoice {
    /// In order.
    let candidates: [CompactionCandidate]
    /// A segment is worth it when so much of it is not needed; half as much of the log may be
    /// deletes.
    let share: Double
    let largestSegment: Int
    /// Bytes of deletes that are left in peace, however small the log is.
    let fewEndBytes: Int
    /// The last sequence of a candidate; nil where it cannot be read.
    let lastSequence: (CompactionCandidate) -> UInt64?

    /// Neighbours that are merged, at least.
    private static let fewest = 4

    /// The segments to write again next, which are neighbours; nil where there are none.
    ///
    /// What came to be not needed up to `dueAt` is due, whatever it is worth.
    ///
    /// - Complexity: O(candidates · segments that one of the largest holds).
    func next(_ dueAt: Microseconds) -> ClosedRange<UInt64>? {
        (worthwhile(dueAt) ?? withEnds ?? small).map { range in
            candidates[range.lowerBound].segments
                .lowerBound...candidates[range.upperBound].segments.upperBound
        }
    }

    /// Those of which enough is not needed.
    private func worthwhile(_ dueAt: Microseconds) -> ClosedRange<Int>? {
        let gains = gains
        let due = candidates.indices.filter { index in
            if gains[index] >= share { return true }
            guard let dead = candidates[index].dead else { return false }
            return dead.byteCount > 0 && dead.since <= dueAt
        }
        guard let first = due.max(by: { gains[$0] < gains[$1] }) else { return nil }
        return grown(first) { _ in false }
    }

    /// What goes of each when it is written again, of its bytes: what is not needed, and deletes
    /// where nothing before it holds them back.
    private var gains: [Double] {
        var settled = candidates.first?.segments.lowerBound == 1 ? UInt64.max : 0
        return candidates.indices.map { index in
            let candidate = candidates[index]
            if index > 0, !follow((index - 1)...index) { settled = 0 }
            let goes =
                candidate.ends > 0 && settled > 0
                && (settled == .max || lastSequence(candidate).map { $0 <= settled } ?? false)
            settled = min(settled, candidate.settles)
            return candidate.share + (goes ? candidate.endShare : 0)
        }
    }

    /// Those that deletes are to go from, or that are in the way of that.
    private var withEnds: ClosedRange<Int>? {
        let all = candidates.reduce(0) { $0 + $1.byteCount }
        let ends = candidates.reduce(0) { $0 + $1.endBytes }
        guard ends > fewEndBytes, Double(ends) > share / 2 * Double(all),
            // There is one, as all of them together have twice as much.
            let target = candidates.firstIndex(where: { $0.endShare > share / 4 }),
            follow(0...target), candidates[0].segments.lowerBound == 1,
            let last = lastSequence(candidates[target])
        else { return nil }
        func isInTheWay(_ index: Int) -> Bool {
            index < target && candidates[index].settles < last
        }
        return grown(candidates.indices.first(where: isInTheWay) ?? target, isInTheWay)
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
        var (range, live) = (first...first, candidates[first].liveBytes)
        func takes(_ index: Int, beside other: Int) -> Bool {
            guard candidates.indices.contains(index) else { return false }
            let candidate = candidates[index]
            guard
                candidate.share >= share / 2 || candidate.endShare > share / 4
                    || candidate.isBare || isWanted(index),
                live + candidate.liveBytes <= largestSegment,
                follow(min(index, other)...max(index, other))
            else { return false }
            live += candidate.liveBytes
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
