// A graph made anew of many nodes, on one thread or several.
//
// Nodes come in rounds. In the first half of a round each new node looks for its neighbours among
// those of earlier rounds, and nobody writes but to the new nodes of its own; in the second half
// links back are put in, each thread for nodes of its own. So threads never wait for a lock, and
// the same nodes make the same graph on any number of threads. At the end every node is reached
// from the first entry, and numbers are given again so that neighbours lie side by side.

internal import CKernels
internal import MnemeBase
internal import Synchronization

/// Builds a graph.
final class GraphBuilder: Sendable {
    private let graph: FlatGraph
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
        workers = (0..<max(1, threadCount)).map { _ in Worker(graph.shape) }
        pool = threadCount > 1 ? WorkerPool(threadCount: threadCount - 1, niceness: 19) : nil
    }

    /// Links all nodes; the graph with its new numbers and entries, nil when `goesOn` says no.
    ///
    /// `goesOn` is told how many nodes are linked, and asked after every round.
    func build(_ goesOn: (Int) -> Bool) -> (graph: FlatGraph, entries: [UInt32])? {
        let count = Int(graph.count)
        var linked = min(count, 1)
        while linked < count {
            let size = max(1, min(Self.roundLimit, linked / Self.roundShare))
            let round = UInt32(linked)..<UInt32(min(linked + size, count))
            inParallel { self.search(round, $0) }
            inParallel { self.linkBack($0) }
            for worker in workers { worker.wanted.removeAll(keepingCapacity: true) }
            linked = Int(round.upperBound)
            guard goesOn(linked) else { return nil }
        }
        let entries = Self.entries(graph.count)
        var reach = GraphReach(graph)
        let missing = reach.missing(from: entries)
        for (node, links) in reach.mend(missing) { graph.setLinks(links, of: node) }
        var places = [UInt32](repeating: 0, count: count)
        for (place, node) in reach.order.enumerated() { places[Int(node)] = UInt32(place) }
        return (graph.renumbered(reach.order), entries.map { places[Int($0)] })
    }

    /// Nodes spread over the numbers evenly.
    private static func entries(_ count: UInt32) -> [UInt32] {
        let wanted = min(UInt32(GraphTuning.entryCount), count)
        return (0..<wanted).map { UInt32(UInt64($0) * UInt64(count) / UInt64(wanted)) }
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
    private func search(_ round: Range<UInt32>, _ index: Int) {
        let worker = workers[index]
        let entries = Self.entries(round.lowerBound)
        var node = round.lowerBound + UInt32(index)
        while node < round.upperBound {
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
            node += UInt32(workers.count)
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
