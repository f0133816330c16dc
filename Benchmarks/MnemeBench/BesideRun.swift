// What commits take beside work that moves bytes: one record at a time, each waited for, alone and
// then while checkpoints, a backup or a compaction go on without a rest.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import Synchronization

/// Commits beside other work.
struct BesideRun {
    /// What goes on beside the commits.
    enum Load: String, CaseIterable {
        /// Nothing that was asked for.
        case nothing
        /// Records are replaced, ten a commit, 800 commits a second, without waiting for the disk:
        /// checkpoints and compactions come of it by themselves.
        case writes
        /// The same, and one checkpoint after another.
        case checkpoints
        /// One full backup after another, every byte copied.
        case backups
        /// Records are replaced as above and deleted, and what that leaves is written again, one
        /// compaction after another.
        case compaction
    }

    let place: BenchmarkStore
    let memory: Memory
    let maker: StoreRecords
    /// How many records there are, all of which may be replaced.
    let count: Int
    /// How long commits are measured under each load.
    let seconds: Double

    /// Measures commits under a load, then the disk's data sync under the same.
    ///
    /// `first`: the number of the next record to be made. `alone`: the percentiles without a load.
    func measure(
        _ load: Load,
        from first: inout Int,
        _ alone: inout (commit: Double, control: Double)?
    ) throws -> [(String, Figure)] {
        let worker = Worker(self, load)
        try worker.start()
        var latencies = Latencies()
        let written = ProcessFigures.writtenBytes()
        let start = Ticks.now()
        let end = start + Int64(seconds * 1e9)
        while Ticks.now() < end {
            let changes = (first..<first + 50).map { maker.put($0) }
            first += changes.count
            for change in changes {
                _ = try latencies.time { try memory.commit([change], .synced) }
            }
        }
        let moved = ProcessFigures.writtenBytes() - written
        let lasted = Double(Ticks.now() - start) * 1e-9
        let control = try SyncControl.measure(in: place.scratch, count: 1000)
        try worker.end()
        let own = latencies.microseconds(50, 99, 100)
        let sync = control.microseconds(99)
        if load == .nothing { alone = (own[1], sync[0]) }
        let rate = Double(moved) / lasted
        return [
            ("event", .word("beside")), ("load", .word(load.rawValue)),
            ("commits", .count(latencies.nanoseconds.count)),
            ("p50Microseconds", .microseconds(own[0])), ("p99Microseconds", .microseconds(own[1])),
            ("maximumMicroseconds", .microseconds(own[2])),
            ("controlP99Microseconds", .microseconds(sync[0])),
            ("p99OverAlone", .share(own[1] / max(alone?.commit ?? 0, 1))),
            ("controlOverAlone", .share(sync[0] / max(alone?.control ?? 0, 1))),
            ("writtenMegabytesPerSecond", .rate(rate / 1e6)),
        ]
    }

    /// The threads of a load.
    private final class Worker: Sendable {
        /// From one replacing call to the next: some 20 MB of records a second.
        private static let callNanoseconds: Int64 = 1_250_000

        private let run: BesideRun
        private let load: Load
        private let isOver = Atomic(false)
        private let running = DispatchGroup()
        private let failure = Mutex<(any Error)?>(nil)

        init(_ run: BesideRun, _ load: Load) {
            self.run = run
            self.load = load
        }

        func start() throws {
            switch load {
            case .nothing: break
            case .writes: repeating(replace())
            case .checkpoints:
                repeating(replace())
                repeating { [run] in try run.memory.checkpoint() }
            case .backups:
                let directory = run.place.scratch + "/backup"
                repeating { [run] in
                    try? FileManager.default.removeItem(atPath: directory)
                    try run.memory.backup(to: directory, copies: true)
                }
            case .compaction:
                repeating(replace(deletes: true))
                repeating { [run] in _ = try run.memory.compact() }
            }
        }

        func end() throws {
            isOver.store(true, ordering: .relaxed)
            running.wait()
            try? FileManager.default.removeItem(atPath: run.place.scratch + "/backup")
            if let failure = failure.withLock({ $0 }) { throw failure }
        }

        /// Replaces records, ten a call; deletes and puts back where it `deletes`.
        private func replace(deletes: Bool = false) -> @Sendable () throws -> Void {
            let chance = SeededRandomness(seed: 21)
            let pace = Mutex(Ticks.now())
            return { [run] in
                // What is replaced is so much a second, and not all that the processors can make.
                let due = pace.withLock { next in
                    let now = max(next, Ticks.now() - Self.callNanoseconds)
                    next = now + Self.callNanoseconds
                    return now
                }
                let left = due - Ticks.now()
                if left > 0 { usleep(UInt32(left / 1000)) }
                let numbers = Set((0..<10).map { _ in chance.below(run.count) })
                if deletes, chance.below(4) == 0 {
                    let gone = numbers.map {
                        Change.delete(Reference(StoreRecords.collection, StoreRecords.key($0)))
                    }
                    _ = try run.memory.commit(gone, .buffered)
                }
                let other = chance.below(1_000_000_000)
                let puts = numbers.map { run.maker.replace($0, by: other + $0) }
                _ = try run.memory.commit(puts, .buffered)
            }
        }

        private func repeating(_ work: @escaping @Sendable () throws -> Void) {
            running.enter()
            let thread = Thread { [self] in
                do {
                    while !isOver.load(ordering: .relaxed) { try work() }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
                running.leave()
            }
            thread.start()
        }
    }
}
