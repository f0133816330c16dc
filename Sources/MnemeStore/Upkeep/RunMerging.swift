// How many runs the text index has: each group of commits makes one, and neighbours of like size
// become one. Small ones are merged by the writer as it goes, large ones in the background.

internal import MnemePages
internal import MnemeText

enum RunMerging {
    /// Runs of one tier are merged when there are so many.
    private static let fan = 4

    /// The tier of a run: how often its documents were merged.
    private static func tier(_ documents: Int) -> Int {
        var tier = 0
        var size = 4
        while size < documents {
            size *= fan
            tier += 1
        }
        return tier
    }

    /// Merges the newest runs as long as they are many, and have at most `limit` documents
    /// together.
    ///
    /// One that is damaged stays what it is: whoever wants its words is told.
    ///
    /// - Throws: `.inconsistent`.
    static func mergeSmall(_ runs: [StoredRun], limit: Int) throws(StoreError) -> [StoredRun] {
        var runs = runs
        while let range = newestTier(runs) {
            let documents = runs[range].reduce(0) { $0 + $1.documentCount }
            guard documents <= limit, (try? Array(runs[range]).opened()) != nil else { break }
            runs.replaceSubrange(range, with: [try merge(Array(runs[range])) { _, _ in false }])
        }
        return runs
    }

    /// Runs that are due to be merged in the background; nil when none are.
    static func due(_ runs: [StoredRun]) -> Range<Int>? { newestTier(runs) }

    /// The trailing runs that are not larger than the tier of the newest allows, when they are
    /// many.
    private static func newestTier(_ runs: [StoredRun]) -> Range<Int>? {
        var end = runs.count
        while end >= fan {
            let tier = tier(runs[end - 1].documentCount)
            var start = end
            while start > 0, self.tier(runs[start - 1].documentCount) <= tier { start -= 1 }
            if end - start >= fan { return start..<end }
            end = start
        }
        return nil
    }

    /// One run of several neighbours.
    ///
    /// `cleanThrough`: `dropping` says of everything that died up to this sequence that it did.
    /// `without`: fields whose words stay behind.
    /// - Throws: `.inconsistent` or `.pages` when one is damaged.
    static func merge(
        _ runs: [StoredRun],
        cleanThrough: UInt64 = 0,
        without: Set<UInt16> = [],
        dropping: (UInt64, UInt64) -> Bool
    ) throws(StoreError) -> StoredRun {
        let parts = try runs.opened()
        let merged: TextRun
        do throws(TextError) {
            merged = try TextRun.merge(parts, without: without, dropping: dropping)
        } catch {
            throw .inconsistent("text runs cannot be merged: \(error)")
        }
        let first = runs.first?.births.lowerBound ?? 0
        let last = runs.last?.births.upperBound ?? first
        let before = runs.map(\.cleanThrough).min() ?? 0
        return StoredRun(merged, births: first...last, cleanThrough: max(cleanThrough, before))
    }
}
