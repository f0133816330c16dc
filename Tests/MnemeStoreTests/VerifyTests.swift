// What verify says of edges that stand elsewhere than the log says.

import MnemeBase
import MnemeGraph
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeLog
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

    @Test func whenEdgesWereLinkedIsHeldAgainstTheLog() throws {
        let clock = SimulatedClock(start: 1_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Kinds.store(options)
        let (a, b) = (Kinds.thing("a"), Kinds.thing("b"))
        // One was there before the history began.
        try store.define(Schema(edgeTypes: [EdgeType("joins", history: HistoryRule())]))
        clock.advance(by: 5)
        let linked = clock.now()
        let made = try store.commit([.link(Link("joins", from: a, to: b))]).outcomes
        let edge = try #require(made.compactMap(\.madeEdge).first)
        #expect(try store.verify().findings == [])
        let type = try store.snapshot().catalog.edgeType("joins").number
        let from = try #require(try store.snapshot().ordinal(a))
        let to = try #require(try store.snapshot().ordinal(b))
        let birth = try store.snapshot().reading { state throws(StoreError) in
            try state.entry(edge)?.birth ?? 0
        }
        let finding =
            "the adjacency says otherwise of when edge \(edge) was linked than the log"
        for (time, findings) in [(linked + 1, [finding]), (linked, []), (7, [finding])] {
            try tamper(store) { adjacency, editor in
                try adjacency.unlink(edge: edge, type: type, from: from, to: to, in: editor)
                try adjacency.link(
                    edge: edge,
                    type: type,
                    from: from,
                    to: to,
                    birth: birth,
                    linked: time,
                    in: editor
                )
            }
            #expect(try store.verify().findings == findings)
        }
        // At one end it says nothing, at the other the truth.
        try tamper(store) { adjacency, editor in
            try adjacency.unlink(edge: edge, type: type, from: from, to: to, in: editor)
            try adjacency.link(
                edge: edge,
                type: type,
                from: from,
                to: to,
                birth: birth,
                linked: linked,
                in: editor
            )
            let slot = try adjacency.tree.slot(
                to,
                1 << 63 | UInt64(type) << 48 | edge,
                in: editor
            )
            slot.store(UInt64.max, 2)
        }
        #expect(try store.verify().findings == [finding])
    }

    /// A store that was opened and closed with nothing in between: close frames stand behind its
    /// last commit.
    private func closed(_ disk: MemoryDisk) throws -> Store {
        var store = try Kinds.store(Kinds.options(disk))
        _ = try store.commit([Kinds.put("one")])
        for _ in 0..<3 {
            try store.close()
            store = try Store.open("store", .open, options: Kinds.options(disk))
        }
        return store
    }

    @Test func theFramesBehindTheLastCommitAreRead() throws {
        let disk = MemoryDisk()
        let store = try closed(disk)
        let end = store.log.end
        let path = "store/log/" + LogFile.name(end.segment)
        let file = try disk.open(path, .readWrite)
        #expect(store.log.nextSequence - store.snapshot().sequence == 4)
        #expect(try store.verify().findings == [])
        for back in 1...3 {
            let offset = end.offset - back * SegmentSize.commit
            let frame = try file.read(at: UInt64(offset), count: SegmentSize.commit)
            for place in [0, 24, 40, SegmentSize.commit - 8] {
                var damaged = frame
                for byte in place..<(place + 8) { damaged[byte] ^= 0x5a }
                try file.write(damaged, at: UInt64(offset))
                try expectDamage(store, end.segment, offset)
                try file.write([UInt8](repeating: 0, count: frame.count), at: UInt64(offset))
                try expectDamage(store, end.segment, offset)
                try file.write(frame, at: UInt64(offset))
                #expect(try store.verify().findings == [])
            }
        }
        // What the next opening does not read, as a checkpoint stands behind it.
        try store.close()
        let offset = end.offset - 2 * SegmentSize.commit
        try disk.flip(path, at: offset + 8)
        for mode in [StoreMode.read, .open] {
            let again = try Store.open("store", mode, options: Kinds.options(disk))
            try expectDamage(again, end.segment, offset)
            #expect(throws: MnemeError.self) { _ = try again.backup(to: "backup") }
            try again.close()
        }
        #expect(throws: MnemeError.self) {
            _ = try Store.open("store", .rebuild, options: Kinds.options(disk))
        }
    }

    /// One finding, that names the place and what helps; everything else is compared all the same.
    private func expectDamage(
        _ store: Store,
        _ segment: UInt64,
        _ offset: Int,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let verification = try store.verify()
        #expect(verification.records == 3, sourceLocation: location)
        #expect(verification.findings.count == 1, sourceLocation: location)
        let finding = verification.findings.first ?? ""
        for words in [
            "segment \(segment) at \(offset) ", "log/" + LogFile.name(segment), "restore a backup",
            "is damaged at byte \(offset)",
        ] {
            #expect(finding.contains(words), "\(finding)", sourceLocation: location)
        }
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
