// Where a memory comes from: its sources, what it took the place of, and its session, followed
// breadth first up to where nothing further is known. Cycles end where they close. A collection
// that whoever asks does not reach is one that is not there: names of its records are read so.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// So far and so wide a provenance goes.
    private static let depths = 1...64
    private static let mostSteps = 1000

    /// Where a memory comes from.
    ///
    /// - Throws: `.notFound`, `.unknownCollection`; `.badRequest` for a depth out of its bounds.
    func provenance(_ why: Why) throws(MnemeError) -> Provenance {
        guard Self.depths.contains(why.depth) else {
            throw MnemeError(
                .badRequest,
                "the depth is \(why.depth); give a number from 1 to \(Self.depths.upperBound)"
            )
        }
        let snapshot = store.snapshot()
        let collection = try snapshot.catalog.collection(why.reference.collection)
        guard let ordinal = try snapshot.ordinal(why.reference),
            let record = try snapshot.recordWithoutVectors(ordinal, collection)
        else {
            throw MnemeError(
                .notFound,
                "there is no \(why.reference); check the collection and the key"
            )
        }
        var walk = ProvenanceWalk(snapshot, mostSteps: Self.mostSteps)
        let isWhole = try walk.run(from: record, depth: why.depth)
        return Provenance(
            record: record,
            access: try snapshot.access(of: ordinal),
            steps: walk.steps,
            isWhole: isWhole,
            sequence: snapshot.sequence
        )
    }
}

/// The way back from a memory.
private struct ProvenanceWalk {
    private let snapshot: Snapshot
    private let mostSteps: Int
    /// The names of the collections within reach, and of the edge types that lead back.
    private let collections: Set<String>
    private let leading: [String]
    private(set) var steps: [Provenance.Step] = []
    private var seen: Set<Reference> = []

    init(_ snapshot: Snapshot, mostSteps: Int) {
        self.snapshot = snapshot
        self.mostSteps = mostSteps
        let described = snapshot.describedSchema
        collections = Set(described.collections.map(\.name))
        leading = Self.leading.filter { name in
            described.edgeTypes.contains { $0.name == name }
        }
    }

    /// Walks; returns whether nothing lies beyond.
    mutating func run(from start: Record, depth: Int) throws(MnemeError) -> Bool {
        seen.insert(start.reference)
        var front = [start]
        for step in 1...(depth + 1) {
            var next: [Record] = []
            for record in front {
                for (reference, name, reason) in try sources(of: record)
                where seen.insert(reference).inserted {
                    // Beyond the depth it is only looked whether there is anything.
                    if step > depth || steps.count == mostSteps { return false }
                    let found = try self.record(reference)
                    var made = Provenance.Step(
                        reference,
                        of: record.reference,
                        by: name,
                        depth: step,
                        record: found
                    )
                    made.reason = reason
                    steps.append(made)
                    if let found { next.append(found) }
                }
            }
            if next.isEmpty { return true }
            front = next
        }
        return true
    }

    /// What a record comes from, by what that is known, and why where an edge says it.
    private func sources(
        of record: Record
    ) throws(MnemeError) -> [(reference: Reference, name: String, reason: String?)] {
        let reference = record.reference
        guard let collection = try? snapshot.catalog.collection(reference.collection) else {
            return []
        }
        var found: [(reference: Reference, name: String, reason: String?)] = []
        let roles = collection.schema.roles
        if let field = roles.sources, case .array(let names) = record[field] {
            for name in names {
                if let text = name.text, let source = source(text, collection.schema) {
                    found.append((source, field, nil))
                }
            }
        }
        if let field = roles.session, collection.schema.name == MemoryLayout.memories,
            let id = record[field].text
        {
            found.append((Reference(MemoryLayout.sessions, .text(id)), field, nil))
        }
        if leading.isEmpty { return found }
        for edge in try snapshot.edges(of: reference, .out, types: leading)
        where edge.from == reference {
            found.append((edge.to, edge.type, edge.fields[MemoryLayout.reason]?.text))
        }
        return found
    }

    /// The types of edges from what came later to what was before.
    private static let leading = [MemoryLayout.supersedes, "DERIVED_FROM"]

    /// What a text names: a key of the same collection, or a collection and a key.
    private func source(_ text: String, _ schema: Collection) -> Reference? {
        if let slash = text.firstIndex(of: "/") {
            let name = String(text[..<slash])
            if collections.contains(name), let other = try? snapshot.catalog.collection(name),
                let key = Key.text(String(text[text.index(after: slash)...]))
                    .coerced(to: other.schema.key)
            {
                return Reference(name, key)
            }
        }
        return Key.text(text).coerced(to: schema.key).map { Reference(schema.name, $0) }
    }

    private func record(_ reference: Reference) throws(MnemeError) -> Record? {
        guard collections.contains(reference.collection) else { return nil }
        let collection = try snapshot.catalog.collection(reference.collection)
        guard let ordinal = try snapshot.ordinal(reference) else { return nil }
        return try snapshot.recordWithoutVectors(ordinal, collection)
    }
}

extension MemoryLayout {
    /// The property in which edges say why they were made.
    static let reason = "reason"
}
