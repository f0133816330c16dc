// Puts WordNet into a store: first all memories, in runs of batches, then all edges by batches.
// What is there already, also after a crash, is whole runs of memories and a part of the next one,
// or all memories and a beginning of the edges; an import that was broken off goes on from there.
// The batches of a run may be done in any order, so that a server is kept at work; a memory has a
// key and is seen to be there. Edges have none, so the order of their batches is kept.

internal import Mneme
internal import MnemeClient
internal import MnemeCommandLine

/// What an import did.
struct WordNetImport {
    /// Memories and edges that were put, and those that were there already.
    private(set) var memories = 0
    private(set) var knownMemories = 0
    private(set) var edges = 0
    private(set) var knownEdges = 0
    /// Seconds from the first batch until the last commit was as durable as was asked and the
    /// indexes were written to the page file.
    private(set) var seconds = 0.0

    /// Memories in a batch, and in one that a server gets, which works on several at once.
    static let memoryBatch = 1000
    static let memoryPart = 250
    /// Memories that are put before the next ones are begun.
    static let memoryRun = 4000
    /// Edges in a batch.
    static let edgeBatch = 8000

    /// Puts what is not there yet.
    ///
    /// - Throws: as `Memory.perform`.
    static func run(
        _ wordNet: WordNet,
        into memory: any BlockingDoor,
        _ durability: Durability?,
        meter: (String, String, Int) -> ProgressMeter
    ) throws -> WordNetImport {
        var report = WordNetImport()
        let watch = Stopwatch()
        try report.putMemories(wordNet, memory, durability, meter)
        try report.putEdges(wordNet, memory, durability, meter)
        if report.memories + report.edges > 0 { try memory.checkpoint() }
        report.seconds = watch.seconds
        return report
    }

    private mutating func putMemories(
        _ wordNet: WordNet,
        _ memory: any BlockingDoor,
        _ durability: Durability?,
        _ meter: (String, String, Int) -> ProgressMeter
    ) throws {
        let synsets = wordNet.synsets
        let runs = stride(from: 0, to: synsets.count, by: Self.memoryRun).map {
            $0..<min($0 + Self.memoryRun, synsets.count)
        }
        let first = try Self.firstMissing(of: runs.count) { number in
            try Self.missing(synsets[runs[number]], from: memory).isEmpty
        }
        knownMemories = first < runs.count ? runs[first].lowerBound : synsets.count
        var meter = meter("import", "memories", synsets.count)
        defer { meter.finish() }
        for number in first..<runs.count {
            var run = Array(synsets[runs[number]])
            // Only of this one a part may be there.
            if number == first { run = try Self.missing(run[...], from: memory) }
            knownMemories += runs[number].count - run.count
            try Self.put(run, into: memory, durability)
            memories += run.count
            meter.advance(to: runs[number].upperBound)
        }
    }

    /// Those whose memories are not there.
    private static func missing(
        _ synsets: ArraySlice<Synset>,
        from memory: any BlockingDoor
    ) throws(MnemeError) -> [Synset] {
        zip(synsets, try memory.get(synsets.map(\.reference))).compactMap { synset, record in
            record == nil ? synset : nil
        }
    }

    /// Puts memories, in batches whose order does not matter.
    private static func put(
        _ synsets: [Synset],
        into memory: any BlockingDoor,
        _ durability: Durability?
    ) throws(MnemeError) {
        let count = memory is BlockingClient ? memoryPart : memoryBatch
        let batches = stride(from: 0, to: synsets.count, by: count).map { start in
            Request.remember(synsets[start..<min(start + count, synsets.count)].map(\.memory))
        }
        for result in memory.perform(batches, durability: durability) { _ = try result.get() }
    }

    private mutating func putEdges(
        _ wordNet: WordNet,
        _ memory: any BlockingDoor,
        _ durability: Durability?,
        _ meter: (String, String, Int) -> ProgressMeter
    ) throws {
        let edges = wordNet.edges
        // Edges start only when all memories are there.
        if memories == 0 {
            knownEdges = try Self.firstMissing(of: edges.count) { number in
                try Self.isThere(wordNet.link(edges[number]), in: memory)
            }
        }
        var meter = meter("import", "edges", edges.count)
        defer { meter.finish() }
        var start = knownEdges
        while start < edges.count {
            let end = min(start + Self.edgeBatch, edges.count)
            let batch = edges[start..<end].map(wordNet.link)
            _ = try memory.perform(.relate(batch), durability: durability)
            self.edges += batch.count
            start = end
            meter.advance(to: end)
        }
    }

    private static func isThere(
        _ link: Link,
        in memory: any BlockingDoor
    ) throws(MnemeError) -> Bool {
        do {
            let walked = try memory.walk(
                Walk(from: [link.from], types: [link.type], limit: 10_000)
            )
            return walked.stops.contains { $0.reference == link.to }
        } catch  where error.code == .unknownEdgeType {
            return false
        }
    }

    /// The number of the first of `count` things that is not there, where what is there is a
    /// beginning.
    static func firstMissing(of count: Int, _ isThere: (Int) throws -> Bool) rethrows -> Int {
        // The answer is mostly everything or nothing.
        guard count > 0, try !isThere(count - 1) else { return count }
        guard try isThere(0) else { return 0 }
        var low = 1
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if try isThere(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
