// Which figures a server tells, and what they are called.

internal import Mneme
internal import MnemeBase
internal import MnemeModel

extension ServerFigures {
    /// What the server itself did.
    func put(into text: inout MetricsText) {
        let (came, left) = (count(.came), count(.left))
        text.begin("mneme_connections", .gauge, "Connections that are open.")
        text.sample("mneme_connections", came - min(left, came))
        text.begin("mneme_connections_total", .counter, "Connections that came.")
        text.sample("mneme_connections_total", came)
        text.begin(
            "mneme_connections_refused_total",
            .counter,
            "Connections that were told that there are too many."
        )
        text.sample("mneme_connections_refused_total", count(.turnedAway))
        let duration = "mneme_request_duration_seconds"
        text.begin(duration, .histogram, "From the arrival of a request to its answer, by verb.")
        for (kind, times) in answered {
            text.histogram(duration, ["verb": kind.verb], times)
        }
        let wait = "mneme_request_wait_seconds"
        text.begin(wait, .histogram, "How long requests waited for a worker.")
        text.histogram(wait, [:], waits.reading)
        let errors = "mneme_request_errors_total"
        text.begin(errors, .counter, "Requests that ended with an error, by its code.")
        for (code, count) in refused { text.sample(errors, ["code": "\(code)"], count) }
    }
}

extension MetricsText {
    /// A figure of a store under its name.
    private struct Gauge: Sendable {
        let name: String
        let help: String
        let value: @Sendable (Memory, Statistics) -> String?
    }

    private static let gauges = [
        Gauge(name: "mneme_commit_sequence", help: "The newest commit.") { "\($1.sequence)" },
        Gauge(name: "mneme_owners", help: "Owners that ever had something.") { "\($1.owners)" },
        Gauge(name: "mneme_log_bytes", help: "Bytes of the log's files.") { "\($1.logBytes)" },
        Gauge(name: "mneme_page_bytes", help: "Bytes of the page file.") { "\($1.pageBytes)" },
        Gauge(name: "mneme_free_page_bytes", help: "Bytes of the page file that nothing uses.") {
            "\($1.freePageBytes)"
        },
        Gauge(name: "mneme_resident_page_bytes", help: "Bytes of pages in memory.") {
            "\($1.residentPageBytes)"
        },
        Gauge(name: "mneme_text_runs", help: "Runs of the text index.") { "\($1.textRuns)" },
        Gauge(
            name: "mneme_compaction_debt",
            help: "Idle bytes of the log, from what is comfortable (0) to the bound (1)."
        ) { memory, _ in "\(memory.compactionDebt)" },
        Gauge(
            name: "mneme_oldest_snapshot_seconds",
            help: "How far behind the oldest state is that is still read."
        ) { "\(Double($1.oldestSnapshotMicroseconds ?? 0) / 1_000_000)" },
        Gauge(name: "mneme_damage", help: "What of the files did not read back.") {
            "\($1.damage.count)"
        },
        Gauge(name: "mneme_upkeep_failed", help: "1 where the work behind failed at last.") {
            $1.upkeepFailure == nil ? "0" : "1"
        },
        Gauge(name: "mneme_writes_refused", help: "1 where no change is taken any more.") {
            (memory, _) in
            memory.writeRefusal == nil ? "0" : "1"
        },
    ]

    /// What the stores have.
    mutating func put(_ stores: [(key: String, value: Memory)]) {
        begin("mneme_stores", .gauge, "Stores that are open.")
        sample("mneme_stores", stores.count)
        // One that is being closed tells nothing.
        let known = stores.compactMap { name, memory in
            (try? memory.statistics()).map { (name: name, memory: memory, statistics: $0) }
        }
        for gauge in Self.gauges {
            begin(gauge.name, .gauge, gauge.help)
            for (name, memory, statistics) in known {
                guard let value = gauge.value(memory, statistics) else { continue }
                sample(gauge.name, ["store": name], value)
            }
        }
        begin("mneme_records", .gauge, "Living records by collection.")
        for (name, _, statistics) in known {
            for (collection, count) in statistics.records.sorted(by: { $0.key < $1.key }) {
                sample("mneme_records", ["store": name, "collection": collection], count)
            }
        }
        begin("mneme_edges", .gauge, "Living edges by type.")
        for (name, _, statistics) in known {
            for (type, count) in statistics.edges.sorted(by: { $0.key < $1.key }) {
                sample("mneme_edges", ["store": name, "type": type], count)
            }
        }
        let stage = "mneme_commit_stage_seconds"
        begin(stage, .histogram, "How long the stages of commits take.")
        for (name, memory, _) in known {
            for (part, times) in memory.commitStages {
                histogram(stage, ["store": name, "stage": part], times.reading)
            }
        }
    }
}
