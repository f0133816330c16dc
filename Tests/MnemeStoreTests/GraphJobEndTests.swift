// How jobs over a graph end: cancelled, replaced, failed, and what is told of records that are
// somebody else's by then.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct GraphJobEndTests {
    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(
            collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("owner", .text), Field("rank", .float), Field("group", .int),
                    ],
                    checks: (try? Expression("group < 10")).map { [Check("few", $0)] } ?? [],
                    roles: roles
                )
            ],
            edgeTypes: [EdgeType("cites", fields: [Field("weight", .float)])]
        )
    }()

    private func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private func link(_ from: String, _ to: String, weight: Double = 1) -> Change {
        .link(
            Link("cites", from: note(from), to: note(to), fields: ["weight": .float(weight)])
        )
    }

    /// Notes a, b and c of ann, which cite one another.
    private func filled(inBackground: Bool = false) throws -> Store {
        var options = StoreTests.options(SimulatedDisk())
        options.worksInBackground = inBackground
        let store = try Store.open("store", .create, options: options)
        try store.define(Self.schema)
        _ = try store.commit(
            ["a", "b", "c"].map { .put(Put("notes", .text($0), ["owner": "ann"])) }
        )
        _ = try store.commit([link("a", "b"), link("b", "c"), link("c", "a")])
        return store
    }

    private func told(_ store: Store, _ name: String) throws -> GraphJob {
        try #require(try store.graphJobs(GraphJobCall(.tell, name)).jobs.first)
    }

    /// Has a thread go on with something as long as another thing takes.
    private func beside(
        _ body: @escaping @Sendable () throws -> Void,
        _ other: () throws -> Void
    ) throws {
        let shared = Beside()
        let gate = Gate()
        BackgroundThread.start(niceness: 0) {
            while !shared.isOver {
                do { try body() } catch { shared.note("\(error)") }
            }
            gate.open()
        }
        defer {
            shared.end()
            gate.wait()
            #expect(shared.faults == [])
        }
        try other()
    }

    @Test func whatWasCancelledStaysSo() throws {
        let store = try filled()
        try beside({ try store.settleGraphJobs() }) {
            for round in 0..<300 {
                _ = try store.runGraphJob(GraphRun("d", .degree))
                let isCancelled = (try? store.graphJobs(GraphJobCall(.cancel, "d"))) != nil
                guard isCancelled else {
                    #expect(try told(store, "d").state == .done, "round \(round)")
                    _ = try store.graphJobs(GraphJobCall(.forget, "d"))
                    continue
                }
                if round % 2 == 0 {
                    #expect(try told(store, "d").state == .cancelled, "round \(round)")
                    _ = try store.graphJobs(GraphJobCall(.forget, "d"))
                } else {
                    // It is another one than that which was ended.
                    _ = try store.runGraphJob(GraphRun("d", .components, replaces: true))
                    while try !told(store, "d").hasEnded { _ = Gate().wait(atMost: 100) }
                    let job = try told(store, "d")
                    #expect(job.state == .done && job.run.measure == .components)
                    #expect(try store.graphJobs(GraphJobCall(.result, "d")).rows.count == 3)
                    _ = try store.graphJobs(GraphJobCall(.forget, "d"))
                }
            }
        }
        #expect(try store.graphJobs(GraphJobCall()).jobs.isEmpty)
        #expect(try store.verify().findings == [])
    }

    @Test func aResultIsThereOrNotWhileItIsReplaced() throws {
        let store = try filled()
        _ = try store.runGraphJob(GraphRun("d", .degree))
        try store.settleGraphJobs()
        let ask: @Sendable () throws -> Void = {
            do throws(MnemeError) {
                let rows = try store.graphJobs(GraphJobCall(.result, "d")).rows
                if rows.count != 3 { throw MnemeError(.notFound, "\(rows.count) rows") }
            } catch {
                // It may be under way.
                if error.code != .badJob { throw error }
            }
        }
        try beside(ask) {
            for _ in 0..<200 {
                _ = try store.runGraphJob(GraphRun("d", .degree, replaces: true))
                try store.settleGraphJobs()
            }
        }
        // Until the new one begins nothing of the old one goes.
        let parts = try #require(store.newest.state.catalog.results).number
        let run = GraphRun("d", .components, replaces: true)
        _ = try store.runGraphJob(run)
        #expect(store.newest.state.roots.counts[parts] == 1)
        _ = try store.graphJobs(GraphJobCall(.cancel, "d"))
        #expect(store.newest.state.roots.counts[parts] == 0)
        #expect(try store.verify().findings == [])
    }

    @Test func anotherJobOfTheNameIsNotTheOneUnderWay() throws {
        let store = try filled()
        var old = try store.runGraphJob(GraphRun("d", .degree))
        old.state = .computing
        old.progress = 0.5
        store.jobs.begin(old)
        #expect(try told(store, "d") == old)
        _ = try store.graphJobs(GraphJobCall(.cancel, "d"))
        #expect(try told(store, "d").state == .cancelled)
        let new = try store.runGraphJob(GraphRun("d", .pageRank, replaces: true))
        #expect(try told(store, "d") == new)
        #expect(try store.graphJobs(GraphJobCall()).jobs == [new])
        // Nor if nobody had noted that it was ended.
        store.jobs.begin(old)
        #expect(try told(store, "d") == new)
        #expect(try store.graphJobs(GraphJobCall()).jobs == [new])
        store.jobs.end()
    }

    @Test func whyItFailedTellsNothingOfRecords() throws {
        let store = try filled()
        _ = try store.commit([link("a", "c", weight: -27.5)])
        _ = try store.runGraphJob(GraphRun("w", .degree, weight: "weight"))
        try store.settleGraphJobs()
        let weighed = try told(store, "w")
        #expect(weighed.state == .failed)
        let failure = try #require(weighed.failure)
        #expect(failure.contains("badJob") && failure.contains("weight"), "\(failure)")
        #expect(!failure.contains("27"), "\(failure)")
        // A rule of the collection refuses what was found out.
        _ = try store.commit(
            (0..<20).map { .put(Put("notes", .text("n\($0)"), ["owner": "secret/person"])) }
        )
        _ = try store.runGraphJob(
            GraphRun("g", .components, collection: "notes", field: "group")
        )
        try store.settleGraphJobs()
        let grouped = try told(store, "g")
        #expect(grouped.state == .failed, "\(grouped)")
        let refusal = try #require(grouped.failure)
        #expect(refusal.contains("notes") && refusal.contains("refuses"), "\(refusal)")
        for secret in ["n1", "10", "secret"] {
            #expect(!refusal.contains(secret), "\(refusal)")
        }
    }

    @Test func whatMovedToSomebodyElseIsNotTold() throws {
        let store = try filled()
        _ = try store.runGraphJob(GraphRun("d", .degree, owner: "ann"))
        try store.settleGraphJobs()
        #expect(try store.graphJobs(GraphJobCall(.result, "d")).rows.count == 3)
        _ = try store.commit([.patch(Patch("notes", "b", [.set("owner", "bob")]))])
        let rows = try store.graphJobs(GraphJobCall(.result, "d")).rows
        #expect(rows.map(\.reference) == [note("a"), note("c")])
    }

    @Test func whatMovesWhileAJobWorksIsNotWritten() throws {
        let store = try filled()
        let run = GraphRun("r", .pageRank, collection: "notes", owner: "ann", field: "rank")
        var job = GraphJob(run, asked: store.snapshot().instant)
        let graph = try store.snapshot().reading { state throws(StoreError) in
            try state.measuredGraph(run) { true }
        }
        let measured = try #require(graph).graph
        _ = try store.commit([.patch(Patch("notes", "b", [.set("owner", "bob")]))])
        try store.write([0.25, 0.5, 0.75], measured, &job)
        #expect(job.written == 2)
        let rows = try store.snapshot().find(Find("notes")).rows
        let unranked = rows.filter { $0.record["rank"] == .null }
        #expect(rows.count == 3 && unranked.map(\.record.reference) == [note("b")])
    }

    @Test func whoAsksAsTheThreadEndsIsHeard() throws {
        let desk = GraphJobDesk()
        desk.looks()
        desk.noteWaiting()
        #expect(desk.startsThread(at: 0))
        desk.looks()
        // The thread has found nothing, and somebody asks before it has said that it ends.
        desk.noteWaiting()
        #expect(!desk.startsThread(at: 0))
        #expect(desk.goesOn(false, failed: nil, isStopping: false))
        desk.looks()
        #expect(!desk.goesOn(false, failed: nil, isStopping: false))
        desk.noteWaiting()
        #expect(desk.startsThread(at: 0))
        #expect(!desk.goesOn(false, failed: nil, isStopping: true))
        #expect(!desk.hasThread)
        // What failed is left alone for a while.
        #expect(desk.startsThread(at: 0))
        #expect(!desk.goesOn(false, failed: 5, isStopping: false))
        #expect(!desk.startsThread(at: 6))
        #expect(desk.startsThread(at: 2_000_000))
    }
}

/// What two threads of a test share.
private final class Beside: Sendable {
    private let state: Mutex<(isOver: Bool, faults: [String])>

    init() { state = Mutex((false, [])) }

    var isOver: Bool { state.withLock { $0.isOver } }
    var faults: [String] { state.withLock { $0.faults } }

    func end() { state.withLock { $0.isOver = true } }

    func note(_ fault: String) { state.withLock { $0.faults.append(fault) } }
}
