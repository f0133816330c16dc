// Jobs over a whole graph: what they find out of a store, that they survive it, what they refuse.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct GraphJobTests {
    private static let schema: Schema = {
        var roles = Roles()
        roles.owner = "owner"
        roles.deletedAt = "gone"
        return Schema(
            collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("owner", .text), Field("text", .text), Field("rank", .float),
                        Field("group", .int), Field("gone", .instant),
                        Field("double", .float, generated: try? Expression("rank * 2")),
                    ],
                    roles: roles
                ),
                Collection("people", fields: []),
            ],
            edgeTypes: [
                EdgeType("cites", fields: [Field("weight", .float), Field("why", .text)]),
                EdgeType("knows", isUndirected: true),
            ]
        )
    }()

    private func open(_ disk: any Disk, _ clock: any Clock = SimulatedClock()) throws -> Store {
        var options = StoreTests.options(disk)
        options.clock = clock
        return try Store.open("store", .openOrCreate, options: options)
    }

    /// Notes a to h, of which a, b, c and d, e cite each other, and two people who know one.
    private func filled(_ disk: any Disk = SimulatedDisk()) throws -> Store {
        let store = try open(disk)
        try store.define(Self.schema)
        let puts = ["a", "b", "c", "d", "e", "f", "g", "h"].map { key in
            Change.put(
                Put("notes", .text(key), ["owner": .text(key < "f" ? "ann/x" : "bob")])
            )
        }
        _ = try store.commit(
            puts + [.put(Put("people", "p", [:])), .put(Put("people", "q", [:]))]
        )
        try link(store, "cites", [("a", "b"), ("b", "c"), ("c", "a"), ("d", "e"), ("a", "c")])
        _ = try store.commit([
            .link(Link("knows", from: Reference("people", "p"), to: Reference("people", "q"))),
            .link(Link("knows", from: Reference("people", "q"), to: Reference("notes", "h"))),
        ])
        return store
    }

    private func link(
        _ store: Store,
        _ type: String,
        _ ends: [(String, String)],
        _ fields: [String: Value] = [:]
    ) throws {
        _ = try store.commit(
            ends.map { from, to in
                .link(
                    Link(
                        type,
                        from: Reference("notes", .text(from)),
                        to: Reference("notes", .text(to)),
                        fields: fields
                    )
                )
            }
        )
    }

    /// What a job finds out, by the names of records.
    private func result(_ store: Store, _ run: GraphRun) throws -> [String: Value] {
        var run = run
        run.replaces = true
        let asked = try store.runGraphJob(run)
        #expect(asked.state == .waiting && asked.run == run)
        try store.settleGraphJobs()
        let told = try store.graphJobs(GraphJobCall(.result, run.name))
        #expect(told.jobs.map(\.state) == [.done])
        #expect(told.jobs[0].written == told.rows.count)
        return Dictionary(
            uniqueKeysWithValues: told.rows.map { ($0.reference.description, $0.value) }
        )
    }

    @Test func degreesAreOfTheChosenEdges() throws {
        let store = try filled()
        let all = try result(store, GraphRun("d", .degree))
        #expect(all["notes/a"] == 3 && all["notes/h"] == 1 && all["people/q"] == 2)
        #expect(all["notes/f"] == nil)
        let out = try result(store, GraphRun("d", .degree, types: ["cites"], direction: .out))
        #expect(out == ["notes/a": 2, "notes/b": 1, "notes/c": 1, "notes/d": 1, "notes/e": 0])
        // Undirected edges go both ways, whatever the direction.
        let known = try result(store, GraphRun("d", .degree, types: ["knows"], direction: .out))
        #expect(known == ["people/p": 1, "people/q": 2, "notes/h": 1])
        let ann = try result(
            store,
            GraphRun("d", .degree, collection: "notes", owner: "ann", direction: .in)
        )
        #expect(ann == ["notes/a": 1, "notes/b": 1, "notes/c": 2, "notes/d": 0, "notes/e": 1])
        let bob = try result(store, GraphRun("d", .degree, collection: "notes", owner: "bob"))
        #expect(bob == ["notes/f": 0, "notes/g": 0, "notes/h": 0])
        #expect(try result(store, GraphRun("d", .degree, owner: "nobody")).isEmpty)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsNotSeenIsNoPartOfIt() throws {
        let clock = SimulatedClock()
        let disk = SimulatedDisk()
        try filled(disk).close()
        let store = try open(disk, clock)
        let end = Instant(microseconds: clock.now() + 1_000_000)
        _ = try store.commit([
            .patch(Patch("notes", "b", [.set("text", "x")], expiry: .at(end))),
            .patch(Patch("notes", "d", [.set("gone", .instant(end))])),
        ])
        clock.advance(by: 2_000_000)
        let left = try result(store, GraphRun("d", .degree, types: ["cites"]))
        #expect(left == ["notes/a": 2, "notes/c": 2])
        let groups = try result(store, GraphRun("c", .components, collection: "notes"))
        #expect(groups["notes/b"] == nil && groups["notes/d"] == nil)
        #expect(groups["notes/a"] == 1 && groups["notes/c"] == 1 && groups["notes/e"] == 2)
    }

    @Test func edgesAreWeighed() throws {
        let store = try filled()
        try link(store, "cites", [("f", "g")], ["weight": 2.5])
        try link(store, "cites", [("g", "f")], ["weight": 0.5])
        let sums = try result(store, GraphRun("w", .degree, types: ["cites"], weight: "weight"))
        // Those that lack it are not there.
        #expect(sums == ["notes/f": .float(3), "notes/g": .float(3)])
        try link(store, "cites", [("g", "h")], ["weight": -1])
        let run = GraphRun("w", .pageRank, types: ["cites"], weight: "weight", replaces: true)
        _ = try store.runGraphJob(run)
        try store.settleGraphJobs()
        let job = try store.graphJobs(GraphJobCall(.tell, "w")).jobs[0]
        #expect(job.state == .failed && job.failure?.contains("weights are 0") == true, "\(job)")
        try expectRefusal(.badJob, "failed") {
            _ = try store.graphJobs(GraphJobCall(.result, "w"))
        }
    }

    @Test func componentsAndCommunitiesAreNumberedByTheirSizes() throws {
        let store = try filled()
        for measure in [GraphRun.Measure.components, .communities] {
            let groups = try result(store, GraphRun("g", measure))
            #expect(groups["notes/a"] == groups["notes/b"])
            #expect(groups["notes/a"] == groups["notes/c"])
            #expect(groups["notes/d"] == 3 && groups["notes/e"] == 3)
            #expect(Set(groups.values) == [1, 2, 3])
            let job = try store.graphJobs(GraphJobCall(.tell, "g")).jobs[0]
            #expect(job.groups == 3 && job.nodes == 8 && job.edges == 7)
            #expect((job.modularity != nil) == (measure == .communities))
        }
    }

    @Test func resultsArePagedTheBestFirst() throws {
        let store = try filled()
        _ = try store.commit(
            (0..<2500).map { number in
                .put(Put("notes", .text("n\(number)"), ["owner": "cat"]))
            }
        )
        try link(store, "cites", (0..<2499).map { ("n\($0)", "n\($0 + 1)") })
        _ = try store.runGraphJob(GraphRun("ranks", .pageRank, collection: "notes"))
        try store.settleGraphJobs()
        var rows: [GraphJobs.Row] = []
        var call = GraphJobCall(.result, "ranks", limit: 700)
        while true {
            let page = try store.graphJobs(call)
            rows += page.rows
            guard let next = page.next else { break }
            #expect(page.rows.count == 700)
            call.offset = next
        }
        #expect(rows.count == 2508 && rows.map(\.rank) == Array(1...2508))
        let values = rows.compactMap(\.value.number)
        #expect(values == values.sorted(by: >))
        #expect(abs(values.reduce(0, +) - 1) < 1e-9)
        // What is gone is passed over.
        _ = try store.commit([.delete(rows[0].reference), .erase(rows[701].reference)])
        let first = try store.graphJobs(GraphJobCall(.result, "ranks", limit: 701))
        #expect(first.rows == Array(rows[1...701].filter { $0.rank != 702 } + [rows[702]]))
        #expect(first.next == 703)
        #expect(try store.graphJobs(GraphJobCall(.result, "ranks", offset: 9999)).rows.isEmpty)
        _ = try store.graphJobs(GraphJobCall(.forget, "ranks"))
        #expect(try store.graphJobs(GraphJobCall()).jobs.isEmpty)
        let counts = store.newest.state.roots.counts
        let results = try #require(store.newest.state.catalog.results)
        #expect(counts[results.number] ?? 0 == 0)
        #expect(try store.verify().findings == [])
    }

    @Test func aFieldIsWrittenWhereItIsOtherwise() throws {
        let store = try filled()
        let run = GraphRun("g", .components, collection: "notes", field: "group")
        _ = try store.runGraphJob(run)
        try store.settleGraphJobs()
        func groups() throws -> [String: Value] {
            let rows = try store.snapshot().find(Find("notes", limit: 100)).rows
            return Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    (row.record.reference.key.description, row.record["group"])
                }
            )
        }
        let known = try groups()
        #expect(known["a"] == 1 && known["b"] == 1 && known["c"] == 1 && known["d"] == 2)
        #expect(known["f"] == 3 && known["g"] == 4 && known["h"] == 5)
        #expect(try store.graphJobs(GraphJobCall(.tell, "g")).jobs[0].written == 8)
        try expectRefusal(.badJob, "group") {
            _ = try store.graphJobs(GraphJobCall(.result, "g"))
        }
        // Again it is those alone that come to something else.
        try link(store, "cites", [("f", "g")])
        let before = store.snapshot().sequence
        var again = run
        again.replaces = true
        _ = try store.runGraphJob(again)
        try store.settleGraphJobs()
        #expect(try store.graphJobs(GraphJobCall(.tell, "g")).jobs[0].written == 2)
        #expect(store.snapshot().sequence > before)
        #expect(try groups()["g"] == 3 && groups()["h"] == 4)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsAskedForSurvivesTheStore() throws {
        let disk = SimulatedDisk()
        let store = try filled(disk)
        _ = try store.runGraphJob(GraphRun("first", .components))
        try store.settleGraphJobs()
        let rows = try store.graphJobs(GraphJobCall(.result, "first")).rows
        _ = try store.runGraphJob(GraphRun("second", .pageRank))
        // Everything that was not synced is lost, and the pages with it.
        let left = disk.crashDroppingAll()
        let again = try open(left)
        let known = try again.graphJobs(GraphJobCall()).jobs
        #expect(known.map(\.run.name) == ["first", "second"])
        #expect(known.map(\.state) == [.done, .waiting])
        #expect(try again.graphJobs(GraphJobCall(.result, "first")).rows == rows)
        try again.upkeep([.index])
        #expect(try again.graphJobs(GraphJobCall(.tell, "second")).jobs[0].state == .done)
        #expect(try again.graphJobs(GraphJobCall(.result, "second")).rows.count == 8)
        #expect(try again.verify().findings == [])
        try again.close()
    }

    @Test func aThreadDoesThemBehind() throws {
        var options = StoreTests.options()
        options.worksInBackground = true
        let store = try Store.open("store", .create, options: options)
        try store.define(Self.schema)
        _ = try store.commit([.put(Put("notes", "a", [:])), .put(Put("notes", "b", [:]))])
        try link(store, "cites", [("a", "b")])
        for number in 0..<20 { _ = try store.runGraphJob(GraphRun("job\(number)", .pageRank)) }
        var jobs: [GraphJob] = []
        for _ in 0..<60_000 {
            jobs = try store.graphJobs(GraphJobCall()).jobs
            if jobs.allSatisfy(\.hasEnded) { break }
            _ = Gate().wait(atMost: 1000)
        }
        #expect(jobs.count == 20 && jobs.allSatisfy { $0.state == .done && $0.nodes == 2 })
        try store.close()
    }

    @Test func onesThatWaitCanBeEnded() throws {
        let store = try filled()
        _ = try store.runGraphJob(GraphRun("d", .degree))
        try expectRefusal(.badJob, "cancel") {
            _ = try store.runGraphJob(GraphRun("d", .degree, replaces: true))
        }
        try expectRefusal(.badJob, "wait") { _ = try store.graphJobs(GraphJobCall(.result, "d")) }
        try expectRefusal(.badJob, "cancel") { _ = try store.graphJobs(GraphJobCall(.forget, "d")) }
        #expect(try store.graphJobs(GraphJobCall(.cancel, "d")).jobs[0].state == .cancelled)
        try store.settleGraphJobs()
        #expect(try store.graphJobs(GraphJobCall(.tell, "d")).jobs[0].state == .cancelled)
        try expectRefusal(.badJob, "already") {
            _ = try store.graphJobs(GraphJobCall(.cancel, "d"))
        }
        try expectRefusal(.badJob, "forget") { _ = try store.runGraphJob(GraphRun("d", .degree)) }
        _ = try store.graphJobs(GraphJobCall(.forget, "d"))
        try expectRefusal(.notFound, "no job") { _ = try store.graphJobs(GraphJobCall(.tell, "d")) }
        _ = try store.runGraphJob(GraphRun("d", .degree))
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try filled()
        let wrong: [(GraphRun, MnemeError.Code)] = [
            (GraphRun("", .degree), .badRequest),
            (GraphRun("a/b", .degree), .badRequest),
            (GraphRun("d", .degree, types: []), .badRequest),
            (GraphRun("d", .degree, types: ["none"]), .unknownEdgeType),
            (GraphRun("d", .degree, collection: "none"), .unknownCollection),
            (GraphRun("d", .degree, collection: "$jobs"), .unknownCollection),
            (GraphRun("d", .degree, owner: ""), .badOwner),
            (GraphRun("d", .degree, owner: "a//b"), .badOwner),
            (GraphRun("d", .degree, collection: "people", owner: "ann"), .badOwner),
            (GraphRun("d", .degree, weight: "weight"), .unknownField),
            (GraphRun("d", .degree, types: ["cites"], weight: "why"), .wrongType),
            (GraphRun("d", .degree, types: ["cites"], weight: "$id"), .unknownField),
            (GraphRun("d", .degree, field: "rank"), .badRequest),
            (GraphRun("d", .degree, collection: "notes", field: "none"), .unknownField),
            (GraphRun("d", .degree, collection: "notes", field: "text"), .wrongType),
            (GraphRun("d", .degree, collection: "notes", field: "double"), .wrongType),
            (GraphRun("d", .pageRank, collection: "notes", field: "group"), .wrongType),
            (GraphRun("d", .pageRank, damping: 1), .badRequest),
            (GraphRun("d", .pageRank, damping: .nan), .badRequest),
            (GraphRun("d", .pageRank, rounds: 0), .badRequest),
            (GraphRun("d", .components, direction: .out), .badRequest),
            (GraphRun("d", .communities, direction: .in), .badRequest),
            (GraphRun("d", .components, types: ["cites"], weight: "weight"), .badRequest),
        ]
        for (run, code) in wrong {
            try expectRefusal(code, leaving: store) { _ = try store.runGraphJob(run) }
        }
        let calls: [(GraphJobCall, MnemeError.Code)] = [
            (GraphJobCall(.result), .badRequest), (GraphJobCall(.cancel), .badRequest),
            (GraphJobCall(.forget), .badRequest), (GraphJobCall(.tell, "a b"), .badRequest),
            (GraphJobCall(.tell, "none"), .notFound), (GraphJobCall(.result, "none"), .notFound),
            (GraphJobCall(.tell, offset: -1), .badRequest),
            (GraphJobCall(.tell, limit: 0), .badRequest),
            (GraphJobCall(.tell, limit: 1001), .badRequest),
        ]
        for (call, code) in calls {
            try expectRefusal(code, leaving: store) { _ = try store.graphJobs(call) }
        }
    }

    @Test func whatWasTakenOutMeanwhileFailsIt() throws {
        let store = try filled()
        _ = try store.runGraphJob(GraphRun("d", .degree, types: ["knows"]))
        try store.drop(.edgeType("knows"))
        try store.settleGraphJobs()
        let job = try store.graphJobs(GraphJobCall(.tell, "d")).jobs[0]
        #expect(job.state == .failed && job.failure?.contains("knows") == true)
        #expect(job.ended != nil)
    }
}
