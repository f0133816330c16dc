// Walks of random earlier instants against a plain model that remembers every edge with its times,
// while edges and records come, go, expire and are erased, through reopening, crashes, rebuilds,
// compaction and checkpoints.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PastWalkModelTests {
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func theStoreKnowsWhichEdgesThereWere(seed: UInt64) throws {
        var run = try PastRun(seed: seed)
        do {
            for _ in 0..<500 { try run.step() }
            try run.finish()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }
}

/// Every edge that ever was, by number.
private struct PastModel {
    struct Edge {
        let from: UInt64
        let to: UInt64
        let linked: Int64
        var ended = Int64.max
    }

    struct Node {
        let name: Int64
        var expiresAt = Int64.max
    }

    /// Records that live, by names of their own: a key may come to mean another record.
    var keys: [Int64: UInt64] = [:]
    var nodes: [UInt64: Node] = [:]
    var edges: [UInt64: Edge] = [:]
    var next: UInt64 = 1

    mutating func put(_ key: Int64, expiresAt: Int64) {
        if let known = keys[key] {
            nodes[known]?.expiresAt = expiresAt
            return
        }
        keys[key] = next
        nodes[next] = Node(name: key, expiresAt: expiresAt)
        next += 1
    }

    /// What expired by then has gone when its time was over.
    mutating func advance(to now: Int64) {
        for (key, node) in keys {
            if let end = nodes[node]?.expiresAt, end <= now { remove(key, at: end) }
        }
    }

    mutating func remove(_ key: Int64, at time: Int64) {
        guard let node = keys.removeValue(forKey: key) else { return }
        for (number, edge) in edges where edge.from == node || edge.to == node {
            end(number, at: time)
        }
    }

    /// Nothing is known any more of the edges of any record that ever had the key.
    mutating func erase(_ key: Int64) {
        keys[key] = nil
        edges = edges.filter { nodes[$1.from]?.name != key && nodes[$1.to]?.name != key }
    }

    mutating func end(_ edge: UInt64, at time: Int64) {
        guard let known = edges[edge]?.ended else { return }
        edges[edge]?.ended = min(known, time)
    }

    func lives(_ edge: UInt64) -> Bool { edges[edge]?.ended == .max }

    /// How far each record was that could be reached at an instant, by the names of keys.
    func distances(
        from start: UInt64,
        hops: Int,
        _ direction: Direction,
        at instant: Int64
    ) -> [UInt64: Int] {
        var distances = [start: 0]
        var front = [start]
        for hop in stride(from: 1, through: hops, by: 1) {
            var next: [UInt64] = []
            for node in front {
                for edge in edges.values where edge.linked <= instant && instant < edge.ended {
                    let ends = [
                        direction != .in && edge.from == node ? edge.to : nil,
                        direction != .out && edge.to == node ? edge.from : nil,
                    ]
                    for end in ends.compactMap({ $0 }) where distances[end] == nil {
                        distances[end] = hop
                        next.append(end)
                    }
                }
            }
            front = next
        }
        return distances
    }
}

private struct PastRun {
    let seed: UInt64
    let dice: StoreDice
    let clock = SimulatedClock(start: Self.start)
    var disk = SimulatedDisk()
    var store: Store
    var model = PastModel()
    var steps = 0

    static let start: Int64 = 1_700_000_000_000_000

    init(seed: UInt64) throws {
        self.seed = seed
        dice = StoreDice(random: SeededRandomness(seed: seed))
        store = try Store.open("store", .openOrCreate, options: Self.options(disk, clock))
        try store.define(
            Schema(
                collections: [Collection("people", key: .int, fields: [])],
                edgeTypes: [EdgeType("knows", history: HistoryRule())]
            )
        )
    }

    static func options(_ disk: SimulatedDisk, _ clock: SimulatedClock) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 128 << 10
        return options
    }

    private func person(_ key: Int64) -> Reference { Reference("people", .int(key)) }

    mutating func step() throws {
        steps += 1
        clock.advance(by: 1 + Int64(dice.random.below(20)))
        model.advance(to: clock.now())
        switch dice.random.below(24) {
        case 0: try reopen()
        case 1: try store.upkeep()
        case 2: try store.checkpointNow()
        case 3: try store.sweep()
        case 4...16: try change()
        default: try ask()
        }
    }

    mutating func finish() throws {
        try store.close()
        store = try Store.open("store", .rebuild, options: Self.options(disk, clock))
        #expect(try store.verify().findings == [], "seed \(seed)")
        for _ in 0..<50 { try ask() }
    }

    private mutating func reopen() throws {
        let way = dice.random.below(3)
        if way == 0 { try store.close() } else { disk = disk.crashKeepingAll() }
        store = try Store.open(
            "store",
            way == 2 ? .rebuild : .open,
            options: Self.options(disk, clock)
        )
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }

    /// One random change, in the store and in the model.
    private mutating func change() throws {
        let now = clock.now()
        let key = Int64(dice.random.below(10))
        switch dice.random.below(12) {
        case 0, 1:
            let end = dice.chance(3) ? now + 1 + Int64(dice.random.below(400)) : .max
            let expiresAt = end == .max ? nil : Instant(microseconds: end)
            _ = try store.commit([.put(Put("people", .int(key), [:], expiresAt: expiresAt))])
            model.put(key, expiresAt: end)
        case 2:
            _ = try store.commit([.delete(person(key))])
            model.remove(key, at: now)
        case 3 where dice.chance(2):
            _ = try store.commit([.erase(person(key))])
            model.erase(key)
        case 4, 5:
            let living = model.edges.keys.filter { model.lives($0) }.sorted()
            guard !living.isEmpty else { return }
            let edge = dice.pick(living)
            _ = try store.commit([.unlink(edge)])
            model.end(edge, at: now)
        default:
            let keys = model.keys.keys.sorted()
            guard !keys.isEmpty else { return }
            let (from, to) = (dice.pick(keys), dice.pick(keys))
            let link = Link("knows", from: person(from), to: person(to))
            let made = try store.commit([.link(link)]).outcomes.compactMap(\.madeEdge)
            guard let edge = made.first, let start = model.keys[from], let end = model.keys[to]
            else { return }
            model.edges[edge] = PastModel.Edge(from: start, to: end, linked: now)
        }
    }

    private mutating func ask() throws {
        let keys = model.keys.keys.sorted()
        guard !keys.isEmpty else { return }
        let (from, to) = (dice.pick(keys), dice.pick(keys))
        guard let start = model.keys[from], let end = model.keys[to] else { return }
        let span = Int(clock.now() - Self.start)
        let asked = dice.chance(6) ? clock.now() : Self.start + Int64(dice.random.below(span))
        // The history began with the first step.
        let instant = Instant(microseconds: asked)
        let direction = dice.pick(Direction.allCases)
        let hops = dice.random.below(4)
        let distances = model.distances(from: start, hops: hops, direction, at: asked)
        let walk = Walk(from: [person(from)], types: ["knows"], direction: direction, hops: hops)
            .known(at: instant)
        let place: Comment = "seed \(seed), step \(steps)"
        let walked = try store.snapshot().walk(walk)
        let names = walked.stops.map { $0.reference.key }.sorted { "\($0)" < "\($1)" }
        let wanted = distances.keys.filter { $0 != start }.compactMap { model.nodes[$0]?.name }
            .map { Key.int($0) }.sorted { "\($0)" < "\($1)" }
        #expect(names == wanted, place)
        let prepared = try store.prepare(
            Walk(from: [], types: ["knows"], direction: direction, hops: hops).known(at: instant),
            from: "people"
        )
        #expect(try store.count(prepared, from: .int(from)) == wanted.count, place)
        let path = try store.snapshot().path(
            from: person(from),
            to: person(to),
            types: ["knows"],
            direction: direction,
            hops: hops,
            knownAt: instant
        )
        #expect(path?.count == distances[end], place)
        var paths = Paths(
            from: person(from),
            to: person(to),
            types: ["knows"],
            direction: direction,
            hops: hops
        )
        paths.knownAt = instant
        #expect(try store.snapshot().paths(paths).paths.first?.edges.count == distances[end], place)
    }
}
