// Figures over HTTP: what they say, and what those hear who ask for something else.

import MnemeBase
import MnemeModel
import MnemeTransport
import Testing

@testable import MnemeServer

@Suite struct MetricsTests {
    @Test func textIsAsItIsReadByOthers() {
        let histogram = Histogram()
        for duration: Int64 in [1, 3, 2_000_000, 40_000_000] { histogram.note(duration) }
        var text = MetricsText()
        text.begin("a_count", .gauge, "Things.")
        text.sample("a_count", 7)
        text.sample("a_count", ["name": "a\"b\\c\nd", "other": ""], 0.5)
        text.begin("a_time", .histogram, "Times.")
        text.histogram("a_time", ["verb": "get"], histogram.reading)
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(6) == [
                "# HELP a_count Things.", "# TYPE a_count gauge", "a_count 7",
                "a_count{name=\"a\\\"b\\\\c\\nd\",other=\"\"} 0.5", "# HELP a_time Times.",
                "# TYPE a_time histogram",
            ]
        )
        for line in [
            "a_time_bucket{verb=\"get\",le=\"0.000001\"} 1",
            "a_time_bucket{verb=\"get\",le=\"0.000002\"} 1",
            "a_time_bucket{verb=\"get\",le=\"0.000004\"} 2",
            "a_time_bucket{verb=\"get\",le=\"2.097152\"} 3",
            "a_time_bucket{verb=\"get\",le=\"33.554432\"} 3",
            "a_time_bucket{verb=\"get\",le=\"+Inf\"} 4", "a_time_sum{verb=\"get\"} 42.000004",
            "a_time_count{verb=\"get\"} 4",
        ] {
            #expect(lines.contains(line), "\(line) is missing")
        }
        #expect(text.text.hasSuffix("\n"))
    }

    @Test func whatIsDoneIsCounted() throws {
        let world = try ServerWorld { $0.metricsAddress = .tcp(host: "127.0.0.1", port: 0) }
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(ServerWorld.schema))
        for key in ["a", "b", "c"] {
            _ = try guest.perform(.commit([ServerWorld.put(key, "tea")], .synced))
        }
        _ = try guest.perform(.get([ServerWorld.reference("a")]))
        #expect(throws: MnemeError.self) {
            try guest.perform(.find(Find("nothing")))
        }
        let said = try Reply(of: "/metrics", world)
        #expect(said.status == "HTTP/1.1 200 OK")
        for line in [
            "mneme_connections 1", "mneme_stores 1",
            "mneme_request_duration_seconds_count{verb=\"commit\"} 3",
            "mneme_request_duration_seconds_count{verb=\"get\"} 1",
            "mneme_request_errors_total{code=\"unknownCollection\"} 1",
            "mneme_records{store=\"one\",collection=\"notes\"} 3",
            "mneme_writes_refused{store=\"one\"} 0",
        ] {
            #expect(said.lines.contains(line), "\(line) is missing in\n\(said.body)")
        }
        // A definition and three puts, and whatever the store adds of its own.
        for stage in ["queue", "decide", "encode", "apply", "write", "sync"] {
            let name = "mneme_commit_stage_seconds_count{store=\"one\",stage=\"\(stage)\"} "
            let line = try #require(said.lines.first { $0.hasPrefix(name) })
            #expect(try #require(Int(line.dropFirst(name.count))) >= 4, "\(line)")
        }
        // Every sample has a family, and no family begins twice.
        let families = said.lines.filter { $0.hasPrefix("# TYPE ") }.map {
            String($0.split(separator: " ")[2])
        }
        #expect(Set(families).count == families.count)
        for line in said.lines where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            #expect(families.contains { name.hasPrefix($0) }, "\(line)")
        }
        let health = try Reply(of: "/health", world)
        #expect(health.status == "HTTP/1.1 200 OK")
        #expect(health.body == "ok\n")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("GET /metrics/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405"),
        ("DELETE /health HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
    ])
    func whatIsNotThereIsRefused(_ request: String, _ status: String) throws {
        let world = try ServerWorld { $0.metricsAddress = .tcp(host: "127.0.0.1", port: 0) }
        defer { world.remove() }
        let said = try Reply(to: request, world)
        #expect(said.status.hasPrefix("HTTP/1.1 \(status) "), "\(said.status)")
    }

    @Test func othersAreNotHarmedByNonsense() throws {
        let world = try ServerWorld { $0.metricsAddress = .tcp(host: "127.0.0.1", port: 0) }
        defer { world.remove() }
        let address = try #require(world.metricsAddress)
        var open: [BlockingConnection] = []
        for bytes in [Array("GET /met".utf8), [0, 255, 13, 10, 13, 10], []] {
            let connection = try BlockingConnection(to: address, timeoutMicroseconds: 5_000_000)
            if !bytes.isEmpty { try connection.send(bytes) }
            open.append(connection)
        }
        #expect(try Reply(of: "/health", world).body == "ok\n")
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(ServerWorld.schema))
    }

    @Test func figuresAreForThisMachineAlone() {
        #expect(throws: MnemeError.self) {
            try ServerWorld { $0.metricsAddress = .tcp(host: "0.0.0.0", port: 0) }
        }
        #expect(throws: MnemeError.self) {
            try ServerWorld { $0.metricsAddress = .unix(path: "/tmp/mneme-metrics") }
        }
    }
}
