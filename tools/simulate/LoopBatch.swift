// The batches of the kill loop: each follows from the loop's seed, its writer and its number alone,
// so that whoever comes after a kill knows what should be there without having seen it happen.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// What a writer does.
enum LoopKind: String, CaseIterable {
    /// Large batches of new records.
    case `import`
    /// Small batches that put, replace, delete and link.
    case mixed

    /// Writers at a time.
    var writers: Int { self == .import ? 1 : 4 }
}

/// One batch of one writer.
struct LoopBatch {
    let kind: LoopKind
    let writer: Int
    let number: Int
    /// Keys that it puts or deletes, in order; nil versions are deletes.
    private(set) var writes: [(key: String, isPut: Bool)] = []
    private(set) var links: [(from: String, to: String)] = []
    /// How long the commit is waited for.
    let durability: Durability

    init(_ kind: LoopKind, seed: UInt64, writer: Int, number: Int) {
        self.kind = kind
        self.writer = writer
        self.number = number
        let dice = SeededRandomness(
            seed: seed ^ UInt64(writer) << 48 ^ UInt64(number) &* 0x9e37_79b9_7f4a_7c15
        )
        switch kind {
        case .import:
            durability = .synced
            writes = (0..<100).map { ("w\(writer)/r\(number * 100 + $0)", true) }
        case .mixed:
            durability = [.synced, .synced, .buffered, .none][dice.below(4)]
            for _ in 0..<(1 + dice.below(5)) {
                writes.append(("w\(writer)/k\(dice.below(400))", dice.below(5) > 0))
            }
            let put = writes.enumerated().filter { place, write in
                write.isPut && !writes[(place + 1)...].contains { $0.key == write.key }
            }.map(\.element.key)
            if put.count > 1 { links = zip(put, put.dropFirst()).map { ($0, $1) } }
        }
    }

    /// The changes, the writer's progress among them.
    var changes: [Change] {
        var changes: [Change] = [
            .put(
                Put(
                    LoopSchema.progress,
                    .int(Int64(writer)),
                    ["batch": .int(Int64(number)), "kind": .text(kind.rawValue)]
                )
            )
        ]
        for write in writes {
            changes.append(
                write.isPut
                    ? .put(Put(LoopSchema.records, .text(write.key), fields(of: write.key)))
                    : .delete(Reference(LoopSchema.records, .text(write.key)))
            )
        }
        for link in links {
            changes.append(
                .link(
                    Link(
                        LoopSchema.follows,
                        from: Reference(LoopSchema.records, .text(link.from)),
                        to: Reference(LoopSchema.records, .text(link.to)),
                        fields: ["batch": .int(Int64(number))]
                    )
                )
            )
        }
        return changes
    }

    private func fields(of key: String) -> [String: Value] {
        LoopSchema.fields(of: key, batch: number)
    }
}

/// The schema of the kill loop.
enum LoopSchema {
    static let records = "records"
    static let progress = "progress"
    static let follows = "follows"

    static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    records,
                    fields: [
                        Field("owner", .text), Field("batch", .int), Field("rank", .int),
                        Field("body", .text, isSearchable: true),
                        Field("place", .vector(VectorType(dimension: 32))),
                    ],
                    indexes: [
                        Index("byRank", on: ["owner", IndexField("rank", descending: true)])
                    ],
                    roles: roles
                ),
                Collection(
                    progress,
                    key: .int,
                    fields: [Field("batch", .int), Field("kind", .text)]
                ),
            ],
            edgeTypes: [EdgeType(follows, fields: [Field("batch", .int)])]
        )
    }()

    /// The fields of a record as a batch put it.
    static func fields(of key: String, batch: Int) -> [String: Value] {
        var seed = UInt64(batch) &* 0x9e37_79b9
        for byte in key.utf8 { seed = seed &* 31 &+ UInt64(byte) }
        let dice = SeededRandomness(seed: seed)
        let words = ["ash", "beech", "cherry", "elder", "holly", "lime", "plum", "sorrel", "thyme"]
        return [
            "owner": .text("owner\(dice.below(8))"), "batch": .int(Int64(batch)),
            "rank": .int(Int64(dice.below(1000))),
            "body": .text(
                (0..<12).map { _ in words[dice.below(words.count)] }.joined(separator: " ")
            ),
            "place": .vector((0..<32).map { _ in Float(dice.below(100) + 1) / 100 }),
        ]
    }
}

/// What one writer's batches come to.
struct LoopState {
    /// The batch that put each record that is there.
    private(set) var records: [String: Int] = [:]
    /// The edges that leave each record: where they end and the batch that made them.
    private(set) var edges: [String: [(to: String, batch: Int)]] = [:]
    private(set) var nextBatch = 0

    /// Applies batches until one, and says which records they touched.
    mutating func apply(
        until end: Int,
        _ kind: LoopKind,
        seed: UInt64,
        writer: Int
    ) -> Set<String> {
        var touched: Set<String> = []
        while nextBatch < end {
            let batch = LoopBatch(kind, seed: seed, writer: writer, number: nextBatch)
            for write in batch.writes {
                touched.insert(write.key)
                records[write.key] = write.isPut ? nextBatch : nil
                if !write.isPut { forgetEdges(of: write.key) }
            }
            for link in batch.links {
                edges[link.from, default: []].append((link.to, nextBatch))
                touched.insert(link.from)
            }
            nextBatch += 1
        }
        return touched
    }

    private mutating func forgetEdges(of key: String) {
        edges[key] = nil
        for other in edges.keys { edges[other]?.removeAll { $0.to == key } }
    }

    var edgeCount: Int { edges.values.reduce(0) { $0 + $1.count } }
}
