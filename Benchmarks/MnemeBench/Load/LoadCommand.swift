// `mneme-bench load`: a server under a mix of requests.

internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine
internal import MnemeTransport

/// The command.
enum LoadCommand {
    private static let connect = Parameter(
        required: "connect",
        .text("ADDRESS"),
        "where the server listens: HOST:PORT or unix:/PATH"
    )
    private static let store = Parameter(
        option: "store-name",
        .text("NAME"),
        "the store on the server; it is filled where it lacks the records",
        default: "load"
    )
    private static let connections = Parameter<Int>(
        option: "connections",
        .int(in: 1...1000),
        "connections at one time",
        default: 16
    )
    private static let depth = Parameter<Int>(
        option: "depth",
        .int(in: 1...256),
        "requests that each connection keeps in flight, without --rate",
        default: 1
    )
    private static let rate = Parameter(
        option: "rate",
        .text("N|max"),
        "requests a second, sent when they are due; max: as fast as answers come",
        default: "max"
    )
    private static let seconds = Parameter<Int>(
        option: "seconds",
        .int(in: 1...86_400),
        "how long is measured, after one second of warming up",
        default: 10
    )
    private static let mix = Parameter(
        option: "mix",
        .text("VERB=SHARE,…"),
        "what is asked how often: get, find, recall, put",
        default: "get=60,find=20,recall=10,put=10"
    )
    private static let records = Parameter<Int>(
        option: "records",
        .int(in: 100...10_000_000),
        "records in the store",
        default: 10_000
    )
    private static let valueBytes = Parameter<Int>(
        option: "value-bytes",
        .int(in: 1...1_000_000),
        "bytes of a record's value, which do not compress",
        default: 100
    )

    /// The declaration.
    static let command = Command(
        "load",
        "Measures a server under a mix of requests",
        details: [
            "With a rate the load is open: a request is sent when it is due, whether or not "
                + "others were answered, and timed from when it was due. With max each connection "
                + "sends its next request when an answer comes.",
            "Every answer is decoded and looked at. One thread sends and receives; it looks for "
                + "answers for half a millisecond before it sleeps, and with a rate it never does.",
        ],
        parameters: [
            connect.declaration, store.declaration, connections.declaration, depth.declaration,
            rate.declaration, seconds.declaration, mix.declaration, records.declaration,
            valueBytes.declaration, BenchmarkStore.durability.declaration,
            Program.json.declaration,
        ],
        examples: ["load --connect 127.0.0.1:7411 --rate 5000 --seconds 20"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let addresses = try Address(parsing: invocation[connect], standardPort: Client.defaultPort)
            .resolve()
        let data = LoadData(
            recordCount: invocation[records],
            valueByteCount: invocation[valueBytes],
            durability: invocation[BenchmarkStore.durability]
        )
        var pace: Int?
        if invocation[rate] != "max" {
            guard let number = Int(invocation[rate]), number > 0 else {
                throw CommandLineError("--rate takes a number of requests a second, or max.")
            }
            pace = number
        }
        let plan = LoadPlan(
            store: invocation[store],
            connections: invocation[connections],
            depth: invocation[depth],
            rate: pace,
            seconds: Double(invocation[seconds]),
            warmUpSeconds: 1,
            mix: try LoadMix(invocation[mix]),
            data: data
        )
        let client = try BlockingClient.connect(invocation[connect], store: plan.store)
        try data.fill(client)
        client.close()
        let loop = try EventLoop()
        // A thread that wakes up would be a good part of what is measured.
        loop.spinMicroseconds = 500
        let thread = try LoopThread(running: loop)
        let run = LoadRun(plan, loop)
        run.perform(addresses)
        loop.stop(within: 1_000_000)
        thread.wait()
        if let failure = run.failure { throw Failure("The load broke off: \(failure).") }
        let report = Report("load", json: invocation[Program.json])
        for verb in plan.mix.verbs {
            let figures = run.figures[verb] ?? LoadFigures()
            let count = figures.latencies.nanoseconds.count
            let times = figures.latencies.microseconds(50, 99, 99.9)
            report.add([
                ("event", .word(verb.rawValue)),
                ("requestsPerSecond", .rate(Double(count) / run.countedSeconds)),
                ("p50Microseconds", .microseconds(times[0])),
                ("p99Microseconds", .microseconds(times[1])),
                ("p999Microseconds", .microseconds(times[2])), ("errors", .count(figures.errors)),
            ])
        }
        report.finish()
        if let error = run.firstError { throw Failure("Requests failed, the first by: \(error)") }
    }
}

extension LoadData {
    /// Puts what a store lacks of the records.
    func fill(_ store: BlockingClient) throws {
        let last = reference(recordCount - 1)
        if case .schema(let schema) = try store.perform(.describe),
            schema.collections.contains(where: { $0.name == LoadData.collection }),
            case .records(let records) = try store.perform(.get([last])),
            records.first != .some(nil)
        {
            return
        }
        for request in filling { _ = try store.perform(request) }
    }
}
