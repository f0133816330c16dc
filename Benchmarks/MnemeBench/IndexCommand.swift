// `mneme-bench index`: an index comes to a collection with many records while others write: how
// long it takes, and what the writers notice of it.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import Synchronization

/// The command.
enum IndexCommand {
    private static let records = Parameter<Int>(
        option: "records",
        .int(in: 1...1_000_000_000),
        "records that are there before",
        default: 1_000_000
    )
    private static let rate = Parameter<Int>(
        option: "rate",
        .int(in: 1...1_000_000),
        "commits a second beside, of one record each",
        default: 1000
    )
    private static let threads = Parameter<Int>(
        option: "threads",
        .int(in: 1...1000),
        "threads that make them",
        default: 16
    )
    private static let seconds = Parameter<Int>(
        option: "seconds",
        .int(in: 1...3600),
        "how long the commits are measured without a build before",
        default: 5
    )

    /// The declaration.
    static let command = Command(
        "index",
        "Measures an index that is built over many records while others write",
        details: [
            "Commits are due at fixed times and are timed from then on. alone: without a build. "
                + "build: from the definition until the index is ready. control: data syncs of "
                + "the disk right after each, while the commits go on."
        ],
        parameters: [
            records.declaration, rate.declaration, threads.declaration, seconds.declaration,
        ] + BenchmarkStore.declarations,
        examples: ["index --records 1000000 --rate 1000"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let place = try BenchmarkStore(invocation)
        defer { place.remove() }
        let isSmoke = invocation[BenchmarkStore.smoke]
        let count = isSmoke ? 20_000 : invocation[records]
        let memory = try place.open(MemoryOptions.withoutEmbedder)
        try memory.define(schema([]))
        let filling = try Ticks.seconds {
            for start in stride(from: 0, to: count, by: 1000) {
                _ = try memory.commit(
                    (start..<min(start + 1000, count)).map { put($0, $0) },
                    .none
                )
            }
            try memory.checkpoint()
        }
        let report = Report("index", json: invocation[Program.json])
        report.add([
            ("event", .word("load")), ("records", .count(count)), ("seconds", .seconds(filling)),
        ])
        let writers = IndexWriters(
            memory,
            count: count,
            rate: isSmoke ? 200 : invocation[rate],
            threads: isSmoke ? 4 : invocation[threads],
            durability: place.durability
        )
        let alone = try writers.measure {
            usleep(UInt32((isSmoke ? 1 : invocation[seconds]) * 1_000_000))
            return 0
        }
        let control = try SyncControl.measure(in: place.scratch, count: isSmoke ? 50 : 500)
        report.add(line("alone", alone, control, 0))
        var besideControl = Latencies()
        let beside = try writers.measure {
            let start = Ticks.now()
            try memory.define(schema([Index("byRank", on: ["rank", "name"])]), waits: false)
            while try !memory.statistics().indexes.isEmpty {
                besideControl.add(try SyncControl.measure(in: place.scratch, count: 20))
            }
            return Double(Ticks.now() - start) * 1e-9
        }
        report.add(line("build", beside, besideControl, beside.seconds))
        // What it answers is what is there.
        let found = try memory.find(
            Find("items", where: .eq("rank", 7), limit: count, select: ["name"])
        )
        let scanned = try memory.find(
            Find("items", where: .or([.eq("rank", 7)]), limit: count, select: ["name"])
        )
        report.add([
            ("event", .word("check")), ("rows", .count(found.rows.count)),
            (
                "checked",
                .flag(
                    found.plan.contains("byRank")
                        && Set(found.rows.map(\.record.reference))
                            == Set(scanned.rows.map(\.record.reference))
                )
            ),
        ])
        report.finish()
        try memory.close()
    }

    private static func line(
        _ event: String,
        _ run: IndexWriters.Run,
        _ control: Latencies,
        _ seconds: Double
    ) -> [(String, Figure)] {
        let own = run.latencies.microseconds(50, 99, 99.9, 100)
        let sync = control.microseconds(50, 99, 100)
        return [
            ("event", .word(event)), ("seconds", .seconds(seconds)),
            ("commits", .count(run.latencies.nanoseconds.count)),
            ("p50Microseconds", .microseconds(own[0])),
            ("p99Microseconds", .microseconds(own[1])),
            ("p999Microseconds", .microseconds(own[2])),
            ("maximumMicroseconds", .microseconds(own[3])),
            ("controlP50Microseconds", .microseconds(sync[0])),
            ("controlP99Microseconds", .microseconds(sync[1])),
            ("controlMaximumMicroseconds", .microseconds(sync[2])),
        ]
    }

    private static func schema(_ indexes: [Index]) -> Schema {
        Schema(collections: [
            Collection(
                "items",
                key: .int,
                fields: [
                    Field("rank", .int), Field("name", .text), Field("text", .text),
                ],
                indexes: indexes
            )
        ])
    }

    /// Record `key` as its version `number` has it.
    static func put(_ key: Int, _ number: Int) -> Change {
        let mixed = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
        return .put(
            Put(
                "items",
                .int(Int64(key)),
                [
                    "rank": .int(Int64(mixed >> 32) % 5000),
                    "name": .text("name \(mixed % 100_003)"),
                    "text": .text("a record of some words, number \(key), version \(number)"),
                ]
            )
        )
    }
}

/// Threads that commit at a rate.
private final class IndexWriters: Sendable {
    /// What was measured.
    struct Run {
        var latencies = Latencies()
        /// What the work beside said.
        var seconds: Double = 0
    }

    private let memory: Memory
    private let count: Int
    private let rate: Int
    private let threads: Int
    private let durability: Durability
    /// The next version's number.
    private let next: Atomic<Int>

    init(_ memory: Memory, count: Int, rate: Int, threads: Int, durability: Durability) {
        self.memory = memory
        self.count = count
        self.rate = rate
        self.threads = threads
        self.durability = durability
        next = Atomic(count)
    }

    /// Commits at the rate for as long as `work` takes, which is done by this thread.
    func measure(_ work: () throws -> Double) throws -> Run {
        let round = Round(turn: Int64(1e9 / Double(rate)))
        let running = DispatchGroup()
        for _ in 0..<threads {
            running.enter()
            let thread = Thread { [self] in
                commit(round)
                running.leave()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        let seconds = Result { try work() }
        round.isOver.store(true, ordering: .relaxed)
        running.wait()
        if let failure = round.failure.withLock({ $0 }) { throw failure }
        return Run(latencies: round.latencies.withLock { $0 }, seconds: try seconds.get())
    }

    /// What one thread does.
    private func commit(_ round: Round) {
        var own = Latencies()
        do {
            while !round.isOver.load(ordering: .relaxed) {
                let due = round.nextDue()
                let left = due - Ticks.now()
                if left > 0 { usleep(UInt32(left / 1000)) }
                let number = next.add(1, ordering: .relaxed).oldValue
                // Old records are replaced, and now and then one is new.
                let key = number % 10 == 0 ? number : number &* 7919 % count
                _ = try memory.commit([IndexCommand.put(key, number)], durability)
                own.add(nanoseconds: Ticks.now() - due)
            }
        } catch {
            round.failure.withLock { $0 = $0 ?? error }
        }
        round.latencies.withLock { [own] in $0.add(own) }
    }

    /// What the threads share while something is measured.
    private final class Round: Sendable {
        let isOver = Atomic(false)
        let failure = Mutex<(any Error)?>(nil)
        let latencies = Mutex(Latencies())
        private let start = Ticks.now()
        private let turn: Int64
        private let taken = Atomic<Int64>(0)

        init(turn: Int64) { self.turn = turn }

        /// When the next commit is due.
        func nextDue() -> Int64 {
            start + taken.add(1, ordering: .relaxed).oldValue * turn
        }
    }
}
