// How a log came to be what it is: what stands in it, by the instants at which it was committed.
// The steps are as wide as they have to be for so few of them; they widen while the log is read.

package import MnemeModel

/// What stands in a log, by the time of its commits.
package struct LogGrowth: Hashable, Sendable {
    /// What was committed within a while.
    package struct Step: Hashable, Sendable {
        /// Ends of batches.
        package var commits = 0
        /// Versions of records.
        package var puts = 0
        /// Ends of records.
        package var deletes = 0
        /// Edges that came.
        package var links = 0
        /// Edges that went.
        package var unlinks = 0
        /// Frames of other kinds: schemas, owners, packs of frames, and what the log has for
        /// itself.
        package var others = 0
        /// Bytes of all frames.
        package var byteCount = 0

        /// Nothing.
        package init() {}

        static func += (left: inout Step, right: Step) {
            left.commits += right.commits
            left.puts += right.puts
            left.deletes += right.deletes
            left.links += right.links
            left.unlinks += right.unlinks
            left.others += right.others
            left.byteCount += right.byteCount
        }
    }

    /// At most so many steps.
    package static let limit = 120

    private static let shortest: Int64 = 1_000_000

    /// How long a step is, in microseconds.
    package private(set) var width = shortest
    /// By number; a number times the width is when a step begins.
    private var byNumber: [Int64: Step] = [:]
    /// What has no time.
    package private(set) var timeless = Step()
    private var bounds: ClosedRange<Int64>?

    /// Nothing.
    package init() {}

    /// The steps from the first to the last, those in which nothing happened too.
    package var steps: [(start: Instant, step: Step)] {
        guard let bounds else { return [] }
        return bounds.map {
            (Instant(microseconds: $0 * width), byNumber[$0] ?? Step())
        }
    }

    /// All together.
    package var total: Step {
        byNumber.values.reduce(into: timeless) { $0 += $1 }
    }

    /// Counts what happened at an instant; 0 and less is none.
    ///
    /// - Complexity: O(1) amortized.
    package mutating func note(_ step: Step, at time: Int64) {
        guard time > 0 else { return timeless += step }
        let number = time / width
        let reached = bounds.map { min($0.lowerBound, number)...max($0.upperBound, number) }
        bounds = reached ?? number...number
        byNumber[number, default: Step()] += step
        while let bounds, bounds.count > Self.limit { widen(bounds) }
    }

    private mutating func widen(_ old: ClosedRange<Int64>) {
        var wider: [Int64: Step] = [:]
        for (number, step) in byNumber { wider[number / 2, default: Step()] += step }
        byNumber = wider
        width *= 2
        bounds = (old.lowerBound / 2)...(old.upperBound / 2)
    }
}
