// What a server did between two readings of its figures, and how it stands at the later one. Pure.

internal import Mneme

/// What a server did in a while.
struct TopFigures: Hashable, Sendable {
    /// What was done how often, and how long it took.
    struct Rate: Hashable, Sendable {
        var name: String
        /// How often a second.
        var perSecond: Double
        /// How long it took.
        var times: BucketedTimes
    }

    /// A store that is open.
    struct StoreLine: Hashable, Sendable {
        var name: String
        /// Batches that were decided, a second.
        var commitsPerSecond: Double
        /// What syncs took.
        var syncs: BucketedTimes
        var records: Double
        var logBytes: Double
        var pageBytes: Double
        /// Idle bytes of the log, from what is comfortable, 0, to the bound, 1.
        var compactionDebt: Double
        var oldestSnapshotSeconds: Double
        /// What is wrong with it, in words.
        var troubles: [String]
    }

    /// How often requests ended with an error.
    struct Failed: Hashable, Sendable {
        /// The error's code, as the server tells it.
        var code: String
        var perSecond: Double
    }

    /// How many seconds lie between the readings.
    let seconds: Double
    let connections: Double
    let connectionsPerSecond: Double
    let refusedPerSecond: Double
    /// Requests by verb, the most frequent ones first.
    let verbs: [Rate]
    /// How long requests waited for a worker.
    let waits: BucketedTimes
    /// Errors by code, those that there were.
    let errors: [Failed]
    let stores: [StoreLine]

    /// What came between two readings.
    init(from old: MetricsReading, to new: MetricsReading, seconds: Double) {
        let seconds = max(seconds, 0.001)
        /// How much a count grew in a second; all of it where the server was started anew.
        func rate(_ name: String, _ labels: [String: String] = [:]) -> Double {
            let (before, now) = (old.value(name, labels) ?? 0, new.value(name, labels) ?? 0)
            return (now >= before ? now - before : now) / seconds
        }
        self.seconds = seconds
        connections = new.value("mneme_connections") ?? 0
        connectionsPerSecond = rate("mneme_connections_total")
        refusedPerSecond = rate("mneme_connections_refused_total")
        let family = "mneme_request_duration_seconds"
        verbs = new.values(of: "verb", in: family + "_count").map { verb in
            let times = new.times(family, ["verb": verb]).since(old.times(family, ["verb": verb]))
            return Rate(name: verb, perSecond: times.count / seconds, times: times)
        }.sorted { ($1.perSecond, $0.name) < ($0.perSecond, $1.name) }
        let wait = "mneme_request_wait_seconds"
        waits = new.times(wait).since(old.times(wait))
        let failed = "mneme_request_errors_total"
        errors = new.values(of: "code", in: failed).map {
            Failed(code: $0, perSecond: rate(failed, ["code": $0]))
        }.filter { $0.perSecond > 0 }
        stores = new.values(of: "store", in: "mneme_commit_sequence").map {
            StoreLine($0, old, new, seconds)
        }
    }

    /// All requests, a second.
    var requestsPerSecond: Double { verbs.reduce(0) { $0 + $1.perSecond } }
}

extension TopFigures.StoreLine {
    fileprivate init(
        _ name: String,
        _ old: MetricsReading,
        _ new: MetricsReading,
        _ seconds: Double
    ) {
        func value(_ figure: String) -> Double { new.value(figure, ["store": name]) ?? 0 }
        func times(_ stage: String) -> BucketedTimes {
            let labels = ["store": name, "stage": stage]
            let family = "mneme_commit_stage_seconds"
            return new.times(family, labels).since(old.times(family, labels))
        }
        self.name = name
        commitsPerSecond = times("decide").count / seconds
        syncs = times("sync")
        records = (new.samples["mneme_records"] ?? []).filter { $0.has(["store": name]) }
            .reduce(0) { $0 + $1.value }
        logBytes = value("mneme_log_bytes")
        pageBytes = value("mneme_page_bytes")
        compactionDebt = value("mneme_compaction_debt")
        oldestSnapshotSeconds = value("mneme_oldest_snapshot_seconds")
        troubles = [
            ("mneme_writes_refused", "takes no changes"),
            ("mneme_damage", "is damaged"),
            ("mneme_upkeep_failed", "the work behind failed"),
        ].filter { value($0.0) > 0 }.map(\.1)
    }
}

// MARK: Spelling

extension BucketedTimes {
    /// The mean and the bounds of shares, in seconds; null where nothing was counted, or where a
    /// duration is beyond all bounds.
    var spelling: Value {
        func number(_ seconds: Double?) -> Value {
            guard let seconds, seconds.isFinite else { return .null }
            return .float(seconds)
        }
        return [
            "count": .int(Int64(count)), "mean": number(mean), "p50": number(bound(of: 0.5)),
            "p99": number(bound(of: 0.99)),
        ]
    }
}

extension TopFigures {
    /// It as a tree; rates are a second's, times are in seconds.
    var spelling: Value {
        let verbs = verbs.map { verb -> Value in
            [
                "verb": .text(verb.name), "perSecond": .float(verb.perSecond),
                "times": verb.times.spelling,
            ]
        }
        let errors = errors.map { error -> Value in
            ["code": .text(error.code), "perSecond": .float(error.perSecond)]
        }
        return [
            "top": [
                "seconds": .float(seconds), "connections": .float(connections),
                "connectionsPerSecond": .float(connectionsPerSecond),
                "refusedPerSecond": .float(refusedPerSecond), "verbs": .array(verbs),
                "waits": waits.spelling, "errors": .array(errors),
                "stores": .array(stores.map(\.spelling)),
            ]
        ]
    }
}

extension TopFigures.StoreLine {
    fileprivate var spelling: Value {
        [
            "store": .text(name), "commitsPerSecond": .float(commitsPerSecond),
            "syncs": syncs.spelling, "records": .float(records), "logBytes": .float(logBytes),
            "pageBytes": .float(pageBytes), "compactionDebt": .float(compactionDebt),
            "oldestSnapshotSeconds": .float(oldestSnapshotSeconds),
            "troubles": .array(troubles.map { .text($0) }),
        ]
    }
}
