// Everything that is read of pages, whatever stands in them.

internal import MnemeBase
internal import MnemeGraph
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// Reads all that a page file has.
struct PageReading {
    let forged: ForgedPages
    let file: PageFile
    /// Whether all invariants hold, of what has been read.
    private(set) var isWhole = true
    private let view: PageView
    /// More steps than any true walk along these pages takes.
    private static let most = 200_000

    init(forged: ForgedPages, file: PageFile) {
        self.forged = forged
        self.file = file
        view = file.root.view
    }

    /// Reads it, and says what did not hold; nil where all did.
    mutating func run() -> String? {
        let broken = readTree() ?? readColumns() ?? readOrdinals() ?? readVectors()
        if let broken { return broken }
        inspect()
        var scrub = PageScrub(file)
        var steps = 0
        while scrub.step() {
            steps += 1
            guard steps < Self.most else { return "a scrub that does not end" }
        }
        isWhole = isWhole && scrub.damage.isEmpty
        if (try? file.residues { _ in [] }) == nil { isWhole = false }
        return nil
    }

    private mutating func readTree() -> String? {
        let tree = forged.tree
        let isSound = (try? tree.checkStructure(view)) != nil
        if !isSound { isWhole = false }
        var counts: [Int] = []
        for reversed in [false, true] {
            guard var cursor = try? tree.cursor(reversed: reversed, in: view) else { continue }
            var steps = 0
            while let isThere = try? cursor.next(), isThere {
                if let key = try? cursor.key {
                    var reader = KeyReader(key)
                    _ = (try? reader.getIndex(), try? reader.getField())
                }
                _ = (try? cursor.value, try? cursor.value64, try? cursor.ordinal)
                steps += 1
                guard steps < Self.most else { return "a cursor that does not end" }
            }
            counts.append(steps)
            guard var runs = try? tree.cursor(reversed: reversed, in: view) else { continue }
            var runCount = 0
            while let run = try? runs.nextRun() {
                for position in 0..<run.count { _ = try? runs.key(position, of: run) }
                runCount += 1
                guard runCount < Self.most else { return "runs that do not end" }
            }
        }
        if isSound, counts.count != 2 || counts[0] != counts[1] {
            return "a sound tree has two lengths"
        }
        for index in UInt8(0)..<90 {
            let key = ForgedPages.key(index)
            let isThere = (try? tree.value(key, in: view)) != nil
            if isSound, isThere != (try? tree.holds(key, in: view)) {
                return "a tree has a key and has it not"
            }
            _ = try? tree.value64(key, in: view)
        }
        let range = TreeRange.prefix([0, 1, 0])
        _ = (try? tree.count(range, in: view), try? tree.estimate(range, in: view))
        return nil
    }

    private mutating func readColumns() -> String? {
        let adjacency = forged.adjacency
        if (try? adjacency.tree.checkStructure(view)) == nil { isWhole = false }
        _ = try? ColumnTree.open(adjacency.tree.root, in: view)
        _ = try? adjacency.tree.count(in: view)
        if var cursor = try? adjacency.tree.cursor(in: view) {
            var steps = 0
            while let block = try? cursor.next() {
                guard block.count > 0 else { return "a block of no entries" }
                steps += 1
                guard steps < Self.most else { return "blocks that do not end" }
            }
        }
        let source = GraphSource(adjacency, view)
        var copy = GraphCopy(through: 10, capacity: 1 << 12)
        let choice = ReadyChoice(EdgeChoice(types: nil, goesOut: true, goesIn: true))
        let bounds = WalkBounds(hops: 3, limit: 100, fanOut: 10)
        for node in 0..<ForgedPages.nodes {
            var seen = 0
            try? adjacency.forEach(of: node, .out, in: view) { _ in seen += 1 }
            guard seen < Self.most else { return "a list that does not end" }
            _ = try? adjacency.neighbour(of: node, .arriving, type: 1, edge: node, in: view)
            _ = try? adjacency.inspect(node, limit: 5, in: view)
            if let walked = try? copy.walk(from: [node], choice, bounds, source, StepJudge()),
                walked.reached.count > bounds.limit
            {
                return "a walk beyond its limit"
            }
            _ = try? copy.shortestPath(
                from: node,
                to: ForgedPages.nodes - 1,
                choice,
                hops: 4,
                source,
                StepJudge()
            )
        }
        return nil
    }

    private mutating func readOrdinals() -> String? {
        if (try? OrdinalTable.checkSlack(view)) == nil { isWhole = false }
        _ = try? OrdinalTable.next(in: view)
        let visibility = Visibility(sequence: 5, instant: 0)
        for ordinal in 0..<(ForgedPages.ordinals + 300) {
            guard let entry = try? OrdinalTable.entry(ordinal, in: view) else { continue }
            _ = visibility.sees(entry)
        }
        return nil
    }

    private mutating func readVectors() -> String? {
        guard let index = try? VectorIndex.open(forged.coder, forged.head, in: view) else {
            isWhole = false
            return nil
        }
        if (try? index.checkStructure(file.root)) == nil { isWhole = false }
        _ = try? index.findings(in: file.root)
        _ = (try? index.headNotes(in: view), try? index.sample(9, in: view))
        _ = (try? index.freshCount(in: view), try? index.goneCount(in: view))
        for ordinal in 0..<ForgedPages.vectors {
            _ = try? index.codeNotes(owner: UInt32(ordinal % 3), ordinal: ordinal, in: view)
            _ = try? index.node(UInt32(ordinal), in: view) as InspectedNode?
        }
        let vector: [Float] = [1, -0.5, 0, 0.25, 0, 0, -1, 0.5]
        for (scope, isExact) in [(VectorScope.all, false), (.owner(1), false), (.all, true)] {
            guard let query = try? forged.coder.prepare(vector) else {
                return "a vector cannot be prepared"
            }
            for beam in [nil, 16] {
                let limits = NearestLimits(count: 7, beam: beam, isExact: isExact)
                let choice = try? index.choice(
                    limits,
                    in: scope,
                    of: NearestSelection(.ordinal),
                    by: beam == nil ? nil : .walk,
                    view: view
                )
                let answer = try? index.nearest(
                    to: query,
                    in: scope,
                    limits: limits,
                    by: choice,
                    view: view,
                    source: EqualRows.shared,
                    accept: { $0 % 5 > 0 }
                )
                if let answer, answer.hits.count > limits.count { return "too many hits" }
            }
        }
        return nil
    }

    /// Every page of the trees, byte by byte.
    private func inspect() {
        for number in 0..<UInt64(40) {
            guard let page = try? view.inspect(PageID(.tree, number)) else { continue }
            if page.isTree {
                _ = page.treeNotes(limit: 9, key: { "\($0)" }, value: { "\($0)\($1)" })
            }
            if page.isColumns {
                _ = page.columnNotes(
                    Adjacency.shape,
                    limit: 9,
                    key: { "\($0), \($1)" },
                    value: { "\($0)\($1)" }
                )
            }
        }
        guard let page = try? view.inspect(OrdinalTable.pageID(0)) else { return }
        let words = OrdinalWords(
            place: { "\($0)" },
            owner: { "\($0)" },
            collection: { "\($0)" },
            flags: { "\($0)" }
        )
        for ordinal in OrdinalTable.used(page) { _ = OrdinalTable.notes(ordinal, page, words) }
    }
}
