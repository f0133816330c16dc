// Rests of the work behind, for as long as it worked: on a machine with few processors and one disk
// those who commit meanwhile are not to notice it. Where nobody commits, or somebody waits for what
// the work lets go, there are none.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages
internal import Synchronization

/// Rests between slices of work, while others commit.
///
/// For one thread at a time.
final class Courtesy {
    /// So long a slice of work takes, or so many bytes of it leave for the disk.
    private static let slice: Microseconds = 500
    private static let sliceBytes = 64 << 10
    /// Bytes a second that go to the disk while others commit, at most.
    private static let bytesPerSecond = 48 << 20
    /// The longest rest.
    private static let longestRest: Microseconds = 4000

    private let clock: SteadyClock
    private let log: Log
    private let isWanted: () -> Bool
    private let share: () -> Double
    private let gate = Gate()
    private var sliceStart: Microseconds
    private var byteCount = 0
    private var end: LogPlace

    /// `isWanted` says whether the work has the time, `share` how much of a rest is taken, 0 … 1.
    init(
        _ clock: SteadyClock,
        _ log: Log,
        isWanted: @escaping () -> Bool,
        share: @escaping () -> Double = { 1 }
    ) {
        self.clock = clock
        self.log = log
        self.isWanted = isWanted
        self.share = share
        sliceStart = clock.elapsed()
        end = log.writtenPlace
    }

    /// Rests where a slice has ended; so many bytes more have left for the disk.
    func pause(_ bytes: Int) {
        byteCount += bytes
        let worked = clock.elapsed() - sliceStart
        guard worked >= Self.slice || byteCount >= Self.sliceBytes else { return }
        let written = log.writtenPlace
        if written != end, isWanted() {
            let due = Microseconds(byteCount * 1_000_000 / Self.bytesPerSecond)
            let rest = min(max(worked, due - worked), Self.longestRest)
            _ = gate.wait(atMost: Microseconds(Double(rest) * share()))
        }
        end = written
        byteCount = 0
        sliceStart = clock.elapsed()
    }
}

extension Store {
    /// Rests for work that may take its time.
    ///
    /// That is where nobody waits for pages to go, the next opening would not take too long, and
    /// the store is not being closed. There are none where the store has no threads of its own.
    var courtesy: Courtesy {
        Courtesy(clock, log) { [unowned self] in mayRest }
    }

    /// The same for compaction: the more the debt of space presses, the shorter they are.
    var compactionCourtesy: Courtesy {
        Courtesy(clock, log) { [unowned self] in
            mayRest
        } share: { [space] in
            1 - space.urgency
        }
    }

    private var mayRest: Bool {
        options.worksInBackground && pages.strain < 0.25 && !opening.isOver && !isTailTooLong
    }
}
