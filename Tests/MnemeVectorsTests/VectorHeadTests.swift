// An index with a graph that comes, grows, is cleaned and goes, against a plain model, and what is
// wrong with one being found.

import MnemeBase
import Testing

@testable import MnemePages
@testable import MnemeVectors

/// Pages of a graph as its thread would write them; links lead nowhere.
private struct GraphWriter {
    let shape: GraphShape
    let editor: PageEditor

    func set(_ subject: GraphSubject, _ code: [UInt8], _ node: UInt32, _ head: inout GraphHead) {
        let codes = page(shape.codePlace(node).page, &head.codeSegments, GraphPages.codeKind)
        let slot = shape.codePlace(node).slot
        codes.store(code, GraphShape.payload + slot * shape.codeByteCount)
        codes.store(UInt32(7), shape.factors(slot))
        write(subject, GraphShape.linkPlace(node), &head)
    }

    func clear(_ node: UInt32, _ head: inout GraphHead) {
        let codes = page(shape.codePlace(node).page, &head.codeSegments, GraphPages.codeKind)
        let slot = shape.codePlace(node).slot
        codes.clear(GraphShape.payload + slot * shape.codeByteCount, shape.codeByteCount)
        codes.clear(shape.factors(slot), 4)
        let nobody = GraphSubject(owner: GraphShape.none, ordinal: 0, address: 0)
        write(nobody, GraphShape.linkPlace(node), &head)
    }

    private func write(
        _ subject: GraphSubject,
        _ place: (page: Int, slot: Int),
        _ head: inout GraphHead
    ) {
        let page = page(place.page, &head.linkSegments, GraphPages.linkKind)
        page.store(subject.owner, GraphShape.owners + place.slot * 4)
        page.store(subject.ordinal, GraphShape.ordinals + place.slot * 8)
        page.store(subject.address, GraphShape.addresses + place.slot * 8)
    }

    private func page(_ number: Int, _ segments: inout [UInt32], _ kind: UInt8) -> MutablePage {
        if number >= segments.count * PageArray.segmentPages {
            segments.append(editor.freeSegment())
        }
        let id = PageArray.id(number, in: segments) ?? PageID(.arrays, 0)
        if let page = try? editor.edit(id) { return page }
        let page = editor.create(id, kind: kind)
        if kind == GraphPages.linkKind {
            for slot in 0..<GraphShape.linksPerPage {
                page.store(GraphShape.none, GraphShape.owners + slot * 4)
                for link in 0..<GraphShape.degree {
                    let start = GraphShape.payload + slot * GraphShape.linkByteCount
                    page.store(GraphShape.none, start + link * 4)
                }
            }
        }
        return page
    }
}

/// An index in a page file, and what it is to say.
private struct Stage {
    struct Vector: Equatable {
        var put: UInt64
        var address: UInt64
        var node: UInt32?
    }

    /// A vector as the graph's thread saw it.
    struct Sight {
        var key: ColumnKey
        var vector: Vector
        var node: UInt32
    }

    let random: SeededRandomness
    let coder: VectorCoder
    let disk = MemoryDisk()
    let identity = StoreIdentity(high: 3, low: 5)
    var file: PageFile
    var head: PageID
    var vectors: [ColumnKey: Vector] = [:]
    /// As the index has them; nil without a graph.
    var fresh: Set<ColumnKey>?
    var gone: Set<UInt32> = []
    var free: Set<UInt32> = []
    var numbers: UInt32 = 0
    var answers = false
    var counter: UInt64 = 0

    init(_ seed: UInt64, metric: VectorMetric = .cosine) throws {
        random = SeededRandomness(seed: seed)
        let shape = try VectorShape(dimension: 64, metric: metric, format: .float32)
        coder = VectorCoder(shape: shape, seed: 9)
        file = try PageFile.create(disk, path: "pages", identity: identity)
        let editor = file.edit()
        // Page 0 is another tree's, as in a store.
        _ = ColumnTree.create(ColumnShape(columns: []), in: editor)
        head = try VectorIndex.create(coder: coder, in: editor).head
        _ = file.publish(editor)
    }

    var shape: GraphShape { GraphShape(coder.shape) }

    /// Changes the index in an editor of its own.
    @discardableResult
    func edit<Result>(_ body: (VectorIndex, PageEditor) throws -> Result) throws -> Result {
        let editor = file.edit()
        do {
            let result = try body(try VectorIndex.open(coder, head, in: editor), editor)
            _ = file.publish(editor)
            return result
        } catch {
            file.discard(editor)
            throw error
        }
    }

    mutating func reopen() throws {
        try file.checkpoint(file.root, payload: [1])
        file = try PageFile.open(disk, path: "pages", identity: identity).file
    }

    // MARK: What commits do

    mutating func put(_ key: ColumnKey) throws {
        counter += 1
        let row = try coder.shape.format.encode(random.vector(64))
        let address = counter
        try edit { index, editor in
            try index.insert(
                owner: UInt32(key.high),
                ordinal: key.low,
                row: row,
                address: address,
                in: editor
            )
        }
        if let node = vectors[key]?.node { gone.insert(node) }
        vectors[key] = Vector(put: counter, address: counter, node: nil)
        fresh?.insert(key)
    }

    mutating func remove(_ key: ColumnKey) throws {
        let isThere = try edit { index, editor in
            try index.remove(owner: UInt32(key.high), ordinal: key.low, in: editor)
        }
        #expect(isThere == (vectors[key] != nil))
        if let node = vectors[key]?.node { gone.insert(node) }
        vectors.removeValue(forKey: key)
        fresh?.remove(key)
    }

    mutating func move(_ key: ColumnKey) throws {
        counter += 1
        let address = counter
        try edit { index, editor in
            try index.move(
                owner: UInt32(key.high),
                ordinal: key.low,
                to: address,
                in: editor
            )
        }
        vectors[key]?.address = address
    }

    /// One change of any kind.
    mutating func change() throws {
        let key = ColumnKey(UInt64(random.below(4)), UInt64(1 + random.below(400)))
        switch random.below(8) {
        case 0, 1, 2, 3: try put(key)
        case 4, 5: try remove(key)
        default: try move(key)
        }
    }

    // MARK: What the graph's thread does

    mutating func prepare() throws {
        try edit { index, editor in
            let prepared = try index.prepareGraph(in: editor)
            #expect(prepared.fresh != nil && prepared.gone != nil && prepared.nodeCount == 0)
            // A second time nothing is done.
            #expect(try prepared.prepareGraph(in: editor).fresh == prepared.fresh)
        }
        fresh = []
    }

    /// Looks at vectors and gives them numbers.
    mutating func see(_ keys: [ColumnKey]) -> [Sight] {
        var seen: [Sight] = []
        for key in keys {
            guard let vector = vectors[key] else { continue }
            let node = free.popFirst() ?? numbers
            if node == numbers { numbers += 1 }
            seen.append(Sight(key: key, vector: vector, node: node))
        }
        return seen
    }

    /// Writes the pages of nodes; the number of nodes is said where the graph answers.
    func write(_ seen: [Sight]) throws {
        try edit { index, editor in
            var graph = try index.graph(in: editor)
            for one in seen {
                let code =
                    try index.tree.find(1, 1, in: editor.view)?.bytes(0)
                    ?? [UInt8](repeating: 3, count: coder.shape.codeByteCount)
                let subject = GraphSubject(
                    owner: UInt32(one.key.high),
                    ordinal: one.key.low,
                    address: one.vector.address
                )
                GraphWriter(shape: shape, editor: editor).set(subject, code, one.node, &graph)
            }
            if answers { (graph.count, graph.used) = (numbers, numbers - UInt32(free.count)) }
            try index.setGraph(graph, in: editor)
        }
    }

    mutating func adopt(_ seen: [Sight]) throws {
        try edit { index, editor in
            try index.adopt(
                nodes: seen.map {
                    (UInt32($0.key.high), $0.key.low, $0.node, $0.vector.address)
                },
                in: editor
            )
        }
        for one in seen {
            let now = vectors[one.key]
            let isSame = now?.put == one.vector.put
            // Of what is fresh nobody can tell whether it was moved or replaced.
            let isTold = now?.address == one.vector.address || fresh?.contains(one.key) == false
            if isSame, isTold {
                vectors[one.key]?.node = one.node
                fresh?.remove(one.key)
            } else {
                gone.insert(one.node)
            }
        }
    }

    mutating func answer() throws {
        answers = true
        let (count, freeCount) = (numbers, UInt32(free.count))
        try edit { index, editor in
            var graph = try index.graph(in: editor)
            (graph.count, graph.used) = (count, count - freeCount)
            graph.entries = (0..<min(count, 5)).map { $0 }
            try index.setGraph(graph, in: editor)
        }
    }

    /// Takes nodes out that are gone.
    mutating func clean(_ limit: Int) throws {
        let nodes = Array(gone.prefix(limit))
        gone.subtract(nodes)
        free.formUnion(nodes)
        let used = numbers - UInt32(free.count)
        try edit { index, editor in
            var graph = try index.graph(in: editor)
            for node in nodes {
                GraphWriter(shape: shape, editor: editor).clear(node, &graph)
                try index.gone?.remove(UInt64(node), 0, in: editor)
            }
            graph.used = used
            try index.setGraph(graph, in: editor)
        }
    }

    /// Ends the graph; other changes come between.
    mutating func end(_ between: (inout Stage) throws -> Void) throws {
        var ending = GraphEnding()
        answers = false
        while true {
            let limit = 1 + random.below(700)
            let isDone = try edit { index, editor in
                let isDone = try index.endGraph(&ending, pages: limit, in: editor)
                #expect(try VectorIndex.open(coder, head, in: editor).nodeCount == 0)
                return isDone
            }
            // The model has the nodes until all is done, and what is put has none.
            if isDone { break }
            try between(&self)
            if random.below(3) == 0 { ending = GraphEnding() }
        }
        for key in vectors.keys { vectors[key]?.node = nil }
        (fresh, gone, free, numbers) = (nil, [], [], 0)
    }

    // MARK: What is held

    /// Holds the index against the model.
    func check(_ note: String) throws {
        let (root, view) = (file.root, file.root.view)
        let index = try VectorIndex.open(coder, head, in: view)
        try index.checkStructure(root, andSlack: true)
        #expect(try index.findings(in: root) == [], "\(note)")
        var found: [ColumnKey: Vector] = [:]
        var cursor = try index.tree.cursor(in: view)
        while let block = try cursor.next() {
            for place in block.range {
                let key = ColumnKey(block.high(place), block.low(place))
                let (address, node) = (
                    block.entry(place).load64(VectorIndex.address),
                    block.entry(place).load32(VectorIndex.node)
                )
                found[key] = Vector(
                    put: vectors[key]?.put ?? 0,
                    address: address,
                    node: node == GraphShape.none ? nil : node
                )
            }
        }
        #expect(found == vectors, "\(note)")
        #expect((index.fresh == nil) == (fresh == nil), "\(note)")
        if let tree = index.fresh {
            #expect(try keys(tree, view) == fresh ?? [], "\(note)")
            #expect(try index.freshCount(in: view) == fresh?.count)
        }
        if let tree = index.gone {
            #expect(try keys(tree, view) == Set(gone.map { ColumnKey(UInt64($0), 0) }), "\(note)")
            #expect(try index.goneCount(in: view) == gone.count)
        }
    }

    private func keys(_ tree: ColumnTree, _ view: PageView) throws -> Set<ColumnKey> {
        var found: Set<ColumnKey> = []
        var cursor = try tree.cursor(in: view)
        while let block = try cursor.next() {
            for place in block.range {
                found.insert(ColumnKey(block.high(place), block.low(place)))
            }
        }
        return found
    }

    /// A stage whose graph answers, with something of everything.
    static func full(_ seed: UInt64) throws -> Stage {
        var stage = try Stage(seed)
        for number in 0..<200 { try stage.put(ColumnKey(UInt64(number % 3), UInt64(number + 1))) }
        try stage.prepare()
        let seen = stage.see(stage.vectors.keys.sorted())
        try stage.write(seen)
        try stage.adopt(seen)
        try stage.answer()
        for number in 0..<20 { try stage.put(ColumnKey(UInt64(number % 3), UInt64(number + 1))) }
        try stage.clean(5)
        return stage
    }
}

@Suite struct VectorHeadTests {
    @Test func aGraphComesAndGoesBesideCommits() throws {
        let seed = RealRandomness().next()
        print("aGraphComesAndGoesBesideCommits: seed \(seed)")
        var stage = try Stage(seed)
        let random = stage.random
        func changes(_ stage: inout Stage, _ note: String) throws {
            for _ in 0..<random.below(25) { try stage.change() }
            if random.below(4) == 0 { try stage.reopen() }
            try stage.check("seed \(seed), \(note)")
        }
        for _ in 0..<200 { try stage.change() }
        try stage.check("seed \(seed), without a graph")
        for round in 0..<3 {
            try stage.prepare()
            try changes(&stage, "prepared")
            let seen = stage.see(Array(stage.vectors.keys))
            try changes(&stage, "seen")
            try stage.write(seen)
            try changes(&stage, "written")
            for start in stride(from: 0, to: seen.count, by: 60) {
                try stage.adopt(Array(seen[start..<min(start + 60, seen.count)]))
                try changes(&stage, "adopted up to \(start)")
            }
            // In the first round the graph ends before it answers.
            if round > 0 {
                try stage.answer()
                try stage.check("seed \(seed), answering")
                for _ in 0..<12 {
                    try changes(&stage, "answering")
                    if random.below(2) == 0 { try stage.clean(1 + random.below(20)) }
                    let more = stage.see(Array((stage.fresh ?? []).prefix(random.below(30))))
                    if random.below(2) == 0 { try Self.changeFresh(&stage, more) }
                    try stage.write(more)
                    try stage.adopt(more)
                    try changes(&stage, "grown")
                }
            }
            try stage.end { stage in
                for _ in 0..<random.below(9) { try stage.change() }
                if random.below(4) == 0 { try stage.reopen() }
            }
            try changes(&stage, "ended")
        }
        try stage.edit { index, editor in try index.destroy(in: editor) }
        #expect(throws: PageError.self) {
            try VectorIndex.open(stage.coder, stage.head, in: stage.file.root.view)
        }
        let editor = stage.file.edit()
        #expect(editor.freeSegment() == 0)
        stage.file.discard(editor)
    }

    @Test func aGraphOfTheLayoutBeforeIsMadeAnew() throws {
        var stage = try Stage.full(11)
        let head = stage.head
        try stage.edit { _, editor in
            try editor.edit(head).store(UInt32(0), VectorHeadLayout.layout)
        }
        stage.answers = false
        let view = stage.file.root.view
        let index = try VectorIndex.open(stage.coder, head, in: view)
        #expect(index.nodeCount == 0)
        let graph = try index.graph(in: view)
        #expect(graph.count == 0 && graph.entries == [] && !graph.linkSegments.isEmpty)
        try stage.check("of the layout before")
        try stage.end { stage in try stage.change() }
        try stage.check("ended")
        try stage.prepare()
        let seen = stage.see(Array(stage.vectors.keys))
        try stage.write(seen)
        try stage.adopt(seen)
        try stage.answer()
        try stage.check("made anew")
        try stage.edit { _, editor in
            try editor.edit(head).store(UInt32(2), VectorHeadLayout.layout)
        }
        #expect(throws: PageError.self) { try index.graph(in: stage.file.root.view) }
    }

    /// Changes some of what the graph's thread has looked at.
    private static func changeFresh(_ stage: inout Stage, _ seen: [Stage.Sight]) throws {
        for one in seen where stage.random.below(3) == 0 {
            switch stage.random.below(3) {
            case 0: try stage.put(one.key)
            case 1: try stage.move(one.key)
            default: try stage.remove(one.key)
            }
        }
    }

    @Test func anIndexWithAGraphIsDestroyedWhole() throws {
        let stage = try Stage.full(11)
        try stage.check("full")
        try stage.edit { index, editor in try index.destroy(in: editor) }
        let editor = stage.file.edit()
        #expect(editor.freeSegment() == 0)
        stage.file.discard(editor)
        // All pages are free but that of the other tree.
        let view = stage.file.root.view
        for number in 0..<500 as Range<UInt64> {
            #expect(view.holds(PageID(.tree, number)) == (number == 0))
        }
    }

    @Test func whatDoesNotAgreeIsFound() throws {
        typealias Damage = (VectorIndex, PageEditor) throws -> Void
        /// Node 100 is that of a vector, as are those beside it.
        func links(_ index: VectorIndex, _ editor: PageEditor) throws -> MutablePage {
            let graph = try index.graph(in: editor)
            return try editor.edit(PageArray.id(1, in: graph.linkSegments) ?? index.head)
        }
        func keyOf(_ editor: PageEditor, _ node: UInt32, _ index: VectorIndex) throws -> ColumnKey {
            var cursor = try index.tree.cursor(in: editor.view)
            while let block = try cursor.next() {
                for place in block.range
                where block.entry(place).load32(VectorIndex.node) == node {
                    return ColumnKey(block.high(place), block.low(place))
                }
            }
            throw PageError.noMemory
        }
        let slot = 100 - GraphShape.linksPerPage
        let damages: [(String, Damage)] = [
            (
                "another address",
                { index, editor in
                    try links(index, editor).store(UInt64(1), GraphShape.addresses + slot * 8)
                }
            ),
            (
                "is another vector's",
                { index, editor in
                    try links(index, editor).store(UInt64(1), GraphShape.ordinals + slot * 8)
                }
            ),
            (
                "is that of two vectors",
                { index, editor in
                    let key = try keyOf(editor, 100, index)
                    try index.tree.slotIfPresent(key.high, key.low, in: editor)?
                        .store(UInt32(101), VectorIndex.node)
                }
            ),
            (
                "of no graph",
                { index, editor in
                    let key = try keyOf(editor, 100, index)
                    try index.tree.slotIfPresent(key.high, key.low, in: editor)?
                        .store(UInt32(5000), VectorIndex.node)
                }
            ),
            (
                "is gone, and in use",
                { index, editor in
                    _ = try index.gone?.slot(100, 0, in: editor)
                }
            ),
            (
                "is gone, and there is none",
                { index, editor in
                    _ = try index.gone?.slot(100, 1, in: editor)
                }
            ),
            (
                "not fresh either",
                { index, editor in
                    let key = try keyOf(editor, 100, index)
                    try index.tree.slotIfPresent(key.high, key.low, in: editor)?
                        .store(GraphShape.none, VectorIndex.node)
                }
            ),
            (
                "is no vector's",
                { index, editor in
                    let key = try keyOf(editor, 100, index)
                    try index.tree.remove(key.high, key.low, in: editor)
                }
            ),
            (
                "is fresh, and has node",
                { index, editor in
                    let key = try keyOf(editor, 100, index)
                    _ = try index.fresh?.slot(key.high, key.low, in: editor)
                }
            ),
            (
                "vectors are fresh",
                { index, editor in
                    _ = try index.fresh?.slot(77, 77, in: editor)
                }
            ),
            (
                "with another code",
                { index, editor in
                    try index.fresh?.slotIfPresent(0, 1, in: editor)?
                        .store(UInt64(9999), VectorIndex.address)
                }
            ),
            (
                "nodes are counted",
                { index, editor in
                    var graph = try index.graph(in: editor)
                    graph.used -= 1
                    try index.setGraph(graph, in: editor)
                }
            ),
        ]
        for (finding, damage) in damages {
            let stage = try Stage.full(12)
            try stage.edit(damage)
            let root = stage.file.root
            let index = try VectorIndex.open(stage.coder, stage.head, in: root.view)
            let findings = try index.findings(in: root)
            #expect(findings.contains { $0.contains(finding) }, "\(finding): \(findings)")
        }
    }

    @Test func bytesThatNothingUsesAreZero() throws {
        for place in 0..<5 {
            let stage = try Stage.full(13)
            try stage.check("whole")
            let free = try #require(stage.free.first)
            try stage.edit { index, editor in
                let graph = try index.graph(in: editor)
                let codes = try #require(
                    PageArray.id(stage.shape.codePlace(free).page, in: graph.codeSegments)
                )
                let links = try #require(
                    PageArray.id(GraphShape.linkPlace(free).page, in: graph.linkSegments)
                )
                let slot = GraphShape.linkPlace(free).slot
                let code =
                    GraphShape.payload
                    + stage.shape.codePlace(free).slot * stage.shape.codeByteCount
                switch place {
                case 0: try editor.edit(codes).store(UInt8(1), code)
                case 1: try editor.edit(links).store(UInt8(1), GraphShape.ordinals + slot * 8)
                case 2: try editor.edit(links).store(UInt8(1), 8191)
                case 3: try editor.edit(codes).store(UInt8(1), 40)
                default: try editor.edit(stage.head).store(UInt8(1), VectorHeadLayout.reserved)
                }
            }
            let root = stage.file.root
            let index = try VectorIndex.open(stage.coder, stage.head, in: root.view)
            try index.checkStructure(root)
            #expect(throws: PageError.self, "\(place)") {
                try index.checkStructure(root, andSlack: true)
            }
        }
    }

    /// A head of any bytes is refused, or what it names is looked at and changed without a trap.
    @Test func aHeadMayBeHostile() throws {
        let seed = RealRandomness().next()
        print("aHeadMayBeHostile: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let numbers: [UInt64] = [
            0, 1, 2, 63, 64, 65, 979, 980, 981, 1 << 26, 1 << 26 + 1, 1 << 31, 0xffff_ffff,
            1 << 32, 1 << 56, 2 << 56, 3 << 56, .max,
        ]
        var refused = 0
        for _ in 0..<400 {
            let stage = try Stage.full(14)
            let editor = stage.file.edit()
            let page = try editor.edit(stage.head)
            for _ in 0...random.below(2) {
                let number = numbers[random.below(numbers.count)]
                switch random.below(3) {
                case 0: page.store(number, 32 + 8 * random.below(3))
                case 1: page.store(UInt32(truncatingIfNeeded: number), 56 + 4 * random.below(7))
                default:
                    let offset = [96, 352, 4272][random.below(3)] + 4 * random.below(3)
                    page.store(UInt32(truncatingIfNeeded: number), offset)
                }
            }
            let root = stage.file.publish(editor)
            do {
                let index = try VectorIndex.open(stage.coder, stage.head, in: root.view)
                _ = try index.graph(in: root.view)
                // As an opening of a store looks at them.
                guard Set(index.trees.map(\.root)).count == index.trees.count else { continue }
                for tree in index.trees {
                    guard try ColumnTree.open(tree.root, in: root.view).shape == tree.shape else {
                        throw PageError.noMemory
                    }
                }
                try index.checkStructure(root, andSlack: true)
                _ = try index.findings(in: root)
                try stage.edit { index, editor in
                    for ordinal in 1..<40 as Range<UInt64> {
                        try index.move(owner: 1, ordinal: ordinal, to: 1, in: editor)
                        try index.remove(owner: 2, ordinal: ordinal, in: editor)
                    }
                    try index.destroy(in: editor)
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }
}
