// What the store of a flip test holds, and what it is asked.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// A question whose answer is one number.
struct FlipQuestion: Sendable {
    let name: String
    let answer: @Sendable (Snapshot) throws(MnemeError) -> UInt64
}

/// Records, some of them replaced or deleted, and edges between them.
struct FlipContent {
    private static let dimension = 16
    private static let batch = 20
    private static let collection = "notes"

    private let batches: [[Change]]
    private var expected: [Key: [String: Value]] = [:]
    private let dice: SeededRandomness
    private var keys: [Key] = []

    init(records: Int, dice: SeededRandomness) {
        self.dice = dice
        var batches: [[Change]] = []
        var changes: [Change] = []
        func add(_ change: Change) {
            changes.append(change)
            if changes.count == Self.batch {
                batches.append(changes)
                changes = []
            }
        }
        for number in 0..<records {
            let key = Key.text("note \(number)")
            let fields = Self.fields(number, dice)
            add(.put(Put(Self.collection, key, fields)))
            expected[key] = fields
            keys.append(key)
            let other = keys[dice.below(keys.count)]
            switch dice.below(10) {
            case 0:
                let fields = Self.fields(number, dice)
                add(.put(Put(Self.collection, other, fields)))
                expected[other] = fields
            case 1 where expected[other] != nil && other != key:
                add(.delete(Reference(Self.collection, other)))
                expected[other] = nil
            case 2...4 where expected[other] != nil:
                add(
                    .link(
                        Link(
                            "cites",
                            from: Reference(Self.collection, key),
                            to: Reference(Self.collection, other)
                        )
                    )
                )
            default: break
            }
        }
        self.batches = batches + [changes]
    }

    private static func fields(_ number: Int, _ dice: SeededRandomness) -> [String: Value] {
        let words = (0..<(3 + dice.below(10))).map { _ in
            HarnessSchema.words[dice.below(HarnessSchema.words.count)]
        }
        return [
            "owner": .text("ann/\(number % 7)"),
            "rank": .int(Int64(dice.below(1000))),
            "body": .text(words.joined(separator: " ")),
            "blob": .bytes((0..<dice.below(60)).map { _ in UInt8(dice.below(256)) }),
            "place": .vector(vector(dice)),
        ]
    }

    private static func vector(_ dice: SeededRandomness) -> [Float] {
        (0..<dimension).map { _ in Float(dice.below(1 << 16)) / 32_768 - 1.00001 }
    }

    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    collection,
                    key: .text,
                    fields: [
                        Field("owner", .text), Field("rank", .int),
                        Field("body", .text, isSearchable: true), Field("blob", .bytes),
                        Field("place", .vector(VectorType(dimension: dimension))),
                    ],
                    indexes: [
                        Index("byRank", on: ["rank"]),
                        Index("byOwner", on: ["owner", IndexField("rank", descending: true)]),
                    ],
                    roles: roles
                )
            ],
            edgeTypes: [EdgeType("cites", from: collection, to: collection)]
        )
    }()

    /// Writes everything, with two checkpoints on the way.
    func fill(_ store: Store) throws(MnemeError) {
        try store.define(Self.schema)
        for (index, changes) in batches.enumerated() {
            _ = try store.commit(changes, .none)
            if index % 8 == 7 { try store.upkeep([.spare, .merge]) }
            if index == batches.count / 3 || index == batches.count * 2 / 3 {
                try store.checkpointNow()
            }
        }
        try store.settleGraphs()
        // Much of it stands in cold segments.
        try store.checkpointNow()
        try store.compactAll()
    }

    /// Holds every record of the store against what was put.
    func check(_ directory: String, _ options: StoreOptions) throws(HarnessFailure) {
        do throws(MnemeError) {
            let snapshot = try Store.open(directory, .open, options: options).snapshot()
            for key in keys {
                let found = try snapshot.record(Reference(Self.collection, key))
                if found?.fields != expected[key] {
                    throw MnemeError(.corrupt, "\(key) is not what was put")
                }
            }
        } catch {
            throw HarnessFailure("the whole store: \(error)")
        }
    }

    /// Every record, the orders of the indexes, words, vectors and walks.
    var questions: [FlipQuestion] {
        var all: [FlipQuestion] = []
        for start in stride(from: 0, to: keys.count, by: 20) {
            let some = keys[start..<min(start + 20, keys.count)].map {
                Reference(Self.collection, $0)
            }
            all.append(
                FlipQuestion(name: "records from \(start) on") { (snapshot) throws(MnemeError) in
                    Checksum.xxh3(try snapshot.spelledRecords(some, limit: 16 << 20))
                }
            )
        }
        let count = keys.count + 1
        all.append(find("all", Find(Self.collection, limit: count)))
        all.append(find("ranks", Find(Self.collection, order: [Order("rank")], limit: count)))
        for number in 0..<7 {
            let (owner, word) = ("ann/\(number)", HarnessSchema.words[number])
            all.append(find("owner", Find(Self.collection, owner: owner, limit: count)))
            let match = Match("body", word + " " + HarnessSchema.words[number + 9])
            all.append(words(Find(Self.collection, match: match, limit: count)))
            all.append(words(Find(Self.collection, owner: owner, match: match, limit: count)))
            for isExact in [false, true] {
                let near = Near("place", Self.vector(dice), isExact: isExact)
                all.append(find("near", Find(Self.collection, near: near, limit: 10)))
                all.append(find("near", Find(Self.collection, owner: owner, near: near, limit: 5)))
            }
            // Wide enough to come to everything, so that older states answer the same.
            let walked = Near("place", Self.vector(dice), beam: 1024)
            all.append(find("near by a walk", Find(Self.collection, near: walked, limit: 10)))
        }
        for _ in 0..<60 { all.append(walk(keys[dice.below(keys.count)])) }
        return all
    }

    private func find(_ name: String, _ find: Find) -> FlipQuestion {
        FlipQuestion(name: name) { (snapshot) throws(MnemeError) in
            var writer = ByteWriter()
            for row in try snapshot.find(find).rows {
                writer.put(Array(row.record.reference.description.utf8))
                writer.put(row.score.bitPattern)
            }
            return Checksum.xxh3(writer.bytes)
        }
    }

    /// Who matches, and not how well: what is dead and not merged away counts in the scores, and
    /// how much of that there is depends on the checkpoint that the store was opened from.
    private func words(_ find: Find) -> FlipQuestion {
        FlipQuestion(name: "words") { (snapshot) throws(MnemeError) in
            let keys = try snapshot.find(find).rows.map(\.record.reference.description).sorted()
            return Checksum.xxh3(Array(keys.joined(separator: "\n").utf8))
        }
    }

    private func walk(_ key: Key) -> FlipQuestion {
        FlipQuestion(name: "walk from \(key)") { (snapshot) throws(MnemeError) in
            let start = Reference(Self.collection, key)
            guard try snapshot.record(start) != nil else { return 0 }
            let walk = Walk(from: [start], types: nil, direction: .both, hops: 3, limit: 200)
            var writer = ByteWriter()
            for stop in try snapshot.walk(walk).stops {
                writer.put(Array(stop.reference.description.utf8))
                for edge in stop.path { writer.put(edge.id) }
            }
            return Checksum.xxh3(writer.bytes)
        }
    }
}
