// Nearness against a plain list of what is there: owners of one to hundreds, filters that leave
// nobody, one, few, half or all, every number of hits and every width of the beam; with a graph and
// without one, by the way that the store chooses and by each way that there is.

import MnemeBase
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore
@testable import MnemeVectors

/// Notes with vectors, beside a list of them.
private final class NearWorld {
    struct Note {
        var owner: String
        var kind: String
        var size: Int64
        var tags: [String]
        var vector: [Float]
    }

    /// A filter, and what it says of a note.
    struct Asked {
        let name: String
        let filter: Filter?
        let holds: (String, Note) -> Bool
    }

    static let dimension = 12
    static let owners = ["a", "a", "a", "a", "a", "a", "b", "b", "b/x", "b/y", "c"]

    let store: Store
    let random: SeededRandomness
    let metric: MnemeModel.VectorMetric
    var notes: [String: Note] = [:]
    private var next = 0

    init(_ seed: UInt64) throws {
        random = SeededRandomness(seed: seed)
        metric = [.cosine, .l2, .dot][Int(seed % 3)]
        var options = StoreTests.options(SimulatedDisk())
        options.graphLeast = seed % 2 == 0 ? 100 : .max
        store = try Store.open("store", options: options)
        var roles = Roles()
        roles.owner = "owner"
        let type = VectorType(dimension: Self.dimension, metric: metric)
        try store.define(
            Schema(collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("owner", .text), Field("kind", .text), Field("size", .int),
                        Field("tags", .array(.text)), Field("meaning", .vector(type)),
                    ],
                    indexes: [
                        Index("byKind", on: ["kind"]), Index("byOwner", on: ["owner", "kind"]),
                        Index("byTag", on: ["tags"]),
                    ],
                    roles: roles
                )
            ])
        )
    }

    func vector() -> [Float] {
        let centre = Int(random.below(4))
        return (0..<Self.dimension).map { place in
            Float(place % 4 == centre ? 2 : 0) + Float(random.below(2001)) / 1000 - 1
        }
    }

    private func note() -> Note {
        // "rare" is seldom, "one" is one note's, "none" nobody's.
        let chance = random.below(100)
        return Note(
            owner: Self.owners[Int(random.below(Self.owners.count))],
            kind: chance < 3 ? "rare" : chance < 50 ? "half" : "rest",
            size: Int64(random.below(100)),
            tags: ["x", "y", "z"].filter { _ in random.below(3) == 0 },
            vector: vector()
        )
    }

    func put(_ count: Int) throws {
        var changes: [Change] = []
        for _ in 0..<count {
            changes.append(put("k\(next)", note()))
            next += 1
        }
        _ = try store.commit(changes)
    }

    private func put(_ key: String, _ note: Note) -> Change {
        notes[key] = note
        return .put(
            Put(
                "notes",
                .text(key),
                [
                    "owner": .text(note.owner), "kind": .text(note.kind),
                    "size": .int(note.size), "tags": .array(note.tags.map { .text($0) }),
                    "meaning": .vector(note.vector),
                ]
            )
        )
    }

    /// Some are put anew, with other vectors and other owners, some are deleted.
    func change(_ count: Int) throws {
        var keys = notes.keys.sorted()
        var changes: [Change] = []
        for _ in 0..<min(count, keys.count) {
            let key = keys.remove(at: Int(random.below(keys.count)))
            if random.below(2) == 0 {
                changes.append(put(key, note()))
            } else {
                notes.removeValue(forKey: key)
                changes.append(.delete(Reference("notes", .text(key))))
            }
        }
        _ = try store.commit(changes)
    }

    func filters() -> [Asked] {
        let bound = Int64(random.below(100))
        let keys = notes.keys.sorted()
        let some = (0..<3).map { _ in keys[Int(random.below(keys.count))] }
        let few = Filter.compare(
            field: PseudoField.key,
            .isIn(some.map { Value.text($0) } + [Value.text("nobody")])
        )
        let small = Filter.compare(field: "size", .lt(.int(bound)))
        return [
            Asked(name: "all", filter: nil) { _, _ in true },
            Asked(name: "nobody", filter: .eq("kind", "none")) { _, _ in false },
            Asked(name: "few", filter: .eq("kind", "rare")) { $1.kind == "rare" },
            Asked(name: "half", filter: .eq("kind", "half")) { $1.kind == "half" },
            Asked(name: "keys", filter: few) { key, _ in some.contains(key) },
            Asked(name: "no index", filter: small) { $1.size < bound },
            Asked(name: "every", filter: .compare(field: "size", .gte(.int(0)))) { _, _ in true },
            Asked(name: "partly", filter: .and([.eq("kind", "half"), small])) {
                $1.kind == "half" && $1.size < bound
            },
            Asked(name: "tags", filter: .compare(field: "tags", .any(["x", "y"]))) {
                $1.tags.contains("x") || $1.tags.contains("y")
            },
        ]
    }

    func isIn(_ owner: String?, _ note: Note) -> Bool {
        guard let owner else { return true }
        return note.owner == owner || note.owner.hasPrefix(owner + "/")
    }

    func score(_ query: [Float], _ note: Note) -> Double {
        VectorLimitTests.score(query, note.vector, metric)
    }
}

@Suite struct NearModelTests {
    private struct Question {
        var query: [Float]
        var owner: String?
        var asked: NearWorld.Asked
        var limit: Int
        var beam: Int?
        var isExact: Bool
        var way: NearestTier?
    }

    private struct Tally {
        var found = 0
        var wanted = 0
        var tiers: Set<String> = []
    }

    private func question(_ world: NearWorld, _ asked: NearWorld.Asked) -> Question {
        let random = world.random
        let count = world.notes.count
        let limits = [0, 1, 2, 10, 10, 37, count, count + 5, Int.max]
        let beams: [Int?] = [nil, nil, nil, 1, 7, 40, 300, 16_384]
        let ways: [NearestTier?] = [nil, nil, .scan, .survivors, .walk, .walk]
        let owners = [nil, nil, "a", "a", "b", "b/x", "c", "nobody"]
        return Question(
            query: world.vector(),
            owner: owners[Int(random.below(owners.count))],
            asked: asked,
            limit: limits[Int(random.below(limits.count))],
            beam: beams[Int(random.below(beams.count))],
            isExact: random.below(5) == 0,
            way: ways[Int(random.below(ways.count))]
        )
    }

    /// Asks the way that a question says; through the door where it says none.
    private func answer(
        _ world: NearWorld,
        _ question: Question
    ) throws -> (keys: [String], scores: [Float], isExact: Bool, tier: String) {
        let near = Near(
            "meaning",
            question.query,
            isExact: question.isExact,
            beam: question.beam
        )
        let snapshot = world.store.snapshot()
        var find = Find(
            "notes",
            owner: question.owner,
            where: question.asked.filter,
            near: near,
            limit: question.limit,
            explained: true
        )
        guard let way = question.way, question.owner != "nobody" else {
            let found = try snapshot.find(find)
            find.isExplained = false
            let plain = try snapshot.find(find)
            #expect(plain.rows == found.rows)
            #expect(plain.plan == found.plan)
            return (
                found.rows.map { $0.record.reference.key.description }, found.rows.map(\.score),
                found.isExact, found.explanation?.way ?? ""
            )
        }
        let collection = try snapshot.catalog.readable("notes")
        let filter = try snapshot.checked(find, collection).filter
        return try snapshot.reading { state throws(StoreError) in
            let records = try state.nearest(
                near,
                collection,
                try state.scope(question.owner),
                limit: question.limit,
                filter: filter,
                by: way
            )
            var keys: [String] = []
            for hit in records.hits {
                guard let entry = try state.entry(hit.ordinal) else { continue }
                var reader = state.reader(keeps: false)
                try reader.open(entry)
                keys.append(try reader.key().description)
            }
            return (keys, records.hits.map(\.score), records.isExact, records.tier.rawValue)
        }
    }

    private func check(
        _ world: NearWorld,
        _ question: Question,
        _ tally: inout Tally,
        _ note: String
    ) throws {
        let note =
            "\(note), \(question.asked.name) of \(question.owner ?? "all"), "
            + "\(question.limit) by \(question.beam ?? 0) \(question.way?.rawValue ?? "choice")"
        let answer = try answer(world, question)
        var passing: [(key: String, score: Double)] = []
        for (key, value) in world.notes
        where world.isIn(question.owner, value) && question.asked.holds(key, value) {
            passing.append((key, world.score(question.query, value)))
        }
        passing.sort { $0.score > $1.score }
        let wanted = passing.prefix(question.limit)
        let scores = Dictionary(uniqueKeysWithValues: passing.map { ($0.key, $0.score) })
        // If so many pass, so many come back: each once, and none that does not pass.
        #expect(answer.keys.count == wanted.count, "\(note)")
        #expect(Set(answer.keys).count == answer.keys.count, "\(note)")
        var last = Double.infinity
        for (key, score) in zip(answer.keys, answer.scores) {
            let own = try #require(scores[key], "\(note): \(key) does not pass")
            #expect(abs(Double(score) - own) < 1e-3 * max(1, abs(own)), "\(note)")
            #expect(Double(score) <= last, "\(note)")
            last = Double(score)
        }
        if question.isExact { #expect(answer.isExact, "\(note)") }
        if answer.isExact {
            for (score, best) in zip(answer.scores, wanted) {
                #expect(abs(Double(score) - best.score) < 1e-3 * max(1, abs(best.score)), "\(note)")
            }
        }
        tally.tiers.insert(answer.tier)
        guard question.beam ?? 128 > 30, question.limit < 100 else { return }
        tally.wanted += wanted.count
        tally.found += wanted.count { best in answer.keys.contains(best.key) }
    }

    @Test(arguments: [UInt64](1...6))
    func whoPassesAndIsNearestIsFound(seed: UInt64) throws {
        let world = try NearWorld(seed)
        var tally = Tally()
        for round in 0..<5 {
            try world.put(round == 0 ? 260 : 40)
            try world.change(round == 0 ? 5 : 60)
            if round % 2 == 0 { try world.store.settleGraphs() }
            // Of what is fresh and what is gone there is some, too.
            try world.change(25)
            for asked in world.filters() {
                for _ in 0..<6 {
                    let question = question(world, asked)
                    try check(world, question, &tally, "seed \(seed), round \(round)")
                }
            }
        }
        let recall = Double(tally.found) / Double(max(tally.wanted, 1))
        #expect(recall > 0.97, "seed \(seed)")
        #expect(tally.tiers.contains("survivors") && tally.tiers.contains("scan"))
        if seed % 2 == 0 { #expect(tally.tiers.contains("walk"), "seed \(seed)") }
        #expect(try world.store.verify().findings == [])
        try world.store.close()
    }

    /// What is deleted by a condition, and not swept yet, is in no answer.
    @Test(arguments: [UInt64](7...8))
    func whatIsOutOfSightIsInNoAnswer(seed: UInt64) throws {
        let world = try NearWorld(seed)
        try world.put(300)
        try world.store.settleGraphs()
        _ = try world.store.deleteWhere(DeleteWhere("notes", where: .eq("kind", "half")))
        world.notes = world.notes.filter { $0.value.kind != "half" }
        var tally = Tally()
        for asked in world.filters() {
            for _ in 0..<6 {
                try check(world, question(world, asked), &tally, "seed \(seed)")
            }
        }
        try world.store.close()
    }
}
