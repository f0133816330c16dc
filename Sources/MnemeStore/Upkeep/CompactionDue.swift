// Who compacts, and how hard. As long as the debt of space is a comfortable one, the thread of the
// upkeep does it, at the lowest priority: nobody notices, and where both cores are busy it may
// stand still. What rises then is the debt; and where it presses, a thread of a better priority
// takes the work over, slice by slice, as fast and with as few rests as the debt says. A thread
// cannot raise its own priority, so that they are two; there is one compaction, whose state
// `Store.compacting` guards. The ramps: SpaceDebt.swift.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// The debt of space as it was seen last, for any thread.
final class SpaceGauge: Sendable {
    private let levelBits = Atomic<UInt64>(0)
    /// Bytes of segments that are needed no more but for readers or backups.
    private let kept = Atomic<Int>(0)
    /// Whether compaction goes on: nobody waits for what does not come.
    private let isPaid = Atomic(true)
    /// Where the log stood at the last look, in steps of 8 MiB.
    private let mark = Atomic<UInt64>(0)

    /// As `SpaceDebt.level`.
    var level: Double { Double(bitPattern: levelBits.load(ordering: .relaxed)) }
    /// Whether compaction is not to wait until nobody else wants the processors.
    var isPressing: Bool { level > 0 }
    /// How much of the restraint of compaction is given up, 0 … 1.
    var urgency: Double { SpaceDebt.urgency(at: level) }
    /// How much commits are held up, 0 … 1.
    var strain: Double {
        isPaid.load(ordering: .relaxed) ? SpaceDebt.strain(at: level) : 0
    }
    /// As it was noted last.
    var keptBytes: Int { kept.load(ordering: .relaxed) }

    func set(_ debt: SpaceDebt) {
        levelBits.store(debt.level.bitPattern, ordering: .relaxed)
    }

    func noteKept(_ byteCount: Int) { kept.store(byteCount, ordering: .relaxed) }

    func notePaid(_ isPaid: Bool) { self.isPaid.store(isPaid, ordering: .relaxed) }

    /// Whether so much was written since the last look that another is due, which is the caller's.
    func takesLook(at place: LogPlace) -> Bool {
        let now = UInt64(place.segment) << 8 | UInt64(place.offset >> 23)
        let before = mark.load(ordering: .relaxed)
        guard now != before else { return false }
        return mark.compareExchange(expected: before, desired: now, ordering: .relaxed).exchanged
    }
}

extension Store {
    /// Above that of the work that nobody waits for, below that of commits.
    private static let compactionNiceness: Int32 = 5

    /// The debt now.
    ///
    /// - Complexity: O(segments · log segments).
    var spaceDebt: SpaceDebt {
        let state = newest.state
        let (written, sizes) = log.sizes
        // What complete cold segments stand for is on its way out; they do not overlap.
        let complete = Set(state.roots.cold.filter(\.isComplete).map(\.number))
        let covered = complete.compactMap { log.coldRun($0)?.segments }
            .sorted { $0.lowerBound < $1.lowerBound }
        var (live, run) = (0, 0)
        for (number, byteCount) in sizes.sorted(by: { $0.number < $1.number }) {
            if SegmentNumber.isCold(number) {
                guard complete.contains(number) else { continue }
            } else {
                while run < covered.count, covered[run].upperBound < number { run += 1 }
                if run < covered.count, covered[run].contains(number) { continue }
            }
            let dead = state.roots.dead[number]?.byteCount ?? 0
            live += max(0, byteCount - Int(clamping: dead))
        }
        return SpaceDebt(
            liveBytes: live,
            idleBytes: max(0, written - live - space.keptBytes),
            segmentBytes: options.logLimits.largestSegment
        )
    }

    /// Looks at the debt, and has the thread that is to pay it do so.
    func noteDebt() {
        space.set(spaceDebt)
        if space.isPressing { compactionGate.open() }
    }

    /// Whether the upkeep leaves compaction to the thread beside it.
    var leavesCompaction: Bool {
        space.isPressing && upkeepState.withLock { $0.hasCompactionThread }
    }

    /// Starts the thread that compacts where the debt presses.
    func startCompaction() {
        upkeepState.withLock { $0.hasCompactionThread = true }
        BackgroundThread.start(niceness: Self.compactionNiceness) { [weak self, compactionGate] in
            var pause = Self.longestPause
            while true {
                _ = compactionGate.wait(atMost: pause)
                guard let self else { return }
                if self.upkeepState.withLock({ $0.isStopping }) {
                    self.compactionStoppedGate.open()
                    return
                }
                // Also what only time changes: readers and backups that have ended.
                self.compacting.withLockIfAvailable { self.noteKept($0) }
                self.noteDebt()
                pause =
                    self.space.isPressing
                    ? min(self.compactionPause(), Self.longestPause) : Self.longestPause
            }
        }
    }

    /// Goes on with compaction where a slice is due; how long to wait for the next.
    func compactionPause() -> Microseconds {
        // What fails is met again by the next round, and kept for the statistics there.
        (try? compact() ?? Self.longestPause) ?? Self.longestPause
    }

    /// Notes what is kept of segments on their way out by readers and backups; they go in order.
    func noteKept(_ state: CompactionState) {
        let held = state.retirement?.numbers.filter(log.holds.isHeld) ?? []
        let behind = held.isEmpty ? state.retiring.drop { $0.lease == nil } : state.retiring[...]
        let numbers = held + behind.flatMap { log.retirement(of: $0.run).numbers }
        space.noteKept(numbers.reduce(0) { $0 + log.byteCount(of: $1) })
    }
}
