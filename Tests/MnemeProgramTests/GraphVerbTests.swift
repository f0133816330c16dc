// mneme graph, as a person runs it: on a directory and behind a server.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct GraphVerbTests {
    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("notes.mneme"))
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: [Field("group", .int)])],
                edgeTypes: [EdgeType("cites")]
            )
        )
        let ends = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "e")]
        _ = try memory.commit(
            ["a", "b", "c", "d", "e"].map { .put(Put("notes", .text($0), [:])) }
                + ends.map { from, to in
                    .link(
                        Link(
                            "cites",
                            from: Reference("notes", .text(from)),
                            to: Reference("notes", .text(to))
                        )
                    )
                }
        )
        try memory.close()
        return place
    }

    private func jobs(_ text: String) throws -> GraphJobs {
        guard case .graphJob(let jobs) = try Response(json: text) else {
            throw CommandLineError(text)
        }
        return jobs
    }

    @Test func whatIsRunCanBeReadAndForgotten() throws {
        let place = try prepared()
        // As the help has it.
        for command in [GraphRunVerb.command, GraphJobsVerb.command] {
            for example in command.examples {
                let ended = try place.shell("mneme " + example)
                #expect(ended.status == 0 && !ended.output.isEmpty, "\(example): \(ended)")
            }
        }
        var ended = try place.shell("mneme graph jobs --store notes.mneme")
        #expect(ended.output.contains("pageRank: pageRank, done"), "\(ended)")
        #expect(ended.output.contains("2 communities"), "\(ended)")
        #expect(ended.output.contains("5 records, 4 edges"), "\(ended)")
        ended = try place.shell(
            "mneme graph result communities --json --limit 2 --store notes.mneme"
        )
        let told = try jobs(ended.output)
        #expect(told.rows.map(\.value) == [1, 1] && told.next == 2, "\(ended)")
        ended = try place.shell("mneme graph forget pageRank --store notes.mneme")
        #expect(ended.status == 0, "\(ended)")
        ended = try place.shell("mneme graph result pageRank --store notes.mneme")
        #expect(ended.status == 1 && ended.error.contains("no job"), "\(ended)")
    }

    @Test func aFieldIsWrittenThroughAServer() throws {
        let place = try prepared()
        let run = "{\"measure\": \"components\", \"collection\": \"notes\", \"field\": \"group\"}"
        var ended = try place.served(
            "mneme graph run '\(run)' --connect $address --store notes.mneme"
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        #expect(ended.output.contains("field group written in 5 records"), "\(ended)")
        ended = try place.shell("mneme get notes/d --store notes.mneme")
        #expect(ended.output.contains("group") && ended.output.contains("2"), "\(ended)")
    }

    @Test func whatAServerSaysIsSetWhateverItIs() throws {
        let note = Reference("notes", "a")
        let rows = GraphJobs(
            jobs: [],
            rows: [.init(1, note, .int(.max)), .init(2, note, .float(.nan)), .init(3, note, "x")],
            sequence: 1
        )
        let lines = GraphJobLayout.rows(rows).joined(separator: "\n")
        #expect(lines.contains("9,223,372,036,854,775,807") && lines.contains("nan"), "\(lines)")
        let job = GraphJob(
            GraphRun("d", .degree),
            .computing,
            progress: 1,
            asked: .init(microseconds: 0)
        )
        #expect(GraphJobLayout.percent(job) == 66)
        for progress in [Double.nan, .infinity, -0.1, 1.5, 1e300] {
            var job = job
            job.progress = progress
            #expect(throws: MnemeError.self) { try GraphJob(spelling: job.spelling) }
        }
        #expect(try GraphJob(spelling: job.spelling) == job)
    }

    @Test func whatFailsSaysWhy() throws {
        let place = try prepared()
        var ended = try place.shell("mneme graph run '{\"measure\": \"rank\"}' --store notes.mneme")
        #expect(ended.status != 0 && ended.error.contains("rank"), "\(ended)")
        ended = try place.shell(
            "mneme graph run '{\"measure\": \"degree\", \"types\": [\"likes\"]}' "
                + "--store notes.mneme"
        )
        #expect(ended.status == 1 && ended.error.contains("likes"), "\(ended)")
        ended = try place.shell("mneme graph run --help")
        #expect(ended.status == 0 && ended.output.contains("communities"), "\(ended)")
    }
}
