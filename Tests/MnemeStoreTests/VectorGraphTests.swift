// A vector field with a graph in a store: commits, compaction and openings keep what the graph's
// thread relies on, and verify tells when they do not.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemePages
@testable import MnemeStore
@testable import MnemeVectors

@Suite struct VectorGraphTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        return options
    }

    private func change(_ store: Store, _ step: Int, _ random: SeededRandomness) throws {
        let key = "k\(random.below(60))"
        if random.below(4) > 0 {
            _ = try store.commit([
                Kinds.put(
                    key,
                    [
                        "near": .vector([Float(step), 1, 2]), "owner": .text("o\(step % 3)"),
                        "body": .text("words of step \(step) and some more of them"),
                    ]
                )
            ])
        } else if try store.snapshot().record(Kinds.thing(key)) != nil {
            _ = try store.commit([.delete(Kinds.thing(key))])
        }
    }

    private func field(_ store: Store) throws -> VectorEntry {
        try store.snapshot().catalog.collection("things").vector("near")
    }

    /// Changes the index of the field as the graph's thread does.
    private func edit(
        _ store: Store,
        _ body: @escaping @Sendable (VectorIndex, PageEditor) throws(PageError) -> Void
    ) throws {
        let field = try field(store)
        try store.rearrange { editor throws(StoreError) in
            guard let index = try editor.vectorIndex(field) else {
                throw .inconsistent("the field has no index")
            }
            try onPages { () throws(PageError) in try body(index, editor.editor) }
        }
    }

    private func index(_ store: Store) throws -> (index: VectorIndex, root: PageRoot) {
        let state = store.newest.state
        let field = try field(store)
        let head = try #require(state.roots.vectors[field.number])
        return (try VectorIndex.open(field.coder, head, in: state.root.view), state.root)
    }

    private typealias Seen = [(owner: UInt32, ordinal: UInt64, node: UInt32, address: UInt64)]

    /// All vectors of the field, numbered.
    private func see(_ store: Store) throws -> Seen {
        let (index, root) = try index(store)
        var seen: Seen = []
        var cursor = try index.tree.cursor(in: root.view)
        while let block = try cursor.next() {
            for place in block.range {
                let address = block.entry(place).load64(VectorIndex.address)
                let owner = UInt32(block.high(place))
                seen.append((owner, block.low(place), UInt32(seen.count), address))
            }
        }
        return seen
    }

    /// Writes pages of nodes that are linked with nobody.
    private func write(_ seen: Seen, _ store: Store) throws {
        try edit(store) { index, editor throws(PageError) in
            var graph = GraphHead()
            graph.codeSegments = [editor.freeSegment()]
            let shape = GraphShape(index.coder.shape)
            for number in 0..<shape.codePages(seen.count) {
                guard let id = PageArray.id(number, in: graph.codeSegments) else { continue }
                _ = editor.create(id, kind: GraphPages.codeKind)
            }
            graph.linkSegments = [editor.freeSegment()]
            for number in 0..<GraphShape.linkPages(seen.count) {
                guard let id = PageArray.id(number, in: graph.linkSegments) else { continue }
                let page = editor.create(id, kind: GraphPages.linkKind)
                for one in seen where GraphShape.linkPlace(one.node).page == number {
                    let slot = GraphShape.linkPlace(one.node).slot
                    page.store(one.owner, GraphShape.owners + slot * 4)
                    page.store(one.ordinal, GraphShape.ordinals + slot * 8)
                    page.store(one.address, GraphShape.addresses + slot * 8)
                    for link in 0..<GraphShape.degree {
                        let start = GraphShape.payload + slot * GraphShape.linkByteCount
                        page.store(GraphShape.none, start + link * 4)
                    }
                }
            }
            try index.setGraph(graph, in: editor)
        }
    }

    /// A store whose graph answers and has been changed since.
    private func store(_ disk: any Disk, _ random: SeededRandomness) throws -> Store {
        let store = try Kinds.store(options(disk))
        for step in 0..<150 { try change(store, step, random) }
        try edit(store) { index, editor throws(PageError) in _ = try index.prepareGraph(in: editor)
        }
        let seen = try see(store)
        #expect(seen.count > 20)
        for step in 0..<20 { try change(store, step, random) }
        try write(seen, store)
        // What is written again now has other addresses than were seen.
        try store.checkpointNow()
        try store.compactAll()
        for step in 0..<20 { try change(store, step, random) }
        #expect(try store.verify().findings == [])
        let middle = seen.count / 2
        try edit(store) { index, editor throws(PageError) in
            try index.adopt(nodes: Array(seen[..<middle]), in: editor)
        }
        for step in 0..<20 { try change(store, step, random) }
        #expect(try store.verify().findings == [])
        try edit(store) { index, editor throws(PageError) in
            try index.adopt(nodes: Array(seen[middle...]), in: editor)
            var graph = try index.graph(in: editor)
            graph.count = UInt32(seen.count)
            graph.used = graph.count
            try index.setGraph(graph, in: editor)
        }
        return store
    }

    @Test func whateverComesAGraphAgrees() throws {
        let seed = RealRandomness().next()
        print("whateverComesAGraphAgrees: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var disk = SimulatedDisk()
        var store = try store(disk, random)
        #expect(try store.verify().findings == [])
        let (first, root) = try index(store)
        // Vectors have nodes, and not all of them.
        let entries = try first.tree.count(in: root.view)
        #expect(try first.freshCount(in: root.view) < entries)
        #expect(try first.freshCount(in: root.view) > 0 && first.goneCount(in: root.view) > 0)
        for round in 0..<4 {
            for step in 0..<40 { try change(store, step, random) }
            if round > 1 {
                try store.checkpointNow()
                try store.compactAll()
            }
            #expect(try store.verify().findings == [], "seed \(seed)")
            let before = try index(store)
            let counts = (
                try before.index.freshCount(in: before.root.view),
                try before.index.goneCount(in: before.root.view)
            )
            if round == 0 {
                try store.checkpointNow()
                for step in 0..<5 { try change(store, step, random) }
                disk = disk.crashKeepingAll()
                store = try Store.open("store", .open, options: options(disk))
            } else {
                try store.close()
                store = try Store.open("store", .open, options: options(disk))
                let after = try index(store)
                #expect(try after.index.freshCount(in: after.root.view) == counts.0)
                #expect(try after.index.goneCount(in: after.root.view) == counts.1)
            }
            #expect(try store.verify().findings == [], "seed \(seed)")
        }
        // A store that is derived anew has none.
        try store.close()
        store = try Store.open("store", .rebuild, options: options(disk))
        #expect(try store.verify().findings == [])
        #expect(try index(store).index.fresh == nil)
        try store.close()
    }

    @Test func aFieldWithAGraphIsDroppedWhole() throws {
        let disk = SimulatedDisk()
        var store = try store(disk, SeededRandomness(seed: 3))
        try store.drop(.field(collection: "things", name: "near"))
        #expect(try store.verify().findings == [])
        let editor = store.pages.edit()
        #expect(editor.freeSegment() == 0)
        store.pages.discard(editor)
        try store.close()
        store = try Store.open("store", .open, options: options(disk))
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func codesOfWhatIsGoneAreWaitedFor() throws {
        let store = try store(SimulatedDisk(), SeededRandomness(seed: 4))
        let proof = try store.erasureProof(of: Kinds.thing("k1"))
        #expect(proof.waiting.contains { $0.hasPrefix("the graph of things.near has") })
        #expect(!proof.findings.contains { $0.contains("vector index") })
        let empty = try Kinds.store(options(SimulatedDisk()))
        let none = try empty.erasureProof(of: Kinds.thing("k1"))
        #expect(!none.waiting.contains { $0.hasPrefix("the graph") })
    }

    @Test func verifyTellsWhatDoesNotAgree() throws {
        let store = try store(SimulatedDisk(), SeededRandomness(seed: 5))
        #expect(try store.verify().findings == [])
        try edit(store) { index, editor throws(PageError) in
            var graph = try index.graph(in: editor)
            graph.used -= 1
            try index.setGraph(graph, in: editor)
        }
        let findings = try store.verify().findings
        #expect(findings.count == 1 && findings[0].hasPrefix("vector index things.near: "))
    }
}
