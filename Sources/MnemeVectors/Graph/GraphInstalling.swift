// The way of a graph that was built into pages, and the way of one out of them: a part for each
// turn of the writer, so that no commit waits for long.

internal import MnemePages
internal import Synchronization

/// A graph that was built, on its way into pages.
struct GraphInstalling {
    let graph: FlatGraph
    let entries: [UInt32]
    private var codePages = 0
    private var linkPages = 0
    private var adopted = 0

    /// One of which nothing is written yet.
    init(graph: FlatGraph, entries: [UInt32]) {
        self.graph = graph
        self.entries = entries
    }

    /// Writes the next pages, then gives vectors their nodes; nil when all of it is done.
    mutating func goOn(_ shape: GraphShape) -> GraphStep? {
        let graph = graph
        let count = Int(graph.count)
        if let pages = Self.part(&codePages, GraphKeeper.pagesPerTurn, of: shape.codePages(count)) {
            return GraphStep { (index, editor) throws(PageError) in
                try index.editGraph(in: editor) { (target, _) throws(PageError) in
                    try target.installCodes(pages, of: graph)
                }
            }
        }
        let linkPageCount = GraphShape.linkPages(count)
        if let pages = Self.part(&linkPages, GraphKeeper.pagesPerTurn, of: linkPageCount) {
            return GraphStep { (index, editor) throws(PageError) in
                try index.editGraph(in: editor) { (target, _) throws(PageError) in
                    try target.installLinks(pages, of: graph)
                }
            }
        }
        guard let nodes = Self.part(&adopted, GraphKeeper.adoptedPerTurn, of: count) else {
            return nil
        }
        return GraphStep { (index, editor) throws(PageError) in
            try index.adopt(
                nodes: nodes.map { place in
                    let node = UInt32(place)
                    let subject = graph.subject(node)
                    return (subject.owner, subject.ordinal, node, subject.address)
                },
                in: editor
            )
        }
    }

    /// Has the graph answer.
    var answer: GraphStep {
        GraphStep { [graph, entries] (index, editor) throws(PageError) in
            try index.editGraph(in: editor) { (_, head) throws(PageError) in
                head.count = graph.count
                head.used = graph.count
                head.entries = entries
            }
        }
    }

    /// The next part of so many; nil when none is left.
    private static func part(_ done: inout Int, _ most: Int, of count: Int) -> Range<Int>? {
        guard done < count else { return nil }
        let part = done..<min(done + most, count)
        done = part.upperBound
        return part
    }
}

/// How far the ending of a graph has come; the turns of the writer take it on.
final class GraphEnded: Sendable {
    private let progress = Mutex<(ending: GraphEnding, isDone: Bool)>((GraphEnding(), false))

    var isDone: Bool { progress.withLock { $0.isDone } }

    func goOn(_ index: VectorIndex, _ editor: PageEditor) throws(PageError) {
        var ending = progress.withLock { $0.ending }
        let isDone = try index.endGraph(&ending, pages: GraphKeeper.pagesPerTurn, in: editor)
        progress.withLock { $0 = (ending, isDone) }
    }
}
