// What verify says of edges that stand elsewhere than the log says.

import MnemeGraph
import MnemeModel
import MnemePages
import Testing

@testable import MnemeStore

@Suite struct VerifyTests {
    /// Publishes a state whose adjacency was changed behind the log's back.
    private func tamper(
        _ store: Store,
        _ body: (Adjacency, PageEditor) throws -> Void
    ) throws {
        let state = store.newest.state
        let editor = store.pages.edit()
        try body(state.adjacency, editor)
        store.newest.set(
            StoreState(
                catalog: state.catalog,
                root: store.pages.publish(editor),
                sequence: state.sequence,
                roots: state.roots,
                runs: state.runs,
                lease: state.lease
            )
        )
    }

    @Test func everyEdgeIsLookedForWhereItBelongs() throws {
        let store = try Kinds.store()
        let (a, b) = (Kinds.thing("a"), Kinds.thing("b"))
        _ = try store.commit(Array(repeating: .link(Link("joins", from: a, to: b)), count: 2000))
        #expect(try store.verify().findings == [])
        #expect(try store.verify().edges == 2001)
        let edge = try #require(
            try store.snapshot().edges(of: a, .out, types: nil).last
        ).id
        let type = try store.snapshot().catalog.edgeType("joins").number
        let from = try #require(try store.snapshot().ordinal(a))
        let to = try #require(try store.snapshot().ordinal(b))

        // Among 2,000 others between the same records, under one end as a loop.
        try tamper(store) { adjacency, editor in
            try adjacency.unlink(edge: edge, type: type, from: from, to: to, in: editor)
            try adjacency.link(edge: edge, type: type, from: from, to: from, birth: 9, in: editor)
        }
        #expect(
            try store.verify().findings == [
                "edge \(edge) is missing in the adjacency of \(from)",
                "edge \(edge) is missing in the adjacency of \(to)",
            ]
        )
        try tamper(store) { adjacency, editor in
            try adjacency.unlink(edge: edge, type: type, from: from, to: from, in: editor)
            try adjacency.link(
                edge: edge,
                type: type + 1,
                from: from,
                to: to,
                birth: 9,
                in: editor
            )
        }
        #expect(
            try store.verify().findings == [
                "edge \(edge) is missing in the adjacency of \(from)",
                "edge \(edge) is missing in the adjacency of \(to)",
            ]
        )
    }

    @Test func itSaysHowFarItHasCome() throws {
        let store = try Kinds.store()
        _ = try store.commit((0..<600).map { Kinds.put("k\($0)", ["body": "some words"]) })
        try store.checkpointNow()
        var steps: [VerifyStep: [(done: Int, total: Int)]] = [:]
        var order: [VerifyStep] = []
        let verification = try store.verify { step, done, total in
            if order.last != step { order.append(step) }
            steps[step, default: []].append((done, total))
        }
        #expect(order == [.read, .compare, .pages])
        #expect(steps[.read]?.last?.done == verification.frames)
        let living = verification.records + verification.edges
        let compared = steps[.compare] ?? []
        #expect(compared.count == (living + 255) / 256)
        #expect(compared.allSatisfy { $0.total == living && $0.done < living })
        for (step, figures) in steps {
            #expect(figures.map(\.done) == figures.map(\.done).sorted(), "\(step)")
        }
        #expect(steps[.pages]?.allSatisfy { $0.done > 0 && $0.total > 0 } == true)
    }
}
