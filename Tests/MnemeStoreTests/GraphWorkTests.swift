// The work on graphs in a store: it goes on beside commits, compaction, crashes and openings, finds
// what is there, and leaves nothing of what was erased.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct GraphWorkTests {
    private static let schema = Schema(collections: [
        Collection(
            "notes",
            fields: [
                Field("owner", .text), Field("text", .text),
                Field("meaning", .vector(VectorType(dimension: 24))),
            ],
            roles: {
                var roles = Roles()
                roles.owner = "owner"
                return roles
            }()
        )
    ])

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = StoreTests.options(disk)
        options.graphLeast = 80
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.compactionShare = 0.3
        return options
    }

    private static func vector(_ random: SeededRandomness) -> [Float] {
        let centre = Int(random.below(6))
        return (0..<24).map { place in
            Float(place % 6 == centre ? 3 : 0) + Float(random.below(2001)) / 1000 - 1
        }
    }

    /// Puts, replaces or deletes some; what is there then, by key.
    private func change(
        _ store: Store,
        _ random: SeededRandomness,
        _ known: inout [String: [Float]],
        growth: UInt64 = 70
    ) throws {
        var changes: [Change] = []
        var taken: Set<String> = []
        for _ in 0..<(1 + random.below(30)) {
            let key = "k\(random.below(400))"
            let reference = Reference("notes", .text(key))
            guard taken.insert(key).inserted else { continue }
            if random.below(100) < growth {
                // Some keep their vectors, and with them their places in the graph.
                let old = random.below(3) == 0 ? known[key] : nil
                let vector = old ?? Self.vector(random)
                known[key] = vector
                changes.append(
                    .put(
                        Put(
                            "notes",
                            .text(key),
                            [
                                "owner": .text("o\(random.below(3))"),
                                "text": .text("about \(key)"),
                                "meaning": .vector(vector),
                            ]
                        )
                    )
                )
            } else if known.removeValue(forKey: key) != nil {
                changes.append(.delete(reference))
            }
        }
        _ = try store.commit(changes)
    }

    private func nearest(_ store: Store, _ vector: [Float], _ limit: Int) throws -> Found {
        var find = Find("notes", limit: limit)
        find.near = Near("meaning", vector, beam: 100)
        return try store.snapshot().find(find)
    }

    /// Holds what is found against what is there.
    private func check(_ store: Store, _ known: [String: [Float]], _ note: String) throws {
        #expect(try store.verify().findings == [], "\(note)")
        for (key, vector) in known.sorted(by: { $0.key < $1.key }).prefix(40) {
            let found = try nearest(store, vector, 3)
            #expect(found.rows.count == min(3, known.count), "\(note)")
            #expect(found.rows.first?.record.reference.key == .text(key), "\(note): \(key)")
            for row in found.rows {
                guard case .text(let name) = row.record.reference.key else { continue }
                #expect(known[name] != nil, "\(note)")
            }
        }
    }

    @Test func aVectorThatStaysKeepsItsNode() throws {
        let store = try Store.open("store", options: options(SimulatedDisk()))
        try store.define(Self.schema)
        let random = SeededRandomness(seed: 3)
        var known: [String: [Float]] = [:]
        for _ in 0..<20 { try change(store, random, &known, growth: 100) }
        try store.settleGraphs()
        func work() throws -> (fresh: Int, gone: Int) {
            let field = try #require(
                try store.checkVectors(VectorQuestion(sample: 1)).fields.first
            )
            return (field.fresh, field.gone)
        }
        #expect(try work() == (0, 0))
        let keys = known.keys.sorted()
        for (place, key) in keys.prefix(30).enumerated() {
            var fields: [String: Value] = ["owner": "o1", "text": "another text"]
            fields["meaning"] = .vector(known[key] ?? [])
            let patch = Patch("notes", .text(key), [.set("text", "again")])
            _ = try store.commit([
                place % 2 == 0 ? .patch(patch) : .put(Put("notes", .text(key), fields))
            ])
        }
        // Only those that were another owner's come anew.
        let owners = try store.snapshot().find(Find("notes", owner: "o1", limit: 1_000)).rows
        let (fresh, gone) = try work()
        #expect(fresh == gone && fresh < 15 && owners.count > 15)
        try check(store, known, "kept")
        // Another vector does.
        _ = try store.commit([
            .patch(
                Patch("notes", .text(keys[0]), [.set("meaning", .vector(Self.vector(random)))])
            )
        ])
        #expect(try work() == (fresh + 1, gone + 1))
        try store.close()
    }

    @Test(arguments: [UInt64](1...4))
    func aGraphLivesBesideEverything(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try Store.open("store", options: options(disk))
        try store.define(Self.schema)
        var known: [String: [Float]] = [:]
        for round in 0..<30 {
            try change(store, random, &known, growth: round == 20 ? 5 : 75)
            for _ in 0..<random.below(8) {
                _ = try? store.upkeep([.index])
                if random.below(4) == 0 { try change(store, random, &known) }
            }
            switch random.below(8) {
            case 0:
                try store.checkpointNow()
                try store.compactAll()
            case 1:
                if random.below(2) == 0 { try store.checkpointNow() }
                disk = disk.crashKeepingAll()
                store = try Store.open("store", .open, options: options(disk))
            case 2:
                try store.close()
                store = try Store.open("store", .open, options: options(disk))
            default: break
            }
            if round % 5 == 4 { try check(store, known, "seed \(seed), round \(round)") }
        }
        for _ in 0..<8 { try change(store, random, &known, growth: 90) }
        try store.settleGraphs()
        try check(store, known, "seed \(seed), settled")
        let found = try nearest(store, Self.vector(random), 5)
        #expect(found.plan.contains("on a walk"), "seed \(seed): \(found.plan)")
        // One owner's are scanned.
        var find = Find("notes", owner: "o1", limit: 5)
        find.near = Near("meaning", Self.vector(random), beam: 100)
        let owned = try store.snapshot().find(find)
        #expect(owned.plan.contains("scanned"))
        try store.close()
        store = try Store.open("store", .rebuild, options: options(disk))
        try check(store, known, "seed \(seed), derived again")
        try store.close()
    }

    @Test func whatIsErasedLeavesTheGraphToo() throws {
        let random = SeededRandomness(seed: 8)
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk))
        try store.define(Self.schema)
        var known: [String: [Float]] = [:]
        while known.count < 200 { try change(store, random, &known, growth: 100) }
        try store.settleGraphs()
        let keys = known.keys.sorted().prefix(60)
        _ = try store.commit(
            keys.map { .delete(Reference("notes", .text($0))) },
            .synced
        )
        for key in keys { known.removeValue(forKey: key) }
        #expect(try !store.newest.state.goneNodes().isEmpty)
        #expect(try store.eraseNow())
        #expect(try store.newest.state.goneNodes().isEmpty)
        try check(store, known, "erased")
        try store.close()
    }

    /// What a graph's pages said at a checkpoint is not left in the file as what later ones differ
    /// from.
    @Test func whatIsErasedLeavesTheBasesOfTheGraphToo() throws {
        let random = SeededRandomness(seed: 9)
        let disk = SimulatedDisk()
        let store = try Store.open("store", options: options(disk))
        try store.define(Self.schema)
        var known: [String: [Float]] = [:]
        while known.count < 200 { try change(store, random, &known, growth: 100) }
        try store.settleGraphs()
        try store.checkpointNow()
        #expect(try store.eraseNow())
        let key = try #require(known.keys.sorted().first)
        _ = try store.commit([.delete(Reference("notes", .text(key)))])
        known.removeValue(forKey: key)
        try store.settleGraphs()
        try store.checkpointNow()
        func arraysWithDeltas() -> Int {
            store.pages.pagesWithDeltas.count { $0.spaceIndex == Int(PageSpace.arrays.rawValue) }
        }
        #expect(arraysWithDeltas() > 0)
        #expect(try store.eraseNow())
        #expect(arraysWithDeltas() == 0)
        let proof = try store.erasureProof(of: Reference("notes", .text(key)))
        #expect(proof.isErased && proof.findings == [] && proof.waiting == [])
        try check(store, known, "erased")
        try store.close()
    }

    @Test func aBeamHasItsBounds() throws {
        let store = try Store.open("store", options: options(SimulatedDisk()))
        try store.define(Self.schema)
        for beam in [0, -1, 16_385, Int.max] {
            var find = Find("notes")
            find.near = Near("meaning", [Float](repeating: 1, count: 24), beam: beam)
            #expect {
                _ = try store.snapshot().find(find)
            } throws: { error in
                (error as? MnemeError)?.code == .badRequest
            }
        }
        try store.close()
    }
}
