// What a seed makes of a store's sizes, and the bugs that are planted in it.

internal import MnemeBase
package import MnemeLog
package import MnemeModel
package import MnemePages
package import MnemeStore

/// The sizes that a workload's store has.
package struct StoreShape: Sendable {
    var smallestSegment: Int
    var largestSegment: Int
    var replayBudget: Microseconds
    var writerMergeLimit: Int
    /// Pages that need not be in memory are let go soon.
    var isShortOfMemory: Bool
    /// What stands on the disk is enciphered.
    package var isEncrypted: Bool
    /// How much of a segment is not needed when it is written again; above 1 for never.
    var compactionShare: Double
    /// Bytes of deletes that are kept in peace.
    var keptDeleteBytes = 64 << 10
    /// Indexes over more records are built behind the commits.
    var recordsAtOnce: Int
    /// From so many vectors on a field has a graph; above any count for none.
    package var graphLeast: Int
    /// Steps that the work on graphs takes in one of upkeep.
    var graphSteps: Int
    /// Bugs planted in what goes together and what is counted.
    package var storeFaults = StoreFaults()
    /// How soon what was deleted or replaced is to be gone.
    var erasureDeadline: Microseconds
    /// Whether segments are removed that the older root block leads into.
    package var retiresEarly = false
    /// Bugs planted in the log.
    package var faults = LogFaults()
    /// Bugs planted in the page file.
    package var pageFaults = PageFaults()

    /// The shape of a seed.
    package init(seed: UInt64) {
        let dice = SeededRandomness(seed: seed &* 31 &+ 7)
        smallestSegment = [8, 12, 16, 32][dice.below(4)] << 10
        largestSegment = smallestSegment << dice.below(3)
        replayBudget = [5, 20, 100, 30_000][dice.below(4)]
        writerMergeLimit = [1, 8, 1024][dice.below(3)]
        isShortOfMemory = dice.below(2) == 0
        isEncrypted = dice.below(3) == 0
        erasureDeadline = [4_000_000, 7 * 24 * 3_600_000_000][dice.below(2)]
        recordsAtOnce = [2, 4096][dice.below(2)]
        compactionShare = 2
        graphLeast = .max
        graphSteps = 1
        if dice.below(4) > 0 { compactSoon(dice) }
        if dice.below(2) == 0 { makeGraphs(dice) }
    }

    /// Makes segments end after a few commits, and be written again soon.
    mutating func compactSoon(_ dice: SeededRandomness) {
        compactionShare = [0.02, 0.3][dice.below(2)]
        keptDeleteBytes = 0
        smallestSegment = [4608, 5120, 7168][dice.below(3)]
        largestSegment = smallestSegment << dice.below(2)
    }

    /// Has a few vectors make a graph.
    mutating func makeGraphs(_ dice: SeededRandomness) {
        graphLeast = [2, 4, 8][dice.below(3)]
        graphSteps = [1, 3, 12][dice.below(3)]
    }

    /// The master key of every store that is encrypted.
    package static let masterKey = MasterKey(bytes: [UInt8](0..<32))

    /// Makes segments end after a few commits.
    mutating func shrinkSegments() {
        smallestSegment = 8 << 10
        largestSegment = 8 << 10
    }
}
