// Puts WordNet into a store, in batches: first all memories, then all edges. Batches are whole and
// their order is kept, also through a crash, so that what is there already is always a beginning of
// the memories, then a beginning of the edges; an import that was broken off goes on from there.

internal import Mneme
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

    /// Memories and edges in a batch.
    static let memoryBatch = 1000
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
        knownMemories = try Self.firstMissing(of: synsets.count) { number in
            try memory.get(synsets[number].reference) != nil
        }
        var meter = meter("import", "memories", synsets.count)
        defer { meter.finish() }
        var start = knownMemories
        while start < synsets.count {
            let end = min(start + Self.memoryBatch, synsets.count)
            let batch = synsets[start..<end].map(\.memory)
            _ = try memory.perform(.remember(batch), durability: durability)
            memories += batch.count
            start = end
            meter.advance(to: end)
        }
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
