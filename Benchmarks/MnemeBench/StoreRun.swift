// The steps of the store benchmark, in their order: ingest, reads, commits, reopening, disk.

internal import Glibc
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// One run over one store.
struct StoreRun {
    let place: BenchmarkStore
    private(set) var memory: Memory
    let maker: StoreRecords
    /// How many records are ingested.
    let count: Int
    let passes: Passes
    /// The number of the next record to be made.
    private var next = 0
    /// How many records there are by now.
    private var stored = 0
    private let device: DeviceFigures?
    private var ingestWritten = 0
    private var commitWritten = 0

    /// Batches that are made ahead of time: making records is not measured, and as it is seldom,
    /// the store's work behind gets no rest by it.
    var batchesAhead = 50

    /// A run over a store with an empty collection.
    init(
        place: BenchmarkStore,
        memory: Memory,
        maker: StoreRecords,
        count: Int,
        passes: Passes
    ) {
        self.place = place
        self.memory = memory
        self.maker = maker
        self.count = count
        self.passes = passes
        device = DeviceFigures(of: place.scratch)
    }

    /// Defines the collection.
    func define() throws { try memory.define(StoreRecords.schema) }

    // MARK: Writes

    /// Measures the disk's data sync, now, on the store's file system.
    func control(count: Int) throws -> [(String, Figure)] {
        let latencies = try SyncControl.measure(in: place.scratch, count: count)
        let percentiles = latencies.microseconds(50, 99)
        return [
            ("event", .word("control")), ("syncs", .count(count)),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
        ]
    }

    /// Ingests all records.
    mutating func ingest(batch: Int) throws -> [(String, Figure)] {
        var meter = ProgressMeter("ingest", unit: "records", total: count)
        defer { meter.finish() }
        var latencies = Latencies()
        let written = writtenBytes
        while stored < count {
            let end = min(stored + batch * batchesAhead, count)
            let batches = stride(from: stored, to: end, by: batch).map { first in
                (first..<min(first + batch, end)).map { maker.put($0) }
            }
            for changes in batches {
                _ = try latencies.time { try memory.commit(changes, place.durability) }
                stored += changes.count
                meter.advance(to: stored)
            }
        }
        next = stored
        let checkpoint = try Ticks.seconds { try memory.checkpoint() }
        ingestWritten = writtenBytes - written
        let seconds = Double(latencies.nanoseconds.reduce(0, +)) * 1e-9
        let percentiles = latencies.microseconds(50, 99)
        return [
            ("event", .word("ingest")), ("records", .count(stored)), ("batch", .count(batch)),
            ("seconds", .seconds(seconds)), ("recordsPerSecond", .rate(Double(stored) / seconds)),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
            ("checkpointSeconds", .seconds(checkpoint)),
            ("writeAmplification", amplification(ingestWritten, count)),
        ]
    }

    /// Commits one record at a time on so many threads, until they are all there or the time is up.
    mutating func commit(
        clients: Int,
        commits: Int,
        seconds limit: Int
    ) throws -> [(String, Figure)] {
        let each = max(1, commits / clients)
        let changes = (next..<next + each * clients).map { maker.put($0) }
        next += changes.count
        let board = Board()
        let (memory, durability) = (memory, place.durability)
        let written = writtenBytes
        let end = Ticks.now() + Int64(limit) * 1_000_000_000
        let seconds = try Ticks.seconds {
            try Crew.run(clients) { client in
                var own = Latencies(capacity: each)
                for change in changes[client * each..<(client + 1) * each] {
                    _ = try own.time { try memory.commit([change], durability) }
                    if Ticks.now() >= end { break }
                }
                board.add(own)
            }
        }
        let latencies = board.latencies
        let done = latencies.nanoseconds.count
        stored += done
        try memory.checkpoint()
        let bytes = writtenBytes - written
        commitWritten += bytes
        let percentiles = latencies.microseconds(50, 99, 100)
        return [
            ("event", .word("commit")), ("clients", .count(clients)), ("commits", .count(done)),
            ("commitsPerSecond", .rate(Double(done) / seconds)),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
            ("maximumMicroseconds", .microseconds(percentiles[2])),
            ("writeAmplification", amplification(bytes, done)),
            ("durability", .word(durability.rawValue)),
        ]
    }

    // MARK: Reads

    /// The questions to the store, whose records must still be those of the ingest.
    func questions() throws(MnemeError) -> StoreQuestions {
        try StoreQuestions(memory: memory, maker: maker, recordCount: count)
    }

    // MARK: The end

    /// Closes, opens and reads a first record, as often as there are passes.
    mutating func reopen() throws -> [(String, Figure)] {
        var opened: [Double] = []
        var answered: [Double] = []
        for pass in 0..<passes.count {
            try memory.close()
            let start = Ticks.now()
            memory = try place.open(MemoryOptions.withoutEmbedder)
            opened.append(Double(Ticks.now() - start) / 1000)
            let key = StoreRecords.key(pass * 37 % count)
            let record = try memory.get(Reference(StoreRecords.collection, key))
            answered.append(Double(Ticks.now() - start) / 1000)
            guard record != nil, try memory.statistics().records.values.reduce(0, +) == stored
            else { throw Failure("Records are missing after opening. The store is wrong.") }
        }
        return [
            ("event", .word("reopen")), ("openMicroseconds", .microseconds(median(opened))),
            ("firstGetMicroseconds", .microseconds(median(answered))), ("records", .count(stored)),
        ]
    }

    /// Closes the store and counts the bytes of its files.
    mutating func disk() throws -> [(String, Figure)] {
        try memory.close()
        let bytes = place.byteCount
        let logical = stored * maker.valueByteCount
        return [
            ("event", .word("disk")), ("bytes", .count(bytes)), ("logicalBytes", .count(logical)),
            ("bytesPerLogicalByte", .share(Double(bytes) / Double(logical))),
            ("writeAmplification", amplification(ingestWritten, count)),
            ("commitWriteAmplification", amplification(commitWritten, stored - count)),
            ("text", .word(maker.source)),
        ]
    }

    /// Bytes written to the device so far, with what the system still held back.
    private var writtenBytes: Int {
        guard let device else { return 0 }
        sync()
        return device.writtenBytes
    }

    private func amplification(_ bytes: Int, _ records: Int) -> Figure {
        guard device != nil, records > 0 else { return .nothing }
        return .share(Double(bytes) / Double(records * maker.valueByteCount))
    }
}
