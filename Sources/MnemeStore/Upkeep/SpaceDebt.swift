// What the log holds beyond what is needed, and what follows from it, as pure functions of the
// sizes. Up to a comfortable debt, compaction is as courteous as it can be; from there to halfway
// it comes to be as fast as it may, and from halfway to the bound commits come to be slower. There
// is no step anywhere.

internal import MnemeBase

/// Bytes of the log that nobody needs, against those that are needed.
struct SpaceDebt: Equatable, Sendable {
    /// Bytes of frames that count, at most.
    var liveBytes: Int
    /// Bytes of segments beside those, but for what readers or backups hold, and for the room that
    /// stands ready.
    var idleBytes: Int
    /// Of the largest segment.
    var segmentBytes: Int

    /// What segments of which less is idle than would be worth while come to, and two more.
    private var comfortable: Double { Double(liveBytes) + 2 * Double(segmentBytes) }
    /// The log then has three times what is needed, and six segments.
    private var most: Double { 2 * Double(liveBytes) + 6 * Double(segmentBytes) }

    /// How far it has come from the comfortable debt, 0, to the bound, 1; more beyond.
    var level: Double {
        max(0, (Double(idleBytes) - comfortable) / max(most - comfortable, 1))
    }

    /// How many bytes a second are compacted, of `most`: the more of the log is idle the more, and
    /// all of it where half of it is, or the debt presses.
    func rate(most: Int) -> Int {
        let share = 2 * Double(idleBytes) / Double(max(liveBytes + idleBytes, 1))
        return Int(Double(most) * min(1, max(share, 1.0 / 16, Self.urgency(at: level))))
    }

    /// How much of the restraint of compaction is given up at a level, 0 … 1.
    static func urgency(at level: Double) -> Double { min(1, 2 * level) }

    /// How much commits are held up at a level: 0 not at all, 1 as much as they may be.
    static func strain(at level: Double) -> Double { min(1, max(0, 2 * level - 1)) }

    /// Bytes a second that may be committed halfway between no strain and the most.
    private static let usualRate = Double(32 << 20)

    /// How long so many bytes are to take under a strain.
    ///
    /// Never longer than `longestDelay`: nobody waits for good, whatever becomes of the debt.
    static func delay(_ byteCount: Int, strain: Double) -> Microseconds {
        guard strain > 0 else { return 0 }
        let longest = longestDelay(byteCount)
        guard strain < 1 else { return longest }
        let time = Double(byteCount) * 1_000_000 / usualRate * strain / (1 - strain)
        return time < Double(longest) ? Microseconds(time) : longest
    }

    /// The longest that a commit of so many bytes is held up: 50 ms, and more for large ones, up to
    /// a second.
    static func longestDelay(_ byteCount: Int) -> Microseconds {
        min(1_000_000, 50_000 + Microseconds(byteCount) * 1_000_000 / (4 << 20))
    }
}
