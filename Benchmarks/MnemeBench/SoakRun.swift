// The threads of the soak, what they count, and the verdict on what the process takes.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import Synchronization

/// A long mixed load on one store.
struct SoakRun {
    let place: BenchmarkStore
    /// How many passages there are, about.
    let count: Int
    /// Calls a second of each thread at most.
    let rate: Int
    let seconds: Double
    private let passages = Passages(StoreRecords(valueByteCount: StoreRecords.bytesBesideText))
    private let counts = SoakCounts()

    /// Times that figures are taken: enough for medians of quarters.
    private static let samples = 240

    init(place: BenchmarkStore, count: Int, rate: Int, seconds: Double) {
        self.place = place
        self.count = count
        self.rate = rate
        self.seconds = seconds
    }

    /// Runs it all.
    ///
    /// - Throws: `Failure` when the store is wrong in the end or something grew; what a call threw.
    func run(lines: Int, _ report: ([(String, Figure)]) -> Void) throws {
        let memory = try place.open()
        try memory.define(Passages.schema)
        for first in stride(from: 0, to: count, by: 1000) {
            let changes = (first..<min(first + 1000, count)).map { passages.put($0) }
            _ = try memory.commit(changes, .buffered)
        }
        let crew = try start(memory)
        var watch = SoakWatch(samples: Self.samples)
        let begin = Ticks.now()
        var (line, calls) = (0, 0)
        for sample in 1...Self.samples {
            let due = begin + Int64(Double(sample) / Double(Self.samples) * seconds * 1e9)
            while Ticks.now() < due, counts.failure == nil { usleep(20_000) }
            if let failure = counts.failure {
                crew.end()
                throw failure
            }
            watch.add(ProcessFigures.now())
            guard sample * lines / Self.samples > line else { continue }
            line = sample * lines / Self.samples
            report(figures(line, watch, try memory.statistics(), calls, seconds / Double(lines)))
            calls = counts.total
        }
        crew.end()
        if let failure = counts.failure { throw failure }
        try check(memory)
        if let growth = watch.growth { throw Failure("\(growth) The soak has failed.") }
        note("nothing grew, and the store is as it should be")
    }

    private func check(_ memory: Memory) throws {
        note("verifying the store")
        let findings = try memory.verify().findings
        try memory.close()
        let again = try place.open()
        let after = try again.verify().findings
        try again.close()
        guard let finding = (findings + after).first else { return }
        throw Failure("The store is wrong: \(finding)")
    }

    private func figures(
        _ line: Int,
        _ watch: SoakWatch,
        _ statistics: Statistics,
        _ calls: Int,
        _ seconds: Double
    ) -> [(String, Figure)] {
        let now = ProcessFigures.now()
        return [
            ("event", .word("soak")), ("line", .count(line)),
            ("callsPerSecond", .rate(Double(counts.total - calls) / seconds)),
            ("anonymousBytes", .count(now.anonymousBytes)), ("fileBytes", .count(now.fileBytes)),
            ("openFiles", .count(now.openFiles)), ("threads", .count(now.threads)),
            ("diskBytes", .count(place.byteCount)), ("logBytes", .count(statistics.logBytes)),
            ("pageBytes", .count(statistics.pageBytes)),
            ("freePageBytes", .count(statistics.freePageBytes)),
            ("residentPageBytes", .count(statistics.residentPageBytes)),
        ]
    }

    // MARK: Threads

    private func start(_ memory: Memory) throws -> SoakCrew {
        let crew = SoakCrew(counts)
        for thread in 0..<4 {
            let worker = SoakWorker(memory, passages, count, thread)
            crew.repeating(every: 1 / Double(rate)) { try worker.step() }
        }
        let backup = place.scratch + "/backup"
        let pause = max(1, seconds / 40)
        crew.repeating(every: pause) { try memory.checkpoint() }
        crew.repeating(every: 2 * pause) {
            try? FileManager.default.removeItem(atPath: backup)
            try memory.backup(to: backup)
        }
        return crew
    }
}

/// What was done, and what failed first.
final class SoakCounts: Sendable {
    private let calls = Atomic(0)
    private let first = Mutex<(any Error)?>(nil)

    var total: Int { calls.load(ordering: .relaxed) }
    var failure: (any Error)? { first.withLock { $0 } }

    func add() { calls.add(1, ordering: .relaxed) }

    func note(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
}

/// Threads that repeat something until the end.
final class SoakCrew: Sendable {
    private let counts: SoakCounts
    private let isOver = Atomic(false)
    private let running = DispatchGroup()

    init(_ counts: SoakCounts) { self.counts = counts }

    /// Repeats `work` on a thread of its own, at most once in so many seconds.
    func repeating(every seconds: Double, _ work: @escaping @Sendable () throws -> Void) {
        running.enter()
        let thread = Thread { [self] in
            var due = Ticks.now()
            while !isOver.load(ordering: .relaxed), counts.failure == nil {
                guard Ticks.now() >= due else {
                    usleep(UInt32(min(20_000, max(1, (due - Ticks.now()) / 1000))))
                    continue
                }
                due = max(due, Ticks.now() - 1_000_000_000) + Int64(seconds * 1e9)
                do {
                    try work()
                    counts.add()
                } catch {
                    counts.note(error)
                }
            }
            running.leave()
        }
        thread.start()
    }

    /// Has all threads end.
    func end() {
        isOver.store(true, ordering: .relaxed)
        running.wait()
    }
}
