// Asking a store for what its page tells.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeStore

extension StoreReport {
    /// What is asked for beside the store.
    struct Wish: Sendable {
        /// Around which record the drawing is: `COLLECTION/KEY`; one is chosen where nil.
        var around: String?
        var depth = 2
        /// What the server told of itself, and the name of the store there.
        var metrics: (reading: MetricsReading, store: String)?
    }

    /// Asks an open store.
    ///
    /// `directory`: of a store in this process.
    ///
    /// - Throws: `Failure` where there is no such record; as `BlockingDoor.perform`.
    static func read(
        _ door: any BlockingDoor,
        named name: String,
        directory: String?,
        _ wish: Wish
    ) throws -> StoreReport {
        let statistics = try door.statistics()
        let schema = try door.describe()
        var files: Files?
        if let directory, let memory = door.memory { files = try Self.files(directory, memory) }
        let owners = try Owners(schema, in: door)
        let neighbourhood = try Self.neighbourhood(wish, statistics, schema, in: door)
        let latencies =
            try wish.metrics.map { Latencies($0.reading, store: $0.store) }
            ?? Latencies(measuring: door, statistics)
        return StoreReport(
            name: name,
            made: Instant(microseconds: RealClock().now()),
            statistics: statistics,
            schema: schema,
            files: files,
            owners: owners,
            latencies: latencies,
            neighbourhood: neighbourhood
        )
    }

    private static func files(_ directory: String, _ memory: Memory) throws -> Files {
        let inspector = FileInspector(directory)
        let first = try inspector.segments().rows.first.flatMap { $0.first?.text }
        let header = try first.map { try inspector.frames(of: $0, from: nil, limit: 0).notes }
        return Files(
            logVersion: header?.first { $0.field == "version" }?.meaning,
            growth: try inspector.growth(),
            segments: try memory.inspector.segments(),
            costs: try memory.inspector.costs(),
            pages: try memory.inspector.pageCounts()
        )
    }

    private static func neighbourhood(
        _ wish: Wish,
        _ statistics: Statistics,
        _ schema: Schema,
        in door: any BlockingDoor
    ) throws -> Neighbourhood? {
        if let text = wish.around {
            let start = try RecordArguments.reference(text, in: door)
            return try .read(around: start, depth: wish.depth, schema, in: door)
        }
        guard let start = try Neighbourhood.start(statistics, in: door) else { return nil }
        var found = try Neighbourhood.read(around: start, depth: wish.depth, schema, in: door)
        found.isChosen = true
        return found
    }
}

// MARK: Owners

extension StoreReport.Owners {
    private static let shownCount = 20
    /// So many owners of each collection are looked at, those with the most records.
    private static let countedCount = 500

    /// The owners with the most records, over all collections that have owners.
    ///
    /// - Throws: as `BlockingDoor.perform`.
    init(_ schema: Schema, in door: any BlockingDoor) throws {
        var records: [String: Int] = [:]
        for collection in schema.collections {
            guard let field = collection.roles.owner else { continue }
            let count = Count(
                collection.name,
                by: [.field(field)],
                order: [Order("count", descending: true), Order(field)],
                limit: Self.countedCount
            )
            for row in try door.count(count).rows {
                guard let owner = row[field]?.text, case .int(let number)? = row["count"] else {
                    continue
                }
                records[owner, default: 0] += Int(number)
            }
        }
        var lines: [StoreReport.OwnerLine] = []
        for (path, count) in records {
            lines.append(StoreReport.OwnerLine(path: path, records: count))
        }
        lines.sort { ($1.records, $0.path) < ($0.records, $1.path) }
        hasMore = lines.count > Self.shownCount
        self.lines = Array(lines.prefix(Self.shownCount))
        if lines.isEmpty {
            remark = "No record has an owner."
            return
        }
        try addBytes(in: door)
    }

    private mutating func addBytes(in door: any BlockingDoor) throws(MnemeError) {
        for place in lines.indices {
            let path = lines[place].path
            switch Result(catching: { () throws(MnemeError) in try door.usage(of: path).bytes }) {
            case .success(let bytes): lines[place].bytes = bytes
            case .failure(let error):
                guard [.badRequest, .busy, .forbidden].contains(error.code) else { throw error }
                remark = "Their bytes are not told: \(error.message)"
                for place in lines.indices { lines[place].bytes = nil }
                return
            }
        }
        lines.sort { ($1.bytes ?? 0, $0.path) < ($0.bytes ?? 0, $1.path) }
    }
}
