// A follower that has nothing but events, against the store: at every commit where an answer ends
// it has what the store had there, whatever was restarted, killed or without power in between.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct WatchModelTests {
    private static let owners = ["ann", "ann/work", "bob"]
    private static let nodes =
        (0..<14).map { Reference("things", .text("k\($0)")) }
        + (0..<5).map { Reference("numbers", .int(Int64($0))) }

    /// What a store has.
    private struct Shown {
        var records: [Reference: Record] = [:]
        var edges: [UInt64: Edge] = [:]

        init(_ store: Store) throws {
            let snapshot = store.snapshot()
            for node in nodes { records[node] = try snapshot.versionedRecord(node) }
            for type in ["joins", "counts"] {
                for edge in try snapshot.find(Find(edges: type, limit: 10_000)).edges {
                    edges[edge.id] = edge
                }
            }
        }
    }

    private func change(_ random: SeededRandomness, _ shown: inout Shown) -> Change {
        let things = Self.nodes.filter { shown.records[$0] != nil }
        let node = Self.nodes[random.below(Self.nodes.count)]
        switch random.below(10) {
        case 0 where shown.records[node] != nil, 1 where shown.records[node] != nil:
            shown.records[node] = nil
            shown.edges = shown.edges.filter { $0.value.from != node && $0.value.to != node }
            return random.below(4) == 0 ? .erase(node) : .delete(node)
        case 2, 3:
            guard let from = things.randomElement(using: random),
                let to = things.randomElement(using: random)
            else { break }
            return .link(Link("joins", from: from, to: to))
        case 4:
            if let edge = shown.edges.keys.sorted().randomElement(using: random) {
                shown.edges[edge] = nil
                return .unlink(edge)
            }
        default: break
        }
        shown.records[node] = shown.records[node] ?? Record(node, fields: [:])
        if node.collection == "numbers" {
            return .put(Put("numbers", node.key, ["text": .text("t\(random.below(100))")]))
        }
        return .put(
            Put(
                "things",
                node.key,
                [
                    "name": .text(node.key.description), "count": .int(Int64(random.below(1000))),
                    "owner": .text(Self.owners[random.below(3)]), "near": .vector([1, 2, 3]),
                    "body": .text(String(repeating: "words ", count: random.below(60))),
                ]
            )
        )
    }

    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func aFollowerHasWhatTheStoreHad(seed: UInt64) throws {
        print("watch: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var options: StoreOptions {
            var options = Kinds.options(disk)
            if seed % 2 == 1 { options.masterKey = Sealed.key }
            // Some tell commits in parts.
            if seed % 3 == 1 { options.watchPartBytes = Int(seed % 5) * 500 }
            return options
        }
        var store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        var shown: [UInt64: Shown] = [store.snapshot().sequence: try Shown(store)]
        var (all, ann, some) = (WatchFollower(), WatchFollower(), WatchFollower())
        ann.filter.owner = "ann"
        some.filter.collections = ["numbers"]
        some.filter.edges = []
        var compared = 0
        for step in 0..<700 {
            var model = try Shown(store)
            let changes = (0..<(1 + random.below(4))).map { _ in change(random, &model) }
            let durability: Durability = random.below(3) == 0 ? .synced : .none
            _ = try store.commit(changes, durability)
            shown[store.snapshot().sequence] = try Shown(store)
            if random.below(40) == 0 {
                let way = random.below(4)
                switch way {
                case 0: try store.close()
                case 1: disk = disk.crashKeepingAll()
                case 2: disk = disk.crashDroppingAll()
                default: disk = disk.crash(using: random)
                }
                store = try Store.open("store", options: options)
                let end = store.snapshot().sequence
                // What was told is there.
                #expect(all.after <= end, "step \(step), way \(way)")
                shown = shown.filter { $0.key <= end }
            }
            guard random.below(3) > 0 else { continue }
            _ = try all.step(store, limit: 1 + random.below(6))
            _ = try ann.step(store, limit: 1 + random.below(6))
            _ = try some.step(store, limit: 1 + random.below(6))
            for follower in [all, ann, some] {
                guard let there = shown[follower.after] else { continue }
                compared += 1
                compare(follower, there, "step \(step), after \(follower.after)")
            }
        }
        try store.checkpointNow()
        let end = try Shown(store)
        for var follower in [all, ann, some] {
            try follower.follow(store, limit: 1000)
            #expect(follower.after == store.snapshot().sequence)
            compare(follower, end, "the end")
        }
        #expect(compared > (seed % 3 == 1 ? 50 : 500))
        #expect(try store.verify().findings == [])
    }

    private func compare(_ follower: WatchFollower, _ there: Shown, _ place: Comment) {
        let records = there.records.filter { reference, record in
            if follower.filter.owner != nil {
                return record["owner"] == "ann" || record["owner"] == "ann/work"
            }
            return follower.filter.collections?.contains(reference.collection) ?? true
        }
        #expect(follower.records == records, place)
        // Edges stay whose they were when they were linked.
        if follower.filter.owner != nil { return }
        #expect(follower.edges == (follower.filter.edges == nil ? there.edges : [:]), place)
    }
}

extension Array {
    /// One of them, nil where there are none.
    fileprivate func randomElement(using random: SeededRandomness) -> Element? {
        isEmpty ? nil : self[random.below(count)]
    }
}
