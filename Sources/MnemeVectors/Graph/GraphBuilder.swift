// A graph made anew of many nodes, on one thread or several.
//
// Nodes come in rounds. In the first half of a round each new node looks for its neighbours among
// those of earlier rounds, and nobody writes but to the new nodes of its own; in the second half
// links back are put in, each thread for nodes of its own. So threads never wait for a lock, and
// the same nodes make the same graph on any number of threads. Copies of a node are hung below it
// when all others are linked (`GraphCopies.swift`). At the end every node is reached from the first
// entry, and numbers are given again so that neighbours lie side by side.

internal import CKernels
internal import MnemeBase
internal import Synchronization

/// Builds a graph.
final class GraphBuilder: Sendable {
    private let graph: FlatGraph
    private let copies: GraphCopies
    private let workers: [Worker]
    private let pool: WorkerPool?

    /// Nodes of a round, at most, and that of those before it which a round may be.
    private static let roundLimit = 256
    private static let roundShare = 16

    /// What one thread has for itself.
    ///
    /// SAFETY: used by one thread at a time, which the builder's two halves see to.
    private final class Worker: @unchecked Sendable {
        let scratch = GraphScratch()
        var query: GraphQuery
        var pruner: GraphPruner
        var candidates: [GraphCandidate] = []
        /// Links back that are wanted: target above, source below.
        var wanted: [UInt64] = []

        init(_ shape: GraphShape) {
            query = GraphQuery(shape)
            pruner = GraphPruner(shape)
        }
    }

    /// A builder over nodes whose codes stand in `graph`, on so many threads.
    init(_ graph: FlatGraph, threadCount: Int) {
        self.graph = graph
        copies = GraphCopies(of: graph)
        workers = (0..<max(1, threadCount)).map { _ in Worker(graph.shape) }
        pool = threadCount > 1 ? WorkerPool(threadCount: threadCount - 1, niceness: 19) : nil
    }

    /// Links all nodes; the graph with its new numbers and entries, nil when `goesOn` says no.
    ///
    /// `goesOn` is told how many nodes are linked, and asked after every round.
    func build(_ goesOn: (Int) -> Bool) -> (graph: FlatGraph, entries: [UInt32])? {
        let count = Int(graph.count)
        let nodes = copies.originals.count
        var linked = min(nodes, 1)
        while linked < nodes {
            let size = max(1, min(Self.roundLimit, linked / Self.roundShare))
            let round = linked..<min(linked + size, nodes)
            inParallel { self.search(round, $0) }
            inParallel { self.linkBack($0) }
            for worker in workers { worker.wanted.removeAll(keepingCapacity: true) }
            linked = round.upperBound
            guard goesOn(linked) else { return nil }
        }
        copies.link(in: graph)
        let entries = entries(nodes)
        var reach = GraphReach(graph)
        let missing = reach.missing(from: entries)
        for (node, links) in reach.mend(missing) { graph.setLinks(links, of: node) }
        var places = [UInt32](repeating: 0, count: count)
        for (place, node) in reach.order.enumerated() { places[Int(node)] = UInt32(place) }
        return (graph.renumbered(reach.order), entries.map { places[Int($0)] })
    }

    /// Nodes spread evenly over so many of the originals.
    private func entries(_ count: Int) -> [UInt32] {
        let wanted = min(GraphTuning.entryCount, count)
        return (0..<wanted).map { copies.originals[$0 * count / wanted] }
    }

    /// Does a half of a round: each worker its part.
    private func inParallel(_ part: @escaping @Sendable (Int) -> Void) {
        guard let pool else { return part(0) }
        let rest = Countdown(workers.count - 1)
        for index in 1..<workers.count {
            pool.submit {
                part(index)
                rest.countDown()
            }
        }
        part(0)
        rest.wait()
    }

    /// Looks for neighbours of the worker's nodes of a round among those before it, and links them
    /// forward.
    private func search(_ round: Range<Int>, _ index: Int) {
        let worker = workers[index]
        let entries = entries(round.lowerBound)
        var place = round.lowerBound + index
        while place < round.upperBound {
            let node = copies.originals[place]
            worker.query.become(graph.code(node))
            worker.query.walk(graph, from: entries, worker.scratch)
            worker.scratch.take(into: &worker.candidates)
            let links = worker.pruner.choose(
                for: node,
                among: &worker.candidates,
                atMost: GraphTuning.forward,
                in: graph
            )
            graph.setLinks(links, of: node)
            for link in links { worker.wanted.append(UInt64(link) << 32 | UInt64(node)) }
            place += workers.count
        }
    }

    /// Puts links back into the worker's share of all nodes.
    private func linkBack(_ index: Int) {
        let worker = workers[index]
        var wanted: [UInt64] = []
        for other in workers {
            for pair in other.wanted where Int(pair >> 32) % workers.count == index {
                wanted.append(pair)
            }
        }
        wanted.sort()
        var start = 0
        while start < wanted.count {
            let target = UInt32(wanted[start] >> 32)
            var links = graph.linkList(target)
            var end = start
            while end < wanted.count, wanted[end] >> 32 == UInt64(target) {
                links.append(UInt32(truncatingIfNeeded: wanted[end]))
                end += 1
            }
            start = end
            if links.count > GraphShape.degree {
                worker.candidates = worker.pruner.score(links, against: target, in: graph)
                links = worker.pruner.choose(
                    for: target,
                    among: &worker.candidates,
                    atMost: GraphTuning.kept,
                    in: graph
                )
            }
            graph.setLinks(links, of: target)
        }
    }
}

/// Where one thread waits for several.
private final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let gate = Gate()

    init(_ count: Int) { left = Atomic(count) }

    func countDown() {
        let before = left.subtract(1, ordering: .acquiringAndReleasing).oldValue
        if before == 1 { gate.open() }
    }

    func wait() { gate.wait() }
}
