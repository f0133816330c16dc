// Walks and paths that choose their edges and records, against a search over plain arrays: of what
// is there, and of an earlier instant once much of it has changed or gone.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct WalkRuleModelTests {
    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func walksChooseAsAPlainSearchDoes(seed: UInt64) throws {
        let run = try RuleRun(seed: seed)
        do {
            for number in 0..<150 { try run.ask(number, at: nil) }
            let then = run.note()
            try run.change()
            for number in 150..<300 { try run.ask(number, at: then) }
            #expect(try run.store.verify().findings == [], "seed \(seed)")
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
    }
}

private struct RuleRun {
    let seed: UInt64
    let dice: StoreDice
    let clock = SimulatedClock(start: 1_700_000_000_000_000)
    let store: Store
    let graph: RuleGraph
    private static let nodeCount: Int64 = 40

    init(seed: UInt64) throws {
        self.seed = seed
        dice = StoreDice(random: SeededRandomness(seed: seed))
        var options = Kinds.options(SimulatedDisk())
        options.clock = clock
        store = try Store.open("store", .openOrCreate, options: options)
        var roles = Roles()
        (roles.validFrom, roles.validTo) = ("from", "to")
        var type = EdgeType(
            "knows",
            fields: [
                Field("weight", .float), Field("since", .instant), Field("until", .instant),
            ],
            history: HistoryRule()
        )
        (type.validFrom, type.validTo) = ("since", "until")
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "notes",
                        key: .int,
                        fields: [
                            Field("score", .int), Field("from", .instant), Field("to", .instant),
                        ],
                        roles: roles,
                        history: HistoryRule()
                    ),
                    Collection(
                        "people",
                        key: .int,
                        fields: [Field("score", .int)],
                        history: HistoryRule()
                    ),
                ],
                edgeTypes: [type]
            )
        )
        clock.advance(by: 10)
        graph = try Self.fill(store, dice)
        clock.advance(by: 10)
    }

    private static func instant(_ number: Int64) -> Value {
        .instant(Instant(microseconds: number))
    }

    private static func fill(_ store: Store, _ dice: StoreDice) throws -> RuleGraph {
        var graph = RuleGraph()
        func maybe(_ bound: Int) -> Int64? {
            dice.chance(3) ? Int64(dice.random.below(bound)) : nil
        }
        for key in 0..<nodeCount {
            var node = RuleGraph.Node(
                collection: dice.chance(3) ? "people" : "notes",
                score: Int64(dice.random.below(10))
            )
            if node.collection == "notes" { (node.from, node.to) = (maybe(60), maybe(100)) }
            var fields: [String: Value] = ["score": .int(node.score)]
            if let from = node.from { fields["from"] = instant(from) }
            if let to = node.to { fields["to"] = instant(to) }
            _ = try store.commit([.put(Put(node.collection, .int(key), fields))])
            graph.nodes[key] = node
        }
        for _ in 0..<160 {
            let (from, to) = (Int64(dice.random.below(40)), Int64(dice.random.below(40)))
            let weight = dice.chance(5) ? nil : Double(dice.random.below(8)) / 8
            let (since, until) = (maybe(60), maybe(100))
            var fields: [String: Value] = [:]
            if let weight { fields["weight"] = .float(weight) }
            if let since { fields["since"] = instant(since) }
            if let until { fields["until"] = instant(until) }
            let link = Link(
                "knows",
                from: reference(from, graph),
                to: reference(to, graph),
                fields: fields
            )
            let made = try store.commit([.link(link)]).outcomes.compactMap(\.madeEdge)
            graph.edges.append(
                RuleGraph.Edge(
                    id: try #require(made.first),
                    from: from,
                    to: to,
                    weight: weight,
                    since: since,
                    until: until
                )
            )
        }
        return graph
    }

    private static func reference(_ key: Int64, _ graph: RuleGraph) -> Reference {
        Reference(graph.nodes[key]?.collection ?? "", .int(key))
    }

    private func reference(_ key: Int64) -> Reference { Self.reference(key, graph) }

    /// The instant of what is there; what follows is later.
    func note() -> Instant {
        defer { clock.advance(by: 10) }
        return Instant(microseconds: clock.now())
    }

    /// Has much change and go; records below 20 stay.
    func change() throws {
        for edge in graph.edges where dice.chance(3) {
            _ = try store.commit([.unlink(edge.id)])
            clock.advance(by: 1)
        }
        for key in 0..<Self.nodeCount {
            let name = reference(key)
            clock.advance(by: 1)
            if key >= 20, dice.chance(3) {
                _ = try store.commit([.delete(name)])
                guard dice.chance(2) else { continue }
                _ = try store.commit([.put(Put(name.collection, name.key, [:]))])
            } else if dice.chance(2) {
                let score = Value.int(Int64(dice.random.below(10)))
                _ = try store.commit([.put(Put(name.collection, name.key, ["score": score]))])
            }
        }
        for _ in 0..<40 {
            let (from, to) = (Int64(dice.random.below(20)), Int64(dice.random.below(20)))
            _ = try store.commit([
                .link(Link("knows", from: reference(from), to: reference(to)))
            ])
        }
    }

    private func question() -> RuleQuestion {
        func choice() -> [String: Int64]? {
            if dice.chance(2) { return nil }
            var choice = ["notes": Int64(dice.random.below(6))]
            if dice.chance(2) { choice["people"] = Int64(dice.random.below(3)) }
            return choice
        }
        var question = RuleQuestion()
        question.direction = dice.pick(Direction.allCases)
        question.hops = dice.random.below(5)
        question.weight = dice.chance(3) ? Double(dice.random.below(6)) / 8 : nil
        question.through = choice()
        question.only = choice()
        if dice.chance(2) {
            let strongest = dice.chance(2) ? "weight" : nil
            question.fanOut = FanOut(1 + dice.random.below(4), strongest: strongest)
        }
        question.asOf = dice.chance(3) ? Int64(dice.random.below(100)) : nil
        return question
    }

    private func choices(_ given: [String: Int64]?) -> [NodeChoice]? {
        given?.sorted { $0.key < $1.key }.map { name, least in
            least == 0
                ? NodeChoice(name)
                : NodeChoice(name, where: .compare(field: "score", .gte(.int(least))))
        }
    }

    func ask(_ number: Int, at instant: Instant?) throws {
        let question = question()
        let start = Int64(dice.random.below(instant == nil ? 40 : 20))
        let end = Int64(dice.random.below(instant == nil ? 40 : 20))
        let place: Comment = "seed \(seed), question \(number)"
        let filter = question.weight.map { Filter.compare(field: "weight", .gt(.float($0))) }
        let asOf = question.asOf.map { Instant(microseconds: $0) }
        func isTrue(_ key: Int64) -> Bool {
            let node = graph.nodes[key]
            return RuleQuestion.isTrue(node?.from, node?.to, at: question.asOf)
        }
        var walk = Walk(
            from: [reference(start)],
            direction: question.direction,
            where: filter,
            hops: question.hops,
            limit: dice.chance(4) ? 3 : 1000
        )
        (walk.through, walk.only) = (choices(question.through), choices(question.only))
        (walk.fanOut, walk.asOf, walk.knownAt) = (question.fanOut, asOf, instant)
        guard isTrue(start) else {
            try expectRefusal(.notFound, "was not true", leaving: store) {
                _ = try store.snapshot().walk(walk)
            }
            return
        }
        try ask(walk, question, start, place)
        guard isTrue(end) else { return }
        var path = Path(
            from: reference(start),
            to: reference(end),
            direction: question.direction,
            where: filter,
            hops: question.hops
        )
        path.through = choices(question.through)
        (path.fanOut, path.asOf, path.knownAt) = (question.fanOut, asOf, instant)
        let wanted = question.reached(from: start, graph, end: end)[end]
        #expect(try store.snapshot().path(path)?.count == wanted?.distance, place)
        var paths = Paths(
            from: reference(start),
            to: reference(end),
            direction: question.direction,
            where: filter,
            hops: question.hops,
            limit: Paths.mostPaths
        )
        paths.through = path.through
        (paths.fanOut, paths.asOf, paths.knownAt) = (question.fanOut, asOf, instant)
        let found = try store.snapshot().paths(paths).paths
        #expect(found.count == min(wanted?.ways ?? 0, Paths.mostPaths), place)
        #expect(found.allSatisfy { $0.edges.count == wanted?.distance }, place)
    }

    private func ask(
        _ walk: Walk,
        _ question: RuleQuestion,
        _ start: Int64,
        _ place: Comment
    ) throws {
        var told: [Int64: Int] = [:]
        for (key, found) in question.reached(from: start, graph) where key != start {
            guard let node = graph.nodes[key], RuleQuestion.holds(question.only, node) else {
                continue
            }
            told[key] = found.distance
        }
        let walked = try store.snapshot().walk(walk)
        #expect(walked.count == min(told.count, walk.limit), place)
        #expect(walked.isComplete == (told.count <= walk.limit), place)
        var last = 0
        for stop in walked.stops {
            guard case .int(let key) = stop.reference.key else { continue }
            #expect(told[key] == stop.path.count, place)
            #expect(last <= stop.path.count, place)
            last = stop.path.count
            var node = start
            for edge in stop.path {
                let step = question.steps(node, graph, end: nil).first { $0.edge == edge.id }
                node = try #require(step, place).to
            }
            #expect(node == key, place)
        }
        var counting = walk
        counting.isCountOnly = true
        #expect(try store.snapshot().walk(counting).count == walked.count, place)
        counting.from = []
        let prepared = try store.prepare(counting, from: walk.from[0].collection)
        #expect(try store.count(prepared, from: .int(start)) == walked.count, place)
    }
}
