// What is made of rows and not committed yet. What one row makes is committed together; a row that
// the store refuses is found by halves, so that all rows before it are in and it is named.

internal import Mneme
internal import MnemeCommandLine

/// What one row made.
struct MadeRow: Sendable {
    let number: Int
    let place: String
    var changes: [Change] = []
    var collections: [String] = []
    var links: [Link] = []
    var byteCount = 0

    /// Adds something that it made.
    mutating func add(_ change: MadeChange) {
        switch change {
        case .record(let change, in: let name):
            changes.append(change)
            collections.append(name)
            byteCount += change.roughByteCount
        case .edge(let link):
            links.append(link)
            byteCount += Value.map(link.fields).roughByteCount + 64
        }
    }
}

/// What an import did.
struct ImportCounts: Sendable {
    var rows = 0
    var records: [String: Int] = [:]
    var edges: [String: Int] = [:]
    /// Edges that were there already as they should be.
    var kept = 0
    var badRows = 0
    /// Records that gave way to quotas.
    var evicted = 0
}

extension Change {
    /// The same of a record or an edge that is to be as it was elsewhere.
    fileprivate var asCopy: Change {
        switch self {
        case .put(var put):
            put.isCopy = true
            return .put(put)
        case .link(var link):
            link.isCopy = true
            return .link(link)
        default: return self
        }
    }
}

/// Rows on their way into a store.
struct ImportBatch {
    private let door: any BlockingDoor
    private let durability: Durability
    private var rows: [MadeRow] = []
    private var changeCount = 0
    private var byteCount = 0
    private let limit: Int
    private let looksUpEdges: Bool
    private let isExport: Bool
    private(set) var counts = ImportCounts()

    /// About how many bytes are committed at once, at most.
    static let byteLimit = 4 << 20

    /// Nothing yet; `limit`: how many changes are committed at once; `isExport`: they are to be as
    /// they were.
    init(
        _ door: any BlockingDoor,
        _ durability: Durability,
        limit: Int,
        looksUpEdges: Bool,
        isExport: Bool = false
    ) {
        self.isExport = isExport
        self.door = door
        self.durability = durability
        self.limit = limit
        self.looksUpEdges = looksUpEdges
    }

    /// Whether it should be committed before more is added.
    var isFull: Bool {
        changeCount >= limit || rows.count >= limit || byteCount >= Self.byteLimit
    }

    /// Adds what a row made.
    mutating func add(_ row: MadeRow) {
        rows.append(row)
        changeCount += row.changes.count + row.links.count
        byteCount += row.byteCount
    }

    /// Counts what was added, and forgets it.
    mutating func discard() {
        for row in rows {
            for name in row.collections { counts.records[name, default: 0] += 1 }
            for link in row.links { counts.edges[link.type, default: 0] += 1 }
        }
        counts.rows += rows.count
        (rows, changeCount, byteCount) = ([], 0, 0)
    }

    /// Commits everything that was added.
    ///
    /// `refused` is told of each row that the store refuses; what it throws ends the import.
    ///
    /// - Throws: `Failure` where the store itself fails, and what `refused` throws.
    mutating func flush(
        _ refused: (BadRow, MnemeError.Code) throws(Failure) -> Void
    ) throws(Failure) {
        defer { (rows, changeCount, byteCount) = ([], 0, 0) }
        try put(rows.indices, refused)
    }

    private mutating func put(
        _ range: Range<Int>,
        _ refused: (BadRow, MnemeError.Code) throws(Failure) -> Void
    ) throws(Failure) {
        guard !range.isEmpty else { return }
        let refusal: MnemeError
        do {
            try commit(rows[range])
            return
        } catch {
            refusal = error
        }
        guard refusal.action == .fixInput else {
            throw Failure(refusal.message, code: refusal.code)
        }
        guard range.count > 1 else {
            let row = rows[range.lowerBound]
            try refused(
                BadRow(number: row.number, place: row.place, message: refusal.message),
                refusal.code
            )
            return
        }
        let middle = range.lowerBound + range.count / 2
        try put(range.lowerBound..<middle, refused)
        try put(middle..<range.upperBound, refused)
    }

    private mutating func commit(_ rows: ArraySlice<MadeRow>) throws(MnemeError) {
        var changes: [Change] = []
        for row in rows { changes += row.changes }
        var found = EdgePlan()
        let links = rows.flatMap(\.links)
        if !links.isEmpty {
            found = looksUpEdges ? try EdgePlan(links, in: door) : EdgePlan(new: links)
        }
        changes += found.changes
        if isExport { changes = changes.map(\.asCopy) }
        if !changes.isEmpty {
            let committed = try door.commit(changes, durability)
            counts.evicted += committed.evicted.count
        }
        counts.rows += rows.count
        counts.kept += found.kept
        for row in rows {
            for name in row.collections { counts.records[name, default: 0] += 1 }
        }
        for (type, count) in found.linked { counts.edges[type, default: 0] += count }
    }
}

/// What makes edges be as they should: one of a type between two records.
///
/// One that is there with other properties is replaced, and one that is there as it should be is
/// left alone, so that an import may be run again.
struct EdgePlan {
    private struct Ends: Hashable {
        let type: String
        let from: Reference
        let to: Reference
    }

    private(set) var changes: [Change] = []
    private(set) var kept = 0
    private(set) var linked: [String: Int] = [:]

    /// Nothing.
    init() {}

    /// Links as they are, whatever is there.
    init(new links: [Link]) {
        changes = links.map { .link($0) }
        for link in links { linked[link.type, default: 0] += 1 }
    }

    /// The plan for some links; of several between the same two records the last counts.
    ///
    /// - Throws: what looking up edges throws; `.badRequest` for a loop over a connection.
    init(_ links: [Link], in door: any BlockingDoor) throws(MnemeError) {
        var wanted: [Ends: Link] = [:]
        var order: [Ends] = []
        for link in links {
            let ends = Ends(type: link.type, from: link.from, to: link.to)
            if wanted.updateValue(link, forKey: ends) == nil { order.append(ends) }
        }
        let there =
            door.memory == nil
            ? try Self.ask(order, door) : try Self.look(order, door)
        for ends in order {
            guard let link = wanted[ends] else { continue }
            let edges = there[ends] ?? []
            if edges.count == 1, edges[0].fields == link.fields {
                kept += 1
                continue
            }
            changes += edges.map { .unlink($0.id) }
            changes.append(.link(link))
            linked[link.type, default: 0] += 1
        }
    }

    /// In a store of this process, once for each record that edges leave.
    private static func look(
        _ wanted: [Ends],
        _ door: any BlockingDoor
    ) throws(MnemeError) -> [Ends: [Edge]] {
        guard let memory = door.memory else { return [:] }
        struct Start: Hashable {
            let type: String
            let from: Reference
        }
        var starts: [Start: Set<Reference>] = [:]
        for ends in wanted {
            starts[Start(type: ends.type, from: ends.from), default: []].insert(ends.to)
        }
        var found: [Ends: [Edge]] = [:]
        for (start, to) in starts {
            for edge in try memory.edges(start.type, from: start.from, to: to) {
                found[Ends(type: edge.type, from: edge.from, to: edge.to), default: []].append(edge)
            }
        }
        return found
    }

    /// Over a connection, by paths of one edge, many at once.
    private static func ask(
        _ wanted: [Ends],
        _ door: any BlockingDoor
    ) throws(MnemeError) -> [Ends: [Edge]] {
        if let loop = wanted.first(where: { $0.from == $0.to }) {
            throw MnemeError(
                .badRequest,
                "an edge from \(loop.from) to itself cannot be looked up over a connection; import "
                    + "it in the directory of the store"
            )
        }
        let requests = wanted.map { ends in
            Request.path(Path(from: ends.from, to: ends.to, types: [ends.type], hops: 1))
        }
        var found: [Ends: [Edge]] = [:]
        for (ends, answer) in zip(wanted, door.perform(requests, durability: nil)) {
            switch answer {
            case .success(.path(let edges?)): found[ends] = edges
            case .success: break
            // The commit says which end is not there.
            case .failure(let error): if error.code != .notFound { throw error }
            }
        }
        return found
    }
}
