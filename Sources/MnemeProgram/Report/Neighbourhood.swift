// What lies around a record: those that a walk comes to, and the edges between all of them.

internal import Mneme
internal import MnemeCommandLine

/// The neighbourhood of a record.
struct Neighbourhood: Hashable, Sendable {
    /// A record of it.
    struct Node: Hashable, Sendable {
        var reference: Reference
        /// How many edges it is away.
        var hop: Int
        /// The place of the record that it was come to from, in the list; nil of the first.
        var parent: Int?
        /// What it says, in a line.
        var words = ""
    }

    /// The record that it is of, and then the others, nearest first.
    var nodes: [Node]
    /// The edges between them, by their numbers.
    var edges: [Edge]
    /// Whether these are all that are so near.
    var isComplete: Bool
    /// Whether nobody had said around which record.
    var isChosen = false
    /// The types whose edges have no direction.
    var undirected: Set<String> = []

    /// At most so many records are drawn.
    static let limit = 60

    /// Of each type at most so many edges are looked at.
    private static let edgeLimit = 10_000

    /// The records that a walk came to, in its order.
    init(around start: Reference, _ walked: Walked) {
        var nodes = [Node(reference: start, hop: 0, parent: nil)]
        var places = [start: 0]
        var edges: [UInt64: Edge] = [:]
        for stop in walked.stops {
            guard places[stop.reference] == nil, let last = stop.path.last else { continue }
            let before = last.to == stop.reference ? last.from : last.to
            // A walk tells those that are nearer first.
            let parent = places[before] ?? 0
            places[stop.reference] = nodes.count
            nodes.append(
                Node(reference: stop.reference, hop: nodes[parent].hop + 1, parent: parent)
            )
            edges[last.id] = last
        }
        self.nodes = nodes
        self.edges = edges.values.sorted { $0.id < $1.id }
        isComplete = walked.isComplete
    }

    /// Its types of edges, the most frequent ones first.
    var types: [String] {
        var counts: [String: Int] = [:]
        for edge in edges { counts[edge.type, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// The place of a record in the list.
    var places: [Reference: Int] {
        Dictionary(
            nodes.enumerated().map { ($0.element.reference, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

// MARK: Asking for it

extension Neighbourhood {
    /// Asks for what lies around a record, at most so many edges away.
    ///
    /// - Throws: `Failure` where there is no such record; as `BlockingDoor.perform`.
    static func read(
        around start: Reference,
        depth: Int,
        _ schema: Schema,
        in door: any BlockingDoor
    ) throws -> Neighbourhood {
        guard try door.get(start) != nil else {
            throw Failure(
                "--around: there is no record \(start). Check its collection and its key.",
                code: .notFound
            )
        }
        let walk = Walk(from: [start], direction: .both, hops: depth, limit: limit - 1)
        var found = Neighbourhood(around: start, try door.walk(walk))
        found.undirected = Set(schema.edgeTypes.filter(\.isUndirected).map(\.name))
        try found.addEdges(schema, in: door)
        try found.addWords(schema, in: door)
        return found
    }

    /// The best connected among the first records of the largest collections; nil where none of
    /// them has an edge.
    ///
    /// - Throws: as `BlockingDoor.perform`.
    static func start(
        _ statistics: Statistics,
        in door: any BlockingDoor
    ) throws -> Reference? {
        guard statistics.edges.values.contains(where: { $0 > 0 }) else { return nil }
        let collections = statistics.records.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var best: (reference: Reference, count: Int)?
        for (name, count) in collections.prefix(5) where count > 0 {
            let find = Find(name, limit: 40, select: [])
            let references = try door.find(find).rows.map(\.record.reference)
            let walks = references.map {
                Request.walk(Walk(from: [$0], direction: .both, countOnly: true))
            }
            for (reference, answer) in zip(references, door.perform(walks, durability: nil)) {
                guard case .walked(let walked) = try answer.get() else { continue }
                if walked.count > best?.count ?? 0 { best = (reference, walked.count) }
            }
        }
        return best?.reference
    }

    /// Asks for the edges that the walk passed by: a walk takes one way to each record, and of
    /// several edges between the same two it takes one.
    private mutating func addEdges(_ schema: Schema, in door: any BlockingDoor) throws {
        let names = schema.edgeTypes.count <= 16 ? schema.edgeTypes.map(\.name) : types
        let ends = nodes.map { Value.text($0.reference.description) }
        let finds = names.map { name in
            Request.find(
                Find(
                    edges: name,
                    where: .and([
                        .compare(field: "$from", .isIn(ends)), .compare(field: "$to", .isIn(ends)),
                    ]),
                    limit: Self.edgeLimit
                )
            )
        }
        var known = Dictionary(edges.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for answer in door.perform(finds, durability: nil) {
            guard case .found(let found) = try answer.get() else { continue }
            for edge in found.edges { known[edge.id] = edge }
        }
        edges = known.values.sorted { $0.id < $1.id }
    }

    private mutating func addWords(_ schema: Schema, in door: any BlockingDoor) throws {
        let records = try door.get(nodes.map(\.reference))
        for (place, record) in records.enumerated() {
            guard let record,
                let collection = schema.collections.first(where: {
                    $0.name == record.reference.collection
                })
            else { continue }
            let texts = [collection.roles.text] + collection.fields.map(\.name)
            let found = texts.lazy.compactMap { $0 }.filter { $0 != collection.roles.owner }
                .compactMap { record[$0].text }.first { !$0.isEmpty }
            nodes[place].words = found.map { TextFlow.shortened($0, to: 160) } ?? ""
        }
    }
}
