// How long a store takes: what its server measured, or what is measured here by asking it.

internal import Mneme
internal import MnemeCommandLine

extension StoreReport.Latencies {
    /// What a server told of a store, and of its requests.
    init(_ reading: MetricsReading, store: String) {
        let stage = "mneme_commit_stage_seconds"
        let stages = reading.values(of: "stage", in: stage + "_count").map { name in
            StoreReport.Times(
                name: name,
                times: reading.times(stage, ["store": store, "stage": name])
            )
        }
        let request = "mneme_request_duration_seconds"
        let verbs = reading.values(of: "verb", in: request + "_count").map { name in
            StoreReport.Times(name: name, times: reading.times(request, ["verb": name]))
        }
        let wait = StoreReport.Times(
            name: "wait",
            times: reading.times("mneme_request_wait_seconds")
        )
        about =
            "What the server has counted since it was started: the stages of this store's commits "
            + "since it was opened there, and the requests for all of its stores. A bucket holds "
            + "what took longer than the bound before its own."
        groups = [
            Group(title: "Stages of commits", lines: stages.filter { $0.times.count > 0 }),
            Group(
                title: "Requests by verb, and how long they waited for a worker",
                lines: (verbs + [wait]).filter { $0.times.count > 0 }
            ),
        ].filter { !$0.lines.isEmpty }
    }

    /// Asks some questions, one after the other, and measures each.
    ///
    /// - Throws: as `BlockingDoor.perform`.
    init(measuring door: any BlockingDoor, _ statistics: Statistics) throws {
        about =
            "Measured as this page was made, by one asker who asks one question after the other: "
            + "it says how long a question takes here and now, and nothing of a load. What was "
            + "not read since the store was opened comes from the disk. The stages of commits are "
            + "known to a server alone; with --connect and --metrics its own are told here."
        let largest = statistics.records.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(3).filter { $0.value > 0 }
        var (finds, gets, walks): ([Double], [Double], [Double]) = ([], [], [])
        for (name, _) in largest {
            var references: [Reference] = []
            for page in 0..<5 {
                let find = Find(name, limit: 20, offset: page * 20)
                let rows = try Self.timed(&finds) { () throws(MnemeError) in
                    try door.find(find).rows
                }
                references += rows.map(\.record.reference)
                if rows.count < 20 { break }
            }
            for reference in references {
                _ = try Self.timed(&gets) { () throws(MnemeError) in try door.get(reference) }
            }
            guard statistics.edges.values.contains(where: { $0 > 0 }) else { continue }
            for reference in references.prefix(50) {
                _ = try Self.timed(&walks) { () throws(MnemeError) in
                    try door.walk(Walk(from: [reference], direction: .both, limit: 100))
                }
            }
        }
        let lines = [
            StoreReport.Times(name: "get a record", times: BucketedTimes(of: gets)),
            StoreReport.Times(name: "find 20 records", times: BucketedTimes(of: finds)),
            StoreReport.Times(name: "walk one hop", times: BucketedTimes(of: walks)),
        ].filter { $0.times.count > 0 }
        groups = lines.isEmpty ? [] : [Group(title: "Questions asked just now", lines: lines)]
    }

    private static func timed<Result>(
        _ seconds: inout [Double],
        _ ask: () throws(MnemeError) -> Result
    ) throws(MnemeError) -> Result {
        let watch = Stopwatch()
        let result = try ask()
        seconds.append(watch.seconds)
        return result
    }
}

extension BucketedTimes {
    /// Durations in seconds, counted in buckets whose bounds double from a microsecond on.
    init(of durations: [Double]) {
        var counts = [Double](repeating: 0, count: 27)
        for duration in durations {
            var (bucket, bound) = (0, 1e-6)
            while bucket < 26, duration > bound { (bucket, bound) = (bucket + 1, bound * 2) }
            counts[bucket] += 1
        }
        self.init(
            counts.enumerated().map { place, count in
                Bucket(
                    bound: place < 26 ? Double(1 << place) / 1_000_000 : .infinity,
                    count: count
                )
            },
            sum: durations.reduce(0, +)
        )
    }
}
