// `mneme-bench load`: a server under a mix of requests. What it does: LoadCommand+Run.swift.

internal import MnemeCommandLine

/// The command.
enum LoadCommand {
    static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "where the server listens: HOST:PORT or unix:/PATH; without it the load has a \"mneme "
            + "serve\" of its own, with a store in a temporary directory"
    )
    static let program = Parameter<String?>(
        option: "program",
        .text("FILE"),
        "the mneme that serves then; without it the one beside this program"
    )
    static let scenario = Parameter<String?>(
        option: "scenario",
        .text("FILE"),
        "what is kept and asked, in the place of --mix: a file of Benchmarks/scenarios"
    )
    static let engine = Parameter<LoadEngine>(
        option: "engine",
        .word(LoadEngine.self),
        "whose server it is, for a scenario",
        default: .mneme
    )
    static let scale = Parameter<Double>(
        option: "scale",
        .float(in: 0.0001...10_000),
        "what the scenario's numbers of records are multiplied with",
        default: 1
    )
    static let isFilled = Parameter(
        flag: "filled",
        "the store holds what the scenario wants to be there; nothing is put before"
    )
    static let user = Parameter(
        option: "user",
        .text("NAME"),
        "who asks PostgreSQL, which has to trust him",
        default: "bench"
    )
    static let database = Parameter(
        option: "database",
        .text("NAME"),
        "the database of PostgreSQL",
        default: "postgres"
    )
    static let store = Parameter(
        option: "store-name",
        .text("NAME"),
        "the store on the server; it is filled where it lacks the records",
        default: "load"
    )
    static let connections = Parameter<Int>(
        option: "connections",
        .int(in: 1...10_000),
        "connections at one time",
        default: 16
    )
    static let depth = Parameter<Int>(
        option: "depth",
        .int(in: 1...256),
        "requests that each connection keeps in flight, without --rate",
        default: 1
    )
    static let rate = Parameter(
        option: "rate",
        .text("N|max"),
        "requests a second, sent when they are due; max: as fast as answers come",
        default: "max"
    )
    static let arrivals = Parameter<LoadArrivals>(
        option: "arrivals",
        .word(LoadArrivals.self),
        "how the requests of a rate come: poisson, each by itself, or in even distances",
        default: .poisson
    )
    static let seconds = Parameter<Int>(
        option: "seconds",
        .int(in: 1...86_400),
        "how long is measured",
        default: 10
    )
    static let warmUp = Parameter<Int>(
        option: "warm-up",
        .int("SECONDS", in: 0...86_400),
        "how long the same is done before",
        default: 1
    )
    static let storm = Parameter<Int?>(
        option: "connections-storm",
        .int(in: 1...100_000),
        "makes N connections that say nothing, and has gets alone and beside them"
    )
    static let kill = Parameter<Int?>(
        option: "kill",
        .int(in: 1...10_000),
        "kills the server N times under durable puts, starts it again, and looks for all that was "
            + "acknowledged"
    )
    static let mix = Parameter(
        option: "mix",
        .text("VERB=SHARE,…"),
        "what is asked how often: get, find, recall, put",
        default: "get=60,find=20,recall=10,put=10"
    )
    static let records = Parameter<Int>(
        option: "records",
        .int(in: 100...10_000_000),
        "records in the store",
        default: 10_000
    )
    static let valueBytes = Parameter<Int>(
        option: "value-bytes",
        .int(in: 1...1_000_000),
        "bytes of a record's value, which do not compress",
        default: 100
    )

    /// The declaration.
    static let command = Command(
        "load",
        "Measures a server under a load",
        details: [
            "With a rate the load is open: a request is sent when it is due, whether or not "
                + "others were answered, and timed from when it was due; what is never answered "
                + "is an error. With max each connection sends its next request when an answer "
                + "comes.",
            "Every answer is decoded and looked at. One thread sends and receives; it looks for "
                + "answers for half a millisecond before it sleeps, and with a rate it never does. "
                + "lateShare is how much of what was due was sent a millisecond late or more: "
                + "above some thousandths this thread is what is measured.",
            "A scenario is filled in first, unless --filled says that it is. One with a flood, "
                + "somebody else who asks as fast as he is answered, is run alone and beside that.",
        ],
        parameters: [
            connect.declaration, program.declaration, store.declaration, scenario.declaration,
            engine.declaration, scale.declaration, isFilled.declaration, user.declaration,
            database.declaration, connections.declaration, depth.declaration, rate.declaration,
            arrivals.declaration, seconds.declaration, warmUp.declaration, mix.declaration,
            records.declaration, valueBytes.declaration, storm.declaration, kill.declaration,
            BenchmarkStore.durability.declaration, Program.json.declaration,
        ],
        examples: [
            "load --rate 5000 --seconds 20",
            "load --connect 127.0.0.1:7411 --mix get=1 --depth 32",
            "load --scenario Benchmarks/scenarios/ycsb-a.json --rate 2000",
            "load --scenario Benchmarks/scenarios/flood.json --rate 500",
            "load --connections-storm 1000",
            "load --kill 10 --rate 1000 --seconds 30",
        ],
        run: run
    )
}
