// mneme graph run, jobs, result and forget: what is found out about a whole graph

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Has something be found out about a whole graph.
enum GraphRunVerb {
    private static let asked = Parameter(
        argument: "JSON",
        .text("JSON"),
        "what is to be found out: measure (degree, components, pageRank, communities), name, "
            + "types, collection, owner, direction (out, in, both), weight (a property), field "
            + "(where it is written), seed, damping, rounds, replace"
    )
    private static let leaves = Parameter(
        flag: "leave",
        "returns at once, and leaves the job to the server, with --connect, or to the shell; mneme "
            + "graph jobs says how far it is"
    )

    static let command = Command(
        "graph run",
        "Finds out about each record how it stands in the graph",
        details: [
            "A job does it behind all else: it reads the edges of one commit, works on them, and "
                + "writes what it found out into a field of the records, or keeps it as a result, "
                + "which mneme graph result reads. It waits until the job is done; who goes away "
                + "leaves the job, which whoever opens the store next goes on with.",
            "Ends with status 1 where the job fails or somebody cancels it.",
        ],
        parameters: [asked.declaration] + StoreOption.declarations + [leaves.declaration],
        examples: [
            "graph run '{\"measure\": \"pageRank\", \"types\": [\"cites\"]}' --store notes.mneme",
            "graph run '{\"measure\": \"communities\", \"collection\": \"notes\"}' "
                + "--store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let run = try GivenJSON.noun(invocation[asked], as: "JSON", GraphRun.self)
        let isKept = StatementRun.current?.serves(invocation) ?? false
        guard !invocation[leaves] || invocation.has(StoreOption.connect) || isKept else {
            throw CommandLineError(
                "--leave needs somebody to leave the job to, and nobody has the store of a "
                    + "directory open once this ends. Leave --leave out, or give --connect, or run "
                    + "it in mneme shell."
            )
        }
        try StoreOption.with(invocation, takesLong: true) { door in
            let job = try door.runGraphJob(run)
            var jobs = GraphJobs(jobs: [job], sequence: 0)
            if !invocation[leaves] { jobs = try wait(door, job, invocation) }
            Output(invocation).put(.graphJob(jobs)) { GraphJobLayout.lines(jobs) }
            guard let job = jobs.jobs.first, !invocation[leaves], job.state != .done else { return }
            throw Failure(
                "The job \(run.name) is \(job.state.rawValue)"
                    + (job.failure.map { ": \($0)" } ?? "."),
                code: .badJob
            )
        }
    }

    /// Waits until a job has ended, and shows how far it is.
    private static func wait(
        _ door: any BlockingDoor,
        _ asked: GraphJob,
        _ invocation: Invocation
    ) throws -> GraphJobs {
        var meter = Tool.meter("graph run", unit: "%", total: 100, invocation)
        defer { meter.finish() }
        while true {
            let told = try door.graphJobs(GraphJobCall(.tell, asked.run.name))
            guard let job = told.jobs.first, job.asked == asked.asked, !job.hasEnded else {
                return told
            }
            meter.advance(to: GraphJobLayout.percent(job), of: 100)
            _ = Gate().wait(atMost: 100_000)
        }
    }
}

/// Tells how far jobs are.
enum GraphJobsVerb {
    private static let name = Parameter<String?>(
        option: "job",
        .text("NAME"),
        "only the job of this name; all of them where it is not given"
    )

    static let command = Command(
        "graph jobs",
        "Tells which jobs over the graph there are, and how far they are",
        parameters: StoreOption.readingDeclarations + [name.declaration],
        examples: ["graph jobs --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { door in
            let jobs = try door.graphJobs(GraphJobCall(.tell, invocation[name]))
            Output(invocation).put(.graphJob(jobs)) { GraphJobLayout.lines(jobs) }
        }
    }
}

/// Reads what a job found out.
enum GraphResultVerb {
    private static let name = Parameter(
        argument: "NAME",
        .text("NAME"),
        "the name of the job; without one that was given it is the measure"
    )
    private static let offset = Parameter(
        option: "offset",
        .int("N", in: 0...Int.max),
        "so many rows are passed over",
        default: 0
    )
    private static let limit = Parameter(
        option: "limit",
        .int("N", in: GraphJobCall.limits),
        "at most so many rows",
        default: GraphJobCall.usualLimit
    )

    static let command = Command(
        "graph result",
        "Reads what a job over the graph found out, the best first",
        parameters: [name.declaration] + StoreOption.readingDeclarations + [
            offset.declaration, limit.declaration,
        ],
        examples: ["graph result ranks --limit 10 --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let call = GraphJobCall(
            .result,
            invocation[name],
            offset: invocation[offset],
            limit: invocation[limit]
        )
        try StoreOption.with(invocation) { door in
            let jobs = try door.graphJobs(call)
            Output(invocation).put(.graphJob(jobs)) { GraphJobLayout.rows(jobs) }
        }
    }
}

/// Forgets a job.
enum GraphForgetVerb {
    private static let name = Parameter(argument: "NAME", .text("NAME"), "the name of the job")
    private static let isDry = Parameter(
        flag: "dry-run",
        "tells which job would go, and changes nothing"
    )

    static let command = Command(
        "graph forget",
        "Forgets a job over the graph, and its result",
        details: [
            "A job that waits or is under way is ended first; what it has written into records "
                + "stays."
        ],
        parameters: [name.declaration] + StoreOption.declarations + [isDry.declaration],
        examples: [
            "graph forget ranks --dry-run --store notes.mneme",
            "graph forget ranks --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let name = invocation[name]
        try StoreOption.with(invocation) { door in
            let told = try door.graphJobs(GraphJobCall(.tell, name))
            if invocation[isDry] {
                return Output(invocation).put(.graphJob(told)) {
                    GraphJobLayout.lines(told) + ["It would go; nothing was changed."]
                }
            }
            if told.jobs.contains(where: { !$0.hasEnded }) {
                do throws(MnemeError) {
                    _ = try door.graphJobs(GraphJobCall(.cancel, name))
                } catch {
                    // It has ended by itself meanwhile.
                    if error.code != .badJob { throw error }
                }
            }
            let jobs = try door.graphJobs(GraphJobCall(.forget, name))
            Output(invocation).put(.graphJob(jobs)) { ["The job \(name) is forgotten."] }
        }
    }
}
