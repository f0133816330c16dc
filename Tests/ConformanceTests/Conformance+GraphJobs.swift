// Jobs over a whole graph, through every door: asked for, waited for, read, forgotten.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func aGraphIsFoundOutAbout(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            try await door.define(
                Schema(
                    collections: [Collection("notes", fields: [Field("group", .int)])],
                    edgeTypes: [EdgeType("cites")]
                )
            )
            let keys: [Key] = ["a", "b", "c", "d"]
            func link(_ from: Int, _ to: Int) -> Change {
                .link(
                    Link(
                        "cites",
                        from: Reference("notes", keys[from]),
                        to: Reference("notes", keys[to])
                    )
                )
            }
            _ = try await door.commit(
                keys.map { .put(Put("notes", $0, [:])) } + [link(0, 1), link(2, 1)]
            )
            #expect(try await door.graphJobs().jobs.isEmpty)
            let run = GraphRun("groups", .components, collection: "notes")
            let asked = try await door.runGraphJob(run)
            #expect(asked.run == run && asked.state == .waiting)
            var job = asked
            for _ in 0..<30_000 where !job.hasEnded {
                try await Task.sleep(for: .milliseconds(2))
                job = try #require(
                    try await door.graphJobs(GraphJobCall(.tell, "groups")).jobs.first
                )
            }
            #expect(job.state == .done && job.groups == 2 && job.nodes == 4 && job.edges == 2)
            let first = try await door.graphJobs(GraphJobCall(.result, "groups", limit: 3))
            #expect(first.rows.map(\.value) == [1, 1, 1] && first.next == 3)
            let last = try await door.graphJobs(GraphJobCall(.result, "groups", offset: 3))
            #expect(last.rows == [GraphJobs.Row(4, Reference("notes", "d"), 2)])
            #expect(last.next == nil)
            #expect(await door.refusal(.runGraph(run)) == .badJob)
            #expect(await door.refusal(.graphJob(GraphJobCall(.cancel, "groups"))) == .badJob)
            #expect(await door.refusal(.graphJob(GraphJobCall(.tell, "none"))) == .notFound)
            #expect(await door.refusal(.once(key: "x", .runGraph(run))) == .badRequest)
            let transaction = try await door.begin()
            #expect(
                await door.refusal(.inside(transaction: transaction.id, .runGraph(run)))
                    == .badRequest
            )
            try await transaction.rollback()
            _ = try await door.graphJobs(GraphJobCall(.forget, "groups"))
            #expect(try await door.graphJobs().jobs.isEmpty)
        }
    }
}
