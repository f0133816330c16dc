// What opening takes after a process was killed by SIGKILL in the middle of its commits: until the
// first record, the first answer to words and the first nearest records. Every kill hits a process
// of its own, this program with `--write-from`.

internal import Foundation
internal import Glibc
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Kills writers of one store and opens it.
struct KilledRun {
    let place: BenchmarkStore
    let passages: Passages
    /// How many passages are put before the first kill.
    let count: Int
    /// The longest time that a writer has.
    let seconds: Double
    private var next: Int

    /// A run over a closed store.
    init(place: BenchmarkStore, passages: Passages, count: Int, seconds: Double) {
        self.place = place
        self.passages = passages
        self.count = count
        self.seconds = seconds
        next = count
    }

    /// Puts the passages, and ends with a clean close.
    func fill(batch: Int) throws -> [(String, Figure)] {
        let memory = try place.open(MemoryOptions.withoutEmbedder)
        try memory.define(Passages.schema)
        var meter = ProgressMeter("passages", unit: "records", total: count)
        defer { meter.finish() }
        var latencies = Latencies()
        for first in stride(from: 0, to: count, by: batch) {
            let changes = (first..<min(first + batch, count)).map { passages.put($0) }
            _ = try latencies.time { try memory.commit(changes, place.durability) }
            meter.advance(to: first + changes.count)
        }
        let closing = try Ticks.seconds { try memory.close() }
        let seconds = Double(latencies.nanoseconds.reduce(0, +)) * 1e-9
        return [
            ("event", .word("passages")), ("records", .count(count)),
            ("recordsPerSecond", .rate(Double(count) / seconds)),
            ("closeSeconds", .seconds(closing)),
        ]
    }

    /// Commits one to a hundred passages at a time until this process is killed.
    static func write(into place: BenchmarkStore, _ passages: Passages, from first: Int) throws {
        let memory = try place.open(MemoryOptions.withoutEmbedder)
        var next = first
        while true {
            for size in [1, 1, 1, 10, 100] {
                let changes = (next..<next + size).map { passages.put($0) }
                _ = try memory.commit(changes, place.durability)
                next += size
                StandardStreams.writeOutput("\(next)\n")
            }
        }
    }

    /// Has so many writers killed, one after another, and opens the store after each.
    ///
    /// - Throws: `Failure` where an acknowledged passage is missing or an answer is wrong.
    mutating func kill(times: Int) throws -> [[(String, Figure)]] {
        var times = (0..<times).map { _ in Times() }
        let chance = SeededRandomness(seed: 5)
        for index in times.indices {
            let written = try killWriter(after: seconds * Double(1 + chance.below(100)) / 100)
            times[index] = try open(written)
            times[index].written = written - next
            next = written
        }
        return [
            Self.line("median", times.map(\.written), times.map(\.steps)) { median($0) },
            Self.line("maximum", times.map(\.written), times.map(\.steps)) { $0.max() ?? 0 },
        ]
    }

    /// What one opening took, in microseconds.
    private struct Times {
        var written = 0
        /// Opening, and then each first answer.
        var steps: [Double] = []
    }

    private static func line(
        _ name: String,
        _ written: [Int],
        _ steps: [[Double]],
        _ figure: ([Double]) -> Double
    ) -> [(String, Figure)] {
        func step(_ index: Int) -> Figure { .microseconds(figure(steps.map { $0[index] })) }
        return [
            ("event", .word("killed")), ("of", .word(name)), ("kills", .count(steps.count)),
            ("recordsWritten", .count(Int(figure(written.map(Double.init))))),
            ("openMicroseconds", step(0)), ("getMicroseconds", step(1)),
            ("matchMicroseconds", step(2)), ("nearMicroseconds", step(3)),
            ("untilAllMicroseconds", .microseconds(figure(steps.map { $0.reduce(0, +) }))),
        ]
    }

    /// Starts a writer and kills it; the number of the first passage that it did not acknowledge.
    private func killWriter(after seconds: Double) throws -> Int {
        let writer = Process()
        let output = Pipe()
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        writer.executableURL = URL(fileURLWithPath: program)
        writer.arguments =
            ["store", "--store", place.path, "--write-from", "\(next)"]
            + ["--durability", place.durability.rawValue]
        writer.standardOutput = output
        try writer.run()
        let handle = output.fileHandleForReading
        // It writes from its first line on; the pipe holds less than it says.
        var said = Array(handle.availableData)
        let end = Ticks.now() + Int64(seconds * 1e9)
        while Ticks.now() < end, writer.isRunning { said += Array(handle.availableData) }
        Glibc.kill(writer.processIdentifier, SIGKILL)
        said += Array((try? handle.readToEnd()) ?? Data())
        writer.waitUntilExit()
        guard writer.terminationReason == .uncaughtSignal else {
            throw Failure("The writer ended by itself, with status \(writer.terminationStatus).")
        }
        // The last line may be cut short.
        let lines = said.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = lines.dropLast().last.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard let last else { throw Failure("The writer said nothing. It has not written.") }
        return last
    }

    /// Reads what the opening may read, so that the page cache is warm.
    ///
    /// The system lets go of what nobody has looked at for a while. The newest segments are what
    /// the writer has just written.
    private func warm() throws {
        let files = FileManager.default
        let log = place.path + "/log"
        let segments = try files.contentsOfDirectory(atPath: log).sorted().dropLast(2)
        for path in [place.path + "/pages"] + segments.map({ log + "/" + $0 }) {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {}
            try file.close()
        }
    }

    private func open(_ written: Int) throws -> Times {
        try warm()
        var times = Times()
        func step<Answer>(_ work: () throws -> Answer) rethrows -> Answer {
            let start = Ticks.now()
            let answer = try work()
            times.steps.append(Double(Ticks.now() - start) / 1000)
            return answer
        }
        let memory = try step { try place.open(MemoryOptions.withoutEmbedder) }
        let number = written - 1
        let record = try step { try memory.get(Passages.reference(number)) }
        let words = try step { try memory.find(passages.find(number, byWords: true)) }
        let near = try step { try memory.find(passages.find(number, byWords: false)) }
        let key = StoreRecords.key(number)
        guard record != nil, !words.rows.isEmpty, near.rows.first?.record.reference.key == key
        else { throw Failure("Passage \(number) was acknowledged and is not found.") }
        try memory.close()
        return times
    }
}
