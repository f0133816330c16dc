// Graphs with vectors that are equal, or nearly: however many there are, and whenever they came,
// all else is found beside them, and they are found themselves.

import MnemeBase
import Testing

@testable import MnemeVectors

/// A graph with copies in it, and which vectors are copies of which.
private final class CopyWorld {
    let history: GraphHistory
    let random: SeededRandomness
    private let models: [[Float]]
    /// The vectors of each code.
    private var kinds: [[UInt8]: [Int]] = [:]

    init(seed: UInt64, metric: VectorMetric = .squaredEuclidean) throws {
        random = SeededRandomness(seed: seed)
        history = GraphHistory(try CodedVectors(dimension: 48, metric: metric))
        let random = random
        models = (0..<5).map { _ in random.vector(48) }
    }

    /// Adds vectors that are equal to a model but for `noise`; their numbers.
    func copies(_ count: Int, of model: Int, noise: Float = 0) throws -> [Int] {
        try (0..<count).map { _ in
            try add(models[model].map { $0 * (1 + noise * (random.normal())) })
        }
    }

    /// Adds vectors like no other.
    func others(_ count: Int) throws -> [Int] {
        try (0..<count).map { _ in try add(random.vector(48)) }
    }

    private func add(_ row: [Float]) throws -> Int {
        try history.vectors.add(row)
        let index = history.vectors.rows.count - 1
        kinds[kind(index), default: []].append(index)
        return index
    }

    private func kind(_ index: Int) -> [UInt8] {
        let flat = FlatGraph(GraphShape(history.vectors.shape), count: 1)
        flat.set(0, history.vectors.arrival(index, as: 0))
        return flat.code(0).kind(flat.shape.codeByteCount)
    }

    func link(_ some: [Int]) throws {
        for start in stride(from: 0, to: some.count, by: 50) {
            try history.link(Array(some[start..<min(start + 50, some.count)]))
        }
    }

    func shuffled(_ some: [Int]) -> [Int] {
        var order = some
        for index in order.indices.reversed() {
            order.swapAt(index, Int(random.next() % UInt64(index + 1)))
        }
        return order
    }

    /// The copies with others below them.
    func uppers() throws -> [Int] {
        let graph = history.graph
        return try history.nodes.keys.sorted().filter {
            guard let node = history.nodes[$0] else { return false }
            return try !graph.parted(graph.linkList(node), of: node).copies.isEmpty
        }
    }

    /// How many vectors a walk to them with a narrow beam does not come to, nor to a copy of them.
    func lost(beam: Int) throws -> Int {
        let graph = history.graph
        var lost = 0
        for (index, _) in history.nodes {
            let row = history.vectors.rows[index]
            let met = try history.vectors.walk(row, graph, from: history.entries, beam: beam)
            let same = Set(kinds[kind(index)] ?? [])
            if try !met.contains(where: { same.contains(Int(try graph.subject($0).ordinal)) }) {
                lost += 1
            }
        }
        return lost
    }

    /// Copies that a walk to them does not come to, whose beam has room for all of them.
    func lostCopies() throws -> Int {
        let graph = history.graph
        var lost = 0
        for some in kinds.values {
            let there = Set(some.filter { history.nodes[$0] != nil })
            guard let one = there.min(), there.count > 1 else { continue }
            let met = try history.vectors.walk(
                history.vectors.rows[one],
                graph,
                from: history.entries,
                beam: there.count + 40
            )
            let found = Set(try met.map { Int(try graph.subject($0).ordinal) })
            lost += there.subtracting(found).count
        }
        return lost
    }

    func expectAllFound(_ note: String) throws {
        let faults = try history.faults()
        #expect(faults.isEmpty, "\(note): \(faults.count) faults, \(faults.first ?? "")")
        let lost = try lost(beam: 16)
        #expect(lost <= history.nodes.count / 200, "\(note): \(lost) lost")
        let copies = try lostCopies()
        #expect(copies == 0, "\(note): \(copies) of \(history.nodes.count) copies lost")
    }
}

struct GraphCopyTests {
    @Test(arguments: VectorMetric.allCases, [false, true])
    func copiesThatCameFirstHideNothing(metric: VectorMetric, isBuilt: Bool) throws {
        let world = try CopyWorld(seed: 3, metric: metric)
        let first = try world.copies(300, of: 0)
        if isBuilt { try world.history.build() } else { try world.link(first) }
        try world.link(try world.copies(300, of: 0))
        try world.link(try world.others(200))
        // What is far away is seldom found by inner products.
        guard metric != .dot else { return #expect(try world.lostCopies() == 0) }
        try world.expectAllFound("others behind them")
        try world.link(try world.copies(300, of: 0))
        try world.link(try world.copies(200, of: 1))
        try world.expectAllFound("more copies")
    }

    @Test func copiesAmongOthersHideNothing() throws {
        let world = try CopyWorld(seed: 4)
        let some = try world.others(200) + world.copies(400, of: 0) + world.copies(3, of: 1)
        try world.link(world.shuffled(some))
        try world.expectAllFound("all at once")
        try world.link(world.shuffled(try world.others(300) + world.copies(100, of: 2)))
        try world.expectAllFound("more")
    }

    @Test(arguments: [1e-6, 1e-5] as [Float])
    func nearlyEqualVectorsHideNothing(noise: Float) throws {
        let world = try CopyWorld(seed: 5)
        try world.link(try world.copies(500, of: 0, noise: noise))
        try world.link(try world.others(200))
        #expect(try world.lost(beam: 24) <= 3)
        #expect(try world.history.faults() == [])
    }

    @Test func copiesTakeOnePlaceOnTheWay() throws {
        let world = try CopyWorld(seed: 6)
        try world.link(try world.copies(400, of: 0))
        let others = try world.others(60)
        try world.link(others)
        let (history, graph) = (world.history, world.history.graph)
        // The links of none that is no copy lead to more than one of them.
        for index in others {
            let node = try #require(history.nodes[index])
            let links = try graph.linkList(node)
            let copies = try links.filter { try graph.subject($0).ordinal < 400 }
            #expect(copies.count <= 1)
        }
        let hung = try history.nodes.values.count { try graph.isHung($0) }
        #expect(hung >= 398)
    }

    @Test(arguments: [UInt64](1...5))
    func whoHungBelowWhatGoesHasAnHeir(seed: UInt64) throws {
        let world = try CopyWorld(seed: seed)
        let some = try world.copies(300, of: 0) + world.others(150) + world.copies(40, of: 1)
        if seed % 2 == 0 {
            try world.history.build()
        } else {
            try world.link(some)
        }
        for round in 0..<12 {
            let uppers = world.shuffled(try world.uppers())
            if uppers.isEmpty { break }
            // The roots at first, then all that others hang below.
            let graph = world.history.graph
            let roots = try uppers.filter {
                guard let node = world.history.nodes[$0] else { return false }
                return try !graph.isHung(node)
            }
            let share = round % 3 == 2 ? uppers : Array(uppers.prefix(uppers.count / 3 + 1))
            try world.history.remove(round % 3 == 0 && !roots.isEmpty ? roots : share)
            // Before all nodes are gone through.
            let lost = try world.lostCopies()
            #expect(lost == 0, "seed \(seed), round \(round): \(lost)")
            try world.history.reachAll()
            try world.expectAllFound("seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [UInt64](1...8))
    func anyHistoryHidesNothing(seed: UInt64) throws {
        let world = try CopyWorld(seed: seed, metric: seed % 2 == 0 ? .cosine : .squaredEuclidean)
        let random = world.random
        var waiting: [Int] = []
        for step in 0..<30 {
            switch random.next() % 8 {
            case 0, 1: try world.link(try world.others(1 + Int(random.next() % 60)))
            case 2, 3:
                let model = Int(random.next() % 5)
                try world.link(try world.copies(1 + Int(random.next() % 120), of: model))
            case 4:
                let model = Int(random.next() % 5)
                let some = try world.copies(20, of: model) + world.others(20) + waiting
                try world.link(world.shuffled(some))
                waiting = []
            case 5:
                let uppers = world.shuffled(try world.uppers())
                try world.history.remove(Array(uppers.prefix(uppers.count / 2)))
            default:
                let share = random.next() % 4 == 0 ? 2 : 10 as UInt64
                let some = world.history.nodes.keys.sorted().filter { _ in
                    random.next() % share == 0
                }
                try world.history.remove(some)
                waiting += some
            }
            try world.history.reachAll()
            try world.expectAllFound("seed \(seed), step \(step)")
        }
    }

    @Test func walksWithATestSeePastCopies() throws {
        let world = try CopyWorld(seed: 7)
        try world.link(try world.copies(600, of: 0))
        let others = try world.others(200)
        try world.link(others)
        let (history, graph) = (world.history, world.history.graph)
        let scratch = GraphScratch()
        func find(_ row: [Float], _ passes: (Int) -> Bool) throws -> [Int] {
            let query = try history.vectors.coder.prepare(row)
            let done = try unsafe withUnsafePointer(to: query.codeQuery) { query in
                try unsafe graph.walk(
                    to: query,
                    results: 20,
                    from: history.entries,
                    atMost: .max,
                    scratch
                ) { node in passes(Int((try? graph.subject(node))?.ordinal ?? .max)) }
            }
            #expect(done != nil)
            var found: [GraphCandidate] = []
            scratch.take(into: &found)
            return try found.map { Int(try graph.subject($0.node).ordinal) }
        }
        var lost = 0
        for index in others where index % 2 == 0 {
            let found = try find(history.vectors.rows[index]) { $0 % 2 == 0 }
            #expect(found.allSatisfy { $0 % 2 == 0 })
            if !found.contains(index) { lost += 1 }
        }
        #expect(lost <= 1)
        // Few of the copies pass, and nobody else.
        let found = try find(history.vectors.rows[0]) { $0 < 600 && $0 % 50 == 7 }
        #expect(found.sorted() == Array(stride(from: 7, to: 600, by: 50)))
    }
}
