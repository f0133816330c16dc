// The steps of the store benchmark, in their order: ingest, commits, reads, reopening, disk.

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
    /// How many records there are by now.
    private var stored = 0
    private let device: DeviceFigures?
    private var ingestWritten = 0
    private var commitWritten = 0

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

    // MARK: Writes

    /// Ingests all records.
    ///
    /// Making them is not part of the time.
    mutating func ingest(batch: Int) throws -> [(String, Figure)] {
        var meter = ProgressMeter("ingest", unit: "records", total: count)
        defer { meter.finish() }
        var latencies = Latencies()
        let written = writtenBytes
        while stored < count {
            let changes = (stored..<min(stored + batch, count)).map { maker.put($0) }
            _ = try latencies.time { try memory.commit(changes, place.durability) }
            stored += changes.count
            meter.advance(to: stored)
        }
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
        ]
    }

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

    /// Commits one record at a time on so many threads.
    mutating func commit(clients: Int, commits: Int) throws -> [(String, Figure)] {
        let each = max(1, commits / clients)
        let first = stored
        let changes = (first..<first + each * clients).map { maker.put($0) }
        stored += changes.count
        let board = Board()
        let (memory, durability) = (memory, place.durability)
        let written = writtenBytes
        let seconds = try Ticks.seconds {
            try Crew.run(clients) { client in
                var own = Latencies(capacity: each)
                for change in changes[client * each..<(client + 1) * each] {
                    _ = try own.time { try memory.commit([change], durability) }
                }
                board.add(own)
            }
        }
        let bytes = writtenBytes - written
        commitWritten += bytes
        let percentiles = board.latencies.microseconds(50, 99, 100)
        return [
            ("event", .word("commit")), ("clients", .count(clients)),
            ("commitsPerSecond", .rate(Double(changes.count) / seconds)),
            ("p50Microseconds", .microseconds(percentiles[0])),
            ("p99Microseconds", .microseconds(percentiles[1])),
            ("maximumMicroseconds", .microseconds(percentiles[2])),
            ("writeAmplification", amplification(bytes, changes.count)),
            ("durability", .word(durability.rawValue)),
        ]
    }

    // MARK: Reads

    /// A kind of read.
    enum Read: String, CaseIterable {
        case get
        case getMetadata
        case newest50
        case compound50
    }

    /// Measures one kind of read on one thread.
    func read(_ kind: Read, count: Int) throws -> [(String, Figure)] {
        let chance = SeededRandomness(seed: 99)
        let numbers = (0..<count).map { _ in chance.below(self.count) }
        let (memory, maker) = (memory, maker)
        let ask: @Sendable (Int) throws -> Int =
            switch kind {
            case .get:
                { try Self.get(numbers[$0], memory) }
            case .getMetadata:
                { try Self.getMetadata(numbers[$0], memory, maker) }
            case .newest50:
                { try memory.find(Self.newest(numbers[$0])).rows.count }
            case .compound50:
                { try memory.find(Self.compound(numbers[$0])).rows.count }
            }
        var rows = 0
        for question in 0..<count { rows += try ask(question) }
        let figures = try passes.measure(questions: count) { _ = try ask($0) }
        return [("event", .word(kind.rawValue))] + figures.named
            + [("rowsPerQuery", .share(Double(rows) / Double(count)))]
    }

    private static func get(_ number: Int, _ memory: Memory) throws -> Int {
        let reference = Reference(StoreRecords.collection, StoreRecords.key(number))
        guard try memory.get(reference) != nil else { throw gone(number) }
        return 1
    }

    private static func getMetadata(
        _ number: Int,
        _ memory: Memory,
        _ maker: StoreRecords
    ) throws -> Int {
        let find = Find(
            StoreRecords.collection,
            owner: maker.owner(of: number),
            where: .eq("created", .instant(StoreRecords.created(number))),
            limit: 1,
            select: ["type", "created", "importance", "session", "tag", "metadata"]
        )
        guard let row = try memory.find(find).rows.first,
            row.record.reference.key == StoreRecords.key(number)
        else { throw gone(number) }
        return 1
    }

    private static func newest(_ number: Int) -> Find {
        Find(
            StoreRecords.collection,
            owner: StoreRecords.owner(number),
            order: [Order("created", descending: true)],
            limit: 50
        )
    }

    private static func compound(_ number: Int) -> Find {
        let type = "type\(number / StoreRecords.ownerCount % StoreRecords.typeCount)"
        return Find(
            StoreRecords.collection,
            owner: StoreRecords.owner(number),
            where: .and([
                .eq("type", .text(type)), .compare(field: "importance", .gt(.float(0.5))),
            ]),
            order: [Order("importance")],
            limit: 50
        )
    }

    private static func gone(_ number: Int) -> Failure {
        Failure("Record \(number) was put and is not found. The store is wrong.")
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
            _ = try Self.get(pass * 37 % count, memory)
            answered.append(Double(Ticks.now() - start) / 1000)
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
